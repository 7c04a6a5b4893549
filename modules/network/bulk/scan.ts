import { wordMask } from '../prefix.ts';

const DOT = 46;
const SLASH = 47;
const COLON = 58;

/** Value of a hexadecimal digit by its byte; -1 for every other byte. */
const hexValue = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 10; digit++) hexValue[48 + digit] = digit;
for (let digit = 10; digit < 16; digit++) {
  hexValue[55 + digit] = digit;
  hexValue[87 + digit] = digit;
}

/**
 * Reads prefixes from bytes without making strings. It accepts exactly what `readPrefix` accepts; why a text is refused is
 * left to that one. The fields hold what was read last.
 */
export class PrefixScanner {
  wide = false;
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  length = 0;
  readonly #groups = new Uint16Array(10);

  /**
   * Reads the prefix that begins at `at`. Returns the position of the first byte behind its length, which the caller must
   * find to be the end; -1 for what is no prefix. The bytes must end in one that no prefix holds (a line feed).
   */
  scan(bytes: Uint8Array, at: number): number {
    let first = at;
    while (isDigit(bytes[first])) first++;
    if (bytes[first] === DOT) {
      this.wide = false;
      const slash = this.#octets(bytes, at);
      if (slash < 0) return -1;
      const end = this.#length(bytes, slash + 1, 32);
      return end < 0 || (this.a & ~wordMask(this.length)) !== 0 ? -1 : end;
    }
    this.wide = true;
    const slash = this.#colons(bytes, at);
    if (slash < 0) return -1;
    const end = this.#length(bytes, slash + 1, 128);
    if (end < 0) return -1;
    const { length } = this;
    const host = (this.a & ~wordMask(length)) | (this.b & ~wordMask(length - 32)) | (this.c & ~wordMask(length - 64)) | (this.d & ~wordMask(length - 96));
    if (host !== 0) return -1;
    // An IPv4-mapped block is refused, as by readPrefix.
    return length >= 96 && this.a === 0 && this.b === 0 && this.c === 0xffff ? -1 : end;
  }

  /** Four octets from `at`, left in `a`; the position of the slash behind them. */
  #octets(bytes: Uint8Array, at: number): number {
    let word = 0;
    let index = at;
    for (let octets = 1; ; octets++) {
      const lead = (bytes[index] ?? 0) - 48;
      if (lead < 0 || lead > 9) return -1;
      let value = lead;
      index++;
      while (isDigit(bytes[index])) {
        if (lead === 0) return -1;
        value = value * 10 + (bytes[index] ?? 0) - 48;
        if (value > 255) return -1;
        index++;
      }
      word = (word << 8) | value;
      if (octets === 4) {
        this.a = word >>> 0;
        return bytes[index] === SLASH ? index : -1;
      }
      if (bytes[index] !== DOT) return -1;
      index++;
    }
  }

  /** RFC 4291 text from `at`, left in the four words; the position of the slash behind it. */
  #colons(bytes: Uint8Array, at: number): number {
    const groups = this.#groups;
    let count = 0;
    let gap = -1;
    let index = at;
    if (bytes[index] === COLON) {
      if (bytes[index + 1] !== COLON) return -1;
      gap = 0;
      index += 2;
    }
    while (bytes[index] !== SLASH) {
      const start = index;
      let value = 0;
      for (;;) {
        const digit = hexValue[bytes[index] ?? 0] ?? -1;
        if (digit < 0) break;
        value = (value << 4) | digit;
        index++;
      }
      if (bytes[index] === DOT) {
        const slash = count > 6 ? -1 : this.#octets(bytes, start);
        if (slash < 0) return -1;
        groups[count++] = this.a >>> 16;
        groups[count++] = this.a & 0xffff;
        index = slash;
        break;
      }
      if (index === start || index - start > 4 || count === 8) return -1;
      groups[count++] = value;
      if (bytes[index] === SLASH) break;
      if (bytes[index] !== COLON) return -1;
      index++;
      if (bytes[index] === COLON) {
        if (gap >= 0) return -1;
        gap = count;
        index++;
      } else if (bytes[index] === SLASH) return -1;
    }
    if (gap < 0 ? count !== 8 : count > 7) return -1;
    if (gap >= 0) {
      groups.copyWithin(gap + 8 - count, gap, count);
      groups.fill(0, gap, gap + 8 - count);
    }
    this.a = (((groups[0] ?? 0) << 16) | (groups[1] ?? 0)) >>> 0;
    this.b = (((groups[2] ?? 0) << 16) | (groups[3] ?? 0)) >>> 0;
    this.c = (((groups[4] ?? 0) << 16) | (groups[5] ?? 0)) >>> 0;
    this.d = (((groups[6] ?? 0) << 16) | (groups[7] ?? 0)) >>> 0;
    return index;
  }

  /** A length in plain decimal, left in `length`; the position behind it. */
  #length(bytes: Uint8Array, at: number, most: number): number {
    const lead = (bytes[at] ?? 0) - 48;
    if (lead < 0 || lead > 9) return -1;
    let value = lead;
    let index = at + 1;
    while (isDigit(bytes[index])) {
      if (lead === 0) return -1;
      value = value * 10 + (bytes[index] ?? 0) - 48;
      if (value > most) return -1;
      index++;
    }
    if (value > most) return -1;
    this.length = value;
    return index;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
