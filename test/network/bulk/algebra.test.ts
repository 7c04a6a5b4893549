import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeOfFile } from '../../../modules/network/bulk/index.ts';
import {
  addressCount,
  comparePrefixes,
  contains,
  formatPrefix,
  freeWithin,
  parsePrefix,
  prefixesToRanges,
  PrefixSet,
  sortedOrder,
  toInteger,
  type Prefix,
} from '../../../modules/network/prefixes.ts';
import { columnsOf, prefixAt } from '../../../modules/network/bulk/index.ts';
import { near4, near6, wide4, wide6 } from './arbitraries.ts';

const set = (...texts: string[]): PrefixSet => PrefixSet.of(texts.map((text) => parsePrefix(text)));
const lists = fc.array(fc.oneof(near4, near6), { maxLength: 14 });
const wideLists = fc.array(fc.oneof(wide4, wide6), { maxLength: 14 });

/** The slow truth: every smallest block of the near universe (256 of each family) that lies in one of the prefixes. */
function cells(prefixes: Iterable<Prefix>): Set<string> {
  const found = new Set<string>();
  for (const prefix of prefixes) for (const [name, cell] of universe) if (contains(prefix, cell)) found.add(name);
  return found;
}
const universe = new Map<string, Prefix>();
for (let index = 0; index < 256; index++) {
  universe.set(`4.${index}`, { family: 'v4', a: ((10 << 24) | index) >>> 0, b: 0, c: 0, d: 0, length: 32 });
  universe.set(`6.${index}`, { family: 'v6', a: 0x3fff0000, b: index >>> 4, c: ((index & 15) << 28) >>> 0, d: 0, length: 68 });
}

describe('sets of addresses', () => {
  const merges: [string[], string[]][] = [
    [
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    [['10.0.0.0/25', '10.0.0.128/25'], ['10.0.0.0/24']],
    [['10.0.0.128/25', '10.0.0.0/25', '10.0.1.0/24'], ['10.0.0.0/23']],
    [['::/1', '8000::/1'], ['::/0']],
    [
      ['0.0.0.0/1', '128.0.0.0/1', '::/1'],
      ['0.0.0.0/0', '::/1'],
    ],
    [['10.0.0.0/8', '10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24'], ['10.0.0.0/8']],
    [['255.255.255.0/25', '255.255.255.128/25'], ['255.255.255.0/24']],
    [['3fff:0:0:8000::/49', '3fff::/49'], ['3fff::/48']],
    [['3fff:0:0:1::/64', '3fff::/64'], ['3fff::/63']],
    [['3fff::/65', '3fff::8000:0:0:0/65'], ['3fff::/64']],
    [[], []],
  ];
  it.each(merges)('merges %j', (prefixes, merged) => expect(set(...prefixes).toStrings()).toEqual(merged));

  const exclusions: [string, string[], string[] | number][] = [
    ['0.0.0.0/0', ['192.0.2.7/32'], 32],
    ['::/0', ['3fff::1/128'], 128],
    ['192.0.2.0/24', ['192.0.2.64/26', '192.0.2.192/27'], ['192.0.2.0/26', '192.0.2.128/26', '192.0.2.224/27']],
    ['192.0.2.0/24', ['192.0.2.0/24'], []],
    ['192.0.2.0/24', ['192.0.0.0/16'], []],
    ['192.0.2.0/24', ['198.51.100.0/24', '::/0'], ['192.0.2.0/24']],
    [
      '192.0.2.0/24',
      ['192.0.2.255/32'],
      ['192.0.2.0/25', '192.0.2.128/26', '192.0.2.192/27', '192.0.2.224/28', '192.0.2.240/29', '192.0.2.248/30', '192.0.2.252/31', '192.0.2.254/32'],
    ],
    ['3fff::/62', ['3fff:0:0:1::/64'], ['3fff::/64', '3fff:0:0:2::/63']],
    ['255.255.255.255/32', [], ['255.255.255.255/32']],
  ];
  it.each(exclusions)('%s without %j', (from, holes, wanted) => {
    const rest = set(from).exclude(set(...holes));
    if (typeof wanted === 'number') expect(rest.size).toBe(wanted);
    else expect(rest.toStrings()).toEqual(wanted);
  });

  it('never mixes the families', () => {
    expect(set('10.0.0.0/8').complement().contains(parsePrefix('::/0'))).toBe(true);
    expect(set('0.0.0.0/0').overlap(set('::/0')).size).toBe(0);
    expect(set('::/0').complement().toStrings()).toEqual(['0.0.0.0/0']);
    expect(() => columnsOf('v4', [parsePrefix('::/0')])).toThrow(TypeError);
  });

  it('counts exactly', () => {
    expect(PrefixSet.everything().addresses('v6')).toBe(340282366920938463463374607431768211456n);
    expect(set('3fff::/64', '3fff::/128', '10.0.0.0/31').addresses('v6')).toBe(18446744073709551616n);
    expect(set('::/0').exclude(set('::/128')).addresses('v6')).toBe(340282366920938463463374607431768211455n);
    expect(set('0.0.0.0/0').addresses('v4')).toBe(4294967296n);
  });

  it('does what sets do, cell by cell', () => {
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const [one, other] = [PrefixSet.of(left), PrefixSet.of(right)];
        const [a, b] = [cells(left), cells(right)];
        const those = (wanted: (cell: string) => boolean): Set<string> => new Set([...universe.keys()].filter(wanted));
        expect(cells(one)).toEqual(a);
        expect(cells(one.union(other))).toEqual(those((cell) => a.has(cell) || b.has(cell)));
        expect(cells(one.overlap(other))).toEqual(those((cell) => a.has(cell) && b.has(cell)));
        expect(cells(one.exclude(other))).toEqual(those((cell) => a.has(cell) && !b.has(cell)));
        expect(cells(one.complement())).toEqual(those((cell) => !a.has(cell)));
        expect(one.equals(other)).toBe(those((cell) => a.has(cell) !== b.has(cell)).size === 0);
        for (const prefix of right) expect(one.contains(prefix)).toBe([...cells([prefix])].every((cell) => a.has(cell)));
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the laws of algebra, and the one canonical form, over all addresses', () => {
    fc.assert(
      fc.property(wideLists, wideLists, (left, right) => {
        const [one, other] = [PrefixSet.of(left), PrefixSet.of(right)];
        const same = (first: PrefixSet, second: PrefixSet): void => expect(first.toStrings()).toEqual(second.toStrings());
        same(one.complement().complement(), one);
        same(one.union(other), PrefixSet.of([...left, ...right]));
        same(one.overlap(other).complement(), one.complement().union(other.complement()));
        same(one.exclude(other), one.overlap(other.complement()));
        same(PrefixSet.of([...one.exclude(other), ...one.overlap(other)]), one);
        // The canonical form in another way: from ranges.
        expect(prefixesToRanges(one)).toEqual(prefixesToRanges(left));
        for (const family of ['v4', 'v6'] as const) {
          const sizes = prefixesToRanges(left).filter(({ first }) => first.family === family);
          expect(one.addresses(family)).toBe(sizes.reduce((sum, { first, last }) => sum + toInteger(last) - toInteger(first) + 1n, 0n));
        }
        expect([...one]).toEqual([...one].sort(comparePrefixes));
      }),
      { numRuns: 400 },
    );
  });
});

describe('sorting rows', () => {
  it('orders as comparePrefixes does and keeps equal rows as they stand', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.oneof(near4, wide4)), fc.array(fc.oneof(near6, wide6))), (prefixes) => {
        const [first] = prefixes;
        if (first === undefined) return;
        const columns = columnsOf(first.family, prefixes);
        const wanted = prefixes.map((prefix, row) => ({ prefix, row })).sort((one, other) => comparePrefixes(one.prefix, other.prefix) || one.row - other.row);
        expect([...sortedOrder(columns)]).toEqual(wanted.map(({ row }) => row));
        expect(prefixAt(columns, 0)).toEqual(first);
      }),
    );
  });
});

