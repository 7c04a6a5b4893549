import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { documentOf, fixture, declarations } from './world.ts';

const paths = (synthesis: { stacks: readonly { path: string }[] }): string[] => synthesis.stacks.map(({ path: name }) => name);

async function codesOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
}

describe('synthesise', () => {
  it('gives every declared tenant its stacks, with order, reads, subjects and places', async () => {
    const synthesis = await fixture().run();
    expect(paths(synthesis)).toEqual([
      'roads.maps.platform',
      'roads.maps.workload',
      'works.apps.kubernetes',
      'works.machines.equipment',
      'works.portal-dr.platform',
      'works.portal-dr.standby',
      'works.portal-dr.workload',
      'works.portal.platform',
      'works.portal.workload',
    ]);
    const byPath = new Map(synthesis.stacks.map((stack) => [stack.path, stack]));
    expect(byPath.get('works.portal.workload')).toMatchObject({
      agency: 'works',
      tenant: 'portal',
      cloud: 'works-cloud',
      environment: 'sandbox',
      dependsOn: ['works.portal.platform'],
      reads: [],
    });
    expect(byPath.get('works.portal-dr.standby')).toMatchObject({
      dependsOn: ['works.portal-dr.workload'],
      reads: ['works.portal-dr.workload', 'works.portal.workload'],
    });
    const [instance] = byPath.get('works.portal.workload')?.resources.filter(({ type }) => type === 'openstack_compute_instance_v2') ?? [];
    expect(instance).toEqual({
      address: 'openstack_compute_instance_v2.app-servers_server-1',
      type: 'openstack_compute_instance_v2',
      planned: 'terraform_data.openstack_compute_instance_v2__app-servers_server-1',
      construct: 'works.portal.workload/app-servers/server-1',
      name: 'portal-app-servers-1',
      subject: 'tenant/portal',
      place: expect.objectContaining({ file: 'stacks/works/works.yaml', line: 13 }) as unknown,
    });
  });

  it('gives the same bytes in two folders, cold and from the cache, and no absolute path', async () => {
    const [one, other] = [fixture(), fixture()];
    const cold = await one.run({ cache: true });
    const elsewhere = await other.run({ cache: true });
    const warm = await one.run({ cache: true });
    expect(elsewhere.stacks).toEqual(cold.stacks);
    expect(warm.stacks).toEqual(cold.stacks);
    expect([cold.cached, warm.cached]).toEqual([0, cold.stacks.length]);
    for (const { json } of cold.stacks) expect(json).not.toMatch(/"(\/|[^"]*\/tmp\/)/u);
  });

  it('builds again only what depended on what changed', async () => {
    const world = fixture();
    const { stacks } = await world.run({ cache: true });
    const roads = stacks.filter(({ agency }) => agency === 'roads').length;

    const key = 'tenant/maps/app';
    const before = world.allocations.get(key);
    if (before) world.allocations.set(key, { ...before, v4: '10.99.0.0/26' });
    const moved = await world.run({ cache: true });
    expect(moved.cached).toBe(stacks.length - roads);
    expect(documentOf(moved, 'roads.maps.workload').resource['terraform_data']?.['openstack_networking_subnet_v2__app_subnet4']).toMatchObject({
      input: { cidr: '10.99.0.0/26' },
    });

    // A line more above moves every place below it, and changes no stack.
    world.write('stacks/works/works.yaml', declarations.replace('organisations:', '# comment\norganisations:'));
    const shifted = await world.run({ cache: true });
    expect(shifted.cached).toBe(stacks.length);
    expect(shifted.stacks.at(-1)?.resources[0]?.place?.line).toBe(14);

    fs.appendFileSync(path.join(world.root, '.vcloud/cache/synth/works.works.stacks'), 'x');
    const file = path.join(world.root, '.vcloud/cache/synth/roads.roads.stacks');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('10.99.0.1', '10.99.0.2'));
    const mended = await world.run({ cache: true });
    expect(mended.cached).toBe(stacks.length - roads);
    expect(mended.stacks).toEqual(shifted.stacks);
  });

  it('runs programs by the toolkit’s name, and blueprints for the tenants they leave', async () => {
    const world = fixture('production');
    world.write(
      'stacks/works/portal.ts',
      `import { agencyStacks, OpenStackTenant, TenantNetwork } from 'vcloud/cloud';
import { network } from './shared/names.ts';
export default agencyStacks((agency) => {
  const { workload } = new OpenStackTenant(agency, 'portal', { tenant: agency.tenant('portal') });
  new TenantNetwork(workload, network);
});
`,
    );
    world.write('stacks/works/shared/names.ts', `export const network = 'web';\n`);
    world.write('stacks/works/works.yaml', declarations.replace(/systems:[^]*/u, ''));
    const first = await world.run({ cache: true });
    expect(Object.keys(documentOf(first, 'works.portal.workload').resource).sort()).toEqual([
      'openstack_networking_network_v2',
      'openstack_networking_subnet_v2',
    ]);
    expect(paths(first)).toContain('works.portal-dr.workload');
    expect((await world.run({ cache: true })).cached).toBe(first.stacks.length);
  });

  it('names every fault of every agency, with its place', async () => {
    const world = fixture();
    world.write('stacks/roads/maps.ts', `import { agencyStacks } from 'vcloud/cloud';\nexport default agencyStacks((agency) => { agency.tenant('mops'); });\n`);
    world.allocations.delete('tenant/portal/data');
    expect(await codesOf(world.run())).toEqual(['CLOUD-UNKNOWN', 'CLOUD-NOT-NUMBERED']);
    world.write('stacks/roads/maps.ts', 'export default 5;\n');
    expect(await codesOf(world.run())).toContain('CLOUD-PROGRAM');
    world.write('stacks/roads/maps.ts', 'export const nothing = 1;\n');
    world.write('stacks/works/works.yaml', declarations.replace('blueprint: single-tier', 'blueprint: single-teir'));
    expect(await codesOf(world.run())).toContain('CLOUD-BLUEPRINT');
  });

  it('refuses to read what no stack gives', async () => {
    const world = fixture();
    const program = (what: string): string => `import { agencyStacks, OpenStackTenant, outputs } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const { platform, workload } = new OpenStackTenant(agency, 'maps', { tenant: agency.tenant('maps') });
  outputs(workload, { project: ${what}, constant: platform.path });
});
`;
    world.write('stacks/roads/maps.ts', program(`workload.read(platform.path, 'project_id')`));
    const good = await world.run();
    expect(good.stacks.find(({ path: name }) => name === 'roads.maps.workload')?.reads).toEqual(['roads.maps.platform']);
    world.write('stacks/roads/maps.ts', program(`workload.read(platform.path, 'projectid')`));
    expect(await codesOf(world.run())).toEqual(['CLOUD-READ-OUTPUT']);
    world.write('stacks/roads/maps.ts', program(`workload.read('roads.nothing.platform', 'project_id')`));
    expect(await codesOf(world.run())).toEqual(['CLOUD-READ-STACK']);
  });
});
