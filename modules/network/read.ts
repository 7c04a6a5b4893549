import { formatAddress, formatPrefix } from './format.ts';
import { bitsOf, contains, truncate, type Address, type Prefix } from './prefix.ts';
import { correctedAddress, correctedPrefix } from './suggest.ts';

/** Why a text is not an address or prefix, and the form that would be right where it can be told. */
export interface AddressFault {
  readonly fault: string;
  readonly corrected?: string | undefined;
}

export function isFault(value: object): value is AddressFault {
  return 'fault' in value;
}

const mapped: Prefix = { family: 'v6', a: 0, b: 0, c: 0xffff, d: 0, length: 96 };

/**
 * Reads a prefix strictly: four plain decimal octets or RFC 4291 text, a slash, a plain decimal length, no host bits.
 * Never guesses: whatever is doubtful is a fault with the corrected form.
 */
export function readPrefix(text: string): Prefix | AddressFault {
  const slash = text.indexOf('/');
  if (slash < 0) return { fault: 'the length is missing', corrected: correctedPrefix(text) };
  const address = scanAddress(text, slash);
  if (typeof address === 'string') return { fault: address, corrected: correctedPrefix(text) };
  const length = scanLength(text, slash + 1);
  if (length < 0) return { fault: `"${text.slice(slash + 1)}" is not a length in plain decimal`, corrected: correctedPrefix(text) };
  if (length > bitsOf(address.family)) return { fault: `a length is at most ${bitsOf(address.family)}` };
  const prefix = truncate(address, length);
  if (prefix.a !== address.a || prefix.b !== address.b || prefix.c !== address.c || prefix.d !== address.d) {
    return { fault: 'bits to the right of the length are set', corrected: formatPrefix(prefix) };
  }
  if (contains(mapped, prefix)) {
    return {
      fault: 'it is an IPv4-mapped address, which no network carries',
      corrected: formatPrefix({ family: 'v4', a: prefix.d, b: 0, c: 0, d: 0, length: length - 96 }),
    };
  }
  return prefix;
}

/** Reads an address strictly, as {@link readPrefix}; a length is a fault. */
export function readAddress(text: string): Address | AddressFault {
  const address = scanAddress(text, text.length);
  return typeof address === 'string' ? { fault: address, corrected: correctedAddress(text) } : address;
}

/** Whether a text is an address or a prefix that was read; RFC 5952 text of what it means. */
export function canonicalText(text: string): string | undefined {
  const read = text.includes('/') ? readPrefix(text) : readAddress(text);
  if (isFault(read)) return undefined;
  return text.includes('/') ? formatPrefix(read as Prefix) : formatAddress(read);
}

function scanLength(text: string, from: number): number {
  const digits = text.length - from;
  if (digits < 1 || digits > 3) return -1;
  if (digits > 1 && text.charCodeAt(from) === 48) return -1;
  let value = 0;
  for (let index = from; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Reads `text[0, end)` as an address; a string is the fault. */
function scanAddress(text: string, end: number): Address | string {
  if (end === 0) return 'the address is missing';
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === 58) return scanV6(text, end);
    if (code === 37) return 'a zone has no place in a plan';
    if (code <= 32 || code > 126) return `it holds the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  const a = scanV4(text, 0, end);
  return typeof a === 'string' ? a : { family: 'v4', a, b: 0, c: 0, d: 0 };
}

function scanV4(text: string, from: number, end: number): number | string {
  let word = 0;
  let octets = 0;
  let index = from;
  for (;;) {
    const start = index;
    let value = 0;
    while (index < end) {
      const digit = text.charCodeAt(index) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      index++;
    }
    const octet = text.slice(start, index);
    if (octet === '') return `${JSON.stringify(text.slice(from, end))} is not four decimal octets`;
    if (octet.length > 1 && octet.charCodeAt(0) === 48) {
      return text.charCodeAt(index) === 120 ? 'octets are decimal' : `octet "${octet}" has a leading zero, which some programs read as octal`;
    }
    if (value > 255) return `octet "${octet}" is above 255`;
    word = word * 256 + value;
    octets++;
    if (index === end) break;
    if (text.charCodeAt(index) !== 46) {
      return text.charCodeAt(index) === 120 ? 'octets are decimal' : `${JSON.stringify(text.slice(from, end))} is not four decimal octets`;
    }
    index++;
    if (octets === 4) return 'it has more than four octets';
  }
  return octets === 4 ? word : `it has ${octets} ${octets === 1 ? 'octet' : 'octets'}, not four`;
}

function scanV6(text: string, end: number): Address | string {
  const groups: number[] = [];
  let gap = -1;
  let index = 0;
  if (text.charCodeAt(0) === 58) {
    if (text.charCodeAt(1) !== 58 || end < 2) return 'it begins with one colon';
    gap = 0;
    index = 2;
  }
  while (index < end) {
    const start = index;
    let value = 0;
    while (index < end) {
      const digit = hexDigit(text.charCodeAt(index));
      if (digit < 0) break;
      value = value * 16 + digit;
      index++;
    }
    const code = index < end ? text.charCodeAt(index) : -1;
    if (code === 46) {
      const word = scanV4(text, start, end);
      if (typeof word === 'string') return word;
      groups.push(word >>> 16, word & 0xffff);
      index = end;
      break;
    }
    if (code === 37) return 'a zone has no place in a plan';
    if (code !== 58 && code !== -1) return `it holds ${JSON.stringify(text[index])}`;
    if (index === start) return 'three colons stand together';
    if (index - start > 4) return `group "${text.slice(start, index)}" is longer than four digits`;
    groups.push(value);
    if (code === -1) break;
    index++;
    if (text.charCodeAt(index) === 58 && index < end) {
      if (gap >= 0) return '"::" stands twice';
      gap = groups.length;
      index++;
    } else if (index === end) return 'it ends with one colon';
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return `it has ${groups.length} groups${gap < 0 ? ', not eight' : ' beside "::"'}`;
  if (gap >= 0) groups.splice(gap, 0, ...new Array<number>(8 - groups.length).fill(0));
  const word = (at: number): number => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0;
  return { family: 'v6', a: word(0), b: word(2), c: word(4), d: word(6) };
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
