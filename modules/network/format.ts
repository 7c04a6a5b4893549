import type { Address, Prefix } from './prefix.ts';

/** An address as text: dotted decimal, or RFC 5952 (lower case, the first longest run of zeros as `::`). */
export function formatAddress(address: Address): string {
  return address.family === 'v4' ? formatV4(address.a) : formatV6(address);
}

/** A prefix as text: `10.0.0.0/8`, `3fff::/20`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}

function formatV4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatV6({ a, b, c, d }: Address): string {
  // RFC 5952 section 5: an IPv4-mapped address shows its IPv4 part in dotted decimal.
  if (a === 0 && b === 0 && c === 0xffff) return `::ffff:${formatV4(d)}`;
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff];
  let start = -1;
  let longest = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && groups[end] === 0) end++;
    if (end - index > longest) {
      start = index;
      longest = end - index;
    }
    index = Math.max(index, end);
  }
  let text = '';
  for (let index = 0; index < 8; index++) {
    if (index === start) {
      text += '::';
      index += longest - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += (groups[index] ?? 0).toString(16);
  }
  return text;
}
