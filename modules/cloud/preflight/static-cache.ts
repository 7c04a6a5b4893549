import * as fs from 'node:fs';
import * as path from 'node:path';
import { digestOf, isObject, privateFolder, readTextIfPresent, sha256, writeFileAtomic } from '../../core/index.ts';
import type { PreflightQuery, PreflightResult } from '../../engine/index.ts';
import type { HeldBlock } from './static/index.ts';

/** What the configurations by themselves came to. */
export interface StaticOutcome {
  readonly results: readonly PreflightResult[];
  /** Stacks whose configuration only a plan tells. */
  readonly later: readonly string[];
}

/** Digest of all that follows from: the stacks with their places, what they may refer to, the address plan, these checks. */
export function staticKey({ stacks, declared }: PreflightQuery, blocks: Iterable<HeldBlock>): string {
  const chosen = stacks.map(({ path: name, digest, environment, agency, resources }) => [name, digest, environment, agency, resources[0]?.place ?? null]);
  const others = declared.map(({ path: name, digest }) => [name, digest]);
  const held: string[] = [];
  for (const { key, prefix, owner } of blocks) held.push(`${key} ${prefix} ${owner}`);
  return digestOf([chosen, others, sha256(held.join('\n')), stampOfChecks()]);
}

function stampOfChecks(): string {
  const stamps: string[] = [];
  for (const entry of fs.readdirSync(import.meta.dirname, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { size, mtimeMs } = fs.statSync(path.join(entry.parentPath, entry.name));
    stamps.push(`${path.relative(import.meta.dirname, entry.parentPath)}/${entry.name} ${size} ${mtimeMs}`);
  }
  return sha256(stamps.sort().join('\n'));
}

const fileOf = (root: string): string => path.join(root, '.vcloud/cache/preflight/static.json');

/** The outcome of an earlier run with the same key; what cannot be read is worked out again. */
export function keptOutcome(root: string, key: string): StaticOutcome | undefined {
  try {
    const kept: unknown = JSON.parse(readTextIfPresent(fileOf(root)) ?? 'null');
    return isObject(kept) && kept['key'] === key ? (kept['outcome'] as StaticOutcome) : undefined;
  } catch {
    return undefined;
  }
}

export function keepOutcome(root: string, key: string, outcome: StaticOutcome): void {
  privateFolder(root, 'cache', 'preflight');
  writeFileAtomic(fileOf(root), JSON.stringify({ key, outcome }), { durable: false, mode: 0o600 });
}
