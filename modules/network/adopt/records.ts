import { didYouMean, fold, plural, problem, type Problem } from '../../core/index.ts';
import { readBlocks, type Interval, type ReadBlocks } from './blocks.ts';
import { findLayout, looksLikeAddress, repeatedHeading, type Layout } from './header.ts';
import type { AdoptField } from './headings.ts';
import { mappingOf, type AdoptMapping, type SheetMapping } from './mapping.ts';
import { cellName, columnName, finding, shown, type AdoptFormat, type CellPlace, type Sheet, type SheetRow } from './table.ts';

/** What the file says a block is. */
export type AdoptStatus = 'active' | 'reserved' | 'container' | 'free';

/** One row that holds addresses. */
export interface AdoptRecord {
  /** Order in the file. */
  readonly order: number;
  readonly place: CellPlace;
  readonly blocks: readonly Interval[];
  readonly domain: string;
  readonly owner: string;
  readonly site: string;
  readonly name: string;
  readonly description: string;
  readonly note: string;
  readonly vlan: string;
  readonly status: string;
  readonly meaning: AdoptStatus;
  readonly role: string;
  /** Title the row stands under, where sheets are cut by title rows. */
  readonly group: string;
  /** It only says what the blocks of the row lie in, and stands beside each of them. */
  readonly outer: boolean;
}

/** The blocks of one cell. */
interface Part {
  readonly column: number;
  readonly blocks: readonly Interval[];
}

/** What became of one sheet. */
export interface SheetSummary {
  readonly name: string;
  readonly hidden: boolean;
  readonly rows: number;
  readonly adopted: number;
  /** Field -> headings (or column letters) it was read from; empty where the sheet holds no addresses. */
  readonly columns: Readonly<Partial<Record<AdoptField, readonly string[]>>>;
}

export interface ReadRecords {
  readonly records: readonly AdoptRecord[];
  readonly sheets: readonly SheetSummary[];
  readonly problems: readonly Problem[];
}

const statuses: readonly (readonly [AdoptStatus, RegExp])[] = [
  ['container', /\b(?:container|allocated|aggregate|dai tong|tong)\b/u],
  ['free', /\b(?:free|available|unused|vacant|con trong|trong|chua (?:su dung|cap|dung|giao)|chua cap phat)\b/u],
  ['reserved', /\b(?:reserved?|du phong|du tru|de danh|danh rieng|quy hoach|planned|giu cho|deprecated|thu hoi|ngung|huy|retired)\b/u],
];
const noteRow = /^(?:ghi chu|luu y|chu thich|note|notes|remark|tong|tong cong|tong so|cong|total|sum|nguon|source|ngay|nguoi|legend)\b/u;
const nothing = /^(?:-+|n\/?a|na|null|none|khong|khong co|x|\/|\?+|\.+)?$/iu;

/** Rows looked at to find out what a column lists. */
const sampled = 200;

/** Reads the rows of all sheets: every cell that holds addresses becomes part of a record or of a problem. */
export function readRecords(file: string, sheets: readonly Sheet[], format: AdoptFormat, mapping?: AdoptMapping): ReadRecords {
  const records: AdoptRecord[] = [];
  const summaries: SheetSummary[] = [];
  const problems: Problem[] = [];
  for (const sheet of sheets) {
    const corrections = mappingOf(mapping, sheet.name);
    const layout = corrections.skip ? undefined : findLayout(sheet, corrections);
    const before = records.length;
    const filled = sheet.rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')).length;
    if (layout) new SheetReader(file, sheet, format, mapping, corrections, layout, records, problems).run();
    const adopted = new Set(records.slice(before).map(({ place }) => place.row)).size;
    if (sheet.hidden && adopted > 0) {
      problems.push(
        finding(
          file,
          'NET-ADOPT-HIDDEN',
          { sheet: sheet.name, row: 1, line: 1, column: 0 },
          `the sheet is hidden; its ${plural(adopted, 'row')} with addresses were adopted all the same`,
          'leave it out with `sheets: { NAME: { skip: true } }` in a mapping if it is out of date',
        ),
      );
    }
    summaries.push({
      name: sheet.name,
      hidden: sheet.hidden,
      rows: filled,
      adopted,
      columns: layout ? namesOf(layout) : {},
    });
  }
  problems.push(...mappingProblems(file, sheets, summaries, mapping));
  return { records, sheets: summaries, problems };
}

