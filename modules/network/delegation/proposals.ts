import { sameProposal } from '../../federation/index.ts';
import type { PlanSet } from '../model.ts';
import { isFault, readPrefix } from '../parse.ts';
import { addressCount } from '../prefix.ts';
import type { Family } from '../types.ts';
import type { AnswerLine, Delegation, MemberReport, PlacedProposal } from './types.ts';

/**
 * How a proposal stands at the centre. `waiting`: no answer yet. `accepted`: it grows, the centre may carry it out; `in-use`:
 * accepted, and something still lies in what is to be given back; `empty`: accepted and nothing does, the centre may carry it
 * out. `done`: carried out already, the line may go.
 */
export type ProposalState = 'waiting' | 'accepted' | 'in-use' | 'empty' | 'refused' | 'done';

export interface ProposalStatus {
  readonly member: string;
  readonly proposal: PlacedProposal;
  readonly state: ProposalState;
  /** Past its date while something is still to be done. */
  readonly overdue: boolean;
  /** Why the member refused, or what it said when it accepted. */
  readonly reason?: string | undefined;
  readonly remaining?: number | undefined;
  /** Day of the bundle that says so. */
  readonly reported?: string | undefined;
}

/** All proposals of a centre, in the order of its plans. */
export function proposalStatuses(planSet: PlanSet): ProposalStatus[] {
  const { declared, members } = planSet.delegation;
  return declared.flatMap((delegation) => {
    const report = members.find(({ member }) => member === delegation.member);
    return delegation.proposals.map((proposal) => statusOf(planSet, delegation, proposal, report));
  });
}

function statusOf(planSet: PlanSet, { member }: Delegation, proposal: PlacedProposal, report: MemberReport | undefined): ProposalStatus {
  const answer = report?.answers.find((line) => line.proposal === proposal.id && sameProposal(line, proposal));
  const state = stateOf(planSet, proposal, answer);
  const { asOf } = planSet.delegation;
  const open = state === 'waiting' || state === 'in-use';
  return {
    member,
    proposal,
    state,
    overdue: open && asOf !== undefined && asOf > proposal.by,
    reason: answer?.reason,
    remaining: answer?.remaining,
    reported: report?.date,
  };
}

function stateOf(planSet: PlanSet, proposal: PlacedProposal, answer: AnswerLine | undefined): ProposalState {
  if (isDone(planSet, proposal)) return 'done';
  if (!answer) return 'waiting';
  if (answer.answer === 'refused') return 'refused';
  if (answer.remaining > 0) return 'in-use';
  const held = proposal.family && planSet.rows.get(proposal.key)?.[proposal.family];
  return held && (proposal.to ?? 129) < held.prefix.length ? 'accepted' : 'empty';
}

/** The lock holds what was proposed already. */
function isDone({ rows }: PlanSet, { kind, key, family, to }: PlacedProposal): boolean {
  const row = rows.get(key);
  const legs = (family === undefined ? (['v4', 'v6'] as const) : [family]).flatMap((name) => (row?.[name]?.released === false ? [row[name]] : []));
  return kind === 'revoke' ? legs.length === 0 : legs.length > 0 && legs.every(({ prefix }) => prefix.length === to);
}

/** What a member said of one of its blocks, if it still is that block. */
export interface ReportedBlock {
  readonly member: string;
  /** Day of the bundle; absent when none ever arrived. */
  readonly date?: string | undefined;
  readonly delegated?: number | undefined;
  readonly used?: number | undefined;
  readonly largestFree?: number | null | undefined;
  /** The block the figures are of, where it is no longer this one. */
  readonly of?: string | undefined;
}

/** The member a key is delegated to, and what it reported about that block. Undefined for keys that are nobody's. */
export function reportedBlock(members: readonly MemberReport[], key: string, family: Family, prefix: string): ReportedBlock | undefined {
  const report = members.find(({ keys }) => keys.includes(key));
  if (!report) return undefined;
  const { member, date } = report;
  const line = report.utilisation.find((candidate) => candidate.key === key && candidate.family === family);
  if (!line) return { member };
  const { delegated, used, largestFree } = line;
  return { member, date, delegated, used, largestFree, of: line.prefix === prefix ? undefined : line.prefix };
}

/** How many addresses a block has, for sums over several; 0 for what is no prefix. */
export function sizeOf(text: string): bigint {
  const prefix = readPrefix(text);
  return isFault(prefix) ? 0n : addressCount(prefix);
}
