import { plural, type Place } from '../../core/index.ts';
import { agencyOf } from '../../federation/index.ts';
import { formatPrefix } from '../format.ts';
import { aggregate } from '../merger/fragments.ts';
import type { Leg, Pool } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import type { Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';
import { at, type RuleContext, type Violation } from './context.ts';

/** A block as its domain sees it: the largest one that only one organisation uses. */
interface Announced {
  readonly holder: string;
  readonly name: string;
  readonly prefix: Prefix;
  readonly place: Place;
}

/** What one organisation is announced as in one domain and family. */
interface Group {
  readonly domain: string;
  readonly family: Family;
  readonly holder: string;
  readonly blocks: Announced[];
}

/**
 * Every organisation should be announced in a domain as one prefix (RFC 4632): its blocks join into one, or lie in one
 * block that only it uses. What several organisations share is looked into; what an organisation does inside its own
 * block nobody outside sees. Links and loopbacks are announced with the network they belong to and do not count.
 */
export function* aggregationRules(context: RuleContext): Generator<Violation> {
  const { planSet } = context;
  const groups = new Map<string, Group>();
  // A leg that may lie in several pools counts in the one it was given.
  const legsOf = new Map<Pool, Leg[]>([...planSet.pools.values()].map((pool) => [pool, []]));
  for (const { legs } of planSet.pools.values()) for (const leg of legs) legsOf.get(context.poolOf(leg))?.push(leg);
  for (const [pool, legs] of legsOf) {
    for (const block of announcedOf(context, pool, legs)) {
      const id = `${pool.domain} ${block.prefix.family} ${block.holder}`;
      const group = groups.get(id);
      if (group) group.blocks.push(block);
      else groups.set(id, { domain: pool.domain, family: block.prefix.family, holder: block.holder, blocks: [block] });
    }
  }
  const tables = new Map<string, { prefixes: number; holders: number }>();
  const scattered: (Group & { readonly now: readonly Prefix[] })[] = [];
  for (const group of groups.values()) {
    const now = aggregate(group.blocks.map(({ prefix }) => prefix));
    const id = `${group.domain} ${group.family}`;
    const table = tables.get(id) ?? { prefixes: 0, holders: 0 };
    tables.set(id, { prefixes: table.prefixes + now.length, holders: table.holders + 1 });
    if (now.length > 1) scattered.push({ ...group, now });
  }
  for (const group of scattered) {
    const { domain, family, holder, blocks, now } = group;
    const { prefixes = 0, holders = 0 } = tables.get(`${domain} ${family}`) ?? {};
    const all = `the domain carries ${prefixes} for ${plural(holders, 'organisation')}`;
    const found = (names: readonly string[], counted: readonly Announced[], first: Announced, count: number): Violation => {
      const shown = counted.slice(0, 4).map(({ prefix, name, place }) => `${formatPrefix(prefix)} ("${name}", ${at(place)})`);
      const more = counted.length - shown.length;
      return {
        rule: 'aggregation',
        names,
        place: first.place,
        text: `"${holder}" is announced as ${count} prefixes in domain "${domain}" (IP${family}), in one block it would be 1: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}; ${all}`,
        hint: 'place them in one holder with `in:` when they are renumbered next, or switch the rule off for the key that must lie apart, with the reason',
      };
    };
    // What switches name is left out of the count; what then still lies scattered is found.
    const kept = blocks.filter(({ name }) => !context.excepted('aggregation', name));
    const left = aggregate(kept.map(({ prefix }) => prefix));
    const apart = blocks.filter((block) => !kept.includes(block)).map(({ name }) => name);
    const [first] = blocks;
    const [next] = kept;
    if (first && apart.length > 0) yield found(apart, blocks, first, now.length);
    if (next && left.length > 1) yield found([holder], kept, next, left.length);
  }
}

/** The largest blocks of a pool that only one organisation uses; the pool itself where all of it is one's. */
function announcedOf(context: RuleContext, pool: Pool, legs: readonly Leg[]): Announced[] {
  const { blocks, whole } = walk(context, legs);
  const [first] = blocks;
  return first && whole === first.holder && blocks.length > 1 ? [{ holder: first.holder, name: pool.name, prefix: pool.prefix, place: pool.place }] : blocks;
}

/** What lies in a pool or holder; `whole` is the one organisation that uses all of it, if there is one. */
function walk(context: RuleContext, legs: readonly Leg[]): { blocks: Announced[]; whole: string | undefined } {
  const blocks: Announced[] = [];
  const holders = new Set<string | undefined>();
  for (const leg of legs) {
    const { need, family } = leg;
    if (need.role === 'link' || need.role === 'loopback' || need.role === 'reserved') continue;
    const text = context.addressPlan.allocations.get(need.key)?.[family];
    if (text === undefined) continue;
    const own = holderOf(context, leg);
    const inner = own === undefined && need.role === 'container' ? walk(context, leg.legs) : undefined;
    const holder = own ?? inner?.whole;
    holders.add(holder);
    if (holder !== undefined) blocks.push({ holder, name: need.key, prefix: parsePrefix(text), place: need.place });
    else if (inner) blocks.push(...inner.blocks);
  }
  return { blocks, whole: holders.size === 1 ? [...holders][0] : undefined };
}

/** The organisation a block is announced for: the agency its owner answers to. */
function holderOf({ federation }: RuleContext, { need }: Leg): string | undefined {
  const owner = need.owner ?? (need.subject?.collection === 'organisations' ? need.subject.id : undefined);
  return owner === undefined || !federation ? owner : agencyOf(federation, owner);
}
