import { didYouMean, fail } from '../../core/index.ts';
import { directions, fields, wholes, type Direction, type Expression, type Field } from './syntax.ts';

/** Nesting that no person writes; beyond it a parser by descent would run out of stack. */
const deepest = 100;

interface Token {
  readonly kind: 'word' | 'quoted' | 'or' | 'and' | 'not' | '(' | ')' | ':' | 'end';
  readonly text: string;
  /** Where it begins and ends, 1-based; a key and its value touch the colon between them. */
  readonly column: number;
  readonly end: number;
}

/**
 * Reads a selection.
 * @param shown where it was written (`--select`), for problems
 * @throws ProblemError ENGINE-SELECT with the column and what was probably meant
 */
export function parseSelection(source: string, shown = '--select'): Expression {
  const wrong = (message: string, column: number, hint?: string): never => fail('ENGINE-SELECT', message, { file: shown, line: 1, column, hint });
  const tokens = tokenise(source, wrong);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '', column: source.length + 1, end: source.length + 1 };
  const take = (): Token => {
    const token = peek();
    at++;
    return token;
  };

  const joined = (kind: 'or' | 'and', part: (depth: number) => Expression, depth: number): Expression => {
    const { column } = peek();
    const parts = [part(depth)];
    while (peek().kind === kind) {
      take();
      parts.push(part(depth));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind, parts, column };
  };
  const union = (depth: number): Expression => joined('or', intersection, depth);
  const intersection = (depth: number): Expression => joined('and', negation, depth);
  const negation = (depth: number): Expression => {
    if (depth > deepest) wrong(`nested more than ${deepest} deep`, peek().column);
    if (peek().kind !== 'not') return term(depth);
    const { column } = take();
    return { kind: 'not', of: negation(depth + 1), column };
  };
  const term = (depth: number): Expression => {
    if (depth > deepest) wrong(`nested more than ${deepest} deep`, peek().column);
    const token = take();
    if (token.kind === '(') {
      const inner = union(depth + 1);
      const close = take();
      if (close.kind !== ')') wrong(`"(" of column ${token.column} is not closed${describe(close, ' before ')}`, close.column, 'add ")"');
      return inner;
    }
    if (token.kind === 'quoted') return { kind: 'field', field: 'path', glob: token.text, column: token.column };
    if (token.kind !== 'word') {
      return wrong(token.kind === 'end' ? 'a term is missing at the end' : `a term is missing${describe(token, ' before ')}`, token.column, examples);
    }
    if (peek().kind === ':' && peek().column === token.end) return keyed(token, depth);
    if ((wholes as readonly string[]).includes(token.text)) return { kind: token.text as (typeof wholes)[number], column: token.column };
    return { kind: 'field', field: 'path', glob: token.text, column: token.column };
  };
  const keyed = (key: Token, depth: number): Expression => {
    const colon = take();
    const { column } = key;
    if ((directions as readonly string[]).includes(key.text)) return { kind: 'closure', direction: key.text as Direction, of: term(depth + 1), column };
    if (!(fields as readonly string[]).includes(key.text)) {
      const known = [...fields, ...directions];
      wrong(`there is no selector "${key.text}:"`, column, didYouMean(key.text, known) ?? `selectors: ${known.map((name) => `${name}:`).join(', ')}`);
    }
    const value = peek();
    const isValue = value.kind === 'word' || value.kind === 'quoted' || ['or', 'and', 'not'].includes(value.kind);
    if (!isValue || value.column !== colon.end || value.text === '') {
      return wrong(`"${key.text}:" needs a value right after it`, colon.end, `for example ${key.text}:${key.text === 'tag' ? 'critical' : 'mst'}`);
    }
    take();
    return { kind: 'field', field: key.text as Field, glob: value.text, column };
  };

  const expression = union(0);
  const rest = peek();
  if (rest.kind === ')') wrong('")" closes nothing', rest.column);
  if (rest.kind !== 'end') wrong(`"or" or "and" is missing before ${quote(rest.text)}`, rest.column, 'A or B selects both, A and B what is in both');
  return expression;
}

const examples = 'for example: mst.* | agency:moh | tag:critical & not changed | dependents-of:mst.ndxp.platform';

function describe(token: Token, before: string): string {
  return token.kind === 'end' ? '' : `${before}${quote(token.text)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

const symbols: Readonly<Record<string, Token['kind']>> = { '|': 'or', '&': 'and', '!': 'not', '(': '(', ')': ')', ':': ':' };
const words: Readonly<Record<string, Token['kind']>> = { or: 'or', and: 'and', not: 'not' };

function tokenise(source: string, wrong: (message: string, column: number, hint?: string) => never): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|([|&!():])|"((?:[^"\\]|\\.)*)"|([A-Za-z0-9._/@+=*?-]+)/suy;
  while (pattern.lastIndex < source.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(source);
    if (match === null) {
      const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
      wrong(
        character === '"' ? 'the quotation mark is not closed' : `${quote(character)} has no meaning here`,
        start + 1,
        character === '"' ? 'add "' : character === ',' ? 'join terms with "or" or "and"' : `put a value with such characters in quotation marks`,
      );
    }
    const [, symbol, quoted, word] = match;
    const place = { column: start + 1, end: pattern.lastIndex + 1 };
    if (symbol !== undefined) tokens.push({ kind: symbols[symbol] ?? 'end', text: symbol, ...place });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replaceAll(/\\(.)/gsu, '$1'), ...place });
    else if (word !== undefined) tokens.push({ kind: Object.hasOwn(words, word) ? (words[word] ?? 'word') : 'word', text: word, ...place });
  }
  return tokens;
}
