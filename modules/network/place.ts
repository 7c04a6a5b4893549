import { compareCodeUnits, type Problems } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import { FreeSpace } from './free.ts';
import type { HeldLeg, Leg, PlanSet, Pool } from './model.ts';
import { areDisjoint, order } from './order.ts';
import { describeUser, exhausted, footprint, noRoomToGrow, type User } from './place-problems.ts';
import { contains, overlaps, samePrefix, subnetAt, truncate, type Prefix } from './prefix.ts';
import type { Strategy } from './schema.ts';

/** Ids of withheld rows begin here in the free space; those of legs are their index. */
const withheldIds = 1 << 29;

/** A pool or holder whose inside is being filled. */
export interface Outer {
  readonly prefix: Prefix;
  readonly strategy: Strategy;
  readonly legs: readonly Leg[];
  /** `pool "gov-v4"`, `"province/01"`. */
  readonly name: string;
  readonly pool: Pool;
}

/** The inside of one pool or holder while it is filled. */
export interface Inside {
  readonly outer: Outer;
  readonly space: FreeSpace;
  /** Rows of locks that hold space here although no leg rightly lies there. */
  readonly withheld: HeldLeg[];
  /** Rows that lie in the block of a container, or of a row that is withheld: whoever gets that block withholds them inside of it. */
  readonly inner: Map<Leg | HeldLeg, HeldLeg[]>;
  /** Legs that keep more than their own block. */
  readonly growing: Leg[];
  /** Legs that still look for a place. */
  open: Leg[];
}

/** Where every leg lies. */
export interface Places {
  /** By index of the leg; undefined for one that could not be placed. */
  readonly prefixes: readonly (Prefix | undefined)[];
  /** The pools of legs that found their place in another one of theirs than `leg.pool`. */
  readonly pools: ReadonlyMap<Leg, Pool>;
  /** What is kept free around legs for their growth, themselves included. */
  readonly reserves: ReadonlyMap<Leg, Prefix>;
}

/**
 * Places every leg of the plans: what the locks hold stays, with the room around it that it is to keep for its growth; then
 * exact prefixes; then new needs by depth, length (of the block kept for growth, if any) and key, each where the strategy of
 * its pool or holder puts it, of several pools in the first that has room. A pure function of plans and locks: the order of
 * files and needs does not matter.
 */
export function placeAll(planSet: PlanSet, problems: Problems): Places {
  return new Placement(planSet, problems).run();
}

/** The pool a leg lies in once it is placed: what lies in a holder lies in the holder's. */
export function poolOf({ pools }: Places, leg: Leg): Pool {
  if (pools.size === 0) return leg.pool;
  let top = leg;
  while (top.holder) top = top.holder;
  return pools.get(top) ?? leg.pool;
}

