import { problem } from '../../../modules/core/basics.ts';
import type { Verb } from '../../kit.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { engineOf, prepared } from './shared.ts';

export const driftVerb: Verb = {
  name: 'drift',
  summary: 'what changed behind our back, field by field',
  description: `Asks the clouds of every selected stack that has a state what is there now, and says per object and field what is not as it was applied, and what the next plan would do about it: set it back, make it again, or keep it because nothing declared says otherwise. Nothing is written to any state. Stacks nothing happened to since their last plan are read too.

What cannot be read is "unknown", never "no drift": an object the provider fails at is named with what depends on it, and the rest of its stack is read without it. Null, [], {} and "" are alike; fields that move by themselves are ignored by a table and counted. Secrets are named, not shown. With --unmanaged the projects of the stacks, and their namespaces in Kubernetes clusters, are read too, for what no state holds: objects made by hand, and foreign ones inside of what is managed (a rule in a group, a member in a pool, a port in a network). What clouds make by themselves (default rules, ports of routers, DHCP and load balancers; default accounts, copies controllers keep) is left out by a table with reasons.

In the sandbox there is nothing but the state: what an unchanged declaration would have to set back is drift, and where the declaration changed since, it is unknown.

${selectionHelp}

data of --json: {engine: {name, version}, stacks: [{path, agency, state, resources, drifted: [{address, type, drift, fields: [{path, before, after}], next}], unknown: [{address, because}], ignored, pending, removed, milliseconds}], projects: [{cloud, project: {id, name}, stacks, objects, held, made, unmanaged: [{type, id, importId, name, createdAt, within: {stack, address}, markedAs}], unread: [{type, state, reason}]}], excluded, unavailable: {reason, hint}}; state one of none, drift, unknown, absent; drift one of changed, deleted; next one of no-op, create, update, delete, replace; an unknown without address is the whole stack`,
  options: [...selectionOptions, { flags: '--unmanaged', description: 'read the projects and namespaces too, for what no state holds' }],
  examples: [
    { line: 'vcloud drift', does: 'reads everything that was ever applied' },
    { line: 'vcloud drift --unmanaged', does: 'and what was made by hand beside it' },
    { line: 'vcloud drift --agency mst --json', does: 'reads the stacks of one ministry, for a program' },
  ],
  exits: {
    0: 'everything was read and nothing drifted, nor is anything unmanaged where that was asked',
    1: 'no drift seen, but something could not be read; or an error',
    2: 'drift, or objects no state holds; what could not be read is listed beside it',
  },
  async run(context, _, options) {
    const { driftText, driftVerdict } = await import('../../../modules/engine/index.ts');
    const made = await prepared(context);
    const { problems, ...data } = await (await engineOf(context, made)).drift({ select: selectionOf(options), unmanaged: options['unmanaged'] === true });
    const unavailable = data.unavailable === undefined ? [] : [problem('ENGINE-UNAVAILABLE', data.unavailable.reason, { hint: data.unavailable.hint })];
    const run = { ...data, problems };
    return { exit: driftVerdict(run), data, text: driftText(run, context.language), problems: [...made.findings, ...problems, ...unavailable] };
  },
};
