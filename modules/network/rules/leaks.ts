import { formatPrefix } from '../format.ts';
import type { Domain, Pool } from '../model.ts';
import { overlaps } from '../prefix.ts';
import { at, type RuleContext, type Violation } from './context.ts';

/**
 * How two domains see each other's routes: they are one, or both name a route target, which is then said with what each
 * does with it (RFC 4364 4.3.1). Undefined where they share none.
 */
export function sharedTarget(one: Domain | undefined, other: Domain | undefined): string | undefined {
  if (!one || !other) return undefined;
  if (one.name === other.name) return `domain "${one.name}"`;
  const targets = new Set([...one.import, ...one.export]);
  const both = [...other.import, ...other.export].filter((target) => targets.has(target));
  // A target one exports and the other imports says more than one that both only import.
  const shared = both.find((target) => one.export.includes(target) !== other.export.includes(target)) ?? both[0];
  const named = (domain: Domain): string => `"${domain.name}" (${at(domain.place)}, ${usesOf(domain, shared ?? '')})`;
  return shared === undefined ? undefined : `domains ${named(one)} and ${named(other)}, which share route target ${shared}`;
}

function usesOf(domain: Domain, target: string): string {
  const uses = [...(domain.import.includes(target) ? ['imports'] : []), ...(domain.export.includes(target) ? ['exports'] : [])];
  return `${uses.join(' and ')} it`;
}

/**
 * Domains that share no route target may still meet in a third one that imports from both. Routes a domain imports are
 * not passed on by it (RFC 4364 4.3.1), so nothing follows from chains of domains. That two domains which do share a
 * target do not overlap is seen to when plans are read (`shared-target`).
 */
export function* leakRules({ planSet: { domains, pools } }: RuleContext): Generator<Violation> {
  const exporters = new Map<string, Domain[]>();
  for (const domain of domains.values()) {
    for (const target of domain.export) {
      const list = exporters.get(target);
      if (list) list.push(domain);
      else exporters.set(target, [domain]);
    }
  }
  const poolsOf = new Map<string, Pool[]>();
  for (const pool of pools.values()) poolsOf.set(pool.domain, [...(poolsOf.get(pool.domain) ?? []), pool]);
  for (const domain of domains.values()) {
    const sources = new Map<Domain, string>();
    for (const target of domain.import) {
      for (const source of exporters.get(target) ?? []) if (source !== domain && !sources.has(source)) sources.set(source, target);
    }
    const list = [...sources];
    for (const [index, [one, oneTarget]] of list.entries()) {
      for (const [other, otherTarget] of list.slice(0, index)) {
        if (sharedTarget(one, other) !== undefined) continue;
        for (const pool of poolsOf.get(one.name) ?? []) {
          for (const clash of poolsOf.get(other.name) ?? []) {
            if (!overlaps(pool.prefix, clash.prefix)) continue;
            yield {
              rule: 'leaked-overlap',
              names: [domain.name, one.name, other.name, pool.name, clash.name],
              place: pool.place,
              text: `domain "${domain.name}" (${at(domain.place)}) imports ${oneTarget} from "${one.name}" (${at(one.place)}) and ${otherTarget} from "${other.name}" (${at(other.place)}), whose pools overlap: "${pool.name}" (${formatPrefix(pool.prefix)}) and "${clash.name}" (${formatPrefix(clash.prefix)}, ${at(clash.place)})`,
              hint: `import only one of the two targets, or give one of the pools other space`,
            };
          }
        }
      }
    }
  }
}
