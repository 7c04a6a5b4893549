import { listSeparator, type Payload } from './client/packed.ts';
import { packInventory, packRows, StringTable } from './pack.ts';
import type { Names, ReportData } from './types.ts';

/** The data as the page carries it: columns over one string table, a fifth of the size of plain JSON. */
export function payloadOf(data: ReportData): Payload {
  const table = new StringTable();
  const tables = {
    organisations: packRows(
      data.organisations.map(({ id, kind, names, parent, location }) => ({ id, kind, ...named(names), parent, ...location })),
      { strings: ['id', 'kind', 'vi', 'en', 'parent'], numbers: ['lat', 'lon'] },
      table,
    ),
    sites: packRows(
      data.sites.map(({ names, location, clouds, ...site }) => ({ ...site, ...named(names), ...location, clouds: joined(clouds) })),
      { strings: ['id', 'kind', 'vi', 'en', 'owner', 'role', 'backup', 'clouds'], numbers: ['lat', 'lon'] },
      table,
    ),
    clouds: packRows(
      data.clouds.map(({ names, ...cloud }) => ({ ...cloud, ...named(names) })),
      { strings: ['id', 'kind', 'vi', 'en', 'owner'] },
      table,
    ),
    connections: packRows(
      data.connections.map((connection) => ({ ...connection })),
      { strings: ['id', 'layer', 'kind', 'from', 'to'], numbers: ['capacityMbps'] },
      table,
    ),
    prefixes: packRows(
      data.prefixes.map((prefix) => ({ ...prefix })),
      { strings: ['key', 'prefix', 'domain', 'owner', 'member'] },
      table,
    ),
    systems: packRows(
      data.systems.map(({ names, shared, tenants, recovery, ...system }) => ({
        ...system,
        ...named(names),
        shared: shared ? 1 : 0,
        tenants: joined(tenants),
        recovery: recovery && recovery.place,
        mode: recovery?.mode,
        rpo: recovery?.rpoMinutes,
        rto: recovery?.rtoMinutes,
      })),
      { strings: ['id', 'vi', 'en', 'owner', 'member', 'tenants', 'recovery', 'mode'], numbers: ['level', 'shared', 'rpo', 'rto'] },
      table,
    ),
    stacks: packRows(
      data.stacks.map(({ waitsFor, ...stack }) => ({ ...stack, waitsFor: joined(waitsFor) })),
      { strings: ['path', 'agency', 'environment', 'state', 'waitsFor', 'error'], numbers: ['resources', 'add', 'change', 'destroy', 'milliseconds'] },
      table,
    ),
    findings: packRows(
      (data.audit?.findings ?? []).map(({ message, remediation, basis, instruments, evidence, ...finding }) => ({
        ...finding,
        ...named(message),
        remedyVi: remediation?.vi,
        remedyEn: remediation?.en,
        basis: joined(basis),
        instruments: joined(instruments),
        evidence: joined(evidence),
      })),
      {
        strings: ['rule', 'status', 'severity', 'agency', 'subject', 'vi', 'en', 'remedyVi', 'remedyEn', 'basis', 'instruments', 'evidence', 'place', 'waiver'],
      },
      table,
    ),
  };
  const inventory = packInventory(data.inventory, table);
  const { packed, position } = table.close();
  return {
    asOf: data.asOf,
    language: data.language,
    federation: data.federation,
    madeBy: data.madeBy,
    members: data.members,
    totals: data.totals,
    pools: data.pools,
    question: data.question,
    overlays: data.overlays,
    plan: data.plan,
    offers: data.offers,
    timings: data.timings,
    audit: data.audit && { asOf: data.audit.asOf, rules: data.audit.rules, instruments: data.audit.instruments, omitted: data.audit.omitted },
    strings: packed,
    organisations: tables.organisations(position),
    sites: tables.sites(position),
    clouds: tables.clouds(position),
    connections: tables.connections(position),
    prefixes: tables.prefixes(position),
    systems: tables.systems(position),
    stacks: tables.stacks(position),
    findings: tables.findings(position),
    inventory: inventory(position),
  };
}

/** The English name only where it differs: readers fall back to the Vietnamese one. */
function named({ vi, en }: Names): { vi: string; en: string | undefined } {
  return { vi, en: en === vi ? undefined : en };
}

function joined(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(listSeparator);
}
