import type { CloudPort } from '../../engine/index.ts';
import { findInCluster, removeFromCluster } from './kubernetes/orphans.ts';
import { unmanagedInClusters } from './kubernetes/unmanaged.ts';
import { clearOpenstack } from './clear.ts';
import { openstackClouds, type OpenstackCloudsOptions } from './orphans.ts';

/** Every kind of cloud behind the engine's port: a stack may have objects in several. */
export function liveClouds(options: OpenstackCloudsOptions = {}): CloudPort {
  const openstack = openstackClouds(options);
  const { member, rate, timeout, tries } = options;
  const kubernetes = { member, rate, timeout, tries };
  return {
    find: async (query) => {
      const findings = [await openstack.find(query), await findInCluster(query, kubernetes)];
      return { orphans: findings.flatMap(({ orphans }) => orphans), kinds: findings.flatMap(({ kinds }) => kinds) };
    },
    remove: (query, orphan) => (orphan.type.startsWith('kubernetes_') ? removeFromCluster(query, orphan, kubernetes) : openstack.remove(query, orphan)),
    clear: (query) => clearOpenstack(query, options),
    unmanaged: async (query) => [...((await openstack.unmanaged?.(query)) ?? []), ...(await unmanagedInClusters(query, kubernetes))],
  };
}
