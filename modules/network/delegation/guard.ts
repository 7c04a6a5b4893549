import { problem, type Problem } from '../../core/index.ts';
import { isFault, readPrefix } from '../parse.ts';
import { contains } from '../prefix.ts';
import type { PlanSet } from '../model.ts';
import type { AddressDiff, Family } from '../types.ts';
import { proposalStatuses, type ProposalStatus } from './proposals.ts';

/** One block of a key before and after; null where it holds nothing. */
export interface ChangedBlock {
  readonly key: string;
  readonly family: Family;
  readonly from: string | null;
  readonly to: string | null;
}

/** Which member each delegated key belongs to. */
export function delegatedKeys({ delegation }: PlanSet): Map<string, string> {
  const keys = new Map(delegation.members.flatMap(({ member, keys: own }) => own.map((key) => [key, member] as const)));
  for (const { member, keys: own } of delegation.declared) own?.forEach((key) => keys.set(key, member));
  return keys;
}

/** As {@link refuseDelegated}, for what allocating would change. */
export function delegatedFaults(planSet: PlanSet, { release, move, change }: AddressDiff): Problem[] {
  const rows = [...release, ...move, ...change].flatMap(({ key, family, from, to }) => (family === 'asn' ? [] : [{ key, family, from, to }]));
  return refuseDelegated(planSet, rows);
}

/**
 * Refuses changes of delegated blocks their members did not agree to (NET-DELEGATED): a block is another's plan, and taking or
 * cutting it renumbers hosts nobody here can see. Allowed are a revocation that was accepted and carried out, and a resize in
 * place to the length that was accepted, once what is given back is empty.
 */
export function refuseDelegated(planSet: PlanSet, changed: readonly ChangedBlock[]): Problem[] {
  if (changed.length === 0 || (planSet.delegation.members.length === 0 && planSet.delegation.declared.length === 0)) return [];
  const delegated = delegatedKeys(planSet);
  const concerned = changed.filter(({ key, from, to }) => from !== null && from !== to && delegated.has(key));
  if (concerned.length === 0) return [];
  const statuses = proposalStatuses(planSet);
  return concerned.flatMap((block) => {
    const member = delegated.get(block.key) ?? '';
    const about = statuses.filter(
      ({ proposal }) =>
        proposal.key === block.key && (proposal.family ?? block.family) === block.family && proposal.kind === (block.to === null ? 'revoke' : 'resize'),
    );
    if (about.some((status) => permits(status, block))) return [];
    const row = planSet.rows.get(block.key);
    return [
      problem(
        'NET-DELEGATED',
        `${block.from ?? ''} of "${block.key}" is delegated to member "${member}", which did not agree to ${whatOf(block)}${whyNot(about[0])}`,
        {
          ...(planSet.needs.get(block.key)?.place ?? row?.place),
          hint: hintOf(about[0], block, member),
        },
      ),
    ];
  });
}

function permits({ state, proposal }: ProposalStatus, { from, to }: ChangedBlock): boolean {
  if (to === null) return state === 'empty';
  const [before, after] = [readPrefix(from ?? ''), readPrefix(to)];
  if (isFault(before) || isFault(after) || proposal.to !== after.length) return false;
  return (state === 'accepted' && contains(after, before)) || (state === 'empty' && contains(before, after));
}

function whatOf({ from, to }: ChangedBlock): string {
  if (to === null) return 'give it back';
  const [before, after] = [readPrefix(from ?? ''), readPrefix(to)];
  if (isFault(before) || isFault(after)) return `hold ${to} instead`;
  return contains(after, before) || contains(before, after) ? `resize it to /${after.length}` : `renumber to ${to}`;
}

function whyNot(status: ProposalStatus | undefined): string {
  if (!status) return '';
  const { proposal, state, remaining, reason } = status;
  const said = {
    waiting: 'is not answered yet',
    refused: `was refused: ${reason ?? ''}`,
    'in-use': `is accepted, but ${remaining ?? 0} of its blocks still lie there`,
    accepted: `is accepted for /${proposal.to ?? ''}`,
    empty: `is accepted for /${proposal.to ?? ''}`,
    done: 'was carried out already',
  }[state];
  return ` (proposal "${proposal.id}" ${said})`;
}

function hintOf(status: ProposalStatus | undefined, { key, family, to }: ChangedBlock, member: string): string {
  if (status?.state === 'waiting' || status?.state === 'in-use') return "wait for the member's next bundle";
  const next = to === null ? 'kind: revoke' : `kind: resize, family: ${family}, to: ${to.slice(to.indexOf('/') + 1)}`;
  return `propose it under \`delegations:\` of member "${member}": { id: ..., ${next}, key: ${key}, by: DATE, reason: ... }`;
}
