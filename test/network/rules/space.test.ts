import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalId, inventedId } from '../../../modules/network/rules/ula.ts';
import { parsePrefix } from '../../../modules/network/index.ts';
import { judge } from './judge.ts';

const pool = (prefix: string, zone = ''): string => `domains: [{ name: d${zone} }]\npools: [{ name: p, prefix: "${prefix}", domain: d }]\n`;

describe('unique local space', () => {
  it('has its global id in the 40 bits after fd', () => {
    expect(globalId(parsePrefix('fd12:3456:789a::/48'))).toBe('123456789a');
    expect(globalId(parsePrefix('fd00:0:1:2::/64'))).toBe('0000000001');
  });

  it('is suspected where somebody thought the id up', async () => {
    const invented = [
      'fd00::/48',
      'fd00:0:1::/48',
      'fd10:10:10::/48',
      'fd12:3456:789a::/48',
      'fdfe:dcba:9876::/48',
      'fd00:dead:beef::/48',
      'fdaa:aaaa:aaaa::/48',
    ];
    for (const prefix of invented) expect(inventedId(globalId(parsePrefix(prefix))), prefix).toBeDefined();
    fc.assert(fc.property(fc.nat(0xffff), (n) => inventedId(n.toString(16).padStart(10, '0')) !== undefined));
  });

  it('is hardly ever suspected where the id was drawn', () => {
    let suspected = 0;
    for (let n = 0; n < 10_000; n++) if (inventedId(createHash('sha256').update(String(n)).digest('hex').slice(0, 10)) !== undefined) suspected++;
    expect(suspected).toBeLessThanOrEqual(6);
  });

  it.each([
    ['fc6b:92e1:c47d::/48', 'lies in fc00::/8, which is not defined'],
    ['fc00::/7', 'holds fc00::/8, which is not defined'],
    ['fd6b:92e1::/32', 'holds many global ids that nobody drew'],
  ])('%s %s', async (prefix, says) => {
    const { problems } = await judge({ plan: pool(prefix) });
    expect(problems.filter(({ code }) => code !== 'NET-NIBBLE').map(({ code, message }) => [code, message.includes(says)])).toEqual([['NET-ULA', true]]);
  });
});

describe('a public domain', () => {
  it.each(['10.0.0.0/8', '192.168.4.0/24', '100.64.0.0/10', 'fd6b:92e1:c47d::/48'])('does not hold %s', async (prefix) => {
    expect((await judge({ plan: pool(prefix, ', zone: public') })).problems.map(({ code }) => code)).toEqual(['NET-PUBLIC-DOMAIN']);
  });

  it("holds space that is one's own", async () => {
    for (const prefix of ['2400:1::/32', '1.2.0.0/16']) expect((await judge({ plan: pool(prefix, ', zone: public') })).problems).toEqual([]);
  });
});

describe('space the registries set aside', () => {
  it.each([
    ['172.15.255.0/24', []],
    ['172.16.0.0/12', []],
    ['172.32.0.0/16', []],
    ['127.0.0.0/8', ['NET-SPECIAL']],
    ['3fff::/20', ['NET-SPECIAL']],
    ['192.0.0.0/22', ['NET-SPECIAL', 'NET-SPECIAL', 'NET-SPECIAL', 'NET-SPECIAL', 'NET-SPECIAL', 'NET-SPECIAL']],
  ])('%s: %j', async (prefix, codes) => {
    expect((await judge({ plan: pool(prefix) })).problems.map(({ code }) => code)).toEqual(codes);
  });
});
