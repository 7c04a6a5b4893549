import type { Proposal } from '../../federation/index.ts';
import { formatPrefix } from '../format.ts';
import type { PlanSet, Pool } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import type { Prefix } from '../prefix.ts';
import { addressTree, freeIn } from '../tree.ts';
import type { AddressPlan } from '../types.ts';
import { givenBack, liesIn, proposedBlocks, receivedProposals } from './blocks.ts';
import { heldIn, type HeldBlock } from './utilisation.ts';

/** What the member has to do with one block of a key that lies in what it agreed to give back. */
export interface ToDo extends HeldBlock {
  /** `move` where another pool of the member has room for it, else `release`. */
  readonly action: 'move' | 'release';
  /** The pool it fits into. */
  readonly into?: string | undefined;
}

/** A proposal of the centre as the member sees it, with everything of the member's it concerns. */
export interface ProposalView {
  readonly proposal: Proposal;
  /** Where the centre declares it. */
  readonly declared: string;
  /** `unanswered`, `refused`, `open` (accepted, something is left to do), `accepted` (nothing is), `done` (carried out). */
  readonly state: 'unanswered' | 'refused' | 'open' | 'accepted' | 'done';
  readonly overdue: boolean;
  readonly reason?: string | undefined;
  /** The blocks it is about. */
  readonly blocks: readonly string[];
  /** What would be, or is to be, given back; empty where a block grows. */
  readonly gives: readonly string[];
  /** Keys of the member that lie in what is given back. */
  readonly keys: readonly HeldBlock[];
  /** What an accepted one asks for; empty otherwise. */
  readonly todo: readonly ToDo[];
}

/** Every proposal the member received, in the order of the extract. */
export function proposalViews(planSet: PlanSet, addresses: AddressPlan): ProposalView[] {
  const { received, answers, asOf } = planSet.delegation;
  if (!received) return [];
  const leaving = receivedProposals(received)
    .filter(({ proposal }) => answers.get(proposal.id)?.answer === 'accepted')
    .flatMap(({ proposal }) => givenBack(proposal, received.blocks));
  return receivedProposals(received).map(({ proposal, delegation }) => {
    const blocks = proposedBlocks(proposal, received.blocks);
    const gives = givenBack(proposal, received.blocks);
    const keys = heldIn(addresses, gives);
    const answer = answers.get(proposal.id);
    const done = proposal.kind === 'revoke' ? blocks.length === 0 : blocks.length > 0 && blocks.every(({ length }) => length === proposal.to);
    const state = done ? 'done' : !answer ? 'unanswered' : answer.answer === 'refused' ? 'refused' : keys.length > 0 ? 'open' : 'accepted';
    return {
      proposal,
      declared: delegation.declared,
      state,
      overdue: (state === 'unanswered' || state === 'open') && asOf !== undefined && asOf > proposal.by,
      reason: answer?.reason,
      blocks: blocks.map(formatPrefix),
      gives: gives.map(formatPrefix),
      keys,
      todo: state === 'open' ? toDo(planSet, addresses, keys, leaving) : [],
    };
  });
}

/** Where each key can go: into a pool of its family and domain that stays and has room, counted as if the others went first. */
function toDo(planSet: PlanSet, addresses: AddressPlan, keys: readonly HeldBlock[], leaving: readonly Prefix[]): ToDo[] {
  const rooms = new Map<Pool, ReturnType<typeof freeIn>>();
  for (const root of addressTree(addresses)) {
    const pool = planSet.pools.get(root.name);
    if (pool && !liesIn(leaving, pool.prefix)) rooms.set(pool, freeIn(root));
  }
  const moved = new Map<string, ToDo>();
  const inside = new Set(keys.map(({ key, family }) => `${family} ${key}`));
  for (const block of keys) {
    const { key, family } = block;
    const leg = planSet.needs.get(key)?.[family];
    const holder = leg?.holder;
    // What lies in a holder goes where its holder goes.
    if (holder && inside.has(`${family} ${holder.need.key}`)) continue;
    const prefix = parsePrefix(block.prefix);
    const into = [...rooms].find(([pool, space]) => {
      if (pool.prefix.family !== family || pool.domain !== leg?.pool.domain) return false;
      const free = space.find(prefix.length, pool.strategy);
      if (!free || liesIn(leaving, free)) return false;
      space.take(free, 0);
      return true;
    })?.[0];
    moved.set(`${family} ${key}`, { ...block, action: into && leg ? 'move' : 'release', into: leg && into?.name });
  }
  return keys.map((block) => {
    const { key, family } = block;
    let leg = planSet.needs.get(key)?.[family];
    while (leg && !moved.has(`${family} ${leg.need.key}`)) leg = leg.holder;
    const outer = moved.get(`${family} ${leg?.need.key ?? key}`);
    return { ...block, action: outer?.action ?? 'release', into: outer?.into };
  });
}
