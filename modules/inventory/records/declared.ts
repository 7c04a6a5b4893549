import type { Json } from '../../core/index.ts';
import { collections, type Collection, type Federation, type Objects } from '../../federation/index.ts';
import type { InventoryRecord, Relation } from '../types.ts';
import { makeRecord, relation, type RecordContext } from './context.ts';

/** Fields that have a place of their own in a record, or that only the loader needs. */
const ownPlace = new Set(['id', 'names', 'owner', 'tenure', 'place', 'folder']);

/** Records of everything declared: organisations, sites, clouds, networks, links, tenants, systems, services, offers, racks, servers, appliances. */
export function declaredRecords(context: RecordContext): InventoryRecord[] {
  const { federation } = context;
  const providers = providersOf(federation);
  return collections.flatMap((collection) =>
    [...federation[collection].values()].map((item) => {
      const owner = ownerOf(federation, collection, item);
      const names = item.names ?? ownNames(item);
      return makeRecord(context, {
        kind: collection.slice(0, -1),
        id: item.id,
        owner,
        names,
        place: item.place,
        relations: relationsOf(context, collection, item, providers),
        attributes: attributesOf(item),
      });
    }),
  );
}

/** Who answers for a declared object: itself for an organisation, its owner, or for a link without one the owner of where it begins. */
export function ownerOf(federation: Federation, collection: Collection, item: Objects[Collection]): string {
  if (collection === 'organisations') return item.id;
  if ('owner' in item && item.owner !== undefined) return item.owner;
  if (collection === 'offers') return federation.clouds.get((item as Objects['offers']).cloud)?.owner ?? memberOrganisation(federation);
  if ('from' in item && typeof item.from === 'string') return federation.sites.get(item.from)?.owner ?? memberOrganisation(federation);
  return memberOrganisation(federation);
}

/** The organisation that answers for what names no other. */
export function memberOrganisation(federation: Federation): string {
  return federation.settings.member.organisation ?? federation.settings.member.id;
}

/** Names of what has none: the ends of a link, the model and id of equipment, else the id. */
function ownNames(item: Objects[Collection]): { vi: string; en: string } {
  const text =
    'from' in item && 'to' in item ? `${item.from} - ${item.to}` : 'model' in item && item.model !== undefined ? `${item.model} (${item.id})` : item.id;
  return { vi: text, en: text };
}

function attributesOf(item: Objects[Collection]): { [key: string]: Json | undefined } {
  const attributes: { [key: string]: Json | undefined } = {};
  for (const [key, value] of Object.entries(item)) if (!ownPlace.has(key)) attributes[key] = value as Json | undefined;
  // A single holder without dates is the owner itself; a succession is worth keeping.
  if (item.tenure.length > 1) attributes['tenure'] = item.tenure.map((tenure) => ({ ...tenure }));
  return attributes;
}

function providersOf(federation: Federation): Map<string, string> {
  const providers = new Map<string, string>();
  for (const system of federation.systems.values()) for (const service of system.provides ?? []) providers.set(service, system.id);
  return providers;
}

function relationsOf(context: RecordContext, collection: Collection, item: Objects[Collection], providers: Map<string, string>): (Relation | undefined)[] {
  const to = (type: string, target: Collection, id: string | undefined): Relation | undefined =>
    relation(type, id === undefined ? undefined : context.urnOf(target, id));
  const owned = collection === 'organisations' ? undefined : to('ownedBy', 'organisations', 'owner' in item ? item.owner : undefined);
  switch (collection) {
    case 'organisations': {
      const organisation = item as Objects['organisations'];
      return [to('partOf', 'organisations', organisation.parent)];
    }
    case 'sites': {
      const site = item as Objects['sites'];
      return [owned, to('operatedBy', 'organisations', site.operator), to('backedUpBy', 'sites', site.backup)];
    }
    case 'clouds': {
      const cloud = item as Objects['clouds'];
      return [owned, to('operatedBy', 'organisations', cloud.operator), ...cloud.regions.map((region) => to('locatedIn', 'sites', region.site))];
    }
    case 'networks':
      return [owned, to('locatedIn', 'sites', (item as Objects['networks']).site)];
    case 'links': {
      const link = item as Objects['links'];
      return [owned, to('connects', 'sites', link.from), to('connects', 'sites', link.to), to('backedUpBy', 'links', link.backup)];
    }
    case 'tenants':
      return [owned, to('runsOn', 'clouds', (item as Objects['tenants']).cloud)];
    case 'systems': {
      const system = item as Objects['systems'];
      return [
        owned,
        to('operatedBy', 'organisations', system.operator),
        ...(system.tenants ?? []).map((tenant) => to('runsOn', 'tenants', tenant)),
        to('locatedIn', 'sites', system.site),
        to('backedUpBy', 'tenants', system.disasterRecovery?.tenant),
        to('backedUpBy', 'sites', system.disasterRecovery?.site),
        ...(system.provides ?? []).map((service) => to('provides', 'services', service)),
        ...(system.consumes ?? []).map(({ service }) => to('consumes', 'services', service)),
      ];
    }
    case 'services':
      return [owned, to('providedBy', 'systems', (item as Objects['services']).system ?? providers.get(item.id))];
    case 'offers': {
      const offer = item as Objects['offers'];
      return [
        to('ownedBy', 'organisations', ownerOf(context.federation, collection, item)),
        to('offeredOn', 'clouds', offer.cloud),
        to('partOf', 'services', offer.service),
      ];
    }
    case 'racks':
    case 'servers':
    case 'appliances': {
      const piece = item as Objects['racks' | 'servers' | 'appliances'];
      return [
        owned,
        to('operatedBy', 'organisations', piece.operator),
        to('locatedIn', 'sites', piece.site),
        'rack' in piece ? to('mountedIn', 'racks', piece.rack) : undefined,
      ];
    }
  }
}
