import { describe, expect, it } from 'vitest';
import { loadFederation } from '../../../modules/federation/index.ts';
import { ipv6Progress, loadAddressPlans } from '../../../modules/network/index.ts';
import { federationFolder } from '../folder.ts';
import { judge, pools } from './judge.ts';

const needs = (...rows: string[]): string => `needs:\n${rows.map((row) => `  - ${row}\n`).join('')}`;
const messages = async (plan: string, networks: readonly string[], code: string): Promise<string[]> =>
  (await judge({ plan, networks })).problems.filter((found) => found.code === code).map(({ message }) => message);
const shown = '{ id: net-a, owner: a, zone: public, ipv6: dual, key: k }';

describe('end sites', () => {
  it('of one pool have one size: the most common', async () => {
    const plan = `${pools}${needs('{ key: a, pool: p6, length: 48, role: site }', '{ key: b, pool: p6, length: 48, role: site }', '{ key: c, pool: p6, length: 56, role: site }')}`;
    expect((await judge({ plan })).problems.filter(({ code }) => code === 'NET-SITE-SIZE').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^c: a \/56 where the end sites of pool "p6" are \/48 \(2 of them\) \(RFC 6177/u),
    ]);
  });

  it('may differ between pools, and in IPv4', async () => {
    const plan = `domains: [{ name: d }]\npools: [{ name: p, prefix: "2400::/16", domain: d }, { name: q, prefix: "2600::/16", domain: d }, { name: r, prefix: 10.0.0.0/8, domain: d }]\n${needs(
      '{ key: a, pool: p, length: 48, role: site }',
      '{ key: b, pool: q, length: 56, role: site }',
      '{ key: c, pool: r, length: 24, role: site }',
      '{ key: e, pool: r, length: 27, role: site }',
    )}`;
    expect((await judge({ plan })).problems.filter(({ code }) => code !== 'NET-PENDING')).toEqual([]);
  });
});

describe('a public network', () => {
  const own = (zone: string): string =>
    `domains: [{ name: d${zone} }]\npools:\n  - { name: p, prefix: "2400::/16", domain: d }\n  - { name: q, prefix: 10.0.0.0/8, domain: d }\n  - { name: s, prefix: 100.64.0.0/10, domain: d }\n`;

  it('has a block nobody else may use: not private, not shared, not of a domain that is not public', async () => {
    for (const [plan, says] of [
      [own('') + needs('{ key: k, pool: q, length: 24 }'), '"k" lies in 10.0.0.0/8, which is private'],
      [own('') + needs('{ key: k, pool: s, length: 24 }'), '"k" lies in 100.64.0.0/10, which its carrier shares among customers'],
      [own(', zone: enterprise') + needs('{ key: k, pool: p, length: 48 }'), '"k" lies in 2400::/16, of domain "d", which is not public'],
    ] as const)
      expect(await messages(plan, [shown], 'NET-PUBLIC-ADDRESS')).toEqual([expect.stringContaining(says)]);
    expect(await messages(own(', zone: public') + needs('{ key: k, pool: p, length: 48 }'), [shown], 'NET-PUBLIC-ADDRESS')).toEqual([]);
  });

  it('may get it from a rule over networks', async () => {
    const plan = own('') + needs('{ forEach: { networks: { zone: public } }, key: "public/{id}", pool: p, length: 48 }');
    expect(await messages(plan, ['{ id: net-a, owner: a, zone: public, ipv6: dual }'], 'NET-PUBLIC-ADDRESS')).toEqual([]);
  });

  it('that uses the addresses of its provider is found as such', async () => {
    expect(await messages(pools, ['{ id: net-a, owner: a, zone: public, ipv6: dual, addressOrigin: provider }'], 'NET-PUBLIC-ADDRESS')).toEqual([
      expect.stringContaining("its addresses are its provider's"),
    ]);
  });
});

describe('IPv6', () => {
  const networks = [
    '{ id: n1, owner: a, zone: enterprise, ipv6: dual, key: site/a }',
    '{ id: n2, owner: a, zone: enterprise, ipv6: none, ipv6Target: "2026-05-01" }',
    '{ id: n3, owner: a, zone: enterprise, ipv6: planned, ipv6Target: "2027-01-01" }',
    '{ id: n4, owner: b, zone: enterprise, ipv6: ipv6-only }',
    '{ id: n5, owner: b, zone: enterprise }',
  ];
  const plan = `${pools}${needs(
    '{ key: site/a, role: site, owner: a, legs: { v6: { pool: p6, length: 48 }, v4: { pool: p4, length: 24 } } }',
    '{ key: old/a, pool: p4, length: 24, owner: a }',
    '{ key: new/b, pool: p6, length: 64, role: lan, owner: b }',
    '{ key: lo/b, pool: p6, length: 128, role: loopback, owner: b }',
  )}`;

  it('is stated, planned in, and in time', async () => {
    const { problems } = await judge({ plan, networks });
    expect(problems.filter(({ code }) => code.startsWith('NET-IPV6')).map(({ code, message }) => [code, message])).toEqual([
      ['NET-IPV6-STATE', 'n5: nothing is stated of IPv6 (RFC 6540)'],
      ['NET-IPV6-OVERDUE', 'network "n2" of "a" was to run IPv6 by 2026-05-01 and is still "none" on 2026-06-01 (RFC 6540)'],
    ]);
    expect(await messages(pools, ['{ id: n1, owner: a, zone: enterprise, ipv6: dual, key: gone }'], 'NET-IPV6-BLOCK')).toEqual([
      expect.stringContaining('no plan has its key "gone"'),
    ]);
  });

  it('is counted for every agency on a date', async () => {
    const declared = `apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: nation, kind: nation, names: { vi: N, en: N } }\n  - { id: a, kind: ministry, names: { vi: a, en: a }, parent: nation }\n  - { id: b, kind: ministry, names: { vi: b, en: b }, parent: nation }\nnetworks:\n${networks.map((row) => `  - ${row}\n`).join('')}`;
    const root = federationFolder({
      'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M } }\n',
      'stacks/s/s.yaml': declared,
      'network-plans/a.yaml': `apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\n${plan}`,
    });
    const federation = await loadFederation(root, { asOf: '2026-06-01' });
    const progress = ipv6Progress(await loadAddressPlans(root, federation), federation);
    expect(progress.total).toEqual({
      networks: 5,
      none: 1,
      planned: 1,
      dual: 1,
      ipv6Only: 1,
      notStated: 1,
      share: 0.4,
      overdue: 1,
      next: '2027-01-01',
      blocks: { v4: 1, dual: 1, v6: 1 },
    });
    expect(progress.organisations.map(({ id, networks: count, share, overdue, blocks }) => [id, count, share.toFixed(2), overdue, blocks])).toEqual([
      ['a', 3, '0.33', 1, { v4: 1, dual: 1, v6: 0 }],
      ['b', 2, '0.50', 0, { v4: 0, dual: 0, v6: 1 }],
    ]);
    expect(progress.open.map(({ id, target, overdue }) => [id, target, overdue])).toEqual([
      ['n2', '2026-05-01', true],
      ['n3', '2027-01-01', false],
      ['n5', undefined, false],
    ]);
  });
});
