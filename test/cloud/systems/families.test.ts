import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOnKubernetes } from '../../../modules/cloud/systems/kubernetes/index.ts';
import type { SystemShape } from '../../../modules/cloud/systems/shape.ts';
import { prepare } from '../../../modules/federate/prepare.ts';
import { showSystem } from '../../../modules/federate/system.ts';
import { onCluster } from './cluster.ts';
import { oneIntent } from './one-intent.ts';

const asOf = '2026-01-01';

describe('an entry whose callers have prefixes of one family', () => {
  it('answers in that family alone on OpenStack, Kubernetes and a site, and its names lead nowhere else', async () => {
    const root = oneIntent((text) => text.replaceAll('internet=anywhere', 'internet=agency/six'));
    const plan = path.join(root, 'network-plans');
    const file = fs.readdirSync(plan).find((name) => name.endsWith('.yaml') && !name.includes('.lock')) ?? expect.fail('no plan');
    const text = fs.readFileSync(path.join(plan, file), 'utf8');
    const pool = /name: ([a-z0-9-]+), prefix: "?[0-9a-f]*:/u.exec(text)?.[1] ?? expect.fail('no pool of IPv6');
    fs.writeFileSync(path.join(plan, file), text.replace('needs:\n', `needs:\n  - { key: agency/six, legs: { v6: { pool: ${pool}, length: 64 } } }\n`));
    const { synthesis } = await prepare(root, { asOf });
    const records = synthesis.stacks.flatMap(({ tenant, json }) =>
      Object.entries((JSON.parse(json) as { resource?: Record<string, Record<string, Record<string, unknown>>> }).resource ?? {}).flatMap(([type, bodies]) =>
        Object.values(bodies).map((body) => ({ tenant, type, body })),
      ),
    );
    const of = (tenant: string, type: string): Record<string, unknown>[] =>
      records.filter((one) => one.tenant === tenant && one.type === type).map(({ body }) => body);
    expect(of('permits', 'openstack_lb_loadbalancer_v2').map(({ vip_address: address }) => String(address).includes(':'))).toEqual([true]);
    const entry = of('permits-harbour', 'terraform_data')
      .map(({ input }) => input as Record<string, unknown>)
      .find(({ kind }) => kind === 'entry');
    expect([entry?.['v4'], String(entry?.['v6'])]).toEqual([null, expect.stringContaining('::2')]);
    const { view } = await showSystem(root, { asOf }, 'permits');
    for (const { addresses } of view.names) {
      expect(addresses).toHaveLength(3);
      expect(addresses.every((address) => address.includes(':'))).toBe(true);
    }
    for (const { addresses } of view.parts.find(({ part }) => part === 'entries/www')?.on ?? []) expect(addresses).toHaveLength(1);
    // The numbers of the other family stay where they were: nothing moves when somebody is let in.
    expect(entry?.['v6']).toBe('2001:db8:4800:4000::2');
  });

  const shape = (from: SystemShape['entries'][number]['from'], connections?: number): SystemShape => ({
    segments: [{ name: 'web' }],
    components: [
      {
        name: 'portal',
        segment: 'web',
        replicas: 2,
        size: { vcpus: 1, memoryGiB: 2 },
        image: { machine: 'm', container: 'c' },
        ports: [{ name: 'pages', number: 8443, protocol: 'tcp' }],
      },
    ],
    flows: [],
    entries: [
      { name: 'www', component: 'portal', listen: 443, port: 'pages', from, tls: { at: 'members' }, ...(connections === undefined ? {} : { connections }) },
    ],
    stores: [],
    keys: [],
    replicas: [],
    claims: [],
  });
  const keys = {
    'agency/six': { v6: '2001:db8:c::/48' },
    'agency/both': { v4: '192.0.2.0/24', v6: '2001:db8:c::/48' },
    'cloud/works-cluster/ingress': { v4: '198.51.100.80/32', v6: '2001:db8:f::80/128' },
  };
  const resources = async (of: SystemShape, held: Record<string, { v4?: string; v6?: string }> = keys): Promise<Record<string, Record<string, unknown>>> => {
    const stacks = await onCluster({ keys: held }, (agency) => void placeOnKubernetes(agency, agency.tenant('shop'), of));
    return (JSON.parse(stacks.find(({ path: name }) => name === 'works.shop.workload')?.json ?? '{}') as { resource: Record<string, Record<string, unknown>> })
      .resource;
  };

  it('has a Service of that family with ranges of that family on Kubernetes', async () => {
    const service = async (key: string): Promise<string> =>
      JSON.stringify((await resources(shape({ key })))['kubernetes_service_v1']?.['entries_www_balancer']);
    const six = await service('agency/six');
    expect(six).toContain('"ip_family_policy":"SingleStack"');
    expect(six).toContain('"ip_families":["IPv6"]');
    expect(six).toContain('"metallb.io/loadBalancerIPs":"2001:db8::2"');
    expect(six).toContain('"load_balancer_source_ranges":["2001:db8:c::/48"]');
    expect(await service('agency/both')).toContain('RequireDualStack');
  });

  it('is published behind the controller’s address of that family only', async () => {
    const ingress = async (key: string): Promise<string> => JSON.stringify((await resources(shape({ key }, 100)))['kubernetes_ingress_v1']);
    expect(await ingress('agency/six')).toContain('"external-dns.alpha.kubernetes.io/target":"2001:db8:f::80"');
    expect(await ingress('agency/six')).toContain('"vcloud/addresses":"2001:db8:f::80"');
    expect(await ingress('agency/both')).not.toContain('external-dns.alpha.kubernetes.io/target');
  });

  it('is refused where the entry has no address of that family', async () => {
    const four = { ...keys, 'tenant/shop/web': { v4: '10.0.0.0/24' } };
    await expect(resources(shape({ key: 'agency/six' }), four)).rejects.toThrow(
      /CLOUD-PLACE: entry "www" of tenant "shop" cannot be had on works-cluster[^]*nobody may come/u,
    );
  });
});
