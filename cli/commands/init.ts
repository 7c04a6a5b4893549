import type { Verb } from '../kit.ts';

export const initVerbs: readonly Verb[] = [
  {
    name: 'init',
    summary: 'make an empty federation in this folder',
    description: 'Writes vcloud.yaml, one organisation, an address plan, zones and the JSON Schemas editors use. Never overwrites a file.',
    options: [
      { flags: '--id <id>', description: 'id of the member and of its first organisation', default: 'office' },
      { flags: '--name <name>', description: 'its name as people read it', default: 'Office' },
      {
        flags: '--ci <host>',
        description: 'a pipeline that plans merge requests and applies what was reviewed; alone where a federation is already',
        choices: ['github', 'gitlab'],
      },
    ],
    examples: [
      { line: 'vcloud init', does: 'writes the files into this folder' },
      { line: 'vcloud init -C health --id health --name "Department of Health"', does: 'the same in the folder health/' },
      { line: 'vcloud init --ci github', does: 'adds a pipeline for GitHub Actions, whose steps are scripts in ci/' },
    ],
    exits: { 0: 'done', 1: 'a file is already here, or the id is not one' },
    /** data: the files written. */
    async run({ root, asOf }, _args, options) {
      const { fail } = await import('../../modules/core/index.ts');
      const { hasFederation, initFederation, initPipeline } = await import('../../modules/federate/init.ts');
      const pipeline = options['ci'] as 'github' | 'gitlab' | undefined;
      if (pipeline !== undefined && hasFederation(root)) {
        const files = initPipeline(root, pipeline);
        return {
          exit: 0,
          data: files,
          text: `${listed(files)}\n\nNext: read how the pipeline begins, and commit it with a package.json that depends on vcloud`,
        };
      }
      const id = String(options['id']);
      if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(id)) fail('INIT-ID', `"${id}" is no id`, { hint: 'lower-case letters, digits and hyphens' });
      const files = await initFederation(root, { id, name: String(options['name']), asOf, pipeline });
      return { exit: 0, data: files, text: `${listed(files)}\n\nNext: vcloud check, then vcloud federate` };
    },
  },
];

function listed(files: readonly string[]): string {
  return files.map((file) => `  ${file}`).join('\n');
}
