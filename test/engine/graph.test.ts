import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGraph, graphSvg, layersOf, renderGraph, type Selectable } from '../../modules/engine/index.ts';
import { orderedLayers } from '../../modules/engine/graph/svg.ts';

const stack = (path: string, reads: readonly string[] = [], dependsOn: readonly string[] = []): Selectable => ({
  path,
  agency: path.split('.')[0] ?? '',
  reads,
  dependsOn,
});
const stacks = [stack('a.net'), stack('a.app', ['a.net']), { ...stack('b.web', ['a.app'], ['a.net', 'elsewhere']), removed: true }];
const graph = buildGraph(stacks, new Set(['a.app', 'b.web']));

describe('a graph of stacks', () => {
  it('has what was asked for and what that hangs on', () => {
    expect(graph.nodes.map(({ path, selected }) => [path, selected])).toEqual([
      ['a.app', true],
      ['a.net', false],
      ['b.web', true],
    ]);
    expect(graph.edges.map(({ from, to, reads }) => [from, to, reads])).toEqual([
      ['a.app', 'b.web', true],
      ['a.net', 'a.app', true],
      ['a.net', 'b.web', false],
    ]);
  });

  it('as text, in the order of layers', () => {
    expect(renderGraph(graph, 'text').split('\n')).toEqual(['0:', '  (a.net)', '1:', '  a.app <- a.net', '2:', '  b.web - <- a.app, ~a.net']);
  });

  it('for Graphviz and Mermaid, names quoted', () => {
    expect(renderGraph(graph, 'dot')).toContain('  "a.net" -> "b.web" [style=dashed];');
    expect(renderGraph(buildGraph([stack('a"b\\')], new Set(['a"b\\'])), 'dot')).toContain('"a\\"b\\\\"');
    expect(renderGraph(graph, 'mermaid')).toContain('  s1 -.-> s2');
  });

  it('every edge leads to a later layer, every stack is drawn once, no two on the same place', () => {
    const rows = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rows, (given) => {
        const list = given.map((before, index) =>
          stack(
            `a.s${index}`,
            [],
            before.filter((other) => other < index).map((other) => `a.s${other}`),
          ),
        );
        const drawn = buildGraph(list, new Set(list.map(({ path }) => path)));
        const layers = layersOf(drawn);
        for (const { from, to } of drawn.edges) expect(layers.get(from) ?? 0).toBeLessThan(layers.get(to) ?? 0);
        expect(orderedLayers(drawn).flat().sort()).toEqual(list.map(({ path }) => path).sort());
        const svg = graphSvg(drawn);
        const places = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/gu)].map(([, x, y]) => `${x} ${y}`);
        expect(new Set(places).size).toBe(list.length);
        expect(svg.match(/<path class="e/gu)?.length ?? 0).toBe(drawn.edges.length);
        expect(graphSvg(drawn)).toBe(svg);
      }),
      { numRuns: 100 },
    );
  });
});
