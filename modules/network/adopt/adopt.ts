import * as fs from 'node:fs';
import * as path from 'node:path';
import { decodeTable, looksLikeWorkbook, problem, ProblemError, withWriteLock, type Problem } from '../../core/index.ts';
import { finishWrites, writeTogether } from '../commit.ts';
import { formatPrefix } from '../format.ts';
import type { PlanSet } from '../model.ts';
import { overlaps } from '../prefix.ts';
import { arrange, type Piece } from './arrange.ts';
import { readSeparated } from './csv.ts';
import { domainNames } from './domains.ts';
import { foldHeading } from './headings.ts';
import { chooseStems, slug } from './keys.ts';
import type { AdoptMapping } from './mapping.ts';
import { makeNeeds, pairRows, type ProposedNeed } from './needs.ts';
import { choosePools, type ProposedPool } from './pools.ts';
import { lookUp, readRecords, type AdoptRecord, type ReadRecords, type SheetSummary } from './records.ts';
import { looksLikeRpsl, readRpsl } from './rpsl.ts';
import type { AdoptFormat, Sheet } from './table.ts';
import { lockOf, planOf, tableOf } from './text.ts';
import { readWorkbook } from './workbook.ts';

/** More needs than this stand in a table beside the plan: reading them from YAML would take long. */
const mostInPlan = 1000;

export interface AdoptOptions {
  /** Corrections of what is guessed. */
  readonly mapping?: AdoptMapping | undefined;
  /** Name of the plan; by default that of the file. */
  readonly name?: string | undefined;
  /** The plans of the folder, whose keys, pools and domains are left alone. */
  readonly existing?: PlanSet | undefined;
}

