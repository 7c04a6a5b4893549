import { didYouMean, type Place } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import type { Collected } from './load.ts';
import type { HeldLeg, Leg, Need, Pool, Subject } from './model.ts';
import { isFault, prefixProblem, readPrefix } from './parse.ts';
import { bitsOf, contains, type Prefix } from './prefix.ts';
import type { Role, Strategy } from './schema.ts';
import type { Family } from './types.ts';

/** A leg as written, before its pool and holder are looked up. */
export interface RawLeg {
  readonly pool?: string | undefined;
  readonly pools?: readonly string[] | undefined;
  readonly in?: string | undefined;
  readonly length?: number | undefined;
  readonly prefix?: string | undefined;
  readonly growth?: number | undefined;
  /** Number of the block in its pool or holder. */
  readonly at?: string | undefined;
  /** Place of one field; '' is the leg itself. */
  locate(field: '' | 'pool' | 'pools' | 'in' | 'length' | 'prefix' | 'at' | 'growth'): Place;
}

export interface UnresolvedNeed {
  readonly key: string;
  readonly role: Role;
  readonly strategy?: Strategy | undefined;
  readonly owner?: string | undefined;
  readonly subject?: Subject | undefined;
  readonly plan: number;
  readonly place: Place;
  /** The short form: one leg whose family follows from its pool or holder. */
  readonly short?: RawLeg | undefined;
  readonly v4?: RawLeg | undefined;
  readonly v6?: RawLeg | undefined;
}

/** A leg with its surroundings: what it lies in, and in the end in which pool. */
interface Surroundings {
  readonly pool: Pool;
  readonly pools?: readonly Pool[] | undefined;
  readonly holder?: Leg | undefined;
}

/**
 * Looks up the pool and the holder of every need. `whole` tells that all files were read, so that a missing name
 * is a fault of the need and not of an unreadable file.
 */
export function resolveNeeds(collected: Collected, pools: ReadonlyMap<string, Pool>, whole: boolean): Map<string, Need> {
  const resolver = new Resolver(collected, pools, whole);
  for (const raw of collected.needs.values()) resolver.resolve(raw);
  return resolver.needs;
}

class Resolver {
  readonly needs = new Map<string, Need>();
  #legs = 0;
  readonly #running: string[] = [];
  readonly #runningSet = new Set<string>();
  readonly #broken = new Set<string>();
  readonly #collected: Collected;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #whole: boolean;

  constructor(collected: Collected, pools: ReadonlyMap<string, Pool>, whole: boolean) {
    this.#collected = collected;
    this.#pools = pools;
    this.#whole = whole;
  }

