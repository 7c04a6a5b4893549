import type { Verb } from '../kit.ts';

export const initVerbs: readonly Verb[] = [
  {
    name: 'init',
    summary: 'make an empty federation in this folder',
    description: 'Writes vcloud.yaml, one organisation, an address plan, zones and the JSON Schemas editors use. Never overwrites a file.',
    options: [
      { flags: '--id <id>', description: 'id of the member and of its first organisation', default: 'office' },
      { flags: '--name <name>', description: 'its name as people read it', default: 'Office' },
    ],
    examples: [
      { line: 'vcloud init', does: 'writes the files into this folder' },
      { line: 'vcloud init -C health --id health --name "Department of Health"', does: 'the same in the folder health/' },
    ],
    exits: { 0: 'done', 1: 'a file is already here, or the id is not one' },
    /** data: the files written. */
    async run({ root, asOf }, _args, options) {
      const { fail } = await import('../../modules/core/index.ts');
      const { initFederation } = await import('../../modules/federate/init.ts');
      const id = String(options['id']);
      if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(id)) fail('INIT-ID', `"${id}" is no id`, { hint: 'lower-case letters, digits and hyphens' });
      const files = await initFederation(root, { id, name: String(options['name']), asOf });
      return { exit: 0, data: files, text: `${files.map((file) => `  ${file}`).join('\n')}\n\nNext: vcloud check, then vcloud federate` };
    },
  },
];
