import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { listFiles, parseEnvelope } from '../../modules/core/index.ts';

/** Every path of keys in a value, lists as `[]`; below the maps named in `maps` any key is `*`, because keys there are data. */
export function pathsOf(value: unknown, maps: readonly string[] = [], at = ''): string[] {
  if (Array.isArray(value)) return [...new Set([`${at}[]`, ...value.flatMap((item) => pathsOf(item, maps, `${at}[]`))])];
  if (value === null || typeof value !== 'object') return [at];
  return [
    ...new Set([at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, maps, `${at === '' ? '' : `${at}.`}${maps.includes(at) ? '*' : key}`))]),
  ];
}

/** What a file holds, whatever its form: one value for each document or line, and for an envelope its payload. */
export function valuesOf(file: string): unknown[] {
  const text = fs.readFileSync(file, 'utf8');
  if (/\.ya?ml$/u.test(file)) return [parse(text)];
  if (file.endsWith('.ndjson'))
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown);
  if (!file.endsWith('.json')) return [];
  const envelope = parseEnvelope(text);
  return envelope ? [{ payload: JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as unknown }] : [JSON.parse(text)];
}

/** The shape of every file in a folder together: `name: path`; folders and names that are digests of what was planned do not count. */
export function shapeOf(folder: string, maps: readonly string[]): string[] {
  const shape = new Set<string>();
  for (const name of listFiles(folder, (candidate) => candidate !== 'model.json' && /\.(?:ya?ml|json|ndjson)$/u.test(candidate))) {
    for (const value of valuesOf(path.join(folder, name)))
      for (const one of pathsOf(value, maps)) shape.add(`${path.basename(name).replace(/^[0-9a-f]{16}\b/u, '*')}: ${one}`);
  }
  return [...shape].sort();
}

/** Every property a JSON Schema takes, as paths; alternatives are taken together. */
export function schemaPaths(schema: unknown): string[] {
  const found = new Set<string>();
  const definitions = (schema as { $defs?: Record<string, unknown> }).$defs ?? {};
  const walk = (node: unknown, at: string, depth: number): void => {
    if (node === null || typeof node !== 'object' || depth > 12) return;
    const one = node as Record<string, unknown>;
    if (typeof one['$ref'] === 'string') walk(definitions[one['$ref'].split('/').at(-1) ?? ''], at, depth + 1);
    for (const [name, property] of Object.entries((one['properties'] ?? {}) as Record<string, unknown>)) {
      const inner = at === '' ? name : `${at}.${name}`;
      found.add(inner);
      walk(property, inner, depth + 1);
    }
    if (one['items'] !== undefined) walk(one['items'], `${at}[]`, depth + 1);
    if (typeof one['additionalProperties'] === 'object') walk(one['additionalProperties'], `${at}.*`, depth + 1);
    for (const several of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
      if (Array.isArray(one[several])) for (const inner of one[several] as unknown[]) walk(inner, at, depth + 1);
  };
  walk(schema, '', 0);
  return [...found].sort();
}

/** Whether everything `old` says is said by `now` too: a model may grow, and never says something else. */
export function differences(old: unknown, now: unknown, at = ''): string[] {
  if (Array.isArray(old)) {
    if (!Array.isArray(now) || now.length !== old.length) return [`${at}: was a list of ${old.length}`];
    return old.flatMap((item, index) => differences(item, now[index], `${at}[${index}]`));
  }
  if (old !== null && typeof old === 'object') {
    if (now === null || typeof now !== 'object') return [`${at}: was a map`];
    return Object.entries(old).flatMap(([key, item]) => differences(item, (now as Record<string, unknown>)[key], `${at}.${key}`));
  }
  return Object.is(old, now) ? [] : [`${at}: was ${JSON.stringify(old)}, is ${JSON.stringify(now)}`];
}
