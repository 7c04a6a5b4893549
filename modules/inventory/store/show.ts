import { compareCodeUnits } from '../../core/index.ts';
import { drifts, kindRank, type Drift, type InventoryRecord } from '../types.ts';
import { decodeRecord, selectRecords, type RecordRow } from './codec.ts';
import type { Store } from './database.ts';
import { conditions, ownedBy, type Filter } from './search.ts';

/** One thing with everything known about it. */
export interface Shown {
  /** The declared record where there is one. */
  readonly record: InventoryRecord;
  /** The other layers' records of the same URN. */
  readonly layers: readonly InventoryRecord[];
  /** Owner and everything above it, nearest first; names where the inventory knows them. */
  readonly owners: readonly { readonly id: string; readonly urn?: string; readonly names?: InventoryRecord['names'] }[];
  /** What it points to, with names where known. */
  readonly relations: readonly { readonly type: string; readonly to: string; readonly kind?: string; readonly names?: InventoryRecord['names'] }[];
  /** What points to it, at most 50, by type then URN. */
  readonly referredBy: readonly { readonly type: string; readonly from: string; readonly kind: string; readonly names: InventoryRecord['names'] }[];
  /** Declared thing it follows from and where that stands: the end of the trace from a resource to a line of a file. */
  readonly declaredAt?: string | undefined;
  readonly drift?: Drift | undefined;
  /** For an organisation: counts of what it and everything below it owns, by kind. */
  readonly owns?: readonly { readonly kind: string; readonly count: number }[];
  /** Former versions, newest first. */
  readonly history: readonly {
    readonly layer: string;
    readonly since: string;
    readonly until: string;
    readonly drift?: string;
    readonly attributes: unknown;
  }[];
}

/**
 * Records a text may mean: a URN, an id (`moh`, `ndxp`), `kind/id`, or a resource's `STACK/ADDRESS` or address.
 * Several when it is not unique, in the order of kinds.
 */
export function findRecords(store: Store, text: string, filter: Filter = {}): InventoryRecord[] {
  const { where, values } = conditions(filter);
  const byUrn = rows(store, `${selectRecords} WHERE record.urn = ?${where} ORDER BY record.id`, [text, ...values]);
  if (byUrn.length > 0 || text.startsWith('urn:')) return byUrn;
  const slash = text.indexOf('/');
  const found: InventoryRecord[] = [];
  for (const { member } of store.statement('SELECT DISTINCT member FROM scope ORDER BY member').all() as unknown as { member: string }[]) {
    const kinds = store.statement('SELECT DISTINCT kind FROM rollup JOIN scope ON scope.id = rollup.scope WHERE scope.member = ?').all(member) as unknown as {
      kind: string;
    }[];
    for (const { kind } of kinds) {
      found.push(...rows(store, `${selectRecords} WHERE record.urn = ?${where}`, [`urn:vcloud:${member}:${kind}:${text}`, ...values]));
    }
    if (slash > 0) {
      const urn = `urn:vcloud:${member}:${text.slice(0, slash)}:${text.slice(slash + 1)}`;
      found.push(...rows(store, `${selectRecords} WHERE record.urn = ?${where}`, [urn, ...values]));
    }
  }
  return found.sort((a, b) => kindRank(a.kind) - kindRank(b.kind) || compareCodeUnits(a.urn, b.urn) || compareCodeUnits(a.layer, b.layer));
}

/** Everything known of one record. */
export function showRecord(store: Store, urn: string): Shown | undefined {
  const [record, ...others] = rows(store, `${selectRecords} WHERE record.urn = ? ORDER BY scope.layer`, [urn]);
  if (record === undefined) return undefined;
  return {
    record,
    layers: others,
    owners: record.owners.map((id) => {
      const owner = organisation(store, id);
      return owner ? { id, urn: owner.urn, names: owner.names } : { id };
    }),
    relations: record.relations.map(({ type, to }) => {
      const target = rows(store, `${selectRecords} WHERE record.urn = ? ORDER BY scope.layer LIMIT 1`, [to])[0];
      return target ? { type, to, kind: target.kind, names: target.names } : { type, to };
    }),
    referredBy: referrers(store, record),
    declaredAt: record.declaredAt,
    drift: record.drift ?? others.find(({ drift }) => drift !== undefined)?.drift,
    ...(record.kind === 'organisation' ? { owns: ownedBy(store, record, 0).kinds } : {}),
    history: formerVersions(store, urn),
  };
}

/** The declared organisation of an id, whichever member reports it. */
export function organisation(store: Store, id: string): InventoryRecord | undefined {
  return rows(store, `${selectRecords} WHERE record.owner = ? AND record.kind = 'organisation' LIMIT 1`, [id])[0];
}

