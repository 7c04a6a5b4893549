import type { RecordType } from './schema.ts';
import { canonicalAddress, familyOf } from './addresses.ts';
import { absoluteName, nameProblem } from './names.ts';

/** RDATA in presentation form, or why it is none. */
export type Rdata = { readonly text: string } | { readonly wrong: string };

/**
 * Canonical presentation form of the data of one record as written in a plan: names absolute, addresses shortest,
 * TXT quoted and cut into strings of at most 255 octets (RFC 1035 section 3.3.14).
 * @param origin what relative names in the data lie below
 */
export function presentRdata(type: RecordType, written: string, origin: string): Rdata {
  const fields = written.trim().split(/\s+/u);
  switch (type) {
    case 'A':
    case 'AAAA': {
      const family = type === 'A' ? 'v4' : 'v6';
      if (familyOf(written) !== family) return { wrong: `"${written}" is not an IP${family} address` };
      return { text: canonicalAddress(written) };
    }
    case 'NS':
    case 'CNAME':
    case 'DNAME':
    case 'PTR':
      return fields.length === 1 ? host(fields[0] ?? '', origin) : { wrong: `"${written}" is not one name` };
    case 'MX':
      return numbersThenName(fields, [65_535], origin, 'PREFERENCE HOST');
    case 'SRV':
      return numbersThenName(fields, [65_535, 65_535, 65_535], origin, 'PRIORITY WEIGHT PORT HOST');
    case 'TXT':
      return { text: quoteText(written) };
    case 'CAA': {
      const match = /^(\d{1,3})\s+([a-z0-9]+)\s+"?([^"]*)"?$/u.exec(written.trim());
      if (!match || Number(match[1]) > 255) return { wrong: `"${written}" is not FLAGS TAG VALUE (RFC 8659)` };
      return { text: `${match[1] ?? ''} ${match[2] ?? ''} "${match[3] ?? ''}"` };
    }
    case 'DS':
      return numbersThenHex(fields, [65_535, 255, 255], 'KEYTAG ALGORITHM DIGEST-TYPE DIGEST');
    case 'SSHFP':
      return numbersThenHex(fields, [255, 255], 'ALGORITHM TYPE FINGERPRINT');
    case 'TLSA':
      return numbersThenHex(fields, [255, 255, 255], 'USAGE SELECTOR MATCHING DATA');
  }
}

function host(name: string, origin: string): Rdata {
  const absolute = absoluteName(name, origin);
  const wrong = nameProblem(absolute, { file: '' });
  return wrong ? { wrong: wrong.message } : { text: absolute };
}

function numbersThenName(fields: readonly string[], limits: readonly number[], origin: string, form: string): Rdata {
  const numbers = fields.slice(0, limits.length);
  if (fields.length !== limits.length + 1 || !inRange(numbers, limits)) return { wrong: `"${fields.join(' ')}" is not ${form}` };
  const target = host(fields.at(-1) ?? '', origin);
  return 'wrong' in target ? target : { text: `${numbers.map(Number).join(' ')} ${target.text}` };
}

function numbersThenHex(fields: readonly string[], limits: readonly number[], form: string): Rdata {
  const numbers = fields.slice(0, limits.length);
  const hex = fields.slice(limits.length).join('').toUpperCase();
  if (!inRange(numbers, limits) || numbers.length < limits.length || !/^(?:[0-9A-F]{2})+$/u.test(hex)) return { wrong: `"${fields.join(' ')}" is not ${form}` };
  return { text: `${numbers.map(Number).join(' ')} ${hex}` };
}

function inRange(numbers: readonly string[], limits: readonly number[]): boolean {
  return numbers.every((text, index) => /^\d{1,5}$/u.test(text) && Number(text) <= (limits[index] ?? 0));
}

/** Quoted strings of at most 255 octets each; what is not printable ASCII becomes `\DDD`. */
function quoteText(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const strings: string[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += 255) {
    let quoted = '';
    for (const byte of bytes.subarray(start, start + 255)) {
      if (byte === 0x22 || byte === 0x5c) quoted += `\\${String.fromCharCode(byte)}`;
      else if (byte >= 0x20 && byte < 0x7f) quoted += String.fromCharCode(byte);
      else quoted += `\\${String(byte).padStart(3, '0')}`;
    }
    strings.push(`"${quoted}"`);
  }
  return strings.join(' ');
}
