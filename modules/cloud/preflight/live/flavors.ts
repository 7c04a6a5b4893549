import type { Item } from '../model.ts';
import { numberIn, type PlannedWorld } from '../world.ts';
import type { AskedCloud } from './cloud.ts';
import type { FlavorSizes } from './demand.ts';
import { isSilence, named, withId } from './lookups.ts';

interface Size {
  readonly cores: number;
  readonly ram: number;
}

/** How large servers become: by the flavors the cloud has, and those the plan makes. */
export async function flavorSizes(world: PlannedWorld, cloud: AskedCloud, items: readonly Item[], dead: ReadonlySet<string>): Promise<FlavorSizes> {
  const sizes = new Map<Item, Size>();
  for (const item of items) {
    if (item.type !== 'openstack_compute_instance_v2') continue;
    const planned = plannedFlavor(world, item);
    const size = planned ?? (dead.has('compute') ? undefined : await liveFlavor(world, cloud, item));
    if (size !== undefined) sizes.set(item, size);
  }
  return (item) => sizes.get(item);
}

function plannedFlavor(world: PlannedWorld, item: Item): Size | undefined {
  const found = world.value(item, 'flavor_id');
  const name = world.text(item, 'flavor_name');
  const referred = found.known ? undefined : found.item;
  const flavor =
    referred?.type === 'openstack_compute_flavor_v2' && referred.mode === 'managed'
      ? referred
      : [...world.items('openstack_compute_flavor_v2')].find((one) => name !== undefined && world.text(one, 'name') === name);
  return flavor === undefined ? undefined : sizeOf(numberIn(world.value(flavor, 'vcpus')), numberIn(world.value(flavor, 'ram')));
}

async function liveFlavor(world: PlannedWorld, cloud: AskedCloud, item: Item): Promise<Size | undefined> {
  const found = world.value(item, 'flavor_id');
  const id = world.text(item, 'flavor_id');
  const looked = !found.known && found.item?.mode === 'data' ? world.text(found.item, 'name') : undefined;
  const name = world.text(item, 'flavor_name') ?? looked;
  if (id !== undefined) {
    const flavor = await withId(cloud, 'flavor', id);
    return flavor === undefined || isSilence(flavor) ? undefined : sizeOf(flavor['vcpus'], flavor['ram']);
  }
  const list = name === undefined ? undefined : await named(cloud, 'flavor', name);
  if (list === undefined || isSilence(list)) return undefined;
  const [flavor] = list as readonly Readonly<Record<string, unknown>>[];
  return flavor && sizeOf(flavor['vcpus'], flavor['ram']);
}

function sizeOf(cores: unknown, ram: unknown): Size | undefined {
  return typeof cores === 'number' && typeof ram === 'number' ? { cores, ram } : undefined;
}
