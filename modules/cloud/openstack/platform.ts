import { Construct } from 'constructs';
import { BlockstorageQuotasetV3 } from '../providers/openstack/blockstorage-quotaset-v3.ts';
import { ComputeQuotasetV2 } from '../providers/openstack/compute-quotaset-v2.ts';
import { DataIdentityAuthScopeV3 } from '../providers/openstack/data-identity-auth-scope-v3.ts';
import { DataIdentityGroupV3 } from '../providers/openstack/data-identity-group-v3.ts';
import { DataIdentityProjectV3 } from '../providers/openstack/data-identity-project-v3.ts';
import { DataIdentityRoleV3 } from '../providers/openstack/data-identity-role-v3.ts';
import { DnsQuotaV2 } from '../providers/openstack/dns-quota-v2.ts';
import { IdentityGroupV3 } from '../providers/openstack/identity-group-v3.ts';
import { IdentityProjectV3 } from '../providers/openstack/identity-project-v3.ts';
import { IdentityRoleAssignmentV3 } from '../providers/openstack/identity-role-assignment-v3.ts';
import { IdentityUserV3 } from '../providers/openstack/identity-user-v3.ts';
import { LbQuotaV2 } from '../providers/openstack/lb-quota-v2.ts';
import { NetworkingQuotaV2 } from '../providers/openstack/networking-quota-v2.ts';
import type { Agency, CloudFacts, TenantFacts } from '../program/agency.ts';
import { TenantStack } from '../program/stack.ts';

/** What a tenant may use. What is not stated is bounded all the same (SEC-9): by the figures below, which fit a small system. */
export interface Quota {
  readonly instances?: number;
  readonly cores?: number;
  readonly memoryGiB?: number;
  readonly volumes?: number;
  /** Of volumes and snapshots together: by Cinder's own rule a snapshot counts as much as its volume. */
  readonly volumeGiB?: number;
  readonly snapshots?: number;
  readonly backups?: number;
  readonly networks?: number;
  readonly routers?: number;
  readonly ports?: number;
  readonly floatingIps?: number;
  readonly securityGroups?: number;
  readonly loadBalancers?: number;
  readonly zones?: number;
}

export interface TenantProjectProps {
  readonly quota?: Quota;
  /** Roles of whoever deploys into the project; by default those the cloud's services ask for. */
  readonly roles?: readonly string[];
  /** People who may look and change nothing: `true` makes a group for them, a name takes one the cloud knows. Who is in it is its owner's affair. */
  readonly readers?: boolean | string;
}

/** Whether a cloud offers a service; one that states nothing is taken to have what every OpenStack has. */
export function offers({ services }: CloudFacts, service: NonNullable<CloudFacts['services']>[number], unstated = true): boolean {
  return services === undefined ? unstated : services.includes(service);
}

/**
 * Whether what runs in a tenant's project is applied by the cloud's operator, because the tenant has no credentials of its
 * own (`clouds: CLOUD: tenants: TENANT:` in vcloud.yaml). In a sandbox only where credentials are stated: nobody applies there.
 */
function isOperated(agency: Agency, tenant: TenantFacts): boolean {
  const access = agency.ask('access', tenant.cloud);
  if (access === null) return agency.ask('settings', '').environment === 'production';
  return !access.tenants.includes(tenant.id);
}

/**
 * A tenant's landing zone as the cloud's operator makes it: project, quotas, the user that deploys into it, who may look. The user
 * gets no password here, because a password would lie in the state: its owner sets it, or it logs in by federation.
 */
export class TenantProject extends Construct {
  readonly project: IdentityProjectV3;
  readonly deployer: IdentityUserV3;
  readonly readers: IdentityGroupV3 | undefined;
  readonly #roles = new Map<string, DataIdentityRoleV3>();

