import { didYouMean, plural, type Problems } from '../core/index.ts';
import type { Declared, Federation } from './model.ts';
import { checkEquipment } from './equipment.ts';
import { checkPlans } from './plans.ts';
import type { Collection } from './schema.ts';

/**
 * Checks that what objects refer to exists: parents, owners, sites, clouds, tenants, systems, services.
 * Organisations of other members are not known here, so only the member's own organisation may have a parent
 * that is not declared.
 */
export function checkReferences(federation: Federation, problems: Problems): void {
  const refer = (from: { id: string } & Declared, kind: string, field: string, target: Collection, id: string | undefined): void => {
    if (id === undefined || federation[target].has(id)) return;
    problems.error('FED-UNKNOWN-REFERENCE', `${kind} "${from.id}": ${field} names ${singular(target)} "${id}", which is not declared`, {
      ...from.place,
      hint: didYouMean(id, federation[target].keys()) ?? `declare it, or choose one of ${plural(federation[target].size, singular(target))}`,
    });
  };
  for (const item of federation.organisations.values()) {
    if (item.id !== federation.settings.member.organisation) refer(item, 'organisation', 'parent', 'organisations', item.parent);
  }
  checkCycles(federation, problems);
  for (const item of federation.sites.values()) {
    refer(item, 'site', 'owner', 'organisations', item.owner);
    refer(item, 'site', 'operator', 'organisations', item.operator);
    refer(item, 'site', 'backup', 'sites', item.backup);
  }
  for (const item of federation.clouds.values()) {
    refer(item, 'cloud', 'owner', 'organisations', item.owner);
    refer(item, 'cloud', 'operator', 'organisations', item.operator);
    item.regions.forEach((region) => refer(item, 'cloud', `region "${region.name}"`, 'sites', region.site));
  }
  for (const item of federation.networks.values()) {
    refer(item, 'network', 'owner', 'organisations', item.owner);
    refer(item, 'network', 'site', 'sites', item.site);
  }
  for (const item of federation.links.values()) {
    refer(item, 'link', 'owner', 'organisations', item.owner);
    refer(item, 'link', 'from', 'sites', item.from);
    refer(item, 'link', 'to', 'sites', item.to);
    refer(item, 'link', 'backup', 'links', item.backup);
  }
  for (const item of federation.tenants.values()) {
    refer(item, 'tenant', 'owner', 'organisations', item.owner);
    refer(item, 'tenant', 'cloud', 'clouds', item.cloud);
    refer(item, 'tenant', 'like', 'tenants', item.like);
    // One step and no further: nobody should have to follow a chain to see what a tenant is.
    if (item.like !== undefined && federation.tenants.get(item.like)?.like !== undefined)
      problems.error('FED-LIKE', `tenant "${item.id}" is like "${item.like}", which is itself like another`, {
        ...item.place,
        hint: 'name the tenant that states the blueprint',
      });
  }
  for (const item of federation.systems.values()) {
    refer(item, 'system', 'owner', 'organisations', item.owner);
    refer(item, 'system', 'operator', 'organisations', item.operator);
    refer(item, 'system', 'site', 'sites', item.site);
    item.tenants?.forEach((tenant) => refer(item, 'system', 'tenants', 'tenants', tenant));
    refer(item, 'system', 'disasterRecovery.tenant', 'tenants', item.disasterRecovery?.tenant);
    refer(item, 'system', 'disasterRecovery.site', 'sites', item.disasterRecovery?.site);
    item.provides?.forEach((service) => refer(item, 'system', 'provides', 'services', service));
  }
  for (const item of federation.services.values()) {
    refer(item, 'service', 'owner', 'organisations', item.owner);
    refer(item, 'service', 'system', 'systems', item.system);
  }
  for (const item of federation.offers.values()) {
    refer(item, 'offer', 'owner', 'organisations', item.owner);
    refer(item, 'offer', 'cloud', 'clouds', item.cloud);
    refer(item, 'offer', 'service', 'services', item.service);
    // A member below a centre does not know the other members' organisations, to which it may offer as well.
    if (knowsAll(federation)) {
      item.conditions?.organisations?.forEach((id) => refer(item, 'offer', 'conditions.organisations', 'organisations', id));
      item.conditions?.below?.forEach((id) => refer(item, 'offer', 'conditions.below', 'organisations', id));
    }
  }
  for (const collection of ['racks', 'servers', 'appliances'] as const) {
    for (const item of federation[collection].values()) {
      refer(item, singular(collection), 'owner', 'organisations', item.owner);
      refer(item, singular(collection), 'operator', 'organisations', item.operator);
      refer(item, singular(collection), 'site', 'sites', item.site);
      if ('rack' in item) refer(item, singular(collection), 'rack', 'racks', item.rack);
      if ('tenant' in item) refer(item, singular(collection), 'tenant', 'tenants', item.tenant);
    }
  }
  checkEquipment(federation, problems);
  checkPlans(federation, problems);
}

/** Whether everything above the member's own organisation is declared here, and no organisation is another member's to declare. */
function knowsAll({ settings, organisations }: Federation): boolean {
  const parent = organisations.get(settings.member.organisation ?? '')?.parent;
  return settings.members.length === 0 && (parent === undefined || organisations.has(parent));
}

function singular(collection: Collection): string {
  return collection.slice(0, -1);
}

function checkCycles(federation: Federation, problems: Problems): void {
  const done = new Set<string>();
  for (const start of federation.organisations.values()) {
    const trail: string[] = [];
    for (let id: string | undefined = start.id; id !== undefined && !done.has(id); id = federation.organisations.get(id)?.parent) {
      const first = trail.indexOf(id);
      if (first >= 0) {
        problems.error('FED-CYCLE', `organisations stand above each other in a circle: ${[...trail.slice(first), id].join(' -> ')}`, {
          ...start.place,
          hint: 'one of them must have another parent or none',
        });
        break;
      }
      trail.push(id);
    }
    trail.forEach((id) => done.add(id));
  }
}
