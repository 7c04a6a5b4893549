import { FreeSpace } from './free.ts';
import { parsePrefix } from './parse.ts';
import { addressCount, compareAddresses, comparePrefixes, contains, type Prefix } from './prefix.ts';
import type { AddressPlan, Allocation, Family } from './types.ts';

/** One block of the address tree: a pool, what a key holds, or what a key held before it was released. */
export interface Block {
  readonly kind: 'pool' | 'key' | 'released';
  /** Name of the pool, or the key. */
  readonly name: string;
  readonly family: Family;
  readonly prefix: Prefix;
  readonly text: string;
  /** What is kept free around it for its growth, itself included. */
  readonly growth?: Prefix | undefined;
  readonly pool: string;
  readonly domain: string;
  /** Organisation that holds it; a block without one of its own has that of the block it lies in. */
  readonly owner?: string | undefined;
  readonly allocation?: Allocation | undefined;
  readonly parent?: Block | undefined;
  /** What lies directly in it, in address order. */
  readonly blocks: Block[];
}

const built = new WeakMap<AddressPlan, readonly Block[]>();

/** The address plan as a tree by containment, one root for each pool in order of name. Built once for each plan. */
export function addressTree(plan: AddressPlan): readonly Block[] {
  const known = built.get(plan);
  if (known) return known;
  const members = new Map<string, Omit<Block, 'parent' | 'domain' | 'blocks'>[]>();
  for (const name of plan.pools.keys()) members.set(name, []);
  const add = (kind: Block['kind'], name: string, family: Family, text: string | undefined, pool: string | undefined, allocation?: Allocation): void => {
    if (text === undefined || pool === undefined) return;
    const kept = family === 'v4' ? allocation?.growth4 : allocation?.growth6;
    const growth = kept === undefined ? undefined : parsePrefix(kept);
    members.get(pool)?.push({ kind, name, family, prefix: parsePrefix(text), text, growth, pool, owner: allocation?.owner, allocation });
  };
  for (const allocation of plan.allocations.values()) {
    add('key', allocation.key, 'v4', allocation.v4, allocation.pool4, allocation);
    add('key', allocation.key, 'v6', allocation.v6, allocation.pool6, allocation);
  }
  for (const { key, family, prefix, pool } of plan.released) add('released', key, family, prefix, pool);
  const roots: Block[] = [];
  for (const { name, prefix: text, domain } of plan.pools.values()) {
    const prefix = parsePrefix(text);
    const root: Block = { kind: 'pool', name, family: prefix.family, prefix, text, pool: name, domain, blocks: [] };
    roots.push(root);
    let parent = root;
    for (const member of (members.get(name) ?? []).sort((one, other) => comparePrefixes(one.prefix, other.prefix) || nesting(one, other))) {
      while (parent !== root && !contains(parent.prefix, member.prefix)) parent = parent.parent ?? root;
      const block: Block = { ...member, domain, owner: member.owner ?? parent.owner, parent, blocks: [] };
      parent.blocks.push(block);
      parent = block;
    }
  }
  built.set(plan, roots);
  return roots;
}

/** Two keys with one prefix: the holder stands before what lies in it. */
function nesting(one: Pick<Block, 'allocation' | 'family'>, other: Pick<Block, 'allocation' | 'family'>): number {
  const holder = (block: typeof one): string | undefined => (block.family === 'v4' ? block.allocation?.holder4 : block.allocation?.holder6);
  if (holder(one) !== undefined && holder(one) === other.allocation?.key) return 1;
  if (holder(other) !== undefined && holder(other) === one.allocation?.key) return -1;
  return Number(other.allocation?.container ?? false) - Number(one.allocation?.container ?? false);
}

/** The blocks that contain `prefix`, from the pool down. Empty where it does not lie in the root. */
export function chainTo(root: Block, prefix: Prefix): Block[] {
  const chain: Block[] = [];
  for (let block: Block | undefined = contains(root.prefix, prefix) ? root : undefined; block; block = childHolding(block, prefix)) chain.push(block);
  return chain;
}

function childHolding({ blocks }: Block, prefix: Prefix): Block | undefined {
  // Siblings do not overlap, so only the last one that begins at or before the address can hold it.
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle];
    if (block && compareAddresses(block.prefix, prefix) <= 0) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low - 1];
  return block && contains(block.prefix, prefix) ? block : undefined;
}

/** Share of a block that is given out to keys directly in it, and share that hosts' networks use, from 0 to 1. */
export interface Utilisation {
  readonly delegated: number;
  readonly used: number;
}

/** Utilisation of a pool or container; counted exactly, rounded at the end. */
export function utilisation(block: Block): Utilisation {
  const whole = addressCount(block.prefix);
  const share = (part: bigint): number => Number((part * 1_000_000n) / whole) / 1_000_000;
  return { delegated: share(block.blocks.reduce((sum, { prefix }) => sum + addressCount(prefix), 0n)), used: share(usedIn(block)) };
}

function usedIn(block: Block): bigint {
  if (block.kind === 'released') return 0n;
  if (block.kind === 'key' && block.allocation?.container !== true) return addressCount(block.prefix);
  return block.blocks.reduce((sum, inner) => sum + usedIn(inner), 0n);
}

/** The free space directly in a block; what is kept for the growth of one key is not free for others. */
export function freeIn(block: Block): FreeSpace {
  const space = new FreeSpace(block.prefix);
  block.blocks.forEach(({ prefix, growth }, index) => space.take(growth ?? prefix, index));
  return space;
}
