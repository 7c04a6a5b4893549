import { didYouMean, fail, type Place } from '../core/index.ts';
import { formatAddress, formatPrefix } from './format.ts';
import type { PlanSet } from './model.ts';
import { parseAddress, parsePrefix } from './parse.ts';
import { addressCount, bitsOf, blockCount, buddyOf, compareAddresses, contains, hostPrefix, overlaps, subnetAt, type Prefix } from './prefix.ts';
import { reportedBlock, type ReportedBlock } from './delegation/proposals.ts';
import type { MemberReport } from './delegation/types.ts';
import { fullnessOf, type Fullness } from './picture/tree.ts';
import { inUnits, unitName, unitOf } from './review/units.ts';
import { AddressSession } from './session.ts';
import { addressTree, chainTo, freeIn, type Block } from './tree.ts';
import type { AddressPlan, Family } from './types.ts';

/** One step of a chain of holders. */
export interface FoundKey {
  readonly key: string;
  readonly prefix: string;
  readonly role: string;
  readonly state: 'held' | 'released';
  readonly owner?: string | undefined;
  readonly place?: Place | undefined;
}

/** Who holds an address, in one routing domain. */
export interface Found {
  readonly query: string;
  readonly pool: string;
  readonly poolPrefix: string;
  readonly domain: string;
  /** Keys that hold it, from the pool down; empty where it is free. */
  readonly chain: readonly FoundKey[];
  /** Keys that lie in the queried prefix, at most 100, in address order. */
  readonly inside: readonly FoundKey[];
  /** The key that keeps it, or part of it, free for its own growth, with what it keeps; nobody else is given it. */
  readonly keptFor?: { readonly key: string; readonly prefix: string; readonly growth: string } | undefined;
}

/**
 * Finds who holds an address or prefix: one entry for each pool that contains it (a prefix may exist in two domains).
 * @throws ProblemError NET-PREFIX, NET-ADDRESS
 */
export function findAddress(plan: AddressPlan, text: string): Found[] {
  const prefix = text.includes('/') ? parsePrefix(text) : hostPrefix(parseAddress(text));
  const query = text.includes('/') ? formatPrefix(prefix) : formatAddress(prefix);
  const found: Found[] = [];
  for (const root of addressTree(plan)) {
    const chain = chainTo(root, prefix);
    const last = chain.at(-1);
    const inside = insideOf(last ?? root, prefix, 100);
    if (!last && inside.length === 0) continue;
    found.push({
      query,
      pool: root.name,
      poolPrefix: root.text,
      domain: root.domain,
      chain: chain.slice(1).map(foundKey),
      inside: inside.map(foundKey),
      keptFor: last && keptIn(last, prefix),
    });
  }
  return found;
}

/** Who keeps a block, directly in `holder`, for its growth. */
function keptIn({ blocks }: Block, prefix: Prefix): Found['keptFor'] {
  for (const { name, text, growth, prefix: own } of blocks) {
    if (growth && overlaps(growth, prefix) && !contains(prefix, own)) return { key: name, prefix: text, growth: formatPrefix(growth) };
  }
  return undefined;
}

function insideOf(block: Block, prefix: Prefix, limit: number): Block[] {
  const list: Block[] = [];
  const walk = (outer: Block): void => {
    for (const inner of outer.blocks) {
      if (list.length >= limit) return;
      if (contains(prefix, inner.prefix)) list.push(inner);
      if (contains(prefix, inner.prefix) || contains(inner.prefix, prefix)) walk(inner);
    }
  };
  walk(block);
  return list;
}

function foundKey(block: Block): FoundKey {
  return {
    key: block.name,
    prefix: block.text,
    role: block.allocation?.role ?? 'network',
    state: block.kind === 'released' ? 'released' : 'held',
    owner: block.owner,
    place: block.allocation?.place,
  };
}

