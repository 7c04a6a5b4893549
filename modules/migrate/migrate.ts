import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import {
  API_VERSION,
  canonicalJson,
  editedValue,
  fail,
  formats as allFormats,
  parseEnvelope,
  problem,
  ProblemError,
  Problems,
  readTextIfPresent,
  refuseNewer,
  stepsForward,
  withWriteLock,
  type DocumentEdit,
  type Formats,
  type Problem,
} from '../core/index.ts';
import { unifiedDiff } from './diff.ts';
import { findFiles, type FoundFile } from './find.ts';
import { writeTogether } from './write.ts';
import { editYamlText } from './yaml-edits.ts';

/** One file and how far its format is from the present one. */
export interface MigratedFile {
  readonly file: string;
  readonly kind: string | null;
  /** As the file says; null where it says none. */
  readonly version: string | null;
  /** The version this toolkit writes. */
  readonly present: string | null;
  /** `other`: a format of another program (the state of Terraform, SQLite). */
  readonly writer: 'people' | 'tool' | 'sealed' | 'other';
  /** `old` files are rewritten unless they are sealed: those stay as they are, and readable. */
  readonly state: 'present' | 'old' | 'unknown';
  /** What brings it to the present format, in order. */
  readonly steps: readonly string[];
}

/** What a migration would write. */
export interface Migration {
  readonly files: readonly MigratedFile[];
  /** Files that change: their texts as read and as they will be, in order. */
  readonly changes: ReadonlyMap<string, { readonly before: string; readonly after: string }>;
  /** All changes as one unified diff; empty without any. */
  readonly diff: string;
  /** Warnings: files of no known kind. */
  readonly problems: readonly Problem[];
}

export interface MigrateOptions {
  /** Further files, relative to the root. */
  readonly files?: readonly string[] | undefined;
  /** The formats there are; another set is for tests of steps that have not been needed yet. */
  readonly formats?: Formats | undefined;
}

const tablesVersion = '1';
const terraformVersion = '4';

/**
 * Looks at every file of a federation that has a version and works out what brings the old ones to the present one. Writes nothing.
 * @throws ProblemError with every file that cannot be brought forward: CORE-VERSION (made by a newer toolkit), MIGRATE-VERSION
 * (no release ever wrote that version), MIGRATE-TEXT, CORE-FILE-MISSING
 */
export function planMigration(root: string, options: MigrateOptions = {}): Migration {
  const known = options.formats ?? allFormats;
  const problems = new Problems();
  for (const file of options.files ?? []) {
    if (readTextIfPresent(path.join(root, file)) === undefined) problems.error('CORE-FILE-MISSING', `no such file: ${file}`, { file, hint: 'check the path' });
  }
  const files: MigratedFile[] = [];
  const changes = new Map<string, { before: string; after: string }>();
  for (const found of findFiles(root, options.files)) {
    problems.collect(() => {
      const { row, after } = migrated(found, known, problems);
      files.push(row);
      if (after !== undefined && after !== found.text) changes.set(found.file, { before: found.text, after });
    });
  }
  problems.throwIfErrors();
  const diff = [...changes].map(([file, { before, after }]) => unifiedDiff(file, before, after)).join('');
  return { files, changes, diff, problems: problems.list };
}

/**
 * Writes a migration: all files or none.
 * @throws ProblemError CORE-LOCKED, MIGRATE-CHANGED when a file is no longer as it was read
 */
export async function writeMigration(root: string, { changes }: Migration): Promise<readonly string[]> {
  return await withWriteLock(root, 'migrate', async () => {
    const moved = [...changes].filter(([file, { before }]) => readTextIfPresent(path.join(root, file)) !== before);
    if (moved.length > 0) {
      throw new ProblemError(
        moved.map(([file]) => problem('MIGRATE-CHANGED', 'the file changed since it was read', { file, hint: 'run `vcloud migrate` again' })),
      );
    }
    writeTogether(root, new Map([...changes].map(([file, { after }]) => [file, after])));
    return [...changes.keys()];
  });
}

interface Migrated {
  readonly row: MigratedFile;
  readonly after?: string | undefined;
}

