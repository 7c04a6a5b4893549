import { isObject, type Json, type JsonObject } from '../../../core/index.ts';
import type { LiveObject } from '../types.ts';

/** What is special about taking objects of one kind into a declaration. */
export interface AdoptRow {
  /** Why objects of this kind are listed and not imported. */
  readonly cannot?: string | undefined;
  /** Attributes of the provider that are left out: what others own, or what stands in another attribute in better words. */
  readonly without?: readonly string[] | undefined;
  /** Attribute -> the one without which it says nothing. */
  readonly needs?: Readonly<Record<string, string>> | undefined;
  /** Which entries of a map are the cloud's own. */
  readonly owned?: Readonly<Record<string, RegExp>> | undefined;
  /** Attribute the provider demands -> field of the API, where it has another name. `=TEXT`: any text does, the provider reads it anew. */
  readonly guess?: Readonly<Record<string, string>> | undefined;
  /** Attribute -> what it is where nobody chose anything: not worth writing. A plan says where that is wrong. */
  readonly usual?: Readonly<Record<string, Json>> | undefined;
  /**
   * Attributes the provider never reads back, from what the cloud says. They are declared, and left alone by plans
   * (`ignoreChanges`) until the author takes that line away.
   */
  readonly unread?: ((object: LiveObject, objects: readonly LiveObject[]) => Readonly<Record<string, Json>>) | undefined;
}

/** What is on unless somebody switched it off, whatever the kind. */
export const usual: Readonly<Record<string, Json>> = { admin_state_up: true, port_security_enabled: true, enable_dhcp: true, ip_version: 4 };

/** Of what rows leave out, what somebody may have chosen: where it says something the program names it. */
export const chosen: ReadonlySet<string> = new Set([
  'shared',
  'external',
  'transparent_vlan',
  'distributed',
  'availability_zone_hints',
  'segment_id',
  'dns_name',
  'dns_domain',
  'flavor_id',
  'attributes',
  'acl',
]);

/** Attributes of any kind that the cloud or the session says, not the author. */
export const never: ReadonlySet<string> = new Set([
  'id',
  'region',
  'tenant_id',
  'project_id',
  'user_id',
  'value_specs',
  'timeouts',
  'all_tags',
  'all_metadata',
]);

/**
 * By Terraform type; provider 3.4.0, tried on a real cloud. A kind without a row needs nothing special. Whether a body is right
 * is never taken from here: a plan of the provider says it.
 */