/** One pool or key as `net show` draws it. */
export interface ShownBlock {
  readonly name: string;
  readonly kind: Block['kind'] | 'free';
  readonly prefix: string;
  readonly owner?: string | undefined;
  /** Shares from 0 to 1; only of pools and containers. */
  readonly delegated?: number | undefined;
  readonly used?: number | undefined;
  /** The same two counted exactly, with how much there is: addresses of IPv4, /48s or /64s of IPv6 (`unit`). */
  readonly counts?: { readonly unit: string; readonly delegated: string; readonly used: string; readonly size: string } | undefined;
  /** Length of the largest free block directly in it. */
  readonly largestFree?: number | undefined;
  /** Nothing directly in it is free, but part of it only because keys keep it for their growth. */
  readonly onlyKept?: boolean | undefined;
  /** Whether the block beside it is free, so that it could double in place. */
  readonly canDouble?: boolean | undefined;
  /** The block kept free around it, to which it can grow in place and which no other key gets. */
  readonly growth?: string | undefined;
  /**
   * For a block delegated to a member: what its last bundle says of it, in place of the figures above. Without figures they are
   * unknown, which is not the same as none.
   */
  readonly reported?: ReportedBlock | undefined;
  readonly blocks: readonly ShownBlock[];
}

export interface ShowOptions {
  /** A pool or a key; everything without one. */
  readonly name?: string | undefined;
  readonly family?: Family | undefined;
  /** Levels below the first that are opened; all without it. */
  readonly depth?: number | undefined;
  /** Rows for free space between siblings. */
  readonly free?: boolean | undefined;
  /** What the members of a centre reported. */
  readonly members?: readonly MemberReport[] | undefined;
}

/**
 * The address tree with its utilisation.
 * @throws ProblemError NET-UNKNOWN for a name no pool and no key has
 */
export function showAddresses(plan: AddressPlan, options: ShowOptions = {}): ShownBlock[] {
  return blocksNamed(plan, options.name, options.family).map((block) => {
    const { parent } = block;
    const siblings = parent && block.kind === 'key' ? freeIn(parent) : undefined;
    return shown(block, options, fullnessOf(block), options.depth ?? Number.POSITIVE_INFINITY, siblings);
  });
}

function shown(
  block: Block,
  options: ShowOptions,
  fullness: ReadonlyMap<Block, Fullness>,
  depth: number,
  siblings: ReturnType<typeof freeIn> | undefined,
): ShownBlock {
  const { name, kind, text: prefix, owner } = block;
  const opens = kind === 'pool' || block.allocation?.container === true;
  const space = opens ? freeIn(block) : undefined;
  const reported = kind === 'key' ? reportedBlock(options.members ?? [], name, block.family, prefix) : undefined;
  const { delegated, used, counts } = opens && !reported ? fullnessText(block, fullness.get(block)) : {};
  const rows: { at: Prefix; row: ShownBlock }[] = [];
  if (depth > 0) {
    for (const inner of block.blocks) rows.push({ at: inner.prefix, row: shown(inner, options, fullness, depth - 1, space) });
    if (options.free === true && space && block.blocks.length > 0) {
      for (const at of space.blocks()) rows.push({ at, row: { name: 'free', kind: 'free', prefix: formatPrefix(at), blocks: [] } });
      rows.sort((one, other) => compareAddresses(one.at, other.at));
    }
  }
  const beside = siblings && kind === 'key' ? buddyFree(block, siblings) : undefined;
  const growth = block.growth && formatPrefix(block.growth);
  const largestFree = reported ? (reported.largestFree ?? undefined) : space?.largest();
  const onlyKept = counts !== undefined && largestFree === undefined && keepsRoom(block) ? true : undefined;
  return { name, kind, prefix, owner, delegated, used, counts, largestFree, onlyKept, canDouble: beside, growth, reported, blocks: rows.map(({ row }) => row) };
}

function fullnessText({ prefix }: Block, { delegated, used }: Fullness = { delegated: 0n, used: 0n }): Pick<ShownBlock, 'delegated' | 'used' | 'counts'> {
  const whole = addressCount(prefix);
  const share = (part: bigint): number => Number((part * 1_000_000n) / whole) / 1_000_000;
  const unit = unitOf(prefix);
  const count = (part: bigint): string => inUnits(part, prefix.family, unit);
  return {
    delegated: share(delegated),
    used: share(used),
    counts: { unit: unitName(unit), delegated: count(delegated), used: count(used), size: count(whole) },
  };
}

function keepsRoom({ blocks }: Block): boolean {
  return blocks.some(({ prefix, growth }) => growth !== undefined && growth.length < prefix.length);
}

function buddyFree({ prefix, parent, growth }: Block, siblings: ReturnType<typeof freeIn>): boolean {
  const buddy = parent && prefix.length > parent.prefix.length ? buddyOf(prefix) : undefined;
  return buddy !== undefined && ((growth !== undefined && contains(growth, buddy)) || siblings.user(buddy) === undefined);
}

