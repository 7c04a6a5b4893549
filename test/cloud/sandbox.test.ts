import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { toSandbox, type TerraformJson } from '../../modules/cloud/index.ts';
import { documentOf, fixture } from './world.ts';

type Inputs = Record<string, { input: Record<string, unknown>; [argument: string]: unknown }>;

function resources(document: TerraformJson): Inputs {
  return (toSandbox(document, 'a.b.c').json as { resource: { terraform_data: Inputs } }).resource.terraform_data;
}

function codes(document: TerraformJson): string[] {
  try {
    toSandbox(document, 'a.b.c');
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
}

/** One document with everything a sandbox has to follow. */
const full = {
  terraform: { backend: { local: {} }, required_providers: { openstack: { source: 'x/y' } }, required_version: '>= 1.9' },
  provider: { openstack: [{ cloud: 'works' }] },
  variable: { secret: { type: 'string', sensitive: true } },
  locals: { first: '${openstack_networking_network_v2.net[0].id}' },
  data: {
    openstack_networking_network_v2: { ext: { name: 'ext' }, many: { count: 2, name: 'n${count.index}' } },
    terraform_remote_state: { other: { backend: 'local', config: { path: '../x/terraform.tfstate' } } },
  },
  resource: {
    terraform_data: { keep: { input: '${openstack_networking_network_v2.net[*].name}', depends_on: ['openstack_networking_subnet_v2.s'] } },
    openstack_networking_network_v2: {
      net: { count: 2, name: 'net-${count.index}', tags: ['a'], lifecycle: { ignore_changes: ['tags'] } },
      each: { for_each: { a: 1 }, name: '${each.key}' },
    },
    openstack_networking_subnet_v2: {
      s: {
        '//': { metadata: { path: 'x' } },
        network_id: '${openstack_networking_network_v2.net[0].id}',
        cidr: '10.0.0.0/24',
        description: 'mtu ${openstack_networking_network_v2.net[1].mtu}',
        allocation_pool: { start: '10.0.0.10', end: '10.0.0.20' },
        depends_on: ['data.openstack_networking_network_v2.ext'],
        lifecycle: { replace_triggered_by: ['${openstack_networking_network_v2.net}'] },
      },
      other: {
        network_id: '${data.openstack_networking_network_v2.ext.id}',
        cidr: '10.0.1.0/24',
        name: '${openstack_networking_network_v2.each["a"].description}',
      },
    },
    openstack_identity_user_v3: {
      u: { name: 'u', password: 'in-clear', lifecycle: { postcondition: [{ condition: '${self.name == "u"}', error_message: 'no' }] } },
    },
    kubernetes_namespace_v1: { ns: { metadata: { name: 'a' } } },
    kubernetes_config_map: {
      cm: {
        metadata: [
          { name: 'c', namespace: '${kubernetes_namespace_v1.ns.metadata[0].name}', annotations: { uid: '${kubernetes_namespace_v1.ns.metadata.0.uid}' } },
        ],
        data: { wait: '${try(kubernetes_namespace_v1.ns.timeouts.delete, "none")}' },
      },
    },
    kubernetes_secret_v1: { s: { metadata: { name: 's' }, data: { password: 'hunter2' } } },
    openstack_networking_port_v2: {
      p: { network_id: '${data.openstack_networking_network_v2.many[1].id}', fixed_ip: [{ subnet_id: '${openstack_networking_subnet_v2.s.id}' }] },
    },
  },
  moved: [{ from: 'openstack_networking_network_v2.old', to: 'openstack_networking_network_v2.net' }],
  import: [{ to: 'openstack_networking_port_v2.p', id: 'x' }],
  output: {
    ips: { value: '${openstack_networking_port_v2.p.all_fixed_ips}' },
    mac: { value: '${openstack_networking_port_v2.p.mac_address}' },
    first: { value: '${openstack_networking_port_v2.p.all_fixed_ips[0]}' },
    mtus: { value: '${openstack_networking_network_v2.net[*].mtu}' },
  },
};

describe('the sandbox', () => {
  const made = resources(full);

  it('keeps bodies as input, and what is set as .input.x', () => {
    expect(made['openstack_networking_subnet_v2__s']?.input).toMatchObject({
      cidr: '10.0.0.0/24',
      network_id: '${terraform_data.openstack_networking_network_v2__net[0].input.id}',
    });
    expect(made['keep']).toEqual({
      input: '${terraform_data.openstack_networking_network_v2__net[*].input.name}',
      depends_on: ['terraform_data.openstack_networking_subnet_v2__s'],
    });
  });

  it('gives computed attributes stable placeholders of their type, unlike for id, address and MAC', () => {
    const { json } = toSandbox(full, 'a.b.c');
    expect(made['openstack_networking_port_v2__p']?.input['id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(json['output']).toEqual({
      ips: { value: expect.stringMatching(/^\$\{\["192\.0\.2\.\d+"\]\}$/u) as unknown },
      first: { value: expect.stringMatching(/^\$\{\(\["192\.0\.2\.\d+"\]\)\[0\]\}$/u) as unknown },
      mac: { value: expect.stringMatching(/^\$\{"02(:[0-9a-f]{2}){5}"\}$/u) as unknown },
      mtus: { value: '${[for instance in terraform_data.openstack_networking_network_v2__net : 1]}' },
    });
    expect(resources(full)).toEqual(made);
    expect(made['openstack_networking_subnet_v2__s']?.input['id']).not.toBe(made['openstack_networking_subnet_v2__other']?.input['id']);
    expect(made['openstack_networking_network_v2__net']?.input['id']).toMatch(/-\$\{count\.index\}$/u);
  });

  it('gives unset optional attributes and absent blocks null; the order a lost reference stood for stays', () => {
    expect(made['openstack_networking_subnet_v2__other']).toMatchObject({
      input: { name: '${null}' },
      depends_on: ['terraform_data.openstack_networking_network_v2__each'],
    });
    expect(made['kubernetes_config_map__cm']).toMatchObject({
      input: { data: { wait: '${try(null, "none")}' } },
      depends_on: ['terraform_data.kubernetes_namespace_v1__ns'],
    });
  });

  it('does not change a body for what refers to it', () => {
    const without = structuredClone(full) as { output: unknown; resource: { kubernetes_config_map?: unknown } };
    without.output = {};
    delete without.resource.kubernetes_config_map;
    expect({ ...resources(without as TerraformJson), kubernetes_config_map__cm: made['kubernetes_config_map__cm'] }).toEqual(made);
  });

  it('indexes single blocks as the schema nests them', () => {
    expect(made['kubernetes_namespace_v1__ns']?.input['metadata']).toEqual([{ name: 'a' }]);
    expect(made['openstack_networking_subnet_v2__s']?.input['allocation_pool']).toEqual([{ start: '10.0.0.10', end: '10.0.0.20' }]);
    expect(made['kubernetes_config_map__cm']?.input['metadata']).toEqual([
      {
        name: 'c',
        namespace: '${terraform_data.kubernetes_namespace_v1__ns.input.metadata[0].name}',
        annotations: { uid: expect.stringMatching(/^\$\{"[0-9a-f]{8}-[-0-9a-f]+"\}$/u) as unknown },
      },
    ]);
  });

  it('turns data sources into declared facts, and keeps the states of others', () => {
    const { json } = toSandbox(full, 'a.b.c');
    expect(json['locals']).toMatchObject({ data__openstack_networking_network_v2__ext: { name: 'ext', id: expect.any(String) as unknown } });
    expect(made['openstack_networking_subnet_v2__other']?.input['network_id']).toBe('${local.data__openstack_networking_network_v2__ext.id}');
    expect(made['openstack_networking_port_v2__p']?.input['network_id']).toBe('${terraform_data.data__openstack_networking_network_v2__many[1].input.id}');
    expect(json['data']).toEqual({ terraform_remote_state: full.data.terraform_remote_state });
    expect(made['openstack_networking_subnet_v2__s']?.['depends_on']).toEqual(['terraform_data.openstack_networking_network_v2__net']);
  });

  it('needs no provider, no backend, no variable, and holds no secret', () => {
    const { json } = toSandbox(full, 'a.b.c');
    expect(json).not.toHaveProperty('provider');
    expect(json['terraform']).toEqual({ required_version: '>= 1.9' });
    expect(json['variable']).toEqual({ secret: { type: 'string', sensitive: true, default: 'sandbox' } });
    expect(JSON.stringify(json)).not.toMatch(/in-clear|hunter2/u);
    expect(made['kubernetes_secret_v1__s']?.input['data']).toEqual({ password: '(sensitive)' });
  });

  it('makes what forces replacement a trigger, and normalises lifecycle', () => {
    expect(made['openstack_networking_subnet_v2__s']).toMatchObject({
      triggers_replace: { cidr: '10.0.0.0/24', network_id: '${terraform_data.openstack_networking_network_v2__net[0].input.id}' },
      lifecycle: { replace_triggered_by: ['terraform_data.openstack_networking_network_v2__net'] },
    });
    expect(made['kubernetes_config_map__cm']?.['triggers_replace']).toMatchObject({ 'metadata.name': 'c' });
    expect(made['openstack_networking_network_v2__net']?.['lifecycle']).toEqual({ ignore_changes: ['input.tags'] });
    expect(made['openstack_identity_user_v3__u']?.['lifecycle']).toEqual({ postcondition: [{ condition: '${self.input.name == "u"}', error_message: 'no' }] });
    expect(toSandbox(full, 'a.b.c').json['moved']).toEqual([
      { from: 'terraform_data.openstack_networking_network_v2__old', to: 'terraform_data.openstack_networking_network_v2__net' },
    ]);
  });

  it('refuses bodies that do not fit the schema, types it has no schema of, and references to nothing', () => {
    expect(codes({ resource: { openstack_networking_network_v2: { n: { nam: 'x', all_tags: [], mtu: 'big', timeouts: 5 } } } })).toEqual([
      'CLOUD-SCHEMA-UNKNOWN',
      'CLOUD-SCHEMA-COMPUTED',
      'CLOUD-SCHEMA-TYPE',
      'CLOUD-SCHEMA-TYPE',
    ]);
    expect(codes({ resource: { openstack_networking_subnet_v2: { s: {} } } })).toEqual(['CLOUD-SCHEMA-MISSING']);
    expect(codes({ resource: { kubernetes_namespace_v1: { a: {}, b: { metadata: [{}, {}] } } } })).toEqual(['CLOUD-SCHEMA-MISSING', 'CLOUD-SCHEMA-COUNT']);
    expect(codes({ resource: { other_thing: { a: {} } } })).toEqual(['CLOUD-SCHEMA-TYPE-UNKNOWN']);
    expect(codes({ resource: { openstack_networking_network_v2: { n: {} } }, output: { o: { value: '${openstack_networking_network_v2.n.idd}' } } })).toEqual([
      'CLOUD-REFERENCE',
    ]);
    expect(codes({ module: { m: { source: './m' } } })).toEqual(['CLOUD-SANDBOX-PART']);
  });
});

const terraform = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version'], { env: environment() }).status === 0);

/** The variable may name a file that is not there, and then every call warns. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'TF_CLI_CONFIG_FILE');
  return { ...Object.fromEntries(inherited), CHECKPOINT_DISABLE: '1' };
}

describe.skipIf(terraform === undefined)('the sandbox under a real engine (skipped without terraform or tofu on PATH)', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-sandbox-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const run = (stack: string, ...args: string[]): string =>
    execFileSync(terraform ?? '', args, { cwd: path.join(folder, stack), env: environment(), encoding: 'utf8' });
  const plan = (stack: string): string[] => {
    run(stack, 'plan', '-input=false', '-out=p');
    const shown = JSON.parse(run(stack, 'show', '-json', 'p')) as { resource_changes?: { address: string; change: { actions: string[] } }[] };
    return (shown.resource_changes ?? [])
      .filter(({ change }) => change.actions.join() !== 'no-op')
      .map(({ address, change }) => `${change.actions.join('+')} ${address}`);
  };
  const write = (stack: string, document: unknown): void => {
    fs.mkdirSync(path.join(folder, stack), { recursive: true });
    fs.writeFileSync(path.join(folder, stack, 'main.tf.json'), JSON.stringify(document));
  };

  it('plans, applies and plans again without a difference; changes in place and by replacement as the real kinds do', () => {
    const document = { ...full, data: { openstack_networking_network_v2: full.data.openstack_networking_network_v2 } };
    write('full', toSandbox(document, 'a.b.c').json);
    run('full', 'init', '-input=false');
    run('full', 'validate');
    run('full', 'apply', '-auto-approve', '-input=false');
    expect(plan('full')).toEqual([]);

    const changed = structuredClone(document);
    changed.resource.openstack_networking_subnet_v2.other.cidr = '10.0.2.0/24';
    changed.resource.openstack_networking_subnet_v2.s.description = 'new';
    changed.resource.openstack_networking_network_v2.net.tags = ['ignored'];
    write('full', toSandbox(changed, 'a.b.c').json);
    expect(plan('full')).toEqual([
      'delete+create terraform_data.openstack_networking_subnet_v2__other',
      'update terraform_data.openstack_networking_subnet_v2__s',
    ]);
  });

  it('makes of dynamic blocks the list they would make', () => {
    const document = {
      locals: { sources: ['10.0.0.0/24', '10.0.1.0/24'] },
      resource: {
        kubernetes_network_policy_v1: {
          p: {
            metadata: { name: 'p', namespace: 'a "quoted" \\\\ $${name}' },
            spec: {
              pod_selector: {},
              policy_types: ['Ingress'],
            },
          },
        },
        openstack_networking_port_v2: {
          p: {
            network_id: 'n',
            allowed_address_pairs: [{ ip_address: '10.9.9.9' }],
            dynamic: {
              allowed_address_pairs: {
                for_each: '${local.sources}',
                iterator: 'source',
                content: { ip_address: '${cidrhost(source.value, 1)}', mac_address: 'a "${source.key}" ${"b}"}' },
              },
              fixed_ip: { for_each: { a: '10.0.0.1' }, content: { ip_address: '${fixed_ip.value}', subnet_id: '${openstack_networking_subnet_v2.s.id}' } },
            },
          },
        },
        openstack_networking_subnet_v2: { s: { network_id: 'n' } },
      },
      output: {
        pairs: { value: '${openstack_networking_port_v2.p.allowed_address_pairs}' },
        fixed: { value: '${openstack_networking_port_v2.p.fixed_ip[0].ip_address}' },
      },
    };
    write('dynamic', toSandbox(document, 'a.b.c').json);
    run('dynamic', 'init', '-input=false');
    run('dynamic', 'apply', '-auto-approve', '-input=false');
    const outputs = JSON.parse(run('dynamic', 'output', '-json')) as Record<string, { value: unknown }>;
    expect(outputs['pairs']?.value).toEqual([
      { ip_address: '10.9.9.9' },
      { ip_address: '10.0.0.1', mac_address: 'a "0" b}' },
      { ip_address: '10.0.1.1', mac_address: 'a "1" b}' },
    ]);
    expect(outputs['fixed']?.value).toBe('10.0.0.1');
  });

  it('runs the stacks of tenants, one reading the state of another', async () => {
    const synthesis = await fixture().run();
    const chosen = ['works.apps.kubernetes', 'works.machines.equipment', 'works.portal.workload', 'works.portal-dr.workload', 'works.portal-dr.standby'];
    for (const stack of chosen) {
      write(stack, documentOf(synthesis, stack));
      run(stack, 'init', '-input=false');
      run(stack, 'apply', '-auto-approve', '-input=false');
      expect(plan(stack), stack).toEqual([]);
    }
    const state = JSON.parse(fs.readFileSync(path.join(folder, 'works.portal-dr.standby', 'terraform.tfstate'), 'utf8')) as {
      resources: { name: string; instances: { attributes: { input: { value: Record<string, unknown> } } }[] }[];
    };
    const replica = state.resources.find(({ name }) => name.includes('replica'))?.instances[0]?.attributes.input.value;
    const primary = documentOf(synthesis, 'works.portal.workload').resource['terraform_data']?.['openstack_blockstorage_volume_v3__database_volume-1'] as {
      input: { id: string };
    };
    expect(replica?.['source_replica']).toBe(primary.input.id);
  });
});
