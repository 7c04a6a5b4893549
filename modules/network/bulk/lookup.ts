import type { Address, Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';
import { columnsOf, commonBits, prefixAt, rowContains, type PrefixColumns } from './columns.ts';
import { hierarchyOf } from './hierarchy.ts';

const most = 20;

/**
 * Longest-prefix lookup over prefixes that do not change: the rows in order, each with its nearest cover, and a table that says where
 * the rows begin whose first bits (behind those all rows share) are such and such. An address is found by a short binary search and a
 * walk up the covers. 17 to 29 bytes a prefix.
 */
export class PrefixLookup {
  readonly family: Family;
  /** Distinct rows in order. */
  readonly #rows: PrefixColumns;
  /** The caller's row of each: the first of those with the same prefix. */
  readonly #given: Uint32Array;
  /** Position of the nearest cover; -1 for none. */
  readonly #cover: Int32Array;
  /** Bits that all rows have in common, and how many behind them the table covers. */
  readonly #shared: number;
  readonly #bits: number;
  readonly #starts: Uint32Array;

  /** @param columns prefixes in any order; of repeated ones the first counts */
  constructor(columns: PrefixColumns) {
    const { order, first, cover } = hierarchyOf(columns);
    const given = order.filter((row) => first[row] === row);
    const position = new Int32Array(columns.size);
    given.forEach((row, at) => (position[row] = at));
    this.family = columns.family;
    this.#given = given;
    this.#cover = Int32Array.from(given, (row) => {
      const above = cover[row] ?? -1;
      return above < 0 ? -1 : (position[above] ?? -1);
    });
    const pick = (column: Uint32Array): Uint32Array => (column.length === 0 ? column : Uint32Array.from(given, (row) => column[row] ?? 0));
    const rows: PrefixColumns = {
      family: columns.family,
      size: given.length,
      a: pick(columns.a),
      b: pick(columns.b),
      c: pick(columns.c),
      d: pick(columns.d),
      length: Uint8Array.from(given, (row) => columns.length[row] ?? 0),
    };
    this.#rows = rows;
    const width = columns.family === 'v4' ? 32 : 128;
    this.#shared = rows.size === 0 ? 0 : Math.min(commonBits(rows, 0, rows, rows.size - 1), width - most);
    this.#bits = Math.min(most, Math.max(1, 32 - Math.clz32(rows.size)));
    this.#starts = new Uint32Array((1 << this.#bits) + 1);
    for (let row = 0; row < rows.size; row++) {
      const bucket = this.#bucket(rows.a[row] ?? 0, rows.b[row] ?? 0, rows.c[row] ?? 0, rows.d[row] ?? 0) + 1;
      this.#starts[bucket] = (this.#starts[bucket] ?? 0) + 1;
    }
    for (let bucket = 1; bucket < this.#starts.length; bucket++) {
      this.#starts[bucket] = (this.#starts[bucket] ?? 0) + (this.#starts[bucket - 1] ?? 0);
    }
  }

  /** The lookup of prefixes of one family. @throws TypeError for a prefix of the other */
  static of(family: Family, prefixes: Iterable<Prefix>): PrefixLookup {
    return new PrefixLookup(columnsOf(family, prefixes));
  }

  /** Number of distinct prefixes. */
  get size(): number {
    return this.#rows.size;
  }

  /** The row (as given to the constructor) of the longest prefix that contains the address; -1 for none. Words of IPv4: `a` only. */
  find(a: number, b = 0, c = 0, d = 0): number {
    return this.#findLength(a, b, c, d, 128);
  }

  /** The longest prefix that contains an address, or one not longer than it that contains a prefix (itself included). */
  longest(wanted: Address | Prefix): Prefix | undefined {
    if (wanted.family !== this.family) return undefined;
    const at = this.#position(wanted.a, wanted.b, wanted.c, wanted.d, 'length' in wanted ? wanted.length : 128);
    return at < 0 ? undefined : prefixAt(this.#rows, at);
  }

  /** All prefixes that contain an address or a prefix, the longest first. */
  chain(wanted: Address | Prefix): Prefix[] {
    if (wanted.family !== this.family) return [];
    const found: Prefix[] = [];
    let at = this.#position(wanted.a, wanted.b, wanted.c, wanted.d, 'length' in wanted ? wanted.length : 128);
    for (; at >= 0; at = this.#cover[at] ?? -1) found.push(prefixAt(this.#rows, at));
    return found;
  }

  /** Rows inside a prefix, itself included: from the first position up to but not the second, in order. */
  inside(prefix: Prefix): Prefix[] {
    if (prefix.family !== this.family) return [];
    const wanted = columnsOf(prefix.family, [prefix]);
    const { a, b, c, d, length } = prefix;
    // All rows before lie before the prefix or contain it.
    let at = this.#predecessor(a, b, c, d, length - 1) + 1;
    const found: Prefix[] = [];
    for (; at < this.#rows.size && rowContains(wanted, 0, this.#rows, at); at++) found.push(prefixAt(this.#rows, at));
    return found;
  }

  #findLength(a: number, b: number, c: number, d: number, length: number): number {
    const at = this.#position(a, b, c, d, length);
    return at < 0 ? -1 : (this.#given[at] ?? -1);
  }

  #position(a: number, b: number, c: number, d: number, length: number): number {
    let at = this.#predecessor(a, b, c, d, length);
    while (at >= 0 && !this.#holds(at, a, b, c, d)) at = this.#cover[at] ?? -1;
    return at;
  }

  /** The last position whose row begins before the address, or at it and is not longer than `length`. */
  #predecessor(a: number, b: number, c: number, d: number, length: number): number {
    const rows = this.#rows;
    if (rows.size === 0) return -1;
    // The table only knows addresses that share the common bits; others lie before or behind all rows.
    const side = this.#side(a, b, c, d);
    if (side !== 0) return side < 0 ? -1 : rows.size - 1;
    const bucket = this.#bucket(a, b, c, d);
    let low = this.#starts[bucket] ?? 0;
    let high = this.#starts[bucket + 1] ?? rows.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order =
        (rows.a[middle] ?? 0) - a || (rows.b[middle] ?? 0) - b || (rows.c[middle] ?? 0) - c || (rows.d[middle] ?? 0) - d || (rows.length[middle] ?? 0) - length;
      if (order <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Where an address lies by the bits all rows share: before them (-1), among them (0), behind (1). */
  #side(a: number, b: number, c: number, d: number): -1 | 0 | 1 {
    const { a: as, b: bs, c: cs, d: ds } = this.#rows;
    const shared = this.#shared;
    if (shared === 0) return 0;
    const first = Math.min(shared, 32);
    const word = (value: number, bits: number): number => (bits <= 0 ? 0 : value >>> (32 - bits));
    let order = word(a, first) - word(as[0] ?? 0, first);
    if (order === 0 && shared > 32) order = word(b, Math.min(shared - 32, 32)) - word(bs[0] ?? 0, Math.min(shared - 32, 32));
    if (order === 0 && shared > 64) order = word(c, Math.min(shared - 64, 32)) - word(cs[0] ?? 0, Math.min(shared - 64, 32));
    if (order === 0 && shared > 96) order = word(d, shared - 96) - word(ds[0] ?? 0, shared - 96);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }

  /** The bits behind the shared ones as a number. */
  #bucket(a: number, b: number, c: number, d: number): number {
    const word = this.#shared >>> 5;
    const shift = this.#shared & 31;
    const high = word === 0 ? a : word === 1 ? b : word === 2 ? c : d;
    const low = word === 0 ? b : word === 1 ? c : word === 2 ? d : 0;
    const bits = shift === 0 ? high : (high << shift) | (low >>> (32 - shift));
    return bits >>> (32 - this.#bits);
  }

  #holds(at: number, a: number, b: number, c: number, d: number): boolean {
    const rows = this.#rows;
    const length = rows.length[at] ?? 0;
    const differ = (value: number, bits: number): boolean => bits > 0 && (bits >= 32 ? value !== 0 : value >>> (32 - bits) !== 0);
    return !(
      differ((rows.a[at] ?? 0) ^ a, length) ||
      differ((rows.b[at] ?? 0) ^ b, length - 32) ||
      differ((rows.c[at] ?? 0) ^ c, length - 64) ||
      differ((rows.d[at] ?? 0) ^ d, length - 96)
    );
  }
}
