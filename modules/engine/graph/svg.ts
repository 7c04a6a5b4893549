import { layersOf } from './build.ts';
import type { GraphEdge, StackGraph } from './types.ts';

/** Pixels. */
const row = 34;
const box = 24;
const gap = 90;
const letter = 7.2;
const margin = 20;

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/**
 * The graph as a picture: layers from left to right, each ordered by where its neighbours stand (barycentres, a few
 * sweeps; Sugiyama, Tagawa, Toda 1981), so that few edges cross. One file without scripts.
 */
export function graphSvg(graph: StackGraph): string {
  const columns = orderedLayers(graph);
  const placed = new Map<string, Placed>();
  let x = margin;
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  for (const column of columns) {
    const width = Math.max(40, ...column.map((path) => Math.ceil(path.length * letter) + 16));
    for (const [index, path] of column.entries()) placed.set(path, { x, y: margin + (index + (tallest - column.length) / 2) * row, width });
    x += width + gap;
  }
  const width = Math.max(2 * margin, x - gap + margin);
  const height = tallest * row + 2 * margin;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, monospace" font-size="12" role="img">`,
    `<title>${graph.nodes.length} stacks</title>`,
    '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
    '<style>rect{fill:#fff;stroke:#345}text{fill:#123}path.e{fill:none;stroke:#667}.order{stroke-dasharray:5 4}.faint rect{stroke:#aaa}.faint text{fill:#888}.removed rect{stroke-dasharray:4 3}</style>',
  ];
  for (const edge of graph.edges) lines.push(edgePath(edge, placed));
  for (const { path, selected, removed, agency } of graph.nodes) {
    const at = placed.get(path);
    if (at === undefined) continue;
    const name = [selected ? '' : 'faint', removed ? 'removed' : ''].filter((part) => part !== '').join(' ');
    lines.push(
      `<g${name === '' ? '' : ` class="${name}"`}><title>${escaped(`${path} (${agency})`)}</title><rect x="${at.x}" y="${at.y}" width="${at.width}" height="${box}" rx="5"/><text x="${at.x + 8}" y="${at.y + 16}">${escaped(path)}</text></g>`,
    );
  }
  return `${[...lines, '</svg>'].join('\n')}\n`;
}

function edgePath({ from, to, reads }: GraphEdge, placed: ReadonlyMap<string, Placed>): string {
  const [a, b] = [placed.get(from), placed.get(to)];
  if (a === undefined || b === undefined) return '';
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + box / 2, b.x, b.y + box / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  return `<path class="e${reads ? '' : ' order'}" marker-end="url(#end)" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

/** Stacks by layer, each layer in the order that its neighbours suggest. */
export function orderedLayers(graph: StackGraph): string[][] {
  const layers = layersOf(graph);
  const columns: string[][] = [];
  for (const { path } of graph.nodes) (columns[layers.get(path) ?? 0] ??= []).push(path);
  const before = neighbours(graph, 'to', 'from');
  const after = neighbours(graph, 'from', 'to');
  for (let sweep = 0; sweep < 4; sweep++) {
    const forth = sweep % 2 === 0;
    const position = new Map<string, number>();
    const note = (column: readonly string[]): void => column.forEach((path, index) => void position.set(path, (index + 0.5) / column.length));
    columns.forEach(note);
    for (const index of forth ? columns.keys() : [...columns.keys()].reverse()) {
      const column = columns[index] ?? [];
      const weight = new Map(
        column.map((path) => {
          const near = (forth ? before : after).get(path) ?? [];
          const own = position.get(path) ?? 0;
          return [path, near.length === 0 ? own : near.reduce((sum, other) => sum + (position.get(other) ?? 0), 0) / near.length];
        }),
      );
      // A stable sort: what is level keeps its place, so the same graph gives the same picture.
      column.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
      note(column);
    }
  }
  return columns;
}

function neighbours({ edges }: StackGraph, of: 'from' | 'to', near: 'from' | 'to'): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    const list = found.get(edge[of]);
    if (list === undefined) found.set(edge[of], [edge[near]]);
    else list.push(edge[near]);
  }
  return found;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
