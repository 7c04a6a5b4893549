import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asnKind, parsePrefix, registrySources, specialInside, specialPurpose, specialPurposes, type SpecialKind } from '../../../modules/network/prefixes.ts';

describe('special-purpose registries', () => {
  it('are dated and name where they come from', () => {
    expect(registrySources.map(({ name }) => name)).toEqual(['iana-ipv4-special-registry', 'iana-ipv6-special-registry']);
    for (const { url, retrieved } of registrySources) {
      expect(url).toMatch(/^https:\/\/www\.iana\.org\/assignments\//u);
      expect(retrieved).toMatch(/^20\d\d-\d\d-\d\d$/u);
    }
    // 26 blocks of IPv4 (one row names two), 25 of IPv6, and what other standards set aside.
    expect(specialPurposes.filter(({ allocated }) => allocated !== undefined)).toHaveLength(51);
    expect(new Set(specialPurposes.map(({ text }) => text)).size).toBe(specialPurposes.length);
    const file = fs.readFileSync(new URL('../../../modules/network/registry/special-purpose.json', import.meta.url), 'utf8');
    expect(file.split('\n').filter((line) => line.includes('"block"'))).toHaveLength(51);
  });

  // The longest row wins; edges and holes.
  const kinds: [string, string | undefined, SpecialKind | undefined][] = [
    ['0.0.0.0/32', '0.0.0.0/32', 'reserved'],
    ['0.1.0.0/16', '0.0.0.0/8', 'reserved'],
    ['10.255.255.255/32', '10.0.0.0/8', 'private'],
    ['11.0.0.0/8', undefined, undefined],
    ['100.63.255.255/32', undefined, undefined],
    ['100.64.0.0/10', '100.64.0.0/10', 'shared'],
    ['100.127.255.255/32', '100.64.0.0/10', 'shared'],
    ['100.128.0.0/16', undefined, undefined],
    ['127.0.0.1/32', '127.0.0.0/8', 'reserved'],
    ['169.254.0.0/16', '169.254.0.0/16', 'reserved'],
    ['172.15.255.255/32', undefined, undefined],
    ['172.16.0.0/32', '172.16.0.0/12', 'private'],
    ['172.31.255.255/32', '172.16.0.0/12', 'private'],
    ['172.32.0.0/32', undefined, undefined],
    ['172.0.0.0/11', undefined, undefined],
    ['192.0.0.0/24', '192.0.0.0/24', 'reserved'],
    ['192.0.0.7/32', '192.0.0.0/29', 'reserved'],
    ['192.0.0.8/32', '192.0.0.8/32', 'reserved'],
    ['192.0.0.9/32', '192.0.0.9/32', 'global'],
    ['192.0.0.10/32', '192.0.0.10/32', 'global'],
    ['192.0.0.11/32', '192.0.0.0/24', 'reserved'],
    ['192.0.0.170/32', '192.0.0.170/32', 'reserved'],
    ['192.0.2.0/24', '192.0.2.0/24', 'documentation'],
    ['192.31.196.0/24', '192.31.196.0/24', 'global'],
    ['192.88.99.0/24', '192.88.99.0/24', 'reserved'],
    ['192.88.99.2/32', '192.88.99.2/32', 'reserved'],
    ['192.168.0.0/16', '192.168.0.0/16', 'private'],
    ['198.17.255.255/32', undefined, undefined],
    ['198.19.0.0/16', '198.18.0.0/15', 'reserved'],
    ['198.51.100.0/24', '198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', '203.0.113.0/24', 'documentation'],
    ['224.0.0.1/32', '224.0.0.0/4', 'reserved'],
    ['240.0.0.0/4', '240.0.0.0/4', 'reserved'],
    ['255.255.255.255/32', '255.255.255.255/32', 'reserved'],
    ['::/128', '::/128', 'reserved'],
    ['::1/128', '::1/128', 'reserved'],
    ['::2/128', '::/96', 'reserved'],
    ['64:ff9b::/96', '64:ff9b::/96', 'global'],
    ['64:ff9b:1::/48', '64:ff9b:1::/48', 'private'],
    ['64:ff9b:2::/48', undefined, undefined],
    ['100::/64', '100::/64', 'reserved'],
    ['100:0:0:1::/64', '100:0:0:1::/64', 'reserved'],
    ['100:0:0:2::/64', undefined, undefined],
    ['2001::/32', '2001::/32', 'reserved'],
    ['2001:1::1/128', '2001:1::1/128', 'global'],
    ['2001:1::3/128', '2001:1::3/128', 'global'],
    ['2001:1::4/128', '2001::/23', 'reserved'],
    ['2001:2::/48', '2001:2::/48', 'reserved'],
    ['2001:4:112::/48', '2001:4:112::/48', 'global'],
    ['2001:10::/28', '2001:10::/28', 'reserved'],
    ['2001:2f:ffff::/48', '2001:20::/28', 'global'],
    ['2001:200::/23', undefined, undefined],
    ['2001:db8::/32', '2001:db8::/32', 'documentation'],
    ['2002:a00:1::/48', '2002::/16', 'reserved'],
    ['3fff:fff::/32', '3fff::/20', 'documentation'],
    ['3fff:1000::/32', undefined, undefined],
    ['5f00::/16', '5f00::/16', 'reserved'],
    ['fc00::/7', 'fc00::/7', 'private'],
    ['fc00::/8', 'fc00::/8', 'reserved'],
    ['fd00::/8', 'fc00::/7', 'private'],
    ['fe80::/64', 'fe80::/10', 'reserved'],
    ['febf:ffff::/32', 'fe80::/10', 'reserved'],
    ['fec0::/10', 'fec0::/10', 'reserved'],
    ['ff02::1/128', 'ff00::/8', 'reserved'],
    ['2a00::/12', undefined, undefined],
  ];
  it.each(kinds)('%s is of %s: %s', (text, block, kind) => {
    const row = specialPurpose(parsePrefix(text));
    expect([row?.text, row?.kind]).toEqual([block, kind]);
  });

  it('state nothing where the registry states nothing', () => {
    const reachable = (text: string): boolean | undefined => specialPurpose(parsePrefix(text))?.globallyReachable;
    expect([reachable('2002::/16'), reachable('2001::/32'), reachable('192.88.99.0/24')]).toEqual([undefined, undefined, undefined]);
    expect([reachable('fc00::/7'), reachable('64:ff9b::/96')]).toEqual([false, true]);
    expect(specialPurpose(parsePrefix('2001:10::/28'))?.terminated).toBe('2014-03');
    expect(specialPurpose(parsePrefix('100:0:0:1::/64'))).toMatchObject({ reference: 'RFC 9780', allocated: '2025-04' });
  });

  it('name what lies inside a block', () => {
    expect(specialInside(parsePrefix('192.0.0.0/16')).map(({ text }) => text)).toEqual([
      '192.0.0.0/24',
      '192.0.0.0/29',
      '192.0.0.8/32',
      '192.0.0.9/32',
      '192.0.0.10/32',
      '192.0.0.170/32',
      '192.0.0.171/32',
      '192.0.2.0/24',
    ]);
    expect(specialInside(parsePrefix('::/0')).length + specialInside(parsePrefix('0.0.0.0/0')).length).toBe(specialPurposes.length);
  });

  it('know numbers of autonomous systems', () => {
    expect([64495, 64496, 64511, 64512, 65534, 65535, 65536, 65551, 65552, 4199999999, 4200000000, 4294967294, 4294967295].map(asnKind)).toEqual([
      'global',
      'documentation',
      'documentation',
      'private',
      'private',
      'global',
      'documentation',
      'documentation',
      'global',
      'global',
      'private',
      'private',
      'global',
    ]);
  });
});
