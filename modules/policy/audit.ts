import { compareCodeUnits, didYouMean, fail, isObject, type Names } from '../core/index.ts';
import type { CheckContext, Reader, Verdict } from './check.ts';
import { FactIndex, type Entry, type SubjectKind } from './facts.ts';
import { validityOn, type Grade, type Threshold, type Validity } from './law.ts';
import type { BasisGroup, PolicySet, Rule, RuleBasis } from './load.ts';
import type { AuditRun, Basis, Enforcement, Facts, Finding } from './types.ts';
import { applyWaivers } from './waivers.ts';

export interface AuditOptions {
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
  /** Only these rules. */
  readonly rules?: readonly string[] | undefined;
  /** Only what counts for these agencies. */
  readonly agencies?: readonly string[] | undefined;
  /** Show everything as if no waiver existed. */
  readonly ignoreWaivers?: boolean | undefined;
}

/**
 * Judges the facts by the rules as they stand on a date. Pure: the same input gives the same run, byte for byte.
 * A rule whose texts ask for different things gives one finding per text.
 * @throws ProblemError POL-SELECTION when nothing is selected: an audit of nothing must not look clean
 */
export function audit(facts: Facts, policies: PolicySet, options: AuditOptions): AuditRun {
  const index = new FactIndex(facts);
  const rules = selectRules(policies, options.rules);
  const agencies = selectAgencies(facts, index, options.agencies);
  const enforcement = enforcements(facts, policies);
  const findings: Finding[] = [];
  const instruments = new Set<string>();
  let judged = 0;
  for (const rule of rules) {
    const groups = rule.groups.map((group) => standing(group, options.asOf)).filter((group) => group !== undefined);
    if (groups.length === 0) {
      findings.push(withoutText(rule, facts, options.asOf));
      continue;
    }
    judged++;
    for (const group of groups) for (const { basis } of group.bases) instruments.add(basis.instrument.id);
    for (const group of groups) {
      const judge = rule.check.prepare(group.options);
      for (const entry of subjects(rule, index)) {
        if (agencies !== undefined && !agencies.has(entry.agency)) continue;
        const strictness = enforcement(entry.agency, rule.id);
        if (strictness === undefined) continue;
        const evaluation = new Evaluation(entry, index, group, options.asOf);
        const excluded = outside(rule, evaluation);
        const verdicts = excluded ?? judge(evaluation);
        for (const verdict of Array.isArray(verdicts) ? (verdicts as readonly Verdict[]) : [verdicts as Verdict])
          findings.push(toFinding(rule, group, entry, strictness, evaluation, verdict, options.asOf));
      }
    }
  }
  findings.sort((a, b) => compareCodeUnits(a.fingerprint, b.fingerprint));
  const {
    findings: overlaid,
    uses,
    notices,
  } = options.ignoreWaivers === true ? { findings, uses: [], notices: [] } : applyWaivers(findings, narrowed(policies, rules, agencies), options.asOf);
  return {
    asOf: options.asOf,
    findings: overlaid,
    rules: judged,
    instruments: instruments.size,
    totals: count(overlaid),
    waivers: uses,
    notices,
  };
}

/**
 * What a rule looks at. Resources are looked up by type: a rule on volumes says nothing of the thousands of resources
 * that are none.
 */
function subjects(rule: Rule, index: FactIndex): Iterable<Entry> {
  const types = rule.appliesTo['type'];
  if (rule.check.subject !== 'resource' || types === undefined) return index.all(rule.check.subject).values();
  const byType = index.related('type of resource', 'resource', (resource) => [resource.type]);
  return (Array.isArray(types) ? types : [types]).flatMap((type) => byType.get(String(type)) ?? []);
}

/** A waiver of a rule or agency that was not selected is neither used nor unused. */
function narrowed(policies: PolicySet, rules: readonly Rule[], agencies: ReadonlySet<string> | undefined): PolicySet {
  const ids = new Set(rules.map((rule) => rule.id));
  return {
    ...policies,
    waivers: policies.waivers.filter((waiver) => ids.has(waiver.rule) && (agencies === undefined || agencies.has(waiver.agency))),
  };
}

