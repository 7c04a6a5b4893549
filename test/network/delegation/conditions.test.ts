import { describe, expect, it } from 'vitest';
import { loadFederation } from '../../../modules/federation/index.ts';
import { planAddresses } from '../../../modules/network/index.ts';
import { readPlans } from '../../../modules/network/load.ts';
import { federationFolder } from '../folder.ts';
import { declared, lockOf, member } from './world.ts';

const need = (rest: string): string => `needs:\n  - { key: site/a, ${rest} }\n`;
const found = (...args: Parameters<typeof member>): { code: string; severity: string }[] =>
  planAddresses(member(...args)).problems.map(({ code, severity }) => ({ code, severity }));

describe('conditions of a delegation', () => {
  it.each([
    ['a block larger than the shortest length', need('pool: six, length: 44'), { lengths: { v6: { shortest: 48 } } }, 'NET-DELEGATION-LENGTH'],
    ['a block smaller than the longest length', need('pool: four, length: 28'), { lengths: { v4: { longest: 26 } } }, 'NET-DELEGATION-LENGTH'],
    [
      'a block inside a holder too',
      'needs:\n  - { key: t, role: container, pool: six, length: 48 }\n  - { key: t/x, in: t, length: 80, role: loopback }\n',
      { lengths: { v6: { shortest: 48, longest: 64 } } },
      'NET-DELEGATION-LENGTH',
    ],
    ['a forbidden strategy of a pool', need('pool: six, length: 48'), { strategies: { forbidden: ['first-fit'] } }, 'NET-DELEGATION-STRATEGY'],
    ['a strategy other than the required one', need('pool: six, length: 48'), { strategies: { required: ['sparse'] } }, 'NET-DELEGATION-STRATEGY'],
    [
      'a forbidden strategy of a container',
      need('role: container, strategy: last-fit, pool: six, length: 48'),
      { strategies: { forbidden: ['last-fit'] } },
      'NET-DELEGATION-STRATEGY',
    ],
    ['a block cut on the day it ends', need('pool: six, length: 48'), { until: '2026-11-22' }, 'NET-DELEGATION-UNTIL'],
  ])('refuses %s, and names the declaration of the centre', (_what, plan, conditions, code) => {
    const { problems } = planAddresses(member(plan, { conditions }));
    expect(problems.map((one) => [one.code, one.severity])).toEqual([[code, 'error']]);
    expect(problems[0]?.message).toContain(declared);
    expect(problems[0]?.file).toBe('network-plans/own.yaml');
  });

  it('lets through what keeps to them', () => {
    const conditions = {
      lengths: { v4: { shortest: 22, longest: 26 }, v6: { shortest: 48, longest: 64 } },
      strategies: { forbidden: ['last-fit'] },
      until: '2026-11-23',
      announced: false,
    };
    expect(found('needs:\n  - { key: a, legs: { v4: { pool: four, length: 22 }, v6: { pool: six, length: 64 } } }\n', { conditions })).toEqual([]);
  });

  it('warns of what is held already instead of stopping everything', () => {
    const lock = lockOf('  site/a: {v6: "3fff:8::/44", pool6: six}\n');
    const conditions = { lengths: { v6: { shortest: 48 } }, strategies: { forbidden: ['first-fit'] }, until: '2026-01-01' };
    expect(found(need('pool: six, length: 44'), { conditions }, { lock })).toEqual([
      { code: 'NET-DELEGATION-STRATEGY', severity: 'warning' },
      { code: 'NET-DELEGATION-UNTIL', severity: 'warning' },
      { code: 'NET-DELEGATION-LENGTH', severity: 'warning' },
    ]);
    // The same block, growing: now it is cut anew.
    expect(found(need('pool: six, length: 40'), { conditions: { lengths: { v6: { shortest: 48 } } } }, { lock })).toEqual([
      { code: 'NET-DELEGATION-LENGTH', severity: 'error' },
    ]);
  });

  it('holds the routing domain, that of the block where none is declared', () => {
    const other = 'needs:\n  - { key: a, pool: other, length: 48 }\n';
    const pool = (domain: string): string => `  - { name: other, from: { key: agency/lab, family: v6 }, domain: ${domain} }\n${other}`;
    const extract = {
      blocks: [
        ...['agency/moh', 'agency/lab'].map((key, index) => ({ key, family: 'v6' as const, prefix: `3fff:${index + 8}::/32`, domain: 'd' })),
        { key: 'agency/moh', family: 'v4' as const, prefix: '10.8.0.0/16', domain: 'd' },
      ],
    };
    expect(found(pool('d'), { keys: ['agency/lab'] }, { extract })).toEqual([]);
    expect(found(pool('e'), { keys: ['agency/lab'] }, { extract })).toEqual([{ code: 'NET-DELEGATION-DOMAIN', severity: 'error' }]);
    expect(found(pool('e'), { keys: ['agency/lab'], domain: 'e' }, { extract })).toEqual([]);
  });

  it('judges a need that may lie in several pools by the one it comes to lie in', () => {
    const plan = `  - { name: tiny, prefix: "3fff:ff:0:1::/64", domain: d }
needs:
  - { key: a, pools: [tiny, six], length: 60 }
`;
    expect(found(plan, { conditions: { lengths: { v6: { longest: 56 } } } }).map(({ code }) => code)).toEqual(['NET-DELEGATION-LENGTH']);
  });

  it('holds for a block that was typed instead of taken from the extract, and says so', () => {
    const lab = {
      blocks: [
        { key: 'agency/lab', family: 'v6' as const, prefix: '3fff:9::/32', domain: 'd' },
        ...['v4', 'v6'].map((family) => ({ key: 'agency/moh', family: family as 'v4', prefix: family === 'v4' ? '10.8.0.0/16' : '3fff:8::/32' })),
      ],
    };
    const plan = '  - { name: typed, prefix: "3fff:9:1::/48", domain: d }\nneeds:\n  - { key: a, pool: typed, length: 72 }\n';
    expect(found(plan, { keys: ['agency/lab'], conditions: { lengths: { v6: { longest: 64 } } } }, { extract: lab })).toEqual([
      { code: 'NET-DELEGATION-TYPED', severity: 'warning' },
      { code: 'NET-DELEGATION-LENGTH', severity: 'error' },
    ]);
  });

  it('cuts nothing new from what was agreed to be given back', () => {
    const proposals = [{ id: 'r', kind: 'resize' as const, key: 'agency/moh', family: 'v4' as const, to: 17, by: '2027-01-01', reason: 'not used' }];
    const plan = (answer: string): string =>
      `needs:\n  - { key: low, pool: four, length: 24 }\n  - { key: high, pool: four, prefix: 10.8.200.0/24 }\n${answer}`;
    expect(found(plan(''), { proposals })).toEqual([]);
    expect(found(plan('answers: [{ proposal: r, answer: refused, reason: needed }]'), { proposals })).toEqual([]);
    const { problems } = planAddresses(member(plan('answers: [{ proposal: r, answer: accepted }]'), { proposals }));
    expect(problems.map(({ code, message }) => [code, message.includes('"high"')])).toEqual([['NET-DELEGATION-REVOKED', true]]);
  });
});

