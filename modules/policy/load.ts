import * as path from 'node:path';
import {
  compareCodeUnits,
  didYouMean,
  listFiles,
  ProblemError,
  Problems,
  problem,
  readYaml,
  schemaProblems,
  validate,
  type DataPath,
  type Names,
  type Place,
  type Source,
} from '../core/index.ts';
import { policyFolder } from '../federation/index.ts';
import type { Check } from './check.ts';
import { loadLaw, thresholdKey, type Control, type Instrument, type Law, type Threshold } from './law.ts';
import { checks } from './rules/index.ts';
import { profilesSchema, ruleSetSchema, waiversSchema, type Profile, type RuleDeclaration, type WaiverDeclaration, type WaiverDemands } from './schema.ts';
import type { RuleSeverity } from './types.ts';

/** A text a rule rests on, with its rows looked up. */
export interface RuleBasis {
  readonly instrument: Instrument;
  readonly controls: readonly Control[];
  readonly thresholds: readonly Threshold[];
  /** Until this day a failure is advisory. */
  readonly due?: string | undefined;
  readonly options: unknown;
  readonly place: Place;
}

/** Texts that set the same thresholds: a rule is judged once for all of them. */
export interface BasisGroup {
  /** Part of the fingerprint where a rule has several groups; empty for the first. */
  readonly key: string;
  readonly bases: readonly RuleBasis[];
}

/** One rule: a check, the texts it rests on, what it concerns. */
export interface Rule {
  readonly id: string;
  readonly version: number;
  readonly title: Names;
  readonly severity: RuleSeverity;
  readonly check: Check;
  readonly appliesTo: RuleDeclaration['appliesTo'];
  readonly groups: readonly BasisGroup[];
  readonly remediation: Names;
  readonly place: Place;
}

export type Waiver = WaiverDeclaration & { readonly place: Place };

/** The policies a member is judged by, checked against itself. */
export interface PolicySet {
  readonly law: Law;
  /** By id, in code-unit order. */
  readonly rules: ReadonlyMap<string, Rule>;
  readonly profiles: readonly Profile[];
  readonly demands: WaiverDemands;
  /** By id, in code-unit order. */
  readonly waivers: readonly Waiver[];
}

/**
 * Whether a member has policies it is judged by: its own, or those the centre delivered.
 * @throws ProblemError FED-EXTRACT-* when what was delivered cannot be trusted
 */
export function hasPolicies(root: string): boolean {
  return policyFolder(root) !== undefined;
}

/**
 * Reads law tables, rules and profiles of a member's own `policies/`, or of those the centre delivered; waivers are always
 * its own, in `policies/waivers/`. Everything wrong is reported at once.
 * @throws ProblemError CORE-*, FED-EXTRACT-*, POL-LAW-*, POL-RULE-*, POL-PROFILE-*, POL-WAIVER-*
 */
export function loadPolicies(root: string): PolicySet {
  const problems = new Problems();
  const folder = policyFolder(root) ?? 'policies';
  const law = problems.collect(() => loadLaw(root, `${folder}/law`));
  const rules = problems.collect(() => loadRules(readYaml(root, `${folder}/rules.yaml`), law, problems));
  const profiles = problems.collect(() => loadProfiles(readYaml(root, `${folder}/profiles.yaml`), rules, problems));
  const waivers: Waiver[] = [];
  for (const name of listFiles(path.join(root, 'policies', 'waivers'), (file) => /\.ya?ml$/u.test(file))) {
    const found = problems.collect(() => loadWaivers(readYaml(root, `policies/waivers/${name}`), rules, profiles?.waivers, problems));
    for (const waiver of found ?? []) {
      const earlier = waivers.find((other) => other.id === waiver.id);
      if (earlier)
        problems.error('POL-WAIVER-DUPLICATE', `waiver "${waiver.id}" stands twice, first in ${earlier.place.file}:${earlier.place.line ?? 1}`, {
          ...waiver.place,
          hint: 'give every waiver an id of its own',
        });
      waivers.push(waiver);
    }
  }
  problems.throwIfErrors();
  if (law === undefined || rules === undefined || profiles === undefined) throw new ProblemError(problems.list);
  waivers.sort((a, b) => compareCodeUnits(a.id, b.id));
  return { law, rules, profiles: profiles.profiles, demands: profiles.waivers, waivers };
}

