import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../modules/core/index.ts';
import { loadFederation, type Federation } from '../../modules/federation/index.ts';
import { contains, loadAddressPlans, parsePrefix, planAddresses, type AddressPlan } from '../../modules/network/index.ts';
import { exportPlan, neutronPlan, type ExportSelection, type SubnetPool } from '../../modules/network/export/index.ts';
import {
  because,
  freshTenant,
  openstackLab,
  present,
  providerMirror,
  terraformBinary,
  terraformIn,
  type CloudClient,
  type Json,
  type Tenant,
} from './support/lab.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const lab = await openstackLab({ services: ['neutron'] });
const mirror = providerMirror();
const terraform = terraformBinary();

const made: string[] = [];
afterAll(() => made.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-pools-'));
  made.push(folder);
  return folder;
}

async function planIn(root: string, federation?: Federation): Promise<AddressPlan> {
  const { addressPlan, problems } = planAddresses(await loadAddressPlans(root, federation));
  expect(problems).toEqual([]);
  return addressPlan;
}

/** The same prefix in two domains, pools in pools, pools without networks, both families, lengths of all sorts. */
async function smallPlan(): Promise<AddressPlan> {
  const root = temporaryFolder();
  fs.mkdirSync(path.join(root, 'network-plans'));
  fs.writeFileSync(
    path.join(root, 'network-plans/a.yaml'),
    `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: one }, { name: two }]
pools:
  - { name: six, prefix: "3fff:100::/28", domain: one }
  - { name: four, prefix: 10.0.0.0/12, domain: one, strategy: best-fit }
  - { name: twin, prefix: 10.0.0.0/12, domain: two, strategy: best-fit }
needs:
  - { key: agency/a, role: container, owner: a, legs: { v6: { pool: six, length: 36 }, v4: { pool: four, length: 16 } } }
  - { key: agency/b, role: container, owner: b, legs: { v6: { pool: six, length: 36 }, v4: { pool: twin, length: 16 } } }
  - { key: agency/empty, role: container, owner: c, pool: four, length: 20 }
  - { key: agency/a/inner, role: container, owner: a, legs: { v6: { in: agency/a, length: 44 }, v4: { in: agency/a, length: 20 } } }
  - { key: net/a1, owner: a, legs: { v6: { in: agency/a, length: 48 }, v4: { in: agency/a, length: 24 } } }
  - { key: net/a2, owner: a, legs: { v6: { in: agency/a, length: 64 }, v4: { in: agency/a, length: 29 } } }
  - { key: net/inner, owner: a, legs: { v6: { in: agency/a/inner, length: 56 }, v4: { in: agency/a/inner, length: 26 } } }
  - { key: net/b1, owner: b, legs: { v6: { in: agency/b, length: 64 }, v4: { in: agency/b, length: 22 } } }
  - { key: link/b, owner: b, legs: { v4: { in: agency/b, length: 31 } } }
  - { key: net/straight, pool: four, length: 25 }
`,
  );
  return planIn(root);
}

const text = (object: Json, key: string): string => {
  const value = object[key];
  return typeof value === 'string' ? value : '';
};

/** Sends the exported requests as the export says: `${NAME}` is the id that the scope of that name was given. */
async function send(client: CloudClient, exported: string): Promise<void> {
  const document: unknown = JSON.parse(exported);
  const requests = isObject(document) && Array.isArray(document['requests']) ? document['requests'].filter(isObject) : [];
  const scopes = new Map<string, string>();
  for (const { method, path: resource, body } of requests) {
    const sent: unknown = JSON.parse(JSON.stringify(body).replace(/\$\{([^}]+)\}/gu, (_, name: string) => scopes.get(name) ?? 'no such scope'));
    if (!isObject(sent) || typeof resource !== 'string') throw new Error('not a request');
    const answer = await client.request('network', String(method), resource, sent);
    expect(answer.status, `${JSON.stringify(sent)}: ${answer.text}`).toBe(201);
    const scope = answer.body['address_scope'];
    if (isObject(scope)) scopes.set(text(scope, 'name'), text(scope, 'id'));
  }
}

