import { formatPrefix } from '../format.ts';
import type { Pool } from '../model.ts';
import { asnKind, registrySources, specialInside, specialPurpose, type SpecialPurpose } from '../special.ts';
import { at, type RuleContext, type Violation } from './context.ts';
import { globalId, inventedId } from './ula.ts';

/** Which space pools lie in: what IANA sets aside, unique local, private and shared space, and AS numbers of documents. */
export function* spaceRules(context: RuleContext): Generator<Violation> {
  const { planSet } = context;
  const shared = new Set<Pool>();
  for (const pool of planSet.pools.values()) {
    const around = specialPurpose(pool.prefix);
    const rows = [...(around ? [around] : []), ...specialInside(pool.prefix)];
    yield* uniqueLocal(pool);
    const domain = planSet.domains.get(pool.domain);
    const leaked = domain?.zone === 'public' ? rows.find(({ kind }) => kind === 'private' || kind === 'shared' || isUniqueLocal(pool)) : undefined;
    if (domain && leaked) {
      yield {
        rule: 'public-domain',
        names: [pool.name, domain.name],
        place: pool.place,
        text: `pool "${pool.name}" (${formatPrefix(pool.prefix)}) puts ${leaked.text} (${leaked.name}) into domain "${domain.name}" (${at(domain.place)}), which is public: nobody outside can reach it`,
        hint: 'use space that is yours, or put the pool in a domain that is not public',
        source: leaked.reference,
      };
    }
    // What is wrong with unique local space has been said.
    for (const row of isUniqueLocal(pool) ? [] : rows) if (row.kind === 'reserved' || row.kind === 'documentation') yield setAside(pool, row);
    if (around?.kind === 'shared') shared.add(pool);
  }
  if (shared.size > 0) yield* sharedSpace(context, shared);
  for (const range of planSet.asnRanges.values()) {
    if (asnKind(range.first) !== 'documentation' && asnKind(range.last) !== 'documentation') continue;
    yield {
      rule: 'asn-documentation',
      names: [range.name],
      place: range.place,
      text: `range "${range.name}" (${range.first}-${range.last}) holds numbers set aside for documentation`,
      hint: 'use numbers you hold or private ones (RFC 6996)',
    };
  }
}

function setAside({ name, prefix, place }: Pool, row: SpecialPurpose): Violation {
  return {
    rule: 'special-purpose',
    names: [name],
    place,
    text: `pool "${name}" (${formatPrefix(prefix)}) uses ${row.text}, which is set aside: ${row.name}`,
    hint: 'use space you hold or private space; a model with invented numbers says `numbering: documentation` in vcloud.yaml',
    source: row.allocated === undefined ? row.reference : `${row.reference}, IANA registry of ${registrySources[0]?.retrieved ?? ''}`,
  };
}

/** fc00::/7 and everything in it. */
function isUniqueLocal({ prefix }: Pool): boolean {
  return prefix.family === 'v6' && prefix.length >= 7 && prefix.a >>> 25 === 0xfc >> 1;
}

function* uniqueLocal(pool: Pool): Generator<Violation> {
  const { name, prefix, place } = pool;
  if (!isUniqueLocal(pool)) return;
  const named = `pool "${name}" (${formatPrefix(prefix)})`;
  const found = (text: string, hint: string): Violation => ({ rule: 'ula-random', names: [name], place, text: `${named} ${text}`, hint });
  const draw = 'draw 40 random bits (`openssl rand -hex 5`) for fdXX:XXXX:XXXX::/48, once, and keep them';
  if (prefix.length === 7) yield found('holds fc00::/8, which is not defined: only fd00::/8 is', draw);
  else if (prefix.a >>> 24 === 0xfc) yield found('lies in fc00::/8, which is not defined: only fd00::/8 is', draw);
  else if (prefix.length < 48) yield found('holds many global ids that nobody drew: of unique local space one takes a /48', draw);
  else {
    const why = inventedId(globalId(prefix));
    if (why !== undefined) yield found(`has a global id that does not look random (${why}): a network it is joined with may have the same`, draw);
  }
}

/** Blocks of hosts in 100.64.0.0/10. What lies between a carrier and its customers, links and loopbacks, belongs there. */
function* sharedSpace(context: RuleContext, shared: ReadonlySet<Pool>): Generator<Violation> {
  for (const need of context.planSet.needs.values()) {
    if (!need.v4 || (need.role !== 'network' && need.role !== 'lan' && need.role !== 'site')) continue;
    const pool = context.poolOf(need.v4);
    if (!shared.has(pool)) continue;
    yield {
      rule: 'shared-space',
      names: [need.key, pool.name],
      place: need.place,
      group: pool.name,
      text: `hosts in the shared address space of pool "${pool.name}" (${formatPrefix(pool.prefix)}), which is no private space: behind two translators, a carrier may use the same`,
      hint: 'take private space (RFC 1918) for hosts; keep 100.64.0.0/10 for links to customers',
    };
  }
}
