import { canonicalJson, findSecrets, isObject, type Json, type JsonObject } from '../../../core/index.ts';
import { blockOf, isSettable, type AttributeType, type Block } from '../../runtime/schema.ts';
import { anyAt } from '../read.ts';
import type { LiveObject } from '../types.ts';
import { adoptTable, never, usual } from './table.ts';

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
  const secret: string[] = [];
  const body = block === undefined ? {} : partOf(block, attributes, { without, plain, also, sparse, secret, at: '' });
  return { body, secret };
}

interface Walk {
  readonly without: ReadonlySet<string>;
  readonly plain: Readonly<Record<string, Json>>;
  readonly also: ReadonlySet<string>;
  readonly sparse: boolean;
  readonly secret: string[];
  readonly at: string;
}

function partOf(block: Block, values: JsonObject, walk: Walk): Record<string, Json> {
  const { without, plain, also, sparse, secret, at } = walk;
  const body: Record<string, Json> = {};
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    const path = at === '' ? name : `${at}.${name}`;
    const value = values[name];
    if (!isSettable(attribute) || (at === '' && never.has(name)) || attribute.deprecated === true || value === undefined || value === null) continue;
    if (without.has(path) && !also.has(path)) continue;
    if (attribute.required !== true && !also.has(path) && isUsual(plain[path], value)) continue;
    if (sparse && attribute.computed === true && attribute.required !== true && !also.has(path)) continue;
    if (attribute.required !== true && !also.has(path) && (isNothing(value) || value === false || (value === 0 && attribute.computed !== true))) continue;
    if (attribute.sensitive === true || attribute.write_only === true || findSecrets({ [name]: value }).length > 0) {
      secret.push(path);
      continue;
    }
    body[name] = value;
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const path = at === '' ? name : `${at}.${name}`;
    const value = values[name];
    if (never.has(name) || (without.has(path) && !also.has(path)) || value === undefined || value === null) continue;
    const list = (Array.isArray(value) ? value : [value]).filter(isObject) as JsonObject[];
    const parts = list.map((one) => partOf(nested.block, one, { ...walk, at: path })).filter((one) => Object.keys(one).length > 0);
    if (parts.length > 0 && (also.has(path) || !isUsual(plain[path], parts))) body[name] = parts;
  }
  return body;
}

function isNothing(value: Json): boolean {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return true;
  return isObject(value) && Object.keys(value).length === 0;
}

function isUsual(usually: Json | undefined, value: Json): boolean {
  return usually !== undefined && canonicalJson(usually) === canonicalJson(value);
}
