import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../modules/core/index.ts';
import { modelOfPlan } from '../../../modules/cloud/preflight/planned.ts';
import { plannedSubnets } from '../../../modules/cloud/preflight/static/subnets.ts';
import { PlannedWorld } from '../../../modules/cloud/preflight/world.ts';
import { openstackStack } from '../../lab/live/federation.ts';

// As `terraform show -json` of Terraform 1.11 writes it, cut to what is read.
const subnet = (key: string, cidr: string, actions: readonly string[] = ['create']): JsonObject => ({
  address: `openstack_networking_subnet_v2.s["${key}"]`,
  mode: 'managed',
  type: 'openstack_networking_subnet_v2',
  name: 's',
  index: key,
  change: { actions, after: { cidr, ip_version: 4, allocation_pool: [] }, after_unknown: { id: true, network_id: true, allocation_pool: [] } },
});
const shown: JsonObject = {
  resource_changes: [
    {
      address: 'openstack_networking_network_v2.n',
      mode: 'managed',
      type: 'openstack_networking_network_v2',
      name: 'n',
      change: { actions: ['create'], after: { name: 'n' }, after_unknown: { id: true } },
    },
    subnet('a', '10.0.0.0/24'),
    subnet('b', '10.0.1.0/24', ['update']),
    { ...subnet('gone', ''), change: { actions: ['delete'], after: null } },
    { address: 'data.x.y', mode: 'data', type: 'x', name: 'y', change: { actions: ['read'], after: {} } },
  ],
  configuration: {
    provider_config: { openstack: { name: 'openstack', expressions: { tenant_name: { constant_value: 'portal' }, password: { references: ['var.p'] } } } },
    root_module: {
      resources: [
        {
          address: 'openstack_networking_subnet_v2.s',
          expressions: { network_id: { references: ['openstack_networking_network_v2.n.id', 'openstack_networking_network_v2.n'] } },
        },
      ],
    },
  },
};

describe('a stack as its plan tells it', () => {
  const stack = { ...openstackStack('lab.units.hcl', {}), json: undefined };
  const world = new PlannedWorld({ root: '/', declared: [stack], held: () => undefined });
  world.enterModel(modelOfPlan(stack, shown));

  it('has values as planned, and what they refer to where they are known only at apply', () => {
    const subnets = plannedSubnets(world);
    expect(subnets.map(({ item, network }) => [item.address, network])).toEqual([
      ['openstack_networking_subnet_v2.s["a"]', 'lab.units.hcl/openstack_networking_network_v2.n'],
      ['openstack_networking_subnet_v2.s["b"]', 'lab.units.hcl/openstack_networking_network_v2.n'],
    ]);
  });

  it('knows what the plan adds, and the provider as far as it is stated', () => {
    expect([...world.items()].map((item) => [item.address, world.added(item)])).toEqual([
      ['openstack_networking_network_v2.n', 1],
      ['openstack_networking_subnet_v2.s["a"]', 1],
      ['openstack_networking_subnet_v2.s["b"]', 0],
    ]);
    expect(world.stacks[0]?.providers).toEqual({ openstack: { tenant_name: 'portal' } });
  });
});
