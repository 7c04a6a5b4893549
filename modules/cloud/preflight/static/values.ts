import { blocksOf, type Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { numberIn, textIn, type PlannedWorld } from '../world.ts';
import { keyIn, ownKey } from './subnets.ts';

const policies = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'];

/** Kinds whose names a cloud takes once: in a domain, or at all. Key pairs are a user's: who that is tells a log-in only. */
const unique = [
  'openstack_identity_project_v3',
  'openstack_identity_user_v3',
  'openstack_identity_group_v3',
  'openstack_identity_role_v3',
  'openstack_compute_flavor_v2',
  'openstack_dns_zone_v2',
] as const;

/** Server groups, sizes and the network of a load balancer. */
export function checkValues(world: PlannedWorld, findings: Findings): void {
  for (const item of world.items('openstack_compute_servergroup_v2')) {
    findings.look('value', item, 'server group');
    const given = item.body['policies'];
    const list = (Array.isArray(given) ? (given as unknown[]) : given === undefined ? [] : [given]).map((one) => textIn(world.resolve(item, one)));
    for (const policy of list) {
      if (policy !== undefined && !policies.includes(policy))
        findings.fail('value', item, `policy "${policy}" is none of a server group`, `write one of ${policies.join(', ')}`);
    }
    if (list.length > 1) findings.fail('value', item, `it has ${list.length} policies`, 'a server group has one');
  }
  for (const item of world.items('openstack_blockstorage_volume_v3')) {
    findings.look('value', item, 'volume');
    const size = numberIn(world.value(item, 'size'));
    if (size !== undefined && (!Number.isInteger(size) || size < 1)) findings.fail('value', item, `size ${size} is no number of gibibytes`, 'take 1 or more');
  }
  for (const item of world.items('openstack_lb_loadbalancer_v2')) {
    findings.look('value', item, 'load balancer');
    if (['vip_subnet_id', 'vip_network_id', 'vip_port_id'].every((name) => item.body[name] === undefined || item.body[name] === null))
      findings.fail('value', item, 'nothing says where its VIP lies', 'set vip_subnet_id, vip_network_id or vip_port_id');
  }
  for (const item of world.items('openstack_compute_instance_v2')) {
    findings.look('value', item, 'server');
    const has = (...names: readonly string[]): boolean => names.some((name) => item.body[name] !== undefined && item.body[name] !== null);
    if (!has('flavor_id', 'flavor_name')) findings.fail('value', item, 'it names no flavor', 'set flavor_name or flavor_id');
    if (!has('image_id', 'image_name') && blocksOf(item.body, 'block_device').length === 0)
      findings.fail('value', item, 'nothing says what it boots from', 'set image_name, image_id or a block_device');
  }
}

/** Names that must be unique are, within the plan. */
export function checkNames(world: PlannedWorld, findings: Findings): void {
  const taken = new Map<string, Item>();
  for (const item of world.items(...unique)) {
    const name = world.text(item, 'name');
    if (name === undefined) continue;
    findings.look('name', item, 'name');
    const cloud = world.stack(item.stack)?.stack.cloud ?? '';
    const key = [cloud, item.type, keyIn(world, item, item.body['domain_id']) ?? '', name].join(' ');
    const other = taken.get(key);
    if (other !== undefined && ownKey(other) !== ownKey(item)) {
      const where = other.stack === item.stack ? other.address : `${other.address} (${other.stack})`;
      findings.fail('name', [item, other], `the name "${name}" is also that of ${where}, and a cloud takes it once`, 'give one of them another name');
    } else taken.set(key, item);
  }
}
