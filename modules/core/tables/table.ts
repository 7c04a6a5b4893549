import { problem, type Problem } from '../problem.ts';
import { fold } from '../text.ts';

/** One row of a sheet: texts by column from 0, '' where a cell is empty. */
export interface SheetRow {
  /** Row as a spreadsheet shows it, from 1. */
  readonly number: number;
  /** Line of the file it begins on; the row where the file has no lines. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Columns whose text comes from a merged cell that begins to the left (`left`) or above (`above`). */
  readonly left?: ReadonlySet<number> | undefined;
  readonly above?: ReadonlySet<number> | undefined;
  /** Columns whose cell is a number of the workbook, whatever its text looks like. */
  readonly numbers?: ReadonlySet<number> | undefined;
}

/** A sheet of a workbook, or the one table of a text file (`name` is then ''). */
export interface Sheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly rows: readonly SheetRow[];
}

/** Where something was read: enough to find the cell again. */
export interface CellPlace {
  readonly sheet: string;
  readonly row: number;
  readonly line: number;
  /** From 0. */
  readonly column: number;
  /** How people call the place, where it is no cell. */
  readonly label?: string | undefined;
}

/** `A`, `Z`, `AA`: the name of a column, counted from 0. */
export function columnName(column: number): string {
  let text = '';
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) text = String.fromCharCode(65 + (rest % 26)) + text;
  return text;
}

/** `Sheet!C12`, or `C12` in a file without sheets. */
export function cellName({ sheet, row, column, label }: CellPlace): string {
  return label ?? `${sheet === '' ? '' : `${sheet}!`}${columnName(column)}${row}`;
}

/** What was found in one cell, as a warning with the cell in message and place. */
export function finding(file: string, code: string, at: CellPlace, message: string, hint: string): Problem {
  return problem(code, `${cellName(at)}: ${message}`, { file, line: at.line, column: at.column + 1, severity: 'warning', hint });
}

/** A text as it is shown in a message: one line, not too long. */
export function shown(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return JSON.stringify(line.length > 60 ? `${Array.from(line).slice(0, 57).join('')}...` : line);
}

/** A heading without case, marks and punctuation. */
export function foldHeading(text: string): string {
  return fold(text)
    .replace(/%/gu, ' percent ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
