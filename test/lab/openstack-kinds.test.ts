import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type Problem } from '../../modules/core/index.ts';
import { engineOptions, prepareStacks } from '../../modules/federate.ts';
import { apply, destroy, drift, plan, type PlanRun } from '../../modules/engine/index.ts';
import {
  because,
  cleanProject,
  CloudClient,
  openstackLab,
  openstackVariables,
  present,
  providerMirror,
  terraformBinary,
  type Json,
  type ServiceType,
} from './support/lab.ts';

const lab = await openstackLab({ services: ['keystone', 'neutron', 'vpnaas', 'placement', 'glance', 'nova', 'cinder', 'designate', 'octavia', 'barbican'] });
const mirror = providerMirror();
const terraform = terraformBinary();
const why = because(lab, mirror, terraform);

const id = `kinds-${randomBytes(3).toString('hex')}`;
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-kinds-'));
const password = randomBytes(12).toString('hex');
const psk = `never-shown-${randomBytes(8).toString('hex')}`;
const began = performance.now();
/** Whether the lab's Octavia takes certificates from Barbican: one started by an older `up.sh` reads files only. */
const keyStore =
  why === '' && fs.readFileSync(path.join(path.dirname(present(lab).cloudsYaml), 'etc/octavia/octavia.conf'), 'utf8').includes('barbican_cert_manager');

/** Kinds of objects no project holds, or that the operator's holds: service, path, query, key of the answer; in an order in which they can be deleted. */
const global: readonly (readonly [ServiceType, string, string, string])[] = [
  ['network', '/v2.0/networks', '', 'networks'],
  ['compute', '/os-aggregates', '', 'aggregates'],
  ['compute', '/flavors', '?is_public=None', 'flavors'],
  ['volumev3', '/types', '?is_public=None', 'volume_types'],
  ['volumev3', '/qos-specs', '', 'qos_specs'],
  ['image', '/v2/images', '', 'images'],
  ['identity', '/services', '', 'services'],
  ['identity', '/groups', '', 'groups'],
  ['identity', '/roles', '', 'roles'],
  ['identity', '/users', '', 'users'],
  ['identity', '/projects', '', 'projects'],
];

/** A federation of one agency, one cloud (the lab) and one tenant, whose stacks are made by `openstack-kinds/program.ts`. */
function declare(size: string): void {
  const write = (file: string, text: string | Buffer): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  write(
    'vcloud.yaml',
    `apiVersion: vcloud/v1
kind: Federation
member: { id: lab, names: { vi: Lab, en: Lab } }
environment: production
parentZone: ${id}.test.
clouds:
  lab: { credentials: "file:secrets/operator", tenants: { ${id}: "file:secrets/tenant" } }
`,
  );
  write(
    'stacks/lab/lab.yaml',
    `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: office, kind: ministry, names: { vi: Office, en: Office }, label: office }
sites:
  - { id: room, kind: data-centre, names: { vi: Room, en: Room }, owner: office }
clouds:
  - id: lab
    kind: openstack
    names: { vi: Lab, en: Lab }
    owner: office
    regions: [{ name: north, site: room, called: RegionOne }]
    services: [compute, network, image, block-storage, load-balancer, dns, key-manager, vpn]
    catalogue:
      images: { debian-12: ${id}-base }
      flavors: { c1m1: ${id}-flavor }
      networks: { external: ${id}-external }
      volumeTypes: { encrypted: ${id}-encrypted }
tenants:
  - { id: ${id}, names: { vi: Kinds, en: Kinds }, owner: office, cloud: lab, size: ${size} }
`,
  );
  const leg = (name: string): string => `  - { key: tenant/${id}/${name}, legs: { v4: { pool: v4, length: 26 }, v6: { pool: v6, length: 64 } } }\n`;
  write(
    'network-plans/plan.yaml',
    `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: lab }
domains: [{ name: lab, import: ["65536:1"], export: ["65536:1"] }]
pools:
  - { name: v4, prefix: 10.128.0.0/16, domain: lab, strategy: first-fit }
  - { name: v6, prefix: "2001:db8:1::/48", domain: lab, strategy: first-fit }
needs:
${leg('app')}${leg('web')}`,
  );
  fs.copyFileSync(path.join(import.meta.dirname, 'openstack-kinds/program.ts'), path.join(root, 'stacks/lab/program.ts'));
}

