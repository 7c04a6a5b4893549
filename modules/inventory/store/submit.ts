import { digestOf } from '../../core/index.ts';
import { layers, type InventoryRecord, type Layer } from '../types.ts';
import type { Store } from './database.ts';
import { defaultGuard, replaceSnapshot, type Counts, type DeletionGuard } from './snapshot.ts';

/** One member's report, as it goes in: all layers it speaks of, in one transaction. */
export interface Submission {
  readonly member: string;
  readonly observed: string;
  /** Sequence and payload digest of the bundle; absent for the centre's own records, which come without one. */
  readonly bundle?: { readonly sequence: number; readonly digest: string } | undefined;
  readonly records: readonly InventoryRecord[];
  /** Layers it covers: records of these that are not in it are gone. By default those that `records` hold, and `declared`. */
  readonly layers?: readonly Layer[] | undefined;
  /** By layer: records that stay although they are not in it, because what they are of could not be read. */
  readonly keep?: Partial<Record<Layer, (record: InventoryRecord) => boolean>> | undefined;
  /** Other facts by name (`zones`, `tunnels`, `audit`), one JSON text a line; they replace the member's former ones. */
  readonly attachments?: ReadonlyMap<string, readonly string[]> | undefined;
  readonly guard?: DeletionGuard | undefined;
}

export interface SubmissionRow extends Counts {
  readonly member: string;
  readonly sequence: number;
  readonly digest: string;
  readonly observed: string;
}

/** The last submission accepted from a member, or undefined. */
export function lastSubmission(store: Store, member: string): SubmissionRow | undefined {
  const row = store
    .statement('SELECT member, sequence, digest, observed, added, changed, removed, unchanged FROM submission WHERE member = ? ORDER BY sequence DESC LIMIT 1')
    .get(member);
  return row === undefined ? undefined : (Object.assign({}, row) as unknown as SubmissionRow);
}

/**
 * Takes a report in: one transaction, all of it or nothing. A report of the member itself (no bundle) that changes nothing
 * leaves no trace.
 * @throws ProblemError INV-DELETION-GUARD, INV-DUPLICATE
 */
export function submit(store: Store, submission: Submission): SubmissionRow {
  return store.transaction(() => {
    const { member, observed, records, bundle } = submission;
    const last = lastSubmission(store, member);
    const { next } = store.statement('SELECT coalesce(max(id), 0) + 1 AS next FROM submission').get() as { next: number };
    const keepStacks = unreadStacks(records);
    const covered = submission.layers ?? layers.filter((layer) => layer === 'declared' || records.some((record) => record.layer === layer));
    const total = { added: 0, changed: 0, removed: 0, unchanged: 0 };
    for (const layer of covered) {
      const counts = replaceSnapshot(
        store,
        {
          member,
          layer,
          observed,
          records: records.filter((record) => record.layer === layer),
          keepStacks,
          keep: submission.keep?.[layer],
          organisations: records,
        },
        next,
        submission.guard ?? defaultGuard,
      );
      for (const key of ['added', 'changed', 'removed', 'unchanged'] as const) total[key] += counts[key];
    }
    writeAttachments(store, submission);
    const row: SubmissionRow = {
      member,
      sequence: bundle?.sequence ?? (last?.sequence ?? 0) + 1,
      digest: bundle?.digest ?? digestOf({ member, observed, ...total }),
      observed,
      ...total,
    };
    const silent = bundle === undefined && last?.observed === observed && total.added + total.changed + total.removed === 0;
    if (silent) return { ...row, sequence: last.sequence, digest: last.digest };
    store
      .statement('INSERT INTO submission (id, member, sequence, digest, observed, added, changed, removed, unchanged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(next, member, row.sequence, row.digest, observed, total.added, total.changed, total.removed, total.unchanged);
    return row;
  });
}

/** Stacks of which a report says that it does not know their state. */
export function unreadStacks(records: readonly InventoryRecord[]): Set<string> {
  const unread = new Set<string>();
  for (const { drift, attributes } of records) {
    if (drift === 'unknown' && typeof attributes['stack'] === 'string') unread.add(attributes['stack']);
  }
  return unread;
}

function writeAttachments(store: Store, { member, attachments }: Submission): void {
  if (attachments === undefined) return;
  const count = store.statement('SELECT count(*) AS count FROM attachment WHERE member = ? AND name = ?');
  const same = store.statement('SELECT body FROM attachment WHERE member = ? AND name = ? ORDER BY line');
  for (const [name, lines] of attachments) {
    if ((count.get(member, name) as { count: number }).count === lines.length) {
      const before = same.all(member, name);
      if (lines.every((line, index) => before[index]?.['body'] === line)) continue;
    }
    store.statement('DELETE FROM attachment WHERE member = ? AND name = ?').run(member, name);
    const insert = store.statement('INSERT INTO attachment (member, name, line, body) VALUES (?, ?, ?, ?)');
    lines.forEach((line, index) => insert.run(member, name, index + 1, line));
  }
}

/** What a member said besides records (`zones`, `tunnels`, `audit`), in its order. */
export function readAttachment(store: Store, member: string, name: string): unknown[] {
  return store
    .statement('SELECT body FROM attachment WHERE member = ? AND name = ? ORDER BY line')
    .all(member, name)
    .map((row) => JSON.parse(row['body'] as string) as unknown);
}
