import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../modules/core/index.ts';
import type { ApplyRun, PlanRun } from '../../modules/engine/index.ts';
import {
  because,
  freshTenant,
  openstackLab,
  present,
  providerMirror,
  pulumiFolder,
  terraformBinary,
  tofuBinary,
  type Absent,
  type Tenant,
} from './support/lab.ts';
import { plantedSecret, tenantStack } from './support/engine-tenant.ts';
import { measured, type Used } from './support/usage.ts';

const lab = await openstackLab({ services: ['neutron', 'vpnaas'] });
const mirror = providerMirror();
const stack = tenantStack();
const kinds = new Set(stack.resources.map(({ type }) => type));
const repository = path.resolve(import.meta.dirname, '../..');

const steps = ['up', 'unchanged', 'drift', 'destroy'] as const;
type Step = (typeof steps)[number];
const table = new Map<string, Map<Step, Used>>();
const folders: string[] = [];

interface Said {
  readonly planned?: PlanRun;
  readonly applied?: ApplyRun;
  readonly problems?: readonly Problem[];
}

/** One federation of one engine, with a project of its own. */
class Federation {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-engines-'));
  readonly #file = path.join(this.root, 'stacks.json');
  readonly #engine: string;
  readonly #tenant: Tenant;
  readonly #folder: string;

