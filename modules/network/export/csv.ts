import { columns, type ExportRow } from './rows.ts';

/** Characters that make spreadsheet programs take a cell for a formula when it begins with them. */
const formula = /^[=+\-@\t\r]/u;

/** A cell no spreadsheet program takes for a formula: a leading apostrophe keeps it text. */
export function formulaSafe(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** Whether a text would be taken for a formula where cells have no type. */
export function looksLikeFormula(text: string): boolean {
  return formula.test(text);
}

/** One line of CSV (RFC 4180), without its end. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/u.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

/** The table for people: a byte order mark (else spreadsheet programs read Vietnamese wrongly), CRLF, no cell that could be a formula. */
export function tableCsv(rows: readonly ExportRow[]): string {
  const lines = [csvLine(columns), ...rows.map((row) => csvLine(columns.map((column) => formulaSafe(String(row[column])))))];
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}
