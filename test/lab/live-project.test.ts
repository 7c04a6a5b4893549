import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../modules/core/index.ts';
import type { DriftRun, PlanRun, ProjectReading } from '../../modules/engine/index.ts';
import type { ImportedProject, Synced } from '../../modules/federate.ts';
import { makeByHand, removeOwn, type ByHand } from './live/by-hand.ts';
import { startProxy, type Proxy } from './live/proxy.ts';
import { because, freshTenant, openstackLab, present, providerMirror, terraformBinary, type Tenant } from './support/lab.ts';

const lab = await openstackLab({ services: ['neutron', 'vpnaas', 'nova', 'cinder', 'glance', 'octavia', 'designate', 'barbican'] });
const mirror = providerMirror();
const terraform = terraformBinary();
const why = because(lab, mirror, terraform);

const repository = path.resolve(import.meta.dirname, '../..');
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-by-hand-'));
const program = path.join(root, 'stacks/office/portal.ts');
const stack = 'office.portal.workload';

interface Said<T> {
  readonly exit: number;
  readonly data: T;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

describe.skipIf(why !== '')(`a project made by hand on a real OpenStack${why}`, { retry: 0 }, () => {
  let tenant: Tenant;
  let hand: ByHand;
  const figures: string[] = [];

  /** One command line as a user types it, with the folder of terraform on PATH and nothing of ours in its environment. */
  const vcloud = async <T>(...words: readonly string[]): Promise<Said<T>> => {
    const began = Date.now();
    const child = spawn(
      path.join(repository, 'node_modules/.bin/node'),
      ['--conditions=vcloud-source', path.join(repository, 'cli/main.ts'), ...words, '-C', root, '--json'],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: root, TF_CLI_CONFIG_FILE: present(mirror).configurationFile, no_proxy: '*' },
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString('utf8')));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')));
    const exit = await new Promise<number | null>((resolve) => child.on('close', resolve));
    figures.push(`${`vcloud ${words.slice(0, 2).join(' ')}`.padEnd(30)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`);
    expect(stdout, stderr).not.toBe('');
    const { data, problems } = JSON.parse(stdout) as { data: T; problems: Said<T>['problems'] };
    return { exit: exit ?? -1, data, problems };
  };
  const unmanagedOf = (projects: readonly ProjectReading[] | undefined): string[] =>
    (projects ?? []).flatMap(({ unmanaged }) => unmanaged.map(({ type, name, within }) => `${type} ${name ?? '-'} in ${within?.address ?? '-'}`)).sort();
  const secret = 'openstack_keymanager_secret_v1 certificate key in -';

  beforeAll(async () => {
    const began = Date.now();
    tenant = await freshTenant(present(lab), 'by-hand');
    hand = await makeByHand(present(lab), tenant);
    figures.push(`${'made by hand'.padEnd(30)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`);
    for (const folder of ['stacks/office', 'network-plans', 'node_modules']) fs.mkdirSync(path.join(root, folder), { recursive: true });
    // A program finds the toolkit as in a federation that has it installed.
    fs.symlinkSync(repository, path.join(root, 'node_modules/vcloud'));
    fs.writeFileSync(
      path.join(root, 'hall.env'),
      Object.entries(tenant.environment)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
      { mode: 0o600 },
    );
    fs.writeFileSync(
      path.join(root, 'vcloud.yaml'),
      `apiVersion: vcloud/v1
kind: Federation
member: { id: office, organisation: office, names: { vi: Văn phòng, en: Office } }
environment: production
clouds:
  hall: { credentials: "file:hall.env" }
`,
    );
    fs.writeFileSync(
      path.join(root, 'stacks/office/office.yaml'),
      `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: office, kind: agency, names: { vi: Văn phòng, en: Office } }
sites:
  - { id: room, kind: server-room, names: { vi: Phòng máy, en: Server room }, owner: office }
clouds:
  - { id: hall, kind: openstack, names: { vi: Hội trường, en: Hall }, owner: office, regions: [{ name: one, site: room }] }
`,
    );
  }, 600_000);

  afterAll(async () => {
    if (hand !== undefined) await removeOwn(tenant, hand);
    await tenant?.remove();
    await hand?.remove();
    fs.rmSync(root, { recursive: true, force: true });
    process.stdout.write(`\n${figures.join('\n')}\n`);
  }, 300_000);

