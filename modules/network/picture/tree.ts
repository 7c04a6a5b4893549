import { didYouMean, fail } from '../../core/index.ts';
import { bitsOf, toInteger, type Prefix } from '../prefix.ts';
import { parsePrefix } from '../parse.ts';
import { addressTree, chainTo, type Block } from '../tree.ts';
import type { AddressPlan, Family } from '../types.ts';

/**
 * The blocks of a pool or key, IPv6 first (it is the one planned for); every pool without a name.
 * @throws ProblemError NET-UNKNOWN
 */
export function blocksOf(plan: AddressPlan, name: string | undefined, family: Family | undefined): Block[] {
  const roots = addressTree(plan);
  let found = roots.filter((root) => name === undefined || root.name === name);
  if (name !== undefined && found.length === 0) {
    const allocation = plan.allocations.get(name);
    for (const text of [allocation?.v6, allocation?.v4]) {
      const prefix = text === undefined ? undefined : parsePrefix(text);
      for (const root of prefix ? roots : []) {
        const block = prefix && chainTo(root, prefix).find((candidate) => candidate.kind === 'key' && candidate.name === name);
        if (block) found.push(block);
      }
    }
  }
  if (name !== undefined && found.length === 0) {
    const names = [...plan.pools.keys(), ...(plan.allocations.size > 20_000 ? [] : plan.allocations.keys())];
    fail('NET-UNKNOWN', `no pool and no key is called "${name}"`, { hint: didYouMean(name, names) ?? `pools: ${[...plan.pools.keys()].join(', ')}` });
  }
  found = found.filter((block) => family === undefined || block.family === family);
  return [...found.filter((block) => block.family === 'v6'), ...found.filter((block) => block.family === 'v4')];
}

/** The bits of a prefix, as `0` and `1`. */
export function bitText(prefix: Prefix): string {
  return toInteger(prefix).toString(2).padStart(bitsOf(prefix.family), '0').slice(0, prefix.length);
}

/** The hexadecimal digits of a prefix that are not all beyond its length. */
export function hexText(prefix: Prefix): string {
  const size = bitsOf(prefix.family);
  return toInteger(prefix)
    .toString(16)
    .padStart(size / 4, '0')
    .slice(0, Math.ceil(prefix.length / 4));
}

/** How full a block is, in addresses. A released block is withheld: given out, but not used. */
export interface Fullness {
  readonly delegated: bigint;
  readonly used: bigint;
}

/** Fullness of a block and of everything in it, counted once. */
export function fullnessOf(root: Block): ReadonlyMap<Block, Fullness> {
  const found = new Map<Block, Fullness>();
  const size = ({ prefix }: Block): bigint => 1n << BigInt(bitsOf(prefix.family) - prefix.length);
  const visit = (block: Block): bigint => {
    let delegated = 0n;
    let inside = 0n;
    for (const inner of block.blocks) {
      delegated += size(inner);
      inside += visit(inner);
    }
    const holds = block.kind === 'pool' || block.allocation?.container === true;
    const used = block.kind === 'released' ? 0n : holds ? inside : size(block);
    found.set(block, { delegated: holds ? delegated : used, used });
    return used;
  };
  visit(root);
  return found;
}
