import type { JsonObject, Json } from '../../core/index.ts';

/** A value as far as it can be read without evaluating anything. */
export type HclValue = { readonly static: Json } | { readonly expression: string };

export interface HclAttribute {
  readonly value: HclValue;
  readonly line: number;
  readonly column: number;
}

export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: HclBody;
  readonly line: number;
  readonly column: number;
}

export interface HclBody {
  readonly attributes: ReadonlyMap<string, HclAttribute>;
  readonly blocks: readonly HclBlock[];
}

export interface HclFile extends HclBody {
  /** Quoted texts anywhere in the file, as written between the quotes. */
  readonly texts: readonly string[];
}

/** The text is not HCL as far as blocks and attributes go. */
export class HclError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/**
 * Reads the structure of an HCL file (HCL Native Syntax Specification): blocks, attributes and values that need no
 * evaluation. Expressions are kept as text. Nothing is executed, no function known.
 * @throws HclError with the place
 */
export function readHcl(text: string): HclFile {
  const reader = new Reader(text);
  const body = reader.body(false);
  return { ...body, texts: reader.texts };
}

/** The text of a static string; undefined for anything else. */
export function staticText(attribute: HclAttribute | undefined): string | undefined {
  const value = attribute === undefined || !('static' in attribute.value) ? undefined : attribute.value.static;
  return typeof value === 'string' ? value : undefined;
}

/** A body as the JSON that means the same; undefined when some of it needs evaluation. */
export function staticBody(body: HclBody): JsonObject | undefined {
  const result: Record<string, Json> = {};
  for (const [name, { value }] of body.attributes) {
    if (!('static' in value)) return undefined;
    result[name] = value.static;
  }
  for (const block of body.blocks) {
    const inner = staticBody(block.body);
    if (inner === undefined) return undefined;
    const before = result[block.type];
    result[block.type] = before === undefined ? inner : [...(Array.isArray(before) ? (before as readonly Json[]) : [before]), inner];
  }
  return result;
}

const notStatic = Symbol('not static');
type Read = Json | typeof notStatic;

const identifierStart = /[\p{ID_Start}_]/u;
const identifierRest = /[\p{ID_Continue}\-]/u;

class Reader {
  readonly texts: string[] = [];
  readonly #text: string;
  #at = 0;
  #counted = { at: 0, line: 1, begin: 0 };

