import type { Place } from '../../core/index.ts';
import type { Federation } from '../../federation/index.ts';
import type { Leg, PlanSet, Pool } from '../model.ts';
import type { AddressPlan } from '../types.ts';
import type { SwitchableRule } from './table.ts';

/** What rules judge: plans, what they give, and what is declared around them. Nothing else: no clock, no network. */
export interface RuleContext {
  readonly planSet: PlanSet;
  /** What every key holds once it is allocated. */
  readonly addressPlan: AddressPlan;
  readonly federation?: Federation | undefined;
  /** The date of judgement, YYYY-MM-DD. */
  readonly asOf?: string | undefined;
  /** The pool a leg lies in: of several it may lie in, the one it was given. */
  poolOf(leg: Leg): Pool;
  /** Whether a switch leaves something out of a rule; for rules that count things together. */
  excepted(rule: SwitchableRule, name: string): boolean;
}

/** One case in which a plan does not follow a rule. */
export interface Violation {
  readonly rule: SwitchableRule;
  /** What it concerns, the most telling name first: keys, pools, domains, organisations, networks. Switches match any of them. */
  readonly names: readonly string[];
  readonly place: Place;
  /** A sentence; of a group without its subject, which are then the first names of its violations. */
  readonly text: string;
  readonly hint: string;
  /** Violations of a group become one finding. */
  readonly group?: string | undefined;
  /** The text it follows, where that is more exact than what the table of rules says. */
  readonly source?: string | undefined;
}

/** One file of rules: everything its rules find. */
export type RuleFamily = (context: RuleContext) => Iterable<Violation>;

/** `file:line` of a second place a message names. */
export function at({ file, line }: Place): string {
  return `${file}:${line ?? 1}`;
}
