import { formatAddress, formatPrefix } from './format.ts';
import { parseAddress, parsePrefix } from './parse.ts';
import { addressAt, bitsOf, blockCount, contains, subnetAt, type Address, type Prefix } from './prefix.ts';
import { fail } from '../core/basics.ts';

const asPrefix = (prefix: Prefix | string): Prefix => (typeof prefix === 'string' ? parsePrefix(prefix) : prefix);
const asAddress = (address: Address | string): Address => (typeof address === 'string' ? parseAddress(address) : address);

/**
 * Address number `n` of a prefix as text, counted from 0, negative from the end: `nthAddress('10.0.0.0/24', 1)` is `10.0.0.1`.
 * @throws ProblemError NET-RANGE where the prefix has no such address, NET-PREFIX
 */
export function nthAddress(prefix: Prefix | string, n: number | bigint): string {
  const outer = asPrefix(prefix);
  const address = addressAt(outer, n);
  if (!address) fail('NET-RANGE', `${formatPrefix(outer)} has no address number ${String(n)}`, { hint: 'count from 0, or from the end with negative numbers' });
  return formatAddress(address);
}

/** Address number `n` of a prefix with the prefix's length, as interfaces are configured: `10.0.0.1/24`. */
export function hostAddress(prefix: Prefix | string, n: number | bigint): string {
  return `${nthAddress(prefix, n)}/${asPrefix(prefix).length}`;
}

/**
 * Block number `index` of `length` in a prefix as text: `subnet('3fff::/32', 48, 5)` is `3fff:0:5::/48`.
 * @throws ProblemError NET-RANGE where there is none, NET-PREFIX
 */
export function subnet(prefix: Prefix | string, length: number, index: number | bigint): string {
  const outer = asPrefix(prefix);
  const inner = subnetAt(outer, length, index);
  if (!inner) {
    fail('NET-RANGE', `${formatPrefix(outer)} has no /${length} number ${String(index)}`, {
      hint: length > bitsOf(outer.family) ? `a length is at most ${bitsOf(outer.family)}` : `it has ${blockCount(outer, length)} blocks of that length`,
    });
  }
  return formatPrefix(inner);
}

/** Whether `outer` contains `inner`, an address or a prefix. */
export function prefixContains(outer: Prefix | string, inner: Prefix | Address | string): boolean {
  const address = typeof inner === 'string' && !inner.includes('/') ? parseAddress(inner) : typeof inner === 'string' ? parsePrefix(inner) : inner;
  const whole: Prefix = 'length' in address ? (address as Prefix) : { ...address, length: bitsOf(address.family) };
  return contains(asPrefix(outer), whole);
}

/** The first usable and the number of usable host addresses of a network (RFC 3021 for /31, RFC 6164 for /127, RFC 4291 2.6.1 for the rest). */
export function usableHosts(prefix: Prefix | string): { readonly first: string; readonly count: bigint } {
  const outer = asPrefix(prefix);
  const bits = bitsOf(outer.family) - outer.length;
  const total = 1n << BigInt(bits);
  if (bits <= 1) return { first: formatAddress(outer), count: total };
  // IPv4 loses the network and the broadcast address, IPv6 the subnet-router anycast address.
  return { first: nthAddress(outer, 1), count: outer.family === 'v4' ? total - 2n : total - 1n };
}

/** Name of an address in the reverse tree, absolute: `1.0.0.10.in-addr.arpa.` (RFC 1035, RFC 3596). */
export function reversePointer(address: Address | string): string {
  const whole = asAddress(address);
  return whole.family === 'v4' ? `${labelsOf(whole, 4).join('.')}.in-addr.arpa.` : `${labelsOf(whole, 32).join('.')}.ip6.arpa.`;
}

/**
 * Zones that cover a prefix exactly, absolute. IPv6 is cut at nibbles and IPv4 at octets, so other lengths need several
 * zones; an IPv4 prefix longer than /24 gets one zone of its own in the manner of RFC 2317 (`0/25.2.0.192.in-addr.arpa.`).
 */
export function reverseZoneNames(prefix: Prefix | string): string[] {
  const outer = asPrefix(prefix);
  const v4 = outer.family === 'v4';
  if (v4 && outer.length > 24 && outer.length < 32) return [`${outer.a & 255}/${outer.length}.${labelsOf(outer, 3).join('.')}.in-addr.arpa.`];
  const step = v4 ? 8 : 4;
  const cut = Math.ceil(outer.length / step) * step;
  const suffix = v4 ? 'in-addr.arpa.' : 'ip6.arpa.';
  const zones: string[] = [];
  for (let index = 0n; index < blockCount(outer, cut); index++) {
    const zone = subnetAt(outer, cut, index);
    if (zone) zones.push([...labelsOf(zone, cut / step), suffix].join('.'));
  }
  return zones;
}

/** The first `count` octets or nibbles of an address, last first. */
function labelsOf(address: Address, count: number): string[] {
  const { a, b, c, d } = address;
  const labels =
    address.family === 'v4'
      ? [a >>> 24, (a >>> 16) & 255, (a >>> 8) & 255, a & 255].map(String)
      : Array.from([a, b, c, d].map((word) => word.toString(16).padStart(8, '0')).join(''));
  return labels.slice(0, count).reverse();
}
