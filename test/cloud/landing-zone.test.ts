import { describe, expect, it } from 'vitest';
import { documentOf, fixture, type Bodies } from './world.ts';

const cloud = (extra: string): string => `apiVersion: vcloud/v1
kind: Declarations
clouds:
  - { id: lean, kind: openstack, names: { vi: Cloud, en: Cloud }, owner: works, regions: [{ name: north, site: works-dc, called: RegionOne }]${extra} }
tenants:
  - { id: shop, names: { vi: Shop, en: Shop }, owner: works, cloud: lean, blueprint: single-tier }
`;
const settings = (clouds: string, environment = 'production'): string =>
  `apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, names: { vi: Centre, en: Centre } }\nenvironment: ${environment}\nparentZone: gov.test.\n${clouds}`;

async function shop({ clouds = '', environment, extra = '', props }: { clouds?: string; environment?: string; extra?: string; props?: string } = {}): Promise<{
  platform: { resource: Bodies; data?: Bodies; [part: string]: unknown };
  workload: ReturnType<typeof documentOf>;
  authority: (string | undefined)[];
  reads: readonly string[] | undefined;
}> {
  const world = fixture('production');
  world.write('vcloud.yaml', settings(clouds, environment));
  world.write('stacks/works/lean.yaml', cloud(extra));
  world.allocations.set('tenant/shop/app', {
    key: 'tenant/shop/app',
    v4: '10.9.0.0/26',
    v6: '2001:db8:9::/64',
    place: { file: 'plan.yaml' },
    container: false,
    role: 'network',
  });
  if (props !== undefined)
    world.write(
      'stacks/works/shop.ts',
      `import { agencyStacks, OpenStackTenant, outputs } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const cloud = new OpenStackTenant(agency, 'shop', { tenant: agency.tenant('shop'), ${props} });
  outputs(cloud.workload, { one: 'one' });
});\n`,
    );
  const synthesis = await world.run();
  const stack = (part: string): (typeof synthesis.stacks)[number] | undefined => synthesis.stacks.find(({ path }) => path === `works.shop.${part}`);
  return {
    platform: documentOf(synthesis, 'works.shop.platform'),
    workload: documentOf(synthesis, 'works.shop.workload'),
    authority: [stack('platform')?.authority, stack('workload')?.authority],
    reads: stack('workload')?.reads,
  };
}

const granted = ({ resource }: { resource: Bodies }): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of Object.keys(resource['openstack_identity_role_assignment_v3'] ?? {})) {
    const how = name.replace(/^tenant_/u, '').split('-')[0] ?? '';
    counts[how] = (counts[how] ?? 0) + 1;
  }
  return counts;
};

describe('the landing zone of an OpenStack tenant', () => {
  it('is made by the operator; what runs in it acts as the tenant, in the project the first stack made', async () => {
    const { platform, workload, authority, reads } = await shop();
    expect(authority).toEqual(['operator', 'tenant']);
    expect(platform['provider']).toEqual({ openstack: [{ region: 'RegionOne' }] });
    // No `cloud`: it would have the provider read a clouds.yaml and overlook the project.
    expect(workload['provider']).toEqual({
      openstack: [{ region: 'RegionOne', tenant_name: 'shop', tenant_id: '${data.terraform_remote_state.state-works_shop_platform.outputs.project_id}' }],
    });
    expect(reads).toEqual(['works.shop.platform']);
  });

  it('lets the operator deploy only where the tenant has no credentials of its own', async () => {
    const operated = await shop({ clouds: 'clouds: { lean: { credentials: "clouds.yaml:operator" } }\n' });
    expect(granted(operated.platform)).toEqual({ grant: 3, operate: 3 });
    expect(operated.platform.data?.['openstack_identity_auth_scope_v3']).toEqual({ tenant_operator: { name: 'operator' } });
    const grouped = await shop({ clouds: 'clouds: { lean: { credentials: "clouds.yaml:operator", operators: cloud-team } }\n' });
    expect(grouped.platform.data?.['openstack_identity_group_v3']).toEqual({ tenant_operators: { name: 'cloud-team' } });
    expect(grouped.platform.data).not.toHaveProperty('openstack_identity_auth_scope_v3');
    const own = await shop({ clouds: 'clouds: { lean: { credentials: "clouds.yaml:operator", tenants: { shop: "clouds.yaml:shop" } } }\n' });
    expect(granted(own.platform)).toEqual({ grant: 3 });
    expect(own.platform.data).not.toHaveProperty('openstack_identity_auth_scope_v3');
  });

  it('asks only for what the cloud says it has, and bounds all of that', async () => {
    const quotas = ({ resource }: { resource: Bodies }): string[] => Object.keys(resource).filter((type) => type.includes('quota'));
    expect(quotas((await shop()).platform)).toEqual(['openstack_blockstorage_quotaset_v3', 'openstack_compute_quotaset_v2', 'openstack_networking_quota_v2']);
    const lean = await shop({ extra: ', services: [network, compute, image]' });
    expect(quotas(lean.platform)).toEqual(['openstack_compute_quotaset_v2', 'openstack_networking_quota_v2']);
    expect(Object.keys(lean.platform.data?.['openstack_identity_role_v3'] ?? {})).toEqual(['tenant_role-member']);
    const rich = await shop({ extra: ', services: [network, compute, image, block-storage, load-balancer, dns, key-manager]' });
    expect(quotas(rich.platform)).toEqual([
      'openstack_blockstorage_quotaset_v3',
      'openstack_compute_quotaset_v2',
      'openstack_dns_quota_v2',
      'openstack_lb_quota_v2',
      'openstack_networking_quota_v2',
    ]);
  });

  it('may lie in a domain, below a project, and be looked at by a group of people', async () => {
    const clouds = 'clouds: { lean: { credentials: "clouds.yaml:operator", domain: gov, parent: shared, tenants: { shop: "clouds.yaml:shop" } } }\n';
    const { platform } = await shop({ clouds, props: 'readers: true' });
    expect(platform.resource['openstack_identity_project_v3']?.['tenant_project']).toMatchObject({
      domain_id: '${data.openstack_identity_project_v3.tenant_domain.id}',
      parent_id: '${data.openstack_identity_project_v3.tenant_parent.id}',
    });
    expect(platform.resource['openstack_identity_group_v3']?.['tenant_readers']).toMatchObject({ name: 'shop-readers' });
    expect(granted(platform)).toEqual({ grant: 3, read: 1 });
    const known = await shop({ clouds, props: "readers: 'auditors'" });
    expect(known.platform.resource).not.toHaveProperty('openstack_identity_group_v3');
    expect(known.platform.data?.['openstack_identity_group_v3']).toMatchObject({ tenant_readers: { name: 'auditors' } });
  });

  it('is the same in the sandbox as before anybody had credentials', async () => {
    const { platform, reads } = await shop({ environment: 'sandbox' });
    const made = Object.keys(platform.resource['terraform_data'] ?? {});
    expect(made.filter((name) => name.startsWith('openstack_identity_role_assignment_v3__'))).toHaveLength(3);
    expect(reads).toEqual([]);
  });
});
