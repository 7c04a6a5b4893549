import { compareCodeUnits, type Json, type JsonObject } from '../../../core/index.ts';
import type { Candidate, CandidateReading } from '../../../engine/index.ts';
import { kindOf, liveKinds } from '../kinds.ts';
import { madeByCloud, type Around } from '../made.ts';
import { importIdOf } from '../orphans.ts';
import type { LiveObject } from '../types.ts';
import { bodyOf, firstBody } from './body.ts';
import { reference, topicOf, topics } from './topics.ts';
import { namesFor } from './names.ts';
import { adoptTable } from './table.ts';

/** An object as it would be declared. */
export interface Adopted {
  readonly type: string;
  /** Name in the configuration and id of the construct. */
  readonly name: string;
  /** What import takes. */
  readonly id: string;
  /** As Terraform JSON; what hangs on other objects of the proposal refers to them (`${TYPE.NAME.id}`). */
  readonly body: JsonObject;
  /** Attributes the provider does not read back: declared as the cloud has them, and left alone by plans. */
  readonly unread: readonly string[];
  /** What it has and its declaration does not: attributes with what looks like a secret, and what is left to the cloud. */
  readonly unsaid: { readonly secret: readonly string[]; readonly left: readonly string[] };
}

/** An object that is not proposed, and why. */
export interface LeftOut {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly because: string;
  /** `cloud`: it made it by itself, `state`: it is declared already, so nothing is to be done; `project`: somebody's, which stays undeclared. */
  readonly whose: 'cloud' | 'state' | 'project';
}

export interface Proposal {
  /** In an order in which what is referred to comes first. */
  readonly adopted: readonly Adopted[];
  readonly left: readonly LeftOut[];
}

/** How often a body is mended by what a plan says of it before the object is left out. */
const rounds = 4;

/**
 * Works out what would have to be declared for objects that exist, so that a plan imports them and changes nothing. The provider
 * reads each object and judges each body; what it would change is written down as it is, and what cannot be matched is left out
 * with the reason. Secrets are never part of it.
 * @param read asks a provider; see `readCandidates` of the engine
 * @param around what is known of the whole project, where it holds more than what is to be proposed
 */
export async function propose(
  objects: readonly LiveObject[],
  read: (candidates: readonly Candidate[]) => Promise<readonly CandidateReading[]>,
  around: Around = { byId: new Map(objects.map((object) => [object.id, object])) },
): Promise<Proposal> {
  const left: LeftOut[] = [];
  const chosen = objects.filter((object) => {
    const reason = reasonAgainst(object, objects, around);
    if (reason !== undefined) left.push({ ...label(object), ...reason });
    return reason === undefined;
  });
  const names = namesFor(chosen);
  let open: Draft[] = chosen.map((object) => ({
    object,
    type: object.kind,
    name: names.get(object) ?? '',
    id: importIdOf(kindOf(object.kind), object),
    also: new Set<string>(),
    sparse: false,
    unread: unreadOf(object, objects),
  }));
  const drop = (draft: Draft, because: string): void => {
    left.push({ ...label(draft.object), because, whose: 'project' });
    open = open.filter((one) => one !== draft);
  };
  const ask = async (bodies: ReadonlyMap<Draft, JsonObject>): Promise<Map<Draft, CandidateReading>> => {
    const drafts = [...open];
    const readings = await read(drafts.map((one) => ({ type: one.type, name: one.name, id: one.id, body: bodies.get(one) ?? {} })));
    return new Map(drafts.flatMap((one, index) => (readings[index] === undefined ? [] : [[one, readings[index]] as const])));
  };
  for (const [draft, { attributes, because }] of await ask(new Map(open.map((one) => [one, firstBody(one.object)])))) {
    if (attributes === undefined) drop(draft, `the provider cannot import it: ${short(because ?? '')}`);
    else draft.attributes = attributes;
  }
  for (let round = 0; round < rounds && open.length > 0; round++) {
    const bodies = bodiesOf(open);
    let settled = true;
    for (const [draft, reading] of await ask(bodies)) {
      if (reading.attributes === undefined) {
        settled = false;
        // Two attributes that exclude each other: what the cloud works out by itself is left to it.
        if (draft.sparse) drop(draft, `no declaration fits it: ${short(reading.because ?? '')}`);
        else draft.sparse = true;
        continue;
      }
      const news = reading.differs.filter(({ attribute, before }) => before !== null && !draft.also.has(attribute));
      if (reading.differs.length === 0) continue;
      settled = false;
      for (const { attribute } of news) draft.also.add(attribute);
      if (news.length === 0 || round === rounds - 1) {
        const fields = reading.differs.map(({ attribute }) => attribute).join(', ');
        drop(draft, `a plan would ${reading.replaces ? 'make it anew' : 'change it'} (${fields}), whatever is declared`);
      }
    }
    if (settled) break;
  }
  const bodies = bodiesOf(open);
  const adopted = open.map(({ type, name, id, unread, ...draft }): Adopted => {
    const { lifecycle, ...body } = bodies.get(open.find((one) => one.object === draft.object) as Draft) ?? {};
    const { secret, left: others } = bodyOf(type, draft.attributes ?? {}, { also: draft.also, sparse: draft.sparse });
    const unsaid = { secret: [...new Set(secret)].sort(compareCodeUnits), left: [...new Set(others)].sort(compareCodeUnits) };
    return { type, name, id, body, unread: lifecycle === undefined ? [] : Object.keys(unread).sort(compareCodeUnits), unsaid };
  });
  return { adopted: inOrder(adopted), left: left.sort((a, b) => compareCodeUnits(a.type, b.type) || compareCodeUnits(a.id, b.id)) };
}