  resolve(raw: UnresolvedNeed): Need | undefined {
    const known = this.needs.get(raw.key);
    if (known || (this.#broken.size > 0 && this.#broken.has(raw.key))) return known;
    const { key, role, strategy, owner, subject, place, plan } = raw;
    const row = this.#collected.rows.get(key);
    // Every field from the beginning: one that comes later would cost an object of its own.
    const need: Need = { key, role, strategy, owner, subject, place, plan, v4: undefined, v6: undefined, row };
    // Only what lies in another key can come back to itself.
    const inside = (raw.short ?? raw.v4)?.in !== undefined || raw.v6?.in !== undefined;
    if (inside) {
      this.#running.push(key);
      this.#runningSet.add(key);
    }
    let good = true;
    if (raw.short) good = this.#addLeg(need, raw.short, undefined);
    if (raw.v4) good = this.#addLeg(need, raw.v4, 'v4') && good;
    if (raw.v6) good = this.#addLeg(need, raw.v6, 'v6') && good;
    if (inside) {
      this.#running.pop();
      this.#runningSet.delete(key);
    }
    if (good) {
      this.needs.set(key, need);
      if (row) row.need = need;
    } else this.#broken.add(key);
    return good ? need : undefined;
  }

  #addLeg(need: Need, raw: RawLeg, wanted: Family | undefined): boolean {
    const found = this.#surroundings(need, raw, wanted);
    if (!found) return false;
    const { family } = found.pool.prefix;
    const size = this.#size(need, raw, found);
    if (!size || !this.#hasRoomToGrow(need, raw, found, size.length)) return false;
    const { holder } = found;
    const held = need.row?.[family];
    const pool = found.pools ? homeOf(found.pools, held, size.exact) : found.pool;
    const leg: Leg = {
      index: this.#legs++,
      held,
      need,
      family,
      pool,
      pools: size.exact ? undefined : found.pools,
      holder,
      length: size.length,
      growth: raw.growth,
      exact: size.exact,
      at: size.at,
      legs: need.role === 'container' ? [] : none,
    };
    need[family] = leg;
    (holder ?? pool).legs.push(leg);
    return true;
  }

  #surroundings(need: Need, raw: RawLeg, wanted: Family | undefined): Surroundings | undefined {
    const { problems } = this.#collected;
    if (raw.pools) return this.#several(need, raw, raw.pools, wanted);
    let pool: Pool | undefined;
    if (raw.pool !== undefined) {
      pool = this.#pool(need, raw.pool, wanted, raw.locate('pool'));
      if (!pool) return undefined;
    }
    if (raw.in === undefined) return pool && { pool };
    const holder = this.#holder(need, raw, raw.in, wanted);
    if (!holder) return undefined;
    if (pool && pool.name !== holder.pool.name) {
      problems.error('NET-POOL-MISMATCH', `"${need.key}" names pool "${pool.name}", but "${raw.in}" lies in pool "${holder.pool.name}"`, {
        ...raw.locate('pool'),
        hint: 'leave the pool out: it follows from the holder',
      });
      return undefined;
    }
    return { pool: holder.pool, holder };
  }

  #pool(need: Need, name: string, wanted: Family | undefined, place: Place): Pool | undefined {
    const { problems, pools } = this.#collected;
    const pool = this.#pools.get(name);
    if (!pool) {
      // A pool that is declared but wrong has been reported already.
      if (this.#whole && !pools.has(name)) {
        problems.error('NET-POOL-UNKNOWN', `"${need.key}" names pool "${name}", which no plan has`, {
          ...place,
          hint: didYouMean(name, pools.keys()) ?? (this.#pools.size > 0 ? `pools: ${[...this.#pools.keys()].join(', ')}` : 'add it under `pools:`'),
        });
      }
      return undefined;
    }
    if (wanted !== undefined && pool.prefix.family !== wanted) {
      problems.error('NET-FAMILY', `the ${wanted} leg of "${need.key}" names pool "${pool.name}", which is ${pool.prefix.family}`, {
        ...place,
        hint: `choose a ${wanted} pool, or move the leg to ${pool.prefix.family}`,
      });
      return undefined;
    }
    return pool;
  }

  /** Pools in the order they are to be tried; all of one family. */
  #several(need: Need, raw: RawLeg, names: readonly string[], wanted: Family | undefined): Surroundings | undefined {
    const { problems } = this.#collected;
    const place = raw.locate('pools');
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      problems.error('NET-NEED', `"${need.key}" names pool "${twice}" twice`, { ...place, hint: 'each pool is tried once, in the order written' });
      return undefined;
    }
    const pools = names.map((name) => this.#pool(need, name, wanted, place));
    const [first] = pools;
    if (!first || pools.includes(undefined)) return undefined;
    const found = pools as Pool[];
    const other = found.find(({ prefix }) => prefix.family !== first.prefix.family);
    if (other) {
      problems.error('NET-FAMILY', `"${need.key}" names pool "${first.name}" (${first.prefix.family}) and pool "${other.name}" (${other.prefix.family})`, {
        ...place,
        hint: 'the pools of one leg are of one family; write legs: { v4: ..., v6: ... } for both',
      });
      return undefined;
    }
    return found.length === 1 ? { pool: first } : { pool: first, pools: found };
  }