function migrated(found: FoundFile, known: Formats, problems: Problems): Migrated {
  const { file, kind = null, version = null, form } = found;
  if (form === 'sqlite' || form === 'terraform') return { row: foreign(found) };
  const place = { file, ...placeOfVersion(found) };
  refuseNewer(version, kind, place, known);
  const format = kind === null ? undefined : known.get(kind);
  const sealed = form === 'envelope' || form === 'delivered' || format?.writer === 'sealed';
  const row = (state: MigratedFile['state'], steps: readonly string[] = []): MigratedFile => ({
    file,
    kind,
    version,
    present: format?.versions.at(-1) ?? null,
    writer: sealed ? 'sealed' : (format?.writer ?? 'other'),
    state,
    steps,
  });
  if (format === undefined) {
    const what = kind === null ? 'the file says no kind' : `"${kind}" is no kind of file this toolkit knows`;
    problems.add(problem('MIGRATE-UNKNOWN', what, { file, severity: 'warning', hint: 'it is left as it is; `vcloud schema` lists the kinds people write' }));
    return { row: row('unknown') };
  }
  if (version !== null && !format.versions.includes(version)) {
    fail('MIGRATE-VERSION', `no release wrote version "${version}" of ${format.kind}; versions: ${format.versions.join(', ')}`, {
      ...place,
      hint: `write "apiVersion: ${format.versions.at(-1) ?? API_VERSION}" if the file was made for it`,
    });
  }
  const present = format.versions.at(-1);
  if (version === present && !format.steps.some(({ from }) => from === version)) return { row: row('present') };
  const value = valueOf(found);
  // Before a file says its version it is taken for the first one: the line is added, then the steps follow.
  const headed: DocumentEdit[] = version === null ? [{ op: 'set', at: ['apiVersion'], value: format.versions[0] ?? API_VERSION }] : [];
  const start = editedValue(value, headed);
  const forward = stepsForward(start, place, known);
  const why = [...(version === null ? ['the file says which version it is'] : []), ...forward.steps.map(({ step }) => step.why)];
  if (why.length === 0) return { row: row('present') };
  if (sealed) return { row: row('old', why) };
  const rounds = [...(headed.length > 0 ? [headed] : []), ...forward.steps.map(({ edits }) => edits)];
  return { row: row('old', why), after: rewritten(found, rounds, forward.value, known) };
}

/** The new text, read back and compared with what the steps gave: a rewrite that reads differently is never written. */
function rewritten(found: FoundFile, rounds: readonly (readonly DocumentEdit[])[], value: unknown, known: Formats): string {
  const { file, form, text } = found;
  if (form === 'json') return `${canonicalJson(value, /^\{\s*\n/u.test(text) ? 2 : 0)}${text.endsWith('\n') ? '\n' : ''}`;
  const after = rounds.reduce((current, edits) => editYamlText(file, current, edits), text);
  const again = yamlValue(after);
  if (!isDeepStrictEqual(again, yamlValueOf(value)) || stepsForward(again, { file }, known).steps.length > 0) {
    fail('MIGRATE-TEXT', 'the text as it would be rewritten does not say the same', { file, hint: 'edit the file by hand; nothing was written' });
  }
  return after;
}

/** Values as a YAML reader gives them: keys are strings, nothing is undefined. */
function yamlValueOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function valueOf({ file, form, text }: FoundFile): unknown {
  if (form === 'json') return JSON.parse(text);
  if (form === 'envelope') return JSON.parse(Buffer.from(parseEnvelope(text)?.payload ?? '', 'base64').toString('utf8'));
  const value = yamlValue(text);
  if (value === undefined) fail('CORE-YAML', 'the file is not one YAML document', { file, hint: 'run `vcloud check`: it says where' });
  return value;
}

function yamlValue(text: string): unknown {
  const document = parseDocument(text.startsWith('\uFEFF') ? text.slice(1) : text, { version: '1.2', uniqueKeys: false, prettyErrors: false });
  return document.errors.length > 0 ? undefined : yamlValueOf(document.toJS({ maxAliasCount: 100 }));
}

/** Where `apiVersion` stands in a text people write. */
function placeOfVersion({ form, text }: FoundFile): { line?: number; column?: number } {
  if (form !== 'yaml') return {};
  const line = text.split('\n').findIndex((candidate) => candidate.startsWith('apiVersion:'));
  return line < 0 ? {} : { line: line + 1, column: 1 };
}

/** Formats of other programs, whose versions we only know as far as we read them. */
function foreign({ file, kind, version, form }: FoundFile): MigratedFile {
  const present = form === 'sqlite' ? tablesVersion : terraformVersion;
  if (Number(version) > Number(present)) {
    fail('CORE-VERSION', `this ${kind ?? 'file'} is of version ${version ?? ''}; this toolkit reads up to ${present}`, {
      file,
      hint: 'a newer program wrote it: upgrade with `npm install vcloud@latest`; nothing was changed',
    });
  }
  return { file, kind: kind ?? null, version: version ?? null, present, writer: 'other', state: 'present', steps: [] };
}
