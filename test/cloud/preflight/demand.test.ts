import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../modules/cloud/preflight/live/demand.ts';
import { PlannedWorld } from '../../../modules/cloud/preflight/world.ts';
import type { StateResource } from '../../../modules/engine/index.ts';
import { openstackStack, type Resources } from '../../lab/live/federation.ts';

function demand(resources: Resources, held: readonly Pick<StateResource, 'address' | 'attributes'>[] = []): Record<string, number> {
  const stack = openstackStack('lab.unit.workload', resources);
  const state = held.map((one) => ({ stack: stack.path, type: '', ...one }));
  const world = new PlannedWorld({ root: '/', declared: [stack], held: () => state });
  world.enter(stack);
  const found =
    demandOf(
      world,
      world.items(),
      () => 'p',
      () => ({ cores: 4, ram: 8192 }),
    ).get('p') ?? new Map<string, { amount: number }>();
  return Object.fromEntries([...found].map(([quantity, { amount }]) => [quantity, amount]));
}

describe('what a plan adds to quotas', () => {
  it('counts servers with their cores, memory, ports and the volumes they boot from', () => {
    const server = {
      count: 3,
      flavor_name: 'm',
      network: [{ uuid: 'n' }, { port: 'p' }],
      block_device: [
        { source_type: 'image', destination_type: 'volume', volume_size: 20 },
        { source_type: 'volume', destination_type: 'volume', uuid: 'v' },
      ],
    };
    expect(demand({ openstack_compute_instance_v2: { s: server } })).toEqual({
      'compute.instances': 3,
      'compute.cores': 12,
      'compute.ram': 24_576,
      'network.port': 3,
      'block-storage.volumes': 3,
      'block-storage.gigabytes': 60,
    });
  });

  it('leaves out what the state holds, and takes of a volume what it grows by', () => {
    const volumes = { openstack_blockstorage_volume_v3: { v: { size: 30 }, w: { size: 5 } } };
    const there = [{ address: 'openstack_blockstorage_volume_v3.v', attributes: { id: '1', size: 10 } }];
    expect(demand(volumes, there)).toEqual({ 'block-storage.volumes': 1, 'block-storage.gigabytes': 25 });
    const networks = { openstack_networking_network_v2: { n: { for_each: { a: 1, b: 2, c: 3 }, name: 'n' } } };
    expect(demand(networks, [{ address: 'openstack_networking_network_v2.n["a"]', attributes: { id: '1' } }])).toEqual({ 'network.network': 2 });
  });

  it('counts the two rules Neutron gives every security group, unless they are deleted', () => {
    const groups = { openstack_networking_secgroup_v2: { a: { name: 'a' }, b: { name: 'b', delete_default_rules: true } } };
    expect(demand(groups)).toEqual({ 'network.security_group': 2, 'network.security_group_rule': 2 });
  });
});