  #holder(need: Need, raw: RawLeg, key: string, wanted: Family | undefined): Leg | undefined {
    const { problems } = this.#collected;
    const place = raw.locate('in');
    const unresolved = this.#collected.needs.get(key);
    if (!unresolved) {
      if (this.#whole) {
        problems.error('NET-HOLDER-UNKNOWN', `"${need.key}" lies in "${key}", which no plan needs`, {
          ...place,
          hint: didYouMean(key, containers(this.#collected)) ?? 'add a need with that key and `role: container`',
        });
      }
      return undefined;
    }
    if (unresolved.role !== 'container') {
      problems.error('NET-HOLDER-ROLE', `"${need.key}" lies in "${key}" (${unresolved.place.file}:${unresolved.place.line ?? 1}), which is no container`, {
        ...place,
        hint: `add \`role: container\` to "${key}", or choose another holder`,
      });
      return undefined;
    }
    if (this.#runningSet.has(key)) {
      const circle = [...this.#running.slice(this.#running.indexOf(key)), key];
      problems.error('NET-HOLDER-CYCLE', `needs lie in each other in a circle: ${circle.join(' -> ')}`, { ...place, hint: 'one of them must lie in a pool' });
      return undefined;
    }
    const holder = this.resolve(unresolved);
    if (!holder) return undefined;
    const { v4, v6 } = holder;
    if (wanted === undefined && v4 && v6) {
      problems.error('NET-FAMILY', `"${need.key}" lies in "${key}", which has IPv4 and IPv6: which one is meant?`, {
        ...place,
        hint: `write legs: { v4: { in: ${key}, ... }, v6: { in: ${key}, ... } }`,
      });
      return undefined;
    }
    const leg = wanted === undefined ? (v4 ?? v6) : holder[wanted];
    if (!leg) {
      problems.error('NET-FAMILY', `the ${wanted ?? ''} leg of "${need.key}" lies in "${key}", which has no ${wanted ?? ''} block`, {
        ...place,
        hint: `give "${key}" a ${wanted ?? ''} leg, or leave this leg out`,
      });
    }
    return leg;
  }

  #size(need: Need, raw: RawLeg, { pool, pools, holder }: Surroundings): { length: number; exact?: Prefix; at?: bigint } | undefined {
    const { problems } = this.#collected;
    const { family } = pool.prefix;
    const outers = pools ?? [pool];
    let exact: Prefix | undefined;
    if (raw.prefix !== undefined) {
      const read = readPrefix(raw.prefix);
      if (isFault(read)) {
        problems.add(prefixProblem(raw.prefix, read, raw.locate('prefix')));
        return undefined;
      }
      if (read.family !== family) {
        problems.error('NET-FAMILY', `"${need.key}" asks for ${raw.prefix}, but pool "${pool.name}" is ${family}`, {
          ...raw.locate('prefix'),
          hint: `choose a ${read.family} pool`,
        });
        return undefined;
      }
      exact = read;
    }
    const length = exact?.length ?? raw.length ?? 0;
    const place = raw.locate(exact ? 'prefix' : 'length');
    if (length > bitsOf(family)) {
      problems.error('NET-LENGTH', `"${need.key}": /${length} is no ${family} length`, { ...place, hint: `a length is at most ${bitsOf(family)}` });
      return undefined;
    }
    const outer = holder?.length ?? Math.min(...outers.map(({ prefix }) => prefix.length));
    if (length < outer) {
      problems.error(
        'NET-LENGTH',
        `"${need.key}": a /${length} is larger than ${holder ? `"${holder.need.key}" (/${outer})` : `pool "${pool.name}" (${formatPrefix(pool.prefix)})`} it lies in`,
        {
          ...place,
          hint: `ask for /${outer} or longer, or choose a larger holder`,
        },
      );
      return undefined;
    }
    const outside = exact && (holder?.exact ?? pool.prefix);
    if (exact && outside && !(holder?.exact ? contains(outside, exact) : outers.some(({ prefix }) => contains(prefix, exact)))) {
      problems.error(
        'NET-OUTSIDE',
        `"${need.key}" asks for ${formatPrefix(exact)}, which lies outside of ${holder?.exact ? `"${holder.need.key}"` : `pool "${pool.name}"`} (${formatPrefix(outside)})`,
        {
          ...place,
          hint: 'choose a prefix inside it, or another pool',
        },
      );
      return undefined;
    }
    if (raw.at !== undefined) return this.#numbered(need, raw, raw.at, length, outer);
    const [strategy] = outers.map((one) => holder?.need.strategy ?? one.strategy).filter((one) => one === 'fixed' || one === 'mapped');
    if (!exact && strategy !== undefined) {
      problems.error(
        'NET-FIXED',
        `"${need.key}" leaves its place open, but ${holder?.need.strategy ? `"${holder.need.key}"` : `pool "${outers.find((one) => one.strategy === strategy)?.name ?? pool.name}"`} takes exact prefixes${strategy === 'mapped' ? ' and numbers' : ''} only`,
        {
          ...place,
          hint:
            strategy === 'mapped'
              ? 'add `at: "{FIELD}"`, or give the pool another strategy'
              : 'write `prefix:` instead of `length:`, or give the pool another strategy',
        },
      );
      return undefined;
    }
    return exact ? { length, exact } : { length };
  }

  /** Whether what is kept for growth is not larger than what it lies in, nor smaller than the block itself. */
  #hasRoomToGrow(need: Need, raw: RawLeg, { pool, pools, holder }: Surroundings, length: number): boolean {
    const { growth } = raw;
    if (growth === undefined) return true;
    const outer = holder?.length ?? Math.min(...(pools ?? [pool]).map(({ prefix }) => prefix.length));
    if (growth >= outer && growth <= length) return true;
    this.#collected.problems.error(
      'NET-GROWTH-LENGTH',
      growth > length
        ? `"${need.key}" is a /${length}, so it cannot grow to a /${growth}, which is smaller`
        : `"${need.key}" cannot grow to a /${growth}: ${holder ? `"${holder.need.key}"` : `pool "${pool.name}"`} it lies in is a /${outer}`,
      { ...raw.locate('growth'), hint: `growth is the length of the block kept free around it: /${outer} to /${length}` },
    );
    return false;
  }

  /** A block that says its number: a field of the key as the bits between its holder's length and its own. */
  #numbered(need: Need, raw: RawLeg, text: string, length: number, outer: number): { length: number; at: bigint } | undefined {
    const { problems } = this.#collected;
    const count = 1n << BigInt(length - outer);
    const number = /^(?:\d{1,40}|0x[0-9a-f]{1,32})$/iu.test(text) ? BigInt(text) : undefined;
    if (number === undefined || number >= count) {
      problems.error(
        'NET-NUMBER',
        number === undefined
          ? `"${need.key}": ${JSON.stringify(text)} is not a number of a block`
          : `"${need.key}" asks for /${length} number ${number}, but a /${outer} has ${count}`,
        {
          ...raw.locate('at'),
          hint: number === undefined ? 'write it in decimal, or as 0x1f' : `numbers are 0 to ${count - 1n}; a longer prefix length has more`,
        },
      );
      return undefined;
    }
    return { length, at: number };
  }
}

/** Only containers hold others; all the rest share this. */
const none: Leg[] = [];

/** Of several pools the one a leg stands with: the one that holds it, so that it stays whatever their order; else the one its prefix lies in, or the first. */
function homeOf(pools: readonly Pool[], held: HeldLeg | undefined, exact: Prefix | undefined): Pool {
  const holding = (prefix: Prefix): Pool | undefined => pools.find((pool) => contains(pool.prefix, prefix));
  const named = held && pools.find((pool) => pool.name === held.pool && contains(pool.prefix, held.prefix));
  const home = exact ? holding(exact) : (named ?? (held && holding(held.prefix)));
  return home ?? (pools[0] as Pool);
}

function containers(collected: Collected): string[] {
  const keys: string[] = [];
  for (const need of collected.needs.values()) if (need.role === 'container') keys.push(need.key);
  // Only for a hint: with very many keys the nearest is not worth the time it takes to find.
  return keys.length > 20_000 ? [] : keys;
}