  it('is declared as a program somebody would keep: readable names, references, no secret', async () => {
    const { exit, data } = await vcloud<ImportedProject>('import', 'project', 'hall', tenant.project, '--as', 'portal', '--write');
    expect(exit).toBe(2);
    const kinds = new Set(data.imports.map(({ address }) => address.split('.')[0]));
    figures.push(`${String(hand.made.length)} objects made, ${String(data.imports.length)} of ${String(kinds.size)} kinds declared`);
    expect(data.unread).toEqual([]);
    expect(data.left.filter(({ whose }) => whose === 'project').map(({ type, name }) => `${type} ${name ?? ''}`)).toEqual([
      'openstack_keymanager_secret_v1 certificate key',
    ]);
    // Everything else that was made is taken in.
    expect(data.imports).toHaveLength(hand.made.length - 1);
    expect(kinds.size).toBeGreaterThanOrEqual(20);
    const text = fs.readFileSync(program, 'utf8');
    expect(text).not.toContain('only for the owner');
    expect(text).toContain('remoteGroupId: webServers.id');
    expect(text).toContain('networkId: webTier.id');
    for (const id of Object.values(hand.ids).filter((one) => /^[0-9a-f]{8}-/u.test(one))) expect(text).not.toContain(id);
    expect(data.subnets.map(({ prefix }) => prefix).sort()).toEqual(['192.0.2.0/24', '2001:db8:40::/64', '203.0.113.0/25']);
  }, 300_000);

  it('is taken in by a plan that only imports, after which nothing differs', async () => {
    const { exit, data: run } = await vcloud<PlanRun>('plan');
    expect(run.stacks.map(({ error }) => error ?? '')).toEqual(['']);
    expect(exit).toBe(2);
    const [only] = run.stacks;
    expect({ add: only?.add, change: only?.change, destroy: only?.destroy }).toEqual({ add: 0, change: 0, destroy: 0 });
    expect(new Set(only?.changes.flatMap(({ actions }) => actions))).toEqual(new Set(['import']));
    expect(only?.changes).toHaveLength(hand.made.length - 1);
    expect((await vcloud('apply', run.directory ?? '')).exit).toBe(0);
    const again = await vcloud<PlanRun>('plan', '--all');
    expect(again.data.stacks.map(({ path: name, state, changes }) => ({ name, state, changes }))).toEqual([{ name: stack, state: 'unchanged', changes: [] }]);
    expect(again.exit).toBe(0);
  }, 300_000);

  it('then holds nothing unmanaged but the secret; what is put in by hand is found where it stands', async () => {
    const clean = await vcloud<DriftRun>('drift', '--unmanaged');
    expect(clean.data.stacks.map(({ state }) => state)).toEqual(['none']);
    expect(clean.data.projects?.[0]?.unread).toEqual([]);
    expect(unmanagedOf(clean.data.projects)).toEqual([secret]);

    const { ids } = hand;
    const { client } = tenant;
    const rule = { security_group_id: ids['group'], direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 22, port_range_max: 22 };
    await client.post('network', '/v2.0/security-group-rules', { security_group_rule: rule });
    await client.post('network', '/v2.0/ports', { port: { name: 'spy', network_id: ids['data'] } });
    await client.post('load-balancer', `/v2/lbaas/pools/${ids['pool'] ?? ''}/members`, {
      member: { name: 'stranger', address: '192.0.2.66', protocol_port: 443 },
    });
    await client.post('network', '/v2.0/networks', { network: { name: 'forgotten' } });
    const found = await vcloud<DriftRun>('drift', '--unmanaged');
    expect(found.exit).toBe(2);
    expect(found.data.stacks.map(({ state }) => state)).toEqual(['none']);
    expect(unmanagedOf(found.data.projects)).toEqual(
      [
        secret,
        'openstack_lb_member_v2 stranger in openstack_lb_pool_v2.web-pool',
        'openstack_networking_network_v2 forgotten in -',
        'openstack_networking_port_v2 spy in openstack_networking_network_v2.data-network',
        'openstack_networking_secgroup_rule_v2 - in openstack_networking_secgroup_v2.web-servers',
      ].sort(),
    );
    const [project] = found.data.projects ?? [];
    figures.push(
      `unmanaged: ${String(project?.unmanaged.length)} of ${String(project?.objects)} objects, ${String(project?.held)} held, ${String(project?.made)} made by the cloud`,
    );
  }, 300_000);

