/**
 * A reader of the part of YAML 1.2 people write in declarations: block maps and lists, flow maps and lists, plain and quoted
 * scalars on one line, comments. It is about twenty times as fast as the full parser. Whatever else it meets (anchors, tags, block
 * scalars, several lines in one scalar, doubled keys, anything doubtful) it hands back as undefined, for the full parser to read
 * or to refuse. So it never reports an error, and what it does read is what the full parser would have read (a test compares them).
 */

/** A value and where it begins. Offsets are UTF-16 units into the text. */
export interface PlainNode {
  readonly offset: number;
  readonly value: unknown;
  /** Of a map: where each key begins, and its value. */
  readonly entries?: ReadonlyMap<string, { readonly key: number; readonly node: PlainNode }>;
  /** Of a list. */
  readonly items?: readonly PlainNode[];
}

/** The document, or undefined where only the full parser may judge. */
export function readPlainYaml(text: string): PlainNode | undefined {
  if (/[\t\r\uFEFF\u0085\u2028\u2029]/u.test(text)) return undefined;
  try {
    return new Reader(text.endsWith('\n') ? text : `${text}\n`).document();
  } catch (error) {
    if (error === doubtful) return undefined;
    throw error;
  }
}

const doubtful = new Error('beyond the plain part of YAML');
const maximumDepth = 100;

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const LIST = 91;
const LIST_END = 93;
const MAP = 123;
const MAP_END = 125;

