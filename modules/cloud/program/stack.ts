import { DataTerraformRemoteStateLocal, LocalBackend, TerraformElement, TerraformOutput, TerraformStack, type TerraformRemoteState } from 'cdktf';
import type { Construct } from 'constructs';
import { fail, sha256 } from '../../core/index.ts';
import type { Agency } from './agency.ts';
import { type CloudFacts, type TenantFacts } from './agency.ts';

/**
 * The state as a file beside the stack's JSON. The engine says where that is; inside the JSON every path is
 * relative, so that the same declaration gives the same bytes in every folder.
 */
class FolderBackend extends LocalBackend {
  constructor(scope: Construct) {
    super(scope, { path: 'terraform.tfstate' });
  }

  override getRemoteStateDataSource(scope: Construct, name: string, fromStack: string): TerraformRemoteState {
    return new DataTerraformRemoteStateLocal(scope, name, { path: `../${fromStack.split('/').at(-1) ?? fromStack}/terraform.tfstate` });
  }
}

export interface TenantStackProps {
  readonly tenant: TenantFacts;
  /** Last word of the stack's path: `platform`, `workload`, `kubernetes`, `equipment`, `standby` or the author's own. */
  readonly part: string;
  /**
   * Who its processes act as in an OpenStack: the cloud's operator, or the tenant inside its own project. Left out for other
   * clouds, whose credentials are handed on as they are.
   */
  readonly authority?: 'operator' | 'tenant';
  /** Stacks that must be applied before this one. */
  readonly after?: readonly TerraformStack[];
}

/** Gives values of a stack to whoever reads its state. What is undefined is left out. */
export function outputs(stack: TerraformStack, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) if (value !== undefined) new TerraformOutput(stack, name, { value, staticId: true });
}

/** Characters of a tag that Nova and Neutron hold; a longer one is refused only when it is applied. */
const longestTag = 60;

/** One stack of a tenant. Its id and path are `AGENCY.TENANT.PART`. */
export class TenantStack extends TerraformStack {
  readonly path: string;
  readonly tenant: TenantFacts;
  readonly cloud: CloudFacts;
  readonly agency: Agency;
  readonly authority: 'operator' | 'tenant' | undefined;
  readonly #names = new Map<string, string>();
  readonly #reads = new Map<string, DataTerraformRemoteStateLocal>();

  constructor(agency: Agency, { tenant, part, authority, after = [] }: TenantStackProps) {
    const path = `${agency.id}.${tenant.id}.${part}`;
    if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/u.test(path))
      fail('CLOUD-STACK-PATH', `"${path}" cannot be a stack path`, { subject: agency.node.path, hint: 'use lower-case letters, digits and hyphens' });
    // A child of the app itself: cdktn's own tools know a stack by its id alone.
    super(agency.app, path);
    agency.stacks.push(this);
    this.path = path;
    this.tenant = tenant;
    this.agency = agency;
    this.authority = authority;
    this.cloud = agency.cloudOf(tenant);
    new FolderBackend(this);
    for (const stack of after) this.addDependency(stack);
  }

  /** The stack a construct stands in, which must be one of a tenant. */
  static override of(construct: Construct): TenantStack {
    const stack = TerraformStack.of(construct);
    return stack instanceof TenantStack
      ? stack
      : fail('CLOUD-SCOPE', `${construct.node.path} stands in no tenant's stack`, { hint: 'give a TenantStack as scope' });
  }

  /** Region of the cloud the tenant lies in: the one it names, or the cloud's first. */
  get region(): string {
    return this.tenant.region ?? this.cloud.regions[0]?.name ?? 'default';
  }

  /**
   * The mark every object of this stack carries: `vcloud:MEMBER:STACK`.
   * @throws ProblemError CLOUD-MARK where OpenStack could not hold it
   */
  get tag(): string {
    const tag = `vcloud:${this.agency.ask('settings', '').member}:${this.path}`;
    if (this.cloud.kind === 'openstack' && tag.length > longestTag)
      fail('CLOUD-MARK', `the mark "${tag}" has ${tag.length} characters; OpenStack holds tags of ${longestTag}`, {
        subject: `tenant/${this.tenant.id}`,
        hint: 'give the tenant, or this part of it, a shorter id',
      });
    return tag;
  }

  /** The name of an object in the cloud: the tenant's, then its own. */
  nameOf(name: string): string {
    return `${this.tenant.id}-${name}`;
  }

  /** What a description says: what it is for, and the mark. */
  describe(text: string): string {
    return `${text} [${this.tag}]`;
  }

  /**
   * An output of another stack, as a reference to its state. This stack then waits until that one is applied; a fact
   * both could compute (a name, an address) is better computed twice.
   */
  read(producer: string, output: string): string {
    let state = this.#reads.get(producer);
    if (!state) {
      state = new DataTerraformRemoteStateLocal(this, `state-${producer}`, { path: `../${producer}/terraform.tfstate` });
      this.#reads.set(producer, state);
    }
    return state.getString(output);
  }

  /** Names in Terraform are the construct's path, readable; a hash only where two would meet. */
  protected override allocateLogicalId(element: TerraformElement | Construct['node']): string {
    const node = TerraformElement.isTerraformElement(element) ? element.node : element;
    const path = node.scopes
      .slice(node.scopes.indexOf(this) + 1)
      .map((scope) => scope.node.id)
      .filter((id) => id !== 'Default' && id !== 'Resource')
      .join('/');
    const readable = path.replace(/[^A-Za-z0-9_-]+/gu, '_').replace(/^(?=[^A-Za-z_])/u, '_');
    const name = (this.#names.get(readable) ?? path) === path ? readable : `${readable}_${sha256(path).slice(0, 8)}`;
    this.#names.set(name, path);
    return name;
  }
}
