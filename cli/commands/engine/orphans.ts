import { fail, plural } from '../../../modules/core/basics.ts';
import type { Answered, OrphanOptions, OrphanReport } from '../../../modules/engine/index.ts';
import type { Context, Verb } from '../../kit.ts';
import { prepared } from './shared.ts';

const reportShape =
  '{stack, agency, unrecorded: [{address, type, id}], orphans: [{type, id, importId, name, createdAt, by, address, advice}], open: [{type, state, reason, look}], settled}, by one of id, tag, metadata, description, annotation, name, parent; advice adopt or delete; state failed (could not be read), unknown (cannot be told) or foreign (something else stands in its place)';
const stackArgument = { syntax: '<stack>', description: 'path of the stack' } as const;

export const orphanVerbs: readonly Verb[] = [
  {
    name: 'orphans list',
    summary: 'what a crash left in a cloud that no state holds',
    description: `An engine that is killed, or loses its cloud half-way, leaves requests in flight: what they make is in the cloud and in no state, and a next apply would make it again. Asks the cloud of each such stack, with the credentials its plan and apply have, for objects that are recognisably the stack's: by the mark the constructs write (tag, metadata, description, annotation), by a name it was about to use and that was made since the apply began, or by what they hang on (an interface of its router). Without a stack: those a crash left a question about. A stack is not planned and not applied until its question is answered; where nothing is left over, this and the next plan find so by themselves. What could not be read is said, and never taken for empty.

data of --json: [${reportShape}]`,
    arguments: [{ syntax: '[stack]', description: 'path of a stack, also one no crash left a question about' }],
    examples: [{ line: 'vcloud orphans list', does: 'asks the clouds of all stacks a crash left a question about' }],
    exits: { 0: 'nothing is left over', 1: 'error', 2: 'something is to be answered' },
    async run(context, [stack]) {
      const { listOrphans } = await import('../../../modules/engine/index.ts');
      const data = await listOrphans(await orphanOptions(context), stack);
      return { exit: data.every(({ settled }) => settled) ? 0 : 2, data, text: reportText(data, context) };
    },
  },
  {
    name: 'orphans adopt',
    summary: 'take what a crash left over into the next plan',
    description: `The next plan of the stack imports these objects; it is reviewed, approved and applied like any other. Without pairs: all that fit one address each and are not better deleted (a security group may lack the removal of its default rules, a secret its content). Written to the log.

data of --json: {stack, imports: [{to, id}], deleted, left: ${reportShape}}`,
    arguments: [stackArgument, { syntax: '[pairs...]', description: 'ADDRESS=ID, the id as "terraform import" takes it' }],
    examples: [
      { line: 'vcloud orphans adopt mst.ndxp.workload', does: 'adopts all that fit' },
      {
        line: 'vcloud orphans adopt mst.ndxp.workload openstack_networking_network_v2.web=0b6f1c0e-4f53-4e0c-9f0f-4b7d4a5d3c11',
        does: 'adopts this object as that resource',
      },
    ],
    exits: { 0: 'the next plan imports them', 1: 'refused or error', 2: 'so are they; something is left to answer' },
    async run(context, [stack = '', ...pairs]) {
      const { adoptOrphans } = await import('../../../modules/engine/index.ts');
      return outcome(await adoptOrphans(await orphanOptions(context), stack, pairsOf(pairs)), context);
    },
  },
  {
    name: 'orphans delete',
    summary: 'delete what a crash left over',
    description: `Deletes objects through their cloud's own interface. Only what "orphans list" shows can be deleted: recognisably the stack's, and in no state. Cannot be undone, so --yes has to be given. Written to the log.

data of --json: {stack, imports, deleted: [{type, id, importId, name, createdAt, by, address, advice}], left: ${reportShape}}`,
    arguments: [stackArgument, { syntax: '<ids...>', description: 'ids as "orphans list" shows them' }],
    options: [{ flags: '--yes', description: 'really delete' }],
    examples: [{ line: 'vcloud orphans delete mst.ndxp.workload 0b6f1c0e-4f53-4e0c-9f0f-4b7d4a5d3c11 --yes', does: 'deletes this object' }],
    exits: { 0: 'deleted, and nothing is left to answer', 1: 'refused or error', 2: 'deleted; something is left to answer' },
    async run(context, [stack = '', ...ids], options) {
      if (options['yes'] !== true)
        fail('CLI-USAGE', `${plural(ids.length, 'object')} would be deleted for good`, { hint: 'look at "vcloud orphans list", and give --yes' });
      const { deleteOrphans } = await import('../../../modules/engine/index.ts');
      return outcome(await deleteOrphans(await orphanOptions(context), stack, ids), context);
    },
  },
  {
    name: 'orphans dismiss',
    summary: 'say that a person looked and nothing is left over',
    description: `For kinds that cannot be told by a program, or a cloud that can no longer be asked. Refused while the cloud shows something: that is adopted or deleted. Written to the log, with the reason.

data of --json: ${reportShape}`,
    arguments: [stackArgument],
    options: [{ flags: '--reason <text>', description: 'why nothing is left over' }],
    examples: [
      { line: 'vcloud orphans dismiss mst.ndxp.workload --reason "looked in the dashboard, no such container"', does: 'lets the stack be planned again' },
    ],
    exits: { 0: 'the stack can be planned again', 1: 'refused or error' },
    async run(context, [stack = ''], options) {
      const reason = options['reason'];
      if (typeof reason !== 'string' || reason.trim() === '')
        fail('CLI-USAGE', 'why is nothing left over?', { hint: 'give --reason "..."; it is written to the log' });
      const { dismissOrphans } = await import('../../../modules/engine/index.ts');
      const data = await dismissOrphans(await orphanOptions(context), stack, reason);
      return { exit: 0, data, text: word(context, `${stack} can be planned again`, `${stack} có thể được lập kế hoạch lại`) };
    },
  },
];

