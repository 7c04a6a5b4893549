import { describe, expect, it } from 'vitest';
import { ruleTable, switchableRules, type SwitchableRule } from '../../../modules/network/rules/index.ts';
import { judge, pools, type Case } from './judge.ts';

interface RuleCase extends Case {
  /** What the finding must say. */
  readonly says: string;
  /** file:line of the finding. */
  readonly place?: string;
  /** A plan that follows the rule. */
  readonly good: Case;
  /** A name the rule may be switched off for. */
  readonly name: string;
}

const needs = (...rows: string[]): string => `${pools}needs:\n${rows.map((row) => `  - ${row}\n`).join('')}`;
const domain = (prefix: string, zone = ''): string => `domains: [{ name: d${zone} }]\npools: [{ name: p, prefix: "${prefix}", domain: d }]\n`;
const three = (hub: string): string => `domains:
  - { name: hub, import: [${hub}] }
  - { name: one, export: ["65000:1"] }
  - { name: two, export: ["65000:2"] }
pools:
  - { name: left, prefix: 10.0.0.0/8, domain: one }
  - { name: right, prefix: 10.2.0.0/16, domain: two }
`;
const released = (until: string): Case['files'] => ({
  'network-plans/a.lock.yaml': `apiVersion: vcloud/v1\nkind: NetworkLock\nallocations:\n  old: {v4: "10.9.0.0/24", pool4: p4, state: released, until: "${until}"}\n`,
});
const network = (fields: string): string => `{ id: net-a, owner: a, zone: enterprise, ${fields} }`;
const site = '{ key: site/a, role: site, legs: { v6: { pool: p6, length: 48 }, v4: { pool: p4, length: 24 } } }';

