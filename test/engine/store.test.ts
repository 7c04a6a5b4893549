import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import {
  apply,
  backupStates,
  childEnvironment,
  findEngine,
  isEngine,
  listStacks,
  moveResource,
  plan,
  readState,
  restoreStates,
  showState,
  unlockStates,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { runEngine } from '../../modules/engine/process.ts';
import { remoteBlock, schemaName, stacksOf, withBackend } from '../../modules/engine/store/blocks.ts';
import { moveInStates } from '../../modules/engine/store/move.ts';
import { PulledStore } from '../../modules/engine/store/pulled.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

async function made(stacks: readonly SynthesisedStack[]): Promise<string> {
  const root = temporaryRoot();
  roots.push(root);
  const run = await plan({ root, stacks });
  await apply({ root, stacks, directory: run.directory ?? '' });
  return root;
}

const secret = stackOf({
  path: 'a.net.workload',
  resources: {
    openstack_networking_network_v2__web: { input: { name: 'web' } },
    openstack_vpnaas_site_connection_v2__tunnel: {
      input: { name: 'tunnel', psk: 'three-words-here' },
      depends_on: ['terraform_data.openstack_networking_network_v2__web'],
    },
  },
});
const receiver = stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: 1 } } });
const without = stackOf({ path: 'a.net.workload', resources: { openstack_networking_network_v2__web: { input: { name: 'web' } } } });
const withTunnel = stackOf({
  path: 'a.net.platform',
  resources: { x_y__one: { input: 1 }, openstack_vpnaas_site_connection_v2__tunnel: { input: { name: 'tunnel', psk: 'three-words-here' } } },
});

