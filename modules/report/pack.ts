import { compareCodeUnits, type Json } from '../core/index.ts';
import type { Drift, InventoryRecord } from '../inventory/types.ts';
import type { PackedInventory, PackedRows, PackedStrings } from './client/packed.ts';

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
  close(): { packed: PackedStrings; position: (arrival: number) => number } {
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

/** Rows as columns, strings as indexes in order of arrival. */
export function packRows<T extends Readonly<Record<string, Cell>>>(
  rows: readonly T[],
  columns: { readonly strings: readonly (keyof T & string)[]; readonly numbers?: readonly (keyof T & string)[] },
  table: StringTable,
): PackedRows {
  const text = (value: Cell): number => (typeof value === 'string' ? table.add(value) : -1);
  const number = (value: Cell): number | null => (typeof value === 'number' ? value : null);
  return {
    count: rows.length,
    strings: Object.fromEntries(columns.strings.map((name) => [name, rows.map((row) => text(row[name]))])),
    numbers: Object.fromEntries((columns.numbers ?? []).map((name) => [name, rows.map((row) => number(row[name]))])),
  };
}

/** The columns with every index moved to its place in the sorted table. */
export function placeRows(rows: PackedRows, position: (arrival: number) => number): PackedRows {
  return { ...rows, strings: Object.fromEntries(Object.entries(rows.strings).map(([name, column]) => [name, column.map(position)])) };
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

/** Records as columns, strings as indexes in order of arrival. */
export function packInventory(records: readonly InventoryRecord[], drift: Readonly<Record<string, Drift>>, table: StringTable): PackedInventory {
  const chains = new ListTable();
  const shapes = new ListTable();
  const drifts = [...new Set(Object.values(drift))].sort(compareCodeUnits);
  const values: number[] = [];
  const links: number[] = [];
  const places = records.map((record) => placeOf(record.declaredAt));
  const column = (pick: (record: InventoryRecord, index: number) => string | undefined): number[] =>
    records.map((record, index) => {
      const text = pick(record, index);
      return text === undefined ? -1 : table.add(text);
    });
  return {
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
    drift: records.map((record) => drifts.indexOf(drift[record.urn] ?? ('' as Drift))),
    shape: records.map((record) => {
      const names = Object.keys(record.attributes)
        .filter((name) => record.attributes[name] !== null)
        .sort(compareCodeUnits);
      for (const name of names) values.push(table.add(shown(record.attributes[name] ?? null)));
      return shapes.add(names.map((name) => table.add(name)));
    }),
    values,
    relations: records.map((record) => {
      for (const { type, to } of record.relations) links.push(table.add(type), table.add(to));
      return record.relations.length;
    }),
    links,
    chains: chains.lists,
    shapes: shapes.lists,
    drifts,
  };
}

/** The columns with every index moved to its place in the sorted table. */
export function placeInventory(packed: PackedInventory, position: (arrival: number) => number): PackedInventory {
  const moved = (column: readonly number[]): number[] => column.map(position);
  return {
    ...packed,
    id: moved(packed.id),
    kind: moved(packed.kind),
    layer: moved(packed.layer),
    member: moved(packed.member),
    owner: moved(packed.owner),
    vi: moved(packed.vi),
    en: moved(packed.en),
    observed: moved(packed.observed),
    file: moved(packed.file),
    values: moved(packed.values),
    links: moved(packed.links),
    chains: packed.chains.map(moved),
    shapes: packed.shapes.map(moved),
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
