import * as fs from 'node:fs';
import * as path from 'node:path';
import { compareCodeUnits, listFiles, ProblemError, Problems, problem, readText, readYaml, validate, type CsvTable, type Place } from '../core/index.ts';
import { openCache } from './cache.ts';
import type { Federation, Settings, Tenure } from './model.ts';
import { readDeclarations, readProgram, type Entry } from './read.ts';
import { checkReferences } from './references.ts';
import { collections, settingsSchema, type Collection } from './schema.ts';

export interface LoadOptions {
  /** The date validity is read at, YYYY-MM-DD; today by default at the command line. */
  asOf: string;
  /** Collects what is to be written once the whole run went well (the cache of what was read); without it, written here. */
  afterwards?: (() => void)[] | undefined;
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

/**
 * Loads everything a member declares: `stacks/<folder>/*.yaml`, its CSV rules and `declarations.ts` files.
 * Reports all problems of all files at once.
 * @throws ProblemError with every problem found (CORE-*, FED-*)
 */
export async function loadFederation(root: string, options: LoadOptions): Promise<Federation> {
  const settings = loadSettings(root);
  const problems = new Problems();
  const entries: Entry[] = [];
  const tables = new Map<string, CsvTable>();
  const cache = openCache(root);
  for (const name of listFiles(path.join(root, 'stacks'))) {
    const file = `stacks/${name}`;
    try {
      if (/\.ya?ml$/u.test(name)) {
        const text = readText(root, file);
        entries.push(...(cache.get(file, text) ?? cache.put(file, text, readDeclarations(root, file, text, tables))));
      } else if (path.posix.basename(name) === 'declarations.ts') {
        entries.push(...(await readProgram(root, file)).entries);
      }
    } catch (error) {
      problems.absorb(error);
    }
  }
  const objects = build(entries, options.asOf, problems);
  const federation: Federation = { ...objects, root, settings, asOf: options.asOf } as Federation;
  // A file that could not be read leaves holes; complaining about references into them would only be noise.
  if (!problems.hasErrors) checkReferences(federation, problems);
  problems.throwIfErrors();
  // Only now: a federation with errors leaves nothing behind.
  if (options.afterwards) options.afterwards.push(() => cache.save());
  else cache.save();
  return federation;
}

/** Resolves `kind/code` references and holders, and finds double identities. */
function build(entries: readonly Entry[], asOf: string, problems: Problems): Record<Collection, Map<string, unknown>> {
  const valid = entries.map((entry) => ({ entry, value: entry.value }));
  valid.sort((a, b) => compareCodeUnits(text(a.value['id']), text(b.value['id'])));
  const byCode = organisationsByCode(valid);
  const resolver =
    (place: Place) =>
    (reference: string): string => {
      const [id, other] = byCode.get(reference) ?? [];
      if (other !== undefined && id !== other)
        problems.error('FED-AMBIGUOUS-REFERENCE', `"${reference}" may be "${id ?? ''}" or "${other}": both have that kind and code`, {
          ...place,
          hint: 'name the id of the one that is meant',
        });
      return id ?? reference;
    };
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
    const resolve = resolver(entry.place);
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

/** Ids of organisations by `kind/code`; a code may stand for several where it is unique below each parent only. */
function organisationsByCode(valid: readonly { readonly entry: Entry; readonly value: Entry['value'] }[]): Map<string, string[]> {
  const byCode = new Map<string, string[]>();
  for (const { entry, value } of valid) {
    if (entry.collection !== 'organisations' || text(value['code']) === '') continue;
    const reference = `${text(value['kind'])}/${text(value['code'])}`;
    const ids = byCode.get(reference);
    if (ids) ids.push(text(value['id']));
    else byCode.set(reference, [text(value['id'])]);
  }
  return byCode;
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
