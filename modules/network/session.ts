import { compareCodeUnits, Problems } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import { FreeSpace } from './free.ts';
import type { HeldLeg, Leg, PlanSet, Pool } from './model.ts';
import { inOrder } from './order.ts';
import { placeAll, poolOf, poolsOf, type Places } from './place.ts';
import { contains, type Prefix } from './prefix.ts';
import type { Role, Strategy } from './schema.ts';
import type { DiffRow, Family } from './types.ts';

/** One family of a need to be added: in a pool or in the block of a container. */
export interface AddedLeg {
  readonly pool?: string | undefined;
  /** Several pools, tried in this order. */
  readonly pools?: readonly string[] | undefined;
  readonly in?: string | undefined;
  readonly length: number;
  /** Length of the block to be kept free around it. */
  readonly growth?: number | undefined;
}

/** A need to be added that leaves its place open. */
export interface AddedNeed {
  readonly key: string;
  readonly role?: Role | undefined;
  readonly strategy?: Strategy | undefined;
  readonly legs: { readonly v4?: AddedLeg | undefined; readonly v6?: AddedLeg | undefined };
}

/** The inside of a pool or of a container's block. */
interface Inside {
  readonly space: FreeSpace;
  readonly strategy: Strategy;
  readonly pool: Pool;
}

/**
 * A plan that is placed and stays open, for callers that ask for one key after the other: each takes a walk through the
 * free space instead of a plan of everything. What it answers is what planning would with the need added to the plan and
 * the locks as allocating left them.
 */
export class AddressSession {
  readonly #planSet: PlanSet;
  readonly #places: Places;
  /** Placing found errors, so that nothing can be added before they are mended. */
  readonly #broken: boolean;
  /** Rows that hold space for nobody, by pool, larger ones first. */
  readonly #withheld = new Map<Pool, HeldLeg[]>();
  readonly #insides = new Map<Pool | Leg, Inside>();
  /** Added keys; containers among them with what is inside them. */
  readonly #added = new Map<string, { readonly v4?: Inside | undefined; readonly v6?: Inside | undefined }>();

  constructor(planSet: PlanSet) {
    const problems = new Problems();
    this.#planSet = planSet;
    this.#places = placeAll(planSet, problems);
    this.#broken = problems.hasErrors;
    for (const row of planSet.rows.values()) {
      for (const held of [row.v4, row.v6]) {
        if (!held || row.need?.[held.family]) continue;
        for (const pool of poolsOf(planSet.pools, held)) {
          const list = this.#withheld.get(pool);
          if (list) list.push(held);
          else this.#withheld.set(pool, [held]);
        }
      }
    }
    for (const list of this.#withheld.values()) list.sort((one, other) => one.prefix.length - other.prefix.length || compareCodeUnits(one.key, other.key));
  }

  /**
   * Places one more need and keeps it. Undefined, and nothing changed, where only planning in full can tell: the key is
   * known, something it names is not, or no block is free.
   */
  add(need: AddedNeed): readonly DiffRow[] | undefined {
    const { key, legs } = need;
    const { needs, rows } = this.#planSet;
    if (this.#broken || !/^[\x21-\x7e]+$/u.test(key) || needs.has(key) || rows.has(key) || this.#added.has(key)) return undefined;
    const found: { readonly family: Family; readonly outer: Inside; readonly room: Prefix; readonly prefix: Prefix }[] = [];
    for (const family of ['v4', 'v6'] as const) {
      const leg = legs[family];
      if (!leg) continue;
      const { length, growth = length } = leg;
      const outers = this.#outers(leg, family);
      if (!outers || growth > length) return undefined;
      const outer = outers.find(({ space, strategy }) => space.find(growth, strategy));
      const room = outer?.space.find(growth, outer.strategy);
      if (!outer || !room) return undefined;
      found.push({ family, outer, room, prefix: { ...room, length } });
    }
    const inner: { v4?: Inside; v6?: Inside } = {};
    // The two families never share a space.
    for (const { family, outer, room, prefix } of found) {
      outer.space.take(room, 0);
      if (need.role === 'container') inner[family] = { space: new FreeSpace(prefix), strategy: need.strategy ?? outer.pool.strategy, pool: outer.pool };
    }
    this.#added.set(key, inner);
    return found.map(({ family, outer, prefix }) => ({ key, family, pool: outer.pool.name, from: null, to: formatPrefix(prefix) }));
  }

  /** The insides a leg may lie in, in the order they are tried; undefined where one of them is none it can lie in. */
  #outers({ pool, pools, in: holder }: AddedLeg, family: Family): readonly Inside[] | undefined {
    if ([pool, pools, holder].filter((one) => one !== undefined).length !== 1) return undefined;
    const outers = holder === undefined ? (pools ?? [pool ?? '']).map((name) => this.#pool(name, family)) : [this.#holder(holder, family)];
    return outers.length === 0 || outers.includes(undefined) ? undefined : (outers as Inside[]);
  }

  #pool(name: string, family: Family): Inside | undefined {
    const pool = this.#planSet.pools.get(name);
    return pool?.prefix.family === family ? this.#inside(pool, pool, pool.prefix, pool.strategy) : undefined;
  }

  #holder(key: string, family: Family): Inside | undefined {
    const { needs } = this.#planSet;
    const holder = needs.get(key);
    if (!holder) return this.#added.get(key)?.[family];
    const outer = holder.role === 'container' ? holder[family] : undefined;
    const prefix = outer && this.#places.prefixes[outer.index];
    if (!prefix) return undefined;
    const pool = poolOf(this.#places, outer);
    return this.#inside(outer, pool, prefix, holder.strategy ?? pool.strategy);
  }

  /** Legs directly in a pool or container; one that could lie in several pools stands with another than it lies in. */
  #legsIn(outer: Pool | Leg): readonly Leg[] {
    const { pools } = this.#places;
    if ('need' in outer || pools.size === 0) return outer.legs;
    return [...outer.legs.filter((leg) => !pools.has(leg)), ...[...pools].flatMap(([leg, pool]) => (pool === outer ? [leg] : []))];
  }

  /** Worked out when it is first asked for. */
  #inside(outer: Pool | Leg, pool: Pool, prefix: Prefix, strategy: Strategy): Inside {
    const known = this.#insides.get(outer);
    if (known) return known;
    const { prefixes, reserves } = this.#places;
    const used: Prefix[] = [];
    for (const leg of this.#legsIn(outer)) {
      const place = reserves.get(leg) ?? prefixes[leg.index];
      if (place) used.push(place);
    }
    // What is placed does not overlap, and nobody asks who uses a block: all users are number 0.
    const space = FreeSpace.around(prefix, inOrder(used, prefix), new Array<number>(used.length).fill(0));
    // Not taken where a container in here holds the row: it is out of that one's space then.
    for (const held of this.#withheld.get(pool) ?? []) space.take(contains(held.prefix, prefix) ? prefix : held.prefix, 0);
    const inside = { space, strategy, pool };
    this.#insides.set(outer, inside);
    return inside;
  }
}
