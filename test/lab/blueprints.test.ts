import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { App } from 'cdktf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agency } from '../../modules/cloud/program/agency.ts';
import { World } from '../../modules/cloud/synth/world.ts';
import { systemBlueprints, type SystemShape } from '../../modules/cloud/systems/index.ts';
import { declaredShape } from '../../modules/cloud/systems/intent.ts';
import { compareCodeUnits } from '../../modules/core/index.ts';
import { planZones } from '../../modules/dns/index.ts';
import { apply, destroy, plan, type PlanRun } from '../../modules/engine/index.ts';
import { engineOptions, prepareStacks } from '../../modules/federate.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { loadAddressPlans, planAddresses } from '../../modules/network/index.ts';
import { checks } from './blueprints/checks.ts';
import { liveDocument } from './blueprints/document.ts';
import { secondOf, tenantOf, writeFederation } from './blueprints/federation.ts';
import { readLive } from './blueprints/live.ts';
import { because, cleanProject, CloudClient, openstackLab, present, providerMirror, terraformBinary } from './support/lab.ts';
import { makeOffer } from './support/offer.ts';

const lab = await openstackLab({ services: ['keystone', 'neutron', 'placement', 'glance', 'nova', 'cinder', 'octavia', 'barbican'] });
const mirror = providerMirror();
const terraform = terraformBinary();
const why = because(lab, mirror, terraform);

const id = `nine-${randomBytes(3).toString('hex')}`;
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-nine-'));
const document = new URL('../../docs/blueprints-live.md', import.meta.url);
const kinds = [...systemBlueprints.keys()];
const tenants = [...kinds.map((kind) => tenantOf(id, kind)), secondOf(id)];
const asOf = '2026-01-01';
const began = performance.now();

