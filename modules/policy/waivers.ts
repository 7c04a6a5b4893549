import { digestOf, problem, type Problem } from '../core/index.ts';
import type { PolicySet, Waiver } from './load.ts';
import type { Finding, WaiverState, WaiverUse } from './types.ts';

/** Digest a waiver may name in `evidence:`, so that it ends when the facts it was granted for change. */
export function evidenceDigest(finding: Pick<Finding, 'evidence'>): string {
  return `sha256:${digestOf(finding.evidence)}`;
}

/**
 * Lays waivers over failing findings and says what became of each waiver. A hard rule takes none; a subject with `*`
 * only covers advisory findings; what expired or was granted for other facts covers nothing.
 * @returns the findings, with `waiver` set where one covers them, in the same order
 */
export function applyWaivers(findings: readonly Finding[], policies: PolicySet, asOf: string): { findings: Finding[]; uses: WaiverUse[]; notices: Problem[] } {
  const covered = new Map<string, Waiver>();
  const uses: WaiverUse[] = [];
  const notices: Problem[] = [];
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.status !== 'fail') continue;
    const list = byRule.get(finding.rule);
    if (list) list.push(finding);
    else byRule.set(finding.rule, [finding]);
  }
  for (const waiver of policies.waivers) {
    const meant = (byRule.get(waiver.rule) ?? []).filter((finding) => names(waiver, finding));
    const { state, reason } = stateOf(waiver, meant, policies.demands.warnDays, asOf);
    const takes = state === 'applied' || state === 'expiring';
    if (takes) for (const finding of meant) covered.set(finding.fingerprint, waiver);
    uses.push({ id: waiver.id, state, findings: meant.map((finding) => finding.fingerprint), reason });
    const notice = noticeOf(waiver, state, meant.length, reason);
    if (notice) notices.push(notice);
  }
  if (covered.size === 0) return { findings: [...findings], uses, notices };
  const overlaid = findings.map((finding): Finding => {
    const waiver = covered.get(finding.fingerprint);
    return waiver === undefined
      ? finding
      : {
          ...finding,
          waiver: {
            id: waiver.id,
            owner: `${waiver.owner.unit}, ${waiver.owner.role}`,
            approver: `${waiver.approver.unit}, ${waiver.approver.role}`,
            expires: waiver.expiresAt,
          },
        };
  });
  return { findings: overlaid, uses, notices };
}

function names(waiver: Waiver, finding: Finding): boolean {
  if (waiver.agency !== finding.agency) return false;
  if (waiver.finding !== undefined) return waiver.finding === finding.fingerprint;
  const subject = `${finding.subject.kind}/${finding.subject.id}`;
  if (waiver.subject === undefined) return false;
  if (!waiver.subject.includes('*')) return waiver.subject === subject;
  return new RegExp(`^${waiver.subject.split('*').map(escape).join('.*')}$`, 'u').test(subject);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

function stateOf(waiver: Waiver, meant: readonly Finding[], warnDays: number, asOf: string): { state: WaiverState; reason?: string | undefined } {
  if (asOf >= waiver.expiresAt) return { state: 'expired', reason: `expired on ${waiver.expiresAt}` };
  if (asOf < waiver.approvedAt) return { state: 'not-yet', reason: `approved on ${waiver.approvedAt}` };
  if (meant.length === 0) return { state: 'unused', reason: 'no failing finding matches it' };
  if (meant.some((finding) => finding.enforcement === 'hard')) return { state: 'refused', reason: 'the rule is hard: it cannot be waived' };
  if (waiver.subject?.includes('*') === true && meant.some((finding) => finding.enforcement !== 'advisory'))
    return { state: 'refused', reason: 'a pattern may only waive advisory findings' };
  if (waiver.evidence !== undefined && meant.some((finding) => evidenceDigest(finding) !== waiver.evidence))
    return { state: 'refused', reason: 'the facts changed since it was granted' };
  const left = (Date.parse(waiver.expiresAt) - Date.parse(asOf)) / 86_400_000;
  return left <= warnDays ? { state: 'expiring', reason: `expires on ${waiver.expiresAt}` } : { state: 'applied' };
}

function noticeOf(waiver: Waiver, state: WaiverState, count: number, reason: string | undefined): Problem | undefined {
  const warn = (code: string, message: string, hint: string): Problem =>
    problem(code, `waiver "${waiver.id}" ${message}`, { ...waiver.place, severity: 'warning', hint });
  switch (state) {
    case 'expired':
      return warn(
        'POL-WAIVER-EXPIRED',
        `${reason ?? 'expired'}${count > 0 ? `; ${count} finding${count === 1 ? '' : 's'} returned` : ''}`,
        'mend what it covered, or have it approved again',
      );
    case 'expiring':
      return warn('POL-WAIVER-EXPIRING', reason ?? 'expires soon', 'mend what it covers before that day');
    case 'unused':
      return warn('POL-WAIVER-UNUSED', 'covers no failing finding', 'remove it; what it was for is mended, gone or named otherwise now');
    case 'refused':
      return warn('POL-WAIVER-REFUSED', `is refused: ${reason ?? ''}`, 'the finding stands; change the profile or the facts, not the waiver');
    case 'not-yet':
      return warn('POL-WAIVER-NOT-YET', `does not hold yet: ${reason ?? ''}`, 'it begins on the day of its approval');
    case 'applied':
      return undefined;
  }
}
