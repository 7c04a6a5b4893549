import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { compareCodeUnits, Problems } from '../../modules/core/index.ts';
import { lockLine, lockText, readLock } from '../../modules/network/lock.ts';

const key = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'yes',
    'y',
    '007',
    '1e3',
    '0x10',
    '~',
    '2026-01-01',
    'a: b',
    'a #b',
    '{x}',
    'commune/00004',
    'đ/ắ',
    '"q"',
    "it's",
    'back\\slash',
    '-',
    '*',
    '&a',
    '1_000',
    '.inf',
    '12:30',
  ),
  fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/u.test(text)),
);
const leg = (text: string): fc.Arbitrary<{ text: string; pool: string; released: boolean } | undefined> =>
  fc.option(fc.record({ text: fc.constant(text), pool: fc.constantFrom('p', '10', 'gov-v4'), released: fc.boolean() }), { nil: undefined });
const row = fc.record({ key, v4: leg('10.0.0.0/24'), v6: leg('3fff::/48') }).filter(({ v4, v6 }) => v4 !== undefined || v6 !== undefined);

describe('locks', () => {
  it('are read back line by line as written, and by a YAML parser too', () => {
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: (item) => item.key, maxLength: 12 }), (rows) => {
        rows.sort((one, other) => compareCodeUnits(one.key, other.key));
        const text = lockText(
          'NetworkLock',
          rows.map((item) => lockLine(item.key, item.v4, item.v6)),
        );
        const problems = new Problems();
        const read = readLock('a.lock.yaml', text, 0, problems);
        expect(problems.list).toEqual([]);
        expect(read.map((item) => item.key)).toEqual(rows.map((item) => item.key));
        read.forEach((item, index) => {
          for (const family of ['v4', 'v6'] as const) {
            const wanted = rows[index]?.[family];
            if (wanted) expect(item[family]).toMatchObject(wanted);
            else expect(item[family]).toBeUndefined();
          }
        });
        const parsed = parse(text) as { allocations: Record<string, { v4?: string; pool4?: string }> };
        expect(Object.keys(parsed.allocations).sort()).toEqual(rows.map((item) => item.key).sort());
        for (const item of rows) expect(parsed.allocations[item.key]?.pool4).toBe(item.v4?.pool);
      }),
      { numRuns: 500 },
    );
  });

  it('with any byte changed are read as something else or refused, never by an exception', () => {
    const text = lockText('NetworkLock', [
      lockLine('a', { text: '10.0.0.0/24', pool: 'p', released: false }, undefined),
      lockLine('b', { text: '10.0.1.0/24', pool: 'p', released: true }, { text: '3fff::/48', pool: 'q', released: false }),
    ]);
    fc.assert(
      fc.property(
        fc.nat({ max: text.length }),
        fc.integer({ min: 0, max: 2 }),
        fc.constantFrom('', ' ', '0', '9', 'a', '"', '\n', ',', '{', '\u00e9', '/', ':'),
        (at, cut, put) => {
          const broken = text.slice(0, at) + put + text.slice(at + cut);
          const problems = new Problems();
          const rows = readLock('a.lock.yaml', broken, 0, problems);
          if (problems.list.length > 0) {
            for (const { line, hint } of problems.list) expect([line !== undefined, hint !== undefined]).toEqual([true, true]);
            return;
          }
          // What is accepted is canonical: writing it gives the same bytes.
          expect(
            lockText(
              'NetworkLock',
              rows.map((item) => lockLine(item.key, item.v4, item.v6)),
            ),
          ).toBe(broken);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
