import { urn } from '../../core/index.ts';
import type { Collection } from '../../federation/index.ts';
import type { AddressPlan, Allocation, Family } from '../../network/types.ts';
import type { ZoneSet } from '../../dns/types.ts';
import type { OverlayNode, OverlaySet, Tunnel } from '../../vpn/types.ts';
import type { InventoryRecord } from '../types.ts';
import { makeRecord, relation, type RecordContext } from './context.ts';
import { memberOrganisation, ownerOf } from './declared.ts';

const families: readonly Family[] = ['v4', 'v6'];

/** One record per allocated leg: `prefix/KEY/v4`, `prefix/KEY/v6`. */
export function prefixRecords(context: RecordContext, plan: AddressPlan): InventoryRecord[] {
  const owners = new Map<string, string>();
  const records: InventoryRecord[] = [];
  for (const allocation of plan.allocations.values()) {
    const owner = allocationOwner(context, plan, allocation, owners);
    for (const family of families) {
      const prefix = allocation[family];
      if (prefix === undefined) continue;
      const pool = family === 'v4' ? allocation.pool4 : allocation.pool6;
      const holder = (family === 'v4' ? allocation.holder4 : allocation.holder6) ?? allocation.holder;
      const text = `${prefix} ${allocation.key}`;
      records.push(
        makeRecord(context, {
          kind: 'prefix',
          id: `${allocation.key}/${family}`,
          owner,
          names: { vi: text, en: text },
          place: allocation.place,
          relations: [
            relation('partOf', holder === undefined ? undefined : urn(context.member, 'prefix', `${holder}/${family}`)),
            relation(
              'follows',
              allocation.subject === undefined ? undefined : context.urnOf(allocation.subject.collection as Collection, allocation.subject.id),
            ),
          ],
          attributes: {
            prefix,
            family,
            key: allocation.key,
            pool,
            domain: pool === undefined ? undefined : plan.pools.get(pool)?.domain,
            role: allocation.role,
            container: allocation.container,
            asn: plan.asns.get(allocation.key),
          },
        }),
      );
    }
  }
  return records;
}

/** Collections by the first part of a key. */
const keyCollections: Readonly<Record<string, Collection>> = {
  agency: 'organisations',
  organisation: 'organisations',
  site: 'sites',
  tenant: 'tenants',
  network: 'networks',
  system: 'systems',
  cloud: 'clouds',
};

/**
 * Who answers for an allocation: whoever the plan names; else the owner of the object it was made for; else of the object its key names
 * (`tenant/ndxp/web`); else whoever answers for the block it lies in; else the member.
 */
function allocationOwner(context: RecordContext, plan: AddressPlan, allocation: Allocation, known: Map<string, string>): string {
  const present = known.get(allocation.key);
  if (present !== undefined) return present;
  const { federation } = context;
  const objectOwner = (collection: Collection, id: string): string | undefined => {
    const item = federation[collection]?.get(id);
    return item === undefined ? undefined : ownerOf(federation, collection, item);
  };
  const [first = '', second = ''] = allocation.key.split('/');
  const byKey = keyCollections[first];
  let owner = allocation.owner;
  if (owner === undefined && allocation.subject !== undefined) owner = objectOwner(allocation.subject.collection as Collection, allocation.subject.id);
  owner ??= byKey === undefined ? objectOwner('organisations', `${first}-${second}`) : objectOwner(byKey, second);
  if (owner === undefined && allocation.holder !== undefined) {
    // Marked before going up, so that a faulty circle of holders ends.
    known.set(allocation.key, memberOrganisation(federation));
    const holder = plan.allocations.get(allocation.holder);
    if (holder) owner = allocationOwner(context, plan, holder, known);
  }
  owner ??= memberOrganisation(federation);
  known.set(allocation.key, owner);
  return owner;
}

/** One record per zone; the delegation facts (name servers) are in it, the other records are in the zone files. */
export function zoneRecords(context: RecordContext, zones: ZoneSet): InventoryRecord[] {
  return zones.zones.map((zone) => {
    const name = zone.name === '.' ? '.' : zone.name.replace(/\.$/u, '');
    const servers = zone.records.find((set) => set.type === 'NS' && set.name === zone.name)?.data;
    const records = zone.records.reduce((sum, set) => sum + set.data.length, 0);
    return makeRecord(context, {
      kind: 'zone',
      id: name,
      owner: zone.owner,
      names: { vi: name, en: name },
      attributes: { name: zone.name, direction: zone.kind, policy: zone.policy, records, nameServers: servers },
    });
  });
}

/** One record per tunnel that ends at a node of this member. */
export function tunnelRecords(context: RecordContext, overlays: OverlaySet): InventoryRecord[] {
  return overlays.overlays.flatMap((overlay) => {
    const nodes = new Map(overlay.nodes.map((node) => [node.id, node]));
    return overlay.tunnels.flatMap((tunnel) => {
      const owner = tunnelOwner(tunnel, nodes);
      if (owner === undefined) return [];
      const text = `${overlay.name}: ${tunnel.from} - ${tunnel.to}`;
      return makeRecord(context, {
        kind: 'tunnel',
        id: `${overlay.name}/${tunnel.id}`,
        owner,
        names: { vi: text, en: text },
        place: nodes.get(tunnel.from)?.place,
        relations: [tunnel.from, tunnel.to].map((end) => {
          const site = nodes.get(end)?.site;
          return relation('connects', site === undefined ? undefined : context.urnOf('sites', site));
        }),
        attributes: {
          overlay: overlay.name,
          from: tunnel.from,
          to: tunnel.to,
          profile: tunnel.profile,
          protection: overlay.profile.kind,
          trial: overlay.profile.trial,
          addresses: tunnel.addresses.map(({ from, to }) => ({ from, to })),
        },
      });
    });
  });
}

/** Owner of the end this member configures: of the spoke where it has both ends; undefined where it has neither. */
function tunnelOwner(tunnel: Tunnel, nodes: ReadonlyMap<string, OverlayNode>): string | undefined {
  const own = [nodes.get(tunnel.from), nodes.get(tunnel.to)].filter((node) => node !== undefined && node.elsewhere !== true);
  return (own.find((node) => node?.role === 'spoke') ?? own[0])?.owner;
}
