import { problem, Problems } from '../../../core/index.ts';
import type { Partner } from '../../synth/world.ts';
import type { Component, Flow, Replica, Room, SystemShape } from '../shape.ts';

/** A tenant that keeps the same data, with the shape it has. */
export interface OtherSide extends Pick<Partner, 'tenant' | 'side' | 'systems'> {
  readonly shape: SystemShape;
}

/**
 * A shape with what follows from its being kept on two sides: what passes between each component and its copy, both ways and
 * at both ends, since after a take-over the data run the other way; and room to take over what the other side runs.
 * Pure; the other side's shape gets the mirror image from the same call with the sides exchanged.
 * @param tenant the one the shape is of, for problems
 * @throws ProblemError CLOUD-SPREAD where the other side has no such component, or another port for it
 */
export function withReplicas(tenant: string, shape: SystemShape, others: readonly OtherSide[]): SystemShape {
  const problems = new Problems();
  const flows = shape.replicas.flatMap((replica) => {
    const other = others.find(({ tenant: id }) => id === replica.tenant);
    return other ? replicaFlows(tenant, shape, replica, other, problems) : [];
  });
  problems.throwIfErrors();
  const room = roomFor(shape, others);
  return { ...shape, flows: [...shape.flows, ...flows.filter((flow) => !shape.flows.some((known) => sameFlow(known, flow)))], ...(room ? { room } : {}) };
}

function replicaFlows(tenant: string, shape: SystemShape, replica: Replica, other: OtherSide, problems: Problems): Flow[] {
  const own = shape.components.find(({ name }) => name === replica.component);
  const theirs = other.shape.components.find(({ name }) => name === replica.component);
  const port = own?.ports.find(({ name }) => name === replica.port);
  const far = theirs?.ports.find(({ name }) => name === replica.port);
  if (!own || !theirs || !port || far?.number !== port.number || far.protocol !== port.protocol) {
    problems.add(
      problem(
        'CLOUD-SPREAD',
        `${tenant} and ${other.tenant} keep the same data, but ${lacking(replica, { tenant, own, port }, { tenant: other.tenant, theirs, far })}`,
        {
          subject: `tenant/${tenant}`,
          hint: `give both the same blueprint and parameters: \`like: ${other.tenant}\` in the declaration of one of them`,
        },
      ),
    );
    return [];
  }
  const why = `copy of ${replica.component} for ${other.systems.join(', ')}`;
  const there = { key: `tenant/${other.tenant}/${theirs.segment}` };
  return [
    { from: there, to: { component: own.name }, port: port.name, protocol: port.protocol, why: `${why}, from ${other.tenant}` },
    { from: { component: own.name }, to: there, port: port.number, protocol: port.protocol, why: `${why}, to ${other.tenant}` },
  ];
}

function lacking(
  { component, port: name }: Replica,
  here: { tenant: string; own: Component | undefined; port: Component['ports'][number] | undefined },
  there: { tenant: string; theirs: Component | undefined; far: Component['ports'][number] | undefined },
): string {
  for (const [tenant, part, port] of [
    [here.tenant, here.own, here.port],
    [there.tenant, there.theirs, there.far],
  ] as const) {
    if (!part) return `${tenant} has no component "${component}"`;
    if (!port) return `"${component}" of ${tenant} has no port "${name}"`;
  }
  return `"${component}" listens on ${portText(here.port)} in ${here.tenant} and on ${portText(there.far)} in ${there.tenant}`;
}

function portText(port: Component['ports'][number] | undefined): string {
  return `${port?.number}/${port?.protocol}`;
}

function sameFlow(one: Flow, other: Flow): boolean {
  return JSON.stringify([one.from, one.to, one.port, one.protocol ?? 'tcp']) === JSON.stringify([other.from, other.to, other.port, other.protocol ?? 'tcp']);
}

/** What the parts of a shape need together. */
export function needsOf({ components }: Pick<SystemShape, 'components'>): Room {
  const sum = (of: (component: Component) => number): number => components.reduce((total, component) => total + component.replicas * of(component), 0);
  return {
    members: sum(() => 1),
    vcpus: sum(({ size }) => size.vcpus),
    memoryGiB: sum(({ size }) => size.memoryGiB),
    storageGiB: sum(({ storage }) => storage?.gib ?? 0),
  };
}

/**
 * Each side needs room for what the other runs, whichever answers now: sides are swapped by plans that change names, not quotas. A
 * standby of several needs it for all of them at once; an active side for its own load and the other's. Undefined where its own parts need no less.
 */
function roomFor(shape: SystemShape, others: readonly OtherSide[]): Room | undefined {
  const own = needsOf(shape);
  const need = (of: keyof Room): number => {
    const elsewhere = (wanted: OtherSide['side']): number[] => others.filter(({ side }) => side === wanted).map((other) => needsOf(other.shape)[of]);
    const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
    return Math.max(own[of], sum(elsewhere('standby')), ...elsewhere('primary')) + sum(elsewhere('active'));
  };
  const room = { members: need('members'), vcpus: need('vcpus'), memoryGiB: need('memoryGiB'), storageGiB: need('storageGiB') };
  return (Object.keys(room) as (keyof Room)[]).some((of) => room[of] > own[of]) ? room : undefined;
}
