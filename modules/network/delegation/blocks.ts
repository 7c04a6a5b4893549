import type { Detail, Proposal, ReceivedDelegation } from '../../federation/index.ts';
import { parsePrefix } from '../parse.ts';
import { bitsOf, contains, type Prefix } from '../prefix.ts';
import { subtract } from '../subtract.ts';
import type { Family } from '../types.ts';
import type { Received } from './types.ts';

/** A proposal as this member received it, with the delegation it came with. */
export interface ReceivedProposal {
  readonly proposal: Proposal;
  readonly delegation: ReceivedDelegation;
}

export function receivedProposals({ delegations }: Received): ReceivedProposal[] {
  return delegations.flatMap((delegation) => delegation.proposals.map((proposal) => ({ proposal, delegation })));
}

/** The delegated blocks a proposal is about; none once it was carried out. */
export function proposedBlocks({ key, family }: Pick<Proposal, 'key' | 'family'>, blocks: Received['blocks']): Prefix[] {
  return blocks.filter((block) => block.key === key && (family === undefined || block.family === family)).map(({ prefix }) => parsePrefix(prefix));
}

/**
 * What is to be given back if a proposal is accepted: the whole block, or what lies beyond the shorter one, which begins where
 * the block begins (a block shrinks in place). Nothing where it grows.
 */
export function givenBack(proposal: Pick<Proposal, 'kind' | 'key' | 'family' | 'to'>, blocks: Received['blocks']): Prefix[] {
  return proposedBlocks(proposal, blocks).flatMap((block) => {
    if (proposal.kind === 'revoke') return [block];
    const { to = block.length } = proposal;
    return to <= block.length || to > bitsOf(block.family) ? [] : subtract(block, [{ ...block, length: to }]);
  });
}

export function liesIn(blocks: readonly Prefix[], prefix: Prefix): boolean {
  return blocks.some((block) => contains(block, prefix));
}

/** The delegation a block of this key and family belongs to. */
export function delegationOf(received: Received, key: string): ReceivedDelegation | undefined {
  return received.delegations.find(({ keys }) => keys.includes(key));
}

/**
 * Blocks of which a bundle shows no more than how full they are: all where this member shows no detail, else those of which
 * the centre declares that it wants none.
 */
export function withheldBlocks(received: Received, shows: Detail): string[] {
  return received.blocks.filter(({ key }) => shows !== 'full' || delegationOf(received, key)?.detail === 'utilisation').map(({ prefix }) => prefix);
}

/** The delegated block a pool is made from, by the pool's name. */
export function blockOfPool(received: Received, pool: string): { readonly key: string; readonly family: Family; readonly prefix: Prefix } | undefined {
  const from = received.pools.get(pool);
  const block = from && received.blocks.find(({ key, family }) => key === from.key && family === from.family);
  return block && { key: block.key, family: block.family, prefix: parsePrefix(block.prefix) };
}
