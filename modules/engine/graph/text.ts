import { layersOf } from './build.ts';
import type { StackGraph } from './types.ts';

/** One line per stack in the order of layers, with what it comes after; `~` marks order only, `(...)` what was not asked for. */
export function graphText(graph: StackGraph): string {
  const layers = layersOf(graph);
  const lines: string[] = [];
  for (let layer = 0; layer <= Math.max(-1, ...layers.values()); layer++) {
    lines.push(`${layer}:`);
    for (const { path, selected, removed } of graph.nodes.filter((node) => layers.get(node.path) === layer)) {
      const before = graph.edges.filter((edge) => edge.to === path).map(({ from, reads }) => (reads ? from : `~${from}`));
      lines.push(`  ${selected ? path : `(${path})`}${removed ? ' -' : ''}${before.length === 0 ? '' : ` <- ${before.join(', ')}`}`);
    }
  }
  return lines.join('\n');
}

/** The graph in Graphviz's language, one cluster per agency. */
export function graphDot({ nodes, edges }: StackGraph): string {
  const lines = ['digraph stacks {', '  rankdir=LR;', '  node [shape=box, style=rounded, fontname="sans-serif"];'];
  for (const agency of [...new Set(nodes.map((node) => node.agency))].sort()) {
    lines.push(`  subgraph ${dotText(`cluster_${agency}`)} {`, `    label=${dotText(agency)};`);
    for (const { path, removed, selected } of nodes.filter((node) => node.agency === agency)) {
      const style = [...(selected ? [] : ['color=gray', 'fontcolor=gray']), ...(removed ? ['style="rounded,dashed"'] : [])];
      lines.push(`    ${dotText(path)}${style.length === 0 ? '' : ` [${style.join(', ')}]`};`);
    }
    lines.push('  }');
  }
  for (const { from, to, reads } of edges) lines.push(`  ${dotText(from)} -> ${dotText(to)}${reads ? '' : ' [style=dashed]'};`);
  return [...lines, '}', ''].join('\n');
}

/** The graph as a Mermaid flowchart. */
export function graphMermaid({ nodes, edges }: StackGraph): string {
  const ids = new Map(nodes.map((node, index) => [node.path, `s${index}`]));
  const id = (path: string): string => ids.get(path) ?? '';
  const lines = ['flowchart LR'];
  for (const [index, agency] of [...new Set(nodes.map((node) => node.agency))].sort().entries()) {
    lines.push(`  subgraph a${index}["${mermaidText(agency)}"]`);
    for (const { path } of nodes.filter((node) => node.agency === agency)) lines.push(`    ${id(path)}["${mermaidText(path)}"]`);
    lines.push('  end');
  }
  for (const { from, to, reads } of edges) lines.push(`  ${id(from)} ${reads ? '-->' : '-.->'} ${id(to)}`);
  const faint = nodes.filter((node) => !node.selected || node.removed).map((node) => id(node.path));
  if (faint.length > 0) lines.push('  classDef faint stroke-dasharray:4 3,color:#777', `  class ${faint.join(',')} faint`);
  return `${lines.join('\n')}\n`;
}

function dotText(text: string): string {
  return `"${text.replaceAll(/["\\]/gu, '\\$&')}"`;
}

function mermaidText(text: string): string {
  return text.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
}
