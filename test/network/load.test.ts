import { describe, expect, it } from 'vitest';
import { ProblemError, type Problem } from '../../modules/core/index.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { checkAddresses, findAddress, freeSpace, loadAddressPlans, planAddresses, showAddresses } from '../../modules/network/index.ts';
import { federationFolder } from './folder.ts';

const header = 'apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\n';
const pools = `domains: [{ name: d, export: ["65536:1"] }]
pools:
  - { name: p6, prefix: "3fff::/20", domain: d }
  - { name: p4, prefix: 10.0.0.0/8, domain: d, strategy: best-fit }
`;

async function problemsOf(files: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  try {
    const set = await loadAddressPlans(federationFolder(files));
    return planAddresses(set).problems;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
}

/** Name, body of network-plans/a.yaml after the header, other files, what each problem must say. */
const broken: [string, string, Record<string, string>, string[]][] = [
  [
    'duplicate key',
    `${pools}needs:\n  - { key: x, pool: p6, length: 48 }\n  - { key: x, pool: p6, length: 48 }\n`,
    {},
    ['a.yaml:10:12 NET-KEY-DUPLICATE "x" is needed twice, first at network-plans/a.yaml:9'],
  ],
  ['unknown pool', `${pools}needs:\n  - { key: x, pool: p66, length: 48 }\n`, {}, ['a.yaml:9:21 NET-POOL-UNKNOWN did you mean "p6"?']],
  [
    'unknown holder',
    `${pools}needs:\n  - { key: province/01, pool: p6, length: 36, role: container }\n  - { key: x, in: province/1, length: 48 }\n`,
    {},
    ['NET-HOLDER-UNKNOWN did you mean "province/01"?'],
  ],
  [
    'holder is no container',
    `${pools}needs:\n  - { key: h, pool: p6, length: 36 }\n  - { key: x, in: h, length: 48 }\n`,
    {},
    ['a.yaml:10:19 NET-HOLDER-ROLE "h" (network-plans/a.yaml:9)'],
  ],
  [
    'holders in a circle',
    `${pools}needs:\n  - { key: a, in: b, length: 36, role: container }\n  - { key: b, in: a, length: 36, role: container }\n`,
    {},
    ['NET-HOLDER-CYCLE a -> b -> a'],
  ],
  [
    'short form in a holder with two families',
    `${pools}needs:\n  - { key: h, role: container, legs: { v6: { pool: p6, length: 36 }, v4: { pool: p4, length: 16 } } }\n  - { key: x, in: h, length: 48 }\n`,
    {},
    ['NET-FAMILY which has IPv4 and IPv6'],
  ],
  [
    "pool beside another pool's holder",
    `${pools}needs:\n  - { key: h, pool: p6, length: 36, role: container }\n  - { key: x, in: h, pool: p4, length: 48 }\n`,
    {},
    ['NET-POOL-MISMATCH leave the pool out'],
  ],
  ['leg of the wrong family', `${pools}needs:\n  - { key: x, legs: { v6: { pool: p4, length: 24 } } }\n`, {}, ['NET-FAMILY which is v4']],
  ['larger than the pool', `${pools}needs:\n  - { key: x, pool: p6, length: 16 }\n`, {}, ['NET-LENGTH larger than pool "p6"']],
  ['length beyond the family', `${pools}needs:\n  - { key: x, pool: p4, length: 33 }\n`, {}, ['NET-LENGTH at most 32']],
  ['host bits', `${pools}needs:\n  - { key: x, pool: p4, prefix: 10.1.2.3/24 }\n`, {}, ['a.yaml:9:33 NET-PREFIX write 10.1.2.0/24']],
  ['exact outside of the pool', `${pools}needs:\n  - { key: x, pool: p4, prefix: 192.0.2.0/24 }\n`, {}, ['NET-OUTSIDE outside of pool "p4"']],
  [
    'overlapping exact prefixes',
    `${pools}needs:\n  - { key: x, pool: p4, prefix: 10.1.0.0/16 }\n  - { key: "y", pool: p4, prefix: 10.1.2.0/24 }\n`,
    {},
    ['NET-OVERLAP "y" asks for 10.1.2.0/24, which overlaps "x" (10.1.0.0/16'],
  ],
  ['length and prefix', `${pools}needs:\n  - { key: x, pool: p4, prefix: 10.1.0.0/16, length: 16 }\n`, {}, ['NET-NEED one of the two']],
  ['neither pool nor holder', `${pools}needs:\n  - { key: x, length: 16 }\n`, {}, ['NET-NEED neither a pool nor a holder']],
  ['unknown field', `${pools}needs:\n  - { key: x, pool: p4, lenght: 16 }\n`, {}, ['a.yaml:9:25 CORE-SCHEMA-UNKNOWN-KEY did you mean "length"?']],
  ['wrong type', `${pools}needs:\n  - { key: 7, pool: p4, length: 16 }\n`, {}, ['a.yaml:9:12 CORE-SCHEMA-TYPE put quotes']],
  [
    'unknown strategy',
    'domains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.0/8, domain: d, strategy: bestfit }]\n',
    {},
    ['CORE-SCHEMA-VALUE did you mean "best-fit"?'],
  ],
  ['unknown domain', 'domains: [{ name: tslcd }]\npools: [{ name: p, prefix: 10.0.0.0/8, domain: tslc }]\n', {}, ['NET-DOMAIN-UNKNOWN did you mean "tslcd"?']],
  ['pool with host bits', 'domains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.1/8, domain: d }]\n', {}, ['NET-POOL-PREFIX write 10.0.0.0/8']],
  ['pool of everything', 'domains: [{ name: d }]\npools: [{ name: p, prefix: "::/0", domain: d }]\n', {}, ['NET-POOL-PREFIX whole address space']],
  [
    'overlapping pools',
    'domains: [{ name: d }]\npools:\n  - { name: p, prefix: 10.0.0.0/8, domain: d }\n  - { name: q, prefix: 10.1.0.0/16, domain: d }\n',
    {},
    ['NET-POOL-OVERLAP domain "d"'],
  ],
  [
    'two domains that share a route target',
    'domains: [{ name: d, export: ["65536:1"] }, { name: e, import: ["65536:1"] }]\npools:\n  - { name: p, prefix: 10.0.0.0/8, domain: d }\n  - { name: q, prefix: 10.0.0.0/8, domain: e }\n',
    {},
    ['NET-POOL-OVERLAP share route target 65536:1'],
  ],
  [
    'pool in two files',
    pools,
    { 'network-plans/b.yaml': header + 'pools: [{ name: p4, prefix: 192.0.2.0/24, domain: d }]\n' },
    ['b.yaml:4:17 NET-POOL-DUPLICATE first at network-plans/a.yaml:7'],
  ],
  [
    'fixed pool without a prefix',
    'domains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.0/8, domain: d, strategy: fixed }]\nneeds: [{ key: x, pool: p, length: 16 }]\n',
    {},
    ['NET-FIXED takes exact prefixes only'],
  ],
  ['missing table', `${pools}needs:\n  - { forEach: { csv: data/none.csv }, key: "x/{id}", pool: p6, length: 48 }\n`, {}, ['CORE-FILE-MISSING data/none.csv']],
  [
    'missing column',
    `${pools}needs:\n  - { forEach: { csv: t.csv }, key: "x/{idd}", pool: p6, length: 48 }\n`,
    { 'network-plans/t.csv': 'id,name\n1,a\n' },
    ['a.yaml:9:37 CORE-TEMPLATE did you mean "id"?'],
  ],
  [
    'empty cell',
    `${pools}needs:\n  - { forEach: { csv: t.csv }, key: "x/{name}", pool: p6, length: 48 }\n`,
    { 'network-plans/t.csv': 'id,name\n1,a\n2,\n' },
    ['t.csv:3:2 CORE-TEMPLATE "name" is empty here'],
  ],
  [
    'table above the folder',
    `${pools}needs:\n  - { forEach: { csv: ../t.csv }, key: "x/{id}", pool: p6, length: 48 }\n`,
    { 't.csv': 'id\n1\n' },
    ['CORE-PATH leads out'],
  ],
  [
    'duplicate key from a table',
    `${pools}needs:\n  - { forEach: { csv: t.csv }, key: "x/{id}", pool: p6, length: 48 }\n`,
    { 'network-plans/t.csv': 'id\n1\n1\n' },
    ['t.csv:3:1 NET-KEY-DUPLICATE first at network-plans/t.csv:2'],
  ],
  [
    'rule over what is not declared',
    `${pools}needs:\n  - { forEach: { organisations: {} }, key: "x/{id}", pool: p6, length: 48 }\n`,
    {},
    ['NET-NO-FEDERATION'],
  ],
  [
    'block of an extract that never came',
    'domains: [{ name: d }]\npools: [{ name: p, from: { key: agency/moh, family: v6 }, domain: d }]\n',
    {},
    ['NET-POOL-EXTRACT none was delivered'],
  ],
  ['unknown kind', '', { 'network-plans/b.yaml': 'apiVersion: vcloud/v1\nkind: NetworkPlna\n' }, ['NET-KIND did you mean "NetworkPlan"?']],
  ['bad YAML', `${pools}needs: [\n`, {}, ['CORE-YAML']],
  [
    'exhausted holder',
    `${pools}needs:\n  - { key: h, pool: p4, length: 30, role: container }\n  - { key: a, in: h, length: 31 }\n  - { key: b, in: h, length: 32 }\n  - { key: c, in: h, length: 31 }\n`,
    {},
    ['NET-EXHAUSTED "h" (10.0.0.0/30) has no free /32 for "b": nothing is free'],
  ],
  [
    'reserved number',
    '',
    {
      'network-plans/n.yaml':
        'apiVersion: vcloud/v1\nkind: AsnPlan\nmetadata: { name: n }\nranges: [{ name: r, first: 64512, last: 65535 }]\nneeds: [{ key: a, asn: 65535 }, { key: b, range: s }]\n',
    },
    ['NET-ASN is reserved', 'NET-ASN-RANGE names range "s"'],
  ],
  ['several at once', `${pools}needs:\n  - { key: a, pool: nope, length: 48 }\n  - { key: b, pool: p4, length: 99 }\n`, {}, ['NET-POOL-UNKNOWN', 'NET-LENGTH']],
];

describe('broken plans', () => {
  for (const [name, body, files, wanted] of broken) {
    it(name, async () => {
      const problems = await problemsOf({ 'network-plans/a.yaml': header + body, ...files });
      expect(problems.map(({ severity }) => severity)).toEqual(wanted.map(() => 'error'));
      wanted.forEach((text, index) => {
        const { code, message, hint, file, line, column } = problems[index] as Problem;
        const where = `${file?.replace('network-plans/', '') ?? ''}:${line ?? ''}:${column ?? ''}`;
        const match = /^(?:(\S+:\d+:\d+) )?(\S+) ?(.*)$/u.exec(text);
        if (match?.[1] !== undefined) expect(where).toBe(match[1]);
        expect(line).toBeGreaterThan(0);
        expect(code).toBe(match?.[2]);
        expect(`${message}\n${hint ?? ''}`).toContain(match?.[3] ?? '');
        expect(hint).toBeTruthy();
      });
    });
  }
});

const rows = (...lines: string[]): string => `apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n${lines.map((line) => `  ${line}\n`).join('')}`;
const locked: [string, string, string][] = [
  ['a row twice', rows('a: {v4: "10.0.0.0/24", pool4: p4}', 'a: {v4: "10.0.1.0/24", pool4: p4}'), '5:3 NET-LOCK-DUPLICATE on lines 4 and 5'],
  ['wrong order', rows('b: {v4: "10.0.0.0/24", pool4: p4}', 'a: {v4: "10.0.1.0/24", pool4: p4}'), '5:3 NET-LOCK-ORDER "a" stands after "b"'],
  [
    'overlap',
    rows('a: {v4: "10.0.0.0/24", pool4: p4}', 'b: {v4: "10.0.0.0/24", pool4: p4}'),
    '5:3 NET-OVERLAP overlaps "a" (10.0.0.0/24, network-plans/a.lock.yaml:4)',
  ],
  [
    'overlap with a released row',
    rows('a: {v4: "10.0.0.0/24", pool4: p4}', 'old: {v4: "10.0.0.128/25", pool4: p4, state: released}'),
    '5:3 NET-OVERLAP overlaps "a"',
  ],
  ['host bits', rows('a: {v4: "10.0.0.1/24", pool4: p4}'), '4:12 NET-LOCK-PREFIX write 10.0.0.0/24'],
  ['not canonical', rows('a: {v6: "3FFF::/48", pool6: p6}'), '4:12 NET-LOCK-PREFIX write 3fff::/48'],
  ['wrong family', rows('a: {v6: "10.0.0.0/24", pool6: p6}'), '4:12 NET-LOCK-PREFIX is not an IPv6 prefix'],
  ['a comment', rows('# mine', 'a: {v4: "10.0.0.0/24", pool4: p4}'), '4:1 NET-LOCK-FORM not a row'],
  ['an unknown state', rows('a: {v4: "10.0.0.0/24", pool4: p4, state: gone}'), '4:1 NET-LOCK-FORM not a row'],
  ['carriage returns', rows('a: {v4: "10.0.0.0/24", pool4: p4}\r'), '4:1 NET-LOCK-FORM a carriage return'],
  [
    'conflict marks of a merge',
    rows('a: {v4: "10.0.0.0/24", pool4: p4}') +
      '<<<<<<< HEAD\n  b: {v4: "10.0.1.0/24", pool4: p4}\n=======\n  c: {v4: "10.0.1.0/24", pool4: p4}\n>>>>>>> one\n',
    '5:1 NET-LOCK-CONFLICT a merge left 1 conflict in the lock',
  ],
  ['another header', rows().replace('NetworkLock', 'Lock'), '2:1 NET-LOCK-FORM must be "kind: NetworkLock"'],
  ['no last line feed', rows('a: {v4: "10.0.0.0/24", pool4: p4}').trimEnd(), '4:1 NET-LOCK-FORM does not end'],
];

describe('locks edited by hand', () => {
  const plan = `${header}${pools}needs:\n  - { key: a, pool: p4, length: 24 }\n  - { key: b, pool: p4, length: 24 }\n`;
  for (const [name, text, wanted] of locked) {
    it(name, async () => {
      const [problem] = (await problemsOf({ 'network-plans/a.yaml': plan, 'network-plans/a.lock.yaml': text })) as [Problem];
      const [, place, code, message] = /^(\S+) (\S+) (.*)$/u.exec(wanted) ?? [];
      expect([`${problem.line ?? ''}:${problem.column ?? ''}`, problem.code]).toEqual([place, code]);
      expect(problem.message).toContain(message);
    });
  }

  it('may not hold one key in two files', async () => {
    const lock = rows('a: {v4: "10.0.0.0/24", pool4: p4}');
    const problems = await problemsOf({ 'network-plans/a.yaml': plan, 'network-plans/a.lock.yaml': lock, 'network-plans/b.lock.yaml': lock });
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      expect.stringContaining('NET-LOCK-DUPLICATE "a" stands in two locks, first at network-plans/a.lock.yaml:4'),
    ]);
  });

  it('allows the same prefix in two domains that share nothing', async () => {
    const body =
      'domains: [{ name: d, export: ["65536:1"] }, { name: e, export: ["65536:2"] }]\npools:\n  - { name: p, prefix: 10.0.0.0/8, domain: d }\n  - { name: q, prefix: 10.0.0.0/8, domain: e }\nneeds: [{ key: x, pool: p, length: 9 }, { key: "y", pool: q, length: 9 }]\n';
    expect(await problemsOf({ 'network-plans/a.yaml': header + body })).toEqual([]);
  });
});

