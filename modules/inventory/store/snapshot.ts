import { createHash } from 'node:crypto';
import { fail } from '../../core/index.ts';
import { kindRank, type InventoryRecord, type Layer } from '../types.ts';
import { decodeRecord, encodeBody, indexedText, recordColumns, type RecordRow } from './codec.ts';
import type { Store } from './database.ts';
import { OwnerTexts } from './owners.ts';

/** Row ids of one kind lie in a range of their own, in the order kinds are shown. */
const kindRange = 2 ** 40;

/** Everything one member reports of one layer. What is not in it and was before is gone, unless it is kept. */
export interface Snapshot {
  readonly member: string;
  readonly layer: Layer;
  readonly observed: string;
  /** In the order of `sortRecords`; another order gives the same inventory, more slowly. */
  readonly records: Iterable<InventoryRecord>;
  /** The organisations among `records`, where those are no list that can be read twice: their names index what they own. */
  readonly organisations?: Iterable<InventoryRecord> | undefined;
  /** Stacks whose state was not read: their resources are kept, for not fetched is not deleted. */
  readonly keepStacks?: ReadonlySet<string> | undefined;
  /** Records that stay although they are not in it, with the date they were last seen: what they are of was not read. */
  readonly keep?: ((record: InventoryRecord) => boolean) | undefined;
}

export interface Counts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/** How much of a scope may vanish at once. */
export interface DeletionGuard {
  /** Largest share that may be removed, 0..1; 1 allows everything. */
  readonly share: number;
  /** Fewer removals than this are never questioned. */
  readonly least: number;
}

export const defaultGuard: DeletionGuard = { share: 0.3, least: 10 };

interface ScopeRow {
  readonly id: number;
  readonly observed: string;
  readonly digest: string;
}

interface StoredRow extends RecordRow {
  readonly since: number;
  readonly changed: number;
}

/**
 * Makes the scope (member, layer) hold exactly the snapshot. Call inside a transaction: a refusal throws and
 * leaves what was written before it to be rolled back.
 * @throws ProblemError INV-DELETION-GUARD, INV-DUPLICATE
 */
export function replaceSnapshot(store: Store, snapshot: Snapshot, submission: number, guard: DeletionGuard): Counts {
  const { member, layer, observed } = snapshot;
  const known = store.statement('SELECT id, observed, digest FROM scope WHERE member = ? AND layer = ?').get(member, layer) as ScopeRow | undefined;
  if (known && Array.isArray(snapshot.records) && known.digest === snapshotDigest(snapshot.records as InventoryRecord[], observed)) {
    if (known.observed !== observed) {
      store.statement('UPDATE scope SET observed = ?, submission = ? WHERE id = ?').run(observed, submission, known.id);
    }
    const { count } = store.statement('SELECT count(*) AS count FROM record WHERE scope = ?').get(known.id) as { count: number };
    return { added: 0, changed: 0, removed: 0, unchanged: count };
  }
  const scope = known?.id ?? insertScope(store, snapshot, submission);
  const { digest, ...counts } = new SnapshotWriter(store, scope, snapshot, submission, known !== undefined).write(guard);
  store.statement('UPDATE scope SET observed = ?, submission = ?, digest = ? WHERE id = ?').run(observed, submission, digest, scope);
  return counts;
}

function insertScope(store: Store, { member, layer, observed }: Snapshot, submission: number): number {
  return Number(
    store.statement(`INSERT INTO scope (member, layer, submission, observed, digest) VALUES (?, ?, ?, ?, '')`).run(member, layer, submission, observed)
      .lastInsertRowid,
  );
}

/** One digest of a whole snapshot: an unchanged one costs no look at any row. */
function snapshotDigest(records: readonly InventoryRecord[], observed: string): string {
  const digest = new SnapshotDigest();
  for (const record of records) digest.add(record, encodeBody(record, observed));
  return digest.end();
}

/** Takes records in pieces of a few thousand: a hash call for each would cost more than the hashing. */
class SnapshotDigest {
  readonly #hash = createHash('sha256');
  #pending = '';

