import { pendingImports } from '../orphans/files.ts';
import { plannedResource } from '../resource-names.ts';
import { readState } from '../state.ts';
import type { StateResource } from '../types.ts';

/**
 * What a stack has: its state's objects, and those the next plan imports, which are there already and take no quota, name or
 * prefix of another. Of these only the id is known. Undefined: it has neither.
 */
export function heldBy(root: string, stack: string): readonly StateResource[] | undefined {
  const held = readState(root, stack);
  const imported = pendingImports(root, stack).map(({ to, id }): StateResource => ({
    stack,
    address: to,
    type: plannedResource(to).type,
    attributes: { id: id.split('/').at(-1) ?? id },
  }));
  return held === undefined && imported.length === 0 ? undefined : [...(held ?? []), ...imported];
}
