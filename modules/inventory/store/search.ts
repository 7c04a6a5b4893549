import { kindRank, type InventoryRecord } from '../types.ts';
import { decodeRecord, selectRecords, type RecordRow } from './codec.ts';
import type { Store } from './database.ts';
import { matchExpression, queryTerms, words } from './text.ts';

export interface Filter {
  readonly kind?: string | undefined;
  readonly member?: string | undefined;
  readonly layer?: string | undefined;
  /** Organisation id: its own records and those of everything below it. */
  readonly owner?: string | undefined;
  readonly drift?: string | undefined;
}

export interface SearchOptions extends Filter {
  /** Records shown at most, and records shown of one organisation at most. Default 20. */
  readonly limit?: number | undefined;
}

/** An organisation whose name fits, with what it and everything below it owns. */
export interface OrganisationGroup {
  readonly organisation: InventoryRecord;
  /** Number of owned records by kind, declared layer; kinds in the order they are shown. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly total: number;
  /** The first of them: its own before those of what is below it, kinds in order. */
  readonly records: readonly InventoryRecord[];
}

export interface SearchResult {
  readonly query: string;
  /** Best first: organisations and exact names before everything else. */
  readonly records: readonly InventoryRecord[];
  /** True when more records fit than are shown. */
  readonly more: boolean;
  readonly groups: readonly OrganisationGroup[];
}

/** How many hits on names are ranked; beyond that the order of kinds alone decides. */
const rankedHits = 400;
/** How many organisations are opened to show what they own. */
const openedGroups = 3;

/**
 * Finds records by words of their names, ids, attributes and owners, with or without diacritics.
 * All words must occur; the last may be the beginning of a word. `"..."` keeps words together.
 */
export function searchInventory(store: Store, query: string, options: SearchOptions = {}): SearchResult {
  const limit = options.limit ?? 20;
  const terms = queryTerms(query);
  if (terms.length === 0) return { query, records: [], more: false, groups: [] };
  const wanted = terms.map((term) => term.words).join(' ');
  let named: InventoryRecord[] = [];
  let related: InventoryRecord[] = [];
  // A word as typed comes before the beginning of a longer one, and looking for it is cheaper.
  for (const prefix of [false, true]) {
    const expression = matchExpression(terms, prefix);
    named = match(store, `name : (${expression})`, rankedHits, options);
    related = named.length > limit ? [] : match(store, expression, limit + named.length + 1, options);
    if (named.length + related.length > 0) break;
  }
  const ranked = rank(named, wanted);
  const seen = new Set<string>();
  const unique = [...ranked, ...related].filter((record) => !seen.has(record.urn) && seen.add(record.urn));
  const groups = ranked
    .filter((record) => record.kind === 'organisation' && record.layer === 'declared')
    .slice(0, openedGroups)
    .map((organisation) => ownedBy(store, organisation, limit, options));
  return { query, records: unique.slice(0, limit), more: unique.length > limit, groups };
}

function match(store: Store, expression: string, limit: number, filter: Filter): InventoryRecord[] {
  const { where, values } = conditions(filter);
  return store
    .statement(`${selectRecords} JOIN text ON text.rowid = record.id WHERE text MATCH ?${where} ORDER BY text.rowid LIMIT ?`)
    .all(expression, ...values, limit)
    .map((row) => decodeRecord(row as unknown as RecordRow));
}

/** SQL of a filter, beginning with ` AND `, and its values. */
export function conditions(filter: Filter): { where: string; values: string[] } {
  let where = '';
  const values: string[] = [];
  const equal: readonly (readonly [string, string | undefined])[] = [
    ['record.kind', filter.kind],
    ['scope.member', filter.member],
    ['scope.layer', filter.layer],
    ['record.drift', filter.drift],
  ];
  for (const [column, value] of equal) {
    if (value === undefined) continue;
    where += ` AND ${column} = ?`;
    values.push(value);
  }
  if (filter.owner !== undefined) {
    where += ' AND record.owner IN (SELECT id FROM chain WHERE ancestor = ?)';
    values.push(filter.owner);
  }
  return { where, values };
}

/** Exact names first, then names that begin so, then names with the words together; within each the order of kinds, then shorter names. */
function rank(records: readonly InventoryRecord[], wanted: string): InventoryRecord[] {
  const scored = records.map((record) => ({ record, ...closeness(record, wanted) }));
  scored.sort(
    (a, b) =>
      a.class - b.class ||
      kindRank(a.record.kind) - kindRank(b.record.kind) ||
      a.length - b.length ||
      (a.record.urn < b.record.urn ? -1 : a.record.urn > b.record.urn ? 1 : a.record.layer < b.record.layer ? -1 : 1),
  );
  return scored.map(({ record }) => record);
}

function closeness(record: InventoryRecord, wanted: string): { class: number; length: number } {
  let best = 3;
  let length = Number.MAX_SAFE_INTEGER;
  const { acronym, label, name } = record.attributes;
  for (const candidate of [record.names.vi, record.names.en, record.urn.slice(record.urn.lastIndexOf(':') + 1), acronym, label, name]) {
    if (typeof candidate !== 'string') continue;
    const text = words(candidate);
    const found = text === wanted ? 0 : endsAtWord(text, wanted) ? 1 : ` ${text} `.includes(` ${wanted} `) ? 2 : 3;
    if (found < best || (found === best && text.length < length)) {
      best = found;
      length = text.length;
    }
  }
  return { class: best, length };
}

/** Whether a name is the wanted words after or before a generic part (`thanh pho da nang`, `da nang city`). */
function endsAtWord(text: string, wanted: string): boolean {
  return text.startsWith(`${wanted} `) || text.endsWith(` ${wanted}`);
}

/** An organisation with what it and everything below it owns. */
export function ownedBy(store: Store, organisation: InventoryRecord, limit: number, filter: Filter = {}): OrganisationGroup {
  const id = organisation.owner;
  const kinds = store
    .statement(
      `SELECT kind, sum(count) AS count FROM rollup JOIN scope ON scope.id = rollup.scope
       WHERE scope.layer = 'declared' AND owner IN (SELECT id FROM chain WHERE ancestor = ?) GROUP BY kind`,
    )
    .all(id)
    .map((row) => ({ kind: row['kind'] as string, count: row['count'] as number }))
    .sort((a, b) => kindRank(a.kind) - kindRank(b.kind) || (a.kind < b.kind ? -1 : 1));
  const { where, values } = conditions({ ...filter, layer: filter.layer ?? 'declared', owner: undefined });
  const select = `${selectRecords} WHERE record.owner`;
  const own = store.statement(`${select} = ?${where} AND record.urn <> ? ORDER BY record.id LIMIT ?`).all(id, ...values, organisation.urn, limit);
  const rest = limit - own.length;
  const below =
    rest > 0
      ? store.statement(`${select} IN (SELECT id FROM chain WHERE ancestor = ? AND id <> ?)${where} ORDER BY record.id LIMIT ?`).all(id, id, ...values, rest)
      : [];
  return {
    organisation,
    kinds,
    total: kinds.reduce((sum, { count }) => sum + count, 0),
    records: [...own, ...below].map((row) => decodeRecord(row as unknown as RecordRow)),
  };
}
