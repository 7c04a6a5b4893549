import { API_VERSION, canonicalJson, isObject, sha256, type JsonObject } from '../../core/index.ts';

/** Who did something: the account and the machine, and the key where one was used. */
export interface Actor {
  /** Account and machine, `NAME@HOST`; a container without a name for it has `uid:NUMBER@HOST`. */
  readonly user: string;
  /** Key id of the signature made, where one was. */
  readonly key?: string | undefined;
}

/** What happened, as it is handed to the log. */
export interface LogEvent {
  /** `plan`, `approve`, `apply-start`, `apply-end`, `apply-refused`, ... */
  readonly event: string;
  readonly by: Actor;
  /** Id of the plan it is about, and the SHA-256 of its manifest. */
  readonly plan?: string | undefined;
  readonly manifest?: string | undefined;
  /** Figures and codes; never values of resources. */
  readonly details?: JsonObject | undefined;
}

/** One line of the log. The digest of a line is the SHA-256 of its bytes, without the line break. */
export interface LogEntry extends LogEvent {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'LogEntry';
  /** 1, 2, 3, ... */
  readonly sequence: number;
  /** Digest of the line before; null in the first. */
  readonly previous: string | null;
  /** When, RFC 3339 in UTC. */
  readonly at: string;
}

/** A point of the log kept elsewhere: after so many entries the last one had this digest. */
export interface LogHead {
  readonly entries: number;
  readonly head: string;
}

export type Breach = 'edited' | 'removed' | 'inserted' | 'reordered' | 'truncated' | 'rewritten';

export interface LogCheck extends LogHead {
  /** Entries of the whole lines, as far as they can be read. */
  readonly list: readonly LogEntry[];
  /** First entry that is not what was written, counted from 1, and what happened to it. */
  readonly broken?: { readonly entry: number; readonly what: Breach; readonly why: string } | undefined;
  /** What a crash left of a last line. */
  readonly torn?: { readonly bytes: number; readonly sha256: string } | undefined;
}

/** The head of a log without entries. */
export const emptyHead: LogHead = { entries: 0, head: '' };

/** The line that follows `head`, without its line break. */
export function formatEntry(head: LogHead, at: string, event: LogEvent): string {
  const entry: LogEntry = {
    ...event,
    apiVersion: API_VERSION,
    kind: 'LogEntry',
    sequence: head.entries + 1,
    previous: head.entries === 0 ? null : head.head,
    at,
  };
  return canonicalJson(entry);
}

/** An entry from its line; undefined when the line is not one exactly as the toolkit writes it. */
export function parseEntry(line: string): LogEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value) || value['kind'] !== 'LogEntry' || typeof value['sequence'] !== 'number' || typeof value['event'] !== 'string') return undefined;
    return canonicalJson(value) === line ? (value as unknown as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks a log: every line holds the digest of the one before it (as in RFC 6962's idea of an append-only log, with a
 * chain in place of the tree: a log of one member is short). A chain alone cannot show that its end was cut off or that
 * all of it was written anew, so heads kept elsewhere are compared too. A last line without its line break is what a
 * crash leaves and no breach. Pure.
 */
export function checkLog(text: string, anchors: readonly (LogHead & { readonly from: string })[] = []): LogCheck {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const digests = lines.map((line) => sha256(line));
  const entries = lines.map(parseEntry);
  const torn = rest === '' ? undefined : { bytes: Buffer.byteLength(rest), sha256: sha256(rest) };
  const list = entries.filter((entry) => entry !== undefined);
  const base = { entries: lines.length, head: digests.at(-1) ?? '', list, torn, broken: undefined };
  const broken = firstBreak(entries, digests);
  if (broken !== undefined) return { ...base, broken };
  for (const anchor of anchors) {
    if (anchor.entries === 0) continue;
    if (anchor.entries > lines.length) {
      const why = `${anchor.from} knows ${anchor.entries} entries, here are ${lines.length}: the end was cut off`;
      return { ...base, broken: { entry: lines.length + 1, what: 'truncated', why } };
    }
    if (digests[anchor.entries - 1] !== anchor.head) {
      return { ...base, broken: { entry: anchor.entries, what: 'rewritten', why: `${anchor.from} knows another entry ${anchor.entries}` } };
    }
  }
  return base;
}

function firstBreak(entries: readonly (LogEntry | undefined)[], digests: readonly string[]): LogCheck['broken'] {
  const first = new Map<number, number>();
  for (const [index, entry] of entries.entries()) if (entry && !first.has(entry.sequence)) first.set(entry.sequence, index + 1);
  for (const [index, entry] of entries.entries()) {
    const number = index + 1;
    if (entry === undefined) return { entry: number, what: 'edited', why: `line ${number} is no entry as the toolkit writes it` };
    if (entry.sequence === number) {
      if (entry.previous === (index === 0 ? null : digests[index - 1])) continue;
      // The line before is good as far as its own link goes; what follows this one says which of the two was changed.
      const believed = index > 0 && (entries[index + 1] === undefined || entries[index + 1]?.previous === digests[index]);
      const changed = believed ? index : number;
      return { entry: changed, what: 'edited', why: `entry ${changed} is not the one the next was written after` };
    }
    if (entry.sequence < number) {
      return { entry: entry.sequence, what: 'inserted', why: `line ${number} is a second entry ${entry.sequence}` };
    }
    const later = first.get(number);
    if (later !== undefined) return { entry: number, what: 'reordered', why: `entry ${number} stands on line ${later}` };
    return { entry: number, what: 'removed', why: `entry ${number} is missing: entry ${entry.sequence} follows` };
  }
  return undefined;
}
