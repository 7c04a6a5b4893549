import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, canonicalJson, fail, isObject, privateFolder, sha256, withWriteLock, writeFileAtomic } from '../../core/index.ts';
import { stateFile } from '../folders.ts';
import { initialisationDigest } from '../initialise.ts';
import { runEngine } from '../process.ts';
import { parseState } from '../state.ts';
import { summarise } from '../summarise.ts';
import type { DeclaredStack } from '../types.ts';
import { withBackend } from './blocks.ts';
import { openForStates, type OpenStates, type StateOptions } from './open.ts';
import { journalFile, readJournal, refuseUnfinished, type MoveJournal } from './unfinished.ts';

export interface Moved {
  readonly from: string;
  readonly to: string;
  /** Address as it stands in the states. */
  readonly address: string;
  readonly instances: number;
  /** Folder with both states as they were. */
  readonly backup: string;
}

/**
 * Moves a resource with all its instances from one stack's state to another's; nothing real is touched. Refused where the
 * next plan of either stack would create, replace or destroy it: it must be declared in `to` and in `from` no more. Both
 * states are saved first. Written is the receiver first; cut off in between, the same command goes on, and no plan is made
 * until then, so that the resource is never in no state and never believed to be in two.
 * @throws ProblemError ENGINE-MOVE-*, ENGINE-LOCK-HELD
 */
export async function moveResource(options: StateOptions, given: { readonly from: string; readonly address: string; readonly to: string }): Promise<Moved> {
  const { root } = options;
  const { from, to } = given;
  if (from === to) fail('ENGINE-MOVE-SAME', 'a resource is moved between two stacks', { subject: from, hint: 'within one stack use a moved block' });
  return await withWriteLock(root, 'state move', async () => {
    const open = await openForStates(options);
    for (const stack of [from, to]) {
      const holder = (await open.of(stack).locks([stack])).get(stack);
      if (holder !== undefined && holder.alive !== 'no')
        fail('ENGINE-LOCK-HELD', `its state is locked by ${holder.who}; nothing was moved`, { subject: stack, hint: 'wait for it to end' });
    }
    await open.of(to).create?.([to]);
    const before = { from: await textOf(open, from), to: await textOf(open, to) };
    if (before.from === undefined)
      fail('ENGINE-MOVE-STATE', 'it has no state to move anything from', { subject: from, hint: '"vcloud state list" names the stacks that have one' });
    const unfinished = readJournal(root);
    if (unfinished !== undefined && (unfinished.from !== from || unfinished.to !== to)) refuseUnfinished(root);
    const address = unfinished?.address ?? plannedAddress(options.stacks, given, before);
    if (unfinished !== undefined && !holds(before.from, address) && holds(before.to, address)) {
      // Both states were written, and only the note of it is left.
      fs.rmSync(journalFile(root), { force: true });
      return { from, to, address, instances: 0, backup: saveBoth(root, given, before) };
    }
    const moved = moveInStates(before.from, before.to, address);
    const backup = saveBoth(root, given, before);
    if (unfinished === undefined) await refuseIfRecreated(options, open, given, moved, address);
    writeFileAtomic(journalFile(root), `${canonicalJson({ apiVersion: API_VERSION, kind: 'StateMove', from, to, address } satisfies MoveJournal, 2)}\n`, {
      mode: 0o600,
    });
    if (moved.to !== before.to) await open.of(to).write(to, moved.to);
    await open.of(from).write(from, moved.from);
    fs.rmSync(journalFile(root), { force: true });
    return { from, to, address, instances: moved.instances, backup };
  });
}

interface StateResourceEntry extends Record<string, unknown> {
  readonly instances: readonly unknown[];
}

/**
 * Both states after a move (version 4 of the format): serials one higher, the resource with its instances in the receiver.
 * Where a cut-off move already put it there, only the giver changes.
 * @throws ProblemError ENGINE-MOVE-ADDRESS, ENGINE-MOVE-EXISTS
 */
