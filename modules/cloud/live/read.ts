import { isObject, type JsonObject } from '../../core/index.ts';
import { kindOf, liveKinds } from './kinds.ts';
import { Refused, saidBy, type Session } from './session.ts';
import type { Cursor, KindEnd, LiveEvent, LiveKind, LiveObject } from './types.ts';

export interface ReadOptions {
  /** Terraform types; everything the table has by default. */
  readonly kinds?: readonly string[] | undefined;
  /** Objects of one kind at most; past them the kind is said to be read in part. 100,000 by default. */
  readonly limit?: number | undefined;
  /** Goes on where an earlier reading was cut off. */
  readonly from?: Cursor | undefined;
}

/**
 * Reads what a project holds, kind by kind, page by page, as it comes in. Reads only: nothing in the cloud changes. What
 * could not be read is said per kind and never left out silently.
 * @throws Refused when the log-in itself fails
 */
export async function* readLive(session: Session, options: ReadOptions = {}): AsyncGenerator<LiveEvent, void, void> {
  const { limit = 100_000, from } = options;
  const wanted = options.kinds === undefined ? liveKinds : liveKinds.filter((kind) => options.kinds?.includes(kind.type));
  const done = [...(from?.done ?? [])];
  await session.logIn();
  for (const kind of wanted) {
    if (done.includes(kind.type)) continue;
    let count = 0;
    let end: KindEnd | undefined;
    try {
      for await (const { objects, next } of pagesOf(session, kind, from?.kind === kind.type ? from.page : undefined)) {
        count += objects.length;
        yield { event: 'objects', objects, cursor: { done: [...done], kind: kind.type, page: next } };
        if (count >= limit && next !== undefined) {
          end = { kind: kind.type, state: 'failed', objects: count, reason: `more than ${limit} objects` };
          break;
        }
      }
      end ??= { kind: kind.type, state: 'whole', objects: count };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const elsewhere = error.reason === 'no such service' ? session.whyNot(kind.service) : undefined;
      const absent = (error.reason === 'no such service' && elsewhere === undefined) || (error.reason === '404' && kind.extension === true);
      const reason = elsewhere === undefined ? error.message : `${kind.service}: ${elsewhere}`;
      end = { kind: kind.type, state: absent ? 'absent' : 'failed', objects: count, reason };
    }
    if (end.state !== 'failed') done.push(kind.type);
    yield { event: 'end', end, cursor: { done: [...done] } };
  }
}

/** Everything of {@link readLive} at once. */
export async function collectLive(
  session: Session,
  options: ReadOptions = {},
): Promise<{ readonly objects: readonly LiveObject[]; readonly kinds: readonly KindEnd[] }> {
  const objects: LiveObject[] = [];
  const kinds: KindEnd[] = [];
  for await (const event of readLive(session, options)) {
    if (event.event === 'objects') objects.push(...event.objects);
    else kinds.push(event.end);
  }
  return { objects, kinds };
}

/**
 * How the kinds of a project were read, seen beside what states hold in its cloud: a catalogue without a service that made something
 * is no proof that all of it is gone (an endpoint is switched off, a project sees a part of the catalogue), so what is `absent` of
 * such a service is taken as `failed`. Pure.
 * @param held Terraform types of what states hold in the cloud
 */
export function beside(kinds: readonly KindEnd[], held: Iterable<string>): readonly KindEnd[] {
  const types = new Set(held);
  const used = new Set([...types].map((type) => kindOf(type)?.service));
  // Of a service that has other kinds it is an extension that is missing, and says nothing of these.
  const there = new Set(kinds.flatMap(({ kind, state }) => (state === 'absent' ? [] : [kindOf(kind)?.service])));
  return kinds.map((end) => {
    const service = kindOf(end.kind)?.service;
    const doubtful = end.state === 'absent' && (there.has(service) ? types.has(end.kind) : service !== undefined && used.has(service));
    return doubtful ? { ...end, state: 'failed', reason: `${end.reason ?? 'it is not there'}, and states hold some of it` } : end;
  });
}

interface Page {
  readonly objects: readonly LiveObject[];
  readonly next?: string | undefined;
}

async function* pagesOf(session: Session, kind: LiveKind, start: string | undefined): AsyncGenerator<Page> {
  if (kind.under === undefined) {
    yield* listOf(session, kind, kind.path.replace('{user}', encodeURIComponent(session.user)), {}, start);
    return;
  }
  const above = kindOf(kind.under);
  if (above === undefined) return;
  for await (const { objects } of pagesOf(session, above, undefined)) {
    for (const parent of objects) yield* listOf(session, kind, kind.path.replace('{parent}', encodeURIComponent(parent.id)), { parent: parent.id }, undefined);
  }
}

