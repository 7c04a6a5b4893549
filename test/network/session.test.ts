import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSession, allocateAddresses, loadAddressPlans, planAddresses, type AddedLeg, type AddedNeed } from '../../modules/network/index.ts';
import { federationFolder } from './folder.ts';

/** Needs that say where they lie, besides those drawn. */
const base = `  - { key: exact, pool: p6, prefix: "3fff:0:c0::/44" }
  - { key: number, pool: p4, length: 20, at: 3, growth: 19 }
`;

const head = (strategy: string): string => `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: p6, prefix: "3fff::/40", domain: d, strategy: ${strategy} }
  - { name: p4, prefix: 10.0.0.0/16, domain: d, strategy: best-fit }
  - { name: q4, prefix: 10.1.0.0/18, domain: d, strategy: ${strategy} }
needs:
${base}`;

function lineOf({ key, role, strategy, legs }: AddedNeed): string {
  return `  - ${JSON.stringify({ key, role, strategy, legs })}`;
}

const write = (root: string, strategy: string, needs: readonly AddedNeed[]): void =>
  fs.writeFileSync(path.join(root, 'network-plans/a.yaml'), `${head(strategy)}${needs.map(lineOf).join('\n')}\n`);

/** A need in a pool or in one of the keys before it that may or may not be a container. */
const needArbitrary = fc.record({
  id: fc.nat(30),
  holder: fc.option(fc.nat(12)),
  container: fc.boolean(),
  v4: fc.boolean(),
  v6: fc.boolean(),
  length: fc.nat(8),
  growth: fc.nat(2),
  pools: fc.boolean(),
});

type Drawn = typeof needArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** Needs of both kinds; `holders` are containers some of them lie in, `extra` makes their blocks smaller. */
function needsOf(drawn: readonly Drawn[], name: string, holders: readonly AddedNeed[] = [], extra = 0): AddedNeed[] {
  return drawn.map(({ id, holder, container, v4, v6, length, growth, pools }) => {
    const inside = holder === null ? undefined : holders[holder % Math.max(1, holders.length)];
    const leg = (family: 'v4' | 'v6'): AddedLeg => ({
      ...(inside?.legs[family] ? { in: inside.key } : family === 'v6' ? { pool: 'p6' } : pools ? { pools: ['q4', 'p4'] } : { pool: 'p4' }),
      length: (family === 'v4' ? 20 : 44) + length + extra,
      ...(growth === 0 || extra === 0 ? {} : { growth: (family === 'v4' ? 20 : 44) + length + extra - growth }),
    });
    return {
      key: `${name}/${id}`,
      ...(container ? { role: 'container' as const } : {}),
      legs: { ...(v4 || !v6 ? { v4: leg('v4') } : {}), ...(v6 ? { v6: leg('v6') } : {}) },
    };
  });
}

describe('an address session', () => {
  it('answers what planning in full answers, one need after the other', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('sparse', 'first-fit', 'last-fit', 'best-fit'),
        fc.uniqueArray(needArbitrary, { selector: ({ id }) => id, maxLength: 12 }),
        fc.nat(3),
        fc.uniqueArray(needArbitrary, { selector: ({ id }) => id, minLength: 1, maxLength: 8 }),
        async (strategy, base, gone, more) => {
          const root = federationFolder({ 'network-plans/a.yaml': '' });
          // Needs of the base lie in pools, so that it can be placed; some leave it again and keep their space.
          const first = needsOf(base, 'base');
          write(root, strategy, first);
          await allocateAddresses(root, await loadAddressPlans(root));
          const kept = first.slice(gone);
          write(root, strategy, kept);
          await allocateAddresses(root, await loadAddressPlans(root), { allowRelease: true });
          const session = new AddressSession(await loadAddressPlans(root));
          const holders = kept.filter(({ role }) => role === 'container');
          for (const need of needsOf(more, 'more', holders, 4)) {
            const rows = session.add(need);
            if (rows === undefined) continue;
            answered++;
            kept.push(need);
            write(root, strategy, kept);
            const plans = await loadAddressPlans(root);
            const { diff, problems } = planAddresses(plans);
            expect(problems).toEqual([]);
            expect(rows).toEqual(diff.add);
            await allocateAddresses(root, plans);
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(answered).toBeGreaterThan(30);
  }, 60_000);

  it('leaves to planning in full what it cannot tell', async () => {
    const root = federationFolder({});
    fs.mkdirSync(path.join(root, 'network-plans'));
    write(root, 'first-fit', [{ key: 'a', legs: { v6: { pool: 'p6', length: 48 } } }]);
    const session = new AddressSession(await loadAddressPlans(root));
    const leg = { pool: 'p6', length: 48 };
    expect(session.add({ key: 'a', legs: { v6: leg } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v6: { pool: 'p9', length: 48 } } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v6: { in: 'a', length: 64 } } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v6: { pool: 'p4', length: 24 } } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v6: { pool: 'p6', length: 39 } } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v4: { pool: 'p4', length: 8 }, v6: leg } })).toBeUndefined();
    expect(session.add({ key: 'b', legs: { v6: leg } })).toEqual([{ key: 'b', family: 'v6', pool: 'p6', from: null, to: '3fff:0:1::/48' }]);
    expect(session.add({ key: 'b', legs: { v6: leg } })).toBeUndefined();
  });
});
