import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../modules/core/index.ts';
import {
  adoptOrphans,
  apply,
  deleteOrphans,
  destroy,
  dismissOrphans,
  drift,
  listOrphans,
  plan,
  readState,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { readClusters } from '../../modules/federate/sync-clusters.ts';
import { liveRecords, listRecords, openStore, submit } from '../../modules/inventory/index.ts';
import { noEngine, temporaryRoot } from '../engine/fixtures.ts';
import { centre } from '../inventory/support.ts';
import { engines, settingsOf, startApply, type Resources } from './live/federation.ts';
import { because, kubernetesLab, kubernetesProvider, present } from './support/lab.ts';

const lab = await kubernetesLab();
const mirror = kubernetesProvider();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

const stack = 'works.shop.workload';
const mark = { 'vcloud/mark': `vcloud:lab:${stack}` };
const planted = 'planted-content-of-a-secret';

describe.skipIf(why !== '')(`what a Kubernetes cluster holds that no state does${why}`, { retry: 0 }, () => {
  const namespace = `live-${randomBytes(3).toString('hex')}`;
  const root = temporaryRoot();
  const base = `/api/v1/namespaces/${namespace}`;
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  let options: { readonly root: string; readonly stacks: readonly SynthesisedStack[] } & ReturnType<typeof settingsOf>;

  /** A workload of six kinds; while `waits`, two of its objects are made at once and never become what is waited for. */
  const declared = (waits: boolean): readonly SynthesisedStack[] => {
    const own = (name: string): Record<string, unknown>[] => [{ name, namespace: '${kubernetes_namespace_v1.main.metadata[0].name}', annotations: mark }];
    const labels = { app: 'web' };
    const container = { name: 'web', image: 'registry.invalid/web:1' };
    const resources: Resources = {
      kubernetes_namespace_v1: { main: { metadata: [{ name: namespace, annotations: mark }] } },
      kubernetes_config_map_v1: { settings: { metadata: own('web'), data: { level: '1' } } },
      kubernetes_secret_v1: { words: { metadata: own('words'), data: { word: planted } } },
      kubernetes_service_v1: { web: { metadata: own('web'), spec: [{ selector: labels, port: [{ port: 80 }] }] } },
      kubernetes_deployment_v1: {
        web: {
          metadata: own('web'),
          wait_for_rollout: waits,
          spec: [{ replicas: '1', selector: [{ match_labels: labels }], template: [{ metadata: [{ labels }], spec: [{ container: [container] }] }] }],
        },
      },
      kubernetes_persistent_volume_claim_v1: {
        data: {
          metadata: own('data'),
          wait_until_bound: waits,
          spec: [{ access_modes: ['ReadWriteOnce'], storage_class_name: '', resources: [{ requests: { storage: '1Gi' } }] }],
        },
      },
    };
    const json = canonicalJson({
      terraform: { required_providers: { kubernetes: { source: 'hashicorp/kubernetes' } } },
      provider: { kubernetes: {} },
      resource: resources,
    });
    const list = Object.entries(resources).flatMap(([type, named]) => Object.keys(named).map((one) => ({ type, address: `${type}.${one}` })));
    return [
      {
        ...{ path: stack, agency: 'works', cloud: 'lab', environment: 'production', json, digest: sha256(json), dependsOn: [], reads: [] },
        resources: list.map(({ type, address }) => ({ type, address, planned: address, construct: address })),
      },
    ];
  };
  const use = (stacks: readonly SynthesisedStack[], kubeconfig = present(lab).kubeconfig): void => {
    fs.writeFileSync(path.join(root, 'lab.env'), `KUBE_CONFIG_PATH=${kubeconfig}\n`, { mode: 0o600 });
    fs.writeFileSync(path.join(root, 'stacks.json'), JSON.stringify(stacks));
    options = { root, stacks, ...settingsOf(root) };
  };

  beforeAll(() => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
    use(declared(true));
  });
  afterAll(async () => {
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    if (why !== '') return;
    await present(lab).admin.remove(`/api/v1/namespaces/${namespace}`);
    fs.rmSync(root, { recursive: true, force: true });
  }, 60_000);

  it('a killed apply leaves objects: adopted, deleted, or foreign and left alone; then no plan differs', async () => {
    const { admin } = present(lab);
    const first = await plan(options);
    expect(first.stacks.map(({ state, error }) => error ?? state)).toEqual(['planned']);
    const child = startApply(root, first.directory ?? '');
    const over = new Promise((resolve) => child.once('exit', resolve));
    const claim = `${base}/persistentvolumeclaims/data`;
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
    await until(async () => (await admin.request('GET', claim)).status === 200 && (await admin.request('GET', deployment)).status === 200);
    const running = engines(root, options.stacks);
    expect(running).toHaveLength(1);
    for (const pid of [child.pid, ...running]) if (pid !== undefined) killGroup(pid);
    await over;
    // Somebody puts a claim of their own in the place of ours.
    await admin.remove(claim);
    await until(async () => {
      await admin.request('PATCH', claim, { metadata: { finalizers: null } }, 'application/merge-patch+json');
      return (await admin.request('GET', claim)).status === 404;
    });
    const theirs = await admin.post(`${base}/persistentvolumeclaims`, {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '2Gi' } } },
    });

    use(declared(false));
    const again = await plan(options);
    expect(again.stacks.map(({ state }) => state)).toEqual(['failed']);
    const [report] = await listOrphans({ ...options, grace: 0 });
    const found = (report?.orphans ?? []).map(({ type, name, by, advice }) => `${type} ${name ?? ''} ${by} ${advice}`);
    expect(found).toContain(`kubernetes_deployment_v1 ${namespace}/web annotation adopt`);
    expect(report?.open).toMatchObject([{ type: 'kubernetes_persistent_volume_claim_v1', state: 'foreign' }]);
    expect(report?.open[0]?.look).toContain(`PersistentVolumeClaim ${namespace}/data`);
    // It is nobody's orphan: it can only be adopted by its address, and not deleted at all.
    const uid = String((theirs['metadata'] as Record<string, unknown>)['uid']);
    await expect(deleteOrphans({ ...options, grace: 0 }, stack, [uid])).rejects.toThrow(/is no orphan/u);
    const adopted = await adoptOrphans({ ...options, grace: 0 }, stack);
    expect(adopted.imports).toContainEqual({ to: 'kubernetes_deployment_v1.web', id: `${namespace}/web` });
    expect(adopted.left.orphans).toEqual([]);
    expect((await admin.get(claim))['metadata']).toMatchObject({ uid });
    await admin.remove(claim);
    await until(async () => (await admin.request('GET', claim)).status === 404);
    // What carries the mark and is declared nowhere is deleted, and is gone when that is said.
    await admin.post(`${base}/configmaps`, { metadata: { name: 'left', annotations: mark } });
    const [left] = (await listOrphans({ ...options, grace: 0 }, stack))[0]?.orphans ?? [];
    expect(left).toMatchObject({ name: `${namespace}/left`, advice: 'delete' });
    const deleted = await deleteOrphans({ ...options, grace: 0 }, stack, [left?.id ?? '']);
    expect((await admin.request('GET', `${base}/configmaps/left`)).status).toBe(404);
    if (!deleted.left.settled) await dismissOrphans({ ...options, grace: 0 }, stack, 'looked');

    const planned = await plan(options);
    expect(planned.stacks.map(({ state, error }) => error ?? state)).toEqual(['planned']);
    const run = await apply({ ...options, directory: planned.directory ?? '' });
    expect(run.stacks.map(({ result, because: reason }) => reason ?? result)).toEqual(['applied']);
    expect((await plan({ ...options, all: true })).stacks.map(({ state, changes }) => [state, changes])).toEqual([['unchanged', []]]);
    expect(readState(root, stack)).toHaveLength(6);
  }, 120_000);

  it('drift --unmanaged finds what was put in by hand, and not what the cluster makes', async () => {
    const { admin } = present(lab);
    expect((await drift({ ...options, unmanaged: true })).projects?.map(({ project, unmanaged, unread }) => [project.name, unmanaged, unread])).toEqual([
      [namespace, [], []],
    ]);
    await admin.post(`${base}/configmaps`, { metadata: { name: 'stranger' }, data: { word: planted } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
    await admin.post(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, { metadata: { name: 'back-door' }, roleRef, subjects: [] });
    await until(async () => (await admin.list(`${base}/pods`)).length === 1 && (await admin.list(`${base}/endpoints`)).length === 1);
    const run = await drift({ ...options, unmanaged: true });
    const [project] = run.projects ?? [];
    const within = { stack, address: 'kubernetes_namespace_v1.main' };
    expect(project?.unmanaged).toMatchObject([
      { type: 'kubernetes_config_map_v1', id: `${namespace}/stranger`, within },
      { type: 'kubernetes_role_binding_v1', id: `${namespace}/back-door`, within },
    ]);
    // Default account, certificate, Pod, Endpoints and slice.
    expect(project).toMatchObject({ held: 5, made: 5, objects: 12, unread: [] });
    expect(JSON.stringify(run)).not.toContain(planted);
  }, 60_000);

  it('the live layer keeps the records of a kind that may not be listed', async () => {
    const { federation } = await centre();
    const store = openStore(':memory:');
    const sync = async (day: string): Promise<{ readonly failed: readonly string[]; readonly records: readonly string[]; readonly removed: number }> => {
      const held = new Map([[stack, readState(root, stack) ?? []]]);
      const environment = Object.fromEntries([fs.readFileSync(path.join(root, 'lab.env'), 'utf8').trim().split('=') as [string, string]]);
      const logins = [{ stack: { path: stack, cloud: 'lab' }, providers: { kubernetes: {} }, environment }];
      const read = await readClusters({ root, logins, held, clouds: new Map([[stack, 'lab']]) }, 'lab', { rate: 50 });
      const layer = liveRecords(federation, day, read.projects, held);
      const guard = { share: 1, least: 1_000 };
      const member = federation.settings.member.id;
      const row = submit(store, { member, observed: day, records: layer.records, layers: ['live'], keep: { live: layer.keep }, guard });
      const records = [...listRecords(store, { layer: 'live' })].map(({ attributes, observed, drift: how }) =>
        [attributes['type'] as string, attributes['name'] as string, observed, how ?? ''].join(' ').trim(),
      );
      const failed = read.synced.flatMap((one) => one.failed.map(({ kind }) => kind));
      return { failed, records: records.sort(), removed: row.removed };
    };
    const { admin } = present(lab);
    const whole = await sync('2026-03-01');
    expect(whole.failed).toEqual([]);
    expect(whole.records).toHaveLength(8);
    expect(whole.records).toEqual(
      expect.arrayContaining([
        `kubernetes_secret_v1 ${namespace}/words 2026-03-01`,
        `kubernetes_namespace_v1 ${namespace} 2026-03-01`,
        'kubernetes_role_binding_v1 back-door 2026-03-01 unmanaged',
      ]),
    );
    // A reader who may see everything of the namespace but role bindings and secrets, while a record and an object go.
    const rules = [
      { apiGroups: ['', 'apps', 'batch', 'networking.k8s.io', 'policy', 'autoscaling', 'discovery.k8s.io'], resources: ['*'], verbs: ['nothing'] },
      { apiGroups: [''], resources: kindsOfCore, verbs: ['get', 'list'] },
      { apiGroups: ['apps', 'batch', 'networking.k8s.io', 'policy', 'autoscaling', 'discovery.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['get', 'list'] },
    ];
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await admin.post(`${rbac}/roles`, { metadata: { name: 'reader', annotations: { 'vcloud/mark': 'vcloud:other:x.y.z' } }, rules });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
    const subjects = [{ kind: 'User', name: 'live-reader', apiGroup: 'rbac.authorization.k8s.io' }];
    await admin.post(`${rbac}/rolebindings`, { metadata: { name: 'reader', annotations: { 'vcloud/mark': 'vcloud:other:x.y.z' } }, roleRef, subjects });
    await admin.remove(`${rbac}/rolebindings/back-door`);
    await admin.remove(`${base}/configmaps/stranger`);
    use(declared(false), present(lab).kubeconfigFor(root, 'lab', { name: 'live-reader' }));
    const part = await sync('2026-03-02');
    expect([...part.failed].sort()).toEqual(['kubernetes_namespace_v1', 'kubernetes_role_binding_v1', 'kubernetes_secret_v1']);
    // Only the ConfigMap was looked for and not found.
    expect(part.removed).toBe(1);
    expect(part.records).toHaveLength(7);
    expect(part.records).toContain('kubernetes_role_binding_v1 back-door 2026-03-01 unmanaged');
    expect(part.records).toContain(`kubernetes_secret_v1 ${namespace}/words 2026-03-01`);
    expect(part.records).toContain(`kubernetes_deployment_v1 ${namespace}/web 2026-03-02`);
    use(declared(false));
    const again = await sync('2026-03-03');
    expect(again.failed).toEqual([]);
    expect(again.records.filter((record) => record.includes('back-door'))).toEqual([]);
    expect(again.records.every((record) => record.includes('2026-03-03'))).toBe(true);
    store.close();
    const kept = fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('cache/live'));
    expect(kept).toEqual([]);
  }, 60_000);

  it('is taken down again, and nothing is left', async () => {
    const allow = ['kubernetes_namespace_v1.main', 'kubernetes_persistent_volume_claim_v1.data', 'kubernetes_secret_v1.words'];
    const removal = await destroy({ ...options, select: { expressions: ['all'] }, allow });
    expect(removal.stacks.map(({ state, error }) => error ?? state)).toEqual(['planned']);
    const run = await apply({ ...options, directory: removal.directory ?? '' });
    expect(run.stacks.map(({ result, because: reason }) => reason ?? result)).toEqual(['applied']);
    expect((await present(lab).admin.request('GET', base)).status).toBe(404);
  }, 120_000);
});

/** Lists of the core group, but Secrets. */
const kindsOfCore = [
  ...['configmaps', 'serviceaccounts', 'services', 'endpoints', 'persistentvolumeclaims', 'resourcequotas', 'limitranges'],
  ...['replicationcontrollers', 'pods'],
];

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + 60_000; !(await done());) {
    if (Date.now() > limit) throw new Error('not so within a minute');
    await new Promise((resolve) => void setTimeout(resolve, 200));
  }
}

function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It ended in the meantime, or leads no group.
    }
  }
}
