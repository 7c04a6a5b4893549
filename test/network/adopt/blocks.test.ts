import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalText, prefixesOf, readBlocks, readMask, type BlockContext } from '../../../modules/network/adopt/blocks.ts';
import { bitsOf, formatPrefix, fromInteger, parsePrefix, truncate, type Prefix } from '../../../modules/network/index.ts';

function read(cell: string, context: BlockContext = {}): { blocks: string[]; codes: string[]; causes: string[] } {
  const { blocks, remarks, unreadable } = readBlocks(cell, context);
  return { blocks: blocks.map(intervalText), codes: remarks.map(({ code }) => code.replace('NET-ADOPT-', '')), causes: unreadable.map(({ cause }) => cause) };
}

const prefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.tuple(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.integer({ min: 1, max: 32 })).map(([value, length]) => make('v4', value, length)),
  fc.tuple(fc.bigInt({ min: 1n << 96n, max: (1n << 128n) - 1n }), fc.integer({ min: 1, max: 128 })).map(([value, length]) => make('v6', value, length)),
);

function make(family: 'v4' | 'v6', value: bigint, length: number): Prefix {
  const address = fromInteger(family, value);
  if (!address) throw new Error('out of range');
  return truncate(address, length);
}

describe('cells with addresses', () => {
  it.each<[string, BlockContext, string[]]>([
    ['10.1.0.0/16', {}, ['10.1.0.0/16']],
    [' 10.1.0.0 / 16 ', {}, ['10.1.0.0/16']],
    ['10.1.0.0/255.255.0.0', {}, ['10.1.0.0/16']],
    ['10.1.0.0 255.255.0.0', {}, ['10.1.0.0/16']],
    ['10.1.0.0 mask 255.255.0.0', {}, ['10.1.0.0/16']],
    ['10.1.0.0 0.0.255.255', {}, ['10.1.0.0/16']],
    ['10.1.0.0', { mask: '255.255.0.0' }, ['10.1.0.0/16']],
    ['10.1.0.0', { mask: '/16' }, ['10.1.0.0/16']],
    ['10.1.0.0', { mask: '16' }, ['10.1.0.0/16']],
    ['10.1.0.0', { mask: '255.255.0.0 (/16)' }, ['10.1.0.0/16']],
    ['10.1.0.0', { last: '10.1.255.255' }, ['10.1.0.0/16']],
    ['10.1.0.0', { count: '65.536' }, ['10.1.0.0/16']],
    ['10.1.0.0 - 10.1.255.255', {}, ['10.1.0.0/16']],
    ['10.1.0.0–10.1.255.255', {}, ['10.1.0.0/16']],
    ['từ 10.1.0.0 đến 10.1.255.255', {}, ['10.1.0.0/16']],
    ['10.1.0.0 to 10.1.255.255', {}, ['10.1.0.0/16']],
    ['10.1.2.10-20', {}, ['10.1.2.10 - 10.1.2.20']],
    ['10.1.2.10 - .20', {}, ['10.1.2.10 - 10.1.2.20']],
    ['10.1.2.x', {}, ['10.1.2.0/24']],
    ['10.1.*.*', {}, ['10.1.0.0/16']],
    ['10.1.2.3', {}, ['10.1.2.3/32']],
    ['10.1.2.0/24 (VLAN 12)', {}, ['10.1.2.0/24']],
    ['10.1.2.0/24; 10.1.3.0/24\n10.1.4.0/24', {}, ['10.1.2.0/24', '10.1.3.0/24', '10.1.4.0/24']],
    ['10.1.2.0/24  10.1.3.0/24', {}, ['10.1.2.0/24', '10.1.3.0/24']],
    ['10.1.2.0/24 và 10.1.3.0/24', {}, ['10.1.2.0/24', '10.1.3.0/24']],
    ['10.1.2.0/24', {}, ['10.1.2.0/24']],
    ['\u00a010.1.2.0/24\u200b', {}, ['10.1.2.0/24']],
    ['2001:DB8:0:1::/64', {}, ['2001:db8:0:1::/64']],
    ['2001:db8::', { mask: '32' }, ['2001:db8::/32']],
    ['2001:db8::1 - 2001:db8::4', {}, ['2001:db8::1 - 2001:db8::4']],
    ['10.1.2.9/24', { hosts: true }, ['10.1.2.9/32']],
  ])('reads %j %j', (cell, context, blocks) => {
    expect(read(cell, context)).toEqual({ blocks, codes: [], causes: [] });
  });

  it.each<[string, BlockContext, string[], string]>([
    ['10.1.2.9/24', {}, ['10.1.2.0/24'], 'HOST-BITS'],
    ['3fff::1/48', {}, ['3fff::/48'], 'HOST-BITS'],
    ['010.001.002.000/24', {}, ['10.1.2.0/24'], 'CORRECTED'],
    ['2001:db8:::/32', {}, ['2001:db8::/32'], 'CORRECTED'],
    ['10.1.2.0', {}, ['10.1.2.0/32'], 'NO-LENGTH'],
    ['10.1.2.1-10.1.2.254', {}, ['10.1.2.0/24'], 'RANGE-HOSTS'],
    ['10.1.2.1', { count: '254' }, ['10.1.2.0/24'], 'RANGE-HOSTS'],
    ['10.1.2.0/24', { mask: '255.255.255.128' }, ['10.1.2.0/24'], 'MASK'],
  ])('reads %j and says what it made of it', (cell, context, blocks, code) => {
    const result = read(cell, context);
    expect([result.blocks, result.causes]).toEqual([blocks, []]);
    expect(result.codes).toContain(code);
  });

  it.each([
    'chưa cấp',
    '10.1',
    '10.1/16',
    '10.1.2.0/33',
    '0.0.0.0/0',
    '::/0',
    '10.1.2.3.4',
    '256.1.1.0/24',
    '10.0.0.9-10.0.0.3',
    '10.0.0.0/255.0.255.0',
    '::ffff:10.0.0.1',
    '10.0.0.0 - 2001:db8::1',
    '44197',
  ])('does not guess at %j', (cell) => {
    const result = read(cell);
    expect(result.blocks).toEqual([]);
    expect(result.causes).toHaveLength(1);
  });

  it('reads masks and nothing else as masks', () => {
    expect(['255.255.255.0', '/24', '24', '0.0.0.255', '255.255.255.255', '64'].map(readMask)).toEqual([24, 24, 24, 24, 32, 64]);
    expect(['255.0.255.0', 'x', '', '129', '24.5'].map(readMask)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('reads every way of writing a prefix as that prefix', () => {
    fc.assert(
      fc.property(prefix, fc.integer({ min: 0, max: 4 }), (given, form) => {
        const [address = '', length = ''] = formatPrefix(given).split('/');
        const dotted =
          formatPrefix({ family: 'v4', a: given.length > 31 ? 0xffffffff : ~(0xffffffff >>> given.length) >>> 0, b: 0, c: 0, d: 0, length: 32 }).split(
            '/',
          )[0] ?? '';
        const last = intervalText({ family: given.family, first: lastOf(given), last: lastOf(given) }).split('/')[0] ?? '';
        const forms: [string, BlockContext][] = [
          [`${address}/${length}`, {}],
          [address, { mask: `/${length}` }],
          [`${address} - ${last}`, {}],
          [address, { last }],
          given.family === 'v4' ? [`${address} ${dotted}`, {}] : [`${address} / ${length}`, {}],
        ];
        const [cell, context] = forms[form] ?? ['', {}];
        expect(read(cell, context).blocks).toEqual([formatPrefix(given)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts every range into the fewest prefixes that hold exactly it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.bigInt({ min: 0n, max: 1n << 20n }), (first, more) => {
        const last = first + more > (1n << 32n) - 1n ? (1n << 32n) - 1n : first + more;
        const parts = prefixesOf({ family: 'v4', first, last });
        let next = first;
        for (const part of parts) {
          expect(firstOf(part)).toBe(next);
          next = lastOf(part) + 1n;
        }
        expect(next).toBe(last + 1n);
        expect(parts.length).toBeLessThanOrEqual(62);
      }),
      { numRuns: 1000 },
    );
  });

  it('never fails and never makes up a block, whatever stands in a cell', () => {
    const junk = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .array(fc.constantFrom('10', '.', '/', '-', ':', 'x', '255', ' ', 'f', '::', '\n', ';', '(', ')', 'đến', '0', '１', '*'), { maxLength: 20 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(junk, fc.record({ mask: junk, last: junk, count: junk }, { requiredKeys: [] }), (cell, context) => {
        for (const block of readBlocks(cell, context).blocks) {
          expect(block.first <= block.last && block.first >= 0n && block.last >> BigInt(bitsOf(block.family)) === 0n).toBe(true);
          for (const part of prefixesOf(block)) expect(formatPrefix(parsePrefix(formatPrefix(part)))).toBe(formatPrefix(part));
        }
      }),
      { numRuns: 5000 },
    );
  });
});

function firstOf(prefix: Prefix): bigint {
  return prefix.family === 'v4' ? BigInt(prefix.a) : (BigInt(prefix.a) << 96n) | (BigInt(prefix.b) << 64n) | (BigInt(prefix.c) << 32n) | BigInt(prefix.d);
}

function lastOf(prefix: Prefix): bigint {
  return firstOf(prefix) + (1n << BigInt(bitsOf(prefix.family) - prefix.length)) - 1n;
}