describe.skipIf(why !== '')(`nine kinds of systems on a real OpenStack${why}`, { retry: 0 }, () => {
  let admin: CloudClient;
  let environment: Record<string, string>;
  let withdraw = async (): Promise<void> => {};
  const login = (project: string): CloudClient => {
    const { authUrl, environment: operator } = present(lab);
    return new CloudClient({ authUrl, username: operator['OS_USERNAME'] ?? '', password: operator['OS_PASSWORD'] ?? '', project });
  };
  const options = async (): Promise<Parameters<typeof plan>[0]> => {
    const { federation, stacks, findings } = await prepareStacks(root, { asOf });
    expect(findings).toEqual([]);
    return { root, stacks, environment, ...engineOptions(federation.settings) };
  };
  const said = ({ stacks }: PlanRun): string[] => stacks.map(({ path: name, state, error }) => `${name} ${state}${error ?? ''}`);
  const applied = async (run: PlanRun): Promise<string[]> => {
    const { stacks } = await apply({ ...(await options()), directory: run.directory ?? '' });
    return stacks.map(({ path: name, result, because: reason = '' }) => `${name} ${result} ${reason}`.trim());
  };
  const of = (part: string, word: string): string[] => tenants.map((tenant) => `office.${tenant}.${part} ${word}`);
  const sorted = (lines: readonly string[]): string[] => [...lines].sort(compareCodeUnits);

  beforeAll(async () => {
    ({ admin } = present(lab));
    const names = { id, image: `${id}-image`, flavor: `${id}-flavor`, external: `${id}-external`, volumeType: `${id}-encrypted` };
    withdraw = await makeOffer(present(lab), names);
    const { no_proxy: direct = '*', ...operator } = present(lab).environment;
    environment = { no_proxy: direct, TF_CLI_CONFIG_FILE: present(mirror).configurationFile };
    writeFederation(root, names);
    fs.mkdirSync(path.join(root, 'secrets'), { mode: 0o700 });
    fs.writeFileSync(
      path.join(root, 'secrets/operator'),
      Object.entries(operator)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
      { mode: 0o600 },
    );
  }, 120_000);

  afterAll(async () => {
    // Whatever a failed step left.
    for (const tenant of tenants)
      for (const project of await admin.list('identity', `/projects?name=${tenant}`, 'projects')) {
        // Without a role in it, it has nothing of the tenant's yet.
        await removeVolumes(login(tenant)).catch(() => undefined);
        await cleanProject(admin, String(project['id']));
        await admin.remove('identity', `/projects/${String(project['id'])}`);
      }
    for (const user of await admin.list('identity', '/users', 'users'))
      if (String(user['name']).startsWith(id)) await admin.remove('identity', `/users/${String(user['id'])}`);
    await withdraw();
    fs.rmSync(root, { recursive: true, force: true });
  }, 600_000);

  it('landing zones first; a certificate its owner puts into the key store; then every system', async () => {
    const zones = await plan(await options());
    expect(said(zones)).toEqual(sorted([...of('platform', 'planned'), ...of('workload', 'waits')]));
    expect((await applied(zones)).filter((line) => line.includes('.platform '))).toEqual(sorted(of('platform', 'applied')));
    await putCertificate(login(tenantOf(id, 'exchange-node')), `${tenantOf(id, 'exchange-node')}-node-certificate`);
    const systems = await plan(await options());
    expect(said(systems)).toEqual(sorted([...of('platform', 'unchanged'), ...of('workload', 'planned')]));
    expect(await applied(systems)).toEqual(sorted([...of('platform', 'unchanged'), ...of('workload', 'applied')]));
  }, 1_500_000);

  it('a second plan shows nothing', async () => {
    const again = await plan({ ...(await options()), all: true });
    expect(again.stacks.flatMap(({ changes }) => changes)).toEqual([]);
    expect(said(again)).toEqual(sorted([...of('platform', 'unchanged'), ...of('workload', 'unchanged')]));
  }, 600_000);

  it('every requirement a kind claims is seen on the live objects', async () => {
    const { shapes, prefixes } = await declared();
    const found: string[] = [];
    const rows = new Map<string, Set<string>>();
    const lives = await Promise.all([...shapes.keys()].map((tenant) => readLive(admin, login(tenant), tenant)));
    for (const live of lives) {
      const { tenant } = live;
      const shape = shapes.get(tenant) ?? expect.fail(tenant);
      for (const claim of shape.claims) {
        const check = checks[claim.id];
        if (!check) found.push(`${tenant}: nothing checks ${claim.id}`);
        else
          found.push(
            ...check.faults({ live, shape, claim, prefixes, mark: `vcloud:lab:office.${tenant}.workload` }).map((fault) => `${tenant} ${claim.id}: ${fault}`),
          );
        const kind = tenant === secondOf(id) ? 'data-store' : tenant.slice(id.length + 1);
        rows.set(claim.id, (rows.get(claim.id) ?? new Set()).add(kind));
      }
    }
    expect(found).toEqual([]);
    expect([...rows.values()].reduce((sum, claimed) => sum + claimed.size, 0)).toBeGreaterThan(100);
    const text = liveDocument(rows);
    if (process.env['VCLOUD_WRITE_DOCS'] === '1') fs.writeFileSync(document, text);
    expect(fs.readFileSync(document, 'utf8')).toBe(text);
  }, 900_000);

  it('is destroyed, and nothing is left', async () => {
    const projects = new Map<string, string>();
    for (const tenant of tenants) projects.set(tenant, await login(tenant).projectId());
    await allowOrders([...projects.values()]);
    const given = await options();
    // Volumes and projects go only where somebody says so.
    const run = await destroy({ ...given, select: { expressions: ['all'] }, allow: given.stacks.map(({ path: name }) => name) });
    // The plan looked for it; with the project goes the way to it.
    await removeKeys(login(tenantOf(id, 'exchange-node')));
    expect(await applied(run)).toEqual(sorted([...of('platform', 'applied'), ...of('workload', 'applied')]));
    expect((await admin.list('identity', '/projects', 'projects')).filter(({ name }) => String(name).startsWith(id))).toEqual([]);
    for (const [service, where, key] of [
      ['compute', '/servers/detail?all_tenants=1', 'servers'],
      ['volumev3', '/volumes/detail?all_tenants=1', 'volumes'],
      ['network', '/v2.0/networks', 'networks'],
      ['network', '/v2.0/ports', 'ports'],
      ['network', '/v2.0/routers', 'routers'],
      ['network', '/v2.0/security-groups', 'security_groups'],
      ['load-balancer', '/v2/lbaas/loadbalancers', 'loadbalancers'],
    ] as const) {
      const owners = new Set(projects.values());
      const left = (await admin.list(service, where, key)).filter((one) =>
        owners.has(String(one['project_id'] ?? one['tenant_id'] ?? one['os-vol-tenant-attr:tenant_id'])),
      );
      expect(
        left.map(({ name }) => name),
        key,
      ).toEqual([]);
    }
    process.stderr.write(`\n${tenants.length} tenants: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  }, 1_800_000);

  /** Shapes by tenant, and what keys of the address plan hold, as they are declared. */
  async function declared(): Promise<{ shapes: Map<string, SystemShape>; prefixes: (key: string) => readonly string[] }> {
    const federation = await loadFederation(root, { asOf });
    const { addressPlan } = planAddresses(await loadAddressPlans(root, federation));
    const world = new World(federation, addressPlan, planZones(root, federation, addressPlan));
    const agency = new Agency(new App({ outdir: root, stackTraces: false }), world, world.units[0] ?? expect.fail('no unit'));
    const shapes = new Map(tenants.map((tenant) => [tenant, declaredShape(agency, agency.tenant(tenant)) ?? expect.fail(tenant)]));
    return {
      shapes,
      prefixes: (key) => {
        const { v4, v6 } = world.answer('allocation', key) ?? {};
        return [v4, v6].filter((prefix) => prefix !== undefined);
      },
    };
  }

  async function putCertificate(own: CloudClient, name: string): Promise<void> {
    const folder = path.join(root, 'secrets');
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=node.test', '-keyout', 'key.pem', '-out', 'cert.pem'],
      { cwd: folder, stdio: 'ignore' },
    );
    const secret = async (file: string, type: string): Promise<unknown> =>
      (
        await own.post('key-manager', '/v1/secrets', {
          name: `${name}-${type}`,
          secret_type: type,
          payload: fs.readFileSync(path.join(folder, file), 'utf8'),
          payload_content_type: 'text/plain',
        })
      )['secret_ref'];
    const secret_refs = [
      { name: 'certificate', secret_ref: await secret('cert.pem', 'certificate') },
      { name: 'private_key', secret_ref: await secret('key.pem', 'private') },
    ];
    await own.post('key-manager', '/v1/containers', { name, type: 'certificate', secret_refs });
  }

  /** Keys of encrypted volumes are the project's: an administrator of another may not delete them with the volume. */
  async function removeVolumes(own: CloudClient): Promise<void> {
    for (const [service, path, key] of [
      ['compute', '/servers', 'servers'],
      ['volumev3', '/volumes', 'volumes'],
    ] as const) {
      for (const one of await own.list(service, `${path}/detail`, key)) await own.remove(service, `${path}/${String(one['id'])}`);
      for (let turn = 0; turn < 120 && (await own.list(service, path, key)).length > 0; turn++) await pause(500);
    }
  }

  /** Barbican's policy of old lets an administrator of the project delete an order for a key, and nobody else. */
  async function allowOrders(projects: readonly string[]): Promise<void> {
    const role = (await admin.list('identity', '/roles', 'roles')).find(({ name }) => name === 'admin');
    const user = await admin.userId();
    for (const project of projects) await admin.put('identity', `/projects/${project}/users/${user}/roles/${String(role?.['id'])}`);
  }

  /** What its owner put there, its owner takes away. */
  async function removeKeys(own: CloudClient): Promise<void> {
    const last = (reference: unknown): string => String(reference).split('/').at(-1) ?? '';
    for (const one of await own.list('key-manager', '/v1/containers', 'containers'))
      if (String(one['name']).endsWith('node-certificate')) await own.remove('key-manager', `/v1/containers/${last(one['container_ref'])}`);
    for (const one of await own.list('key-manager', '/v1/secrets', 'secrets'))
      if (String(one['name']).includes('node-certificate')) await own.remove('key-manager', `/v1/secrets/${last(one['secret_ref'])}`);
  }
});
