import * as path from 'node:path';
import { writeFileAtomic } from '../../../modules/core/basics.ts';
import type { GraphFormat } from '../../../modules/engine/index.ts';
import type { Verb } from '../../kit.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { prepared, textOf } from './shared.ts';

export const graphVerb: Verb = {
  name: 'graph',
  summary: 'show which stack is applied before which',
  description: `Draws the stacks and what each comes after: a full line where it reads outputs, a dashed one (~ in text) where it is order only. What was not selected and something selected hangs on is shown in grey (in brackets in text).

${selectionHelp}

data of --json: {nodes: [{path, agency, selected, removed}], edges: [{from, to, reads}]}`,
  options: [
    ...selectionOptions,
    { flags: '--format <format>', description: 'how to draw it', choices: ['text', 'dot', 'svg', 'mermaid'], default: 'text' },
    { flags: '-o, --output <file>', description: 'write it to a file' },
  ],
  examples: [
    { line: 'vcloud graph --agency mst', does: 'lists the stacks of one ministry in the order they are applied' },
    { line: 'vcloud graph --format svg -o stacks.svg', does: 'draws all stacks' },
    { line: 'vcloud graph --select "dependents-of:mst.ndxp.platform" --format dot', does: 'writes what hangs on one stack for Graphviz' },
  ],
  exits: { 0: 'done', 1: 'an error, or nothing is selected' },
  async run(context, _, options) {
    const { graphOf, renderGraph } = await import('../../../modules/engine/index.ts');
    const { stacks } = await prepared(context);
    const graph = graphOf(context.root, stacks, selectionOf(options));
    const text = renderGraph(graph, (textOf(options['format']) ?? 'text') as GraphFormat);
    const output = textOf(options['output']);
    if (output !== undefined) writeFileAtomic(path.resolve(context.root, output), text);
    return { exit: 0, data: graph, text: output ?? text };
  },
};
