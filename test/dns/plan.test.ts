import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { checkZones, diffZones, planZones } from '../../modules/dns/index.ts';
import { addressesOf, blocks, federationOf, organisations, policy, zonePlan, zonesOf } from './fixture.ts';

const whole = `zones:
  - { name: "@", nameServers: two, policy: standard }
  - forEach: { organisations: { kind: [ministry, city] } }
    name: "{label}"
    nameServers: two
    policy: standard
    records: [{ name: "@", type: TXT, data: v=spf1 -all }, { name: www, type: CNAME, data: portal }, { name: portal, address: { key: "agency/{id}", host: 80 } }]
records:
  - { forEach: { sites: {} }, name: "{id}.{agency.label}", address: { key: "site/{id}" } }
  - { forEach: { organisations: { kind: ward } }, name: "{label}.{parent.label}", address: { key: "commune/{code}" } }
delegations:
  - name: moh
    servers: [{ host: ns1, addresses: [203.0.113.1] }, { host: ns2, addresses: [192.0.2.1] }]
    ds: ["12345 13 2 ${'ab'.repeat(32)}"]
reverse:
  - { pool: gov-v6, nameServers: two, policy: standard }
  - { pool: gov-v4, nameServers: two, policy: standard }
  - { forEach: { organisations: { kind: [ministry, city] } }, key: "agency/{id}", nameServers: two, policy: standard }
`;

