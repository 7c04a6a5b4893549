import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, destroy, drift, driftText, plan, type ApplyRun, type PlanRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { onCluster } from '../cloud/systems/cluster.ts';
import { noEngine } from '../engine/fixtures.ts';
import { buildShop, shopKeys, type ShopChanges } from './kubernetes/shop.ts';
import { because, kubernetesLab, kubernetesProvider, present } from './support/lab.ts';

const lab = await kubernetesLab();
const mirror = kubernetesProvider();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

describe.skipIf(why !== '')(`tenants on a real Kubernetes API${why}`, { retry: 0 }, () => {
  // Objects of the whole cluster carry the tenant's name, so that a run cut off is in nobody's way.
  const [shop, other] = [`shop-${randomBytes(3).toString('hex')}`, `other-${randomBytes(3).toString('hex')}`];
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-kubernetes-'));
  const at = (part: string): string => `works.${shop}.${part}`;
  let options: {
    root: string;
    environment: Record<string, string>;
    credentials: Record<string, Record<string, string>>;
    tenantCredentials?: Record<string, Record<string, Record<string, string>>>;
  };
  let stacks: readonly SynthesisedStack[] = [];

  beforeAll(() => {
    present(lab).kubeconfigFor(root, 'works-cluster');
    fs.writeFileSync(path.join(root, 'where'), path.join(root, 'works-cluster.kubeconfig'));
    options = {
      root,
      environment: { TF_CLI_CONFIG_FILE: present(mirror).configurationFile, no_proxy: '*' },
      credentials: { 'works-cluster': { KUBE_CONFIG_PATH: 'file:where' } },
    };
  });
  afterAll(() => {
    if (why !== '') return;
    for (const tenant of [shop, other]) {
      kubectl('delete', 'namespace', tenant, '--ignore-not-found', '--wait=false');
      for (const kind of ['storageclass', 'priorityclass', 'ingressclass', 'clusterrole', 'clusterrolebinding', 'crd'])
        kubectl('delete', kind, '-l', `vcloud/tenant=${tenant}`, '--ignore-not-found');
      kubectl('-n', 'velero', 'delete', 'schedules.velero.io', '-l', `vcloud/tenant=${tenant}`, '--ignore-not-found');
    }
    fs.rmSync(root, { recursive: true, force: true });
  }, 120_000);

  const kubectl = (...words: readonly string[]): string =>
    present(lab)
      .kubectl(...words)
      .output.trim();
  const declare = async (changes: ShopChanges = {}): Promise<void> => {
    stacks = await onCluster({ tenants: [shop, other], keys: shopKeys, ownCredentials: options.tenantCredentials === undefined ? [] : [shop] }, (agency) => {
      buildShop(agency, shop, changes);
      buildShop(agency, other);
    });
    stacks = stacks.filter(({ path: name }) => name.startsWith(`works.${shop}.`) || name === `works.${other}.kubernetes`);
  };
  const planned = async (all = false): Promise<PlanRun> => plan({ ...options, stacks, all });
  const applied = async (run: PlanRun): Promise<ApplyRun> => apply({ ...options, stacks, directory: run.directory ?? '' });
  const states = (run: PlanRun): Record<string, string> =>
    Object.fromEntries(run.stacks.map(({ path: name, state, error }) => [name.replace(/^works\.(?:shop-\w+\.)?/u, ''), error ?? state]));
  const results = (run: ApplyRun): Record<string, string> =>
    Object.fromEntries(run.stacks.map(({ path: name, result, because: reason }) => [name.replace(/^works\.(?:shop-\w+\.)?/u, ''), reason ?? result]));
  const names = (value: string): Record<string, string> =>
    Object.fromEntries(
      ['cluster', 'definitions', 'extensions', 'kubernetes', 'objects', `${other}.kubernetes`, 'worker', 'workload'].map((name) => [name, value]),
    );

  it('a custom object waits for its definition; all else is planned and applied, and then nothing differs', async () => {
    await declare();
    const kinds = new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)));
    expect([...kinds].sort()).toEqual(
      [
        'cluster_role_binding_v1',
        'cluster_role_v1',
        'config_map_v1',
        'deployment_v1',
        'horizontal_pod_autoscaler_v2',
        'ingress_class_v1',
        'ingress_v1',
        'limit_range_v1',
        'manifest',
        'namespace_v1',
        'network_policy_v1',
        'pod_disruption_budget_v1',
        'priority_class_v1',
        'resource_quota_v1',
        'role_binding_v1',
        'role_v1',
        'service_account_v1',
        'service_v1',
        'stateful_set_v1',
        'storage_class_v1',
      ].map((kind) => `kubernetes_${kind}`),
    );
    const first = await planned();
    expect(states(first)).toEqual({ ...names('planned'), objects: 'waits' });
    expect(first.stacks.find((stack) => stack.path === at('objects'))?.waitsFor).toEqual([at('definitions')]);
    expect(results(await applied(first))).toEqual({ ...names('applied'), objects: `waits for ${at('definitions')}: plan again once applied` });
    const second = await planned();
    expect(states(second)).toEqual({ ...names('unchanged'), objects: 'planned' });
    expect(results(await applied(second))).toMatchObject({ objects: 'applied' });
    expect(states(await planned(true))).toEqual(names('unchanged'));

    expect(kubectl('-n', shop, 'get', `sites.${shop}.vcloud.test/north`, '-o', 'jsonpath={.spec.prefix}')).toBe('10.0.0.0/16');
    expect(kubectl('-n', shop, 'get', 'service/records', '-o', 'jsonpath={.spec.clusterIPs}')).toMatch(/^\["10\.96\..*","fd00:96:/u);
    expect(kubectl('-n', shop, 'get', 'service/partners', '-o', 'jsonpath={.spec.loadBalancerSourceRanges}')).toBe('["192.0.2.0/24","2001:db8:c::/48"]');
    expect(kubectl('-n', 'velero', 'get', 'schedules.velero.io', `${shop}-records`, '-o', 'jsonpath={.spec.schedule}')).toBe('17 */6 * * *');
    expect(kubectl('-n', shop, 'get', 'certificate.cert-manager.io,externalsecret.external-secrets.io', '-o', 'name').split('\n')).toHaveLength(2);
  });

  it('the server admits the members it made, and refuses what the tenant must not do', async () => {
    const pods = async (): Promise<string> => kubectl('-n', shop, 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.labels.app\\.kubernetes\\.io/name}');
    // The controllers of the cluster make them; there is no node to run them.
    await until(async () => new Set((await pods()).split(' ')).size === 3);
    // A quota that is not counted yet holds members up for a moment; what is refused for good says why.
    const refusals = kubectl('-n', shop, 'get', 'events', '--field-selector', 'reason=FailedCreate', '-o', 'jsonpath={.items[*].message}');
    expect(refusals).not.toMatch(/violates PodSecurity|exceeded quota|must specify|Invalid value/u);
    const claims = kubectl('-n', shop, 'get', 'pvc', '-o', 'jsonpath={.items[0].spec.storageClassName}');
    expect(claims).toBe('encrypted');

    // People and the deployer, by certificates and tokens of their own.
    const may = (as: readonly string[], ...what: readonly string[]): string =>
      kubectl('auth', 'can-i', ...what, ...as)
        .split('\n')
        .find((line) => /^(?:yes|no)/u.test(line)) ?? '';
    const people = ['--kubeconfig', present(lab).kubeconfigFor(root, 'works-cluster', { name: 'an', groups: [`${shop}-operators`] })];
    expect(may(people, 'patch', 'deployments.apps', '-n', shop)).toBe('yes');
    expect(may(people, 'create', 'secrets', '-n', shop)).toBe('yes');
    expect(may(people, 'get', 'secrets', '-n', shop)).toBe('no');
    expect(may(people, 'patch', 'resourcequotas', '-n', shop)).toBe('no');
    expect(may(people, 'delete', `namespaces/${shop}`)).toBe('no');
    expect(may(people, 'get', 'pods', '-n', other)).toBe('no');
    const token = kubectl('-n', shop, 'create', 'token', 'deployer');
    const deployer = ['--server', serverOf(present(lab).kubeconfig), '--token', token, '--kubeconfig', '/dev/null', '--insecure-skip-tls-verify'];
    expect(may(deployer, 'create', 'deployments.apps', '-n', shop)).toBe('yes');
    expect(may(deployer, 'create', 'deployments.apps', '-n', other)).toBe('no');
    expect(may(deployer, 'create', 'rolebindings.rbac.authorization.k8s.io', '-n', shop)).toBe('no');
    const audit = ['--kubeconfig', present(lab).kubeconfigFor(root, 'works-cluster', { name: 'binh', groups: [`${shop}-audit`] })];
    expect(may(audit, 'list', 'networkpolicies.networking.k8s.io', '-A')).toBe('yes');
    expect(may(audit, 'get', 'secrets', '-A')).toBe('no');

    // Pod security, quota and schema: asked of admission, with objects that are otherwise right.
    const run = (name: string, container: object, spec: object = {}): string =>
      kubectl(
        '-n',
        shop,
        'run',
        name,
        '--image=works/x:1',
        '--dry-run=server',
        '--overrides',
        JSON.stringify({ spec: { ...spec, containers: [{ name, image: 'works/x:1', ...container }] } }),
      );
    const modest = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };
    expect(run('fine', { securityContext: modest })).toContain('created');
    expect(run('root', { securityContext: { ...modest, privileged: true, allowPrivilegeEscalation: true } })).toMatch(
      /violates PodSecurity "restricted:latest".*privileged/u,
    );
    expect(run('host', { securityContext: modest }, { hostNetwork: true })).toMatch(/violates PodSecurity.*host namespaces/u);
    expect(run('greedy', { securityContext: modest, resources: { requests: { cpu: '9' }, limits: { cpu: '9' } } })).toMatch(
      /exceeded quota: tenant.*requests\.cpu=9/u,
    );
    expect(kubectl('-n', shop, 'create', 'service', 'nodeport', 'open', '--tcp=80', '--dry-run=server')).toMatch(
      /exceeded quota: tenant.*services\.nodeports/u,
    );
    expect(kubectl('-n', shop, 'patch', `sites.${shop}.vcloud.test/north`, '--type=merge', '-p', '{"spec":{"prefix":"everywhere"}}')).toMatch(/should match/u);
  });

  it('a change is planned where it belongs, applied by the tenant’s own deployer, and leaves nothing to change', async () => {
    fs.writeFileSync(path.join(root, 'deployer.kubeconfig'), withToken(present(lab).kubeconfig, kubectl('-n', shop, 'create', 'token', 'deployer')), {
      mode: 0o600,
    });
    fs.writeFileSync(path.join(root, 'deployer'), path.join(root, 'deployer.kubeconfig'));
    options.tenantCredentials = { 'works-cluster': { [shop]: { KUBE_CONFIG_PATH: 'file:deployer' } } };
    await declare({ replicas: 3, port: 9443 });
    const run = await planned();
    const changed = run.stacks.flatMap(({ changes }) => changes.map(({ address, actions }) => `${address} ${actions.join()}`)).sort();
    expect(changed).toEqual([
      'kubernetes_deployment_v1.portal_deployment update',
      // Connections are shared out among the members.
      'kubernetes_ingress_v1.entries_www_ingress update',
      'kubernetes_network_policy_v1.portal_flows update',
      'kubernetes_resource_quota_v1.main_quota update',
      'kubernetes_service_v1.portal_service update',
    ]);
    expect(results(await applied(run))).toMatchObject({ kubernetes: 'applied', workload: 'applied' });
    expect(states(await planned(true))).toEqual(names('unchanged'));
    expect(kubectl('-n', shop, 'get', 'deployment/portal', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
    const deployed = {
      ...options,
      stacks: stacks.map((stack) => ({ ...stack, authority: 'tenant' as const })),
      all: true,
      select: { stack: at('kubernetes') },
    };
    expect((await plan(deployed)).stacks.map(({ error }) => error)).toEqual([expect.stringMatching(/cannot get resource|forbidden/u)]);
  });

  it('what kubectl changed is found field by field and mended; what somebody else keeps of a custom object is a conflict a person settles', async () => {
    kubectl('-n', shop, 'scale', 'deployment/portal', '--replicas=7');
    kubectl(
      '-n',
      shop,
      'patch',
      'networkpolicy/records',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/ingress/1/from/0/ipBlock/cidr","value":"0.0.0.0/0"}]',
    );
    kubectl('label', 'namespace', shop, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite');
    kubectl('-n', shop, 'delete', 'configmap/portal');
    kubectl('-n', shop, 'patch', `sites.${shop}.vcloud.test/north`, '--type=merge', '-p', '{"spec":{"asn":1}}');
    const found = await drift({ ...options, stacks });
    const seen = found.stacks.flatMap(({ drifted }) =>
      drifted.map(({ address, drift: what, fields }) => [
        address,
        what,
        ...fields.map((field) => `${field.path} ${field.before ?? ''} -> ${field.after ?? ''}`),
      ]),
    );
    expect(seen.sort()).toEqual([
      ['kubernetes_config_map_v1.portal_settings', 'deleted'],
      ['kubernetes_deployment_v1.portal_deployment', 'changed', 'spec[0].replicas "3" -> "7"'],
      ['kubernetes_manifest.site_object', 'changed', 'object.spec.asn 64512 -> 1'],
      ['kubernetes_namespace_v1.main_namespace', 'changed', 'metadata[0].labels.pod-security.kubernetes.io/enforce "restricted" -> "privileged"'],
      ['kubernetes_network_policy_v1.records_flows', 'changed', expect.stringMatching(/cidr "10\.200\.0\.0\/24" -> "0\.0\.0\.0\/0"/u)],
    ]);
    expect(driftText(found, 'en')).toContain('"restricted" -> "privileged"');

    const conflict = await applied(await planned(true));
    expect(results(conflict)).toMatchObject({ kubernetes: 'applied', workload: 'applied' });
    expect(results(conflict)['objects']).toMatch(/conflict with \S*kubectl-patch\S* using .*\.spec\.asn/su);
    await declare({ replicas: 3, port: 9443, takeOver: true });
    expect(results(await applied(await planned(true)))).toMatchObject({ objects: 'applied' });
    expect(states(await planned(true))).toEqual(names('unchanged'));
    expect(kubectl('-n', shop, 'get', 'deployment/portal', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
  });

  it('is destroyed only with what holds data named, and nothing is left', async () => {
    const everything = { ...options, stacks, select: { expressions: ['all'] } };
    await expect(destroy(everything)).rejects.toThrow(/kubernetes_namespace_v1\.main_namespace/u);
    const holding = stacks.flatMap(({ path: name, resources }) =>
      resources.filter(({ type }) => /namespace_v1|stateful_set_v1/u.test(type)).map(({ address }) => `${name} ${address}`),
    );
    const allowed = await destroy({ ...everything, allow: holding.map((one) => one.split(' ')[1] ?? '') });
    expect(allowed.stacks.every(({ state }) => state === 'planned')).toBe(true);
    expect(results(await applied(allowed))).toEqual(names('applied'));
    for (const tenant of [shop, other]) {
      expect(kubectl('get', 'namespace', tenant)).toContain('not found');
      expect(kubectl('get', 'storageclass,priorityclass,ingressclass,clusterrole,clusterrolebinding,crd', '-l', `vcloud/tenant=${tenant}`, '-o', 'name')).toBe(
        '',
      );
      expect(kubectl('-n', 'velero', 'get', 'schedules.velero.io', '-l', `vcloud/tenant=${tenant}`, '-o', 'name')).toBe('');
    }
  });
});

/** The same cluster, for whoever holds a token. */
function withToken(kubeconfig: string, token: string): string {
  const text = fs.readFileSync(kubeconfig, 'utf8').replaceAll('lab,', 'works-cluster,').replace('current-context: lab', 'current-context: works-cluster');
  return text.replaceAll('cluster: lab', 'cluster: works-cluster').replace(/user: \{client-certificate-data.*\}\}\]/u, `user: {token: ${token}}}]`);
}

function serverOf(kubeconfig: string): string {
  return /https:\/\/127\.0\.0\.1:\d+/u.exec(fs.readFileSync(kubeconfig, 'utf8'))?.[0] ?? '';
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 250) {
    if (waited > 30_000) throw new Error('waited too long');
    await new Promise((resolve) => {
      setTimeout(resolve, 250);
    });
  }
}
