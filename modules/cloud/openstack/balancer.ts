import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { DataKeymanagerContainerV1 } from '../providers/openstack/data-keymanager-container-v1.ts';
import { LbL7policyV2 } from '../providers/openstack/lb-l7policy-v2.ts';
import { LbL7ruleV2 } from '../providers/openstack/lb-l7rule-v2.ts';
import { LbListenerV2 } from '../providers/openstack/lb-listener-v2.ts';
import { LbLoadbalancerV2 } from '../providers/openstack/lb-loadbalancer-v2.ts';
import { LbMemberV2 } from '../providers/openstack/lb-member-v2.ts';
import { LbMonitorV2 } from '../providers/openstack/lb-monitor-v2.ts';
import { LbPoolV2 } from '../providers/openstack/lb-pool-v2.ts';
import { TenantStack } from '../program/stack.ts';
import type { TenantNetwork } from './network.ts';
import type { Servers } from './servers.ts';

type Version = 'v4' | 'v6';

export interface LoadBalancerProps {
  readonly network: TenantNetwork;
  readonly servers: Servers;
  /** Port it listens on, and the servers' where that differs. */
  readonly port: number;
  readonly serverPort?: number;
  /** Number of its address in the network. */
  readonly host?: number;
  /** Its address, where something else worked it out. */
  readonly address?: { readonly v4?: string; readonly v6?: string };
  /** `both` makes one balancer per family of the network: Octavia's additional addresses are not in Terraform's provider. */
  readonly families?: 'one' | 'both';
  /** Prefixes that may connect; everyone where none are named. */
  readonly from?: readonly string[];
  /**
   * Name of the container in the cloud's key store that holds the certificate and its private key. TLS then ends here.
   * The container is found by name when the plan is made, its content never leaves the key store.
   */
  readonly certificate?: string;
  /** Plain HTTP on this port is sent to the same name over TLS. */
  readonly redirect?: { readonly port: number; readonly to: string };
  /** Most connections at once. */
  readonly connections?: number;
}

/**
 * One address (or one per family) in front of servers. Connections are passed on unopened (TCP), so that TLS ends at the
 * servers, unless a certificate is named. A server that does not answer three times within 30 s gets no more connections.
 */
export class LoadBalancer extends Construct {
  readonly address: { readonly v4?: string; readonly v6?: string };
  /** The first family's. */
  readonly balancer: LbLoadbalancerV2;
  readonly listeners: readonly LbListenerV2[];
  readonly #stack: TenantStack;
  readonly #props: LoadBalancerProps;

  /** @throws ProblemError CLOUD-NOT-NUMBERED, CLOUD-BALANCER-REDIRECT, CLOUD-BALANCER-CLOSED */
  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    this.#stack = TenantStack.of(this);
    this.#props = props;
    const { network, host = 5, families = 'one', redirect, certificate } = props;
    if (redirect && certificate === undefined)
      fail('CLOUD-BALANCER-REDIRECT', 'a redirect to TLS needs a certificate here', {
        subject: this.node.path,
        hint: 'name the certificate, or let the servers redirect',
      });
    const numbered = props.address ? network.take(props.address, this) : network.host(host, this);
    const has = (['v4', 'v6'] as const).filter((version) => (version === 'v4' ? network.subnet4 : network.subnet6) !== undefined);
    if (has.length === 0) fail('CLOUD-NOT-NUMBERED', `network ${network.name} has no prefix`, { subject: this.node.path });
    // A listener without prefixes is open to everyone: a family nobody may come from gets none.
    const open = has.filter((version) => props.from === undefined || ofFamily(props.from, version).length > 0);
    if (open.length === 0)
      fail('CLOUD-BALANCER-CLOSED', 'nobody may connect: none of the prefixes is of a family of the network', {
        subject: this.node.path,
        hint: `name prefixes of ${has.map((version) => `IP${version}`).join(' or ')}, or leave the load balancer out`,
      });
    const used = families === 'both' ? open : open.slice(0, 1);
    this.address = Object.fromEntries(used.map((version) => [version, numbered[version]]));
    const container = certificate === undefined ? undefined : new DataKeymanagerContainerV1(this, 'certificate', { name: certificate });
    const made = used.map((version) => this.#family(version, version === has[0] ? '' : version.slice(1), container?.containerRef));
    this.balancer = (made[0] as (typeof made)[number]).balancer;
    this.listeners = made.map(({ listener }) => listener);
  }

