import type { Quota } from '../../openstack/platform.ts';
import { needsOf } from '../spread/replicas.ts';
import type { Room, SystemShape } from '../shape.ts';

/** Room to replace members one by one and to grow by half, never less than one more. */
function headroom(count: number): number {
  return count === 0 ? 0 : Math.max(Math.ceil(count * 1.5), count + 1);
}

/** What a project may use so that the shape fits, with room to replace and to grow by half; what it does not use is not given. */
export function quotaOf(shape: SystemShape): Quota {
  const { components, segments, entries, names = [], room } = shape;
  // A standby is given what it needs to take over, not only what it runs today.
  const own = needsOf(shape);
  const needed = (of: keyof Room): number => Math.max(own[of], room?.[of] ?? 0);
  const instances = needed('members');
  const ownVolumes = components.reduce((total, { replicas, storage }) => total + (storage ? replicas : 0), 0);
  const volumes = ownVolumes === 0 ? 0 : Math.max(ownVolumes, room?.members ?? 0);
  const networks = Math.max(segments.length, 1);
  return {
    instances: headroom(instances),
    cores: headroom(needed('vcpus')),
    memoryGiB: headroom(needed('memoryGiB')),
    volumes: headroom(volumes),
    // A copy for every backup that is read while the next is made. It counts as much as its volume (Cinder's `no_snapshot_gb_quota`).
    snapshots: headroom(volumes) * 2,
    volumeGiB: headroom(needed('storageGiB')) * 2,
    networks: networks + 1,
    routers: 1,
    // Members, two of every router leg and DHCP of each network and family, an address per entry and family.
    ports: headroom(instances) + networks * 6 + entries.length * 4,
    floatingIps: 0,
    securityGroups: components.length + 4,
    loadBalancers: entries.length * 2 + 1,
    zones: 2 + names.length,
  };
}
