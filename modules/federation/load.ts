import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  compareCodeUnits,
  isObject,
  listFiles,
  ProblemError,
  Problems,
  problem,
  readYaml,
  schemaProblems,
  validate,
  type CsvTable,
  type DataPath,
  type Place,
  type Source,
} from '../core/index.ts';
import type { DeclaredInCode } from './declare.ts';
import type { Federation, Settings, Tenure } from './model.ts';
import { expandCsv, fillValue, type Match } from './rules.ts';
import { collections, collectionSchemas, declarationsSchema, forEachCsvSchema, settingsSchema, type Collection } from './schema.ts';
import { checkReferences } from './references.ts';

export interface LoadOptions {
  /** The date validity is read at, YYYY-MM-DD; today by default at the command line. */
  asOf: string;
}

/**
 * Reads `vcloud.yaml`.
 * @throws ProblemError FED-NO-FEDERATION, CORE-*, FED-MEMBER-DUPLICATE
 */
export function loadSettings(root: string): Settings {
  if (!fs.existsSync(path.join(root, 'vcloud.yaml'))) {
    throw new ProblemError(
      problem('FED-NO-FEDERATION', 'there is no vcloud.yaml here', {
        file: 'vcloud.yaml',
        hint: 'run `vcloud init` to make a federation, or name its folder with -C',
      }),
    );
  }
  const source = readYaml(root, 'vcloud.yaml');
  const settings = validate(settingsSchema, source);
  const problems = new Problems();
  settings.members.forEach((member, index) => {
    const at = source.locate(['members', index]);
    if (settings.members.findIndex((other) => other.id === member.id) !== index)
      problems.error('FED-MEMBER-DUPLICATE', `member "${member.id}" stands twice`, { ...at, hint: 'a member has one entry' });
    if ((member.folder === undefined) === (member.bundle === undefined))
      problems.error('FED-MEMBER-SOURCE', `member "${member.id}" needs a folder or a bundle, one of the two`, {
        ...at,
        hint: 'name `folder:` for a member run here, `bundle:` for one that delivers its bundle',
      });
    if (member.bundle !== undefined && member.publicKey === undefined)
      problems.error('FED-MEMBER-KEY', `member "${member.id}" delivers a bundle but has no public key`, {
        ...at,
        hint: 'add `publicKey:` as printed by `vcloud bundle keygen` at the member',
      });
  });
  problems.throwIfErrors();
  return settings;
}

/** One entry before references are resolved. */
interface RawEntry {
  readonly collection: Collection;
  readonly value: unknown;
  readonly place: Place;
  readonly folder: string;
  /** The document it stands in and where, for the positions of its fields; absent for rows and for code. */
  readonly source?: Source;
  readonly at: DataPath;
}

/**
 * Loads everything a member declares: `stacks/<folder>/*.yaml`, its CSV rules and `declarations.ts` files.
 * Reports all problems of all files at once.
 * @throws ProblemError with every problem found (CORE-*, FED-*)
 */
export async function loadFederation(root: string, options: LoadOptions): Promise<Federation> {
  const settings = loadSettings(root);
  const problems = new Problems();
  const entries: RawEntry[] = [];
  const tables = new Map<string, CsvTable>();
  for (const name of listFiles(path.join(root, 'stacks'))) {
    const file = `stacks/${name}`;
    try {
      if (/\.ya?ml$/u.test(name)) entries.push(...readDeclarations(root, file, tables, problems));
      else if (path.posix.basename(name) === 'declarations.ts') entries.push(...(await readProgram(root, file)));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      error.problems.forEach((found) => problems.add(found));
    }
  }
  const objects = build(entries, options.asOf, problems);
  const federation: Federation = { ...objects, root, settings, asOf: options.asOf } as Federation;
  // A file that could not be read leaves holes; complaining about references into them would only be noise.
  if (!problems.hasErrors) checkReferences(federation, problems);
  problems.throwIfErrors();
  return federation;
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

function readDeclarations(root: string, file: string, tables: Map<string, CsvTable>, problems: Problems): RawEntry[] {
  const source = readYaml(root, file);
  const checked = { ...source, value: withoutEntries(source.value) };
  const result = declarationsSchema.safeParse(checked.value);
  if (!result.success) schemaProblems(result.error, checked, declarationsSchema).forEach((found) => problems.add(found));
  if (!isObject(source.value)) return [];
  const entries: RawEntry[] = [];
  for (const collection of collections) {
    const list = source.value[collection];
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) {
      problems.error('CORE-SCHEMA-TYPE', `${collection}: expected a list`, { ...source.locate([collection]), hint: 'begin each entry with "- "' });
      continue;
    }
    list.forEach((value, index) => {
      const at = [collection, index];
      const place = source.locate(at);
      if (isObject(value) && 'forEach' in value) {
        try {
          entries.push(...readRule(root, file, collection, value, source, at, place, tables));
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          error.problems.forEach((found) => problems.add(found));
        }
      } else {
        entries.push({ collection, value, place, folder: folderOf(file), source, at });
      }
    });
  }
  return entries;
}