  #family(version: Version, suffix: string, certificate: string | undefined): { balancer: LbLoadbalancerV2; listener: LbListenerV2 } {
    const { id } = this.node;
    const { network, servers, port, serverPort = port, connections, from, redirect } = this.#props;
    const stack = this.#stack;
    const tags = [stack.tag];
    const subnet = version === 'v4' ? network.subnet4 : network.subnet6;
    const name = (text: string): string => stack.nameOf(suffix === '' ? text : `${text}-v${suffix}`);
    const balancer = new LbLoadbalancerV2(this, `balancer${suffix}`, {
      name: name(id),
      description: stack.describe(`in front of ${servers.name}`),
      vipSubnetId: subnet?.id ?? '',
      vipAddress: this.address[version] ?? '',
      tags,
    });
    const common = {
      loadbalancerId: balancer.id,
      tags,
      ...(from === undefined ? {} : { allowedCidrs: ofFamily(from, version) }),
      ...(connections === undefined ? {} : { connectionLimit: connections }),
    };
    const listener = new LbListenerV2(this, `listener${suffix}`, {
      ...common,
      name: name(`${id}-${port}`),
      protocol: certificate === undefined ? 'TCP' : 'TERMINATED_HTTPS',
      protocolPort: port,
      ...(certificate === undefined
        ? {}
        : {
            defaultTlsContainerRef: certificate,
            tlsVersions: ['TLSv1.2', 'TLSv1.3'],
            insertHeaders: { 'X-Forwarded-For': 'true', 'X-Forwarded-Proto': 'true' },
          }),
    });
    if (redirect) {
      const plain = new LbListenerV2(this, `plain${suffix}`, {
        ...common,
        name: name(`${id}-${redirect.port}`),
        protocol: 'HTTP',
        protocolPort: redirect.port,
      });
      const policy = new LbL7policyV2(this, `to-tls${suffix}`, {
        name: name(`${id}-to-tls`),
        description: stack.describe('plain HTTP is sent to TLS'),
        listenerId: plain.id,
        action: 'REDIRECT_PREFIX',
        redirectPrefix: redirect.to,
        redirectHttpCode: 301,
      });
      new LbL7ruleV2(this, `everything${suffix}`, { l7policyId: policy.id, type: 'PATH', compareType: 'STARTS_WITH', value: '/' });
    }
    const pool = new LbPoolV2(this, `pool${suffix}`, {
      name: name(`${id}-${servers.name}`),
      listenerId: listener.id,
      protocol: certificate === undefined ? 'TCP' : 'HTTP',
      lbMethod: 'LEAST_CONNECTIONS',
      tags,
    });
    servers.addresses.forEach((address, index) => {
      const target = address[version];
      const memberSubnet = version === 'v4' ? servers.network.subnet4 : servers.network.subnet6;
      if (target !== undefined)
        new LbMemberV2(this, `member${suffix}-${index + 1}`, {
          name: name(`${servers.name}-${index + 1}`),
          poolId: pool.id,
          address: target,
          protocolPort: serverPort,
          ...(memberSubnet === undefined ? {} : { subnetId: memberSubnet.id }),
          tags,
        });
    });
    new LbMonitorV2(this, `monitor${suffix}`, { name: name(id), poolId: pool.id, type: 'TCP', delay: 10, timeout: 5, maxRetries: 3 });
    return { balancer, listener };
  }
}

function ofFamily(prefixes: readonly string[], version: Version): string[] {
  return prefixes.filter((prefix) => prefix.includes(':') === (version === 'v6'));
}
