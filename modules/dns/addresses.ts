import { addressAt, blockCount, formatAddress, isFault, parsePrefix, readAddress, subnetAt, type Address, type Family } from '../network/index.ts';

/** The family of a text that is one address and nothing else; undefined for anything else. */
export function familyOf(text: string): Family | undefined {
  const read = readAddress(text);
  return isFault(read) ? undefined : read.family;
}

/** The shortest form of an address (RFC 5952); the text itself where it is none. */
export function canonicalAddress(text: string): string {
  const read = readAddress(text);
  return isFault(read) ? text : formatAddress(read);
}

/** Address number `host` of a prefix, 0 being the prefix's own; undefined where it has no such address. */
export function hostAddress(prefix: string, host: number): string | undefined {
  const address = addressAt(parsePrefix(prefix), host);
  return address && formatAddress(address);
}

/** The labels of an address in the reverse tree, from the root down: octets, or nibbles. */
function reverseLabels({ family, a, b, c, d }: Address): string[] {
  if (family === 'v4') return [24, 16, 8, 0].map((shift) => String((a >>> shift) & 255));
  return [a, b, c, d].flatMap((word) => [28, 24, 20, 16, 12, 8, 4, 0].map((shift) => ((word >>> shift) & 15).toString(16)));
}

/** The absolute name of an address in the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName(text: string): string {
  const address = readAddress(text);
  if (isFault(address)) return '.';
  return reverseOf(address, address.family === 'v4' ? 4 : 32);
}

function reverseOf(address: Address, labels: number): string {
  const tree = address.family === 'v4' ? 'in-addr.arpa.' : 'ip6.arpa.';
  return [...reverseLabels(address).slice(0, labels).reverse(), tree].join('.');
}

/**
 * The reverse zones a prefix is cut into: on nibbles for IPv6, on octets for IPv4.
 * A prefix between two cuts gives one zone per block at the next one; an IPv4 prefix longer than /24 gives none,
 * because its zone would belong to the neighbours as well (RFC 2317 needs their consent).
 */
export function reverseZones(text: string): string[] {
  const prefix = parsePrefix(text);
  const step = prefix.family === 'v4' ? 8 : 4;
  if (prefix.family === 'v4' && prefix.length > 24) return [];
  const cut = Math.ceil(prefix.length / step);
  const names: string[] = [];
  for (let block = 0; block < Number(blockCount(prefix, cut * step)); block++) {
    const part = subnetAt(prefix, cut * step, block);
    if (part) names.push(reverseOf(part, cut));
  }
  return names;
}
