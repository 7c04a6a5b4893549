import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleIntent } from '../../../modules/cloud/systems/describe.ts';
import { systemBlueprints, type SystemShape } from '../../../modules/cloud/systems/index.ts';
import { placeOnKubernetes } from '../../../modules/cloud/systems/kubernetes/index.ts';
import { without } from '../../../modules/cloud/systems/sources.ts';
import { addressCount, contains, formatPrefix, fromInteger, overlaps, parsePrefix, truncate } from '../../../modules/network/index.ts';
import { checks } from '../../lab/blueprints/checks.ts';
import type { Live, LiveRule } from '../../lab/blueprints/live.ts';
import { documentOf, fixture } from '../world.ts';
import { onCluster } from './cluster.ts';
import { liveProject } from './live-project.ts';

const blueprint = systemBlueprints.get('crawler') ?? expect.fail('no crawler');
const shape: SystemShape = blueprint.shape({ ...exampleIntent(blueprint), partners: [] });
const agency = { v4: '10.150.0.0/16', v6: '2001:db8:150::/48' };
/** Of the other side of the system. */
const second = { v4: '10.150.36.0/26', v6: '2001:db8:150:36::/64' };
const egress = { v4: '10.150.33.0/26', v6: '2001:db8:150:33::/64' };

const prefixes = fc
  .record({ family: fc.constantFrom('v4' as const, 'v6' as const), value: fc.bigInt({ min: 0n, max: 255n }), length: fc.integer({ min: 0, max: 8 }) })
  .map(({ family, value, length }) => {
    // All within eight bits, so that prefixes often meet.
    const [bits, base] = family === 'v4' ? [32, 10n << 24n] : [128, 0x20010db8n << 96n];
    return formatPrefix(truncate(fromInteger(family, base + value) ?? expect.fail(), bits - 8 + length));
  });

describe('taking prefixes out of prefixes', () => {
  it('leaves every other address, once, and none of those', () => {
    fc.assert(
      fc.property(fc.uniqueArray(prefixes, { minLength: 1, maxLength: 1 }), fc.array(prefixes, { maxLength: 4 }), (whole, taken) => {
        const left = without(whole, taken).map((text) => parsePrefix(text));
        const gone = taken.map((text) => parsePrefix(text));
        for (const one of left) {
          expect(gone.some((prefix) => overlaps(prefix, one))).toBe(false);
          expect(whole.some((prefix) => contains(parsePrefix(prefix), one))).toBe(true);
          expect(left.filter((other) => overlaps(one, other))).toHaveLength(1);
        }
        const [all] = whole.map((text) => parsePrefix(text));
        const lost = gone.filter((prefix, index) => !gone.some((other, at) => contains(other, prefix) && (other.length < prefix.length || at < index)));
        const size = lost.reduce((sum, prefix) => sum + (all && contains(all, prefix) ? addressCount(prefix) : 0n), 0n);
        const covered = lost.some((prefix) => all && contains(prefix, all));
        expect(left.reduce((sum, prefix) => sum + addressCount(prefix), 0n)).toBe(covered || !all ? 0n : addressCount(all) - size);
      }),
    );
  });
});

