import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { documentOf, fixture } from './world.ts';

const synthesis = await fixture('production').run();
const bodies = (stack: string, type: string): Record<string, unknown>[] => Object.values(documentOf(synthesis, stack).resource[type] ?? {});

describe('an OpenStack tenant', () => {
  it('has a project with quotas and a deployer without a password, whose order is: platform, then workload', () => {
    const document = documentOf(synthesis, 'works.portal.platform');
    expect(document.resource['openstack_identity_project_v3']?.['tenant_project']).toMatchObject({
      name: 'portal',
      tags: ['vcloud:centre:works.portal.platform'],
    });
    expect(bodies('works.portal.platform', 'openstack_compute_quotaset_v2')).toHaveLength(1);
    // The deployer's, and those of the operator who applies because the tenant has no credentials of its own.
    expect(bodies('works.portal.platform', 'openstack_identity_role_assignment_v3')).toHaveLength(6);
    expect(bodies('works.portal.platform', 'openstack_identity_user_v3')[0]).not.toHaveProperty('password');
    expect(document['provider']).toEqual({ openstack: [{}] });
    expect(document['terraform']).toEqual({ required_providers: { openstack: { source: 'terraform-provider-openstack/openstack', version: '~> 3.4' } } });
  });

  it('numbers its networks from the address plan, in both families', () => {
    const subnets = bodies('works.portal.workload', 'openstack_networking_subnet_v2');
    expect(subnets).toHaveLength(8);
    expect(subnets).toContainEqual(
      expect.objectContaining({
        cidr: '10.0.0.0/26',
        ip_version: 4,
        gateway_ip: '10.0.0.1',
        allocation_pool: [{ start: '10.0.0.32', end: '10.0.0.62' }],
        network_id: '${openstack_networking_network_v2.web_network.id}',
      }),
    );
    expect(subnets).toContainEqual(expect.objectContaining({ cidr: '2001:db8:0:0::/64', ip_version: 6, gateway_ip: '2001:db8::1' }));
    expect(bodies('works.portal.workload', 'openstack_networking_router_interface_v2')).toHaveLength(8);
    const ports = bodies('works.portal.workload', 'openstack_networking_port_v2');
    expect(ports[0]).toMatchObject({ fixed_ip: [{ ip_address: '10.0.1.10' }, { ip_address: '2001:db8:0:1::a' }] });
  });

  it('opens each tier only to the one before it, in both families', () => {
    const rules = bodies('works.portal.workload', 'openstack_networking_secgroup_rule_v2').filter(({ direction }) => direction === 'ingress');
    const opened = rules.map((rule) => [rule['ethertype'], rule['port_range_min'], rule['remote_ip_prefix'] ?? rule['remote_group_id']]);
    expect(opened).toContainEqual(['IPv4', 443, '0.0.0.0/0']);
    expect(opened).toContainEqual(['IPv6', 443, '::/0']);
    expect(opened).toContainEqual(['IPv4', 5432, '${openstack_networking_secgroup_v2.app-servers_group_group.id}']);
    expect(opened).toContainEqual(['IPv6', 22, '2001:db8:0:3::/64']);
    const world = opened.filter(([, , source]) => source === '0.0.0.0/0' || source === '::/0');
    expect(world.map(([, port]) => port)).toEqual([443, 443]);
  });

  it('marks every object as ours, by tag, metadata or description', () => {
    const unmarked: string[] = [];
    for (const stack of synthesis.stacks) {
      for (const [type, named] of Object.entries(documentOf(synthesis, stack.path).resource)) {
        for (const [name, body] of Object.entries(named)) {
          // Links between two objects have no field for it; both ends carry the mark.
          if (/quota|assignment|interface|attach|servergroup|lb_monitor/u.test(type) && !/resource_quota/u.test(type)) continue;
          if (!JSON.stringify(body).includes(`vcloud:centre:${stack.path}`)) unmarked.push(`${stack.path} ${type}.${name}`);
        }
      }
    }
    expect(unmarked).toEqual([]);
  });

  it('keeps two owners from one address', async () => {
    const world = fixture();
    world.write(
      'stacks/roads/maps.ts',
      `import { agencyStacks, OpenStackTenant, Servers, TenantNetwork } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const { workload } = new OpenStackTenant(agency, 'maps', { tenant: agency.tenant('maps') });
  const network = new TenantNetwork(workload, 'app');
  const like = { network, flavor: 'f', image: 'i', allow: [] };
  new Servers(workload, 'one', { ...like, count: 2 });
  new Servers(workload, 'two', { ...like, count: 1, firstHost: 11 });
});
`,
    );
    await expect(world.run()).rejects.toThrow(ProblemError);
    await expect(world.run()).rejects.toThrow(/CLOUD-ADDRESS-TAKEN: address 11 of network app/u);
  });
});

