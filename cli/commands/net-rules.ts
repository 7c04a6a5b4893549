import type { Ipv6Counts, Ipv6Progress, RuleReport } from '../../modules/network/index.ts';
import { fail, plural, type Problem } from '../../modules/core/basics.ts';
import { columns } from '../columns.ts';
import type { Context, Verb } from '../kit.ts';
import { load } from './net.ts';

type Language = Context['language'];

const words = {
  vi: {
    on: 'áp dụng',
    partly: 'tắt một phần',
    off: 'tắt',
    'not-applicable': 'không áp dụng',
    'documentation numbers': 'số liệu mô hình',
    'nothing declared': 'chưa khai báo gì',
    'no date': 'không có ngày',
    error: 'lỗi',
    warning: 'phát hiện',
    note: 'ghi chú',
    found: (cases: number): string => `${cases} trường hợp`,
    switched: (cases: number): string => `bỏ qua ${cases}`,
    until: 'đến',
    expired: 'hết hạn',
  },
  en: {
    on: 'on',
    partly: 'partly off',
    off: 'off',
    'not-applicable': 'not applicable',
    'documentation numbers': 'documentation numbers',
    'nothing declared': 'nothing declared',
    'no date': 'no date',
    error: 'error',
    warning: 'finding',
    note: 'note',
    found: (cases: number): string => plural(cases, 'case'),
    switched: (cases: number): string => `${cases} left out`,
    until: 'until',
    expired: 'expired',
  },
} as const;

/** Rules one by one: what they say, whether they hold here, what they found; below each the switches with their reasons. */
export function rulesText(rules: readonly RuleReport[], language: Language): string {
  const say = words[language];
  const head = columns(
    rules.map(({ id, source, severity, state, why, findings, cases }) => [
      id,
      source,
      say[severity],
      why === undefined ? say[state] : `${say[state]} (${say[why]})`,
      findings === 0 ? '-' : say.found(cases),
    ]),
  ).split('\n');
  return rules
    .flatMap((rule, index) => [head[index] ?? '', `  ${rule.sentence[language]}`, ...rule.switches.map((entry) => `  ${switchText(entry, language)}`)])
    .join('\n');
}

function switchText({ for: names, until, reason, cases, expired, place }: RuleReport['switches'][number], language: Language): string {
  const say = words[language];
  const date = until === undefined ? '' : `, ${say.until} ${until}${expired ? ` (${say.expired})` : ''}`;
  return `${say.off}${names === undefined ? '' : ` ${names.join(', ')}`}${date}: ${reason} (${say.switched(cases)}; ${place.file}:${place.line ?? 1})`;
}

/** What `net check --verbose` adds: rules that are switched off or not applicable, never silently. */
export function leftOutText(rules: readonly RuleReport[], language: Language): string[] {
  const say = words[language];
  return rules
    .filter(({ state, switches }) => state !== 'on' || switches.length > 0)
    .flatMap(({ id, source, state, why, switches }) => [
      `${id} (${source}): ${why === undefined ? say[state] : `${say[state]} (${say[why]})`}`,
      ...switches.map((entry) => `  ${switchText(entry, language)}`),
    ]);
}

/** Rules as `--json` gives them. */
export function rulesData(rules: readonly RuleReport[]): unknown {
  return rules.map(({ id, code, source, severity, sentence, state, why, findings, cases, switches }) => ({
    id,
    code,
    source,
    severity,
    sentence,
    state,
    why,
    findings,
    cases,
    switches,
  }));
}

const rulesVerb: Verb = {
  name: 'net rules',
  summary: 'list the rules of address planning: source, state, findings',
  description:
    'Every rule `net check` holds the plans against, with the RFC or practice it follows, whether it holds here, how many cases it found, and who switched it off for what and why. A plan switches one off under `rules:`, with a reason:\n  rules: [{ rule: nibble-boundary, off: true, reason: "...", for: [pool-or-key-*], until: "2027-01-01" }]\nA switch that has expired or finds nothing to switch off is a finding itself. What law demands is not here: `vcloud audit`.\nJSON data: a list of { id, code, source, severity, sentence, state, why, findings, cases, switches }; state on, partly, off or not-applicable; switches { rule, reason, for, until, expired, cases, names, place }.',
  arguments: [{ syntax: '[rule]', description: 'one rule; all without it' }],
  examples: [
    { line: 'vcloud net rules', does: 'lists all rules with what they found here' },
    { line: 'vcloud net rules aggregation', does: 'one rule, and what it is switched off for' },
  ],
  exits: { 0: 'listed', 1: 'error in plans or locks' },
  async run(context, [id]) {
    const { didYouMean } = await import('../../modules/core/basics.ts');
    const rules = (await reviewed(context)).rules.filter((rule) => id === undefined || rule.id === id);
    if (rules.length === 0) {
      const all = (await reviewed(context)).rules.map((rule) => rule.id);
      fail('NET-RULE-UNKNOWN', `no rule is called "${id ?? ''}"`, { hint: didYouMean(id ?? '', all) ?? `rules: ${all.join(', ')}` });
    }
    return { exit: 0, data: rulesData(rules), text: rulesText(rules, context.language) };
  },
};

