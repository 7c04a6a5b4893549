import { didYouMean, fail, sortedBy } from '../../core/index.ts';
import { addressTree, chainTo, type Block } from '../tree.ts';
import { parsePrefix } from '../parse.ts';
import type { AddressPlan } from '../types.ts';

/** Which part of the plan is exported; everything without any. */
export interface ExportSelection {
  readonly pool?: string | undefined;
  readonly domain?: string | undefined;
  /** A key: what it holds and what lies in it. */
  readonly under?: string | undefined;
}

/**
 * The blocks an export starts from: pools, or what one key holds, in order of pool name.
 * @throws ProblemError NET-UNKNOWN for a pool, domain or key that is not there
 */
export function selectedRoots(plan: AddressPlan, { pool, domain, under }: ExportSelection): Block[] {
  const known = (kind: string, name: string | undefined, names: Iterable<string>): void => {
    const list = [...names];
    if (name !== undefined && !list.includes(name)) {
      fail('NET-UNKNOWN', `there is no ${kind} "${name}"`, { hint: didYouMean(name, list.length > 20_000 ? [] : list) ?? `see \`vcloud net show\`` });
    }
  };
  known('pool', pool, plan.pools.keys());
  known('domain', domain, plan.domains.keys());
  known('key', under, plan.allocations.keys());
  const roots = addressTree(plan).filter((root) => (pool === undefined || root.name === pool) && (domain === undefined || root.domain === domain));
  if (under === undefined) return roots;
  const allocation = plan.allocations.get(under);
  const blocks: Block[] = [];
  for (const root of roots) {
    const text = root.family === 'v4' ? allocation?.v4 : allocation?.v6;
    if (text === undefined) continue;
    const block = chainTo(root, parsePrefix(text)).find(({ kind, name }) => kind === 'key' && name === under);
    if (block) blocks.push(block);
  }
  return sortedBy(blocks, (block) => block.pool);
}

/** A block and everything in it, in address order, with how deep each lies below the first. */
export function* blocksIn(block: Block, depth = 0): Generator<{ readonly block: Block; readonly depth: number }> {
  yield { block, depth };
  for (const inner of block.blocks) yield* blocksIn(inner, depth + 1);
}
