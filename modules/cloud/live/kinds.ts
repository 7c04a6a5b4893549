import { identityKinds } from './kinds-identity.ts';
import { networkKinds } from './kinds-network.ts';
import { otherKinds } from './kinds-other.ts';
import type { LiveKind } from './types.ts';

/**
 * Every kind that can be read from an OpenStack, as data: where its list is, what its fields are called, by what an object
 * is recognised as a stack's. In an order in which objects can be deleted: what uses something stands before it.
 * Sources: API references of Identity v3, Networking v2.0, Compute v2.1, Block Storage v3, Image v2, DNS v2, Load Balancer
 * v2 and Key Manager v1; import ids from the documentation of the Terraform provider 3.4.0.
 */
export const liveKinds: readonly LiveKind[] = [...otherKinds, ...networkKinds, ...identityKinds];

const byType = new Map(liveKinds.map((kind) => [kind.type, kind]));

/** The kind of a Terraform type; undefined for one that cannot be listed or that the table does not know. */
export function kindOf(type: string): LiveKind | undefined {
  return byType.get(type);
}

/**
 * Types whose creation sets something that is there already (quotas, a role on a project, a link between two objects): made
 * twice they are one, so nothing is left behind and nothing has to be looked for.
 */
const settings =
  /^openstack_(?:identity_(?:role_assignment|inherit_role_assignment|user_membership)_v3|networking_(?:quota_v2|port_secgroup_associate_v2|floatingip_associate_v2|router_routes_v2|router_route_v2|subnet_route_v2)|compute_(?:quotaset_v2|interface_attach_v2|volume_attach_v2|aggregate_v2)|blockstorage_(?:quotaset_v3|volume_attach_v3|volume_type_access_v3)|lb_(?:quota_v2|members_v2)|dns_quota_v2|sharedfilesystem_quotaset_v2|images_image_access(?:_accept)?_v2)$/u;

export function isSetting(type: string): boolean {
  return settings.test(type);
}
