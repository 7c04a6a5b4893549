import { canonicalJson, sha256 } from '../core/index.ts';
import type { PolicySet } from './load.ts';
import type { AuditRun, Finding, RuleSeverity } from './types.ts';

const levels: Readonly<Record<RuleSeverity, 'error' | 'warning' | 'note'>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
/** What code-scanning services sort by; 0 to 10. */
const scores: Readonly<Record<RuleSeverity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/**
 * An audit as a SARIF 2.1.0 log: one result per finding that fails or needs a person, the rule's own id, the place of
 * the declaration, waivers as suppressions. What passes is not in it.
 */
export function toSarif(run: AuditRun, policies: PolicySet, language: 'vi' | 'en'): string {
  const shown = run.findings.filter((finding) => finding.status === 'fail' || finding.status === 'unknown' || finding.status === 'manual');
  const ids = [...new Set(shown.map((finding) => finding.rule))];
  const rules = ids.map((id) => {
    const rule = policies.rules.get(id);
    return {
      id,
      shortDescription: { text: rule?.title[language] ?? id },
      help: { text: rule?.remediation[language] ?? '' },
      defaultConfiguration: { level: levels[rule?.severity ?? 'low'] },
      properties: { 'security-severity': scores[rule?.severity ?? 'low'] },
    };
  });
  return `${canonicalJson(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'vcloud audit', rules } },
          properties: { asOf: run.asOf },
          columnKind: 'unicodeCodePoints',
          results: shown.map((finding) => result(finding, ids.indexOf(finding.rule), language)),
        },
      ],
    },
    2,
  )}\n`;
}

function result(finding: Finding, ruleIndex: number, language: 'vi' | 'en'): Record<string, unknown> {
  const { place, waiver } = finding;
  return {
    ruleId: finding.rule,
    ruleIndex,
    // SARIF knows no "unknown": such a result is open, a person's is under review.
    kind: finding.status === 'fail' ? 'fail' : finding.status === 'unknown' ? 'open' : 'review',
    level: finding.status === 'fail' ? levels[finding.severity] : 'none',
    message: { text: finding.message[language] },
    locations: [
      {
        ...(place === undefined
          ? {}
          : {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(place.file) },
                ...(place.line === undefined ? {} : { region: { startLine: place.line, startColumn: place.column ?? 1 } }),
              },
            }),
        logicalLocations: [{ fullyQualifiedName: `${finding.subject.kind}/${finding.subject.id}`, kind: finding.subject.kind }],
      },
    ],
    partialFingerprints: { 'vcloud/v1': sha256(finding.fingerprint) },
    ...(waiver === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: `${waiver.id}: ${waiver.owner} / ${waiver.approver}, ${waiver.expires}` }] }),
    properties: {
      fingerprint: finding.fingerprint,
      agency: finding.agency,
      enforcement: finding.enforcement,
      basis: finding.basis.map((basis) => `${basis.number}, ${basis.clause} [${basis.grade}]`),
    },
  };
}
