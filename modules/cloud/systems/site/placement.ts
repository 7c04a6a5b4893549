import { compareCodeUnits, sortedBy } from '../../../core/index.ts';
import type { Bare } from '../../synth/world.ts';
import type { Server } from '../../../federation/index.ts';
import type { Component } from '../shape.ts';

/** A server as placement sees it. What its record does not state is unknown, and nothing is put on what is unknown. */
export type Host = Pick<Bare<Server>, 'id' | 'rack' | 'cores' | 'memoryGiB' | 'storageGiB'>;

/** Where one member of a component stands. */
export interface Position {
  readonly component: string;
  /** From 1. */
  readonly member: number;
  readonly server: string;
  readonly rack?: string | undefined;
}

/** A member no server has room for, and the most that is left of each on any one server. */
export interface Shortage {
  readonly component: string;
  readonly member: number;
  readonly needs: Room;
  readonly most: Room;
}

export interface Room {
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
}

interface Free {
  readonly host: Host;
  vcpus: number;
  memoryGiB: number;
  storageGiB: number;
}

/**
 * Puts every member on a server. Members of one component stand in different racks while there are enough with room, then on
 * different servers; servers without a stated rack count as one. Larger members first, then by name; among equals the emptiest
 * server, then the lowest id: the same input gives the same places, in whatever order it comes. Pure.
 * A core is given to one member only, because a site without an API has nobody who would watch over-commitment.
 */
export function placeMembers(components: readonly Component[], hosts: readonly Host[]): { positions: readonly Position[]; shortages: readonly Shortage[] } {
  const free: Free[] = sortedBy(hosts, ({ id }) => id).flatMap((host) =>
    host.cores === undefined || host.memoryGiB === undefined ? [] : [{ host, vcpus: host.cores, memoryGiB: host.memoryGiB, storageGiB: host.storageGiB ?? 0 }],
  );
  const positions: Position[] = [];
  const shortages: Shortage[] = [];
  for (const component of inOrderOfSize(components)) {
    const needs = needsOfMember(component);
    const onServer = new Map<string, number>();
    const inRack = new Map<string, number>();
    for (let member = 1; member <= component.replicas; member++) {
      const chosen = free
        .filter((one) => fits(one, needs))
        .sort(
          (one, other) =>
            (inRack.get(rackOf(one)) ?? 0) - (inRack.get(rackOf(other)) ?? 0) ||
            (onServer.get(one.host.id) ?? 0) - (onServer.get(other.host.id) ?? 0) ||
            other.memoryGiB - one.memoryGiB ||
            other.vcpus - one.vcpus ||
            compareCodeUnits(one.host.id, other.host.id),
        )[0];
      if (!chosen) {
        shortages.push({ component: component.name, member, needs, most: mostOf(free) });
        continue;
      }
      for (const of of measures) chosen[of] -= needs[of];
      inRack.set(rackOf(chosen), (inRack.get(rackOf(chosen)) ?? 0) + 1);
      onServer.set(chosen.host.id, (onServer.get(chosen.host.id) ?? 0) + 1);
      positions.push({ component: component.name, member, server: chosen.host.id, ...(chosen.host.rack === undefined ? {} : { rack: chosen.host.rack }) });
    }
  }
  return { positions, shortages };
}

const measures = ['vcpus', 'memoryGiB', 'storageGiB'] as const;

function inOrderOfSize(components: readonly Component[]): Component[] {
  return [...components].sort((one, other) => {
    const [a, b] = [needsOfMember(one), needsOfMember(other)];
    return b.memoryGiB - a.memoryGiB || b.vcpus - a.vcpus || b.storageGiB - a.storageGiB || compareCodeUnits(one.name, other.name);
  });
}

export function needsOfMember({ size, storage }: Component): Room {
  return { vcpus: size.vcpus, memoryGiB: size.memoryGiB, storageGiB: storage?.gib ?? 0 };
}

function fits(free: Free, needs: Room): boolean {
  return measures.every((of) => free[of] >= needs[of]);
}

function rackOf({ host }: Free): string {
  return host.rack ?? '';
}

function mostOf(free: readonly Free[]): Room {
  const most = (of: (typeof measures)[number]): number => Math.max(0, ...free.map((one) => one[of]));
  return { vcpus: most('vcpus'), memoryGiB: most('memoryGiB'), storageGiB: most('storageGiB') };
}
