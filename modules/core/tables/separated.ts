import type { Sheet, SheetRow } from './table.ts';

/** A whole field that needs no care is taken at once; this many separators decide between candidates. */
const candidates = [',', ';', '\t', '|'] as const;

/**
 * Reads a table of separated values as spreadsheets and people write them: any line ends, `,` `;` tab or `|` (found by
 * counting, or named by Excel's `sep=` line), ragged rows, stray quotes. Nothing is refused: cells are judged later.
 */
export function readSeparated(text: string): Sheet {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  const named = /^sep=(.)\r?\n/u.exec(text.slice(start, start + 8));
  const separator = named?.[1] ?? separatorOf(text.slice(start, start + 65_536));
  if (named) {
    start += named[0].length;
    line++;
  }
  const rows: SheetRow[] = [];
  let number = line;
  let cells: string[] = [];
  let began = line;
  let index = start;
  const end = text.length;
  while (index < end) {
    let cell: string;
    if (text.charCodeAt(index) === 34 /* " */) {
      const read = quoted(text, index, separator);
      cell = read.cell;
      index = read.end;
      for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) line++;
    } else {
      let stop = index;
      for (; stop < end; stop++) {
        const code = text.charCodeAt(stop);
        if (code === 10 || code === 13 || text[stop] === separator) break;
      }
      cell = text.slice(index, stop);
      index = stop;
    }
    cells.push(cell);
    const code = index < end ? text.charCodeAt(index) : -1;
    if (code !== -1 && code !== 10 && code !== 13) {
      index++;
      // A separator at the very end opens one more cell.
      if (index === end) cells.push('');
      continue;
    }
    rows.push({ number, line: began, cells });
    cells = [];
    number++;
    if (code === 13 && text.charCodeAt(index + 1) === 10) index++;
    index++;
    line++;
    began = line;
  }
  if (cells.length > 0) rows.push({ number, line: began, cells });
  return { name: '', hidden: false, rows };
}

/** Reads a quoted cell that begins at `from`; what follows its closing quote up to the separator belongs to it as well. */
function quoted(text: string, from: number, separator: string): { cell: string; end: number } {
  let cell = '';
  let index = from + 1;
  for (;;) {
    const close = text.indexOf('"', index);
    if (close < 0) {
      // Never closed: an inch mark, not a quote. The cell ends with its line.
      const rest = /[\r\n]/u.exec(text.slice(from));
      const lineEnd = rest ? from + rest.index : text.length;
      const cut = text.slice(from, lineEnd).indexOf(separator);
      const stop = cut < 0 ? lineEnd : from + cut;
      return { cell: text.slice(from, stop), end: stop };
    }
    cell += text.slice(index, close);
    if (text.charCodeAt(close + 1) !== 34) {
      index = close + 1;
      break;
    }
    cell += '"';
    index = close + 2;
  }
  while (index < text.length && text[index] !== separator && text[index] !== '\n' && text[index] !== '\r') cell += text[index++] ?? '';
  return { cell, end: index };
}

function separatorOf(head: string): string {
  const lines = head
    .replace(/"(?:[^"]|"")*"/gu, '')
    .split(/\r\n?|\n/u)
    .slice(0, 50);
  let best = ',';
  let most = 0;
  for (const candidate of candidates) {
    const counts = lines.map((text) => text.split(candidate).length - 1).filter((count) => count > 0);
    // What separates stands on many lines, equally often.
    const usual = counts.sort((one, other) => one - other)[Math.floor(counts.length / 2)] ?? 0;
    const score = counts.filter((count) => count === usual).length * Math.min(usual, 20);
    if (score > most) {
      most = score;
      best = candidate;
    }
  }
  return best;
}