/** What Neutron says it has, in the words of the plan. */
async function readBack(client: CloudClient): Promise<{ scopes: unknown; pools: unknown; idOf: Map<string, string> }> {
  const project = await client.projectId();
  const scopes = await client.list('network', `/v2.0/address-scopes?project_id=${project}`, 'address_scopes');
  const pools = await client.list('network', `/v2.0/subnetpools?project_id=${project}`, 'subnetpools');
  const nameOf = new Map(scopes.map((scope) => [scope['id'], scope['name']]));
  return {
    scopes: sorted(scopes.map(({ name, ip_version }) => ({ name, ip_version }))),
    pools: sorted(
      pools.map((pool) => ({
        name: pool['name'],
        address_scope: nameOf.get(pool['address_scope_id']),
        ip_version: pool['ip_version'],
        prefixes: Array.isArray(pool['prefixes']) ? pool['prefixes'].map(String).sort() : [],
        // Some releases of Neutron give lengths as text.
        min_prefixlen: Number(pool['min_prefixlen']),
        default_prefixlen: Number(pool['default_prefixlen']),
        max_prefixlen: Number(pool['max_prefixlen']),
        description: pool['description'],
      })),
    ),
    idOf: new Map(pools.map((pool) => [text(pool, 'name'), text(pool, 'id')])),
  };
}

function sorted<T>(objects: readonly T[]): T[] {
  return [...objects].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

function declared(plan: AddressPlan, selection: ExportSelection): { scopes: unknown; pools: unknown } {
  const { address_scopes, subnet_pools } = neutronPlan(plan, selection);
  return {
    scopes: sorted(address_scopes.map(({ name, ip_version }) => ({ name, ip_version }))),
    pools: sorted(subnet_pools.map((pool) => ({ ...pool, prefixes: [...pool.prefixes].sort() }))),
  };
}

/** Networks of the plan that lie directly in a pool, with that pool: the ones Neutron must let us cut from it. */
function networksOf(plan: AddressPlan, pools: readonly SubnetPool[]): { key: string; prefix: string; pool: SubnetPool }[] {
  const domainOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : plan.pools.get(name)?.domain);
  const found: { key: string; prefix: string; pool: SubnetPool }[] = [];
  for (const [key, held] of plan.allocations) {
    if (held.role === 'container') continue;
    for (const [family, prefix, home] of [
      ['v4', held.v4, held.pool4],
      ['v6', held.v6, held.pool6],
    ] as const) {
      if (prefix === undefined) continue;
      const scope = `${domainOf(home) ?? ''}-${family}`;
      const pool = pools.find(
        ({ address_scope, prefixes }) => address_scope === scope && prefixes.some((free) => contains(parsePrefix(free), parsePrefix(prefix))),
      );
      if (pool) found.push({ key, prefix, pool });
    }
  }
  return found;
}

async function cut(client: CloudClient, plan: AddressPlan, selection: ExportSelection, atMost: number): Promise<number> {
  const { idOf } = await readBack(client);
  const networks = networksOf(plan, neutronPlan(plan, selection).subnet_pools);
  const step = Math.max(1, Math.floor(networks.length / atMost));
  const chosen = networks.filter((_, index) => index % step === 0).slice(0, atMost);
  for (const { key, prefix, pool } of chosen) {
    const { network } = await client.post('network', '/v2.0/networks', { network: { name: key } });
    const subnet = { network_id: isObject(network) ? network['id'] : '', ip_version: pool.ip_version, subnetpool_id: idOf.get(pool.name), cidr: prefix };
    const answer = await client.request('network', 'POST', '/v2.0/subnets', { subnet: { ...subnet, enable_dhcp: false, gateway_ip: null } });
    expect(answer.status, `${key} ${prefix} from ${pool.name}: ${answer.text}`).toBe(201);
  }
  return chosen.length;
}

const noLab = because(lab);

describe.skipIf(noLab !== '')(`subnet pools sent to Neutron as the requests of the export${noLab}`, () => {
  let tenant: Tenant;
  let plan: AddressPlan;
  beforeAll(async () => {
    tenant = await freshTenant(present(lab), 'pools');
    plan = await smallPlan();
  });
  afterAll(() => tenant.remove());

  it('all are accepted, and read back they are what was declared', async () => {
    await send(tenant.client, String(exportPlan(plan, 'neutron')));
    const { scopes, pools } = await readBack(tenant.client);
    expect({ scopes, pools }).toEqual(declared(plan, {}));
    expect(pools).toHaveLength(neutronPlan(plan, {}).subnet_pools.length);
  });

  it('every network of the plan can be cut from its pool at its own address', async () => {
    const networks = [...plan.allocations.values()]
      .filter(({ role }) => role !== 'container')
      .flatMap(({ v4, v6 }) => [v4, v6].filter((leg) => leg !== undefined));
    expect(await cut(tenant.client, plan, {}, Infinity)).toBe(networks.length);
  });

  it('an overlapping pool in the same scope is refused with 409, in another scope it is accepted', async () => {
    const scopes = await tenant.client.list('network', `/v2.0/address-scopes?project_id=${tenant.projectId}`, 'address_scopes');
    const one = text(scopes.find(({ name }) => name === 'one-v4') ?? {}, 'id');
    const [pool] = neutronPlan(plan, {}).subnet_pools.filter(({ address_scope }) => address_scope === 'one-v4');
    const ask = (address_scope_id: string): Promise<{ status: number }> =>
      tenant.client.request('network', 'POST', '/v2.0/subnetpools', { subnetpool: { name: 'again', prefixes: pool?.prefixes ?? [], address_scope_id } });
    expect((await ask(one)).status).toBe(409);
    const { address_scope: other } = await tenant.client.post('network', '/v2.0/address-scopes', { address_scope: { name: 'other', ip_version: 4 } });
    expect((await ask(isObject(other) ? text(other, 'id') : '')).status).toBe(201);
  });
});

