import { Construct } from 'constructs';
import { NetworkingSecgroupRuleV2, type NetworkingSecgroupRuleV2Props } from '../providers/openstack/networking-secgroup-rule-v2.ts';
import { NetworkingSecgroupV2 } from '../providers/openstack/networking-secgroup-v2.ts';
import { TenantStack } from '../program/stack.ts';
import { TenantNetwork } from './network.ts';

/** Who may reach what, as a person would say it; the rules of both families follow. */
export interface Allow {
  /** Everyone, a network of the tenant, the members of a group, or a prefix. */
  readonly from: 'anywhere' | TenantNetwork | SecurityGroup | (string & {});
  /** One port, or the first and the last; every port where none is named. */
  readonly port?: number | readonly [number, number];
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  /** What it is for, for the person who reviews the rule. */
  readonly why: string;
}

export interface SecurityGroupProps {
  readonly allow: readonly Allow[];
  /** `false` lets nothing out but answers. */
  readonly outgoing?: boolean;
}

type Source = Pick<NetworkingSecgroupRuleV2Props, 'remoteIpPrefix' | 'remoteGroupId'>;

/** A security group by intent: each line of `allow` becomes a rule in every family it makes sense in. */
export class SecurityGroup extends Construct {
  readonly group: NetworkingSecgroupV2;

  constructor(scope: Construct, id: string, { allow, outgoing = true }: SecurityGroupProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    this.group = new NetworkingSecgroupV2(this, 'group', {
      name: stack.nameOf(id === 'group' ? (this.node.scope?.node.id ?? id) : id),
      description: stack.describe(allow.map(({ why }) => why).join('; ')),
      deleteDefaultRules: true,
      tags: [stack.tag],
    });
    for (const rule of allow) {
      for (const [family, source] of sourcesOf(rule.from)) this.#rule(rule, family, source, stack);
    }
    if (outgoing) {
      for (const family of ['IPv4', 'IPv6'])
        new NetworkingSecgroupRuleV2(this, `out-${family.toLowerCase()}`, {
          securityGroupId: this.group.id,
          direction: 'egress',
          ethertype: family,
          description: stack.describe('all outgoing'),
        });
    }
  }

  #rule({ from, port, protocol = 'tcp', why }: Allow, family: 'IPv4' | 'IPv6', source: Source, stack: TenantStack): void {
    const [first, last] = typeof port === 'number' ? [port, port] : (port ?? []);
    const name = [originName(from), protocol, first ?? 'all', family.toLowerCase()].join('-');
    new NetworkingSecgroupRuleV2(this, name, {
      securityGroupId: this.group.id,
      direction: 'ingress',
      ethertype: family,
      protocol: protocol === 'icmp' && family === 'IPv6' ? 'ipv6-icmp' : protocol,
      ...(first === undefined ? {} : { portRangeMin: first, portRangeMax: last ?? first }),
      ...source,
      description: stack.describe(why),
    });
  }
}

function originName(from: Allow['from']): string {
  return typeof from === 'string' ? from.replace(/[^A-Za-z0-9]+/gu, '-') : from.node.id === 'group' ? (from.node.scope?.node.id ?? 'group') : from.node.id;
}

function sourcesOf(from: Allow['from']): ['IPv4' | 'IPv6', Source][] {
  if (from instanceof TenantNetwork)
    return [
      ...(from.v4 === undefined ? [] : [['IPv4', { remoteIpPrefix: from.v4 }] satisfies ['IPv4', Source]]),
      ...(from.v6 === undefined ? [] : [['IPv6', { remoteIpPrefix: from.v6 }] satisfies ['IPv6', Source]]),
    ];
  if (from instanceof SecurityGroup)
    return [
      ['IPv4', { remoteGroupId: from.group.id }],
      ['IPv6', { remoteGroupId: from.group.id }],
    ];
  if (from === 'anywhere')
    return [
      ['IPv4', { remoteIpPrefix: '0.0.0.0/0' }],
      ['IPv6', { remoteIpPrefix: '::/0' }],
    ];
  return [[from.includes(':') ? 'IPv6' : 'IPv4', { remoteIpPrefix: from }]];
}
