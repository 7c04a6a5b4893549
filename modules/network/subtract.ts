import { contains, overlaps, parentOf, subnetAt, type Prefix } from './prefix.ts';

/** What is left of a prefix without others: maximal aligned prefixes in address order. */
export function subtract(prefix: Prefix, others: readonly Prefix[]): Prefix[] {
  const inside = others.filter((other) => overlaps(prefix, other));
  if (inside.length === 0) return [prefix];
  if (inside.some((other) => contains(other, prefix))) return [];
  return [0, 1].flatMap((half) => {
    const part = subnetAt(prefix, prefix.length + 1, half);
    return part ? subtract(part, inside) : [];
  });
}

/** The one prefix that several make up exactly; undefined where they do not. */
export function joined(prefixes: readonly Prefix[]): Prefix | undefined {
  const [first, ...others] = prefixes;
  if (!first) return undefined;
  if (others.length === 0) return first;
  let whole: Prefix | undefined = first;
  while (whole && !prefixes.every((prefix) => whole && contains(whole, prefix))) whole = parentOf(whole);
  if (!whole) return undefined;
  const disjoint = prefixes.every((prefix, index) => prefixes.slice(index + 1).every((other) => !overlaps(prefix, other)));
  return disjoint && subtract(whole, prefixes).length === 0 ? whole : undefined;
}
