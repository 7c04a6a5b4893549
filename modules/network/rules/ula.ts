import type { Prefix } from '../prefix.ts';

/** Words people spell in hexadecimal. */
const words = new Set(['dead', 'beef', 'cafe', 'babe', 'face', 'feed', 'f00d', 'c0de', 'fade', 'deaf', 'bead', 'ace0', '1337', 'abba']);

/** The 40 bits after `fd` as ten hexadecimal digits (RFC 4193 3.1). */
export function globalId({ a, b }: Prefix): string {
  return (a & 0xffffff).toString(16).padStart(6, '0') + (b >>> 16).toString(16).padStart(4, '0');
}

/**
 * What gives away that somebody thought a global id up instead of drawing it (RFC 4193 3.2 asks for a pseudo-random one).
 * Undefined for one that may well be random: of 10,000 truly random ones at most a few are suspected.
 */
export function inventedId(id: string): string | undefined {
  const distinct = new Set(id).size;
  if (distinct <= 3) return `only ${distinct === 1 ? 'one digit' : `${distinct} different digits`}`;
  if (/(.)\1{4}/u.test(id)) return 'one digit five times in a row';
  if (id.slice(0, 5) === id.slice(5)) return 'the same five digits twice';
  for (const step of [1, -1]) {
    let run = 1;
    for (let index = 1; index < id.length; index++) {
      run = Number.parseInt(id[index] ?? '', 16) - Number.parseInt(id[index - 1] ?? '', 16) === step ? run + 1 : 1;
      if (run >= 6) return 'six digits that count';
    }
  }
  if (words.has(id.slice(2, 6)) && words.has(id.slice(6))) return 'words';
  return undefined;
}
