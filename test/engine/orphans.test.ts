import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  adoptOrphans,
  apply,
  deleteOrphans,
  dismissOrphans,
  expectedResources,
  listOrphans,
  noteUnrecorded,
  pendingImports,
  plan,
  readState,
  stacksToAnswer,
  verifyLog,
  type CloudPort,
  type CloudQuery,
  type KindReading,
  type Orphan,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { readEngineLog } from '../../modules/engine/events.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

const event = (type: string, address: string, action: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ type, hook: { resource: { addr: address, resource_type: address.split('.')[0] }, action, ...more } });
const diagnostic = (address: string, detail: string): string =>
  JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'error', summary: 'Error', address, detail } });

describe('what an engine log leaves in doubt', () => {
  it('is what was being created, and what failed without an answer; never what was refused or not sent', () => {
    const log = readEngineLog(
      [
        JSON.stringify({ type: 'version', '@timestamp': '2026-11-22T05:00:00Z' }),
        ...['net.done', 'net.open', 'net.cut', 'net.conflict', 'net.unsent', 'net.server'].map((address) => event('apply_start', address, 'create')),
        event('apply_start', 'net.old', 'delete'),
        event('apply_start', 'net.changed', 'update'),
        event('apply_complete', 'net.done', 'create', { id_value: '1' }),
        ...['net.cut', 'net.conflict', 'net.unsent', 'net.server'].map((address) => event('apply_errored', address, 'create')),
        diagnostic('net.cut', 'Post "http://192.0.2.1/": EOF'),
        diagnostic('net.conflict', 'Expected HTTP response code [201], but got 409 instead: timeout is a word in it'),
        diagnostic('net.unsent', 'dial tcp 192.0.2.1:9696: connect: connection refused'),
        diagnostic('net.server', 'Expected HTTP response code [201], but got 503 instead'),
      ].join('\n'),
    );
    expect(log.doubtful.map(({ address }) => address)).toEqual(['net.open', 'net.cut', 'net.server']);
    expect(log.doubtful[0]?.type).toBe('net');
    expect(log.since).toBe('2026-11-22T05:00:00Z');
  });
});

describe('what is known of an unrecorded resource', () => {
  const planned = {
    resource_changes: [
      { address: 'iface.a', change: { after: { region: 'r1' } } },
      { address: 'port.a[1]', change: { after: { name: 'p' } } },
    ],
    configuration: {
      root_module: {
        resources: [
          {
            address: 'iface.a',
            expressions: { router_id: { references: ['router.r.id', 'router.r'] }, text: { references: ['router.r.name', 'router.r', 'net.n.id', 'net.n'] } },
          },
          { address: 'port.a', expressions: { network_id: { references: ['net.n.id', 'net.n'] } } },
        ],
      },
    },
  };
  it('is what was planned, with plain references read from what they lead to', () => {
    const known = new Map([
      ['router.r', { id: 'R' }],
      ['net.n[1]', { id: 'N1' }],
    ]);
    const unrecorded = ['iface.a', 'port.a[1]', 'port.a[2]'].map((address) => ({ address, type: address.split('.')[0] ?? '' }));
    expect(expectedResources(planned, unrecorded, known).map(({ values }) => values)).toEqual([
      { region: 'r1', router_id: 'R' },
      { name: 'p', network_id: 'N1' },
      {},
    ]);
    expect(expectedResources(undefined, unrecorded, known).map(({ values }) => values)).toEqual([{}, {}, {}]);
  });
});

/** A cloud in memory; what it is asked to import, the real engine imports. */
class MemoryCloud implements CloudPort {
  readonly objects: Orphan[] = [];
  kinds: KindReading[] = [{ type: 'thing', state: 'read' }];
  find(query: CloudQuery): Promise<{ orphans: Orphan[]; kinds: KindReading[] }> {
    return Promise.resolve({ orphans: this.objects.filter(({ id }) => !query.held.has(id)), kinds: this.kinds });
  }
  remove(_: CloudQuery, orphan: Orphan): Promise<void> {
    this.objects.splice(this.objects.indexOf(orphan), 1);
    return Promise.resolve();
  }
}