  it('is the live layer of the inventory; a reading that is cut deletes nothing and is gone on with', async () => {
    const whole = await vcloud<Synced>('inventory', 'sync', '--live', '--as-of', '2026-03-01');
    expect(whole.exit, JSON.stringify(whole.problems)).toBe(0);
    expect(whole.data.live).toMatchObject([{ cloud: 'hall', project: tenant.project, unmanaged: 5, failed: [] }]);
    const live = await vcloud<{ total: number }>('inventory', 'list', '--layer', 'live');
    const found = await vcloud<{ records: { attributes: Record<string, unknown>; drift?: string }[] }>('inventory', 'search', 'forgotten');
    expect(found.data.records).toMatchObject([{ drift: 'unmanaged', attributes: { cloud: 'hall', project: tenant.project, name: 'forgotten' } }]);
    expect(found.data.records[0]?.attributes['created']).toEqual(expect.any(String));

    // Two services behind a network that breaks: one at once, the other after some answers.
    const proxies = await Promise.all([throughProxy('network', 12), throughProxy('load-balancer', 0)]);
    const before = fs.readFileSync(program, 'utf8');
    const overrides = proxies
      .map(({ service, proxy }) => `${service === 'network' ? service : 'octavia'}: 'http://127.0.0.1:${String(proxy.port)}'`)
      .join(', ');
    try {
      fs.writeFileSync(program, before.replace("'openstack', {", `'openstack', { endpointOverrides: { ${overrides} },`));
      const cut = await vcloud<Synced>('inventory', 'sync', '--live', '--as-of', '2026-03-02');
      expect(cut.exit).toBe(2);
      expect(cut.data.removed).toBe(0);
      const failed = cut.data.live?.[0]?.failed ?? [];
      expect(failed.length).toBeGreaterThan(15);
      expect((await vcloud<{ total: number }>('inventory', 'list', '--layer', 'live')).data.total).toBe(live.data.total);
      const kept = await vcloud<{ records: { observed: string }[] }>('inventory', 'search', 'forgotten');
      expect(kept.data.records.map(({ observed }) => observed)).toEqual(['2026-03-01']);

      // It carries again: only what is missing is asked for.
      for (const { proxy } of proxies) proxy.set('carries');
      const asked = proxies.map(({ proxy }) => proxy.requests());
      const resumed = await vcloud<Synced>('inventory', 'sync', '--live', '--as-of', '2026-03-03');
      expect(resumed.exit, JSON.stringify(resumed.problems)).toBe(0);
      expect(resumed.data.removed).toBe(0);
      expect(resumed.data.live?.[0]?.resumed).toBe((whole.data.live?.[0]?.kinds ?? 0) - failed.length);
      const requests = proxies.map(({ proxy }, index) => proxy.requests() - (asked[index] ?? 0));
      expect(requests.every((count) => count > 0)).toBe(true);
      figures.push(
        `sync --live: ${String(whole.data.live?.[0]?.objects)} objects of ${String(whole.data.live?.[0]?.kinds)} kinds; cut: ${String(failed.length)} kinds not read, ${String(cut.data.removed)} removed; resumed with ${String(resumed.data.live?.[0]?.resumed)} kinds, ${requests.join(' + ')} requests`,
      );
    } finally {
      fs.writeFileSync(program, before);
      for (const { proxy } of proxies) proxy.close();
    }

    // What is really gone goes.
    const networks = await tenant.client.list('network', '/v2.0/networks?name=forgotten', 'networks');
    await tenant.client.remove('network', `/v2.0/networks/${String(networks[0]?.['id'])}`);
    const gone = await vcloud<Synced>('inventory', 'sync', '--live', '--as-of', '2026-03-03');
    expect(gone.data).toMatchObject({ removed: 1, live: [{ unmanaged: 4 }] });
    const differing = await vcloud<{ counts: Record<string, number> }>('inventory', 'drift');
    expect(differing.data.counts).toMatchObject({ drifted: 0, missing: 0, unmanaged: 4 });
  }, 400_000);

  /** A proxy before a service of the catalogue, told by the program's provider block. */
  const throughProxy = async (service: 'network' | 'load-balancer', cutAfter: number): Promise<{ readonly service: string; readonly proxy: Proxy }> => {
    const { authUrl } = present(lab);
    const login = await fetch(`${authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name: tenant.username, domain: { name: 'Default' }, password: tenant.password } } },
          scope: { project: { id: tenant.projectId } },
        },
      }),
    });
    const { token } = (await login.json()) as { token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] } };
    const found = token.catalog.find(({ type }) => type === service)?.endpoints.find((one) => one.interface === 'public');
    expect(isObject(found)).toBe(true);
    return { service, proxy: await startProxy(found?.url ?? '', { cutAfter }) };
  };
});
