import { compareCodeUnits, didYouMean, fail, sortedBy } from '../core/index.ts';
import type { Verdict } from './check.ts';
import { Evaluation, outside, standing, type StandingGroup } from './evaluation.ts';
import { FactIndex, type Entry } from './facts.ts';
import { count, toFinding, withoutText } from './finding.ts';
import type { PolicySet, Rule } from './load.ts';
import type { AuditRun, Enforcement, Facts, Finding } from './types.ts';
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
  const rules = sortedBy(selectRules(policies, options.rules), (rule) => `${rule.id}@`);
  const agencies = selectAgencies(facts, index, options.agencies);
  const enforcement = enforcements(facts, policies);
  const findings: Finding[] = [];
  const instruments = new Set<string>();
  let judged = 0;
  for (const rule of rules) {
    const groups = rule.groups.map((group) => standing(group, options.asOf)).filter((group) => group !== undefined);
    const [first] = groups;
    if (first === undefined) {
      findings.push(withoutText(rule, facts, options.asOf));
      continue;
    }
    judged++;
    for (const group of groups) for (const { basis } of group.bases) instruments.add(basis.instrument.id);
    const judges = groups.map((group) => rule.check.prepare(group.options));
    const whole = { ...first, key: '', bases: groups.flatMap((group) => group.bases), citations: new Map() };
    const own: Finding[] = [];
    for (const entry of subjects(rule, index)) {
      if (agencies !== undefined && !agencies.has(entry.agency)) continue;
      const strictness = enforcement(entry.agency, rule.id);
      if (strictness === undefined) continue;
      const judgements = groups.map((group, number): Judgement => {
        const evaluation = new Evaluation(entry, index, group, options.asOf);
        const verdicts = outside(rule, evaluation) ?? judges[number]?.(evaluation) ?? [];
        return { group, evaluation, verdicts: isList(verdicts) ? verdicts : [verdicts] };
      });
      for (const { group, evaluation, verdicts } of merged(judgements, whole))
        for (const verdict of verdicts) own.push(toFinding(rule, group, entry, strictness, evaluation, verdict, options.asOf));
    }
    // A fingerprint begins with its rule, so sorting each rule's own sorts all of them.
    own.sort((a, b) => compareCodeUnits(a.fingerprint, b.fingerprint));
    for (const finding of own) findings.push(finding);
  }
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

interface Judgement {
  readonly group: StandingGroup;
  readonly evaluation: Evaluation;
  readonly verdicts: readonly Verdict[];
}

function isList(verdicts: Verdict | readonly Verdict[]): verdicts is readonly Verdict[] {
  return Array.isArray(verdicts);
}

/**
 * Texts that disagree are shown apart, but not where the answer does not depend on them: what no text can be judged
 * by, and what none concerns, is said once, on all of them.
 */
function merged(judgements: readonly Judgement[], whole: StandingGroup): readonly Judgement[] {
  const [first] = judgements;
  if (first === undefined || judgements.length === 1) return judgements;
  const open = (verdict: Verdict): boolean => verdict.status === 'unknown' || verdict.status === 'not-applicable';
  const same = judgements.every(
    ({ verdicts }) =>
      verdicts.length === first.verdicts.length &&
      verdicts.every((verdict, index) => {
        const other = first.verdicts[index];
        return open(verdict) && verdict.status === other?.status && verdict.key === other.key && verdict.message.en === other.message.en;
      }),
  );
  return same ? [{ ...first, group: whole }] : judgements;
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
