import { formatPrefix, overlaps, subnetAt, toInteger, type Prefix } from '../../modules/network/index.ts';

export type Strategy = 'sparse' | 'best-fit' | 'first-fit' | 'last-fit';

/** What the contract says, computed the slow way: maximal free aligned blocks, then the strategy's choice. */
export function naive(root: Prefix, used: readonly Prefix[], length: number, strategy: Strategy): string | undefined {
  const free: Prefix[] = [];
  const walk = (block: Prefix): void => {
    if (!used.some((other) => overlaps(block, other))) free.push(block);
    else if (!used.some((other) => other.length <= block.length && overlaps(block, other))) {
      for (const half of [0, 1]) walk(subnetAt(block, block.length + 1, half) as Prefix);
    }
  };
  walk(root);
  const fitting = free.filter((block) => block.length <= length);
  if (fitting.length === 0) return undefined;
  const by = (rank: (block: Prefix) => number): Prefix => fitting.reduce((best, block) => (rank(block) < rank(best) ? block : best));
  const lowest = (block: Prefix): number => Number(toInteger(block) - toInteger(root));
  if (strategy === 'last-fit') return formatPrefix(subnetAt(fitting.at(-1) as Prefix, length, -1) as Prefix);
  const chosen = strategy === 'first-fit' ? by(lowest) : strategy === 'sparse' ? by(({ length: bits }) => bits) : by(({ length: bits }) => -bits);
  return formatPrefix({ ...chosen, length });
}
