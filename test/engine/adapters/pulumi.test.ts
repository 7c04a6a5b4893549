import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { blockOf, configurationOf } from '../../../modules/cloud/index.ts';
import { canonicalJson, ProblemError, type Problem } from '../../../modules/core/index.ts';
import { apply, listStacks, plan, promises, renderProgram, resume, type SynthesisedStack } from '../../../modules/engine/index.ts';
import { EngineCache } from '../../../modules/engine/cache.ts';
import { readTemplate } from '../../../modules/engine/adapters/pulumi/expression.ts';
import { matches } from '../../../modules/engine/adapters/pulumi/find.ts';
import { writePreview } from '../../../modules/engine/adapters/pulumi/preview-file.ts';
import { pulumiName, pulumiToken } from '../../../modules/engine/adapters/pulumi/schema.ts';
import { stackOf, temporaryRoot } from '../fixtures.ts';

const schema = (type: string): ReturnType<typeof blockOf> =>
  type.startsWith('provider.') ? configurationOf(type.slice('provider.'.length)) : blockOf('resources', type);
const rendered = (configuration: unknown): ReturnType<typeof renderProgram> =>
  renderProgram({ path: 'moh.portal.workload', json: canonicalJson(configuration) }, schema);

function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  throw new Error('was not refused');
}
async function refused(work: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  throw new Error('was not refused');
}

const net = 'openstack_networking_network_v2';
const subnet = 'openstack_networking_subnet_v2';
const port = 'openstack_networking_port_v2';

