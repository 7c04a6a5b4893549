import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { LbListenerV2 } from '../providers/openstack/lb-listener-v2.ts';
import { LbLoadbalancerV2 } from '../providers/openstack/lb-loadbalancer-v2.ts';
import { LbMemberV2 } from '../providers/openstack/lb-member-v2.ts';
import { LbMonitorV2 } from '../providers/openstack/lb-monitor-v2.ts';
import { LbPoolV2 } from '../providers/openstack/lb-pool-v2.ts';
import { TenantStack } from '../program/stack.ts';
import type { TenantNetwork } from './network.ts';
import type { Servers } from './servers.ts';

export interface LoadBalancerProps {
  readonly network: TenantNetwork;
  readonly servers: Servers;
  /** Port it listens on, and the servers' where that differs. */
  readonly port: number;
  readonly serverPort?: number;
  /** Number of its address in the network. */
  readonly host?: number;
}

/** One address in front of servers; connections are passed on unopened (TCP), so that TLS ends at the servers. */
export class LoadBalancer extends Construct {
  readonly address: { readonly v4?: string; readonly v6?: string };
  readonly balancer: LbLoadbalancerV2;

  constructor(scope: Construct, id: string, { network, servers, port, serverPort = port, host = 5 }: LoadBalancerProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const { v4, v6 } = network.host(host, this);
    // One address per load balancer: IPv6 where the network has it not is the exception.
    const subnet = network.subnet4 ?? network.subnet6;
    const vip = network.subnet4 ? v4 : v6;
    if (!subnet || vip === undefined) fail('CLOUD-NOT-NUMBERED', `network ${network.name} has no prefix`, { subject: this.node.path });
    this.address = network.subnet4 ? { v4: vip } : { v6: vip };
    const tags = [stack.tag];
    this.balancer = new LbLoadbalancerV2(this, 'balancer', {
      name: stack.nameOf(id),
      description: stack.describe(`in front of ${servers.name}`),
      vipSubnetId: subnet.id,
      vipAddress: vip,
      tags,
    });
    const listener = new LbListenerV2(this, 'listener', {
      name: stack.nameOf(`${id}-${port}`),
      loadbalancerId: this.balancer.id,
      protocol: 'TCP',
      protocolPort: port,
      tags,
    });
    const pool = new LbPoolV2(this, 'pool', {
      name: stack.nameOf(`${id}-${servers.name}`),
      listenerId: listener.id,
      protocol: 'TCP',
      lbMethod: 'LEAST_CONNECTIONS',
      tags,
    });
    servers.addresses.forEach((address, index) => {
      const target = network.subnet4 ? address.v4 : address.v6;
      if (target !== undefined)
        new LbMemberV2(this, `member-${index + 1}`, {
          name: stack.nameOf(`${servers.name}-${index + 1}`),
          poolId: pool.id,
          address: target,
          protocolPort: serverPort,
          ...(network.subnet4 && servers.network.subnet4 ? { subnetId: servers.network.subnet4.id } : {}),
          tags,
        });
    });
    new LbMonitorV2(this, 'monitor', { name: stack.nameOf(id), poolId: pool.id, type: 'TCP', delay: 10, timeout: 5, maxRetries: 3 });
  }
}
