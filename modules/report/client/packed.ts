import type { Drift } from '../../inventory/types.ts';
import type { ReportData } from '../types.ts';
import { columnOrder, decodeColumn, encodeColumn } from './columns.ts';

/** Strings sorted by code units, each as one base-36 digit (how much it shares with the one before) and the rest. */
export type PackedStrings = readonly string[];

/** Rows as columns. `strings` are encoded columns of indexes of the string table, -1 for absent; `numbers` hold numbers or null. */
export interface PackedRows {
  readonly count: number;
  readonly strings: Readonly<Record<string, string>>;
  readonly numbers: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Columns that hold indexes of the string table. */
export const textColumns = ['id', 'kind', 'layer', 'member', 'owner', 'vi', 'en', 'observed', 'file'] as const;
const numberColumns = ['chain', 'line', 'column', 'drift', 'shape', 'bond'] as const;

/** A column of an inventory that holds indexes of the string table. */
export type TextColumn = (typeof textColumns)[number];
type NumberColumn = (typeof numberColumns)[number];

/**
 * Inventory records as columns. Text columns are indexes of the string table, -1 where absent (`en`: where it is the
 * same as `vi`). `id` is what follows `urn:vcloud:MEMBER:KIND:` in the URN, the whole URN where it does not begin so.
 * `chain`, `drift`, `shape` and `bond` are indexes of the lists of those names.
 */
export interface Inventory extends Readonly<Record<TextColumn | NumberColumn, readonly number[]>> {
  readonly count: number;
  /** Values of each record's attributes, record after record: as many as its shape has names. */
  readonly values: readonly number[];
  /** Targets of each record's relations, record after record: a row, or -2 minus the index of a URN no record has. */
  readonly targets: readonly number[];
  /** Chains of owners. */
  readonly chains: readonly (readonly number[])[];
  /** Names of attributes. */
  readonly shapes: readonly (readonly number[])[];
  /** Types of relations. */
  readonly bonds: readonly (readonly number[])[];
  readonly drifts: readonly Drift[];
}

/** An inventory on its way: every column encoded, values and targets column by column. */
export interface PackedInventory extends Pick<Inventory, 'count' | 'chains' | 'shapes' | 'bonds' | 'drifts'> {
  readonly columns: Readonly<Record<TextColumn | NumberColumn | 'values' | 'targets', string>>;
}

/** Lists inside a row are one text with this between the items. */
export const listSeparator = '\n';

/** What the page's data element holds: long tables packed, the rest as it is. */
export interface Payload extends Pick<
  ReportData,
  'asOf' | 'language' | 'federation' | 'madeBy' | 'members' | 'totals' | 'pools' | 'question' | 'overlays' | 'plan' | 'offers' | 'timings'
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

/** An inventory with every column encoded. */
export function encodeInventory(inventory: Inventory): PackedInventory {
  const { count, chains, shapes, bonds, drifts, values, targets } = inventory;
  const columns = {} as Record<keyof PackedInventory['columns'], string>;
  for (const name of [...textColumns, ...numberColumns]) columns[name] = encodeColumn(inventory[name]);
  columns.values = encodeColumn(columnOrder(inventory.shape, widthsOf(shapes)).map((at) => values[at] ?? -1));
  columns.targets = encodeColumn(columnOrder(inventory.bond, widthsOf(bonds)).map((at) => targets[at] ?? -1));
  return { count, chains, shapes, bonds, drifts, columns };
}

/** The inventory {@link encodeInventory} was given. */
export function decodeInventory({ columns, ...rest }: PackedInventory): Inventory {
  const decoded = {} as Record<TextColumn | NumberColumn, readonly number[]>;
  for (const name of [...textColumns, ...numberColumns]) decoded[name] = decodeColumn(columns[name]);
  const inRows = (text: string, shape: readonly number[], shapes: readonly (readonly number[])[]): number[] => {
    const column = decodeColumn(text);
    const rows = new Array<number>(column.length);
    columnOrder(shape, widthsOf(shapes)).forEach((at, index) => (rows[at] = column[index] ?? -1));
    return rows;
  };
  return { ...rest, ...decoded, values: inRows(columns.values, decoded.shape, rest.shapes), targets: inRows(columns.targets, decoded.bond, rest.bonds) };
}

function widthsOf(lists: readonly (readonly number[])[]): number[] {
  return lists.map((list) => list.length);
}

/** A row by column names; absent values are undefined. */
export type Row = Readonly<Record<string, string | number | undefined>>;

/** Rows as objects again. */
export function unpackRows(packed: PackedRows, strings: readonly string[]): Row[] {
  const texts = Object.entries(packed.strings).map(([name, column]) => [name, decodeColumn(column)] as const);
  const numbers = Object.entries(packed.numbers);
  return Array.from({ length: packed.count }, (_, index) => {
    const row: Record<string, string | number | undefined> = {};
    for (const [name, column] of texts) row[name] = strings[column[index] ?? -1];
    for (const [name, column] of numbers) row[name] = column[index] ?? undefined;
    return row;
  });
}
