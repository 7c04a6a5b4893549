import type { Verb } from '../kit.ts';

export const coreVerbs: readonly Verb[] = [
  {
    name: 'check',
    summary: 'load everything declared and report all problems',
    description: 'Reads vcloud.yaml, every declaration, plan and policy, and reports all problems at once. Writes nothing.',
    examples: [{ line: 'vcloud check', does: 'checks the federation in this folder' }],
    exits: { 0: 'clean', 1: 'could not be read: errors in the declarations', 2: 'findings' },
    async run({ root, asOf }) {
      const { loadFederation } = await import('../../modules/federation/index.ts');
      const federation = await loadFederation(root, { asOf });
      const counts = Object.fromEntries(
        ['organisations', 'sites', 'clouds', 'networks', 'links', 'tenants', 'systems', 'services'].map((name) => [
          name,
          (federation as unknown as Record<string, Map<string, unknown>>)[name]?.size ?? 0,
        ]),
      );
      return {
        exit: 0,
        data: counts,
        text: Object.entries(counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
      };
    },
  },
];
