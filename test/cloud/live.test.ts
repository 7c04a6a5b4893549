import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  beside,
  collectLive,
  kindOf,
  liveKinds,
  openstackClouds,
  readLive,
  recognise,
  Session,
  type Cursor,
  type LiveKind,
  type LiveObject,
} from '../../modules/cloud/live/index.ts';
import { blockOf } from '../../modules/cloud/runtime/schema.ts';
import type { CloudQuery } from '../../modules/engine/index.ts';

const network = 'openstack_networking_network_v2';
const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly count: number;
}
type Reply = { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string>; readonly cut?: boolean };

/** What clouds do and a real one cannot be made to do on demand: pages, refusals, cuts. Reading real ones is in test/lab. */
async function cloud(
  reply: (asked: Asked) => Reply,
  { region, face = 'public' }: { region?: string; face?: string } = {},
): Promise<{ session: Session; asked: string[]; variables: Record<string, string> }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = ({ status = 200, body = {}, headers = {}, cut = false }: Reply): void => {
      if (cut) request.socket.destroy();
      else response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    request.resume();
    if (url.pathname === '/v3/auth/tokens') {
      const endpoints = [{ interface: face, region: 'r1', url: here }];
      send({
        status: 201,
        headers: { 'X-Subject-Token': 't' },
        body: { token: { project: { id: 'P' }, user: { id: 'U' }, catalog: [{ type: 'network', endpoints }] } },
      });
      return;
    }
    asked.push(`${url.pathname}${url.search}`);
    send(reply({ path: url.pathname, query: url.searchParams, count: asked.length }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const authUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3`;
  const variables = { OS_AUTH_URL: authUrl, OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'x' };
  const session = new Session({
    variables,
    rate: 1000,
    timeout: 2000,
    region,
    tries: 2,
    firstPause: 1,
  });
  return { session, asked, variables };
}

const one = (id: string, project = 'P'): Record<string, unknown> => ({ id, name: id, project_id: project, tags: [], description: '' });
const page = (ids: readonly string[], next?: string): Reply => ({
  body: {
    networks: ids.map((id) => one(id)),
    ...(next === undefined ? {} : { networks_links: [{ rel: 'next', href: `http://elsewhere.example/v2.0/networks?marker=${next}` }] }),
  },
});