async function orphanOptions(context: Context): Promise<OrphanOptions> {
  const { engineOptions } = await import('../../../modules/federate.ts');
  const { federation, stacks } = await prepared(context);
  const { clouds, ...options } = engineOptions(federation.settings);
  if (clouds === undefined) fail('CLI-USAGE', 'no cloud can be asked');
  return { root: context.root, stacks, ...options, clouds, reporter: context.reporter };
}

function pairsOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1 || at === pair.length - 1) fail('CLI-USAGE', `"${pair}" is no ADDRESS=ID`, { hint: 'write openstack_networking_network_v2.web=ID' });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function outcome(data: Answered, context: Context): Awaited<ReturnType<Verb['run']>> {
  const lines = [
    ...data.deleted.map(({ type, name, id }) => `- ${type}  ${name ?? ''}  ${id}`),
    ...data.imports.map(({ to, id }) => `${word(context, 'the next plan imports', 'kế hoạch tiếp theo sẽ nhập')} ${to}  ${id}`),
    ...(data.left.settled ? [] : ['', reportText([data.left], context)]),
  ];
  return { exit: data.left.settled ? 0 : 2, data, text: lines.join('\n') };
}

function reportText(reports: readonly OrphanReport[], context: Context): string {
  if (reports.every(({ settled }) => settled)) return word(context, 'Nothing is left over.', 'Không có gì bị bỏ lại.');
  return reports
    .flatMap(({ stack, settled, unrecorded, orphans, open }) => [
      `${stack}  ${settled ? word(context, 'nothing is left over', 'không có gì bị bỏ lại') : `${word(context, 'not in the state', 'không có trong trạng thái')}: ${unrecorded.length}`}`,
      ...orphans.map(
        ({ type, name, id, by, address, advice }) =>
          `  ${advice === 'adopt' ? '+' : '-'} ${type}  ${name ?? ''}  ${id}  ${word(context, 'recognised by', 'nhận ra bởi')} ${by}${address === undefined ? '' : `  -> ${address}`}  (${advice === 'adopt' ? word(context, 'adopt', 'tiếp nhận') : word(context, 'delete', 'xóa')})`,
      ),
      ...open.map(({ type, state, reason, look }) =>
        state === 'failed'
          ? `  ? ${type}  ${word(context, 'could not be read', 'không đọc được')}: ${reason ?? ''}`
          : `  ? ${type}  ${state === 'foreign' ? word(context, "not this stack's", 'không phải của ngăn xếp này') : word(context, 'cannot be told by a program', 'chương trình không thể nhận ra')}: ${look ?? ''}`,
      ),
    ])
    .join('\n');
}

function word(context: Context, en: string, vi: string): string {
  return context.language === 'vi' ? vi : en;
}
