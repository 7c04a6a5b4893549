import { isMap, isNode, isScalar, isSeq, parseDocument, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { fail } from '../../core/index.ts';
import { lockScalar } from '../lock.ts';

/** Steps from a need to one of its fields: `['legs', 'v6', 'length']`. */
export type FieldPath = readonly string[];

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The text of a plan that is changed where it must be and nowhere else: comments, layout, quoting and everything that is not
 * touched stay byte for byte. Changes are collected against the text as read and applied together by {@link PlanText.result}.
 */
export class PlanText {
  readonly file: string;
  readonly text: string;
  readonly #root: YAMLMap | undefined;
  readonly #splices: Splice[] = [];
  readonly #removed = new Set<number>();
  readonly #eol: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n';
    this.#root = rootOf(text);
  }

  /** The values of `needs`, as read. */
  get needs(): readonly unknown[] {
    const value: unknown = this.#seq?.toJSON();
    return Array.isArray(value) ? (value as readonly unknown[]) : [];
  }

  get #seq(): YAMLSeq | undefined {
    const value = this.#root?.get('needs', true);
    return isSeq(value) ? value : undefined;
  }

  #item(index: number): YAMLMap {
    const item = this.#seq?.items[index];
    if (!isMap(item))
      fail('NET-EDIT', `need number ${index + 1} of ${this.file} is not written as a map`, { file: this.file, hint: 'aliases are edited by hand' });
    return item;
  }

  /** Sets a field of a need to a text or number; the field is added where it is not there yet. */
  set(index: number, at: FieldPath, value: string | number): void {
    let map = this.#item(index);
    for (const [depth, step] of at.entries()) {
      const pair = pairOf(map, step);
      const last = depth === at.length - 1;
      if (!pair) {
        const rest = at.slice(depth + 1).reduceRight((inner, name) => `{ ${name}: ${inner} }`, written(value, undefined));
        this.#addPair(map, step, last ? written(value, undefined) : rest);
        return;
      }
      if (last) {
        const node = pair.value as Scalar;
        const [from, to] = [startOf(node), endOf(node)];
        this.#splices.push({ from, to, text: written(value, node) });
        return;
      }
      if (!isMap(pair.value)) fail('NET-EDIT', `"${step}" of need number ${index + 1} is not a map`, { file: this.file });
      map = pair.value;
    }
  }

  /** Writes a list of texts into a field of a need, in flow style; one text alone is written without brackets. */
  setList(index: number, at: FieldPath, values: readonly string[]): void {
    const text = values.length === 1 ? written(values[0] ?? '', undefined) : `[${values.map((value) => written(value, undefined)).join(', ')}]`;
    let map = this.#item(index);
    for (const [depth, step] of at.entries()) {
      const pair = pairOf(map, step);
      if (!pair) {
        this.#addPair(
          map,
          step,
          at.slice(depth + 1).reduceRight((inner, name) => `{ ${name}: ${inner} }`, text),
        );
        return;
      }
      if (depth === at.length - 1 || !isMap(pair.value)) {
        this.#splices.push({ from: startOf(pair.value as Scalar), to: endOf(pair.value as Scalar), text });
        return;
      }
      map = pair.value;
    }
  }

  /** Whether a need says a field. */
  has(index: number, at: FieldPath): boolean {
    return this.#pair(index, at) !== undefined;
  }

  #pair(index: number, at: FieldPath): Pair | undefined {
    let map = this.#item(index);
    for (const [depth, step] of at.entries()) {
      const pair = pairOf(map, step);
      if (depth === at.length - 1 || !isMap(pair?.value)) return depth === at.length - 1 ? pair : undefined;
      map = pair.value;
    }
    return undefined;
  }

  /** Puts another field in the place of one: `pool: x` becomes `in: y`. */
  replace(index: number, at: FieldPath, name: string, value: string | number): void {
    const pair = this.#pair(index, at);
    if (pair) this.#splices.push({ from: startOf(pair.key as Scalar), to: endOfPair(pair), text: `${name}: ${written(value, undefined)}` });
  }

  /** Takes a field away; nothing happens where it is not there. */
  remove(index: number, at: FieldPath): void {
    let map = this.#item(index);
    for (const [depth, step] of at.entries()) {
      const pair = pairOf(map, step);
      if (!pair) return;
      if (depth === at.length - 1) this.#removePair(map, pair);
      else if (isMap(pair.value)) map = pair.value;
      else return;
    }
  }

  /** Takes a need away with its lines. Comments above it stay. */
  removeItem(index: number): void {
    const seq = this.#seq;
    const item = this.#item(index);
    if (!seq || this.#removed.has(index)) return;
    this.#removed.add(index);
    if (seq.flow === true) {
      const next = seq.items[index + 1];
      const before = seq.items[index - 1];
      if (isMap(next)) this.#splices.push({ from: startOf(item), to: startOf(next), text: '' });
      else this.#splices.push({ from: isMap(before) ? endOf(before) : startOf(item), to: endOf(item), text: '' });
    } else {
      const from = this.#dashOf(item);
      this.#splices.push({ from: this.#lineStart(from), to: this.#nextLine(endOf(item)), text: '' });
    }
  }

  /** The lines of a need as they stand, from its dash to the end of its last line, as a plan of its own. */
  copy(index: number): PlanText {
    const seq = this.#seq;
    const item = this.#item(index);
    if (seq?.flow === true) return new PlanText(this.file, `needs:${this.#eol}  - ${this.text.slice(startOf(item), endOf(item))}${this.#eol}`);
    const text = this.text.slice(this.#lineStart(this.#dashOf(item)), this.#nextLine(endOf(item)));
    return new PlanText(this.file, `needs:${this.#eol}${text.endsWith('\n') ? text : `${text}${this.#eol}`}`);
  }

  /** The lines of a copy after its changes. */
  get lines(): string {
    const text = this.result();
    return text.slice(text.indexOf('\n') + 1);
  }

  /** Adds needs behind one of the list, or at its end: whole lines that begin with a dash (indentation is fitted). */
  insert(after: number | undefined, lines: string): void {
    const seq = this.#seq;
    const index = after ?? (seq ? seq.items.length - 1 : -1);
    const item = seq?.items[index];
    if (!seq || !isMap(item)) {
      this.#insertFirst(seq, lines);
      return;
    }
    if (seq.flow === true) {
      const items = new PlanText(this.file, `needs:\n${lines}`);
      const texts = (items.#seq?.items ?? []).map((node) => items.text.slice(startOf(node as YAMLMap), endOf(node as YAMLMap)).replace(/\s*\n\s*/gu, ' '));
      this.#splices.push({ from: endOf(item), to: endOf(item), text: texts.map((text) => `, ${text.startsWith('{') ? text : `{ ${text} }`}`).join('') });
      return;
    }
    const dash = this.#dashOf(item);
    const indent = this.text.slice(this.#lineStart(dash), dash);
    const at = this.#nextLine(endOf(item));
    const fitted = this.#fit(lines, indent);
    const whole = at === this.text.length && !this.text.endsWith('\n');
    this.#splices.push({ from: at, to: at, text: whole ? `${this.#eol}${fitted.replace(/\r?\n$/u, '')}` : fitted });
  }

  #insertFirst(seq: YAMLSeq | undefined, lines: string): void {
    const fitted = this.#fit(lines, '  ');
    const pair = this.#root ? pairOf(this.#root, 'needs') : undefined;
    if (!pair) {
      const gap = this.text === '' || this.text.endsWith('\n') ? '' : this.#eol;
      this.#splices.push({ from: this.text.length, to: this.text.length, text: `${gap}needs:${this.#eol}${fitted}` });
      return;
    }
    const key = pair.key as Scalar;
    const colon = this.text.indexOf(':', endOf(key)) + 1;
    const to = seq ? endOf(seq) : colon;
    // `needs: []` becomes `needs:` with its first line below.
    if (seq) this.#splices.push({ from: colon, to, text: '' });
    const at = this.#nextLine(to);
    const gap = at === this.text.length && !this.text.endsWith('\n') ? this.#eol : '';
    this.#splices.push({ from: at, to: at, text: `${gap}${fitted}` });
  }

  /** The text with all changes. */
  result(): string {
    let text = '';
    let at = 0;
    // Insertions at one place keep the order they were asked for in; what lies in a removed item goes with it.
    const ordered = this.#splices
      .map((splice, order) => ({ ...splice, order }))
      .sort((one, other) => one.from - other.from || one.to - other.to || one.order - other.order);
    for (const { from, to, text: inserted } of ordered) {
      if (from < at) {
        if (to <= at && inserted !== '') continue;
        at = Math.max(at, to);
        continue;
      }
      text += this.text.slice(at, from) + inserted;
      at = to;
    }
    return text + this.text.slice(at);
  }

  #fit(lines: string, indent: string): string {
    const own = /^[ ]*/u.exec(lines)?.[0] ?? '';
    return lines
      .split(/\r?\n/u)
      .map((line) => (line === '' ? '' : line.startsWith(own) ? indent + line.slice(own.length) : line))
      .join(this.#eol);
  }

  #addPair(map: YAMLMap, name: string, value: string): void {
    const last = map.items.at(-1);
    if (!last) {
      this.#splices.push({ from: startOf(map), to: endOf(map), text: `{ ${name}: ${value} }` });
      return;
    }
    const end = endOfPair(last);
    if (map.flow === true) this.#splices.push({ from: end, to: end, text: `, ${name}: ${value}` });
    else {
      const first = startOf(map.items[0]?.key as Scalar);
      const at = this.#nextLine(end);
      const column = first - this.#lineStart(first);
      const gap = at === this.text.length && !this.text.endsWith('\n') ? this.#eol : '';
      this.#splices.push({ from: at, to: at, text: `${gap}${' '.repeat(column)}${name}: ${value}${gap === '' ? this.#eol : ''}` });
    }
  }

  #removePair(map: YAMLMap, pair: Pair): void {
    const index = map.items.indexOf(pair);
    const start = startOf(pair.key as Scalar);
    if (map.flow === true) {
      const next = map.items[index + 1];
      const before = map.items[index - 1];
      if (next) this.#splices.push({ from: start, to: startOf(next.key as Scalar), text: '' });
      else this.#splices.push({ from: before ? endOfPair(before) : start, to: endOfPair(pair), text: '' });
    } else if (index === 0 && map.items[1]) this.#splices.push({ from: start, to: startOf(map.items[1].key as Scalar), text: '' });
    else this.#splices.push({ from: this.#lineStart(start), to: this.#nextLine(endOfPair(pair)), text: '' });
  }

  #dashOf(item: YAMLMap): number {
    return this.text.lastIndexOf('-', startOf(item) - 1);
  }

  #lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }

  #nextLine(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end + 1;
  }
}

