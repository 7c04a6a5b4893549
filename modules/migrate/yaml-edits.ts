import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { fail, type DocumentEdit, type Json } from '../core/index.ts';

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Column of a line that is put in: at one place the deeper line stands first, else it would belong to the other map. */
  readonly column?: number | undefined;
}

/**
 * The text of a YAML document with edits carried out: comments, order, quoting, line ends and everything else that is not
 * touched stay byte for byte. No edit may lie inside another one's place.
 * @throws ProblemError MIGRATE-TEXT where the place cannot be edited (an alias, a place that is not there)
 */
export function editYamlText(file: string, text: string, edits: readonly DocumentEdit[]): string {
  return new YamlText(file, text).edited(edits);
}

class YamlText {
  readonly file: string;
  readonly text: string;
  readonly eol: string;
  readonly root: unknown;
  readonly splices: Splice[] = [];
  readonly removals = new Map<YAMLMap, Set<Pair>>();
  readonly additions = new Map<YAMLMap, { readonly key: string; readonly text: string }[]>();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.eol = text.includes('\r\n') ? '\r\n' : '\n';
    // The parser passes over a byte order mark and counts it.
    this.root = parseDocument(text, { uniqueKeys: false }).contents;
  }

  edited(edits: readonly DocumentEdit[]): string {
    for (const edit of edits) this.edit(edit);
    for (const [map, pairs] of this.removals) this.removePairs(map, pairs);
    for (const [map, added] of this.additions) for (const { key, text } of added) this.add(map, key, text);
    let result = '';
    let at = 0;
    // At one place what is put in stands before what is taken away or replaced.
    const ordered = this.splices
      .map((splice, order) => ({ ...splice, order }))
      .sort(
        (one, other) =>
          one.from - other.from ||
          Number(one.to > one.from) - Number(other.to > other.from) ||
          (other.column ?? 0) - (one.column ?? 0) ||
          one.order - other.order,
      );
    for (const { from, to, text } of ordered) {
      if (from < at) this.refuse('two edits of one step lie in one place');
      result += this.text.slice(at, from) + text;
      at = to;
    }
    return result + this.text.slice(at);
  }

  private edit(edit: DocumentEdit): void {
    let node = this.root;
    for (const step of edit.at.slice(0, -1))
      node = isMap(node) ? pairOf(node, step)?.value : isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
    const key = edit.at.at(-1);
    if (key === undefined || !isMap(node)) this.refuse(`${edit.at.join('.')} is not there, or stands behind an alias`);
    const pair = pairOf(node, key);
    if (edit.op === 'set') this.set(node, String(key), pair, edit.value);
    else if (pair === undefined) return;
    else if (edit.op === 'rename') this.splices.push({ ...placeOf(pair.key, this.file), text: named(edit.name, pair.key) });
    else {
      const pairs = this.removals.get(node) ?? new Set();
      pairs.add(pair);
      this.removals.set(node, pairs);
    }
  }

  private set(map: YAMLMap, key: string, pair: Pair | undefined, value: Json): void {
    if (pair) {
      if (isAlias(pair.value)) this.refuse(`${key} is an alias`);
      const present = isNode(pair.value) && pair.value.range ? pair.value : undefined;
      if (present && endOf(present) > (present.range?.[0] ?? 0)) this.splices.push({ ...placeOf(present, this.file), text: written(value, present) });
      else {
        const colon = this.text.indexOf(':', endOf(pair.key)) + 1;
        this.splices.push({ from: colon, to: colon, text: ` ${written(value)}` });
      }
      return;
    }
    const added = this.additions.get(map) ?? [];
    added.push({ key, text: `${plain(key)}: ${written(value)}` });
    this.additions.set(map, added);
  }

  private add(map: YAMLMap, key: string, text: string): void {
    const [first, last] = [map.items[0], map.items.at(-1)];
    if (!first || !last) this.splices.push({ ...placeOf(map, this.file), text: `{ ${text} }` });
    else if (map.flow === true) this.splices.push({ from: endOfPair(last), to: endOfPair(last), text: `, ${text}` });
    else if (map === this.root && key === 'apiVersion') {
      const at = this.lineStart(placeOf(first.key, this.file).from);
      this.splices.push({ from: at, to: at, text: `${text}${this.eol}` });
    } else {
      const start = placeOf(first.key, this.file).from;
      const at = this.nextLine(endOfPair(last));
      const open = at === this.text.length && !this.text.endsWith('\n');
      const indent = ' '.repeat(start - this.lineStart(start));
      this.splices.push({ from: at, to: at, text: open ? `${this.eol}${indent}${text}` : `${indent}${text}${this.eol}`, column: indent.length });
    }
  }

  /** Takes pairs of one map away, neighbours together, so that commas and comments of what stays are kept. */
  private removePairs(map: YAMLMap, pairs: ReadonlySet<Pair>): void {
    const { items } = map;
    if (pairs.size === items.length) {
      const added = (this.additions.get(map) ?? []).map(({ text }) => text);
      this.additions.delete(map);
      this.splices.push({ ...placeOf(map, this.file), text: added.length === 0 ? '{}' : `{ ${added.join(', ')} }` });
      return;
    }
    for (let begin = 0; begin < items.length; begin++) {
      if (!pairs.has(items[begin] as Pair)) continue;
      let end = begin;
      while (end + 1 < items.length && pairs.has(items[end + 1] as Pair)) end++;
      this.splices.push({ ...this.removal(map, begin, end), text: '' });
      begin = end;
    }
  }

  private removal({ items, flow }: YAMLMap, begin: number, end: number): { from: number; to: number } {
    const from = placeOf(items[begin]?.key, this.file).from;
    const to = endOfPair(items[end] as Pair);
    const [before, next] = [items[begin - 1], items[end + 1]];
    if (flow === true) {
      if (next) return { from, to: placeOf(next.key, this.file).from };
      return { from: before ? endOfPair(before) : from, to };
    }
    const line = this.lineStart(from);
    if (/^\s*$/u.test(this.text.slice(line, from))) return { from: line, to: this.nextLine(to) };
    // The first pair of a map on the line of its dash: what follows takes its place, unless a comment stands between.
    const following = next ? placeOf(next.key, this.file).from : to;
    return { from, to: /^\s*$/u.test(this.text.slice(to, following)) ? following : to };
  }

  private lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }

  private nextLine(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end + 1;
  }

  private refuse(why: string): never {
    fail('MIGRATE-TEXT', `the text cannot be brought to the present version: ${why}`, {
      file: this.file,
      hint: 'edit the file by hand as the message of the step says; nothing was written',
    });
  }
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function placeOf(node: unknown, file: string): { from: number; to: number } {
  if (!isNode(node) || !node.range) fail('MIGRATE-TEXT', 'a part of the document has no place in its text', { file });
  return { from: node.range[0], to: endOf(node) };
}

