import ipaddr from 'ipaddr.js';

/** Address number `index` of a prefix, counted from 0, in canonical text. */
export function hostAddress(prefix: string, index: number): string {
  const [address] = ipaddr.parseCIDR(prefix);
  const bytes = address.toByteArray();
  let carry = index;
  for (let at = bytes.length - 1; at >= 0 && carry > 0; at--) {
    const sum = (bytes[at] ?? 0) + carry;
    bytes[at] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  return ipaddr.fromByteArray(bytes).toString();
}

/** How many addresses an IPv4 prefix holds. */
export function sizeOf(prefix: string): number {
  return 2 ** (32 - ipaddr.parseCIDR(prefix)[1]);
}
