import { formatPrefix } from '../format.ts';
import { bitsOf, type Address, type Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';
import { excludeColumns, firstAtOrBehind, intersectColumns, mergeColumns, uniteColumns } from './algebra.ts';
import { addressesOfLengths, columnsOf, prefixAt, rowContains, type PrefixColumns } from './columns.ts';

const empty = { v4: columnsOf('v4', []), v6: columnsOf('v6', []) };

/**
 * A set of addresses of both families, held as the fewest prefixes. Sets do not change; every operation makes a new one and costs
 * one pass. The families never mix: `complement` is that of each.
 */
export class PrefixSet implements Iterable<Prefix> {
  /** The prefixes of each family: disjoint, in order, joined where they fill a block. */
  readonly v4: PrefixColumns;
  readonly v6: PrefixColumns;

  private constructor(v4: PrefixColumns, v6: PrefixColumns) {
    this.v4 = v4;
    this.v6 = v6;
  }

  /** The set of all addresses of the prefixes, in any order, repeated or nested as they may be. */
  static of(prefixes: Iterable<Prefix>): PrefixSet {
    const lists: Record<Family, Prefix[]> = { v4: [], v6: [] };
    for (const prefix of prefixes) lists[prefix.family].push(prefix);
    return new PrefixSet(mergeColumns(columnsOf('v4', lists.v4)), mergeColumns(columnsOf('v6', lists.v6)));
  }

  /** The same for prefixes that stand in columns already, e.g. those of a file. */
  static ofColumns({ v4 = empty.v4, v6 = empty.v6 }: { readonly v4?: PrefixColumns; readonly v6?: PrefixColumns }): PrefixSet {
    return new PrefixSet(mergeColumns(v4), mergeColumns(v6));
  }

  /** All addresses of both families. */
  static everything(): PrefixSet {
    return PrefixSet.of([
      { family: 'v4', a: 0, b: 0, c: 0, d: 0, length: 0 },
      { family: 'v6', a: 0, b: 0, c: 0, d: 0, length: 0 },
    ]);
  }

  /** Number of prefixes. */
  get size(): number {
    return this.v4.size + this.v6.size;
  }

  union(other: PrefixSet): PrefixSet {
    return new PrefixSet(uniteColumns(this.v4, other.v4), uniteColumns(this.v6, other.v6));
  }

  /** What lies in both. */
  overlap(other: PrefixSet): PrefixSet {
    return new PrefixSet(intersectColumns(this.v4, other.v4), intersectColumns(this.v6, other.v6));
  }

  /** What lies in this set and not in the other. */
  exclude(other: PrefixSet): PrefixSet {
    return new PrefixSet(excludeColumns(this.v4, other.v4), excludeColumns(this.v6, other.v6));
  }

  complement(): PrefixSet {
    return PrefixSet.everything().exclude(this);
  }

  /** Whether every address of the prefix (or the address) is in the set. */
  contains(wanted: Prefix | Address): boolean {
    const { family, a, b, c, d } = wanted;
    const length = 'length' in wanted ? wanted.length : bitsOf(family);
    const row = columnsOf(family, [{ family, a, b, c, d, length }]);
    const set = this[family];
    const at = firstAtOrBehind(set, row, 0);
    return at < set.size && rowContains(set, at, row, 0);
  }

  equals(other: PrefixSet): boolean {
    return this.size === other.size && sameRows(this.v4, other.v4) && sameRows(this.v6, other.v6);
  }

  /** Number of addresses, exact. */
  addresses(family: Family): bigint {
    return addressesOfLengths(countsByLength(this[family]), bitsOf(family));
  }

  /** The prefixes, IPv4 first, in order. */
  *[Symbol.iterator](): Generator<Prefix> {
    for (const set of [this.v4, this.v6]) for (let row = 0; row < set.size; row++) yield prefixAt(set, row);
  }

  /** The prefixes as text. */
  toStrings(): string[] {
    return Array.from(this, formatPrefix);
  }
}

function sameRows(one: PrefixColumns, other: PrefixColumns): boolean {
  if (one.size !== other.size) return false;
  for (let row = 0; row < one.size; row++) {
    if (one.length[row] !== other.length[row] || !rowContains(one, row, other, row)) return false;
  }
  return true;
}

/** How many rows there are of each length. */
export function countsByLength(columns: PrefixColumns): Float64Array {
  const counts = new Float64Array(129);
  for (let row = 0; row < columns.size; row++) {
    const length = columns.length[row] ?? 0;
    counts[length] = (counts[length] ?? 0) + 1;
  }
  return counts;
}