describe.skipIf(why !== '')(`kinds of resources of a tenant on a real OpenStack${why}`, { retry: 0 }, () => {
  let admin: CloudClient;
  let kinds = new Set<string>();
  let total = 0;
  let environment: Record<string, string>;
  let projectId = '';
  const mine = (): CloudClient => new CloudClient({ authUrl: present(lab).authUrl, username: `${id}-deployer`, password, project: id });

  const options = async (): Promise<Parameters<typeof plan>[0]> => {
    const { federation, stacks, findings } = await prepareStacks(root, { asOf: '2026-01-01' });
    expect(findings).toEqual([]);
    kinds = new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)));
    total = stacks.reduce((sum, { resources }) => sum + resources.length, 0);
    return { root, stacks, environment, ...engineOptions(federation.settings) };
  };
  const planned = async (extra: object = {}): Promise<PlanRun> => plan({ ...(await options()), ...extra });
  const said = ({ stacks }: PlanRun): string[] => stacks.map(({ path: name, state, error }) => `${name.replace(`office.${id}.`, '')} ${state}${error ?? ''}`);
  const applied = async (run: PlanRun): Promise<{ results: string[]; problems: readonly Problem[] }> => {
    const { stacks, problems = [] } = await apply({ ...(await options()), directory: run.directory ?? '' });
    return {
      results: stacks.map(({ path: name, result, because: reason = '' }) => `${name.replace(`office.${id}.`, '')} ${result} ${reason}`.trim()),
      problems,
    };
  };
  /** What the operator's stack makes and a project does not hold, as far as it carries the tenant's name. */
  const withName = async (): Promise<[ServiceType, string][]> => {
    const found: [ServiceType, string][] = [];
    for (const [service, where, query, key] of global)
      for (const { id: one, name } of await admin.list(service, `${where}${query}`, key))
        if (String(name).startsWith(id)) found.push([service, `${where}/${String(one)}`]);
    return found;
  };
  const one = async (service: 'network' | 'volumev3' | 'load-balancer', where: string, key: string, name: string): Promise<Json> => {
    const found = (await mine().list(service, where, key)).find((object) => object['name'] === `${id}-${name}`);
    return found ?? expect.fail(`no ${key} ${name}`);
  };

  beforeAll(async () => {
    ({ admin } = present(lab));
    const { authUrl, region, environment: operator } = present(lab);
    const lines = (variables: Readonly<Record<string, string>>): string =>
      Object.entries(variables)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('');
    const { no_proxy: direct = '*', ...login } = operator;
    environment = { no_proxy: direct, TF_CLI_CONFIG_FILE: present(mirror).configurationFile };
    fs.mkdirSync(path.join(root, 'secrets'), { mode: 0o700 });
    fs.writeFileSync(path.join(root, 'secrets/operator'), lines(login));
    const own = openstackVariables(authUrl, region, `${id}-deployer`, password, id);
    fs.writeFileSync(path.join(root, 'secrets/tenant'), lines({ ...own, TF_VAR_psk_centre: psk }));
    // Programs find the toolkit by its name, as in an installation.
    fs.mkdirSync(path.join(root, 'node_modules'));
    fs.symlinkSync(path.resolve(import.meta.dirname, '../..'), path.join(root, 'node_modules/vcloud'));
    const image = randomBytes(65_536);
    for (const folder of ['images', 'told']) fs.mkdirSync(path.join(root, folder));
    fs.writeFileSync(path.join(root, 'images/base.img'), image);
    fs.writeFileSync(path.join(root, 'told/sha512'), createHash('sha512').update(image).digest('hex'));
    fs.writeFileSync(path.join(root, 'told/key-store'), keyStore ? 'yes' : 'no');
    fs.writeFileSync(path.join(root, 'told/operator-project'), await admin.projectId());
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=www.gov.test', '-keyout', 'key.pem', '-out', 'cert.pem'],
      { cwd: path.join(root, 'secrets'), stdio: 'ignore' },
    );
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', id, '-f', path.join(root, 'secrets/ssh')]);
    fs.copyFileSync(path.join(root, 'secrets/ssh.pub'), path.join(root, 'told/public-key'));
    declare('{ mbps: 100, keepDays: 7, port: 8443, ttl: 300, right: 0 }');
  }, 60_000);

  afterAll(async () => {
    // Whatever a failed step left.
    for (const project of await admin.list('identity', `/projects?name=${id}`, 'projects')) await cleanProject(admin, String(project['id']));
    for (const [service, where] of await withName()) await admin.request(service, 'DELETE', where);
    fs.rmSync(root, { recursive: true, force: true });
  }, 300_000);

  it('the operator makes the landing zone; what runs in it waits for that', async () => {
    const first = await planned();
    expect(said(first)).toEqual(['names waits', 'platform planned', 'workload waits']);
    expect(kinds.size, [...kinds].sort().join(' ')).toBeGreaterThanOrEqual(40);
    expect(await applied(first)).toMatchObject({ results: expect.arrayContaining(['platform applied']) as unknown });
  }, 300_000);

  it('its owner sets a password and puts a certificate into the key store', async () => {
    const [user] = await admin.list('identity', `/users?name=${id}-deployer`, 'users');
    const changed = await admin.request('identity', 'PATCH', `/users/${String(user?.['id'])}`, { user: { password } });
    expect(changed.status).toBe(200);
    // Keystone counts in seconds: a token of the second in which the password was set is refused.
    await pause(1100);
    projectId = await mine().projectId();
    const secret = async (name: string, type: string): Promise<unknown> =>
      (
        await mine().post('key-manager', '/v1/secrets', {
          name,
          secret_type: type,
          payload: fs.readFileSync(path.join(root, `secrets/${name}`), 'utf8'),
          payload_content_type: 'text/plain',
        })
      )['secret_ref'];
    const secret_refs = [
      { name: 'certificate', secret_ref: await secret('cert.pem', 'certificate') },
      { name: 'private_key', secret_ref: await secret('key.pem', 'private') },
    ];
    await mine().post('key-manager', '/v1/containers', { name: `${id}-site`, type: 'certificate', secret_refs });
  }, 60_000);

  it('the tenant makes the rest with credentials of its own', async () => {
    const rest = await planned();
    expect(said(rest)).toEqual(['names planned', 'platform unchanged', 'workload planned']);
    // Neither the key of the VPN nor that of the certificate is shown to whoever reviews.
    const shown = fs
      .readdirSync(path.join(root, rest.directory ?? ''), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(root, rest.directory ?? '', name));
    const texts = shown.filter((file) => fs.statSync(file).isFile() && /\.(?:json|html|txt|md)$/u.test(file)).map((file) => fs.readFileSync(file, 'utf8'));
    expect(texts.filter((text) => text.includes(psk) || text.includes('PRIVATE KEY'))).toEqual([]);
    const { results } = await applied(rest);
    expect(results).toEqual([
      expect.stringMatching(/^names failed .*image spare is not the one its declaration names/u),
      'platform unchanged',
      'workload applied',
    ]);
    declare('{ mbps: 100, keepDays: 7, port: 8443, ttl: 300, right: 1 }');
    expect((await applied(await planned())).results).toEqual(['names applied', 'platform unchanged', 'workload unchanged']);
    expect(await one('load-balancer', '/v2/lbaas/listeners', 'listeners', 'entry-443')).toMatchObject({
      protocol: keyStore ? 'TERMINATED_HTTPS' : 'TCP',
      connection_limit: 1000,
      allowed_cidrs: ['10.0.0.0/8'],
    });
    expect(await one('volumev3', '/volumes/detail', 'volumes', 'front-1-data')).toMatchObject({
      status: 'in-use',
      volume_type: `${id}-encrypted`,
      metadata: { 'backup-every': '24h' },
    });
  }, 600_000);

  it('a second plan shows nothing', async () => {
    const again = await planned({ all: true });
    expect(again.stacks.flatMap(({ changes }) => changes)).toEqual([]);
    expect(said(again)).toEqual(['names unchanged', 'platform unchanged', 'workload unchanged']);
  }, 300_000);

  it('a change is made in place where it can be, and by replacing where it cannot', async () => {
    declare('{ mbps: 200, keepDays: 14, port: 9443, ttl: 600, right: 1 }');
    const change = await planned();
    expect(said(change)).toEqual(['names planned', 'platform planned', 'workload planned']);
    const actions = change.stacks.flatMap(({ changes }) =>
      changes.map(({ address, actions: what }) => `${what.join('/')} ${address.replace(/^openstack_/u, '')}`),
    );
    expect(actions).toContain('update blockstorage_volume_v3.journal');
    expect(actions).toContain('update dns_zone_v2.zone_zone');
    expect(actions).toContain('update networking_qos_bandwidth_limit_rule_v2.line_egress');
    expect(actions).toContain('replace lb_member_v2.entry_member-1');
    expect(actions.filter((line) => line.includes('secgroup_rule')).sort()).toEqual([
      'create networking_secgroup_rule_v2.front_group_from-app-tcp-9443-ipv4',
      'create networking_secgroup_rule_v2.front_group_from-app-tcp-9443-ipv6',
      'create networking_secgroup_rule_v2.front_group_from-web-tcp-9443-ipv4',
      'create networking_secgroup_rule_v2.front_group_from-web-tcp-9443-ipv6',
      'delete networking_secgroup_rule_v2.front_group_from-app-tcp-8443-ipv4',
      'delete networking_secgroup_rule_v2.front_group_from-app-tcp-8443-ipv6',
      'delete networking_secgroup_rule_v2.front_group_from-web-tcp-8443-ipv4',
      'delete networking_secgroup_rule_v2.front_group_from-web-tcp-8443-ipv6',
    ]);
    expect((await applied(change)).results).toEqual(['names applied', 'platform applied', 'workload applied']);
    expect(await one('volumev3', '/volumes/detail', 'volumes', 'journal')).toMatchObject({ metadata: { 'backup-keep': '14d' } });
  }, 600_000);

  it('what was changed behind its back is found, and repaired by the next plan', async () => {
    const group = await one('network', '/v2.0/security-groups', 'security_groups', 'front');
    const rules = Array.isArray(group['security_group_rules']) ? group['security_group_rules'].filter(isObject) : [];
    await admin.remove('network', `/v2.0/security-group-rules/${String(rules.find(({ port_range_min: port }) => port === 9443)?.['id'])}`);
    const listener = await one('load-balancer', '/v2/lbaas/listeners', 'listeners', 'entry-443');
    await admin.put('load-balancer', `/v2/lbaas/listeners/${String(listener['id'])}`, { listener: { connection_limit: 5 } });
    const found = await drift(await options());
    expect(
      found.stacks
        .flatMap(({ drifted }) => drifted.map(({ type, drift: what, fields }) => [what, type, ...fields.map(({ path: name }) => name)].join(' ')))
        .sort(),
    ).toEqual(['changed openstack_lb_listener_v2 connection_limit', 'deleted openstack_networking_secgroup_rule_v2']);
    const repair = await planned({ all: true });
    expect(repair.stacks.find(({ path: name }) => name.endsWith('workload'))).toMatchObject({ add: 1, change: 1, destroy: 0 });
    expect((await applied(repair)).results).toContain('workload applied');
    expect(await one('load-balancer', '/v2/lbaas/listeners', 'listeners', 'entry-443')).toMatchObject({ connection_limit: 1000 });
  }, 600_000);

  it('is destroyed, and nothing is left, not even what the cloud makes by itself', async () => {
    // By Barbican's rules only an administrator deletes an order, so the operator does, inside the project.
    const roles = await admin.list('identity', '/roles?name=admin', 'roles');
    await admin.put('identity', `/projects/${projectId}/users/${await admin.userId()}/roles/${String(roles[0]?.['id'])}`);
    const { authUrl, environment: operator } = present(lab);
    const inside = new CloudClient({ authUrl, username: 'admin', password: operator['OS_PASSWORD'] ?? '', project: id });
    for (const { order_ref: reference } of await inside.list('key-manager', '/v1/orders', 'orders'))
      await inside.remove('key-manager', `/v1/orders/${String(reference).split('/').at(-1) ?? ''}`);
    const stacks = ['names', 'workload', 'platform'].map((part) => `office.${id}.${part}`);
    const own = await destroy({ ...(await options()), select: { expressions: ['not path:*.platform'] }, allow: stacks.slice(0, 2) });
    expect((await applied(own)).results).toEqual(['names applied', 'workload applied']);
    // A key outlives its order, because what was encrypted with it does; and what its owner put there is its owner's to remove.
    const kept = await mine().list('key-manager', '/v1/secrets', 'secrets');
    expect(kept.map(({ name }) => name).sort()).toEqual(['cert.pem', 'key.pem', `${id}-at-rest`]);
    const last = (reference: unknown): string => String(reference).split('/').at(-1) ?? '';
    for (const { container_ref: reference } of await mine().list('key-manager', '/v1/containers', 'containers'))
      await mine().remove('key-manager', `/v1/containers/${last(reference)}`);
    for (const { secret_ref: reference } of kept) await mine().remove('key-manager', `/v1/secrets/${last(reference)}`);
    const run = await destroy({ ...(await options()), select: { expressions: ['path:*.platform'] }, allow: stacks.slice(2) });
    expect((await applied(run)).results).toContain('platform applied');
    expect(await admin.list('identity', `/projects?name=${id}`, 'projects')).toEqual([]);
    expect(await withName()).toEqual([]);
    // Asked without a filter: asked for a project's groups, Neutron would make it one.
    const groups = await admin.list('network', '/v2.0/security-groups', 'security_groups');
    expect(groups.filter(({ project_id: owner }) => owner === projectId)).toEqual([]);
    process.stderr.write(
      `\n${kinds.size} kinds, ${total} resources in 3 stacks, ${keyStore ? 'TLS ends at the balancer' : 'TLS not tried: this Octavia reads certificates from files'}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
    );
  }, 600_000);
});
