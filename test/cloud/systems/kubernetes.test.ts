import { describe, expect, it } from 'vitest';
import { isObject, ProblemError } from '../../../modules/core/index.ts';
import { placeOnKubernetes } from '../../../modules/cloud/systems/kubernetes/index.ts';
import type { Placed } from '../../../modules/cloud/systems/placed.ts';
import { systemBlueprints, type SystemShape } from '../../../modules/cloud/systems/index.ts';
import type { SynthesisedStack } from '../../../modules/engine/index.ts';
import { onCluster, type ClusterFederation } from './cluster.ts';

const shape: SystemShape = {
  segments: [{ name: 'web', egress: true }, { name: 'app' }, { name: 'data' }],
  components: [
    {
      name: 'portal',
      segment: 'web',
      replicas: 2,
      size: { vcpus: 1, memoryGiB: 2 },
      image: { machine: 'debian-12', container: 'works/portal:2.1' },
      ports: [{ name: 'pages', number: 8443, protocol: 'tcp' }],
      settings: { 'log-level': 'info' },
    },
    {
      name: 'records',
      segment: 'data',
      replicas: 3,
      size: { vcpus: 0.5, memoryGiB: 1.5 },
      image: { machine: 'debian-12', container: 'works/records:9' },
      ports: [{ name: 'sql', number: 5432, protocol: 'tcp' }],
      storage: { gib: 20, backup: { everyHours: 6, keepDays: 30 } },
      keys: ['record-key'],
    },
  ],
  flows: [
    { from: { component: 'portal' }, to: { component: 'records' }, port: 'sql', why: 'portal to records' },
    { from: { key: 'tenant/elsewhere/data' }, to: { component: 'records' }, port: 'sql', why: 'replica elsewhere' },
    { from: { component: 'portal' }, to: { anywhere: true }, port: 443, why: 'reads news' },
    { from: { segment: 'app' }, to: { component: 'portal' }, port: 'pages', why: 'checks' },
  ],
  entries: [
    {
      name: 'www',
      component: 'portal',
      listen: 443,
      port: 'pages',
      from: { anywhere: true },
      tls: { at: 'entry', certificate: 'portal-certificate' },
      connections: 1000,
    },
    { name: 'partners', component: 'portal', listen: 8443, port: 'pages', from: { key: 'agency/city' }, tls: { at: 'members' } },
  ],
  stores: [],
  keys: [{ name: 'record-key', origin: 'generated', use: 'encryption' }],
  replicas: [],
  claims: [],
};

const keys = { 'tenant/elsewhere/data': { v4: '10.200.0.0/24', v6: '2001:db8:200::/64' }, 'agency/city': { v4: '192.0.2.0/24', v6: '2001:db8:c::/48' } };

async function place(of: SystemShape, more: ClusterFederation = {}): Promise<{ stacks: readonly SynthesisedStack[]; placed: Placed }> {
  let placed: Placed | undefined;
  const stacks = await onCluster({ keys, ...more }, (agency) => (placed = placeOnKubernetes(agency, agency.tenant('shop'), of)));
  if (!placed) throw new Error('nothing was placed');
  return { stacks, placed };
}

type Body = Readonly<Record<string, unknown>>;

function bodies(stacks: readonly SynthesisedStack[], part: string, type: string): Readonly<Record<string, Body>> {
  const found = stacks.find(({ path }) => path === `works.shop.${part}`);
  const document = JSON.parse(found?.json ?? '{}') as { resource?: Record<string, Record<string, Body>> };
  return document.resource?.[type] ?? {};
}

/** Follows `a.0.b`; single blocks are lists of one in Terraform's JSON. */
function at(body: unknown, way: string): unknown {
  return way.split('.').reduce<unknown>((value, step) => {
    const one: unknown = Array.isArray(value) && !/^\d+$/u.test(step) ? value[0] : value;
    return Array.isArray(one) ? one[Number(step)] : isObject(one) ? one[step] : undefined;
  }, body);
}

