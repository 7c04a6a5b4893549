import { isObject, parseUrn } from '../core/index.ts';
import type { InventoryRecord } from '../inventory/types.ts';
import type { Coordinates, ReportCloud, ReportConnection, ReportOrganisation, ReportPrefix, ReportSite, ReportStack, ReportSystem } from './types.ts';

/** What other members' records say; nobody reads another's folder. */
export interface ForeignFacts {
  readonly organisations: readonly ReportOrganisation[];
  readonly sites: readonly ReportSite[];
  readonly clouds: readonly ReportCloud[];
  readonly systems: readonly ReportSystem[];
  readonly prefixes: readonly ReportPrefix[];
  readonly stacks: readonly ReportStack[];
  readonly links: readonly ReportConnection[];
  readonly zones: number;
  readonly zoneRecords: number;
  readonly tunnels: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Reads what the page draws and counts out of records. A field that is absent or of another shape is left out, never guessed. */
export function foreign(records: readonly InventoryRecord[]): ForeignFacts {
  const kinds = new Map<string, { record: InventoryRecord; id: string; attributes: Attributes }[]>();
  const resources = new Map<string, number>();
  for (const record of records) {
    const id = parseUrn(record.urn)?.id ?? record.urn;
    if (record.layer === 'declared') {
      const list = kinds.get(record.kind);
      const item = { record, id, attributes: record.attributes };
      if (list) list.push(item);
      else kinds.set(record.kind, [item]);
    }
    const stack = record.kind === 'resource' ? text(record.attributes['stack']) : undefined;
    if (stack !== undefined && record.layer === 'declared') resources.set(stack, (resources.get(stack) ?? 0) + 1);
  }
  const of = (kind: string): { record: InventoryRecord; id: string; attributes: Attributes }[] => kinds.get(kind) ?? [];
  return {
    organisations: of('organisation').map(({ record, id, attributes }) => ({
      id,
      kind: text(attributes['kind']) ?? 'organisation',
      names: record.names,
      parent: text(attributes['parent']) ?? record.owners.find((owner) => owner !== id),
      location: coordinates(attributes),
    })),
    sites: of('site').map(({ record, id, attributes }) => ({
      id,
      kind: text(attributes['kind']) ?? 'site',
      names: record.names,
      owner: record.owner,
      role: text(attributes['role']),
      backup: text(attributes['backup']),
      location: coordinates(attributes),
      clouds: of('cloud').flatMap((cloud) => (regionSites(cloud.attributes).includes(id) ? [cloud.id] : [])),
    })),
    clouds: of('cloud').map(({ record, id, attributes }) => ({ id, names: record.names, kind: text(attributes['kind']) ?? '', owner: record.owner })),
    systems: of('system').map(({ record, id, attributes }) => systemOf(record, id, attributes)),
    prefixes: of('prefix').flatMap(({ record, id, attributes }) =>
      [attributes['v4'], attributes['v6'], attributes['prefix']].flatMap((value): ReportPrefix[] => {
        const prefix = text(value);
        return prefix === undefined
          ? []
          : [{ key: text(attributes['key']) ?? id, prefix, domain: text(attributes['domain']) ?? '', owner: record.owner, member: record.member }];
      }),
    ),
    stacks: of('stack').map(({ record, id, attributes }) => ({
      path: id,
      agency: text(attributes['agency']) ?? record.owner,
      environment: attributes['environment'] === 'production' ? 'production' : 'sandbox',
      resources: amount(attributes['resources']) ?? resources.get(id) ?? 0,
      add: 0,
      change: 0,
      destroy: 0,
      waitsFor: [],
      milliseconds: 0,
    })),
    links: of('link').flatMap(({ id, attributes }): ReportConnection[] => {
      const from = text(attributes['from']);
      const to = text(attributes['to']);
      if (from === undefined || to === undefined) return [];
      return [{ id, layer: 'link', kind: text(attributes['kind']) ?? 'link', from, to, capacityMbps: amount(attributes['capacityMbps']) }];
    }),
    zones: of('zone').length,
    zoneRecords: of('zone').reduce((sum, { attributes }) => sum + (amount(attributes['records']) ?? 0), 0),
    tunnels: of('tunnel').length,
  };
}

function systemOf(record: InventoryRecord, id: string, attributes: Attributes): ReportSystem {
  const recovery = attributes['disasterRecovery'];
  const level = attributes['level'];
  return {
    id,
    names: record.names,
    owner: record.owner,
    member: record.member,
    level: amount(level) ?? (isObject(level) ? amount(level['value']) : undefined),
    shared: attributes['shared'] === true,
    tenants: list(attributes['tenants']),
    recovery: isObject(recovery)
      ? {
          place: text(recovery['tenant']) ?? text(recovery['site']) ?? '',
          mode: text(recovery['mode']),
          rpoMinutes: amount(recovery['rpoMinutes']),
          rtoMinutes: amount(recovery['rtoMinutes']),
        }
      : undefined,
  };
}

function regionSites(attributes: Attributes): string[] {
  const regions = attributes['regions'];
  return Array.isArray(regions) ? regions.flatMap((region: unknown) => (isObject(region) ? list([region['site']]) : [])) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function coordinates(attributes: Attributes): Coordinates | undefined {
  const holder = isObject(attributes['location']) ? attributes['location'] : attributes;
  const lat = amount(holder['lat']);
  const lon = amount(holder['lon']);
  return lat === undefined || lon === undefined ? undefined : { lat, lon };
}
