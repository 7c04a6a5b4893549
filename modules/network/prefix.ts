import type { Family } from './types.ts';

/**
 * An address as four unsigned 32-bit words, most significant first. An IPv4 address fills only `a`, so that the
 * bit at position n from the left means the same in both families and all arithmetic is one code.
 */
export interface Address {
  readonly family: Family;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** A prefix (RFC 4632, RFC 4291): an address whose bits right of `length` are zero. */
export interface Prefix extends Address {
  /** Number of leading bits that are fixed: 0-32 or 0-128. */
  readonly length: number;
}

/** Bits of an address of the family. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 'v4' ? 32 : 128;
}

/** The mask of one word: `bits` (clamped to 0-32) leading ones. */
export function wordMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** The prefix of `length` bits an address lies in: every bit to the right is cleared. */
export function truncate(address: Address, length: number): Prefix {
  return {
    family: address.family,
    a: (address.a & wordMask(length)) >>> 0,
    b: (address.b & wordMask(length - 32)) >>> 0,
    c: (address.c & wordMask(length - 64)) >>> 0,
    d: (address.d & wordMask(length - 96)) >>> 0,
    length,
  };
}

/** The address as a prefix of full length (/32 or /128). */
export function hostPrefix(address: Address): Prefix {
  return { family: address.family, a: address.a, b: address.b, c: address.c, d: address.d, length: bitsOf(address.family) };
}

/** Whether every address of `inner` lies in `outer`. Families never contain each other. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && holds(outer, inner);
}

/** Whether `address` lies in `prefix`. */
export function holds(prefix: Prefix, address: Address): boolean {
  const { length } = prefix;
  if (prefix.family !== address.family) return false;
  if (length <= 32) return ((prefix.a ^ address.a) & wordMask(length)) === 0;
  if (prefix.a !== address.a) return false;
  if (length <= 64) return ((prefix.b ^ address.b) & wordMask(length - 32)) === 0;
  if (prefix.b !== address.b) return false;
  if (length <= 96) return ((prefix.c ^ address.c) & wordMask(length - 64)) === 0;
  return prefix.c === address.c && ((prefix.d ^ address.d) & wordMask(length - 96)) === 0;
}

/** Whether two prefixes share an address: one of them contains the other. */
export function overlaps(one: Prefix, other: Prefix): boolean {
  return one.length <= other.length ? holds(one, other) : holds(other, one);
}

export function samePrefix(one: Prefix, other: Prefix): boolean {
  return one.length === other.length && holds(one, other);
}

/** Order: IPv4 before IPv6, then address. */
export function compareAddresses(one: Address, other: Address): number {
  if (one.family !== other.family) return one.family === 'v4' ? -1 : 1;
  return one.a - other.a || one.b - other.b || one.c - other.c || one.d - other.d;
}

/** Order: IPv4 before IPv6, then address, then the shorter prefix first: a block stands before what lies in it. */
export function comparePrefixes(one: Prefix, other: Prefix): number {
  return compareAddresses(one, other) || one.length - other.length;
}

/** The bit at position `index` from the left (0 is the most significant). */
export function bitAt(address: Address, index: number): 0 | 1 {
  const word = index < 32 ? address.a : index < 64 ? address.b : index < 96 ? address.c : address.d;
  return ((word >>> (31 - (index & 31))) & 1) as 0 | 1;
}

/** The address as an integer, exact: up to 32 or 128 bits. */
export function toInteger(address: Address): bigint {
  if (address.family === 'v4') return BigInt(address.a);
  return (BigInt(address.a) << 96n) | (BigInt(address.b) << 64n) | (BigInt(address.c) << 32n) | BigInt(address.d);
}

/** The address of an integer; undefined where the family has no such address. */
export function fromInteger(family: Family, value: bigint): Address | undefined {
  if (value < 0n || value >> BigInt(bitsOf(family)) !== 0n) return undefined;
  if (family === 'v4') return { family, a: Number(value), b: 0, c: 0, d: 0 };
  const word = (shift: bigint): number => Number((value >> shift) & 0xffffffffn);
  return { family, a: word(96n), b: word(64n), c: word(32n), d: word(0n) };
}

/** How many addresses a prefix has, exact. */
export function addressCount(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(prefix.family) - prefix.length);
}

