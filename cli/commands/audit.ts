import { canonicalJson, formatPlace, ProblemError } from '../../modules/core/basics.ts';
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
  const { federation, addresses, zones, overlays, synthesis } = await prepare(context.root, { asOf: context.asOf, reporter: context.reporter });
  return { facts: { federation, addresses, zones, overlays, synthesis }, policies, policy };
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
            : report(run, context.language, options['all'] === true, failing.length, failOn);
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
  },
  en: { fail: 'fails', unknown: 'unknown', manual: 'for a person', pass: 'passes', 'not-applicable': 'not applicable', waived: 'waived', basis: 'basis' },
} as const;

function report(run: AuditRun, language: 'vi' | 'en', all: boolean, failing: number, failOn: string): string {
  const say = words[language];
  const order = ['critical', 'high', 'medium', 'low'];
  const shown = run.findings.filter((finding) => all || finding.status === 'fail').sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const lines = shown.map((finding) => {
    const status = finding.status === 'fail' && finding.waiver ? say.waived : say[finding.status];
    return `${finding.severity.padEnd(8)} ${finding.enforcement.padEnd(9)} ${status}  ${finding.fingerprint}\n    ${finding.message[language]}${finding.place ? `\n    ${formatPlace(finding.place) ?? ''}` : ''}`;
  });
  const { totals } = run;
  const counts = (['fail', 'waived', 'unknown', 'manual', 'pass', 'not-applicable'] as const).map((status) => `${say[status]} ${totals[status]}`).join(', ');
  const severities = order.map((severity) => `${severity} ${totals[severity as 'low']}`).join(', ');
  const summary =
    language === 'vi'
      ? `${run.rules} quy tắc, ${run.instruments} văn bản, ngày ${run.asOf}: ${counts}\nkhông đạt theo mức độ: ${severities}; từ ngưỡng ${failOn}: ${failing}`
      : `${run.rules} rules, ${run.instruments} instruments, as of ${run.asOf}: ${counts}\nfailures by severity: ${severities}; at or above ${failOn}: ${failing}`;
  return [...lines, ...(lines.length > 0 ? [''] : []), summary].join('\n');
}

function explainText(rule: RuleExplanation, language: 'vi' | 'en'): string {
  const lines = [`${rule.id} v${rule.version}, ${rule.severity}: ${rule.title[language]}`, `  ${rule.subject}; ${rule.check}; ${rule.declaredAt ?? ''}`];
  if (Object.keys(rule.appliesTo).length > 0) lines.push(`  ${JSON.stringify(rule.appliesTo)}`);
  for (const text of rule.texts) {
    const dates = `${text.from ?? '?'} - ${text.until ?? ''}`.trim();
    lines.push(
      '',
      `  ${text.number} (${text.instrument}), ${text.validity}, ${dates}${text.due === undefined ? '' : `, due ${text.due}`}: ${text.title[language]}`,
    );
    for (const control of text.controls) lines.push(`    ${control.clause} [${control.grade}, ${control.evidenceClass}] ${control.requirement[language]}`);
    for (const { level, parameter, operator, value, unit, clause, grade } of text.thresholds)
      lines.push(`      ${parameter}${level === '' ? '' : ` @ ${level}`} ${operator} ${value} ${unit} (${clause}, ${grade})`);
  }
  lines.push('', ...rule.profiles.map((profile) => `  ${profile.enforcement}: ${profile.names[language]}`), `  ${rule.remediation[language]}`);
  return lines.join('\n');
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
