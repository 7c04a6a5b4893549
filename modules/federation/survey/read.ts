import { cellName, finding, foldHeading, shown, type CellPlace, type Problem, type Sheet, type SheetRow } from '../../core/index.ts';
import { guessSurveyField, kindOf, unitOfHeading, type SurveyField } from './headings.ts';
import {
  angleOf,
  coordinatesOf,
  dateOf,
  decimalOf,
  measureOf,
  piecesOf,
  powerUnits,
  saysNothing,
  surfaceUnits,
  tierOf,
  type Decimal,
  type Read,
} from './values.ts';

/** What one row says of a site. A field that is absent is unknown. */
export interface SurveyedSite {
  readonly kind?: 'data-centre' | 'server-room' | undefined;
  readonly name: string;
  readonly nameEnglish?: string | undefined;
  /** Texts that may name its owner, the nearest first, with the cell each stands in. */
  readonly owners: readonly { readonly text: string; readonly place: CellPlace }[];
  readonly location?: { readonly lat: number; readonly lon: number } | undefined;
  readonly tier?: { readonly level: number; readonly standard: string } | undefined;
  readonly kilowatts?: number | undefined;
  readonly feeds?: number | undefined;
  readonly generators?: number | undefined;
  readonly racks?: number | undefined;
  readonly areaSquareMetres?: number | undefined;
  readonly commissioned?: string | undefined;
  readonly place: CellPlace;
}

/** What became of one sheet. */
export interface SurveySheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly rows: number;
  /** Field -> heading; empty where the sheet lists no sites. */
  readonly columns: Readonly<Record<string, string>>;
}

/** A row that is no site, or says too little to be one. */
export interface SurveyRow {
  readonly cell: string;
  readonly outcome: 'refused' | 'skipped';
  readonly reason: string;
}

export interface ReadSurvey {
  readonly sites: readonly SurveyedSite[];
  readonly rows: readonly SurveyRow[];
  readonly sheets: readonly SurveySheet[];
  readonly problems: readonly Problem[];
}

/** What is read so far. */
interface Collected {
  readonly sites: SurveyedSite[];
  readonly rows: SurveyRow[];
  readonly sheets: SurveySheet[];
  readonly problems: Problem[];
}

interface Layout {
  readonly columns: ReadonlyMap<SurveyField, number>;
  readonly headings: readonly string[];
  readonly from: number;
}

const searched = 60;
const totalRow = /^(?:tong|tong cong|tong so|cong|total|sum|grand total)\b/u;
const noteRow = /^(?:ghi chu|luu y|chu thich|note|notes|nguon|source|nguoi lap|remark)\b/u;

/** Reads the rows of all sheets. Pure. */
export function readSurvey(file: string, sheets: readonly Sheet[]): ReadSurvey {
  const result: Collected = { sites: [], rows: [], sheets: [], problems: [] };
  for (const sheet of sheets) {
    const layout = findLayout(sheet);
    const filled = sheet.rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')).length;
    const columns = Object.fromEntries([...(layout?.columns ?? [])].map(([field, column]) => [field, layout?.headings[column] ?? '']));
    result.sheets.push({ name: sheet.name, hidden: sheet.hidden, rows: filled, columns });
    if (layout) new RowReader(file, sheet, layout, result).run();
  }
  return result;
}

/** The row (or two) that names most fields. */
function findLayout(sheet: Sheet): Layout | undefined {
  let best: Layout | undefined;
  for (let index = 0; index < Math.min(sheet.rows.length, searched); index++) {
    const layout = layoutAt(sheet.rows, index);
    if (layout.columns.has('name') && layout.columns.size >= 3 && layout.columns.size > (best?.columns.size ?? 0)) best = layout;
  }
  return best;
}

