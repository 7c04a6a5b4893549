import type { Agency, TenantFacts } from '../../program/agency.ts';
import type { SystemShape } from '../shape.ts';
import { namesOf } from './names.ts';
import { withReplicas, type OtherSide } from './replicas.ts';

export { needsOf, withReplicas, type OtherSide } from './replicas.ts';

/** The shape a tenant's blueprint gives it; undefined where no blueprint of systems does (a program, a project only). */
export type ShapeOf = (tenant: TenantFacts) => SystemShape | undefined;

/**
 * What a tenant's shape is once who keeps the same data is taken into account: conversations with the copies, both ways and
 * at both ends; room to take over; and the names of its systems, which lead to whichever side answers. Nothing in it is any cloud's own.
 * @throws ProblemError CLOUD-SPREAD where the two sides do not fit together, and whatever the blueprint of a side raises
 */
export function spread(agency: Agency, tenant: TenantFacts, shape: SystemShape, shapeOf: ShapeOf): SystemShape {
  const shapes = new Map<string, SystemShape | undefined>([[tenant.id, shape]]);
  const shapeOfId = (id: string): SystemShape | undefined => {
    if (!shapes.has(id)) {
      const facts = agency.ask('tenant', id);
      shapes.set(id, facts === null ? undefined : shapeOf(facts));
    }
    return shapes.get(id);
  };
  const others = agency.ask('partners', tenant.id).flatMap((partner): OtherSide[] => {
    const theirs = shapeOfId(partner.tenant);
    return theirs ? [{ ...partner, shape: theirs }] : [];
  });
  const names = namesOf(agency, tenant, shapeOfId);
  return { ...withReplicas(tenant.id, shape, others), ...(names.length > 0 ? { names } : {}) };
}
