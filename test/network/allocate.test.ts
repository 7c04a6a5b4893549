import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateAddresses, loadAddressPlans, overlaps, parsePrefix, planAddresses, type AddressOutcome } from '../../modules/network/index.ts';
import { federationFolder } from './folder.ts';

interface TestNeed {
  readonly key: string;
  readonly in?: string;
  readonly length?: number;
  readonly prefix?: string;
  readonly role?: 'container';
  readonly dual?: boolean;
}

const head = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains:
  - { name: d }
pools:
  - { name: p6, prefix: "3fff::/32", domain: d, strategy: sparse }
  - { name: p4, prefix: 10.0.0.0/8, domain: d, strategy: best-fit }
needs:
`;

function planText(needs: readonly TestNeed[]): string {
  const line = ({ key, in: holder, length, prefix, role, dual }: TestNeed): string => {
    const where = holder === undefined ? undefined : `in: ${holder}`;
    const tail = role === undefined ? '' : `, role: ${role}`;
    if (dual === true) {
      const leg = (pool: string, bits: number): string => `{ ${where ?? `pool: ${pool}`}, length: ${bits} }`;
      return `  - { key: ${key}, legs: { v6: ${leg('p6', length ?? 48)}, v4: ${leg('p4', (length ?? 48) - 24)} }${tail} }`;
    }
    return `  - { key: ${key}, ${where ?? 'pool: p6'}, ${prefix === undefined ? `length: ${length ?? 48}` : `prefix: "${prefix}"`}${tail} }`;
  };
  return head + needs.map(line).join('\n') + '\n';
}

async function plan(root: string): Promise<AddressOutcome> {
  return planAddresses(await loadAddressPlans(root));
}

const lockOf = (root: string): string => fs.readFileSync(path.join(root, 'network-plans/a.lock.yaml'), 'utf8');
const write = (root: string, needs: readonly TestNeed[]): void => fs.writeFileSync(path.join(root, 'network-plans/a.yaml'), planText(needs));

const needsArbitrary: fc.Arbitrary<TestNeed[]> = fc
  .record({
    holders: fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 20 }), length: fc.integer({ min: 40, max: 44 }) }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 5,
    }),
    leaves: fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 200 }), length: fc.integer({ min: 50, max: 56 }), holder: fc.nat(), dual: fc.boolean() }),
      {
        selector: ({ id }) => id,
        maxLength: 25,
      },
    ),
  })
  .map(({ holders, leaves }) => [
    ...holders.map(({ id, length }): TestNeed => ({ key: `holder/${id}`, length, role: 'container', dual: true })),
    ...leaves.map(({ id, length, holder, dual }): TestNeed => ({
      key: `leaf/${id}`,
      in: `holder/${holders[holder % holders.length]?.id ?? 0}`,
      length,
      dual: dual || true,
    })),
  ]);

describe('allocation', () => {
  it('does not depend on the order of needs', async () => {
    await fc.assert(
      fc.asyncProperty(
        needsArbitrary.chain((needs) => fc.tuple(fc.constant(needs), fc.shuffledSubarray(needs, { minLength: needs.length }))),
        async ([needs, shuffled]) => {
          const [one, other] = [
            federationFolder({ 'network-plans/a.yaml': planText(needs) }),
            federationFolder({ 'network-plans/a.yaml': planText(shuffled) }),
          ];
          const [first, second] = [await plan(one), await plan(other)];
          expect([...second.locks]).toEqual([...first.locks]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps every block when needs come and go, and never lets two overlap', async () => {
    await fc.assert(
      fc.asyncProperty(needsArbitrary, fc.infiniteStream(fc.boolean()), async (needs, coin) => {
        const root = federationFolder({ 'network-plans/a.yaml': planText(needs) });
        const first = await allocateAddresses(root, await loadAddressPlans(root));
        const gone = new Set(needs.filter(({ role }) => role === undefined && coin.next().value === true).map(({ key }) => key));
        const added: TestNeed[] = [{ key: 'new/a', length: 44, dual: true }];
        write(root, [...added, ...needs.filter(({ key }) => !gone.has(key))]);
        const second = await allocateAddresses(root, await loadAddressPlans(root), { allowRelease: true });
        for (const [key, { v4, v6 }] of second.addressPlan.allocations) {
          const before = first.addressPlan.allocations.get(key);
          if (before) expect([v4, v6]).toEqual([before.v4, before.v6]);
        }
        expect(new Set(second.diff.release.map(({ key }) => key))).toEqual(gone);
        // Released blocks are not handed out, and a key that comes back finds its own again.
        const live = [...second.addressPlan.allocations.values()].filter(({ container }) => !container);
        const texts = [...live.flatMap(({ v4, v6 }) => [v4, v6]), ...second.addressPlan.released.map(({ prefix }) => prefix)].filter(
          (text) => text !== undefined,
        );
        const prefixes = texts.map((text) => parsePrefix(text));
        prefixes.forEach((one, index) => prefixes.slice(0, index).forEach((other) => expect(overlaps(one, other)).toBe(false)));
        write(root, [...added, ...needs]);
        const third = await plan(root);
        for (const [key, { v4, v6 }] of first.addressPlan.allocations) expect(third.addressPlan.allocations.get(key)).toMatchObject({ v4, v6 });
        expect([third.diff.move, third.diff.release]).toEqual([[], []]);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses releases and moves without leave, and then writes nothing', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': planText([{ key: 'x' }, { key: 'y' }]) });
    await allocateAddresses(root, await loadAddressPlans(root));
    const before = lockOf(root);
    write(root, [{ key: 'x', prefix: '3fff:0:7::/48' }]);
    await expect(loadAddressPlans(root).then((set) => allocateAddresses(root, set))).rejects.toThrow(/released: y[\s\S]*renumbered: x/u);
    await expect(loadAddressPlans(root).then((set) => allocateAddresses(root, set, { allowRelease: ['z'], allowMove: true }))).rejects.toThrow('NET-RELEASE');
    expect(lockOf(root)).toBe(before);
    const { diff } = await allocateAddresses(root, await loadAddressPlans(root), { allowRelease: ['y'], allowMove: ['x'] });
    expect(diff.move).toEqual([{ key: 'x', family: 'v6', pool: 'p6', from: '3fff::/48', to: '3fff:0:7::/48' }]);
    expect(lockOf(root)).toContain('  x: {v6: "3fff:0:7::/48", pool6: p6}\n  "y": {v6: "3fff:0:8000::/48", pool6: p6, state: released}\n');
  });

  it('grows in place where the neighbour is free, else renumbers', async () => {
    const root = federationFolder({
      'network-plans/a.yaml': planText([{ key: 'x' }, { key: 'h', prefix: '3fff:0:1000::/48' }, { key: 'n', prefix: '3fff:0:1001::/48' }]),
    });
    await allocateAddresses(root, await loadAddressPlans(root));
    write(root, [
      { key: 'x', length: 44 },
      { key: 'h', length: 47 },
      { key: 'n', prefix: '3fff:0:1001::/48' },
    ]);
    const { diff } = await plan(root);
    expect(diff.change).toEqual([{ key: 'x', family: 'v6', pool: 'p6', from: '3fff:0:8000::/48', to: '3fff:0:8000::/44' }]);
    expect(diff.move.map(({ key }) => key)).toEqual(['h']);
    expect(diff.unchanged).toBe(1);
  });

  it('releases one leg and keeps the other', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': planText([{ key: 'x', dual: true }]) });
    await allocateAddresses(root, await loadAddressPlans(root));
    write(root, [{ key: 'x' }]);
    await allocateAddresses(root, await loadAddressPlans(root), { allowRelease: true });
    expect(lockOf(root)).toContain('  x: {v4: "10.0.0.0/24", pool4: p4, v6: "3fff::/48", pool6: p6, state4: released}\n');
    const { diff, addressPlan } = await plan(root);
    expect([diff.release, diff.unchanged]).toEqual([[], 1]);
    expect(addressPlan.allocations.get('x')).toMatchObject({ v4: undefined, v6: '3fff::/48' });
  });

  it('keeps what a lock without its plan holds', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': planText([{ key: 'x' }]) });
    fs.writeFileSync(
      path.join(root, 'network-plans/gone.lock.yaml'),
      'apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n  old: {v6: "3fff::/48", pool6: p6}\n',
    );
    const { diff } = await plan(root);
    expect(diff.add.map(({ to }) => to)).toEqual(['3fff:0:8000::/48']);
    expect(diff.release.map(({ key }) => key)).toEqual(['old']);
  });

  it('moves a row to the lock of the plan that has the need', async () => {
    const root = federationFolder({ 'network-plans/a.yaml': planText([{ key: 'x' }, { key: 'z' }]) });
    await allocateAddresses(root, await loadAddressPlans(root));
    write(root, [{ key: 'z' }]);
    fs.writeFileSync(
      path.join(root, 'network-plans/b.yaml'),
      'apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: b }\nneeds:\n  - { key: x, pool: p6, length: 48 }\n',
    );
    const { diff, written } = await allocateAddresses(root, await loadAddressPlans(root));
    expect(diff.change.map(({ key, from, to }) => [key, from, to])).toEqual([['x', '3fff::/48', '3fff::/48']]);
    expect(written).toEqual(['network-plans/a.lock.yaml', 'network-plans/b.lock.yaml']);
    expect((await plan(root)).diff.unchanged).toBe(2);
  });

  it('names pool, length and what is free when a pool is full, and allocates nothing', async () => {
    const needs = ['a', 'b', 'c', 'd', 'e'].map((name) => `  - { key: ${name}, pool: s, length: 30 }`).join('\n');
    const root = federationFolder({
      'network-plans/a.yaml': `apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\ndomains: [{ name: d }]\npools: [{ name: s, prefix: 192.0.2.0/28, domain: d }]\nneeds:\n${needs}\n`,
    });
    await expect(loadAddressPlans(root).then((set) => allocateAddresses(root, set))).rejects.toThrow(
      'pool "s" (192.0.2.0/28) has no free /30 for "e": nothing is free',
    );
    expect(fs.existsSync(path.join(root, 'network-plans/a.lock.yaml'))).toBe(false);
  });
});
