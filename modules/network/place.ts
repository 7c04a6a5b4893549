import { compareCodeUnits, problem, type Place, type Problems } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import { FreeSpace } from './free.ts';
import type { HeldLeg, Leg, PlanSet, Pool } from './model.ts';
import { bitsOf, compareAddresses, contains, overlaps, samePrefix, subnetAt, truncate, type Prefix } from './prefix.ts';
import type { Strategy } from './schema.ts';

/** A block in use: a leg of the plan, or a row of a lock that holds space although no leg rightly lies there. */
type User = { readonly leg: Leg; readonly prefix: Prefix } | { readonly withheld: HeldLeg; readonly prefix: Prefix };

/** Ids of withheld rows begin here in the free space; those of legs are their index. */
const withheldIds = 1 << 29;

/** The inside of one pool or holder while it is filled. */
interface Inside {
  readonly outer: Outer;
  readonly space: FreeSpace;
  readonly withheld: HeldLeg[];
}

/** A pool or holder whose inside is being filled. */
interface Outer {
  readonly prefix: Prefix;
  readonly strategy: Strategy;
  readonly legs: readonly Leg[];
  /** `pool "gov-v4"`, `"province/01"`. */
  readonly name: string;
}

/** Where every leg lies, by its index; undefined for one that could not be placed. */
export type Places = readonly (Prefix | undefined)[];

/**
 * Places every leg of the plans: what the locks hold stays, then exact prefixes, then new needs by depth, length and key,
 * each where the strategy of its pool or holder puts it. A pure function of plans and locks: the order of files and needs
 * does not matter.
 */
export function placeAll(planSet: PlanSet, problems: Problems): Places {
  return new Placement(planSet, problems).run();
}

class Placement {
  readonly #places: (Prefix | undefined)[] = [];
  /** By index of the leg: 1 where its row in the lock is what the plan asks for. */
  readonly #settled: number[] = [];
  readonly #planSet: PlanSet;
  readonly #problems: Problems;

  constructor(planSet: PlanSet, problems: Problems) {
    this.#planSet = planSet;
    this.#problems = problems;
  }

