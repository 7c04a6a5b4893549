import * as fs from 'node:fs';
import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../modules/core/index.ts';
import { adoptOrphans, apply, deleteOrphans, listOrphans, plan, readState, stacksToAnswer, type SynthesisedStack } from '../../modules/engine/index.ts';
import { noEngine } from '../engine/fixtures.ts';
import { liveFederation, openstackStack, type LiveFederation } from './live/federation.ts';
import { startProxy, type Proxy } from './live/proxy.ts';
import { because, freshTenant, openstackLab, present, providerMirror, type Tenant } from './support/lab.ts';

const lab = await openstackLab({ services: ['neutron'] });
const mirror = providerMirror();
const why = `${because(lab, mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

// The rows of docs/failures.md that need a real cloud.
describe.skipIf(why !== '')(`what goes wrong with a real OpenStack${why}`, () => {
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  let tenant: Tenant;
  let other: Tenant;
  let proxy: Proxy;
  const roots: string[] = [];
  beforeAll(async () => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
    tenant = await freshTenant(present(lab), 'failures');
    other = await freshTenant(present(lab), 'failures');
    proxy = await startProxy(await endpointOf(tenant));
  }, 120_000);
  afterEach(() => proxy.set('carries'));
  afterAll(async () => {
    proxy.close();
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
    await tenant.remove();
    await other.remove();
  }, 120_000);

  const networks = (name: string, count: number, provider: Readonly<Record<string, unknown>> = {}, cloud = 'lab'): SynthesisedStack => {
    const bodies = Array.from(
      { length: count },
      (_, index) => [`n${index}`, { name: `${name.split('.')[0] ?? ''}-${index}`, description: `[vcloud:lab:${name}]` }] as const,
    );
    return openstackStack(name, { openstack_networking_network_v2: Object.fromEntries(bodies) }, { provider, cloud });
  };
  const throughProxy = (): Record<string, unknown> => ({ endpoint_overrides: { network: `http://127.0.0.1:${proxy.port}/v2.0/` } });
  const federationOf = (stacks: readonly SynthesisedStack[], environments: Readonly<Record<string, Readonly<Record<string, string>>>>): LiveFederation => {
    const federation = liveFederation(stacks, environments);
    roots.push(federation.root);
    return federation;
  };
  const planned = async ({ options }: LiveFederation): Promise<string> => (await plan(options)).directory ?? '';
  const namesIn = async (who: Tenant, begin: string): Promise<string[]> =>
    (await who.client.list('network', '/v2.0/networks', 'networks'))
      .map((network) => String(network['name']))
      .filter((name) => name.startsWith(`${begin}-`))
      .sort();
  const expected = (begin: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${begin}-${index}`).sort();

  /** Answers every question the way people would: adopt what fits, delete the rest; then applies what is left. */
  async function finish({ root, options, stacks }: LiveFederation): Promise<void> {
    for (const stack of stacksToAnswer(root)) {
      const [report] = await listOrphans(options, stack);
      if (report === undefined || report.settled) continue;
      expect(report.open).toEqual([]);
      const { left } = await adoptOrphans(options, stack);
      if (left.orphans.length > 0)
        await deleteOrphans(
          options,
          stack,
          left.orphans.map(({ id }) => id),
        );
    }
    const made = await plan(options);
    expect(made.stacks.filter(({ state }) => state === 'failed')).toEqual([]);
    const done = await apply({ ...options, directory: made.directory ?? '' });
    expect(done.stacks.map(({ result }) => result).filter((result) => result !== 'applied' && result !== 'unchanged')).toEqual([]);
    const again = await plan({ ...options, all: true });
    expect(again.stacks.map(({ state }) => state)).toEqual(stacks.map(() => 'unchanged'));
  }

  it('a dead API half way: failed, not tried again, not planned until the cloud can be asked, nothing made twice', async () => {
    const federation = federationOf([networks('dead.lab.workload', 14, throughProxy())], { lab: tenant.environment });
    const directory = await planned(federation);
    const before = proxy.posts();
    const running = apply({ ...federation.options, directory });
    await until(() => proxy.posts() - before >= 4);
    proxy.set('cuts');
    const run = await running;
    expect(run.stacks[0]).toMatchObject({ result: 'failed', because: expect.stringMatching(/EOF|reset|refused/u) as string });
    expect(run.stacks[0]?.attempts).toBeUndefined();
    expect(stacksToAnswer(federation.root)).toEqual(['dead.lab.workload']);
    // While nobody answers nothing is known, and nothing is planned: not read is not empty.
    const blind = await plan(federation.options);
    expect(blind.stacks[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('could not be read') as string });
    proxy.set('carries');
    await finish(federation);
    expect(await namesIn(tenant, 'dead')).toEqual(expected('dead', 14));
    expect(readState(federation.root, 'dead.lab.workload')).toHaveLength(14);
  }, 240_000);

  it('an API that takes connections and never answers: told after its time, the apply goes on alone, and is taken up again', async () => {
    const federation = federationOf([networks('hang.lab.workload', 6, throughProxy())], { lab: tenant.environment });
    const directory = await planned(federation);
    const before = proxy.posts();
    const running = apply({ ...federation.options, directory, timeout: 12 });
    await until(() => proxy.posts() - before >= 1);
    proxy.set('hangs');
    const run = await running;
    expect(run.stacks[0]).toMatchObject({ result: 'failed', because: expect.stringContaining('goes on alone') as string });
    // The network gives up at last; the next plan has waited for that.
    setTimeout(() => {
      proxy.set('cuts');
      proxy.set('carries');
    }, 3_000);
    await plan(federation.options);
    await finish(federation);
    expect(await namesIn(tenant, 'hang')).toEqual(expected('hang', 6));
  }, 240_000);

  it('a revoked application credential: failed with the words of the cloud, nothing made, nothing to answer; a new one goes on', async () => {
    const first = await credentialOf(tenant);
    const federation = federationOf([networks('revoked.lab.workload', 2)], { lab: first.environment });
    const directory = await planned(federation);
    await tenant.client.remove('identity', `/users/${tenant.userId}/application_credentials/${first.id}`);
    const run = await apply({ ...federation.options, directory });
    expect(run.stacks[0]).toMatchObject({ result: 'failed', because: expect.stringMatching(/401|404|[Aa]uthenticat|application credential/u) as string });
    expect(stacksToAnswer(federation.root)).toEqual([]);
    expect(await namesIn(tenant, 'revoked')).toEqual([]);
    expect(JSON.stringify(run)).not.toContain(first.environment['OS_APPLICATION_CREDENTIAL_SECRET']);
    const second = await credentialOf(tenant);
    const lines = Object.entries(second.environment).map(([name, value]) => `${name}=${value}`);
    fs.writeFileSync(path.join(federation.root, 'lab.env'), `${lines.join('\n')}\n`);
    await finish(federation);
    expect(await namesIn(tenant, 'revoked')).toEqual(expected('revoked', 2));
  }, 120_000);

  it('two clouds in one apply: each stack is made with the credentials of its own, and of no other', async () => {
    const stacks = [networks('one.lab.workload', 1, {}, 'first'), networks('two.lab.workload', 1, {}, 'second')];
    const [first, second] = [await credentialOf(tenant), await credentialOf(other)];
    await finish(federationOf(stacks, { first: first.environment, second: second.environment }));
    expect([await namesIn(tenant, 'one'), await namesIn(tenant, 'two')]).toEqual([['one-0'], []]);
    expect([await namesIn(other, 'one'), await namesIn(other, 'two')]).toEqual([[], ['two-0']]);
  }, 120_000);

  async function credentialOf(who: Tenant): Promise<{ readonly id: string; readonly environment: Readonly<Record<string, string>> }> {
    const name = `deploy-${randomBytes(4).toString('hex')}`;
    const answer = await who.client.post('identity', `/users/${who.userId}/application_credentials`, { application_credential: { name } });
    const made = isObject(answer['application_credential']) ? answer['application_credential'] : {};
    const { authUrl, region } = present(lab);
    const environment = {
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_AUTH_URL: authUrl,
      OS_REGION_NAME: region,
      OS_APPLICATION_CREDENTIAL_ID: made['id'] as string,
      OS_APPLICATION_CREDENTIAL_SECRET: made['secret'] as string,
    };
    return { id: made['id'] as string, environment };
  }

  /** Address of Neutron, without its path. */
  async function endpointOf(who: Tenant): Promise<string> {
    const catalogue = await who.client.list('identity', '/auth/catalog', 'catalog');
    const entries = catalogue
      .filter((entry) => entry['type'] === 'network')
      .flatMap((entry) => (Array.isArray(entry['endpoints']) ? (entry['endpoints'] as unknown[]) : []));
    const found = entries.filter(isObject).find((entry) => entry['interface'] === 'public');
    return new URL(found?.['url'] as string).origin;
  }
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 60_000) throw new Error('waited too long');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