function loadRules(source: Source, law: Law | undefined, problems: Problems): Map<string, Rule> {
  const { rules: declared } = validate(ruleSetSchema, source);
  const rules = new Map<string, Rule>();
  declared.forEach((rule, index) => {
    const at: DataPath = ['rules', index];
    const place = source.locate(at);
    if (rules.has(rule.id)) problems.error('POL-RULE-DUPLICATE', `rule "${rule.id}" stands twice`, { ...place, hint: 'give every rule an id of its own' });
    const check = checks.get(rule.check);
    if (check === undefined) {
      problems.error('POL-RULE-CHECK', `rule "${rule.id}": there is no check "${rule.check}"`, {
        ...source.locate([...at, 'check']),
        hint: didYouMean(rule.check, checks.keys()) ?? `checks: ${[...checks.keys()].join(', ')}`,
      });
      return;
    }
    const bases = rule.basis.flatMap((basis, number): RuleBasis[] => {
      const inside: DataPath = [...at, 'basis', number];
      const options = mergeOptions(rule.options, basis.options);
      const accepted = check.options.safeParse(options);
      if (!accepted.success) {
        // Options come from two places; a fault is shown where the text's own options stand, if it has any.
        const base: DataPath = basis.options === undefined ? [...at, 'options'] : [...inside, 'options'];
        const shifted: Source = { file: source.file, value: options, locate: (where, part) => source.locate([...base, ...where], part) };
        schemaProblems(accepted.error, shifted, check.options).forEach((found) => problems.add({ ...found, message: `rule "${rule.id}": ${found.message}` }));
        return [];
      }
      const resolved = law && resolveBasis(rule.id, basis, law, source, inside, problems);
      return resolved ? [{ ...resolved, options, place: source.locate(inside) }] : [];
    });
    rules.set(rule.id, {
      id: rule.id,
      version: rule.version,
      title: rule.title,
      severity: rule.severity,
      check,
      appliesTo: rule.appliesTo,
      groups: groupBases(bases),
      remediation: rule.remediation,
      place,
    });
  });
  return new Map([...rules].sort(([a], [b]) => compareCodeUnits(a, b)));
}

function mergeOptions(rule: Readonly<Record<string, unknown>>, basis: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return { ...rule, ...basis };
}

function resolveBasis(
  rule: string,
  basis: RuleDeclaration['basis'][number],
  law: Law,
  source: Source,
  at: DataPath,
  problems: Problems,
): Pick<RuleBasis, 'instrument' | 'controls' | 'thresholds' | 'due'> | undefined {
  const instrument = law.instruments.get(basis.instrument);
  if (instrument === undefined) {
    problems.error('POL-RULE-INSTRUMENT', `rule "${rule}": no instrument "${basis.instrument}"`, {
      ...source.locate([...at, 'instrument']),
      hint: didYouMean(basis.instrument, law.instruments.keys()) ?? 'add it to policies/law/instruments.csv',
    });
    return undefined;
  }
  const controls = basis.controls.flatMap((name, index): Control[] => {
    const id = name.startsWith(`${instrument.id}.`) ? name : `${instrument.id}.${name}`;
    const control = law.controls.get(id);
    if (control) return [control];
    const own = [...law.controls.keys()].filter((other) => other.startsWith(`${instrument.id}.`));
    problems.error('POL-RULE-CONTROL', `rule "${rule}": no control "${id}"`, {
      ...source.locate([...at, 'controls', index]),
      hint: didYouMean(id, own) ?? 'add it to policies/law/controls.csv',
    });
    return [];
  });
  const parameters = [...new Set(controls.flatMap((control) => (control.parameter === undefined ? [] : [control.parameter])))];
  const thresholds = parameters.flatMap((parameter) => law.thresholds.get(thresholdKey(instrument.id, parameter)) ?? []);
  const due = basis.due === undefined ? undefined : dueDate(basis.due, law);
  if (basis.due !== undefined && due === undefined)
    problems.error('POL-RULE-DUE', `rule "${rule}": "${basis.due}" is no date of the law tables`, {
      ...source.locate([...at, 'due']),
      hint: 'write INSTRUMENT.approve_level_by, INSTRUMENT.meet_measures_by or INSTRUMENT.PARAMETER with a date as its value',
    });
  return { instrument, controls, thresholds, due };
}

function dueDate(reference: string, law: Law): string | undefined {
  const dot = reference.indexOf('.');
  const instrument = law.instruments.get(reference.slice(0, dot));
  const name = reference.slice(dot + 1);
  if (instrument === undefined) return undefined;
  if (name === 'approve_level_by') return instrument.approveLevelBy;
  if (name === 'meet_measures_by') return instrument.meetMeasuresBy;
  const row = law.thresholds.get(thresholdKey(instrument.id, name))?.find((threshold) => threshold.unit === 'date');
  return row?.value;
}