export function moveInStates(
  fromText: string,
  toText: string | undefined,
  address: string,
): { readonly from: string; readonly to: string; readonly instances: number } {
  const from = parseState(fromText)?.state;
  const to = toText === undefined ? undefined : parseState(toText)?.state;
  if (from === undefined) fail('ENGINE-MOVE-STATE', 'the state to move from is no whole state', { hint: 'see "vcloud state list"' });
  if (to === undefined) fail('ENGINE-MOVE-STATE', 'the stack to move to has no state yet', { hint: 'plan and apply it once, even empty; then move' });
  const given = entries(from).find((entry) => addressOf(entry) === address);
  const there = entries(to).find((entry) => addressOf(entry) === address);
  if (given === undefined) {
    return fail('ENGINE-MOVE-ADDRESS', `the state has no resource ${address}`, { hint: 'name it without an index; "vcloud state show" lists the addresses' });
  }
  if (there !== undefined && canonicalJson(there.instances.map(idOf)) !== canonicalJson(given.instances.map(idOf))) {
    fail('ENGINE-MOVE-EXISTS', `the stack to move to has a resource ${address} already`, { hint: 'rename one of the two with a moved block first' });
  }
  const known = new Set(entries(to).map(addressOf));
  // What it depended on in the old stack is no part of the new one.
  const instances = given.instances.map((one) =>
    isObject(one) && Array.isArray(one['dependencies'])
      ? { ...one, dependencies: (one['dependencies'] as unknown[]).filter((other) => known.has(String(other))) }
      : one,
  );
  const raised = (state: Record<string, unknown>, resources: readonly unknown[]): string =>
    `${JSON.stringify({ ...state, serial: Number(state['serial']) + 1, resources }, null, 2)}\n`;
  return {
    from: raised(
      from,
      entries(from).filter((entry) => entry !== given),
    ),
    to: there === undefined ? raised(to, [...entries(to), { ...given, instances }]) : (toText ?? ''),
    instances: given.instances.length,
  };
}

function entries(state: Record<string, unknown>): StateResourceEntry[] {
  return (Array.isArray(state['resources']) ? (state['resources'] as unknown[]) : []).filter(
    (one): one is StateResourceEntry => isObject(one) && Array.isArray(one['instances']),
  );
}

function addressOf(entry: Record<string, unknown>): string {
  const module = typeof entry['module'] === 'string' ? `${entry['module']}.` : '';
  return `${module}${entry['mode'] === 'data' ? 'data.' : ''}${String(entry['type'])}.${String(entry['name'])}`;
}

function idOf(instance: unknown): unknown {
  return isObject(instance) && isObject(instance['attributes']) ? (instance['attributes']['id'] ?? null) : null;
}

/** The address as planned, where the real one was given (in the sandbox they differ). */
function plannedAddress(
  stacks: readonly DeclaredStack[],
  given: { readonly from: string; readonly address: string; readonly to: string },
  before: { readonly from: string | undefined },
): string {
  const has = (address: string): boolean => holds(before.from, address);
  if (has(given.address)) return given.address;
  for (const { path: name, resources } of stacks) {
    if (name !== given.from && name !== given.to) continue;
    const planned = resources.find((resource) => resource.address === given.address)?.planned;
    if (planned !== undefined && has(planned)) return planned;
  }
  const sandbox = `terraform_data.${given.address.replace('.', '__')}`;
  return has(sandbox) ? sandbox : given.address;
}

function holds(text: string | undefined, address: string): boolean {
  const state = text === undefined ? undefined : parseState(text)?.state;
  return state !== undefined && entries(state).some((entry) => addressOf(entry) === address);
}

async function textOf(open: OpenStates, stack: string): Promise<string | undefined> {
  return (await open.of(stack).read([stack])).get(stack);
}