function layoutAt(rows: readonly SheetRow[], index: number): Layout {
  const row = rows[index];
  const below = rows[index + 1];
  const two = row?.left !== undefined && below !== undefined && (below.above !== undefined || below.cells.some((cell) => guessSurveyField(cell) !== undefined));
  const width = Math.max(row?.cells.length ?? 0, two ? below.cells.length : 0);
  const columns = new Map<SurveyField, number>();
  const headings = Array.from({ length: width }, (_, column) => {
    const upper = clean(row?.cells[column]);
    const lower = two ? clean(below.cells[column]) : '';
    return lower === '' || lower === upper ? upper : lower;
  });
  headings.forEach((heading, column) => {
    // A wide merged cell is a title over the table, not the name of every column below it.
    if (!two && row?.left?.has(column) === true) return;
    const field = guessSurveyField(heading);
    if (field !== undefined && !columns.has(field)) columns.set(field, column);
  });
  return { columns, headings, from: index + (two ? 2 : 1) };
}

function clean(text: string | undefined): string {
  return (text ?? '').replace(/\s+/gu, ' ').trim();
}

class RowReader {
  readonly #file: string;
  readonly #sheet: Sheet;
  readonly #layout: Layout;
  readonly #result: Collected;
  readonly #decimal: Decimal;
  /** Title the rows stand under. */
  #group: { readonly text: string; readonly place: CellPlace } | undefined;

