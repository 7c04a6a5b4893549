import { compareCodeUnits } from '../../../core/index.ts';
import type { Agency, TenantFacts } from '../../program/agency.ts';
import { entryKind } from '../kubernetes/refuse.ts';
import { plannedAddresses } from '../numbering.ts';
import type { PlacedAddress } from '../placed.ts';
import type { PublicNames, SystemShape } from '../shape.ts';
import { answering, callersOf } from '../sources.ts';

/**
 * The names of every system that runs in a tenant or has its other side there: one per entry below the system's zone, and
 * the zone's own for the first entry. They lead to the entries of the tenants that answer, so that a swap changes records and nothing else;
 * what a tenant is called itself stays its own.
 */
export function namesOf(agency: Agency, tenant: TenantFacts, shapeOf: (id: string) => SystemShape | undefined): PublicNames[] {
  const systems = new Set([
    ...agency.ask('systems', tenant.id).map(({ id }) => id),
    ...agency.ask('partners', tenant.id).flatMap((partner) => partner.systems),
  ]);
  return [...systems].sort(compareCodeUnits).flatMap((system): PublicNames[] => {
    const { zone, answering, holders } = agency.ask('names', system);
    if (zone === null) return [];
    const sides = answering.map((id) => entryAddresses(agency, id, shapeOf(id)));
    const entries = [...new Set(sides.flatMap((side) => [...side.keys()]))];
    const labels = entries.map((entry) => ({ label: entry, entry }));
    const [first] = entries;
    const records = [...(first === undefined ? [] : [{ label: '@', entry: first }]), ...labels].map((record) => ({
      ...record,
      addresses: sides.flatMap((side) => side.get(record.entry) ?? []),
    }));
    return records.length === 0 ? [] : [{ system, zone, answers: answering.includes(tenant.id), held: holders.includes(tenant.id), records }];
  });
}

/** Where the entries of a tenant answer to the world; entries for members of the same system only have no name outside. */
function entryAddresses(agency: Agency, id: string, shape: SystemShape | undefined): ReadonlyMap<string, PlacedAddress> {
  const tenant = agency.ask('tenant', id);
  if (!shape || tenant === null) return new Map();
  const networks = agency.ask('networks', id);
  const planned = plannedAddresses(shape, networks);
  const cluster = agency.ask('cloud', tenant.cloud)?.kind === 'kubernetes';
  // What comes in by host name comes in by the one address of the cluster's controller, where the plan has one.
  const shared = cluster ? agency.ask('allocation', `cloud/${tenant.cloud}/ingress`) : null;
  const held = (key: string): string[] => {
    const { v4, v6 } = agency.ask('allocation', key) ?? {};
    return [v4, v6].filter((prefix) => prefix !== undefined);
  };
  return new Map(
    shape.entries
      .filter(({ from }) => !('component' in from))
      .map((entry) => {
        const address = shared !== null && entryKind(entry) === 'ingress' ? bare(shared) : (planned.get(entry.name) ?? {});
        return [entry.name, answering(address, callersOf(entry, networks, held))];
      }),
  );
}

function bare({ v4, v6 }: { readonly v4?: string | undefined; readonly v6?: string | undefined }): PlacedAddress {
  const host = (text: string): string => text.replace(/\/\d+$/u, '');
  return { ...(v4 === undefined ? {} : { v4: host(v4) }), ...(v6 === undefined ? {} : { v6: host(v6) }) };
}