function saveBoth(
  root: string,
  { from, to }: { readonly from: string; readonly to: string },
  before: { readonly from?: string | undefined; readonly to?: string | undefined },
): string {
  const name = `move-${sha256(canonicalJson([from, to, before.from ?? null, before.to ?? null])).slice(0, 16)}`;
  const folder = privateFolder(root, 'backups', name);
  const states = [
    [from, before.from],
    [to, before.to],
  ].flatMap(([stack, text]) => (stack === undefined || text === undefined ? [] : [{ stack, text, head: parseState(text)?.head }]));
  for (const { stack, text } of states) writeFileAtomic(path.join(folder, `${stack}.tfstate`), text, { mode: 0o600 });
  const listed = states.flatMap(({ stack, text, head }) =>
    head === undefined ? [] : [{ stack, serial: head.serial, lineage: head.lineage, resources: head.resources, sha256: sha256(text) }],
  );
  writeFileAtomic(
    path.join(folder, 'backup.json'),
    `${canonicalJson({ apiVersion: API_VERSION, kind: 'StateBackup', backend: 'before a move', states: listed }, 2)}\n`,
    { mode: 0o600 },
  );
  return `.vcloud/backups/${name}`;
}

/** Plans both stacks on the states they would have, without asking any cloud. */
async function refuseIfRecreated(
  options: StateOptions,
  open: OpenStates,
  { from, to }: { readonly from: string; readonly to: string },
  moved: { readonly from: string; readonly to: string },
  address: string,
): Promise<void> {
  for (const [name, text] of [
    [from, moved.from],
    [to, moved.to],
  ] as const) {
    const stack = options.stacks.find((one) => one.path === name);
    if (stack?.json === undefined) {
      fail(
        'ENGINE-MOVE-UNCHECKED',
        stack === undefined ? 'the stack is not declared' : 'what a plan of an existing folder would do on another state cannot be tried beside it',
        {
          subject: name,
          hint:
            stack === undefined
              ? 'declare it first: what is moved must be declared where it goes'
              : 'use a removed block with destroy = false there and an import block here',
        },
      );
    }
    const folder = privateFolder(options.root, 'state', `.move-${name}`);
    try {
      // Its own backend is left out: the state it is tried on is the file beside it.
      const json = withBackend(stack.json, name, (other) => (other === name ? undefined : open.of(other).block(other)));
      writeFileAtomic(path.join(folder, 'main.tf.json'), json, { mode: 0o600, durable: false });
      writeFileAtomic(path.join(folder, stateFile), text, { mode: 0o600, durable: false });
      const run = (...args: readonly string[]): ReturnType<typeof runEngine> =>
        runEngine({ binary: open.engine.binary, arguments: args, folder, environment: open.services.environmentOf(name) });
      const ready = initialisationDigest(json) === undefined ? undefined : await run('init', '-input=false', '-no-color');
      const ended = ready === undefined || ready.code === 0 ? await run('plan', '-json', '-input=false', '-refresh=false', '-detailed-exitcode') : ready;
      if (ended.code !== 0 && ended.code !== 2)
        fail('ENGINE-MOVE-UNCHECKED', 'what its next plan would do could not be found out', {
          subject: name,
          hint: (ended.stderr || ended.stdout).trim().split('\n').at(-1) ?? 'plan it by itself',
        });
      const { changes } = summarise(ended.stdout, new Map(), false);
      const hit = changes.find(
        (change) => change.address.replace(/\[[^\]]*\]$/u, '') === address && change.actions.some((action) => action !== 'update' && action !== 'no-op'),
      );
      if (hit === undefined) continue;
      const what = {
        create: 'create',
        delete: 'destroy',
        replace: 'replace',
        update: 'change',
        read: 'read',
        'no-op': 'keep',
        import: 'import',
        move: 'rename',
      }[hit.actions[0] ?? 'no-op'];
      fail('ENGINE-MOVE-RECREATES', `the next plan of ${name} would ${what} ${address}; nothing was moved`, {
        subject: name,
        hint: name === from ? `take it out of what ${from} declares first` : `declare it in ${to} first, with what it has now`,
      });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}
