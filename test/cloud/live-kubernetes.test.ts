import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  clusterKindOf,
  clusterKinds,
  clusterObject,
  ClusterReader,
  ClusterSession,
  madeByCluster,
  readPlaces,
  recogniseObject,
  sortPlace,
  unmanagedInClusters,
  type ClusterKind,
  type ClusterObject,
} from '../../modules/cloud/live/index.ts';
import type { StackLogin, StateResource } from '../../modules/engine/index.ts';
import { configuredIdentities, identityOf, importIdOf, keyOf, namespacesOf } from '../../modules/cloud/live/kubernetes/identity.ts';
import { blockOf } from '../../modules/cloud/runtime/schema.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Reply = { readonly status?: number; readonly body?: unknown };

/** What API servers do and a real one cannot be made to do on demand. Reading a real one is in test/lab. */
async function cluster(reply: Answers, limit?: number): Promise<ClusterReader> {
  return new ClusterReader(new ClusterSession({ server: await served(reply), headers: {}, tls: {} }, { rate: 1000, tries: 2, firstPause: 1 }), limit);
}

type Answers = (path: string, query: URLSearchParams, accept: string, who: string) => Reply;

async function served(reply: Answers): Promise<string> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { status = 200, body = {} } = reply(url.pathname, url.searchParams, String(request.headers.accept), String(request.headers.authorization));
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const kind = (type: string): ClusterKind => {
  const found = clusterKindOf(type);
  if (found === undefined) throw new Error(type);
  return found;
};
const map = kind('kubernetes_config_map_v1');
const raw = (name: string, more: object = {}): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: '2026-01-01T12:00:00Z', ...more },
});
const list = (names: readonly string[], next = ''): Reply => ({
  body: { kind: 'PartialObjectMetadataList', metadata: { continue: next }, items: names.map((name) => raw(name)) },
});
const object = (name: string, more: object = {}, of: ClusterKind = map): ClusterObject => {
  const read = clusterObject(of, raw(name, more));
  if (read === undefined) throw new Error(name);
  return read;
};
const marked = (stack: string, member = 'm'): object => ({ annotations: { 'vcloud/mark': `vcloud:${member}:${stack}` } });

describe('reading a cluster', () => {
  it('pages are put together, whatever their number; each object once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.uuid(), { maxLength: 4 }), { minLength: 1, maxLength: 5 }), async (pages) => {
        const reader = await cluster((_, query) => {
          const at = Number(query.get('continue') ?? 0);
          return list(pages[at] ?? [], at + 1 < pages.length ? String(at + 1) : '');
        });
        const { state, objects } = await reader.list(map, 'shop');
        reader.session.close();
        expect(state).toBe('whole');
        expect(objects.map(({ name }) => name)).toEqual(pages.flat());
      }),
      { numRuns: 15 },
    );
  });

  it('a list whose pages got too old is begun again, and given up after the third time', async () => {
    let gone = 0;
    const reply = (most: number) => (_: string, query: URLSearchParams) =>
      query.get('continue') === null ? list(['a'], 'next') : gone++ < most ? { status: 410, body: { message: 'too old' } } : list(['b']);
    const twice = await (await cluster(reply(2))).list(map, 'shop');
    expect([twice.state, twice.objects.map(({ name }) => name)]).toEqual(['whole', ['a', 'b']]);
    gone = 0;
    const always = await (await cluster(reply(Infinity))).list(map, 'shop');
    expect([always.state, always.reason]).toEqual(['failed', 'GET /api/v1/namespaces/shop/configmaps: 410: too old']);
  });

  it('refused, cut at the limit and not served are told apart', async () => {
    const reader = await cluster((path) => {
      if (path.endsWith('secrets')) return { status: 403, body: { message: 'secrets is forbidden' } };
      return path.endsWith('configmaps') ? list(['a', 'b'], 'more') : { status: 404 };
    }, 2);
    expect((await reader.list(kind('kubernetes_secret_v1'), 'shop')).reason).toBe('GET /api/v1/namespaces/shop/secrets: 403: secrets is forbidden');
    expect(await reader.list(map, 'shop')).toMatchObject({ state: 'failed', reason: 'GET /api/v1/namespaces/shop/configmaps: more than 2 objects' });
    expect((await reader.list(kind('kubernetes_ingress'), 'shop')).state).toBe('absent');
  });

  it('only metadata is asked for, and a server that gives whole Secrets all the same is not listened to', async () => {
    const asked: string[] = [];
    const item = { ...raw('db'), data: { password: 'cGxhbnRlZA==' } };
    const reader = await cluster((path, _, accept) => {
      asked.push(accept);
      return path.endsWith('/db') ? { body: { kind: 'Secret', ...item } } : { body: { kind: 'SecretList', items: [item] } };
    });
    const secret = kind('kubernetes_secret_v1');
    const read = [await reader.list(secret, 'shop'), await reader.one(secret, 'shop', 'db')];
    expect(read.map(({ state, objects }) => [state, objects.length])).toEqual([
      ['failed', 0],
      ['failed', 0],
    ]);
    expect(asked.every((accept) => /^application\/json;as=PartialObjectMetadata(List)?;/u.test(accept))).toBe(true);
    const copied = object('db', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"cGxhbnRlZA=="}}' } }, secret);
    expect(JSON.stringify([read, copied])).not.toContain('cGxhbnRlZA');
  });
});

