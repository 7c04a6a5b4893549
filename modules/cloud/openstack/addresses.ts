import { addressAt, addressCount, formatAddress, parsePrefix } from '../../network/index.ts';
import { fail } from '../../core/index.ts';

/**
 * Address number `index` of a prefix, counted from 0, in canonical text.
 * @throws ProblemError CLOUD-ADDRESS-RANGE where the prefix has no such address
 */
export function hostAddress(prefix: string, index: number): string {
  const address = addressAt(parsePrefix(prefix), index);
  return address
    ? formatAddress(address)
    : fail('CLOUD-ADDRESS-RANGE', `${prefix} has no address number ${index}`, { hint: 'give the network a shorter prefix, or use a lower number' });
}

/** How many addresses an IPv4 prefix holds. */
export function sizeOf(prefix: string): number {
  return Number(addressCount(parsePrefix(prefix)));
}
