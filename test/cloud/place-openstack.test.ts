import { describe, expect, it } from 'vitest';
import type { SystemShape } from '../../modules/cloud/systems/shape.ts';
import { declarations, documentOf, fixture, type Bodies } from './world.ts';

const shape: SystemShape = {
  segments: [{ name: 'web', egress: true }, { name: 'app' }, { name: 'data' }, { name: 'management' }],
  components: [
    {
      name: 'web',
      segment: 'web',
      replicas: 2,
      size: { vcpus: 2, memoryGiB: 4 },
      image: { machine: 'debian-12', container: 'web' },
      ports: [{ name: 'https', number: 8443, protocol: 'tcp' }],
    },
    {
      name: 'database',
      segment: 'data',
      replicas: 2,
      size: { vcpus: 4, memoryGiB: 8 },
      image: { machine: 'debian-12', container: 'db' },
      ports: [{ name: 'sql', number: 5432, protocol: 'tcp' }],
      storage: { gib: 50, backup: { everyHours: 24, keepDays: 30 } },
      settings: { mode: 'replicated' },
      keys: ['at-rest'],
    },
  ],
  flows: [
    { from: { component: 'web' }, to: { component: 'database' }, port: 'sql', why: 'web to database' },
    { from: { segment: 'management' }, to: { component: 'database' }, port: 22, why: 'administration' },
    { from: { component: 'web' }, to: { key: 'tenant/apps/app' }, port: 443, why: 'service elsewhere' },
    { from: { key: 'tenant/maps/data' }, to: { component: 'database' }, port: 'sql', why: 'what maps keeps too' },
    { from: { component: 'database' }, to: { key: 'tenant/maps/data' }, port: 5432, why: 'what maps keeps too' },
  ],
  entries: [
    { name: 'www', component: 'web', listen: 443, port: 'https', from: { anywhere: true }, tls: { at: 'members' }, connections: 5000 },
    { name: 'inside', component: 'web', listen: 8443, port: 'https', from: { component: 'database' }, tls: { at: 'entry', certificate: 'site' } },
  ],
  stores: [{ name: 'documents', versioned: true }],
  keys: [
    { name: 'at-rest', origin: 'generated', use: 'encryption' },
    { name: 'site', origin: 'given', use: 'certificate' },
  ],
  replicas: [{ component: 'database', port: 'sql', tenant: 'maps', side: 'primary', rpoMinutes: 15 }],
  claims: [],
};

/** Documents of the two stacks the shape became. */
async function place(
  environment: 'production' | 'sandbox',
  placed: SystemShape = shape,
): Promise<{ workload: ReturnType<typeof documentOf>; platform: ReturnType<typeof documentOf> }> {
  const world = fixture(environment);
  // The other tenants' program is this one's too: a standby reads what the usual blueprint gives.
  world.write('stacks/works/works.yaml', declarations.replace(/systems:[^]*/u, ''));
  world.write('stacks/works/shape.json', JSON.stringify(placed));
  world.write(
    'stacks/works/portal.ts',
    `import { readFileSync } from 'node:fs';
import { agencyStacks, placeOnOpenStack } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const { stacks, addresses } = placeOnOpenStack(agency, agency.tenant('portal'), JSON.parse(readFileSync(new URL('shape.json', import.meta.url), 'utf8')));
  if (stacks.length !== 2 || addresses.get('database-2')?.v4 !== '10.0.2.11' || addresses.get('www')?.v6 !== '2001:db8::2') throw new Error(JSON.stringify([...addresses]));
});
`,
  );
  const synthesis = await world.run();
  return { workload: documentOf(synthesis, 'works.portal.workload'), platform: documentOf(synthesis, 'works.portal.platform') };
}

const of = (document: { resource: Bodies }, type: string): Record<string, unknown>[] => Object.values(document.resource[`openstack_${type}`] ?? {});