describe('crawlers whose network lies in a prefix that may come in (SEC-13)', () => {
  const tenant = { id: 'news', names: { vi: 'N', en: 'N' }, owner: 'works', cloud: 'works-cloud', blueprint: 'crawler', parameters: blueprint.example };

  async function listeners(parameters: object): Promise<{ protocol_port: number; allowed_cidrs?: string[] }[]> {
    const made = fixture('production');
    made.write(
      'stacks/works/news.yaml',
      `apiVersion: vcloud/v1\nkind: Declarations\ntenants:\n  - ${JSON.stringify({ ...tenant, parameters })}\n  - { id: news-second, names: { vi: N, en: N }, owner: works, cloud: works-cloud, like: news }\nsystems:\n  - { id: news, names: { vi: N, en: N }, owner: works, tenants: [news], disasterRecovery: { tenant: news-second, mode: replica, rpoMinutes: 60, rtoMinutes: 240 } }\n`,
    );
    const hold = (key: string, held: { v4?: string; v6?: string }): void =>
      void made.allocations.set(key, { key, v4: held.v4, v6: held.v6, place: { file: 'plan.yaml' }, container: false, role: 'network' });
    hold('agency/works', agency);
    hold('tenant/news/egress', egress);
    hold('tenant/news-second/egress', second);
    hold('tenant/news-second/app', { v4: '10.160.34.0/26', v6: '2001:db8:160:34::/64' });
    hold('tenant/news-second/data', { v4: '10.160.35.0/26', v6: '2001:db8:160:35::/64' });
    hold('tenant/news/app', { v4: '10.150.34.0/26', v6: '2001:db8:150:34::/64' });
    hold('tenant/news/data', { v4: '10.150.35.0/26', v6: '2001:db8:150:35::/64' });
    return Object.values(documentOf(await made.run(), 'works.news.workload').resource['openstack_lb_listener_v2'] ?? {}) as never;
  }

  it('are let in by no listener on OpenStack, in either family; everybody else of the prefix is', async () => {
    const found = await listeners(blueprint.example);
    expect(found).toHaveLength(2);
    const all = found.map(({ allowed_cidrs: list = [] }) => list.map((text) => parsePrefix(text)));
    expect(all.flat().filter((prefix) => [...Object.values(egress), ...Object.values(second)].some((zone) => overlaps(parsePrefix(zone), prefix)))).toEqual([]);
    expect(all.map((list) => list.reduce((sum, prefix) => sum + addressCount(prefix), 0n))).toEqual([2n ** 16n - 2n ** 7n, 2n ** 80n - 2n ** 65n]);
    // As Octavia gives it back, or every plan would change the order.
    for (const { allowed_cidrs: list = [] } of found) expect(list).toEqual([...list].sort());
  });

  it('are refused as the only ones who may come; an entry for everybody stays everybody’s, and the claim says so', async () => {
    await expect(listeners({ ...blueprint.example, audience: ['own=tenant/news/egress'] })).rejects.toThrow(
      /CLOUD-SHAPE: entry analysis-room: tenant\/news\/egress is a segment of its own system/u,
    );
    const open = blueprint.shape({
      ...exampleIntent(blueprint),
      parameters: { ...blueprint.example, audience: ['dedicated=agency/works', 'internet=anywhere'] },
    });
    const by = (one: SystemShape): string => one.claims.find(({ id }) => id === 'SEC-13')?.by ?? '';
    expect([by(shape), by(open)]).toEqual([expect.not.stringContaining('everybody'), expect.stringContaining('but for an entry that is everybody’s')]);
  });

  it('reach nothing on Kubernetes that is known to be inside: own networks, owner, callers, the cluster’s ranges', async () => {
    const stacks = await onCluster(
      {
        keys: {
          'agency/works': agency,
          'tenant/operations/app': { v4: '10.151.0.0/24' },
          'cloud/works-cluster/pods': { v4: '10.152.0.0/16', v6: '2001:db8:152::/56' },
        },
      },
      (unit) => void placeOnKubernetes(unit, unit.tenant('shop'), shape),
    );
    const { resource } = JSON.parse(stacks.find(({ path }) => path === 'works.shop.workload')?.json ?? '{}') as { resource: Record<string, object> };
    const text = JSON.stringify((resource['kubernetes_network_policy_v1'] as Record<string, unknown>)['crawler_flows']);
    const blocks = [...text.matchAll(/"cidr":"(0\.0\.0\.0\/0|::\/0)","except":(\[[^\]]*\])/gu)].map(([, cidr, list]) => [
      cidr,
      JSON.parse(list ?? '') as string[],
    ]);
    expect(blocks).toEqual([
      ['0.0.0.0/0', expect.arrayContaining(['10.150.0.0/16', '10.151.0.0/24', '10.152.0.0/16'])],
      ['::/0', expect.arrayContaining([agency.v6, '2001:db8:152::/56'])],
    ]);
    for (const [whole, list] of blocks as [string, string[]][]) {
      // The API refuses an exception of the other family, and the prefix itself.
      for (const prefix of list) expect(contains(parsePrefix(whole), parsePrefix(prefix)) && prefix !== whole).toBe(true);
      expect(list.some((prefix) => prefix.startsWith(whole === '::/0' ? '2001:db8:0:' : '10.0.'))).toBe(true);
    }
  });

  it('are seen by the check of the live objects where a listener lets them in', () => {
    const live = (allowed: readonly string[], ingress: readonly string[] = []): Live =>
      liveProject({
        tenant: 'news',
        networks: [{ name: 'news-egress' }],
        balancers: [{ id: 'b', name: 'news-analysis-room' }],
        listeners: [{ protocol_port: 443, loadbalancers: [{ id: 'b' }], allowed_cidrs: [...allowed] }],
        rules: new Map<string, readonly LiveRule[]>([
          ['crawler', [{ direction: 'egress', protocol: 'tcp', port: 443, remotes: ['0.0.0.0/0'] }]],
          ['collection', ingress.map((remote) => ({ direction: 'ingress', protocol: 'tcp', port: 9200, remotes: [remote] }))],
        ]),
      });
    const claim = shape.claims.find(({ id }) => id === 'SEC-13') ?? expect.fail('SEC-13');
    const faults = (of: Live): readonly string[] =>
      checks['SEC-13']?.faults({ live: of, shape, claim, prefixes: (key) => (key === 'tenant/news/egress' ? Object.values(egress) : []), mark: '' }) ?? [];
    expect(faults(live(without([agency.v4], [egress.v4])))).toEqual([]);
    expect(faults(live([agency.v4]))).toEqual([expect.stringContaining('analysis-room lets in the crawlers’ network')]);
    expect(faults(live([]))).toHaveLength(1);
    expect(faults(live(['10.99.0.0/16'], ['group:crawler']))).toEqual(['collection lets in group:crawler on 9200']);
    expect(faults(live(['10.99.0.0/16'], [agency.v4]))).toEqual(['collection lets in 10.150.0.0/16 on 9200']);
  });
});
