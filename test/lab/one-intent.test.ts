import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../modules/core/index.ts';
import { apply, destroy, plan, type PlanRun } from '../../modules/engine/index.ts';
import { engineOptions, prepareStacks } from '../../modules/federate.ts';
import { moveSystem, showSystem } from '../../modules/federate/system.ts';
import {
  because,
  cleanProject,
  CloudClient,
  kubernetesLab,
  kubernetesProvider,
  openstackLab,
  present,
  providerMirror,
  terraformBinary,
} from './support/lab.ts';
import { makeOffer } from './support/offer.ts';

const openstack = await openstackLab({ services: ['keystone', 'neutron', 'placement', 'glance', 'nova', 'cinder', 'designate', 'octavia', 'barbican'] });
const kubernetes = await kubernetesLab();
const mirror = providerMirror();
const why = because(openstack, kubernetes, mirror, kubernetesProvider(), terraformBinary());

const ending = randomBytes(3).toString('hex');
const one = `register-${ending}`;
const other = `register-${ending}-south`;
const system = `register-${ending}`;
const names = { image: `one-${ending}-image`, flavor: `one-${ending}-flavor`, external: `one-${ending}-external`, volumeType: `one-${ending}-encrypted` };
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-one-intent-lab-'));
const asOf = '2026-01-01';
const yaml = 'stacks/works/works.yaml';