/** Texts that ask for the same are judged together; where they differ, each gives findings of its own. */
function groupBases(bases: readonly RuleBasis[]): BasisGroup[] {
  const groups = new Map<string, RuleBasis[]>();
  for (const basis of bases) {
    const asks = basis.thresholds.map(({ parameter, level, value, unit, operator }) => [parameter, level, value, unit, operator].join('\u0000')).sort();
    const key = JSON.stringify([asks, basis.options]);
    const group = groups.get(key);
    if (group) group.push(basis);
    else groups.set(key, [basis]);
  }
  const keys = new Set<string>();
  return [...groups.values()].map((group, index) => {
    const instrument = group[0]?.instrument.id ?? '';
    let key = index === 0 ? '' : instrument;
    for (let number = 2; keys.has(key); number++) key = `${instrument}-${number}`;
    keys.add(key);
    return { key, bases: group };
  });
}

function loadProfiles(
  source: Source,
  rules: ReadonlyMap<string, Rule> | undefined,
  problems: Problems,
): { profiles: readonly Profile[]; waivers: WaiverDemands } {
  const file = validate(profilesSchema, source);
  file.profiles.forEach((profile, index) => {
    if (file.profiles.findIndex((other) => other.id === profile.id) !== index)
      problems.error('POL-PROFILE-DUPLICATE', `profile "${profile.id}" stands twice`, {
        ...source.locate(['profiles', index, 'id']),
        hint: 'give every profile an id of its own',
      });
    for (const id of Object.keys(profile.rules)) {
      if (rules && !rules.has(id))
        problems.error('POL-PROFILE-RULE', `profile "${profile.id}" names rule "${id}", which does not exist`, {
          ...source.locate(['profiles', index, 'rules', id], 'key'),
          hint: didYouMean(id, rules.keys()) ?? 'add it to policies/rules.yaml, or remove it here',
        });
    }
  });
  return { profiles: file.profiles, waivers: file.waivers };
}

function loadWaivers(source: Source, rules: ReadonlyMap<string, Rule> | undefined, demands: WaiverDemands | undefined, problems: Problems): Waiver[] {
  const { waivers } = validate(waiversSchema, source);
  return waivers.map((waiver, index): Waiver => {
    const at = (...rest: DataPath): Place => source.locate(['waivers', index, ...rest]);
    const rule = rules?.get(waiver.rule);
    if (rules && !rule)
      problems.error('POL-WAIVER-RULE', `waiver "${waiver.id}" names rule "${waiver.rule}", which does not exist`, {
        ...at('rule'),
        hint: didYouMean(waiver.rule, rules.keys()),
      });
    if (waiver.owner.unit === waiver.approver.unit && waiver.owner.role === waiver.approver.role)
      problems.error('POL-WAIVER-APPROVER', `waiver "${waiver.id}": owner and approver are the same`, {
        ...at('approver'),
        hint: 'who answers for a deviation does not approve it: name another unit or another role',
      });
    if (waiver.expiresAt <= waiver.approvedAt)
      problems.error('POL-WAIVER-DATES', `waiver "${waiver.id}" expires on ${waiver.expiresAt}, not after its approval on ${waiver.approvedAt}`, {
        ...at('expiresAt'),
        hint: 'expiresAt is the first day it no longer covers',
      });
    if (waiver.requestedAt !== undefined && waiver.requestedAt > waiver.approvedAt)
      problems.error('POL-WAIVER-DATES', `waiver "${waiver.id}" was approved before it was requested`, { ...at('approvedAt'), hint: 'correct the dates' });
    if (demands && waiver.justification.trim().length < demands.minimumJustification)
      problems.error('POL-WAIVER-JUSTIFICATION', `waiver "${waiver.id}": the justification is shorter than ${demands.minimumJustification} characters`, {
        ...at('justification'),
        hint: 'say what deviates, why, and what is done meanwhile',
      });
    const longest = demands && rule ? demands.maximumDays[rule.severity] : undefined;
    const days = daysBetween(waiver.approvedAt, waiver.expiresAt);
    if (longest !== undefined && days > longest)
      problems.add(
        problem(
          'POL-WAIVER-TOO-LONG',
          `waiver "${waiver.id}" runs ${days} days; a rule of severity ${rule?.severity ?? ''} may be waived for ${longest} at most`,
          { ...at('expiresAt'), hint: 'shorten it; it can be approved again when it ends' },
        ),
      );
    return { ...waiver, place: at() };
  });
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