/** Documents of the last texts: they are never changed, and the same plan is often edited again. */
const recent = new Map<string, YAMLMap | undefined>();

function rootOf(text: string): YAMLMap | undefined {
  let root = recent.get(text);
  if (!root) {
    const { contents } = parseDocument(text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text, { uniqueKeys: false });
    root = isMap(contents) ? contents : undefined;
  }
  recent.delete(text);
  recent.set(text, root);
  if (recent.size > 4) recent.delete(recent.keys().next().value ?? '');
  return root;
}

type Ranged = { readonly range?: readonly [number, number, number] | null | undefined };

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === name);
}

function startOf(node: Ranged): number {
  if (!node.range) fail('NET-EDIT', 'a part of the plan has no place in its text');
  return node.range[0];
}

/** Where a value ends, without comments and blank lines behind it. */
function endOf(node: Ranged): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last) return endOfPair(last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    if (isNode(last)) return endOf(last);
  }
  if (!node.range) fail('NET-EDIT', 'a part of the plan has no place in its text');
  return node.range[1];
}

function endOfPair(pair: Pair): number {
  const value = pair.value as Ranged | null;
  return value?.range ? endOf(value) : endOf(pair.key as Scalar);
}

/** A value as it is written into a plan: in the quotes it had, else plain where that is safe. */
function written(value: string | number, node: Scalar | undefined): string {
  if (typeof value === 'number') return String(value);
  if (node?.type === 'QUOTE_DOUBLE') return JSON.stringify(value);
  if (node?.type === 'QUOTE_SINGLE' && !value.includes("'")) return `'${value}'`;
  return lockScalar(value);
}
