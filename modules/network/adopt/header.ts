import { addressFields, foldHeading, guessFields, type AdoptField } from './headings.ts';
import type { SheetMapping } from './mapping.ts';
import type { Sheet, SheetRow } from './table.ts';

/** Which column holds what, below one heading. */
export interface Layout {
  /** Columns of each field, from 0, in the order they are asked. */
  readonly columns: ReadonlyMap<AdoptField, readonly number[]>;
  /** Heading texts by column. */
  readonly headings: readonly string[];
  /** Index of the first row below the heading. */
  readonly from: number;
}

const searched = 60;
const sampled = 200;
const addressLike = /\d{1,3}\.\d{1,3}(?:\.\d{1,3}|\.[x*])|[0-9a-f]{0,4}:[0-9a-f]{0,4}:/iu;

/** Whether a text holds something like an address; cheap, for guessing only. */
export function looksLikeAddress(text: string): boolean {
  return addressLike.test(text);
}

/** The columns of a sheet: from its heading, corrected by the mapping, or from its cells where it has none. Undefined where nothing looks like addresses. */
export function findLayout(sheet: Sheet, mapping: SheetMapping): Layout | undefined {
  const { rows } = sheet;
  if (mapping.headerRow !== undefined) {
    const index = mapping.headerRow === 0 ? -1 : rows.findIndex(({ number }) => number === mapping.headerRow);
    return index < 0 ? layoutWithout(rows, mapping) : headingAt(rows, index, mapping).layout;
  }
  let best: { score: number; layout: Layout } | undefined;
  for (let index = 0; index < Math.min(rows.length, searched); index++) {
    const row = rows[index];
    if (!row?.cells.some((cell) => cell !== '')) continue;
    const candidate = headingAt(rows, index, mapping);
    if (candidate.layout && (best === undefined || candidate.score > best.score)) best = { score: candidate.score, layout: candidate.layout };
  }
  return best?.layout ?? layoutWithout(rows, mapping);
}

/** The layout a row within the data gives if it is a heading again (sheets printed in pages, several tables on one sheet). */
export function repeatedHeading(rows: readonly SheetRow[], index: number, mapping: SheetMapping): Layout | undefined {
  const row = rows[index];
  if (!row || row.cells.some(looksLikeAddress)) return undefined;
  const filled = row.cells.filter((cell, column) => cell.trim() !== '' && !isCovered(row, column));
  if (filled.length < 2 || filled.filter((cell) => guessFields(cell).length > 0).length < Math.max(2, filled.length / 2)) return undefined;
  const { layout, score } = headingAt(rows, index, mapping);
  return layout && score >= 2 ? layout : undefined;
}

function isCovered(row: SheetRow, column: number): boolean {
  return row.left?.has(column) === true || row.above?.has(column) === true;
}

/** The layout with the heading in row `index` (and the one below, where that is a second line of it), and how much it explains. */
function headingAt(rows: readonly SheetRow[], index: number, mapping: SheetMapping): { layout: Layout | undefined; score: number } {
  const row = rows[index];
  if (!row || row.cells.some(looksLikeAddress)) return { layout: undefined, score: 0 };
  const below = rows[index + 1];
  // A heading of two lines has cells merged over the columns or rows of the second.
  const two =
    below !== undefined &&
    (row.left !== undefined || below.above !== undefined) &&
    !below.cells.some(looksLikeAddress) &&
    below.cells.some((cell) => guessFields(cell).length > 0);
  const from = index + (two ? 2 : 1);
  const width = Math.max(row.cells.length, two ? below.cells.length : 0);
  const headings = Array.from({ length: width }, (_, column) => {
    const upper = clean(row.cells[column]);
    const lower = two ? clean(below.cells[column]) : '';
    return lower === '' || lower === upper ? upper : `${upper} ${lower}`.trim();
  });
  const lowerHeadings = two ? below.cells.map(clean) : [];
  const sample = samples(rows, from, width);
  const columns = new Map<AdoptField, number[]>();
  const add = (field: AdoptField, column: number): void => {
    const list = columns.get(field);
    if (list) list.push(column);
    else columns.set(field, [column]);
  };
  const taken = mapped(mapping, headings, width, columns);
  // A field the mapping places or leaves out is not guessed; one it names by a heading of other sheets is.
  const decided = new Set([...mapping.columns].filter(([field, list]) => columns.has(field) || list.includes(null)).map(([field]) => field));
  let score = 0;
  for (let column = 0; column < width; column++) {
    if (taken.has(column)) continue;
    // A wide merged cell is a title over the table, not the name of every column below it.
    if (!two && row.left?.has(column) === true) continue;
    const field = fieldOf([lowerHeadings[column] ?? '', headings[column] ?? ''], sample[column] ?? []);
    if (field === undefined || decided.has(field)) continue;
    add(field, column);
    score++;
  }
  score += taken.size * 2;
  const owners = columns.get('owner');
  // phpIPAM: a section only groups; who holds a subnet is its customer.
  if (owners && owners.length > 1) owners.sort((one, other) => Number(isSection(headings[one])) - Number(isSection(headings[other])) || one - other);
  const usable = addressFields.some((field) => columns.has(field));
  return { layout: usable ? { columns, headings, from } : undefined, score: usable ? score : 0 };
}

