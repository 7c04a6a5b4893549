import type { Drift } from '../../inventory/types.ts';
import type { ReportData } from '../types.ts';

/** Strings sorted by code units, each as one base-36 digit (how much it shares with the one before) and the rest. */
export type PackedStrings = readonly string[];

/** Rows as columns. `strings` columns hold indexes of the string table, -1 for absent; `numbers` hold numbers or null. */
export interface PackedRows {
  readonly count: number;
  readonly strings: Readonly<Record<string, readonly number[]>>;
  readonly numbers: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Inventory records as columns; all numbers but `line` and `column` are indexes of the string table. */
export interface PackedInventory {
  readonly count: number;
  /** What follows `urn:vcloud:MEMBER:KIND:` in the URN; the whole URN where it does not begin so. */
  readonly id: readonly number[];
  readonly kind: readonly number[];
  readonly layer: readonly number[];
  readonly member: readonly number[];
  readonly owner: readonly number[];
  /** Index into `chains`. */
  readonly chain: readonly number[];
  readonly vi: readonly number[];
  /** -1 where it is the same as `vi`. */
  readonly en: readonly number[];
  readonly observed: readonly number[];
  /** File, line and column; -1 where it is declared nowhere. */
  readonly file: readonly number[];
  readonly line: readonly number[];
  readonly column: readonly number[];
  /** Index into `drifts`, -1 where nothing was compared. */
  readonly drift: readonly number[];
  /** Index into `shapes`: the names of the record's attributes; `values` holds as many indexes for it. */
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** How many pairs of `links` belong to each record: type, URN. */
  readonly relations: readonly number[];
  readonly links: readonly number[];
  readonly chains: readonly (readonly number[])[];
  readonly shapes: readonly (readonly number[])[];
  readonly drifts: readonly Drift[];
}

/** Lists inside a row are one text with this between the items. */
export const listSeparator = '\n';

/** What the page's data element holds: long tables packed, the rest as it is. */
export interface Payload extends Pick<
  ReportData,
  'asOf' | 'language' | 'federation' | 'madeBy' | 'members' | 'totals' | 'pools' | 'question' | 'overlays' | 'plan' | 'timings'
> {
  readonly strings: PackedStrings;
  readonly organisations: PackedRows;
  readonly sites: PackedRows;
  readonly clouds: PackedRows;
  readonly connections: PackedRows;
  readonly prefixes: PackedRows;
  readonly systems: PackedRows;
  readonly stacks: PackedRows;
  readonly findings: PackedRows;
  readonly audit?: Pick<NonNullable<ReportData['audit']>, 'asOf' | 'rules' | 'instruments' | 'omitted'> | undefined;
  readonly inventory: PackedInventory;
}

/** The string table as it was. */
export function unpackStrings(packed: PackedStrings): string[] {
  const strings: string[] = [];
  let last = '';
  for (const text of packed) {
    last = last.slice(0, Number.parseInt(text.charAt(0), 36)) + text.slice(1);
    strings.push(last);
  }
  return strings;
}

/** A row by column names; absent values are undefined. */
export type Row = Readonly<Record<string, string | number | undefined>>;

/** Rows as objects again. */
export function unpackRows(packed: PackedRows, strings: readonly string[]): Row[] {
  const texts = Object.entries(packed.strings);
  const numbers = Object.entries(packed.numbers);
  return Array.from({ length: packed.count }, (_, index) => {
    const row: Record<string, string | number | undefined> = {};
    for (const [name, column] of texts) row[name] = strings[column[index] ?? -1];
    for (const [name, column] of numbers) row[name] = column[index] ?? undefined;
    return row;
  });
}