function selectRules(policies: PolicySet, wanted: readonly string[] | undefined): Rule[] {
  const all = [...policies.rules.values()];
  for (const id of wanted ?? []) {
    if (!policies.rules.has(id))
      fail('POL-SELECTION', `there is no rule "${id}"`, { hint: didYouMean(id, policies.rules.keys()) ?? '`vcloud audit explain` lists the rules' });
  }
  const rules = wanted === undefined ? all : all.filter((rule) => wanted.includes(rule.id));
  if (rules.length === 0) fail('POL-SELECTION', 'no rule is selected, so nothing would be judged', { hint: 'name at least one rule, or leave --rule out' });
  return rules;
}

function selectAgencies(facts: Facts, index: FactIndex, wanted: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (wanted === undefined) return undefined;
  const { organisations } = facts.federation;
  for (const id of wanted) {
    if (!organisations.has(id))
      fail('POL-SELECTION', `there is no agency "${id}"`, { hint: didYouMean(id, organisations.keys()) ?? 'name an organisation this member declares' });
    const agency = index.agency(id);
    if (agency !== id) fail('POL-SELECTION', `"${id}" is no agency of its own: it counts for "${agency}"`, { hint: `select "${agency}"` });
  }
  if (wanted.length === 0) fail('POL-SELECTION', 'no agency is selected, so nothing would be judged', { hint: 'name at least one, or leave --agency out' });
  return new Set(wanted);
}

/** How strictly a rule holds for an agency: the strictest of the profiles that concern it; undefined where none does. */
function enforcements(facts: Facts, policies: PolicySet): (agency: string, rule: string) => Enforcement | undefined {
  const order: readonly Enforcement[] = ['advisory', 'mandatory', 'hard'];
  const known = new Map<string, ReadonlyMap<string, Enforcement>>();
  const tableOf = (agency: string): ReadonlyMap<string, Enforcement> => {
    const kind = facts.federation.organisations.get(agency)?.kind;
    const table = new Map<string, Enforcement>();
    for (const profile of policies.profiles) {
      if (profile.agencies !== undefined && !profile.agencies.includes(agency)) continue;
      if (profile.kinds !== undefined && (kind === undefined || !profile.kinds.includes(kind))) continue;
      for (const [rule, level] of Object.entries(profile.rules)) {
        const before = table.get(rule);
        if (before === undefined || order.indexOf(level) > order.indexOf(before)) table.set(rule, level);
      }
    }
    return table;
  };
  return (agency, rule) => {
    let table = known.get(agency);
    if (table === undefined) {
      table = tableOf(agency);
      known.set(agency, table);
    }
    return table.get(rule);
  };
}

interface StandingBasis {
  readonly basis: RuleBasis;
  readonly validity: Validity;
}
interface StandingGroup {
  readonly key: string;
  readonly bases: readonly StandingBasis[];
  readonly options: unknown;
  readonly thresholds: readonly Threshold[];
}

/** What of a group holds on a date; undefined when nothing does. */
function standing(group: BasisGroup, asOf: string): StandingGroup | undefined {
  const bases = group.bases
    .map((basis): StandingBasis => ({ basis, validity: validityOn(basis.instrument, asOf) }))
    .filter(({ validity }) => validity !== 'ended' && validity !== 'not-yet');
  const first = bases[0];
  return first && { key: group.key, bases, options: first.basis.options, thresholds: first.basis.thresholds };
}

