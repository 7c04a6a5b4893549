import * as path from 'node:path';
import { digestOf, privateFolder, readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import type { InventoryFigures, Joined } from './join.ts';
import type { MemberRun } from './member.ts';

/**
 * Compares what this run made with what the last one made and keeps its digest.
 * Returns whether anything differs (the first run always does) and whether this was the first.
 */
export function rememberRun(root: string, own: MemberRun, joined: readonly Joined[], inventory: InventoryFigures): { changed: boolean; first: boolean } {
  const digest = digestOf({
    runs: [own, ...joined.flatMap(({ run }) => (run ? [run] : []))].map(digestsOf),
    inventory: inventory.total,
  });
  const file = path.join(privateFolder(root, 'cache'), 'last-run');
  const before = readTextIfPresent(file);
  writeFileAtomic(file, digest, { mode: 0o600, durable: false });
  return { changed: before !== digest, first: before === undefined };
}

function digestsOf(run: MemberRun): unknown {
  return {
    allocations: [...run.addresses.allocations.values()].map(({ key, v4, v6 }) => [key, v4, v6]),
    stacks: run.synthesis.stacks.map(({ path: stack, digest }) => [stack, digest]),
    zones: [...run.zones.files],
    overlays: [...run.overlays.files],
    findings: run.audit?.findings.map(({ fingerprint, status, waiver }) => [fingerprint, status, waiver?.id]),
    plan: run.plan.stacks.map(({ path: stack, state, add, change, destroy }) => [stack, state, add, change, destroy]),
  };
}
