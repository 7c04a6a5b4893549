import type { Place } from '../core/index.ts';
import { addressAt, formatAddress, formatPrefix, isFault, parsePrefix, readAddress, type Family } from '../network/index.ts';

/** The family of a text that is one address and nothing else; undefined for anything else. */
export function familyOf(text: string): Family | undefined {
  const read = readAddress(text);
  return isFault(read) ? undefined : read.family;
}

/** Address number `host` of a prefix; undefined where it has no such address. */
export function hostAddress(prefix: string, host: number): string | undefined {
  const address = addressAt(parsePrefix(prefix), host);
  return address && formatAddress(address);
}

/**
 * The canonical text of a prefix.
 * @throws ProblemError NET-PREFIX with the corrected form
 */
export function canonicalPrefix(text: string, place: Place): string {
  return formatPrefix(parsePrefix(text, place));
}
