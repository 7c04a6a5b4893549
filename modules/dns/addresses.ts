import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Family } from '../network/types.ts';

/** The family of a text that is one address and nothing else; undefined for anything else. */
export function familyOf(address: string): Family | undefined {
  const kind = isIP(address);
  return kind === 4 ? 'v4' : kind === 6 && !address.includes('%') ? 'v6' : undefined;
}

/** The shortest form of an address (RFC 5952). */
export function canonicalAddress(address: string): string {
  const parsed = ipaddr.parse(address);
  return parsed.kind() === 'ipv6' ? (parsed as ipaddr.IPv6).toRFC5952String() : parsed.toString();
}

function bytesOf(address: string): number[] {
  return ipaddr.parse(address).toByteArray();
}

/** Address number `host` of a prefix, 0 being the prefix's own; undefined when the prefix has no such address. */
export function hostAddress(prefix: string, host: number): string | undefined {
  const [base, length] = [prefix.slice(0, prefix.indexOf('/')), Number(prefix.slice(prefix.indexOf('/') + 1))];
  const bytes = bytesOf(base);
  const free = bytes.length * 8 - length;
  if (free < 53 && host >= 2 ** free) return undefined;
  let rest = host;
  for (let index = bytes.length - 1; index >= 0 && rest > 0; index--) {
    rest += bytes[index] ?? 0;
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return canonicalAddress(ipaddr.fromByteArray(bytes).toString());
}

/** The absolute name of an address in the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName(address: string): string {
  const bytes = bytesOf(address);
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa.`;
  return `${nibbles(bytes).reverse().join('.')}.ip6.arpa.`;
}

function nibbles(bytes: readonly number[]): string[] {
  return bytes.flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
}

/**
 * The reverse zones a prefix is cut into: on nibbles for IPv6, on octets for IPv4.
 * A prefix between two cuts gives one zone per block at the next one; an IPv4 prefix longer than /24 gives none,
 * because its zone would belong to the neighbours as well (RFC 2317 needs their consent).
 */
export function reverseZones(prefix: string): string[] {
  const [base, length] = [prefix.slice(0, prefix.indexOf('/')), Number(prefix.slice(prefix.indexOf('/') + 1))];
  const bytes = bytesOf(base);
  const v4 = bytes.length === 4;
  const step = v4 ? 8 : 4;
  if (v4 && length > 24) return [];
  const cuts = Math.ceil(length / step);
  const digits = v4 ? bytes : bytes.flatMap((byte) => [byte >> 4, byte & 15]);
  const names: string[] = [];
  for (let block = 0; block < 2 ** (cuts * step - length); block++) {
    const own = digits.slice(0, cuts);
    if (cuts > 0) own[cuts - 1] = (own[cuts - 1] ?? 0) + block;
    const labels = own.map((digit) => (v4 ? String(digit) : digit.toString(16))).reverse();
    names.push([...labels, v4 ? 'in-addr.arpa.' : 'ip6.arpa.'].join('.'));
  }
  return names;
}
