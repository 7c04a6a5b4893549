import { parseUrn, type Json } from '../../core/index.ts';
import type { InventoryRecord, Layer, Relation } from '../types.ts';
import { words } from './text.ts';

/** What a record's row holds besides its columns. Keys in a fixed order, so that equal records have equal bodies. */
interface Body {
  readonly names: { readonly vi: string; readonly en: string };
  readonly owners: readonly string[];
  readonly declaredAt?: string | undefined;
  /** Only where it differs from the snapshot's date. */
  readonly observed?: string | undefined;
  readonly relations: readonly Relation[];
  readonly attributes: { readonly [key: string]: Json };
}

/** A row of `record` joined with its scope. */
export interface RecordRow {
  readonly id: number;
  readonly urn: string;
  readonly kind: string;
  readonly owner: string;
  readonly drift: string | null;
  readonly body: string;
  readonly member: string;
  readonly layer: string;
  readonly observed: string;
}

/** Columns of a {@link RecordRow} from `record` joined with `scope`. */
export const recordColumns = 'record.id AS id, urn, kind, owner, drift, body, scope.member AS member, scope.layer AS layer, scope.observed AS observed';
/** Reads {@link RecordRow}s; conditions follow. */
export const selectRecords = `SELECT ${recordColumns} FROM record JOIN scope ON scope.id = record.scope`;

/** The body of a record as stored. `snapshotDate` is not repeated in it: a new day alone changes no row. */
export function encodeBody(record: InventoryRecord, snapshotDate: string): string {
  const body: Body = {
    names: { vi: record.names.vi, en: record.names.en },
    owners: record.owners,
    declaredAt: record.declaredAt,
    observed: record.observed === snapshotDate ? undefined : record.observed,
    relations: record.relations,
    attributes: record.attributes,
  };
  return JSON.stringify(body);
}

export function decodeRecord(row: RecordRow): InventoryRecord {
  const body = JSON.parse(row.body) as Body;
  return {
    urn: row.urn,
    kind: row.kind,
    layer: row.layer as Layer,
    member: row.member,
    owner: row.owner,
    owners: body.owners,
    names: body.names,
    observed: body.observed ?? row.observed,
    ...(body.declaredAt === undefined ? {} : { declaredAt: body.declaredAt }),
    ...(row.drift === null ? {} : { drift: row.drift as NonNullable<InventoryRecord['drift']> }),
    relations: body.relations,
    attributes: body.attributes,
  };
}

/** Attributes worth searching by, where they are texts. */
const searched = ['name', 'acronym', 'code', 'label', 'prefix', 'key', 'type', 'address', 'stack', 'tenant', 'cloud', 'site', 'carrier', 'domain'];
/** Of these the ones that name the thing itself rather than where it belongs. */
const naming = new Set(['name', 'acronym', 'code', 'label', 'prefix']);

/**
 * The words of one record: `name` names the thing, `context` says what it is and whose. `ownerText` are the folded names
 * of its owner and of everything above it but the root, so that an organisation finds what it owns.
 */
export function indexedText(record: Pick<InventoryRecord, 'urn' | 'kind' | 'names' | 'attributes'>, ownerText: string): { name: string; context: string } {
  const { vi, en } = record.names;
  let name = vi === en ? vi : `${vi} ${en}`;
  let context = record.kind;
  for (const key of searched) {
    const value = record.attributes[key];
    if (typeof value !== 'string' || value === vi) continue;
    if (naming.has(key)) name += ` ${value}`;
    else context += ` ${value}`;
  }
  const id = record.urn.slice(record.urn.indexOf(':', record.urn.indexOf(':', 11) + 1) + 1);
  if (id !== vi) name += ` ${id.includes('%') ? (parseUrn(record.urn)?.id ?? id) : id}`;
  return { name: words(name), context: `${words(context)} ${ownerText}` };
}