describe('a block that is not to be announced', () => {
  const files = {
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: moh, organisation: moh, names: { vi: a, en: a } }\n',
    'stacks/a/a.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations: [{ id: moh, kind: ministry, names: { vi: a, en: a } }]
sites: [{ id: s, kind: data-centre, names: { vi: a, en: a }, owner: moh }]
networks:
  - { id: door, names: { vi: a, en: a }, owner: moh, site: s, zone: public, addressOrigin: independent }
  - { id: inner, names: { vi: a, en: a }, owner: moh, site: s, zone: provider }
  - { id: gate, names: { vi: a, en: a }, owner: moh, site: s, zone: public, addressOrigin: independent, key: site/s }
`,
    'network-plans/own.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: own }
domains: [{ name: d }]
pools: [{ name: six, from: { key: agency/moh, family: v6 }, domain: d }]
needs:
  - { forEach: { networks: {}, except: { id: gate } }, key: "net/{id}", pool: six, length: 64 }
  - { key: site/s, pool: six, length: 64 }
`,
  };

  it('numbers no network that brings its addresses to the Internet', async () => {
    const root = federationFolder(files);
    const federation = await loadFederation(root, { asOf: '2026-11-22' });
    const problems = (announced: boolean): string[] => {
      const delegations = [{ keys: ['agency/moh'], conditions: { announced }, detail: 'full' as const, proposals: [], declared }];
      const extract = { blocks: [{ key: 'agency/moh', family: 'v6' as const, prefix: '3fff:8::/32', domain: 'd' }], delegations };
      return planAddresses(readPlans(root, federation, { extract })).problems.map(({ code, message }) => `${code} ${message}`);
    };
    expect(problems(true)).toEqual([]);
    expect(problems(false)).toEqual([expect.stringMatching(/^NET-DELEGATION-ANNOUNCED net\/door, site\/s: .*members\.yaml:9:5/u)]);
  });
});
