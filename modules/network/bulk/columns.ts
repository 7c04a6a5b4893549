import { wordMask, type Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';

/**
 * Prefixes of one family as columns: row `i` is the address `a[i] b[i] c[i] d[i]` (four 32-bit words, most significant
 * first) and its length. IPv4 fills only `a`; its other columns are empty, and no length above 32 reads them.
 */
export interface PrefixColumns {
  readonly family: Family;
  /** Number of rows; the arrays may be longer. */
  readonly size: number;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
  readonly d: Uint32Array;
  readonly length: Uint8Array;
}

const none = new Uint32Array(0);

/** Columns that grow: rows are pushed, the last one may be taken back. */
export class PrefixBuffer implements PrefixColumns {
  readonly family: Family;
  size = 0;
  a: Uint32Array;
  b: Uint32Array;
  c: Uint32Array;
  d: Uint32Array;
  length: Uint8Array;

  constructor(family: Family, capacity = 16) {
    this.family = family;
    const wide = family === 'v6';
    this.a = new Uint32Array(capacity);
    this.b = wide ? new Uint32Array(capacity) : none;
    this.c = wide ? new Uint32Array(capacity) : none;
    this.d = wide ? new Uint32Array(capacity) : none;
    this.length = new Uint8Array(capacity);
  }

  /** Adds a row; the bits right of `length` must be zero. */
  push(a: number, b: number, c: number, d: number, length: number): void {
    const at = this.size;
    if (at === this.length.length) this.reserve(Math.max(16, at * 2));
    this.a[at] = a;
    if (this.family === 'v6') {
      this.b[at] = b;
      this.c[at] = c;
      this.d[at] = d;
    }
    this.length[at] = length;
    this.size = at + 1;
  }

  /** Makes room for so many rows in all. */
  reserve(capacity: number): void {
    if (capacity <= this.length.length) return;
    this.a = grownColumn(this.a, capacity);
    if (this.family === 'v6') {
      this.b = grownColumn(this.b, capacity);
      this.c = grownColumn(this.c, capacity);
      this.d = grownColumn(this.d, capacity);
    }
    const length = new Uint8Array(capacity);
    length.set(this.length);
    this.length = length;
  }
}

/** A copy with room for `capacity` values. */
export function grownColumn(column: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(column);
  return larger;
}

/** The columns of prefixes of one family, in their order. @throws TypeError for a prefix of the other family */
export function columnsOf(family: Family, prefixes: Iterable<Prefix>): PrefixColumns {
  const buffer = new PrefixBuffer(family);
  for (const prefix of prefixes) {
    if (prefix.family !== family) throw new TypeError(`a prefix of family ${prefix.family} among those of ${family}`);
    buffer.push(prefix.a, prefix.b, prefix.c, prefix.d, prefix.length);
  }
  return buffer;
}

/** Row `row` as a prefix. */
export function prefixAt({ family, a, b, c, d, length }: PrefixColumns, row: number): Prefix {
  return { family, a: a[row] ?? 0, b: b[row] ?? 0, c: c[row] ?? 0, d: d[row] ?? 0, length: length[row] ?? 0 };
}

/** Whether row `inner` of one set lies in row `outer` of another of the same family, or is the same prefix. */
export function rowContains(one: PrefixColumns, outer: number, other: PrefixColumns, inner: number): boolean {
  const length = one.length[outer] ?? 0;
  return length <= (other.length[inner] ?? 0) && agree(one, outer, other, inner, length);
}

/** Whether two rows have the first `bits` bits in common. */
export function agree(one: PrefixColumns, row: number, other: PrefixColumns, otherRow: number, bits: number): boolean {
  const a = (one.a[row] ?? 0) ^ (other.a[otherRow] ?? 0);
  if (bits <= 32) return (a & wordMask(bits)) === 0;
  if (a !== 0) return false;
  const b = (one.b[row] ?? 0) ^ (other.b[otherRow] ?? 0);
  if (bits <= 64) return (b & wordMask(bits - 32)) === 0;
  if (b !== 0) return false;
  const c = (one.c[row] ?? 0) ^ (other.c[otherRow] ?? 0);
  if (bits <= 96) return (c & wordMask(bits - 64)) === 0;
  return c === 0 && (((one.d[row] ?? 0) ^ (other.d[otherRow] ?? 0)) & wordMask(bits - 96)) === 0;
}

/** How many leading bits two rows of the same or of two sets have in common. */
export function commonBits(one: PrefixColumns, row: number, other: PrefixColumns, otherRow: number): number {
  const a = (one.a[row] ?? 0) ^ (other.a[otherRow] ?? 0);
  if (a !== 0 || one.family === 'v4') return Math.clz32(a);
  const b = (one.b[row] ?? 0) ^ (other.b[otherRow] ?? 0);
  if (b !== 0) return 32 + Math.clz32(b);
  const c = (one.c[row] ?? 0) ^ (other.c[otherRow] ?? 0);
  if (c !== 0) return 64 + Math.clz32(c);
  return 96 + Math.clz32((one.d[row] ?? 0) ^ (other.d[otherRow] ?? 0));
}

/** Order of two rows: address, then the shorter prefix first. */
export function compareRows(one: PrefixColumns, row: number, other: PrefixColumns, otherRow: number): number {
  return (
    (one.a[row] ?? 0) - (other.a[otherRow] ?? 0) ||
    (one.b[row] ?? 0) - (other.b[otherRow] ?? 0) ||
    (one.c[row] ?? 0) - (other.c[otherRow] ?? 0) ||
    (one.d[row] ?? 0) - (other.d[otherRow] ?? 0) ||
    (one.length[row] ?? 0) - (other.length[otherRow] ?? 0)
  );
}

/** The number of addresses of so many disjoint prefixes of each length (index: length), exact. */
export function addressesOfLengths(counts: ArrayLike<number>, bits: number): bigint {
  let sum = 0n;
  for (let length = 0; length <= bits; length++) {
    const count = counts[length] ?? 0;
    if (count > 0) sum += BigInt(count) << BigInt(bits - length);
  }
  return sum;
}