  constructor(engine: string, tenant: Tenant, folder: string) {
    this.#engine = engine;
    this.#tenant = tenant;
    this.#folder = folder;
    folders.push(this.root);
    fs.writeFileSync(this.#file, JSON.stringify([stack]));
  }

  /** Runs one step; with another engine than the federation's own it is not measured. */
  async run(step: Step | 'apply', { engine = this.#engine, folder = this.#folder, directory = '' } = {}): Promise<Said> {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(OS|TF|PULUMI|VITEST|NODE_OPTIONS)/u.test(name));
    const used = await measured(
      path.join(repository, 'node_modules/.bin/node'),
      [
        '--conditions=vcloud-source',
        path.join(import.meta.dirname, 'engines-driver.ts'),
        this.root,
        this.#file,
        engine,
        step,
        ...(directory === '' ? [] : [directory]),
      ],
      {
        cwd: this.root,
        env: {
          ...Object.fromEntries(inherited),
          ...this.#tenant.environment,
          PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`,
          TF_CLI_CONFIG_FILE: present(mirror).configurationFile,
          LAB_PASSPHRASE: 'of this test alone',
        },
      },
    );
    expect(used.status, `${used.stdout}\n${used.stderr}`).toBe(0);
    if (engine !== this.#engine || step === 'apply') return JSON.parse(used.stdout.trim().split('\n').at(-1) ?? '{}') as Said;
    const row = table.get(this.#engine) ?? new Map<Step, Used>();
    table.set(this.#engine, row.set(step, used));
    return JSON.parse(used.stdout.trim().split('\n').at(-1) ?? '{}') as Said;
  }
}

const folderOf = (binary: string | Absent): string | Absent => (typeof binary === 'string' ? path.dirname(binary) : binary);
const engines: readonly (readonly [string, string | Absent])[] = [
  ['terraform', folderOf(terraformBinary())],
  ['tofu', folderOf(tofuBinary())],
  ['pulumi', pulumiFolder()],
];

describe.each(engines)('the same tenant through %s on a real OpenStack', (engine, folder) => {
  const why = because(lab, mirror, folder);
  describe.skipIf(why !== '')(`${stack.resources.length} resources of ${kinds.size} kinds${why}`, () => {
    let tenant: Tenant;
    let federation: Federation;
    beforeAll(async () => {
      tenant = await freshTenant(present(lab), `engine-${engine}`);
      federation = new Federation(engine, tenant, present(folder));
    });
    afterAll(() => tenant.remove());

    it('is made', async () => {
      expect(kinds.size).toBeGreaterThanOrEqual(10);
      const { planned, applied, problems } = await federation.run('up');
      expect(problems).toBeUndefined();
      expect(planned?.stacks).toMatchObject([{ state: 'planned', add: stack.resources.length, change: 0, destroy: 0 }]);
      expect(planned?.engine?.name).toBe(engine);
      expect(applied?.stacks[0]?.because).toBeUndefined();
      expect(applied?.stacks).toMatchObject([{ path: 'moh.portal.workload', result: 'applied' }]);
      const [port] = await tenant.client.list('network', '/v2.0/ports?name=web-1', 'ports');
      expect(port).toMatchObject({ fixed_ips: [{ ip_address: '10.64.7.11' }], allowed_address_pairs: [{ ip_address: '10.64.7.250' }] });
      const [router] = await tenant.client.list('network', '/v2.0/routers', 'routers');
      expect(router).toMatchObject({ name: 'of-portal', description: plantedSecret });
      const [subnet] = await tenant.client.list('network', '/v2.0/subnets', 'subnets');
      expect(subnet).toMatchObject({
        cidr: '10.64.7.0/24',
        dns_nameservers: ['10.64.7.2', '10.64.7.3'],
        allocation_pools: [{ start: '10.64.7.10', end: '10.64.7.200' }],
      });
      const [ike] = await tenant.client.list('network', '/v2.0/vpn/ikepolicies', 'ikepolicies');
      expect(ike).toMatchObject({ ike_version: 'v2', lifetime: { units: 'seconds', value: 7200 } });
    });

    it('then shows no change, asked anew', async () => {
      const { planned, problems } = await federation.run('unchanged');
      expect(problems).toBeUndefined();
      expect(planned?.stacks[0]?.changes).toEqual([]);
      expect(planned?.stacks).toMatchObject([{ state: 'unchanged' }]);
    });

    it('shows what was changed behind its back, and changes nothing by showing it', async () => {
      const [network] = await tenant.client.list('network', '/v2.0/networks?name=portal', 'networks');
      await tenant.client.put('network', `/v2.0/networks/${String(network?.['id'])}`, { network: { description: 'by another hand' } });
      const { planned } = await federation.run('drift');
      expect(planned?.stacks).toMatchObject([
        { state: 'planned', add: 0, change: 1, destroy: 0, changes: [{ address: 'openstack_networking_network_v2.net', actions: ['update'] }] },
      ]);
      const [still] = await tenant.client.list('network', '/v2.0/networks?name=portal', 'networks');
      expect(still?.['description']).toBe('by another hand');
    });

    it.each(engines.filter(([other, at]) => other !== engine && typeof at === 'string'))(
      'is taken over by %s, or refused: nothing would be made twice',
      async (other, at) => {
        const { planned, problems } = await federation.run('drift', { engine: other, folder: present(at) });
        if (engine === 'pulumi' || other === 'pulumi') expect(problems).toMatchObject([{ code: 'ENGINE-OTHER-STATE' }]);
        else expect(planned?.stacks).toMatchObject([{ state: 'planned', add: 0, change: 1, destroy: 0 }]);
      },
    );

    it.runIf(engine === 'pulumi')('applies no preview that shows something else by now, and nothing to a stack that is locked', async () => {
      const shown = async (name: string): Promise<unknown> => (await tenant.client.list('network', `/v2.0/${name}`, name))[0]?.['description'];
      const { planned } = await federation.run('drift');
      const directory = planned?.directory ?? '';
      const locks = path.join(federation.root, '.vcloud/state/moh.portal.workload/pulumi/.pulumi/locks/organization/vcloud/moh.portal.workload');
      fs.mkdirSync(locks, { recursive: true });
      const lock = path.join(locks, '00000000-0000-4000-8000-000000000000.json');
      fs.writeFileSync(lock, JSON.stringify({ pid: 1, username: 'other', hostname: 'elsewhere', timestamp: '2026-01-01T00:00:00Z' }), { mode: 0o600 });
      const locked = await federation.run('apply', { directory });
      expect(locked.applied?.stacks).toMatchObject([
        { result: 'failed', because: expect.stringMatching(/another update holds this stack.*pulumi cancel/u) as string },
      ]);
      fs.rmSync(lock);
      const [subnet] = await tenant.client.list('network', '/v2.0/subnets', 'subnets');
      await tenant.client.put('network', `/v2.0/subnets/${String(subnet?.['id'])}`, { subnet: { dns_nameservers: [] } });
      const moved = await federation.run('apply', { directory });
      expect(moved.applied?.stacks).toMatchObject([{ result: 'failed', because: expect.stringContaining('a preview now shows other changes') as string }]);
      expect(await shown('networks')).toBe('by another hand');
    });

    it('keeps its state for the owner', () => {
      const states = path.join(federation.root, '.vcloud/state');
      // Providers and their lock file are what `init` made, and hold nothing of anybody.
      const files = fs
        .readdirSync(states, { recursive: true, encoding: 'utf8' })
        .filter((name) => !name.includes('.terraform'))
        .map((name) => path.join(states, name));
      expect(files.filter((file) => (fs.statSync(file).mode & 0o077) !== 0)).toEqual([]);
      const holding = files.filter((file) => fs.statSync(file).isFile() && fs.readFileSync(file, 'utf8').includes(plantedSecret));
      // Terraform and OpenTofu hold values in clear in their states; Pulumi encrypts what is marked as secret.
      expect(holding.length > 0).toBe(engine !== 'pulumi');
    });

    it('is destroyed, and nothing is left', async () => {
      const { planned, applied } = await federation.run('destroy');
      expect(planned?.stacks).toMatchObject([{ state: 'planned', removed: true, destroy: stack.resources.length }]);
      expect(applied?.stacks[0]?.because).toBeUndefined();
      expect(applied?.stacks).toMatchObject([{ result: 'applied' }]);
      expect(await tenant.remaining()).toEqual([]);
    });
  });
});

afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  if (table.size === 0) return;
  const cell = (used: Used | undefined): string =>
    used === undefined ? '-' : `${used.wallSeconds.toFixed(1)} s, ${used.cpuSeconds.toFixed(1)} CPU s, ${used.peakMebibytes.toFixed(0)} MiB`;
  const lines = [...table].map(([engine, row]) => `| ${engine} | ${steps.map((step) => cell(row.get(step))).join(' | ')} |`);
  process.stderr.write(
    `\n${stack.resources.length} resources of ${kinds.size} kinds: wall, CPU of all processes, peak memory of all processes\n| engine | ${steps.join(' | ')} |\n|---|---|---|---|---|\n${lines.join('\n')}\n`,
  );
});
