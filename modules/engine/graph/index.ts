import { EngineCache } from '../cache.ts';
import { changedStacks, chooseStacks, selectables, type Selection } from '../select/index.ts';
import type { DeclaredStack } from '../types.ts';
import { buildGraph } from './build.ts';
import { graphSvg } from './svg.ts';
import { graphDot, graphMermaid, graphText } from './text.ts';
import type { StackGraph } from './types.ts';

export { buildGraph, layersOf } from './build.ts';
export { graphSvg } from './svg.ts';
export { graphDot, graphMermaid, graphText } from './text.ts';
export type { GraphEdge, GraphNode, StackGraph } from './types.ts';

/** How a graph can be written. */
export const graphFormats = ['text', 'dot', 'svg', 'mermaid'] as const;
export type GraphFormat = (typeof graphFormats)[number];

/**
 * The graph of the selected stacks, of those that are declared no more and have a state too.
 * @throws ProblemError ENGINE-SELECT, ENGINE-NOTHING-SELECTED
 */
export function graphOf(root: string, stacks: readonly DeclaredStack[], select: Selection = {}): StackGraph {
  const all = selectables(root, stacks);
  const { paths } = chooseStacks(select, { stacks: all, changed: () => changedStacks(root, stacks, new EngineCache(root)) });
  return buildGraph(all, paths);
}

/** A graph in one of its formats. */
export function renderGraph(graph: StackGraph, format: GraphFormat): string {
  return { text: graphText, dot: graphDot, svg: graphSvg, mermaid: graphMermaid }[format](graph);
}
