import type { JsonObject } from '../../core/index.ts';
import { anyAt } from './read.ts';
import type { LiveKind, LiveObject, Mark } from './types.ts';

/** Something a stack was to have and its state does not. */
export interface Wanted {
  readonly address: string;
  readonly type: string;
  /** Id the engine saw, where it came so far. */
  readonly id?: string | undefined;
  /** What is known of its body. */
  readonly values: JsonObject;
}

export interface Recognition {
  readonly by: Mark | 'id';
  /** What of the stack it is, where only one thing fits. */
  readonly address?: string | undefined;
}

export interface RecogniseContext {
  /** Path of the stack; its mark is `vcloud:MEMBER:PATH`. */
  readonly stack: string;
  /** Id of the member, where it is known; several members may use one cloud. */
  readonly member?: string | undefined;
  readonly wanted: readonly Wanted[];
  /** Ids any state holds: what an object hangs on is then known to be ours. */
  readonly held: ReadonlySet<string>;
  /** Milliseconds since the epoch, by the cloud's clock, before which the apply that was cut off had made nothing. */
  readonly since?: number | undefined;
}

/** Clocks of servers and seconds cut off: so much earlier an object may seem to have been made. */
const slack = 5_000;

/** Whether an object is recognisably of a stack, and by what. Pure. */
export function recognise(kind: LiveKind, object: LiveObject, context: RecogniseContext): Recognition | undefined {
  const byId = context.wanted.find((one) => one.type === kind.type && one.id === object.id);
  if (byId !== undefined) return { by: 'id', address: byId.address };
  const scored = context.wanted
    .filter((one) => one.type === kind.type && one.id === undefined)
    .map((one) => ({ one, score: agreement(kind, object, one.values) }))
    .filter(({ score }) => score > 0);
  const best = Math.max(0, ...scored.map(({ score }) => score));
  const fits = scored.filter(({ score }) => score === best).map(({ one }) => one);
  const address = fits.length === 1 ? fits[0]?.address : undefined;
  const marked = markOn(object, context);
  if (marked !== undefined) return { by: marked, address };
  // A name is nobody's alone: it counts for something that was being made, and only if it was made since.
  if (fits.length === 0 || isOlder(object, context.since)) return undefined;
  if (kind.marks.includes('parent') && fits.some((one) => hangsOnOurs(kind, object, one.values, context.held))) return { by: 'parent', address };
  if (kind.marks.includes('name') && object.name !== undefined && fits.some((one) => one.values['name'] === object.name)) return { by: 'name', address };
  return undefined;
}

function markOn(object: LiveObject, { stack, member }: RecogniseContext): Mark | undefined {
  const isMark = (text: string): boolean => {
    const match = /^vcloud:([^:\s\]]+):(.+)$/u.exec(text);
    return match !== null && match[2] === stack && (member === undefined || match[1] === member);
  };
  if (object.tags.some(isMark)) return 'tag';
  if (anyAt(object.attributes, 'metadata.vcloud').some((value) => typeof value === 'string' && isMark(value))) return 'metadata';
  const inside = [...(object.description ?? '').matchAll(/\[(vcloud:[^\]]+)\]/gu)].some(([, mark = '']) => isMark(mark));
  return inside ? 'description' : undefined;
}

/** In how much they agree; 0 where anything known of both contradicts, or nothing is known of both. */
function agreement(kind: LiveKind, object: LiveObject, values: JsonObject): number {
  let compared = 0;
  for (const [attribute, field] of Object.entries(kind.match)) {
    const wanted = values[attribute];
    if (wanted === undefined || wanted === null || wanted === '') continue;
    const there = anyAt(object.attributes, field).filter((value) => value !== undefined && value !== null);
    if (!there.some((value) => alike(value, wanted))) return 0;
    compared++;
  }
  return compared;
}

/** Case and zeros of addresses are written in several ways. */
function alike(one: unknown, other: unknown): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase();
}

/** Whether what it refers to by id is in a state. */
function hangsOnOurs(kind: LiveKind, object: LiveObject, values: JsonObject, held: ReadonlySet<string>): boolean {
  return Object.entries(kind.match).some(([attribute, field]) => {
    const wanted = values[attribute];
    return typeof wanted === 'string' && held.has(wanted) && anyAt(object.attributes, field).includes(wanted);
  });
}

function isOlder(object: LiveObject, since: number | undefined): boolean {
  if (since === undefined || object.createdAt === undefined) return false;
  // Some services leave the zone out; all of them mean UTC.
  const text = /(?:Z|[+-]\d\d:?\d\d)$/u.test(object.createdAt) ? object.createdAt : `${object.createdAt}Z`;
  const made = Date.parse(text);
  return Number.isFinite(made) && made < since - slack;
}
