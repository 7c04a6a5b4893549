import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject, parseYaml, ProblemError, Problems, problem, schemaProblems, type CsvTable, type DataPath, type Place, type Source } from '../core/index.ts';
import type { DeclaredInCode } from './declare.ts';
import { expandCsv, fillValue, type Match } from './rules.ts';
import { collections, collectionSchemas, declarationsSchema, forEachCsvSchema, type Collection } from './schema.ts';

/** One declared object, checked by its schema; references are not resolved yet. */
export interface Entry {
  readonly collection: Collection;
  readonly value: Readonly<Record<string, unknown>>;
  readonly place: Place;
  readonly folder: string;
}

/** What one file declares. */
export interface FileEntries {
  readonly entries: readonly Entry[];
  /** Tables its rules read, relative to the federation's folder. */
  readonly tables: readonly string[];
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

/**
 * Reads one declarations file: every entry and every row of its rules, checked.
 * @throws ProblemError with every problem of the file (CORE-*, FED-*)
 */
export function readDeclarations(root: string, file: string, text: string, cache: Map<string, CsvTable>): FileEntries {
  const source = parseYaml(file, text);
  const problems = new Problems();
  const checked = { ...source, value: withoutEntries(source.value) };
  const result = declarationsSchema.safeParse(checked.value);
  if (!result.success) schemaProblems(result.error, checked, declarationsSchema).forEach((found) => problems.add(found));
  const reader = new Reader(root, source, problems, cache);
  if (isObject(source.value)) for (const collection of collections) reader.list(collection, source.value[collection]);
  problems.throwIfErrors();
  return { entries: reader.entries, tables: [...reader.tables].sort() };
}

class Reader {
  readonly entries: Entry[] = [];
  readonly tables = new Set<string>();
  readonly root: string;
  readonly source: Source;
  readonly problems: Problems;
  readonly cache: Map<string, CsvTable>;

  constructor(root: string, source: Source, problems: Problems, cache: Map<string, CsvTable>) {
    this.root = root;
    this.source = source;
    this.problems = problems;
    this.cache = cache;
  }

  list(collection: Collection, list: unknown): void {
    if (list === undefined || list === null) return;
    if (!Array.isArray(list)) {
      this.problems.error('CORE-SCHEMA-TYPE', `${collection}: expected a list`, { ...this.source.locate([collection]), hint: 'begin each entry with "- "' });
      return;
    }
    list.forEach((value: unknown, index) => {
      const at = [collection, index];
      if (isObject(value) && 'forEach' in value) this.rule(collection, value, at);
      else this.entry(collection, value, this.source.locate(at), (where, part) => this.source.locate([...at, ...where], part));
    });
  }

  private rule(collection: Collection, value: Record<string, unknown>, at: DataPath): void {
    this.problems.collect(() => {
      const { forEach, ...template } = value;
      const rule = validateRule(forEach, this.source, [...at, 'forEach']);
      const { table, rows } = expandCsv(this.root, this.source.file, rule, this.source.locate([...at, 'forEach', 'csv']), this.cache);
      this.tables.add(table.file);
      for (const row of rows) this.entry(collection, fillValue(template, row.fields, row.place), row.place, () => row.place);
    });
  }

  private entry(collection: Collection, value: unknown, place: Place, locate: Source['locate']): void {
    const schema = collectionSchemas[collection];
    const result = schema.safeParse(value);
    if (result.success) this.entries.push({ collection, value: result.data, place, folder: folderOf(this.source.file) });
    else schemaProblems(result.error, { file: place.file, value, locate }, schema).forEach((found) => this.problems.add(found));
  }
}

/** The document with its lists emptied: entries are checked one by one, with better positions. */
function withoutEntries(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, (collections as string[]).includes(key) ? [] : item]));
}

function validateRule(value: unknown, source: Source, at: DataPath): { csv: string; where?: Match | undefined; except?: Match | undefined } {
  const result = forEachCsvSchema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError(schemaProblems(result.error, { ...source, value, locate: (where, part) => source.locate([...at, ...where], part) }, forEachCsvSchema));
}

/**
 * Runs a `declarations.ts` and checks what it declares.
 * @throws ProblemError FED-PROGRAM, CORE-SCHEMA-*
 */
export async function readProgram(root: string, file: string): Promise<FileEntries> {
  const absolute = path.join(root, file);
  let declared: DeclaredInCode | undefined;
  try {
    declared = ((await import(pathToFileURL(absolute).href)) as { default?: DeclaredInCode }).default;
  } catch (error) {
    throw new ProblemError(
      problem('FED-PROGRAM', `the program failed: ${(error as Error).message}`, {
        file,
        line: 1,
        column: 1,
        hint: 'run it with `node` to see the whole stack',
      }),
      { cause: error },
    );
  }
  if (!declared || !isObject(declared.declarations)) {
    throw new ProblemError(
      problem('FED-PROGRAM', 'the program declares nothing', {
        file,
        line: 1,
        column: 1,
        hint: 'write `export default declare({ ... })`, with declare from "vcloud/federation"',
      }),
    );
  }
  const place = { ...declared.at, file };
  const problems = new Problems();
  const entries: Entry[] = [];
  for (const collection of collections) {
    for (const value of declared.declarations[collection] ?? []) {
      const schema = collectionSchemas[collection];
      const result = schema.safeParse(value);
      if (result.success) entries.push({ collection, value: result.data, place, folder: folderOf(file) });
      else schemaProblems(result.error, { file, value, locate: () => place }, schema).forEach((found) => problems.add(found));
    }
  }
  problems.throwIfErrors();
  return { entries, tables: [] };
}
