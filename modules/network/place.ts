import { compareCodeUnits, problem, type Place, type Problems } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import { FreeSpace } from './free.ts';
import type { HeldLeg, Leg, PlanSet, Pool } from './model.ts';
import { bitsOf, contains, overlaps, samePrefix, truncate, type Prefix } from './prefix.ts';
import type { Strategy } from './schema.ts';
import type { Family } from './types.ts';

/** A block in use: a leg of the plan, or a row of a lock that holds space although no leg rightly lies there. */
type User = { readonly leg: Leg; readonly prefix: Prefix } | { readonly withheld: HeldLeg; readonly prefix: Prefix };

/** A pool or holder whose inside is being filled. */
interface Outer {
  readonly prefix: Prefix;
  readonly strategy: Strategy;
  readonly legs: readonly Leg[];
  /** `pool "gov-v4"`, `"province/01"`. */
  readonly name: string;
}

/** Where every leg lies; undefined for one that could not be placed. */
export type Places = ReadonlyMap<Leg, Prefix>;

/**
 * Places every leg of the plans: what the locks hold stays, then exact prefixes, then new needs by depth, length and key,
 * each where the strategy of its pool or holder puts it. A pure function of plans and locks: the order of files and needs
 * does not matter.
 */
export function placeAll(planSet: PlanSet, problems: Problems): Places {
  return new Placement(planSet, problems).run();
}

class Placement {
  readonly #places = new Map<Leg, Prefix>();
  readonly #settled = new Set<Leg>();
  readonly #planSet: PlanSet;
  readonly #problems: Problems;

  constructor(planSet: PlanSet, problems: Problems) {
    this.#planSet = planSet;
    this.#problems = problems;
  }

  run(): Places {
    const { pools, rows, needs } = this.#planSet;
    for (const pool of pools.values()) this.#settle(pool.legs, pool.prefix);
    const withheld = new Map<Pool, HeldLeg[]>();
    for (const row of rows.values()) {
      const need = needs.get(row.key);
      for (const family of ['v4', 'v6'] as const) {
        const held = row[family];
        if (!held) continue;
        const leg = need?.[family];
        if (leg && this.#settled.has(leg)) continue;
        for (const pool of poolsOf(pools, held)) {
          const list = withheld.get(pool);
          if (list) list.push(held);
          else withheld.set(pool, [held]);
        }
      }
    }
    for (const pool of pools.values()) {
      this.#fill({ prefix: pool.prefix, strategy: pool.strategy, legs: pool.legs, name: `pool "${pool.name}"` }, withheld.get(pool) ?? []);
    }
    return this.#places;
  }

  #held(leg: Leg): HeldLeg | undefined {
    return this.#planSet.rows.get(leg.need.key)?.[leg.family];
  }