describe.skipIf(why !== '')(`one declaration on a real OpenStack and a real Kubernetes${why}`, { retry: 0 }, () => {
  let withdraw = async (): Promise<void> => {};
  const admin = (): CloudClient => present(openstack).admin;
  const kubectl = (...words: readonly string[]): string =>
    present(kubernetes)
      .kubectl(...words)
      .output.trim();
  const options = async (): Promise<Parameters<typeof plan>[0]> => {
    const { federation, stacks } = await prepareStacks(root, { asOf });
    return { root, stacks, environment: { no_proxy: '*', TF_CLI_CONFIG_FILE: present(mirror).configurationFile }, ...engineOptions(federation.settings) };
  };
  /** Plans and applies, again while a stack still waits for another. */
  const everything = async (): Promise<PlanRun[]> => {
    const runs: PlanRun[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const run = await plan(await options());
      expect(run.stacks.filter(({ state }) => state === 'failed').map(({ path: name, error }) => `${name}: ${error}`)).toEqual([]);
      runs.push(run);
      if (run.stacks.every(({ state }) => state === 'unchanged')) return runs;
      const made = await apply({ ...(await options()), directory: run.directory ?? '' });
      expect(made.stacks.filter(({ result }) => result === 'failed').map(({ path: name, because: reason }) => `${name}: ${reason}`)).toEqual([]);
    }
    throw new Error('stacks still wait after four rounds');
  };
  const login = (project: string): CloudClient => {
    const { authUrl, environment } = present(openstack);
    return new CloudClient({ authUrl, username: environment['OS_USERNAME'] ?? '', password: environment['OS_PASSWORD'] ?? '', project });
  };
  /** Addresses Designate gives a name of the system's zone, as a client of the project reads them. */
  const designate = async (label: string): Promise<string[]> => {
    const client = login(one);
    const zone = `${system}.service.works.${ending}.test.`;
    const [found] = await client.list('dns', `/v2/zones?name=${zone}`, 'zones');
    const sets = await client.list('dns', `/v2/zones/${String(found?.['id'])}/recordsets?name=${label === '@' ? zone : `${label}.${zone}`}`, 'recordsets');
    return sets
      .filter(({ type }) => type === 'A' || type === 'AAAA')
      .flatMap(({ records }) => records as string[])
      .sort();
  };
  /** What the rules of the database let in and out, as Neutron has them, and as the API server has the policy. */
  const crossing = async (): Promise<string[]> => {
    const client = login(one);
    const [group] = (await client.list('network', '/v2.0/security-groups', 'security_groups')).filter(({ name }) => name === `${one}-database`);
    const rules = (await client.list('network', `/v2.0/security-group-rules?security_group_id=${String(group?.['id'])}`, 'security_group_rules'))
      .filter((rule) => typeof rule['remote_ip_prefix'] === 'string')
      .map((rule) => `openstack ${String(rule['direction'])} ${String(rule['remote_ip_prefix'])} ${String(rule['port_range_min'])}`);
    const policies = JSON.parse(kubectl('-n', other, 'get', 'networkpolicies', '-o', 'json')) as { items: { spec: Record<string, Json[] | undefined> }[] };
    const blocks = policies.items.flatMap(({ spec }) =>
      (['ingress', 'egress'] as const).flatMap((direction) =>
        (spec[direction] ?? []).flatMap((rule) =>
          ((rule[direction === 'ingress' ? 'from' : 'to'] as Json[] | undefined) ?? []).flatMap(({ ipBlock }) =>
            isObject(ipBlock) ? ((rule['ports'] ?? []) as Json[]).map(({ port }) => `kubernetes ${direction} ${String(ipBlock['cidr'])} ${String(port)}`) : [],
          ),
        ),
      ),
    );
    return [...rules, ...blocks].sort();
  };

  beforeAll(async () => {
    withdraw = await makeOffer(present(openstack), names);
    writeFederation();
    const operator = present(openstack).environment;
    fs.mkdirSync(path.join(root, 'secrets'), { mode: 0o700 });
    const lines = Object.entries(operator)
      .filter(([name]) => name !== 'no_proxy')
      .map(([name, value]) => `${name}=${value}\n`);
    fs.writeFileSync(path.join(root, 'secrets/operator'), lines.join(''), { mode: 0o600 });
    fs.writeFileSync(
      path.join(root, 'secrets/cluster'),
      `KUBE_CONFIG_PATH=${present(kubernetes).kubeconfigFor(path.join(root, 'secrets'), 'works-cluster')}\n`,
      { mode: 0o600 },
    );
  }, 120_000);

  afterAll(async () => {
    kubectl('delete', 'namespace', other, '--ignore-not-found', '--wait=false');
    kubectl('-n', 'velero', 'delete', 'schedules.velero.io', '-l', `vcloud/tenant=${other}`, '--ignore-not-found');
    for (const project of await admin().list('identity', `/projects?name=${one}`, 'projects')) {
      // The key of an encrypted volume lies in the project: only somebody in it can take both away.
      const client = login(one);
      for (const server of await client.list('compute', '/servers', 'servers')) await client.remove('compute', `/servers/${String(server['id'])}`);
      for (const volume of await client.list('volumev3', '/volumes', 'volumes'))
        await untilDone(async () => (await client.request('volumev3', 'DELETE', `/volumes/${String(volume['id'])}`)).status === 404);
      await cleanProject(admin(), String(project['id']));
      await admin().remove('identity', `/projects/${String(project['id'])}`);
    }
    for (const user of await admin().list('identity', '/users', 'users'))
      if (String(user['name']).startsWith(one)) await admin().remove('identity', `/users/${String(user['id'])}`);
    await withdraw();
    fs.rmSync(root, { recursive: true, force: true });
  }, 600_000);

  it('is applied on both; the table says what is there, and both ends are open to each other', async () => {
    const runs = await everything();
    // The last of them is the second plan: it shows nothing.
    expect(runs.at(-1)?.stacks.flatMap(({ changes }) => changes)).toEqual([]);

    const { view } = await showSystem(root, { asOf }, system);
    const on = (part: string, tenant: string): Readonly<Record<string, number>> =>
      view.parts.find((each) => each.part === part)?.on.find((each) => each.tenant === tenant)?.kinds ?? {};
    const servers = (await login(one).list('compute', '/servers/detail', 'servers')).map(({ name }) => String(name));
    const workloads = kubectl('-n', other, 'get', 'deployments,statefulsets', '-o', 'name').split('\n');
    for (const component of ['portal', 'application', 'database']) {
      expect(servers.filter((name) => name.startsWith(`${one}-${component}-`))).toHaveLength(on(component, one)['openstack_compute_instance_v2'] ?? -1);
      const kind = component === 'database' ? 'stateful_set' : 'deployment';
      expect(on(component, other)).toMatchObject({ [`kubernetes_${kind}_v1`]: 1 });
      expect(workloads.some((name) => name.endsWith(`/${component}`))).toBe(true);
    }
    const balancers = await login(one).list('load-balancer', '/v2/lbaas/loadbalancers', 'loadbalancers');
    expect(balancers).toHaveLength(on('entries/www', one)['openstack_lb_loadbalancer_v2'] ?? -1);
    const answers = view.parts.find(({ part }) => part === 'entries/www')?.on.find(({ tenant }) => tenant === one)?.addresses;
    expect(balancers.map(({ vip_address: address }) => address).sort()).toEqual([...(answers ?? [])].sort());
    expect(on('entries/www', other)).toMatchObject({ kubernetes_service_v1: 1 });

    const { addresses } = await prepareStacks(root, { asOf });
    const open = await crossing();
    for (const [kind, far] of [
      ['openstack', other],
      ['kubernetes', one],
    ] as const)
      for (const prefix of Object.values(pick(addresses.allocations.get(`tenant/${far}/data`))))
        for (const direction of ['ingress', 'egress']) expect(open).toContain(`${kind} ${direction} ${prefix} 5432`);
  }, 900_000);

  it('answers by the names of the side that is primary; swapped by a plan that removes nothing, they lead to the other side', async () => {
    const { view, addresses } = { ...(await showSystem(root, { asOf }, system)), addresses: await entries() };
    expect(view.sides.map(({ tenant, side }) => `${tenant} ${side}`)).toEqual([`${one} primary`, `${other} standby`]);
    for (const label of ['@', 'www']) expect(await designate(label)).toEqual(addresses[one]);
    expect(zoneFile(await prepareStacks(root, { asOf }))).toEqual(addresses[one]);
    const before = await crossing();

    const moved = await moveSystem(root, { system, to: other }, { asOf, write: true });
    expect(moved).toMatchObject({ step: 'swap', written: true });
    const [swap, after] = await everything();
    // Reviewed before it is done: what is there changes in place, on either cloud nothing is made anew or taken away.
    const actions = swap?.stacks.flatMap(({ changes }) => changes.flatMap((change) => change.actions)) ?? [];
    expect(actions.length).toBeGreaterThan(0);
    expect([...new Set(actions)]).toEqual(['update']);
    expect(after?.stacks.flatMap(({ changes }) => changes)).toEqual([]);

    for (const label of ['@', 'www']) expect(await designate(label)).toEqual(addresses[other]);
    expect(zoneFile(await prepareStacks(root, { asOf }))).toEqual(addresses[other]);
    // The side that gave way keeps its own names and data, and what was open between the two still is.
    const own = await login(one).list('dns', `/v2/zones?name=${one}.works.${ending}.test.`, 'zones');
    expect(own).toHaveLength(1);
    expect(await login(one).list('volumev3', '/volumes', 'volumes')).toHaveLength(1);
    expect(await crossing()).toEqual(before);
    const published = kubectl('-n', other, 'get', 'service', 'www', '-o', 'jsonpath={.metadata.annotations.external-dns\\.alpha\\.kubernetes\\.io/hostname}');
    expect(published.split(',')).toContain(`www.${system}.service.works.${ending}.test`);
  }, 900_000);

  it('is destroyed on both, and nothing is left', async () => {
    const now = await options();
    // The key store lets an administrator of the project delete an order for a key, and nobody else.
    const role = (await admin().list('identity', '/roles', 'roles')).find(({ name }) => name === 'admin');
    await admin().put('identity', `/projects/${await login(one).projectId()}/users/${await admin().userId()}/roles/${String(role?.['id'])}`);
    // A project, a volume, a zone, a namespace: each stack is named, because something in it is protected.
    const going = await destroy({ ...now, select: { expressions: ['all'] }, allow: now.stacks.map(({ path: name }) => name) });
    const { stacks } = await apply({ ...now, directory: going.directory ?? '' });
    expect(stacks.filter(({ result }) => result !== 'applied').map(({ path: name, because: reason }) => `${name}: ${reason}`)).toEqual([]);
    expect(await admin().list('identity', `/projects?name=${one}`, 'projects')).toEqual([]);
    expect((await admin().list('dns', '/v2/zones', 'zones')).filter(({ name }) => String(name).includes(ending))).toEqual([]);
    expect(kubectl('get', 'namespace', other)).toContain('not found');
  }, 600_000);

  /** Addresses of the entry on each side, as the plan numbers them. */
  async function entries(): Promise<Record<string, string[]>> {
    const { view } = await showSystem(root, { asOf }, system);
    return Object.fromEntries(view.parts.find(({ part }) => part === 'entries/www')?.on.map(({ tenant, addresses }) => [tenant, [...addresses].sort()]) ?? []);
  }
});