const settings = 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, organisation: root, names: { vi: M, en: M } }\n';
const declared = (more = ''): string => `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: root, kind: nation, names: { vi: N, en: N } }
  - { id: moh, kind: ministry, code: "07", names: { vi: B, en: B }, parent: root }
${more}`;
const ruled = `${header}${pools}needs:
  - { forEach: { organisations: { kind: [ministry] } }, key: "agency/{id}", role: container, legs: { v6: { pool: p6, length: 32 }, v4: { pool: p4, length: 16 } } }
  - { forEach: { organisations: { kind: ministry } }, key: "{{{code}}}/lan", in: "agency/{id}", legs: { v6: { in: "agency/{id}", length: 64 } } }
`.replace(', in: "agency/{id}", legs', ', legs');

describe('declared objects', () => {
  const numbering = `${settings}numbering: documentation\n`;
  const load = async (files: Record<string, string>) => {
    const root = federationFolder(files);
    const federation = await loadFederation(root, { asOf: '2026-01-01' });
    return { federation, set: await loadAddressPlans(root, federation) };
  };

  it('are numbered by rules, with place, subject and owner', async () => {
    const { set } = await load({ 'vcloud.yaml': settings, 'stacks/a/a.yaml': declared(), 'network-plans/a.yaml': ruled });
    const { addressPlan } = planAddresses(set);
    expect([...addressPlan.allocations.keys()]).toEqual(['agency/moh', '{07}/lan']);
    expect(addressPlan.allocations.get('{07}/lan')).toMatchObject({
      v6: '3fff::/64',
      holder6: 'agency/moh',
      owner: 'moh',
      subject: { collection: 'organisations', id: 'moh' },
      place: { file: 'stacks/a/a.yaml', line: 5 },
    });
    expect(findAddress(addressPlan, '3fff::1')[0]?.chain.map(({ key, owner }) => [key, owner])).toEqual([
      ['agency/moh', 'moh'],
      ['{07}/lan', 'moh'],
    ]);
    expect(findAddress(addressPlan, '10.0.0.0/8')[0]).toMatchObject({ chain: [], inside: [{ key: 'agency/moh' }] });
    expect(findAddress(addressPlan, '192.0.2.1')).toEqual([]);
    expect(freeSpace(addressPlan, { name: 'agency/moh', family: 'v4', length: 24 })).toMatchObject([
      { fitting: '256', next: ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'] },
    ]);
    expect(showAddresses(addressPlan, { name: 'p4' })).toMatchObject(
      [{ delegated: 1 / 256, used: 0, largestFree: 9, blocks: [{ name: 'agency/moh', canDouble: true }] }].map((block) => ({ ...block, delegated: 0.003906 })),
    );
    expect(() => freeSpace(addressPlan, { name: 'agency/mod' })).toThrow('did you mean "agency/moh"?');
  });

  it('are found when no rule numbers them, and keys when nothing is declared for them', async () => {
    const hand = `${ruled}  - { key: agency/mod, pool: p6, length: 32 }\n`;
    const { set, federation } = await load({
      'vcloud.yaml': numbering,
      'stacks/a/a.yaml': declared('  - { id: odd, kind: board, names: { vi: O, en: O }, parent: root }\n'),
      'network-plans/a.yaml': hand,
    });
    expect(checkAddresses(set, federation).map(({ code, severity }) => [code, severity])).toEqual([
      ['NET-PENDING', 'warning'],
      ['NET-NEVER-NUMBERED', 'warning'],
      ['NET-SUBJECT-UNKNOWN', 'warning'],
    ]);
    const left = await load({
      'vcloud.yaml': numbering,
      'stacks/a/a.yaml': declared('  - { id: odd, kind: board, names: { vi: O, en: O }, parent: root }\n'),
      'network-plans/a.yaml': `${ruled}unnumbered: { organisations: [{ kind: board }] }\n`,
    });
    expect(checkAddresses(left.set, left.federation).map(({ code }) => code)).toEqual(['NET-PENDING']);
  });

  it("are held against the RFCs, unless the numbers are a model's", async () => {
    const more = `${ruled}  - { key: odd, pool: p6, length: 47 }\n  - { key: lan, pool: p6, length: 72 }\n  - { key: link, pool: p6, length: 127, role: link }\n`;
    const files = { 'stacks/a/a.yaml': declared(), 'network-plans/a.yaml': more };
    const model = await load({ ...files, 'vcloud.yaml': numbering });
    expect(checkAddresses(model.set, model.federation).map(({ code }) => code)).toEqual(['NET-PENDING', 'NET-NIBBLE', 'NET-LAN-64']);
    const real = await load({ ...files, 'vcloud.yaml': settings });
    expect(checkAddresses(real.set, real.federation).map(({ code }) => code)).toEqual(['NET-PENDING', 'NET-NIBBLE', 'NET-LAN-64', 'NET-SPECIAL']);
  });

  it('get numbers as they get addresses', async () => {
    const asns =
      'apiVersion: vcloud/v1\nkind: AsnPlan\nmetadata: { name: n }\nranges: [{ name: r, first: 65533, last: 65540 }]\nneeds:\n  - { key: z, asn: 65533 }\n  - { key: c }\n  - { key: b }\n  - { forEach: { organisations: { kind: ministry } }, key: "agency/{id}" }\n';
    const { set } = await load({ 'vcloud.yaml': settings, 'stacks/a/a.yaml': declared(), 'network-plans/n.yaml': asns });
    const outcome = planAddresses(set);
    expect([...outcome.addressPlan.asns]).toEqual([
      ['agency/moh', 65534],
      ['b', 65536],
      ['c', 65537],
      ['z', 65533],
    ]);
    expect(outcome.locks.get('network-plans/n.lock.yaml')).toBe(
      'apiVersion: vcloud/v1\nkind: AsnLock\nallocations:\n  agency/moh: {asn: 65534, range: r}\n  b: {asn: 65536, range: r}\n  c: {asn: 65537, range: r}\n  z: {asn: 65533, range: r}\n',
    );
  });
});
