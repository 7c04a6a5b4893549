import * as fs from 'node:fs';
import * as path from 'node:path';
import { sha256, writeFileAtomic } from '../core/index.ts';
import { planDirectory } from './folders.ts';
import type { Manifest, SavedDigests } from './manifest.ts';
import { providerChange, providersIn } from './providers.ts';
import type { DeclaredStack } from './types.ts';
import { workspaceFolder } from './workspace.ts';

/** Plan directories kept, the newest ones. */
const keptPlans = 10;

/** Takes a saved plan over from the directory it was made in, if it still lies there as it was written. */
export function reusePlan(root: string, planned: SavedDigests & { readonly id: string }, name: string, folder: string): boolean {
  const from = path.join(root, planDirectory(planned.id), 'stacks');
  for (const [file, digest] of [
    [`${name}.tfplan`, planned.sha256],
    [`${name}.json`, planned.jsonSha256],
    [`${name}.changes.json`, planned.changesSha256],
  ] as const) {
    if (digest === undefined) continue;
    try {
      const bytes = fs.readFileSync(path.join(from, file));
      if (sha256(bytes) !== digest) return false;
      writeFileAtomic(path.join(folder, file), bytes, { mode: 0o600, durable: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }
  return true;
}

/** Plans hold secrets in clear, and most are stale soon: the last ones stay, this one in any case. */
export function removeOldPlans(root: string, id: string): void {
  const plans = path.join(root, '.vcloud', 'plans');
  const others = fs.readdirSync(plans).filter((name) => name !== id);
  if (others.length < keptPlans) return;
  const age = new Map(others.map((name) => [name, fs.statSync(path.join(plans, name)).mtimeMs]));
  others.sort((a, b) => (age.get(b) ?? 0) - (age.get(a) ?? 0));
  for (const name of others.slice(keptPlans - 1)) {
    fs.rmSync(path.join(plans, name), { recursive: true, force: true });
    // Nothing runs any more that writes there: applies left running were waited for before.
    fs.rmSync(path.join(root, '.vcloud', 'logs', name), { recursive: true, force: true });
  }
}

/** Removes from a plan's folder what its manifest does not name. */
export function removeStray(folder: string, manifest: Manifest): void {
  const wanted = new Set(manifest.stacks.flatMap(({ saved }) => [saved?.plan, saved?.json, saved?.changes].map((file) => path.basename(file ?? ''))));
  for (const name of fs.readdirSync(folder)) if (!wanted.has(name)) fs.rmSync(path.join(folder, name), { force: true });
}

/** Whether a stack's folder was initialised with other providers since its plan was saved. */
export function providersMoved(root: string, name: string, stack: DeclaredStack | undefined, { providers }: SavedDigests): boolean {
  return providers !== undefined && providerChange(providers, providersIn(workspaceFolder(root, name, stack))) !== undefined;
}
