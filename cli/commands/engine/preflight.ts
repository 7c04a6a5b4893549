import { plural } from '../../../modules/core/basics.ts';
import type { Preflight } from '../../../modules/engine/index.ts';
import type { OptionSpec, Verb } from '../../kit.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { prepared } from './shared.ts';

export const preflightOption: OptionSpec = {
  flags: '--preflight <mode>',
  description: 'look at the configuration alone (static), or ask the clouds of what is planned for real too (full)',
  choices: ['static', 'full'],
  default: 'full',
};

/** What preflight is, for the help of the verbs that have it. */
export const preflightHelp = `Preflight looks first, because a plan of new resources asks an OpenStack nothing and passes with a dead endpoint: addresses (prefixes, gateways, fixed addresses, overlaps in the plan, with the address plan and with live networks), rules, names; and of every cloud its credentials, services, quotas against what is added, and what is referred to by name or id. A sandbox asks no cloud. A check that could not run is told and is no pass.`;

const words = {
  en: {
    looked: ({ pass, fail, unknown }: Preflight) => `Preflight: ${plural(pass, 'check')} passed, ${fail} failed, ${unknown} could not run`,
    verdicts: { pass: 'pass', fail: 'FAULT', unknown: 'could not be looked at' },
    next: 'Next:',
  },
  vi: {
    looked: ({ pass, fail, unknown }: Preflight) => `Kiểm tra trước: ${pass} đạt, ${fail} không đạt, ${unknown} không thực hiện được`,
    verdicts: { pass: 'đạt', fail: 'LỖI', unknown: 'không kiểm tra được' },
    next: 'Tiếp theo:',
  },
} as const;

/** One line of what a preflight came to; undefined where nothing was looked at. */
export function preflightLine(found: Preflight | undefined, language: 'en' | 'vi'): string | undefined {
  return found === undefined || found.pass + found.fail + found.unknown === 0 ? undefined : words[language].looked(found);
}

export const preflightVerb: Verb = {
  name: 'preflight',
  summary: 'look for faults before anything is planned or made',
  description: `${preflightHelp} "vcloud plan" does the same by itself for what may change; this verb is for all that is selected, and plans nothing. Existing folders in HCL are looked at by "vcloud plan" only.

${selectionHelp}

data of --json: {mode, pass, fail, unknown, findings: [{check, stacks, result, message, hint, cloud, address, construct, place: {file, line, column}}]}; result is fail or unknown, faults first`,
  options: [...selectionOptions, { flags: '--static', description: 'ask no cloud' }],
  examples: [
    { line: 'vcloud preflight', does: 'looks at every stack' },
    { line: 'vcloud preflight --agency mst --json', does: 'looks at the stacks of one ministry, for a program' },
  ],
  exits: { 0: 'all that was looked at is right', 1: 'error: nothing could be looked at', 2: 'faults, or checks that could not run' },
  async run(context, _, options) {
    const { preflight, preflightProblems } = await import('../../../modules/engine/index.ts');
    const { engineOptions, planContext } = await import('../../../modules/federate.ts');
    const made = await prepared(context);
    const { root, language } = context;
    const found = await preflight({
      root,
      stacks: made.stacks,
      select: selectionOf(options),
      preflight: planContext(root, made).preflight,
      preflightMode: options['static'] === true ? 'static' : 'full',
      ...engineOptions(made.federation.settings),
    });
    return { exit: found.fail + found.unknown === 0 ? 0 : 2, data: found, text: preflightLine(found, language) ?? '', problems: preflightProblems(found) };
  },
};
