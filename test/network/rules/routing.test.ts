import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { judge, pools } from './judge.ts';

const rule = (name: string, keys: string): string => `rules: [{ rule: ${name}, off: true, reason: r, for: [${keys}] }]\n`;

describe('aggregation', () => {
  const held = (rows: readonly string[]): string => `${pools}needs:\n${rows.map((row) => `  - ${row}\n`).join('')}`;
  const found = async (plan: string, networks?: readonly string[]): Promise<string[]> =>
    (await judge({ plan, networks })).problems.filter(({ code }) => code === 'NET-AGGREGATION').map(({ message }) => message);

  it('counts the fewest prefixes that say the same', async () => {
    // Twelve places of a /28 each; the holder has some of them, somebody else one more so that the pool is not the holder's.
    const fewest = (places: readonly boolean[]): number => {
      if (places.every((place) => !place)) return 0;
      if (places.every((place) => place)) return 1;
      const half = places.length / 2;
      return fewest(places.slice(0, half)) + fewest(places.slice(half));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), async (places) => {
        const rows = places.flatMap((taken, index) => (taken ? [`{ key: k${index}, pool: p4, prefix: 10.0.0.${index * 16}/28, owner: a }`] : []));
        const [message] = await found(held([...rows, '{ key: other, pool: p4, prefix: 10.255.0.0/28, owner: b }']));
        const count = fewest(places);
        expect(message === undefined ? 1 : Number(/announced as (\d+) prefixes/u.exec(message)?.[1])).toBe(Math.max(count, 1));
      }),
      { numRuns: 40 },
    );
  });

  it("is seen to where several share a holder, not inside one's own", async () => {
    const mixed = [
      '{ key: region, pool: p4, prefix: 10.0.0.0/12, role: container }',
      '{ key: a/1, in: region, prefix: 10.0.0.0/24, owner: a }',
      '{ key: b/1, in: region, prefix: 10.0.1.0/24, owner: b }',
      '{ key: a/2, in: region, prefix: 10.0.2.0/24, owner: a }',
    ];
    expect(await found(held(mixed))).toEqual([expect.stringContaining('"a" is announced as 2 prefixes')]);
    expect(await found(held(mixed.filter((row) => !row.includes('b/1'))))).toEqual([]);
    const own = [
      '{ key: a, pool: p4, prefix: 10.0.0.0/16, role: container, owner: a }',
      '{ key: a/1, in: a, prefix: 10.0.0.0/24, owner: a }',
      '{ key: a/2, in: a, prefix: 10.0.2.0/24, owner: a }',
      '{ key: b, pool: p4, prefix: 10.1.0.0/16, owner: b }',
    ];
    expect(await found(held(own))).toEqual([]);
  });

  it('goes by domain and family, and leaves links and loopbacks to the network they belong to', async () => {
    const twoDomains = `domains: [{ name: d }, { name: e }]\npools: [{ name: p, prefix: 10.0.0.0/8, domain: d }, { name: q, prefix: 172.16.0.0/12, domain: e }]\nneeds:\n  - { key: x, pool: p, length: 16, owner: a }\n  - { key: "y", pool: q, length: 16, owner: a }\n  - { key: z, pool: p, length: 16, owner: b }\n`;
    expect(await found(twoDomains)).toEqual([]);
    const loopback = [
      '{ key: a, pool: p4, prefix: 10.0.0.0/16, owner: a }',
      '{ key: lo, pool: p4, prefix: 10.200.0.1/32, role: loopback, owner: a }',
      '{ key: b, pool: p4, prefix: 10.1.0.0/16, owner: b }',
    ];
    expect(await found(held(loopback))).toEqual([]);
  });

  it("counts what is below an agency as the agency's", async () => {
    const rows = ['{ forEach: { organisations: { kind: office } }, key: "office/{id}", pool: p4, length: 24 }', '{ key: b, pool: p4, length: 24, owner: b }'];
    const declared =
      'apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: a1, kind: office, names: { vi: x, en: x }, parent: a }\n  - { id: a2, kind: office, names: { vi: x, en: x }, parent: a }\n';
    const { problems } = await judge({ plan: held(rows), networks: [], files: { 'stacks/a/a.yaml': declared } });
    expect(problems.filter(({ code }) => code === 'NET-AGGREGATION')).toMatchObject([
      { message: expect.stringContaining('"a" is announced as 2 prefixes') as string },
    ]);
  });

  it('still finds what is scattered beside a key that was switched off', async () => {
    const rows = [
      '{ key: x, pool: p4, prefix: 10.0.0.0/16, owner: a }',
      '{ key: "y", pool: p4, prefix: 10.2.0.0/16, owner: a }',
      '{ key: z, pool: p4, prefix: 10.4.0.0/16, owner: a }',
      '{ key: b, pool: p4, prefix: 10.1.0.0/16, owner: b }',
    ];
    const { problems } = await judge({ plan: held(rows) + rule('aggregation', '"y"') });
    expect(problems.filter(({ code }) => code !== 'NET-PENDING').map(({ code, message }) => [code, message])).toEqual([
      ['NET-AGGREGATION', expect.stringMatching(/^"a" is announced as 2 prefixes .*; the domain carries 4 for 2 organisations \(RFC 4632\)$/u)],
    ]);
    expect(await found(held(rows) + rule('aggregation', '"y", z'))).toEqual([]);
  });
});