describe('a synthesised stack as a program of Pulumi', () => {
  it('has the names of the bridge, references, text of several parts, blocks, order and options', () => {
    const program = rendered({
      terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack', version: '~> 3.4' } } },
      provider: { openstack: [{ cloud: 'works', max_retries: 3, password: '${sensitive("x")}' }] },
      resource: {
        [port]: {
          web: {
            network_id: `\${${net}.net.id}`,
            name: `of $\${x} \${${net}.net.name}!`,
            fixed_ip: [{ subnet_id: `\${${subnet}.six.id}`, ip_address: '10.0.0.9' }],
            binding: [{ vnic_type: 'direct' }],
            value_specs: { some_key: 'kept' },
            depends_on: [`${subnet}.six`],
            lifecycle: { ignore_changes: ['security_group_ids'], prevent_destroy: true, create_before_destroy: true },
            timeouts: { create: '5m' },
          },
        },
        [subnet]: {
          six: {
            network_id: `\${${net}.net.id}`,
            dns_nameservers: ['10.0.0.2'],
            description: '${sensitive("hidden")}',
            allocation_pool: [{ start: '10.0.0.9', end: '10.0.0.19' }],
          },
        },
        [net]: { net: { name: 'a', tags: [] } },
      },
      output: { first: { value: `\${${port}.web.fixed_ip[0].ip_address} \${${port}.web.binding[0].vnic_type}` }, hidden: { value: 'x', sensitive: true } },
    });
    expect(program.providers).toEqual([
      {
        name: 'openstack',
        source: 'terraform-provider-openstack/openstack',
        version: '~> 3.4',
        settings: { cloud: 'works', maxRetries: 3, password: { $: 'secret', value: { $: 'secret', value: 'x' } } },
      },
    ]);
    expect(program.resources.map(({ id }) => id)).toEqual([`${net}.net`, `${subnet}.six`, `${port}.web`]);
    expect(program.resources[1]?.properties).toEqual({
      networkId: { $: 'ref', id: `${net}.net`, path: ['id'] },
      dnsNameservers: ['10.0.0.2'],
      description: { $: 'secret', value: 'hidden' },
      allocationPools: [{ start: '10.0.0.9', end: '10.0.0.19' }],
    });
    expect(program.resources[2]).toEqual({
      id: `${port}.web`,
      token: 'openstack:index/networkingPortV2:NetworkingPortV2',
      name: 'web',
      provider: 'openstack',
      properties: {
        networkId: { $: 'ref', id: `${net}.net`, path: ['id'] },
        name: { $: 'join', parts: ['of ${x} ', { $: 'ref', id: `${net}.net`, path: ['name'] }, '!'] },
        fixedIps: [{ subnetId: { $: 'ref', id: `${subnet}.six`, path: ['id'] }, ipAddress: '10.0.0.9' }],
        binding: { vnicType: 'direct' },
        valueSpecs: { some_key: 'kept' },
      },
      reads: ['binding', 'fixedIps'],
      secrets: [],
      dependsOn: [`${subnet}.six`],
      ignoreChanges: ['securityGroupIds'],
      protect: true,
      deleteBeforeReplace: false,
      timeouts: { create: '5m' },
    });
    expect(program.resources[0]?.reads).toEqual(['name']);
    expect(program.outputs).toEqual({
      first: {
        $: 'join',
        parts: [{ $: 'ref', id: `${port}.web`, path: ['fixedIps', 0, 'ipAddress'] }, ' ', { $: 'ref', id: `${port}.web`, path: ['binding', 'vnicType'] }],
      },
      hidden: { $: 'secret', value: 'x' },
    });
  });

  it('marks what the schema calls sensitive as secret', () => {
    const program = rendered({ resource: { openstack_identity_user_v3: { u: { name: 'a', password: 'b' } } } });
    expect(program.resources[0]?.properties).toEqual({ name: 'a', password: { $: 'secret', value: 'b' } });
    expect(program.resources[0]?.secrets).toContain('password');
  });

  it('is refused with everything that cannot be carried over, by resource and attribute', () => {
    const problems = problemsOf(() =>
      rendered({
        provider: { openstack: [{ cloud: 'works' }, { alias: 'other' }] },
        data: { terraform_remote_state: { moh_portal_platform: { backend: 'local' } }, openstack_networking_network_v2: { uplink: { name: 'x' } } },
        locals: { a: 1 },
        resource: {
          [net]: {
            one: {
              name: '${upper("a")}',
              description: '${data.openstack_networking_network_v2.uplink.id}',
              tags: ['${[for x in ["a"] : x]}', 'a-${true ? "b" : "c"}', '${local.a}'],
              count: 2,
              lifecycle: { replace_triggered_by: [`${net}.two`], ignore_changes: 'all' },
              provisioner: [{ 'local-exec': { command: 'true' } }],
              segments: [{ network_type: '${1 + 1}' }],
              nonsense: true,
            },
            two: { name: '%{ if true }a%{ endif }', description: `\${${net}.three.id}`, tags: [`\${${net}.one.nowhere}`], depends_on: ['module.x'] },
          },
          terraform_data: { x: { input: 1 } },
        },
      }),
    );
    expect(problems.map(({ code, message }) => `${code} ${message.split(': ').slice(0, 2).join(': ')}`).sort()).toMatchInlineSnapshot(`
      [
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, count: count",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, description: \${data.openstack_networking_network_v2.uplink.id}",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, lifecycle.ignore_changes: "all"",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, lifecycle: replace_triggered_by",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, name: \${upper("a")}",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, provisioner: provisioner",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, segments[0].network_type: \${1 + 1}",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, tags[0]: \${[for x in ["a"] ",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, tags[1]: \${true ? "b" ",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.one, tags[2]: \${local.a}",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.two, depends_on: module.x",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.two, description: \${openstack_networking_network_v2.three.id}",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.two, name: %{ if true }a%{ endif }",
        "ENGINE-PULUMI-EXPRESSION openstack_networking_network_v2.two, tags[0]: \${openstack_networking_network_v2.one.nowhere}",
        "ENGINE-PULUMI-PART data.openstack_networking_network_v2.uplink: data sources are not rendered",
        "ENGINE-PULUMI-PART data.terraform_remote_state.moh_portal_platform: outputs of another stack are read from Terraform's state, which Pulumi does not write",
        "ENGINE-PULUMI-PART locals.a: this part of a configuration is not rendered",
        "ENGINE-PULUMI-PART provider.openstack: more than one configuration of a provider is not rendered",
        "ENGINE-PULUMI-SCHEMA openstack_networking_network_v2.one: the schema has no nonsense",
        "ENGINE-PULUMI-SCHEMA terraform_data.x: terraform_data (the sandbox) is Terraform's own; Pulumi renders real resources only",
      ]
    `);
    expect(problems.every(({ subject, hint }) => subject === 'moh.portal.workload' && hint !== undefined)).toBe(true);
  });

  it('names every attribute of every kind of the provider without two of one name', () => {
    const { resources } = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../../modules/cloud/providers/schemas/openstack.json'), 'utf8')) as {
      resources: Record<string, NonNullable<ReturnType<typeof blockOf>>>;
    };
    const wrong = Object.entries(resources).flatMap(([type, block]) => {
      const names = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})].map((name) => pulumiName(block, name));
      return new Set(names).size === names.length &&
        !names.includes(undefined) &&
        /^openstack:index\/[a-z][A-Za-z0-9]*:[A-Z][A-Za-z0-9]*$/u.test(pulumiToken(type))
        ? []
        : [type];
    });
    expect(wrong).toEqual([]);
    expect(Object.keys(resources).length).toBeGreaterThan(100);
  });

  it('keeps every text as it is, and puts every resource after those it refers to', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '{', '}', '%', '"', 'a', '.', '\\', ' ') });
    fc.assert(
      fc.property(text, (given) => {
        const written = given.replace(/([$%])\{/gu, '$1$1{');
        const template = readTemplate(written);
        // `$${` is the escape of `${`: what holds it already reads as another text.
        fc.pre(!/[$%][$%]\{/u.test(given));
        expect(template).toEqual({ kind: 'parts', parts: [given], secret: false });
      }),
    );
    const graph = fc
      .integer({ min: 2, max: 12 })
      .chain((size) => fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }).map((pairs) => ({ size, pairs })));
    fc.assert(
      fc.property(graph, fc.boolean(), ({ size, pairs }, explicit) => {
        const edges = pairs.filter(([from, to]) => from !== to).map(([from, to]) => [Math.max(from, to), Math.min(from, to)] as const);
        const names = Array.from({ length: size }, (_, index) => `n${(index * 7 + 3) % 97}`);
        const bodies = names.map((name, index) => {
          const targets = [...new Set(edges.filter(([from]) => from === index).map(([, to]) => names[to] ?? ''))];
          return [name, explicit ? { depends_on: targets.map((to) => `${net}.${to}`) } : { tags: targets.map((to) => `x\${${net}.${to}.id}`) }] as const;
        });
        const order = rendered({ resource: { [net]: Object.fromEntries(bodies.reverse()) } }).resources.map(({ id }) => id.split('.')[1] ?? '');
        expect([...order].sort()).toEqual([...names].sort());
        for (const [from, to] of edges) expect(order.indexOf(names[to] ?? '')).toBeLessThan(order.indexOf(names[from] ?? ''));
      }),
    );
  });

  it('takes the provider a constraint allows', () => {
    const allowed = (constraint: string | undefined): string[] =>
      ['2.9.0', '3.3.9', '3.4.0', '3.5.1', '4.0.0'].filter((version) => matches(version, constraint));
    expect(allowed('~> 3.4')).toEqual(['3.4.0', '3.5.1']);
    expect(allowed('~> 3.4.0')).toEqual(['3.4.0']);
    expect(allowed('>= 3.0, < 4.0')).toEqual(['3.3.9', '3.4.0', '3.5.1']);
    expect(allowed('3.4.0')).toEqual(['3.4.0']);
    expect(allowed(undefined)).toHaveLength(5);
    expect(allowed('newest')).toEqual([]);
  });
});