describe('free space of a list', () => {
  it('asks a length only of the family that has it', () => {
    expect(freeOfFile('/dev/null', [], { length: 48 }).reports.map(({ within }) => within)).toEqual(['::/0']);
    expect(freeOfFile('/dev/null', [], { length: 32 }).reports.map(({ within }) => within)).toEqual(['0.0.0.0/0', '::/0']);
    expect(() => freeOfFile('/dev/null', ['10.0.0.0/8'], { length: 33 })).toThrow('NET-LENGTH');
  });
});

describe('free space of one block', () => {
  it('is what the set leaves, counted', () => {
    fc.assert(
      fc.property(fc.oneof(near4, near6, wide4, wide6), wideLists, lists, (within, used, near) => {
        const taken = PrefixSet.of([...used, ...near]);
        const rest = PrefixSet.of([within]).exclude(taken);
        const summary = freeWithin(within, taken[within.family], { shown: 1000, length: within.length + 2 });
        const blocks = [...rest];
        expect(summary.free).toBe(rest.addresses(within.family).toString());
        expect(BigInt(summary.used) + BigInt(summary.free)).toBe(addressCount(within));
        expect(summary.count).toBe(blocks.length);
        expect(summary.gaps).toBe(prefixesToRanges(blocks).length);
        expect(summary.largest).toBe(blocks.length === 0 ? undefined : Math.min(...blocks.map(({ length }) => length)));
        const fitting = blocks.filter(({ length }) => length <= within.length + 2);
        expect(summary.blocks).toEqual(fitting.map(formatPrefix));
        expect(summary.fitting).toBe(fitting.reduce((sum, { length }) => sum + (1n << BigInt(within.length + 2 - length)), 0n).toString());
        for (const [length, count] of Object.entries(summary.byLength)) expect(blocks.filter((block) => block.length === Number(length))).toHaveLength(count);
      }),
      { numRuns: 400 },
    );
  });
});
