import { canonicalJson, findSecrets, isObject, type Json, type JsonObject } from '../../../core/index.ts';
import { blockOf, isSettable, type AttributeType, type Block } from '../../runtime/schema.ts';
import { anyAt } from '../read.ts';
import type { LiveObject } from '../types.ts';
import { adoptTable, chosen, never, usual } from './table.ts';

/** What the provider demands of a kind, from what the API says; enough for a plan that imports it. Pure. */
export function firstBody(object: LiveObject): JsonObject {
  const block = blockOf('resources', object.kind);
  const guess = adoptTable[object.kind]?.guess ?? {};
  const body: Record<string, Json> = {};
  for (const [name, attribute] of Object.entries(block?.attributes ?? {})) {
    if (attribute.required !== true && guess[name] === undefined) continue;
    const field = guess[name] ?? name;
    const value = field.startsWith('=')
      ? field.slice(1)
      : (anyAt(object.attributes, field).find((one) => one !== null && one !== undefined) as Json | undefined);
    if (value !== undefined) body[name] = value;
    else if (attribute.required === true) body[name] = anyOf(attribute.type);
  }
  // Of two parents the provider takes one.
  if (body['listener_id'] !== undefined && body['loadbalancer_id'] !== undefined) delete body['loadbalancer_id'];
  return body;
}

function anyOf(type: AttributeType): Json {
  if (type === 'number') return 1;
  if (type === 'bool') return false;
  return typeof type === 'string' ? 'x' : type[0] === 'map' || type[0] === 'object' ? {} : ['x'];
}

export interface Body {
  readonly body: JsonObject;
  /** Attributes that hold what looks like a secret: never written down. */
  readonly secret: readonly string[];
  /** Attributes that say something somebody may have chosen, and that are left to the cloud all the same. */
  readonly left: readonly string[];
}

export interface BodyOptions {
  /** Attributes a plan asked for although they say nothing here (a `false` where the provider's default is another). */
  readonly also?: ReadonlySet<string> | undefined;
  /** Leaves out what the cloud works out by itself where nothing is said. */
  readonly sparse?: boolean | undefined;
}

/** What of a provider's reading an author would write: what can be set and says something. Pure. */
export function bodyOf(type: string, attributes: JsonObject, { also = new Set(), sparse = false }: BodyOptions = {}): Body {
  const block = blockOf('resources', type);
  const without = new Set(adoptTable[type]?.without ?? []);
  const plain = { ...usual, ...adoptTable[type]?.usual };
  const { needs = {}, owned = {} } = adoptTable[type] ?? {};
  const said = (name: string): boolean => !isNothing(attributes[name] ?? null);
  for (const [name, other] of Object.entries(needs)) if (!said(other)) without.add(name);
  const secret: string[] = [];
  const left: string[] = [];
  const body = block === undefined ? {} : partOf(block, attributes, { without, plain, owned, also, sparse, secret, left, at: '' });
  return { body, secret, left };
}

interface Walk {
  readonly without: ReadonlySet<string>;
  readonly plain: Readonly<Record<string, Json>>;
  readonly also: ReadonlySet<string>;
  readonly sparse: boolean;
  readonly owned: Readonly<Record<string, RegExp>>;
  readonly secret: string[];
  readonly left: string[];
  readonly at: string;
}

function partOf(block: Block, values: JsonObject, walk: Walk): Record<string, Json> {
  const { without, plain, owned, also, sparse, secret, left, at } = walk;
  const body: Record<string, Json> = {};
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const path = at === '' ? name : `${at}.${name}`;
    const given = values[name];
    if (!isSettable(attribute) || (at === '' && never.has(name)) || attribute.deprecated === true || given === undefined || given === null) continue;
    const wanted = also.has(path);
    const value = wanted ? given : withoutOwned(given, owned[path]);
    const says = !isNothing(value) && value !== false;
    if (without.has(path) && !wanted) {
      if (says && chosen.has(path)) left.push(path);
      continue;
    }
    if (attribute.required !== true && !wanted) {
      if (isUsual(plain[path], value)) continue;
      // What is on everywhere else and off here was switched off by somebody.
      const differs = plain[path] !== undefined && !isNothing(value);
      if (sparse && attribute.computed === true) {
        if (differs) left.push(path);
        continue;
      }
      if (!differs && (!says || (value === 0 && attribute.computed !== true))) continue;
    }
    if (attribute.sensitive === true || attribute.write_only === true || findSecrets({ [name]: value }).length > 0) {
      secret.push(path);
      continue;
    }
    body[name] = value;
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const path = at === '' ? name : `${at}.${name}`;
    const value = values[name];
    if (never.has(name) || value === undefined || value === null) continue;
    const list = (Array.isArray(value) ? value : [value]).filter(isObject) as JsonObject[];
    if (without.has(path) && !also.has(path)) {
      if (list.length > 0 && chosen.has(path)) left.push(path);
      continue;
    }
    const parts = list.map((one) => partOf(nested.block, one, { ...walk, at: path })).filter((one) => Object.keys(one).length > 0);
    if (parts.length > 0 && (also.has(path) || !isUsual(plain[path], parts))) body[name] = parts;
  }
  return body;
}

/** A map without the entries that are the cloud's own. */
function withoutOwned(value: Json, owned: RegExp | undefined): Json {
  if (owned === undefined || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !owned.test(key)));
}

function isNothing(value: Json): boolean {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return true;
  return isObject(value) && Object.keys(value).length === 0;
}

function isUsual(usually: Json | undefined, value: Json): boolean {
  return usually !== undefined && canonicalJson(usually) === canonicalJson(value);
}
