import * as fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, plan, readState, type BackendSetting } from '../../modules/engine/index.ts';
import { noEngine, temporaryRoot } from '../engine/fixtures.ts';
import { noS3, startS3, type S3Server } from './backend/s3.ts';
import { openstackStack } from './live/federation.ts';
import { because, freshTenant, openstackLab, present, providerMirror, type Tenant } from './support/lab.ts';

const lab = await openstackLab({ services: ['neutron'] });
const mirror = providerMirror();
const absent = noEngine ?? noS3();
const why = `${because(lab, mirror)}${absent === undefined ? '' : ` (skipped: ${absent})`}`;

describe.skipIf(why !== '')(`a stack that is declared no more, in a clean checkout${why}`, () => {
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  let tenant: Tenant;
  let server: S3Server;
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  beforeAll(async () => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
    tenant = await freshTenant(present(lab), 'removed');
    server = await startS3('states');
    process.env['VCLOUD_TEST_S3_KEY'] = 'planted-access';
  }, 120_000);
  afterAll(async () => {
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    server.stop();
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
    await tenant.remove();
  }, 120_000);

  it('is removed with the provider, settings and credentials it was made with', async () => {
    const backend: BackendSetting = {
      type: 's3',
      bucket: 'states',
      region: 'us-east-1',
      prefix: 'removed/',
      endpoint: server.endpoint,
      pathStyle: true,
      credentials: { AWS_ACCESS_KEY_ID: 'env:VCLOUD_TEST_S3_KEY', AWS_SECRET_ACCESS_KEY: 'env:VCLOUD_TEST_S3_KEY' },
    };
    // Credentials reach the process by the stack's cloud alone, and the provider's settings by its own block.
    const credentials = { lab: Object.fromEntries(Object.keys(tenant.environment).map((name) => [name, `env:VCLOUD_TEST_${name}`])) };
    for (const [name, value] of Object.entries(tenant.environment)) process.env[`VCLOUD_TEST_${name}`] = value;
    const stack = openstackStack(
      'a.lab.workload',
      { openstack_networking_network_v2: { one: { name: 'removed-1' } } },
      { cloud: 'lab', provider: { max_retries: 2 } },
    );
    const settings = { backend, credentials };
    const one = newRoot();
    const made = await plan({ root: one, stacks: [stack], ...settings });
    expect((await apply({ root: one, stacks: [stack], directory: made.directory ?? '', ...settings })).stacks[0]?.result).toBe('applied');
    const names = async (): Promise<unknown[]> =>
      (await tenant.client.list('network', '/v2.0/networks', 'networks')).map((network) => network['name']).filter((name) => name === 'removed-1');
    expect(await names()).toEqual(['removed-1']);

    const two = newRoot();
    const kept = await plan({ root: two, stacks: [], ...settings });
    expect(kept.stacks).toMatchObject([{ path: 'a.lab.workload', agency: 'a', state: 'skipped', removed: true, destroy: 1 }]);
    const removal = await plan({ root: two, stacks: [], allowRemove: true, ...settings });
    expect(removal.stacks).toMatchObject([{ path: 'a.lab.workload', state: 'planned', removed: true, destroy: 1 }]);
    expect(removal.environment).toBe('production');
    expect((await apply({ root: two, stacks: [], directory: removal.directory ?? '', ...settings })).stacks[0]?.result).toBe('applied');
    expect(await names()).toEqual([]);
    expect(readState(two, 'a.lab.workload')).toEqual([]);
  }, 120_000);
});