function isSection(heading: string | undefined): boolean {
  return foldHeading(heading ?? '') === 'section';
}

function clean(text: string | undefined): string {
  return (text ?? '').replace(/\s+/gu, ' ').trim();
}

/** The field of a column: what its words mean, as far as its cells agree. */
function fieldOf(headings: readonly string[], cells: readonly string[]): AdoptField | undefined {
  const addresses = cells.filter(looksLikeAddress).length;
  for (const heading of headings) {
    for (const field of guessFields(heading)) {
      const holdsAddresses = field === 'prefix' || field === 'address' || field === 'first' || field === 'last';
      if (holdsAddresses && (cells.length === 0 ? field === 'last' : addresses === 0) && field !== 'last') continue;
      if (field === 'mask' && cells.some((cell) => cell.includes('/') && looksLikeAddress(cell))) return 'prefix';
      if (!holdsAddresses && field !== 'mask' && addresses > cells.length / 2) continue;
      return field;
    }
    // "CIDR" may stand above lengths.
    if (foldHeading(heading) === 'cidr' && cells.length > 0 && cells.every((cell) => /^\/?\d{1,3}$/u.test(cell.trim()))) return 'mask';
  }
  return undefined;
}

/** Filled cells of each column in the first rows below a heading. */
function samples(rows: readonly SheetRow[], from: number, width: number): string[][] {
  const found = Array.from({ length: width }, (): string[] => []);
  for (const row of rows.slice(from, from + sampled)) {
    for (let column = 0; column < width; column++) {
      const cell = row.cells[column] ?? '';
      if (cell.trim() !== '' && !isCovered(row, column)) found[column]?.push(cell);
    }
  }
  return found;
}

/** Puts the columns a mapping names into `columns`; returns those that are decided. */
function mapped(mapping: SheetMapping, headings: readonly string[], width: number, columns: Map<AdoptField, number[]>): Set<number> {
  const taken = new Set<number>();
  for (const [field, list] of mapping.columns) {
    for (const wanted of list) {
      if (wanted === null) continue;
      const column = typeof wanted === 'number' ? wanted - 1 : columnOf(wanted, headings);
      if (column < 0 || column >= Math.max(width, 1)) continue;
      taken.add(column);
      const known = columns.get(field);
      if (known) known.push(column);
      else columns.set(field, [column]);
    }
  }
  return taken;
}

function columnOf(wanted: string, headings: readonly string[]): number {
  const folded = foldHeading(wanted);
  const exact = headings.findIndex((heading) => foldHeading(heading) === folded);
  if (exact >= 0 || !/^[A-Z]{1,2}$/u.test(wanted)) return exact;
  return Array.from(wanted).reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** A sheet without headings: the columns that hold addresses, and the first one of other words. */
function layoutWithout(rows: readonly SheetRow[], mapping: SheetMapping): Layout | undefined {
  const width = rows.slice(0, sampled).reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const columns = new Map<AdoptField, number[]>();
  const taken = mapped(mapping, [], width, columns);
  const sample = samples(rows, 0, width);
  if (!addressFields.some((field) => columns.has(field))) {
    const column = sample.findIndex((cells, index) => !taken.has(index) && cells.length > 0 && cells.filter(looksLikeAddress).length >= cells.length / 2);
    if (column < 0) return undefined;
    columns.set('prefix', [column]);
    taken.add(column);
    const mask = column + 1;
    if (!columns.has('mask') && !taken.has(mask) && (sample[mask] ?? []).some((cell) => /^(?:255\.[\d.]+|\/\d{1,3})$/u.test(cell.trim()))) {
      columns.set('mask', [mask]);
      taken.add(mask);
    }
  }
  if (!columns.has('description') && !columns.has('name') && !columns.has('owner')) {
    const words = sample.findIndex((cells, index) => !taken.has(index) && cells.some((cell) => /\p{L}/u.test(cell)));
    if (words >= 0) columns.set('description', [words]);
  }
  return { columns, headings: [], from: 0 };
}