  add({ urn, kind, owner, drift }: InventoryRecord, body: string): void {
    this.#pending += `${urn}\n${kind}\n${owner}\n${drift ?? ''}\n${body}\n`;
    if (this.#pending.length > 1_000_000) this.#flush();
  }

  end(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#pending);
    this.#pending = '';
  }
}

/** One pass over a snapshot: what is new is added, what differs replaced, what is no longer there removed. */
class SnapshotWriter {
  readonly #store: Store;
  readonly #scope: number;
  readonly #snapshot: Snapshot;
  readonly #submission: number;
  readonly #existing: Map<string, number>;
  readonly #owners: OwnerTexts;
  readonly #next = new Map<number, number>();
  readonly #rollup = new Map<string, { owner: string; kind: string; drift: string; count: number }>();
  readonly #insertRecord;
  readonly #insertText;
  readonly #selectRow;
  #added = 0;
  #changed = 0;
  #unchanged = 0;

  constructor(store: Store, scope: number, snapshot: Snapshot, submission: number, replaces: boolean) {
    this.#store = store;
    this.#scope = scope;
    this.#snapshot = snapshot;
    this.#submission = submission;
    this.#existing = new Map();
    if (replaces) {
      for (const row of store.statement('SELECT urn, id FROM record WHERE scope = ?').iterate(scope)) {
        this.#existing.set(row['urn'] as string, row['id'] as number);
      }
    }
    this.#owners = new OwnerTexts(store, scope);
    const organisations = snapshot.organisations ?? (Array.isArray(snapshot.records) ? (snapshot.records as InventoryRecord[]) : []);
    for (const record of organisations) if (record.kind === 'organisation') this.#owners.learn(record);
    this.#insertRecord = store.statement('INSERT INTO record (id, scope, urn, kind, owner, drift, since, changed, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertText = store.statement('INSERT INTO text (rowid, name, context) VALUES (?, ?, ?)');
    this.#selectRow = store.statement(`SELECT since, changed, ${recordColumns} FROM record JOIN scope ON scope.id = record.scope WHERE record.id = ?`);
  }

  write(guard: DeletionGuard): Counts & { readonly digest: string } {
    const before = this.#existing.size;
    const digest = new SnapshotDigest();
    for (const record of this.#snapshot.records) {
      const id = this.#existing.get(record.urn);
      const body = encodeBody(record, this.#snapshot.observed);
      digest.add(record, body);
      if (id === undefined) this.#add(record, body, this.#submission);
      else this.#update(record, body, id);
      this.#count(record.owner, record.kind, record.drift ?? '');
    }
    const removed = this.#removeRest(guard, before);
    this.#writeRollup();
    this.#owners.write();
    return { added: this.#added, changed: this.#changed, removed, unchanged: this.#unchanged, digest: digest.end() };
  }

  #add(record: InventoryRecord, body: string, since: number): void {
    const id = this.#nextId(record.kind);
    try {
      this.#insertRecord.run(id, this.#scope, record.urn, record.kind, record.owner, record.drift ?? null, since, this.#submission, body);
    } catch (error) {
      duplicate(error, record.urn);
    }
    const { name, context } = indexedText(record, this.#owners.current(record));
    this.#insertText.run(id, name, context);
    if (since === this.#submission) this.#added++;
  }

  #update(record: InventoryRecord, body: string, id: number): void {
    this.#existing.delete(record.urn);
    const row = this.#row(id);
    const text = this.#owners.current(record);
    const same = row.kind === record.kind && row.owner === record.owner && row.drift === (record.drift ?? null) && row.body === body;
    if (same) {
      this.#unchanged++;
      const before = this.#owners.before(row.owner);
      if (before === text) return;
      this.#removeText(row);
      const entry = indexedText(record, text);
      this.#insertText.run(id, entry.name, entry.context);
      return;
    }
    this.#changed++;
    this.#retire(row);
    this.#add(record, body, row.since);
  }

  #removeRest(guard: DeletionGuard, before: number): number {
    const gone: StoredRow[] = [];
    for (const id of this.#existing.values()) {
      const row = this.#row(id);
      if (this.#isKept(row)) {
        this.#unchanged++;
        this.#keepDate(row);
        this.#count(row.owner, row.kind, row.drift ?? '');
        this.#owners.keep(row.owner);
      } else {
        gone.push(row);
      }
    }
    if (gone.length >= guard.least && gone.length > guard.share * before) {
      const { member, layer } = this.#snapshot;
      fail(
        'INV-DELETION-GUARD',
        `${gone.length} of ${before} ${layer} records of member "${member}" would be removed; at most ${Math.round(guard.share * 100)} % may be at once`,
        {
          subject: `${member}/${layer}`,
          hint: 'if they are really gone, repeat with --allow-deletions',
        },
      );
    }
    for (const row of gone) this.#retire(row);
    return gone.length;
  }

  /** What was not read now was not seen on the snapshot's date. */
  #keepDate(row: StoredRow): void {
    const { observed } = this.#snapshot;
    const record = decodeRecord(row);
    const body = encodeBody(record, observed);
    if (body !== row.body) this.#store.statement('UPDATE record SET body = ? WHERE id = ?').run(body, row.id);
  }

