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
  const imported = pendingImports(root, stack).map(({ to, id }): StateResource => {
    const { type } = plannedResource(to);
    // What stands before the slash is another object, but in Kubernetes, where it is half of the name.
    const own = type.startsWith('kubernetes_') ? id : (id.split('/').at(-1) ?? id);
    return { stack, address: to, type, attributes: { id: own } };
  });
  return held === undefined && imported.length === 0 ? undefined : [...(held ?? []), ...imported];
}
