import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import {
  API_VERSION,
  bringForward,
  canonicalJson,
  fail,
  problem,
  Problems,
  ProblemError,
  readTextIfPresent,
  sha256,
  withWriteLock,
  writeFileAtomic,
} from '../../core/index.ts';
import { stateFile, stateFolder } from '../folders.ts';
import { parseState } from '../state.ts';
import { moveBackend } from './backend-file.ts';
import type { Selection } from '../select/index.ts';
import { byStore, chooseStates, chosenStates } from './listing.ts';
import { openForStates, type StateOptions } from './open.ts';
import { refuseOlder } from './replace.ts';
import type { StateStore } from './types.ts';

const manifestName = 'backup.json';

const backupSchema = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('StateBackup'),
  /** Where the states were kept. */
  backend: z.string(),
  states: z.array(
    z.object({
      stack: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/u),
      serial: z.number().int(),
      lineage: z.string(),
      resources: z.number().int(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/u),
    }),
  ),
});

/** `backup.json` of a folder of saved states. */
export type StateBackup = z.infer<typeof backupSchema>;

/**
 * Saves every state as a file of its own, with a manifest of versions and digests; folder 0700, files 0600: they hold secrets
 * in clear. Without `folder`, below `.vcloud/backups`, named by content. Returns the folder (relative to `root` where it is
 * inside) and the manifest.
 * @throws ProblemError ENGINE-BACKUP-FOLDER, ENGINE-BACKEND-UNREACHABLE, ENGINE-STATE-UNREADABLE; a backup that would not be whole is not made
 */
export async function backupStates(options: StateOptions, folder?: string, select: Selection = {}): Promise<{ readonly folder: string } & StateBackup> {
  const { root } = options;
  return await withWriteLock(root, 'state backup', async () => {
    const open = await openForStates(options);
    const texts = new Map<string, string>();
    const wanted = await chosenStates(options, open, select);
    for (const [store, stacks] of byStore(wanted, open.of)) for (const [stack, text] of await store.read(stacks)) texts.set(stack, text);
    const states = [...texts]
      .flatMap(([stack, text]) => {
        const head = parseState(text)?.head;
        return head === undefined ? [] : [{ stack, serial: head.serial, lineage: head.lineage, resources: head.resources, sha256: sha256(text) }];
      })
      .sort((a, b) => (a.stack < b.stack ? -1 : 1));
    const backup: StateBackup = { apiVersion: API_VERSION, kind: 'StateBackup', backend: open.services.states.identity, states };
    const target = folder === undefined ? path.join(root, '.vcloud', 'backups', sha256(canonicalJson(backup)).slice(0, 16)) : path.resolve(root, folder);
    if (folder !== undefined && fs.existsSync(target) && fs.readdirSync(target).length > 0 && !fs.existsSync(path.join(target, manifestName))) {
      fail('ENGINE-BACKUP-FOLDER', 'the folder holds something else already', { file: folder, hint: 'name a new folder, or an older backup to be replaced' });
    }
    fs.mkdirSync(target, { recursive: true, mode: 0o700 });
    fs.chmodSync(target, 0o700);
    for (const [stack, text] of texts) writeFileAtomic(path.join(target, `${stack}.tfstate`), text, { mode: 0o600 });
    // Last: a folder with a manifest is a whole backup.
    writeFileAtomic(path.join(target, manifestName), `${canonicalJson(backup, 2)}\n`, { mode: 0o600 });
    const inside = path.relative(root, target);
    return { folder: inside.startsWith('..') ? target : inside.split(path.sep).join('/'), ...backup };
  });
}

export interface Restored {
  readonly stack: string;
  readonly result: 'restored' | 'unchanged';
}

/**
 * Puts the states of a backup (all, or those named) where `vcloud.yaml` says states are kept now: after a loss, or to move
 * them to another backend. All digests and versions are checked before the first is written; a newer state or another one is
 * replaced only with `force`.
 * @throws ProblemError ENGINE-BACKUP-FORMAT, ENGINE-BACKUP-DIGEST, ENGINE-STATE-REPLACE
 */
