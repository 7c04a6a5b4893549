import type { Verb } from '../kit.ts';

export const blueprintVerbs: readonly Verb[] = [
  {
    name: 'blueprints',
    summary: 'kinds of systems a tenant can be declared to be',
    description: `Without a name: the kinds. With one: the networks it needs in the address plan, its sizes and parameters, the requirements it claims and what shows each, and an example. --json: data is [{name, summary}], or {name, summary, needsPartner, segments: [{name, for}], sizes: [{name, start, least, says}], parameters: [{name, type, required, default, says, example}], claims: [{id, by, parts}], example}.`,
    arguments: [{ syntax: '[name]', description: 'one kind of system' }],
    examples: [
      { line: 'vcloud blueprints', does: 'lists the kinds of systems' },
      { line: 'vcloud blueprints exchange-node', does: 'shows what a tenant of this kind has to state, and what it meets' },
    ],
    exits: { 0: 'done', 1: 'no such kind' },
    async run(_context, [name]) {
      const { blueprintNamed, blueprintText, describeBlueprint, systemBlueprints } = await import('../../modules/cloud/systems/index.ts');
      if (name === undefined) {
        const data = [...systemBlueprints.values()].map((one) => ({ name: one.name, summary: one.summary }));
        return { exit: 0, data, text: data.map((one) => `${one.name}: ${one.summary}`).join('\n') };
      }
      const data = describeBlueprint(blueprintNamed(systemBlueprints, name));
      return { exit: 0, data, text: blueprintText(data) };
    },
  },
];
