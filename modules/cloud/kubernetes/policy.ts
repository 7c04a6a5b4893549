import { Construct } from 'constructs';
import { comparePrefixes, contains, formatPrefix, parsePrefix } from '../../network/index.ts';
import { NetworkPolicyV1 } from '../providers/kubernetes/network-policy-v1.ts';
import type { To } from '../providers/kubernetes/shared.ts';
import type { Inside } from './marks.ts';

/** The other end of a conversation, as a policy can name it. */
export type PodPeer =
  /** Pods of the same namespace that carry these labels; with none, all of them. */
  | { readonly pods: Readonly<Record<string, string>> }
  /** Pods of another namespace, which is known by its name. */
  | { readonly namespace: string; readonly pods?: Readonly<Record<string, string>> }
  /** Prefixes of either family, but for what of them is in `except`. */
  | { readonly prefixes: readonly string[]; readonly except?: readonly string[] };

/** Everyone, in both families. */
export const everyone: { readonly prefixes: readonly string[] } = { prefixes: ['0.0.0.0/0', '::/0'] };

/** Who may talk to whom on what, and why. */
export interface Opening {
  /** `from`: peers may open connections to the pods; `to`: the pods to the peers. */
  readonly direction: 'from' | 'to';
  readonly peers: readonly PodPeer[];
  /** Ports at whoever is called; every port where none is named. */
  readonly ports: readonly { readonly number: number; readonly protocol?: 'tcp' | 'udp' }[];
  /** For the person who reviews the policy. */
  readonly why: string;
}

export interface PodPolicyProps {
  readonly inside: Inside;
  readonly name: string;
  /** Labels of the pods it is about; with none, all of the namespace. */
  readonly pods: Readonly<Record<string, string>>;
  readonly openings: readonly Opening[];
  /** Directions that are closed but for the openings; by default both. */
  readonly closes?: readonly ('from' | 'to')[];
}

/**
 * What some pods of a namespace may do in the network: what is not an opening is refused, both ways (NetworkPolicy,
 * networking.k8s.io/v1). Reasons stand in the annotation `vcloud/why`, because a rule has no place for one.
 */
export class PodPolicy extends Construct {
  constructor(scope: Construct, id: string, { inside, name, pods, openings, closes = ['from', 'to'] }: PodPolicyProps) {
    super(scope, id);
    const of = (direction: Opening['direction']): Opening[] => openings.filter((opening) => opening.direction === direction);
    const [from, to] = [of('from'), of('to')];
    const reasons = [...new Set(openings.map(({ why }) => why))].join('; ');
    new NetworkPolicyV1(this, 'Resource', {
      metadata: inside(name, reasons === '' ? {} : { annotations: { 'vcloud/why': reasons } }),
      spec: {
        podSelector: selector(pods),
        policyTypes: [...(closes.includes('from') ? ['Ingress'] : []), ...(closes.includes('to') ? ['Egress'] : [])],
        ...(from.length === 0 ? {} : { ingress: from.map((opening) => ({ from: ends(opening), ports: ports(opening) })) }),
        ...(to.length === 0 ? {} : { egress: to.map((opening) => ({ to: ends(opening), ports: ports(opening) })) }),
      },
    });
  }
}

function selector(labels: Readonly<Record<string, string>>): { matchLabels?: Readonly<Record<string, string>> } {
  return Object.keys(labels).length === 0 ? {} : { matchLabels: labels };
}

/** `kubernetes.io/metadata.name` is put on every namespace by the API server itself, so nobody can pretend to it. */
function ends({ peers }: Opening): To[] {
  return peers.flatMap((peer): To[] => {
    if ('prefixes' in peer) return [...new Set(peer.prefixes.map((text) => formatPrefix(parsePrefix(text))))].map((cidr) => block(cidr, peer.except));
    if ('namespace' in peer)
      return [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
          ...(peer.pods === undefined ? {} : { podSelector: selector(peer.pods) }),
        },
      ];
    return [{ podSelector: selector(peer.pods) }];
  });
}

/** The API refuses an exception that is not a true part of its prefix; one that lies in another says nothing more. */
function block(cidr: string, except: readonly string[] = []): To {
  const whole = parsePrefix(cidr);
  const inside = except.map((text) => parsePrefix(text)).filter((prefix) => contains(whole, prefix) && prefix.length > whole.length);
  const outermost = inside.filter((prefix) => !inside.some((other) => other.length < prefix.length && contains(other, prefix)));
  const list = [...new Set(outermost.sort(comparePrefixes).map(formatPrefix))];
  return { ipBlock: { cidr, ...(list.length === 0 ? {} : { except: list }) } };
}

function ports({ ports: list }: Opening): { protocol: string; port: string }[] {
  return list.map(({ number, protocol = 'tcp' }) => ({ protocol: protocol.toUpperCase(), port: String(number) }));
}