describe.skipIf(noEngine !== undefined)(`a stack a crash left a question about${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const name = 'a.b.workload';
  const stacks: SynthesisedStack[] = [{ ...stackOf({ path: name, resources: { one: {}, two: {} } }), environment: 'production' }];
  const orphan = (id: string, address?: string): Orphan => ({
    type: 'thing',
    id,
    importId: id,
    by: 'tag',
    address,
    advice: address === undefined ? 'delete' : 'adopt',
  });
  const cutOff = (clouds: MemoryCloud): { root: string; stacks: SynthesisedStack[]; clouds: MemoryCloud; grace: number } => {
    const root = temporaryRoot();
    roots.push(root);
    fs.mkdirSync(path.join(root, '.vcloud/state', name), { recursive: true });
    noteUnrecorded(root, {
      stack: name,
      plan: '0'.repeat(16),
      log: 'none',
      until: '2026-01-01T00:00:00Z',
      resources: [{ address: 'terraform_data.one', type: 'thing' }],
    });
    return { root, stacks, clouds, grace: 0 };
  };

  it('is refused, adopted by a reviewed import, and then without differences', async () => {
    const clouds = new MemoryCloud();
    clouds.objects.push(orphan('made-1', 'terraform_data.one'), orphan('made-2'));
    const options = cutOff(clouds);
    const refused = await plan(options);
    expect(refused.stacks[0]).toMatchObject({ state: 'failed', error: expect.stringMatching(/made-1.*exists and no state holds it: adopt/u) as string });
    expect(refused.problems?.map(({ code }) => code)).toContain('ENGINE-ORPHANS');
    const adopted = await adoptOrphans(options, name);
    expect(adopted.imports).toEqual([{ to: 'terraform_data.one', id: 'made-1' }]);
    expect(adopted.left.settled).toBe(false);
    await expect(deleteOrphans(options, name, ['made-1'])).rejects.toThrow(/ENGINE-ORPHAN-UNKNOWN/u);
    expect((await deleteOrphans(options, name, ['made-2'])).left.settled).toBe(true);
    expect(stacksToAnswer(options.root)).toEqual([]);
    const { directory = '' } = await plan(options);
    expect((await apply({ ...options, directory })).stacks[0]?.result).toBe('applied');
    expect(readState(options.root, name)?.map(({ address, attributes }) => [address, attributes['id'] === 'made-1'])).toEqual([
      ['terraform_data.one', true],
      ['terraform_data.two', false],
    ]);
    expect(pendingImports(options.root, name)).toEqual([]);
    expect((await plan({ ...options, all: true })).stacks[0]?.state).toBe('unchanged');
    expect(verifyLog(options.root).broken).toBeUndefined();
    expect(fs.readFileSync(path.join(options.root, '.vcloud/log.ndjson'), 'utf8')).toMatch(/orphans-adopt[^]*orphans-delete/u);
  });

  it('is planned at once where nothing is left, and never where that is not known', async () => {
    const clouds = new MemoryCloud();
    const options = cutOff(clouds);
    clouds.kinds = [{ type: 'thing', state: 'failed', reason: '403' }];
    expect((await plan(options)).stacks[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('thing could not be read: 403') as string });
    clouds.kinds = [{ type: 'thing', state: 'unknown', look: 'one of that colour' }];
    expect((await plan(options)).stacks[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('one of that colour') as string });
    clouds.kinds = [];
    expect((await listOrphans(options))[0]).toMatchObject({ settled: false, open: [{ type: 'thing', state: 'unknown' }] });
    clouds.kinds = [{ type: 'thing', state: 'read' }];
    expect((await plan(options)).stacks[0]?.state).toBe('planned');
    expect(stacksToAnswer(options.root)).toEqual([]);
  });

  it('asked about without a question, is without leftovers only where everything could be read', async () => {
    const root = temporaryRoot();
    roots.push(root);
    const clouds = new MemoryCloud();
    const options = { root, stacks, clouds, grace: 0 };
    expect((await listOrphans(options, name))[0]).toMatchObject({ settled: true, open: [] });
    clouds.kinds = [
      { type: 'thing', state: 'read' },
      { type: 'other', state: 'failed', reason: '403' },
    ];
    expect((await listOrphans(options, name))[0]).toMatchObject({ settled: false, open: [{ type: 'other', state: 'failed', reason: '403' }] });
    const secret: SynthesisedStack[] = stacks.map((stack) => ({ ...stack, cloud: 'c' }));
    const [unasked] = await listOrphans({ ...options, stacks: secret, credentials: { c: 'file:no-such-file' } }, name);
    expect(unasked).toMatchObject({ settled: false, open: [{ type: '*', state: 'failed' }] });
  });

  it('is told apart by kind where ids are names: two of one name are both adopted, and a name that fits both deletes neither', async () => {
    const [web, service] = ['kubernetes_deployment_v1.web', 'kubernetes_service_v1.web'];
    const clouds = new MemoryCloud();
    const options = cutOff(clouds);
    const resources = [web, service].map((address) => ({ address, type: address.split('.')[0] ?? '' }));
    noteUnrecorded(options.root, { stack: name, plan: '0'.repeat(16), log: 'none', until: '2026-01-01T00:00:00Z', resources });
    for (const [index, { type, address }] of resources.entries())
      clouds.objects.push({ ...orphan(`uid-${index}`, address), type, importId: 'shop/web', name: 'shop/web' });
    clouds.kinds = [{ type: 'thing', state: 'foreign', look: "somebody's one" }];
    expect((await plan(options)).stacks[0]).toMatchObject({ state: 'failed', error: expect.stringContaining("not this stack's: somebody's one") as string });
    await expect(deleteOrphans(options, name, ['shop/web'])).rejects.toThrow(/is what several are imported by/u);
    expect(clouds.objects).toHaveLength(2);
    expect((await adoptOrphans(options, name)).imports).toEqual([
      { to: web, id: 'shop/web' },
      { to: service, id: 'shop/web' },
    ]);
    await expect(adoptOrphans(options, name, new Map([['kubernetes_service_v1.other', 'shop/web']]))).rejects.toThrow(/ENGINE-ORPHAN-HELD/u);
  });

  it('is looked for again right before it is applied: what was made late is not made twice', async () => {
    const clouds = new MemoryCloud();
    const options = cutOff(clouds);
    const { directory = '' } = await plan(options);
    // Only now the cloud carries out what it was asked for before the crash.
    clouds.objects.push(orphan('made-late', 'terraform_data.one'));
    const refused = await apply({ ...options, directory });
    expect(refused.stacks[0]).toMatchObject({
      result: 'failed',
      because: expect.stringMatching(/^made late, after it was planned: .*made-late.*exists and no state holds it: adopt/su) as string,
    });
    expect(readState(options.root, name)).toBeUndefined();
    expect(stacksToAnswer(options.root)).toEqual([name]);
    await adoptOrphans(options, name);
    const adopted = await plan(options);
    expect((await apply({ ...options, directory: adopted.directory ?? '' })).stacks[0]?.result).toBe('applied');
    expect(readState(options.root, name)?.[0]?.attributes['id']).toBe('made-late');

    // Where nothing came of it, the second look says so, and is not taken again.
    const quiet = cutOff(new MemoryCloud());
    const planned = await plan(quiet);
    expect((await apply({ ...quiet, directory: planned.directory ?? '' })).stacks[0]?.result).toBe('applied');
    expect(fs.existsSync(path.join(quiet.root, '.vcloud/state', name, 'settled.json'))).toBe(false);
  });

  it('is let go by a person, but not while something is there; a plan made before is not applied', async () => {
    const clouds = new MemoryCloud();
    const options = cutOff(clouds);
    const { directory = '' } = await plan({ ...options, clouds: undefined });
    clouds.kinds = [{ type: 'thing', state: 'unknown' }];
    expect((await apply({ ...options, directory })).stacks[0]).toMatchObject({
      result: 'failed',
      because: expect.stringContaining('vcloud orphans list') as string,
    });
    clouds.objects.push(orphan('made-1', 'terraform_data.one'));
    await expect(dismissOrphans(options, name, 'looked')).rejects.toThrow(/ENGINE-ORPHANS/u);
    await expect(adoptOrphans(options, name, new Map([['terraform_data.none', 'made-1']]))).rejects.toThrow(/ENGINE-ORPHAN-UNKNOWN/u);
    clouds.objects.length = 0;
    await dismissOrphans(options, name, 'looked');
    expect((await apply({ ...options, directory })).stacks[0]?.result).toBe('applied');
  });
});
