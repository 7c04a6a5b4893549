/** One stack in a graph of stacks. */
export interface GraphNode {
  readonly path: string;
  readonly agency: string;
  /** It has a state and is declared no more. */
  readonly removed: boolean;
  /** It was asked for; others are there because an asked one hangs on them. */
  readonly selected: boolean;
}

/** `from` is applied before `to`; `reads`: `to` reads its outputs, else it is order only. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly reads: boolean;
}

/** Stacks and what must be applied before what, both in code-unit order. */
export interface StackGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
