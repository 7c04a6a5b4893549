import { Construct } from 'constructs';
import { fail } from '../../core/index.ts';
import { NetworkingAddressscopeV2 } from '../providers/openstack/networking-addressscope-v2.ts';
import { NetworkingRbacPolicyV2 } from '../providers/openstack/networking-rbac-policy-v2.ts';
import { NetworkingSubnetpoolV2 } from '../providers/openstack/networking-subnetpool-v2.ts';
import { TenantStack } from '../program/stack.ts';

export interface AddressSpaceProps {
  /** Keys of the address plan whose prefixes it holds: one for each tenant, agency or block that is routed as one. */
  readonly keys: readonly string[];
  /** Lengths Neutron may cut where somebody does not name a prefix. */
  readonly lengths?: { readonly v4?: number; readonly v6?: number };
}

/**
 * An address scope and a subnet pool per family, with prefixes of the address plan: Neutron itself then refuses what overlaps
 * within the scope, whoever asks, and routes between networks of one scope without translation.
 */
export class AddressSpace extends Construct {
  readonly pool4: NetworkingSubnetpoolV2 | undefined;
  readonly pool6: NetworkingSubnetpoolV2 | undefined;

  /** @throws ProblemError CLOUD-NOT-NUMBERED */
  constructor(scope: Construct, id: string, { keys, lengths = {} }: AddressSpaceProps) {
    super(scope, id);
    const stack = TenantStack.of(this);
    const held = keys.map((key) => stack.agency.addresses(key));
    const pool = (version: 4 | 6, prefixes: readonly string[], length: number): NetworkingSubnetpoolV2 | undefined => {
      if (prefixes.length === 0) return undefined;
      const name = stack.nameOf(`${id}-v${version}`);
      const { id: addressScopeId } = new NetworkingAddressscopeV2(this, `scope${version}`, { name, ipVersion: version });
      return new NetworkingSubnetpoolV2(this, `pool${version}`, {
        name,
        description: stack.describe(keys.join(', ')),
        prefixes,
        defaultPrefixlen: length,
        addressScopeId,
        tags: [stack.tag],
      });
    };
    this.pool4 = pool(
      4,
      held.flatMap(({ v4 }) => v4 ?? []),
      lengths.v4 ?? 26,
    );
    this.pool6 = pool(
      6,
      held.flatMap(({ v6 }) => v6 ?? []),
      lengths.v6 ?? 64,
    );
    if (!this.pool4 && !this.pool6)
      fail('CLOUD-NOT-NUMBERED', `no key of ${id} holds a prefix`, { subject: this.node.path, hint: 'name keys of the address plan' });
  }
}

/** What of a project others may be let use (Neutron's RBAC). */
export type Shareable = 'network' | 'subnetpool' | 'address_scope' | 'address_group' | 'qos_policy' | 'security_group';

export interface ShareProps {
  readonly kind: Shareable;
  /** Its id. */
  readonly object: string;
  /** Ids of the projects that may use it, by a name that stays: an id may change, what it is for does not. */
  readonly with: Readonly<Record<string, string>>;
}

/** Lets named projects use something, and nobody else: never everyone, which Neutron would allow with `*`. */
export class Share extends Construct {
  /** @throws ProblemError CLOUD-SHARE-EVERYONE */
  constructor(scope: Construct, id: string, { kind, object, with: projects }: ShareProps) {
    super(scope, id);
    for (const [name, project] of Object.entries(projects)) {
      if (project === '*') fail('CLOUD-SHARE-EVERYONE', `${id} would be shared with every project`, { subject: this.node.path, hint: 'name the projects' });
      new NetworkingRbacPolicyV2(this, name, { action: 'access_as_shared', objectType: kind, objectId: object, targetTenant: project });
    }
  }
}
