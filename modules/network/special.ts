export {
  registrySources,
  specialInside,
  specialPurpose,
  specialPurposes,
  type RegistrySource,
  type SpecialKind,
  type SpecialPurpose,
} from './registry/index.ts';

/** What a number is for: documentation (RFC 5398), private use (RFC 6996), or ordinary. */
export function asnKind(asn: number): 'documentation' | 'private' | 'global' {
  if ((asn >= 64496 && asn <= 64511) || (asn >= 65536 && asn <= 65551)) return 'documentation';
  if ((asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294)) return 'private';
  return 'global';
}
