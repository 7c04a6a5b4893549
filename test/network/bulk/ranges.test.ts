import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressCount,
  compareAddresses,
  contains,
  formatPrefix,
  formatRange,
  isFault,
  parsePrefix,
  prefixesToRanges,
  rangeOf,
  rangeSize,
  rangeToPrefixes,
  readRange,
  toInteger,
  type AddressRange,
} from '../../../modules/network/prefixes.ts';
import { address4, address6, near4, near6, prefix4, prefix6 } from './arbitraries.ts';

/** IPv4-mapped addresses (RFC 4291 section 2.5.5.2). */
const firstMapped = { family: 'v6', a: 0, b: 0, c: 0xffff, d: 0 } as const;
const mapped = { ...firstMapped, length: 96 };

const range = (text: string): AddressRange => {
  const read = readRange(text);
  if (isFault(read)) throw new Error(read.fault);
  return read;
};

describe('ranges', () => {
  const known: [string, string[] | number][] = [
    ['192.0.2.1-192.0.2.254', 14],
    ['192.0.2.0 - 192.0.2.255', ['192.0.2.0/24']],
    ['10.0.1.0-10.0.2.255', ['10.0.1.0/24', '10.0.2.0/24']],
    ['192.0.2.7', ['192.0.2.7/32']],
    ['0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['::/0']],
    ['::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 128],
    ['0.0.0.1-255.255.255.254', 62],
    ['255.255.255.0\u2013255.255.255.255', ['255.255.255.0/24']],
    // Over the middle of 64 and of 128 bits.
    ['3fff::7fff:ffff:ffff:ffff-3fff::8000:0:0:0', ['3fff::7fff:ffff:ffff:ffff/128', '3fff::8000:0:0:0/128']],
    ['7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-8000::', ['7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128', '8000::/128']],
    ['3fff::/20', ['3fff::/20']],
  ];
  it.each(known)('%s', (text, wanted) => {
    const prefixes = rangeToPrefixes(range(text)).map(formatPrefix);
    if (typeof wanted === 'number') expect(prefixes).toHaveLength(wanted);
    else expect(prefixes).toEqual(wanted);
  });

  const wrong: [string, string][] = [
    ['192.0.2.9-192.0.2.1', 'ends before it begins'],
    ['192.0.2.1-3fff::', 'one end is IPv4'],
    ['192.0.2.1-192.0.2.4-192.0.2.9', 'two ends'],
    ['192.0.2.01-192.0.2.9', 'leading zero'],
    ['192.0.2.1-9', 'octet'],
    ['192.0.2.1-', 'the address is missing'],
    ['192.0.2.1/24', 'bits to the right'],
    ['', 'the address is missing'],
  ];
  it.each(wrong)('refuses %j', (text, fault) => {
    const read = readRange(text);
    expect(isFault(read) && read.fault).toContain(fault);
  });

  it('are refused in the wrong order', () => {
    const { first, last } = range('192.0.2.1-192.0.2.9');
    expect(() => rangeToPrefixes({ first: last, last: first })).toThrow(RangeError);
  });

  it('become the fewest prefixes, and these the range again', () => {
    const pair = fc.oneof(fc.tuple(address4, address4), fc.tuple(address6, address6));
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const [first, last] = compareAddresses(one, other) <= 0 ? [one, other] : [other, one];
        const prefixes = rangeToPrefixes({ first, last });
        // Between two ends lie blocks that nobody may write.
        const written = prefixes.filter((prefix) => !contains(mapped, prefix)).map(formatPrefix);
        expect(written.map((text) => formatPrefix(parsePrefix(text)))).toEqual(written);
        expect(prefixesToRanges(prefixes)).toEqual([{ first, last }]);
        expect(prefixes.reduce((sum, prefix) => sum + addressCount(prefix), 0n)).toBe(rangeSize({ first, last }));
        // Fewest: no two neighbours are the halves of one block.
        prefixes.forEach((prefix, index) => {
          const next = prefixes[index + 1];
          if (next?.length !== prefix.length) return;
          expect((toInteger(prefix) / addressCount(prefix)) % 2n).toBe(1n);
        });
        expect(readRange(formatRange({ first, last }))).toEqual({ first, last });
      }),
      // One that ends among IPv4-mapped addresses.
      { numRuns: 500, examples: [[[{ ...firstMapped, c: 0 }, firstMapped]]] },
    );
  });

  it('of prefixes join where they touch, each family by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(near4, near6, prefix4, prefix6), { maxLength: 12 }), (prefixes) => {
        const ranges = prefixesToRanges(prefixes);
        for (const prefix of prefixes) {
          const { first, last } = rangeOf(prefix);
          const around = ranges.filter(
            (one) => one.first.family === first.family && compareAddresses(one.first, first) <= 0 && compareAddresses(one.last, last) >= 0,
          );
          expect(around).toHaveLength(1);
        }
        ranges.forEach(({ last }, index) => {
          const next = ranges[index + 1];
          if (next?.first.family === last.family) expect(toInteger(next.first)).toBeGreaterThan(toInteger(last) + 1n);
        });
      }),
    );
  });
});
