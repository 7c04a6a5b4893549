import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { DataNetworkingNetworkV2 } from '../providers/openstack/data-networking-network-v2.ts';
import { NetworkingNetworkV2 } from '../providers/openstack/networking-network-v2.ts';
import { NetworkingRouterInterfaceV2 } from '../providers/openstack/networking-router-interface-v2.ts';
import { NetworkingRouterV2 } from '../providers/openstack/networking-router-v2.ts';
import { NetworkingSubnetV2 } from '../providers/openstack/networking-subnet-v2.ts';
import { TenantStack } from '../program/stack.ts';
import { hostAddress, sizeOf } from './addresses.ts';

export interface TenantNetworkProps {
  /** Name in the address plan (key `tenant/TENANT/NAME`); the construct's id by default. */
  readonly name?: string;
  readonly nameservers?: readonly string[];
}

/** A network of the tenant with a subnet per family, numbered by the address plan. The first address is the gateway. */
export class TenantNetwork extends Construct {
  readonly name: string;
  readonly v4: string | undefined;
  readonly v6: string | undefined;
  readonly network: NetworkingNetworkV2;
  readonly subnet4: NetworkingSubnetV2 | undefined;
  readonly subnet6: NetworkingSubnetV2 | undefined;
  readonly #taken = new Map<number, string>();

  /** @throws ProblemError CLOUD-NOT-NUMBERED when the plan has no such network */
  constructor(scope: Construct, id: string, { name = id, nameservers }: TenantNetworkProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const planned = stack.agency.ask('networks', stack.tenant.id).find((network) => network.name === name);
    if (!planned)
      fail('CLOUD-NOT-NUMBERED', `the address plan has no network tenant/${stack.tenant.id}/${name}`, {
        subject: this.node.path,
        hint: 'add the need to a network plan and run `vcloud net allocate`',
      });
    this.name = name;
    this.v4 = planned.v4;
    this.v6 = planned.v6;
    this.network = new NetworkingNetworkV2(this, 'network', {
      name: stack.nameOf(name),
      description: stack.describe(`${name} network`),
      adminStateUp: true,
      tags: [stack.tag],
    });
    const common = { networkId: this.network.id, enableDhcp: true, tags: [stack.tag], description: stack.describe(`${name} network`) };
    if (planned.v4 !== undefined) {
      const size = sizeOf(planned.v4);
      this.subnet4 = new NetworkingSubnetV2(this, 'subnet4', {
        ...common,
        name: stack.nameOf(`${name}-v4`),
        ipVersion: 4,
        cidr: planned.v4,
        gatewayIp: hostAddress(planned.v4, 1),
        // The lower half is for addresses this stack gives out itself.
        allocationPool: [{ start: hostAddress(planned.v4, size / 2), end: hostAddress(planned.v4, size - 2) }],
        ...(nameservers ? { dnsNameservers: nameservers.filter((server) => !server.includes(':')) } : {}),
      });
    }
    if (planned.v6 !== undefined)
      this.subnet6 = new NetworkingSubnetV2(this, 'subnet6', {
        ...common,
        name: stack.nameOf(`${name}-v6`),
        ipVersion: 6,
        cidr: planned.v6,
        gatewayIp: hostAddress(planned.v6, 1),
        // Stateful, so that a port may name its address.
        ipv6AddressMode: 'dhcpv6-stateful',
        ipv6RaMode: 'dhcpv6-stateful',
        ...(nameservers ? { dnsNameservers: nameservers.filter((server) => server.includes(':')) } : {}),
      });
  }

  get subnets(): readonly NetworkingSubnetV2[] {
    return [this.subnet4, this.subnet6].filter((subnet) => subnet !== undefined);
  }

  /**
   * Address number `index` of each family, for one owner only.
   * @throws ProblemError CLOUD-ADDRESS-TAKEN
   */
  host(index: number, owner: Construct): { readonly v4?: string; readonly v6?: string } {
    const holder = this.#taken.get(index);
    if (holder !== undefined && holder !== owner.node.path)
      fail('CLOUD-ADDRESS-TAKEN', `address ${index} of network ${this.name} is already that of ${holder}`, {
        subject: owner.node.path,
        hint: 'give one of the two another first address',
      });
    this.#taken.set(index, owner.node.path);
    return {
      ...(this.v4 === undefined ? {} : { v4: hostAddress(this.v4, index) }),
      ...(this.v6 === undefined ? {} : { v6: hostAddress(this.v6, index) }),
    };
  }
}

export interface TenantRouterProps {
  readonly networks: readonly TenantNetwork[];
  /** Name of the cloud's network that leads out. */
  readonly external?: string;
}

/** The way out of the tenant: one router, with every network behind it. Nothing is translated: addresses are the plan's. */
export class TenantRouter extends Construct {
  readonly router: NetworkingRouterV2;

  constructor(scope: Construct, id: string, { networks, external = 'external' }: TenantRouterProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const uplink = new DataNetworkingNetworkV2(this, 'uplink', { name: external, external: true });
    this.router = new NetworkingRouterV2(this, 'router', {
      name: stack.nameOf(id),
      description: stack.describe('way out'),
      adminStateUp: true,
      externalNetworkId: uplink.id,
      enableSnat: false,
      tags: [stack.tag],
    });
    for (const network of networks) {
      if (network.subnet4) new NetworkingRouterInterfaceV2(this, `${network.name}-v4`, { routerId: this.router.id, subnetId: network.subnet4.id });
      if (network.subnet6) new NetworkingRouterInterfaceV2(this, `${network.name}-v6`, { routerId: this.router.id, subnetId: network.subnet6.id });
    }
  }
}
