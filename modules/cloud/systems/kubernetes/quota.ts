import { fail } from '../../../core/index.ts';
import { quotaOfPlan, type NamespaceQuota } from '../../kubernetes/quota.ts';
import type { Agency, TenantFacts } from '../../program/agency.ts';
import type { Component, Room, SystemShape } from '../shape.ts';
import { entryKind } from './refuse.ts';
import { exposedPorts } from './openings.ts';

/**
 * What a namespace needs for a shape: every component with one member more than it has, because a rollout brings the new
 * one up before an old one goes, and a fifth of the processors and memory above that for what people run by hand; of a
 * standby what it needs to take over. All that may be used is reserved, as servers of a cloud of machines have theirs.
 */
export function quotaOfShape(shape: SystemShape): Required<NamespaceQuota> {
  const { components, entries, room } = shape;
  const sum = (of: (component: Component) => number): number => components.reduce((all, component) => all + of(component), 0);
  const needed = (of: keyof Room, each: (component: Component) => number): number =>
    Math.max(
      sum((component) => component.replicas * each(component)),
      room?.[of] ?? 0,
    ) + sum(each);
  const byHand = 1.2;
  const balancers = entries.filter((entry) => entryKind(entry) === 'balancer').length;
  const exposed = components.filter(({ name }) => exposedPorts(shape, name).length > 0).length;
  // Volumes stay when a member goes, so that the next one finds its data: one member more, as above.
  const volumes = sum(({ replicas, storage }) => (storage === undefined ? 0 : replicas + 1));
  return {
    cores: Math.ceil(needed('vcpus', ({ size }) => size.vcpus) * byHand),
    memoryGiB: Math.ceil(needed('memoryGiB', ({ size }) => size.memoryGiB) * byHand),
    pods: needed('members', () => 1) + 5,
    storageGiB: needed('storageGiB', ({ storage }) => storage?.gib ?? 0),
    volumes: volumes === 0 ? 0 : Math.max(volumes, room?.members ?? 0),
    loadBalancers: balancers + exposed,
    overcommit: 1,
  };
}

/**
 * The quota of a tenant's system: what its shape needs, or where the tenant takes a plan of an offer, what that gives.
 * @throws ProblemError CLOUD-PLAN where the plan is too small for the shape
 */
export function quotaFor(agency: Agency, tenant: TenantFacts, shape: SystemShape): NamespaceQuota {
  const needs = quotaOfShape(shape);
  const plan = agency.ask('plan', tenant.id);
  if (plan === null) return needs;
  const gives = quotaOfPlan(plan.sizes);
  const short = (Object.keys(gives) as (keyof NamespaceQuota)[]).flatMap((name) => {
    const given = gives[name] ?? 0;
    return given < needs[name] ? [`${name} ${given}, and it needs ${needs[name]}`] : [];
  });
  if (short.length > 0)
    fail('CLOUD-PLAN', `plan ${plan.offer}/${plan.name} is too small for tenant "${tenant.id}": ${short.join('; ')}`, {
      subject: `tenant/${tenant.id}`,
      hint: 'take a larger plan, or make the system smaller (`size:`)',
    });
  return { ...needs, ...gives };
}
