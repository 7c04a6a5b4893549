import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyone, prefixesInRules, rulesOf, type Opening, type Remote } from '../../modules/cloud/openstack/flows.ts';
import { judgeSizes, stackSize } from '../../modules/cloud/synth/size.ts';

const octet = fc.integer({ min: 1, max: 255 });
const v4 = fc.tuple(octet, octet).map(([a, b]) => `10.${a}.${b}.0/24`);
const v6 = fc.tuple(octet, octet).map(([a, b]) => `2001:db8:${a.toString(16)}:${b.toString(16)}::/64`);
const prefixes = fc.uniqueArray(fc.oneof(v4, v6), { maxLength: 12 });
const port = fc.integer({ min: 1, max: 65_535 });
const what = fc.record({
  direction: fc.constantFrom('ingress' as const, 'egress' as const),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  ports: fc.tuple(port, port).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a])),
});

/** All that the rules of an opening let through, as `family prefix`. */
function through(opening: Opening): string[] {
  return rulesOf(opening)
    .flatMap(({ family, remote }) =>
      'prefix' in remote ? [`${family} ${remote.prefix}`] : 'addressGroup' in remote ? remote.addresses.map((prefix) => `${family} ${prefix}`) : [],
    )
    .sort();
}

describe('rules of a conversation', () => {
  it('let through exactly its prefixes, each in its own family, and differ in their ids', () => {
    fc.assert(
      fc.property(what, prefixes, (opening, list) => {
        const remote: Remote = { name: 'partners', prefixes: list };
        expect(through({ ...opening, remote })).toEqual(list.map((prefix) => `${prefix.includes(':') ? 'IPv6' : 'IPv4'} ${prefix}`).sort());
        const rules = rulesOf({ ...opening, remote });
        expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
        expect(rules.every(({ direction, ports }) => direction === opening.direction && ports === opening.ports)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('do not depend on the order or the repetition of prefixes', () => {
    fc.assert(
      fc.property(what, prefixes, (opening, list) => {
        const of = (some: readonly string[]): unknown => new Map(rulesOf({ ...opening, remote: { name: 'n', prefixes: some } }).map((rule) => [rule.id, rule]));
        expect(of([...list].reverse().concat(list))).toEqual(of(list));
      }),
      { numRuns: 100 },
    );
  });

  it('become one rule and an address group a family where prefixes are many', () => {
    const list = Array.from({ length: prefixesInRules + 1 }, (_, index) => `192.0.2.${index * 16}/28`);
    const rules = rulesOf({ direction: 'egress', remote: { name: 'province/01', prefixes: [...list, '2001:db8::/48'] }, protocol: 'tcp', ports: [443, 443] });
    expect(rules).toMatchObject([
      { id: 'to-province-01-tcp-443-ipv4', remote: { addressGroup: 'province-01-v4', addresses: list.sort() } },
      { id: 'to-province-01-tcp-443-ipv6', remote: { prefix: '2001:db8::/48' } },
    ]);
  });

  it('say ICMP as each family calls it, and both families of a group', () => {
    expect(rulesOf({ direction: 'ingress', remote: { group: 'web' }, protocol: 'icmp' })).toMatchObject([
      { family: 'IPv4', protocol: 'icmp', remote: { group: 'web' } },
      { family: 'IPv6', protocol: 'ipv6-icmp', remote: { group: 'web' } },
    ]);
    expect(through({ direction: 'ingress', remote: everyone, protocol: 'tcp' })).toEqual(['IPv4 0.0.0.0/0', 'IPv6 ::/0']);
  });
});

describe('the size of a stack', () => {
  it('is warned of above what a plan reads in reasonable time', () => {
    const of = (count: number): { path: string; resources: [] } => ({ path: `s.${count}`, resources: Array.from({ length: count }) as [] });
    expect(judgeSizes([of(stackSize), of(stackSize + 1)])).toMatchObject([{ code: 'CLOUD-STACK-SIZE', severity: 'warning', subject: `s.${stackSize + 1}` }]);
  });
});
