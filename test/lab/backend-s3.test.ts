import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, backupStates, heldLocks, listStacks, plan, readState, restoreStates, unlockStates, type BackendSetting } from '../../modules/engine/index.ts';
import { remoteBlock } from '../../modules/engine/store/blocks.ts';
import { s3Locks } from '../../modules/engine/store/locks/s3.ts';
import { takeLocks } from '../../modules/engine/store/locks/take.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';
import { atTheSameMoment, killedRun, twoOperators } from './backend/locks.ts';
import { states } from './backend/operators.ts';
import { noS3, startS3, type S3Server } from './backend/s3.ts';

const skipped = noEngine ?? noS3();
const producer = stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: 1 } }, outputs: { id: '${terraform_data.x_y__one.id}' } });
const consumer = stackOf({
  path: 'a.net.workload',
  reads: ['a.net.platform'],
  resources: { x_y__two: { input: '${data.terraform_remote_state.a_net_platform.outputs.id}' } },
});
const stacks = [producer, consumer];

describe.skipIf(skipped !== undefined)(`states on an S3 server${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => {
  let server: S3Server;
  let backend: BackendSetting;
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  beforeAll(async () => {
    server = await startS3('states');
    process.env['VCLOUD_TEST_S3_KEY'] = 'planted-access';
    process.env['VCLOUD_TEST_S3_SECRET'] = 'planted-secret-key';
    const credentials = { AWS_ACCESS_KEY_ID: 'env:VCLOUD_TEST_S3_KEY', AWS_SECRET_ACCESS_KEY: 'env:VCLOUD_TEST_S3_SECRET' };
    backend = { type: 's3', bucket: 'states', region: 'us-east-1', prefix: 'lab/', endpoint: server.endpoint, pathStyle: true, credentials };
  });
  afterAll(() => {
    server.stop();
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
  });

  it('are planned, applied, read across, listed elsewhere and moved to another backend', async () => {
    const root = newRoot();
    for (let round = 0; round < 2; round++) {
      const run = await plan({ root, stacks, backend });
      await apply({ root, stacks, backend, directory: run.directory ?? '' });
    }
    expect(states(await plan({ root, stacks, backend, all: true }))).toEqual(['a.net.platform unchanged', 'a.net.workload unchanged']);
    expect(readState(root, 'a.net.workload')?.[0]?.attributes['input']).toBe(readState(root, 'a.net.platform')?.[0]?.attributes['id']);
    expect(spawnSync('grep', ['-rl', 'planted-secret-key', root]).stdout.toString()).toBe('');
    // A fresh checkout that declares one of the two only.
    expect(states(await plan({ root: newRoot(), stacks: [producer], backend }))).toEqual(['a.net.platform unchanged', 'a.net.workload skipped removed']);
    expect((await listStacks({ root, stacks, backend })).map(({ stack, backend: kind, resources }) => [stack, kind, resources])).toEqual([
      ['a.net.platform', 's3', 1],
      ['a.net.workload', 's3', 1],
    ]);

    const saved = await backupStates({ root, stacks, backend });
    await expect(plan({ root, stacks })).rejects.toThrow('ENGINE-BACKEND-CHANGED');
    expect((await restoreStates({ root, stacks }, { folder: saved.folder })).map(({ result }) => result)).toEqual(['restored', 'restored']);
    expect(states(await plan({ root, stacks, all: true }))).toEqual(['a.net.platform unchanged', 'a.net.workload unchanged']);
  });

  it('a plan made in one job is applied in another, which has nothing but the directory and the key', async () => {
    const [one, two] = [newRoot(), newRoot()];
    const alone = [stackOf({ path: 'b.net.workload', resources: { x_y__one: { input: { psk: 'planted-psk-3f7a' } } } })];
    const identity = await generateX25519Identity();
    fs.writeFileSync(path.join(two, 'key'), identity, { mode: 0o600 });
    const run = await plan({ root: one, stacks: alone, backend, encryptTo: [await identityToRecipient(identity)] });
    fs.mkdirSync(path.join(two, 'artefact'));
    fs.cpSync(path.join(one, run.directory ?? ''), path.join(two, 'artefact'), { recursive: true });
    expect(spawnSync('grep', ['-rl', 'planted-psk', path.join(two, 'artefact')]).stdout.toString()).toBe('');
    await expect(apply({ root: two, stacks: alone, directory: 'artefact', identity: 'file:key' })).rejects.toThrow(
      /ENGINE-STALE-BACKEND: planned on the states in "s3 states\/lab\/ at /u,
    );
    const applied = await apply({ root: two, stacks: alone, backend, directory: 'artefact', identity: 'file:key' });
    expect(applied.stacks.find(({ path: name }) => name === 'b.net.workload')?.result).toBe('applied');
    const after = await plan({ root: one, stacks: alone, backend, all: true });
    expect(after.stacks.find(({ path: name }) => name === 'b.net.workload')?.state).toBe('unchanged');
  });

  it('are locked with an object, whose holder is named and only released on demand', async () => {
    const root = newRoot();
    const key = JSON.parse(JSON.stringify(remoteBlock(backend, 'a.net.platform')?.config['key'])) as string;
    const info = {
      ID: 'b1946ac9-2492-4d23-8e4a-000000000001',
      Operation: 'OperationTypeApply',
      Who: 'operator@elsewhere',
      Version: '1.11.4',
      Created: '2026-01-01T00:00:00Z',
      Path: `states/${key}`,
    };
    execFileSync('curl', ['-s', '-X', 'PUT', '--data-binary', JSON.stringify(info), `${server.endpoint}/states/${key}.tflock`]);
    const options = { root, stacks: [producer], backend };
    expect((await heldLocks(options)).get('a.net.platform')).toEqual({
      id: info.ID,
      who: expect.stringContaining('operator@elsewhere') as string,
      alive: 'unknown',
    });
    await expect(unlockStates(options, { stacks: ['a.net.platform'] })).rejects.toThrow(/ENGINE-LOCK-HELD.*operator@elsewhere/u);
    expect((await unlockStates(options, { stacks: ['a.net.platform'], force: true })).map(({ released }) => released)).toEqual([true]);
    expect((await heldLocks(options)).size).toBe(0);
  });

  it('two operators at once: the second is refused all of it, and so is Terraform itself', async () => {
    await twoOperators({ backend: { ...backend, prefix: 'two/' } as BackendSetting, newRoot });
  });

  it('what a killed run held keeps others out, and is given back by its own next run', async () => {
    await killedRun({ backend: { ...backend, prefix: 'killed/' } as BackendSetting, newRoot });
  });

  it('of runs that want the same stacks at the same moment one gets all of its own', async () => {
    const port = s3Locks(backend as Extract<BackendSetting, { type: 's3' }>, {
      AWS_ACCESS_KEY_ID: 'planted-access',
      AWS_SECRET_ACCESS_KEY: 'planted-secret-key',
    });
    if (port === undefined) throw new Error('no access key');
    await atTheSameMoment(async (run, wanted) => {
      const acquired = await takeLocks(newRoot(), 'lab', port, wanted, `run${run}`);
      expect(acquired.problems).toEqual([]);
      return async () => await acquired.releaseAll();
    });
    expect(await port.read('all.of.them')).toBeUndefined();
  });
});

describe.skipIf(noEngine !== undefined)('the Kubernetes block', () => {
  it('is one Terraform takes: what is missing is a cluster, and no setting is unknown', () => {
    const folder = temporaryRoot();
    try {
      const block = remoteBlock({ type: 'kubernetes', namespace: 'states', prefix: 'vcloud-', credentials: {} }, 'a.net.platform');
      fs.writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify({ terraform: { backend: { kubernetes: block?.config } } }));
      const ended = spawnSync('terraform', ['init', '-input=false', '-no-color'], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: folder },
      });
      expect(ended.stderr + ended.stdout).not.toMatch(/unsupported|invalid argument|not expected here|missing required/iu);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