describe('what Pulumi does not promise', () => {
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  afterEach(() => {
    for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
  });
  const stacks: SynthesisedStack[] = [
    {
      ...stackOf({ path: 'moh.portal.workload', resources: {} }),
      environment: 'production',
      json: canonicalJson({ resource: { [net]: { a: { name: 'a' } } } }),
    },
  ];
  const binary = 'pulumi' as const;

  it('is refused by name, verb by verb', async () => {
    const root = newRoot();
    const promise = async (work: Promise<unknown>): Promise<string> => {
      const [found] = await refused(work);
      return `${found?.code ?? ''} ${/\((\w+)\): /u.exec(found?.message ?? '')?.[1] ?? ''}`;
    };
    expect(await promise(resume({ root, stacks, binary }))).toBe('ENGINE-PROMISE resume');
    expect(await promise(listStacks({ root, stacks, binary }))).toBe('ENGINE-PROMISE stateVerbs');
    expect(await promise(plan({ root, stacks, binary, details: true }))).toBe('ENGINE-PROMISE review');
    expect(await promise(plan({ root, stacks, binary, backend: { type: 'pg', prefix: 'x', credentials: {} } }))).toBe('ENGINE-PROMISE backends');
    fs.mkdirSync(path.join(root, 'p'));
    writePreview(root, 'p', { id: '0123456789abcdef', engine: { name: 'pulumi', version: '3.250.0' }, environment: 'production', stacks: [] });
    expect(await promise(apply({ root, stacks, directory: 'p' }))).toBe('ENGINE-PROMISE review');
    expect(await refused(apply({ root, stacks, directory: 'p', binary }))).toMatchObject([{ code: 'ENGINE-INEXACT' }]);
    expect(await refused(apply({ root, stacks, directory: 'nowhere', binary, acceptInexact: true }))).toMatchObject([{ code: 'ENGINE-NO-PLAN' }]);
    fs.mkdirSync(path.join(root, 'policies'));
    fs.writeFileSync(path.join(root, 'policies/approvals.yaml'), 'apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals: []\nrules: []\n');
    expect(await promise(apply({ root, stacks, directory: 'p', binary, acceptInexact: true }))).toBe('ENGINE-PROMISE exactPlan');
  });

  it('leaves a stack alone that another engine holds', async () => {
    const root = newRoot();
    fs.mkdirSync(path.join(root, '.vcloud/state/moh.portal.workload/pulumi/.pulumi/stacks'), { recursive: true });
    expect(await refused(plan({ root, stacks, binary: 'auto' }))).toMatchObject([{ code: 'ENGINE-OTHER-STATE' }]);
  });

  it('is no matter of memory: what one engine initialised, the other initialises again', () => {
    const cache = new EngineCache(newRoot());
    expect(cache.initialised('a', { name: 'tofu' })).toBeUndefined();
    cache.setInitialised('a', { name: 'terraform' }, 'digest');
    expect([cache.initialised('a', { name: 'terraform' }), cache.initialised('a', { name: 'tofu' })]).toEqual(['digest', '']);
  });

  it('says why of everything it does not promise', () => {
    expect(Object.values(promises.pulumi).filter((one) => one === true)).toEqual([]);
    expect(Object.values(promises.tofu).every((one) => one === true)).toBe(true);
  });

  it('stands in docs/engines.md, engine by engine', () => {
    const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../../docs/engines.md'), 'utf8');
    for (const reason of Object.values(promises.pulumi)) expect(page).toContain(String(reason));
  });
});