type Json = Readonly<Record<string, unknown>>;

async function untilDone(done: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 120 && !(await done()); turn++)
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
}

/** What our own name servers are given for the system. */
function zoneFile({ zones }: Awaited<ReturnType<typeof prepareStacks>>): string[] {
  const [file = ''] = [...zones.files].filter(([name]) => name.includes(`works.${ending}.test`)).map(([, text]) => text);
  const name = `www.${system}.service`;
  return file
    .split('\n')
    .filter((line) => line.startsWith(name))
    .map((line) => line.trim().split(/\s+/u).at(-1) ?? '')
    .sort();
}

function pick(held: { readonly v4?: string | undefined; readonly v6?: string | undefined } | undefined): { v4?: string; v6?: string } {
  return { ...(held?.v4 === undefined ? {} : { v4: held.v4 }), ...(held?.v6 === undefined ? {} : { v6: held.v6 }) };
}

/** The register of the example `examples/one-intent`, as small as it can be, on the lab's two clouds. */
function writeFederation(): void {
  const example = path.resolve(import.meta.dirname, '../../examples/one-intent');
  fs.cpSync(path.join(example, 'network-plans'), path.join(root, 'network-plans'), { recursive: true, filter: (file) => !file.endsWith('.lock.yaml') });
  fs.mkdirSync(path.join(root, 'stacks/works'), { recursive: true });
  const declared = fs.readFileSync(path.join(example, yaml), 'utf8');
  const kept = declared
    // Only the register and its two clouds.
    .replace(/ {2}- id: permits\n[^]*?(?= {2}# A register)/u, '')
    .replace(/ {2}# All three answer[^]*?(?= {2}- id: register\n)/u, '')
    .replace(/\nracks:[^]*$/u, '\n')
    .replace(/ {2}- \{ id: works-room.*\n/u, '')
    .replace(/ {2}# The system is stated here.*\n/u, '')
    .replace(
      'size: { portal: 2, application: 2, database: 2, databaseGiB: 20, vcpus: 1, memoryGiB: 2 }',
      'size: { portal: 1, application: 1, database: 1, databaseGiB: 1, vcpus: 2, memoryGiB: 2 }',
    )
    .replace(/,\n +size: \{ portal: 1, application: 1, database: 1 \}/u, '')
    .replaceAll(/\bregister-south\b/gu, other)
    .replaceAll(/(id: |\[|like: |tenants: \[)register\b(?!-)/gu, `$1${one}`)
    .replace('regions: [{ name: north, site: north }] }', () => {
      const { image, flavor, external, volumeType } = names;
      return `regions: [{ name: north, site: north, called: RegionOne }],
      services: [compute, network, image, block-storage, load-balancer, dns, key-manager],
      catalogue: { images: { debian-12: ${image} }, flavors: { c2m2: ${flavor} }, networks: { external: ${external} }, volumeTypes: { encrypted: ${volumeType} } } }`;
    });
  fs.writeFileSync(path.join(root, yaml), kept);
  fs.writeFileSync(
    path.join(root, 'vcloud.yaml'),
    `apiVersion: vcloud/v1
kind: Federation
member: { id: works, names: { vi: Works, en: Works }, organisation: works }
numbering: documentation
environment: production
parentZone: ${ending}.test.
engine: { binary: terraform, parallelism: 2 }
clouds:
  works-cloud: { credentials: "file:secrets/operator" }
  works-cluster: { credentials: "file:secrets/cluster" }
`,
  );
}
