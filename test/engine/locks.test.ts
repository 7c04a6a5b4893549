import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { discoverFolders, listStacks, unlockStates } from '../../modules/engine/index.ts';
import { secretSuffix } from '../../modules/engine/store/blocks.ts';
import { holderLives, readHeldLocks, readRunLocks, writeHeldLocks } from '../../modules/engine/store/locks/held.ts';
import { kubernetesLocks } from '../../modules/engine/store/locks/kubernetes.ts';
import type { LockInfo, LockPort } from '../../modules/engine/store/locks/port.ts';
import { s3Locks, signature } from '../../modules/engine/store/locks/s3.ts';
import { releaseLeft, takeLocks } from '../../modules/engine/store/locks/take.ts';
import { openStates } from '../../modules/engine/store/states.ts';
import { noEngine, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
const newRoot = (): string => {
  const root = temporaryRoot();
  roots.push(root);
  return root;
};
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

/** A table of locks in memory; each question lets others in between. */
function tableOf(locks: Map<string, LockInfo>): LockPort {
  const turn = async (): Promise<void> => await new Promise((resolve) => void setImmediate(resolve));
  return {
    path: (stack) => stack,
    read: async (stack) => {
      await turn();
      return locks.get(stack);
    },
    put: async (stack, info) => {
      await turn();
      const there = locks.get(stack);
      if (there === undefined) locks.set(stack, info);
      return there;
    },
    remove: async (stack, id) => {
      await turn();
      if (locks.get(stack)?.ID === id) locks.delete(stack);
    },
  };
}

describe('locks of all stacks of a run', () => {
  it('are taken all or none; of runs at the same moment at least one gets all; none is left', async () => {
    const stack = fc.integer({ min: 0, max: 6 }).map((number) => `s${number}.x.y`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uniqueArray(stack, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }), async (wanted) => {
        const locks = new Map<string, LockInfo>();
        const ends = await Promise.allSettled(wanted.map((stacks, run) => takeLocks(newRoot(), 'lab', tableOf(locks), stacks, `plan-${run}`)));
        const won = ends.flatMap((end, run) => (end.status === 'fulfilled' ? [{ acquired: end.value, stacks: wanted[run] ?? [] }] : []));
        expect(won.length).toBeGreaterThan(0);
        const held = won.flatMap(({ stacks }) => stacks);
        expect(new Set(held).size).toBe(held.length);
        expect([...locks.keys()].sort()).toEqual([...held].sort());
        for (const end of ends) {
          if (end.status === 'fulfilled') continue;
          expect(end.reason).toBeInstanceOf(ProblemError);
          for (const found of (end.reason as ProblemError).problems) expect(found.message).toMatch(/process \d+ on .*, applying plan plan-\d/u);
        }
        for (const { acquired } of won) await acquired.releaseAll();
        expect(locks.size).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  it('name everybody who has one, not only the first', async () => {
    const locks = new Map<string, LockInfo>();
    const one = await takeLocks(newRoot(), 'lab', tableOf(locks), ['b', 'd'], 'first');
    const refused = await takeLocks(newRoot(), 'lab', tableOf(locks), ['a', 'b', 'c', 'd'], 'second').catch((error: unknown) => error as ProblemError);
    expect((refused as ProblemError).problems.map(({ subject }) => subject)).toEqual(['b', 'd']);
    expect([...locks.keys()].sort()).toEqual(['b', 'd']);
    await one.releaseAll();
  });

  it('that somebody took away are known as lost, stack by stack; what an engine goes on with stays locked', async () => {
    const root = newRoot();
    const locks = new Map<string, LockInfo>();
    const acquired = await takeLocks(root, 'lab', tableOf(locks), ['a', 'b', 'c'], 'plan');
    expect(acquired.ownsEngineLock?.('a')).toBe(true);
    locks.delete('a');
    expect(await acquired.lost('a')).toContain('released by somebody else');
    expect(await acquired.lost('b')).toBeUndefined();
    acquired.leave?.('b');
    await acquired.releaseAll();
    expect([...locks.keys()]).toEqual(['b']);
    expect(Object.keys(readHeldLocks(root)?.locks ?? {})).toEqual(['b']);
    expect(holderLives(root, 'b', locks.get('b')?.ID ?? '')).toBe('yes');
  });

  it('of a killed run are given back by the next one of its folder, and only those', async () => {
    const root = newRoot();
    const locks = new Map<string, LockInfo>();
    const port = tableOf(locks);
    await takeLocks(root, 'lab', port, ['a', 'b', 'c'], 'plan');
    const held = readHeldLocks(root);
    if (held === undefined) throw new Error('nothing is noted');
    // As a process that is gone left it; one of its locks is somebody else's by now.
    const gone = 2 ** 22 - 3;
    fs.writeFileSync(path.join(root, '.vcloud/held-locks.json'), JSON.stringify({ ...held, pid: gone }));
    locks.set('c', { ...(locks.get('c') as LockInfo), ID: 'another' });
    expect(holderLives(root, 'a', held.locks['a'] ?? '')).toBe('no');
    expect(holderLives(root, 'c', 'another')).toBe('unknown');
    expect(await releaseLeft(root, 'another store', port)).toEqual([]);
    const [said] = await releaseLeft(root, 'lab', port);
    expect(said).toMatchObject({ code: 'ENGINE-LOCK-LEFT', severity: 'warning', message: expect.stringContaining(`process ${gone}`) as string });
    expect([...locks.keys()]).toEqual(['c']);
    expect(readHeldLocks(root)).toBeUndefined();
    // What another machine's run noted is not this one's to judge.
    writeHeldLocks(root, { backend: 'lab', plan: 'plan', locks: { c: 'another' } });
    fs.writeFileSync(path.join(root, '.vcloud/held-locks.json'), JSON.stringify({ ...readHeldLocks(root), pid: gone, host: `not-${hostname()}` }));
    expect(await releaseLeft(root, 'lab', port)).toEqual([]);
  });

  it('that were taken although the answer was lost are given back, at the latest by the next run', async () => {
    for (const late of [false, true]) {
      const root = newRoot();
      const locks = new Map<string, LockInfo>();
      const table = tableOf(locks);
      const cut: LockPort = {
        ...table,
        put: async (stack, info) => {
          if (stack !== 'b') return await table.put(stack, info);
          // The store carries it out, at once or only when the run has given up.
          if (!late) await table.put(stack, info);
          else setTimeout(() => locks.set(stack, info), 20);
          throw new Error('ECONNRESET');
        },
      };
      await expect(takeLocks(root, 'lab', cut, ['a', 'b', 'c'], 'first')).rejects.toThrow('ECONNRESET');
      if (late) await new Promise((resolve) => setTimeout(resolve, 40));
      expect([...locks.keys()]).toEqual(late ? ['b'] : []);
      await releaseLeft(root, 'lab', table);
      const acquired = await takeLocks(root, 'lab', table, ['a', 'b', 'c'], 'second');
      await acquired.releaseAll();
      expect([locks.size, readHeldLocks(root)]).toEqual([0, undefined]);
    }
  });

  it('of earlier runs stay noted beside those of a later one, until they can be given back', async () => {
    const root = newRoot();
    const locks = new Map<string, LockInfo>();
    const port = tableOf(locks);
    const file = path.join(root, '.vcloud/held-locks.json');
    await takeLocks(root, 'lab', port, ['x', 'y'], 'killed');
    // In a container that is gone: nobody here can tell whether its engines go on.
    fs.writeFileSync(file, JSON.stringify({ ...readHeldLocks(root), host: `not-${hostname()}` }));
    const elsewhere = locks.get('x')?.ID ?? '';
    for (const plan of ['next', 'last']) {
      expect(await releaseLeft(root, 'lab', port)).toEqual([]);
      await (await takeLocks(root, 'lab', port, ['z'], plan)).releaseAll();
      expect(holderLives(root, 'x', elsewhere)).toBe('unknown');
      expect(readRunLocks(root)).toMatchObject([{ plan: 'killed', locks: { x: elsewhere, y: locks.get('y')?.ID } }]);
    }
    // Somebody freed one; the other is of this host after all, and its number is another process's by now.
    locks.delete('x');
    fs.writeFileSync(file, JSON.stringify({ ...readHeldLocks(root), host: hostname(), pid: process.ppid }));
    const [said] = await releaseLeft(root, 'lab', port);
    expect(said?.message).toMatch(/released 1 lock .*: y$/u);
    expect([locks.size, readHeldLocks(root)]).toEqual([0, undefined]);
  });

  it('in a lease that changes meanwhile are not taken for given back', async () => {
    let version = 1;
    let lease: { metadata: Record<string, unknown>; spec: Record<string, unknown> } = { metadata: { resourceVersion: '1' }, spec: { holderIdentity: 'mine' } };
    let disturb = 0;
    const server = createServer((request, answer) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString('utf8')));
      request.on('end', () => {
        if (request.method === 'GET') answer.end(JSON.stringify(lease));
        else {
          // Somebody else annotates the lease between the question and the change.
          if (disturb-- > 0) lease = { ...lease, metadata: { resourceVersion: String(++version) } };
          const given = JSON.parse(body) as typeof lease;
          if (given.metadata['resourceVersion'] === lease.metadata['resourceVersion']) lease = given;
          else answer.statusCode = 409;
          answer.end('{}');
        }
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const port = kubernetesLocks({ namespace: 'states', suffix: (stack) => stack }, { KUBE_HOST: host, KUBE_TOKEN: 'word' });
      if (port === undefined) throw new Error('no login');
      disturb = 2;
      await port.remove('a', 'mine');
      expect(lease.spec['holderIdentity']).toBeUndefined();
      lease = { ...lease, spec: { holderIdentity: 'mine' } };
      disturb = 100;
      await expect(port.remove('a', 'mine')).rejects.toThrow('409');
    } finally {
      server.close();
    }
  });
});

describe('how stores are asked for locks', () => {
  it('S3 requests are signed as the documentation of the service shows it', () => {
    // "Signature Calculations for the Authorization Header", example "GET Object", with its example keys.
    const headers = signature({
      method: 'GET',
      url: 'https://examplebucket.s3.amazonaws.com/test.txt',
      body: '',
      region: 'us-east-1',
      key: { id: ['AKIAIOSFODNN7', 'EXAMPLE'].join(''), secret: ['wJalrXUtnFEMI/K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/') },
      now: new Date('2013-05-24T00:00:00Z'),
      headers: { range: 'bytes=0-9' },
    });
    expect(headers['authorization']).toMatch(/Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/u);
  });

  it('a server that does not heed conditions is found out with the first lock', async () => {
    const objects = new Map<string, string>();
    const server = createServer((request, answer) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString('utf8')));
      request.on('end', () => {
        const name = request.url ?? '';
        if (request.method === 'PUT') objects.set(name, body);
        if (request.method === 'DELETE') objects.delete(name);
        const there = objects.get(name);
        answer.statusCode = request.method === 'GET' && there === undefined ? 404 : 200;
        answer.end(request.method === 'GET' ? there : '');
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const setting = { type: 's3', bucket: 'states', region: 'us-east-1', prefix: '', endpoint, pathStyle: true, credentials: {} } as const;
      const port = s3Locks(setting, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'word' });
      if (port === undefined) throw new Error('no access key');
      const acquired = await takeLocks(newRoot(), 'lab', port, ['a', 'b'], 'plan');
      expect(acquired.problems?.map(({ code }) => code)).toEqual(['ENGINE-LOCK-WEAK']);
      await acquired.releaseAll();
      expect(objects.size).toBe(0);
    } finally {
      server.close();
    }
  });

  it('where only the engine can log in, that is said instead of passed over', async () => {
    const root = newRoot();
    const credentials = {};
    expect(s3Locks({ type: 's3', bucket: 'states', region: 'us-east-1', prefix: '', credentials }, { HOME: root })).toBeUndefined();
    fs.mkdirSync(path.join(root, '.aws'));
    fs.writeFileSync(
      path.join(root, '.aws/credentials'),
      '[other]\naws_access_key_id = x\n\n[default]\naws_access_key_id = id\naws_secret_access_key = word\n',
    );
    expect(s3Locks({ type: 's3', bucket: 'states', region: 'us-east-1', prefix: '', credentials }, { HOME: root })).toBeDefined();
    fs.writeFileSync(
      path.join(root, 'config'),
      'contexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "https://192.0.2.1"}}]\nusers: [{name: u, user: {exec: {command: login}}}]\n',
    );
    const suffix = (stack: string): string => stack;
    expect(kubernetesLocks({ namespace: 'states', suffix }, { KUBE_CONFIG_PATH: path.join(root, 'config') })).toBeUndefined();
    const { common } = openStates({
      root,
      backend: { type: 'kubernetes', namespace: 'states', prefix: 'vcloud-', credentials },
      stacks: [],
      puller: () => Promise.reject(new Error('not asked')),
      environment: () => ({}),
    });
    expect((await common.acquire?.(['a'], 'plan'))?.problems?.map(({ code }) => code)).toEqual(['ENGINE-LOCK-EACH']);
  });

  it.skipIf(noEngine !== undefined)('an HTTP backend is not asked at all: there the question itself would release the lock', async () => {
    const asked: string[] = [];
    const state = JSON.stringify({ version: 4, terraform_version: '1.9.0', serial: 3, lineage: 'x', outputs: {}, resources: [], check_results: null });
    const server = createServer((request, answer) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      request.resume();
      request.on('end', () => answer.end(request.method === 'GET' ? state : ''));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const root = newRoot();
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      fs.mkdirSync(path.join(root, 'live/net'), { recursive: true });
      fs.writeFileSync(
        path.join(root, 'live/net/main.tf'),
        `terraform {\n  backend "http" {\n    address = "${base}/state"\n    lock_address = "${base}/lock"\n    unlock_address = "${base}/lock"\n    unlock_method = "DELETE"\n  }\n}\n`,
      );
      const { stacks } = discoverFolders(root, [{ path: 'live/net', agency: 'moh' }], { organisations: new Set(['moh']) });
      const [{ path: stack } = { path: '' }] = stacks;
      expect(await listStacks({ root, stacks })).toMatchObject([{ stack, backend: 'http', serial: 3, lockUntold: true }]);
      expect(await unlockStates({ root, stacks }, { force: true })).toEqual([]);
      for (const force of [false, true]) await expect(unlockStates({ root, stacks }, { stacks: [stack], force })).rejects.toThrow('ENGINE-LOCK-UNTOLD');
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((one) => one !== 'GET /state')).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('no name of a secret ends in a number, which the backend would take for that of a part', () => {
    expect(secretSuffix('vcloud-', 'a.net.workload')).toBe('vcloud-a.net.workload');
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,70}$/u), (stack) => {
        const suffix = secretSuffix('vcloud-', stack);
        expect(suffix).not.toMatch(/-\d+$/u);
        expect(suffix.length).toBeLessThanOrEqual(63 - 'tfstate-default-'.length);
      }),
    );
  });
});
