import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressAt,
  addressCount,
  buddyOf,
  canonicalText,
  comparePrefixes,
  contains,
  formatAddress,
  formatPrefix,
  fromInteger,
  hostAddress,
  isFault,
  lastAddress,
  nthAddress,
  overlaps,
  parsePrefix,
  prefixContains,
  readAddress,
  readPrefix,
  reversePointer,
  reverseZoneNames,
  specialPurpose,
  subnet,
  toInteger,
  truncate,
  usableHosts,
  type Prefix,
} from '../../modules/network/index.ts';

const v4 = fc.tuple(fc.nat({ max: 0xffffffff }), fc.nat({ max: 32 })).map(([a, length]) => truncate({ family: 'v4', a, b: 0, c: 0, d: 0 }, length));
const word = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffffffff));
const v6 = fc.tuple(word, word, word, word, fc.nat({ max: 128 })).map(([a, b, c, d, length]) => truncate({ family: 'v6', a, b, c, d }, length));
const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(v4, v6);
const isMapped = (prefix: Prefix): boolean => prefix.family === 'v6' && prefix.length >= 96 && prefix.a === 0 && prefix.b === 0 && prefix.c === 0xffff;

describe('reading prefixes', () => {
  const garbage: [string, string | undefined][] = [
    ['10.0.0.1/24', '10.0.0.0/24'],
    ['010.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.0/024', '10.0.0.0/24'],
    ['0x0a.0.0.0/8', '10.0.0.0/8'],
    ['10.1/16', '10.1.0.0/16'],
    [' 10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.0/8 ', '10.0.0.0/8'],
    ['10.0.0.0\u00a0/8', '10.0.0.0/8'],
    ['１0.0.0.0/8', '10.0.0.0/8'],
    ['٠.0.0.0/8', '0.0.0.0/8'],
    ['10.0.0.0/255.255.0.0', '10.0.0.0/16'],
    ['10.0.0.0/255.0.255.0', undefined],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/-1', undefined],
    ['10.0.0.0/', undefined],
    ['/8', undefined],
    ['', undefined],
    ['10.0.0.0', '10.0.0.0/32'],
    ['10.0.0.256/32', undefined],
    ['1.2.3.4.5/32', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/+8', undefined],
    ['10.0.0.0/8.0', undefined],
    ['2001:db8:::/32', '2001:db8::/32'],
    ['2001:db8::/129', undefined],
    ['1:2:3:4:5:6:7:8:9/64', undefined],
    ['1:2:3:4:5:6:7/64', undefined],
    ['2001:db8::1::/64', undefined],
    ['2001:db8::1/64', '2001:db8::/64'],
    ['fe80::1%eth0/128', 'fe80::1/128'],
    ['12345::/16', undefined],
    [':1::/16', undefined],
    ['1:/16', undefined],
    ['g::/16', undefined],
    ['::ffff:10.0.0.1/128', '10.0.0.1/32'],
    ['::ffff:a00:0/104', '10.0.0.0/8'],
    ['::ffff:010.0.0.1/128', undefined],
  ];
  for (const [text, corrected] of garbage) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const read = readPrefix(text);
      expect(isFault(read)).toBe(true);
      if (!isFault(read)) return;
      expect(read.corrected).toBe(corrected);
      if (corrected !== undefined) expect(() => parsePrefix(text)).toThrow(`write ${corrected}`);
      else expect(() => parsePrefix(text)).toThrow('is not a prefix');
    });
  }

  it('writes RFC 5952', () => {
    const forms: [string, string][] = [
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['2001:DB8::ABCD', '2001:db8::abcd'],
      ['0:0:0:0:0:0:0:0', '::'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['1:0:0:0:0:0:0:0', '1::'],
      ['2001:0db8::0001', '2001:db8::1'],
      ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
      ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ];
    for (const [text, wanted] of forms) expect(canonicalText(text)).toBe(wanted);
    expect(canonicalText('0.0.0.0/0')).toBe('0.0.0.0/0');
    expect(canonicalText('::/0')).toBe('::/0');
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        if (isMapped(prefix)) return;
        expect(readPrefix(formatPrefix(prefix))).toEqual(prefix);
        const { family, a, b, c, d } = prefix;
        expect(readAddress(formatAddress(prefix))).toEqual({ family, a, b, c, d });
      }),
      { numRuns: 2000 },
    );
  });

  it('gives for any text a prefix whose text means the same, or a fault', () => {
    const near = fc
      .array(fc.constantFrom('0', '1', '9', 'a', 'f', ':', '::', '.', '/', '10', '255', ' ', '%', '-', 'x', '\u0660'), { maxLength: 14 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const read = readPrefix(text);
        if (!isFault(read)) expect(readPrefix(formatPrefix(read))).toEqual(read);
        else if (read.corrected !== undefined) expect(canonicalText(read.corrected)).toBe(read.corrected);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('arithmetic', () => {
  it('agrees with integers', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (one, other) => {
        const [from, size] = [toInteger(one), addressCount(one)];
        expect(fromInteger(one.family, from)).toMatchObject({ a: one.a, b: one.b, c: one.c, d: one.d });
        expect(toInteger(lastAddress(one))).toBe(from + size - 1n);
        const [otherFrom, otherSize] = [toInteger(other), addressCount(other)];
        const same = one.family === other.family;
        expect(contains(one, other)).toBe(same && from <= otherFrom && otherFrom + otherSize <= from + size);
        expect(overlaps(one, other)).toBe(same && from < otherFrom + otherSize && otherFrom < from + size);
        if (same) expect(Math.sign(comparePrefixes(one, other))).toBe(from === otherFrom ? Math.sign(one.length - other.length) : from < otherFrom ? -1 : 1);
        const buddy = buddyOf(one);
        if (buddy) expect(toInteger(buddy)).toBe(from ^ size);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds at the ends of the space', () => {
    expect(formatAddress(lastAddress(parsePrefix('255.255.255.0/24')))).toBe('255.255.255.255');
    expect(formatAddress(lastAddress(parsePrefix('::/0')))).toBe('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
    expect(addressCount(parsePrefix('3fff::/64'))).toBe(18446744073709551616n);
    expect(subnet('0.0.0.0/0', 8, 255)).toBe('255.0.0.0/8');
    expect(subnet('3fff::/20', 64, -1)).toBe('3fff:fff:ffff:ffff::/64');
    expect(addressAt(parsePrefix('10.0.0.0/30'), 4)).toBeUndefined();
    expect(comparePrefixes(parsePrefix('10.0.0.0/8'), parsePrefix('::/0'))).toBeLessThan(0);
  });

  it('counts hosts and names them', () => {
    expect(nthAddress('10.0.0.0/24', 1)).toBe('10.0.0.1');
    expect(nthAddress('10.0.0.0/24', -1)).toBe('10.0.0.255');
    expect(hostAddress('3fff:0:1::/64', 16)).toBe('3fff:0:1::10/64');
    expect(() => nthAddress('10.0.0.0/30', 4)).toThrow('no address number 4');
    expect(() => subnet('10.0.0.0/24', 33, 0)).toThrow('at most 32');
    expect(usableHosts('10.0.0.0/30')).toEqual({ first: '10.0.0.1', count: 2n });
    expect(usableHosts('10.0.0.0/31')).toEqual({ first: '10.0.0.0', count: 2n });
    expect(usableHosts('10.0.0.7/32')).toEqual({ first: '10.0.0.7', count: 1n });
    expect(usableHosts('3fff::/127')).toEqual({ first: '3fff::', count: 2n });
    expect(usableHosts('3fff::/126').first).toBe('3fff::1');
    expect(prefixContains('10.0.0.0/8', '10.255.255.255')).toBe(true);
    expect(prefixContains('10.0.0.0/8', '11.0.0.0')).toBe(false);
    expect(prefixContains('::/0', '10.0.0.1')).toBe(false);
  });

  it('names reverse zones', () => {
    expect(reversePointer('10.0.0.1')).toBe('1.0.0.10.in-addr.arpa.');
    expect(reversePointer('2001:db8::1')).toBe('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.');
    expect(reverseZoneNames('10.0.0.0/8')).toEqual(['10.in-addr.arpa.']);
    expect(reverseZoneNames('10.20.128.0/18')).toHaveLength(64);
    expect(reverseZoneNames('10.20.2.0/23')).toEqual(['2.20.10.in-addr.arpa.', '3.20.10.in-addr.arpa.']);
    expect(reverseZoneNames('192.0.2.0/25')).toEqual(['0/25.2.0.192.in-addr.arpa.']);
    expect(reverseZoneNames('3fff::/20')).toEqual(['0.f.f.f.3.ip6.arpa.']);
    expect(reverseZoneNames('3fff::/22')).toEqual(['0.0.f.f.f.3.ip6.arpa.', '1.0.f.f.f.3.ip6.arpa.', '2.0.f.f.f.3.ip6.arpa.', '3.0.f.f.f.3.ip6.arpa.']);
  });

  it('knows special-purpose space, the longest row first', () => {
    const kindOf = (text: string): string | undefined => specialPurpose(parsePrefix(text))?.kind;
    expect(kindOf('172.15.255.255/32')).toBeUndefined();
    expect(kindOf('172.31.0.0/16')).toBe('private');
    expect(kindOf('172.32.0.0/16')).toBeUndefined();
    expect(kindOf('192.0.0.8/32')).toBe('reserved');
    expect(kindOf('192.0.0.9/32')).toBe('global');
    expect(kindOf('100.64.0.0/10')).toBe('shared');
    expect(kindOf('2001:1::1/128')).toBe('global');
    expect(kindOf('2001:1::4/128')).toBe('reserved');
    expect(kindOf('fc00::/8')).toBe('reserved');
    expect(kindOf('fd12::/16')).toBe('private');
    expect(kindOf('3fff::/32')).toBe('documentation');
  });
});
