import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adopt, type Adoption } from '../../../modules/network/adopt/adopt.ts';
import { intervalText, type Interval } from '../../../modules/network/adopt/blocks.ts';
import { checkAddresses, loadAddressPlans, planAddresses } from '../../../modules/network/index.ts';
import { parsePrefix } from '../../../modules/network/index.ts';
import { intervalOf } from '../../../modules/network/adopt/blocks.ts';
import { federationFolder } from '../folder.ts';

interface Row {
  readonly block: Interval;
  readonly domain: string;
  readonly owner: string;
  readonly site: string;
}

// Few addresses, so that rows nest, cross and repeat.
const block: fc.Arbitrary<Interval> = fc.oneof(
  fc
    .tuple(fc.constantFrom<'v4' | 'v6'>('v4', 'v6'), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 64 }))
    .map(([family, first, more]): Interval => {
      const base = family === 'v4' ? 0x0a000000n : 0x3fff0000n << 96n;
      const last = Math.min(255, first + more);
      return { family, first: base + BigInt(first), last: base + BigInt(last) };
    }),
  fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 24, max: 32 }))
    .map(([third, length]): Interval => intervalOf(parsePrefix(`10.0.${third}.0/${length}`))),
);
const row: fc.Arbitrary<Row> = fc.record({
  block,
  domain: fc.constantFrom('', 'A', 'b'),
  owner: fc.constantFrom('', 'Sở A', 'Sở B', '1', '/', 'v4'),
  site: fc.constantFrom('', 'X 1', '1'),
});

function text(rows: readonly Row[], second: readonly Row[]): string {
  const lines = rows.map(({ block: interval, domain, owner, site }, index) =>
    [intervalText(interval), second[index] ? intervalText(second[index].block) : '', domain, owner, site].join(','),
  );
  return ['Prefix,IP 2,VRF,Owner,Site', ...lines].join('\n');
}

async function adoptText(csv: string): Promise<Adoption> {
  return await adopt('a.csv', new TextEncoder().encode(csv));
}

/** Every address of the intervals, with its domain. */
function addresses(intervals: readonly { interval: Interval; domain: string }[]): Set<string> {
  const found = new Set<string>();
  for (const { interval, domain } of intervals)
    for (let at = interval.first; at <= interval.last; at++) found.add(`${interval.family} ${at} ${domain.toLowerCase()}`);
  return found;
}

describe('whatever is adopted', () => {
  it('holds exactly the addresses listed, loads, and leaves `net plan` nothing to change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), fc.array(row, { maxLength: 6 }), async (rows, second) => {
        const adoption = await adoptText(text(rows, second));
        const root = federationFolder(Object.fromEntries(adoption.files));
        const planSet = await loadAddressPlans(root);
        const { diff, problems, addressPlan } = planAddresses(planSet);
        expect(problems).toEqual([]);
        expect([diff.add, diff.release, diff.move, diff.change]).toEqual([[], [], [], []]);
        expect(checkAddresses(planSet).filter(({ severity }) => severity === 'error')).toEqual([]);
        const listed = rows.flatMap(({ block: interval, domain }, index) => [
          { interval, domain },
          ...(second[index] ? [{ interval: second[index].block, domain }] : []),
        ]);
        const held = [...addressPlan.allocations.values()].flatMap(({ v4, v6, pool4, pool6 }) =>
          (
            [
              [v4, pool4],
              [v6, pool6],
            ] as const
          ).flatMap(([prefix, pool]) =>
            prefix === undefined
              ? []
              : [{ interval: intervalOf(parsePrefix(prefix)), domain: (addressPlan.pools.get(pool ?? '')?.domain ?? '').replace('default', '') }],
          ),
        );
        const given = addresses(held);
        const widened = adoption.problems.some(({ code }) => code === 'NET-ADOPT-RANGE-HOSTS');
        for (const address of addresses(listed)) expect(given.has(address)).toBe(true);
        if (!widened) expect(given.size).toBe(addresses(listed).size);
      }),
      { numRuns: 150 },
    );
  });

  it('names the same blocks alike, in whatever order the rows stand', async () => {
    const apart = fc.uniqueArray(row, {
      minLength: 1,
      maxLength: 12,
      selector: ({ block: interval }) => interval.first / 4n,
      comparator: (one, other) => one === other,
    });
    await fc.assert(
      fc.asyncProperty(apart, fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }), async (rows, weights) => {
        // Rows that overlap or repeat are judged by who comes first; only those that do not are compared.
        const before = await adoptText(text(rows, []));
        fc.pre(before.problems.every(({ code }) => !/OVERLAP|DUPLICATE|CONFLICT/u.test(code)));
        const shuffled = rows.map((item, index) => ({ item, weight: weights[index] ?? 0 })).sort((one, other) => one.weight - other.weight);
        const after = await adoptText(
          text(
            shuffled.map(({ item }) => item),
            [],
          ),
        );
        expect(after.files.get('network-plans/a.lock.yaml')).toBe(before.files.get('network-plans/a.lock.yaml'));
      }),
      { numRuns: 300 },
    );
  });
});
