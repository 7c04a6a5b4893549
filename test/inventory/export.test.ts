import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvColumns, exportRecords } from '../../modules/inventory/index.ts';
import { record } from './support.ts';

const rows = (text: string): string[][] => parse(text, { relax_column_count: true });
const formula = /^\s*[=+\-@]|^[\t\r]/u;

describe('exports', () => {
  it('are one JSON array, one record a line, one table', () => {
    const records = [record({ id: 'a', names: { vi: 'Một, "hai"', en: 'x' } }), record({ id: 'b', drift: 'drifted', declaredAt: 'x.yaml:1:1' })];
    const text = (format: 'json' | 'ndjson' | 'csv'): string => [...exportRecords(records, format)].join('');
    expect(JSON.parse(text('json'))).toEqual(records);
    expect(
      text('ndjson')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(records);
    const table = parse<Record<string, string>>(text('csv'), { columns: true });
    expect(Object.keys(table[0] ?? {})).toEqual([...csvColumns]);
    expect(table.map((row) => [row['name_vi'], row['drift'], row['declared_at']])).toEqual([
      ['Một, "hai"', '', ''],
      ['b', 'drifted', 'x.yaml:1:1'],
    ]);
    expect([...exportRecords([], 'json')].join('')).toBe('[]\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '=HYPERLINK("http://x","y")', '＝1', '\n=1'])(
    'let no spreadsheet take %j for a formula',
    (text) => {
      expect(rows(csvCell(text))[0]?.[0]).toBe(`'${text}`);
    },
  );

  it('keep any text in one cell, never beginning as a formula', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom('=1', '-', '"', ',', '\n', "'", ' ')).map((text) => text.replaceAll('\0', '')),
          { minLength: 2, maxLength: 4 },
        ),
        (cells) => {
          const back = rows(`${cells.map(csvCell).join(',')}\n`)[0] ?? [];
          expect(back.map((cell, index) => (cell === cells[index] ? cell : cell.slice(1)))).toEqual(cells);
          for (const cell of back) expect(formula.test(cell)).toBe(false);
        },
      ),
    );
  });
});
