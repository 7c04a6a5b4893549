import { formatPrefix, parsePrefix } from '../../network/index.ts';

/** Address family as Neutron names it in rules. */
export type Family = 'IPv4' | 'IPv6';

export const families: readonly Family[] = ['IPv4', 'IPv6'];

/** The other end of a conversation, as a rule can name it: the members of a group, or prefixes known by a name. */
export type Remote = { readonly group: string } | { readonly name: string; readonly prefixes: readonly string[] };

export type Protocol = 'tcp' | 'udp' | 'icmp';

/** One permitted conversation as seen from a group: the same two words at both ends say who opens it. */
export interface Opening {
  readonly direction: 'ingress' | 'egress';
  readonly remote: Remote;
  readonly protocol: Protocol;
  /** First and last port at the receiver; every port where none is named. */
  readonly ports?: readonly [number, number];
}

/** What a rule lets through of its family: a group's members, one prefix, or an address group that has to exist. */
export type RuleRemote = { readonly group: string } | { readonly prefix: string } | { readonly addressGroup: string; readonly addresses: readonly string[] };

export interface FlowRule {
  /** Unique in a group: equal ids are equal rules, which Neutron refuses to hold twice. */
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly family: Family;
  /** As Neutron writes it: ICMP of IPv6 is `ipv6-icmp`. */
  readonly protocol: string;
  readonly ports?: readonly [number, number];
  readonly remote: RuleRemote;
}

/** More prefixes of one family than this become an address group: one rule, whose members change without touching it. */
export const prefixesInRules = 3;

/** Everyone, in both families. */
export const everyone: Remote = { name: 'anywhere', prefixes: ['0.0.0.0/0', '::/0'] };

/**
 * The security group rules of one opening, in both families where the remote end has both. Pure. Rules never change in
 * place in Neutron, so an id follows from all that a rule says.
 */
export function rulesOf({ direction, remote, protocol, ports }: Opening): readonly FlowRule[] {
  return families.flatMap((family) =>
    remotesOf(remote, family).map(({ label, remote: one }): FlowRule => {
      const word = direction === 'ingress' ? 'from' : 'to';
      const port = ports === undefined ? 'all' : ports[0] === ports[1] ? String(ports[0]) : `${ports[0]}-${ports[1]}`;
      return {
        id: `${word}-${label}-${protocol}-${port}-${family.toLowerCase()}`,
        direction,
        family,
        protocol: protocol === 'icmp' && family === 'IPv6' ? 'ipv6-icmp' : protocol,
        ...(ports === undefined ? {} : { ports }),
        remote: one,
      };
    }),
  );
}

function remotesOf(remote: Remote, family: Family): readonly { readonly label: string; readonly remote: RuleRemote }[] {
  if ('group' in remote) return [{ label: slug(remote.group), remote: { group: remote.group } }];
  const prefixes = [...new Set(remote.prefixes.map((text) => formatPrefix(parsePrefix(text))))].filter((text) => text.includes(':') === (family === 'IPv6'));
  const name = slug(remote.name);
  if (prefixes.length > prefixesInRules) {
    const addressGroup = `${name}-${family === 'IPv4' ? 'v4' : 'v6'}`;
    return [{ label: name, remote: { addressGroup, addresses: prefixes.sort() } }];
  }
  // A name alone would give two prefixes one id; one that stands for a single prefix of the family reads better without it.
  return prefixes.map((prefix) => ({ label: prefixes.length === 1 ? name : `${name}-${slug(prefix)}`, remote: { prefix } }));
}

function slug(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/gu, '-').replace(/^-|-$/gu, '');
}
