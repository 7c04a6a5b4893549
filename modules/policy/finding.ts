import { compareCodeUnits, type Names } from '../core/index.ts';
import type { Verdict } from './check.ts';
import { rowsAt, type Citation, type Evaluation, type StandingBasis, type StandingGroup } from './evaluation.ts';
import type { Entry } from './facts.ts';
import type { Grade } from './law.ts';
import type { Rule } from './load.ts';
import type { AuditRun, Basis, Enforcement, Facts, Finding } from './types.ts';

const gradeOrder: readonly Grade[] = ['official', 'secondary', 'unconfirmed'];

function basisOf({ basis, validity }: StandingBasis, { limited, level }: Evaluation, parameter: string | undefined): Basis & { readonly grade: Grade } {
  const rows = limited ? rowsAt(basis.thresholds, level).filter((row) => parameter === undefined || row.parameter === parameter) : [];
  const controls = basis.controls.filter((control) => level === undefined || control.levels.length === 0 || control.levels.includes(level));
  const cited = controls.length > 0 ? controls : basis.controls;
  const clauses = rows.length > 0 ? rows.map((row) => row.clause) : cited.map((control) => control.clause);
  // An instrument that is only cited, a row that was not read: the weakest of them decides what may follow.
  const grades: Grade[] = [...rows.map((row) => row.grade), ...cited.map((control) => control.grade)];
  if (basis.instrument.grade === 'unconfirmed') grades.push('unconfirmed');
  const grade = grades.reduce<Grade>((worst, next) => (gradeOrder.indexOf(next) > gradeOrder.indexOf(worst) ? next : worst), 'official');
  return {
    instrument: basis.instrument.id,
    number: basis.instrument.number,
    clause: [...new Set(clauses)].join(', '),
    grade,
    validity,
    due: basis.due,
  };
}

/** The same for every subject at one level and parameter, so it is worked out once. */
function citationOf(group: StandingGroup, evaluation: Evaluation, parameter: string | undefined): Citation {
  const key = `${evaluation.limited} ${evaluation.level ?? ''} ${parameter ?? ''}`;
  let citation = group.citations.get(key);
  if (citation === undefined) {
    const bases = group.bases.map((basis) => basisOf(basis, evaluation, parameter));
    const binding = bases.filter((basis) => basis.validity !== 'disputed' && basis.grade !== 'unconfirmed');
    const dates = binding.flatMap((basis) => (basis.due === undefined ? [] : [basis.due])).sort(compareCodeUnits);
    citation = {
      bases,
      words: bases.map((basis) => `${basis.number}, ${basis.clause}`).join('; '),
      binding,
      due: dates.length === binding.length ? dates.at(-1) : undefined,
    };
    group.citations.set(key, citation);
  }
  return citation;
}

export function toFinding(
  rule: Rule,
  group: StandingGroup,
  entry: Entry,
  strictness: Enforcement,
  evaluation: Evaluation,
  verdict: Verdict,
  asOf: string,
): Finding {
  const { bases, words, binding, due } = citationOf(group, evaluation, verdict.parameter);
  const key = verdict.key === undefined ? group.key : group.key === '' ? verdict.key : `${group.key}.${verdict.key}`;
  let { status } = verdict;
  let enforcement = strictness;
  let message: Names = { vi: `${verdict.message.vi} (${words})`, en: `${verdict.message.en} (${words})` };
  if (status === 'pass' && bases.every((basis) => basis.validity === 'disputed')) message = disputed(message);
  if (status === 'fail' && binding.length === 0) {
    status = 'manual';
    message = weakened(message, bases);
  } else if (status === 'fail' && due !== undefined && asOf < due) {
    enforcement = 'advisory';
    message = {
      vi: `${message.vi}; hệ thống đã có được chuyển tiếp đến trước ${due}`,
      en: `${message.en}; what already exists has time until ${due}`,
    };
  }
  return {
    fingerprint: `${rule.id}@${entry.agency}:${entry.kind}/${entry.id}${key === '' ? '' : `#${key}`}`,
    rule: rule.id,
    severity: rule.severity,
    enforcement,
    status,
    subject: { kind: entry.kind, id: entry.id },
    agency: entry.agency,
    place: entry.place,
    basis: bases,
    message,
    remediation: status === 'fail' || status === 'unknown' || status === 'manual' ? rule.remediation : undefined,
    missing: verdict.missing,
    evidence: evaluation.evidence,
  };
}

/** A text that is disputed or was not read cannot make anything fail: a person decides. */
function weakened(message: Names, bases: readonly Basis[]): Names {
  return bases.some((basis) => basis.validity === 'disputed')
    ? disputed(message)
    : { vi: `${message.vi}; căn cứ chưa được xác nhận, chỉ ghi chú`, en: `${message.en}; the source is not confirmed, a note only` };
}

function disputed(message: Names): Names {
  return {
    vi: `${message.vi}; hiệu lực văn bản còn tranh chấp, cơ quan có thẩm quyền xác định`,
    en: `${message.en}; the text's validity is disputed, the competent body decides`,
  };
}

export function withoutText(rule: Rule, facts: Facts, asOf: string): Finding {
  const home = facts.federation.settings.member.organisation ?? facts.federation.settings.member.id;
  const texts = rule.groups.flatMap((group) => group.bases.map((basis) => basis.instrument.number)).join(', ');
  return {
    fingerprint: `${rule.id}@${home}:rule/${rule.id}`,
    rule: rule.id,
    severity: rule.severity,
    enforcement: 'advisory',
    status: 'not-applicable',
    subject: { kind: 'rule', id: rule.id },
    agency: home,
    place: rule.place,
    basis: [],
    message: { vi: `không có văn bản nào của quy tắc còn hiệu lực ngày ${asOf}: ${texts}`, en: `none of the rule's texts holds on ${asOf}: ${texts}` },
    evidence: {},
  };
}

export function count(findings: readonly Finding[]): AuditRun['totals'] {
  const totals = { low: 0, medium: 0, high: 0, critical: 0, pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, manual: 0, waived: 0 };
  for (const finding of findings) {
    if (finding.status === 'fail' && finding.waiver) {
      totals.waived++;
      continue;
    }
    totals[finding.status]++;
    if (finding.status === 'fail') totals[finding.severity]++;
  }
  return totals;
}
