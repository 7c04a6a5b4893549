import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { cloudPreflight } from '../../../modules/cloud/preflight/index.ts';
import { canonicalJson, sha256 } from '../../../modules/core/index.ts';
import type { PreflightResult, SynthesisedStack } from '../../../modules/engine/index.ts';
import type { Resources } from '../../lab/live/federation.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
}
type Reply = { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** A server that answers what is told; its address. What real ones answer to a whole plan is in test/lab. */
async function serve(reply: (asked: Asked, here: string) => Reply): Promise<string> {
  const server = http.createServer((request, response) => {
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const url = new URL(request.url ?? '/', here);
    request.resume();
    const asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams, authorization: request.headers.authorization ?? '' };
    const { status = 200, body = {}, headers = {} } = reply(asked, here);
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stackOf(name: string, provider: string, resources: Resources, data: Resources = {}): SynthesisedStack {
  const json = canonicalJson({ provider: { [provider]: {} }, resource: resources, data });
  const addresses = Object.entries(resources).flatMap(([type, named]) => Object.keys(named).map((one) => ({ type, address: `${type}.${one}` })));
  const list = addresses.map(({ type, address }) => ({ type, address, planned: address, construct: address }));
  return { path: name, agency: 'a', cloud: 'c', environment: 'production', json, digest: sha256(json), dependsOn: [], reads: [], resources: list };
}

async function looked(
  stacks: readonly SynthesisedStack[],
  environmentOf: (stack: string) => Readonly<Record<string, string>>,
): Promise<readonly PreflightResult[]> {
  const run = await cloudPreflight({ rate: 1000 }).begin({ root: '/', mode: 'full', stacks, declared: stacks, environmentOf, held: () => undefined });
  run.close();
  return run.results;
}

const told = (results: readonly PreflightResult[], ...checks: readonly string[]): string[] =>
  results
    .filter(({ check }) => checks.includes(check))
    .map(({ result, check, address, message }) => (result === 'pass' ? `pass ${check}` : `${result} ${check} ${address ?? ''}: ${message}`))
    .sort();

interface Openstack {
  readonly projects?: readonly Readonly<Record<string, unknown>>[];
  readonly services?: readonly string[];
  readonly user?: string;
  readonly reply?: (asked: Asked, here: string) => Reply | undefined;
}

/** An OpenStack whose Keystone lists projects as the real one does: domains only where they are asked for. */
async function openstack({ projects = [], services = [], user = 'u', reply }: Openstack): Promise<Readonly<Record<string, string>>> {
  const address = await serve((asked, here) => {
    const { path, query } = asked;
    if (path === '/v3/auth/tokens') {
      const catalog = services.map((type) => ({ type, endpoints: [{ interface: 'public', region: 'r', url: `${here}/${type}` }] }));
      const token = { project: { id: 'operating', name: 'operating' }, user: { id: user }, roles: [{ name: 'admin' }], catalog };
      return { status: 201, headers: { 'X-Subject-Token': 't' }, body: { token: { ...token, expires_at: '2099-01-01T00:00:00Z' } } };
    }
    if (path === '/v3/projects') {
      const wanted = (one: Readonly<Record<string, unknown>>): boolean =>
        (one['is_domain'] === true) === (query.get('is_domain') === 'true') &&
        ['name', 'domain_id', 'parent_id'].every((field) => query.get(field) === null || query.get(field) === one[field]);
      return { body: { projects: projects.filter(wanted) } };
    }
    const project = projects.find(({ id }) => path === `/v3/projects/${String(id)}`);
    if (project !== undefined) return { body: { project } };
    return reply?.(asked, here) ?? { status: 404 };
  });
  return { OS_AUTH_URL: `${address}/v3`, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'operating' };
}

describe('projects of a cloud with domains', () => {
  const type = 'openstack_identity_project_v3';
  const operating = { id: 'operating', name: 'operating', domain_id: 'default' };
  const government = { id: 'd-government', name: 'government', is_domain: true, domain_id: null };
  const elsewhere = { id: 'p1', name: 'works', domain_id: 'd-other' };
  const domain = { name: 'government', is_domain: true };
  const inGovernment = { name: 'works', domain_id: `\${data.${type}.domain.id}` };
  const platform = async (projects: Openstack['projects'], project: Resources[string][string], data: Resources[string]): Promise<string[]> => {
    const environment = await openstack({ projects: projects ?? [] });
    return told(await looked([stackOf('a.works.platform', 'openstack', { [type]: { project } }, { [type]: data })], () => environment), 'reference', 'name');
  };

  it('the domain is found, and a project of that name in another domain is in nobody’s way', async () => {
    expect(await platform([operating, government, elsewhere], inGovernment, { domain })).toEqual(['pass name', 'pass name', 'pass reference']);
    const there = { ...elsewhere, id: 'p2', domain_id: government.id };
    expect(await platform([operating, government, elsewhere, there], inGovernment, { domain })).toContain(
      `fail name ${type}.project: project "works" is there already (p2)`,
    );
    expect(await platform([operating, elsewhere], inGovernment, { domain })).toEqual([
      `fail reference data.${type}.domain: no project "government" is in this cloud`,
      'pass name',
      `unknown name ${type}.project: project "works" is there in some domain, and in which this one is made is known only later`,
    ]);
  });

  it('what names no domain is made in that of the log-in', async () => {
    expect(await platform([operating, elsewhere], { name: 'works' }, {})).toEqual(['pass name', 'pass name']);
    expect(await platform([operating, { ...elsewhere, domain_id: 'default' }], { name: 'works' }, {})).toContain(
      `fail name ${type}.project: project "works" is there already (p1)`,
    );
    // Who may not see the own project is told no domain.
    expect(await platform([elsewhere], { name: 'works' }, {})).toContain(
      `unknown name ${type}.project: project "works" is there in some domain, and in which this one is made is known only later`,
    );
  });

  it('a parent is looked for in its domain', async () => {
    const parents = [operating, government, { id: 'q1', name: 'ministries', domain_id: 'd-other' }];
    const data = { domain, parent: { name: 'ministries', domain_id: `\${data.${type}.domain.id}` } };
    const project = { ...inGovernment, parent_id: `\${data.${type}.parent.id}` };
    expect(await platform(parents, project, data)).toContain(`fail reference data.${type}.parent: no project "ministries" is in this cloud`);
    const right = { id: 'q2', name: 'ministries', domain_id: government.id };
    expect(await platform([...parents, right], project, data)).toEqual(['pass name', 'pass name', 'pass reference']);
  });
});

interface Cluster {
  /** Who logs in with which token; nobody else is known. */
  readonly users?: Readonly<Record<string, { readonly allowed: boolean }>>;
  /** Paths that are there. */
  readonly there?: readonly string[];
}

/** A Kubernetes API that calls who does not log in `system:anonymous`, as the real one does. */
async function kubernetes({ users = { op: { allowed: true } }, there = [] }: Cluster): Promise<{ readonly server: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const served: Readonly<Record<string, readonly string[]>> = {
    '/api/v1': ['namespaces', 'configmaps', 'persistentvolumeclaims'],
    '/apis/apps/v1': ['statefulsets'],
    '/apis/rbac.authorization.k8s.io/v1': ['rolebindings'],
  };
  const server = await serve(({ path, authorization }) => {
    asked.push(path);
    const user = users[authorization.replace(/^Bearer /u, '')];
    if (user === undefined && authorization !== '') return { status: 401, body: { message: 'Unauthorized' } };
    if (user === undefined) return { status: 403, body: { message: `forbidden: User "system:anonymous" cannot get path "${path}"` } };
    if (served[path] !== undefined) return { body: { resources: served[path].map((name) => ({ name })) } };
    if (path.endsWith('/selfsubjectaccessreviews')) return { status: 201, body: { status: { allowed: user.allowed } } };
    if (path.startsWith('/api/v1/namespaces/') && !user.allowed) return { status: 403, body: { message: 'forbidden' } };
    return there.includes(path) ? {} : { status: 404 };
  });
  return { server, asked };
}

describe('a Kubernetes cluster', () => {
  const namespace = { kubernetes_namespace_v1: { n: { metadata: [{ name: 'shop' }] } } };

  it('is not logged in to by nobody', async () => {
    const { server } = await kubernetes({});
    const credentials = async (environment: Readonly<Record<string, string>>): Promise<string[]> =>
      told(await looked([stackOf('a.shop.kubernetes', 'kubernetes', namespace)], () => ({ KUBE_HOST: server, ...environment })), 'credentials', 'live');
    expect(await credentials({})).toEqual([
      `fail credentials : there are none, and the cluster lets nobody in without: /api/v1: 403: forbidden: User "system:anonymous" cannot get path "/api/v1"`,
      'unknown live : cluster "c" cannot be used: nothing of it was looked at',
    ]);
    expect(await credentials({ KUBE_TOKEN: 'wrong' })).toContain('fail credentials : the cluster refuses them: /api/v1: 401: Unauthorized');
    expect(await credentials({ KUBE_TOKEN: 'op' })).toEqual(['pass credentials']);
  });

  it('has the storage classes that claims of a StatefulSet name', async () => {
    const path = '/apis/storage.k8s.io/v1/storageclasses/encrypted';
    const claim = { metadata: [{ name: 'data' }], spec: [{ storage_class_name: 'encrypted' }] };
    const set = { metadata: [{ name: 'db', namespace: 'shop' }], spec: [{ service_name: 'db', volume_claim_template: [claim] }] };
    const stack = stackOf('a.shop.workload', 'kubernetes', { ...namespace, kubernetes_stateful_set_v1: { db: set } });
    const references = async (there: readonly string[]): Promise<string[]> => {
      const { server, asked } = await kubernetes({ there });
      const results = told(await looked([stack], () => ({ KUBE_HOST: server, KUBE_TOKEN: 'op' })), 'reference');
      expect(asked).toContain(path);
      return results;
    };
    expect(await references([])).toEqual(['fail reference kubernetes_stateful_set_v1.db: no storage class "encrypted" is in this cluster']);
    expect(await references([path])).toEqual(['pass reference']);
  });

  it('of a tenant that logs in for itself waits for the namespace and the rights another stack makes', async () => {
    const map = { kubernetes_config_map_v1: { m: { metadata: [{ name: 'm', namespace: 'shop' }] } } };
    const workload = stackOf('a.shop.workload', 'kubernetes', map);
    const binding = { kubernetes_role_binding_v1: { b: { metadata: [{ name: 'b', namespace: 'shop' }] } } };
    const roles = async (others: Resources, there: readonly string[] = []): Promise<string[]> => {
      const { server } = await kubernetes({ users: { op: { allowed: true }, tenant: { allowed: false } }, there });
      const stacks = [...(Object.keys(others).length === 0 ? [] : [stackOf('a.shop.kubernetes', 'kubernetes', others)]), workload];
      const results = await looked(stacks, (path) => ({ KUBE_HOST: server, KUBE_TOKEN: path === workload.path ? 'tenant' : 'op' }));
      return told(
        results.filter(({ stacks: [first] }) => first === workload.path),
        'role',
      );
    };
    const may = 'unknown role kubernetes_config_map_v1.m:';
    expect(await roles({ ...namespace, ...binding })).toEqual([
      `${may} namespace "shop" is made by kubernetes_namespace_v1.n of a.shop.kubernetes: whether this user may make anything there can be told only then`,
    ]);
    expect(await roles(binding, ['/api/v1/namespaces/shop'])).toEqual([
      `${may} this user may not make configmaps in namespace "shop" before kubernetes_role_binding_v1.b of a.shop.kubernetes is applied, and whether then can be told only then`,
    ]);
    expect(await roles({})).toEqual(['fail role kubernetes_config_map_v1.m: this user may not make configmaps in namespace "shop"']);
  });
});

describe('lists and quotas of an OpenStack', () => {
  const server = (flavor: string): Resources => ({
    openstack_compute_instance_v2: { s: { name: 's', flavor_name: flavor, image_id: 'i', network: [{ uuid: 'n' }] } },
  });
  const services = ['compute', 'network', 'image'];

  it('a flavor past the first page is found, and a list that never ends is no proof that one is missing', async () => {
    const flavors = async (flavor: string, more: (page: number) => boolean): Promise<string[]> => {
      const environment = await openstack({
        services,
        reply: ({ path, query }, here) => {
          if (path === '/network/v2.0/extensions') return { body: { extensions: [] } };
          if (path === '/compute/limits' || path.startsWith('/image') || path.startsWith('/network')) return { body: { images: [] } };
          if (path !== '/compute/flavors/detail') return undefined;
          const page = Number(query.get('marker') ?? 0);
          const next = { rel: 'next', href: `${here}/flavors/detail?marker=${page + 1}` };
          return { body: { flavors: [{ id: `f${page}`, name: `f${page}`, vcpus: 1, ram: 1 }], ...(more(page) ? { flavors_links: [next] } : {}) } };
        },
      });
      const stack = stackOf('a.shop.workload', 'openstack', server(flavor));
      return told(await looked([stack], () => environment), 'reference').filter((one) => one.includes('flavor'));
    };
    expect(await flavors('f2', (page) => page < 2)).toEqual([]);
    expect(await flavors('f9', (page) => page < 2)).toEqual(['fail reference openstack_compute_instance_v2.s: no flavor "f9" (flavor_name) is in this cloud']);
    expect(await flavors('f999', () => true)).toEqual([
      'unknown reference openstack_compute_instance_v2.s: whether flavor "f999" (flavor_name) is there could not be asked: GET /flavors/detail: more than 20 pages',
    ]);
  });

  it('a use nobody tells is not taken for none', async () => {
    const quotas = async (zones: unknown, quota: Resources = {}, limit = 10): Promise<string[]> => {
      const environment = await openstack({
        services: ['dns'],
        reply: ({ path }) => {
          if (path === '/dns/v2/zones') return { body: zones };
          return path === '/dns/v2/quotas/operating' ? { body: { zones: limit } } : undefined;
        },
      });
      const zone = { openstack_dns_zone_v2: { z: { name: 'a.example.', email: 'a@a.example' } } };
      return told(await looked([stackOf('a.shop.workload', 'openstack', { ...zone, ...quota })], () => environment), 'quota');
    };
    const none = 'unknown quota openstack_dns_zone_v2.z: how many zones project "operating" uses could not be asked: it is not told';
    expect(await quotas({ zones: [] })).toEqual([none]);
    expect(await quotas({ zones: [], metadata: { total_count: 9 } })).toEqual(['pass quota']);
    expect(await quotas({ zones: [], metadata: { total_count: 10 } })).toEqual([
      'fail quota openstack_dns_zone_v2.z: 1 more zones do not fit the quota of project "operating": it leaves 0 (limit 10, 10 used)',
    ]);
    // Declared where the cloud has none: what is used counts all the same.
    const declared = { openstack_dns_quota_v2: { q: { project_id: 'operating', zones: 5 } } };
    expect(await quotas({ zones: [], metadata: { total_count: 5 } }, declared, -1)).toEqual([
      expect.stringMatching(/^fail quota .*limit 5, 5 used, declared by/u),
    ]);
    expect(await quotas({ zones: [] }, declared, -1)).toEqual([none]);
  });

  it('a user has one key pair of a name, whatever projects they are in; two users have one each', async () => {
    const keys = (name: string): SynthesisedStack => stackOf(name, 'openstack', { openstack_compute_keypair_v2: { k: { name: 'deploy' } } });
    const stacks = [keys('a.one.workload'), keys('a.two.workload')];
    const names = async (...users: readonly string[]): Promise<string[]> => {
      const reply = ({ path }: Asked): Reply => (path === '/compute/os-keypairs' ? { body: { keypairs: [] } } : {});
      const logins = await Promise.all(users.map((user) => openstack({ services: ['compute'], user, reply })));
      return told(await looked(stacks, (path) => logins[path === stacks[0]?.path ? 0 : 1] ?? {}), 'name');
    };
    expect(await names('u', 'v')).not.toContainEqual(expect.stringMatching(/^fail/u));
    expect(await names('u', 'u')).toContain(
      'fail name openstack_compute_keypair_v2.k: key pair "deploy" is also that of openstack_compute_keypair_v2.k (a.one.workload), and a user has one of a name',
    );
  });
});
