import { compareCodeUnits, Problems, type Problem } from '../core/index.ts';
import { asnLine, unusableAsns } from './asn-load.ts';
import { conditionFaults } from './delegation/conditions.ts';
import { delegatedFaults } from './delegation/guard.ts';
import { formatPrefix } from './format.ts';
import { lockLine, lockText, type RowLeg } from './lock.ts';
import type { HeldLeg, Leg, LockRow, Need, PlanSet } from './model.ts';
import { placeAll, poolOf, type Places } from './place.ts';
import { contains } from './prefix.ts';
import type { AddressDiff, AddressPlan, Allocation, DiffRow, Family } from './types.ts';

/** What allocating gives: the plan with every key placed, what that changes, and the locks to be written. */
export interface AddressOutcome {
  readonly addressPlan: AddressPlan;
  readonly diff: AddressDiff;
  /** Lock file -> its text after allocation, for every plan that holds something or has a lock. */
  readonly locks: ReadonlyMap<string, string>;
  /** Why some needs could not be placed; with any error nothing may be written. */
  readonly problems: readonly Problem[];
}

const families: readonly Family[] = ['v4', 'v6'];

interface Changes {
  readonly add: DiffRow[];
  readonly release: DiffRow[];
  readonly move: DiffRow[];
  readonly change: DiffRow[];
  unchanged: number;
}

/** What a key holds after allocation, and the plan its row lies with. A row nothing changes is its own outcome. */
interface Outcome {
  readonly key: string;
  readonly need?: Need | undefined;
  readonly plan: number;
  readonly v4?: RowLeg | undefined;
  readonly v6?: RowLeg | undefined;
}

/**
 * Places all needs of `planSet`: a pure function of the plans and their locks. Only the differences are worked out at once;
 * texts of locks and the plan as later steps read it are put together when they are first asked for.
 */
export function planAddresses(planSet: PlanSet): AddressOutcome {
  const problems = new Problems();
  const places = placeAll(planSet, problems);
  const changes: Changes = { add: [], release: [], move: [], change: [], unchanged: 0 };
  /** Rows that change: what their key holds then, undefined where it holds nothing. */
  const changed = new Map<string, Outcome | undefined>();
  const added: Outcome[] = [];
  const dirty = new Set<number>();
  for (const need of planSet.needs.values()) {
    const { key, row } = need;
    const before = changes.unchanged;
    if (row && countIfUnchanged(need, row, places, changes)) continue;
    changes.unchanged = before;
    const differences = changeCount(changes);
    const outcome = outcomeOf(need, row, places, changes);
    if (row) changed.set(key, outcome);
    else if (outcome) added.push(outcome);
    if (changeCount(changes) > differences) dirty.add(need.plan).add(row?.plan ?? need.plan);
  }
  for (const row of planSet.rows.values()) {
    if (row.need || ((row.v4?.released ?? true) && (row.v6?.released ?? true))) continue;
    changed.set(row.key, releasedOutcome(row, changes));
    dirty.add(row.plan);
  }
  const asns = planAsns(planSet, changes, problems);
  for (const list of [changes.add, changes.release, changes.move, changes.change]) {
    list.sort((one, other) => compareCodeUnits(one.key, other.key) || compareCodeUnits(one.family, other.family));
  }
  for (const found of [...conditionFaults(planSet, changes), ...delegatedFaults(planSet, changes)]) problems.add(found);
  const outcomes = once(() => outcomesOf(planSet, changed, added));
  const locks = once(() => locksOf(planSet, outcomes(), dirty, asns.lines));
  return {
    addressPlan: addressPlanOf(planSet, outcomes, places, asns.numbers),
    diff: changes,
    get locks() {
      return locks();
    },
    problems: problems.list,
  };
}

function changeCount({ add, release, move, change }: Changes): number {
  return add.length + release.length + move.length + change.length;
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}

/** Whether every leg lies where its row says, by the same plan and pool; they are counted. The common case, and nothing is made for it. */
function countIfUnchanged(need: Need, row: LockRow, places: Places, changes: Changes): boolean {
  if (row.plan !== need.plan) return false;
  for (const family of families) {
    const leg = need[family];
    const held = row[family];
    if (!leg && held?.released === false) return false;
    if (!leg) continue;
    if (!held || held.released || places.prefixes[leg.index] !== held.prefix || held.pool !== poolOf(places, leg).name) return false;
    changes.unchanged++;
  }
  return true;
}

/** Every key that holds something, in code-unit order. */
function outcomesOf({ rows }: PlanSet, changed: ReadonlyMap<string, Outcome | undefined>, added: readonly Outcome[]): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const row of rows.values()) {
    const outcome = changed.has(row.key) ? changed.get(row.key) : row;
    if (outcome) outcomes.push(outcome);
  }
  for (const outcome of added) outcomes.push(outcome);
  // The rows of a lock are in order already.
  return outcomes.sort((one, other) => compareCodeUnits(one.key, other.key));
}