/** What a mapping says about columns and sheets that are not there. */
function mappingProblems(file: string, sheets: readonly Sheet[], summaries: readonly SheetSummary[], mapping: AdoptMapping | undefined): Problem[] {
  const found: Problem[] = [];
  const report = (message: string, hint: string | undefined): void => {
    found.push(problem('NET-ADOPT-MAPPING', message, { file, severity: 'warning', hint }));
  };
  for (const [field, value] of Object.entries(mapping?.columns ?? {})) {
    if (value === null || summaries.some(({ columns }) => columns[field as AdoptField] !== undefined)) continue;
    report(`the mapping places "${field}" in a column no sheet has: ${JSON.stringify(value)}`, 'write a heading as it stands in the file, or a column letter');
  }
  const names = sheets.map(({ name }) => name);
  for (const name of Object.keys(mapping?.sheets ?? {})) {
    if (!names.some((known) => fold(known) === fold(name))) report(`the mapping names sheet "${name}", which the file does not have`, didYouMean(name, names));
  }
  return found;
}

function namesOf(layout: Layout): SheetSummary['columns'] {
  return Object.fromEntries(
    [...layout.columns].map(([field, columns]) => [
      field,
      columns.map((column) => layout.headings[column] ?? cellName({ sheet: '', row: 0, line: 0, column }).replace(/0$/u, '')),
    ]),
  );
}

class SheetReader {
  readonly #file: string;
  readonly #sheet: Sheet;
  readonly #mapping: AdoptMapping | undefined;
  readonly #corrections: SheetMapping;
  readonly #records: AdoptRecord[];
  readonly #problems: Problem[];
  /** The address column lists hosts with the lengths of their networks. */
  readonly #hosts: boolean;
  #layout: Layout;
  #group = '';

  constructor(
    file: string,
    sheet: Sheet,
    format: AdoptFormat,
    mapping: AdoptMapping | undefined,
    corrections: SheetMapping,
    layout: Layout,
    records: AdoptRecord[],
    problems: Problem[],
  ) {
    this.#file = file;
    this.#sheet = sheet;
    this.#mapping = mapping;
    this.#corrections = corrections;
    this.#layout = layout;
    this.#records = records;
    this.#problems = problems;
    this.#hosts = format === 'netbox' || format === 'phpipam' || this.#listsHosts();
  }

  run(): void {
    const { rows } = this.#sheet;
    for (let index = this.#layout.from; index < rows.length; index++) {
      const row = rows[index];
      if (!row) continue;
      const again = this.#addressColumns().some((column) => looksLikeAddress(row.cells[column] ?? ''))
        ? undefined
        : repeatedHeading(rows, index, this.#corrections);
      if (again) {
        this.#layout = again;
        index = again.from - 1;
      } else this.#row(row);
    }
  }

  /** Most cells of the address column have a length and bits to the right of it. */
  #listsHosts(): boolean {
    const columns = this.#columns('address');
    const cells = this.#sheet.rows
      .slice(this.#layout.from, this.#layout.from + sampled)
      .flatMap(({ cells: row }) => columns.map((column) => row[column] ?? ''))
      .filter((cell) => cell.includes('/') && looksLikeAddress(cell));
    const hosts = cells.filter((cell) => readBlocks(cell).remarks.some(({ code }) => code === 'NET-ADOPT-HOST-BITS'));
    return hosts.length >= 3 && hosts.length > cells.length / 2;
  }

  #columns(field: AdoptField): readonly number[] {
    return this.#layout.columns.get(field) ?? [];
  }

  #addressColumns(): readonly number[] {
    return [...this.#columns('prefix'), ...this.#columns('address'), ...this.#columns('first')];
  }