  constructor(scope: Construct, id: string, { quota = {}, roles, readers }: TenantProjectProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const { agency, cloud, tenant } = stack;
    const access = agency.ask('access', cloud.id);
    const domain = access?.domain === undefined ? undefined : new DataIdentityProjectV3(this, 'domain', { name: access.domain, isDomain: true }).id;
    const inDomain = domain === undefined ? {} : { domainId: domain };
    const parent = access?.parent === undefined ? undefined : new DataIdentityProjectV3(this, 'parent', { name: access.parent, ...inDomain }).id;
    this.project = new IdentityProjectV3(this, 'project', {
      name: tenant.id,
      description: stack.describe(tenant.names.en),
      enabled: true,
      tags: [stack.tag],
      ...inDomain,
      ...(parent === undefined ? {} : { parentId: parent }),
    });
    this.#limit(quota, cloud);
    const deploying = roles ?? [
      'member',
      ...(offers(cloud, 'load-balancer') ? ['load-balancer_member'] : []),
      ...(offers(cloud, 'key-manager') ? ['creator'] : []),
    ];
    this.deployer = new IdentityUserV3(this, 'deployer', {
      name: stack.nameOf('deployer'),
      description: stack.describe('deploys into the project'),
      defaultProjectId: this.project.id,
      enabled: true,
      ...inDomain,
    });
    this.#grant('grant', deploying, { userId: this.deployer.id });
    if (isOperated(agency, tenant)) {
      // Whoever plans this stack deploys into the project too; a group where more than one does.
      const whom =
        access?.operators === undefined
          ? { userId: new DataIdentityAuthScopeV3(this, 'operator', { name: 'operator' }).userId }
          : { groupId: new DataIdentityGroupV3(this, 'operators', { name: access.operators }).id };
      this.#grant('operate', deploying, whom);
    }
    if (readers === true)
      this.readers = new IdentityGroupV3(this, 'readers', {
        name: stack.nameOf('readers'),
        description: stack.describe('may look and change nothing'),
        ...inDomain,
      });
    const reading = this.readers?.id ?? (typeof readers === 'string' ? new DataIdentityGroupV3(this, 'readers', { name: readers, ...inDomain }).id : undefined);
    if (reading !== undefined) this.#grant('read', ['reader'], { groupId: reading });
  }

  /** One limit a service: what is not bounded can be drained by one tenant for all (SEC-9). */
  #limit(quota: Quota, cloud: CloudFacts): void {
    const projectId = this.project.id;
    const { instances = 20, networks = 10, securityGroups = 20, loadBalancers = 4, volumeGiB = 4000 } = quota;
    if (offers(cloud, 'network'))
      new NetworkingQuotaV2(this, 'network-quota', {
        projectId,
        network: networks,
        subnet: networks * 2,
        router: quota.routers ?? 2,
        port: quota.ports ?? 200,
        floatingip: quota.floatingIps ?? 0,
        securityGroup: securityGroups,
        securityGroupRule: securityGroups * 20,
      });
    if (offers(cloud, 'compute'))
      new ComputeQuotasetV2(this, 'compute-quota', {
        projectId,
        instances,
        cores: quota.cores ?? 80,
        ram: (quota.memoryGiB ?? 320) * 1024,
        serverGroups: instances,
        // A group of servers kept apart may be all there are; a cloud's own default is ten.
        serverGroupMembers: instances,
      });
    if (offers(cloud, 'block-storage'))
      new BlockstorageQuotasetV3(this, 'volume-quota', {
        projectId,
        volumes: quota.volumes ?? 40,
        gigabytes: volumeGiB,
        snapshots: quota.snapshots ?? 40,
        ...(quota.backups === undefined ? {} : { backups: quota.backups, backupGigabytes: volumeGiB }),
      });
    // Not every cloud has these: only one that says so is asked for them.
    if (offers(cloud, 'load-balancer', false))
      new LbQuotaV2(this, 'balancer-quota', {
        projectId,
        loadbalancer: loadBalancers,
        listener: loadBalancers * 4,
        pool: loadBalancers * 4,
        healthMonitor: loadBalancers * 4,
        member: loadBalancers * 20,
        l7Policy: loadBalancers * 8,
        l7Rule: loadBalancers * 16,
      });
    if (offers(cloud, 'dns', false))
      new DnsQuotaV2(this, 'name-quota', {
        projectId,
        zones: quota.zones ?? 4,
        zoneRecordsets: 500,
        zoneRecords: 1000,
        recordsetRecords: 50,
        apiExportSize: 1000,
      });
  }

  #grant(how: string, roles: readonly string[], whom: { readonly userId: string } | { readonly groupId: string }): void {
    for (const name of roles) {
      const role = this.#roles.get(name) ?? new DataIdentityRoleV3(this, `role-${name}`, { name });
      this.#roles.set(name, role);
      new IdentityRoleAssignmentV3(this, `${how}-${name}`, { ...whom, projectId: this.project.id, roleId: role.id });
    }
  }
}
