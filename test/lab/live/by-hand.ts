import { setTimeout as pause } from 'node:timers/promises';
import { isObject } from '../../../modules/core/index.ts';
import type { CloudClient, Json, OpenstackLab, ServiceType, Tenant } from '../support/lab.ts';

/** A project as somebody made it in a dashboard, by requests of its own. */
export interface ByHand {
  /** Objects of the project that were made, as `KIND NAME`. */
  readonly made: readonly string[];
  readonly ids: Readonly<Record<string, string>>;
  /** Takes away what an administrator made for it: flavor, image, external network. After the project's own objects. */
  readonly remove: () => Promise<void>;
}

/**
 * Makes networks of both families, a router with a way out, groups and rules, ports, a server with a volume, a load balancer
 * with all its parts, a zone with records, a key pair, a floating IP, keys in the key manager.
 */
export async function makeByHand({ admin }: OpenstackLab, tenant: Tenant): Promise<ByHand> {
  const suffix = tenant.project.split('-').at(-1) ?? '';
  const made: string[] = [];
  const ids: Record<string, string> = {};
  const create = async (client: CloudClient, service: ServiceType, path: string, key: string, body: Json): Promise<string> => {
    const answer = await client.post(service, path, { [key]: body });
    const object = isObject(answer[key]) ? answer[key] : {};
    return String(object['id'] ?? object['name']);
  };
  const own = async (service: ServiceType, path: string, key: string, as: string, body: Json): Promise<string> => {
    const id = await create(tenant.client, service, path, key, body);
    made.push(`${key} ${as}`);
    ids[as] = id;
    return id;
  };
  const net = (path: string, key: string, as: string, body: Json): Promise<string> => own('network', `/v2.0/${path}`, key, as, body);

  // What an operator provides.
  const external = await create(admin, 'network', '/v2.0/networks', 'network', { name: `outside-${suffix}`, 'router:external': true });
  await create(admin, 'network', '/v2.0/subnets', 'subnet', {
    name: 'outside',
    network_id: external,
    cidr: '198.51.100.0/24',
    ip_version: 4,
    enable_dhcp: false,
  });
  const flavor = await create(admin, 'compute', '/flavors', 'flavor', { name: `small-${suffix}`, vcpus: 1, ram: 64, disk: 1 });
  const image = await uploadImage(admin, `image-${suffix}`);

  const web = await net('networks', 'network', 'web', { name: 'web tier', description: 'made by hand', tags: undefined });
  const web4 = await net('subnets', 'subnet', 'web4', {
    name: 'web v4',
    network_id: web,
    ip_version: 4,
    cidr: '192.0.2.0/24',
    dns_nameservers: ['192.0.2.53', '192.0.2.54'],
    allocation_pools: [{ start: '192.0.2.10', end: '192.0.2.200' }],
    host_routes: [],
  });
  const web6 = await net('subnets', 'subnet', 'web6', {
    name: 'web v6',
    network_id: web,
    ip_version: 6,
    cidr: '2001:db8:40::/64',
    ipv6_ra_mode: 'dhcpv6-stateful',
    ipv6_address_mode: 'dhcpv6-stateful',
  });
  const data = await net('networks', 'network', 'data', { name: 'data', description: '' });
  const data4 = await net('subnets', 'subnet', 'data4', { name: 'data', network_id: data, ip_version: 4, cidr: '203.0.113.0/25', gateway_ip: null });
  const router = await net('routers', 'router', 'edge', { name: 'edge', external_gateway_info: { network_id: external } });
  for (const subnet of [web4, web6]) await tenant.client.put('network', `/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet });
  made.push('interface web v4', 'interface web v6');
  const group = await net('security-groups', 'security_group', 'group', { name: 'web servers', description: 'HTTPS from everywhere' });
  const inside = await net('security-groups', 'security_group', 'inside', { name: 'inside' });
  const rules: readonly Json[] = [
    {
      security_group_id: group,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 'tcp',
      port_range_min: 443,
      port_range_max: 443,
      remote_ip_prefix: '0.0.0.0/0',
    },
    { security_group_id: group, direction: 'ingress', ethertype: 'IPv6', protocol: 'tcp', port_range_min: 443, port_range_max: 443 },
    { security_group_id: inside, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 5432, port_range_max: 5432, remote_group_id: group },
    { security_group_id: inside, direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp' },
  ];
  for (const [index, rule] of rules.entries()) await net('security-group-rules', 'security_group_rule', `rule-${index + 1}`, rule);
  const port = await net('ports', 'port', 'port', {
    name: 'web-1',
    network_id: web,
    security_groups: [group],
    fixed_ips: [
      { subnet_id: web4, ip_address: '192.0.2.11' },
      { subnet_id: web6, ip_address: '2001:db8:40::11' },
    ],
    allowed_address_pairs: [{ ip_address: '192.0.2.250' }],
  });
  const dataPort = await net('ports', 'port', 'data-port', { name: '', network_id: data, security_groups: [inside], fixed_ips: [{ subnet_id: data4 }] });
  await net('floatingips', 'floatingip', 'floating', { floating_network_id: external, port_id: port, fixed_ip_address: '192.0.2.11', description: 'www' });
  await net('vpn/ikepolicies', 'ikepolicy', 'ike', { name: 'partner', ike_version: 'v2', encryption_algorithm: 'aes-256', pfs: 'group14' });
  await net('vpn/ipsecpolicies', 'ipsecpolicy', 'ipsec', { name: 'partner', encryption_algorithm: 'aes-256', pfs: 'group14' });

  await own('compute', '/os-keypairs', 'keypair', 'keypair', { name: `operator-${suffix}` });
  const spread = await own('compute', '/os-server-groups', 'server_group', 'spread', { name: 'spread', policies: ['anti-affinity'] });
  const volume = await own('volumev3', '/volumes', 'volume', 'volume', { name: 'web data', size: 1, metadata: { purpose: 'uploads' } });
  const answer = await tenant.client.post('compute', '/servers', {
    server: {
      name: 'web-1',
      flavorRef: flavor,
      imageRef: image,
      key_name: `operator-${suffix}`,
      metadata: { role: 'web' },
      networks: [{ port }, { port: dataPort }],
    },
    'os:scheduler_hints': { group: spread },
  });
  const server = isObject(answer['server']) ? String(answer['server']['id']) : '';
  ids['server'] = server;
  made.push('server web-1');

  const balancer = await own('load-balancer', '/v2/lbaas/loadbalancers', 'loadbalancer', 'front', { name: 'front', vip_subnet_id: web4 });
  const ready = (): Promise<void> =>
    until(tenant.client, 'load-balancer', `/v2/lbaas/loadbalancers/${balancer}`, 'loadbalancer', 'provisioning_status', 'ACTIVE');
  const part = async (path: string, key: string, as: string, body: Json): Promise<string> => {
    await ready();
    return own('load-balancer', `/v2/lbaas/${path}`, key, as, body);
  };
  const listener = await part('listeners', 'listener', 'https', { name: 'https', protocol: 'TCP', protocol_port: 443, loadbalancer_id: balancer });
  const pool = await part('pools', 'pool', 'pool', { name: 'web', protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', listener_id: listener });
  await part(`pools/${pool}/members`, 'member', 'member', { name: 'web-1', address: '192.0.2.11', protocol_port: 443, subnet_id: web4 });
  await part('healthmonitors', 'healthmonitor', 'monitor', { name: 'web', type: 'TCP', delay: 5, timeout: 3, max_retries: 3, pool_id: pool });

  const zoneName = `by-hand-${suffix}.example.`;
  const zone = String((await tenant.client.post('dns', '/v2/zones', { name: zoneName, email: `hostmaster@by-hand-${suffix}.example`, ttl: 3600 }))['id']);
  ids['zone'] = zone;
  made.push(`zone ${zoneName}`);
  await until(tenant.client, 'dns', `/v2/zones/${zone}`, undefined, 'status', 'ACTIVE');
  for (const [name, type, records] of [
    ['www', 'A', ['192.0.2.11']],
    ['www', 'AAAA', ['2001:db8:40::11']],
    ['text', 'TXT', ['"made by hand"']],
  ] as const) {
    const record = await tenant.client.post('dns', `/v2/zones/${zone}/recordsets`, { name: `${name}.${zoneName}`, type, records, ttl: 600 });
    ids[`${name} ${type}`] = String(record['id']);
    made.push(`recordset ${name} ${type}`);
  }

  const secret = await tenant.client.post('key-manager', '/v1/secrets', {
    name: 'certificate key',
    payload: 'only for the owner 5b1c',
    payload_content_type: 'text/plain',
    secret_type: 'passphrase',
  });
  ids['secret'] = String(secret['secret_ref']);
  const container = await tenant.client.post('key-manager', '/v1/containers', {
    name: 'certificate',
    type: 'generic',
    secret_refs: [{ name: 'key', secret_ref: secret['secret_ref'] }],
  });
  ids['container'] = String(container['container_ref']);
  made.push('secret certificate key', 'container certificate');

  await until(tenant.client, 'volumev3', `/volumes/${volume}`, 'volume', 'status', 'available');
  await until(tenant.client, 'compute', `/servers/${server}`, 'server', 'status', 'ACTIVE');
  await tenant.client.post('compute', `/servers/${server}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } });
  await until(tenant.client, 'volumev3', `/volumes/${volume}`, 'volume', 'status', 'in-use');
  made.push('attachment web data');
  await ready();
  return {
    made,
    ids,
    remove: async () => {
      await admin.remove('network', `/v2.0/networks/${external}`);
      await admin.remove('image', `/v2/images/${image}`);
      await admin.remove('compute', `/flavors/${flavor}`);
    },
  };
}

