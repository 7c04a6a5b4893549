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
  recogniseObject,
  type ClusterKind,
  type ClusterObject,
} from '../../modules/cloud/live/index.ts';
import { configuredIdentities, identityOf, importIdOf, keyOf, namespacesOf } from '../../modules/cloud/live/kubernetes/identity.ts';
import { blockOf } from '../../modules/cloud/runtime/schema.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Reply = { readonly status?: number; readonly body?: unknown };

/** What API servers do and a real one cannot be made to do on demand. Reading a real one is in test/lab. */
async function cluster(reply: (path: string, query: URLSearchParams, accept: string) => Reply, limit?: number): Promise<ClusterReader> {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { status = 200, body = {} } = reply(url.pathname, url.searchParams, String(request.headers.accept));
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new ClusterReader(new ClusterSession({ server: address, headers: {}, tls: {} }, { rate: 1000, tries: 2, firstPause: 1 }), limit);
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
