import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  comparePrefixes,
  contains,
  formatPrefix,
  hostPrefix,
  parseAddress,
  parsePrefix,
  PrefixLookup,
  samePrefix,
  type Address,
  type Prefix,
} from '../../../modules/network/prefixes.ts';
import { address4, address6, near4, near6, wide4, wide6 } from './arbitraries.ts';

const cases: fc.Arbitrary<[Prefix[], (Address | Prefix)[]]> = fc.oneof(
  fc.tuple(fc.array(fc.oneof(near4, wide4)), fc.array(fc.oneof(address4, near4, wide4), { minLength: 1 })),
  fc.tuple(fc.array(fc.oneof(near6, wide6)), fc.array(fc.oneof(address6, near6, wide6), { minLength: 1 })),
  fc.tuple(fc.array(near4), fc.array(near4, { minLength: 1 })),
  fc.tuple(fc.array(near6), fc.array(near6, { minLength: 1 })),
);

describe('longest-prefix lookup', () => {
  it('finds what a walk over all prefixes finds', () => {
    fc.assert(
      fc.property(cases, ([prefixes, wanted]) => {
        const family = wanted[0]?.family ?? 'v4';
        const lookup = PrefixLookup.of(family, prefixes);
        const distinct = prefixes.filter((prefix, row) => prefixes.findIndex((other) => samePrefix(other, prefix)) === row);
        expect(lookup.size).toBe(distinct.length);
        // What was put in is asked for too: the ends are where errors live.
        for (const one of [...wanted, ...prefixes]) {
          const prefix: Prefix = 'length' in one ? (one as Prefix) : hostPrefix(one);
          const chain = distinct.filter((other) => contains(other, prefix)).sort((first, second) => second.length - first.length);
          expect(lookup.chain(one)).toEqual(chain);
          expect(lookup.longest(one)).toEqual(chain[0]);
          const inside = distinct.filter((other) => contains(prefix, other)).sort(comparePrefixes);
          expect(lookup.inside(prefix)).toEqual(inside);
          const [host] = distinct
            .filter((other) => contains(other, { ...prefix, length: bitsOf(family) }))
            .sort((first, second) => second.length - first.length);
          const row = lookup.find(prefix.a, prefix.b, prefix.c, prefix.d);
          expect(row).toBe(host === undefined ? -1 : prefixes.findIndex((other) => samePrefix(other, host)));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('knows edges', () => {
    const lookup = PrefixLookup.of(
      'v4',
      ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '255.255.255.255/32'].map((text) => parsePrefix(text)),
    );
    const longest = (text: string): string | undefined => {
      const found = lookup.longest(text.includes('/') ? parsePrefix(text) : parseAddress(text));
      return found && formatPrefix(found);
    };
    expect(longest('10.1.2.3')).toBe('10.1.2.0/24');
    expect(longest('10.1.3.0')).toBe('10.1.0.0/16');
    expect(longest('10.255.255.255')).toBe('10.0.0.0/8');
    expect(longest('9.255.255.255')).toBeUndefined();
    expect(longest('11.0.0.0')).toBeUndefined();
    expect(longest('255.255.255.255')).toBe('255.255.255.255/32');
    expect(longest('10.0.0.0/15')).toBe('10.0.0.0/8');
    expect(longest('3fff::')).toBeUndefined();
    expect(PrefixLookup.of('v6', []).find(0, 0, 0, 0)).toBe(-1);
  });
});
