import { Construct } from 'constructs';
import { OpenstackProvider } from '../providers/openstack/provider.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { outputs, TenantStack, type TenantStackProps } from '../program/stack.ts';
import { TenantProject, type TenantProjectProps } from './platform.ts';

export interface OpenStackTenantProps extends TenantProjectProps {
  readonly tenant: TenantFacts;
}

/** The stack that makes a tenant's project, applied as the cloud's operator. */
function platformStack(agency: Agency, tenant: TenantFacts): TenantStack {
  const stack = new TenantStack(agency, { tenant, part: 'platform', authority: 'operator' });
  new OpenstackProvider(stack, 'openstack', regionOf(stack));
  return stack;
}

/**
 * A stack that acts as a tenant, inside its project. What it looks up there (images, networks) is asked while it is planned, so
 * outside the sandbox it takes the project's id from the stack `platform` and waits until that is applied.
 *
 * Where the cloud is and who logs in is the environment's to say (`OS_*`, resolved by the engine from `clouds:` in
 * vcloud.yaml): a `cloud` in the block would have the provider read a clouds.yaml, with everybody's secrets in it, and
 * overlook the project.
 */
export function tenantStack(agency: Agency, props: Omit<TenantStackProps, 'authority'>): TenantStack {
  const stack = new TenantStack(agency, { ...props, authority: 'tenant' });
  const { tenant } = props;
  const real = agency.ask('settings', '').environment === 'production';
  new OpenstackProvider(stack, 'openstack', {
    ...regionOf(stack),
    // The id is what counts; the name is for whoever reads the block before there is one.
    tenantName: tenant.id,
    ...(real ? { tenantId: stack.read(`${agency.id}.${tenant.id}.platform`, 'project_id') } : {}),
  });
  return stack;
}

/** A cloud's only region is where its credentials lead; what it is called here need not be its name there. */
function regionOf({ cloud, region }: TenantStack): { readonly region?: string } {
  const found = cloud.regions.find(({ name }) => name === region);
  const called = found?.called ?? (cloud.regions.length > 1 ? found?.name : undefined);
  return called === undefined ? {} : { region: called };
}

/**
 * A tenant of an OpenStack cloud: its landing zone in the stack `platform`, applied with the operator's credentials, and what
 * runs in it in the stack `workload` (and others of its own), applied with the tenant's.
 */
export class OpenStackTenant extends Construct {
  readonly platform: TenantStack;
  readonly project: TenantProject;
  readonly #agency: Agency;
  readonly #tenant: TenantFacts;
  #workload: TenantStack | undefined;

  constructor(agency: Agency, id: string, { tenant, ...project }: OpenStackTenantProps) {
    super(agency, id);
    this.platform = platformStack(agency, tenant);
    this.project = new TenantProject(this.platform, 'tenant', project);
    outputs(this.platform, { project_id: this.project.project.id });
    this.#agency = agency;
    this.#tenant = tenant;
  }

  /** The tenant's own stack, made when something is first put into it: a project that is only prepared has none. */
  get workload(): TenantStack {
    this.#workload ??= this.stack('workload');
    return this.#workload;
  }

  /** One more stack of the tenant's own, for what would make one too long. `part` is the last word of its path. */
  stack(part: string, after: readonly TenantStack[] = []): TenantStack {
    return tenantStack(this.#agency, { tenant: this.#tenant, part, after: [this.platform, ...after] });
  }
}