function withoutText(rule: Rule, facts: Facts, asOf: string): Finding {
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

/** The verdict on a subject the rule does not concern, or undefined if it does. */
function outside(rule: Rule, evaluation: Evaluation): Verdict | undefined {
  for (const [field, wanted] of Object.entries(rule.appliesTo)) {
    const value = evaluation.readPath(field);
    const list = Array.isArray(wanted) ? wanted : [wanted];
    if (list.some((one) => one === value)) continue;
    const shown = value === undefined ? undefined : JSON.stringify(value);
    return {
      status: 'not-applicable',
      message: {
        vi: `quy tắc chỉ áp dụng khi ${field} là ${list.join(', ')}; ở đây ${shown === undefined ? 'chưa khai báo' : `là ${shown}`}`,
        en: `the rule concerns ${field} ${list.join(', ')}; here it is ${shown ?? 'not stated'}`,
      },
    };
  }
  return undefined;
}

/** One rule at one subject: gives the check its view and keeps what it reads. */
class Evaluation implements CheckContext {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly agency: string;
  readonly asOf: string;
  readonly index: FactIndex;
  readonly evidence: Record<string, unknown> = {};
  readonly used = new Set<string>();
  level: number | undefined;
  private readonly entry: Entry;
  private readonly group: StandingGroup;

  constructor(entry: Entry, index: FactIndex, group: StandingGroup, asOf: string) {
    this.kind = entry.kind;
    this.id = entry.id;
    this.agency = entry.agency;
    this.entry = entry;
    this.index = index;
    this.group = group;
    this.asOf = asOf;
  }

  get documentation(): boolean {
    return this.index.facts.federation.settings.numbering === 'documentation';
  }

  read(field: 'id'): string {
    const value = this.entry.value[field];
    this.evidence[field] = value ?? null;
    return value;
  }

  readPath(path: string): unknown {
    let value: unknown = this.entry.value;
    for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined;
    this.evidence[path] = value ?? null;
    return value;
  }

  of<K extends SubjectKind>(kind: K, id: string): Reader<K> | undefined {
    const entry = this.index.get(kind, id);
    if (entry === undefined) this.evidence[`${kind}/${id}`] = null;
    return entry && this.reader(entry);
  }

  reader<K extends SubjectKind>(entry: Entry<K>): Reader<K> {
    const { evidence } = this;
    return {
      kind: entry.kind,
      id: entry.id,
      agency: entry.agency,
      read(field) {
        const value = entry.value[field];
        evidence[`${entry.kind}/${entry.id}.${field}`] = value ?? null;
        return value;
      },
    };
  }

  thresholds(level?: number): readonly Threshold[] {
    if (level !== undefined) this.level = level;
    const step = level === undefined ? undefined : String(level);
    const rows = this.group.thresholds.filter((row) => row.level === '' || step === undefined || row.level === step);
    for (const row of rows) this.used.add(`${row.parameter} ${row.level}`);
    return rows;
  }

  atLevel(level: number): void {
    this.level = level;
  }

  note(path: string, value: unknown): void {
    this.evidence[path] = value ?? null;
  }
}

const gradeOrder: readonly Grade[] = ['official', 'secondary', 'unconfirmed'];

function basisOf({ basis, validity }: StandingBasis, evaluation: Evaluation): Basis & { readonly grade: Grade } {
  const rows = basis.thresholds.filter((row) => evaluation.used.has(`${row.parameter} ${row.level}`));
  const { level } = evaluation;
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

function toFinding(rule: Rule, group: StandingGroup, entry: Entry, strictness: Enforcement, evaluation: Evaluation, verdict: Verdict, asOf: string): Finding {
  const bases = group.bases.map((basis) => basisOf(basis, evaluation));
  const key = [group.key, verdict.key].filter((part) => part !== undefined && part !== '').join('.');
  const binding = bases.filter((basis) => basis.validity !== 'disputed' && basis.grade !== 'unconfirmed');
  const cited = {
    vi: bases.map((basis) => `${basis.number}, ${basis.clause}`).join('; '),
    en: bases.map((basis) => `${basis.number}, ${basis.clause}`).join('; '),
  };
  let { status } = verdict;
  let enforcement = strictness;
  let message: Names = { vi: `${verdict.message.vi} (${cited.vi})`, en: `${verdict.message.en} (${cited.en})` };
  if (status === 'fail' && binding.length === 0) {
    status = 'manual';
    message = weakened(message, bases);
  } else if (status === 'fail') {
    const dates = binding.map((basis) => basis.due);
    const last = dates.reduce<string | undefined>(
      (latest, date) => (latest === undefined || date === undefined ? undefined : date > latest ? date : latest),
      dates[0],
    );
    if (last !== undefined && asOf < last && dates.every((date) => date !== undefined)) {
      enforcement = 'advisory';
      message = {
        vi: `${message.vi}; hệ thống đã có được chuyển tiếp đến trước ${last}`,
        en: `${message.en}; what already exists has time until ${last}`,
      };
    }
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
  const disputed = bases.some((basis) => basis.validity === 'disputed');
  return disputed
    ? {
        vi: `${message.vi}; hiệu lực văn bản còn tranh chấp, cần cơ quan có thẩm quyền xác định`,
        en: `${message.en}; the text's validity is disputed, the competent body decides`,
      }
    : { vi: `${message.vi}; căn cứ chưa được xác nhận, chỉ ghi chú`, en: `${message.en}; the source is not confirmed, a note only` };
}

function count(findings: readonly Finding[]): AuditRun['totals'] {
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
