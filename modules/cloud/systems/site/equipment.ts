import { plural, type Problems } from '../../../core/index.ts';
import type { TenantFacts } from '../../program/agency.ts';
import type { SiteEquipment } from '../../synth/world.ts';
import type { SystemShape } from '../shape.ts';
import { placeMembers, type Position } from './placement.ts';

/** Servers the tenant may use: those given to it, or all that are given to nobody where no other tenant stands at the site. */
export function positionsOf(shape: SystemShape, tenant: string, site: string, { servers, tenants }: SiteEquipment, problems: Problems): readonly Position[] {
  const given = servers.filter((server) => server.tenant === tenant);
  const usable = given.length > 0 ? given : servers.filter((server) => server.tenant === undefined);
  const others = tenants.filter((id) => id !== tenant);
  if (given.length === 0 && others.length > 0) {
    problems.error(
      'CLOUD-CAPACITY',
      `site "${site}" holds several tenants (${[tenant, ...others].sort().join(', ')}) and gives none of its servers to "${tenant}"`,
      {
        subject: `tenant/${tenant}`,
        hint: `write \`tenant: ${tenant}\` at the servers that are its`,
      },
    );
    return [];
  }
  const { positions, shortages } = placeMembers(shape.components, usable);
  const unknown = usable.filter(({ cores, memoryGiB }) => cores === undefined || memoryGiB === undefined);
  for (const { component, member, needs, most } of shortages) {
    const short = (['vcpus', 'memoryGiB', 'storageGiB'] as const).filter((of) => needs[of] > most[of]);
    const lacking =
      short.length === 0
        ? 'no one server has all of it left'
        : `short: ${short.map((of) => `${words[of]}, at most ${most[of]} left on one server`).join('; ')}`;
    problems.error(
      'CLOUD-CAPACITY',
      `site "${site}" has no server left for ${component} ${member}, which needs ${needs.vcpus} cores, ${needs.memoryGiB} GiB of memory and ${needs.storageGiB} GiB of storage: ${lacking}`,
      {
        subject: `tenant/${tenant}`,
        hint:
          unknown.length > 0
            ? `${plural(unknown.length, 'server')} state no cores or memory (${unknown.map(({ id }) => id).join(', ')}): state them, or ask for less`
            : `declare more servers there (${plural(usable.length, 'server')} may be used), or ask for less`,
      },
    );
  }
  return positions;
}

const words = { vcpus: 'cores', memoryGiB: 'GiB of memory', storageGiB: 'GiB of storage' } as const;

/** Ids of the appliances each kind of part is made on. */
export interface Devices {
  /** Empty: each server's own packet filter. */
  readonly rules: readonly string[];
  readonly entries: readonly string[];
  readonly stores: readonly string[];
  readonly keys: readonly string[];
}

/** The appliances of the site that each kind of part is made on; a part there is none for is a problem. */
export function devicesOf(shape: SystemShape, { id: tenant }: TenantFacts, site: string, { appliances }: SiteEquipment, problems: Problems): Devices {
  const usable = appliances.filter((appliance) => appliance.tenant === undefined || appliance.tenant === tenant);
  const of = (kind: string): string[] => usable.filter((appliance) => appliance.kind === kind).map(({ id }) => id);
  const need = (parts: readonly { readonly name: string }[], what: string, kinds: readonly string[]): readonly string[] => {
    const found = kinds.map(of).find((list) => list.length > 0) ?? [];
    if (found.length === 0)
      for (const { name } of parts)
        problems.error(
          'CLOUD-PLACE',
          `${what} "${name}" of tenant "${tenant}" has no place at site "${site}", which has no appliance of kind ${kinds.join(' or ')}`,
          {
            subject: `tenant/${tenant}`,
            hint: 'declare the appliance, or place the tenant in a cloud that has one',
          },
        );
    return found;
  };
  return {
    rules: of('firewall'),
    entries: need(shape.entries, 'entry', ['load-balancer', 'firewall']),
    stores: need(shape.stores, 'object store', ['storage']),
    keys: need(shape.keys, 'key', ['hsm']),
  };
}