describe.skipIf(noEngine !== undefined)('states', () => {
  it('are listed, shown with secrets masked, saved for the owner only and put back', async () => {
    const stacks = [secret, receiver];
    const root = await made(stacks);
    const options = { root, stacks };
    expect((await listStacks(options)).map(({ stack, backend, resources, lock }) => [stack, backend, resources, lock])).toEqual([
      ['a.net.platform', 'local', 1, undefined],
      ['a.net.workload', 'local', 2, undefined],
    ]);
    const shown = await showState(options, 'a.net.workload');
    expect(shown?.[1]).toMatchObject({ type: 'openstack_vpnaas_site_connection_v2', attributes: { input: { name: 'tunnel', psk: '(sensitive)' } } });
    expect(JSON.stringify(shown)).not.toContain('three-words-here');

    const saved = await backupStates(options);
    expect(await backupStates(options)).toEqual(saved);
    const folder = path.join(root, saved.folder);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of fs.readdirSync(folder)) expect(fs.statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    expect((await restoreStates(options, { folder: saved.folder })).map(({ result }) => result)).toEqual(['unchanged', 'unchanged']);
    fs.rmSync(path.join(root, '.vcloud/state/a.net.workload'), { recursive: true });
    expect(await restoreStates(options, { folder: saved.folder })).toEqual([
      { stack: 'a.net.platform', result: 'unchanged' },
      { stack: 'a.net.workload', result: 'restored' },
    ]);
    expect((await plan({ root, stacks, all: true })).stacks.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);

    // Newer states are not forgotten by mistake, and an edited backup is none.
    const later = [stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: 2 } } }), secret];
    const run = await plan({ root, stacks: later });
    await apply({ root, stacks: later, directory: run.directory ?? '' });
    await expect(restoreStates(options, { folder: saved.folder })).rejects.toThrow('ENGINE-STATE-REPLACE');
    expect((await restoreStates(options, { folder: saved.folder, force: true }))[0]?.result).toBe('restored');
    fs.appendFileSync(path.join(folder, 'a.net.platform.tfstate'), ' ');
    await expect(restoreStates(options, { folder: saved.folder, force: true })).rejects.toThrow('ENGINE-BACKUP-DIGEST');
    await expect(restoreStates(options, { folder: '.vcloud/state' })).rejects.toThrow('ENGINE-BACKUP-FORMAT');
  });

  it('that are cut off are neither left out of a list nor of a backup, and can be put back', async () => {
    const stacks = [secret, receiver];
    const root = await made(stacks);
    const options = { root, stacks };
    const { folder } = await backupStates(options);
    const file = path.join(root, '.vcloud/state/a.net.workload/terraform.tfstate');
    const whole = fs.readFileSync(file, 'utf8');
    fs.truncateSync(file, 40);
    // There is a copy of it yet.
    expect((await listStacks(options)).map(({ stack }) => stack)).toEqual(['a.net.platform', 'a.net.workload']);
    fs.rmSync(`${file}.last-good`);
    await expect(listStacks(options)).rejects.toThrow(/ENGINE-STATE-UNREADABLE.*cut off/u);
    await expect(backupStates(options, 'not-whole')).rejects.toThrow('ENGINE-STATE-UNREADABLE');
    expect(fs.existsSync(path.join(root, 'not-whole'))).toBe(false);
    expect((await restoreStates(options, { folder })).map(({ result }) => result)).toEqual(['unchanged', 'restored']);
    expect(fs.readFileSync(file, 'utf8')).toBe(whole);
  });

  it('hand a resource over only where no plan would make it again; cut off, the move goes on and no plan is made before', async () => {
    const root = await made([secret, receiver]);
    const before = readState(root, 'a.net.workload');
    const move = { from: 'a.net.workload', address: 'openstack_vpnaas_site_connection_v2.tunnel', to: 'a.net.platform' };
    await expect(moveResource({ root, stacks: [secret, withTunnel] }, move)).rejects.toThrow(
      /ENGINE-MOVE-RECREATES.*the next plan of a\.net\.workload would create/u,
    );
    await expect(moveResource({ root, stacks: [without, receiver] }, move)).rejects.toThrow(
      /ENGINE-MOVE-RECREATES.*the next plan of a\.net\.platform would destroy/u,
    );
    expect(readState(root, 'a.net.workload')).toEqual(before);

    const stacks = [without, withTunnel];
    const platform = path.join(root, '.vcloud/state/a.net.platform/terraform.tfstate');
    const old = fs.readFileSync(path.join(root, '.vcloud/state/a.net.workload/terraform.tfstate'), 'utf8');
    const moved = await moveResource({ root, stacks }, move);
    expect(moved).toMatchObject({ address: 'terraform_data.openstack_vpnaas_site_connection_v2__tunnel', instances: 1 });
    expect((await plan({ root, stacks, all: true })).stacks.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
    expect(readState(root, 'a.net.platform')?.find(({ type }) => type.startsWith('openstack_vpn'))?.attributes['id']).toBe(before?.[1]?.attributes['id']);
    expect(JSON.parse(fs.readFileSync(platform, 'utf8'))).toMatchObject({ resources: [{}, { instances: [{ dependencies: [] }] }] });
    expect(fs.readdirSync(path.join(root, moved.backup))).toEqual(['a.net.platform.tfstate', 'a.net.workload.tfstate', 'backup.json']);

    // As if killed between the two writes.
    fs.writeFileSync(path.join(root, '.vcloud/state/a.net.workload/terraform.tfstate'), old);
    fs.writeFileSync(path.join(root, '.vcloud/state/a.net.workload/terraform.tfstate.last-good'), old);
    const note = { apiVersion: 'vcloud/v1', kind: 'StateMove', ...move, address: moved.address };
    fs.writeFileSync(path.join(root, '.vcloud/move.json'), JSON.stringify(note));
    await expect(plan({ root, stacks })).rejects.toThrow('ENGINE-MOVE-UNFINISHED');
    await moveResource({ root, stacks }, move);
    expect((await plan({ root, stacks, all: true })).stacks.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
  });

  it('are unlocked where the holder is gone, and a living holder is named', async () => {
    const root = await made([receiver]);
    const options = { root, stacks: [receiver] };
    const info = path.join(root, '.vcloud/state/a.net.platform/.terraform.tfstate.lock.info');
    fs.writeFileSync(info, JSON.stringify({ ID: 'x', Who: 'operator@host', Operation: 'OperationTypeApply', Created: '2026-01-01T00:00:00Z' }));
    expect((await listStacks(options))[0]?.lock).toMatchObject({ alive: 'no', who: 'operator@host, OperationTypeApply, 2026-01-01T00:00:00Z' });
    expect((await unlockStates(options, {})).map(({ stack, released }) => [stack, released])).toEqual([['a.net.platform', true]]);
    expect(fs.existsSync(info)).toBe(false);
    const slow = stackOf({
      path: 'a.net.platform',
      resources: {
        x_y__one: { input: 2, provisioner: [{ 'local-exec': { command: 'true' } }] },
        x_y__two: { input: 1, provisioner: [{ 'local-exec': { command: 'sleep 1.5' } }] },
      },
    });
    const run = await plan({ root, stacks: [slow] });
    const applying = apply({ root, stacks: [slow], directory: run.directory ?? '' });
    for (let waited = 0; !fs.existsSync(info) && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(unlockStates(options, { stacks: ['a.net.platform'] })).rejects.toThrow(/ENGINE-LOCK-HELD.*locked by .+@.+, which lives/u);
    expect((await unlockStates(options, {})).map(({ released }) => released)).toEqual([false]);
    expect((await applying).stacks[0]?.result).toBe('applied');
  });

  it('are not taken up by another backend unseen', async () => {
    const root = await made([receiver]);
    const other = { type: 's3', bucket: 'states', region: 'x', prefix: '', credentials: {} } as const;
    await expect(plan({ root, stacks: [receiver], backend: other })).rejects.toThrow(ProblemError);
    await expect(plan({ root, stacks: [receiver], backend: other })).rejects.toThrow('ENGINE-BACKEND-CHANGED');
  });
});

describe.skipIf(noEngine !== undefined)('a remote state', () => {
  it('that somebody wrote while another version was on its way is not replaced, unless that is meant', async () => {
    const root = temporaryRoot();
    roots.push(root);
    const state = (serial: number, lineage = 'x'): string =>
      JSON.stringify({ version: 4, terraform_version: '1.9.0', serial, lineage, outputs: { by: { value: serial, type: 'number' } }, resources: [] });
    let kept = state(2);
    const server = createServer((request, answer) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString('utf8')));
      request.on('end', () => {
        if (request.method === 'POST') kept = body;
        answer.end(request.method === 'GET' ? kept : '');
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
      const environment = childEnvironment(process.env);
      const engine = await findEngine('auto', environment);
      if (!isEngine(engine)) throw new Error(engine.reason);
      let meanwhile: string | undefined;
      const store = new PulledStore({
        root,
        type: 'http',
        block: () => ({ type: 'http', config: { address } }),
        puller: async (_, folder, args) => {
          if (args[1] === 'push' && meanwhile !== undefined) kept = meanwhile;
          return await runEngine({ binary: engine.binary, arguments: args, folder, environment });
        },
      });
      const now = (): unknown => JSON.parse(kept);
      await store.write('a.b.c', state(3));
      expect(now()).toMatchObject({ lineage: 'x', outputs: { by: { value: 3 } } });
      const { serial } = now() as { serial: number };
      for (const other of [
        state(serial + 1)
          .replace(`"value":${serial + 1}`, '"value":"theirs"')
          .replace('"number"', '"string"'),
        state(serial + 9),
        state(1, 'y'),
      ]) {
        kept = state(serial);
        meanwhile = other;
        await expect(store.write('a.b.c', state(serial + 1))).rejects.toThrow('ENGINE-STATE-REPLACE');
        expect(kept).toBe(other);
      }
      await store.write('a.b.c', state(serial + 1), { force: true });
      expect(now()).toMatchObject({ lineage: 'x', outputs: { by: { value: serial + 1 } } });
    } finally {
      server.close();
    }
  });
});

describe('a move between states', () => {
  const state = (serial: number, ...resources: unknown[]): string => JSON.stringify({ version: 4, serial, lineage: 'x', outputs: {}, resources });
  const network = {
    mode: 'managed',
    module: 'module.a',
    type: 'n',
    name: 'one',
    instances: [
      { index_key: 0, attributes: { id: '1' }, dependencies: ['n.two'] },
      { index_key: 1, attributes: { id: '2' } },
    ],
  };

  it('takes all instances along and forgets what stays behind', () => {
    const moved = moveInStates(state(4, network, { ...network, name: 'two' }), state(7), 'module.a.n.one');
    expect(JSON.parse(moved.from)).toMatchObject({ serial: 5, resources: [{ name: 'two' }] });
    expect(JSON.parse(moved.to)).toMatchObject({ serial: 8, resources: [{ name: 'one', instances: [{ dependencies: [] }, {}] }] });
  });

  it('never merges two resources', () => {
    const other = { ...network, instances: [{ index_key: 0, attributes: { id: '9' } }] };
    expect(() => moveInStates(state(4, network), state(7, other), 'module.a.n.one')).toThrow('ENGINE-MOVE-EXISTS');
    expect(() => moveInStates(state(4, network), state(7), 'n.one')).toThrow('ENGINE-MOVE-ADDRESS');
  });
});

describe('backend blocks', () => {
  const pg = { type: 'pg', prefix: 'vcloud', credentials: { PG_CONN_STR: 'env:X' } } as const;

  it('are written into the configuration, and readers of other states follow', () => {
    const json = JSON.stringify({
      data: { terraform_remote_state: { a: { backend: 'local', config: { path: '../a.b.c/terraform.tfstate' } }, other: { backend: 'http', config: {} } } },
    });
    expect(JSON.parse(withBackend(json, 'a.b.d', (stack) => remoteBlock(pg, stack)))).toEqual({
      data: { terraform_remote_state: { a: { backend: 'pg', config: { schema_name: 'vcloud_a.b.c' } }, other: { backend: 'http', config: {} } } },
      terraform: { backend: { pg: { schema_name: 'vcloud_a.b.d' } } },
    });
    expect(withBackend(json, 'a.b.d', () => undefined)).toBe(json);
  });

  it('no stack appears under a name that was cut, and every known one under its own', () => {
    const stack = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,90}$/u);
    fc.assert(
      fc.property(fc.uniqueArray(stack, { minLength: 1, maxLength: 6 }), fc.stringMatching(/^[a-z]{1,20}$/u), (stacks, prefix) => {
        const schemas = stacks.map((one) => schemaName(prefix, one));
        expect(stacksOf(prefix, schemas, new Set(stacks)).stacks).toEqual(stacks);
        // Where nobody knows them, those whose names were cut are left out: no name leads to another stack's schema.
        const { stacks: found, aliases } = stacksOf(prefix, schemas, new Set());
        expect(found).toEqual(stacks.filter((one) => `${prefix}_${one}`.length <= 63));
        for (const alias of aliases) expect(schemas).toContain(schemaName(prefix, alias));
      }),
    );
  });

  it('hold names the backend can keep, and never a credential', () => {
    const long = 'a'.repeat(80);
    expect(schemaName('vcloud', long)).toHaveLength(63);
    expect(schemaName('vcloud', long)).not.toBe(schemaName('vcloud', `${long}b`));
    const kubernetes = { type: 'kubernetes', namespace: 'states', prefix: 'vcloud-', credentials: { KUBE_TOKEN: 'env:T' } } as const;
    const [one, other] = ['A.b', 'a.b'].map((stack) => remoteBlock(kubernetes, stack)?.config['secret_suffix']);
    expect(one).not.toBe(other);
    expect(JSON.stringify([remoteBlock(pg, 'a'), remoteBlock(kubernetes, 'a')])).not.toMatch(/env:/u);
  });
});
