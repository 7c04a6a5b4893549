import { closest, distance } from 'fastest-levenshtein';

/** Order by UTF-16 code units: the only order used in anything written, because a locale's order changes between machines. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A copy of `items` in code-unit order of `key`. */
export function sortedBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((a, b) => compareCodeUnits(key(a), key(b)));
}

/**
 * Folds text for searching: lower case, no diacritics, đ as d.
 * SQLite's own `remove_diacritics` leaves đ alone, because Unicode gives it no decomposition.
 */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[đĐ]/gu, 'd')
    .toLowerCase()
    .normalize('NFC');
}

/** The candidate the user probably meant, or undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const list = [...candidates];
  if (list.length === 0 || word === '') return undefined;
  const best = closest(word, list);
  // Two swapped letters count as two edits.
  const length = Math.max(word.length, best.length);
  const limit = length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
  return distance(word, best) <= limit ? best : undefined;
}

/** `did you mean "x"?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const best = nearest(word, candidates);
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** `1 zone`, `2 zones`: a count with its English noun. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  // Loading the tables of a locale takes longer than many a command.
  return `${String(count).replace(/\B(?=(?:\d{3})+$)/gu, ',')} ${count === 1 ? noun : many}`;
}
