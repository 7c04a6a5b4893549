import * as path from 'node:path';
import { fail, isObject, readTextIfPresent } from '../../core/index.ts';

/** What a move is, on disk from before the first state is written until after the second. */
export interface MoveJournal {
  readonly apiVersion: string;
  readonly kind: 'StateMove';
  readonly from: string;
  readonly to: string;
  readonly address: string;
}

/**
 * Refuses to plan or apply on states a move was cut off in.
 * @throws ProblemError ENGINE-MOVE-UNFINISHED
 */
export function refuseUnfinished(root: string): void {
  const found = readJournal(root);
  if (found === undefined) return;
  fail('ENGINE-MOVE-UNFINISHED', `moving ${found.address} from ${found.from} to ${found.to} was cut off`, {
    file: '.vcloud/move.json',
    subject: found.from,
    hint: `run "vcloud state move ${found.from} ${found.address} ${found.to}" again: it goes on where it was`,
  });
}

export function journalFile(root: string): string {
  return path.join(root, '.vcloud', 'move.json');
}

export function readJournal(root: string): MoveJournal | undefined {
  const text = readTextIfPresent(journalFile(root));
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isObject(value) && value['kind'] === 'StateMove' ? (value as unknown as MoveJournal) : undefined;
}
