import { z } from 'zod';
import { didYouMean, parseCsv, problem, ProblemError, readText, type CsvTable, type Place } from '../core/index.ts';
import { chooseObjects } from './fields.ts';
import type { Federation } from './model.ts';
import { expandCsv, resolveBelow, type Match } from './rules.ts';
import { forEachCsvSchema, matchSchema, selectableCollections, type SelectableCollection } from './schema.ts';

/**
 * `forEach:` of a plan: the rows of a table, or the declared objects of one collection whose fields match.
 * `join` gives each object the rows of a table whose column `on` holds its id, as `row.COLUMN`; an object without a row is an error.
 */
export const forEachObjectSchema = z.union([
  forEachCsvSchema,
  ...selectableCollections.map((collection) =>
    z.strictObject({
      [collection]: matchSchema,
      except: matchSchema.optional(),
      join: z.strictObject({ csv: z.string().min(1), on: z.string().min(1) }).optional(),
    }),
  ),
]);
export type ForEach = z.output<typeof forEachObjectSchema>;

/** One thing a rule is repeated for. */
export interface Selected {
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** The row, or the declaration of the object. */
  readonly place: Place;
  readonly subject?: { readonly collection: SelectableCollection; readonly id: string } | undefined;
}

/**
 * Everything a `forEach` chooses, in table order or in code-unit order of ids.
 * Objects have the fields of `declaredObjects`.
 * @param place where the rule stands, for problems of the rule itself
 * @throws ProblemError CORE-FILE-MISSING, CORE-CSV, CORE-CSV-COLUMN, FED-RULE-FIELD, FED-JOIN-EMPTY
 */
export function selectObjects(
  root: string,
  file: string,
  rule: ForEach,
  federation: Federation | undefined,
  place: Place,
  tables = new Map<string, CsvTable>(),
): Selected[] {
  const written = rule as Record<string, unknown>;
  if (typeof written['csv'] === 'string') return expandCsv(root, file, rule as { csv: string; where?: Match; except?: Match }, place, tables).rows;
  const collection = selectableCollections.find((name) => written[name] !== undefined);
  if (!collection || !federation) return [];
  const match = written[collection] as Match;
  const except = written['except'] as Match | undefined;
  const join = written['join'] as { csv: string; on: string } | undefined;
  const rowsOf = join ? joinTable(root, file, join, place, tables) : undefined;
  const selected: Selected[] = [];
  const missing: string[] = [];
  for (const { id, fields, place: declared } of chooseObjects(federation, collection, { match, except }, () => place)) {
    const subject = { collection, id };
    if (!rowsOf) {
      selected.push({ fields, place: declared, subject });
      continue;
    }
    const rows = rowsOf.get(id);
    if (!rows) missing.push(id);
    for (const row of rows ?? []) selected.push({ fields: { ...fields, ...row.fields }, place: row.place, subject });
  }
  if (join && missing.length > 0) {
    throw new ProblemError(
      missing.map((id) =>
        problem('FED-JOIN-EMPTY', `${join.csv} has no row whose "${join.on}" is "${id}"`, { ...place, hint: 'add its row, or narrow the rule with `except`' }),
      ),
    );
  }
  return selected;
}

function joinTable(
  root: string,
  file: string,
  join: { csv: string; on: string },
  place: Place,
  tables: Map<string, CsvTable>,
): Map<string, { fields: Record<string, string>; place: Place }[]> {
  const relative = resolveBelow(file, join.csv, place);
  const table = tables.get(relative) ?? parseCsv(relative, readText(root, relative, place));
  tables.set(relative, table);
  if (!table.columns.includes(join.on)) {
    throw new ProblemError(
      problem('CORE-CSV-COLUMN', `${relative} has no column "${join.on}"`, {
        ...place,
        hint: didYouMean(join.on, table.columns) ?? `its columns: ${table.columns.join(', ')}`,
      }),
    );
  }
  const rows = new Map<string, { fields: Record<string, string>; place: Place }[]>();
  for (const { cells, line } of table.rows) {
    const fields = Object.fromEntries(Object.entries(cells).map(([name, cell]) => [`row.${name}`, cell]));
    const row = { fields, place: { file: relative, line, column: 1 } };
    const key = cells[join.on] ?? '';
    const list = rows.get(key);
    if (list) list.push(row);
    else rows.set(key, [row]);
  }
  return rows;
}
