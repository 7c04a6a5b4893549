import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrefix, isFault, PrefixScanner, readPrefix, type Prefix } from '../../../modules/network/prefixes.ts';
import { texts } from './arbitraries.ts';

/** The prefix the byte parser reads from a whole text; undefined where it refuses. */
function scanned(text: string): Prefix | undefined {
  const bytes = Buffer.from(`${text}\n`);
  const scanner = new PrefixScanner();
  const end = scanner.scan(bytes, 0);
  if (end !== bytes.length - 1) return undefined;
  const { wide, a, b, c, d, length } = scanner;
  return wide ? { family: 'v6', a, b, c, d, length } : { family: 'v4', a, b: 0, c: 0, d: 0, length };
}

describe('the byte parser', () => {
  it('accepts and reads exactly what the text parser does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const read = readPrefix(text);
        expect(scanned(text)).toEqual(isFault(read) ? undefined : read);
        if (!isFault(read)) accepted++;
      }),
      { numRuns: 30_000 },
    );
    expect(accepted).toBeGreaterThan(2500);
  });

  it('agrees on every short text of the characters that matter', () => {
    const alphabet = ['0', '1', '9', 'a', ':', '.', '/', ' '];
    let all = [''];
    for (let length = 1; length <= 5; length++) {
      all = all.flatMap((text) => alphabet.map((character) => text + character));
      for (const text of all) {
        const read = readPrefix(text);
        const bytes = scanned(text);
        if (isFault(read) ? bytes !== undefined : bytes === undefined || formatPrefix(bytes) !== formatPrefix(read))
          expect.fail(`${JSON.stringify(text)}: ${JSON.stringify(read)}`);
      }
    }
  });

  // What libraries let through (facts measured on cidr-tools, ipaddr.js, ip-address, netmask, fast-cidr-tools), and the rest of that kind.
  const refused = [
    '010.0.0.0/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8 ',
    '0x0a.0.0.0/8',
    '10.1/16',
    '10.0.0.0/33',
    '2001:db8::/129',
    '٠.0.0.0/8',
    '2001:db8:::/32',
    '10.0.0.0/-1',
    '::ffff:10.0.0.1/120',
    '::ffff:10.0.0.0/120',
    '10.0.0.1/24',
    '10.0.0.0/024',
    '10.0.0.0/',
    '/8',
    '',
    '10.0.0.0',
    '10.0.0.0/255.0.0.0',
    '10.0.0\u00a0.0/8',
    '１0.0.0.0/8',
    '1:2:3:4:5:6:7:8:9/64',
    'fe80::1%eth0/128',
    'fe80::%1/64',
    '::1/127',
    '255.255.255.255/31',
    '256.0.0.0/8',
    '10.0.0.0/8/8',
    '10..0.0/8',
    '.10.0.0.0/8',
    '10.0.0.0./8',
    ':1::/32',
    '1:/16',
    '1::2::/32',
    '12345::/16',
    'g::/8',
    '::1.2.3/128',
    '1:2:3:4:5:6:7:1.2.3.4/128',
    '::1.2.3.04/128',
    '::1.2.3.256/128',
    '0x10::/16',
    '10.0.0.0/8\u0000',
    '10,0.0.0/8',
    '10.0.0.0\\8',
    '4294967296/8',
    '10.0.0.0/99999999999999999999',
    '10.0.0.99999999999999999999/32',
  ];
  it.each(refused)('refuses %j, as the text parser does', (text) => {
    expect(isFault(readPrefix(text))).toBe(true);
    expect(scanned(text)).toBeUndefined();
  });

  const accepted: [string, string][] = [
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['255.255.255.0/24', '255.255.255.0/24'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'],
    ['2001:DB8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['2001:0db8::0001:0/112', '2001:db8::1:0/112'],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:200/120'],
    ['1:2:3:4:5:6:1.2.3.4/128', '1:2:3:4:5:6:102:304/128'],
    ['1:2:3:4:5:6:7::/128', '1:2:3:4:5:6:7:0/128'],
    ['::2:3:4:5:6:7:8/128', '0:2:3:4:5:6:7:8/128'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
  ];
  it.each(accepted)('reads %j as %s', (text, canonical) => {
    const prefix = scanned(text);
    expect(prefix && formatPrefix(prefix)).toBe(canonical);
    expect(readPrefix(text)).toEqual(prefix);
  });
});
