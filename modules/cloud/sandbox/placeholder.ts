import { sha256, type Json } from '../../core/index.ts';
import type { AttributeType } from '../runtime/schema.ts';

/**
 * What stands for a value only the real cloud could know: of the schema's type, the same in every run, and unlike for
 * different resources. Addresses are of the documentation prefixes (RFC 5737, RFC 3849), hardware addresses locally administered.
 * @param seed what it is a value of: stack, resource and attribute
 */
export function placeholder(name: string, type: AttributeType, seed: string): Json {
  if (type === 'string') return text(name, sha256(`${seed}/${name}`));
  if (type === 'number') return 1;
  if (type === 'bool') return false;
  if (type === 'dynamic') return null;
  if (type[0] === 'object') return Object.fromEntries(Object.entries(type[1]).map(([field, of]) => [field, placeholder(field, of, `${seed}/${name}`)]));
  if (type[0] === 'map') return {};
  return [placeholder(name, type[1], seed)];
}

function text(name: string, hash: string): string {
  const bytes = [...hash.matchAll(/../gu)].map(([pair]) => Number.parseInt(pair, 16));
  const at = (index: number): number => bytes[index] ?? 0;
  if (/mac/u.test(name)) return `02:${hash.slice(0, 10).replace(/..(?=.)/gu, '$&:')}`;
  if (/(^|_)(ip|ips|address|addresses|gateway|cidr|hop)(_|$)|v[46]$/u.test(name) && !/_id$/u.test(name)) {
    const six = /v6|6$/u.test(name);
    const address = six
      ? `2001:db8:${hash.slice(0, 4).replace(/^0+(?=.)/u, '')}::${hash.slice(4, 8).replace(/^0+(?=.)/u, '')}`
      : `192.0.2.${(at(0) % 254) + 1}`;
    return /cidr/u.test(name) ? `${address}/${six ? 128 : 32}` : address;
  }
  if (/(^|_)u?u?id$/u.test(name)) return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  if (/(^|_)(url|uri|href|link|ref)$/u.test(name)) return `https://sandbox.invalid/${hash.slice(0, 12)}`;
  return `sandbox-${hash.slice(0, 12)}`;
}
