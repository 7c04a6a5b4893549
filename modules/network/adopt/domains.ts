import { compareCodeUnits, fold } from '../../core/index.ts';
import { slug } from './keys.ts';
import type { AdoptRecord } from './records.ts';

const valid = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/u;

/**
 * Names of routing domains for the VRFs the file names. One that a plan declares already is meant where the names agree.
 * @param fallback the domain of rows that name none
 */
export function domainNames(
  records: readonly AdoptRecord[],
  declared: ReadonlySet<string>,
  fallback = 'default',
): { domainOf: (record: AdoptRecord) => string; added: readonly string[] } {
  const texts = new Map<string, string>();
  for (const { domain } of records) {
    const folded = fold(domain);
    if (!texts.has(folded)) texts.set(folded, domain === '' ? fallback : domain);
  }
  const known = new Map([...declared].map((name) => [fold(name), name]));
  const names = new Map<string, string>();
  const used = new Set<string>();
  for (const [folded, text] of [...texts].sort(([one], [other]) => compareCodeUnits(one, other))) {
    const same = known.get(fold(text));
    const base =
      same ??
      (valid.test(text) && text === fold(text)
        ? text
        : slug(text)
            .replace(/[^a-z0-9-]+/gu, '')
            .replace(/^-+|-+$/gu, '') || 'vrf');
    let name = base;
    // Rows without a VRF and rows that name the fallback mean the same domain.
    const isFallback = fold(text) === fold(fallback);
    if (!isFallback) for (let number = 2; used.has(name) || (same === undefined && known.has(name)); number++) name = `${base}-${number}`;
    used.add(name);
    names.set(folded, name);
  }
  return {
    domainOf: ({ domain }) => names.get(fold(domain)) ?? fallback,
    added: [...used].filter((name) => !declared.has(name)).sort(compareCodeUnits),
  };
}