export async function restoreStates(
  options: StateOptions,
  given: {
    readonly folder: string;
    readonly stacks?: readonly string[] | undefined;
    /** Narrows it to what a selection chooses of what is declared and what the backup has. */
    readonly select?: Selection | undefined;
    readonly force?: boolean | undefined;
  },
): Promise<Restored[]> {
  const { root } = options;
  const { force = false } = given;
  const from = path.resolve(root, given.folder);
  const backup = readBackup(from, given.folder);
  const unknown = given.stacks?.find((stack) => !backup.states.some((one) => one.stack === stack));
  if (unknown !== undefined)
    fail('ENGINE-BACKUP-STACK', 'the backup has no state of this stack', {
      subject: unknown,
      file: given.folder,
      hint: `it has ${backup.states.map(({ stack }) => stack).join(', ')}`,
    });
  return await withWriteLock(root, 'state restore', async () => {
    const open = await openForStates(options, { anyBackend: true });
    const problems = new Problems();
    const saved = backup.states.map(({ stack }) => stack);
    const chosen = new Set(chooseStates(options, open, saved, given.select ?? {}));
    const wanted = backup.states.filter(({ stack }) => chosen.has(stack) && (given.stacks?.includes(stack) ?? true));
    const texts = new Map<string, string>();
    for (const { stack, sha256: digest } of wanted) {
      const text = readTextIfPresent(path.join(from, `${stack}.tfstate`));
      if (text !== undefined && sha256(text) === digest) texts.set(stack, text);
      else
        problems.add(
          problem('ENGINE-BACKUP-DIGEST', text === undefined ? 'the state is missing from the backup' : 'the state is not the one that was saved', {
            file: `${given.folder}/${stack}.tfstate`,
            hint: 'take another backup; nothing was restored',
          }),
        );
    }
    const now = new Map<string, string>();
    const broken = new Set<string>();
    for (const [store, stacks] of byStore([...texts.keys()], open.of)) {
      const { found, unreadable } = await readable(store, stacks);
      for (const [stack, text] of found) now.set(stack, text);
      for (const stack of unreadable) broken.add(stack);
    }
    // A copy of a remote state is there, and no state yet, where states come back to local files.
    const onlyCopied = (stack: string): boolean => open.of(stack).type === 'local' && !fs.existsSync(path.join(stateFolder(root, stack), stateFile));
    const todo = [...texts].filter(([stack, text]) => onlyCopied(stack) || !sameContent(now.get(stack), text));
    for (const [stack, text] of todo) problems.collect(() => refuseOlder(stack, now.get(stack), text, force || isEmpty(now.get(stack))));
    problems.throwIfErrors();
    for (const [stack, text] of todo) {
      await open.of(stack).write(stack, text, { force: force || isEmpty(now.get(stack)) || broken.has(stack) });
      if (open.of(stack).type !== 'local') setAside(root, stack);
    }
    const { identity } = open.services.states;
    moveBackend(root, identity);
    open.cache.save();
    return [...texts.keys()].map((stack) => ({ stack, result: todo.some(([one]) => one === stack) ? 'restored' : 'unchanged' }));
  });
}

/** The states that can be read; one that is cut off is what a backup is there for. */
async function readable(
  store: StateStore,
  stacks: readonly string[],
): Promise<{ readonly found: ReadonlyMap<string, string>; readonly unreadable: readonly string[] }> {
  const whole = async (names: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> => {
    try {
      return await store.read(names);
    } catch (error) {
      if (error instanceof ProblemError && error.problems.every(({ code }) => code === 'ENGINE-STATE-UNREADABLE')) return undefined;
      throw error;
    }
  };
  const all = await whole(stacks);
  if (all !== undefined) return { found: all, unreadable: [] };
  const found = new Map<string, string>();
  const unreadable: string[] = [];
  for (const stack of stacks) {
    const one = await whole([stack]);
    if (one === undefined) unreadable.push(stack);
    else for (const [name, text] of one) found.set(name, text);
  }
  return { found, unreadable };
}

function readBackup(folder: string, shown: string): StateBackup {
  const file = `${shown}/${manifestName}`;
  const text = readTextIfPresent(path.join(folder, manifestName));
  if (text === undefined) fail('ENGINE-BACKUP-FORMAT', 'this is no backup of states', { file, hint: 'name a folder that "vcloud state backup" wrote' });
  try {
    return backupSchema.parse(bringForward(JSON.parse(text), { file }));
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    return fail('ENGINE-BACKUP-FORMAT', 'the manifest of the backup is not of a form this version reads', { file, hint: 'take another backup' });
  }
}

/** The same state, whatever serial another backend gave it. */
function sameContent(a: string | undefined, b: string): boolean {
  const [one, other] = [a === undefined ? undefined : parseState(a)?.state, parseState(b)?.state];
  if (one === undefined || other === undefined) return false;
  const content = ({ lineage, outputs, resources }: Record<string, unknown>): string => canonicalJson({ lineage, outputs, resources });
  return content(one) === content(other);
}

/** A state nothing was ever made in: what takes its place forgets nothing. */
function isEmpty(text: string | undefined): boolean {
  return text !== undefined && parseState(text)?.head.resources === 0;
}

/** The file the state was in before stays as a copy, and is taken for a state no more. */
function setAside(root: string, stack: string): void {
  const file = path.join(stateFolder(root, stack), stateFile);
  if (fs.existsSync(file)) fs.renameSync(file, `${file}.moved`);
}