describe('reading a project', () => {
  it("follows pages on its own address, asks for the project alone, and leaves out what is another project's", async () => {
    const { session, asked } = await cloud(({ query }) =>
      query.get('marker') === null ? page(['a', 'b'], 'b') : { body: { networks: [one('c'), one('d', 'Q')] } },
    );
    const { objects, kinds } = await collectLive(session, { kinds: [network] });
    expect(objects.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(kinds).toEqual([{ kind: network, state: 'whole', objects: 3 }]);
    expect(asked).toEqual(['/v2.0/networks?limit=500&project_id=P', '/v2.0/networks?marker=b']);
  });

  it('ends where a service gives the same page for ever, and says where a limit cut it off', async () => {
    const same = await cloud(() => page(['a', 'b'], 'b'));
    expect((await collectLive(same.session, { kinds: [network] })).kinds[0]).toMatchObject({ state: 'whole', objects: 2 });
    const endless = await cloud(({ count }) => page([`n${count}`], `n${count}`));
    expect((await collectLive(endless.session, { kinds: [network], limit: 3 })).kinds[0]).toEqual({
      kind: network,
      state: 'failed',
      objects: 3,
      reason: 'more than 3 objects',
    });
  });

  it('says per kind what could not be read; a service or extension that is not there is absent, never empty', async () => {
    const { session } = await cloud(({ path }) => {
      if (path.endsWith('/routers')) return { status: 403, body: { NeutronError: { message: 'not allowed' } } };
      if (path.endsWith('/subnets')) return { cut: true };
      if (path.endsWith('/trunks') || path.endsWith('/ports')) return { status: 404 };
      return path.endsWith('/networks') ? page(['a']) : { body: {} };
    });
    const wanted = ['router_v2', 'subnet_v2', 'trunk_v2', 'port_v2', 'network_v2', 'subnetpool_v2'].map((end) => `openstack_networking_${end}`);
    const { kinds, objects } = await collectLive(session, { kinds: [...wanted, 'openstack_compute_instance_v2'] });
    const told = Object.fromEntries(kinds.map(({ kind, state, reason }) => [kind.replace(/^openstack_(?:networking|compute)_/u, ''), [state, reason ?? '']]));
    expect(told['router_v2']).toEqual(['failed', 'GET /v2.0/routers: 403: not allowed']);
    expect(told['subnet_v2']?.[0]).toBe('failed');
    expect(told['trunk_v2']?.[0]).toBe('absent');
    expect(told['port_v2']?.[0]).toBe('failed');
    expect(told['network_v2']).toEqual(['whole', '']);
    expect(told['subnetpool_v2']).toEqual(['failed', 'GET /v2.0/subnetpools: the answer has no list "subnetpools"']);
    expect(told['instance_v2']?.[0]).toBe('absent');
    expect(objects).toHaveLength(1);
  });

  it('tries again when it is told to wait, and goes on where it was cut off', async () => {
    const busy = await cloud(({ count }) => (count === 1 ? { status: 429, headers: { 'Retry-After': '0' } } : page(['a'])));
    expect((await collectLive(busy.session, { kinds: [network] })).objects).toHaveLength(1);
    const pages = await cloud(({ query }) => (query.get('marker') === null ? page(['a'], 'a') : page(['b'])));
    let cursor: Cursor | undefined;
    for await (const event of readLive(pages.session, { kinds: [network] })) {
      cursor = event.cursor;
      break;
    }
    expect(cursor).toMatchObject({ kind: network, page: '/v2.0/networks?marker=a' });
    const rest = await collectLive(pages.session, { kinds: [network], from: cursor });
    expect(rest.objects.map(({ id }) => id)).toEqual(['b']);
  });

  it('a wrong region or interface is no proof that anything is absent', async () => {
    const kinds = [network, 'openstack_compute_instance_v2'];
    const states = async (where: { region?: string; face?: string }): Promise<unknown> => {
      const { session } = await cloud(() => page([]), where);
      return (await collectLive(session, { kinds })).kinds.map(({ kind, state, reason }) => [kind.split('_')[1], state, reason]);
    };
    const elsewhere = 'region "r2" is none of this cloud (it has r1)';
    expect(await states({ region: 'r2' })).toEqual([
      ['compute', 'failed', `compute: ${elsewhere}`],
      ['networking', 'failed', `network: ${elsewhere}`],
    ]);
    expect(await states({ face: 'internal' })).toEqual([
      ['compute', 'absent', 'the catalogue has no service of type compute'],
      ['networking', 'failed', 'network: the catalogue has no public endpoint of it'],
    ]);
    expect(await states({ region: 'r1' })).toEqual([
      ['compute', 'absent', 'the catalogue has no service of type compute'],
      ['networking', 'whole', undefined],
    ]);
  });

  it('what states hold doubts that its service is absent; a missing extension doubts nothing but itself', () => {
    const ends = (...list: readonly (readonly [string, 'whole' | 'absent'])[]): Parameters<typeof beside>[0] =>
      list.map(([kind, state]) => ({ kind: `openstack_${kind}`, state, objects: 0 }));
    const doubted = (kinds: Parameters<typeof beside>[0], ...held: readonly string[]): string[] =>
      beside(
        kinds,
        held.map((type) => `openstack_${type}`),
      ).map(({ state }) => state);
    const gone = ends(['networking_network_v2', 'absent'], ['networking_port_v2', 'absent'], ['compute_instance_v2', 'absent']);
    expect(doubted(gone, 'networking_network_v2')).toEqual(['failed', 'failed', 'absent']);
    expect(doubted(gone)).toEqual(['absent', 'absent', 'absent']);
    const part = ends(['networking_network_v2', 'whole'], ['networking_trunk_v2', 'absent']);
    expect(doubted(part, 'networking_network_v2', 'identity_project_v3')).toEqual(['whole', 'absent']);
    expect(doubted(part, 'networking_trunk_v2')).toEqual(['whole', 'failed']);
  });

  it('of a service no catalogue has any more, what is unmanaged is not told as nothing where states hold some of it', async () => {
    const { variables } = await cloud(({ path }) => ({ body: { [path.replace(/^.*\//u, '').replaceAll('-', '_')]: [] } }));
    const stack = { path: 'a.b.workload', cloud: 'c' };
    const unread = async (type: string): Promise<number | undefined> => {
      const held = new Map([[stack.path, [{ stack: stack.path, address: 'x.y', type, attributes: { id: 'i' } }]]]);
      const query = {
        root: '/',
        logins: [{ stack, environment: variables, providers: { openstack: {} } }],
        held,
        clouds: new Map([[stack.path, stack.cloud]]),
      };
      const [project] = (await openstackClouds({ rate: 1000, tries: 1 }).unmanaged?.(query)) ?? [];
      return project?.unread.filter((one) => one.type.startsWith('openstack_compute_')).length;
    };
    expect(await unread('openstack_compute_instance_v2')).toBeGreaterThan(0);
    expect(await unread('openstack_networking_network_v2')).toBe(0);
  });

  it('of a service no catalogue has, what was about to be made is not told as never made', async () => {
    const { variables } = await cloud(({ path }) => ({ body: { [path.replace(/^.*\//u, '').replaceAll('-', '_')]: [] } }));
    const type = 'openstack_compute_instance_v2';
    const asked = async (expected: CloudQuery['expected']): Promise<string | undefined> => {
      const stack = { path: 'a.b.workload', cloud: 'c' };
      const query: CloudQuery = {
        root: '/',
        stack,
        environment: variables,
        providers: { openstack: {} },
        expected,
        types: [type],
        held: new Set(),
        inCloud: [],
      };
      return (await openstackClouds({ rate: 1000, tries: 1 }).find(query)).kinds.find((kind) => kind.type === type)?.state;
    };
    expect(await asked([])).toBe('read');
    expect(await asked([{ address: `${type}.web`, type, values: {} }])).toBe('failed');
  });

  it('masks secrets that lists hold', async () => {
    const { session } = await cloud(() => ({ body: { ipsec_site_connections: [{ id: 'a', name: 'a', project_id: 'P', psk: 'topsecret' }] } }));
    expect(JSON.stringify(await collectLive(session, { kinds: ['openstack_vpnaas_site_connection_v2'] }))).not.toContain('topsecret');
  });
});

describe('recognising', () => {
  const kind = kindOf(network) as LiveKind;
  const object = (given: Partial<LiveObject>): LiveObject => ({
    kind: network,
    id: 'x',
    name: 'web',
    tags: [],
    attributes: { name: given.name ?? 'web' },
    ...given,
  });
  const wanted = [{ address: `${network}.web`, type: network, values: { name: 'web' } }];
  const context = { stack: 'a.b.workload', member: 'm', wanted, held: new Set<string>(), since: Date.parse('2026-01-01T12:00:00Z') };

  it('takes the mark of this stack of this member, wherever it stands, and no other', () => {
    expect(recognise(kind, object({ tags: ['vcloud:m:a.b.workload'], name: 'other' }), context)).toEqual({ by: 'tag', address: undefined });
    expect(recognise(kind, object({ description: 'web [vcloud:m:a.b.workload]' }), context)).toEqual({ by: 'description', address: wanted[0]?.address });
    for (const mark of ['vcloud:m:a.b.workload2', 'vcloud:n:a.b.workload', 'vcloud:m:a.b', 'xvcloud:m:a.b.workload'])
      expect(recognise(kind, object({ tags: [mark], description: `[${mark}]`, name: 'other' }), context)).toBeUndefined();
  });

  it('takes a name only for what was being made, and only if it was made since', () => {
    expect(recognise(kind, object({ createdAt: '2026-01-01T12:00:03Z' }), context)).toEqual({ by: 'name', address: wanted[0]?.address });
    expect(recognise(kind, object({ createdAt: '2026-01-01T12:00:03' }), context)?.by).toBe('name');
    expect(recognise(kind, object({ createdAt: '2026-01-01T11:00:00Z' }), context)).toBeUndefined();
    expect(recognise(kind, object({ name: 'web2' }), context)).toBeUndefined();
    expect(recognise(kind, object({}), { ...context, wanted: [] })).toBeUndefined();
  });

  it('takes what hangs on ours where all that is known agrees', () => {
    const iface = kindOf('openstack_networking_router_interface_v2') as LiveKind;
    const port = (device: string, subnet: string): LiveObject => ({
      kind: iface.type,
      id: 'p',
      tags: [],
      attributes: { device_id: device, fixed_ips: [{ subnet_id: 'S0' }, { subnet_id: subnet }] },
    });
    const asks = { ...context, wanted: [{ address: 'i', type: iface.type, values: { router_id: 'R', subnet_id: 'S' } }], held: new Set(['R', 'S']) };
    expect(recognise(iface, port('R', 'S'), asks)).toEqual({ by: 'parent', address: 'i' });
    expect(recognise(iface, port('R', 'T'), asks)).toBeUndefined();
    expect(recognise(iface, port('R', 'S'), { ...asks, held: new Set() })).toBeUndefined();
  });

  it("never takes what carries another's mark and another name", () => {
    const word = fc.stringMatching(/^[a-z0-9.-]{1,12}$/u);
    fc.assert(
      fc.property(word, word, word, (stack, other, name) => {
        fc.pre(stack !== other && name !== 'web');
        const marked = object({ name, tags: [`vcloud:m:${other}`], description: `[vcloud:m:${other}]` });
        expect(recognise(kind, marked, { ...context, stack })).toBeUndefined();
      }),
    );
  });

  it('names kinds and attributes the provider really has', () => {
    for (const { type, match, under } of liveKinds) {
      const block = blockOf('resources', type);
      expect(block, type).toBeDefined();
      for (const attribute of Object.keys(match)) expect(block?.attributes?.[attribute], `${type}.${attribute}`).toBeDefined();
      if (under !== undefined) expect(kindOf(under), type).toBeDefined();
    }
    expect(new Set(liveKinds.map(({ type }) => type)).size).toBe(liveKinds.length);
  });
});
