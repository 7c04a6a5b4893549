import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { DataNetworkingNetworkV2 } from '../providers/openstack/data-networking-network-v2.ts';
import { NetworkingNetworkV2 } from '../providers/openstack/networking-network-v2.ts';
import { NetworkingRouterInterfaceV2 } from '../providers/openstack/networking-router-interface-v2.ts';
import { NetworkingRouterV2 } from '../providers/openstack/networking-router-v2.ts';
import { NetworkingSubnetV2 } from '../providers/openstack/networking-subnet-v2.ts';
import { TenantStack } from '../program/stack.ts';
import { hostAddress, sizeOf } from './addresses.ts';
import { called } from './catalogue.ts';
import type { AddressSpace } from './space.ts';

export interface TenantNetworkProps {
  /** Name in the address plan (key `tenant/TENANT/NAME`); the construct's id by default. */
  readonly name?: string;
  readonly nameservers?: readonly string[];
  /** Pools its prefixes are taken from, so that the cloud itself refuses what overlaps. */
  readonly space?: AddressSpace;
}

/** A network of the tenant with a subnet per family, numbered by the address plan. The first address is the gateway. */
export class TenantNetwork extends Construct {
  readonly name: string;
  readonly v4: string | undefined;
  readonly v6: string | undefined;
  readonly network: NetworkingNetworkV2;
  readonly subnet4: NetworkingSubnetV2 | undefined;
  readonly subnet6: NetworkingSubnetV2 | undefined;
  readonly #taken = new Map<string, string>();

  /** @throws ProblemError CLOUD-NOT-NUMBERED when the plan has no such network */
  constructor(scope: Construct, id: string, { name = id, nameservers, space }: TenantNetworkProps = {}) {
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
        ...(space?.pool4 ? { subnetpoolId: space.pool4.id } : {}),
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
        ...(space?.pool6 ? { subnetpoolId: space.pool6.id } : {}),
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
    const address = {
      ...(this.v4 === undefined ? {} : { v4: hostAddress(this.v4, index) }),
      ...(this.v6 === undefined ? {} : { v6: hostAddress(this.v6, index) }),
    };
    return this.take(address, owner, `address ${index}`);
  }

  /**
   * Addresses somebody else worked out, for one owner only.
   * @throws ProblemError CLOUD-ADDRESS-TAKEN
   */
  take<A extends { readonly v4?: string; readonly v6?: string }>(address: A, owner: Construct, what = `address ${address.v4 ?? address.v6 ?? ''}`): A {
    for (const text of [address.v4, address.v6]) {
      if (text === undefined) continue;
      const holder = this.#taken.get(text);
      if (holder !== undefined && holder !== owner.node.path)
        fail('CLOUD-ADDRESS-TAKEN', `${what} of network ${this.name} is already that of ${holder}`, {
          subject: owner.node.path,
          hint: 'give one of the two another first address',
        });
      this.#taken.set(text, owner.node.path);
    }
    return address;
  }
}

export interface TenantRouterProps {
  readonly networks: readonly TenantNetwork[];
  /** The cloud's network that leads out, as its catalogue has it; `false` for a tenant that nothing leads out of. */
  readonly external?: string | false;
  /**
   * Whether IPv4 is translated on the way out; the cloud's own rule where it is not stated. Neutron lets its administrator alone
   * say it (policy `create_router:external_gateway_info:enable_snat`), and a tenant's stack is applied by the tenant.
   */
  readonly translate?: boolean;
}

/** The way out of the tenant: one router, with every network behind it. Between networks, and IPv6, are never translated: addresses are the plan's. */
export class TenantRouter extends Construct {
  readonly router: NetworkingRouterV2;
  /** What must be there before anything that uses the way through the router (VPN, floating address, route): Neutron asks for it, references do not show it. */
  readonly interfaces: readonly NetworkingRouterInterfaceV2[];

  constructor(scope: Construct, id: string, { networks, external = 'external', translate }: TenantRouterProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const uplink = external === false ? undefined : new DataNetworkingNetworkV2(this, 'uplink', { name: called(this, 'networks', external), external: true });
    this.router = new NetworkingRouterV2(this, 'router', {
      name: stack.nameOf(id),
      description: stack.describe(uplink ? 'way out' : 'between networks'),
      adminStateUp: true,
      ...(uplink ? { externalNetworkId: uplink.id, ...(translate === undefined ? {} : { enableSnat: translate }) } : {}),
      tags: [stack.tag],
    });
    const { id: routerId } = this.router;
    this.interfaces = networks.flatMap(({ name, subnet4, subnet6 }) => [
      ...(subnet4 ? [new NetworkingRouterInterfaceV2(this, `${name}-v4`, { routerId, subnetId: subnet4.id })] : []),
      ...(subnet6 ? [new NetworkingRouterInterfaceV2(this, `${name}-v6`, { routerId, subnetId: subnet6.id })] : []),
    ]);
  }
}