interface Draft {
  readonly object: LiveObject;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  attributes?: JsonObject;
  /** Attributes a plan asked for. */
  readonly also: Set<string>;
  /** Only what is demanded or not worked out by the cloud. */
  sparse: boolean;
  readonly unread: Readonly<Record<string, Json>>;
}

function label({ kind, id, name }: LiveObject): { readonly type: string; readonly id: string; readonly name?: string | undefined } {
  return { type: kind, id, name };
}

function reasonAgainst(object: LiveObject, objects: readonly LiveObject[], around: Around): Pick<LeftOut, 'because' | 'whose'> | undefined {
  const made = madeByCloud(object, around);
  if (made !== undefined) return { because: made, whose: 'cloud' };
  const cannot = adoptTable[object.kind]?.cannot;
  if (cannot !== undefined) return { because: cannot, whose: 'project' };
  const beyond = kindOf(object.kind)?.beyond;
  // A key pair is a person's; one a server of the project was made with is part of what the server is.
  const used = object.kind === 'openstack_compute_keypair_v2' && objects.some(({ attributes }) => attributes['key_name'] === object.id);
  if (beyond === undefined || used) return undefined;
  return { because: beyond === 'user' ? 'it belongs to a user, not to the project' : 'it belongs to the cloud, not to the project', whose: 'project' };
}

/** What the provider does not read back, where the cloud says something. */
function unreadOf(object: LiveObject, objects: readonly LiveObject[]): Record<string, Json> {
  const all = adoptTable[object.kind]?.unread?.(object, objects) ?? {};
  return Object.fromEntries(Object.entries(all).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

/** Bodies of all drafts, with references in place of the ids of those among them. */
function bodiesOf(drafts: readonly Draft[]): Map<Draft, JsonObject> {
  // Only ids no word could be are replaced wherever they stand.
  const ids = new Map(drafts.filter(({ object }) => isUnmistakable(object.id)).map((one) => [one.object.id, `\${${one.type}.${one.name}.id}`]));
  const pairs = new Map(drafts.filter(({ type }) => type === 'openstack_compute_keypair_v2').map((one) => [one.object.id, `\${${one.type}.${one.name}.name}`]));
  const referring = (value: Json, own: string): Json => {
    // What Terraform would take for an expression is a text here.
    if (typeof value === 'string') return (value === own ? undefined : ids.get(value)) ?? value.replaceAll(/[$%](?=\{)/gu, '$&$&');
    if (isList(value)) return value.map((one) => referring(one, own));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referring(one, own)]));
  };
  return new Map(
    drafts.map((draft) => {
      const { body } = bodyOf(draft.type, draft.attributes ?? {}, { also: draft.also, sparse: draft.sparse });
      const made = referring({ ...body, ...draft.unread }, draft.object.id) as Record<string, Json>;
      const unread = Object.keys(draft.unread).sort(compareCodeUnits);
      if (unread.length > 0) made['lifecycle'] = { ignore_changes: unread };
      const pair = made['key_pair'];
      if (typeof pair === 'string') made['key_pair'] = pairs.get(pair) ?? pair;
      return [draft, made];
    }),
  );
}

function isUnmistakable(id: string): boolean {
  return /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/u.test(id);
}

/** What is referred to before what refers to it; within that topic by topic, as a reader would go through a project. Pure. */
function inOrder(adopted: readonly Adopted[]): Adopted[] {
  const rank = new Map(liveKinds.map((kind, index) => [kind.type, -index]));
  const waiting = [...adopted].sort(
    (a, b) =>
      topics.indexOf(topicOf(a.type)) - topics.indexOf(topicOf(b.type)) ||
      (rank.get(a.type) ?? 0) - (rank.get(b.type) ?? 0) ||
      compareCodeUnits(a.name, b.name),
  );
  const needs = new Map(adopted.map((one) => [one, new Set([...JSON.stringify(one.body).matchAll(reference)].map(([, address = '']) => address))]));
  const addresses = new Set(adopted.map((one) => `${one.type}.${one.name}`));
  const done = new Set<string>();
  const result: Adopted[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((one) => [...(needs.get(one) ?? [])].every((address) => done.has(address) || !addresses.has(address)));
    const [next] = waiting.splice(Math.max(ready, 0), 1);
    if (next === undefined) break;
    done.add(`${next.type}.${next.name}`);
    result.push(next);
  }
  return result;
}

function short(text: string): string {
  const plain = text.replaceAll(/\s+/gu, ' ').trim();
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
