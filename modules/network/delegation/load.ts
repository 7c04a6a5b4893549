import type { Problems, Source } from '../../core/index.ts';
import type { Federation } from '../../federation/index.ts';
import { duplicate } from '../documents.ts';
import { isFault, parsePrefix, readPrefix } from '../parse.ts';
import type { RawPool } from '../pools.ts';
import { contains } from '../prefix.ts';
import type { RawPlan } from '../schema.ts';
import type { Extract, Family } from '../types.ts';
import type { OwnerRule } from '../owners/types.ts';
import type { Answer, Delegation, DelegationFacts, MemberReport, Received } from './types.ts';

/** What plan documents say about delegation and owners, of all files. */
export interface Agreements {
  readonly delegations: Delegation[];
  readonly answers: Map<string, Answer>;
  readonly owners: OwnerRule[];
}

export function emptyAgreements(): Agreements {
  return { delegations: [], answers: new Map(), owners: [] };
}

/**
 * Adds the `delegations`, `answers` and `owners` of one plan document. Problems: NET-PROPOSAL for one that says too little,
 * NET-PROPOSAL-DUPLICATE, NET-ANSWER-DUPLICATE naming both places, NET-ANSWER-REASON for a refusal without one.
 */
export function addAgreements(agreements: Agreements, source: Source, { delegations, answers, owners }: RawPlan, problems: Problems): void {
  const proposed = new Map(agreements.delegations.flatMap(({ proposals }) => proposals.map(({ id, place }) => [id, place] as const)));
  (delegations ?? []).forEach((raw, index) => {
    const at = ['delegations', index];
    const proposals = raw.proposals.map((proposal, number) => {
      const place = source.locate([...at, 'proposals', number, 'id']);
      const first = proposed.get(proposal.id);
      if (first) duplicate(problems, 'NET-PROPOSAL-DUPLICATE', `proposal "${proposal.id}"`, first, place);
      else proposed.set(proposal.id, place);
      const resize = proposal.kind === 'resize';
      if (resize !== (proposal.to !== undefined) || (resize && proposal.family === undefined)) {
        problems.error(
          'NET-PROPOSAL',
          `proposal "${proposal.id}" ${resize ? 'resizes, but lacks its new length or its family' : 'revokes, which has no length'}`,
          {
            ...place,
            hint: resize ? 'write `family: v6, to: 36`' : 'leave `to` out, or write `kind: resize`',
          },
        );
      }
      if (raw.keys && !raw.keys.includes(proposal.key)) {
        problems.error('NET-PROPOSAL', `proposal "${proposal.id}" is about "${proposal.key}", which this delegation does not name`, {
          ...source.locate([...at, 'proposals', number, 'key']),
          hint: `its keys are ${raw.keys.join(', ')}`,
        });
      }
      return { ...proposal, place };
    });
    agreements.delegations.push({
      ...raw,
      proposals,
      place: source.locate([...at, 'member']),
      locate: (field, number) => source.locate([...at, field, ...(number === undefined ? [] : [number])]),
    });
  });
  (answers ?? []).forEach((answer, index) => {
    const place = source.locate(['answers', index, 'proposal']);
    const first = agreements.answers.get(answer.proposal);
    if (first) duplicate(problems, 'NET-ANSWER-DUPLICATE', `the answer to proposal "${answer.proposal}"`, first.place, place);
    else agreements.answers.set(answer.proposal, { ...answer, place });
    if (answer.answer === 'refused' && answer.reason === undefined)
      problems.error('NET-ANSWER-REASON', `proposal "${answer.proposal}" is refused without a reason`, {
        ...place,
        hint: 'add `reason:`, the centre reads it',
      });
  });
  (owners ?? []).forEach(({ organisation, keys, reviewers }, index) => {
    keys.forEach((pattern, number) => {
      agreements.owners.push({ organisation, pattern, reviewers, place: source.locate(['owners', index, 'keys', number]) });
    });
  });
}

/** Puts what plans say together with what was delivered (a member) and what members reported (a centre). */
export function delegationFacts(
  agreements: Agreements,
  pools: ReadonlyMap<string, RawPool>,
  federation: Federation | undefined,
  given: { readonly extract?: Extract | undefined; readonly members?: readonly MemberReport[] | undefined; readonly asOf?: string | undefined },
): DelegationFacts {
  const { extract } = given;
  const members =
    given.members ??
    (federation?.settings.members ?? []).map(({ id, scope }): MemberReport => ({ member: id, keys: scope.keys, utilisation: [], answers: [] }));
  return {
    declared: agreements.delegations,
    members,
    answers: agreements.answers,
    received: extract && {
      blocks: extract.blocks,
      delegations: extract.delegations ?? [],
      pools: new Map([...pools.values()].flatMap((pool) => blockOf(pool, extract.blocks))),
      typed: new Set([...pools.values()].filter(({ from }) => !from).map(({ name }) => name)),
      announced: announcedBy(federation),
    },
    asOf: given.asOf ?? federation?.asOf,
  };
}

/** The block a pool is made from, or lies in although somebody typed it: what holds there holds for it too. */
function blockOf({ name, from, prefix: text }: RawPool, blocks: Extract['blocks']): [string, { readonly key: string; readonly family: Family }][] {
  if (from) return [[name, from]];
  const prefix = readPrefix(text ?? '');
  if (isFault(prefix)) return [];
  const around = blocks.find((block) => contains(parsePrefix(block.prefix), prefix));
  return around ? [[name, { key: around.key, family: around.family }]] : [];
}

/** Ids of networks that bring their own addresses to the Internet, and the keys whose blocks they say these are. */
function announcedBy(federation: Federation | undefined): Received['announced'] {
  const networks = [...(federation?.networks.values() ?? [])].filter(({ addressOrigin }) => addressOrigin === 'independent');
  return { networks: new Set(networks.map(({ id }) => id)), keys: new Set(networks.flatMap(({ key }) => key ?? [])) };
}
