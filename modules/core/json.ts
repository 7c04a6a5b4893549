import { createHash } from 'node:crypto';
import { compareCodeUnits } from './text.ts';

/** Any value JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * JSON with object keys in code-unit order: the same value always gives the same bytes.
 * `undefined` members are left out. `indent` as in JSON.stringify.
 */
export function canonicalJson(value: unknown, indent = 0): string {
  const seen = { number: false };
  const sorted = sortKeys(value, seen);
  return seen.number ? write(sorted, indent, '\n') : JSON.stringify(sorted, null, indent);
}

/** `seen.number` becomes true where a key may look like an array index: JavaScript puts those first and in numeric order. */
function sortKeys(value: unknown, seen: { number: boolean }): unknown {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item, seen));
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Map) return sortKeys(Object.fromEntries(value as Map<string, unknown>), seen);
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(source).sort(compareCodeUnits)) {
    if (source[key] === undefined) continue;
    const first = key.charCodeAt(0);
    if (first >= 48 && first <= 57) seen.number = true;
    const item = sortKeys(source[key], seen);
    if (key === '__proto__') Object.defineProperty(result, key, { value: item, enumerable: true });
    else result[key] = item;
  }
  return result;
}

/** JSON.stringify of sorted values, for objects whose order JavaScript does not keep. `line` is the line break with its indentation. */
function write(value: unknown, indent: number, line: string): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const inner = `${line}${' '.repeat(indent)}`;
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, indent, inner))
    : Object.entries(value)
        .sort(([one], [other]) => compareCodeUnits(one, other))
        .map(([key, item]) => `${JSON.stringify(key)}:${indent === 0 ? '' : ' '}${write(item, indent, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  return indent === 0 ? `${open}${parts.join(',')}${close}` : `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
}

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of the canonical JSON of a value. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** True for a plain object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
