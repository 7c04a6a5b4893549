import * as path from 'node:path';
import { didYouMean, plural, problem, ProblemError, withWriteLock, writeFileAtomic, writeTree } from '../../modules/core/basics.ts';
import type { SynthesisedStack } from '../../modules/engine/index.ts';
import type { Verb } from '../kit.ts';

const folder = 'out/stacks';

export const synthVerbs: readonly Verb[] = [
  {
    name: 'synth',
    summary: 'write the Terraform JSON of every stack',
    description: `Runs the programs in stacks/ and the blueprints of tenants that have none, and writes what would be planned to ${folder}/<path>/main.tf.json: in the sandbox with terraform_data in place of every resource, in production with the providers' own. Only agencies whose declarations, addresses or programs changed are built again.

data of --json: {folder, cached, added, changed, removed, stacks: [{path, agency, tenant, cloud, environment, digest, dependsOn, reads, resources}]}; cached and resources are counts, added, changed and removed lists of files below folder.`,
    options: [
      { flags: '--agency <id>', description: 'only the stacks of this organisation' },
      { flags: '--stack <path>', description: 'only this stack' },
      { flags: '--print', description: 'print the JSON of the stack named with --stack and write nothing' },
    ],
    examples: [
      { line: 'vcloud synth', does: `writes every stack below ${folder}` },
      { line: 'vcloud synth --stack mst.ndxp.workload --print', does: 'shows one stack' },
    ],
    exits: { 0: 'done', 1: 'error: nothing was written' },
    async run({ root, asOf, reporter }, _, options) {
      const { prepareStacks } = await import('../../modules/federate.ts');
      const { synthesis } = await prepareStacks(root, { asOf, reporter });
      const agency = options['agency'];
      const stack = options['stack'];
      const chosen = synthesis.stacks.filter((item) => (agency === undefined || item.agency === agency) && (stack === undefined || item.path === stack));
      if (chosen.length === 0 && (agency !== undefined || stack !== undefined)) throw nothing(agency, stack, synthesis.stacks);
      if (options['print'] === true) {
        if (chosen.length !== 1) throw new ProblemError(problem('CLOUD-SELECT', '--print shows one stack', { hint: 'name it with --stack PATH' }));
        const [only] = chosen;
        return { exit: 0, data: JSON.parse(only?.json ?? 'null') as unknown, text: only?.json.trimEnd() ?? '' };
      }
      const files = new Map(chosen.map(({ path: name, json }) => [`${name}/main.tf.json`, json]));
      const target = path.join(root, folder);
      const written = await withWriteLock(root, 'synth', async () =>
        chosen.length === synthesis.stacks.length ? writeTree(target, files) : writeSome(target, files),
      );
      const resources = chosen.reduce((sum, { resources: list }) => sum + list.length, 0);
      const differences = [`${written.added.length} added`, `${written.changed.length} changed`, `${written.removed.length} removed`].join(', ');
      return {
        exit: 0,
        data: { folder, cached: synthesis.cached, ...written, stacks: chosen.map(summaryOf) },
        text: `${plural(chosen.length, 'stack')}, ${plural(resources, 'resource')} in ${folder} (${differences}; ${plural(synthesis.cached, 'stack')} of ${synthesis.stacks.length} from the cache)`,
      };
    },
  },
];

/** Writes a selection; files of stacks that were not chosen stay. */
function writeSome(target: string, files: ReadonlyMap<string, string>): { added: string[]; changed: string[]; removed: string[] } {
  const changed = [...files].filter(([name, text]) => writeFileAtomic(path.join(target, name), text, { durable: false })).map(([name]) => name);
  return { added: [], changed, removed: [] };
}

function nothing(agency: unknown, stack: unknown, stacks: readonly SynthesisedStack[]): ProblemError {
  const [word, known] = typeof stack === 'string' ? [stack, stacks.map(({ path: name }) => name)] : [String(agency), stacks.map((item) => item.agency)];
  return new ProblemError(
    problem('CLOUD-SELECT', `no stack is chosen by ${word}`, { hint: didYouMean(word, known) ?? 'run `vcloud synth` to see what there is' }),
  );
}

function summaryOf({ path: name, agency, tenant, cloud, environment, digest, dependsOn, reads, resources }: SynthesisedStack): object {
  return { path: name, agency, tenant, cloud, environment, digest, dependsOn, reads, resources: resources.length };
}
