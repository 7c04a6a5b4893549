import type { Verb } from '../kit.ts';

export const initVerbs: readonly Verb[] = [
  {
    name: 'init',
    summary: 'make an empty federation in this folder',
    description: 'Writes vcloud.yaml, one organisation, an address plan, zones and the JSON Schemas editors use. Never overwrites a file.',
    options: [
      { flags: '--id <id>', description: 'id of the member and of its first organisation', default: 'office' },
      { flags: '--name <name>', description: 'its name as people read it', default: 'Office' },
      { flags: '--openstack <entry>', description: 'for a first tenant on your own OpenStack: this entry of clouds.yaml is asked what the cloud has' },
      { flags: '--image <name>', description: 'with --openstack: the image of servers; by default one the cloud has' },
      { flags: '--flavor <name>', description: 'with --openstack: the flavor of servers' },
      { flags: '--external <name>', description: 'with --openstack: the network that leads out' },
      { flags: '--volume-type <name>', description: 'with --openstack: the type of volumes, an encrypted one if there is any' },
      {
        flags: '--ci <host>',
        description: 'a pipeline that plans merge requests and applies what was reviewed; alone where a federation is already',
        choices: ['github', 'gitlab'],
      },
    ],
    examples: [
      { line: 'vcloud init', does: 'writes the files into this folder' },
      { line: 'vcloud init -C health --id health --name "Department of Health"', does: 'the same in the folder health/' },
      {
        line: 'vcloud init --openstack mycloud --id health',
        does: 'a tenant on the cloud that is mycloud in clouds.yaml, to be checked, planned, approved and applied',
      },
      { line: 'vcloud init --ci github', does: 'adds a pipeline for GitHub Actions, whose steps are scripts in ci/' },
    ],
    exits: { 0: 'done', 1: 'a file is already here, or the id is not one' },
    /** data: the files written; with --openstack {files, decided}. */
    async run({ root, asOf }, _args, options) {
      const { fail } = await import('../../modules/core/index.ts');
      const { hasFederation, initFederation, initOpenstack, initPipeline } = await import('../../modules/federate/init.ts');
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
      if (typeof options['openstack'] === 'string') {
        const word = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
        const given = { entry: options['openstack'], image: word('image'), flavor: word('flavor'), external: word('external'), volumeType: word('volumeType') };
        const { files, decided, problems } = await initOpenstack(root, { id, name: String(options['name']), asOf, pipeline }, given);
        const text = `${listed(files)}\n\nTaken from the cloud: ${decided.join('; ')}\nNext: vcloud check, vcloud net allocate, then vcloud plan`;
        return { exit: 0, data: { files, decided }, problems, text };
      }
      const files = await initFederation(root, { id, name: String(options['name']), asOf, pipeline });
      return { exit: 0, data: files, text: `${listed(files)}\n\nNext: vcloud check, then vcloud federate` };
    },
  },
];

function listed(files: readonly string[]): string {
  return files.map((file) => `  ${file}`).join('\n');
}