async function reviewed(context: Context): Promise<{ readonly problems: readonly Problem[]; readonly rules: readonly RuleReport[] }> {
  const { reviewAddressPlans } = await import('../../modules/network/index.ts');
  const { planSet, federation } = await load(context, true);
  return reviewAddressPlans(planSet, federation, { asOf: context.asOf });
}

const progressWords = {
  vi: {
    head: ['cơ quan', 'mạng', 'chưa có', 'dự kiến', 'hai chồng', 'chỉ IPv6', 'chưa nêu', 'đạt', 'quá hạn', 'hạn gần nhất', 'khối v4 / hai họ / v6'],
    total: 'tổng',
    nobody: '(không rõ)',
    run: (share: string, runs: number, networks: number, date: string): string => `IPv6 ngày ${date}: ${runs} trên ${networks} mạng (${share})`,
    open: 'mạng chưa chạy IPv6',
    by: 'trước',
    noDate: 'chưa có thời hạn',
    overdue: 'QUÁ HẠN',
  },
  en: {
    head: ['organisation', 'networks', 'none', 'planned', 'dual-stack', 'IPv6-only', 'not stated', 'share', 'overdue', 'next date', 'blocks v4 / dual / v6'],
    total: 'total',
    nobody: '(nobody)',
    run: (share: string, runs: number, networks: number, date: string): string => `IPv6 on ${date}: ${runs} of ${networks} networks run it (${share})`,
    open: 'networks that do not run IPv6 yet',
    by: 'by',
    noDate: 'no date',
    overdue: 'OVERDUE',
  },
} as const;

const percent = (share: number): string => `${(share * 100).toFixed(share === 1 ? 0 : 1)} %`;

/** The one line about IPv6 that `net check --verbose` adds. */
export function ipv6Line({ asOf, total }: Ipv6Progress, language: Language): string {
  return progressWords[language].run(percent(total.share), total.dual + total.ipv6Only, total.networks, asOf);
}

function progressText(progress: Ipv6Progress, language: Language): string {
  const say = progressWords[language];
  const row = (name: string, counts: Ipv6Counts): string[] => [
    name,
    ...[counts.networks, counts.none, counts.planned, counts.dual, counts.ipv6Only, counts.notStated].map(String),
    percent(counts.share),
    String(counts.overdue),
    counts.next ?? '-',
    `${counts.blocks.v4} / ${counts.blocks.dual} / ${counts.blocks.v6}`,
  ];
  const rows = [[...say.head], ...progress.organisations.map((counts) => row(counts.id || say.nobody, counts)), row(say.total, progress.total)];
  const open = progress.open.map(({ id, owner, state, target, overdue }) => [
    id,
    owner,
    state,
    target === undefined ? say.noDate : `${say.by} ${target}${overdue ? `  ${say.overdue}` : ''}`,
  ]);
  return [ipv6Line(progress, language), '', columns(rows), ...(open.length > 0 ? ['', `${say.open}:`, columns(open, '  ')] : [])].join('\n');
}

const ipv6Verb: Verb = {
  name: 'net ipv6',
  summary: 'show how far every organisation is with IPv6',
  description:
    'Counts the declared networks of every agency by what they run: nothing of IPv6, planned, dual-stack or IPv6-only (`ipv6:` and `ipv6Target:` of a network), with the next date and what is overdue on --as-of; beside it the blocks the plan gives hosts, by family.\nJSON data: { asOf, total, organisations, open }; total and each of organisations (with id, names) { networks, none, planned, dual, ipv6Only, notStated, share, overdue, next, blocks: { v4, dual, v6 } }; open a list of { id, owner, state, target, overdue }.',
  examples: [
    { line: 'vcloud net ipv6', does: 'lists every agency with its share' },
    { line: 'vcloud net ipv6 --as-of 2029-01-01', does: 'says what will be overdue then if nothing changes' },
  ],
  exits: { 0: 'nothing is overdue', 1: 'error', 2: 'a network is past its date' },
  async run(context) {
    const { ipv6Progress } = await import('../../modules/network/index.ts');
    const { planSet, federation } = await load(context, true);
    if (!federation) fail('NET-NO-FEDERATION', 'networks are declared in stacks/, and there is no federation here', { hint: 'run it beside vcloud.yaml' });
    const progress = ipv6Progress(planSet, federation);
    return { exit: progress.total.overdue > 0 ? 2 : 0, data: progress, text: progressText(progress, context.language) };
  },
};

/** `vcloud net rules`, `vcloud net ipv6`. */
export const netRulesVerbs: readonly Verb[] = [rulesVerb, ipv6Verb];
