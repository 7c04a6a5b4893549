import { formatAddress, formatPrefix } from './format.ts';
import { isFault, readAddress, readPrefix } from './read.ts';
import { bitsOf, truncate } from './prefix.ts';

/** The prefix the author of a wrong text most likely meant, in canonical form; undefined where that would be a guess. */
export function correctedPrefix(text: string): string | undefined {
  const [address = '', length, ...more] = plain(text).split('/');
  if (more.length > 0) return undefined;
  const repaired = repairAddress(address);
  const read = readAddress(repaired);
  if (isFault(read)) return undefined;
  const bits = length === undefined ? bitsOf(read.family) : repairLength(length);
  if (bits === undefined || bits > bitsOf(read.family)) return undefined;
  const again = readPrefix(formatPrefix(truncate(read, bits)));
  return isFault(again) ? again.corrected : formatPrefix(again);
}

/** The address meant, as {@link correctedPrefix}. */
export function correctedAddress(text: string): string | undefined {
  const [address = ''] = plain(text).split('/');
  const repaired = repairAddress(address);
  // Nothing left to repair: reading it again would end here again.
  if (repaired === text) return undefined;
  const read = readAddress(repaired);
  return isFault(read) ? undefined : formatAddress(read);
}

/** ASCII digits for those of other scripts, no blanks, no zone. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, decimalDigit)
    .replace(/[\s\u200b-\u200d\u2060\ufeff]/gu, '')
    .replace(/%[^/]*/u, '');
}

function decimalDigit(character: string): string {
  // The ten digits of a script stand together in Unicode, zero first.
  const code = character.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(Math.max(0, code - value - 1)))) value++;
  return String(value);
}

function repairAddress(address: string): string {
  if (address.includes(':')) return address.replace(/:{3,}/u, '::');
  const octets = address.split('.').map((octet) => (/^0x[0-9a-f]+$/iu.test(octet) ? String(Number.parseInt(octet, 16)) : octet.replace(/^0+(?=\d)/u, '')));
  if (octets.length > 1 && octets.length < 4) octets.push(...new Array<string>(4 - octets.length).fill('0'));
  return octets.join('.');
}

function repairLength(length: string): number | undefined {
  if (/^\d{1,4}$/u.test(length)) return Number(length);
  const mask = readAddress(length);
  if (isFault(mask) || mask.family !== 'v4') return undefined;
  const bits = Math.clz32(~mask.a >>> 0);
  return mask.a === truncate({ ...mask, a: 0xffffffff }, bits).a ? bits : undefined;
}
