/** Text as it is compared in searches: lower case, no diacritics, đ as d. The same fold as the inventory's. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[đĐ]/gu, 'd')
    .toLowerCase()
    .normalize('NFC');
}

/** Folded words with a space before each: a term matches where ` term` occurs, so only at the beginning of words. */
export function foldWords(text: string): string {
  return ` ${fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()}`;
}