describe('a system on Kubernetes', () => {
  it('has a stack for whoever runs the cluster, one for what runs, one for what the cluster may lack', async () => {
    const { stacks, placed } = await place(shape);
    expect(placed.stacks.map(({ path }) => path)).toEqual(['works.shop.kubernetes', 'works.shop.workload', 'works.shop.extensions']);
    expect(stacks.map(({ path, dependsOn }) => [path, dependsOn])).toEqual([
      ['works.shop.kubernetes', []],
      ['works.shop.workload', ['works.shop.kubernetes']],
      ['works.shop.extensions', ['works.shop.kubernetes']],
    ]);
    expect(Object.keys(bodies(stacks, 'workload', 'kubernetes_deployment_v1'))).toEqual(['portal_deployment']);
    expect(Object.keys(bodies(stacks, 'workload', 'kubernetes_stateful_set_v1'))).toEqual(['records_members']);
    expect(Object.keys(bodies(stacks, 'workload', 'kubernetes_pod_disruption_budget_v1'))).toEqual(['portal_disruption', 'records_disruption']);
    expect(Object.keys(bodies(stacks, 'extensions', 'kubernetes_manifest'))).toEqual([
      'record-key-generator_object',
      'record-key-key_object',
      'records-backup_object',
    ]);
  });

  it('is applied with the tenant’s credentials where it has its own, but for what holds the tenant', async () => {
    const authorities = (stacks: readonly SynthesisedStack[]): unknown => stacks.map(({ authority }) => authority);
    expect(authorities((await place(shape)).stacks)).toEqual([undefined, undefined, undefined]);
    expect(authorities((await place(shape, { ownCredentials: ['shop'] })).stacks)).toEqual(['operator', 'tenant', 'operator']);
  });

  it('is numbered by the address plan where it is reached from outside, and nowhere else', async () => {
    const { placed } = await place(shape);
    expect(Object.fromEntries(placed.addresses)).toEqual({
      www: { v4: '10.0.0.2', v6: '2001:db8::2' },
      partners: { v4: '10.0.0.3', v6: '2001:db8::3' },
      records: { v4: '10.0.2.10', v6: '2001:db8:0:2::a' },
    });
    const shared = await place(shape, { keys: { ...keys, 'cloud/works-cluster/ingress': { v4: '192.0.2.80/32', v6: '2001:db8:f::80/128' } } });
    expect(shared.placed.addresses.get('www')).toEqual({ v4: '192.0.2.80', v6: '2001:db8:f::80' });
  });

  it('opens exactly what flows and entries name, at both ends', async () => {
    const { stacks } = await place(shape);
    const policies = bodies(stacks, 'workload', 'kubernetes_network_policy_v1');
    const ends = (rule: unknown, direction: 'from' | 'to'): unknown[] =>
      ((at(rule, direction) as unknown[]) ?? []).map(
        (end) => at(end, 'ip_block.cidr') ?? at(end, 'pod_selector.match_labels') ?? at(end, 'namespace_selector.match_labels'),
      );
    const rules = (name: string, side: 'ingress' | 'egress'): unknown[] =>
      ((at(policies[name], `spec.${side}`) as unknown[]) ?? []).map((rule) => [...ends(rule, side === 'ingress' ? 'from' : 'to'), at(rule, 'ports.port')]);
    expect(rules('records_flows', 'ingress')).toEqual([
      [{ 'app.kubernetes.io/name': 'portal' }, '5432'],
      ['10.200.0.0/24', '2001:db8:200::/64', '5432'],
    ]);
    expect(rules('records_flows', 'egress')).toEqual([]);
    expect(rules('portal_flows', 'egress')).toEqual([
      [{ 'app.kubernetes.io/name': 'records' }, '5432'],
      ['0.0.0.0/0', '::/0', '443'],
    ]);
    expect(rules('portal_flows', 'ingress')).toEqual([
      [{ 'vcloud/segment': 'app' }, '10.0.1.0/24', '2001:db8:0:1::/64', '8443'],
      [{ 'kubernetes.io/metadata.name': 'haproxy-controller' }, '8443'],
      ['192.0.2.0/24', '2001:db8:c::/48', '8443'],
    ]);
    expect(at(policies['portal_flows'], 'spec.policy_types')).toEqual(['Ingress', 'Egress']);
    // Nothing is open inside a namespace by itself.
    expect(Object.keys(bodies(stacks, 'kubernetes', 'kubernetes_network_policy_v1'))).toEqual(['main_closed', 'main_names']);
  });

  it('asks for what it needs and one member more of each, reserved in full', async () => {
    const { stacks } = await place(shape);
    expect(at(bodies(stacks, 'kubernetes', 'kubernetes_resource_quota_v1')['main_quota'], 'spec.hard')).toEqual({
      'limits.cpu': '6',
      'requests.cpu': '6',
      'limits.memory': '15Gi',
      'requests.memory': '15Gi',
      'requests.storage': '80Gi',
      persistentvolumeclaims: '4',
      pods: '12',
      'services.loadbalancers': '2',
      'services.nodeports': '0',
    });
  });

  it('gets what the plan of its offer gives, and is refused one that is too small', async () => {
    const offer = (vcpus: number): ClusterFederation => ({
      more: `offers:\n  - { id: containers, kind: paas, names: { vi: C, en: C }, cloud: works-cluster, plans: [{ name: one, sizes: { vcpus: ${vcpus}, memoryGiB: 32 } }] }\n`,
      tenantLines: { shop: 'plan: containers/one' },
    });
    const { stacks } = await place(shape, offer(8));
    expect(at(bodies(stacks, 'kubernetes', 'kubernetes_resource_quota_v1')['main_quota'], 'spec.hard')).toMatchObject({
      'limits.cpu': '8',
      'limits.memory': '32Gi',
      'requests.storage': '80Gi',
    });
    await expect(place(shape, offer(4))).rejects.toThrow(/CLOUD-PLAN: plan containers\/one is too small for tenant "shop": cores 4, and it needs 6/u);
  });

  it('answers by name with the certificate its owner put there, to no more than may come at once', async () => {
    const { stacks } = await place(shape);
    const www = bodies(stacks, 'workload', 'kubernetes_ingress_v1')['entries_www_ingress'];
    expect(at(www, 'spec.tls')).toEqual([{ hosts: ['www.shop.works.gov.test'], secret_name: 'portal-certificate' }]);
    expect(at(www, 'metadata.annotations')).toMatchObject({ 'haproxy.org/pod-maxconn': '500', 'vcloud/addresses': '10.0.0.2,2001:db8::2' });
    // A plain request is sent to the port everybody sees, not to the one the controller listens on.
    expect(at(www, 'metadata.annotations')).toMatchObject({ 'haproxy.org/ssl-redirect': 'true', 'haproxy.org/ssl-redirect-port': '443' });
    const partners = bodies(stacks, 'workload', 'kubernetes_service_v1')['entries_partners_balancer'];
    expect(at(partners, 'spec.load_balancer_source_ranges')).toEqual(['192.0.2.0/24', '2001:db8:c::/48']);
    expect(at(partners, 'metadata.annotations')).toMatchObject({ 'external-dns.alpha.kubernetes.io/hostname': 'partners.shop.works.gov.test' });
  });

  it('keeps the limits of several entries to one Service apart: each has a backend of its own', async () => {
    const [www] = shape.entries;
    const own = (name: string, connections: number): SystemShape['entries'][number] => ({ ...(www as SystemShape['entries'][number]), name, connections });
    const { stacks } = await place({ ...shape, entries: [own('calls', 2000), own('for-works', 500), { ...own('for-roads', 500), tls: { at: 'members' } }] });
    const ingresses = Object.values(bodies(stacks, 'workload', 'kubernetes_ingress_v1'));
    expect(new Set(ingresses.map((one) => at(one, 'spec.rule.http.path.backend.service.name')))).toEqual(new Set(['portal']));
    const said = (one: Body): string[] => {
      const annotations = at(one, 'metadata.annotations') as Record<string, string>;
      return ['standalone-backend', 'pod-maxconn', 'ssl-redirect-port'].map((name) => annotations[`haproxy.org/${name}`] ?? '-');
    };
    expect(ingresses.map(said)).toEqual([
      ['true', '1000', '443'],
      ['true', '250', '-'],
      ['true', '250', '443'],
    ]);
  });

  it('knows the names of its system before it answers to them, publishes them only then, and has room to take over', async () => {
    const standby = (answers: boolean): SystemShape => ({
      ...shape,
      names: [{ system: 'pay', zone: 'pay.gov.test.', answers, held: true, records: ['@', 'www'].map((label) => ({ label, entry: 'www', addresses: [] })) }],
      room: { members: 10, vcpus: 12, memoryGiB: 20, storageGiB: 200 },
    });
    const ingress = async (answers: boolean): Promise<Body | undefined> => {
      const { stacks } = await place(standby(answers));
      expect(at(bodies(stacks, 'kubernetes', 'kubernetes_resource_quota_v1')['main_quota'], 'spec.hard')).toMatchObject({
        'limits.cpu': '17',
        'requests.storage': '220Gi',
        pods: '17',
      });
      return bodies(stacks, 'workload', 'kubernetes_ingress_v1')['entries_www_ingress'];
    };
    const [waiting, answering] = [await ingress(false), await ingress(true)];
    const hosts = ['www.shop.works.gov.test', 'pay.gov.test', 'www.pay.gov.test'];
    const published = (of: unknown): unknown => (at(of, 'metadata.annotations') as Record<string, string>)['external-dns.alpha.kubernetes.io/hostname'];
    for (const one of [waiting, answering]) expect(at(one, 'spec.tls')).toEqual([{ hosts, secret_name: 'portal-certificate' }]);
    expect([published(waiting), published(answering)]).toEqual([hosts[0], hosts.join(',')]);
  });

  it('names every part Kubernetes cannot have', async () => {
    const impossible: SystemShape = {
      ...shape,
      stores: [{ name: 'scans', versioned: true, writeOnceDays: 3650 }],
      components: shape.components.map((component) => ({
        ...component,
        ports: [...component.ports, { name: 'rather-a-long-name', number: 9, protocol: 'tcp' }],
      })),
      entries: [
        { name: 'mail', component: 'portal', listen: 587, port: 'pages', from: { anywhere: true }, tls: { at: 'entry', certificate: 'mail' } },
        { name: 'feed', component: 'portal', listen: 9000, port: 'pages', from: { anywhere: true }, tls: { at: 'members' }, connections: 10 },
      ],
      flows: [...shape.flows, { from: { component: 'records' }, to: { anywhere: true }, port: 443, why: 'phones home' }],
    };
    const error = await place(impossible).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProblemError);
    const { problems } = error as ProblemError;
    expect(problems.map(({ code, message }) => `${code} ${/^.*?"[a-z -]+"/u.exec(message)?.[0] ?? ''}`)).toEqual([
      'CLOUD-PLACE object store "scans"',
      'CLOUD-PLACE port "rather-a-long-name"',
      'CLOUD-PLACE port "rather-a-long-name"',
      'CLOUD-PLACE entry "mail"',
      'CLOUD-PLACE entry "feed"',
      'CLOUD-PLACE flow "phones home"',
    ]);
    for (const { message } of problems) expect(message).toContain('works-cluster (kubernetes)');
    await expect(place({ ...shape, stores: [] }, { label: false })).rejects.toThrow(/entry "www".*no zone/u);
  });

  it('is what the sandbox can stand in for', async () => {
    const { stacks } = await place(shape, { environment: 'sandbox' });
    for (const { json } of stacks) expect(JSON.parse(json)).not.toHaveProperty('provider');
  });

  it.each([...systemBlueprints.values()].map((blueprint) => [blueprint.name, blueprint] as const))(
    'holds %s, or says what it cannot have of it',
    async (_, blueprint) => {
      const made = blueprint.shape({
        tenant: { id: 'shop', names: { vi: 'Shop', en: 'Shop' }, owner: 'works', region: undefined, size: undefined, zone: undefined },
        level: 3,
        dataClass: 'shared',
        carriers: [],
        segments: [...Object.keys(blueprint.segments), 'management'],
        size: {},
        parameters: blueprint.example,
        partners: [{ tenant: 'second', side: 'primary', rpoMinutes: 90, rtoMinutes: 240, samePlace: false }],
      });
      const held = keysOf(made);
      const outcome = await place(made, {
        tenants: ['shop', 'second'],
        keys: Object.fromEntries(held.map((key, index) => [key, { v4: `10.100.${index}.0/24`, v6: `2001:db8:100:${index}::/64` }])),
      }).catch((caught: unknown) => caught);
      if (made.stores.length > 0) {
        expect((outcome as ProblemError).message).toMatch(/object store/u);
        return;
      }
      expect(outcome).toMatchObject({ placed: { stacks: expect.any(Array) as unknown } });
      for (const { name, storage } of made.components)
        expect(
          bodies((outcome as { stacks: SynthesisedStack[] }).stacks, 'workload', `kubernetes_${storage === undefined ? 'deployment' : 'stateful_set'}_v1`),
        ).toHaveProperty(`${name}_${storage === undefined ? 'deployment' : 'members'}`);
    },
  );
});

function keysOf({ flows, entries }: SystemShape): string[] {
  const peers = [...flows.flatMap(({ from, to }) => [from, to]), ...entries.map(({ from }) => from)];
  return [...new Set(peers.flatMap((peer) => ('key' in peer && !/^tenant\/(?:shop|second)\//u.test(peer.key) ? [peer.key] : [])))];
}
