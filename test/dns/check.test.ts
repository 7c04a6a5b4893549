import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkZones, type RecordSet, type Zone, type ZoneSet } from '../../modules/dns/index.ts';
import { canonicalKey, enclosingZone, isWithin } from '../../modules/dns/names.ts';
import { reverseName, reverseZones } from '../../modules/dns/addresses.ts';
import { zonesOf } from './fixture.ts';

const base = 'zones: [{ name: "@", nameServers: two, policy: standard, records: RECORDS }, { name: sub, nameServers: two, policy: standard }]\n';
const planned = (records: string): Promise<ZoneSet> => zonesOf(base.replace('RECORDS', records));
const codes = (set: ZoneSet): string[] => checkZones(set).map(({ code }) => code);

/** The set with one zone's records changed. */
function changed(set: ZoneSet, zone: string, change: (records: readonly RecordSet[]) => readonly RecordSet[]): ZoneSet {
  return { ...set, zones: set.zones.map((one): Zone => (one.name === zone ? { ...one, records: change(one.records) } : one)) };
}

describe('checks of zones', () => {
  it('finds nothing in a sound plan', async () => {
    expect(codes(await planned('[{ name: www, type: A, data: 192.0.2.9 }, { name: alias, type: CNAME, data: www }]'))).toEqual([]);
  });

  const faults: readonly [string, string, string][] = [
    ['an alias beside other records', '[{ name: a, type: CNAME, data: ns1.dns }, { name: a, type: TXT, data: x }]', 'DNS-CNAME-ALONE'],
    ['an alias to nothing', '[{ name: a, type: CNAME, data: gone }]', 'DNS-DANGLING'],
    ['a record twice', '[{ name: a, type: A, data: 192.0.2.9 }, { name: a, type: A, data: 192.0.2.9 }]', 'DNS-DUPLICATE'],
    ['two TTLs in one set', '[{ name: a, type: A, data: 192.0.2.9 }, { name: a, ttl: 60, type: A, data: 192.0.2.10 }]', 'DNS-TTL-MIXED'],
    ['a label of 64 octets', `[{ name: ${'a'.repeat(64)}, type: A, data: 192.0.2.9 }]`, 'DNS-LABEL-LENGTH'],
    ['a name of more than 255 octets', `[{ name: ${Array.from({ length: 5 }, () => 'b'.repeat(60)).join('.')}, type: A, data: 192.0.2.9 }]`, 'DNS-NAME-LENGTH'],
    ['letters outside ASCII', '[{ name: bộ, type: A, data: 192.0.2.9 }]', 'DNS-LABEL'],
    ['a name of nobody', '[{ name: a.example.org., type: A, data: 192.0.2.9 }]', 'DNS-NO-ZONE'],
    ['a DS without a delegation', `[{ name: a, type: DS, data: "1 13 2 ${'00'.repeat(32)}" }]`, 'DNS-DS-ALONE'],
    ['a SHA-1 digest', `[{ name: sub, type: DS, data: "1 13 1 ${'00'.repeat(20)}" }]`, 'DNS-DS-DIGEST'],
    ['a TTL above the limit of the policy', '[{ name: a, ttl: 7d, type: A, data: 192.0.2.9 }]', 'DNS-TTL-LIMIT'],
  ];
  it.each(faults)('finds %s', async (_what, records, code) => {
    const found = checkZones(await planned(records)).filter((problem) => problem.code === code);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.hint).toBeTruthy();
  });

  it('finds a zone nothing is stated about, and a lone or neighbouring name server', async () => {
    expect(codes(await zonesOf('zones: [{ name: "@", nameServers: two }]\n'))).toContain('DNS-NO-POLICY');
    const one = 'nameServers: [{ name: two, servers: [{ host: ns1.gov.vn., addresses: [192.0.2.1] }] }]\n';
    expect(codes(await zonesOf('zones: [{ name: "@", nameServers: two }]\n', { head: one }))).toContain('DNS-SERVERS');
    const near = 'nameServers: [{ name: two, servers: [{ host: ns1, addresses: [192.0.2.1] }, { host: ns2, addresses: [192.0.2.2] }] }]\n';
    expect(codes(await zonesOf('zones: [{ name: "@", nameServers: two }]\n', { head: near }))).toContain('DNS-SERVERS-NETWORK');
    const bare = 'nameServers: [{ name: two, servers: [{ host: ns1 }, { host: ns2 }] }]\n';
    expect(codes(await zonesOf('zones: [{ name: "@", nameServers: two }]\n', { head: bare }))).toContain('DNS-GLUE');
  });

  it('finds records that are in the wrong zone or behind a delegation', async () => {
    const set = await planned('[]');
    const add = (name: string): ZoneSet => changed(set, 'gov.vn.', (records) => [...records, { name, type: 'TXT', ttl: 60, data: ['"x"'] }]);
    expect(codes(add('example.org.'))).toEqual(['DNS-OUT-OF-ZONE']);
    expect(codes(add('x.sub.gov.vn.'))).toEqual(['DNS-OCCLUDED']);
    expect(codes(add('x.subway.gov.vn.'))).toEqual([]);
  });

  it('finds a delegation that is missing, differs, or has no glue', async () => {
    const set = await planned('[]');
    const without = changed(set, 'gov.vn.', (records) => records.filter(({ name }) => name !== 'sub.gov.vn.'));
    expect(codes(without)).toEqual(['DNS-NOT-DELEGATED']);
    const differs = changed(set, 'gov.vn.', (records) =>
      records.map((record) => (record.name === 'sub.gov.vn.' ? { ...record, data: ['ns1.dns.gov.vn.', 'ns3.dns.gov.vn.'] } : record)),
    );
    expect(codes(differs)).toContain('DNS-DELEGATION-DIFFERS');
    const inside = await zonesOf(
      'zones: [{ name: "@", nameServers: two, policy: standard }]\ndelegations: [{ name: moh, servers: [{ host: ns1 }, { host: ns2 }] }]\n',
    );
    expect(codes(inside)).toContain('DNS-GLUE');
  });

  it.each([
    ['signatureRefresh: 20d', 'renewed'],
    ['signatureRefresh: 1d', 'cache'],
    ['zskLifetime: 3d', 'ZSK'],
    ['kskLifetime: 1d', 'KSK lives'],
    ['kskLifetime: 365d', 'watches'],
    ['nsec3: { iterations: 5 }', 'NSEC3'],
  ])('judges key timing: %s', async (setting, text) => {
    const head = `policies: [{ name: standard, algorithm: ecdsap256sha256, ${setting} }]
nameServers: [{ name: two, servers: [{ host: ns1, addresses: [192.0.2.1] }, { host: ns2, addresses: [198.51.100.1] }] }]
`;
    const found = checkZones(await zonesOf('zones: [{ name: "@", nameServers: two, policy: standard }]\n', { head }));
    expect(found.filter(({ code }) => code === 'DNS-POLICY').some(({ message }) => message.includes(text))).toBe(true);
  });
});

