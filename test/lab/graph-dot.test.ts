import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { buildGraph, renderGraph, type Selectable } from '../../modules/engine/index.ts';

const absent = spawnSync('dot', ['-V']).error === undefined ? undefined : 'no dot on this machine (Debian: graphviz)';

describe.skipIf(absent !== undefined)(`graphs read by Graphviz${absent === undefined ? '' : ` (skipped: ${absent})`}`, () => {
  it('it finds every stack and every edge, whatever the names', () => {
    const names = ['a.net', 'a."quoted"', 'b.back\\slash', 'digraph', 'c.ngăn-xếp'];
    const stacks = names.map((path, index): Selectable => ({ path, agency: path.split('.')[0] ?? '', reads: names.slice(0, index), dependsOn: [] }));
    const graph = buildGraph(stacks, new Set(names));
    const { status, stdout, stderr } = spawnSync('dot', ['-Tplain'], { input: renderGraph(graph, 'dot'), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.match(/^node /gmu)).toHaveLength(graph.nodes.length);
    expect(stdout.match(/^edge /gmu)).toHaveLength(graph.edges.length);
  });
});