export const adoptTable: Readonly<Record<string, AdoptRow>> = {
  openstack_networking_port_v2: {
    // Who uses a port says so; the address of its card is the cloud's.
    without: ['device_id', 'device_owner', 'mac_address', 'dns_name', 'binding', 'allowed_address_pairs.mac_address'],
    unread: ({ attributes }) => ({ security_group_ids: attributes['security_groups'] ?? [], fixed_ip: listOf(attributes['fixed_ips']) }),
  },
  openstack_networking_subnet_v2: { without: ['prefix_length', 'segment_id'] },
  openstack_networking_network_v2: { without: ['mtu', 'segments', 'external', 'shared', 'transparent_vlan', 'availability_zone_hints'] },
  // Without a way out there is nothing to translate.
  openstack_networking_router_v2: {
    usual: { enable_snat: true },
    needs: { enable_snat: 'external_network_id' },
    without: ['distributed', 'external_fixed_ip', 'external_subnet_ids', 'availability_zone_hints'],
  },
  openstack_networking_router_interface_v2: { without: ['port_id'], guess: { router_id: 'device_id' } },
  openstack_networking_router_route_v2: { guess: { router_id: 'parent', destination_cidr: 'destination', next_hop: 'nexthop' } },
  openstack_networking_floatingip_v2: { without: ['subnet_id', 'subnet_ids', 'dns_name', 'dns_domain'], guess: { pool: '=pool' } },
  openstack_networking_secgroup_v2: { usual: { stateful: true } },
  openstack_networking_trunk_v2: { cannot: 'the provider cannot import a trunk: declare it, and let a plan make it anew' },
  openstack_networking_portforwarding_v2: { cannot: 'the provider cannot import a port forwarding: declare it, and let a plan make it anew' },
  openstack_compute_instance_v2: {
    // What the server has by name is said by name; what an administrator chose is not the tenant's.
    without: ['flavor_id', 'image_id', 'availability_zone', 'hypervisor_hostname', 'admin_pass', 'user_data', 'power_state', 'security_groups', 'personality'],
    unread: ({ id, attributes }, objects) => {
      // In the order of the cards where it is said; a server made with ports is made with these again.
      const ports = objects.filter((one) => one.kind === 'openstack_networking_port_v2' && one.attributes['device_id'] === id);
      const group = objects.find((one) => one.kind === 'openstack_compute_servergroup_v2' && includes(one.attributes['members'], id));
      const cards = isObject(attributes['addresses']) ? Object.values(attributes['addresses']).flatMap(listOf) : [];
      const order = (port: LiveObject): number => cards.findIndex((card) => card['OS-EXT-IPS-MAC:mac_addr'] === port.attributes['mac_address']);
      return {
        ...(ports.length === 0 ? {} : { network: ports.sort((a, b) => order(a) - order(b)).map((port) => ({ port: port.id })) }),
        ...(group === undefined ? {} : { scheduler_hints: [{ group: group.id }] }),
      };
    },
  },
  openstack_compute_volume_attach_v2: { without: ['device'], guess: { instance_id: 'parent', volume_id: 'volumeId' } },
  openstack_compute_servergroup_v2: { without: ['rules'] },
  openstack_blockstorage_volume_v3: { without: ['availability_zone', 'volume_retype_policy', 'image_id'] },
  // What Glance and its clients note of the bytes, where they lie and how they came.
  openstack_images_image_v2: {
    without: ['image_id'],
    owned: { properties: /^(?:os_hash_|os_glance_|owner_specified\.|(?:stores|direct_url|locations|self|file|schema)$)/u },
  },
  openstack_lb_loadbalancer_v2: {
    guess: { vip_subnet_id: 'vip_subnet_id' },
    without: ['vip_port_id', 'vip_network_id', 'security_group_ids', 'flavor_id', 'loadbalancer_provider'],
  },
  openstack_lb_listener_v2: {
    without: ['default_pool_id'],
    guess: { loadbalancer_id: 'loadbalancers.[].id' },
    // Octavia's own (configuration reference, [haproxy_amphora]); a cloud with others has them written.
    usual: {
      ...{ client_authentication: 'NONE', connection_limit: -1 },
      ...{ timeout_client_data: 50_000, timeout_member_connect: 5000, timeout_member_data: 50_000, timeout_tcp_inspect: 0 },
    },
  },
  openstack_lb_pool_v2: { guess: { lb_method: 'lb_algorithm', listener_id: 'listeners.[].id', loadbalancer_id: 'loadbalancers.[].id' } },
  openstack_lb_monitor_v2: { guess: { pool_id: 'pools.[].id' }, without: ['max_retries_down'] },
  openstack_lb_member_v2: { guess: { pool_id: 'parent' }, usual: { weight: 1 } },
  openstack_lb_l7policy_v2: { usual: { position: 1 } },
  openstack_lb_l7rule_v2: { guess: { l7policy_id: 'parent' } },
  openstack_dns_recordset_v2: { without: ['disable_status_check'], guess: { zone_id: 'parent' } },
  openstack_dns_zone_v2: { without: ['disable_status_check', 'attributes'], usual: { type: 'PRIMARY' } },
  openstack_networking_qos_bandwidth_limit_rule_v2: { guess: { qos_policy_id: 'parent' } },
  openstack_networking_qos_dscp_marking_rule_v2: { guess: { qos_policy_id: 'parent' } },
  openstack_networking_qos_minimum_bandwidth_rule_v2: { guess: { qos_policy_id: 'parent' } },
  openstack_keymanager_container_v1: { without: ['acl'] },
  openstack_vpnaas_ike_policy_v2: { usual: { lifetime: [{ units: 'seconds', value: 3600 }], phase1_negotiation_mode: 'main' } },
  openstack_vpnaas_ipsec_policy_v2: {
    usual: { lifetime: [{ units: 'seconds', value: 3600 }], encapsulation_mode: 'tunnel', transform_protocol: 'esp' },
  },
  openstack_keymanager_secret_v1: {
    cannot: 'its content would be read into the state: declare it with a reference to where the content is, or leave it to who made it',
  },
  openstack_vpnaas_site_connection_v2: {
    cannot: 'its pre-shared key would have to be written down: declare it with a reference to the key, then "vcloud import STACK ADDRESS ID"',
  },
};

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isObject).map((one) => one as JsonObject) : [];
}

function includes(list: unknown, id: string): boolean {
  return Array.isArray(list) && (list as unknown[]).includes(id);
}
