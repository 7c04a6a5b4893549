import { problem, type Problem } from '../../core/index.ts';
import type { Federation } from '../../federation/index.ts';
import type { PlanSet } from '../model.ts';
import type { AddressPlan } from '../types.ts';
import { aggregationRules } from './aggregation.ts';
import type { RuleContext, RuleFamily, Violation } from './context.ts';
import { leakRules } from './leaks.ts';
import { lengthRules } from './lengths.ts';
import { networkRules } from './networks.ts';
import { quarantineRules } from './quarantine.ts';
import { spaceRules } from './space.ts';
import { Switches, type SwitchReport } from './switches.ts';
import { ruleRow, ruleTable, type RuleId, type RuleRow } from './table.ts';

export { ruleTable, switchableRules, type RuleId, type RuleRow, type SwitchableRule } from './table.ts';
export { ipv6Progress, type Ipv6Counts, type Ipv6Progress } from './ipv6.ts';
export type { SwitchReport } from './switches.ts';

/** One rule after judging: whether it holds here, what it found, and what was left out and why. */
export interface RuleReport extends RuleRow {
  readonly id: RuleId;
  /** `partly`: switched off for some names; `not-applicable`: what it judges is not here. */
  readonly state: 'on' | 'partly' | 'off' | 'not-applicable';
  /** Why it is not applicable. */
  readonly why?: 'documentation numbers' | 'nothing declared' | 'no date' | undefined;
  /** Findings, and the cases in them: many keys may be one finding. */
  readonly findings: number;
  readonly cases: number;
  readonly switches: readonly SwitchReport[];
}

export interface RuleJudgement {
  /** What rules and switches found, in the order of the table. */
  readonly problems: readonly Problem[];
  readonly rules: readonly RuleReport[];
}

export interface JudgeOptions {
  readonly federation?: Federation | undefined;
  readonly numbering: 'production' | 'documentation';
  readonly asOf?: string | undefined;
}

const families: readonly RuleFamily[] = [lengthRules, spaceRules, aggregationRules, leakRules, networkRules, quarantineRules];

/** Holds plans against every rule that applies and is not switched off. A pure function; the date is `asOf`. */
export function judgeRules(planSet: PlanSet, addressPlan: AddressPlan, { federation, numbering, asOf }: JudgeOptions): RuleJudgement {
  const switches = new Switches(planSet.switches, asOf);
  const context: RuleContext = {
    planSet,
    addressPlan,
    federation,
    asOf,
    poolOf({ need, family, pool }) {
      const allocation = addressPlan.allocations.get(need.key);
      return planSet.pools.get((family === 'v4' ? allocation?.pool4 : allocation?.pool6) ?? '') ?? pool;
    },
    excepted: (rule, name) => switches.covers(rule, name),
  };
  const idle = (row: RuleRow): RuleReport['why'] => {
    if (row.ofRealNumbers === true && numbering === 'documentation') return 'documentation numbers';
    if (row.wants?.startsWith('declarations') === true && !federation) return 'nothing declared';
    return row.wants?.endsWith('date') === true && asOf === undefined ? 'no date' : undefined;
  };
  const found = new Map<RuleId, Map<string, Violation[]>>();
  const cases = new Map<RuleId, number>();
  for (const family of families) {
    for (const violation of family(context)) {
      const { rule, names, group } = violation;
      if (idle(ruleRow(rule)) !== undefined || switches.leavesOut(rule, names)) continue;
      cases.set(rule, (cases.get(rule) ?? 0) + 1);
      const groups = found.get(rule) ?? new Map<string, Violation[]>();
      found.set(rule, groups);
      const id = group ?? `\0${groups.size}`;
      const list = groups.get(id);
      if (list) list.push(violation);
      else groups.set(id, [violation]);
    }
  }
  const problems: Problem[] = [];
  for (const row of ruleTable) for (const group of found.get(row.id)?.values() ?? []) problems.push(finding(row, group));
  problems.push(...switches.problems((rule) => idle(ruleRow(rule)) !== 'nothing declared' && idle(ruleRow(rule)) !== 'no date'));
  const rules = ruleTable.map((row): RuleReport => {
    const why = idle(row);
    const own = switches.of(row.id);
    const live = own.filter(({ expired }) => !expired);
    const state = why !== undefined ? 'not-applicable' : live.some((entry) => entry.for === undefined) ? 'off' : live.length > 0 ? 'partly' : 'on';
    return { ...row, state, why, findings: found.get(row.id)?.size ?? 0, cases: cases.get(row.id) ?? 0, switches: own };
  });
  return { problems, rules };
}

/** The violations of one group as one problem, which names the first of them. */
function finding(row: RuleRow, group: readonly Violation[]): Problem {
  const [first] = group;
  if (!first) throw new Error(`a finding of ${row.id} without a case`);
  const keys = group.map(({ names }) => names[0] ?? '');
  const subject = first.group === undefined ? '' : `${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ` and ${keys.length - 3} more` : ''}: `;
  return problem(row.code, `${subject}${first.text} (${first.source ?? row.source})`, { ...first.place, severity: row.severity, hint: first.hint });
}
