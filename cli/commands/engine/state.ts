import { plural } from '../../../modules/core/basics.ts';
import type { StateOptions } from '../../../modules/engine/index.ts';
import type { Context, Verb } from '../../kit.ts';
import { moveParts } from './move.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { prepared } from './shared.ts';

const force = { flags: '--force', description: 'do it although something newer or living may be lost' } as const;

export const stateVerbs: readonly Verb[] = [
  {
    name: 'state list',
    summary: 'every state, its version, and who holds its lock',
    description:
      'Asks the backend that vcloud.yaml names (local files, PostgreSQL, S3, Kubernetes), and those that existing folders bring along. A backend that cannot be asked is an error: a list that is not whole is none. Some backends of existing folders (http, consul, gcs, pg and others) cannot be asked who holds a lock without releasing it: of those it is said that it cannot be told.\n\n' +
      selectionHelp +
      '\n\ndata of --json: [{stack, backend, serial, lineage, resources, lock: {id, who, alive}, lockUntold}]',
    options: [...selectionOptions],
    examples: [
      { line: 'vcloud state list', does: 'lists stacks with the number of resources their state holds' },
      { line: 'vcloud state list --select removed', does: 'lists what has a state and is no longer declared' },
    ],
    exits: { 0: 'found', 1: 'error', 2: 'no stack has a state' },
    async run(context, _, options) {
      const { listStacks } = await import('../../../modules/engine/index.ts');
      const data = await listStacks(await optionsFor(context, options), selectionOf(options));
      const rows = data.map(({ stack, backend, serial, resources, lock, lockUntold }) => {
        const untold = lockUntold === true ? [word(context, 'lock cannot be told', 'không biết được khóa')] : [];
        const held = lock === undefined ? untold : [`${word(context, 'locked by', 'bị khóa bởi')} ${lock.who}`];
        return [stack, backend, `#${serial}`, String(resources), ...held].join('  ');
      });
      return { exit: data.length > 0 ? 0 : 2, data, text: rows.join('\n') || word(context, 'No stack has a state.', 'Chưa ngăn xếp nào có trạng thái.') };
    },
  },
  {
    name: 'state show',
    summary: 'resources in the state of one stack, secrets masked',
    description:
      'A state holds secrets in clear; here everything its provider marks as sensitive, everything known to be secret although no provider says so (a pre-shared key, a payload), and everything that looks like a secret is masked.\n\ndata of --json: [{address, type, id, attributes}]',
    arguments: [{ syntax: '<stack>', description: 'path of the stack' }],
    examples: [{ line: 'vcloud state show mst.ndxp.platform', does: 'lists what this stack made' }],
    exits: { 0: 'found', 1: 'error', 2: 'the stack has no state' },
    async run(context, [stack = '']) {
      const { showState } = await import('../../../modules/engine/index.ts');
      const data = (await showState(await stateOptions(context), stack)) ?? [];
      const none = word(context, `${stack} has no state, or an empty one.`, `${stack} chưa có trạng thái, hoặc trạng thái rỗng.`);
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(({ address, id }) => `${address}  ${id ?? ''}`).join('\n') || none };
    },
  },
  {
    name: 'state move',
    summary: 'hand a resource over to another stack, or keep it under another name',
    ...moveParts,
    examples: [
      {
        line: 'vcloud state move mst.ndxp.workload openstack_networking_network_v2.web mst.ndxp.platform',
        does: 'hands this network over to the platform stack',
      },
    ],
  },
  {
    name: 'state unlock',
    summary: 'release locks whose holder is gone',
    description:
      'Without stacks: every stale lock at once; locks whose holder lives are listed and stay. With stacks: these, and if a holder lives (or nobody can tell), that is an error naming it, unless --force is given. On PostgreSQL a lock is a session and never stale: --force ends that session, and an apply in it can no longer write its state. In S3 and Kubernetes what a killed run of this folder left is stale; of other folders nobody can tell from here. A folder whose own backend cannot be asked (http, consul, gcs, pg and others) is refused.\n\n' +
      selectionHelp +
      '\n\ndata of --json: [{stack, holder: {id, who, alive}, released}]',
    arguments: [{ syntax: '[stacks...]', description: 'paths of stacks' }],
    options: [...selectionOptions, force],
    examples: [
      { line: 'vcloud state unlock', does: 'releases all stale locks' },
      { line: 'vcloud state unlock mst.ndxp.workload', does: 'releases the lock of this stack, or names who holds it' },
    ],
    exits: { 0: 'released, or nothing was locked', 1: 'error: a holder lives, or there is no such stack', 2: 'some holders live; their locks stay' },
    async run(context, args, options) {
      const { unlockStates } = await import('../../../modules/engine/index.ts');
      const data = await unlockStates(await optionsFor(context, options), {
        stacks: args.length > 0 ? args : undefined,
        select: selectionOf(options),
        force: options['force'] === true,
      });
      const rows = data.map(
        ({ stack, holder, released }) =>
          `${stack}  ${released ? word(context, 'released', 'đã mở khóa') : word(context, 'still held', 'vẫn bị khóa')}: ${holder.who}`,
      );
      return {
        exit: data.every(({ released }) => released) ? 0 : 2,
        data,
        text: rows.join('\n') || word(context, 'Nothing is locked.', 'Không có gì bị khóa.'),
      };
    },
  },
  {
    name: 'state backup',
    summary: 'save every state in a folder',
    description:
      'One file a state and a manifest of versions and digests, for the owner only (0700, 0600): states hold secrets in clear. By default below .vcloud/backups, named by content.\n\ndata of --json: {folder, backend, states: [{stack, serial, lineage, resources, sha256}]}',
    arguments: [{ syntax: '[directory]', description: 'folder to write to' }],
    options: [...selectionOptions],
    examples: [
      { line: 'vcloud state backup', does: 'saves all states below .vcloud/backups' },
      { line: 'vcloud state backup before-move --agency mst', does: 'saves those of one organisation in a folder of its own' },
    ],
    exits: { 0: 'saved', 1: 'error; a backup that is not whole is not made' },
    async run(context, [directory], options) {
      const { backupStates } = await import('../../../modules/engine/index.ts');
      const data = await backupStates(await optionsFor(context, options), directory, selectionOf(options));
      return { exit: 0, data, text: `${plural(data.states.length, 'state')}: ${data.folder}` };
    },
  },
  {
    name: 'state restore',
    summary: 'put saved states back, or into another backend',
    description:
      'Puts the states of a backup where vcloud.yaml says states are kept now. So states move to another backend: back up, change `backend:`, restore. Digests and versions are checked before the first is written; a newer state or another one is replaced only with --force.\n\ndata of --json: [{stack, result}], result one of restored, unchanged',
    arguments: [
      { syntax: '<directory>', description: 'folder that "vcloud state backup" wrote' },
      { syntax: '[stacks...]', description: 'only these stacks' },
    ],
    options: [...selectionOptions, force],
    examples: [{ line: 'vcloud state restore .vcloud/backups/0123456789abcdef', does: 'puts back what this backup holds' }],
    exits: { 0: 'restored', 1: 'refused or error' },
    async run(context, [directory = '', ...stacks], options) {
      const { restoreStates } = await import('../../../modules/engine/index.ts');
      const data = await restoreStates(await optionsFor(context, options), {
        folder: directory,
        stacks: stacks.length > 0 ? stacks : undefined,
        select: selectionOf(options),
        force: options['force'] === true,
      });
      const words = { restored: word(context, 'restored', 'đã khôi phục'), unchanged: word(context, 'unchanged', 'không đổi') };
      return { exit: 0, data, text: data.map(({ stack, result }) => `${stack}  ${words[result]}`).join('\n') };
    },
  },
];

/** Where states are follows from vcloud.yaml and existing folders alone: no program is run for it. */
async function stateOptions(context: Context): Promise<StateOptions> {
  const { stateSettings } = await import('../../../modules/federate.ts');
  return await stateSettings(context.root);
}

/** What a selection is about is what is declared; without one no program is run. */
async function optionsFor(context: Context, options: Readonly<Record<string, unknown>>): Promise<StateOptions> {
  const { agency, stack, expressions } = selectionOf(options);
  return agency === undefined && stack === undefined && expressions === undefined ? await stateOptions(context) : await moveOptions(context);
}

/** What is declared has to be known to select from it. */
async function moveOptions(context: Context): Promise<StateOptions> {
  const { engineOptions } = await import('../../../modules/federate.ts');
  const { federation, stacks } = await prepared(context);
  return { root: context.root, stacks, ...engineOptions(federation.settings) };
}

function word(context: Context, en: string, vi: string): string {
  return context.language === 'vi' ? vi : en;
}
