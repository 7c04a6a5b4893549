import { compareAddresses, formatAddress, formatPrefix, holds, isFault, readAddress, type Address, type Prefix } from '../../../network/index.ts';
import { blocksOf, type Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';
import { between, noHost } from './pairs.ts';
import { keyIn, type PlannedSubnet } from './subnets.ts';

/** A stated address inside a subnet. */
interface Stated {
  readonly item: Item;
  readonly what: string;
  readonly address: Address;
  readonly subnet: PlannedSubnet;
}

/** Gateways, pools and fixed addresses lie in their subnets, and none is given twice. */
export function checkAddresses(world: PlannedWorld, subnets: readonly PlannedSubnet[], findings: Findings): void {
  const stated: Stated[] = [];
  for (const subnet of subnets) if (subnet.prefix !== undefined) stated.push(...ownAddresses(world, subnet, subnet.prefix, findings));
  stated.push(...fixedAddresses(world, new Map(subnets.map((subnet) => [subnet.key, subnet])), findings));
  const taken = new Map<string, Stated>();
  for (const one of stated) {
    const { item, what, address, subnet } = one;
    const prefix = subnet.prefix as Prefix;
    const inside = holds(prefix, address);
    if (!inside) findings.fail('address', item, `${what} ${formatAddress(address)} lies outside its subnet ${formatPrefix(prefix)}`, 'take one of the subnet');
    // The routers' anycast address (RFC 4291 2.6.1) is a router's: Neutron itself takes it for the gateway where none is stated.
    const reserved = inside && !(what === 'gateway' && prefix.family === 'v6') ? noHost(prefix, address) : undefined;
    if (reserved !== undefined)
      findings.fail('address', item, `${what} ${formatAddress(address)} is ${reserved} of ${formatPrefix(prefix)}`, 'take one of its hosts');
    const key = `${subnet.network ?? subnet.key} ${formatAddress(address)}`;
    const other = taken.get(key);
    if (other !== undefined && other.item !== item)
      findings.fail('address', [item, other.item], `${what} ${formatAddress(address)} is also ${other.what} of ${other.item.address}`, 'give each its own');
    else taken.set(key, one);
  }
}

function ownAddresses(world: PlannedWorld, subnet: PlannedSubnet, prefix: Prefix, findings: Findings): Stated[] {
  const { item } = subnet;
  findings.look('address', item, 'object');
  const gateway = readStated(world, findings, item, 'gateway_ip', item.body['gateway_ip']);
  for (const pool of blocksOf(item.body, 'allocation_pool')) {
    const [start, end] = (['start', 'end'] as const).map((side) => readStated(world, findings, item, `allocation pool's ${side}`, pool[side]));
    if (start === undefined || end === undefined) continue;
    const text = `${formatAddress(start)}-${formatAddress(end)}`;
    if (!holds(prefix, start) || !holds(prefix, end))
      findings.fail('address', item, `allocation pool ${text} lies outside ${formatPrefix(prefix)}`, 'keep it inside the subnet');
    else if (compareAddresses(start, end) > 0) findings.fail('address', item, `allocation pool ${text} is upside down`, 'put the lower address first');
    else if (gateway !== undefined && between(start, end, gateway))
      findings.fail('address', item, `the gateway ${formatAddress(gateway)} lies in the allocation pool ${text}`, 'leave it out of the pool');
  }
  return gateway === undefined ? [] : [{ item, what: 'gateway', address: gateway, subnet }];
}

function fixedAddresses(world: PlannedWorld, byKey: ReadonlyMap<string, PlannedSubnet>, findings: Findings): Stated[] {
  const found: Stated[] = [];
  const take = (item: Item, what: string, subnetValue: unknown, value: unknown): void => {
    const key = keyIn(world, item, subnetValue);
    const subnet = key === undefined ? undefined : byKey.get(key);
    if (subnet?.prefix === undefined || value === undefined || value === null || value === '') return;
    findings.look('address', item, 'object');
    const address = readStated(world, findings, item, what, value);
    if (address !== undefined) found.push({ item, what, address, subnet });
  };
  for (const item of world.items('openstack_networking_port_v2', 'openstack_lb_loadbalancer_v2')) {
    if (item.type === 'openstack_lb_loadbalancer_v2') take(item, 'VIP', item.body['vip_subnet_id'], item.body['vip_address']);
    for (const block of blocksOf(item.body, 'fixed_ip')) take(item, 'fixed address', block['subnet_id'], block['ip_address']);
  }
  return found;
}

function readStated(world: PlannedWorld, findings: Findings, item: Item, what: string, value: unknown): Address | undefined {
  const text = textIn(world.resolve(item, value));
  if (text === undefined) return undefined;
  const read = readAddress(text);
  if (!isFault(read)) return read;
  findings.fail(
    'address',
    item,
    `${what} "${text}" is no address: ${read.fault}`,
    read.corrected === undefined ? 'write an address' : `write ${read.corrected}`,
  );
  return undefined;
}

/** Whether the addresses a plan takes from each IPv4 subnet are there at all. */
export function checkRoom(world: PlannedWorld, subnets: readonly PlannedSubnet[], findings: Findings): void {
  const byKey = new Map(subnets.map((subnet) => [subnet.key, subnet]));
  const wanted = new Map<PlannedSubnet, { count: number; readonly items: Item[] }>();
  const take = (item: Item, value: unknown): void => {
    const subnet = byKey.get(keyIn(world, item, value) ?? '');
    if (subnet?.prefix?.family !== 'v4') return;
    const entry = wanted.get(subnet) ?? { count: 0, items: [] };
    entry.count += item.count ?? 1;
    entry.items.push(item);
    wanted.set(subnet, entry);
  };
  for (const item of world.items('openstack_networking_port_v2')) for (const block of blocksOf(item.body, 'fixed_ip')) take(item, block['subnet_id']);
  for (const item of world.items('openstack_lb_loadbalancer_v2')) take(item, item.body['vip_subnet_id']);
  for (const [subnet, { count, items }] of wanted) {
    findings.look('room', subnet.item, 'subnet');
    const room = roomOf(world, subnet);
    if (count > room)
      findings.fail(
        'room',
        [subnet.item, ...items],
        `${formatPrefix(subnet.prefix as Prefix)} has room for ${room} ${room === 1 ? 'address' : 'addresses'}, and ${count} are to be taken from it`,
        'give the subnet a shorter prefix, or use fewer ports',
      );
  }
}

function roomOf(world: PlannedWorld, { item, prefix }: PlannedSubnet): number {
  const pools = blocksOf(item.body, 'allocation_pool').flatMap((pool) => {
    const [start, end] = (['start', 'end'] as const).map((side) => textIn(world.resolve(item, pool[side])));
    const [first, last] = [start, end].map((text) => (text === undefined ? undefined : readAddress(text)));
    return first === undefined || last === undefined || isFault(first) || isFault(last) ? [] : [last.a - first.a + 1];
  });
  const size = 2 ** (32 - (prefix as Prefix).length);
  // Without the network, the broadcast address and the gateway; stated addresses may lie outside the pools.
  const hosts = size - (size > 2 ? 2 : 0) - (item.body['no_gateway'] === true ? 0 : 1);
  const fixed = pools.length === 0 ? hosts : pools.reduce((sum, count) => sum + count, 0);
  return Math.max(hosts, fixed);
}