const blockKey = /[A-Za-z_][A-Za-z0-9_./-]*(?=:[ \n])/uy;
/** What a plain scalar may not begin with; `-`, `?` and `:` may in places, which are left to the full parser but for numbers. */
const reservedStart = /^[\s\-?:,[\]{}#&*!|>'"%@`]/u;
const simpleInteger = /^(?:0|-?[1-9][0-9]{0,14})$/u;
const simpleDecimal = /^-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,12}$/u;
/** Everything the core schema reads as a number (YAML 1.2.2, 10.3.2). */
const anyNumber = /^[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|\.inf|\.Inf|\.INF)$|^\.(?:nan|NaN|NAN)$/u;
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['null', 'Null', 'NULL', '~'].map((word) => [word, null] as const),
]);

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PlainNode {
    const indent = this.#nextLine();
    if (indent !== 0) throw doubtful;
    const node = this.#block(0);
    if (this.#at < this.#text.length) throw doubtful;
    return node;
  }

  /** Goes to the first character of the next line with content; its indentation, or -1 at the end. Stands at the start of a line. */
  #nextLine(): number {
    const text = this.#text;
    for (;;) {
      const start = this.#at;
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      const code = text.charCodeAt(this.#at);
      if (Number.isNaN(code)) return -1;
      if (code !== NEWLINE && code !== HASH) return this.#at - start;
      this.#at = text.indexOf('\n', this.#at) + 1;
    }
  }

  /** After a value: nothing but a comment may follow on the line. Then goes to the next line with content. */
  #endOfValue(): number {
    const text = this.#text;
    const start = this.#at;
    while (text.charCodeAt(this.#at) === SPACE) this.#at++;
    const code = text.charCodeAt(this.#at);
    if (code !== NEWLINE && !(code === HASH && this.#at > start)) throw doubtful;
    this.#at = text.indexOf('\n', this.#at) + 1;
    return this.#nextLine();
  }

  /** Two characters that begin an entry of a list. */
  #isDash(): boolean {
    return this.#text.charCodeAt(this.#at) === DASH && this.#text.charCodeAt(this.#at + 1) === SPACE;
  }

  #block(indent: number): PlainNode {
    if (++this.#depth > maximumDepth) throw doubtful;
    const node = this.#isDash() ? this.#blockList(indent) : this.#blockMap(indent);
    this.#depth--;
    return node;
  }

  #blockMap(indent: number): PlainNode {
    const text = this.#text;
    const offset = this.#at;
    const value: Record<string, unknown> = {};
    const entries = new Map<string, { key: number; node: PlainNode }>();
    for (;;) {
      const at = this.#at;
      const key = this.#blockKey();
      this.#at++;
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      const code = text.charCodeAt(this.#at);
      let node: PlainNode;
      let next: number;
      if (code === NEWLINE || code === HASH) {
        this.#at = text.indexOf('\n', this.#at) + 1;
        const inner = this.#nextLine();
        if (inner <= indent) throw doubtful;
        node = this.#block(inner);
        next = this.#indentHere();
      } else {
        node = this.#inline(indent);
        next = this.#endOfValue();
      }
      this.#add(entries, value, key, at, node);
      if (next < indent) return { offset, value, entries };
      if (next !== indent) throw doubtful;
    }
  }

  #blockKey(): string {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE || code === APOSTROPHE) {
      const key = this.#quoted();
      const after = this.#text.charCodeAt(this.#at + 1);
      if (this.#text.charCodeAt(this.#at) !== COLON || (after !== SPACE && after !== NEWLINE)) throw doubtful;
      return key;
    }
    blockKey.lastIndex = this.#at;
    const key = blockKey.exec(this.#text)?.[0];
    if (key === undefined) throw doubtful;
    this.#at += key.length;
    return key;
  }

  #blockList(indent: number): PlainNode {
    const text = this.#text;
    const offset = this.#at;
    const value: unknown[] = [];
    const items: PlainNode[] = [];
    for (;;) {
      const dash = this.#at;
      this.#at++;
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE || code === HASH || this.#isDash()) throw doubtful;
      let node: PlainNode;
      let next: number;
      blockKey.lastIndex = this.#at;
      if (code !== QUOTE && code !== APOSTROPHE && blockKey.test(text)) {
        node = this.#block(indent + (this.#at - dash));
        next = this.#indentHere();
      } else {
        node = this.#inline(indent);
        next = this.#endOfValue();
      }
      items.push(node);
      value.push(node.value);
      if (next < indent) return { offset, value, items };
      if (next !== indent || !this.#isDash()) throw doubtful;
    }
  }

  /** Indentation of the line whose first character the reader stands at; -1 at the end. */
  #indentHere(): number {
    return this.#at >= this.#text.length ? -1 : this.#at - (this.#text.lastIndexOf('\n', this.#at - 1) + 1);
  }

  /** A flow collection or a scalar in a block. */
  #inline(indent: number): PlainNode {
    const offset = this.#at;
    const code = this.#text.charCodeAt(offset);
    if (code === MAP || code === LIST) return this.#flow(indent);
    if (code === QUOTE || code === APOSTROPHE) return { offset, value: this.#quoted() };
    const end = this.#text.indexOf('\n', offset);
    let source = this.#text.slice(offset, end);
    const comment = source.indexOf(' #');
    if (comment >= 0) source = source.slice(0, comment);
    source = source.trimEnd();
    if (source.includes(': ') || source.endsWith(':')) throw doubtful;
    this.#at = offset + source.length;
    return { offset, value: resolve(source) };
  }

  #flow(indent: number): PlainNode {
    if (++this.#depth > maximumDepth) throw doubtful;
    const node = this.#text.charCodeAt(this.#at) === MAP ? this.#flowMap(indent) : this.#flowList(indent);
    this.#depth--;
    return node;
  }

  #flowMap(indent: number): PlainNode {
    const offset = this.#at++;
    const value: Record<string, unknown> = {};
    const entries = new Map<string, { key: number; node: PlainNode }>();
    for (;;) {
      if (this.#flowSpace(indent) === MAP_END) break;
      const at = this.#at;
      const key = this.#flowScalar().value;
      if (typeof key !== 'string' || this.#text.charCodeAt(this.#at) !== COLON) throw doubtful;
      const after = this.#text.charCodeAt(++this.#at);
      if (after !== SPACE && after !== NEWLINE) throw doubtful;
      this.#flowSpace(indent);
      this.#add(entries, value, key, at, this.#flowValue(indent));
      if (this.#flowSpace(indent) === MAP_END) break;
      this.#comma();
    }
    this.#at++;
    return { offset, value, entries };
  }

  #flowList(indent: number): PlainNode {
    const offset = this.#at++;
    const value: unknown[] = [];
    const items: PlainNode[] = [];
    for (;;) {
      if (this.#flowSpace(indent) === LIST_END) break;
      const node = this.#flowValue(indent);
      items.push(node);
      value.push(node.value);
      if (this.#flowSpace(indent) === LIST_END) break;
      this.#comma();
    }
    this.#at++;
    return { offset, value, items };
  }

  #comma(): void {
    if (this.#text.charCodeAt(this.#at) !== COMMA) throw doubtful;
    this.#at++;
  }

  #flowValue(indent: number): PlainNode {
    const code = this.#text.charCodeAt(this.#at);
    return code === MAP || code === LIST ? this.#flow(indent) : this.#flowScalar();
  }

  #flowScalar(): PlainNode {
    const text = this.#text;
    const offset = this.#at;
    const first = text.charCodeAt(offset);
    if (first === QUOTE || first === APOSTROPHE) return { offset, value: this.#quoted() };
    for (; ; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === COMMA || code === NEWLINE || code === LIST || code === LIST_END || code === MAP || code === MAP_END) break;
      if (code === COLON) {
        const after = text.charCodeAt(this.#at + 1);
        if (after === SPACE || after === NEWLINE) break;
        if (after === COMMA || after === LIST || after === LIST_END || after === MAP || after === MAP_END) throw doubtful;
      }
      if (code === HASH && text.charCodeAt(this.#at - 1) === SPACE) break;
    }
    const source = text.slice(offset, this.#at).trimEnd();
    // `a : b` has its colon apart from the key.
    if (text.charCodeAt(this.#at) === COLON && source.length !== this.#at - offset) throw doubtful;
    return { offset, value: resolve(source) };
  }

  /** Skips spaces, line ends and comments inside a flow collection; what comes next. */
  #flowSpace(indent: number): number {
    const text = this.#text;
    for (;;) {
      const start = this.#at;
      while (text.charCodeAt(this.#at) === SPACE) this.#at++;
      const code = text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw doubtful;
      if (code === HASH) {
        if (this.#at === start && text.charCodeAt(start - 1) !== NEWLINE) throw doubtful;
        this.#at = text.indexOf('\n', this.#at) + 1;
      } else if (code === NEWLINE) {
        this.#at++;
      } else {
        if (text.charCodeAt(start - 1) === NEWLINE && this.#at - start <= indent) throw doubtful;
        return code;
      }
    }
  }

  #quoted(): string {
    const text = this.#text;
    const start = this.#at;
    const double = text.charCodeAt(start) === QUOTE;
    let end = start + 1;
    for (; ; end++) {
      const code = text.charCodeAt(end);
      if (Number.isNaN(code) || code === NEWLINE) throw doubtful;
      if (double) {
        if (code === 92) throw doubtful;
        if (code === QUOTE) break;
      } else if (code === APOSTROPHE) {
        if (text.charCodeAt(end + 1) !== APOSTROPHE) break;
        end++;
      }
    }
    this.#at = end + 1;
    const inside = text.slice(start + 1, end);
    return double ? inside : inside.replaceAll("''", "'");
  }

  #add(entries: Map<string, { key: number; node: PlainNode }>, value: Record<string, unknown>, key: string, at: number, node: PlainNode): void {
    if (entries.has(key) || key === '__proto__' || key === '<<' || typeof resolveWord(key) !== 'string') throw doubtful;
    entries.set(key, { key: at, node });
    value[key] = node.value;
  }
}

/** A quoted key that reads like a number or a word is doubtful as well: rare, and not worth telling apart. */
function resolveWord(source: string): unknown {
  return words.has(source) ? words.get(source) : anyNumber.test(source) ? Number(source) : source;
}

/** What a plain scalar means in the core schema. */
function resolve(source: string): unknown {
  const code = source.charCodeAt(0);
  if (code >= 48 && code <= 57) {
    if (simpleInteger.test(source) || simpleDecimal.test(source)) return Number(source);
    if (anyNumber.test(source)) throw doubtful;
    return source;
  }
  if (code === DASH && (simpleInteger.test(source) || simpleDecimal.test(source))) return Number(source);
  if (source === '' || reservedStart.test(source)) throw doubtful;
  if (source.length <= 5 && words.has(source)) return words.get(source);
  if ((code === 43 || code === 46) && anyNumber.test(source)) throw doubtful;
  return source;
}
