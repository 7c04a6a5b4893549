import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError, type Problem } from '../../../modules/core/index.ts';
import { judge, pools } from './judge.ts';

const off = (...rows: string[]): string => `rules:\n${rows.map((row) => `  - { ${row} }\n`).join('')}`;
const long = (keys: readonly string[]): string => `${pools}needs:\n${keys.map((key) => `  - { key: "${key}", pool: p6, length: 46 }\n`).join('')}`;
const codes = (problems: readonly Problem[]): string[] => problems.map(({ code }) => code).filter((code) => code !== 'NET-PENDING');

async function refused(plan: string): Promise<Problem> {
  const error: unknown = await judge({ plan }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error('the plan was taken');
  expect(error.problems).toHaveLength(1);
  return error.problems[0] as Problem;
}

describe('switching a rule off', () => {
  it('needs a reason, at its place', async () => {
    expect(await refused(pools + off('rule: lan-64, off: true'))).toMatchObject({ message: 'rules[0]: "reason" is missing', line: 9, column: 5 });
    expect(await refused(pools + off('rule: lan-64, off: true, reason: " "'))).toMatchObject({ message: 'rules[0].reason: say why', line: 9, column: 40 });
  });

  it('needs the name of a rule, and knows what was meant', async () => {
    expect(await refused(pools + off('rule: nible-boundary, off: true, reason: r'))).toMatchObject({
      code: 'CORE-SCHEMA-VALUE',
      hint: 'did you mean "nibble-boundary"?',
      line: 9,
      column: 13,
    });
  });

  it('is not possible for what stops allocation', async () => {
    expect((await refused(pools + off('rule: shared-target, off: true, reason: r'))).message).toContain('"shared-target" is not one of');
  });

  it('ends on its date, and says so', async () => {
    const plan = long(['a']) + off('rule: nibble-boundary, off: true, reason: the old plan, until: "2026-06-02"');
    expect(codes((await judge({ plan, asOf: '2026-06-01' })).problems)).toEqual([]);
    const { problems, rules } = await judge({ plan, asOf: '2026-06-02' });
    expect(codes(problems)).toEqual(['NET-NIBBLE', 'NET-RULE-EXPIRED']);
    expect(problems.at(-1)).toMatchObject({ message: 'rule "nibble-boundary" was switched off until 2026-06-02 (the old plan): it holds again', line: 11 });
    expect(rules[0]).toMatchObject({ id: 'nibble-boundary', state: 'on', findings: 1, switches: [{ expired: true, cases: 0 }] });
  });

  it('is a finding where there is nothing to switch off, for each name of `for`', async () => {
    const unused = await judge({ plan: pools + off('rule: lan-64, off: true, reason: r') });
    expect(unused.problems).toMatchObject([{ code: 'NET-RULE-UNUSED', message: 'rule "lan-64" is switched off, but finds nothing', line: 9 }]);
    const { problems } = await judge({ plan: long(['a/1', 'a/2', 'b']) + off('rule: nibble-boundary, off: true, reason: r, for: ["a/*", c]') });
    expect(codes(problems)).toEqual(['NET-NIBBLE', 'NET-RULE-UNUSED']);
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^b: a \/46/u), 'rule "nibble-boundary" is switched off for "c", where it finds nothing']),
    );
  });

  it('goes by pools as well as by keys, and a dot is a dot', async () => {
    const plan = long(['a', 'b']) + off('rule: nibble-boundary, off: true, reason: r, for: [p6]');
    expect(codes((await judge({ plan })).problems)).toEqual([]);
    const dotted = long(['a.b', 'axb']) + off('rule: nibble-boundary, off: true, reason: r, for: [a.b]');
    expect((await judge({ plan: dotted })).problems.find(({ code }) => code === 'NET-NIBBLE')?.message).toMatch(/^axb: /u);
  });

  it('leaves exactly the others to be found', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await fc.assert(
      fc.asyncProperty(fc.subarray(keys), async (chosen) => {
        const plan = long(keys) + (chosen.length > 0 ? off(`rule: nibble-boundary, off: true, reason: r, for: [${chosen.join(', ')}]`) : '');
        const { problems, rules } = await judge({ plan });
        expect(rules[0]?.cases).toBe(keys.length - chosen.length);
        expect(rules[0]?.switches.reduce((sum, entry) => sum + entry.cases, 0)).toBe(chosen.length);
        expect(codes(problems)).toEqual(chosen.length === keys.length ? [] : ['NET-NIBBLE']);
      }),
      { numRuns: 20 },
    );
  });
});
