import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCsv, parseYaml, ProblemError, validate } from '../../modules/core/index.ts';

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError)
      return error.problems.map(
        ({ code, line, column, message, hint }) => `${line ?? '-'}:${column ?? '-'} ${code} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
      );
    throw error;
  }
  return [];
}

const schema = z.strictObject({
  name: z.string(),
  level: z.enum(['low', 'high']),
  list: z.array(z.strictObject({ id: z.string(), size: z.number().optional() })),
});

describe('validate', () => {
  it('names every problem with its place and a hint, all at once', () => {
    const source = parseYaml('f.yaml', 'name: 7\nlevel: hihg\nlist:\n  - id: a\n    siez: 3\n  - size: x\n');
    expect(problemsOf(() => validate(schema, source))).toEqual([
      '1:7 CORE-SCHEMA-TYPE name: expected string, found number 7 | put quotes around the value',
      '2:8 CORE-SCHEMA-VALUE level: "hihg" is not one of low, high | did you mean "high"?',
      '5:5 CORE-SCHEMA-UNKNOWN-KEY list[0]: unknown key "siez" | did you mean "size"?',
      '6:5 CORE-SCHEMA-MISSING list[1]: "id" is missing | add "id" (string)',
      '6:11 CORE-SCHEMA-TYPE list[1].size: expected number, found string "x"',
    ]);
  });
});

describe('parseYaml', () => {
  it('reports syntax, duplicate keys and second documents with positions', () => {
    expect(problemsOf(() => parseYaml('f.yaml', 'a: [1\nb: 2\n'))[0]).toMatch(/^\d+:\d+ CORE-YAML /u);
    expect(problemsOf(() => parseYaml('f.yaml', 'a: 1\na: 2\n'))[0]).toMatch(/^2:1 CORE-YAML Map keys must be unique/u);
    expect(problemsOf(() => parseYaml('f.yaml', 'a: 1\n---\nb: 2\n'))[0]).toMatch(/CORE-YAML/u);
  });
  it('reads YAML 1.2: a route target is a string, no is a word', () => {
    expect(parseYaml('f.yaml', 'rt: 65536:1\nword: no\n').value).toEqual({ rt: '65536:1', word: 'no' });
  });
  it('never fails other than by problems', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '&', '*', '"', "'", '|', '#', '\t', '!', '%', '?') }),
        (text) => {
          problemsOf(() => parseYaml('f.yaml', text));
        },
      ),
    );
  });
});

describe('parseCsv', () => {
  it('keeps cells as strings and knows the line a row begins on', () => {
    const table = parseCsv('t.csv', '\uFEFFcode,name\r\n007,"a, ""b"""\r\n008,"two\nlines"\r\n009,last\r\n');
    expect(table.columns).toEqual(['code', 'name']);
    expect(table.rows.map(({ line, cells }) => [line, cells['code'], cells['name']])).toEqual([
      [2, '007', 'a, "b"'],
      [3, '008', 'two\nlines'],
      [5, '009', 'last'],
    ]);
  });
  it('refuses ragged rows, doubled columns, open quotes and empty tables', () => {
    expect(problemsOf(() => parseCsv('t.csv', 'a,b\n1\n2,3\n4,5,6\n'))).toEqual([
      '2:1 CORE-CSV the row has 1 cells, the header 2 | quote cells that hold commas',
      '4:1 CORE-CSV the row has 3 cells, the header 2 | quote cells that hold commas',
    ]);
    expect(problemsOf(() => parseCsv('t.csv', 'a,a\n'))[0]).toMatch(/^1:2 CORE-CSV column "a" stands twice/u);
    expect(problemsOf(() => parseCsv('t.csv', 'a,b\n"x\n'))[0]).toMatch(/CORE-CSV/u);
    expect(problemsOf(() => parseCsv('t.csv', ''))[0]).toMatch(/the table is empty/u);
  });
  it('gives back what a writer wrote', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'đ', ' ') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = `x,y\n${rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n')}\n`;
        expect(parseCsv('t.csv', text).rows.map(({ cells }) => [cells['x'], cells['y']])).toEqual(rows);
      }),
    );
  });
});
