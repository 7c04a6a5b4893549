import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, backupStates, heldLocks, listStacks, plan, readState, restoreStates, type BackendSetting } from '../../modules/engine/index.ts';
import { secretSuffix } from '../../modules/engine/store/blocks.ts';
import { kubernetesLocks } from '../../modules/engine/store/locks/kubernetes.ts';
import { takeLocks } from '../../modules/engine/store/locks/take.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';
import { atTheSameMoment, killedRun, twoOperators } from './backend/locks.ts';
import { states } from './backend/operators.ts';
import { because, kubernetesLab, present } from './support/lab.ts';

const lab = await kubernetesLab();
const why = `${because(lab)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;
const producer = stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: 1 } }, outputs: { id: '${terraform_data.x_y__one.id}' } });
const consumer = stackOf({
  path: 'a.net.workload',
  reads: ['a.net.platform'],
  resources: { x_y__two: { input: '${data.terraform_remote_state.a_net_platform.outputs.id}' } },
});
const stacks = [producer, consumer];

/** What whoever applies needs in the cluster, and no more: states are Secrets, locks are Leases. */
const rules = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'patch', 'delete'] },
];

describe.skipIf(why !== '')(`states on a real Kubernetes API${why}`, { retry: 0 }, () => {
  const namespace = `states-${randomBytes(3).toString('hex')}`;
  const keeper = `keeper-${namespace}`;
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  const backendOf = (prefix: string): Extract<BackendSetting, { type: 'kubernetes' }> => ({
    type: 'kubernetes',
    namespace,
    prefix,
    credentials: { KUBE_CONFIG_PATH: 'env:VCLOUD_TEST_KUBECONFIG' },
  });
  const backend = backendOf('lab-');
  beforeAll(async () => {
    const { admin, kubeconfigFor } = present(lab);
    await admin.post('/api/v1/namespaces', { metadata: { name: namespace } });
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await admin.post(`${roles}/roles`, { metadata: { name: 'states' }, rules });
    await admin.post(`${roles}/rolebindings`, {
      metadata: { name: 'states' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'states' },
      subjects: [{ kind: 'User', name: keeper, apiGroup: 'rbac.authorization.k8s.io' }],
    });
    process.env['VCLOUD_TEST_KUBECONFIG'] = kubeconfigFor(newRoot(), 'states', { name: keeper });
  });
  afterAll(async () => {
    if (why === '') await present(lab).admin.remove(`/api/v1/namespaces/${namespace}`);
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
    const secrets = await present(lab).admin.list(`/api/v1/namespaces/${namespace}/secrets?labelSelector=tfstate%3Dtrue`);
    expect(secrets.map(({ metadata }) => (metadata as { name: string }).name)).toContain('tfstate-default-lab-a.net.platform');
    expect((await heldLocks({ root, stacks, backend })).size).toBe(0);
    // The login stays where the reference leads.
    const key = /client-key-data: (\S{60})/u.exec(fs.readFileSync(process.env['VCLOUD_TEST_KUBECONFIG'] ?? '', 'utf8'))?.[1] ?? 'none';
    expect(spawnSync('grep', ['-rlF', key, path.join(root, '.vcloud')]).stdout.toString()).toBe('');

    // A fresh checkout that declares one of the two only.
    expect(states(await plan({ root: newRoot(), stacks: [producer], backend }))).toEqual(['a.net.platform unchanged', 'a.net.workload skipped removed']);
    expect((await listStacks({ root, stacks, backend })).map(({ stack, backend: kind, resources }) => [stack, kind, resources])).toEqual([
      ['a.net.platform', 'kubernetes', 1],
      ['a.net.workload', 'kubernetes', 1],
    ]);
    const saved = await backupStates({ root, stacks, backend });
    await expect(plan({ root, stacks })).rejects.toThrow('ENGINE-BACKEND-CHANGED');
    expect((await restoreStates({ root, stacks }, { folder: saved.folder })).map(({ result }) => result)).toEqual(['restored', 'restored']);
    expect(states(await plan({ root, stacks, all: true }))).toEqual(['a.net.platform unchanged', 'a.net.workload unchanged']);
  });

  it('one that is lost is an error, although the backend makes an empty one of its own when it is asked', async () => {
    const root = newRoot();
    const lost = backendOf('lost-');
    const run = await plan({ root, stacks: [producer], backend: lost });
    await apply({ root, stacks: [producer], backend: lost, directory: run.directory ?? '' });
    await present(lab).admin.remove(`/api/v1/namespaces/${namespace}/secrets/tfstate-default-lost-a.net.platform`);
    const [seen] = (await plan({ root, stacks: [producer], backend: lost })).stacks;
    expect(seen).toMatchObject({ state: 'failed' });
    expect(seen?.error).toMatch(/lineage|no state any more/u);
  });

  it('two operators at once: the second is refused all of it, and so is Terraform itself', async () => {
    await twoOperators({ backend: backendOf('two-'), newRoot });
  });

  it('what a killed run held keeps others out, and is given back by its own next run', async () => {
    await killedRun({ backend: backendOf('killed-'), newRoot });
  });

  it('of runs that want the same stacks at the same moment one gets all of its own', async () => {
    const port = kubernetesLocks(
      { namespace, suffix: (stack) => secretSuffix('moment-', stack) },
      { KUBE_CONFIG_PATH: process.env['VCLOUD_TEST_KUBECONFIG'] ?? '' },
    );
    if (port === undefined) throw new Error('no way to the cluster');
    await atTheSameMoment(async (run, wanted) => {
      const acquired = await takeLocks(newRoot(), 'lab', port, wanted, `run${run}`);
      return async () => await acquired.releaseAll();
    });
    expect(await port.read('all.of.them')).toBeUndefined();
  });

  it('who may not read them, and a cluster that does not answer, are errors, never "no state"', async () => {
    const right = process.env['VCLOUD_TEST_KUBECONFIG'] ?? '';
    const root = newRoot();
    try {
      process.env['VCLOUD_TEST_KUBECONFIG'] = present(lab).kubeconfigFor(newRoot(), 'states', { name: 'nobody' });
      await expect(plan({ root, stacks, backend })).rejects.toThrow(/ENGINE-BACKEND-UNREACHABLE[^]*forbidden/u);
      const dead = path.join(newRoot(), 'dead.kubeconfig');
      fs.writeFileSync(dead, fs.readFileSync(right, 'utf8').replace(/https:\/\/127\.0\.0\.1:\d+/u, 'https://127.0.0.1:9'), { mode: 0o600 });
      process.env['VCLOUD_TEST_KUBECONFIG'] = dead;
      await expect(plan({ root, stacks, backend })).rejects.toThrow(/ENGINE-BACKEND-UNREACHABLE/u);
    } finally {
      process.env['VCLOUD_TEST_KUBECONFIG'] = right;
    }
    expect(fs.existsSync(path.join(root, '.vcloud/plans'))).toBe(false);
  });
});
