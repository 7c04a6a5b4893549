import type { JsonObject } from '../../core/index.ts';
import type { LiveObject } from './types.ts';

/** What is known of the objects around one, for telling whether the cloud made it by itself. */
export interface Around {
  /** Objects by id. */
  readonly byId: ReadonlyMap<string, LiveObject>;
  /** Hardware addresses of servers' interfaces that states know. */
  readonly interfaces?: ReadonlySet<string> | undefined;
  /** Ids of groups whose states say that their default rules were deleted: what lets everything out there was put there. */
  readonly emptied?: ReadonlySet<string> | undefined;
}

interface Row {
  /** Terraform type. */
  readonly type: string;
  readonly when: (object: LiveObject, around: Around) => boolean;
  readonly because: string;
}

const textOf = ({ attributes }: LiveObject, field: string): string => (typeof attributes[field] === 'string' ? attributes[field] : '');
const owner = (port: LiveObject): string => textOf(port, 'device_owner');

/**
 * What clouds make by themselves, so that nobody can be asked to declare it. An object no row fits is somebody's. Sources: the
 * services' own code (Neutron's `device_owner` constants and default rules, Octavia's names of VIP ports).
 */
export const madeByClouds: readonly Row[] = [
  {
    type: 'openstack_networking_port_v2',
    when: (port) => owner(port) === 'Octavia' || /^octavia-lb-(?:vrrp-)?[0-9a-f-]+$/u.test(port.name ?? ''),
    because: 'Octavia makes the port of a load balancer, and removes it with it',
  },
  {
    type: 'openstack_networking_port_v2',
    when: (port, { interfaces }) => owner(port).startsWith('compute:') && interfaces?.has(textOf(port, 'mac_address')) === true,
    because: 'Nova made it with a server that a state holds',
  },
  {
    type: 'openstack_networking_secgroup_rule_v2',
    when: (rule, { emptied }) =>
      isAnyRule(rule.attributes) &&
      rule.attributes['direction'] === 'egress' &&
      rule.attributes['remote_group_id'] === null &&
      emptied?.has(textOf(rule, 'security_group_id')) !== true,
    because: 'Neutron gives every new group a rule that lets everything out',
  },
  {
    type: 'openstack_networking_secgroup_rule_v2',
    when: (rule, { byId }) =>
      isAnyRule(rule.attributes) &&
      rule.attributes['direction'] === 'ingress' &&
      rule.attributes['remote_group_id'] === rule.attributes['security_group_id'] &&
      !byId.has(textOf(rule, 'security_group_id')),
    because: "Neutron gives every project's default group a rule that lets its members speak with each other",
  },
  {
    type: 'openstack_dns_recordset_v2',
    when: ({ attributes }) => attributes['managed'] === true,
    because: 'Designate keeps it for an address of Neutron or Nova',
  },
  {
    type: 'openstack_blockstorage_volume_v3',
    when: ({ attributes }) => attributes['bootable'] === 'true' && isRootDisk(attributes['attachments']),
    because: 'Nova made it as the disk a server starts from',
  },
];

/** Why the cloud is taken to have made an object by itself; undefined: it is somebody's. Pure. */
export function madeByCloud(object: LiveObject, around: Around): string | undefined {
  return madeByClouds.find((row) => row.type === object.kind && row.when(object, around))?.because;
}

/** A rule about all protocols, ports and addresses. */
function isAnyRule(attributes: JsonObject): boolean {
  return ['protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix', 'remote_address_group_id'].every((field) => (attributes[field] ?? null) === null);
}

function isRootDisk(attachments: unknown): boolean {
  return (
    Array.isArray(attachments) &&
    (attachments as { device?: unknown }[]).some(({ device }) => typeof device === 'string' && /^\/dev\/(?:[svx]d)?(?:vda|sda|xvda)$/u.test(device))
  );
}
