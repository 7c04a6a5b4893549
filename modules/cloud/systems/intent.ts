import { dataClasses } from '../../federation/index.ts';
import type { Agency, TenantFacts } from '../program/agency.ts';
import { systemBlueprints } from './index.ts';
import type { SystemIntent, SystemShape } from './shape.ts';

/**
 * What a tenant's system is made from, as far as it is declared: the tenant, the systems in it, the networks the address plan
 * holds for it, and who keeps the same data. A tenant that stands by for another is taken to be of the other's level and data.
 */
function intentOf(agency: Agency, tenant: TenantFacts): SystemIntent {
  const own = agency.ask('systems', tenant.id);
  const elsewhere = agency.ask('partners', tenant.id).flatMap((partner) => partner.systems.map((name) => agency.ask('system', name)));
  const systems = [...own, ...elsewhere].filter((system) => system !== null);
  const levels = systems.flatMap(({ level }) => level?.value ?? []);
  const classes = systems.flatMap(({ dataClass }) => (dataClass === undefined ? [] : dataClasses.indexOf(dataClass)));
  const carriers = systems
    .flatMap(({ network, consumes }) => [network, ...(consumes ?? []).map(({ carrier }) => carrier)])
    .filter((name) => name !== undefined);
  const { id, names, size, region, zone, owner } = tenant;
  return {
    tenant: { id, names, size, region, zone, owner },
    level: levels.length === 0 ? undefined : Math.max(...levels),
    // As strict as the strictest of what lies together.
    dataClass: classes.length === 0 ? undefined : dataClasses[Math.max(...classes)],
    carriers: [...new Set(carriers)].sort(),
    segments: agency.ask('networks', id).map(({ name }) => name),
    size: size ?? {},
    parameters: tenant.parameters ?? {},
    partners: agency.ask('partners', id).map(({ tenant: other, side, cloud, rpoMinutes, rtoMinutes }) => ({
      tenant: other,
      side,
      ...(rpoMinutes === undefined ? {} : { rpoMinutes }),
      ...(rtoMinutes === undefined ? {} : { rtoMinutes }),
      samePlace: cloud === tenant.cloud && agency.ask('tenant', other)?.region === region,
    })),
  };
}

/**
 * The shape of a tenant that is declared to be one of the kinds of systems; undefined for any other.
 * @throws ProblemError CLOUD-PARAMETER, CLOUD-SIZE, CLOUD-NOT-NUMBERED, CLOUD-PARTNER
 */
export function declaredShape(agency: Agency, tenant: TenantFacts): SystemShape | undefined {
  return systemBlueprints.get(tenant.blueprint ?? '')?.shape(intentOf(agency, tenant));
}
