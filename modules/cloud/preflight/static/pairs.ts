import { compareAddresses, comparePrefixes, lastAddress, overlaps, type Address, type Prefix } from '../../../network/index.ts';

/**
 * Pairs that share an address, of things that each have a prefix: one sweep over them in order of address. Of nested ones every
 * pair is told. Pure.
 */
export function overlappingPairs<T extends { readonly prefix: Prefix }>(things: readonly T[]): [T, T][] {
  const ordered = [...things].sort((one, other) => comparePrefixes(one.prefix, other.prefix));
  const open: T[] = [];
  const pairs: [T, T][] = [];
  for (const thing of ordered) {
    // Prefixes nest or are apart: what does not hold this one holds none that comes after it.
    while (open.length > 0 && !overlaps((open.at(-1) as T).prefix, thing.prefix)) open.pop();
    for (const outer of open) pairs.push([outer, thing]);
    open.push(thing);
  }
  return pairs;
}

/** Whether an address lies between two, both included. */
export function between(start: Address, end: Address, address: Address): boolean {
  return compareAddresses(start, address) <= 0 && compareAddresses(address, end) <= 0;
}

/** Why an address of a prefix is no host's: its network or broadcast address (RFC 919, RFC 4291 2.6.1); undefined: it is one. */
export function noHost(prefix: Prefix, address: Address): string | undefined {
  const bits = prefix.family === 'v4' ? 32 : 128;
  if (bits - prefix.length < 2) return undefined;
  if (compareAddresses(prefix, address) === 0) return prefix.family === 'v4' ? 'the network address' : "the routers' anycast address";
  return prefix.family === 'v4' && compareAddresses(lastAddress(prefix), address) === 0 ? 'the broadcast address' : undefined;
}
