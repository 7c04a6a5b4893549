import type { EngineCache } from '../cache.ts';
import { listStates, readStackFile } from '../state.ts';
import type { DeclaredStack } from '../types.ts';
import type { Selectable } from './resolve.ts';

/** Everything a selection may choose from: what is declared, and what has a state and is declared no more. */
export function selectables(root: string, stacks: readonly DeclaredStack[]): Selectable[] {
  const declared = new Set(stacks.map((stack) => stack.path));
  const removed = listStates(root)
    .filter((name) => !declared.has(name))
    .map((name): Selectable => {
      const record = readStackFile(root, name);
      const { tenant, cloud, tags } = record ?? {};
      const agency = record?.agency ?? name.split('.')[0] ?? name;
      return { path: name, agency, tenant, cloud, tags, dependsOn: record?.dependsOn ?? [], reads: record?.reads ?? [], removed: true };
    });
  return [...stacks, ...removed];
}

/**
 * Stacks that differ from what was last applied: in their configuration or in the outputs they read; those never
 * applied, those whose last apply did not end well, and those declared no more.
 */
export function changedStacks(root: string, stacks: readonly DeclaredStack[], cache: Pick<EngineCache, 'state'>): Set<string> {
  const outputs = new Map<string, string | null>();
  const outputsOf = (name: string): string | null => {
    let digest = outputs.get(name);
    if (digest === undefined) outputs.set(name, (digest = cache.state(name).head?.outputs ?? null));
    return digest;
  };
  const same = (stack: DeclaredStack): boolean => {
    const applied = readStackFile(root, stack.path)?.applied;
    return applied?.digest === stack.digest && stack.reads.every((name) => applied.reads[name] === outputsOf(name));
  };
  const found = new Set(stacks.filter((stack) => !same(stack)).map((stack) => stack.path));
  for (const { path, removed } of selectables(root, stacks)) if (removed === true) found.add(path);
  return found;
}
