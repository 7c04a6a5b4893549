import { sortedBy } from '../../core/index.ts';
import { agencyOf, pairsOf, type Federation, type System, type Tenant } from '../../federation/index.ts';
import type { Bare, Partner } from './world.ts';

/** For every tenant those that keep the same data, by tenant id; both ends of each pair see it. */
export function partnersOf(federation: Federation): ReadonlyMap<string, readonly Partner[]> {
  const found = new Map<string, Map<string, Partner>>();
  const add = (of: string, other: Tenant, side: Partner['side'], { id, disasterRecovery }: System): void => {
    const partners = found.get(of) ?? new Map<string, Partner>();
    found.set(of, partners);
    const known = partners.get(other.id);
    partners.set(other.id, {
      tenant: other.id,
      agency: agencyOf(federation, other.owner),
      cloud: other.cloud,
      // Two systems over one pair may disagree: what both must bear is that both sides write.
      side: known === undefined || known.side === side ? side : 'active',
      systems: [...(known?.systems ?? []), id].sort(),
      ...strictest('rpoMinutes', known, disasterRecovery),
      ...strictest('rtoMinutes', known, disasterRecovery),
    });
  };
  for (const system of federation.systems.values()) {
    for (const { first, second, active } of pairsOf(system)) {
      const [one, other] = [federation.tenants.get(first), federation.tenants.get(second)];
      // A tenant of another member is not ours to build for, nor known here.
      if (!one || !other) continue;
      add(first, other, active ? 'active' : 'primary', system);
      add(second, one, active ? 'active' : 'standby', system);
    }
  }
  return new Map([...found].map(([tenant, partners]) => [tenant, sortedBy(partners.values(), ({ tenant: id }) => id)]));
}

type Figure = 'rpoMinutes' | 'rtoMinutes';

function strictest(
  name: Figure,
  one: Partial<Record<Figure, number | undefined>> | undefined,
  other: Partial<Record<Figure, number | undefined>> | undefined,
): Partial<Record<Figure, number>> {
  const stated = [one?.[name], other?.[name]].filter((minutes) => minutes !== undefined);
  return stated.length === 0 ? {} : { [name]: Math.min(...stated) };
}

/** A tenant with what it takes from the one it is `like`: blueprint where it states none, each size and each parameter it does not state. */
export function likeWhom(federation: Pick<Federation, 'tenants'>, tenant: Bare<Tenant> | null): Bare<Tenant> | null {
  const model = tenant?.like === undefined ? undefined : federation.tenants.get(tenant.like);
  if (!tenant || !model) return tenant;
  const merged: Record<string, unknown> = { ...tenant };
  if (tenant.blueprint === undefined && model.blueprint !== undefined) merged['blueprint'] = model.blueprint;
  for (const name of ['size', 'parameters'] as const) {
    const [theirs, own] = [model, tenant].map((each) => (each as unknown as Record<string, unknown>)[name]);
    if (theirs !== undefined) merged[name] = { ...(theirs as object), ...(own as object | undefined) };
  }
  return merged as unknown as Bare<Tenant>;
}