/** The texts of all locks; one that nothing changes stays as it was read. */
function locksOf({ files }: PlanSet, outcomes: readonly Outcome[], dirty: ReadonlySet<number>, asnLines: (plan: number) => string[]): Map<string, string> {
  const rowsOf = files.map((): string[] => []);
  for (const { key, plan, v4, v6 } of outcomes) if (dirty.has(plan)) rowsOf[plan]?.push(lockLine(key, v4, v6));
  const locks = new Map<string, string>();
  files.forEach(({ lockFile, kind, lockText: before }, index) => {
    const lines = kind === 'AsnPlan' ? asnLines(index) : (rowsOf[index] ?? []);
    if (kind === 'NetworkPlan' && !dirty.has(index) && before !== undefined) locks.set(lockFile, before);
    else if (lines.length > 0 || before !== undefined) locks.set(lockFile, lockText(kind === 'AsnPlan' ? 'AsnLock' : 'NetworkLock', lines));
  });
  return locks;
}

function outcomeOf(need: Need, row: LockRow | undefined, places: Places, changes: Changes): Outcome | undefined {
  const samePlan = row?.plan === need.plan;
  const v4 = legAfter(need, 'v4', row?.v4, places, samePlan, changes);
  const v6 = legAfter(need, 'v6', row?.v6, places, samePlan, changes);
  return v4 || v6 ? { key: need.key, need, plan: need.plan, v4, v6 } : undefined;
}

function releasedOutcome(row: LockRow, changes: Changes): Outcome {
  const leg = (held: HeldLeg | undefined): RowLeg | undefined => {
    if (!held) return undefined;
    if (!held.released) changes.release.push({ key: row.key, family: held.family, pool: held.pool, from: held.text, to: null });
    return { text: held.text, pool: held.pool, released: true, until: held.until };
  };
  return { key: row.key, plan: row.plan, v4: leg(row.v4), v6: leg(row.v6) };
}

/** The plan as later steps read it. What each key holds is put together when it is first asked for: most verbs need only the differences. */
function addressPlanOf(planSet: PlanSet, outcomes: () => readonly Outcome[], places: Places, asns: ReadonlyMap<string, number>): AddressPlan {
  const released = once(() => {
    const list: AddressPlan['released'][number][] = [];
    for (const { key, v4, v6 } of outcomes()) {
      if (v4?.released === true) list.push({ key, family: 'v4', prefix: v4.text, pool: v4.pool });
      if (v6?.released === true) list.push({ key, family: 'v6', prefix: v6.text, pool: v6.pool });
    }
    return list;
  });
  const allocations = once(() => {
    const map = new Map<string, Allocation>();
    for (const { key, need, v4, v6 } of outcomes()) {
      if (need) map.set(key, allocationOf(need, v4?.released === true ? undefined : v4, v6?.released === true ? undefined : v6, places));
    }
    return map;
  });
  return {
    get allocations() {
      return allocations();
    },
    pools: new Map([...planSet.pools.values()].map(({ name, prefix, domain, place }) => [name, { name, prefix: formatPrefix(prefix), domain, place }])),
    domains: planSet.domains,
    asns,
    get released() {
      return released();
    },
  };
}

/** One family of a need after allocation, and what that changes. */
function legAfter(need: Need, family: Family, held: HeldLeg | undefined, places: Places, samePlan: boolean, changes: Changes): RowLeg | undefined {
  const leg: Leg | undefined = need[family];
  const { key } = need;
  if (!leg) {
    if (!held) return undefined;
    if (!held.released) changes.release.push({ key, family, pool: held.pool, from: held.text, to: null });
    return { text: held.text, pool: held.pool, released: true, until: held.until };
  }
  const { prefixes } = places;
  const place = prefixes[leg.index];
  // All or nothing: a leg of a need whose other leg found no place is not handed out.
  const other = need[family === 'v4' ? 'v6' : 'v4'];
  const complete = place !== undefined && (!other || prefixes[other.index] !== undefined);
  if (!complete) return held && { text: held.text, pool: held.pool, released: held.released, until: held.until };
  const pool = poolOf(places, leg).name;
  if (held && held.prefix === place) {
    if (held.released) changes.add.push({ key, family, pool, from: null, to: held.text });
    else if (held.pool === pool && samePlan) {
      changes.unchanged++;
      return held;
    } else changes.change.push({ key, family, pool, from: held.text, to: held.text });
    return { text: held.text, pool, released: false };
  }
  const text = formatPrefix(place);
  if (!held) changes.add.push({ key, family, pool, from: null, to: text });
  else (contains(place, held.prefix) ? changes.change : changes.move).push({ key, family, pool, from: held.text, to: text });
  return { text, pool, released: false };
}

