import { describe, expect, it } from 'vitest';
import type { Zone } from '../../modules/dns/types.ts';
import type { Overlay } from '../../modules/vpn/types.ts';
import { names, stack, statuses, world } from './world.ts';

const zone = (name: string, more: Partial<Zone>, servers: readonly string[] = ['ns1.x.', 'ns2.x.']): Zone => ({
  name,
  kind: 'forward',
  owner: 'a',
  records: servers.length === 0 ? [] : [{ name, type: 'NS', ttl: 60, data: servers }],
  ...more,
});

describe('rules on names and numbers', () => {
  it('dns-zone-signed and dns-name-servers', async () => {
    const facts = await world({
      zones: [
        zone('good.vn.', { policy: 'standard' }),
        zone('bare.vn.', { policy: 'unsigned' }, ['ns1.x.']),
        zone('silent.vn.', {}, ['ns1.x.', 'ns1.x.']),
        zone('empty.vn.', { records: [] }),
        zone('no-servers.vn.', { records: [{ name: 'www.no-servers.vn.', type: 'A', ttl: 60, data: ['192.0.2.1'] }] }),
        zone('2.0.192.in-addr.arpa.', { kind: 'reverse' }),
      ],
    });
    expect(statuses(facts, 'dns-zone-signed')).toEqual({
      'good.vn.': 'pass',
      'bare.vn.': 'fail',
      'silent.vn.': 'unknown',
      'empty.vn.': 'unknown',
      'no-servers.vn.': 'unknown',
      '2.0.192.in-addr.arpa.': 'not-applicable',
    });
    expect(statuses(facts, 'dns-name-servers')).toEqual({
      'good.vn.': 'pass',
      'bare.vn.': 'fail',
      'silent.vn.': 'fail',
      'empty.vn.': 'not-applicable',
      'no-servers.vn.': 'unknown',
      '2.0.192.in-addr.arpa.': 'pass',
    });
  });

  it('net-asn-registrable: reserved numbers, but not in a model', async () => {
    const asns = { 'agency/a': 64496, 'agency/b': 131072, 'site/hub': 4200000001 };
    expect(statuses(await world({ asns }), 'net-asn-registrable')).toEqual({ 'agency/a': 'fail', 'agency/b': 'pass', 'site/hub': 'fail' });
    expect(statuses(await world({ asns, numbering: 'documentation' }), 'net-asn-registrable')).toEqual({
      'agency/a': 'not-applicable',
      'agency/b': 'not-applicable',
      'site/hub': 'not-applicable',
    });
  });

  it('vpn-crypto-profile: accepted kinds only, and a trial is reported', async () => {
    const overlay = (name: string, kind: 'ipsec' | 'wireguard', trial: boolean, tunnels = 1): Overlay => ({
      name,
      profile: { name: `${name}-profile`, kind, trial },
      nodes: [],
      tunnels: Array.from({ length: tunnels }, (_, index) => ({
        id: `t${index}`,
        overlay: name,
        from: 'x',
        to: 'y',
        profile: `${name}-profile`,
        addresses: [],
      })),
    });
    const facts = await world({ overlays: [overlay('ipsec', 'ipsec', false), overlay('trial', 'wireguard', true), overlay('idle', 'wireguard', true, 0)] });
    expect(statuses(facts, 'vpn-crypto-profile')).toEqual({ ipsec: 'pass', trial: 'fail', idle: 'not-applicable' });
  });
});

const tenants = `
sites:
  - { id: hub, kind: hub, ${names}, owner: a }
clouds:
  - { id: os, kind: openstack, ${names}, owner: a, regions: [{ name: main, site: hub }] }
  - { id: kube, kind: kubernetes, ${names}, owner: a, regions: [{ name: main, site: hub }] }
  - { id: racks, kind: none, ${names}, owner: a, regions: [{ name: main, site: hub }] }
tenants:
  - { id: full, ${names}, owner: a, cloud: os }
  - { id: half, ${names}, owner: a, cloud: os }
  - { id: empty, ${names}, owner: a, cloud: os }
  - { id: closed, ${names}, owner: a, cloud: kube }
  - { id: open, ${names}, owner: a, cloud: kube }
  - { id: metal, ${names}, owner: a, cloud: racks }
`;
const quotas = {
  'openstack_compute_quotaset_v2.q': { cores: 4 },
  'openstack_networking_quota_v2.q': { port: 4 },
  'openstack_blockstorage_quotaset_v3.q': { volumes: 4 },
};

