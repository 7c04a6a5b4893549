import { didYouMean, fail, formatPlace, type Names } from '../core/index.ts';
import { validityOn, type Validity } from './law.ts';
import type { PolicySet, Rule } from './load.ts';
import type { Enforcement, RuleSeverity } from './types.ts';

/** A rule as an auditor reads it: what it asks, by which words of which text, from when to when, how strictly. */
export interface RuleExplanation {
  readonly id: string;
  readonly version: number;
  readonly title: Names;
  readonly severity: RuleSeverity;
  /** Kind of object it looks at, one at a time. */
  readonly subject: string;
  readonly check: string;
  /** Facts it needs. */
  readonly inputs: readonly string[];
  readonly appliesTo: Rule['appliesTo'];
  readonly declaredAt: string | undefined;
  readonly texts: readonly {
    readonly instrument: string;
    readonly number: string;
    readonly title: Names;
    readonly validity: Validity;
    readonly from: string | undefined;
    readonly until: string | undefined;
    readonly disputedFrom: string | undefined;
    readonly due: string | undefined;
    readonly controls: readonly {
      readonly id: string;
      readonly clause: string;
      readonly levels: readonly number[];
      readonly requirement: Names;
      readonly evidenceClass: string;
      readonly grade: string;
    }[];
    readonly thresholds: readonly {
      readonly clause: string;
      readonly parameter: string;
      readonly level: string;
      readonly operator: string;
      readonly value: string;
      readonly unit: string;
      readonly grade: string;
    }[];
  }[];
  readonly profiles: readonly { readonly id: string; readonly names: Names; readonly enforcement: Enforcement }[];
  readonly waivers: readonly string[];
  readonly remediation: Names;
}

/**
 * Explains one rule as it stands on a date.
 * @throws ProblemError POL-SELECTION when there is no such rule
 */
export function explainRule(policies: PolicySet, id: string, asOf: string): RuleExplanation {
  const rule = policies.rules.get(id);
  if (rule === undefined)
    fail('POL-SELECTION', `there is no rule "${id}"`, { hint: didYouMean(id, policies.rules.keys()) ?? `rules: ${[...policies.rules.keys()].join(', ')}` });
  return {
    id: rule.id,
    version: rule.version,
    title: rule.title,
    severity: rule.severity,
    subject: rule.check.subject,
    check: rule.check.id,
    inputs: rule.check.inputs,
    appliesTo: rule.appliesTo,
    declaredAt: formatPlace(rule.place),
    texts: rule.groups
      .flatMap((group) => group.bases)
      .map(({ instrument, controls, thresholds, due }) => ({
        instrument: instrument.id,
        number: instrument.number,
        title: instrument.title,
        validity: validityOn(instrument, asOf),
        from: instrument.inForce ?? instrument.issued,
        until: instrument.ends,
        disputedFrom: instrument.disputedEnds,
        due,
        controls: controls.map(({ id: control, clause, levels, requirement, evidenceClass, grade }) => ({
          id: control,
          clause,
          levels,
          requirement,
          evidenceClass,
          grade,
        })),
        thresholds: thresholds.map(({ clause, parameter, level, operator, value, unit, grade }) => ({
          clause,
          parameter,
          level,
          operator,
          value,
          unit,
          grade,
        })),
      })),
    profiles: policies.profiles.flatMap((profile) => {
      const enforcement = profile.rules[id];
      return enforcement === undefined ? [] : [{ id: profile.id, names: profile.names, enforcement }];
    }),
    waivers: policies.waivers.filter((waiver) => waiver.rule === id).map((waiver) => waiver.id),
    remediation: rule.remediation,
  };
}
