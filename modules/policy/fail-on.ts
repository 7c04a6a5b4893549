import type { Finding, RuleSeverity } from './types.ts';

const order: readonly RuleSeverity[] = ['low', 'medium', 'high', 'critical'];

/** What `--fail-on` may say. */
export const failOnChoices = ['mandatory', ...order] as const;
export type FailOn = (typeof failOnChoices)[number];

/**
 * The findings that make an audit fail: by `mandatory`, every unwaived failure of a mandatory or hard rule; by a
 * severity, every unwaived failure at or above it, advisory ones too.
 */
export function failing(findings: readonly Finding[], failOn: FailOn): Finding[] {
  const counts = (finding: Finding): boolean =>
    failOn === 'mandatory' ? finding.enforcement !== 'advisory' : order.indexOf(finding.severity) >= order.indexOf(failOn);
  return findings.filter((finding) => finding.status === 'fail' && finding.waiver === undefined && counts(finding));
}
