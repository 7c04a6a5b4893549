import { readPrefix, isFault } from './parse.ts';
import { contains, type Prefix } from './prefix.ts';

/**
 * What a block of the special-purpose registries is for. `private` may be used inside any network; the others are not
 * for a plan: `documentation` examples, `shared` between a carrier and its customers, `reserved` everything else.
 */
export type SpecialKind = 'private' | 'documentation' | 'shared' | 'reserved' | 'global';

export interface SpecialPurpose {
  readonly prefix: Prefix;
  readonly text: string;
  readonly name: string;
  readonly reference: string;
  readonly kind: SpecialKind;
}

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), with what RFC 4291 sets aside. The longest row wins.
const registry: readonly SpecialPurpose[] = (
  [
    ['0.0.0.0/8', 'this network', 'RFC 791', 'reserved'],
    ['10.0.0.0/8', 'private use', 'RFC 1918', 'private'],
    ['100.64.0.0/10', 'shared address space', 'RFC 6598', 'shared'],
    ['127.0.0.0/8', 'loopback', 'RFC 1122', 'reserved'],
    ['169.254.0.0/16', 'link local', 'RFC 3927', 'reserved'],
    ['172.16.0.0/12', 'private use', 'RFC 1918', 'private'],
    ['192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890', 'reserved'],
    ['192.0.0.9/32', 'port control protocol anycast', 'RFC 7723', 'global'],
    ['192.0.0.10/32', 'TURN anycast', 'RFC 8155', 'global'],
    ['192.0.2.0/24', 'documentation', 'RFC 5737', 'documentation'],
    ['192.88.99.0/24', '6to4 relay anycast, deprecated', 'RFC 7526', 'reserved'],
    ['192.168.0.0/16', 'private use', 'RFC 1918', 'private'],
    ['198.18.0.0/15', 'benchmarking', 'RFC 2544', 'reserved'],
    ['198.51.100.0/24', 'documentation', 'RFC 5737', 'documentation'],
    ['203.0.113.0/24', 'documentation', 'RFC 5737', 'documentation'],
    ['224.0.0.0/4', 'multicast', 'RFC 5771', 'reserved'],
    ['240.0.0.0/4', 'reserved', 'RFC 1112', 'reserved'],
    ['255.255.255.255/32', 'limited broadcast', 'RFC 919', 'reserved'],
    ['::/128', 'unspecified', 'RFC 4291', 'reserved'],
    ['::1/128', 'loopback', 'RFC 4291', 'reserved'],
    ['64:ff9b::/96', 'IPv4/IPv6 translation', 'RFC 6052', 'global'],
    ['64:ff9b:1::/48', 'local translation', 'RFC 8215', 'private'],
    ['100::/64', 'discard only', 'RFC 6666', 'reserved'],
    ['2001::/23', 'IETF protocol assignments', 'RFC 2928', 'reserved'],
    ['2001:1::1/128', 'port control protocol anycast', 'RFC 7723', 'global'],
    ['2001:1::2/128', 'TURN anycast', 'RFC 8155', 'global'],
    ['2001:2::/48', 'benchmarking', 'RFC 5180', 'reserved'],
    ['2001:3::/32', 'AMT', 'RFC 7450', 'global'],
    ['2001:4:112::/48', 'AS112', 'RFC 7535', 'global'],
    ['2001:20::/28', 'ORCHIDv2', 'RFC 7343', 'global'],
    ['2001:db8::/32', 'documentation', 'RFC 3849', 'documentation'],
    ['2002::/16', '6to4', 'RFC 3056', 'reserved'],
    ['3fff::/20', 'documentation', 'RFC 9637', 'documentation'],
    ['5f00::/16', 'segment routing identifiers', 'RFC 9602', 'reserved'],
    ['fc00::/8', 'unique local, not yet defined', 'RFC 4193', 'reserved'],
    ['fd00::/8', 'unique local', 'RFC 4193', 'private'],
    ['fe80::/10', 'link local', 'RFC 4291', 'reserved'],
    ['fec0::/10', 'site local, deprecated', 'RFC 3879', 'reserved'],
    ['ff00::/8', 'multicast', 'RFC 4291', 'reserved'],
  ] as const
).flatMap(([text, name, reference, kind]) => {
  const prefix = readPrefix(text);
  return isFault(prefix) ? [] : [{ prefix, text, name, reference, kind }];
});

/** The most specific row of the special-purpose registries a prefix lies in; undefined for ordinary space. */
export function specialPurpose(prefix: Prefix): SpecialPurpose | undefined {
  let best: SpecialPurpose | undefined;
  for (const row of registry) if (contains(row.prefix, prefix) && (!best || row.prefix.length > best.prefix.length)) best = row;
  return best;
}

/** Rows of the registries that lie inside a prefix. */
export function specialInside(prefix: Prefix): SpecialPurpose[] {
  return registry.filter((row) => row.prefix.length > prefix.length && contains(prefix, row.prefix));
}

/** What a number is for: documentation (RFC 5398), private use (RFC 6996), or ordinary. */
export function asnKind(asn: number): 'documentation' | 'private' | 'global' {
  if ((asn >= 64496 && asn <= 64511) || (asn >= 65536 && asn <= 65551)) return 'documentation';
  if ((asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294)) return 'private';
  return 'global';
}
