import { fail } from '../problem.ts';
import type { Sheet, SheetRow } from './table.ts';

/** A cell as the reader gives it. */
type Value = string | number | boolean | Date | null | undefined;

/**
 * Reads a workbook (XLSX, and the older XLS). The text of a merged cell stands in every cell it covers.
 * @param code code of the problem where it is damaged, encrypted or none
 * @throws ProblemError with `code`
 */
export async function readWorkbook(file: string, bytes: Uint8Array, code: string): Promise<Sheet[]> {
  // Only a workbook needs the reader.
  const { read } = await import('hucre');
  let workbook: Awaited<ReturnType<typeof read>>;
  try {
    workbook = await read(bytes);
  } catch (error) {
    return fail(code, `the workbook cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      file,
      hint: 'open it in a spreadsheet program and save it as .xlsx without a password, or as CSV (UTF-8)',
    });
  }
  return workbook.sheets.map(({ name, rows, merges, hidden, veryHidden }) => {
    const texts = rows.map((row) => row.map(textOf));
    const left = new Map<number, Set<number>>();
    const above = new Map<number, Set<number>>();
    for (const { startRow, startCol, endRow, endCol } of merges ?? []) {
      const text = texts[startRow]?.[startCol] ?? '';
      for (let row = startRow; row <= Math.min(endRow, texts.length - 1); row++) {
        const cells = texts[row];
        if (!cells) continue;
        for (let column = startCol; column <= Math.min(endCol, startCol + 255); column++) {
          if (row === startRow && column === startCol) continue;
          while (cells.length <= column) cells.push('');
          cells[column] = text;
          if (column > startCol) addTo(left, row, column);
          if (row > startRow) addTo(above, row, column);
        }
      }
    }
    return {
      name,
      hidden: hidden === true || veryHidden === true,
      rows: texts.map((cells, index): SheetRow => ({
        number: index + 1,
        line: index + 1,
        cells,
        left: left.get(index),
        above: above.get(index),
        numbers: numbersOf(rows[index] ?? []),
      })),
    };
  });
}

/** Sheets of numbers are long; a set is made only where there is one. */
function numbersOf(row: readonly Value[]): ReadonlySet<number> | undefined {
  let numbers: Set<number> | undefined;
  row.forEach((value, column) => {
    if (typeof value === 'number') (numbers ??= new Set()).add(column);
  });
  return numbers;
}

function addTo(map: Map<number, Set<number>>, row: number, column: number): void {
  const set = map.get(row);
  if (set) set.add(column);
  else map.set(row, new Set([column]));
}

function textOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10);
  return String(value);
}
