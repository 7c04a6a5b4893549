import { plural } from '../../modules/core/basics.ts';
import type { Verb } from '../kit.ts';

export const coreVerbs: readonly Verb[] = [
  {
    name: 'check',
    summary: 'load everything declared and report all problems',
    description:
      'Reads vcloud.yaml, every declaration, plan and policy, works out addresses, zones and overlays in memory, and reports all problems at once. Writes nothing.',
    examples: [
      { line: 'vcloud check', does: 'checks the federation in this folder' },
      { line: 'vcloud check -C examples/members/moh --json', does: 'checks a member and prints problems for a program' },
    ],
    exits: { 0: 'clean', 1: 'could not be checked: errors in the files', 2: 'findings' },
    /** data: how many objects of each collection, keys of the address plan and rules there are. */
    async run({ root, asOf }) {
      const { checkFederation } = await import('../../modules/federate/check.ts');
      const { counts, findings } = await checkFederation(root, { asOf });
      // Notes say how things stand; only what asks for an act is a finding.
      const found = findings.filter(({ severity }) => severity !== 'note').length;
      const shown = Object.entries(counts).filter(([, count]) => count > 0);
      return {
        exit: found > 0 ? 2 : 0,
        data: counts,
        problems: findings,
        text: `${found === 0 ? 'clean' : plural(found, 'finding')}: ${shown.map(([name, count]) => `${count.toLocaleString('en-US')} ${count === 1 ? name.replace(/s$/u, '') : name}`).join(', ')}`,
      };
    },
  },
];