describe('which object a resource is', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/u);

  it('an id made for the import says the same object again, of every kind and of manifests', () => {
    fc.assert(
      fc.property(fc.constantFrom(...clusterKinds), fc.boolean(), name, name, ({ type, version, kind: what, namespaced }, manifest, namespace, own) => {
        const place: Record<string, string> = namespaced ? { namespace } : {};
        const identity = { type: manifest ? 'kubernetes_manifest' : type, version, kind: what, name: own, ...place };
        const again = identityOf(identity.type, { id: importIdOf(identity) });
        expect(again && keyOf(again)).toBe(keyOf(identity));
        const metadata = { name: own, ...place };
        const stated = identityOf(identity.type, manifest ? { manifest: { apiVersion: version, kind: what, metadata } } : { metadata: [metadata] });
        expect(stated && keyOf(stated)).toBe(keyOf(identity));
      }),
    );
  });

  it('every type of the table is one of the provider, and every version of a type is the same kind', () => {
    for (const { type } of clusterKinds.filter(({ type: one }) => blockOf('resources', one) !== undefined)) {
      expect(clusterKindOf(type.replace(/_v\d$/u, ''))?.type).toBe(type);
    }
    expect(clusterKindOf('kubernetes_horizontal_pod_autoscaler_v2beta2')?.kind).toBe('HorizontalPodAutoscaler');
    expect(clusterKindOf('kubernetes_daemonset')?.kind).toBe('DaemonSet');
    expect(clusterKindOf('kubernetes_manifest')).toBeUndefined();
  });

  it('namespaces are known from names, references to them, and what is written nowhere is "default"', () => {
    const identities = configuredIdentities({
      kubernetes_namespace_v1: { main: { metadata: { name: 'shop' } } },
      kubernetes_config_map_v1: {
        a: { metadata: { name: 'a', namespace: '${kubernetes_namespace_v1.main.metadata[0].name}' } },
        b: { metadata: [{ name: 'b' }] },
        c: { metadata: { name: 'c', namespace: '${data.terraform_remote_state.x.outputs.y}' } },
      },
      kubernetes_manifest: { m: { manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'tools' } } } },
    });
    expect(namespacesOf(identities)).toEqual(['default', 'shop', 'tools']);
  });
});