  /** Finds the legs whose row in the lock is what the plan asks for, as far as that can be told before anything is placed. */
  #settle(legs: readonly Leg[], outer: Prefix): void {
    for (const leg of legs) {
      const held = this.#held(leg);
      if (!held || !stays(leg, held, outer)) continue;
      this.#settled.add(leg);
      if (leg.legs.length > 0) this.#settle(leg.legs, held.prefix);
    }
  }

  #fill(outer: Outer, withheld: readonly HeldLeg[]): void {
    if (outer.legs.length === 0) return;
    const space = new FreeSpace(outer.prefix);
    const users: User[] = [];
    const take = (user: User): boolean => {
      if (!space.take(user.prefix, users.length)) return false;
      users.push(user);
      return true;
    };
    const fresh: Leg[] = [];
    for (const leg of outer.legs) {
      const held = this.#held(leg);
      if (!held || !stays(leg, held, outer.prefix)) fresh.push(leg);
      else if (take({ leg, prefix: held.prefix })) this.#places.set(leg, held.prefix);
      else this.#overlap(held, users[space.user(held.prefix) ?? -1]);
    }
    const inner = this.#withhold(outer, withheld, space, users, take);
    fresh.sort(byOrder);
    const later: Leg[] = [];
    for (const leg of fresh) if (!leg.exact || !this.#placeExact(leg, leg.exact, space, users, take)) if (!leg.exact) later.push(leg);
    const open = later.filter((leg) => !this.#resize(leg, outer, space, users));
    let exhausted = 0;
    for (const leg of open) {
      const prefix = space.find(leg.length, outer.strategy);
      if (prefix && take({ leg, prefix })) this.#places.set(leg, prefix);
      else if (exhausted++ === 0) this.#exhausted(leg, outer, space, open);
    }
    for (const leg of outer.legs) {
      const prefix = this.#places.get(leg);
      if (!prefix || leg.legs.length === 0) continue;
      const { need, pool } = leg;
      this.#fill({ prefix, strategy: need.strategy ?? pool.strategy, legs: leg.legs, name: `"${need.key}"` }, inner.get(leg) ?? []);
    }
  }

  /** Takes the space of rows that no leg rightly holds out of the free space; those inside a container are its own to withhold. */
  #withhold(outer: Outer, withheld: readonly HeldLeg[], space: FreeSpace, users: readonly User[], take: (user: User) => boolean): Map<Leg, HeldLeg[]> {
    const inner = new Map<Leg, HeldLeg[]>();
    const ordered = [...withheld].sort((a, b) => a.prefix.length - b.prefix.length || compareCodeUnits(a.key, b.key));
    for (const held of ordered) {
      const prefix = contains(held.prefix, outer.prefix) ? outer.prefix : held.prefix;
      if (this.#isPlaced(held)) continue;
      const hit = space.user(prefix);
      const user = hit === undefined ? undefined : users[hit];
      if (!user) take({ withheld: held, prefix });
      else if ('leg' in user) {
        if (user.leg.need.role === 'container' && contains(user.prefix, held.prefix)) {
          const list = inner.get(user.leg);
          if (list) list.push(held);
          else inner.set(user.leg, [held]);
        } else this.#overlap(held, user);
      }
    }
    return inner;
  }

  /** Whether a row that seemed misplaced turned out to lie rightly, because its holder grew around it. */
  #isPlaced(held: HeldLeg): boolean {
    const leg = this.#planSet.needs.get(held.key)?.[held.family];
    const place = leg && this.#places.get(leg);
    return place !== undefined && samePrefix(place, held.prefix);
  }

  #placeExact(leg: Leg, exact: Prefix, space: FreeSpace, users: User[], take: (user: User) => boolean): boolean {
    const { need } = leg;
    if (!contains(space.root, exact)) {
      this.#problems.error(
        'NET-OUTSIDE',
        `"${need.key}" asks for ${formatPrefix(exact)}, which lies outside of ${leg.holder ? `"${leg.holder.need.key}"` : `pool "${leg.pool.name}"`} (${formatPrefix(space.root)})`,
        {
          ...need.place,
          hint: 'choose a prefix inside it, or give the holder an exact prefix too',
        },
      );
      return false;
    }
    // What it held before may be part of what it asks for now.
    const own = this.#held(leg);
    if (own && overlaps(own.prefix, exact)) this.#giveBack(own, space, users);
    if (take({ leg, prefix: exact })) {
      this.#places.set(leg, exact);
      return true;
    }
    const user = users[space.user(exact) ?? -1];
    const other = user && describeUser(user);
    this.#problems.error('NET-OVERLAP', `"${need.key}" asks for ${formatPrefix(exact)}, which overlaps ${other?.text ?? 'another block'}`, {
      ...need.place,
      hint:
        other?.released === true
          ? 'drop the released row from the lock once nothing uses the block any more'
          : 'choose another prefix, or lay one inside the other with `in:`',
    });
    return false;
  }

  /** A key that asks for another size keeps its first address where it can: grown into free neighbours, or cut down. */
  #resize(leg: Leg, outer: Outer, space: FreeSpace, users: User[]): boolean {
    const held = this.#held(leg);
    if (!held || held.prefix.length === leg.length || !contains(outer.prefix, held.prefix)) return false;
    const wanted = leg.length < held.prefix.length ? truncate(held.prefix, leg.length) : { ...held.prefix, length: leg.length };
    if (!contains(outer.prefix, wanted) || !this.#giveBack(held, space, users)) return false;
    if (space.take(wanted, users.length)) {
      users.push({ leg, prefix: wanted });
      this.#places.set(leg, wanted);
      return true;
    }
    space.take(held.prefix, users.length);
    users.push({ withheld: held, prefix: held.prefix });
    return false;
  }

  #giveBack(held: HeldLeg, space: FreeSpace, users: readonly User[]): boolean {
    const user = users[space.user(held.prefix) ?? -1];
    return user !== undefined && 'withheld' in user && user.withheld === held && space.release(held.prefix);
  }

  #overlap(held: HeldLeg, user: User | undefined): void {
    const other = user && describeUser(user, this.#planSet);
    this.#problems.error('NET-OVERLAP', `"${held.key}" (${held.text}) overlaps ${other?.text ?? 'another block'}`, {
      ...held.place,
      hint: 'two rows of the locks hold the same addresses: restore the lock from version control, or drop one of the two rows',
    });
  }

  #exhausted(leg: Leg, outer: Outer, space: FreeSpace, open: readonly Leg[]): void {
    const { need } = leg;
    const missing = open.filter((other) => !this.#places.has(other) && other.length === leg.length).length;
    const free = [...space.blocks()];
    const shown = free.slice(0, 4).map(formatPrefix).join(', ');
    const largest = space.largest();
    const left =
      largest === undefined
        ? 'nothing is free'
        : `free: ${shown}${free.length > 4 ? ` and ${free.length - 4} more` : ''}; the largest free block is a /${largest}`;
    const others = missing > 1 ? ` (and ${missing - 1} more of that length)` : '';
    const strategy = outer.strategy === 'fixed' ? '; it takes exact prefixes only' : '';
    this.#problems.add(
      problem('NET-EXHAUSTED', `${outer.name} (${formatPrefix(outer.prefix)}) has no free /${leg.length} for "${need.key}"${others}: ${left}${strategy}`, {
        ...need.place,
        hint:
          largest !== undefined && largest <= bitsOf(leg.family)
            ? `ask for /${largest} or longer, move the need to another pool, or widen ${outer.name}`
            : `widen ${outer.name}, move the need to another pool, or drop released rows from its lock`,
      }),
    );
  }
}

