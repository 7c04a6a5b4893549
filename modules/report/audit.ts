import { canonicalJson, compareCodeUnits, formatPlace, sortedBy } from '../core/index.ts';
import type { AuditRun, Finding, ResultStatus, RuleSeverity } from '../policy/types.ts';
import type { ReportData, ReportFinding, ReportRule } from './types.ts';

/** More than this nobody reads in a page; the rest is counted and left to `vcloud audit run`. */
const mostFindings = 4_000;

const severities: readonly RuleSeverity[] = ['critical', 'high', 'medium', 'low'];
const statuses = ['fail', 'unknown', 'manual', 'waived'] as const;

/** The audits of all members as one: what to read first comes first, what passes is only counted. */
export function auditOf(runs: readonly AuditRun[]): NonNullable<ReportData['audit']> {
  const rules = new Map<string, { severity: RuleSeverity; counts: Record<ResultStatus | 'waived', number> }>();
  const shown: ReportFinding[] = [];
  const instruments = new Set<string>();
  for (const finding of runs.flatMap((run) => run.findings)) {
    const status = finding.waiver && finding.status === 'fail' ? 'waived' : finding.status;
    const rule = rules.get(finding.rule) ?? { severity: finding.severity, counts: { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, manual: 0, waived: 0 } };
    rule.counts[status]++;
    rules.set(finding.rule, rule);
    for (const { instrument } of finding.basis) instruments.add(instrument);
    if (status !== 'pass' && status !== 'not-applicable') shown.push(readable(finding, status));
  }
  const ranked = sortedBy(shown, ({ status, severity, rule, agency, subject }) =>
    [statuses.indexOf(status), severities.indexOf(severity), rule, agency, subject].join(' '),
  );
  return {
    asOf: runs.map((run) => run.asOf).sort(compareCodeUnits)[0] ?? '',
    rules: sortedBy(rules, ([id]) => id).map(([id, rule]): ReportRule => ({ id, ...rule })),
    instruments: [...instruments].sort(compareCodeUnits),
    findings: ranked.slice(0, mostFindings),
    omitted: Math.max(0, ranked.length - mostFindings),
  };
}

function readable(finding: Finding, status: ReportFinding['status']): ReportFinding {
  const { waiver } = finding;
  return {
    rule: finding.rule,
    status,
    severity: finding.severity,
    agency: finding.agency,
    subject: `${finding.subject.kind}/${finding.subject.id}`,
    message: finding.message,
    remediation: finding.remediation,
    basis: finding.basis.map(({ number, clause, grade }) => `${number}, ${clause}${grade === '' ? '' : ` [${grade}]`}`),
    instruments: [...new Set(finding.basis.map(({ instrument }) => instrument))].sort(compareCodeUnits),
    evidence: sortedBy(Object.entries(finding.evidence), ([name]) => name).map(([name, value]) => `${name} = ${short(value)}`),
    place: finding.place && formatPlace(finding.place),
    waiver: waiver && `${waiver.id}: ${waiver.owner} / ${waiver.approver}, ${waiver.expires}`,
  };
}

function short(value: unknown): string {
  const text = value === undefined ? '-' : typeof value === 'string' ? value : canonicalJson(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