/** Free space of one pool or holder. */
export interface FreeReport {
  readonly name: string;
  readonly prefix: string;
  readonly family: Family;
  /** Length of the largest free block; absent where nothing is free. */
  readonly largest?: number | undefined;
  /** Length asked for, and how many blocks of it fit, as a decimal number. */
  readonly length?: number | undefined;
  readonly fitting?: string | undefined;
  /** Maximal free aligned blocks that fit, in address order. */
  readonly blocks: readonly string[];
  /** The first three positions of the length asked for: of the next three keys where the plans are known, else the lowest. */
  readonly next: readonly string[];
}

/**
 * Free space directly in a pool, in what a key holds, or in every pool; with `length` only blocks that fit it.
 * @throws ProblemError NET-UNKNOWN; NET-LENGTH for a length none of them can have
 */
export function freeSpace(
  plan: AddressPlan,
  options: {
    readonly name?: string | undefined;
    readonly family?: Family | undefined;
    readonly length?: number | undefined;
    /** The plans: the first positions are then those allocation would choose, else the lowest. */
    readonly planSet?: PlanSet | undefined;
  } = {},
): FreeReport[] {
  const { length, planSet } = options;
  const session = planSet && length !== undefined ? new AddressSession(planSet) : undefined;
  const named = blocksNamed(plan, options.name, options.family);
  // A length only IPv6 has is asked of IPv6.
  const asked = named.filter(({ family }) => length === undefined || length <= bitsOf(family));
  if (asked.length === 0 && named.length > 0) {
    fail('NET-LENGTH', `/${length ?? 0} is no length of ${named[0]?.family ?? ''}`, { hint: `a length is 0 to ${bitsOf(named[0]?.family ?? 'v4')}` });
  }
  return asked.map((block, number) => {
    const space = freeIn(block);
    const blocks = [...space.blocks()].filter((free) => length === undefined || free.length <= length);
    const next: string[] = [];
    let fitting = 0n;
    for (const free of length === undefined ? [] : blocks) {
      fitting += blockCount(free, length ?? 0);
      for (let index = 0; next.length < 3; index++) {
        const candidate = subnetAt(free, length ?? 0, index);
        if (!candidate) break;
        next.push(formatPrefix(candidate));
      }
    }
    if (session) next.splice(0, next.length, ...chosenNext(session, block, length ?? 0, number));
    return {
      name: block.name,
      prefix: block.text,
      family: block.family,
      largest: space.largest(),
      length,
      fitting: length === undefined ? undefined : fitting.toString(),
      blocks: blocks.map(formatPrefix),
      next,
    };
  });
}

/** Where the next three keys would go: the strategy decides, not the order of addresses. */
function chosenNext(session: AddressSession, { kind, name, family }: Block, length: number, round: number): string[] {
  const leg = { ...(kind === 'pool' ? { pool: name } : { in: name }), length };
  return [1, 2, 3].flatMap((number) => session.add({ key: `next/${round}/${number}`, legs: { [family]: leg } })?.flatMap(({ to }) => to ?? []) ?? []);
}

function blocksNamed(plan: AddressPlan, name: string | undefined, family: Family | undefined): Block[] {
  const roots = addressTree(plan);
  const ofFamily = (block: Block): boolean => family === undefined || block.family === family;
  if (name === undefined) return roots.filter(ofFamily);
  const named = roots.filter((root) => root.name === name);
  const allocation = plan.allocations.get(name);
  if (named.length === 0 && !allocation) {
    fail('NET-UNKNOWN', `no pool and no key is called "${name}"`, {
      hint:
        didYouMean(name, [...plan.pools.keys(), ...(plan.allocations.size > 20_000 ? [] : plan.allocations.keys())]) ??
        `pools: ${[...plan.pools.keys()].join(', ')}`,
    });
  }
  for (const text of [allocation?.v4, allocation?.v6]) {
    if (text === undefined) continue;
    const prefix = parsePrefix(text);
    for (const root of roots) {
      const block = chainTo(root, prefix).find((candidate) => candidate.kind === 'key' && candidate.name === name);
      if (block) named.push(block);
    }
  }
  return named.filter(ofFamily);
}
