import { didYouMean, problem, type Problem } from '../../core/index.ts';
import type { Federation } from '../../federation/index.ts';
import type { PlanSet } from '../model.ts';
import type { AddressPlan } from '../types.ts';
import { proposalStatuses, type ProposalStatus } from './proposals.ts';
import { proposalViews, type ProposalView } from './received.ts';
import { proposalText } from './text.ts';

/**
 * What delegation leaves to be done, on both sides. Warnings ask for an act of this member; notes only say how things stand.
 * Codes: NET-PROPOSAL (to answer, to carry out, answered), NET-ANSWER-UNKNOWN, NET-DELEGATION-MEMBER, NET-DELEGATION-KEY.
 */
export function delegationFindings(planSet: PlanSet, addresses: AddressPlan, federation?: Federation): Problem[] {
  return [
    ...declarationFindings(planSet, federation),
    ...proposalStatuses(planSet).map(statusFinding),
    ...proposalViews(planSet, addresses).flatMap((view) => viewFinding(planSet, view)),
    ...danglingAnswers(planSet),
  ];
}

/** Delegations to nobody, of keys that are not the member's, of blocks that do not exist. */
function declarationFindings(planSet: PlanSet, federation: Federation | undefined): Problem[] {
  const { declared, members } = planSet.delegation;
  return declared.flatMap((delegation): Problem[] => {
    const { member, keys, domain, proposals } = delegation;
    const report = members.find((candidate) => candidate.member === member);
    if (!report) {
      if (!federation) return [];
      const ids = federation.settings.members.map(({ id }) => id);
      return [
        problem('NET-DELEGATION-MEMBER', `"${member}" is no member of this federation`, {
          ...delegation.place,
          hint: didYouMean(member, ids) ?? `members of vcloud.yaml: ${ids.join(', ') || 'none'}`,
          severity: 'warning',
        }),
      ];
    }
    const foreign = (keys ?? []).flatMap((key, index) =>
      report.keys.includes(key)
        ? []
        : [
            problem('NET-DELEGATION-KEY', `"${key}" is not a key of member "${member}"`, {
              ...delegation.locate('keys', index),
              hint: `add it to the member's \`scope.keys\` in vcloud.yaml, which holds ${report.keys.join(', ') || 'none'}`,
              severity: 'warning',
            }),
          ],
    );
    const elsewhere = (keys ?? report.keys).flatMap((key) => {
      const need = planSet.needs.get(key);
      return [need?.v4, need?.v6].flatMap((leg) => (leg && domain !== undefined && leg.pool.domain !== domain ? [{ key, pool: leg.pool }] : []));
    });
    const misplaced = elsewhere.map(({ key, pool }) =>
      problem('NET-DELEGATION-DOMAIN', `"${key}" lies in pool "${pool.name}" of domain "${pool.domain}", not in "${domain ?? ''}"`, {
        ...delegation.locate('domain'),
        hint: 'leave `domain` out: it follows from the pool',
        severity: 'warning',
      }),
    );
    const lost = proposals.flatMap(({ id, key, place, kind }) =>
      planSet.needs.has(key) || planSet.rows.has(key)
        ? []
        : [
            problem('NET-DELEGATION-KEY', `proposal "${id}" is about "${key}", which no plan needs`, {
              ...place,
              hint: kind === 'revoke' ? 'it was carried out: drop the proposal' : (didYouMean(key, report.keys) ?? 'correct the key'),
              severity: 'warning',
            }),
          ],
    );
    return [...foreign, ...misplaced, ...lost];
  });
}

function statusFinding(status: ProposalStatus): Problem {
  const { proposal, state, overdue } = status;
  const waits = (state === 'waiting' || state === 'in-use') && !overdue;
  const { kind, key, family, to } = proposal;
  const hint = {
    waiting: overdue ? 'ask the member; it answers in its plan, and its next bundle says so' : undefined,
    'in-use': overdue ? 'ask the member' : undefined,
    accepted: `carry it out: vcloud net resize ${key} ${to ?? ''} --family ${family ?? ''}`,
    empty:
      kind === 'revoke'
        ? `carry it out: vcloud net retire ${key} --allow-release ${key}`
        : `carry it out: vcloud net resize ${key} ${to ?? ''} --family ${family ?? ''} --allow-release ${key}`,
    refused: 'withdraw the proposal, or put another under another id',
    done: 'drop the proposal',
  }[state];
  return problem('NET-PROPOSAL', proposalText(status), { ...proposal.place, severity: waits ? 'note' : 'warning', hint });
}

function viewFinding(planSet: PlanSet, view: ProposalView): Problem[] {
  const { proposal, declared, state, keys, todo, overdue } = view;
  const what = `${proposal.kind} "${proposal.id}" of the centre (${declared})`;
  const late = overdue ? ' and is overdue' : '';
  if (state === 'unanswered') {
    const file = planSet.files[0]?.file ?? 'network-plans';
    return [
      problem(
        'NET-PROPOSAL',
        `${what} waits for an answer until ${proposal.by}${late}: ${subjectText(view)}${keys.length > 0 ? `, in which ${keys.length} of your blocks lie` : ''}`,
        {
          file,
          severity: 'warning',
          hint: `answer it in a plan: answers: [{ proposal: ${proposal.id}, answer: accepted }], or refused with a reason; \`vcloud net plan\` shows what lies in it`,
        },
      ),
    ];
  }
  if (state === 'open') {
    const place = planSet.delegation.answers.get(proposal.id)?.place;
    return [
      problem('NET-PROPOSAL', `${what} is accepted, and ${todo.length} blocks are still to be moved or released by ${proposal.by}${late}`, {
        ...place,
        severity: 'warning',
        hint: 'see `vcloud net plan`; change the needs, then `vcloud net allocate`',
      }),
    ];
  }
  return [];
}

/** `the block 10.31.0.0/16`, `10.31.0.0/16 to be a /17`. */
export function subjectText({ proposal, blocks }: Pick<ProposalView, 'proposal' | 'blocks'>): string {
  const block = blocks.join(', ') || proposal.key;
  return proposal.kind === 'revoke' ? `${block} of "${proposal.key}" to be given back` : `${block} of "${proposal.key}" to become a /${proposal.to ?? ''}`;
}

function danglingAnswers({ delegation }: PlanSet): Problem[] {
  const { received, answers } = delegation;
  const known = new Set(received?.delegations.flatMap(({ proposals }) => proposals.map(({ id }) => id)));
  return [...answers.values()].flatMap(({ proposal, place }) =>
    received && !known.has(proposal)
      ? [
          problem('NET-ANSWER-UNKNOWN', `the centre proposes nothing under "${proposal}"`, {
            ...place,
            severity: 'warning',
            hint: didYouMean(proposal, known) ?? 'it was withdrawn or carried out: drop the answer',
          }),
        ]
      : [],
  );
}
