import { compareCodeUnits, Problems, type Problem } from '../core/index.ts';
import { asnLine, unusableAsns } from './asn-load.ts';
import { formatPrefix } from './format.ts';
import { lockLine, lockText, type RowLeg } from './lock.ts';
import type { HeldLeg, Leg, Need, PlanSet } from './model.ts';
import { placeAll, type Places } from './place.ts';
import { contains, type Prefix } from './prefix.ts';
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

interface Changes {
  readonly add: DiffRow[];
  readonly release: DiffRow[];
  readonly move: DiffRow[];
  readonly change: DiffRow[];
  unchanged: number;
}

/** A row of a lock to be written. */
interface Line {
  readonly key: string;
  readonly text: string;
}

/** Places all needs of `planSet`: a pure function of the plans and their locks. */
export function planAddresses(planSet: PlanSet): AddressOutcome {
  const problems = new Problems();
  const places = placeAll(planSet, problems);
  const changes: Changes = { add: [], release: [], move: [], change: [], unchanged: 0 };
  const lines: Line[][] = planSet.files.map(() => []);
  const allocations: Allocation[] = [];
  const released: AddressPlan['released'][number][] = [];
  for (const need of planSet.needs.values()) {
    const row = planSet.rows.get(need.key);
    const samePlan = row?.plan === need.plan;
    const v4 = legAfter(need, 'v4', row?.v4, places, samePlan, changes);
    const v6 = legAfter(need, 'v6', row?.v6, places, samePlan, changes);
    if (!v4 && !v6) continue;
    for (const [family, leg] of [['v4', v4] as const, ['v6', v6] as const]) {
      if (leg?.released === true) released.push({ key: need.key, family, prefix: leg.text, pool: leg.pool });
    }
    lines[need.plan]?.push({ key: need.key, text: lockLine(need.key, v4, v6) });
    allocations.push(allocationOf(need, v4?.released === true ? undefined : v4, v6?.released === true ? undefined : v6));
  }
  for (const row of planSet.rows.values()) {
    if (planSet.needs.has(row.key)) continue;
    for (const held of [row.v4, row.v6]) {
      if (!held) continue;
      released.push({ key: row.key, family: held.family, prefix: held.text, pool: held.pool });
      if (!held.released) changes.release.push({ key: row.key, family: held.family, pool: held.pool, from: held.text, to: null });
    }
    lines[row.plan]?.push({ key: row.key, text: lockLine(row.key, row.v4 && { ...row.v4, released: true }, row.v6 && { ...row.v6, released: true }) });
  }
  const asns = planAsns(planSet, changes, lines, problems);
  const locks = new Map<string, string>();
  planSet.files.forEach(({ lockFile, kind, lockText: before }, index) => {
    const rows = lines[index] ?? [];
    if (rows.length === 0 && before === undefined) return;
    rows.sort((one, other) => compareCodeUnits(one.key, other.key));
    locks.set(
      lockFile,
      lockText(
        kind === 'AsnPlan' ? 'AsnLock' : 'NetworkLock',
        rows.map(({ text }) => text),
      ),
    );
  });
  allocations.sort((one, other) => compareCodeUnits(one.key, other.key));
  released.sort((one, other) => compareCodeUnits(one.key, other.key) || compareCodeUnits(one.family, other.family));
  for (const list of [changes.add, changes.release, changes.move, changes.change]) {
    list.sort((one, other) => compareCodeUnits(one.key, other.key) || compareCodeUnits(one.family, other.family));
  }
  return {
    addressPlan: {
      allocations: new Map(allocations.map((allocation) => [allocation.key, allocation])),
      pools: new Map([...planSet.pools.values()].map(({ name, prefix, domain, place }) => [name, { name, prefix: formatPrefix(prefix), domain, place }])),
      domains: planSet.domains,
      asns,
      released,
    },
    diff: changes,
    locks,
    problems: problems.list,
  };
}

/** One family of a need after allocation, and what that changes. */
function legAfter(need: Need, family: Family, held: HeldLeg | undefined, places: Places, samePlan: boolean, changes: Changes): RowLeg | undefined {
  const leg: Leg | undefined = need[family];
  const { key } = need;
  if (!leg) {
    if (!held) return undefined;
    if (!held.released) changes.release.push({ key, family, pool: held.pool, from: held.text, to: null });
    return { text: held.text, pool: held.pool, released: true };
  }
  const place = places.get(leg);
  // All or nothing: a leg of a need whose other leg found no place is not handed out.
  const other = need[family === 'v4' ? 'v6' : 'v4'];
  const complete = place !== undefined && (!other || places.has(other));
  if (!complete) return held && { text: held.text, pool: held.pool, released: held.released };
  const pool = leg.pool.name;
  if (held && isSame(held, place)) {
    if (held.released) changes.add.push({ key, family, pool, from: null, to: held.text });
    else if (held.pool === pool && samePlan) changes.unchanged++;
    else changes.change.push({ key, family, pool, from: held.text, to: held.text });
    return { text: held.text, pool, released: false };
  }
  const text = formatPrefix(place);
  if (!held) changes.add.push({ key, family, pool, from: null, to: text });
  else (contains(place, held.prefix) ? changes.change : changes.move).push({ key, family, pool, from: held.text, to: text });
  return { text, pool, released: false };
}

function isSame(held: HeldLeg, place: Prefix): boolean {
  return held.prefix === place;
}

function allocationOf(need: Need, v4: RowLeg | undefined, v6: RowLeg | undefined): Allocation {
  const holder4 = need.v4?.holder?.need.key;
  const holder6 = need.v6?.holder?.need.key;
  return {
    key: need.key,
    v4: v4?.text,
    v6: v6?.text,
    pool4: v4?.pool,
    pool6: v6?.pool,
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
function planAsns(planSet: PlanSet, changes: Changes, lines: readonly Line[][], problems: Problems): Map<string, number> {
  const { asnNeeds, asnRows } = planSet;
  const users = new Map<number, string>(unusableAsns.map((asn) => [asn, 'nobody']));
  const result = new Map<string, number>();
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
  return new Map([...result].sort(([one], [other]) => compareCodeUnits(one, other)));
}