describe('planning zones', () => {
  it('makes a zone for every agency, names below it, delegations with glue and reverse zones', async () => {
    const set = await zonesOf(whole);
    expect(set.zones.map(({ name }) => name)).toEqual([
      '0.0.1.0.f.f.f.3.ip6.arpa.',
      '0.0.2.0.f.f.f.3.ip6.arpa.',
      '0.f.f.f.3.ip6.arpa.',
      '1.10.in-addr.arpa.',
      '10.in-addr.arpa.',
      '2.10.in-addr.arpa.',
      'gov.vn.',
      'hanoi.gov.vn.',
      'moj.gov.vn.',
    ]);
    const file = (name: string): string[] => (set.files.get(`zones/${name}.zone`) ?? '').split('\n');
    expect(file('hanoi.gov.vn')).toContain('ba-dinh-00004.hanoi.gov.vn.\t3600\tIN\tAAAA\t3fff:200:1::1');
    expect(file('hanoi.gov.vn')).toContain('ba-dinh-00004.hanoi.gov.vn.\t3600\tIN\tA\t10.2.0.65');
    expect(file('moj.gov.vn')).toContain('www.moj.gov.vn.\t3600\tIN\tCNAME\tportal.moj.gov.vn.');
    expect(file('gov.vn')).toContain('moj.gov.vn.\t86400\tIN\tNS\tns1.dns.gov.vn.');
    expect(file('gov.vn')).toContain('ns1.moh.gov.vn.\t86400\tIN\tA\t203.0.113.1');
    expect(file('gov.vn')).toContain(`moh.gov.vn.\t3600\tIN\tDS\t12345 13 2 ${'AB'.repeat(32)}`);
    expect(file('gov.vn')).toContain('ns2.dns.gov.vn.\t86400\tIN\tAAAA\t2001:db8:2::53');
    expect(file('1.10.in-addr.arpa')).toContain('1.4.1.10.in-addr.arpa.\t3600\tIN\tPTR\tmoj-office.moj.gov.vn.');
    expect(file('10.in-addr.arpa')).toContain('1.10.in-addr.arpa.\t86400\tIN\tNS\tns1.dns.gov.vn.');
    expect(file('0.0.2.0.f.f.f.3.ip6.arpa')).toContain(
      `1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.2.0.f.f.f.3.ip6.arpa.\t3600\tIN\tPTR\tba-dinh-00004.hanoi.gov.vn.`,
    );
    expect(checkZones(set)).toEqual([]);
  });

  it('gives the same bytes whatever the order of declarations and rules', async () => {
    const one = await zonesOf(whole);
    const lines = organisations.split('\n');
    const shuffled = [...lines.slice(0, 3), lines[3], lines[6], lines[5], lines[4], ...lines.slice(7)].join('\n');
    const { root, federation } = await federationOf({ 'stacks/b/b.yaml': shuffled, 'network-plans/other.yaml': zonePlan(whole) });
    const reversed = Object.fromEntries(Object.entries(blocks).reverse());
    const other = planZones(root, federation, addressesOf(reversed, { 'gov-v4': '10.0.0.0/8', 'gov-v6': '3fff::/20' }));
    expect([...other.files]).toEqual([...one.files]);
  });

  it('puts the apex first, sorts names canonically and writes neither clock nor relative names', async () => {
    const text = (await zonesOf(whole)).files.get('zones/gov.vn.zone') ?? '';
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toBe('gov.vn.\t3600\tIN\tSOA\tns1.dns.gov.vn. hostmaster.gov.vn. 1 14400 3600 1209600 3600');
    for (const line of lines) expect(line).toMatch(/^[a-z0-9_.-]+\.\t\d+\tIN\t[A-Z]+\t.+$/u);
    const keys = lines.map((line) => line.slice(0, line.indexOf('\t')).split('.').reverse().join('\0'));
    expect(keys).toEqual([...keys].sort());
  });

  it('leaves out what has no address yet, and says so', async () => {
    const set = await zonesOf(`zones: [{ name: "@", nameServers: two, policy: standard }]
records: [{ name: late, address: { key: site/not-yet } }, { name: far, address: { key: commune/00004, host: 64 } }]
`);
    expect(set.findings?.map(({ code }) => code)).toEqual(['DNS-NO-ADDRESS', 'DNS-HOST-RANGE']);
    expect(set.files.get('zones/gov.vn.zone')).not.toContain('late.');
    expect(set.findings?.[0]?.file).toBe('network-plans/zones.yaml');
    expect(set.findings?.[0]?.line).toBe(12);
  });

  it('cuts TXT data into quoted strings and escapes what must be', async () => {
    const set = await zonesOf(`zones:
  - name: "@"
    nameServers: two
    policy: standard
    records: [{ name: q, type: TXT, data: 'a "b" \\c; é' }, { name: long, type: TXT, data: ${'x'.repeat(300)} }]
`);
    const text = set.files.get('zones/gov.vn.zone') ?? '';
    expect(text).toContain('"a \\"b\\" \\\\c; \\195\\169"');
    expect(text).toContain(`"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  });

  it('has no zones where there is no plan', async () => {
    const { root, federation } = await federationOf({ 'stacks/a/a.yaml': organisations });
    const set = planZones(root, federation, addressesOf({}));
    expect(set.zones).toEqual([]);
    expect(set.files.size).toBe(0);
  });
});

describe('comparing with what was rendered', () => {
  it('names zones that come, go and change, and their records', async () => {
    const before = await zonesOf(whole);
    const after = await zonesOf(
      whole
        .replace('v=spf1 -all', 'v=spf1 mx -all')
        .replace(
          '- { name: "@", nameServers: two, policy: standard }\n',
          '- { name: "@", nameServers: two, policy: standard }\n  - { name: new, nameServers: two, policy: standard }\n',
        )
        .replace('  - { pool: gov-v4, nameServers: two, policy: standard }\n', ''),
    );
    const { root } = await federationOf({});
    const folder = path.join(root, 'out/dns');
    for (const [name, text] of before.files) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    }
    expect(diffZones(before, folder)).toMatchObject({ add: [], remove: [], change: [], files: [], unchanged: 9 });
    const diff = diffZones(after, folder);
    expect(diff.add).toEqual(['new.gov.vn.']);
    expect(diff.remove).toEqual(['10.in-addr.arpa.']);
    expect(diff.change.map(({ zone }) => zone)).toEqual(['gov.vn.', 'hanoi.gov.vn.', 'moj.gov.vn.']);
    expect(diff.change[2]).toEqual({
      zone: 'moj.gov.vn.',
      added: ['moj.gov.vn.\t3600\tIN\tTXT\t"v=spf1 mx -all"'],
      removed: ['moj.gov.vn.\t3600\tIN\tTXT\t"v=spf1 -all"'],
    });
  });
});

describe('broken plans', () => {
  const broken: readonly [string, string, string, string?][] = [
    ['an unknown key', 'zonez: []\n', 'CORE-SCHEMA-UNKNOWN-KEY'],
    ['an unknown name-server set', 'zones: [{ name: a, nameServers: three }]\n', 'DNS-UNKNOWN-SERVERS'],
    ['an unknown policy', 'zones: [{ name: a, nameServers: two, policy: strict }]\n', 'DNS-UNKNOWN-POLICY'],
    ['a policy stated twice', '', 'DNS-POLICY-DUPLICATE', policy.replace('policies:\n', 'policies:\n  - { name: standard, algorithm: ed25519 }\n')],
    ['a withdrawn algorithm', '', 'CORE-SCHEMA-VALUE', 'policies: [{ name: old, algorithm: rsasha1 }]\n'],
    [
      'a record with two forms',
      'zones: [{ name: a, nameServers: two, records: [{ name: b, type: A, data: 192.0.2.1, address: { key: k } }] }]\n',
      'DNS-RECORD',
    ],
    ['an address that is none', 'zones: [{ name: a, nameServers: two, records: [{ name: b, type: A, data: 192.0.2.01 }] }]\n', 'DNS-RDATA'],
    ['a field that does not exist', 'zones: [{ forEach: { organisations: {} }, name: "{labell}", nameServers: two }]\n', 'CORE-TEMPLATE'],
    ['a selection by no field', 'zones: [{ forEach: { organisations: { knd: ministry } }, name: "{label}", nameServers: two }]\n', 'FED-RULE-FIELD'],
    ['a table that is not there', 'zones: [{ forEach: { csv: data/x.csv }, name: "{a}", nameServers: two }]\n', 'CORE-FILE-MISSING'],
    ['a table above the folder', 'zones: [{ forEach: { csv: ../x.csv }, name: "{a}", nameServers: two }]\n', 'CORE-PATH'],
    ['a reverse rule with two sources', 'reverse: [{ key: a, pool: b, nameServers: two }]\n', 'DNS-REVERSE'],
    ['a duration in words', 'ttl: { default: one hour }\n', 'CORE-SCHEMA-VALUE'],
  ];
  it.each(broken)('refuses %s, with place and hint', async (_what, body, code, head) => {
    const error = await zonesOf(body, head === undefined ? {} : { head }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProblemError);
    const found = (error as ProblemError).problems.find((problem) => problem.code === code);
    expect(found, (error as ProblemError).message).toBeDefined();
    expect(found?.line).toBeGreaterThan(0);
    expect(found?.hint ?? 'hint').not.toBe('');
  });
});
