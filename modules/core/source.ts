import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse as parseCsvText } from 'csv-parse/sync';
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, type Document } from 'yaml';
import { stepsForward } from './formats.ts';
import { ProblemError, problem, type Place, type Problem } from './problem.ts';

/** The path of a value inside a document: keys and indexes. */
export type DataPath = readonly (string | number)[];

/** A parsed file that still knows where each value stands. */
export interface Source {
  /** Path relative to the federation's folder, `/`-separated. */
  readonly file: string;
  readonly value: unknown;
  /** Position of the value at `at`, or of its nearest present ancestor. With `key`, of the key instead of the value. */
  locate(at: DataPath, part?: 'key' | 'value'): Place;
}

/**
 * Parses one YAML 1.2 document (core schema). Duplicate keys, aliases to nothing, tabs and several documents are errors.
 * A document of an older version comes as the present version has it; its places stay those of the text.
 * @throws ProblemError CORE-YAML with every syntax error and its position; CORE-VERSION for what a newer toolkit wrote.
 */
export function parseYaml(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text.startsWith('\uFEFF') ? text.slice(1) : text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    uniqueKeys: true,
  });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const faults: Problem[] = [...document.errors, ...document.warnings].map((error) =>
    problem('CORE-YAML', error.message.replace(/\s+/gu, ' ').trim(), {
      ...at(error.pos[0]),
      hint: 'the file must be one YAML 1.2 document; check indentation, quotes and duplicate keys at this place',
    }),
  );
  if (faults.length > 0) throw new ProblemError(faults);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Unresolved and runaway aliases only show when the document is turned into values.
    throw new ProblemError(problem('CORE-YAML', (error as Error).message, { ...at(0), hint: 'an alias (*name) needs an anchor (&name) before it' }));
  }
  const locate: Source['locate'] = (where, part) => at(offsetOf(document, where, part ?? 'value'));
  return { file, value: stepsForward(value, () => locate(['apiVersion'])).value, locate };
}

function offsetOf(document: Document, where: DataPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = isNode(node) && node.range ? node.range[0] : 0;
  for (const [depth, step] of where.entries()) {
    let next: unknown;
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
      key = pair?.key;
      next = pair?.value;
    } else if (node !== null && typeof node === 'object' && 'items' in node && Array.isArray(node.items) && typeof step === 'number') {
      next = node.items[step];
    }
    const last = depth === where.length - 1;
    const chosen = (last && part === 'key') || next === null || next === undefined ? (key ?? next) : next;
    if (!isNode(chosen) || !chosen.range) return offset;
    offset = chosen.range[0];
    if (!isNode(next)) return offset;
    node = next;
  }
  return offset;
}

/**
 * Reads and parses a YAML file of a federation.
 * @throws ProblemError CORE-FILE-MISSING, CORE-YAML
 */
export function readYaml(root: string, file: string): Source {
  return parseYaml(file, readText(root, file));
}

/**
 * Reads a UTF-8 file below `root`.
 * @throws ProblemError CORE-FILE-MISSING or CORE-ENCODING; `from` names the place that asked for the file.
 */
export function readText(root: string, file: string, from?: Place): string {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(path.join(root, file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ProblemError(
      problem('CORE-FILE-MISSING', code === 'ENOENT' ? `no such file: ${file}` : `cannot read ${file}: ${String(code)}`, {
        ...(from ?? { file }),
        hint: 'check the path; paths are relative to the file that names them and never lead upwards out of the federation',
      }),
      { cause: error },
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError(problem('CORE-ENCODING', `${file} is not UTF-8`, { file, hint: 'save the file as UTF-8' }));
  }
}

/** One row of a CSV table: cells by column name, and the line it begins on. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** An RFC 4180 table with a header row. Cells are strings, never trimmed. */
export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  /** 1-based column number (of the table, not of characters) of a column name; 1 if unknown. */
  columnNumber(name: string): number;
}

/**
 * Parses an RFC 4180 table.
 * @throws ProblemError CORE-CSV on ragged rows, stray quotes, a missing or duplicated header.
 */
export function parseCsv(file: string, text: string): CsvTable {
  const records = plainRecords(text) ?? quotedRecords(file, text);
  const header = records[0]?.record;
  const faults: Problem[] = [];
  if (!header) throw new ProblemError(problem('CORE-CSV', 'the table is empty', { file, line: 1, column: 1, hint: 'the first line must name the columns' }));
  header.forEach((name, index) => {
    if (name === '' || header.indexOf(name) !== index) {
      faults.push(
        problem('CORE-CSV', name === '' ? `column ${index + 1} has no name` : `column "${name}" stands twice`, {
          file,
          line: 1,
          column: index + 1,
          hint: 'every column needs a name of its own',
        }),
      );
    }
  });
  const rows: CsvRow[] = [];
  // As `Object.fromEntries` would, in a tenth of the time; a column of this name would not become a field.
  const plain = !header.includes('__proto__');
  for (let index = 1; index < records.length; index++) {
    const { record, line } = records[index] as CsvRecord;
    if (record.length !== header.length) {
      faults.push(
        problem('CORE-CSV', `the row has ${record.length} cells, the header ${header.length}`, {
          file,
          line,
          column: 1,
          hint: 'quote cells that hold commas',
        }),
      );
      continue;
    }
    const cells: Record<string, string> = {};
    if (plain) for (let cell = 0; cell < header.length; cell++) cells[header[cell] ?? ''] = record[cell] ?? '';
    rows.push({ line, cells: plain ? cells : Object.fromEntries(header.map((name, cell) => [name, record[cell] ?? ''])) });
  }
  if (faults.length > 0) throw new ProblemError(faults);
  return { file, columns: header, rows, columnNumber: (name) => Math.max(1, header.indexOf(name) + 1) };
}

interface CsvRecord {
  readonly record: readonly string[];
  /** The line it begins on. */
  readonly line: number;
}

/** The records of a table without quotes and carriage returns, as most are; undefined for any other. */
function plainRecords(text: string): CsvRecord[] | undefined {
  if (text.includes('"') || text.includes('\r')) return undefined;
  const records: CsvRecord[] = [];
  const lines = (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line !== '') records.push({ record: line.split(','), line: index + 1 });
  }
  return records;
}

function quotedRecords(file: string, text: string): CsvRecord[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parseCsvText(text, { bom: true, info: true, skip_empty_lines: true, relax_column_count: true }) as unknown as typeof records;
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    throw new ProblemError(
      problem('CORE-CSV', (error as Error).message, {
        file,
        line: line ?? 1,
        column: 1,
        hint: 'the table must follow RFC 4180: quote cells that hold commas, quotes or line breaks',
      }),
    );
  }
  return records.map(({ record, info }) => {
    // `info.lines` counts to the record's end; a record spans as many lines as its cells hold breaks.
    const span = record.reduce((sum, cell) => sum + (cell.match(/\n/gu)?.length ?? 0), 0);
    return { record, line: info.lines - span };
  });
}
