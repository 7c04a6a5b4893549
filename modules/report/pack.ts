import { compareCodeUnits, type Json } from '../core/index.ts';
import type { InventoryRecord } from '../inventory/types.ts';
import { encodeColumn } from './client/columns.ts';
import { encodeInventory, textColumns, type Inventory, type PackedInventory, type PackedRows, type PackedStrings, type TextColumn } from './client/packed.ts';

/** Longest attribute value kept; `vcloud inventory show URN` has the whole. */
const longestValue = 200;

/** Collects strings; positions are known once all are in, because the table is sorted. */
export class StringTable {
  readonly #seen = new Map<string, number>();

  /** Registers a text and returns its number in order of arrival. */
  add(text: string): number {
    const known = this.#seen.get(text);
    if (known !== undefined) return known;
    this.#seen.set(text, this.#seen.size);
    return this.#seen.size - 1;
  }

  /** The sorted table, front-coded, and where each registered text went. */
  close(): { packed: PackedStrings; position: Position } {
    const sorted = [...this.#seen].sort(([a], [b]) => compareCodeUnits(a, b));
    const positions = new Int32Array(sorted.length);
    let last = '';
    const packed = sorted.map(([text, arrival], index) => {
      positions[arrival] = index;
      const shared = sharedLength(last, text);
      last = text;
      return shared.toString(36) + text.slice(shared);
    });
    return { packed, position: (arrival) => (arrival < 0 ? -1 : (positions[arrival] ?? -1)) };
  }
}

/** How many code units two texts share at the beginning, at most 35 (one base-36 digit). */
function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length, 35);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Half a surrogate pair would not survive being written as UTF-8.
  const before = a.charCodeAt(at - 1);
  return at > 0 && before >= 0xd800 && before < 0xdc00 ? at - 1 : at;
}

/** What a column of a row may hold. */
type Cell = string | number | undefined;

/** Where a registered text stands in the closed table. */
export type Position = (arrival: number) => number;

/** Registers the texts of rows. The rows as columns follow once the table is closed. */
export function packRows<T extends Readonly<Record<string, Cell>>>(
  rows: readonly T[],
  columns: { readonly strings: readonly (keyof T & string)[]; readonly numbers?: readonly (keyof T & string)[] },
  table: StringTable,
): (position: Position) => PackedRows {
  const text = (value: Cell): number => (typeof value === 'string' ? table.add(value) : -1);
  const number = (value: Cell): number | null => (typeof value === 'number' ? value : null);
  const strings = columns.strings.map((name) => [name, rows.map((row) => text(row[name]))] as const);
  const numbers = (columns.numbers ?? []).map((name) => [name, rows.map((row) => number(row[name]))] as const);
  return (position) => ({
    count: rows.length,
    strings: Object.fromEntries(strings.map(([name, column]) => [name, encodeColumn(column.map(position))])),
    numbers: Object.fromEntries(numbers),
  });
}

/** Numbers lists of numbers in order of arrival. */
class ListTable {
  readonly lists: number[][] = [];
  readonly #seen = new Map<string, number>();

  add(list: number[]): number {
    const key = list.join(' ');
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    this.#seen.set(key, this.lists.length);
    this.lists.push(list);
    return this.lists.length - 1;
  }
}

/** Registers the texts of records. The records as columns follow once the table is closed. */
export function packInventory(records: readonly InventoryRecord[], table: StringTable): (position: Position) => PackedInventory {
  const chains = new ListTable();
  const shapes = new ListTable();
  const bonds = new ListTable();
  const drifts = [...new Set(records.flatMap(({ drift }) => (drift === undefined ? [] : [drift])))].sort(compareCodeUnits);
  const places = records.map((record) => placeOf(record.declaredAt));
  // Of several layers of one thing the first row stands for it.
  const rows = new Map<string, number>();
  for (const [row, { urn }] of records.entries()) if (!rows.has(urn)) rows.set(urn, row);
  const values: number[] = [];
  const targets: number[] = [];
  const column = (pick: (record: InventoryRecord, index: number) => string | undefined): number[] =>
    records.map((record, index) => {
      const text = pick(record, index);
      return text === undefined ? -1 : table.add(text);
    });
  const arrived: Inventory = {
    count: records.length,
    id: column(({ urn, member, kind }) => (urn.startsWith(`urn:vcloud:${member}:${kind}:`) ? urn.slice(`urn:vcloud:${member}:${kind}:`.length) : urn)),
    kind: column((record) => record.kind),
    layer: column((record) => record.layer),
    member: column((record) => record.member),
    owner: column((record) => record.owner),
    chain: records.map((record) => chains.add(record.owners.map((owner) => table.add(owner)))),
    vi: column((record) => record.names.vi),
    en: column((record) => (record.names.en === record.names.vi ? undefined : record.names.en)),
    observed: column((record) => record.observed),
    file: column((_, index) => places[index]?.file),
    line: places.map((place) => place?.line ?? 0),
    column: places.map((place) => place?.column ?? 0),
    drift: records.map(({ drift }) => (drift === undefined ? -1 : drifts.indexOf(drift))),
    shape: records.map(({ attributes }) => {
      const names = Object.keys(attributes)
        .filter((name) => attributes[name] !== null)
        .sort(compareCodeUnits);
      for (const name of names) values.push(table.add(shown(attributes[name] ?? null)));
      return shapes.add(names.map((name) => table.add(name)));
    }),
    bond: records.map(({ relations }) => {
      for (const { to } of relations) targets.push(rows.get(to) ?? -2 - table.add(to));
      return bonds.add(relations.map(({ type }) => table.add(type)));
    }),
    values,
    targets,
    chains: chains.lists,
    shapes: shapes.lists,
    bonds: bonds.lists,
    drifts,
  };
  return (position) => encodeInventory(placed(arrived, position));
}

/** Every index of a text moved to its place in the closed table. */
function placed(arrived: Inventory, position: Position): Inventory {
  const moved = (column: readonly number[]): number[] => column.map(position);
  const texts = Object.fromEntries(textColumns.map((name) => [name, moved(arrived[name])])) as Record<TextColumn, number[]>;
  return {
    ...arrived,
    ...texts,
    values: moved(arrived.values),
    targets: arrived.targets.map((target) => (target < 0 ? -2 - position(-2 - target) : target)),
    chains: arrived.chains.map(moved),
    shapes: arrived.shapes.map(moved),
    bonds: arrived.bonds.map(moved),
  };
}

function placeOf(text: string | undefined): { file: string; line: number; column: number } | undefined {
  const match = /^(.*?)(?::(\d+))?(?::(\d+))?$/u.exec(text ?? '');
  return match?.[1] ? { file: match[1], line: Number(match[2] ?? 0), column: Number(match[3] ?? 0) } : undefined;
}

/** A value as people read it: texts and numbers as they are, flat lists with commas, the rest as JSON. */
function shown(value: Json): string {
  const text =
    value !== null && typeof value === 'object'
      ? Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object')
        ? value.join(', ')
        : JSON.stringify(value)
      : String(value);
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
