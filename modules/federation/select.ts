import { z } from 'zod';
import { parseCsv, problem, ProblemError, readText, type CsvTable, type Place } from '../core/index.ts';
import { didYouMean } from '../core/index.ts';
import type { Federation } from './model.ts';
import { expandCsv, matches, resolveBelow, type Match } from './rules.ts';
import { forEachCsvSchema } from './schema.ts';
import { agencyOf, organisationFields } from './tree.ts';

const matchSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The collections a rule may be repeated for. */
export const selectableCollections = ['organisations', 'sites', 'tenants', 'systems'] as const;
export type SelectableCollection = (typeof selectableCollections)[number];

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
 * Fields of an object: its own text fields, `owner` and `agency` (ids), and `parent.X`, `owner.X`, `agency.X` with X one of
 * id, kind, code, label. A system also has `tenant`, the first it runs in ('' where it has none).
 * @param place where the rule stands, for problems of the rule itself
 * @throws ProblemError CORE-FILE-MISSING, CORE-CSV, CORE-CSV-COLUMN, FED-JOIN-EMPTY
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
  for (const { object, fields } of fieldsOf(federation, collection)) {
    if (!matches(fields, match) || (except && Object.keys(except).length > 0 && matches(fields, except))) continue;
    const subject = { collection, id: object.id };
    if (!rowsOf) {
      selected.push({ fields, place: object.place, subject });
      continue;
    }
    const rows = rowsOf.get(object.id);
    if (!rows) missing.push(object.id);
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

interface Fielded {
  readonly object: { readonly id: string; readonly place: Place };
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** Many rules select from the same declared world, and working out an object's fields costs more than matching them. */
const fieldsOfFederations = new WeakMap<Federation, Map<SelectableCollection, readonly Fielded[]>>();

function fieldsOf(federation: Federation, collection: SelectableCollection): readonly Fielded[] {
  let known = fieldsOfFederations.get(federation);
  if (!known) fieldsOfFederations.set(federation, (known = new Map<SelectableCollection, readonly Fielded[]>()));
  let list = known.get(collection);
  if (!list) {
    list = [...federation[collection].values()].map((object) => ({ object, fields: objectFields(federation, collection, object) }));
    known.set(collection, list);
  }
  return list;
}

function objectFields(
  federation: Federation,
  collection: SelectableCollection,
  object: { readonly id: string; readonly owner?: string },
): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(object)) if (typeof value === 'string') fields[name] = value;
  // Lists are not template fields, but the tenant a system runs in is asked for by name; '' where it has none.
  const { tenants } = object as { tenants?: readonly string[] };
  if (collection === 'systems') fields['tenant'] = tenants?.[0] ?? '';
  const holder = object.owner ?? object.id;
  fields['owner'] = holder;
  fields['agency'] = agencyOf(federation, holder);
  const organisation = federation.organisations.get(object.id);
  if (collection === 'organisations' && organisation) Object.assign(fields, organisationFields(federation, organisation));
  addOrganisation(federation, fields, 'owner', holder);
  addOrganisation(federation, fields, 'agency', fields['agency']);
  return fields;
}

function addOrganisation(federation: Federation, fields: Record<string, string | undefined>, prefix: string, id: string | undefined): void {
  const organisation = id === undefined ? undefined : federation.organisations.get(id);
  // '' where it has none, so that a rule can leave such objects out: `except: { agency.label: "" }`.
  fields[`${prefix}.id`] = id ?? '';
  fields[`${prefix}.kind`] = organisation?.kind ?? '';
  fields[`${prefix}.code`] = organisation?.code ?? '';
  fields[`${prefix}.label`] = organisation?.label ?? '';
}
