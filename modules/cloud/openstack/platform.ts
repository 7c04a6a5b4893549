import { Construct } from 'constructs';
import { BlockstorageQuotasetV3 } from '../providers/openstack/blockstorage-quotaset-v3.ts';
import { ComputeQuotasetV2 } from '../providers/openstack/compute-quotaset-v2.ts';
import { DataIdentityRoleV3 } from '../providers/openstack/data-identity-role-v3.ts';
import { IdentityProjectV3 } from '../providers/openstack/identity-project-v3.ts';
import { IdentityRoleAssignmentV3 } from '../providers/openstack/identity-role-assignment-v3.ts';
import { IdentityUserV3 } from '../providers/openstack/identity-user-v3.ts';
import { NetworkingQuotaV2 } from '../providers/openstack/networking-quota-v2.ts';
import { TenantStack } from '../program/stack.ts';

/** What a tenant may use. What is not stated stays at the cloud's own default. */
export interface Quota {
  readonly instances?: number;
  readonly cores?: number;
  readonly memoryGiB?: number;
  readonly volumes?: number;
  readonly volumeGiB?: number;
  readonly snapshots?: number;
  readonly networks?: number;
  readonly routers?: number;
  readonly ports?: number;
  readonly floatingIps?: number;
  readonly securityGroups?: number;
}

export interface TenantProjectProps {
  readonly quota?: Quota;
  /** Roles of the user that deploys into the project. */
  readonly roles?: readonly string[];
}

/**
 * The tenant's project as the cloud's operator makes it: project, quotas, and the user that deploys into it. The user
 * gets no password here, because a password would lie in the state: its owner sets it, or it logs in by federation.
 */
export class TenantProject extends Construct {
  readonly project: IdentityProjectV3;
  readonly deployer: IdentityUserV3;

  constructor(scope: Construct, id: string, { quota = {}, roles = ['member', 'load-balancer_member', 'creator'] }: TenantProjectProps = {}) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const { names } = stack.tenant;
    this.project = new IdentityProjectV3(this, 'project', {
      name: stack.tenant.id,
      description: stack.describe(names.en),
      enabled: true,
      tags: [stack.tag],
    });
    const projectId = this.project.id;
    new NetworkingQuotaV2(this, 'network-quota', {
      projectId,
      network: quota.networks ?? 10,
      subnet: (quota.networks ?? 10) * 2,
      router: quota.routers ?? 2,
      port: quota.ports ?? 200,
      floatingip: quota.floatingIps ?? 0,
      securityGroup: quota.securityGroups ?? 20,
      securityGroupRule: (quota.securityGroups ?? 20) * 20,
    });
    new ComputeQuotasetV2(this, 'compute-quota', {
      projectId,
      instances: quota.instances ?? 20,
      cores: quota.cores ?? 80,
      ram: (quota.memoryGiB ?? 320) * 1024,
      serverGroups: quota.instances ?? 20,
    });
    new BlockstorageQuotasetV3(this, 'volume-quota', {
      projectId,
      volumes: quota.volumes ?? 40,
      gigabytes: quota.volumeGiB ?? 4000,
      snapshots: quota.snapshots ?? 40,
    });
    this.deployer = new IdentityUserV3(this, 'deployer', {
      name: stack.nameOf('deployer'),
      description: stack.describe('deploys into the project'),
      defaultProjectId: projectId,
      enabled: true,
    });
    for (const name of roles) {
      const role = new DataIdentityRoleV3(this, `role-${name}`, { name });
      new IdentityRoleAssignmentV3(this, `grant-${name}`, { userId: this.deployer.id, projectId, roleId: role.id });
    }
  }
}
