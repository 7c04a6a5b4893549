import { compareCodeUnits, type Place } from '../../core/index.ts';
import type { Domain, HeldLeg, Leg, LockRow, Need, PlanSet, Pool } from '../model.ts';
import { formatPrefix } from '../format.ts';
import type { Delegation } from '../delegation/types.ts';
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
  readonly texts: readonly string[];
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
    plan: planPlace && { texts: asked, place: planPlace },
    lock: lockPlace && { texts: held, place: lockPlace },
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

/** Only what is different of a part; undefined where nothing is. */
function difference(before: Part | undefined, after: Part | undefined): string | undefined {
  if (!before) return after && `+ ${after.texts.join(', ')}`;
  if (!after) return `- ${before.texts.join(', ')}`;
  const gone = before.texts.filter((text) => !after.texts.includes(text));
  const come = after.texts.filter((text) => !before.texts.includes(text));
  if (gone.length + come.length === 0) return undefined;
  return `${gone.join(', ') || 'nothing'} -> ${come.join(', ') || 'nothing'}`;
}

/** What has no key but that keys lie in: pools, domains, delegations. It is nobody's in particular. */
function sharedChanges(before: PlanSet, after: PlanSet): KeyChange[] {
  const changes: KeyChange[] = [];
  const compare = <T extends { readonly place: Place }>(
    kind: KeyChange['in'],
    was: ReadonlyMap<string, T>,
    is: ReadonlyMap<string, T>,
    texts: (item: T) => readonly string[],
  ): void => {
    for (const name of [...new Set([...was.keys(), ...is.keys()])].sort(compareCodeUnits)) {
      const [one, other] = [was.get(name), is.get(name)];
      const what = difference(one && { texts: texts(one), place: one.place }, other && { texts: texts(other), place: other.place });
      const place = other?.place ?? one?.place;
      if (what !== undefined && place) changes.push({ key: `${kind} ${name}`, in: kind, what, place });
    }
  };
  compare('pool', before.pools, after.pools, ({ prefix, domain, strategy }: Pool) => [formatPrefix(prefix), `in ${domain}`, strategy]);
  compare('domain', before.domains, after.domains, (domain: Domain) => [`import ${domain.import.join(' ')}`, `export ${domain.export.join(' ')}`]);
  compare('delegation', delegations(before), delegations(after), ({ keys, domain, conditions, detail, proposals }: Delegation) => [
    `keys ${keys?.join(' ') ?? 'all'}`,
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...Object.entries(conditions).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
    `detail ${detail}`,
    ...proposals.map(({ id, kind, key, family, to, by }) =>
      ['proposal', id, kind, key, family, to === undefined ? undefined : `/${to}`, 'by', by].filter((part) => part !== undefined).join(' '),
    ),
  ]);
  return changes;
}

function delegations({ delegation }: PlanSet): Map<string, Delegation> {
  return new Map(delegation.declared.map((declared, index) => [`${declared.member} ${index + 1}`, declared]));
}
