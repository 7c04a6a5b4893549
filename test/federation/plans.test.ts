import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { loadFederation, planOf } from '../../modules/federation/index.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

const names = 'names: { vi: X, en: X }';

/** A ministry with a cluster and a cloud of machines, offers on both, and one tenant with these lines. */
async function load(tenant: string, { asOf = '2026-01-01', more = '' } = {}): ReturnType<typeof loadFederation> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-plans-'));
  folders.push(root);
  fs.mkdirSync(path.join(root, 'stacks/works'), { recursive: true });
  fs.writeFileSync(path.join(root, 'vcloud.yaml'), `apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, ${names} }\n`);
  fs.writeFileSync(
    path.join(root, 'stacks/works/works.yaml'),
    `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: nation, kind: nation, ${names} }
  - { id: works, kind: ministry, ${names}, parent: nation }
  - { id: bridges, kind: department, ${names}, parent: works }
  - { id: city, kind: city, ${names}, parent: nation }
sites: [{ id: dc, kind: data-centre, ${names}, owner: works }]
clouds:
  - { id: cluster, kind: kubernetes, ${names}, owner: works, regions: [{ name: north, site: dc }] }
  - { id: machines, kind: openstack, ${names}, owner: works, regions: [{ name: north, site: dc }] }
offers:
  - id: containers
    kind: paas
    ${names}
    cloud: cluster
    plans:
      - { name: small, sizes: { vcpus: 2, memoryGiB: 4, pods: 10 }, quota: { namespaces: 1 } }
      - { name: large, sizes: { vcpus: 16, memoryGiB: 64 } }
    conditions: { levelUpTo: 3, below: [works] }
    from: "2025-01-01"
    until: "2027-01-01"
  - { id: servers, kind: iaas, ${names}, cloud: machines, plans: [{ name: small }] }
tenants:
  - { id: shop, ${names}, ${tenant} }
${more}
`,
  );
  return loadFederation(root, { asOf });
}

async function refused(tenant: string, options: { asOf?: string; more?: string } = {}): Promise<string> {
  const error = await load(tenant, options).catch((caught: unknown) => caught);
  if (!(error instanceof ProblemError)) throw new Error('it was not refused');
  return error.problems.map(({ code, message }) => `${code} ${message.replace(/^tenant "\w+": plan /u, '')}`).join('\n');
}

describe('a plan a tenant takes', () => {
  it('is one of an offer of its own cloud that its owner may use', async () => {
    const federation = await load('owner: bridges, cloud: cluster, plan: containers/small');
    const tenant = federation.tenants.get('shop');
    expect(tenant && planOf(federation, tenant)?.plan.sizes).toEqual({ vcpus: 2, memoryGiB: 4, pods: 10 });
    expect(await refused('owner: works, cloud: cluster, plan: container/small')).toBe(
      'FED-PLAN "container/small" is of offer "container", which is not declared',
    );
    expect(await refused('owner: works, cloud: cluster, plan: containers/huge')).toBe('FED-PLAN "containers/huge" is none of its offer');
    expect(await refused('owner: works, cloud: cluster, plan: servers/small')).toBe(
      'FED-PLAN "servers/small" is offered on machines, not on cluster\nFED-PLAN "servers/small" is sold by the piece (iaas), not for a whole tenant',
    );
    expect(await refused('owner: city, cloud: cluster, plan: containers/large')).toBe('FED-PLAN "containers/large" is not open to city');
    expect(await refused('owner: works, cloud: cluster, plan: containers/large', { asOf: '2027-01-01' })).toBe(
      'FED-PLAN "containers/large" is not offered on 2027-01-01',
    );
    await expect(load('owner: works, cloud: cluster, plan: small')).rejects.toThrow(/OFFER\/PLAN/u);
  });

  it('carries no system above its level, and is given no more often than one organisation may have it', async () => {
    const system = `systems: [{ id: pay, ${names}, owner: works, tenants: [shop], level: { value: 4 } }]`;
    expect(await refused('owner: works, cloud: cluster, plan: containers/large', { more: system })).toBe(
      'FED-PLAN "containers/large" carries systems up to level 3; "pay" has level 4',
    );
    const second = `  - { id: store, ${names}, owner: works, cloud: cluster, plan: containers/small }`;
    expect(await refused('owner: works, cloud: cluster, plan: containers/small', { more: second })).toBe(
      'FED-PLAN "containers/small" is taken 2 times by works; one organisation may have 1',
    );
    await load('owner: bridges, cloud: cluster, plan: containers/small', { more: second });
  });
});