async function* listOf(session: Session, kind: LiveKind, path: string, extra: JsonObject, start: string | undefined): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let page = start ?? `${path}${firstQuery(session, kind)}`;
  for (;;) {
    const answer = await session.get(kind.service, page);
    // Gone between the list of what it hangs on and now.
    if (answer.status === 404 && kind.under !== undefined) return;
    if (answer.status !== 200) throw new Refused(String(answer.status), `GET ${path}: ${answer.status}${saidBy(answer)}`);
    const list = answer.body[kind.key];
    if (!Array.isArray(list)) throw new Refused('format', `GET ${path}: the answer has no list "${kind.key}"`);
    const raw = (list as unknown[]).flatMap((one) => (isObject(one) ? [kind.wrapped === undefined ? one : one[kind.wrapped]] : [])).filter(isObject);
    const found = raw.flatMap((one) => partsOf(kind, { ...one, ...extra } as JsonObject)).flatMap((one) => objectOf(session, kind, one));
    const ids = raw.map((one) => String(at(one, kind.each === undefined && kind.id?.includes('{') !== true ? (kind.id ?? 'id') : 'id')));
    const fresh = ids.some((id) => !seen.has(id));
    const next = fresh ? nextPage(answer.body, kind, path, page) : undefined;
    // A page may begin with what the one before ended with; a service that knows no pages gives the same list for ever.
    yield { objects: found.filter(({ id }) => !seen.has(id)), next };
    for (const id of [...ids, ...found.map((one) => one.id)]) seen.add(id);
    if (next === undefined) return;
    page = next;
  }
}

function firstQuery(session: Session, kind: LiveKind): string {
  const query = new URLSearchParams(kind.query);
  if (kind.page !== undefined) query.set('limit', String(kind.page));
  if ((kind.project === 'project_id' || kind.project === 'owner') && kind.under === undefined) query.set(kind.project, session.project);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Query of the next page: only the query is taken, because behind a proxy the address is not the one we may use. */
function nextPage(body: Readonly<Record<string, unknown>>, kind: LiveKind, path: string, current: string): string | undefined {
  const query = kind.page === undefined ? undefined : nextQuery(body, kind.key);
  const next = `${path}${query ?? ''}`;
  return query === undefined || next === current ? undefined : next;
}

/** Query of the page after this one, as services of OpenStack say it (`KEY_links`, `links.next`, `next`), with its `?`; undefined: it is the last. */
export function nextQuery(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const links = body[`${key}_links`] ?? body['links'];
  const href = Array.isArray(links)
    ? (links as unknown[]).filter(isObject).find((link) => link['rel'] === 'next')?.['href']
    : isObject(links)
      ? links['next']
      : body['next'];
  return typeof href === 'string' && href.includes('?') ? href.slice(href.indexOf('?')) : undefined;
}

function objectOf(session: Session, kind: LiveKind, raw: JsonObject): LiveObject[] {
  const owner = kind.project === undefined || kind.project === 'own' ? undefined : raw[kind.project];
  if (owner !== undefined && owner !== session.project) return [];
  if (kind.each === undefined && kind.only !== undefined && !kind.only(raw)) return [];
  const text = (field: string | undefined): string | undefined => {
    const value = field === undefined ? undefined : at(raw, field);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const id = kind.id?.includes('{') === true ? fill(kind.id, raw) : text(kind.id ?? 'id');
  if (id === undefined || id === '') return [];
  const tags = kind.tags === undefined ? undefined : raw[kind.tags];
  return [
    {
      kind: kind.type,
      id,
      name: text(kind.name),
      tags: Array.isArray(tags) ? (tags as unknown[]).filter((tag) => typeof tag === 'string') : [],
      description: text(kind.description),
      createdAt: text(kind.created),
      attributes: masked(raw),
    },
  ];
}

/** What of an object of the list is of the kind: itself, or each element of a list in it. */
function partsOf(kind: LiveKind, raw: JsonObject): JsonObject[] {
  if (kind.each === undefined) return [raw];
  const list = raw[kind.each];
  if (kind.only !== undefined && !kind.only(raw)) return [];
  const owner = kind.project === undefined || kind.project === 'own' ? {} : { [kind.project]: raw[kind.project] ?? null };
  return (Array.isArray(list) ? list : []).filter(isObject).map((one) => ({ ...(one as JsonObject), ...owner, parent: raw['id'] ?? null }));
}

/** `{field}` replaced by what the object has there. */
export function fill(template: string, object: JsonObject): string {
  return template.replace(/\{([^}]+)\}/gu, (_, field: string) => {
    const [value] = anyAt(object, field);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });
}

/** The value a dotted path leads to; `[]` has to be followed by {@link anyAt}. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), value);
}

/** What is at a path, with `[]` for every element of a list. */
export function anyAt(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const step of path.split('.')) {
    found = found.flatMap((inner) => (step === '[]' ? (Array.isArray(inner) ? (inner as unknown[]) : []) : isObject(inner) ? [inner[step]] : []));
  }
  return found;
}

const secret = /^(?:psk|password|.*_?pass|secret|payload|user_data|auth_key|private_key)$/u;

/** Lists of some services hold secrets (a tunnel's key); nobody who reads a list needs them. */
function masked(raw: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, secret.test(name) && value !== null ? '(masked)' : value]));
}
