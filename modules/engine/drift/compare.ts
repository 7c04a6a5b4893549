import { canonicalJson, compareCodeUnits, isObject, looksSecret, type Json } from '../../core/index.ts';
import { isSecretAttribute, mask } from '../store/mask.ts';
import type { FieldDrift } from './types.ts';

/** Longest value shown. */
const longest = 160;

/** Both readings of one object, with what the provider marks as sensitive (`true`, or the same shape with `true` at secrets). */
export interface Readings {
  readonly type: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly beforeSensitive?: unknown;
  readonly afterSensitive?: unknown;
}

/**
 * The fields two readings of an object differ in. Null, [], {} and "" are alike: providers give one for another from one
 * reading to the next. Lists of plain values are one field, because their order may matter; of lists of objects only those
 * are compared field by field that are not in both. Secrets are named and not shown. Pure.
 */
export function fieldDrift(readings: Readings): FieldDrift[] {
  const found: FieldDrift[] = [];
  const walk = (path: string, name: string, before: unknown, after: unknown, marks: readonly unknown[], hidden: boolean): void => {
    if (same(before, after)) return;
    const secret = hidden || marks.includes(true) || (name !== '' && isSecretAttribute(readings.type, name));
    const below = (key: string | number): unknown[] => marks.map((mark) => part(mark, key));
    if (isObjectOrEmpty(before) && isObjectOrEmpty(after) && !secret) {
      const [one, other] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
        walk(path === '' ? key : `${path}.${key}`, key, one[key], other[key], below(key), secret);
      }
      return;
    }
    if (!secret && isListOrEmpty(before) && isListOrEmpty(after) && [before, after].some(holdsObjects)) {
      const [one, other] = unmatched(listOf(before), listOf(after));
      for (let index = 0; index < Math.max(one.length, other.length); index++) {
        const at = other[index]?.index ?? one[index]?.index ?? 0;
        walk(
          `${path}[${at}]`,
          name,
          one[index]?.value,
          other[index]?.value,
          [part(marks[0], one[index]?.index ?? at), part(marks[1], other[index]?.index ?? at)],
          secret,
        );
      }
      if (one.length > 0 || other.length > 0) return;
    }
    const shown = (value: unknown): string | undefined => (isEmpty(value) ? undefined : secret || holdsSecret(value) ? mask : cut(JSON.stringify(value)));
    found.push({ path, before: shown(before), after: shown(after) });
  };
  walk('', '', readings.before, readings.after, [readings.beforeSensitive, readings.afterSensitive], false);
  return found.sort((a, b) => compareCodeUnits(a.path, b.path));
}

/** Null, [], {} and "", and what holds nothing else. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return (value as readonly unknown[]).every(isEmpty);
  return isObject(value) && Object.values(value).every(isEmpty);
}

function same(a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  return canonicalJson(plain(a)) === canonicalJson(plain(b));
}

/** A value without its empty parts. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return (value as readonly unknown[]).filter((item) => !isEmpty(item)).map(plain);
  if (!isObject(value)) return isEmpty(value) ? null : (value as Json);
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => (isEmpty(item) ? [] : [[name, plain(item)]])));
}

function isObjectOrEmpty(value: unknown): boolean {
  return isObject(value) || isEmpty(value);
}

function isListOrEmpty(value: unknown): boolean {
  return Array.isArray(value) || isEmpty(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function holdsObjects(value: unknown): boolean {
  return listOf(value).some((item) => typeof item === 'object' && item !== null);
}

interface Item {
  readonly index: number;
  readonly value: unknown;
}

/** What two lists do not have in common, each with its place. */
function unmatched(before: readonly unknown[], after: readonly unknown[]): readonly [Item[], Item[]] {
  const open = new Map<string, number>();
  for (const value of after) open.set(canonicalJson(plain(value)), (open.get(canonicalJson(plain(value))) ?? 0) + 1);
  const take = (counts: Map<string, number>, value: unknown): boolean => {
    const key = canonicalJson(plain(value));
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left > 0;
  };
  const both = new Map<string, number>();
  const one = before.flatMap((value, index): Item[] => {
    if (!take(open, value)) return [{ index, value }];
    const key = canonicalJson(plain(value));
    both.set(key, (both.get(key) ?? 0) + 1);
    return [];
  });
  const other = after.flatMap((value, index): Item[] => (take(both, value) ? [] : [{ index, value }]));
  return [one.filter(({ value }) => !isEmpty(value)), other.filter(({ value }) => !isEmpty(value))];
}

function part(mark: unknown, key: string | number): unknown {
  if (mark === true) return true;
  if (Array.isArray(mark)) return (mark as readonly unknown[])[Number(key)];
  return isObject(mark) ? mark[String(key)] : undefined;
}

function holdsSecret(value: unknown): boolean {
  if (typeof value === 'string') return looksSecret(value);
  return (Array.isArray(value) || isObject(value)) && Object.values(value).some(holdsSecret);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
