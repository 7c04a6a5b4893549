import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject } from '../../core/index.ts';
import { readLive } from './read.ts';
import type { Session } from './session.ts';
import type { Cursor, KindEnd, LiveEvent, LiveObject } from './types.ts';

export interface ResumableOptions {
  /** Absolute path of the journal, one a project; it holds what was read so far, for the owner's eyes only. */
  readonly journal: string;
  readonly kinds?: readonly string[] | undefined;
  /** Milliseconds after which what was read is too old to go on from; an hour by default. */
  readonly lifetime?: number | undefined;
}

export interface ResumableReading {
  readonly objects: readonly LiveObject[];
  /** One for each kind; kinds an earlier reading ended are told as it ended them. */
  readonly kinds: readonly KindEnd[];
  /** Kinds that were taken over from a reading that was cut off. */
  readonly resumed: number;
}

/** Of the journal; one of another shape is not gone on from. */
const format = 1;

/**
 * Reads a project as {@link readLive}, and keeps what came in a journal as it comes: cut off, or refused half-way, the next reading
 * goes on after the last page, and asks again only for kinds that were not read to their end. The journal goes when all were.
 * @throws Refused when the log-in itself fails
 */
export async function readResumable(session: Session, { journal, kinds, lifetime = 3_600_000 }: ResumableOptions): Promise<ResumableReading> {
  await session.logIn();
  const before = journalOf(journal, session.project, lifetime);
  const objects = new Map<string, LiveObject>();
  const ends = new Map<string, KindEnd>();
  const take = (event: LiveEvent): void => {
    if (event.event === 'objects') for (const object of event.objects) objects.set(`${object.kind} ${object.id}`, object);
    else ends.set(event.end.kind, event.end);
  };
  for (const event of before.events) take(event);
  const resumed = before.cursor?.done.length ?? 0;
  if (before.cursor === undefined) {
    fs.mkdirSync(path.dirname(journal), { recursive: true, mode: 0o700 });
    fs.writeFileSync(journal, `${JSON.stringify({ format, project: session.project, started: Date.now() })}\n`, { mode: 0o600 });
  } else {
    // A line that was cut off is not continued.
    fs.appendFileSync(journal, '\n');
  }
  for await (const event of readLive(session, { kinds, from: before.cursor })) {
    take(event);
    fs.appendFileSync(journal, `${JSON.stringify(event)}\n`);
  }
  const counted = [...ends.values()].map((end): KindEnd => ({ ...end, objects: [...objects.values()].filter(({ kind }) => kind === end.kind).length }));
  if (counted.every(({ state }) => state !== 'failed')) fs.rmSync(journal, { force: true });
  return { objects: [...objects.values()], kinds: counted, resumed };
}

function journalOf(file: string, project: string, lifetime: number): { readonly events: readonly LiveEvent[]; readonly cursor?: Cursor | undefined } {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    return { events: [] };
  }
  const [head, ...lines] = text.split('\n').map(parsed);
  const started = isObject(head) && head['format'] === format && head['project'] === project ? Number(head['started']) : 0;
  if (!(Date.now() - started < lifetime)) return { events: [] };
  const events = lines.filter((line) => isObject(line) && isObject(line['cursor'])) as unknown as LiveEvent[];
  const cursor = events.at(-1)?.cursor;
  return cursor === undefined ? { events: [] } : { events, cursor };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
