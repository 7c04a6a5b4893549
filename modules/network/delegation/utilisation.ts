import { compareCodeUnits } from '../../core/index.ts';
import { FreeSpace } from '../free.ts';
import { parsePrefix } from '../parse.ts';
import { addressCount, comparePrefixes, contains, type Prefix } from '../prefix.ts';
import { addressTree, type Block } from '../tree.ts';
import type { AddressPlan } from '../types.ts';
import { givenBack, liesIn, receivedProposals } from './blocks.ts';
import type { AnswerLine, DelegationFacts, Received, UtilisationLine } from './types.ts';

/**
 * How full each delegated block is: what a member tells the centre instead of what lies in it. A block no pool is made from is
 * known to be empty. Several pools made from one block (in domains that do not meet) count together, each address once.
 */
export function utilisationLines(addresses: AddressPlan, { blocks, pools }: Received): UtilisationLine[] {
  const roots = addressTree(addresses);
  const lines = blocks.map(({ key, family, prefix: text }): UtilisationLine => {
    const prefix = parsePrefix(text);
    const own = roots.filter((root) => {
      const from = pools.get(root.name);
      return from?.key === key && from.family === family;
    });
    const given = topmost(own.flatMap((root) => root.blocks.map((block) => block.prefix)));
    const used = topmost(own.flatMap(networksIn));
    const space = new FreeSpace(prefix);
    given.forEach((block, index) => {
      if (contains(prefix, block)) space.take(block, index);
    });
    return { key, family, prefix: text, delegated: share(given, prefix), used: share(used, prefix), largestFree: space.largest() ?? null };
  });
  return lines.sort((one, other) => compareCodeUnits(one.key, other.key) || compareCodeUnits(one.family, other.family));
}

/** Blocks that hold hosts, at any depth. */
function networksIn(block: Block): Prefix[] {
  if (block.kind === 'released') return [];
  if (block.kind === 'key' && block.allocation?.container !== true) return [block.prefix];
  return block.blocks.flatMap(networksIn);
}

/** Those that lie in no other: prefixes nest or are apart, so these are all addresses, once. */
function topmost(prefixes: readonly Prefix[]): Prefix[] {
  const found: Prefix[] = [];
  for (const prefix of [...prefixes].sort(comparePrefixes)) {
    const last = found.at(-1);
    if (!last || !contains(last, prefix)) found.push(prefix);
  }
  return found;
}

function share(parts: readonly Prefix[], whole: Prefix): number {
  const sum = parts.reduce((total, part) => total + addressCount(part), 0n);
  return Number((sum * 1_000_000n) / addressCount(whole)) / 1_000_000;
}

/** What a member answers, with how much of it is still to be done; answers to nothing that was proposed are left out. */
export function answerLines(addresses: AddressPlan, { received, answers }: DelegationFacts): AnswerLine[] {
  if (!received) return [];
  const lines = receivedProposals(received).flatMap(({ proposal }): AnswerLine[] => {
    const said = answers.get(proposal.id);
    if (!said) return [];
    const { id, kind, key, family, to } = proposal;
    const remaining = heldIn(addresses, givenBack(proposal, received.blocks)).length;
    return [
      {
        proposal: id,
        kind,
        key,
        ...(family === undefined ? {} : { family }),
        ...(to === undefined ? {} : { to }),
        answer: said.answer,
        ...(said.reason === undefined ? {} : { reason: said.reason }),
        remaining,
      },
    ];
  });
  return lines.sort((one, other) => compareCodeUnits(one.proposal, other.proposal));
}

/** One block a key holds. */
export interface HeldBlock {
  readonly key: string;
  readonly family: Prefix['family'];
  readonly prefix: string;
  readonly pool: string;
}

/** Every block of every key that lies in one of the prefixes, by key. */
export function heldIn(addresses: AddressPlan, prefixes: readonly Prefix[]): HeldBlock[] {
  if (prefixes.length === 0) return [];
  const found: HeldBlock[] = [];
  for (const { key, v4, v6, pool4, pool6 } of addresses.allocations.values()) {
    if (v4 !== undefined && liesIn(prefixes, parsePrefix(v4))) found.push({ key, family: 'v4', prefix: v4, pool: pool4 ?? '' });
    if (v6 !== undefined && liesIn(prefixes, parsePrefix(v6))) found.push({ key, family: 'v6', prefix: v6, pool: pool6 ?? '' });
  }
  return found;
}