describe('a system placed on OpenStack', async () => {
  const { workload, platform } = await place('production');

  it('gives the project what the shape needs, with room to replace', () => {
    expect(of(platform, 'compute_quotaset_v2')).toMatchObject([{ instances: 6, cores: 18, ram: 36 * 1024 }]);
    expect(of(platform, 'blockstorage_quotaset_v3')).toMatchObject([{ volumes: 3, gigabytes: 300 }]);
  });

  it('is named after its parts', () => {
    expect(Object.keys(workload.resource['openstack_compute_instance_v2'] ?? {})).toEqual([
      'database_server-1',
      'database_server-2',
      'web_server-1',
      'web_server-2',
    ]);
    expect(Object.keys(workload.resource['openstack_networking_network_v2'] ?? {})).toContain('networks_management_network');
    expect(Object.keys(workload.resource['openstack_lb_loadbalancer_v2'] ?? {})).toContain('entries_www_balancer');
  });

  it('lets every conversation through at both ends and nothing else out', () => {
    const rules = of(workload, 'networking_secgroup_rule_v2');
    const [web, database] = ['web', 'database'].map((name) => `\${openstack_networking_secgroup_v2.${name}_group_group.id}`);
    for (const ethertype of ['IPv4', 'IPv6']) {
      expect(rules).toContainEqual(
        expect.objectContaining({ direction: 'egress', ethertype, security_group_id: web, remote_group_id: database, port_range_min: 5432 }),
      );
      expect(rules).toContainEqual(
        expect.objectContaining({ direction: 'ingress', ethertype, security_group_id: database, remote_group_id: web, port_range_min: 5432 }),
      );
    }
    expect(rules).toContainEqual(expect.objectContaining({ direction: 'egress', remote_ip_prefix: '10.2.1.0/26', port_range_min: 443 }));
    expect(
      rules.filter(({ direction, protocol, port_range_min }) => direction === 'egress' && (protocol === undefined || port_range_min === undefined)),
    ).toEqual([]);
    expect(rules.filter(({ remote_ip_prefix: prefix }) => prefix === '0.0.0.0/0' || prefix === '::/0')).toEqual([]);
  });

  it('puts an address of each family in front, says who may come, and takes certificates from the key store', () => {
    const listeners = of(workload, 'lb_listener_v2');
    expect(listeners).toHaveLength(4);
    expect(listeners.filter(({ protocol_port: port }) => port === 443)).toMatchObject([
      { protocol: 'TCP', connection_limit: 5000 },
      { protocol: 'TCP', connection_limit: 5000 },
    ]);
    expect(listeners.find(({ allowed_cidrs: from }) => JSON.stringify(from) === '["10.0.2.0/26"]')).toMatchObject({
      protocol: 'TERMINATED_HTTPS',
      default_tls_container_ref: '${data.openstack_keymanager_container_v1.entries_inside_certificate.container_ref}',
    });
    expect(workload.data?.['openstack_keymanager_container_v1']).toEqual({ entries_inside_certificate: { name: 'portal-site' } });
    expect(of(workload, 'dns_recordset_v2').map(({ name }) => name)).toContain('www.portal.works.gov.test.');
  });

  it('keeps data encrypted, says how often it is copied, and makes keys without knowing them', () => {
    expect(of(workload, 'blockstorage_volume_v3')[0]).toMatchObject({ volume_type: 'encrypted', metadata: { 'backup-every': '24h', 'backup-keep': '30d' } });
    expect(of(workload, 'keymanager_order_v1')).toMatchObject([{ type: 'key', meta: [{ algorithm: 'aes', bit_length: 256 }] }]);
    expect(JSON.stringify(workload)).not.toContain('payload"');
    expect(of(workload, 'compute_instance_v2')[0]).toMatchObject({
      metadata: { mode: 'replicated', 'key-at-rest': '${openstack_keymanager_order_v1.keys_at-rest_order.secret_ref}', 'replica-maps': 'primary' },
    });
    expect(of(workload, 'objectstorage_container_v1')).toMatchObject([{ name: 'portal-documents', versioning: true }]);
  });

  it('fits the sandbox too', async () => {
    expect(Object.keys((await place('sandbox')).workload.resource)).toEqual(['terraform_data']);
  });

  it('names every part the cloud cannot have, at once', async () => {
    const odd: SystemShape = {
      ...shape,
      keys: [...shape.keys, { name: 'made', origin: 'generated', use: 'certificate' }],
      stores: [{ name: 'archive', versioned: true, writeOnceDays: 3650 }],
      flows: [{ from: { component: 'web' }, to: { component: 'database' }, port: 'slq', why: 'typing' }],
    };
    await expect(place('production', odd)).rejects.toThrow(
      /key made cannot be placed on works-cloud: OpenStack's key[^]*store archive cannot[^]*Swift[^]*no port "slq"/u,
    );
  });
});