  constructor(file: string, sheet: Sheet, layout: Layout, result: Collected) {
    this.#file = file;
    this.#sheet = sheet;
    this.#layout = layout;
    this.#result = result;
    const measured = (['power', 'surface', 'racks'] as const).flatMap((field) => layout.columns.get(field) ?? []);
    this.#decimal = decimalOf(
      sheet.rows.slice(layout.from).flatMap(({ cells, numbers }) => measured.flatMap((column) => (numbers?.has(column) === true ? [] : [cells[column] ?? '']))),
    );
  }

  run(): void {
    for (const row of this.#sheet.rows.slice(this.#layout.from)) this.#row(row);
  }

  #row(row: SheetRow): void {
    const own = row.cells.map((cell, column) => (row.left?.has(column) === true || row.above?.has(column) === true ? '' : clean(cell)));
    const filled = own.filter((cell) => cell !== '');
    if (filled.length === 0) return;
    const place = this.#place(
      row,
      Math.max(
        0,
        own.findIndex((cell) => cell !== ''),
      ),
    );
    const skip = (reason: string): void => void this.#result.rows.push({ cell: cellName(place), outcome: 'skipped', reason });
    const first = foldHeading(filled[0] ?? '');
    if (own.every((cell, column) => cell === '' || cell === this.#layout.headings[column]) && filled.length > 1) {
      skip('a heading again');
      return;
    }
    if (own.slice(0, 4).some((cell) => totalRow.test(foldHeading(cell)))) {
      skip('a total');
      return;
    }
    if (noteRow.test(first)) {
      skip('a note');
      return;
    }
    if (filled.length === 1 && !/^\d+$/u.test(first)) {
      this.#group = { text: filled[0] ?? '', place };
      skip('a title');
      return;
    }
    this.#site(row, place);
  }

  #site(row: SheetRow, place: CellPlace): void {
    const at = this.#layout.columns.get('name') ?? 0;
    const name = row.above?.has(at) === true ? '' : clean(row.cells[at]);
    if (name === '' || saysNothing(name)) {
      this.#result.rows.push({ cell: cellName(place), outcome: 'refused', reason: 'it has no name' });
      this.#problem('SURVEY-NO-NAME', place, 'the row has no name', 'a site is known by its name: fill it in');
      return;
    }
    const kindText = this.#text(row, 'kind');
    const text = (field: SurveyField): string => this.#text(row, field);
    const owners = (['owner', 'area-of'] as const).flatMap((field) =>
      saysNothing(text(field)) ? [] : [{ text: text(field), place: this.#place(row, this.#layout.columns.get(field) ?? 0) }],
    );
    const english = text('nameEnglish');
    this.#result.sites.push({
      name,
      nameEnglish: saysNothing(english) ? undefined : english,
      kind: kindOf(kindText) ?? (kindText === '' ? (kindOf(name) ?? kindOf(this.#group?.text ?? '') ?? kindOf(this.#sheet.name)) : kindOf(name)),
      owners: this.#group ? [...owners, this.#group] : owners,
      location: this.#location(row),
      tier: this.#tier(row),
      kilowatts: this.#measure(row, 'power', (cell, unit, isNumber) => measureOf(cell, powerUnits, unit, this.#decimal, isNumber)),
      feeds: this.#measure(row, 'feeds', (cell, _unit, isNumber) => piecesOf(cell, this.#decimal, isNumber)),
      generators: this.#measure(row, 'generators', (cell, _unit, isNumber) => piecesOf(cell, this.#decimal, isNumber)),
      racks: this.#measure(row, 'racks', (cell, _unit, isNumber) => piecesOf(cell, this.#decimal, isNumber)),
      areaSquareMetres: this.#surface(row),
      commissioned: this.#measure(row, 'commissioned', (cell, _unit, isNumber) => dateOf(cell, isNumber)),
      place: this.#place(row, at),
    });
  }

  #surface(row: SheetRow): number | undefined {
    return this.#measure(row, 'surface', (cell, unit, isNumber) => {
      const read = measureOf(cell, surfaceUnits, unit, this.#decimal, isNumber);
      return read.value === 0 ? { reason: 'is no area' } : read;
    });
  }

  #location(row: SheetRow): SurveyedSite['location'] {
    const lat = this.#measure(row, 'latitude', (cell) => angleOf(cell, 90));
    const lon = this.#measure(row, 'longitude', (cell) => angleOf(cell, 180));
    if (lat !== undefined && lon !== undefined) return { lat, lon };
    return this.#measure(row, 'coordinates', (cell) => coordinatesOf(cell));
  }

  #tier(row: SheetRow): SurveyedSite['tier'] {
    const level = this.#measure(row, 'tier', (cell) => tierOf(cell));
    if (level === undefined) return undefined;
    const stated = [this.#text(row, 'standard'), this.#text(row, 'tier')].find((text) => /tia|uptime|tcvn|en ?50600|iso/u.test(foldHeading(text)));
    if (stated !== undefined) return { level, standard: stated };
    const column = this.#layout.columns.get('tier') ?? 0;
    this.#problem('SURVEY-VALUE', this.#place(row, column), `tier ${level} of no standard stays unknown`, 'say by which standard: TIA-942, Uptime, TCVN 9250');
    return undefined;
  }

  #measure<T>(row: SheetRow, field: SurveyField, read: (cell: string, unit: string, isNumber: boolean) => Read<T>): T | undefined {
    const column = this.#layout.columns.get(field);
    if (column === undefined) return undefined;
    const cell = clean(row.cells[column]);
    if (cell === '') return undefined;
    // What stands over several rows may be the sum of them.
    const found: Read<T> =
      row.above?.has(column) === true
        ? { reason: 'stands over several rows' }
        : read(cell, unitOfHeading(this.#layout.headings[column] ?? ''), row.numbers?.has(column) === true);
    if (found.value === undefined && 'reason' in found)
      this.#problem(
        'SURVEY-VALUE',
        this.#place(row, column),
        `${shown(cell)} ${found.reason ?? ''}; the field stays unknown`,
        'correct the cell and survey the file again, or add the field by hand',
      );
    return found.value;
  }

  #text(row: SheetRow, field: SurveyField): string {
    const column = this.#layout.columns.get(field);
    return column === undefined ? '' : clean(row.cells[column]);
  }

  #place(row: SheetRow, column: number): CellPlace {
    return { sheet: this.#sheet.name, row: row.number, line: row.line, column };
  }

  #problem(code: string, place: CellPlace, message: string, hint: string): void {
    this.#result.problems.push(finding(this.#file, code, place, message, hint));
  }
}
