import type { LiveKind } from './types.ts';

const common = {
  service: 'network',
  page: 500,
  project: 'project_id',
  name: 'name',
  tags: 'tags',
  description: 'description',
  created: 'created_at',
  marks: ['tag', 'description', 'name'],
} as const satisfies Partial<LiveKind>;

/** VPN objects carry no tags and no times. */
const vpn = {
  service: 'network',
  page: 500,
  project: 'project_id',
  name: 'name',
  description: 'description',
  marks: ['description', 'name'],
  extension: true,
} as const satisfies Partial<LiveKind>;

/** Port that Neutron makes itself when a subnet is put on a router. */
function isRouterInterface(owner: unknown): boolean {
  return typeof owner === 'string' && /^network:(?:router_interface|router_interface_distributed|ha_router_replicated_interface)$/u.test(owner);
}

export const networkKinds: readonly LiveKind[] = [
  {
    ...vpn,
    type: 'openstack_vpnaas_site_connection_v2',
    path: '/v2.0/vpn/ipsec-site-connections',
    key: 'ipsec_site_connections',
    match: { name: 'name', peer_address: 'peer_address' },
  },
  { ...vpn, type: 'openstack_vpnaas_endpoint_group_v2', path: '/v2.0/vpn/endpoint-groups', key: 'endpoint_groups', match: { name: 'name', type: 'type' } },
  { ...vpn, type: 'openstack_vpnaas_service_v2', path: '/v2.0/vpn/vpnservices', key: 'vpnservices', match: { name: 'name', router_id: 'router_id' } },
  { ...vpn, type: 'openstack_vpnaas_ike_policy_v2', path: '/v2.0/vpn/ikepolicies', key: 'ikepolicies', match: { name: 'name' } },
  { ...vpn, type: 'openstack_vpnaas_ipsec_policy_v2', path: '/v2.0/vpn/ipsecpolicies', key: 'ipsecpolicies', match: { name: 'name' } },
  {
    ...common,
    type: 'openstack_networking_floatingip_v2',
    path: '/v2.0/floatingips',
    key: 'floatingips',
    name: undefined,
    marks: ['tag', 'description', 'parent'],
    match: { address: 'floating_ip_address', port_id: 'port_id', fixed_ip: 'fixed_ip_address', description: 'description' },
    advice: 'delete',
  },
  {
    ...common,
    type: 'openstack_networking_trunk_v2',
    path: '/v2.0/trunks',
    key: 'trunks',
    match: { name: 'name', port_id: 'port_id' },
    // The provider (3.4.0) cannot import one.
    advice: 'delete',
    extension: true,
  },
  {
    ...common,
    type: 'openstack_networking_router_interface_v2',
    path: '/v2.0/ports',
    key: 'ports',
    only: (port) => isRouterInterface(port['device_owner']),
    marks: ['parent'],
    match: { router_id: 'device_id', subnet_id: 'fixed_ips.[].subnet_id', port_id: 'id' },
    remove: { method: 'PUT', path: '/v2.0/routers/{device_id}/remove_router_interface', body: { port_id: '{id}' } },
  },
  { ...common, type: 'openstack_networking_router_v2', path: '/v2.0/routers', key: 'routers', match: { name: 'name' } },
  {
    ...common,
    type: 'openstack_networking_port_v2',
    path: '/v2.0/ports',
    key: 'ports',
    // What Neutron makes for itself (`network:dhcp`, ...) and what Nova makes with a server is nobody's declared port.
    only: (port) => typeof port['device_owner'] !== 'string' || !port['device_owner'].startsWith('network:'),
    match: { name: 'name', network_id: 'network_id', mac_address: 'mac_address' },
  },
  { ...common, type: 'openstack_networking_subnet_v2', path: '/v2.0/subnets', key: 'subnets', match: { name: 'name', network_id: 'network_id', cidr: 'cidr' } },
  {
    ...common,
    type: 'openstack_networking_rbac_policy_v2',
    path: '/v2.0/rbac-policies',
    key: 'rbac_policies',
    name: undefined,
    tags: undefined,
    description: undefined,
    created: undefined,
    marks: ['parent'],
    match: { object_id: 'object_id', target_tenant: 'target_tenant', action: 'action', object_type: 'object_type' },
  },
  { ...common, type: 'openstack_networking_network_v2', path: '/v2.0/networks', key: 'networks', match: { name: 'name' } },
  { ...common, type: 'openstack_networking_subnetpool_v2', path: '/v2.0/subnetpools', key: 'subnetpools', match: { name: 'name' } },
  {
    ...common,
    type: 'openstack_networking_addressscope_v2',
    path: '/v2.0/address-scopes',
    key: 'address_scopes',
    tags: undefined,
    description: undefined,
    created: undefined,
    marks: ['name'],
    match: { name: 'name', ip_version: 'ip_version' },
  },
  {
    ...common,
    type: 'openstack_networking_secgroup_rule_v2',
    path: '/v2.0/security-group-rules',
    key: 'security_group_rules',
    name: undefined,
    marks: ['description', 'parent'],
    match: {
      security_group_id: 'security_group_id',
      direction: 'direction',
      ethertype: 'ethertype',
      protocol: 'protocol',
      port_range_min: 'port_range_min',
      port_range_max: 'port_range_max',
      remote_ip_prefix: 'remote_ip_prefix',
      remote_group_id: 'remote_group_id',
    },
  },
  {
    ...common,
    type: 'openstack_networking_secgroup_v2',
    path: '/v2.0/security-groups',
    key: 'security_groups',
    only: (group) => group['name'] !== 'default',
    match: { name: 'name' },
    // Cut off before its default rules were removed it would let more through than is declared.
    advice: 'delete',
  },
  {
    ...common,
    type: 'openstack_networking_address_group_v2',
    path: '/v2.0/address-groups',
    key: 'address_groups',
    tags: undefined,
    created: undefined,
    marks: ['description', 'name'],
    match: { name: 'name' },
    extension: true,
  },
  { ...common, type: 'openstack_networking_qos_policy_v2', path: '/v2.0/qos/policies', key: 'policies', match: { name: 'name' }, extension: true },
  ...(
    [
      ['bandwidth_limit', { max_kbps: 'max_kbps', direction: 'direction' }],
      ['dscp_marking', { dscp_mark: 'dscp_mark' }],
      ['minimum_bandwidth', { min_kbps: 'min_kbps', direction: 'direction' }],
    ] as const
  ).map(([rule, match]): LiveKind => ({
    type: `openstack_networking_qos_${rule}_rule_v2`,
    service: 'network',
    path: `/v2.0/qos/policies/{parent}/${rule}_rules`,
    key: `${rule}_rules`,
    under: 'openstack_networking_qos_policy_v2',
    project: 'own',
    marks: ['parent'],
    match: { qos_policy_id: 'parent', ...match },
    importId: '{parent}/{id}',
    extension: true,
  })),
];
