import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv, type CsvTable } from '../../modules/core/index.ts';

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\t', '0', ';', '{', '\u2028'), maxLength: 4 });
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.tuple(
      fc.constant(width),
      fc.array(fc.oneof({ weight: 4, arbitrary: fc.array(cell, { minLength: width, maxLength: width }) }, fc.constant(undefined)), { maxLength: 8 }),
      fc.boolean(),
    ),
  );

const facts = ({ columns, rows }: CsvTable): unknown => ({ columns, rows: rows.map(({ line, cells }) => [line, { ...cells }]) });

describe('tables without quotes', () => {
  it('are read as if every cell were quoted', () => {
    fc.assert(
      fc.property(table, ([width, rows, bom]) => {
        const header = Array.from({ length: width }, (_, index) => (index === 1 ? '__proto__' : `c${index}`));
        // A row of one empty cell is an empty line, which is no row.
        const kept = rows.map((row) => (row?.length === 1 && row[0] === '' ? undefined : row));
        const text = (quote: string): string =>
          `${bom ? '\ufeff' : ''}${[header, ...kept].map((row) => row?.map((value) => quote + value + quote).join(',') ?? '').join('\n')}\n`;
        expect(facts(parseCsv('t.csv', text('')))).toEqual(facts(parseCsv('t.csv', text('"'))));
      }),
      { numRuns: 300 },
    );
  });

  it('name the line of a ragged row', () => {
    expect(() => parseCsv('t.csv', 'a,b\n\n1,2\n1\n')).toThrow('t.csv:4:1: error CORE-CSV: the row has 1 cells, the header 2');
  });
});