describe('rules on tenant clouds', () => {
  it('sec-tenant-quota: every kind of quota of the cloud', async () => {
    const facts = await world({
      declarations: tenants,
      stacks: [
        stack('full', quotas),
        stack('half', { 'openstack_compute_quotaset_v2.q': { cores: 4 } }),
        stack('closed', { 'kubernetes_resource_quota_v1.q': {} }, false),
        stack('open', { 'kubernetes_namespace_v1.n': {} }),
      ],
    });
    expect(statuses(facts, 'sec-tenant-quota')).toEqual({
      full: 'pass',
      half: 'fail',
      empty: 'unknown',
      closed: 'pass',
      open: 'fail',
      metal: 'not-applicable',
    });
  });

  it('sec-tenant-closed: a policy that selects every pod and lets nothing in', async () => {
    const policy = (spec: unknown): Record<string, unknown> => ({ 'kubernetes_network_policy_v1.p': { metadata: { name: 'p' }, spec } });
    const closed = { pod_selector: {}, policy_types: ['Egress', 'Ingress'] };
    const declarations = `${tenants}  - { id: some-pods, ${names}, owner: a, cloud: kube }\n  - { id: as-list, ${names}, owner: a, cloud: kube }\n  - { id: allow-all, ${names}, owner: a, cloud: kube }\n`;
    const facts = await world({
      declarations,
      stacks: [
        stack('closed', policy(closed)),
        stack('open', policy({ ...closed, ingress: [{ from: [{ pod_selector: {} }] }] })),
        stack('some-pods', policy({ ...closed, pod_selector: { match_labels: { app: 'x' } } })),
        stack('as-list', policy([{ ...closed, pod_selector: [{}] }])),
        stack('allow-all', policy({ ...closed, ingress: [{}] })),
      ],
    });
    expect(statuses(facts, 'sec-tenant-closed')).toMatchObject({
      closed: 'pass',
      open: 'fail',
      'some-pods': 'fail',
      'as-list': 'pass',
      'allow-all': 'fail',
      full: 'not-applicable',
    });
    expect(statuses(await world({ declarations: tenants }), 'sec-tenant-closed')['closed']).toBe('unknown');
  });

  it('sec-ingress-open: only public ports for everybody, in both families', async () => {
    const rule = (more: Record<string, unknown>): Record<string, unknown> => ({
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
      ...more,
    });
    const type = 'openstack_networking_secgroup_rule_v2';
    const facts = await world({
      declarations: tenants,
      stacks: [
        stack('full', {
          [`${type}.web`]: rule({ port_range_min: 443, port_range_max: 443, remote_ip_prefix: '0.0.0.0/0' }),
          [`${type}.ssh4`]: rule({ remote_ip_prefix: '0.0.0.0/0' }),
          [`${type}.ssh6`]: rule({ remote_ip_prefix: '::/0' }),
          [`${type}.ssh-inside`]: rule({ remote_ip_prefix: '10.0.0.0/24' }),
          [`${type}.ssh-group`]: rule({ remote_group_id: '${openstack_networking_secgroup_v2.x.id}' }),
          [`${type}.anyone`]: rule({}),
          [`${type}.range`]: rule({ port_range_min: 80, port_range_max: 443, remote_ip_prefix: '::/0' }),
          [`${type}.every-port`]: { direction: 'ingress', protocol: 'tcp', remote_ip_prefix: '::/0' },
          [`${type}.ping`]: { direction: 'ingress', protocol: 'icmp', remote_ip_prefix: '0.0.0.0/0' },
          [`${type}.later`]: rule({ remote_ip_prefix: '${openstack_networking_subnet_v2.x.cidr}' }),
          [`${type}.out`]: rule({ direction: 'egress', remote_ip_prefix: '0.0.0.0/0' }),
          'openstack_networking_secgroup_v2.g': { name: 'g' },
        }),
      ],
    });
    const found = Object.fromEntries(Object.entries(statuses(facts, 'sec-ingress-open')).map(([id, status]) => [id.split('.').at(-1) ?? '', status]));
    expect(found).toEqual({
      web: 'pass',
      ssh4: 'fail',
      ssh6: 'fail',
      'ssh-inside': 'pass',
      'ssh-group': 'pass',
      anyone: 'fail',
      range: 'fail',
      'every-port': 'fail',
      ping: 'pass',
      later: 'unknown',
      out: 'not-applicable',
    });
  });

  it.each([{ sandbox: true }, { sandbox: false }])(
    'sec-group-closed and sec-volume-encrypted (sandbox: $sandbox)',
    async ({ sandbox }: { sandbox: boolean }) => {
      const facts = await world({
        declarations: tenants,
        stacks: [
          stack(
            'full',
            {
              'openstack_networking_secgroup_v2.good': { delete_default_rules: true },
              'openstack_networking_secgroup_v2.bad': { delete_default_rules: false },
              'openstack_networking_secgroup_v2.silent': {},
              'openstack_blockstorage_volume_v3.luks': { volume_type: 'luks' },
              'openstack_blockstorage_volume_v3.plain': { volume_type: 'ssd' },
              'openstack_blockstorage_volume_v3.default': { size: 1 },
              'openstack_blockstorage_volume_v3.later': { volume_type: '${var.x}' },
            },
            sandbox,
          ),
        ],
      });
      const short = (rule: string): Record<string, string> =>
        Object.fromEntries(Object.entries(statuses(facts, rule)).map(([id, status]) => [id.split('.').at(-1) ?? '', status]));
      expect(short('sec-group-closed')).toEqual({ good: 'pass', bad: 'fail', silent: 'unknown' });
      expect(short('sec-volume-encrypted')).toEqual({ luks: 'pass', plain: 'fail', default: 'unknown', later: 'unknown' });
    },
  );
});
