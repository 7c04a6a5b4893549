import { compileTemplate, isObject, parseCsv, Problems, readText, type CsvTable, type Place, type Source } from '../../core/index.ts';
import { expandRule, type Repetition } from '../expand.ts';
import type { ForEach } from '../schema.ts';
import type { Family } from '../types.ts';
import { PlanText } from './yaml-text.ts';
import type { Workspace } from './workspace.ts';

/** Where a need says something: `key`, `in`, `length`, `legs.v6.in`. */
export type FieldName = string;

/** One need of a plan as it stands: written out, or one row of a rule. */
export interface NeedRow {
  readonly key: string;
  /** Number of the row in its entry. */
  readonly index: number;
  /** What its fields say, templates filled. */
  readonly values: ReadonlyMap<FieldName, string>;
  /** Fields of the row or object a rule was repeated for. */
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** One item of a plan's `needs`, with all the needs it makes. */
export interface Entry {
  readonly file: string;
  readonly index: number;
  /** What the fields say as written: templates of a rule. */
  readonly written: ReadonlyMap<FieldName, string>;
  readonly rows: readonly NeedRow[];
  readonly rule?: RuleSource | undefined;
}

export interface RuleSource {
  readonly forEach: ForEach;
  /** The field of `forEach` that holds the match: `where`, or the name of the collection. */
  readonly matchField: string;
  /** The table, its path and all its rows; undefined for declared objects. */
  readonly table?: CsvTable | undefined;
}

/** Every need of the plans and where it is written. */
export interface Entries {
  readonly texts: ReadonlyMap<string, PlanText>;
  readonly list: readonly Entry[];
  readonly byKey: ReadonlyMap<string, { readonly entry: Entry; readonly row: NeedRow }>;
}

const legFields = ['pool', 'pools', 'in', 'length', 'prefix', 'at', 'growth'] as const;
const families: readonly Family[] = ['v4', 'v6'];

/** Finds where each need of the plans of a workspace is written. */
export function readEntries(workspace: Workspace): Entries {
  const { root, federation, planSet } = workspace;
  const texts = new Map<string, PlanText>();
  const tables = new Map<string, CsvTable>();
  for (const [file, text] of workspace.texts) if (file.endsWith('.csv')) tables.set(file, parseCsv(file, text));
  const list: Entry[] = [];
  const byKey = new Map<string, { entry: Entry; row: NeedRow }>();
  for (const { file, kind } of planSet.files) {
    if (kind !== 'NetworkPlan') continue;
    const known = workspace.texts.get(file);
    // A lock without its plan has no needs.
    if (known === undefined && !workspace.exists(file)) continue;
    const text = new PlanText(file, known ?? readText(root, file));
    texts.set(file, text);
    text.needs.forEach((item, index) => {
      if (!isObject(item)) return;
      const entry = isObject(item['forEach']) ? ruleEntry(item, file, index) : writtenEntry(item, file, index);
      list.push(entry);
      for (const row of entry.rows) byKey.set(row.key, { entry, row });
    });
  }
  return { texts, list, byKey };

  function ruleEntry(item: Record<string, unknown>, file: string, index: number): Entry {
    const forEach = item['forEach'] as ForEach;
    const place: Place = { file };
    const source: Source = { file, value: item, locate: () => place };
    const expansion = expandRule({ root, file, source, tables, federation, problems: new Problems() }, forEach, []);
    const written = fieldsOf(item);
    const templates = [...written].map(([name, template]) => [name, compileTemplate(template, place, expansion?.names ?? [])] as const);
    const fill = ({ fields, placeOf }: Repetition): Map<FieldName, string> => new Map(templates.map(([name, template]) => [name, template(fields, placeOf)]));
    const rows = (expansion?.repetitions ?? []).map((repetition, number): NeedRow => {
      const values = fill(repetition);
      return { key: values.get('key') ?? '', index: number, values, fields: repetition.fields };
    });
    const csv = forEach.csv === undefined ? undefined : `${file.slice(0, file.lastIndexOf('/') + 1)}${forEach.csv}`.replace(/\/(?:\.\/)+/gu, '/');
    const matchField = csv === undefined ? (Object.keys(forEach).find((name) => name !== 'except') ?? '') : 'where';
    return { file, index, written, rows, rule: { forEach, matchField, table: csv === undefined ? undefined : tables.get(csv) } };
  }
}

function writtenEntry(item: Record<string, unknown>, file: string, index: number): Entry {
  const written = fieldsOf(item);
  const key = written.get('key') ?? '';
  return { file, index, written, rows: [{ key, index: 0, values: written, fields: {} }] };
}

function fieldsOf(item: Record<string, unknown>): Map<FieldName, string> {
  const fields = new Map<FieldName, string>();
  const take = (from: Record<string, unknown>, names: readonly string[], before: string): void => {
    for (const name of names) {
      const value = from[name];
      if (typeof value === 'string' || typeof value === 'number') fields.set(before + name, String(value));
      else if (Array.isArray(value)) fields.set(before + name, value.join(', '));
    }
  };
  take(item, ['key', 'role', 'strategy', 'owner', ...legFields], '');
  const { legs } = item as { legs?: unknown };
  if (isObject(legs)) {
    for (const family of families) {
      const leg = legs[family];
      if (isObject(leg)) take(leg, legFields, `legs.${family}.`);
    }
  }
  return fields;
}
