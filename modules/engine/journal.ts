import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, isObject, privateFolder, readTextIfPresent } from '../core/index.ts';
import type { StateVersion } from './manifest.ts';

/** One line of `.vcloud/journal/<plan>.ndjson`: what an apply of that plan did, in the order it did it. */
export type JournalEntry =
  | { readonly event: 'start'; readonly stack: string; readonly key: string }
  | {
      readonly event: 'end';
      readonly stack: string;
      readonly key: string;
      readonly result: 'applied' | 'failed' | 'interrupted';
      /** The state it left; absent: none. */
      readonly state?: StateVersion | undefined;
      readonly because?: string | undefined;
      /** Addresses made or begun that the state does not know. */
      readonly unrecorded?: readonly string[] | undefined;
    };

export type JournalEnd = Extract<JournalEntry, { event: 'end' }>;

/** Adds a line that survives a crash of this process and of the machine. */
export function appendJournal(root: string, id: string, entry: JournalEntry): void {
  const descriptor = fs.openSync(path.join(privateFolder(root, 'journal'), `${id}.ndjson`), 'a', 0o600);
  try {
    fs.writeSync(descriptor, `${canonicalJson(entry)}\n`);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * How each stack ended the last time this plan was applied. A line cut off by a crash is passed over.
 * With `open`, a stack that was begun again since has no end.
 */
export function readJournal(root: string, id: string, options: { readonly open?: boolean } = {}): Map<string, JournalEnd> {
  const ends = new Map<string, JournalEnd>();
  for (const line of (readTextIfPresent(path.join(root, '.vcloud', 'journal', `${id}.ndjson`)) ?? '').split('\n')) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    if (options.open === true && isObject(value) && value['event'] === 'start') ends.delete(String(value['stack']));
    if (isObject(value) && value['event'] === 'end' && typeof value['stack'] === 'string') ends.set(value['stack'], value as unknown as JournalEnd);
  }
  return ends;
}
