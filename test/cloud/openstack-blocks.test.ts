import { describe, expect, it } from 'vitest';
import { declarations, documentOf, fixture } from './world.ts';

/** Workload of a program's body; `portal` is the tenant, `web` `app` `data` `management` its networks. */
async function workload(body: string, environment: 'production' | 'sandbox' = 'production', cloud = ''): Promise<ReturnType<typeof documentOf>> {
  const world = fixture(environment);
  world.write('stacks/works/works.yaml', declarations.replace(/systems:[^]*/u, '').replace('kind: openstack,', `kind: openstack, ${cloud}`));
  world.write(
    'stacks/works/portal.ts',
    `import { AddressSpace, agencyStacks, BandwidthLimit, DataVolume, GeneratedKey, GivenKey, LoadBalancer, MachineImage, ObjectContainer, OpenStackTenant, permit, SecurityGroup, Servers, Share, SiteVpn, TenantNetwork, TenantRouter, TenantZone } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const { workload } = new OpenStackTenant(agency, 'portal', { tenant: agency.tenant('portal') });
${body}
});
`,
  );
  return documentOf(await world.run(), 'works.portal.workload');
}

const machine = `{ flavor: 'c2m4', image: 'debian-12' }`;

describe('building blocks of OpenStack', () => {
  it('number networks from pools of the address plan, and share with whom is named', async () => {
    const { resource } = await workload(`
  const space = new AddressSpace(workload, 'agency', { keys: ['tenant/portal/web', 'tenant/portal/app'] });
  const network = new TenantNetwork(workload, 'web', { space });
  new Share(workload, 'with', { kind: 'network', object: network.network.id, with: { roads: '00000000000000000000000000000001' } });`);
    expect(resource['openstack_networking_addressscope_v2']).toMatchObject({ agency_scope4: { ip_version: 4 }, agency_scope6: { ip_version: 6 } });
    expect(resource['openstack_networking_subnetpool_v2']?.['agency_pool4']).toMatchObject({ prefixes: ['10.0.0.0/26', '10.0.1.0/26'], default_prefixlen: 26 });
    expect(resource['openstack_networking_subnet_v2']?.['web_subnet4']).toMatchObject({
      cidr: '10.0.0.0/26',
      subnetpool_id: '${openstack_networking_subnetpool_v2.agency_pool4.id}',
    });
    expect(resource['openstack_networking_rbac_policy_v2']).toMatchObject({ with_roads: { action: 'access_as_shared', object_type: 'network' } });
    await expect(workload(`new Share(workload, 'all', { kind: 'network', object: 'x', with: { all: '*' } });`)).rejects.toThrow(/CLOUD-SHARE-EVERYONE/u);
  });

  it('ask for what a cloud calls otherwise by its name there', async () => {
    const { resource, data } = await workload(
      `
  const network = new TenantNetwork(workload, 'app');
  new TenantRouter(workload, 'edge', { networks: [network] });
  new Servers(workload, 'servers', { ...${machine}, network, count: 1, allow: [], volumeGiB: 5 });`,
      'production',
      'catalogue: { images: { debian-12: Debian 12 }, flavors: { c2m4: m1.medium }, networks: { external: public }, volumeTypes: { encrypted: luks } },',
    );
    expect(resource['openstack_compute_instance_v2']?.['servers_server-1']).toMatchObject({ image_name: 'Debian 12', flavor_name: 'm1.medium' });
    expect(resource['openstack_blockstorage_volume_v3']?.['servers_volume-1']).toMatchObject({ volume_type: 'luks' });
    expect(data?.['openstack_networking_network_v2']).toEqual({ edge_uplink: { name: 'public', external: true } });
  });

  it('carry a mark the cloud can hold, or are not made', async () => {
    const part = 'a-part-of-the-tenant-with-a-very-long-name';
    const body = `new DataVolume(new OpenStackTenant(agency, 'other', { tenant: agency.tenant('portal-dr') }).stack('${part}'), 'journal', { gib: 1 });`;
    await expect(workload(body)).rejects.toThrow(/CLOUD-MARK: the mark "vcloud:centre:works\.portal-dr\.a-part[^]*holds tags of 60/u);
  });

  it('open both groups of a conversation, and refuse one that no group can hold', async () => {
    const { resource } = await workload(`
  const [one, two] = ['one', 'two'].map((name) => new SecurityGroup(workload, name, {}));
  permit({ from: one, to: two, port: [8000, 8010], why: 'exchange' });
  permit({ from: one, to: two, port: [8000, 8010], why: 'said twice' });
  permit({ from: one, to: { name: 'partners', prefixes: ['192.0.2.0/28', '192.0.2.16/28', '192.0.2.32/28', '192.0.2.48/28'] }, port: 443, why: 'partners' });
  permit({ from: { key: 'tenant/maps/app' }, to: two, port: 443, why: 'maps' });`);
    expect(Object.keys(resource['openstack_networking_secgroup_rule_v2'] ?? {})).toEqual([
      'one_to-partners-tcp-443-ipv4',
      'one_to-two-tcp-8000-8010-ipv4',
      'one_to-two-tcp-8000-8010-ipv6',
      'two_from-one-tcp-8000-8010-ipv4',
      'two_from-one-tcp-8000-8010-ipv6',
      'two_from-tenant-maps-app-tcp-443-ipv4',
      'two_from-tenant-maps-app-tcp-443-ipv6',
    ]);
    expect(resource['openstack_networking_address_group_v2']).toMatchObject({
      'prefixes_partners-v4_group': { addresses: ['192.0.2.0/28', '192.0.2.16/28', '192.0.2.32/28', '192.0.2.48/28'] },
    });
    await expect(workload(`permit({ from: 'anywhere', to: '192.0.2.0/24', why: 'nobody' });`)).rejects.toThrow(/CLOUD-FLOW/u);
  });

  it('let servers reach names, time and metadata, and nothing else unless it is said', async () => {
    const { resource } = await workload(
      `new Servers(workload, 'servers', { ...${machine}, network: new TenantNetwork(workload, 'web'), count: 1, allow: [] });`,
    );
    const rules = Object.values(resource['openstack_networking_secgroup_rule_v2'] ?? {});
    expect(
      rules.every(
        ({ direction, security_group_id: group }) => direction === 'egress' && group === '${openstack_networking_secgroup_v2.essentials_group_group.id}',
      ),
    ).toBe(true);
    expect([...new Set(rules.map(({ protocol, port_range_min: port }) => `${String(protocol)} ${String(port)}`))].sort()).toEqual([
      'tcp 53',
      'tcp 80',
      'udp 123',
      'udp 53',
    ]);
    expect(rules.some(({ remote_ip_prefix: prefix }) => prefix === '0.0.0.0/0')).toBe(false);
  });

  it('pass TLS on, or end it with a certificate the key store has; a redirect needs that', async () => {
    const program = (props: string): string => `
  const network = new TenantNetwork(workload, 'web');
  const servers = new Servers(workload, 'web-servers', { ...${machine}, network, count: 2, allow: [] });
  new LoadBalancer(workload, 'front', { network, servers, port: 443, ${props} });`;
    const { resource, data } = await workload(
      program(
        `families: 'both', certificate: 'site', redirect: { port: 80, to: 'https://www.gov.test' }, connections: 100, from: ['192.0.2.0/24', '2001:db8::/32']`,
      ),
    );
    expect(resource['openstack_lb_listener_v2']).toMatchObject({
      front_listener: { protocol: 'TERMINATED_HTTPS', connection_limit: 100, allowed_cidrs: ['192.0.2.0/24'], tls_versions: ['TLSv1.2', 'TLSv1.3'] },
      front_listener6: { allowed_cidrs: ['2001:db8::/32'] },
      front_plain: { protocol: 'HTTP', protocol_port: 80 },
    });
    expect(resource['openstack_lb_l7policy_v2']?.['front_to-tls']).toMatchObject({ action: 'REDIRECT_PREFIX', redirect_prefix: 'https://www.gov.test' });
    expect(data?.['openstack_keymanager_container_v1']).toEqual({ front_certificate: { name: 'site' } });
    expect(Object.keys(resource['openstack_lb_member_v2'] ?? {})).toHaveLength(4);
    await expect(workload(program(`redirect: { port: 80, to: 'https://www.gov.test' }`))).rejects.toThrow(/CLOUD-BALANCER-REDIRECT/u);
    // A listener without prefixes would be open to everyone.
    const closed = await workload(program(`families: 'both', from: ['2001:db8::/32']`));
    expect(Object.keys(closed.resource['openstack_lb_listener_v2'] ?? {})).toEqual(['front_listener6']);
    await expect(workload(program('from: []'))).rejects.toThrow(/CLOUD-BALANCER-CLOSED/u);
  });

  it('connect sites with a key that no text shows', async () => {
    const program = (peer: string): string => `
  const network = new TenantNetwork(workload, 'app');
  const router = new TenantRouter(workload, 'edge', { networks: [network] });
  new SiteVpn(workload, 'centre', { router, networks: [network], peer: { address: '192.0.2.1', prefixes: [${peer}] } });`;
    const { resource, variable } = await workload(program(`{ key: 'tenant/maps/app' }, '2001:db8::/32'`));
    expect(variable).toMatchObject({ psk_centre: { sensitive: true, type: 'string' } });
    expect(resource['openstack_vpnaas_site_connection_v2']?.['centre_connection']).toMatchObject({
      psk: '${sensitive(var.psk_centre)}',
      dpd: [{ action: 'restart' }],
    });
    expect(resource['openstack_vpnaas_service_v2']?.['centre_service']?.['depends_on']).toEqual([
      'openstack_networking_router_interface_v2.edge_app-v4',
      'openstack_networking_router_interface_v2.edge_app-v6',
    ]);
    expect(resource['openstack_vpnaas_endpoint_group_v2']).toMatchObject({
      centre_remote: { type: 'cidr', endpoints: ['10.4.1.0/26'] },
      centre_local: { type: 'subnet' },
    });
    expect(resource['openstack_vpnaas_ike_policy_v2']?.['centre_ike']).toMatchObject({
      ike_version: 'v2',
      encryption_algorithm: 'aes-256',
      auth_algorithm: 'sha256',
    });
    await expect(workload(program(`'2001:db8::/32'`))).rejects.toThrow(/CLOUD-VPN-PREFIXES/u);
    expect((await workload(program(`'198.51.100.0/24'`), 'sandbox')).resource['terraform_data']).toBeDefined();
  });

  it('keep volumes, objects, keys, images and limits as stated', async () => {
    const sha512 = 'ab'.repeat(64);
    const { resource, data } = await workload(`
  new DataVolume(workload, 'journal', { gib: 20, backup: { everyHours: 6, keepDays: 14 }, from: { snapshot: 'snap' } });
  new ObjectContainer(workload, 'archive', { writeOnce: { days: 3650, policy: 'worm' } });
  new GeneratedKey(workload, 'signing', { shape: 'rsa' });
  new GivenKey(workload, 'site', { kind: 'certificate' });
  new MachineImage(workload, 'base', { from: { file: 'images/base.qcow2' }, sha512: '${sha512}' });
  new TenantZone(workload, 'names').record('@', 'TXT', ['"v=spf1 -all"']);
  new BandwidthLimit(workload, 'line', { egressMbps: 100 });`);
    expect(resource['openstack_blockstorage_volume_v3']?.['journal']).toMatchObject({
      volume_type: 'encrypted',
      snapshot_id: 'snap',
      metadata: { 'backup-every': '6h', 'backup-keep': '14d' },
    });
    expect(resource['openstack_objectstorage_container_v1']?.['archive_container']).toMatchObject({
      versioning: true,
      storage_policy: 'worm',
      metadata: { 'write-once-days': '3650' },
    });
    expect(resource['openstack_objectstorage_container_v1']?.['archive_container']).not.toHaveProperty('container_read');
    expect(resource['openstack_keymanager_order_v1']?.['signing_order']).toMatchObject({ type: 'asymmetric', meta: [{ algorithm: 'rsa', bit_length: 4096 }] });
    expect(data?.['openstack_keymanager_container_v1']).toEqual({ site_container: { name: 'portal-site' } });
    expect(resource['openstack_images_image_v2']?.['base_image']).toMatchObject({
      local_file_path: '../../../images/base.qcow2',
      lifecycle: { postcondition: [{ condition: `\${try(self.properties["os_hash_value"], "${sha512}") == "${sha512}"}` }] },
    });
    expect(resource['openstack_dns_recordset_v2']?.['names_apex-txt']).toMatchObject({ name: 'portal.works.gov.test.', type: 'TXT' });
    expect(resource['openstack_networking_qos_bandwidth_limit_rule_v2']?.['line_egress']).toMatchObject({
      max_kbps: 100_000,
      max_burst_kbps: 80_000,
      direction: 'egress',
    });
    for (const wrong of [`{ from: { file: '../x' }, sha512: '${sha512}' }`, `{ from: { url: 'https://images.invalid/x' }, sha512: 'md5' }`])
      await expect(workload(`new MachineImage(workload, 'base', ${wrong});`)).rejects.toThrow(/CLOUD-IMAGE/u);
  });
});
