import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isObject } from '../../modules/core/index.ts';
import { placeOnKubernetes } from '../../modules/cloud/systems/kubernetes/index.ts';
import { systemBlueprints, type SystemShape } from '../../modules/cloud/systems/index.ts';
import { apply, destroy, plan, type SynthesisedStack } from '../../modules/engine/index.ts';
import { onCluster } from '../cloud/systems/cluster.ts';
import { noEngine } from '../engine/fixtures.ts';
import { because, kubernetesLab, kubernetesProvider, present } from './support/lab.ts';

const lab = await kubernetesLab();
const mirror = kubernetesProvider();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

describe.skipIf(why !== '')(`blueprints on a real Kubernetes API${why}`, { retry: 0 }, () => {
  const ending = randomBytes(3).toString('hex');
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-blueprints-'));
  const shapes = new Map([...systemBlueprints.values()].map((blueprint) => [`${blueprint.name}-${ending}`, shapeOf(blueprint, `${blueprint.name}-${ending}`)]));
  // Kubernetes keeps no objects by name: what needs that is refused before anything is made (test/cloud/systems).
  const tenants = [...shapes].filter(([, { stores }]) => stores.length === 0).map(([tenant]) => tenant);
  const kubectl = (...words: readonly string[]): string =>
    present(lab)
      .kubectl(...words)
      .output.trim();
  afterAll(() => {
    if (why !== '') return;
    for (const tenant of tenants) kubectl('delete', 'namespace', tenant, '--ignore-not-found', '--wait=false');
    kubectl('-n', 'velero', 'delete', 'schedules.velero.io', '-l', `vcloud/tenant in (${tenants.join(',')})`, '--ignore-not-found');
    fs.rmSync(root, { recursive: true, force: true });
  }, 120_000);

  it('are admitted whole, differ in nothing afterwards, and leave nothing', async () => {
    expect(tenants).toHaveLength(9);
    const outside = [...new Set([...shapes.values()].flatMap(keysOf))];
    const keys = Object.fromEntries(outside.map((key, index) => [key, { v4: `10.100.${index}.0/24`, v6: `2001:db8:100:${index}::/64` }]));
    const stacks: readonly SynthesisedStack[] = await onCluster({ tenants: [...tenants, 'second'], keys }, (agency) => {
      for (const tenant of tenants) placeOnKubernetes(agency, agency.tenant(tenant), shapes.get(tenant) ?? expect.fail(tenant));
    });
    fs.writeFileSync(path.join(root, 'where'), present(lab).kubeconfigFor(root, 'works-cluster'));
    const options = {
      root,
      stacks,
      environment: { TF_CLI_CONFIG_FILE: present(mirror).configurationFile, no_proxy: '*' },
      credentials: { 'works-cluster': { KUBE_CONFIG_PATH: 'file:where' } },
    };
    const first = await plan(options);
    expect(first.stacks.filter(({ state }) => state !== 'planned').map(({ path: name, error }) => `${name} ${error ?? ''}`)).toEqual([]);
    const made = await apply({ ...options, directory: first.directory ?? '' });
    expect(made.stacks.filter(({ result }) => result !== 'applied').map(({ path: name, because: reason }) => `${name} ${reason ?? ''}`)).toEqual([]);
    expect((await plan({ ...options, all: true })).stacks.filter(({ state }) => state !== 'unchanged').map(({ path: name }) => name)).toEqual([]);

    // Every member the system declares was let in by pod security, limits and quota; a StatefulSet makes its next when one runs.
    for (const tenant of tenants) {
      const wanted = (shapes.get(tenant)?.components ?? []).reduce((all, { replicas, storage }) => all + (storage === undefined ? replicas : 1), 0);
      await until(() => kubectl('-n', tenant, 'get', 'pods', '-o', 'name').split('\n').length >= wanted, tenant);
      // A quota that is not counted yet holds members up for a moment; what is refused for good says why.
      const refusals = kubectl('-n', tenant, 'get', 'events', '--field-selector', 'reason=FailedCreate', '-o', 'jsonpath={.items[*].message}');
      expect(refusals, tenant).not.toMatch(/violates PodSecurity|exceeded quota|must specify|Invalid value/u);
      const quota = await present(lab).admin.get(`/api/v1/namespaces/${tenant}/resourcequotas/tenant`);
      const status = isObject(quota['status']) ? quota['status'] : {};
      expect(Number((isObject(status['used']) ? status['used'] : {})['pods']), tenant).toBeGreaterThanOrEqual(wanted);
    }

    const holding = [
      ...new Set(stacks.flatMap(({ resources }) => resources.filter(({ type }) => /namespace_v1|stateful_set_v1/u.test(type)).map(({ address }) => address))),
    ];
    const going = await destroy({ ...options, select: { expressions: ['all'] }, allow: holding });
    expect((await apply({ ...options, directory: going.directory ?? '' })).stacks.every(({ result }) => result === 'applied')).toBe(true);
    for (const tenant of tenants) expect(kubectl('get', 'namespace', tenant)).toContain('not found');
    expect(kubectl('-n', 'velero', 'get', 'schedules.velero.io', '-l', `vcloud/tenant in (${tenants.join(',')})`, '-o', 'name')).toBe('');
  });
});

function shapeOf(blueprint: NonNullable<ReturnType<typeof systemBlueprints.get>>, id: string): SystemShape {
  return blueprint.shape({
    tenant: { id, names: { vi: id, en: id }, owner: 'works', region: undefined, size: undefined, zone: undefined },
    level: 3,
    dataClass: 'shared',
    carriers: [],
    segments: [...Object.keys(blueprint.segments), 'management'],
    size: {},
    parameters: blueprint.example,
    partners: [{ tenant: 'second', side: 'primary', rpoMinutes: 90, rtoMinutes: 240, samePlace: false }],
  });
}

function keysOf({ flows, entries }: SystemShape): string[] {
  const peers = [...flows.flatMap(({ from, to }) => [from, to]), ...entries.map(({ from }) => from)];
  return peers.flatMap((peer) => ('key' in peer && !peer.key.startsWith('tenant/second/') ? [peer.key] : []));
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 500) {
    if (waited > 60_000) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}