/** Exact prefixes first, then the larger blocks, then the keys in order. */
function byOrder(one: Leg, other: Leg): number {
  return Number(other.exact !== undefined) - Number(one.exact !== undefined) || one.length - other.length || compareCodeUnits(one.need.key, other.need.key);
}

/** Whether what the lock holds is what the leg asks for. */
function stays(leg: Leg, held: HeldLeg, outer: Prefix): boolean {
  return held.prefix.length === leg.length && contains(outer, held.prefix) && (leg.exact === undefined || samePrefix(leg.exact, held.prefix));
}

/** The pools whose space a row holds: the one it names if it lies there, else any it overlaps. */
function poolsOf(pools: ReadonlyMap<string, Pool>, held: HeldLeg): readonly Pool[] {
  const named = pools.get(held.pool);
  if (named && contains(named.prefix, held.prefix)) return [named];
  return [...pools.values()].filter(({ prefix }) => overlaps(prefix, held.prefix));
}

function describeUser(user: User, planSet?: PlanSet): { text: string; released: boolean } {
  const at = (place: Place | undefined): string => (place ? `, ${place.file}:${place.line ?? 1}` : '');
  if ('withheld' in user) {
    const { withheld } = user;
    return { text: `"${withheld.key}" (${withheld.text}${withheld.released ? ', released' : ''}${at(withheld.place)})`, released: withheld.released };
  }
  const row: HeldLeg | undefined = planSet?.rows.get(user.leg.need.key)?.[user.leg.family satisfies Family];
  return { text: `"${user.leg.need.key}" (${formatPrefix(user.prefix)}${at(row?.place ?? user.leg.need.place)})`, released: false };
}