const cases: Record<SwitchableRule, RuleCase> = {
  'nibble-boundary': {
    plan: needs('{ key: h, pool: p6, length: 34, role: container }'),
    says: 'h: a /34 does not end on a nibble',
    place: 'network-plans/a.yaml:9',
    good: { plan: needs('{ key: h, pool: p6, length: 36, role: container }', '{ key: l, pool: p6, length: 127, role: link }') },
    name: 'h',
  },
  'site-size': {
    plan: needs('{ key: s, pool: p6, length: 60, role: site }'),
    says: 's: an end site gets a /48 to /56, not a /60',
    good: { plan: needs('{ key: s, pool: p6, length: 56, role: site }', '{ key: t, pool: p6, length: 56, role: site }') },
    name: 's',
  },
  'lan-64': {
    plan: needs('{ key: n, pool: p6, length: 60, role: lan }'),
    says: 'n: a network of hosts is a /64, not a /60',
    good: { plan: needs('{ key: n, pool: p6, length: 64, role: lan }', '{ key: m, pool: p6, length: 60 }', '{ key: v, pool: p4, length: 25, role: lan }') },
    name: 'n',
  },
  'link-127': {
    plan: needs('{ key: l, pool: p6, length: 126, role: link }'),
    says: 'l: a point-to-point link is a /127, not a /126',
    good: { plan: needs('{ key: l, pool: p6, length: 127, role: link }') },
    name: 'l',
  },
  'link-31': {
    plan: needs('{ key: l, pool: p4, length: 30, role: link }'),
    says: 'l: a point-to-point link is a /31, not a /30',
    good: { plan: needs('{ key: l, pool: p4, length: 31, role: link }') },
    name: 'l',
  },
  'loopback-host': {
    plan: needs('{ key: lo, role: loopback, legs: { v6: { pool: p6, length: 128 }, v4: { pool: p4, length: 30 } } }'),
    says: 'lo: a loopback is one address, a /32, not a /30',
    good: { plan: needs('{ key: lo, role: loopback, legs: { v6: { pool: p6, length: 128 }, v4: { pool: p4, length: 32 } } }') },
    name: 'lo',
  },
  'ula-random': {
    plan: domain('fd00:0:1::/48'),
    says: 'pool "p" (fd00:0:1::/48) has a global id that does not look random',
    place: 'network-plans/a.yaml:5',
    good: { plan: domain('fd6b:92e1:c47d::/48') },
    name: 'p',
  },
  'public-domain': {
    plan: domain('fd6b:92e1:c47d::/48', ', zone: public'),
    says: 'pool "p" (fd6b:92e1:c47d::/48) puts fc00::/7 (Unique-Local) into domain "d" (network-plans/a.yaml:4), which is public',
    good: { plan: domain('fd6b:92e1:c47d::/48', ', zone: enterprise') },
    name: 'd',
  },
  'shared-space': {
    plan: `${domain('100.64.0.0/16')}needs: [{ key: n, pool: p, length: 24 }, { key: m, pool: p, length: 24 }]\n`,
    says: 'n, m: hosts in the shared address space of pool "p" (100.64.0.0/16)',
    good: { plan: `${domain('100.64.0.0/16')}needs: [{ key: l, pool: p, length: 31, role: link }, { key: c, pool: p, length: 24, role: container }]\n` },
    name: 'p',
  },
  'special-purpose': {
    plan: domain('198.51.100.0/24'),
    says: 'pool "p" (198.51.100.0/24) uses 198.51.100.0/24, which is set aside: Documentation (TEST-NET-2) (RFC 5737, IANA registry of 20',
    good: { plan: domain('172.16.0.0/12') },
    name: 'p',
  },
  'asn-documentation': {
    plan: domain('10.0.0.0/8'),
    files: { 'network-plans/n.yaml': 'apiVersion: vcloud/v1\nkind: AsnPlan\nmetadata: { name: n }\nranges: [{ name: r, first: 64496, last: 64511 }]\n' },
    says: 'range "r" (64496-64511) holds numbers set aside for documentation',
    place: 'network-plans/n.yaml:4',
    good: {
      plan: domain('10.0.0.0/8'),
      files: { 'network-plans/n.yaml': 'apiVersion: vcloud/v1\nkind: AsnPlan\nmetadata: { name: n }\nranges: [{ name: r, first: 64512, last: 65534 }]\n' },
    },
    name: 'r',
  },
  aggregation: {
    plan: needs(
      '{ key: x, pool: p4, prefix: 10.0.0.0/16, owner: a }',
      '{ key: "y", pool: p4, prefix: 10.2.0.0/16, owner: a }',
      '{ key: z, pool: p4, prefix: 10.1.0.0/16, owner: b }',
    ),
    says: '"a" is announced as 2 prefixes in domain "inside" (IPv4), in one block it would be 1: 10.0.0.0/16 ("x", network-plans/a.yaml:9), 10.2.0.0/16 ("y", network-plans/a.yaml:10)',
    place: 'network-plans/a.yaml:9',
    good: {
      plan: needs(
        '{ key: x, pool: p4, prefix: 10.0.0.0/16, owner: a }',
        '{ key: "y", pool: p4, prefix: 10.1.0.0/16, owner: a }',
        '{ key: z, pool: p4, prefix: 10.2.0.0/16, owner: b }',
      ),
    },
    name: 'y',
  },
  'leaked-overlap': {
    plan: three('"65000:1", "65000:2"'),
    says: 'domain "hub" (network-plans/a.yaml:5) imports 65000:2 from "two" (network-plans/a.yaml:7) and 65000:1 from "one" (network-plans/a.yaml:6), whose pools overlap: "right" (10.2.0.0/16) and "left" (10.0.0.0/8, network-plans/a.yaml:9)',
    good: { plan: three('"65000:1"') },
    name: 'hub',
  },
  'public-address': {
    plan: needs(site),
    networks: ['{ id: net-a, owner: a, zone: public, ipv6: none, ipv6Target: "2030-01-01", key: office }'],
    says: 'public network "net-a" of "a" has no public address of its own: no plan gives it a block',
    place: 'stacks/s/s.yaml:8',
    good: { plan: needs(site), networks: ['{ id: net-a, owner: a, zone: public, ipv6: dual, key: site/a }'] },
    name: 'net-a',
  },
  'ipv6-block': {
    plan: needs('{ key: site/a, pool: p4, length: 24 }'),
    networks: [network('ipv6: dual, key: site/a')],
    says: 'network "net-a" is said to run IPv6 (ipv6: dual), but "site/a" has IPv4 only',
    good: { plan: needs(site), networks: [network('ipv6: dual, key: site/a')] },
    name: 'site/*',
  },
  'ipv6-state': {
    plan: needs(site),
    networks: [network('ipv6: planned, key: site/a')],
    says: 'net-a: no IPv6 yet, and no date by which there will be',
    good: { plan: needs(site), networks: [network('ipv6: planned, ipv6Target: "2027-01-01", key: site/a')] },
    name: 'a',
  },
  'ipv6-overdue': {
    plan: needs(site),
    networks: [network('ipv6: planned, ipv6Target: "2026-05-31", key: site/a')],
    says: 'network "net-a" of "a" was to run IPv6 by 2026-05-31 and is still "planned" on 2026-06-01',
    good: { plan: needs(site), networks: [network('ipv6: planned, ipv6Target: "2026-06-01", key: site/a')] },
    name: 'net-*',
  },
  'quarantine-over': {
    plan: pools,
    files: released('2026-06-01'),
    says: '"old" was released and its quarantine ended on 2026-06-01: 10.9.0.0/24 may be used again',
    place: 'network-plans/a.lock.yaml:4',
    good: { plan: pools, files: released('2026-06-02') },
    name: 'old',
  },
};

