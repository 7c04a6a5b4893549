import { didYouMean, type Place } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import type { Collected } from './load.ts';
import type { Pool } from './model.ts';
import { isFault, prefixProblem, readPrefix } from './parse.ts';
import { overlaps, type Prefix } from './prefix.ts';
import { sharedTarget } from './rules/leaks.ts';
import type { RawPlan } from './schema.ts';
import type { Extract } from './types.ts';

export type RawPool = RawPlan['pools'][number] & { readonly place: Place; locate(field: string): Place };

/** Reads the prefixes of all pools and checks domains and overlaps; wrong pools are left out, with the reason in `problems`. */
export function resolvePools(collected: Collected, extract: Extract | undefined): Map<string, Pool> {
  const { problems, domains } = collected;
  const pools = new Map<string, Pool>();
  for (const raw of collected.pools.values()) {
    if (!domains.has(raw.domain)) {
      problems.error('NET-DOMAIN-UNKNOWN', `pool "${raw.name}" lies in domain "${raw.domain}", which no plan has`, {
        ...raw.locate('domain'),
        hint: didYouMean(raw.domain, domains.keys()) ?? (domains.size > 0 ? `domains: ${[...domains.keys()].join(', ')}` : 'add it under `domains:`'),
      });
    }
    const prefix = poolPrefix(collected, raw, extract);
    if (!prefix) continue;
    pools.set(raw.name, {
      name: raw.name,
      prefix,
      domain: raw.domain,
      strategy: raw.strategy ?? (prefix.family === 'v6' ? 'sparse' : 'best-fit'),
      place: raw.place,
      legs: [],
    });
  }
  const list = [...pools.values()];
  list.forEach((pool, index) => {
    for (const other of list.slice(0, index)) {
      if (!overlaps(pool.prefix, other.prefix)) continue;
      const shared = sharedTarget(domains.get(pool.domain), domains.get(other.domain));
      if (shared === undefined) continue;
      problems.error(
        'NET-POOL-OVERLAP',
        `pool "${pool.name}" (${formatPrefix(pool.prefix)}) overlaps pool "${other.name}" (${formatPrefix(other.prefix)}, ${other.place.file}:${other.place.line ?? 1}) in ${shared}`,
        { ...pool.place, hint: 'make one of them a need with `role: container` in the other, or put them in domains that share no route target' },
      );
    }
  });
  return pools;
}

function poolPrefix({ problems }: Collected, raw: RawPool, extract: Extract | undefined): Prefix | undefined {
  if ((raw.prefix === undefined) === (raw.from === undefined)) {
    problems.error('NET-POOL-PREFIX', `pool "${raw.name}" needs a prefix, or \`from\` a block the centre delivered, one of the two`, {
      ...raw.place,
      hint: 'write `prefix: "3fff::/20"`',
    });
    return undefined;
  }
  let text = raw.prefix;
  let place = raw.locate('prefix');
  const { from } = raw;
  if (from) {
    place = raw.locate('from');
    const block = extract?.blocks.find(({ key, family }) => key === from.key && family === from.family);
    if (!block) {
      problems.error(
        'NET-POOL-EXTRACT',
        extract
          ? `the extract of the centre holds no ${from.family} block for "${from.key}"`
          : `pool "${raw.name}" comes from the extract of the centre, but none was delivered`,
        {
          ...place,
          hint: extract
            ? (didYouMean(
                from.key,
                extract.blocks.map(({ key }) => key),
              ) ?? 'ask the centre for the block')
            : 'put the extract the centre made at .vcloud/extract.json',
        },
      );
      return undefined;
    }
    text = block.prefix;
  }
  const prefix = readPrefix(text ?? '');
  if (isFault(prefix)) {
    problems.add({ ...prefixProblem(text ?? '', prefix, place), code: 'NET-POOL-PREFIX' });
    return undefined;
  }
  if (prefix.length === 0) {
    problems.error('NET-POOL-PREFIX', `pool "${raw.name}" is the whole address space`, { ...place, hint: 'name the block you hold' });
    return undefined;
  }
  return prefix;
}
