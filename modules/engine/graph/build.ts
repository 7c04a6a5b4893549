import { compareCodeUnits, sortedBy } from '../../core/index.ts';
import type { Selectable } from '../select/index.ts';
import type { StackGraph } from './types.ts';

/**
 * The graph of the chosen stacks and of what they come directly after; what of that is not chosen is marked. A name that is
 * no stack is left out.
 */
export function buildGraph(stacks: readonly Selectable[], chosen: ReadonlySet<string>): StackGraph {
  const known = new Map(stacks.map((stack) => [stack.path, stack]));
  const shown = new Set<string>();
  const edges = new Map<string, { from: string; to: string; reads: boolean }>();
  for (const path of chosen) {
    const stack = known.get(path);
    if (stack === undefined) continue;
    shown.add(path);
    for (const from of new Set([...stack.reads, ...stack.dependsOn])) {
      if (!known.has(from)) continue;
      shown.add(from);
      edges.set(`${from}\n${path}`, { from, to: path, reads: stack.reads.includes(from) });
    }
  }
  const nodes = [...shown].sort(compareCodeUnits).map((path) => {
    const { agency = '', removed = false } = known.get(path) ?? {};
    return { path, agency, removed, selected: chosen.has(path) };
  });
  return { nodes, edges: sortedBy(edges.values(), ({ from, to }) => `${from}\n${to}`) };
}

/** Layer of each stack: 0 what comes after nothing, else one more than the last of what it comes after. Circles end where they close. */
export function layersOf({ nodes, edges }: StackGraph): Map<string, number> {
  const before = new Map<string, string[]>();
  for (const { from, to } of edges) before.set(to, [...(before.get(to) ?? []), from]);
  const found = new Map<string, number>();
  const open = new Set<string>();
  const layer = (path: string): number => {
    const known = found.get(path);
    if (known !== undefined) return known;
    if (open.has(path)) return -1;
    open.add(path);
    const value = (before.get(path) ?? []).reduce((most, other) => Math.max(most, layer(other) + 1), 0);
    found.set(path, value);
    return value;
  };
  for (const { path } of nodes) layer(path);
  return found;
}
