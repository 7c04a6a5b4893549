import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, isObject, sha256, type JsonObject } from '../../modules/core/index.ts';
import {
  apply,
  destroy,
  drift,
  driftText,
  driftVerdict,
  plan,
  readManifest,
  requestImports,
  reviewOf,
  reviewText,
  type PlanRun,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { because, freshTenant, openstackLab, present, providerMirror, terraformBinary, type Json, type Tenant } from './support/lab.ts';

const lab = await openstackLab({ services: ['neutron'] });
const mirror = providerMirror();
const terraform = terraformBinary();
const why = because(lab, mirror, terraform);

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-daytwo-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const network = 'openstack_networking_network_v2';
const subnet = 'openstack_networking_subnet_v2';
const group = 'openstack_networking_secgroup_v2';
const rule = 'openstack_networking_secgroup_rule_v2';
const router = 'openstack_networking_router_v2';
const plug = 'openstack_networking_router_interface_v2';

function stackOf(name: string, resource: JsonObject, more: { output?: JsonObject; reads?: string[]; cloud?: string } = {}): SynthesisedStack {
  const { output, reads = [], cloud } = more;
  const data = Object.fromEntries(reads.map((other) => [other.replaceAll('.', '_'), { backend: 'local', config: { path: `../${other}/terraform.tfstate` } }]));
  const json = canonicalJson(
    {
      terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack' } } },
      resource,
      ...(output === undefined ? {} : { output }),
      ...(reads.length === 0 ? {} : { data: { terraform_remote_state: data } }),
    },
    2,
  );
  const resources = Object.entries(resource).flatMap(([type, named]) =>
    isObject(named) ? Object.keys(named).map((key) => ({ address: `${type}.${key}`, type, planned: `${type}.${key}`, construct: `${name}/${key}` })) : [],
  );
  return { path: name, agency: 'lab', cloud, environment: 'production', json, digest: sha256(json), dependsOn: [], reads, resources };
}

const base = stackOf(
  'lab.base',
  {
    [network]: { web: { name: 'daytwo-web', description: 'as declared' }, other: { name: 'daytwo-other' } },
    [subnet]: { web: { name: 'daytwo-web', network_id: `\${${network}.web.id}`, cidr: '192.0.2.0/24', dns_nameservers: ['192.0.2.53'] } },
    [group]: { web: { name: 'daytwo-web' } },
    [rule]: {
      https: {
        direction: 'ingress',
        ethertype: 'IPv4',
        protocol: 'tcp',
        port_range_min: 443,
        port_range_max: 443,
        remote_ip_prefix: '198.51.100.0/24',
        security_group_id: `\${${group}.web.id}`,
      },
    },
  },
  { output: { subnet: { value: `\${${subnet}.web.id}` } } },
);
const app = stackOf(
  'lab.app',
  {
    [router]: { edge: { name: 'daytwo-edge' } },
    [plug]: { edge: { router_id: `\${${router}.edge.id}`, subnet_id: '${data.terraform_remote_state.lab_base.outputs.subnet}' } },
  },
  { reads: ['lab.base'] },
);
const elsewhere = stackOf('lab.elsewhere', { [network]: { far: { name: 'daytwo-far' } } }, { cloud: 'far' });
const adopts = stackOf('lab.adopts', { [network]: { found: { name: 'daytwo-found', description: 'made by hand' } } });
const stacks = [base, app, elsewhere, adopts];

describe.skipIf(why !== '')(`day two on a real Neutron${why}`, () => {
  let tenant: Tenant;
  let options: { root: string; stacks: typeof stacks; environment: Record<string, string>; credentials: Record<string, Record<string, string>> };
  const password = path.join(root, 'password');

  beforeAll(async () => {
    tenant = await freshTenant(present(lab), 'daytwo');
    fs.writeFileSync(password, tenant.password, { mode: 0o600 });
    const environment = { ...tenant.environment, TF_CLI_CONFIG_FILE: present(mirror).configurationFile };
    options = { root, stacks, environment, credentials: { far: { OS_PASSWORD: 'file:password' } } };
  }, 60_000);
  afterAll(() => tenant.remove());

  const applied = async (run: PlanRun): Promise<string[]> =>
    (await apply({ ...options, directory: run.directory ?? '' })).stacks.map((stack) => `${stack.path} ${stack.result} ${stack.because ?? ''}`.trim());
  const idOf = async (collection: string, name: string): Promise<string> => {
    const found = (await tenant.client.list('network', `/v2.0/${collection}`, collection.replaceAll('-', '_'))).find((one: Json) => one['name'] === name);
    return String(found?.['id']);
  };

  it('a network made by hand is taken in, and nothing is left to change', async () => {
    const made = await tenant.client.post('network', '/v2.0/networks', { network: { name: 'daytwo-found', description: 'made by hand' } });
    const id = isObject(made['network']) ? String(made['network']['id']) : '';
    await requestImports({ ...options, imports: [{ stack: 'lab.adopts', address: `${network}.found`, id }] });
    const run = await plan({ ...options, select: { stack: 'lab.adopts' } });
    expect(run.stacks.map(({ add, change, destroy: gone, changes }) => [add, change, gone, changes.map(({ actions }) => actions)])).toEqual([
      [0, 0, 0, [['import']]],
    ]);
    const directory = path.join(root, run.directory ?? '');
    expect(reviewText(reviewOf(directory, readManifest(directory, 'plan')), 'en')).toContain(`<-  ${network}.found  (exists already and is taken in: ${id})`);
    expect(await applied(run)).toEqual(['lab.adopts applied']);
    expect((await plan({ ...options, select: { stack: 'lab.adopts' }, all: true })).stacks.map(({ state }) => state)).toEqual(['unchanged']);
    expect((await tenant.client.list('network', '/v2.0/networks', 'networks')).filter((one: Json) => one['name'] === 'daytwo-found')).toHaveLength(1);
  });

  it('what was changed behind its back is seen field by field; what cannot be read is unknown', async () => {
    expect(await applied(await plan(options))).toEqual([
      'lab.adopts unchanged',
      expect.stringMatching(/^lab\.app waits/u),
      'lab.base applied',
      'lab.elsewhere applied',
    ]);
    expect(await applied(await plan(options))).toContain('lab.app applied');
    const clean = await drift(options);
    expect(clean.stacks.map(({ path: name, state, drifted }) => [name, state, drifted])).toEqual(
      ['adopts', 'app', 'base', 'elsewhere'].map((name) => [`lab.${name}`, 'none', []]),
    );

    await tenant.client.put('network', `/v2.0/networks/${await idOf('networks', 'daytwo-other')}`, { network: { name: 'renamed-by-hand' } });
    await tenant.client.put('network', `/v2.0/networks/${await idOf('networks', 'daytwo-web')}`, { network: { description: 'changed by hand' } });
    const rules = await tenant.client.list('network', '/v2.0/security-group-rules', 'security_group_rules');
    await tenant.client.remove(
      'network',
      `/v2.0/security-group-rules/${String(rules.find((one: Json) => one['remote_ip_prefix'] === '198.51.100.0/24')?.['id'])}`,
    );
    fs.writeFileSync(password, 'no longer right');
    const before = fs.readFileSync(path.join(root, '.vcloud/state/lab.base/terraform.tfstate'), 'utf8');
    const found = await drift({ ...options, firstPause: 1 });
    fs.writeFileSync(password, tenant.password);
    expect(fs.readFileSync(path.join(root, '.vcloud/state/lab.base/terraform.tfstate'), 'utf8')).toBe(before);
    expect(driftVerdict(found)).toBe(2);
    expect(found.stacks.map(({ path: name, state }) => `${name} ${state}`)).toEqual([
      'lab.adopts none',
      'lab.app none',
      'lab.base drift',
      'lab.elsewhere unknown',
    ]);
    expect(found.stacks[2]?.drifted).toEqual([
      {
        address: `${network}.other`,
        type: network,
        drift: 'changed',
        next: 'update',
        fields: [{ path: 'name', before: '"daytwo-other"', after: '"renamed-by-hand"' }],
      },
      {
        address: `${network}.web`,
        type: network,
        drift: 'changed',
        next: 'update',
        fields: [{ path: 'description', before: '"as declared"', after: '"changed by hand"' }],
      },
      { address: `${rule}.https`, type: rule, drift: 'deleted', next: 'create', fields: [] },
    ]);
    expect(found.stacks[3]?.unknown[0]?.because).toMatch(/401|auth/iu);
    expect(driftText(found, 'en')).toContain('description: "as declared" -> "changed by hand"');

    // The next plan does what was said it would, and then there is none.
    const repair = await plan({ ...options, all: true });
    expect(repair.stacks.find((stack) => stack.path === 'lab.base')).toMatchObject({ add: 1, change: 2, destroy: 0 });
    expect(await applied(repair)).toContain('lab.base applied');
    expect(driftVerdict(await drift(options))).toBe(0);
  });

  it('is destroyed in reverse order as planned, and nothing is left', async () => {
    await expect(destroy({ ...options, select: { stack: 'lab.base' } })).rejects.toThrow(/uses lab\.base/u);
    const run = await destroy({ ...options, select: { expressions: ['all'] } });
    expect(run.stacks.every(({ state }) => state === 'planned')).toBe(true);
    expect(readManifest(path.join(root, run.directory ?? ''), 'plan').stacks.find((stack) => stack.path === 'lab.base')?.after).toEqual(['lab.app']);
    expect(await applied(run)).toEqual(['lab.adopts applied', 'lab.app applied', 'lab.base applied', 'lab.elsewhere applied']);
    expect(await tenant.remaining()).toEqual([]);
  });
});
