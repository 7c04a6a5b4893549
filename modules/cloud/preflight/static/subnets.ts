import { formatPrefix, isFault, readPrefix, type Prefix } from '../../../network/index.ts';
import type { Item } from '../model.ts';
import type { Findings } from '../report.ts';
import { textIn, type PlannedWorld } from '../world.ts';

/** A subnet that is to be there, as far as its configuration says what it is. */
export interface PlannedSubnet {
  readonly item: Item;
  /** Undefined where it is wrong, or given by a pool at apply. */
  readonly prefix: Prefix | undefined;
  /** What network it is of, the same for all its subnets; undefined where that cannot be told. */
  readonly network: string | undefined;
  /** Key others refer to it by. */
  readonly key: string;
}

/** Everything of an OpenStack that is a subnet, with its prefix read. */
export function plannedSubnets(world: PlannedWorld): PlannedSubnet[] {
  return [...world.items('openstack_networking_subnet_v2')].map((item) => {
    const text = world.text(item, 'cidr');
    const read = text === undefined ? undefined : readPrefix(text);
    const prefix = read === undefined || isFault(read) ? undefined : read;
    return { item, prefix, network: keyOf(world, item, 'network_id'), key: ownKey(item) };
  });
}

export function ownKey(item: Item): string {
  return `${item.stack}/${item.address}`;
}

/**
 * What an attribute refers to, as one key for all who refer to the same: an object of the plan, the name a data source looks up
 * in the same cloud, or an id.
 */
export function keyOf(world: PlannedWorld, item: Item, attribute: string): string | undefined {
  return keyIn(world, item, item.body[attribute]);
}

export function keyIn(world: PlannedWorld, from: Pick<Item, 'stack'>, value: unknown): string | undefined {
  const found = world.resolve(from, value);
  const id = textIn(found);
  if (id !== undefined) return `id:${id}`;
  if (found.known || found.item === undefined) return undefined;
  const { item } = found;
  if (item.mode === 'managed') return ownKey(item);
  const name = world.text(item, 'name');
  const cloud = world.stack(item.stack)?.stack.cloud ?? '';
  return name === undefined ? ownKey(item) : `named:${cloud}:${item.type}:${name}`;
}

/** What attributes of which kinds hold prefixes; of those with `addresses` a bare address is one too. */
const prefixes: readonly { readonly type: string; readonly attribute: string; readonly addresses?: boolean }[] = [
  { type: 'openstack_networking_subnet_v2', attribute: 'cidr' },
  { type: 'openstack_networking_subnetpool_v2', attribute: 'prefixes' },
  { type: 'openstack_networking_secgroup_rule_v2', attribute: 'remote_ip_prefix', addresses: true },
  { type: 'openstack_networking_address_group_v2', attribute: 'addresses' },
  { type: 'openstack_networking_router_route_v2', attribute: 'destination_cidr' },
  { type: 'openstack_networking_subnet_route_v2', attribute: 'destination_cidr' },
  { type: 'openstack_lb_listener_v2', attribute: 'allowed_cidrs' },
  { type: 'openstack_vpnaas_site_connection_v2', attribute: 'peer_cidrs' },
];

/** Every text that is to be a prefix is one, of the family its subnet names. */
export function checkPrefixes(world: PlannedWorld, findings: Findings): void {
  for (const { type, attribute, addresses = false } of prefixes) {
    for (const item of world.items(type)) {
      const given = item.body[attribute];
      if (given === undefined || given === null) continue;
      findings.look('cidr', item, 'attribute with prefixes');
      for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) checkPrefix(world, findings, item, attribute, one, addresses);
    }
  }
}

function checkPrefix(world: PlannedWorld, findings: Findings, item: Item, attribute: string, given: unknown, addresses: boolean): void {
  const found = world.resolve(item, given);
  const text = textIn(found);
  if (text === undefined) {
    if (!found.known) findings.unknown('cidr', item, `its ${attribute} is known only at apply`);
    return;
  }
  const read = readPrefix(addresses && !text.includes('/') ? `${text}/${text.includes(':') ? 128 : 32}` : text);
  if (isFault(read)) {
    const { fault, corrected } = read;
    findings.fail(
      'cidr',
      item,
      `${attribute} "${text}" is no prefix: ${fault}`,
      corrected === undefined ? 'write an IPv4 prefix as 10.1.0.0/16, an IPv6 prefix as 2001:db8::/32' : `write ${corrected}`,
    );
    return;
  }
  const version = Number(world.text(item, 'ip_version') ?? (item.type === 'openstack_networking_subnet_v2' ? 4 : 0));
  if (attribute === 'cidr' && version !== (read.family === 'v4' ? 4 : 6))
    findings.fail('cidr', item, `${formatPrefix(read)} is not of IP version ${version}`, `set ip_version to ${read.family === 'v4' ? 4 : 6}`);
}
