import * as fs from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { cloudPreflight } from '../../modules/cloud/preflight/index.ts';
import { canonicalJson, isObject, sha256 } from '../../modules/core/index.ts';
import type { PreflightResult, SynthesisedStack } from '../../modules/engine/index.ts';
import { temporaryRoot } from '../engine/fixtures.ts';
import type { Resources } from './live/federation.ts';
import { kubernetesLab } from './support/kubernetes.ts';
import { because, present } from './support/lab.ts';

const lab = await kubernetesLab();
const why = because(lab);

// The API server itself says what it serves, has and lets this user do; nothing is made.
describe.skipIf(why !== '')(`preflight on a real Kubernetes API${why}`, () => {
  const root = temporaryRoot();
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

  const stack = (name: string, resources: Resources): SynthesisedStack => {
    const json = canonicalJson({ provider: { kubernetes: {} }, resource: resources });
    const addresses = Object.entries(resources).flatMap(([type, named]) => Object.keys(named).map((one) => ({ type, address: `${type}.${one}` })));
    const list = addresses.map(({ type, address }) => ({ type, address, planned: address, construct: address }));
    return { path: name, agency: 'lab', cloud: name, environment: 'production', json, digest: sha256(json), dependsOn: [], reads: [], resources: list };
  };
  const looked = async (stacks: readonly SynthesisedStack[], environment: Readonly<Record<string, string>>): Promise<readonly PreflightResult[]> => {
    const query = { root, mode: 'full', stacks, declared: stacks, environmentOf: () => environment, held: () => undefined } as const;
    const run = await cloudPreflight().begin(query);
    run.close();
    return run.results.filter(({ check }) => check !== 'name' && check !== 'value');
  };
  const short = (results: readonly PreflightResult[]): string[] =>
    results.map(({ check, result, address }) => [result, check, address ?? ''].join(' ').trim()).sort();
  const map = { metadata: [{ name: 'preflight', namespace: 'default' }], data: {} };

  it('passes what the cluster serves, has and allows', async () => {
    const results = await looked([stack('clean', { kubernetes_config_map_v1: { m: map } })], present(lab).environment);
    expect(short(results)).toEqual(['pass credentials', 'pass reference', 'pass role', 'pass service']);
  });

  it('names a kind that is not served, and one that waits for its definition', async () => {
    const widget = (group: string): Record<string, unknown> => ({ manifest: { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w' } } });
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { group: 'made.example', names: { kind: 'Widget' } } };
    const results = await looked(
      [stack('kinds', { kubernetes_manifest: { none: widget('none.example'), waits: widget('made.example'), crd: { manifest: definition } } })],
      present(lab).environment,
    );
    expect(short(results)).toEqual(['fail service kubernetes_manifest.none', 'pass credentials', 'unknown service kubernetes_manifest.waits']);
    expect(results.find(({ result }) => result === 'unknown')?.message).toContain('is served once kubernetes_manifest.crd of kinds is applied');
  });

  it('names a namespace and a storage class that are not there', async () => {
    const claim = { metadata: [{ name: 'c', namespace: 'default' }], spec: [{ storage_class_name: 'preflight-none' }] };
    const results = await looked(
      [
        stack('names', {
          kubernetes_config_map_v1: { m: { ...map, metadata: [{ name: 'm', namespace: 'preflight-none' }] } },
          kubernetes_persistent_volume_claim_v1: { c: claim },
        }),
      ],
      present(lab).environment,
    );
    expect(short(results.filter(({ result }) => result === 'fail'))).toEqual([
      'fail reference kubernetes_config_map_v1.m',
      'fail reference kubernetes_persistent_volume_claim_v1.c',
    ]);
  });

  it('names what the user may not make, as the server answers for that user', async () => {
    const kubeconfig = present(lab).kubeconfigFor(root, 'preflight', { name: 'preflight-reader' });
    const results = await looked([stack('rights', { kubernetes_config_map_v1: { m: map } })], { KUBE_CONFIG_PATH: kubeconfig });
    expect(short(results)).toEqual([
      'fail role kubernetes_config_map_v1.m',
      'pass credentials',
      'pass service',
      'unknown reference kubernetes_config_map_v1.m',
    ]);
  });

  it('names refused credentials and a dead endpoint', async () => {
    const config: unknown = parse(fs.readFileSync(present(lab).kubeconfig, 'utf8'));
    const users = isObject(config) && Array.isArray(config['users']) ? (config['users'] as { name: string }[]) : [];
    const wrong = `${root}/wrong.kubeconfig`;
    fs.writeFileSync(wrong, stringify({ ...(config as object), users: users.map(({ name }) => ({ name, user: { token: 'not-it' } })) }));
    const refused = await looked([stack('refused', { kubernetes_config_map_v1: { m: map } })], { KUBE_CONFIG_PATH: wrong });
    expect(short(refused)).toEqual(['fail credentials', 'unknown live']);
    expect(JSON.stringify(refused)).not.toContain('not-it');
    const dead = await looked([stack('dead', { kubernetes_config_map_v1: { m: map } })], { KUBE_HOST: 'https://127.0.0.1:9', KUBE_TOKEN: 'x' });
    expect(short(dead)).toEqual(['fail endpoint', 'unknown live']);
  });
});