/**
 * What points to a record: found by the words of its id, then checked. References are not stored twice, which would
 * double the cost of taking a snapshot in.
 */
function referrers(store: Store, record: InventoryRecord): Shown['referredBy'] {
  const found: { type: string; from: string; kind: string; names: InventoryRecord['names'] }[] = [];
  const statement = store.statement(
    `SELECT record.urn AS urn, record.kind AS kind, json_extract(relation.value, '$.type') AS type, json_extract(record.body, '$.names') AS names
     FROM record, json_each(record.body, '$.relations') AS relation
     WHERE instr(record.body, ?) > 0 AND json_extract(relation.value, '$.to') = ? LIMIT 50`,
  );
  for (const row of statement.all(JSON.stringify(record.urn), record.urn)) {
    found.push({
      type: row['type'] as string,
      from: row['urn'] as string,
      kind: row['kind'] as string,
      names: JSON.parse(row['names'] as string) as InventoryRecord['names'],
    });
  }
  return found.sort((a, b) => compareCodeUnits(a.type, b.type) || compareCodeUnits(a.from, b.from));
}

function formerVersions(store: Store, urn: string): Shown['history'] {
  return store
    .statement(
      `SELECT history.layer AS layer, history.drift AS drift, body, first.observed AS since, last.observed AS until FROM history
       JOIN submission AS first ON first.id = history.since JOIN submission AS last ON last.id = history.until
       WHERE urn = ? ORDER BY history.until DESC LIMIT 20`,
    )
    .all(urn)
    .map((row) => ({
      layer: row['layer'] as string,
      since: row['since'] as string,
      until: row['until'] as string,
      ...(row['drift'] === null ? {} : { drift: row['drift'] as string }),
      attributes: (JSON.parse(row['body'] as string) as { attributes: unknown }).attributes,
    }));
}

/** Records by filter: member, layer, kind and URN in order. */
export function* listRecords(store: Store, filter: Filter = {}, limit?: number): Generator<InventoryRecord> {
  const { where, values } = conditions(filter);
  const statement = store.database.prepare(`${selectRecords} WHERE 1 = 1${where} ORDER BY record.id LIMIT ?`);
  for (const row of statement.iterate(...values, limit ?? -1)) yield decodeRecord(row as unknown as RecordRow);
}

/** Number of records that fit a filter. */
export function countRecords(store: Store, filter: Filter = {}): number {
  const { where, values } = conditions(filter);
  const row = store.statement(`SELECT count(*) AS count FROM record JOIN scope ON scope.id = record.scope WHERE 1 = 1${where}`).get(...values);
  return (row as { count: number }).count;
}

/** How many resources stand in each state of drift, by owner's agency where `owner` is given. */
export function driftCounts(store: Store, filter: Pick<Filter, 'owner' | 'member'> = {}): Record<Drift, number> {
  const counts = Object.fromEntries(drifts.map((drift) => [drift, 0])) as Record<Drift, number>;
  const { where, values } = conditions({ member: filter.member });
  const owner = filter.owner === undefined ? '' : ' AND rollup.owner IN (SELECT id FROM chain WHERE ancestor = ?)';
  const all = store
    .statement(
      `SELECT rollup.drift AS drift, sum(count) AS count FROM rollup JOIN scope ON scope.id = rollup.scope WHERE rollup.drift <> ''${where}${owner} GROUP BY rollup.drift`,
    )
    .all(...values, ...(filter.owner === undefined ? [] : [filter.owner]));
  for (const row of all) counts[row['drift'] as Drift] = row['count'] as number;
  return counts;
}

/** Counts of the declared layer by kind, and of all records by layer and member. */
export function summarise(store: Store): { kinds: Record<string, number>; members: Record<string, number>; layers: Record<string, number>; total: number } {
  const rows = store
    .statement(
      'SELECT scope.member AS member, scope.layer AS layer, kind, sum(count) AS count FROM rollup JOIN scope ON scope.id = rollup.scope GROUP BY 1, 2, 3 ORDER BY 1, 2, 3',
    )
    .all();
  const result = { kinds: {} as Record<string, number>, members: {} as Record<string, number>, layers: {} as Record<string, number>, total: 0 };
  for (const row of rows) {
    const count = row['count'] as number;
    const [member, layer, kind] = [row['member'] as string, row['layer'] as string, row['kind'] as string];
    if (layer === 'declared') result.kinds[kind] = (result.kinds[kind] ?? 0) + count;
    result.members[member] = (result.members[member] ?? 0) + count;
    result.layers[layer] = (result.layers[layer] ?? 0) + count;
    result.total += count;
  }
  return result;
}

function rows(store: Store, sql: string, values: readonly (string | number)[]): InventoryRecord[] {
  return store
    .statement(sql)
    .all(...values)
    .map((row) => decodeRecord(row as unknown as RecordRow));
}