const switched = (rule: string, rest: string): string => `rules: [{ rule: ${rule}, off: true, reason: because of the old routers${rest} }]\n`;

describe('every rule of address planning', () => {
  for (const rule of switchableRules) {
    const { says, place, good, name, ...bad } = cases[rule];
    const row = ruleTable.find(({ id }) => id === rule);
    const code = row?.code ?? '';

    it(`${rule}: finds what breaks it, and says where, why and by which text`, async () => {
      const { problems, rules } = await judge(bad);
      const found = problems.filter((problem) => problem.code === code);
      expect(found).toHaveLength(1);
      const { message, hint, file, line, severity } = found[0] as (typeof found)[0];
      expect(message).toContain(says);
      expect(message).toMatch(/\((?:RFC|.*RFC) \d+[^()]*\)$/u);
      expect(hint).toBeTruthy();
      expect(line).toBeGreaterThan(0);
      if (place !== undefined) expect(`${file ?? ''}:${line ?? ''}`).toBe(place);
      expect(severity).toBe(row?.severity);
      expect(rules.find(({ id }) => id === rule)).toMatchObject({ state: 'on', findings: 1 });
    });

    it(`${rule}: finds nothing where it is followed`, async () => {
      const { problems, rules } = await judge(good);
      expect(problems.filter((problem) => problem.code === code)).toEqual([]);
      expect(rules.find(({ id }) => id === rule)).toMatchObject({ state: 'on', findings: 0, switches: [] });
    });

    it(`${rule}: is silent where it is switched off, and the switch says what it left out`, async () => {
      for (const [rest, state] of [
        ['', 'off'],
        [`, for: ["${name}"]`, 'partly'],
      ] as const) {
        const { problems, rules } = await judge({ ...bad, plan: bad.plan + switched(rule, rest) });
        expect(problems.filter((problem) => [code, 'NET-RULE-UNUSED', 'NET-RULE-EXPIRED'].includes(problem.code))).toEqual([]);
        const report = rules.find(({ id }) => id === rule);
        expect(report).toMatchObject({ state, findings: 0, switches: [{ reason: 'because of the old routers', expired: false }] });
        expect(report?.switches[0]?.cases).toBeGreaterThan(0);
      }
    });
  }

  it('has a source, a sentence in both languages and a code of its own', () => {
    expect(new Set(ruleTable.map(({ code }) => code)).size).toBe(ruleTable.length);
    for (const { source, sentence, code } of ruleTable) {
      expect(source).toMatch(/^RFC \d+/u);
      expect(code).toMatch(/^NET-[A-Z0-9-]+$/u);
      expect(sentence.vi).not.toBe(sentence.en);
    }
  });
});

describe('numbers of a model', () => {
  it('are not judged as real ones, and the list of rules says so', async () => {
    const files = { 'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M } }\nnumbering: documentation\n' };
    const { problems, rules } = await judge({ plan: domain('198.51.100.0/24'), networks: [], files });
    expect(problems).toEqual([]);
    expect(rules.filter(({ state }) => state === 'not-applicable').map(({ id, why }) => [id, why])).toEqual([
      ['special-purpose', 'documentation numbers'],
      ['asn-documentation', 'documentation numbers'],
    ]);
  });

  it('need declarations and a date where a rule is about them', async () => {
    const { rules } = await judge({ plan: pools, asOf: '2026-06-01' });
    expect(rules.filter(({ why }) => why === 'nothing declared').map(({ id }) => id)).toEqual(['public-address', 'ipv6-block', 'ipv6-state', 'ipv6-overdue']);
  });
});