describe('what a crash left in a cluster', () => {
  const values = (own: string, more: object = {}): { readonly metadata: readonly object[] } => ({ metadata: [{ name: own, namespace: 'shop', ...more }] });
  const address = 'kubernetes_config_map_v1.a';
  const expecting = (given: object): Parameters<typeof recogniseObject>[1] => ({
    ...{ stack: 'works.shop.workload', member: 'm', types: ['kubernetes_config_map_v1'], held: new Set() },
    expected: [{ address, type: 'kubernetes_config_map_v1', values: given as never }],
    since: Date.parse('2026-01-01T12:00:03Z'),
  });
  const ours = marked('works.shop.workload');

  it('what carries the mark is ours, and adopted where its name is declared', () => {
    expect(recogniseObject(object('a', ours), expecting(values('a', ours)))).toEqual({
      ...{ is: 'ours', by: 'annotation', type: 'kubernetes_config_map_v1', importId: 'shop/a', address, advice: 'adopt' },
    });
    expect(recogniseObject(object('b', ours), expecting(values('a', ours)))).toMatchObject({ is: 'ours', advice: 'delete' });
    expect(recogniseObject(object('a', { ...ours, deletionTimestamp: '2026-01-01T12:01:00Z' }), expecting(values('a', ours)))).toMatchObject({
      advice: 'delete',
    });
    expect(recogniseObject(object('x1z', ours), expecting({ metadata: [{ generate_name: 'x', namespace: 'shop', ...ours }] }))).toMatchObject({ address });
  });

  it('what stands in its place without the mark, or with that of others, is foreign', () => {
    for (const [other, because] of [
      [{}, "it does not carry this stack's mark"],
      [marked('works.shop.other'), "it is marked as works.shop.other's of m"],
      [marked('works.shop.workload', 'n'), "it is marked as works.shop.workload's of n"],
    ] as const) {
      expect(recogniseObject(object('a', other), expecting(values('a', ours)))).toEqual({
        ...{ is: 'foreign', type: 'kubernetes_config_map_v1', address, because, importId: 'shop/a' },
      });
    }
  });

  it('of what is declared without a mark, the name counts for what was made since', () => {
    expect(recogniseObject(object('a'), expecting(values('a')))).toMatchObject({ is: 'ours', by: 'name', address });
    expect(recogniseObject(object('a', { creationTimestamp: '2026-01-01T11:00:00Z' }), expecting(values('a')))).toMatchObject({ is: 'foreign' });
    expect(recogniseObject(object('b'), expecting(values('a')))).toBeUndefined();
  });

  it('what a state holds, and what controllers copy the mark to, is no orphan', () => {
    const held = new Set([keyOf({ version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' })]);
    expect(recogniseObject(object('a', ours), { ...expecting(values('a', ours)), held })).toBeUndefined();
    // Of another kind it is another object.
    const service = object('a', ours, kind('kubernetes_service_v1'));
    expect(recogniseObject(service, { ...expecting(values('a', ours)), held })).toMatchObject({ is: 'ours', type: 'kubernetes_service_v1' });
    const copy = { ...ours, ownerReferences: [{ kind: 'Service', name: 'a' }] };
    expect(recogniseObject(object('b', copy), expecting(values('a', ours)))).toBeUndefined();
  });

  it('what clusters make by themselves is told by a table', () => {
    const of = (type: string, own: string, more: object = {}): boolean => madeByCluster(object(own, more, kind(type))) !== undefined;
    expect([
      of('kubernetes_service_account', 'default'),
      of('kubernetes_config_map', 'kube-root-ca.crt'),
      of('kubernetes_secret', 'deployer-token-x1', { annotations: { 'kubernetes.io/service-account.name': 'deployer' } }),
      of('kubernetes_pod', 'web-1', { ownerReferences: [{ kind: 'ReplicaSet', name: 'web' }] }),
      of('kubernetes_persistent_volume_claim', 'data-db-0', { managedFields: [{ manager: 'kube-controller-manager' }] }),
    ]).toEqual([true, true, true, true, true]);
    expect([
      of('kubernetes_service_account', 'deployer'),
      of('kubernetes_config_map', 'settings', { managedFields: [{ manager: 'kubectl' }] }),
      of('kubernetes_secret', 'my-token', { annotations: { 'kubernetes.io/service-account.name': 'deployer' } }),
      of('kubernetes_persistent_volume_claim', 'data', { managedFields: [{ manager: 'HashiCorp' }, { manager: 'kube-controller-manager' }] }),
    ]).toEqual([false, false, false, false]);
  });
});

describe('what no state holds in the namespaces of stacks', () => {
  const [web, net] = ['works.shop.web', 'works.shop.kubernetes'];
  const typed = (stack: string, type: string, name: string, namespace?: string): StateResource => ({
    ...{ stack, address: `${type}.${name}`, type },
    attributes: { id: namespace === undefined ? name : `${namespace}/${name}`, metadata: [{ name, ...(namespace === undefined ? {} : { namespace }) }] },
  });
  const schedule: StateResource = {
    ...{ stack: web, address: 'kubernetes_manifest.backup', type: 'kubernetes_manifest' },
    attributes: { manifest: { value: { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 'shop', namespace: 'velero' } }, type: 'object' } },
  };
  const held = new Map([
    [net, [typed(net, 'kubernetes_namespace_v1', 'shop')]],
    [web, [typed(web, 'kubernetes_config_map', 'settings', 'shop'), schedule]],
    // The same names in another cluster are other objects.
    ['works.other.web', [typed('works.other.web', 'kubernetes_role_v1', 'settings', 'shop')]],
  ]);
  const clouds = new Map([
    [net, 'one'],
    [web, 'one'],
    ['works.other.web', 'two'],
  ]);
  const there: Readonly<Record<string, readonly object[]>> = {
    '/api/v1/namespaces/shop/configmaps': [raw('settings'), raw('stranger'), raw('kube-root-ca.crt')],
    '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles': [
      raw('settings', { uid: 'role' }),
      raw('theirs', marked('x.y.z', 'n')),
      raw('left', marked(web)),
    ],
  };
  const answers =
    (forbidden: (path: string, who: string) => boolean): Answers =>
    (path, _, __, who) => {
      if (forbidden(path, who)) return { status: 403, body: { message: 'no' } };
      if (path === '/apis/velero.io/v1') return { body: { resources: [{ name: 'schedules', kind: 'Schedule', namespaced: true }] } };
      if (path.endsWith('/schedules/shop')) return { body: { kind: 'PartialObjectMetadata', ...raw('shop', { namespace: 'velero' }) } };
      if (path === '/api/v1/namespaces/shop') return { body: { kind: 'PartialObjectMetadata', ...raw('shop', { namespace: undefined, uid: 'namespace' }) } };
      return path.includes('/namespaces/shop/')
        ? { body: { kind: 'PartialObjectMetadataList', metadata: {}, items: there[path] ?? null } }
        : { status: 500, body: { message: `not to be asked: ${path}` } };
    };
  const logins = (server: string): StackLogin[] =>
    [net, web].map((stack) => ({
      stack: { path: stack, cloud: 'one' },
      providers: { kubernetes: {} },
      environment: { KUBE_HOST: server, KUBE_TOKEN: stack === net ? 'net' : 'web' },
    }));
  const fast = { rate: 1000, tries: 1 };

  it('is found with its place and mark; another cluster, a guest place and what the cluster makes are left out', async () => {
    const server = await served(answers((path, who) => path.endsWith('/secrets') || (path.endsWith('/roles') && who === 'Bearer net')));
    const [reading, ...more] = await unmanagedInClusters({ root: '/', logins: logins(server), held, clouds }, { ...fast, member: 'm' });
    expect(more).toEqual([]);
    expect(reading).toMatchObject({ cloud: 'one', project: { id: 'shop', name: 'shop' }, stacks: [net, web], objects: 6, held: 1, made: 2 });
    const within = { stack: net, address: 'kubernetes_namespace_v1.shop' };
    const createdAt = '2026-01-01T12:00:00Z';
    const found = (type: string, name: string, markedAs?: string): object => ({
      ...{ type, id: `shop/${name}`, importId: `shop/${name}`, name, createdAt, within, markedAs },
    });
    expect(reading?.unmanaged).toEqual([
      found('kubernetes_config_map_v1', 'stranger'),
      found('kubernetes_role_v1', 'left', web),
      found('kubernetes_role_v1', 'settings'),
    ]);
    // What the first stack's user may not read, the second's may; what none may is said.
    expect(reading?.unread.map(({ type }) => type)).toEqual(['kubernetes_secret_v1']);
  });

  it('what stacks hold elsewhere is read object by object, where it is asked for', async () => {
    const server = await served(answers(() => false));
    const { places, unread } = await readPlaces({ root: '/', logins: logins(server), held, clouds, elsewhere: true }, fast);
    expect(unread).toEqual([]);
    expect(places.map(({ place, stacks, objects }) => [place, stacks, objects.length])).toEqual([
      ['shop', [net, web], 6],
      ['*', [net, web], 2],
    ]);
    const [shop, elsewhere] = places;
    expect(elsewhere?.kinds.filter(({ state }) => state === 'whole').map(({ type }) => type)).toEqual(['kubernetes_namespace_v1', 'kubernetes_manifest']);
    expect(elsewhere?.kinds.filter(({ state }) => state === 'failed')).toEqual([]);
    expect([shop?.covers(schedule), elsewhere?.covers(schedule)]).toEqual([false, true]);
    const [settings] = held.get(web) ?? [];
    expect(settings && [shop?.covers(settings), elsewhere?.covers(settings)]).toEqual([true, false]);
    // A type states write without its version ends as the kind does.
    expect(shop?.kinds.filter(({ type }) => type.startsWith('kubernetes_config_map')).map(({ state }) => state)).toEqual(['whole', 'whole']);
  });

  it('every object is held, made by the cluster or unmanaged, and one of these only', () => {
    const some = fc.record({
      name: fc.constantFrom('a', 'b', 'default', 'kube-root-ca.crt'),
      type: fc.constantFrom('config_map', 'service_account'),
      owned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(some, { selector: ({ name, type }) => `${type} ${name}` }), fc.subarray(['a', 'b']), (given, holds) => {
        const objects = given.map(({ name, type, owned }) =>
          object(name, { uid: `${type} ${name}`, ...(owned ? { ownerReferences: [{ kind: 'X', name: 'x' }] } : {}) }, kind(`kubernetes_${type}`)),
        );
        const holders = new Map(
          holds.map((name) => {
            const identity = { type: 'kubernetes_config_map', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name };
            return [keyOf(identity), { identity, holder: { stack: web, address: name } }];
          }),
        );
        const place = { cloud: 'one', place: 'shop', stacks: [web], objects, holders, covers: () => true, kinds: [] };
        const { held: ours, made, unmanaged } = sortPlace(place, 'm');
        const wanted = given.map(({ name, type, owned }) => {
          if (type === 'config_map' && holds.includes(name)) return `held ${name} ${type}`;
          const made = owned || (type === 'config_map' ? name === 'kube-root-ca.crt' : name === 'default');
          return `${made ? 'made' : 'unmanaged'} ${name} ${type}`;
        });
        const word = (one: ClusterObject): string => `${one.name} ${one.kind.type.replace(/^kubernetes_|_v1$/gu, '')}`;
        const sorted = [
          ...ours.map(({ object: one }) => `held ${word(one)}`),
          ...[...made.keys()].map((one) => `made ${word(one)}`),
          ...unmanaged.map(({ name, type }) => `unmanaged ${name ?? ''} ${type.replace(/^kubernetes_|_v1$/gu, '')}`),
        ];
        expect(sorted.sort()).toEqual(wanted.sort());
      }),
    );
  });
});
