import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openingsOf, componentLabel } from '../../../modules/cloud/systems/kubernetes/openings.ts';
import { quotaOfShape } from '../../../modules/cloud/systems/kubernetes/quota.ts';
import type { Component, Flow, SystemShape } from '../../../modules/cloud/systems/index.ts';

const numbers = [80, 443, 5432];

const components = fc.uniqueArray(fc.constantFrom('web', 'app', 'data', 'queue', 'index'), { minLength: 1 }).map((names) =>
  names.map((name, index): Component => ({
    name,
    segment: index % 2 === 0 ? 'front' : 'back',
    replicas: 1 + (index % 3),
    size: { vcpus: 1, memoryGiB: 2 },
    image: { machine: 'm', container: 'c' },
    ports: numbers.map((number) => ({ name: `p${number}`, number, protocol: 'tcp' })),
    ...(index % 2 === 0 ? {} : { storage: { gib: 10 } }),
  })),
);

const shapes: fc.Arbitrary<SystemShape> = components.chain((list) => {
  const one = fc.constantFrom(...list.map(({ name }) => name));
  const flow = fc.record({ from: one, to: one, port: fc.constantFrom(...numbers) });
  return fc.record({ flows: fc.array(flow, { maxLength: 12 }), within: fc.array(flow, { maxLength: 3 }) }).map(({ flows, within }) => ({
    segments: [{ name: 'front' }, { name: 'back' }],
    components: list,
    flows: flows.map(({ from, to, port }): Flow => ({ from: { component: from }, to: { component: to }, port: `p${port}`, why: 'w' })),
    entries: within.map(({ from, to, port }, index) => ({
      name: `entry${index}`,
      component: to,
      listen: 9000 + index,
      port: `p${port}`,
      from: { component: from },
      tls: { at: 'members' as const },
    })),
    stores: [],
    keys: [],
    replicas: [],
    claims: [],
  }));
});

const prefixes = { networks: [], ofKey: () => [] };

/** What NetworkPolicies let through: the caller's must let it out, and the callee's must let it in. */
function permitted(shape: SystemShape, from: string, to: string, port: number): boolean {
  const allows = (component: string, direction: 'from' | 'to', other: string): boolean =>
    openingsOf(shape, component, prefixes).some(
      (opening) =>
        opening.direction === direction &&
        opening.ports.some(({ number }) => number === port) &&
        opening.peers.some((peer) => 'pods' in peer && peer.pods?.[componentLabel] === other),
    );
  return allows(from, 'to', to) && allows(to, 'from', from);
}

describe('what members of a system on Kubernetes may do in the network', () => {
  it('is what flows and entries name, and nothing else, for every pair and port', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const names = shape.components.map(({ name }) => name);
        for (const from of names)
          for (const to of names)
            for (const port of numbers) {
              const stated =
                shape.flows.some(
                  (flow) =>
                    'component' in flow.from && flow.from.component === from && 'component' in flow.to && flow.to.component === to && flow.port === `p${port}`,
                ) ||
                shape.entries.some(
                  (entry) => 'component' in entry.from && entry.from.component === from && entry.component === to && entry.port === `p${port}`,
                );
              expect(permitted(shape, from, to, port), `${from} to ${to}:${port}`).toBe(stated);
            }
      }),
      { numRuns: 200 },
    );
  });

  it('fits the quota while any one component is replaced', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const quota = quotaOfShape(shape);
        const sum = (of: (component: Component) => number): number => shape.components.reduce((all, component) => all + of(component), 0);
        for (const { size, storage } of shape.components) {
          expect(quota.cores).toBeGreaterThanOrEqual(sum((one) => one.replicas * one.size.vcpus) + size.vcpus);
          expect(quota.memoryGiB).toBeGreaterThanOrEqual(sum((one) => one.replicas * one.size.memoryGiB) + size.memoryGiB);
          expect(quota.pods).toBeGreaterThan(sum(({ replicas }) => replicas));
          expect(quota.storageGiB).toBeGreaterThanOrEqual(sum((one) => (one.storage ? one.replicas * one.storage.gib : 0)) + (storage?.gib ?? 0));
        }
      }),
      { numRuns: 200 },
    );
  });
});