  /** The first filled cell of a field. */
  #text(row: SheetRow, field: AdoptField): string {
    for (const column of this.#columns(field)) {
      const text = (row.cells[column] ?? '').replace(/\s+/gu, ' ').trim();
      if (text !== '' && !nothing.test(text)) return text;
    }
    return '';
  }

  #row(row: SheetRow): void {
    const at = (column: number): CellPlace => ({ sheet: this.#sheet.name, row: row.number, line: row.line, column });
    const { parts, faults } = this.#read(row, at);
    this.#addParts(row, parts, at);
    if (parts.length > 0 || faults > 0) return;
    // No address at all: a title, a note, or a row somebody has still to fill.
    const own = row.cells.flatMap((cell, column) => (cell.trim() === '' || row.left?.has(column) === true || row.above?.has(column) === true ? [] : [column]));
    const [first] = own;
    if (first === undefined) return;
    const text = (row.cells[first] ?? '').replace(/\s+/gu, ' ').trim();
    if (own.length === 1) {
      if (!noteRow.test(fold(text)) && /\p{L}/u.test(text) && text.length <= 80 && !this.#addressColumns().some((column) => row.above?.has(column) ?? false))
        this.#group = text;
      return;
    }
    const known = (['domain', 'owner', 'site', 'vlan', 'name', 'description'] as const).filter((field) => this.#text(row, field) !== '');
    if (known.length === 0 || noteRow.test(fold(text)) || row.cells.some((cell) => /\(folder\)$/u.test(cell))) return;
    // Below a merged address a row tells more about the same block.
    if (this.#addressColumns().some((column) => row.above?.has(column) === true)) return;
    const column = this.#addressColumns()[0] ?? first;
    this.#problems.push(
      finding(
        this.#file,
        'NET-ADOPT-NO-ADDRESS',
        at(column),
        `the row (${shown(this.#summary(row))}) has no address`,
        'fill in its address, or remove the row',
      ),
    );
  }

  #summary(row: SheetRow): string {
    return (['owner', 'site', 'name', 'description', 'vlan'] as const)
      .map((field) => this.#text(row, field))
      .filter((text) => text !== '')
      .join(', ');
  }

  /** The blocks of all address cells of a row. First and last address are asked only where no other cell says more. */
  #read(row: SheetRow, at: (column: number) => CellPlace): { parts: Part[]; faults: number } {
    const parts: Part[] = [];
    let faults = 0;
    const mask = this.#cell(row, 'mask');
    const last = this.#cell(row, 'last');
    const count = this.#cell(row, 'count');
    const take = (column: number, read: ReadBlocks): void => {
      for (const { code, message, hint } of read.remarks) this.#problems.push(finding(this.#file, code, at(column), message, hint));
      for (const { text, cause } of read.unreadable) {
        faults++;
        this.#problems.push(
          finding(
            this.#file,
            'NET-ADOPT-UNREADABLE',
            at(column),
            `${shown(text)} cannot be read: ${cause}`,
            'write a prefix such as 10.1.0.0/24, or first and last address',
          ),
        );
      }
      if (read.blocks.length > 0) parts.push({ column, blocks: read.blocks });
    };
    const cells = (field: AdoptField): [number, string][] =>
      this.#columns(field).flatMap((column): [number, string][] => {
        const cell = (row.cells[column] ?? '').trim();
        // A merged address belongs to its first row.
        return nothing.test(cell) || row.above?.has(column) === true || row.left?.has(column) === true || /\(folder\)$/u.test(cell) ? [] : [[column, cell]];
      });
    const hosts = this.#hosts;
    const starts = cells('first');
    const notes = cells('prefix').concat(cells('address'));
    // A title that happens to stand in the address column.
    const filled = row.cells.filter((cell, column) => cell.trim() !== '' && row.left?.has(column) !== true).length;
    const isTitle = (cell: string): boolean => !looksLikeAddress(cell) && (filled === 1 || noteRow.test(fold(cell)));
    for (const [column, cell] of cells('prefix')) {
      if (isTitle(cell)) continue;
      take(column, readBlocks(cell, { mask, last: starts.length > 0 ? undefined : last, count: starts.length > 0 ? undefined : count }));
    }
    for (const [column, cell] of cells('address')) {
      if (isTitle(cell)) continue;
      take(column, readBlocks(cell, hosts ? { hosts } : { mask, last: starts.length > 0 ? undefined : last, count: starts.length > 0 ? undefined : count }));
    }
    if (notes.length === 0) {
      for (const [column, cell] of starts)
        if (!isTitle(cell)) take(column, readBlocks(cell.replace(/\/\d{1,3}$/u, ''), { last, count, mask: last === '' ? mask : undefined }));
    }
    return { parts, faults };
  }

  #cell(row: SheetRow, field: AdoptField): string {
    const column = this.#columns(field)[0];
    const cell = column === undefined ? '' : (row.cells[column] ?? '').trim();
    return nothing.test(cell) ? '' : cell;
  }

  /**
   * One record of a row, or several: a column whose block holds those of another is repeated for what lies in it and says
   * nothing about the row; two columns of one family (LAN, WAN) are two things, named by their headings.
   */
  #addParts(row: SheetRow, parts: readonly Part[], at: (column: number) => CellPlace): void {
    const [first] = parts;
    if (!first) return;
    if (parts.length === 1) {
      this.#add(row, first.blocks, at(first.column));
      return;
    }
    const outer = parts.filter((part) =>
      parts.some((other) => other !== part && other.blocks.every((block) => part.blocks.some((around) => liesIn(block, around)))),
    );
    for (const { column, blocks } of outer) this.#add(row, blocks, at(column), { outer: this.#layout.headings[column] ?? columnName(column) });
    const rest = parts.filter((part) => !outer.includes(part));
    const families = rest.flatMap(({ blocks }) => [...new Set(blocks.map(({ family }) => family))]);
    if (families.length > new Set(families).size) {
      for (const { column, blocks } of rest) this.#add(row, blocks, at(column), { column: this.#layout.headings[column] ?? '' });
    } else if (rest[0]) {
      this.#add(
        row,
        rest.flatMap(({ blocks }) => blocks),
        at(rest[0].column),
      );
    }
  }

  #add(row: SheetRow, blocks: readonly Interval[], place: CellPlace, named: { outer?: string; column?: string } = {}): void {
    const facts = this.#facts(row);
    const { outer, column } = named;
    this.#records.push({
      ...(outer === undefined
        ? facts
        : { ...facts, owner: '', site: '', description: '', note: '', vlan: '', status: '', role: '', meaning: 'active', name: outer }),
      ...(column === undefined || column === '' ? {} : { name: `${facts.name} ${column}`.trim() }),
      order: this.#records.length,
      place,
      blocks,
      outer: outer !== undefined,
    });
  }

  #facts(row: SheetRow): Omit<AdoptRecord, 'order' | 'place' | 'blocks' | 'outer'> {
    const status = this.#text(row, 'status');
    const role = this.#text(row, 'role');
    const named = this.#text(row, 'domain');
    const domain = named === '' || /^(?:global|default|mac dinh)$/u.test(fold(named)) ? (this.#corrections.domain ?? '') : named;
    return {
      domain: lookUp(this.#mapping?.domains, named) ?? domain,
      owner: this.#text(row, 'owner'),
      site: this.#text(row, 'site'),
      name: this.#text(row, 'name'),
      description: this.#text(row, 'description'),
      note: this.#text(row, 'note'),
      vlan: this.#text(row, 'vlan'),
      status,
      meaning: lookUp(this.#mapping?.statuses, status) ?? meaningOf(status),
      role,
      group: this.#group,
    };
  }
}

/** Whether an interval lies in another and is smaller. */
function liesIn(inner: Interval, around: Interval): boolean {
  return inner.family === around.family && inner.first >= around.first && inner.last <= around.last && inner.last - inner.first < around.last - around.first;
}

function meaningOf(status: string): AdoptStatus {
  const folded = fold(status);
  return folded === '' ? 'active' : (statuses.find(([, pattern]) => pattern.test(folded))?.[0] ?? 'active');
}

/** The entry of a map whose key is the text, whatever its case and marks. */
export function lookUp<T>(map: Readonly<Record<string, T>> | undefined, text: string): T | undefined {
  if (!map || text === '') return undefined;
  const folded = fold(text.trim());
  return Object.entries(map).find(([key]) => fold(key.trim()) === folded)?.[1];
}
