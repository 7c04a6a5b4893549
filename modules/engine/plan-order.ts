import type { EngineCache } from './cache.ts';
import type { ManifestStack } from './manifest.ts';
import type { DeclaredStack } from './types.ts';

/** The stacks whose outputs this one reads and that are not known yet, with what those wait for themselves. */
export function blockers(stack: DeclaredStack, results: ReadonlyMap<string, ManifestStack>, cache: Pick<EngineCache, 'state'>): string[] {
  const found = new Set<string>();
  for (const producer of stack.reads) {
    const result = results.get(producer);
    if (result === undefined) {
      if (cache.state(producer).head === undefined) found.add(producer);
      continue;
    }
    const moves =
      result.state === 'failed' || result.state === 'waits' || (result.state === 'planned' && (result.before === undefined || (result.outputs ?? 0) > 0));
    if (!moves) continue;
    found.add(producer);
    for (const other of result.waitsFor) found.add(other);
  }
  return [...found].sort();
}

/** A stack with changes that must come after one that cannot be applied now has to wait too. */
export function settleOrder<T extends ManifestStack>(stacks: readonly T[]): T[] {
  const settled = new Map(stacks.map((stack) => [stack.path, stack]));
  for (let again = true; again;) {
    again = false;
    for (const stack of settled.values()) {
      if (stack.state !== 'planned') continue;
      const held = stack.after.filter((name) => ['waits', 'failed'].includes(settled.get(name)?.state ?? ''));
      if (held.length === 0) continue;
      const waitsFor = [...new Set(held.flatMap((name) => [name, ...(settled.get(name)?.waitsFor ?? [])]))].sort();
      settled.set(stack.path, { ...stack, state: 'waits', waitsFor, add: 0, change: 0, destroy: 0, outputs: 0, changes: [], saved: undefined });
      again = true;
    }
  }
  return [...settled.values()];
}
