import { fail } from '../../core/index.ts';

/**
 * A table with one column set: the last one where it is new, else its own; all other bytes stay. `values` is called with the
 * number of each row, counted from 0 without the header.
 * @throws ProblemError NET-EDIT-TABLE for tables with line breaks in cells
 */
export function setColumn(file: string, text: string, name: string, values: (row: number) => string | undefined): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(eol);
  const header = cellsOf(file, lines[0] ?? '');
  const known = header.map(plain).indexOf(name);
  let row = -1;
  return lines
    .map((line) => {
      if (line === '') return line;
      const value = row < 0 ? name : values(row);
      const cells = cellsOf(file, line);
      row++;
      if (known < 0) return `${line},${quoted(value ?? '')}`;
      if (value !== undefined) cells[known] = quoted(value);
      return cells.join(',');
    })
    .join(eol);
}

/** The cells of a line as written, quotes and all. */
function cellsOf(file: string, line: string): string[] {
  const cells: string[] = [];
  let from = 0;
  let inside = false;
  for (let at = 0; at <= line.length; at++) {
    const character = line[at];
    if (character === '"') inside = !inside;
    else if (at === line.length || (character === ',' && !inside)) {
      cells.push(line.slice(from, at));
      from = at + 1;
    }
  }
  if (inside) fail('NET-EDIT-TABLE', `${file} has cells with line breaks, which this edit cannot keep as they are`, { file, hint: 'put the cell on one line' });
  return cells;
}

function plain(cell: string): string {
  const text = cell.replace(/^\uFEFF/u, '');
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

function quoted(value: string): string {
  return /[",\r\n]/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