  constructor(text: string) {
    this.#text = text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  body(nested: boolean): HclBody {
    const attributes = new Map<string, HclAttribute>();
    const blocks: HclBlock[] = [];
    for (;;) {
      this.#skip(true);
      const begin = this.#at;
      if (this.#end) {
        if (nested) this.#fail('a block is not closed');
        return { attributes, blocks };
      }
      if (this.#peek === '}') {
        if (!nested) this.#fail('there is a } too many');
        this.#at++;
        return { attributes, blocks };
      }
      const name = this.#peek === '"' ? this.#quoted().text : this.#identifier();
      this.#skip(false);
      const { line, column } = this.#place(begin);
      if (this.#peek === '=' && this.#text[this.#at + 1] !== '=') {
        this.#at++;
        attributes.set(name, { value: this.#expression(), line, column });
        continue;
      }
      const labels: string[] = [];
      while (!this.#end && this.#peek !== '{') {
        labels.push(this.#peek === '"' ? this.#quoted().text : this.#identifier());
        this.#skip(false);
      }
      if (this.#end) this.#fail('a block is not opened');
      this.#at++;
      blocks.push({ type: name, labels, body: this.body(true), line, column });
    }
  }

  get #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  get #end(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Blanks and comments; line breaks too where they mean nothing. */
  #skip(breaks: boolean): void {
    for (; !this.#end;) {
      const char = this.#peek;
      if (char === '#' || (char === '/' && this.#text[this.#at + 1] === '/')) {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (char === '/' && this.#text[this.#at + 1] === '*') {
        const end = this.#text.indexOf('*/', this.#at + 2);
        if (end < 0) this.#fail('a comment is not closed');
        this.#at = end + 2;
      } else if (char === ' ' || char === '\t' || char === '\r' || (breaks && char === '\n')) this.#at++;
      else return;
    }
  }

  #identifier(): string {
    const begin = this.#at;
    if (!identifierStart.test(this.#peek)) this.#fail(`unexpected "${this.#peek}"`);
    while (!this.#end && identifierRest.test(this.#peek)) this.#at++;
    return this.#text.slice(begin, this.#at);
  }

  /** A value up to the end of its line; what cannot be read as a value is kept as text. */
  #expression(): HclValue {
    this.#skip(false);
    const begin = this.#at;
    const value = this.#value();
    const after = this.#at;
    this.#skip(false);
    if (value !== notStatic && (this.#end || this.#peek === '\n' || this.#peek === '}' || this.#peek === ',')) return { static: value };
    this.#at = after;
    this.#passExpression();
    return { expression: this.#text.slice(begin, this.#at).trim() };
  }

  #value(): Read {
    const char = this.#peek;
    if (char === '"') {
      const { text, template } = this.#quoted();
      return template ? notStatic : unescape(text);
    }
    if (char === '<' && this.#text[this.#at + 1] === '<') return this.#heredoc();
    if (char === '[') return this.#list();
    if (char === '{') return this.#object();
    const word = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.([])/u.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
    if (word === undefined) return notStatic;
    this.#at += word.length;
    return word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : Number(word);
  }

  #list(): Read {
    const begin = this.#at++;
    const items: Json[] = [];
    for (;;) {
      this.#skip(true);
      if (this.#peek === ']') {
        this.#at++;
        return items;
      }
      const item = this.#end ? notStatic : this.#value();
      this.#skip(true);
      if (item === notStatic || (this.#peek !== ',' && this.#peek !== ']')) {
        this.#at = begin;
        return notStatic;
      }
      items.push(item);
      if (this.#peek === ',') this.#at++;
    }
  }

  #object(): Read {
    const begin = this.#at++;
    const result: Record<string, Json> = {};
    for (;;) {
      this.#skip(true);
      if (this.#peek === '}') {
        this.#at++;
        return result;
      }
      const quoted = this.#peek === '"' ? this.#quoted() : undefined;
      const name = quoted?.text ?? (identifierStart.test(this.#peek) ? this.#identifier() : undefined);
      this.#skip(false);
      const assigned = this.#peek === '=' || this.#peek === ':';
      this.#at++;
      this.#skip(true);
      const item = !assigned || quoted?.template === true || this.#end ? notStatic : this.#value();
      this.#skip(false);
      if (name === undefined || item === notStatic || !/[,\n}]/u.test(this.#peek)) {
        this.#at = begin;
        return notStatic;
      }
      result[name] = item;
      if (this.#peek === ',') this.#at++;
    }
  }

  /** Passes over an expression: to the end of the line, or of the block, with every bracket closed. */
  #passExpression(): void {
    let depth = 0;
    while (!this.#end) {
      this.#skip(depth > 0);
      const char = this.#peek;
      if (depth === 0 && (this.#end || char === '\n' || char === '}')) return;
      if (this.#end) break;
      if (char === '"') this.#quoted();
      else if (char === '<' && /^<<-?\w/u.test(this.#text.slice(this.#at, this.#at + 4))) this.#heredoc();
      else {
        if (char === '(' || char === '[' || char === '{') depth++;
        if (char === ')' || char === ']' || char === '}') depth--;
        if (depth < 0) this.#fail(`unexpected "${char}"`);
        this.#at++;
      }
    }
    if (depth > 0) this.#fail('a bracket is not closed');
  }

  /** Between two quotes; what `${` opens may hold quotes again. */
  #quoted(): { readonly text: string; readonly template: boolean } {
    const begin = ++this.#at;
    let template = false;
    for (; !this.#end; this.#at++) {
      const char = this.#peek;
      if (char === '\\') this.#at++;
      else if (char === '\n') break;
      else if ((char === '$' || char === '%') && this.#text[this.#at + 1] === '{') {
        if (this.#text[this.#at - 1] === char) continue;
        template = true;
        this.#passTemplate();
      } else if (char === '"') {
        const text = this.#text.slice(begin, this.#at++);
        this.texts.push(text);
        return { text, template };
      }
    }
    this.#at = begin - 1;
    return this.#fail('a quoted text is not closed');
  }

  /** From `${` to its `}`, on which it stands afterwards. */
  #passTemplate(): void {
    this.#at += 2;
    for (let depth = 1; !this.#end;) {
      const char = this.#peek;
      if (char === '"') this.#quoted();
      else {
        if (char === '{') depth++;
        if (char === '}' && --depth === 0) return;
        this.#at++;
      }
    }
    this.#fail('a template is not closed');
  }

  #heredoc(): Read {
    const head = /^<<(-?)([\w-]+)[ \t\r]*\n/u.exec(this.#text.slice(this.#at, this.#at + 200));
    if (head === null) return this.#fail('a heredoc has no name');
    const begin = this.#at + head[0].length;
    const end = new RegExp(`^[ \\t]*${head[2] ?? ''}[ \\t\\r]*$`, 'mu').exec(this.#text.slice(begin));
    if (end === null) return this.#fail('a heredoc is not closed');
    const text = this.#text.slice(begin, begin + end.index);
    this.#at = begin + end.index + end[0].length;
    return head[1] === '-' || /[$%]\{/u.test(text) ? notStatic : text;
  }

  /** Places are asked for in rising order, but for the odd error: counting goes on where it was. */
  #place(at: number): { readonly line: number; readonly column: number } {
    if (at < this.#counted.at) this.#counted = { at: 0, line: 1, begin: 0 };
    let { line, begin } = this.#counted;
    for (let next = this.#text.indexOf('\n', this.#counted.at); next >= 0 && next < at; next = this.#text.indexOf('\n', next + 1)) {
      line++;
      begin = next + 1;
    }
    this.#counted = { at, line, begin };
    return { line, column: at - begin + 1 };
  }

  #fail(message: string): never {
    const { line, column } = this.#place(this.#at);
    throw new HclError(message, line, column);
  }
}

function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([$%])\4\{/gu,
    (whole, simple: string, short: string, long: string, sign: string) => {
      if (simple) return ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[simple] ?? simple;
      if (short || long) return String.fromCodePoint(Number.parseInt(short || long, 16));
      return sign ? `${sign}{` : whole;
    },
  );
}