/** An agency with sites, one with many tenants, and all that is public: the whole federation is the same 60 times over. */
const selections: readonly ExportSelection[] = [{ under: 'agency/ha-noi' }, { under: 'agency/mst' }, { domain: 'public' }];

describe.skipIf(noLab !== '')(`subnet pools of the reference federation in Neutron${noLab}`, () => {
  let plan: AddressPlan;
  beforeAll(async () => {
    plan = await planIn(repository, await loadFederation(repository, { asOf: '2026-01-01' }));
  });

  it.each(selections)('%o: accepted, read back as declared, networks cut from them, and nothing left when cleaned', async (selection) => {
    const tenant = await freshTenant(present(lab), 'nation');
    try {
      await send(tenant.client, String(exportPlan(plan, 'neutron', selection)));
      const { scopes, pools } = await readBack(tenant.client);
      expect({ scopes, pools }).toEqual(declared(plan, selection));
      expect(pools).not.toEqual([]);
      expect(await cut(tenant.client, plan, selection, 10)).toBeGreaterThan(0);
    } finally {
      await tenant.remove();
    }
    expect(await tenant.remaining()).toEqual([]);
  });
});

const why = because(lab, mirror, terraform);

describe.skipIf(why !== '')(`subnet pools from the Terraform variables of the export${why}`, () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await freshTenant(present(lab), 'pools-tf');
  });
  afterAll(() => tenant.remove());

  it('apply as declared, plan to no change, show a change by another hand, and are destroyed', async () => {
    const plan = await smallPlan();
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'plan.auto.tfvars.json'), exportPlan(plan, 'tfvars'));
    fs.writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify(configuration));
    const run = terraformIn(folder, { binary: present(terraform), mirror: present(mirror), environment: tenant.environment });
    const succeeds = (...words: readonly string[]): void => {
      const { status, output } = run(...words);
      expect(status, output).toBe(0);
    };
    succeeds('init', '-input=false');
    succeeds('apply', '-input=false', '-auto-approve');
    const { scopes, pools, idOf } = await readBack(tenant.client);
    expect({ scopes, pools }).toEqual(declared(plan, {}));
    succeeds('plan', '-input=false', '-detailed-exitcode');
    const [first] = [...idOf.values()];
    await tenant.client.put('network', `/v2.0/subnetpools/${first ?? ''}`, { subnetpool: { description: 'by another hand' } });
    expect(run('plan', '-input=false', '-detailed-exitcode').status).toBe(2);
    succeeds('destroy', '-input=false', '-auto-approve');
    expect(await tenant.remaining()).toEqual([]);
  });
});

/** What a user would write around the exported variables. */
const configuration = {
  terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack' } } },
  variable: {
    address_scopes: { type: 'map(object({ ip_version = number }))' },
    subnet_pools: {
      type: 'map(object({ address_scope = string, ip_version = number, prefixes = list(string), min_prefixlen = number, default_prefixlen = number, max_prefixlen = number, description = string }))',
    },
    network_pools: { type: 'any' },
    network_allocations: { type: 'any' },
    network_asns: { type: 'any' },
  },
  resource: {
    openstack_networking_addressscope_v2: {
      all: { for_each: '${var.address_scopes}', name: '${each.key}', ip_version: '${each.value.ip_version}' },
    },
    openstack_networking_subnetpool_v2: {
      all: {
        for_each: '${var.subnet_pools}',
        name: '${each.key}',
        address_scope_id: '${openstack_networking_addressscope_v2.all[each.value.address_scope].id}',
        prefixes: '${each.value.prefixes}',
        min_prefixlen: '${each.value.min_prefixlen}',
        default_prefixlen: '${each.value.default_prefixlen}',
        max_prefixlen: '${each.value.max_prefixlen}',
        description: '${each.value.description}',
      },
    },
  },
};