/** Where a value ends, without comments and blank lines behind it. */
function endOf(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last) return endOfPair(last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (isNode(last)) return endOf(last);
  }
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

function endOfPair(pair: Pair): number {
  const { value } = pair;
  return isNode(value) && value.range ? Math.max(endOf(value), endOf(pair.key)) : endOf(pair.key);
}

const safe = /^[A-Za-z][A-Za-z0-9._/-]*$/u;
const words = /^(?:null|true|false|yes|no|on|off|y|n)$/iu;

function plain(text: string): string {
  return safe.test(text) && !words.test(text) ? text : JSON.stringify(text);
}

/** A key in the quotes it had: in flow style nothing but the quotes may part it from its value. */
function named(text: string, present: unknown): string {
  return isScalar(present) && present.type !== 'PLAIN' ? JSON.stringify(text) : plain(text);
}

/** A value as text: a string in the quotes it had, else plain where that is safe; maps and lists in flow style. */
function written(value: Json, present?: unknown): string {
  if (typeof value === 'string') {
    const type = isScalar(present) ? present.type : undefined;
    if (type === 'QUOTE_DOUBLE') return JSON.stringify(value);
    if (type === 'QUOTE_SINGLE' && !/['\n]/u.test(value)) return `'${value}'`;
    return plain(value);
  }
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map((item) => written(item)).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const parts = Object.entries(value as Readonly<Record<string, Json>>).map(([key, item]) => `${plain(key)}: ${written(item)}`);
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
  return JSON.stringify(value);
}
