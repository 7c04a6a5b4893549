/** A field that differs between two readings although nobody changed anything. */
export interface Noise {
  /** Resource type, `*` at its end for any that begins so; `*` alone for all. */
  readonly type: string;
  /** Path of the field, without indices; what is below it is meant too. */
  readonly field: string;
  /** Only where it said nothing before: the creation of another object fills it in. */
  readonly filled?: true;
  /** Only where the next plan leaves the object as it is now: what it would set back, somebody declares. */
  readonly kept?: true;
  readonly because: string;
}

/**
 * Seen with OpenStack provider 3.4 on Zed and Kubernetes provider 2.38 and 3.2. What differs only in null, [], {} and "" needs no
 * row: those are alike everywhere.
 */
export const noise: readonly Noise[] = [
  { type: 'openstack_networking_address_group_v2', field: 'project_id', because: 'now and then an answer leaves it out' },
  { type: 'openstack_*', field: 'updated_at', because: 'moves with every change of anything, and with some of none' },
  { type: 'openstack_*', field: 'revision_number', because: 'counts changes of ports and rules too' },
  { type: 'openstack_blockstorage_volume_v3', field: 'attachment', because: 'belongs to the attachment, which is an object of its own' },
  { type: 'openstack_compute_servergroup_v2', field: 'members', because: 'told by the servers, which are objects of their own' },
  { type: 'openstack_lb_listener_v2', field: 'default_pool_id', filled: true, because: 'filled in when a pool is made for it' },
  { type: 'openstack_networking_port_v2', field: 'device_id', filled: true, because: 'filled in when something takes the port' },
  { type: 'openstack_networking_port_v2', field: 'device_owner', filled: true, because: 'filled in when something takes the port' },
  { type: 'openstack_networking_port_v2', field: 'dns_name', filled: true, because: 'filled in with the name of the server that takes the port' },
  { type: 'openstack_networking_port_v2', field: 'dns_assignment', because: 'follows from the name and the addresses of the port' },
  {
    type: 'openstack_compute_instance_v2',
    field: 'power_state',
    kept: true,
    because: 'a machine may be switched off; what it should be is told by what declares it',
  },
  { type: 'kubernetes_*', field: 'metadata.resource_version', because: 'counts writes by controllers' },
  { type: 'kubernetes_*', field: 'metadata.generation', because: 'follows from the fields that changed' },
  { type: 'kubernetes_*', field: 'metadata.managed_fields', because: 'tells who wrote, not what' },
  { type: 'kubernetes_ingress_class_v1', field: 'metadata.uid', because: 'the provider learns it only when it reads again' },
];

/** Whether a difference of a field is known to say nothing. `filled`: it said nothing before. `kept`: the next plan does nothing about the object. */
export function isNoise(type: string, field: string, table: readonly Noise[] = noise, filled = false, kept = false): boolean {
  const plain = field.replaceAll(/\[\d+\]/gu, '');
  return table.some(
    (row) =>
      matches(row.type, type) && (row.filled !== true || filled) && (row.kept !== true || kept) && (plain === row.field || plain.startsWith(`${row.field}.`)),
  );
}

function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
