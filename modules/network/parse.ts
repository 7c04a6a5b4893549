import { problem, ProblemError, type Place } from '../core/basics.ts';
import { isFault, readAddress, readPrefix, type AddressFault } from './read.ts';
import type { Address, Prefix } from './prefix.ts';

export { canonicalText, isFault, readAddress, readPrefix, type AddressFault } from './read.ts';

/**
 * The prefix a text means.
 * @throws ProblemError NET-PREFIX with the corrected form
 */
export function parsePrefix(text: string, place: Partial<Place> = {}): Prefix {
  const read = readPrefix(text);
  if (isFault(read)) throw new ProblemError(prefixProblem(text, read, place));
  return read;
}

/**
 * The address a text means.
 * @throws ProblemError NET-ADDRESS with the corrected form
 */
export function parseAddress(text: string, place: Partial<Place> = {}): Address {
  const read = readAddress(text);
  if (isFault(read)) throw new ProblemError({ ...prefixProblem(text, read, place, 'an address'), code: 'NET-ADDRESS' });
  return read;
}

/** A fault as a problem: cause and corrected form in the message. */
export function prefixProblem(text: string, { fault, corrected }: AddressFault, place: Partial<Place>, what = 'a prefix'): ReturnType<typeof problem> {
  return problem('NET-PREFIX', `${JSON.stringify(text)} is not ${what}: ${fault}${corrected === undefined ? '' : `; write ${corrected}`}`, {
    ...place,
    hint: corrected === undefined ? 'write an IPv4 prefix as 10.1.0.0/16, an IPv6 prefix as 3fff:0:1::/48' : `write ${corrected}`,
  });
}
