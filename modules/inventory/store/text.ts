import { fold } from '../../core/index.ts';

const onlyAscii = /^[\x20-\x7e]*$/u;

/** Folded words of a text, separated by single spaces: what the full-text index holds and what is asked of it. */
export function words(text: string): string {
  // Most attribute values are ASCII, for which the Unicode fold would only cost time.
  if (onlyAscii.test(text))
    return text
      .toLowerCase()
      .replace(/[^a-z0-9]+/gu, ' ')
      .trim();
  return fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** One thing asked for: a word, or several that must stand together (`10.1.0.0/24`, `web-1`). */
export interface Term {
  readonly words: string;
}

/** The terms of a query: split at spaces and quotes, each folded; punctuation inside a term makes a phrase of it. */
export function queryTerms(text: string): Term[] {
  const terms: Term[] = [];
  for (const match of text.matchAll(/"([^"]*)"|(\S+)/gu)) {
    const folded = words(match[1] ?? match[2] ?? '');
    if (folded !== '') terms.push({ words: folded });
  }
  return terms;
}

/** FTS5 expression that asks for all terms; `prefix` lets the last one be the beginning of a word. */
export function matchExpression(terms: readonly Term[], prefix: boolean): string {
  return terms.map((term, index) => `"${term.words}"${prefix && index === terms.length - 1 ? ' *' : ''}`).join(' AND ');
}