/** The document with its lists emptied: entries are checked one by one, with better positions. */
function withoutEntries(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, (collections as string[]).includes(key) ? [] : item]));
}

function readRule(
  root: string,
  file: string,
  collection: Collection,
  value: Record<string, unknown>,
  source: Source,
  at: DataPath,
  place: Place,
  tables: Map<string, CsvTable>,
): RawEntry[] {
  const { forEach, ...template } = value;
  const rule = validateRule(forEach, source, [...at, 'forEach']);
  const { rows } = expandCsv(root, file, rule, source.locate([...at, 'forEach', 'csv']), tables);
  return rows.map((row) => ({ collection, value: fillValue(template, row.fields, row.place), place: row.place, folder: folderOf(file), at: [] }));
}

function validateRule(value: unknown, source: Source, at: DataPath): { csv: string; where?: Match | undefined; except?: Match | undefined } {
  const result = forEachCsvSchema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError(schemaProblems(result.error, { ...source, value, locate: (where, part) => source.locate([...at, ...where], part) }, forEachCsvSchema));
}

async function readProgram(root: string, file: string): Promise<RawEntry[]> {
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
  return collections.flatMap((collection) =>
    (declared.declarations[collection] ?? []).map((value) => ({ collection, value, place, folder: folderOf(file), at: [] as DataPath })),
  );
}

/** Checks every entry, resolves `kind/code` references and holders, and finds double identities. */
function build(entries: readonly RawEntry[], asOf: string, problems: Problems): Record<Collection, Map<string, unknown>> {
  const valid: { entry: RawEntry; value: Record<string, unknown> }[] = [];
  for (const entry of entries) {
    const schema = collectionSchemas[entry.collection];
    const result = schema.safeParse(entry.value);
    if (result.success) {
      valid.push({ entry, value: result.data });
    } else {
      const { source, at, place } = entry;
      const local: Source = {
        file: place.file,
        value: entry.value,
        locate: (where, part) => (source ? source.locate([...at, ...where], part) : place),
      };
      schemaProblems(result.error, local, schema).forEach((found) => problems.add(found));
    }
  }
  valid.sort((a, b) => compareCodeUnits(text(a.value['id']), text(b.value['id'])));
  const byCode = new Map<string, string>();
  for (const { entry, value } of valid) {
    if (entry.collection === 'organisations' && text(value['code']) !== '') byCode.set(`${text(value['kind'])}/${text(value['code'])}`, text(value['id']));
  }
  const resolve = (reference: string): string => byCode.get(reference) ?? reference;
  const result = Object.fromEntries(collections.map((collection) => [collection, new Map<string, unknown>()])) as Record<Collection, Map<string, unknown>>;
  for (const { entry, value } of valid) {
    const map = result[entry.collection];
    const id = text(value['id']);
    const first = map.get(id) as { place: Place } | undefined;
    if (first) {
      problems.error('FED-DUPLICATE', `${entry.collection.slice(0, -1)} "${id}" is declared twice, first at ${first.place.file}:${first.place.line ?? 1}`, {
        ...entry.place,
        hint: 'one identity is declared once; rename one or remove it',
      });
      continue;
    }
    const holder = entry.collection === 'organisations' ? 'parent' : 'owner';
    const tenure = tenureOf(value[holder], resolve);
    const current = holderOn(tenure, asOf);
    const rest = { ...value };
    if (typeof rest['operator'] === 'string') rest['operator'] = resolve(rest['operator']);
    if (tenure.length > 0 && current === undefined) {
      problems.error('FED-NO-HOLDER', `nobody holds ${entry.collection.slice(0, -1)} "${id}" on ${asOf}`, {
        ...entry.place,
        hint: 'add a holder whose dates include that day',
      });
    }
    map.set(id, { ...rest, [holder]: current, tenure, place: entry.place, folder: entry.folder });
  }
  return result;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function tenureOf(value: unknown, resolve: (reference: string) => string): Tenure[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ organisation: resolve(value) }];
  return (value as Tenure[]).map((item) => ({ ...item, organisation: resolve(item.organisation) }));
}

function holderOn(tenure: readonly Tenure[], asOf: string): string | undefined {
  return tenure.findLast(({ from, until }) => (from === undefined || from <= asOf) && (until === undefined || asOf < until))?.organisation;
}
