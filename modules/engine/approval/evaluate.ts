import type { Actor } from '../log/index.ts';
import type { Effect, RequiredApproval } from '../review/types.ts';
import type { ApprovalPolicy, ApprovalRule, Principal } from './policy.ts';

/** An approval whose signature is good and that is of this very plan. */
export interface Approval {
  /** Principal whose key signed it. */
  readonly principal: string;
  /** Account and key it was given with. */
  readonly by: Actor;
  /** Day it was given, YYYY-MM-DD. */
  readonly date: string;
}

/** Who made a plan. */
export interface Planner extends Actor {
  /** Principal whose key signed that it did; absent where only the log tells. */
  readonly principal?: string | undefined;
}

export interface Missing extends RequiredApproval {
  /** Principals whose approval counts. */
  readonly counted: readonly string[];
  /** Why others do not: `moh.security: it planned this itself`. */
  readonly refused: readonly string[];
}

/** The approvals a plan needs: each rule that one of its effects falls under, once, or once for each agency concerned. Pure. */
export function requiredApprovals(policy: ApprovalPolicy, effects: readonly Effect[], environment: 'sandbox' | 'production'): RequiredApproval[] {
  const required: RequiredApproval[] = [];
  for (const rule of policy.rules) {
    const matching = effects.filter((effect) => concerns(rule, effect, environment));
    if (matching.length === 0) continue;
    const { id, names, require: demand } = rule;
    const because = (list: readonly Effect[]): string[] => list.map(effectText).sort();
    const base = { rule: id, ...(names ? { names } : {}), count: demand.count };
    if ('of' in demand) {
      required.push({ ...base, of: demand.of, because: because(matching) });
      continue;
    }
    for (const agency of [...new Set(matching.map((effect) => effect.agency))].sort()) {
      const of = policy.principals.filter(({ organisation }) => organisation === agency).map((principal) => principal.id);
      required.push({ ...base, agency, of, because: because(matching.filter((effect) => effect.agency === agency)) });
    }
  }
  return required;
}

/**
 * What is still missing. An approval counts once per principal, for as long as its rule says, and not where it was given
 * by whoever planned or applies, if the rule keeps these apart. Who planned is unknown where the log does not tell; then
 * it cannot be shown that it was somebody else, and nothing counts. Pure.
 */
export function missingApprovals(
  policy: ApprovalPolicy,
  required: readonly RequiredApproval[],
  given: {
    readonly approvals: readonly Approval[];
    readonly planners: readonly Planner[];
    readonly applier: Actor;
    readonly asOf: string;
  },
): Missing[] {
  const rules = new Map(policy.rules.map((rule) => [rule.id, rule]));
  return required.flatMap((demand) => {
    const rule = rules.get(demand.rule);
    if (rule === undefined) return [];
    const counted = new Set<string>();
    const refused: string[] = [];
    for (const approval of given.approvals) {
      if (!demand.of.includes(approval.principal)) continue;
      const why = refusal(policy.principals, rule, approval, given);
      if (why === undefined) counted.add(approval.principal);
      else refused.push(`${approval.principal}: ${why}`);
    }
    return counted.size >= demand.count ? [] : [{ ...demand, counted: [...counted].sort(), refused: refused.sort() }];
  });
}

function refusal(principals: readonly Principal[], rule: ApprovalRule, approval: Approval, given: Parameters<typeof missingApprovals>[2]): string | undefined {
  if (approval.date > given.asOf) return `given on ${approval.date}, after ${given.asOf}`;
  if (rule.validFor !== undefined && daysBetween(approval.date, given.asOf) > rule.validFor) {
    return `given on ${approval.date}, and counts ${rule.validFor} days`;
  }
  if (rule.notBy.includes('planner')) {
    if (given.planners.length === 0) {
      return 'who planned is neither in the log nor signed for ("vcloud plan --key"), so it cannot be shown that it was somebody else';
    }
    if (given.planners.some((planner) => isSame(principals, approval, planner))) return 'it made this plan itself';
  }
  if (rule.notBy.includes('applier') && isSame(principals, approval, given.applier)) return 'it applies this plan itself';
  return undefined;
}

/** Whether an approval was given by this actor: the same account or key, or one of the same principal. */
function isSame(principals: readonly Principal[], approval: Approval, actor: Planner): boolean {
  if (actor.principal === approval.principal) return true;
  if (approval.by.user === actor.user || (actor.key !== undefined && actor.key === approval.by.key)) return true;
  return principals.find(({ id }) => id === approval.principal)?.users?.includes(actor.user) ?? false;
}

function concerns({ when }: ApprovalRule, effect: Effect, environment: 'sandbox' | 'production'): boolean {
  if (!when.effects.includes('any') && !when.effects.includes(effect.effect)) return false;
  if (when.environments && !when.environments.includes(environment)) return false;
  if (when.agencies && !when.agencies.includes(effect.agency)) return false;
  if (when.stacks && (effect.stack === undefined || !when.stacks.some((pattern) => matches(pattern, effect.stack ?? '')))) return false;
  return when.minimumLevel === undefined || (effect.level !== undefined && effect.level >= when.minimumLevel);
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/gu, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(path);
}

function effectText({ effect, stack, agency, subjects }: Effect): string {
  return `${effect} ${stack ?? `${agency}: ${subjects.slice(0, 3).join(', ')}${subjects.length > 3 ? ', ...' : ''}`}`;
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