/** How many prefixes of `length` fit in a prefix, exact; 0 where `length` is shorter than its own. */
export function blockCount(prefix: Prefix, length: number): bigint {
  return length < prefix.length ? 0n : 1n << BigInt(length - prefix.length);
}

/** The last address of a prefix. */
export function lastAddress(prefix: Prefix): Address {
  const { family, length } = prefix;
  const fill = (word: number, bits: number): number => (word | ~wordMask(bits)) >>> 0;
  if (family === 'v4') return { family, a: fill(prefix.a, length), b: 0, c: 0, d: 0 };
  return {
    family,
    a: fill(prefix.a, length),
    b: fill(prefix.b, length - 32),
    c: fill(prefix.c, length - 64),
    d: fill(prefix.d, length - 96),
  };
}

/**
 * Address number `n` of a prefix, counted from 0; negative numbers count from the end (-1 is the last).
 * Undefined where the prefix has no such address.
 */
export function addressAt(prefix: Prefix, n: number | bigint): Address | undefined {
  const { family, length } = prefix;
  const hosts = 2 ** Math.min(32, bitsOf(family) - length);
  // Nearly every question is for one of the first addresses, which differ in the last word only.
  if (typeof n === 'number' && Number.isInteger(n) && n >= 0 && n < hosts) {
    return family === 'v4' ? { family, a: prefix.a + n, b: 0, c: 0, d: 0 } : { family, a: prefix.a, b: prefix.b, c: prefix.c, d: prefix.d + n };
  }
  const count = addressCount(prefix);
  const index = BigInt(n) < 0n ? count + BigInt(n) : BigInt(n);
  return index < 0n || index >= count ? undefined : fromInteger(family, toInteger(prefix) + index);
}

/**
 * Block number `index` of `length` in a prefix, counted from 0; negative numbers count from the end.
 * Undefined where there is none.
 */
export function subnetAt(prefix: Prefix, length: number, index: number | bigint): Prefix | undefined {
  const bits = bitsOf(prefix.family);
  if (!Number.isInteger(length) || length > bits) return undefined;
  const count = blockCount(prefix, length);
  const wanted = BigInt(index) < 0n ? count + BigInt(index) : BigInt(index);
  if (wanted < 0n || wanted >= count) return undefined;
  const address = fromInteger(prefix.family, toInteger(prefix) + (wanted << BigInt(bits - length)));
  return address && { ...address, length };
}

/** The prefix one bit shorter, which holds this one and its neighbour; undefined for /0. */
export function parentOf(prefix: Prefix): Prefix | undefined {
  return prefix.length === 0 ? undefined : truncate(prefix, prefix.length - 1);
}

/** The other half of the parent: the block into which this one could double. Undefined for /0. */
export function buddyOf(prefix: Prefix): Prefix | undefined {
  return prefix.length === 0 ? undefined : withBit(prefix, prefix.length - 1, bitAt(prefix, prefix.length - 1) === 0 ? 1 : 0);
}

/** A copy with the bit at `index` (from the left) set to `bit`. */
export function withBit(prefix: Prefix, index: number, bit: 0 | 1): Prefix {
  const mask = 1 << (31 - (index & 31));
  const set = (word: number): number => (bit === 1 ? word | mask : word & ~mask) >>> 0;
  const { family, length } = prefix;
  return {
    family,
    a: index < 32 ? set(prefix.a) : prefix.a,
    b: index >= 32 && index < 64 ? set(prefix.b) : prefix.b,
    c: index >= 64 && index < 96 ? set(prefix.c) : prefix.c,
    d: index >= 96 ? set(prefix.d) : prefix.d,
    length,
  };
}
