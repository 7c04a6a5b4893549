import { plural } from '../../core/index.ts';
import type { ProposalStatus } from './proposals.ts';
import type { ProposalView, ToDo } from './received.ts';
import type { HeldBlock } from './utilisation.ts';

/** What of a member's zones and overlays uses addresses that are to be given back; worked out where these are known. */
export interface ConcernedByProposal {
  readonly zones: readonly { readonly zone: string; readonly records: number }[];
  readonly overlays: readonly { readonly overlay: string; readonly nodes: readonly string[] }[];
}

/** How one proposal of the centre stands, in one line. */
export function proposalText({ member, proposal, state, overdue, reason, remaining, reported }: ProposalStatus): string {
  const { id, kind, key, family, to, by } = proposal;
  const what = `${kind} ${key}${family === undefined ? '' : ` ${family}`}${to === undefined ? '' : ` to /${to}`}`;
  const since = reported === undefined ? 'no bundle of it was taken in yet' : `its bundle of ${reported}`;
  const how = {
    waiting: `${overdue ? `overdue since ${by}` : `waits until ${by}`}, not answered (${since})`,
    accepted: `accepted (${since})`,
    'in-use': `accepted, ${plural(remaining ?? 0, 'block')} still in use${overdue ? `, overdue since ${by}` : `, to be empty by ${by}`} (${since})`,
    empty: `accepted and empty: may be carried out now (${since})`,
    refused: `refused: ${reason ?? ''} (${since})`,
    done: 'carried out: the proposal may go',
  }[state];
  return `proposal "${id}" to ${member}: ${what}: ${how}`;
}

const signs: Readonly<Record<ProposalStatus['state'], string>> = { waiting: '?', accepted: '!', 'in-use': '?', empty: '!', refused: 'x', done: '=' };

/** All proposals of a centre for people; empty where there are none. */
export function statusesText(statuses: readonly ProposalStatus[]): string[] {
  if (statuses.length === 0) return [];
  return [`proposals to members: ${statuses.length}`, ...statuses.map((status) => `  ${status.overdue ? '!' : signs[status.state]} ${proposalText(status)}`)];
}

const mostKeys = 40;

/** The centre's proposals as a member reads them, with everything of its own they concern; empty where there are none. */
export function viewsText(views: readonly (ProposalView & Partial<ConcernedByProposal>)[]): string[] {
  const open = views.filter(({ state }) => state !== 'done');
  if (open.length === 0) return [];
  const lines = [`proposals of the centre: ${open.length}`];
  for (const view of open) {
    const { proposal, declared, state, overdue, reason, blocks, gives, keys, todo, zones = [], overlays = [] } = view;
    const what = proposal.kind === 'revoke' ? 'revoke' : `resize to /${proposal.to ?? ''}`;
    lines.push(
      `  ${state === 'unanswered' || state === 'open' ? '!' : '='} ${what} ${proposal.key} ${blocks.join(', ')}  "${proposal.id}", ${stateText(state)}${overdue ? ', OVERDUE' : ''}, by ${proposal.by}`,
      `      why: ${proposal.reason} (${declared})`,
    );
    if (reason !== undefined) lines.push(`      answer: ${reason}`);
    if (gives.length > 0) lines.push(`      gives back ${gives.join(', ')}, in which lie ${plural(keys.length, 'block')}${keys.length > 0 ? ':' : ''}`);
    const rows: readonly (HeldBlock & Partial<ToDo>)[] = todo.length > 0 ? todo : keys;
    for (const row of rows.slice(0, mostKeys)) {
      const sign = row.action === undefined ? '.' : row.action === 'move' ? '>' : '-';
      const done =
        row.action === undefined ? '' : row.action === 'move' ? `  to be moved: pool ${row.into ?? ''} has room` : '  to be released: no other pool has room';
      lines.push(`        ${sign} ${row.key}  ${row.prefix}  (${row.pool})${done}`);
    }
    if (rows.length > mostKeys) lines.push(`        ... and ${rows.length - mostKeys} more`);
    for (const { zone, records } of zones) lines.push(`        zone ${zone}  ${plural(records, 'record')}`);
    for (const { overlay, nodes } of overlays)
      lines.push(`        overlay ${overlay}  ${nodes.slice(0, 10).join(', ')}${nodes.length > 10 ? ` and ${nodes.length - 10} more` : ''}`);
  }
  return lines;
}

function stateText(state: ProposalView['state']): string {
  return {
    unanswered: 'NOT ANSWERED',
    refused: 'refused',
    open: 'accepted, to be carried out',
    accepted: 'accepted, nothing of yours lies in it',
    done: 'carried out',
  }[state];
}
