import type { Verb } from '../kit.ts';

export const federateVerbs: readonly Verb[] = [
  {
    name: 'federate',
    summary: 'the whole job: from files to one inventory and a page to show',
    description:
      'Loads and checks, allocates addresses, makes zones and overlays, synthesises stacks, plans, audits, joins the members by their signed bundles, ' +
      'fills the inventory and writes the report. Each step is a command of its own too. Offline: it asks no cloud and no server.',
    options: [
      { flags: '--apply', description: 'also apply to the sandbox, wave by wave, until nothing is left to do' },
      { flags: '--strict', description: 'exit 2 when there are differences to apply or findings that fail' },
    ],
    examples: [
      { line: 'vcloud federate', does: 'everything, on the federation in this folder' },
      { line: 'vcloud federate --apply', does: 'the same, and the sandbox holds every resource afterwards' },
      { line: 'vcloud federate --as-of 2027-01-02 --json', does: 'as the law will stand on that day, for a program' },
    ],
    exits: { 0: 'done', 1: 'an error; nothing is half-written', 2: 'with --strict: differences or findings' },
    /** data: Summary of modules/federate/summary.ts. */
    async run({ root, asOf, reporter, language, color }, _args, options) {
      const [{ federate, verdict }, { summaryText }] = await Promise.all([import('../../modules/federate.ts'), import('../summary.ts')]);
      const { summary, problems } = await federate(root, { asOf, apply: options['apply'] === true, reporter });
      return { exit: verdict(summary, problems, options['strict'] === true), data: summary, problems, text: `\n${summaryText(summary, { language, color })}` };
    },
  },
];
