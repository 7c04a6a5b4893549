import { canonicalJson, formatPlace, plural, ProblemError } from '../../modules/core/basics.ts';
import type * as Policy from '../../modules/policy/index.ts';
import type { AuditRun, Facts, Finding, PolicySet, RuleExplanation } from '../../modules/policy/index.ts';
import type { Context, Outcome, Verb } from '../kit.ts';

const formats = ['text', 'json', 'sarif'] as const;

/** Facts and policies of the federation in the current folder, and what follows from them on the date. */
async function load(context: Context): Promise<{
  facts: Facts;
  policies: PolicySet;
  policy: typeof Policy;
}> {
  const policy = await import('../../modules/policy/index.ts');
  const policies = policy.loadPolicies(context.root);
  const { prepare } = await import('../../modules/federate.ts');
  const { federation, addresses, zones, overlays, synthesis, folders } = await prepare(context.root, { asOf: context.asOf, reporter: context.reporter });
  return { facts: { federation, addresses, zones, overlays, synthesis, folders }, policies, policy };
}

function list(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

/**
 * `audit run`, `audit explain`. `data` of `audit run --json` is the run: `{asOf, rules, instruments, totals, findings,
 * waivers, notices, failOn, failing}`; `failing` counts the findings at or above `--fail-on`.
 */
export const auditVerbs: readonly Verb[] = [
  {
    name: 'audit run',
    summary: 'judge everything declared by the rules as they stand on a date',
    description:
      'Judges what is declared and what follows from it by policies/: pass, fail, unknown, not-applicable, or manual where a person has to look. ' +
      'Nothing unknown is counted as passed. Writes nothing.',
    options: [
      {
        flags: '--fail-on <level>',
        description: 'what makes the audit fail',
        choices: ['mandatory', 'low', 'medium', 'high', 'critical'],
        default: 'mandatory',
      },
      { flags: '--rule <ids...>', description: 'only these rules' },
      { flags: '--agency <ids...>', description: 'only what counts for these agencies' },
      { flags: '--ignore-waivers', description: 'show everything as if no waiver existed' },
      { flags: '--all', description: 'print what passes and what does not apply, too' },
      { flags: '--format <format>', description: 'form of the output', choices: formats, default: 'text' },
    ],
    examples: [
      { line: 'vcloud audit run', does: 'audits the federation in this folder as of today' },
      { line: 'vcloud audit run --as-of 2026-06-30 --agency ha-noi', does: 'one agency, by the texts that held on that day' },
      { line: 'vcloud audit run --fail-on high --format sarif > audit.sarif', does: 'a log for code review, failing at high and critical findings' },
    ],
    exits: { 0: 'nothing fails at or above --fail-on', 1: 'could not audit', 2: 'findings at or above --fail-on' },
    async run(context, _arguments, options): Promise<Outcome> {
      const { facts, policies, policy } = await load(context);
      const run = policy.audit(facts, policies, {
        asOf: context.asOf,
        rules: list(options['rule']),
        agencies: list(options['agency']),
        ignoreWaivers: options['ignoreWaivers'] === true,
      });
      const failOn = options['failOn'] as (typeof policy.failOnChoices)[number];
      const failing = policy.failing(run.findings, failOn);
      const data = { ...run, failOn, failing: failing.length };
      const format = options['format'] as (typeof formats)[number];
      const text =
        format === 'sarif'
          ? policy.toSarif(run, policies, context.language)
          : format === 'json'
            ? canonicalJson(data, 2)
            : report(run, policies, context, {
                all: options['all'] === true,
                whole: options['all'] === true || options['rule'] !== undefined,
                failing: failing.length,
                failOn,
              });
      return { exit: failing.length > 0 ? 2 : 0, data, text, problems: run.notices };
    },
  },
  {
    name: 'audit explain',
    summary: 'what a rule asks and by which text, or why a finding came about',
    arguments: [{ syntax: '[rule-or-fingerprint]', description: 'id of a rule, or fingerprint of a finding; without it, all rules' }],
    examples: [
      { line: 'vcloud audit explain', does: 'lists the rules' },
      { line: 'vcloud audit explain cld-separation --as-of 2026-11-01', does: 'the texts of one rule with their clauses, thresholds and dates' },
      { line: 'vcloud audit explain net-link-load@nghe-an:link/nghe-an-main', does: 'what was read to come to one finding' },
    ],
    exits: { 0: 'explained', 1: 'there is no such rule or finding' },
    async run(context, [wanted]): Promise<Outcome> {
      const policy = await import('../../modules/policy/index.ts');
      if (wanted === undefined) {
        const policies = policy.loadPolicies(context.root);
        const rules = [...policies.rules.values()];
        return {
          exit: 0,
          data: rules.map(({ id, version, severity, title }) => ({ id, version, severity, title })),
          text: rules.map((rule) => `${rule.id.padEnd(26)} ${rule.severity.padEnd(9)} ${rule.title[context.language]}`).join('\n'),
        };
      }
      if (!wanted.includes('@')) {
        const explanation = policy.explainRule(policy.loadPolicies(context.root), wanted, context.asOf);
        return { exit: 0, data: explanation, text: explainText(explanation, context.language) };
      }
      const rule = wanted.slice(0, wanted.indexOf('@'));
      const { facts, policies } = await load(context);
      const run = policy.audit(facts, policies, { asOf: context.asOf, rules: [rule] });
      const found = run.findings.filter((finding) => finding.fingerprint === wanted);
      const [finding] = found;
      if (finding === undefined) {
        throw new ProblemError({
          code: 'POL-FINDING',
          severity: 'error',
          message: `there is no finding "${wanted}" as of ${context.asOf}`,
          hint: `\`vcloud audit run --rule ${rule} --all\` prints the fingerprints of this rule`,
        });
      }
      const data = { ...finding, evidenceDigest: policy.evidenceDigest(finding) };
      return { exit: 0, data, text: findingText(finding, data.evidenceDigest, context.language) };
    },
  },
];

const words = {
  vi: {
    fail: 'không đạt',
    unknown: 'chưa rõ',
    manual: 'cần người xem xét',
    pass: 'đạt',
    'not-applicable': 'không áp dụng',
    waived: 'được miễn',
    basis: 'căn cứ',
    more: '... và % phát hiện nữa:',
    why: 'vì sao có một phát hiện:',
  },
  en: {
    fail: 'fails',
    unknown: 'unknown',
    manual: 'for a person',
    pass: 'passes',
    'not-applicable': 'not applicable',
    waived: 'waived',
    basis: 'basis',
    more: '... and % more:',
    why: 'why a finding came about:',
  },
} as const;

const severityWords = {
  vi: { critical: 'nghiêm trọng', high: 'cao', medium: 'trung bình', low: 'thấp' },
  en: { critical: 'critical', high: 'high', medium: 'medium', low: 'low' },
} as const;

const explainWords = {
  vi: {
    judges: 'xét',
    check: 'bằng phép kiểm tra',
    declared: 'khai báo tại',
    where: 'khi',
    or: 'hoặc',
    from: 'từ',
    until: 'đến',
    due: 'hạn chuyển tiếp',
    grade: 'nguồn',
    evidence: 'bằng chứng',
    level: 'cấp',
    remedy: 'khắc phục',
  },
  en: {
    judges: 'judges',
    check: 'by the check',
    declared: 'declared at',
    where: 'where',
    or: 'or',
    from: 'from',
    until: 'until',
    due: 'what exists already has until',
    grade: 'source',
    evidence: 'evidence',
    level: 'level',
    remedy: 'way out',
  },
} as const;

const enforcementWords = {
  vi: { hard: 'bắt buộc, không được miễn', mandatory: 'bắt buộc', advisory: 'khuyến nghị' },
  en: { hard: 'hard: no waiver', mandatory: 'mandatory', advisory: 'advisory' },
} as const;

const severityOrder = ['critical', 'high', 'medium', 'low'] as const;
/** Findings of one rule that are printed unless the rule was asked for. */
const shownOfRule = 8;

/** Findings below their rule, worst first; what all findings of a rule rest on is said once. */
function report(run: AuditRun, policies: PolicySet, context: Context, options: { all: boolean; whole: boolean; failing: number; failOn: string }): string {
  const { language } = context;
  const say = words[language];
  const groups = new Map<string, Finding[]>();
  for (const severity of severityOrder)
    for (const finding of run.findings) {
      if (finding.severity !== severity || (!options.all && finding.status !== 'fail')) continue;
      const key = `${severity} ${finding.rule}`;
      groups.set(key, [...(groups.get(key) ?? []), finding]);
    }
  const lines = [...groups.values()].flatMap((findings) => {
    const [first] = findings;
    if (first === undefined) return [];
    const shown = options.whole || findings.length <= shownOfRule + 2 ? findings : findings.slice(0, shownOfRule);
    const basis = basisText(first);
    return [
      `${severityWords[language][first.severity]}  ${first.rule}: ${policies.rules.get(first.rule)?.title[language] ?? ''} (${findings.length})`,
      ...(basis === '' ? [] : [`  ${say.basis}: ${basis}`]),
      ...shown.map((finding) => indented(finding, language)),
      ...(shown.length < findings.length
        ? [`    ${say.more.replace('%', String(findings.length - shown.length))} \`vcloud audit run --rule ${first.rule}\``]
        : []),
      '',
    ];
  });
  const { totals } = run;
  const counts = (['fail', 'waived', 'unknown', 'manual', 'pass', 'not-applicable'] as const).map((status) => `${say[status]} ${totals[status]}`).join(', ');
  const severities = severityOrder.map((severity) => `${severityWords[language][severity]} ${totals[severity]}`).join(', ');
  const summary =
    language === 'vi'
      ? `${run.rules} quy tắc, ${run.instruments} văn bản, tại ngày ${run.asOf}: ${counts}\nkhông đạt theo mức độ: ${severities}; tính từ ngưỡng ${options.failOn}: ${options.failing}`
      : `${plural(run.rules, 'rule')}, ${plural(run.instruments, 'instrument')}, as of ${run.asOf}: ${counts}\nfailures by severity: ${severities}; at or above ${options.failOn}: ${options.failing}`;
  const [worst] = [...groups.values()].flat();
  return [...lines, summary, ...(worst === undefined ? [] : [`${say.why} \`vcloud audit explain ${worst.fingerprint}\``])].join('\n');
}

function basisText({ basis }: Finding): string {
  return basis.map(({ number, clause }) => `${number}, ${clause}`).join('; ');
}

function indented(finding: Finding, language: 'vi' | 'en'): string {
  const say = words[language];
  const status = finding.status === 'fail' ? (finding.waiver ? say.waived : enforcementWords[language][finding.enforcement]) : say[finding.status];
  const place = finding.place ? `  ${formatPlace(finding.place) ?? ''}` : '';
  return `    ${finding.fingerprint}  ${status}${place}\n        ${finding.message[language].replace(` (${basisText(finding)})`, '')}`;
}

function explainText(rule: RuleExplanation, language: 'vi' | 'en'): string {
  const say = explainWords[language];
  const lines = [
    `${rule.id} v${rule.version}, ${severityWords[language][rule.severity]}: ${rule.title[language]}`,
    `  ${say.judges} ${rule.subject}, ${say.check} ${rule.check}, ${say.declared} ${rule.declaredAt ?? ''}`,
  ];
  const conditions = Object.entries(rule.appliesTo).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(` ${say.or} `) : JSON.stringify(value)}`,
  );
  if (conditions.length > 0) lines.push(`  ${say.where} ${conditions.join(', ')}`);
  for (const text of rule.texts) {
    const dates = `${text.from === undefined ? '' : `, ${say.from} ${text.from}`}${text.until === undefined ? '' : ` ${say.until} ${text.until}`}`;
    lines.push(
      '',
      `  ${text.number} (${text.instrument}): ${text.title[language]}`,
      `    ${text.validity}${dates}${text.due === undefined ? '' : `; ${say.due} ${text.due}`}`,
    );
    for (const control of text.controls)
      lines.push(`    ${control.clause}: ${control.requirement[language]} [${say.grade} ${control.grade}, ${say.evidence} ${control.evidenceClass}]`);
    for (const { level, parameter, operator, value, unit, clause, grade } of text.thresholds)
      lines.push(`      ${parameter}${level === '' ? '' : ` @ ${say.level} ${level}`} ${operator} ${value} ${unit} (${clause}, ${grade})`);
  }
  const profiles = rule.profiles.map((profile) => `  ${enforcementWords[language][profile.enforcement]}: ${profile.names[language]}`);
  return [...lines, '', ...profiles, `  ${say.remedy}: ${rule.remediation[language]}`].join('\n');
}

function findingText(finding: Finding, digest: string, language: 'vi' | 'en'): string {
  const say = words[language];
  return [
    `${finding.fingerprint}: ${say[finding.status]}, ${finding.severity}, ${finding.enforcement}`,
    `  ${finding.message[language]}`,
    ...(finding.place ? [`  ${formatPlace(finding.place) ?? ''}`] : []),
    ...finding.basis.map(
      (basis) =>
        `  ${say.basis}: ${basis.number}, ${basis.clause} [${basis.grade}, ${basis.validity ?? ''}${basis.due === undefined ? '' : `, due ${basis.due}`}]`,
    ),
    ...Object.entries(finding.evidence).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    `  evidence ${digest}`,
    ...(finding.waiver ? [`  ${say.waived}: ${finding.waiver.id}, ${finding.waiver.owner} / ${finding.waiver.approver}, ${finding.waiver.expires}`] : []),
    ...(finding.remediation ? [`  ${finding.remediation[language]}`] : []),
  ].join('\n');
}