  run(): Places {
    const { pools, rows } = this.#planSet;
    for (const pool of pools.values()) this.#settle(pool.legs, pool.prefix);
    const withheld = new Map<Pool, HeldLeg[]>();
    for (const row of rows.values()) {
      for (const held of [row.v4, row.v6]) {
        const leg = held && row.need?.[held.family];
        if (!held || (leg && this.#settled[leg.index] === 1)) continue;
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

  /** Finds the legs whose row in the lock is what the plan asks for, as far as that can be told before anything is placed. */
  #settle(legs: readonly Leg[], outer: Prefix): void {
    for (const leg of legs) {
      const { held } = leg;
      if (!held || !stays(leg, held, outer)) continue;
      this.#settled[leg.index] = 1;
      if (leg.legs.length > 0) this.#settle(leg.legs, held.prefix);
    }
  }

  #fill(outer: Outer, withheld: readonly HeldLeg[]): void {
    if (outer.legs.length === 0) return;
    const fresh: Leg[] = [];
    const kept: Leg[] = [];
    for (const leg of outer.legs) (leg.held && stays(leg, leg.held, outer.prefix) ? kept : fresh).push(leg);
    if (fresh.length === 0 && withheld.length === 0 && areDisjoint(kept)) {
      // Nothing is to be placed and nothing is wrong: what is free need not be known.
      for (const leg of kept) this.#places[leg.index] = leg.held?.prefix;
      this.#fillLegs(outer, new Map());
      return;
    }
    const space = new FreeSpace(outer.prefix);
    const inside: Inside = { outer, space, withheld: [] };
    for (const leg of inAddressOrder(kept, outer.prefix)) {
      const { held } = leg;
      if (!held) continue;
      if (space.take(held.prefix, leg.index)) this.#places[leg.index] = held.prefix;
      else this.#overlap(held, this.#userAt(inside, held.prefix));
    }
    const inner = this.#withhold(inside, withheld);
    fresh.sort(byOrder);
    for (const leg of fresh) {
      const exact = exactIn(leg, outer.prefix);
      if (exact) this.#placeExact(leg, exact, inside);
    }
    const open = fresh.filter((leg) => !isExact(leg) && !this.#resize(leg, inside));
    let exhausted = false;
    for (const leg of open) {
      const prefix = space.find(leg.length, outer.strategy);
      if (prefix && space.take(prefix, leg.index)) this.#places[leg.index] = prefix;
      else {
        if (!exhausted) this.#exhausted(leg, outer, space, open);
        exhausted = true;
      }
    }
    this.#fillLegs(outer, inner);
  }

  #fillLegs(outer: Outer, inner: ReadonlyMap<Leg, readonly HeldLeg[]>): void {
    for (const leg of outer.legs) {
      const prefix = leg.legs.length === 0 ? undefined : this.#places[leg.index];
      if (!prefix) continue;
      const { need, pool } = leg;
      this.#fill({ prefix, strategy: need.strategy ?? pool.strategy, legs: leg.legs, name: `"${need.key}"` }, inner.get(leg) ?? []);
    }
  }

  /** Who uses (part of) a prefix. Searching the legs is slow, but only problems and withheld rows ask. */
  #userAt({ outer, space, withheld }: Inside, prefix: Prefix): User | undefined {
    const id = space.user(prefix);
    if (id === undefined) return undefined;
    if (id >= withheldIds) {
      const row = withheld[id - withheldIds];
      return row && { withheld: row, prefix: row.prefix };
    }
    const leg = this.#legByIndex(outer).get(id);
    const place = leg && this.#places[leg.index];
    return leg && place && { leg, prefix: place };
  }

  readonly #byIndex = new Map<Outer, ReadonlyMap<number, Leg>>();

  #legByIndex(outer: Outer): ReadonlyMap<number, Leg> {
    let map = this.#byIndex.get(outer);
    if (!map) {
      map = new Map(outer.legs.map((leg) => [leg.index, leg]));
      this.#byIndex.set(outer, map);
    }
    return map;
  }

  /** Takes the space of rows that no leg rightly holds out of the free space; those inside a container are its own to withhold. */
  #withhold(inside: Inside, rows: readonly HeldLeg[]): Map<Leg, HeldLeg[]> {
    const inner = new Map<Leg, HeldLeg[]>();
    const { outer } = inside;
    const ordered = [...rows].sort((a, b) => a.prefix.length - b.prefix.length || compareCodeUnits(a.key, b.key));
    for (const held of ordered) {
      const prefix = contains(held.prefix, outer.prefix) ? outer.prefix : held.prefix;
      if (this.#isPlaced(held)) continue;
      const user = this.#userAt(inside, prefix);
      if (!user) inside.space.take(prefix, withheldIds + inside.withheld.push(held) - 1);
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
    const place = leg && this.#places[leg.index];
    return place !== undefined && samePrefix(place, held.prefix);
  }

  #placeExact(leg: Leg, exact: Prefix, inside: Inside): void {
    const { need, held } = leg;
    const { space } = inside;
    if (!contains(space.root, exact)) {
      this.#problems.error(
        'NET-OUTSIDE',
        `"${need.key}" asks for ${formatPrefix(exact)}, which lies outside of ${inside.outer.name} (${formatPrefix(space.root)})`,
        { ...need.place, hint: 'choose a prefix inside it, or give the holder an exact prefix too' },
      );
      return;
    }
    // What it held before may be part of what it asks for now.
    if (held && overlaps(held.prefix, exact)) this.#giveBack(held, inside);
    if (space.take(exact, leg.index)) {
      this.#places[leg.index] = exact;
      return;
    }
    const user = this.#userAt(inside, exact);
    const other = user && describeUser(user);
    this.#problems.error('NET-OVERLAP', `"${need.key}" asks for ${formatPrefix(exact)}, which overlaps ${other?.text ?? 'another block'}`, {
      ...need.place,
      hint:
        other?.released === true
          ? 'drop the released row from the lock once nothing uses the block any more'
          : 'choose another prefix, or lay one inside the other with `in:`',
    });
  }

  /** A key that asks for another size keeps its first address where it can: grown into free neighbours, or cut down. */
  #resize(leg: Leg, inside: Inside): boolean {
    const { held } = leg;
    const { space, outer } = inside;
    if (!held || held.prefix.length === leg.length || !contains(outer.prefix, held.prefix)) return false;
    const wanted = leg.length < held.prefix.length ? truncate(held.prefix, leg.length) : { ...held.prefix, length: leg.length };
    if (!contains(outer.prefix, wanted) || !this.#giveBack(held, inside)) return false;
    if (space.take(wanted, leg.index)) {
      this.#places[leg.index] = wanted;
      return true;
    }
    space.take(held.prefix, withheldIds + inside.withheld.indexOf(held));
    return false;
  }

  #giveBack(held: HeldLeg, { space, withheld }: Inside): boolean {
    const id = space.user(held.prefix);
    return id !== undefined && withheld[id - withheldIds] === held && space.release(held.prefix);
  }

  #overlap(held: HeldLeg, user: User | undefined): void {
    const other = user && describeUser(user);
    this.#problems.error('NET-OVERLAP', `"${held.key}" (${held.text}) overlaps ${other?.text ?? 'another block'}`, {
      ...held.place,
      hint: 'two rows of the locks hold the same addresses: restore the lock from version control, or drop one of the two rows',
    });
  }

  #exhausted(leg: Leg, outer: Outer, space: FreeSpace, open: readonly Leg[]): void {
    const { need } = leg;
    const missing = open.filter((other) => !this.#places[other.index] && other.length === leg.length).length;
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
  return Number(isExact(other)) - Number(isExact(one)) || one.length - other.length || compareCodeUnits(one.need.key, other.need.key);
}