describe('route targets', () => {
  it('name both domains, what each does with the target, and all four lines', async () => {
    const plan =
      'domains:\n  - { name: d, export: ["65000:1"] }\n  - { name: e, import: ["65000:1"] }\npools:\n  - { name: p, prefix: 10.0.0.0/8, domain: d }\n  - { name: q, prefix: 10.1.0.0/16, domain: e }\n';
    const error: unknown = await judge({ plan }).catch((reason: unknown) => reason);
    expect(error instanceof ProblemError && error.problems.map(({ code, line, message }) => [code, line, message])).toEqual([
      [
        'NET-POOL-OVERLAP',
        9,
        'pool "q" (10.1.0.0/16) overlaps pool "p" (10.0.0.0/8, network-plans/a.yaml:8) in domains "e" (network-plans/a.yaml:6, imports it) and "d" (network-plans/a.yaml:5, exports it), which share route target 65000:1',
      ],
    ]);
  });

  it('are followed as routers do: a third domain that imports both meets them, a chain does not', async () => {
    const targets = ['65000:1', '65000:2', '65000:3'];
    const list = fc.subarray(targets, { maxLength: 2 });
    const domain = fc.record({ import: list, export: list, pool: fc.constantFrom('10.0.0.0/8', '10.3.0.0/16', '172.16.0.0/12') });
    const meets = (one: readonly string[], other: readonly string[]): boolean => one.some((target) => other.includes(target));
    await fc.assert(
      fc.asyncProperty(fc.array(domain, { minLength: 3, maxLength: 4 }), async (domains) => {
        const text = (items: readonly string[]): string => `[${items.map((item) => `"${item}"`).join(', ')}]`;
        const plan = `domains:\n${domains.map((one, index) => `  - { name: d${index}, import: ${text(one.import)}, export: ${text(one.export)} }\n`).join('')}pools:\n${domains.map(({ pool }, index) => `  - { name: p${index}, prefix: ${pool}, domain: d${index} }\n`).join('')}`;
        const wanted = { direct: 0, leaked: 0 };
        domains.forEach((one, index) =>
          domains.slice(0, index).forEach((other) => {
            if (one.pool.startsWith('10.') !== other.pool.startsWith('10.')) return;
            if (meets([...one.import, ...one.export], [...other.import, ...other.export])) wanted.direct++;
            else
              wanted.leaked += domains.filter((hub) => hub !== one && hub !== other && meets(hub.import, one.export) && meets(hub.import, other.export)).length;
          }),
        );
        const outcome = await judge({ plan }).then(
          ({ problems }) => problems,
          (error: unknown) => (error instanceof ProblemError ? error.problems : []),
        );
        const count = (code: string): number => outcome.filter((found) => found.code === code).length;
        expect(count('NET-POOL-OVERLAP')).toBe(wanted.direct);
        if (wanted.direct === 0) expect(count('NET-LEAK-OVERLAP')).toBe(wanted.leaked);
      }),
      { numRuns: 60 },
    );
  });
});
