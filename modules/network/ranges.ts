import { formatAddress } from './format.ts';
import { addressCount, bitsOf, compareAddresses, comparePrefixes, fromInteger, lastAddress, toInteger, type Address, type Prefix } from './prefix.ts';
import { isFault, readAddress, readPrefix, type AddressFault } from './read.ts';

/** Addresses from `first` to `last`, both of them in it, of one family and in order. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}

/** The addresses of a prefix as a range. */
export function rangeOf(prefix: Prefix): AddressRange {
  const { family, a, b, c, d } = prefix;
  return { first: { family, a, b, c, d }, last: lastAddress(prefix) };
}

/**
 * Reads a range as registries write it: `192.0.2.1 - 192.0.2.254` (RPSL), with or without blanks around the hyphen or dash;
 * a prefix or a single address is a range too. Both ends are read as strictly as any address.
 */
export function readRange(text: string): AddressRange | AddressFault {
  if (text.includes('/')) {
    const prefix = readPrefix(text);
    return isFault(prefix) ? prefix : rangeOf(prefix);
  }
  const ends = text.split(/ ?[-\u2013] ?/u);
  if (ends.length > 2) return { fault: 'a range has two ends' };
  const [first, last] = ends.map(readAddress);
  if (first === undefined || isFault(first)) return first ?? { fault: 'the first address is missing' };
  if (last === undefined) return { first, last: first };
  if (isFault(last)) return last;
  if (first.family !== last.family) return { fault: 'one end is IPv4, the other IPv6' };
  if (compareAddresses(first, last) > 0) {
    return { fault: 'it ends before it begins', corrected: formatRange({ first: last, last: first }) };
  }
  return { first, last };
}

/** A range as text: `192.0.2.1-192.0.2.254`, a single address alone. */
export function formatRange({ first, last }: AddressRange): string {
  return compareAddresses(first, last) === 0 ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`;
}

/** Number of addresses, exact. */
export function rangeSize({ first, last }: AddressRange): bigint {
  return toInteger(last) - toInteger(first) + 1n;
}

/**
 * The fewest prefixes that hold exactly the addresses of a range, in order: `192.0.2.1-192.0.2.254` is 14 of them.
 * @throws RangeError for ends of two families or in the wrong order
 */
export function rangeToPrefixes({ first, last }: AddressRange): Prefix[] {
  const { family } = first;
  if (family !== last.family || compareAddresses(first, last) > 0) throw new RangeError('the ends of a range are of one family and in order');
  const bits = bitsOf(family);
  const prefixes: Prefix[] = [];
  let at = toInteger(first);
  const end = toInteger(last) + 1n;
  while (at < end) {
    let free = at === 0n ? bits : trailingZeros(at);
    while (1n << BigInt(free) > end - at) free--;
    const address = fromInteger(family, at);
    if (address === undefined) break;
    prefixes.push({ ...address, length: bits - free });
    at += 1n << BigInt(free);
  }
  return prefixes;
}

/** The ranges that prefixes make together, in order; those that touch or overlap become one. */
export function prefixesToRanges(prefixes: Iterable<Prefix>): AddressRange[] {
  const ranges: { first: Address; last: Address; end: bigint }[] = [];
  for (const prefix of [...prefixes].sort(comparePrefixes)) {
    const start = toInteger(prefix);
    const end = start + addressCount(prefix);
    const before = ranges.at(-1);
    const { first, last } = rangeOf(prefix);
    if (before?.first.family !== first.family || start > before.end) ranges.push({ first, last, end });
    else if (end > before.end) Object.assign(before, { last, end });
  }
  return ranges.map(({ first, last }) => ({ first, last }));
}

function trailingZeros(value: bigint): number {
  let zeros = 0;
  while ((value & 0xffffffffn) === 0n) {
    value >>= 32n;
    zeros += 32;
  }
  const word = Number(value & 0xffffffffn);
  return zeros + 31 - Math.clz32(word & -word);
}
