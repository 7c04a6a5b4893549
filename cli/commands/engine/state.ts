import type { Verb } from '../../kit.ts';
import { textOf } from './shared.ts';

export const stateVerbs: readonly Verb[] = [
  {
    name: 'state list',
    summary: 'stacks that have a state',
    description: 'data of --json: [{stack, resources}]',
    examples: [{ line: 'vcloud state list', does: 'lists stacks with the number of resources their state holds' }],
    exits: { 0: 'found', 1: 'error', 2: 'no stack has a state' },
    async run({ root }) {
      const { listStates, readState } = await import('../../../modules/engine/index.ts');
      const data = listStates(root).map((stack) => ({ stack, resources: readState(root, stack)?.length ?? 0 }));
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(({ stack, resources }) => `${stack}  ${resources}`).join('\n') };
    },
  },
  {
    name: 'state show',
    summary: 'resources in the state of one stack',
    description: 'Addresses, types and ids only: a state holds secrets in clear. data of --json: [{address, type, id}]',
    arguments: [{ syntax: '<stack>', description: 'path of the stack' }],
    examples: [{ line: 'vcloud state show mst.ndxp.platform', does: 'lists what this stack made' }],
    exits: { 0: 'found', 1: 'error', 2: 'the stack has no state' },
    async run({ root }, [stack = '']) {
      const { readState } = await import('../../../modules/engine/index.ts');
      const data = (readState(root, stack) ?? []).map(({ address, type, attributes }) => ({ address, type, id: textOf(attributes['id']) ?? null }));
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(({ address, id }) => `${address}  ${id ?? ''}`).join('\n') };
    },
  },
];