/** What adopting a file proposes. */
export interface Adoption {
  readonly name: string;
  readonly format: AdoptFormat;
  readonly sheets: readonly SheetSummary[];
  readonly pools: readonly ProposedPool[];
  /** By key. */
  readonly needs: readonly ProposedNeed[];
  /** Path below the folder -> text: the plan, its lock, and a table where there are many needs. */
  readonly files: ReadonlyMap<string, string>;
  /** What to look at, by cell; never an error. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a spreadsheet, an export or a registry's objects and proposes a plan and a lock that hold every address in it.
 * Writes nothing.
 * @param file path of the file, as it is named in messages
 * @throws ProblemError NET-ADOPT-NOTHING where no address could be read; NET-ADOPT-WORKBOOK, NET-ADOPT-ENCODING, NET-ADOPT-HELD
 */
export async function adopt(file: string, bytes: Uint8Array, options: AdoptOptions = {}): Promise<Adoption> {
  const { format, read } = await readAny(file, bytes, options.mapping);
  if (read.records.length === 0) {
    const sheets = read.sheets.map(({ name }) => name).filter((name) => name !== '');
    throw new ProblemError([
      problem('NET-ADOPT-NOTHING', `nothing could be read from ${path.basename(file)}${sheets.length > 0 ? ` (sheets: ${sheets.join(', ')})` : ''}`, {
        file,
        hint: 'name the columns with --mapping, such as `columns: { prefix: "B" }`; see `vcloud net adopt --help`',
      }),
      ...read.problems,
    ]);
  }
  const { mapping, existing } = options;
  const name = options.name ?? (asName(path.basename(file).replace(/\.[^.]*$/u, '')) || 'adopted');
  const { domainOf, added } = domainNames(read.records, new Set(existing?.domains.keys()), mapping?.domain);
  const arranged = arrange(file, read.records, domainOf);
  const byRecord = new Map<AdoptRecord, Piece[]>();
  for (const piece of arranged.pieces) {
    const list = byRecord.get(piece.record);
    if (list) list.push(piece);
    else byRecord.set(piece.record, [piece]);
  }
  const pieces = pairRows(byRecord, domainOf);
  const pools = choosePools(arranged.pieces, ({ record }) => domainOf(record), new Set(existing?.pools.keys()));
  refuseHeld(file, pools.list, existing);
  const taken = new Set([...(existing?.needs.keys() ?? []), ...(existing?.rows.keys() ?? [])]);
  const stems = chooseStems(pieces, domainOf, taken);
  const needs = makeNeeds(pieces, stems, { poolOf: pools.poolOf, ownerOf: ({ owner }) => lookUp(mapping?.owners, owner), taken });
  const table = needs.length > mostInPlan ? `data/${name}.csv` : undefined;
  const files = new Map<string, string>();
  if (table !== undefined) files.set(`network-plans/${table}`, tableOf(needs));
  files.set(`network-plans/${name}.lock.yaml`, lockOf(needs));
  files.set(`network-plans/${name}.yaml`, planOf(needs, { name, source: path.basename(file), domains: added, pools: pools.list, table }));
  return { name, format, sheets: read.sheets, pools: pools.list, needs, files, problems: inOrder([...read.problems, ...arranged.problems], read.sheets) };
}

/**
 * Writes what was proposed as one step, killed at any moment or not; nothing where one of the files exists already.
 * @throws ProblemError NET-ADOPT-EXISTS, NET-WRITE-INTERRUPTED, CORE-LOCKED
 */
export async function writeAdoption(root: string, { files }: Adoption): Promise<void> {
  await finishWrites(root);
  await withWriteLock(root, 'net adopt', () => {
    const present = [...files.keys()].filter((name) => fs.existsSync(path.join(root, name)));
    if (present.length > 0) {
      throw new ProblemError(
        present.map((name) =>
          problem('NET-ADOPT-EXISTS', `${name} exists already and is not overwritten`, {
            file: name,
            hint: 'choose another name with --name, or remove the file first',
          }),
        ),
      );
    }
    writeTogether(root, files);
    return Promise.resolve();
  });
}

async function readAny(file: string, bytes: Uint8Array, mapping: AdoptMapping | undefined): Promise<{ format: AdoptFormat; read: ReadRecords }> {
  if (looksLikeWorkbook(bytes)) {
    const sheets = await readWorkbook(file, bytes);
    const format = formatOf(sheets);
    return { format: format === 'csv' ? 'workbook' : format, read: readRecords(file, sheets, format, mapping) };
  }
  const text = decodeTable(file, bytes, 'NET-ADOPT-ENCODING');
  if (looksLikeRpsl(text)) return { format: 'rpsl', read: readRpsl(file, text) };
  const sheet = readSeparated(text);
  const format = formatOf([sheet]);
  return { format, read: readRecords(file, [sheet], format, mapping) };
}

/** Exports are known by their headings. */
function formatOf(sheets: readonly Sheet[]): AdoptFormat {
  for (const { rows } of sheets) {
    const headings = new Set(rows[0]?.cells.map(foldHeading));
    const has = (...names: string[]): boolean => names.every((name) => headings.has(name));
    if (has('section', 'subnet') || has('section', 'ip address') || has('subnet', 'master subnet') || has('ip address', 'ip state')) return 'phpipam';
    const tenant = headings.has('tenant') || headings.has('vrf');
    if (
      tenant &&
      headings.has('status') &&
      (headings.has('prefix') || headings.has('ip address') || headings.has('address') || has('start address', 'end address'))
    )
      return 'netbox';
  }
  return 'csv';
}

/** A text as the name of a plan. */
function asName(text: string): string {
  return slug(text)
    .replace(/[^a-z0-9-]+/gu, '')
    .replace(/^-+|-+$/gu, '');
}

function refuseHeld(file: string, pools: readonly ProposedPool[], existing: PlanSet | undefined): void {
  const refused: Problem[] = [];
  for (const pool of pools) {
    for (const other of existing?.pools.values() ?? []) {
      if (other.domain !== pool.domain || !overlaps(other.prefix, pool.prefix)) continue;
      refused.push(
        problem(
          'NET-ADOPT-HELD',
          `${formatPrefix(pool.prefix)} in domain "${pool.domain}" overlaps pool "${other.name}" (${formatPrefix(other.prefix)}, ${other.place.file}:${other.place.line ?? 1}), which a plan has already`,
          { file, hint: 'adopt it into a folder of its own, or into another domain (`domain:` in the mapping)' },
        ),
      );
    }
  }
  if (refused.length > 0) throw new ProblemError(refused);
}

/** As the file is read: by sheet, row and column. */
function inOrder(problems: readonly Problem[], sheets: readonly SheetSummary[]): Problem[] {
  const names = sheets.map(({ name }) => `${name}!`);
  const sheetOf = ({ message }: Problem): number =>
    Math.max(
      0,
      names.findIndex((name) => message.startsWith(name)),
    );
  return problems
    .map((found) => ({ found, sheet: names.length > 1 ? sheetOf(found) : 0 }))
    .sort((one, other) => one.sheet - other.sheet || (one.found.line ?? 0) - (other.found.line ?? 0) || (one.found.column ?? 0) - (other.found.column ?? 0))
    .map(({ found }) => found);
}