class Placement {
  readonly #prefixes: (Prefix | undefined)[] = [];
  readonly #pools = new Map<Leg, Pool>();
  readonly #reserves = new Map<Leg, Prefix>();
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
    const rest = (pool: Pool): readonly HeldLeg[] => withheld.get(pool) ?? [];
    // Pools that some leg may choose between are filled together: what one is full of goes to the next.
    const linked = new Set<Pool>();
    for (const pool of pools.values()) for (const leg of pool.legs) leg.pools?.forEach((other) => linked.add(other));
    this.#fill([...pools.values()].filter((pool) => linked.has(pool)).map((pool) => [outerOf(pool), rest(pool)]));
    for (const pool of pools.values()) if (!linked.has(pool)) this.#fill([[outerOf(pool), rest(pool)]]);
    return { prefixes: this.#prefixes, pools: this.#pools, reserves: this.#reserves };
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

  /** Fills pools that share legs, or one pool or holder by itself, and then what lies in it. */
  #fill(outers: readonly (readonly [Outer, readonly HeldLeg[]])[]): void {
    const insides: Inside[] = [];
    for (const [outer, withheld] of outers) {
      if (outers.length === 1 && outer.legs.length === 0) return;
      const inside = this.#begin(outer, withheld, outers.length === 1);
      if (inside) insides.push(inside);
    }
    this.#placeOpen(insides);
    for (const [outer] of outers) {
      const inner = insides.find((inside) => inside.outer === outer)?.inner;
      for (const leg of outer.legs) {
        const prefix = leg.legs.length === 0 ? undefined : this.#prefixes[leg.index];
        if (!prefix) continue;
        const { need } = leg;
        const pool = leg.holder ? outer.pool : (this.#pools.get(leg) ?? outer.pool);
        const rows = inner?.get(leg) ?? (leg.held && inner?.get(leg.held)) ?? [];
        this.#fill([[{ prefix, strategy: need.strategy ?? pool.strategy, legs: leg.legs, name: `"${need.key}"`, pool }, rows]]);
      }
    }
  }

  /** Everything that has a right to a certain place; undefined where that is all there is (`alone`) and nothing is wrong. */
  #begin(outer: Outer, withheld: readonly HeldLeg[], alone: boolean): Inside | undefined {
    const fresh: Leg[] = [];
    const kept: Leg[] = [];
    const held: Prefix[] = [];
    let grows = false;
    for (const leg of outer.legs) {
      if (leg.growth !== undefined) grows = true;
      if (leg.held && stays(leg, leg.held, outer.prefix)) {
        kept.push(leg);
        held.push(leg.held.prefix);
      } else fresh.push(leg);
    }
    const numbers = order(held, outer.prefix);
    const ordered = numbers.map((at) => held[at] as Prefix);
    const disjoint = areDisjoint(ordered);
    if (disjoint) kept.forEach((leg, at) => (this.#prefixes[leg.index] = held[at]));
    // Nothing is to be placed: what is free need not be known.
    if (alone && disjoint && fresh.length === 0 && withheld.length === 0 && !grows) return undefined;
    const space = disjoint
      ? FreeSpace.around(
          outer.prefix,
          ordered,
          numbers.map((at) => kept[at]?.index ?? 0),
        )
      : new FreeSpace(outer.prefix);
    const inside: Inside = { outer, space, withheld: [], inner: new Map(), growing: [], open: [] };
    for (const at of disjoint ? [] : numbers) {
      const leg = kept[at];
      if (!leg?.held) continue;
      if (space.take(leg.held.prefix, leg.index)) this.#prefixes[leg.index] = leg.held.prefix;
      else this.#overlap(leg.held, this.#userAt(inside, leg.held.prefix));
    }
    this.#withhold(inside, withheld);
    // Two blocks that stand never contend for room: the largest free block around one does not hold the other.
    for (const leg of grows ? kept : []) this.#keepRoom(leg, inside);
    fresh.sort(byOrder);
    const resized = new Set(grows ? fresh.filter((leg) => leg.growth !== undefined && !isExact(leg) && this.#resize(leg, inside)) : []);
    for (const leg of fresh) {
      const exact = exactIn(leg, outer.prefix);
      if (exact) this.#placeExact(leg, exact, inside);
    }
    for (const leg of grows ? fresh : []) if (isExact(leg)) this.#keepRoom(leg, inside);
    inside.open = fresh.filter((leg) => !isExact(leg) && !resized.has(leg) && !this.#resize(leg, inside));
    return inside;
  }

  #placeOpen(insides: readonly Inside[]): void {
    const [first] = insides;
    if (!first) return;
    const open = insides.length === 1 ? first.open : insides.flatMap((inside) => inside.open).sort(byOrder);
    const byPool = new Map(insides.map((inside) => [inside.outer.pool, inside]));
    const reported = new Set<string>();
    for (const leg of open) {
      const only = insides.length === 1 ? first : byPool.get(leg.pool);
      const tried = leg.pools && !leg.holder ? leg.pools.flatMap((pool) => byPool.get(pool) ?? []) : only ? [only] : [];
      if (tried.some((inside) => this.#placeIn(leg, inside))) continue;
      const names = tried.map(({ outer }) => outer.name).join();
      if (!reported.has(names)) this.#problems.add(exhausted(leg, tried, open, { prefixes: this.#prefixes, pools: this.#pools, reserves: this.#reserves }));
      reported.add(names);
    }
  }

  #placeIn(leg: Leg, inside: Inside): boolean {
    const { outer, space } = inside;
    const room = space.find(footprint(leg), outer.strategy);
    if (!room || !space.take(room, leg.index)) return false;
    this.#set(leg, room.length === leg.length ? room : { ...room, length: leg.length }, room, inside);
    if (!leg.holder && outer.pool !== leg.pool) this.#pools.set(leg, outer.pool);
    return true;
  }

  #set(leg: Leg, prefix: Prefix, room: Prefix, inside: Inside): void {
    this.#prefixes[leg.index] = prefix;
    if (room.length === prefix.length) return;
    this.#reserves.set(leg, room);
    inside.growing.push(leg);
  }

  /** Keeps the room around a block that stands, as much as is free of what was asked for. */
  #keepRoom(leg: Leg, inside: Inside): void {
    const { growth } = leg;
    const prefix = this.#prefixes[leg.index];
    if (growth === undefined || !prefix || growth >= prefix.length || !inside.space.release(prefix)) return;
    this.#takeRoom(leg, prefix, inside);
  }

  /** Takes a free block with the largest free room around it, up to what its leg asks for. False where the block itself is not free. */
  #takeRoom(leg: Leg, prefix: Prefix, inside: Inside): boolean {
    const { space, outer } = inside;
    const wanted = Math.min(leg.growth ?? prefix.length, prefix.length);
    let inTheWay: User | undefined;
    for (let length = Math.max(wanted, outer.prefix.length); length <= prefix.length; length++) {
      const room = length === prefix.length ? prefix : truncate(prefix, length);
      if (!space.take(room, leg.index)) {
        inTheWay = this.#userAt(inside, room);
        continue;
      }
      this.#set(leg, prefix, room, inside);
      if (length > wanted) this.#problems.add(noRoomToGrow(leg, prefix, length, inTheWay));
      return true;
    }
    return false;
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
    const place = leg && this.#prefixes[leg.index];
    if (!leg || !place) return undefined;
    const room = this.#reserves.get(leg);
    return room && !overlaps(place, prefix) ? { leg, prefix: place, room } : { leg, prefix: place };
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
  #withhold(inside: Inside, rows: readonly HeldLeg[]): void {
    const { outer, inner } = inside;
    const ordered = [...rows].sort((a, b) => a.prefix.length - b.prefix.length || compareCodeUnits(a.key, b.key));
    const pass = (to: Leg | HeldLeg, held: HeldLeg): void => {
      const list = inner.get(to);
      if (list) list.push(held);
      else inner.set(to, [held]);
    };
    for (const held of ordered) {
      const prefix = contains(held.prefix, outer.prefix) ? outer.prefix : held.prefix;
      if (this.#isPlaced(held)) continue;
      const user = this.#userAt(inside, prefix);
      if (!user) inside.space.take(prefix, withheldIds + inside.withheld.push(held) - 1);
      else if ('withheld' in user) pass(user.withheld, held);
      else if (user.leg.need.role === 'container' && contains(user.prefix, held.prefix)) pass(user.leg, held);
      else this.#overlap(held, user);
    }
  }

  /** Whether a row that seemed misplaced turned out to lie rightly, because its holder grew around it. */
  #isPlaced(held: HeldLeg): boolean {
    const leg = this.#planSet.needs.get(held.key)?.[held.family];
    const place = leg && this.#prefixes[leg.index];
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
      this.#prefixes[leg.index] = exact;
      return;
    }
    const user = this.#userAt(inside, exact);
    const other = user && describeUser(user);
    this.#problems.error('NET-OVERLAP', `"${need.key}" asks for ${formatPrefix(exact)}, which overlaps ${other?.text ?? 'another block'}`, {
      ...need.place,
      hint:
        other?.released === true
          ? 'drop the released row from the lock once nothing uses the block any more'
          : other?.reserved === true
            ? 'choose another prefix, or let the other key keep less room with its `growth`'
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
    if (this.#takeRoom(leg, wanted, inside)) return true;
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
}

function outerOf(pool: Pool): Outer {
  return { prefix: pool.prefix, strategy: pool.strategy, legs: pool.legs, name: `pool "${pool.name}"`, pool };
}

/** Exact prefixes first, then the larger blocks, then the keys in order. */
function byOrder(one: Leg, other: Leg): number {
  return Number(isExact(other)) - Number(isExact(one)) || footprint(one) - footprint(other) || compareCodeUnits(one.need.key, other.need.key);
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

/** The pools whose space a row holds: the one it names if it lies there, else any it overlaps. */
export function poolsOf(pools: ReadonlyMap<string, Pool>, held: HeldLeg): readonly Pool[] {
  const named = pools.get(held.pool);
  if (named && contains(named.prefix, held.prefix)) return [named];
  return [...pools.values()].filter(({ prefix }) => overlaps(prefix, held.prefix));
}
