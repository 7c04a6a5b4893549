import { Construct } from 'constructs';
import { Problems } from '../../../core/index.ts';
import { addressAt, formatAddress, parsePrefix } from '../../../network/index.ts';
import { TenantStack } from '../../program/stack.ts';
import type { Agency, TenantFacts } from '../../program/agency.ts';
import { RecordResource } from '../../site/equipment.ts';
import type { SiteEquipment } from '../../synth/world.ts';
import { plannedAddresses } from '../numbering.ts';
import type { Placed, PlacedAddress } from '../placed.ts';
import type { Component, Entry, Peer, SystemShape } from '../shape.ts';
import { answeringEntries, without, worldward } from '../sources.ts';
import { devicesOf, positionsOf } from './equipment.ts';
import type { Position } from './placement.ts';
import { rulesOf, type Rule } from './rules.ts';
import { workList } from './work.ts';

export { placeMembers, type Host, type Position, type Shortage } from './placement.ts';
export { rulesOf, type Rule } from './rules.ts';

/**
 * Places a system at a site without an API: its members on the servers the site's records give the tenant, its rules, entries,
 * stores and keys on the appliances declared there. Everything becomes a record in one stack, reviewed and versioned like what
 * a cloud would be asked for, and the record `work` says what people at the site then do by hand.
 * @throws ProblemError CLOUD-CAPACITY naming what is short, CLOUD-PLACE for a part the site has nothing for, CLOUD-NOT-NUMBERED
 */
export function placeOnSite(agency: Agency, tenant: TenantFacts, shape: SystemShape): Placed {
  const stack = new TenantStack(agency, { tenant, part: 'site' });
  const { regions } = stack.cloud;
  const site = (regions.find(({ name }) => name === tenant.region) ?? regions[0])?.site ?? '';
  const equipment = agency.ask('equipment', site);
  const networks = agency.ask('networks', tenant.id);
  const problems = new Problems();
  const positions = positionsOf(shape, tenant.id, site, equipment, problems);
  const devices = devicesOf(shape, tenant, site, equipment, problems);
  problems.throwIfErrors();

  const held = (key: string): string[] => {
    const { v4, v6 } = agency.addresses(key);
    return [v4, v6].filter((prefix) => prefix !== undefined);
  };
  const addresses = answeringEntries(shape, plannedAddresses(shape, networks), networks, held);
  for (const { name } of shape.entries)
    if (Object.keys(addresses.get(name) ?? {}).length === 0)
      problems.error(
        'CLOUD-PLACE',
        `entry "${name}" of tenant "${tenant.id}" cannot be had at site "${site}": nobody may come, none of the prefixes is of a family it has`,
        {
          subject: `tenant/${tenant.id}`,
          hint: 'name callers of a family its network has, or leave it out',
        },
      );
  problems.throwIfErrors();
  const resolve = (peer: Peer): readonly string[] => prefixesOf(peer, shape, addresses, agency, tenant.id);
  // A segment that opens connections to the world is nobody's who may come in, whatever prefix it lies in.
  const world = worldward(shape, tenant.id, (id) => agency.ask('networks', id));
  const callers = (peer: Peer): readonly string[] => ('key' in peer ? without(resolve(peer), world) : resolve(peer));
  const group = (name: string): Construct => new Construct(stack, name);
  const record = (scope: Construct, id: string, name: string, input: Record<string, unknown>): void => {
    new RecordResource(scope, id, { name: stack.nameOf(name), site, ...input, mark: stack.tag });
  };

  const segments = group('networks');
  for (const { name, egress = false } of shape.segments) {
    const { v4, v6 } = networks.find((network) => network.name === name) ?? {};
    record(segments, name, name, { kind: 'network', v4: v4 ?? null, v6: v6 ?? null, gateway: [v4, v6].flatMap(gatewayOf), egress });
  }
  const rules = new Map<string, readonly Rule[]>();
  for (const component of shape.components) {
    const { name } = component;
    const scope = group(name);
    for (const position of positions.filter((one) => one.component === name))
      record(scope, `member-${position.member}`, `${name}-${position.member}`, memberRecord(component, position, equipment, addresses));
    const list = [...rulesOf(shape, name, resolve), ...entryRules(shape, component, addresses)];
    rules.set(name, list);
    record(scope, 'rules', `${name}-rules`, { kind: 'rules', on: devices.rules, rules: list, everything_else: 'refused' });
    for (const { tenant: other, side, port, rpoMinutes, rtoMinutes } of shape.replicas.filter(({ component: of }) => of === name))
      record(scope, `copy-${other}`, `${name}-${other}`, {
        kind: 'copy',
        tenant: other,
        side,
        port,
        rpo_minutes: rpoMinutes ?? null,
        rto_minutes: rtoMinutes ?? null,
      });
  }
  const entries = group('entries');
  for (const entry of shape.entries) record(entries, entry.name, entry.name, entryRecord(entry, shape, addresses, devices.entries, callers));
  const stores = group('stores');
  for (const { name, versioned, writeOnceDays } of shape.stores)
    record(stores, name, name, { kind: 'store', on: devices.stores, versioned, write_once_days: writeOnceDays ?? null });
  const keys = group('keys');
  for (const { name, origin, use } of shape.keys) record(keys, name, name, { kind: 'key', on: devices.keys, origin, use });
  record(stack, 'work', 'work', { kind: 'work list', steps: workList({ site, shape, positions, equipment, networks, addresses, devices, rules }) });
  return { stacks: [stack], addresses: withFirstMembers(shape, addresses) };
}

