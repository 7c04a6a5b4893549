import { Construct } from 'constructs';
import { OpenstackProvider } from '../providers/openstack/provider.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { outputs, TenantStack } from '../program/stack.ts';
import { TenantProject, type Quota } from './platform.ts';

export interface OpenStackTenantProps {
  readonly tenant: TenantFacts;
  readonly quota?: Quota;
  readonly roles?: readonly string[];
}

/**
 * A tenant of an OpenStack cloud in two stacks: `platform` (project, quotas, deployer) is applied with the
 * operator's credentials, `workload` with the tenant's. Both are named in the cloud's clouds.yaml.
 */
export class OpenStackTenant extends Construct {
  readonly platform: TenantStack;
  readonly project: TenantProject;
  readonly #agency: Agency;
  readonly #tenant: TenantFacts;
  #workload: TenantStack | undefined;

  constructor(agency: Agency, id: string, { tenant, ...project }: OpenStackTenantProps) {
    super(agency, id);
    this.platform = new TenantStack(agency, { tenant, part: 'platform' });
    new OpenstackProvider(this.platform, 'openstack', { cloud: this.platform.cloud.id, region: this.platform.region });
    this.project = new TenantProject(this.platform, 'tenant', project);
    outputs(this.platform, { project_id: this.project.project.id });
    this.#agency = agency;
    this.#tenant = tenant;
  }

  /** The tenant's own stack, made when something is first put into it: a project that is only prepared has none. */
  get workload(): TenantStack {
    if (!this.#workload) {
      const tenant = this.#tenant;
      this.#workload = new TenantStack(this.#agency, { tenant, part: 'workload', after: [this.platform] });
      new OpenstackProvider(this.#workload, 'openstack', { cloud: this.#workload.cloud.id, region: this.#workload.region, tenantName: tenant.id });
    }
    return this.#workload;
  }
}
