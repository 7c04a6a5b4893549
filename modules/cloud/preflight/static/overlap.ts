import { formatPrefix, isFault, readPrefix, type Prefix } from '../../../network/index.ts';
import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import { overlappingPairs } from './pairs.ts';
import { keyOf, type PlannedSubnet } from './subnets.ts';

interface Placed {
  readonly item: Item;
  readonly prefix: Prefix;
}

/** What one network, one router or one address scope is to carry shares no address. */
export function checkOverlaps(world: PlannedWorld, subnets: readonly PlannedSubnet[], findings: Findings): void {
  const told = new Set<string>();
  const check = (things: readonly Placed[], where: string, hint: string): void => {
    for (const [one, other] of overlappingPairs(things)) {
      const key = [one.item, other.item].map(({ stack, address }) => `${stack}/${address}`).join(' ');
      if (one.item === other.item || told.has(key)) continue;
      told.add(key);
      const message = `${formatPrefix(other.prefix)} overlaps ${formatPrefix(one.prefix)} of ${one.item.address}${one.item.stack === other.item.stack ? '' : ` (${one.item.stack})`} ${where}`;
      findings.fail('overlap', [other.item, one.item], message, hint);
    }
  };
  const placed = subnets.flatMap((subnet) => (subnet.prefix === undefined ? [] : [{ ...subnet, prefix: subnet.prefix }]));
  for (const { item } of placed) findings.look('overlap', item, 'subnet');
  for (const group of grouped(placed, ({ network }) => network).values()) check(group, 'in the same network', 'give one of them another prefix');
  const byKey = new Map(placed.map((subnet) => [subnet.key, subnet]));
  const attached = [...world.items('openstack_networking_router_interface_v2')].flatMap((item) => {
    const subnet = byKey.get(keyOf(world, item, 'subnet_id') ?? '');
    return subnet === undefined ? [] : [{ ...subnet, router: keyOf(world, item, 'router_id') }];
  });
  for (const group of grouped(attached, ({ router }) => router).values()) check(group, 'on the same router', 'give one of them another prefix');
  const pools = [...world.items('openstack_networking_subnetpool_v2')].flatMap((item) => {
    const scope = keyOf(world, item, 'address_scope_id');
    const given = item.body['prefixes'];
    return (Array.isArray(given) ? (given as unknown[]) : []).flatMap((one) => {
      const text = textIn(world.resolve(item, one));
      const read = text === undefined ? undefined : readPrefix(text);
      return read === undefined || isFault(read) ? [] : [{ item, prefix: read, scope }];
    });
  });
  for (const { item } of pools) findings.look('overlap', item, 'subnet pool');
  for (const group of grouped(pools, ({ scope }) => scope).values())
    check(group, 'in the same address scope', 'an address scope holds every address once: split the pools');
}

/** By key, without those that have none. */
function grouped<T>(things: readonly T[], keyOfOne: (thing: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOfOne(thing);
    if (key === undefined) continue;
    const list = groups.get(key);
    if (list) list.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}