describe('a Kubernetes tenant', () => {
  it('is closed but for what is stated, limited, and has a role for people and an account for what deploys', () => {
    const stack = 'works.apps.kubernetes';
    const policies = bodies(stack, 'kubernetes_network_policy_v1') as {
      metadata: { name: string; namespace: string }[];
      spec: { ingress?: { from: { ip_block: { cidr: string }[] }[] }[] }[];
    }[];
    expect(
      policies
        .filter(({ metadata }) => metadata[0]?.namespace === '${kubernetes_namespace_v1.main_namespace.metadata[0].name}')
        .map(({ metadata }) => metadata[0]?.name)
        .sort(),
    ).toEqual(['default-deny', 'from-management', 'from-web', 'name-service', 'same-namespace']);
    const web = policies.find(({ metadata }) => metadata[0]?.name === 'from-web');
    expect(web?.spec[0]?.ingress?.[0]?.from.map(({ ip_block: [block] }) => block?.cidr)).toEqual(['10.2.0.0/26', '2001:db8:2::/64']);
    for (const type of ['kubernetes_resource_quota_v1', 'kubernetes_limit_range_v1', 'kubernetes_role_v1', 'kubernetes_service_account_v1'])
      expect(bodies(stack, type)).toHaveLength(2);
    expect(bodies(stack, 'kubernetes_role_binding_v1')).toHaveLength(4);
  });
});

describe('a site without API', () => {
  it('keeps equipment as records; what is not stated is null', () => {
    const records = bodies('works.machines.equipment', 'terraform_data');
    expect(records).toHaveLength(9);
    expect(records[0]).toEqual({
      input: expect.objectContaining({
        name: 'machines-firewall-1',
        kind: 'firewall',
        site: 'works-dc',
        serial: null,
        management_v4: expect.stringMatching(/^10\.3\.3\./u) as unknown,
      }) as unknown,
    });
  });
});

describe('the reference federation’s program', () => {
  it('reads in under 40 lines', () => {
    const lines = fs
      .readFileSync(new URL('../../stacks/mst/tenant.ts', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeLessThan(40);
  });
});

describe('a construct made with the prebuilt @cdktf/provider-kubernetes', () => {
  it('works inside our stacks, in production and in the sandbox', async () => {
    for (const environment of ['production', 'sandbox'] as const) {
      const world = fixture(environment);
      fs.symlinkSync(new URL('../../node_modules/@cdktf', import.meta.url), `${world.root}/node_modules/@cdktf`);
      world.write(
        'stacks/works/apps.ts',
        `import { ConfigMap } from '@cdktf/provider-kubernetes/lib/config-map';
import { agencyStacks, KubernetesTenant } from 'vcloud/cloud';
export default agencyStacks((agency) => {
  const tenant = new KubernetesTenant(agency, 'apps', { tenant: agency.tenant('apps') });
  new ConfigMap(tenant.stack, 'settings', {
    metadata: { name: 'settings', namespace: tenant.namespaces[0].namespace.at('metadata[0].name') },
    data: { uid: tenant.namespaces[0].namespace.at('metadata[0].uid') },
  });
});
`,
      );
      const made = await world.run();
      const { resource } = documentOf(made, 'works.apps.kubernetes');
      if (environment === 'production') {
        expect(resource['kubernetes_config_map']?.['settings']).toMatchObject({ data: { uid: '${kubernetes_namespace_v1.main_namespace.metadata[0].uid}' } });
      } else {
        expect(resource['terraform_data']?.['kubernetes_config_map__settings']).toMatchObject({
          input: {
            metadata: [{ name: 'settings', namespace: '${terraform_data.kubernetes_namespace_v1__main_namespace.input.metadata[0].name}' }],
            data: { uid: expect.stringMatching(/^\$\{"/u) as unknown },
          },
        });
      }
      expect(made.stacks.flatMap(({ resources }) => resources).find(({ type }) => type === 'kubernetes_config_map')).toMatchObject({
        name: 'settings',
        subject: 'tenant/apps',
      });
    }
  });
});