function memberRecord(
  component: Component,
  { member, server, rack }: Position,
  { servers }: SiteEquipment,
  addresses: ReadonlyMap<string, PlacedAddress>,
): Record<string, unknown> {
  const { name, segment, size, image, storage, settings = {}, keys = [] } = component;
  const address = addresses.get(`${name}-${member}`);
  return {
    kind: 'member',
    server,
    rack: rack ?? null,
    unit: servers.find(({ id }) => id === server)?.unit ?? null,
    vcpus: size.vcpus,
    memory_gib: size.memoryGiB,
    image: image.machine,
    network: segment,
    v4: address?.v4 ?? null,
    v6: address?.v6 ?? null,
    volume_gib: storage?.gib ?? null,
    volume_encrypted: storage ? true : null,
    copy_every_hours: storage?.backup?.everyHours ?? null,
    copy_keep_days: storage?.backup?.keepDays ?? null,
    settings,
    keys,
  };
}

function entryRecord(
  { name, component, listen, port, from, tls, connections }: Entry,
  shape: SystemShape,
  addresses: ReadonlyMap<string, PlacedAddress>,
  on: readonly string[],
  resolve: (peer: Peer) => readonly string[],
): Record<string, unknown> {
  const address = addresses.get(name);
  const behind = shape.components.find((one) => one.name === component);
  return {
    kind: 'entry',
    on,
    v4: address?.v4 ?? null,
    v6: address?.v6 ?? null,
    listen,
    from: resolve(from),
    component,
    port: behind?.ports.find((one) => one.name === port)?.number ?? null,
    members: membersOf(behind, addresses),
    tls: tls.at,
    certificate: tls.at === 'entry' ? tls.certificate : null,
    connections: connections ?? null,
  };
}

/** What an entry passes on comes from its own address; members who use one open connections to that address. */
function entryRules(shape: SystemShape, { name, ports }: Component, addresses: ReadonlyMap<string, PlacedAddress>): Rule[] {
  const used = shape.entries
    .filter(({ from }) => 'component' in from && from.component === name)
    .map((entry): Rule => ({
      direction: 'out',
      peer: `entry ${entry.name}`,
      prefixes: hostPrefixes(addresses.get(entry.name)),
      protocol: 'tcp',
      port: entry.listen,
      why: `uses ${entry.name}`,
    }));
  const passed = shape.entries
    .filter(({ component }) => component === name)
    .map((entry): Rule => ({
      direction: 'in',
      peer: `entry ${entry.name}`,
      prefixes: hostPrefixes(addresses.get(entry.name)),
      protocol: 'tcp',
      port: ports.find((one) => one.name === entry.port)?.number ?? entry.listen,
      why: `what comes in through ${entry.name}`,
    }));
  return [...passed, ...used];
}

function prefixesOf(peer: Peer, shape: SystemShape, addresses: ReadonlyMap<string, PlacedAddress>, agency: Agency, tenant: string): readonly string[] {
  if ('anywhere' in peer) return ['0.0.0.0/0', '::/0'];
  if ('component' in peer)
    return membersOf(
      shape.components.find(({ name }) => name === peer.component),
      addresses,
    );
  const { v4, v6 } = agency.addresses('key' in peer ? peer.key : `tenant/${tenant}/${peer.segment}`);
  return [v4, v6].filter((prefix) => prefix !== undefined);
}

function membersOf(component: Component | undefined, addresses: ReadonlyMap<string, PlacedAddress>): string[] {
  return Array.from({ length: component?.replicas ?? 0 }, (_, index) => hostPrefixes(addresses.get(`${component?.name}-${index + 1}`))).flat();
}

function hostPrefixes(address: PlacedAddress | undefined): string[] {
  return [address?.v4 === undefined ? [] : `${address.v4}/32`, address?.v6 === undefined ? [] : `${address.v6}/128`].flat();
}

function gatewayOf(prefix: string | undefined): string[] {
  const address = prefix === undefined ? undefined : addressAt(parsePrefix(prefix), 1);
  return address ? [formatAddress(address)] : [];
}

function withFirstMembers({ components }: SystemShape, addresses: ReadonlyMap<string, PlacedAddress>): ReadonlyMap<string, PlacedAddress> {
  const first = components.flatMap(({ name }) => {
    const address = addresses.get(`${name}-1`);
    return address ? [[name, address] as const] : [];
  });
  return new Map([...first, ...addresses]);
}