function allocationOf(need: Need, v4: RowLeg | undefined, v6: RowLeg | undefined, { reserves }: Places): Allocation {
  const holder4 = need.v4?.holder?.need.key;
  const holder6 = need.v6?.holder?.need.key;
  const growth = (leg: Leg | undefined): string | undefined => {
    const room = leg?.growth === undefined ? undefined : reserves.get(leg);
    return room && formatPrefix(room);
  };
  return {
    key: need.key,
    v4: v4?.text,
    v6: v6?.text,
    pool4: v4?.pool,
    pool6: v6?.pool,
    ...(reserves.size === 0 ? {} : { growth4: v4 && growth(need.v4), growth6: v6 && growth(need.v6) }),
    place: need.place,
    holder: holder6 ?? holder4,
    holder4,
    holder6,
    container: need.role === 'container',
    role: need.role,
    owner: need.owner,
    subject: need.subject,
  };
}

/** Numbers: what the locks hold stays, then exact ones, then the lowest free one of the range, in order of key. */
function planAsns(planSet: PlanSet, changes: Changes, problems: Problems): { numbers: Map<string, number>; lines: (plan: number) => string[] } {
  const { asnNeeds, asnRows } = planSet;
  const users = new Map<number, string>(unusableAsns.map((asn) => [asn, 'nobody']));
  const result = new Map<string, number>();
  const lines = planSet.files.map((): { key: string; text: string }[] => []);
  for (const row of asnRows.values()) {
    const other = users.get(row.asn);
    if (other !== undefined)
      problems.error('NET-OVERLAP', `AS ${row.asn} is held by "${row.key}" and "${other}"`, { ...row.place, hint: 'drop one of the two rows' });
    users.set(row.asn, row.key);
    const need = asnNeeds.get(row.key);
    if (!need) {
      if (!row.released) changes.release.push({ key: row.key, family: 'asn', pool: row.range, from: String(row.asn), to: null });
      lines[row.plan]?.push({ key: row.key, text: asnLine(row.key, row.asn, row.range, true) });
    } else if ((need.asn === undefined || need.asn === row.asn) && row.asn >= need.range.first && row.asn <= need.range.last) result.set(need.key, row.asn);
  }
  const open = [...asnNeeds.values()]
    .filter(({ key }) => !result.has(key))
    .sort((one, other) => Number(other.asn !== undefined) - Number(one.asn !== undefined) || compareCodeUnits(one.key, other.key));
  const next = new Map<string, number>();
  for (const { key, asn, range, place } of open) {
    const user = asn === undefined ? undefined : users.get(asn);
    if (asn !== undefined && user !== undefined && user !== key) {
      problems.error('NET-OVERLAP', `"${key}" asks for AS ${asn}, which "${user}" holds`, { ...place, hint: 'choose another number, or leave it out' });
      continue;
    }
    let number = asn ?? next.get(range.name) ?? range.first;
    if (asn === undefined) while (users.has(number)) number++;
    if (number > range.last) {
      problems.error('NET-EXHAUSTED', `range "${range.name}" (${range.first}-${range.last}) has no free number for "${key}"`, {
        ...place,
        hint: 'widen the range, or drop released rows from its lock',
      });
      continue;
    }
    if (asn === undefined) next.set(range.name, number + 1);
    users.set(number, key);
    result.set(key, number);
  }
  for (const need of asnNeeds.values()) {
    const { key, range } = need;
    const asn = result.get(key);
    const row = asnRows.get(key);
    if (asn === undefined) {
      if (row) lines[row.plan]?.push({ key, text: asnLine(key, row.asn, row.range, row.released) });
      continue;
    }
    const entry: DiffRow = { key, family: 'asn', pool: range.name, from: row && !row.released ? String(row.asn) : null, to: String(asn) };
    if (!row || (row.released && row.asn === asn)) changes.add.push(entry);
    else if (row.asn !== asn) changes.move.push({ ...entry, from: String(row.asn) });
    else if (row.range !== range.name || row.plan !== need.plan) changes.change.push(entry);
    else changes.unchanged++;
    lines[need.plan]?.push({ key, text: asnLine(key, asn, range.name, false) });
  }
  return {
    numbers: new Map([...result].sort(([one], [other]) => compareCodeUnits(one, other))),
    lines: (plan) => (lines[plan] ?? []).sort((one, other) => compareCodeUnits(one.key, other.key)).map(({ text }) => text),
  };
}
