import type { Quota } from '../../openstack/platform.ts';
import type { SystemShape } from '../shape.ts';

/** Room to replace members one by one and to grow by half, never less than one more. */
function headroom(count: number): number {
  return count === 0 ? 0 : Math.max(Math.ceil(count * 1.5), count + 1);
}

/** What a project may use so that the shape fits, with room to replace and to grow by half; what it does not use is not given. */
export function quotaOf({ components, segments, entries }: SystemShape): Quota {
  const sum = (of: (component: SystemShape['components'][number]) => number): number => components.reduce((total, component) => total + of(component), 0);
  const instances = sum(({ replicas }) => replicas);
  const volumes = sum(({ replicas, storage }) => (storage ? replicas : 0));
  const networks = Math.max(segments.length, 1);
  return {
    instances: headroom(instances),
    cores: headroom(sum(({ replicas, size }) => replicas * size.vcpus)),
    memoryGiB: headroom(sum(({ replicas, size }) => replicas * size.memoryGiB)),
    volumes: headroom(volumes),
    volumeGiB: headroom(sum(({ replicas, storage }) => replicas * (storage?.gib ?? 0))),
    // A copy for every backup that is read while the next is made.
    snapshots: headroom(volumes) * 2,
    networks: networks + 1,
    routers: 1,
    // Members, two of every router leg and DHCP of each network and family, an address per entry and family.
    ports: headroom(instances) + networks * 6 + entries.length * 4,
    floatingIps: 0,
    securityGroups: components.length + 4,
    loadBalancers: entries.length * 2 + 1,
    zones: 2,
  };
}
