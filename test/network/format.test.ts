// Our addresses as another library reads and writes them.
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { canonicalText, parsePrefix, formatPrefix } from '../../modules/network/index.ts';

const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 });

describe('RFC 5952', () => {
  it('is written as ipaddr.js writes it, whatever form it came in', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const full = parts.map((part) => part.toString(16)).join(':');
        const peer = ipaddr.IPv6.parse(full);
        // ipaddr.js writes IPv4-mapped addresses in hexadecimal; RFC 5952 section 5 recommends the mixed form.
        fc.pre(!peer.isIPv4MappedAddress());
        expect(formatPrefix(parsePrefix(`${full}/128`))).toBe(`${peer.toRFC5952String()}/128`);
      }),
    );
  });

  it('reads every form ipaddr.js writes as the same prefix', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), (parts, length) => {
        const network = ipaddr.IPv6.networkAddressFromCIDR(`${parts.map((part) => part.toString(16)).join(':')}/${length}`);
        fc.pre(!network.isIPv4MappedAddress());
        expect(canonicalText(`${network.toString()}/${length}`)).toBe(`${network.toRFC5952String()}/${length}`);
      }),
    );
  });
});