/** Key pairs and secrets are found by no project: the user's own are taken away first. */
export async function removeOwn({ client }: Tenant, { ids }: ByHand): Promise<void> {
  for (const { keypair } of (await client.list('compute', '/os-keypairs', 'keypairs')) as { keypair?: { name?: string } }[])
    await client.remove('compute', `/os-keypairs/${keypair?.name ?? ''}`);
  for (const [path, ref] of [
    ['containers', ids['container']],
    ['secrets', ids['secret']],
  ] as const) {
    if (ref !== undefined) await client.remove('key-manager', `/v1/${path}/${ref.split('/').at(-1) ?? ''}`);
  }
}

async function until(client: CloudClient, service: ServiceType, path: string, key: string | undefined, field: string, wanted: string): Promise<void> {
  for (let turn = 0; turn < 240; turn++) {
    const answer = await client.get(service, path);
    const inner = key === undefined ? answer : answer[key];
    const value = isObject(inner) ? inner[field] : undefined;
    if (value === wanted) return;
    if (value === 'ERROR' || value === 'error') throw new Error(`${path} is in error: ${JSON.stringify(inner).slice(0, 500)}`);
    await pause(500);
  }
  throw new Error(`${path} does not become ${wanted}`);
}

/** A few bytes are an image. */
async function uploadImage(admin: CloudClient, name: string): Promise<string> {
  const id = String((await admin.post('image', '/v2/images', { name, disk_format: 'raw', container_format: 'bare', visibility: 'public' }))['id']);
  await admin.upload('image', `/v2/images/${id}/file`, new Uint8Array(512));
  return id;
}
