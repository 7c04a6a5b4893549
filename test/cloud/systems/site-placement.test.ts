import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeMembers, type Host } from '../../../modules/cloud/systems/site/index.ts';
import type { Component } from '../../../modules/cloud/systems/shape.ts';

const hosts = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 40 }).map((number) => `server-${number}`),
      rack: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
      cores: fc.option(fc.integer({ min: 1, max: 32 }), { nil: undefined, freq: 8 }),
      memoryGiB: fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined, freq: 8 }),
      storageGiB: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .map((list): Host[] => list);

const components = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('web', 'app', 'data', 'queue', 'index'),
      replicas: fc.integer({ min: 1, max: 5 }),
      size: fc.record({ vcpus: fc.integer({ min: 1, max: 8 }), memoryGiB: fc.integer({ min: 1, max: 16 }) }),
      gib: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
  )
  .map((list) =>
    list.map(({ gib, ...rest }): Component => ({
      ...rest,
      segment: 'app',
      image: { machine: 'i', container: 'i' },
      ports: [],
      ...(gib === undefined ? {} : { storage: { gib } }),
    })),
  );

const needs = ({ size, storage }: Component): readonly number[] => [size.vcpus, size.memoryGiB, storage?.gib ?? 0];
const has = ({ cores = 0, memoryGiB = 0, storageGiB = 0 }: Host): number[] => (cores === 0 || memoryGiB === 0 ? [0, 0, 0] : [cores, memoryGiB, storageGiB]);

describe('placing members on servers', () => {
  it('accounts for every member, gives no server more than it has, and nothing to a server nobody knows the size of', () => {
    fc.assert(
      fc.property(components, hosts, (parts, servers) => {
        const { positions, shortages } = placeMembers(parts, servers);
        const all = parts.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, index) => `${name}-${index + 1}`));
        expect([...positions, ...shortages].map(({ component, member }) => `${component}-${member}`).sort()).toEqual(all.sort());
        for (const server of servers) {
          const used = positions
            .filter((position) => position.server === server.id)
            .map(({ component }) => needs(parts.find(({ name }) => name === component) as Component));
          const [cores, memory, storage] = [0, 1, 2].map((of) => used.reduce((sum, each) => sum + (each[of] ?? 0), 0)) as [number, number, number];
          const [hasCores = 0, hasMemory = 0, hasStorage = 0] = has(server);
          expect(cores <= hasCores && memory <= hasMemory && storage <= hasStorage).toBe(true);
        }
      }),
    );
  });

  it('does not depend on the order in which parts and servers come', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(components, hosts)
          .chain(([parts, servers]) =>
            fc.tuple(
              fc.constant([parts, servers] as const),
              fc.shuffledSubarray(parts, { minLength: parts.length }),
              fc.shuffledSubarray(servers, { minLength: servers.length }),
            ),
          ),
        ([[parts, servers], otherParts, otherServers]) => {
          const sorted = (list: readonly { readonly component: string; readonly member: number }[]): unknown[] =>
            [...list].sort((a, b) => (a.component + String(a.member) < b.component + String(b.member) ? -1 : 1));
          expect(sorted(placeMembers(otherParts, otherServers).positions)).toEqual(sorted(placeMembers(parts, servers).positions));
        },
      ),
    );
  });

  it('keeps the members of a component in different racks while there are enough that have room', () => {
    fc.assert(
      fc.property(components, fc.integer({ min: 1, max: 5 }), (parts, racks) => {
        // Every rack has a server with room for everything, so nothing but the number of racks is in the way.
        const servers = Array.from({ length: racks }, (_, index): Host => ({
          id: `s-${index}`,
          rack: `r-${index}`,
          cores: 500,
          memoryGiB: 1000,
          storageGiB: 9000,
        }));
        const { positions, shortages } = placeMembers(parts, servers);
        expect(shortages).toEqual([]);
        for (const { name, replicas } of parts) {
          const used = new Set(positions.filter(({ component }) => component === name).map(({ rack }) => rack));
          expect(used.size).toBe(Math.min(replicas, racks));
        }
      }),
    );
  });

  it('calls a member short only where no server has what it needs left', () => {
    fc.assert(
      fc.property(components, hosts, (parts, servers) => {
        const { positions, shortages } = placeMembers(parts, servers);
        // What is left when all is placed: whoever was refused would still not fit, because nothing is ever given back.
        for (const { component } of shortages) {
          const part = parts.find(({ name }) => name === component) as Component;
          for (const server of servers) {
            const used = positions
              .filter((position) => position.server === server.id)
              .map((position) => needs(parts.find(({ name }) => name === position.component) as Component));
            const left = has(server).map((total, of) => total - used.reduce((sum, each) => sum + (each[of] ?? 0), 0));
            expect(needs(part).every((need, of) => need <= (left[of] ?? 0)) && has(server)[0] !== 0).toBe(false);
          }
        }
      }),
    );
  });
});
