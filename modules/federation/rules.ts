import * as path from 'node:path';
import { didYouMean, fillTemplate, parseCsv, problem, ProblemError, readText, type CsvTable, type Place } from '../core/index.ts';

/** Field -> the value it must have, or a list of such values. */
export type Match = Readonly<Record<string, string | readonly string[]>>;

/** Whether every field of `match` has (one of) the value(s) asked for. */
export function matches(fields: Readonly<Record<string, string | undefined>>, match: Match | undefined): boolean {
  return Object.entries(match ?? {}).every(([name, wanted]) => {
    const value = fields[name];
    return value !== undefined && (typeof wanted === 'string' ? value === wanted : wanted.includes(value));
  });
}

/**
 * Resolves a path written in `file` (relative to it, never upwards), as a path relative to the federation's folder.
 * @throws ProblemError CORE-PATH
 */
export function resolveBelow(file: string, written: string, place: Place): string {
  const base = path.posix.dirname(file);
  const joined = path.posix.normalize(path.posix.join(base, written));
  if (path.posix.isAbsolute(written) || joined.startsWith('..') || (base !== '.' && !joined.startsWith(`${base}/`))) {
    throw new ProblemError(
      problem('CORE-PATH', `"${written}" leads out of the folder of ${file}`, { ...place, hint: 'put the table beside or below the file that uses it' }),
    );
  }
  return joined;
}

/** One row chosen by a rule. */
export interface RuleRow {
  readonly fields: Readonly<Record<string, string>>;
  /** Line of the table the row begins on. */
  readonly place: Place;
}

/**
 * The rows of a table that a `forEach` rule chooses.
 * @throws ProblemError CORE-FILE-MISSING, CORE-CSV, CORE-CSV-COLUMN when `where` or `except` names a column that is not there.
 */
export function expandCsv(
  root: string,
  file: string,
  rule: { csv: string; where?: Match | undefined; except?: Match | undefined },
  place: Place,
  cache?: Map<string, CsvTable>,
): { table: CsvTable; rows: RuleRow[] } {
  const relative = resolveBelow(file, rule.csv, place);
  let table = cache?.get(relative);
  if (!table) {
    table = parseCsv(relative, readText(root, relative, place));
    cache?.set(relative, table);
  }
  for (const column of [...Object.keys(rule.where ?? {}), ...Object.keys(rule.except ?? {})]) {
    if (!table.columns.includes(column)) {
      throw new ProblemError(
        problem('CORE-CSV-COLUMN', `${relative} has no column "${column}"`, {
          ...place,
          hint: didYouMean(column, table.columns) ?? `its columns: ${table.columns.join(', ')}`,
        }),
      );
    }
  }
  const except = rule.except && Object.keys(rule.except).length > 0 ? rule.except : undefined;
  const chosen = rule.where || except ? table.rows.filter(({ cells }) => matches(cells, rule.where) && !(except && matches(cells, except))) : table.rows;
  const rows = chosen.map(({ cells, line }) => ({ fields: cells, place: { file: relative, line, column: 1 } }));
  return { table, rows };
}

/** `{name?}` alone: a cell that may be empty. */
const optionalField = /^\{([^{}?]+)\?\}$/u;

/**
 * Fills every string of a template value from a row. A value that is `{name?}` alone is left out where its cell is empty
 * (unknown is not an empty text), and so is an object of which nothing is left.
 */
export function fillValue(value: unknown, fields: Readonly<Record<string, string>>, place: Place): unknown {
  if (typeof value === 'string') {
    const name = optionalField.exec(value)?.[1];
    if (name !== undefined && name in fields) return fields[name]?.trim() === '' ? undefined : fields[name];
  }
  if (typeof value === 'string') return value.includes('{') || value.includes('}') ? fillTemplate(value, fields, place) : value;
  if (Array.isArray(value)) return value.map((item) => fillValue(item, fields, place));
  if (value !== null && typeof value === 'object') return filledObject(value, fields, place);
  return value;
}

function filledObject(value: object, fields: Readonly<Record<string, string>>, place: Place): unknown {
  const entries = Object.entries(value);
  const filled = entries.map(([key, item]) => [key, fillValue(item, fields, place)] as const).filter(([, item]) => item !== undefined);
  return entries.length > 0 && filled.length === 0 ? undefined : Object.fromEntries(filled);
}
