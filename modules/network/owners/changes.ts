import { compareCodeUnits, type Place } from '../../core/index.ts';
import type { Domain, HeldLeg, Leg, LockRow, Need, PlanSet, Pool } from '../model.ts';
import { formatPrefix } from '../format.ts';
import type { KeyOwners } from './owners.ts';

/** One change of a plan or a lock between two states, with whose key it touches. */
export interface KeyChange {
  readonly key: string;
  /** Organisation whose key it is; for a key that was there before, whoever owned it then. Absent where nobody does. */
  readonly owner?: string | undefined;
  /** `plan` what is asked for, `lock` what is held, `owners` whose it is, `pool` and `domain` what others lie in. */
  readonly in: 'plan' | 'lock' | 'owners' | 'pool' | 'domain' | 'delegation';
  readonly what: string;
  /** Where it stands now, or where it stood before it went. */
  readonly place: Place;
}

/** One state of the plans. */
export interface PlanState {
  readonly planSet: PlanSet;
  readonly owners: KeyOwners;
}

/**
 * Everything that differs between two states of a member's plans and locks, by key. Whose a key is, is judged by the state
 * before: a change must not make itself the owner of what it touches. New keys belong to whom the new state gives them.
 */
export function keyChanges(before: PlanState, after: PlanState): KeyChange[] {
  const changes: KeyChange[] = [];
  const keys = new Set([...before.owners.keys(), ...after.owners.keys()]);
  for (const key of [...keys].sort(compareCodeUnits)) {
    const was = stateOf(before.planSet, key);
    const is = stateOf(after.planSet, key);
    const known = was.plan !== undefined || was.lock !== undefined;
    const owner = (known ? before : after).owners.of(key).organisation;
    for (const part of ['plan', 'lock'] as const) {
      const [one, other] = [was[part], is[part]];
      const what = difference(one, other);
      const place = other?.place ?? one?.place;
      if (what !== undefined && place) changes.push({ key, owner, in: part, what, place });
    }
    const now = after.owners.of(key).organisation;
    // A key that left the plan lost its holder and its rule, not its owner.
    const said = [before, after].some(({ owners }) => owners.of(key).by === 'pattern');
    const stays = known && (is.plan !== undefined || is.lock !== undefined) && (said || (was.plan !== undefined && is.plan !== undefined));
    if (stays && now !== owner) {
      const place = after.owners.of(key).rule?.place ?? is.plan?.place ?? is.lock?.place;
      if (place) changes.push({ key, owner, in: 'owners', what: `owner ${owner ?? 'nobody'} -> ${now ?? 'nobody'}`, place });
    }
  }
  return [...changes, ...sharedChanges(before.planSet, after.planSet)];
}

interface Part {
  readonly text: string;
  readonly place: Place;
}

function stateOf(planSet: PlanSet, key: string): { plan?: Part | undefined; lock?: Part | undefined } {
  const need = planSet.needs.get(key);
  const row = planSet.rows.get(key);
  const asnNeed = planSet.asnNeeds.get(key);
  const asnRow = planSet.asnRows.get(key);
  const asked = [...(need ? needText(need) : []), ...(asnNeed ? [`AS of ${asnNeed.range.name}${asnNeed.asn === undefined ? '' : ` ${asnNeed.asn}`}`] : [])];
  const held = [...(row ? rowText(row) : []), ...(asnRow ? [`AS ${asnRow.asn}${asnRow.released ? ' released' : ''}`] : [])];
  const [planPlace, lockPlace] = [need?.place ?? asnNeed?.place, row?.place ?? asnRow?.place];
  return {
    plan: planPlace && { text: asked.join(', '), place: planPlace },
    lock: lockPlace && { text: held.join(', '), place: lockPlace },
  };
}

function needText(need: Need): string[] {
  const leg = (one: Leg | undefined): string[] => {
    if (!one) return [];
    const pools = one.pools?.map(({ name }) => name).join('|') ?? one.pool.name;
    const where = one.holder ? `in ${one.holder.need.key}` : pools;
    const at = one.exact ? formatPrefix(one.exact) : one.at === undefined ? '' : `number ${one.at}`;
    return [[one.family, `/${one.length}`, where, at, one.growth === undefined ? '' : `growth /${one.growth}`].filter((part) => part !== '').join(' ')];
  };
  const rest = [need.role === 'network' ? '' : need.role, need.strategy ?? '', need.owner === undefined ? '' : `owner ${need.owner}`];
  return [...leg(need.v4), ...leg(need.v6), ...rest.filter((part) => part !== '')];
}

function rowText({ v4, v6 }: LockRow): string[] {
  const leg = (held: HeldLeg | undefined): string[] =>
    held ? [`${held.text} (${held.pool})${held.released ? ` released${held.until === undefined ? '' : ` until ${held.until}`}` : ''}`] : [];
  return [...leg(v4), ...leg(v6)];
}

function difference(before: Part | undefined, after: Part | undefined): string | undefined {
  if (before?.text === after?.text) return undefined;
  if (!before) return `+ ${after?.text ?? ''}`;
  if (!after) return `- ${before.text}`;
  return `${before.text} -> ${after.text}`;
}

/** What has no key but that keys lie in: pools, domains, delegations. It is nobody's in particular. */
function sharedChanges(before: PlanSet, after: PlanSet): KeyChange[] {
  const changes: KeyChange[] = [];
  const compare = <T extends { readonly place: Place }>(
    kind: KeyChange['in'],
    was: ReadonlyMap<string, T>,
    is: ReadonlyMap<string, T>,
    text: (item: T) => string,
  ): void => {
    for (const name of [...new Set([...was.keys(), ...is.keys()])].sort(compareCodeUnits)) {
      const [one, other] = [was.get(name), is.get(name)];
      const what = difference(one && { text: text(one), place: one.place }, other && { text: text(other), place: other.place });
      const place = other?.place ?? one?.place;
      if (what !== undefined && place) changes.push({ key: `${kind} ${name}`, in: kind, what, place });
    }
  };
  compare('pool', before.pools, after.pools, ({ prefix, domain, strategy }: Pool) => `${formatPrefix(prefix)} in ${domain}, ${strategy}`);
  compare('domain', before.domains, after.domains, ({ import: takes, export: gives }: Domain) => `import ${takes.join(' ')} export ${gives.join(' ')}`);
  const delegations = ({ delegation }: PlanSet): Map<string, { place: Place; text: string }> =>
    new Map(
      delegation.declared.map(({ member, keys, domain, conditions, detail, proposals, place }, index) => [
        `${member} ${index + 1}`,
        {
          place,
          text: JSON.stringify([
            keys,
            domain,
            conditions,
            detail,
            proposals.map(({ id, kind, key, family, to, by, reason }) => [id, kind, key, family, to, by, reason]),
          ]),
        },
      ]),
    );
  compare('delegation', delegations(before), delegations(after), ({ text }) => text);
  return changes;
}
