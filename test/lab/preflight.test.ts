import * as fs from 'node:fs';
import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, isObject, sha256 } from '../../modules/core/index.ts';
import { toSandbox } from '../../modules/cloud/index.ts';
import { cloudPreflight, type HeldBlock } from '../../modules/cloud/preflight/index.ts';
import {
  apply,
  discoverFolders,
  plan,
  readManifest,
  reviewOf,
  type Preflight,
  type PreflightResult,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { noEngine } from '../engine/fixtures.ts';
import { liveFederation, openstackStack, type LiveFederation } from './live/federation.ts';
import { faults, type Fault, type Ground } from './preflight/faults.ts';
import { because, freshTenant, openstackLab, present, providerMirror, type Tenant } from './support/lab.ts';

const lab = await openstackLab({ services: ['neutron', 'vpnaas', 'nova', 'cinder', 'glance', 'designate', 'octavia', 'barbican'] });
const mirror = providerMirror();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;
const page = path.resolve(import.meta.dirname, '../../docs/preflight.md');
const blocks = (): HeldBlock[] => [
  { key: 'agency/other', prefix: '10.99.0.0/16', owner: 'other' },
  ...faults.map(({ id }) => ({ key: `agency/${id}`, prefix: '192.0.2.0/24', owner: id })),
];
const preflight = cloudPreflight({ blocks });
const upsideDown = {
  security_group_id: '00000000-0000-4000-8000-000000000000',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  port_range_min: 443,
  port_range_max: 80,
};

const pathOf = ({ id }: Fault): string => `${id}.lab.workload`;

/** The stacks of a fault, with the data sources its resources look up. */
function stacksOf(fault: Fault, ground: Ground): SynthesisedStack[] {
  return fault.stacks(ground, pathOf(fault), fault.cloud ?? 'lab').map((stack) => {
    const document = JSON.parse(stack.json) as Record<string, unknown>;
    const data: Record<string, unknown> = {};
    if (stack.json.includes('data.openstack_images_image_v2.os')) data['openstack_images_image_v2'] = { os: { name: 'preflight-os', most_recent: true } };
    if (stack.json.includes('data.openstack_networking_network_v2.twice')) data['openstack_networking_network_v2'] = { twice: { name: ground.twice } };
    const json = Object.keys(data).length === 0 ? stack.json : canonicalJson({ ...document, data }, 2);
    return { ...stack, json, digest: sha256(json) };
  });
}

/** The same stack as a sandbox plans it. */
function inSandbox(stack: SynthesisedStack): SynthesisedStack {
  const { json, resources } = toSandbox(JSON.parse(stack.json) as Record<string, unknown>, stack.path);
  const planned = new Map([...resources].map(([address, real]) => [real, address]));
  const text = canonicalJson(json, 2);
  return {
    ...stack,
    environment: 'sandbox',
    json: text,
    digest: sha256(text),
    resources: stack.resources.map((resource) => ({ ...resource, planned: planned.get(resource.address) ?? resource.planned })),
  };
}

async function seenInSandbox(fault: Fault, ground: Ground): Promise<readonly PreflightResult[]> {
  const stacks = stacksOf(fault, ground).map(inSandbox);
  const run = await preflight.begin({ root: '/', mode: 'full', stacks, declared: stacks, environmentOf: () => ({}), held: () => undefined });
  return run.results;
}

const names = (fault: Fault, results: readonly PreflightResult[]): boolean =>
  results.some(
    ({ check, result, message, stacks }) => check === fault.check && result === 'fail' && fault.says.test(message) && stacks.includes(pathOf(fault)),
  );

function table(seen: ReadonlyMap<string, boolean>): string {
  const rows = faults.map((fault) => `| ${fault.what} | \`${fault.check}\` | named | ${seen.get(fault.id) === true ? 'named' : '**missed**'} |`);
  const missed = [...seen.values()].filter((sees) => !sees).length;
  return [
    `${faults.length} planted faults: on a real OpenStack all are named before anything is planned; the sandbox names ${faults.length - missed} and misses ${missed}.`,
    '',
    '| planted fault | check | real cloud | sandbox |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

describe('what a sandbox sees of the planted faults', () => {
  it('is what docs/preflight.md says', async () => {
    const ground = { prefix: 'preflight', livePrefix: '10.77.0.0/24', twice: 'preflight-twice' };
    const seen = new Map<string, boolean>();
    for (const fault of faults) {
      const results = await seenInSandbox(fault, ground);
      seen.set(fault.id, names(fault, results));
      // What was not asked is told, and is no pass.
      expect(results.filter(({ check, result }) => check === 'live' && result === 'unknown')).toHaveLength(1);
    }
    expect([...seen].filter(([, sees]) => sees).map(([id]) => id)).toEqual(faults.filter(({ sandbox }) => sandbox).map(({ id }) => id));
    const [begin, end] = ['<!-- table: written by test/lab/preflight.test.ts -->', '<!-- end of table -->'];
    const text = fs.readFileSync(page, 'utf8');
    const written = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${table(seen)}\n\n${text.slice(text.indexOf(end))}`;
    if (process.env['VCLOUD_WRITE_DOCS'] === '1') fs.writeFileSync(page, written);
    expect(fs.readFileSync(page, 'utf8')).toBe(written);
  });
});

describe.skipIf(why !== '')(`preflight on a real OpenStack${why}`, () => {
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  const prefix = `preflight-${randomBytes(3).toString('hex')}`;
  let tenant: Tenant;
  let small: Tenant;
  let federation: LiveFederation;
  let ground: Ground;
  const clean = 'clean.lab.workload';

  beforeAll(async () => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
    [tenant, small] = await Promise.all([freshTenant(present(lab), 'preflight'), freshTenant(present(lab), 'preflight')]);
    const { admin, environment: operator } = present(lab);
    await admin.put('network', `/v2.0/quotas/${small.projectId}`, { quota: { network: 1 } });
    await admin.put('volumev3', `/os-quota-sets/${small.projectId}`, { quota_set: { gigabytes: 20 } });
    const [, second] = [10, Math.floor(Math.random() * 250)];
    ground = { prefix, livePrefix: `10.177.${second}.0/25`, twice: `${prefix}-twice` };
    const made: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const answer = await tenant.client.post('network', '/v2.0/networks', { network: { name: ground.twice } });
      made.push(isObject(answer['network']) ? String(answer['network']['id']) : '');
    }
    await tenant.client.post('network', '/v2.0/subnets', {
      subnet: { network_id: made[0], cidr: `10.177.${second}.0/24`, ip_version: 4, name: 'by-hand' },
    });
    const own = tenant.environment;
    // A user with a project of its own gets that one where none is named; an operator has none.
    const without = Object.fromEntries(Object.entries(operator).filter(([name]) => !name.startsWith('OS_PROJECT')));
    const stacks = [...faults.flatMap((fault) => stacksOf(fault, ground)), cleanStack()];
    federation = liveFederation(stacks, {
      lab: own,
      small: small.environment,
      operator,
      nowhere: { ...own, OS_PROJECT_NAME: 'preflight-none' },
      wrong: { ...own, OS_PASSWORD: 'not-it' },
      unscoped: without,
      dead: { ...own, OS_AUTH_URL: 'http://127.0.0.1:9/v3' },
    });
  }, 120_000);
  afterAll(async () => {
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    fs.rmSync(federation.root, { recursive: true, force: true });
    await Promise.all([tenant.remove(), small.remove()]);
  }, 240_000);

  /** A network, a router, a security group and a server group: nothing is wrong with it. */
  function cleanStack(): SynthesisedStack {
    return openstackStack(clean, {
      openstack_networking_network_v2: { n: { name: `${prefix}-net` } },
      openstack_networking_subnet_v2: {
        s: { name: 's', network_id: '${openstack_networking_network_v2.n.id}', cidr: '10.178.0.0/24', gateway_ip: '10.178.0.1', ip_version: 4 },
      },
      openstack_networking_router_v2: { r: { name: `${prefix}-router` } },
      openstack_networking_router_interface_v2: {
        i: { router_id: '${openstack_networking_router_v2.r.id}', subnet_id: '${openstack_networking_subnet_v2.s.id}' },
      },
      openstack_networking_secgroup_v2: { g: { name: `${prefix}-web` } },
      openstack_networking_secgroup_rule_v2: {
        https: {
          security_group_id: '${openstack_networking_secgroup_v2.g.id}',
          direction: 'ingress',
          ethertype: 'IPv4',
          protocol: 'tcp',
          port_range_min: 443,
          port_range_max: 443,
          remote_ip_prefix: '10.178.0.0/16',
        },
      },
      openstack_compute_servergroup_v2: { a: { name: `${prefix}-apart`, policies: ['anti-affinity'] } },
    });
  }

  it('names every planted fault before anything is made, refuses those stacks, and lets the clean one be applied', async () => {
    const before = (await tenant.remaining()).toSorted();
    const began = performance.now();
    const run = await plan({ ...federation.options, preflight });
    const seconds = (performance.now() - began) / 1000;
    const found = run.preflight as Preflight;
    const missed = faults.filter((fault) => !names(fault, found.findings)).map(({ id }) => id);
    expect({
      missed,
      told: missed.length === 0 ? [] : found.findings.filter(({ stacks }) => missed.some((id) => stacks.includes(`${id}.lab.workload`))),
    }).toEqual({
      missed: [],
      told: [],
    });
    const states = new Map(run.stacks.map(({ path: name, state, error }) => [name, { state, error }]));
    for (const fault of faults)
      expect(states.get(pathOf(fault)), fault.id).toEqual({ state: 'failed', error: expect.stringContaining('refused by preflight') as string });
    expect(states.get(clean)).toEqual({ state: 'planned', error: undefined });
    // Nothing was found wrong where nothing is.
    expect(found.findings.filter(({ result, stacks }) => result === 'fail' && stacks.includes(clean))).toEqual([]);
    // Dead endpoints cost seconds, not minutes.
    expect(seconds).toBeLessThan(90);
    expect((await tenant.remaining()).toSorted()).toEqual(before);
    expect(await small.remaining()).toEqual([]);
    expect((await present(lab).admin.list('identity', `/projects?name=${prefix}-made`, 'projects')).length).toBe(0);

    // Whoever reviews the plan reads it too, and an edited one is not applied.
    const directory = path.join(federation.root, run.directory ?? '');
    const manifest = readManifest(directory, run.directory ?? '');
    const file = path.join(directory, 'preflight.json');
    expect(manifest.review?.['preflight.json']).toBe(sha256(fs.readFileSync(file)));
    expect(reviewOf(directory, manifest).preflight).toEqual(found);
    for (const name of ['summary.txt', 'summary.md']) expect(fs.readFileSync(path.join(directory, name), 'utf8')).toContain('10.1.0.300/24');
    for (const secret of ['not-it', tenant.password, small.password]) expect(fs.readFileSync(file, 'utf8')).not.toContain(secret);

    // What is right goes on alone.
    const { options } = federation;
    const alone = { ...options, preflight, select: { stack: clean } };
    const chosen = await plan(alone);
    expect(chosen.preflight).toMatchObject({ fail: 0, unknown: 0, findings: [] });
    const done = await apply({ ...options, directory: chosen.directory ?? '' });
    expect(done.stacks.map(({ path: name, result }) => [name, result])).toEqual([[clean, 'applied']]);
    const again = await plan({ ...alone, all: true });
    expect(again.stacks.map(({ path: name, state }) => [name, state])).toEqual([[clean, 'unchanged']]);
    const made = (await tenant.remaining()).filter((one) => !before.includes(one));
    expect(made.length).toBeGreaterThan(4);
  }, 300_000);

  it('reads an existing folder in HCL by its plan, and refuses it before it can be applied; JSON folders are read as they lie', async () => {
    const { root, options } = federation;
    const write = (folder: string, name: string, text: string): void => {
      fs.mkdirSync(path.join(root, folder), { recursive: true });
      fs.writeFileSync(path.join(root, folder, name), text);
    };
    write(
      'units/hcl',
      'main.tf',
      `terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}
locals { block = "10.179.0.0" }
resource "openstack_networking_network_v2" "n" { name = "${prefix}-hcl" }
resource "openstack_networking_subnet_v2" "s" {
  for_each   = { a = 24, b = 25 }
  network_id = openstack_networking_network_v2.n.id
  cidr       = "\${local.block}/\${each.value}"
}
`,
    );
    write('units/json', 'main.tf.json', openstackStack('x', { openstack_networking_secgroup_rule_v2: { r: upsideDown } }).json);
    const setting = { path: 'units/*', agency: 'lab', cloud: 'lab' };
    const { stacks, problems } = discoverFolders(root, [setting], { organisations: new Set(['lab']) });
    expect(problems).toEqual([]);
    const run = await plan({ ...options, stacks, preflight });
    const units = run.stacks.filter(({ path: name }) => name.startsWith('lab.units.'));
    expect(units.map(({ path: name, state, error }) => [name, state, error])).toEqual([
      ['lab.units.hcl', 'failed', expect.stringMatching(/refused by preflight: 1 fault \(overlap: 10\.179\.0\.0\/25 overlaps 10\.179\.0\.0\/24/u)],
      ['lab.units.json', 'failed', expect.stringContaining('443-80 is upside down')],
    ]);
    // What was refused after it was planned is not there to be applied.
    expect(fs.readdirSync(path.join(root, run.directory ?? '', 'stacks'))).toEqual([]);
  }, 120_000);
});