describe('names and reverse zones', () => {
  const labels = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}$/u), { minLength: 0, maxLength: 5 });
  const name = labels.map((parts) => (parts.length === 0 ? '.' : `${parts.join('.')}.`));

  it('finds the longest zone a name lies in', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), name, (zones, target) => {
        const map = new Map(zones.map((zone) => [zone, zone]));
        const expected = zones.filter((zone) => isWithin(target, zone)).sort((a, b) => b.length - a.length)[0];
        expect(enclosingZone(map, target)).toBe(expected);
      }),
    );
  });

  it('orders names canonically: a name before everything below it, and nothing between', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
        const sorted = [...names].sort((a, b) => (canonicalKey(a) < canonicalKey(b) ? -1 : 1));
        for (const [index, one] of sorted.entries()) {
          const below = sorted.map((other) => isWithin(other, one)).lastIndexOf(true);
          for (const between of sorted.slice(index, below + 1)) expect(isWithin(between, one)).toBe(true);
        }
      }),
    );
  });

  it('cuts prefixes on octets and nibbles', () => {
    expect(reverseZones('3fff:100::/32')).toEqual(['0.0.1.0.f.f.f.3.ip6.arpa.']);
    expect(reverseZones('3fff:100::/31')).toEqual(['0.0.1.0.f.f.f.3.ip6.arpa.', '1.0.1.0.f.f.f.3.ip6.arpa.']);
    expect(reverseZones('10.0.0.0/8')).toEqual(['10.in-addr.arpa.']);
    expect(reverseZones('10.4.0.0/15')).toEqual(['4.10.in-addr.arpa.', '5.10.in-addr.arpa.']);
    expect(reverseZones('10.1.2.128/25')).toEqual([]);
    expect(reverseName('10.1.2.3')).toBe('3.2.1.10.in-addr.arpa.');
    expect(reverseName('2001:db8::1')).toBe('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.');
  });

  it('holds every address of a prefix in exactly one of its reverse zones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), fc.integer({ min: 8, max: 24 }), fc.nat(255), (bits, length, host) => {
        const base = ((bits << 8) & (-1 << (32 - length))) >>> 0;
        const dotted = (word: number): string => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
        const zones = reverseZones(`${dotted(base)}/${length}`);
        const owner = reverseName(dotted((base | host) >>> 0));
        expect(zones.filter((zone) => isWithin(owner, zone))).toHaveLength(1);
      }),
    );
  });
});