/** Whether what the lock holds is what the leg asks for. */
function stays(leg: Leg, held: HeldLeg, outer: Prefix): boolean {
  if (held.prefix.length !== leg.length || !contains(outer, held.prefix)) return false;
  const exact = exactIn(leg, outer);
  return exact === undefined || samePrefix(exact, held.prefix);
}

/** Whether the plan says where a leg lies. */
function isExact({ exact, at }: Leg): boolean {
  return exact !== undefined || at !== undefined;
}

/** Where the plan says that a leg lies: by its prefix, or by its number in what it lies in. */
function exactIn({ exact, at, length }: Leg, outer: Prefix): Prefix | undefined {
  return at === undefined ? exact : subnetAt(outer, length, at);
}

/** Whether no two of what the legs hold overlap. */
function areDisjoint(legs: readonly Leg[]): boolean {
  const held: Prefix[] = [];
  for (const leg of legs) if (leg.held) held.push(leg.held.prefix);
  held.sort(compareAddresses);
  // In order of address, a block that overlaps any other overlaps its neighbour.
  for (let index = 1; index < held.length; index++) {
    const before = held[index - 1];
    const block = held[index];
    if (before && block && overlaps(before, block)) return false;
  }
  return true;
}

/** The pools whose space a row holds: the one it names if it lies there, else any it overlaps. */
export function poolsOf(pools: ReadonlyMap<string, Pool>, held: HeldLeg): readonly Pool[] {
  const named = pools.get(held.pool);
  if (named && contains(named.prefix, held.prefix)) return [named];
  return [...pools.values()].filter(({ prefix }) => overlaps(prefix, held.prefix));
}

/**
 * Legs in about the order of what they hold: neighbours in the address space are then neighbours in time, and the walks
 * through the tree of free blocks find its nodes in the processor's cache. Only speed depends on it.
 */
function inAddressOrder(legs: readonly Leg[], outer: Prefix): readonly Leg[] {
  if (legs.length < 1000 || legs.length > 1 << 21) return legs;
  const keys = new Float64Array(legs.length);
  const word = outer.length >> 5;
  const shift = outer.length & 31;
  legs.forEach(({ held }, index) => {
    if (!held) return;
    const words = [held.prefix.a, held.prefix.b, held.prefix.c, held.prefix.d, 0];
    const high = words[word] ?? 0;
    const bits = shift === 0 ? high : ((high << shift) | ((words[word + 1] ?? 0) >>> (32 - shift))) >>> 0;
    keys[index] = bits * 2 ** 21 + index;
  });
  keys.sort();
  const ordered: Leg[] = [];
  for (const key of keys) {
    const leg = legs[key % 2 ** 21];
    if (leg) ordered.push(leg);
  }
  return ordered;
}

function describeUser(user: User): { text: string; released: boolean } {
  const at = (place: Place | undefined): string => (place ? `, ${place.file}:${place.line ?? 1}` : '');
  if ('withheld' in user) {
    const { withheld } = user;
    return { text: `"${withheld.key}" (${withheld.text}${withheld.released ? ', released' : ''}${at(withheld.place)})`, released: withheld.released };
  }
  const { held, need } = user.leg;
  const place = held && samePrefix(held.prefix, user.prefix) ? held.place : need.place;
  return { text: `"${need.key}" (${formatPrefix(user.prefix)}${at(place)})`, released: false };
}
