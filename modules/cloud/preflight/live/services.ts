/** What kinds of resources need of a cloud: a service of its catalogue, and an extension of Neutron where it is one. */
export interface Need {
  readonly service: string;
  readonly extension?: string | undefined;
}

/** First match counts. Service types: service-types.openstack.org; extensions: aliases of Networking API v2.0. */
const needs: readonly (readonly [RegExp, Need])[] = [
  [/^openstack_vpnaas_/u, { service: 'network', extension: 'vpnaas' }],
  [/^openstack_bgpvpn_/u, { service: 'network', extension: 'bgpvpn' }],
  [/^openstack_fw_/u, { service: 'network', extension: 'fwaas_v2' }],
  [/^openstack_taas_/u, { service: 'network', extension: 'taas' }],
  [/^openstack_networking_bgp_/u, { service: 'network', extension: 'bgp' }],
  [/^openstack_networking_trunk_/u, { service: 'network', extension: 'trunk' }],
  [/^openstack_networking_qos_/u, { service: 'network', extension: 'qos' }],
  [/^openstack_networking_address_group_/u, { service: 'network', extension: 'address-group' }],
  [/^openstack_networking_addressscope_/u, { service: 'network', extension: 'address-scope' }],
  [/^openstack_networking_rbac_/u, { service: 'network', extension: 'rbac-policies' }],
  [/^openstack_networking_portforwarding_/u, { service: 'network', extension: 'floating-ip-port-forwarding' }],
  [/^openstack_networking_segment_/u, { service: 'network', extension: 'segment' }],
  [/^openstack_networking_subnetpool_/u, { service: 'network', extension: 'subnet_allocation' }],
  [/^openstack_networking_(?:router|floatingip)/u, { service: 'network', extension: 'router' }],
  [/^openstack_networking_secgroup/u, { service: 'network', extension: 'security-group' }],
  [/^openstack_networking_/u, { service: 'network' }],
  [/^openstack_compute_/u, { service: 'compute' }],
  [/^openstack_blockstorage_/u, { service: 'block-storage' }],
  [/^openstack_images_/u, { service: 'image' }],
  [/^openstack_dns_/u, { service: 'dns' }],
  [/^openstack_(?:lb|loadbalancer)_/u, { service: 'load-balancer' }],
  [/^openstack_keymanager_/u, { service: 'key-manager' }],
  [/^openstack_objectstorage_/u, { service: 'object-store' }],
  [/^openstack_identity_/u, { service: 'identity' }],
  [/^openstack_containerinfra_/u, { service: 'container-infrastructure-management' }],
  [/^openstack_orchestration_/u, { service: 'orchestration' }],
  [/^openstack_sharedfilesystem_/u, { service: 'shared-file-system' }],
  [/^openstack_workflow_/u, { service: 'workflow' }],
  [/^openstack_db_/u, { service: 'database' }],
];

/** What a Terraform type needs; undefined for one that is of no OpenStack. */
export function needOf(type: string): Need | undefined {
  return needs.find(([pattern]) => pattern.test(type))?.[1];
}

/**
 * A question any user of a service may ask, which tells that it answers at all. Where the role of a service is missing, its list is
 * refused (403): that is told as such.
 */
export const firstQuestion: Readonly<Record<string, string>> = {
  network: '/v2.0/extensions',
  compute: '/limits',
  'block-storage': '/limits',
  image: '/v2/images?limit=1',
  dns: '/v2/zones?limit=1',
  'load-balancer': '/v2/lbaas/loadbalancers?limit=1',
  'key-manager': '/v1/containers?limit=1',
  'container-infrastructure-management': '/clusters',
  orchestration: '/stacks?limit=1',
  'object-store': '?limit=1',
  'shared-file-system': '/limits',
  workflow: '/workflows?limit=1',
  database: '/instances?limit=1',
};

/** Name people know a service by. */
const serviceNames: Readonly<Record<string, string>> = {
  network: 'Neutron',
  compute: 'Nova',
  'block-storage': 'Cinder',
  image: 'Glance',
  dns: 'Designate',
  'load-balancer': 'Octavia',
  'key-manager': 'Barbican',
  'object-store': 'Swift',
  identity: 'Keystone',
  'container-infrastructure-management': 'Magnum',
  orchestration: 'Heat',
  'shared-file-system': 'Manila',
  workflow: 'Mistral',
  database: 'Trove',
};

/** `network (Neutron)` */
export function serviceText(service: string): string {
  return `${service} (${serviceNames[service] ?? service})`;
}