  #isKept(row: RecordRow): boolean {
    if (this.#snapshot.keep?.(decodeRecord(row)) === true) return true;
    if (this.#snapshot.keepStacks === undefined || this.#snapshot.layer !== 'state') return false;
    const stack = decodeRecord(row).attributes['stack'];
    return typeof stack === 'string' && this.#snapshot.keepStacks.has(stack);
  }

  /** Moves a row to the history. */
  #retire(row: StoredRow): void {
    this.#removeText(row);
    this.#store
      .statement('INSERT INTO history (urn, member, layer, kind, owner, drift, since, until, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(row.urn, this.#snapshot.member, this.#snapshot.layer, row.kind, row.owner, row.drift, row.changed, this.#submission, row.body);
    this.#store.statement('DELETE FROM record WHERE id = ?').run(row.id);
  }

  /** The index holds no copy of its text, so the text has to be given exactly as it went in. */
  #removeText(row: RecordRow): void {
    const { name, context } = indexedText(decodeRecord(row), this.#owners.before(row.owner));
    this.#store.statement(`INSERT INTO text (text, rowid, name, context) VALUES ('delete', ?, ?, ?)`).run(row.id, name, context);
  }

  #row(id: number): StoredRow {
    return this.#selectRow.get(id) as unknown as StoredRow;
  }

  #nextId(kind: string): number {
    const rank = kindRank(kind);
    let next = this.#next.get(rank);
    if (next === undefined) {
      const { last } = this.#store.statement('SELECT max(id) AS last FROM record WHERE id >= ? AND id < ?').get(rank * kindRange, (rank + 1) * kindRange) as {
        last: number | null;
      };
      next = last === null ? rank * kindRange + 1 : last + 1;
    }
    this.#next.set(rank, next + 1);
    return next;
  }

  #count(owner: string, kind: string, drift: string): void {
    const key = `${owner}\n${kind}\n${drift}`;
    const entry = this.#rollup.get(key);
    if (entry) entry.count++;
    else this.#rollup.set(key, { owner, kind, drift, count: 1 });
  }

  #writeRollup(): void {
    this.#store.statement('DELETE FROM rollup WHERE scope = ?').run(this.#scope);
    const insert = this.#store.statement('INSERT INTO rollup (scope, owner, kind, drift, count) VALUES (?, ?, ?, ?, ?)');
    for (const { owner, kind, drift, count } of this.#rollup.values()) insert.run(this.#scope, owner, kind, drift, count);
  }
}

function duplicate(error: unknown, urn: string): never {
  if ((error as { errcode?: number }).errcode === 2067) {
    fail('INV-DUPLICATE', `${urn} stands twice in one snapshot`, { subject: urn, hint: 'a URN names one thing of a layer' });
  }
  throw error;
}
