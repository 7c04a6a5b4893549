import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, fail, isObject, privateFolder, problem, ProblemError, sha256, writeFileAtomic, type Json, type Problem } from '../../core/index.ts';
import { stateFolder } from '../folders.ts';
import type { Ended } from '../process.ts';
import { parseState } from '../state.ts';
import { holderLives, readHeldLocks } from './locks/held.ts';
import { holderText, type LockPort } from './locks/port.ts';
import { lockStoreUnreachable, releaseLeft, takeLocks } from './locks/take.ts';
import { refuseOlder } from './replace.ts';
import type { Acquired, BackendBlock, LockHolder, StateStore } from './types.ts';

/** Runs the engine in `folder` with what its backends need in the environment. `stack` names whose credentials those are. */
export type Puller = (stack: string, folder: string, args: readonly string[]) => Promise<Ended>;

/** Stack path under which a store that cannot be listed keeps the list of its stacks; dots would make it an agency's. */
const indexStack = 'vcloud-index';
/** Likewise what removing stacks takes that are declared no more. */
export const recordsStack = 'vcloud-records';
/**
 * Backends whose `force-unlock` compares the id it is given with that of the lock, and names the holder where they differ (read
 * in `client.go` of each below `internal/backend/remote-state` of Terraform). Others release whatever there is: `http` sends
 * DELETE without an id, `consul` removes the key. They must never be asked this way.
 */
const comparesIds: ReadonlySet<string> = new Set(['s3', 'kubernetes', 'azurerm']);
/** Processes of the engine that ask at the same time. */
const atOnce = 4;

interface PulledOptions {
  readonly root: string;
  readonly type: string;
  readonly puller: Puller;
  readonly block: (stack: string) => BackendBlock | undefined;
  /** Whether the store keeps a list of its stacks, because nothing else can list them. */
  readonly index?: boolean | undefined;
  /** The engine's own locks, where they can be taken without it, and what names the store; undefined: only it can. */
  readonly locks?: { readonly identity: string; readonly port: () => LockPort | undefined } | undefined;
}

/** A store only the engine can talk to: read with `state pull`, written with `state push`. */
export class PulledStore implements StateStore {
  readonly type: string;
  readonly #options: PulledOptions;
  #known: Set<string> | undefined;
  #initialising: Promise<unknown> = Promise.resolve();
  /** What this process holds. */
  #acquired: Acquired | undefined;

  constructor(options: PulledOptions) {
    this.type = options.type;
    this.#options = options;
  }

  block(stack: string): BackendBlock | undefined {
    return this.#options.block(stack);
  }

  async read(stacks: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    await eachOf(stacks, async (stack) => {
      const text = await this.#pull(stack);
      if (text !== undefined) found.set(stack, text);
    });
    return found;
  }

  async list(): Promise<readonly string[]> {
    if (this.#options.index !== true) return [];
    this.#known ??= namesIn(await this.#pull(indexStack));
    return [...this.#known].sort();
  }

  async create(stacks: readonly string[]): Promise<void> {
    // First the list, so that no state is ever outside of it.
    await this.#register(stacks);
    await eachOf(stacks, async (stack) => {
      // Somebody else may have made it in between; then theirs stays.
      if ((await this.#pull(stack)) === undefined) await this.#push(stack, emptyState(randomUUID()), false);
    });
  }

  async write(stack: string, text: string, options: { readonly force?: boolean } = {}): Promise<void> {
    // Forced, what is there may be a state cut off, which is not to be read at all.
    const before = options.force === true ? undefined : await this.#pull(stack);
    refuseOlder(stack, before, text, options.force === true);
    // Unforced, the engine gives a first state a lineage of its own. Elsewhere it compares once more when it has the lock: what was
    // looked at just now may be older than what somebody wrote while the lock was waited for.
    await this.#push(stack, text, before === undefined);
  }

  async acquire(stacks: readonly string[], plan: string): Promise<Acquired | undefined> {
    const { root, locks } = this.#options;
    const port = locks?.port();
    if (locks === undefined || stacks.length === 0) return undefined;
    if (port === undefined) return eachAlone(this.type);
    const acquired = await this.#asked(() => takeLocks(root, locks.identity, port, stacks, plan));
    this.#acquired = acquired;
    return acquired;
  }

  async releaseLeft(): Promise<readonly Problem[]> {
    const { root, locks } = this.#options;
    if (locks === undefined || readHeldLocks(root) === undefined) return [];
    const port = locks.port();
    return port === undefined ? [] : await this.#asked(() => releaseLeft(root, locks.identity, port));
  }

  async locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>> {
    const found = new Map<string, LockHolder>();
    const port = this.#options.locks?.port();
    if (port !== undefined) {
      await eachOf(stacks, async (stack) => {
        const info = this.#acquired?.ownsEngineLock?.(stack) === true ? undefined : await this.#asked(() => port.read(stack));
        if (info !== undefined) found.set(stack, { id: info.ID, who: holderText(info), alive: holderLives(this.#options.root, stack, info.ID) });
      });
      return found;
    }
    if (!this.tellsLocks()) return found;
    for (const stack of stacks) {
      // Here releasing a lock nobody can hold changes nothing, and the refusal names the holder.
      const ended = await this.#run(stack, ['force-unlock', '-force', 'none']);
      const holder = holderIn(`${ended.stdout}\n${ended.stderr}`);
      if (holder !== undefined) found.set(stack, holder);
    }
    return found;
  }

  tellsLocks(): boolean {
    return comparesIds.has(this.type) || this.#options.locks?.port() !== undefined;
  }

  async unlock(stack: string, holder: LockHolder): Promise<void> {
    const port = this.#options.locks?.port();
    if (port !== undefined) {
      await this.#asked(() => port.remove(stack, holder.id));
      return;
    }
    const ended = await this.#run(stack, ['force-unlock', '-force', holder.id]);
    if (ended.code !== 0) this.#unreachable(stack, ended);
  }

  async records(): Promise<ReadonlyMap<string, string>> {
    return recordsIn(await this.#pull(recordsStack));
  }

  async record(given: ReadonlyMap<string, string>): Promise<void> {
    await this.#amend(recordsStack, (text) => {
      const known = recordsIn(text);
      const news = [...given].filter(([stack, record]) => known.get(stack) !== record);
      return news.length === 0 ? undefined : ownState(text, recordsStack, 'records', ['map', 'string'], Object.fromEntries([...known, ...news].sort()));
    });
  }

  /** Locks that cannot be asked for are no free locks. */
  async #asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      return lockStoreUnreachable(this.type, error);
    }
  }

  /** Adds stacks to the store's list, where it keeps one. */
  async #register(stacks: readonly string[]): Promise<void> {
    if (this.#options.index !== true) return;
    await this.#amend(indexStack, (text) => {
      const known = namesIn(text);
      this.#known = known;
      const missing = stacks.filter((stack) => !known.has(stack));
      if (missing.length === 0) return undefined;
      for (const stack of missing) known.add(stack);
      return ownState(text, indexStack, 'stacks', ['list', 'string'], [...known].sort());
    });
  }

  /** Changes a state of the store's own on what it holds at that moment, whoever else changes it. */
  async #amend(name: string, change: (text: string | undefined) => string | undefined): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const after = change(await this.#pull(name));
      if (after === undefined) return;
      try {
        await this.#push(name, after, false);
        return;
      } catch (error) {
        // Another operator added to it in between: what it added has to stay.
        if (attempt === 4) throw error;
      }
    }
  }

  async #pull(stack: string): Promise<string | undefined> {
    const ended = await this.#run(stack, ['state', 'pull']);
    if (ended.code !== 0) this.#unreachable(stack, ended);
    const text = ended.stdout.trim() === '' ? undefined : ended.stdout;
    const head = text === undefined ? undefined : parseState(text)?.head;
    // Where there is no state the engine prints one without a lineage.
    if (head?.lineage === '' && head.serial === 0 && head.resources === 0) return undefined;
    if (text !== undefined && head === undefined) {
      fail('ENGINE-STATE-UNREADABLE', `what the backend (${this.type}) holds is no whole state`, {
        subject: stack,
        hint: 'look at it with the backend\'s own tools, or put a copy back with "vcloud state restore"',
      });
    }
    return text;
  }

  async #push(stack: string, text: string, force: boolean): Promise<void> {
    const folder = await this.#open(stack);
    const file = path.join(folder, 'push.tfstate');
    writeFileAtomic(file, text, { mode: 0o600, durable: false });
    try {
      const ended = await this.#options.puller(stack, folder, ['state', 'push', ...(force ? ['-force'] : []), '-lock-timeout=60s', file]);
      if (/cannot (?:import state with|overwrite existing state)/u.test(ended.stderr.replaceAll(/[\s│]+/gu, ' ')))
        fail('ENGINE-STATE-REPLACE', 'somebody wrote a newer state, or another one, while this one was on its way; theirs stays', {
          subject: stack,
          hint: 'do it again: it begins with what is there now',
        });
      if (ended.code !== 0) this.#unreachable(stack, ended);
    } finally {
      fs.rmSync(file, { force: true });
    }
  }

  async #run(stack: string, args: readonly string[]): Promise<Ended> {
    return await this.#options.puller(stack, await this.#open(stack), args);
  }

  /** A folder with nothing but the backend: it needs no provider, and is right whatever the stack's configuration says. */
  async #open(stack: string): Promise<string> {
    const block = this.block(stack);
    if (block === undefined) throw new Error(`no backend for ${stack}`);
    stateFolder(this.#options.root, stack);
    const folder = privateFolder(this.#options.root, 'backend', stack);
    const text = canonicalJson({ terraform: { backend: { [block.type]: block.config } } }, 2);
    const ready = path.join(folder, 'ready');
    const digest = sha256(text);
    if (readOnce(ready) === digest) return folder;
    fs.rmSync(path.join(folder, '.terraform'), { recursive: true, force: true });
    writeFileAtomic(path.join(folder, 'backend.tf.json'), text, { mode: 0o600, durable: false });
    // One after the other: PostgreSQL's "create if absent" of what all share fails when two do it at once, also for two operators.
    const initialise = async (): Promise<Ended> => {
      for (let attempt = 0; ; attempt++) {
        const ended = await this.#options.puller(stack, folder, ['init', '-input=false', '-no-color', '-reconfigure']);
        if (ended.code === 0 || attempt === 3 || !/duplicate key value|already exists|concurrently/u.test(ended.stderr + ended.stdout)) return ended;
      }
    };
    const mine = this.#initialising.then(initialise, initialise);
    this.#initialising = mine;
    const ended = await mine;
    if (ended.code !== 0) this.#unreachable(stack, ended);
    writeFileAtomic(ready, digest, { mode: 0o600, durable: false });
    return folder;
  }

  #unreachable(stack: string, ended: Ended): never {
    const said = (ended.stderr || ended.stdout).trim();
    return fail(
      'ENGINE-BACKEND-UNREACHABLE',
      `the backend (${this.type}) could not be asked for its state: ${said || `the engine ended with ${ended.code ?? 'no exit code'}`}`,
      {
        subject: stack,
        hint: 'nothing was planned or changed: what cannot be read is not taken for absent; see that the backend runs, and that its credentials in vcloud.yaml resolve here',
      },
    );
  }
}

/** What is held where only the engine can lock: nothing, until each stack is begun. */
function eachAlone(type: string): Acquired {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const said = problem('ENGINE-LOCK-EACH', `the locks (${type}) are taken one by one, each when its stack is begun, and not all before the first`, {
    severity: 'warning',
    file: 'vcloud.yaml',
    hint: 'name an access key or a token under backend.credentials: what only the engine can log in with, only it can lock with',
  });
  return { problems: [said], lost: nothing, release: nothing, releaseAll: nothing };
}

async function eachOf(stacks: readonly string[], work: (stack: string) => Promise<void>): Promise<void> {
  const waiting = [...stacks];
  const one = async (): Promise<void> => {
    for (let stack = waiting.shift(); stack !== undefined; stack = waiting.shift()) await work(stack);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function emptyState(lineage: string): string {
  return canonicalJson({ version: 4, terraform_version: '1.9.0', serial: 1, lineage, outputs: {}, resources: [], check_results: null });
}

function readOnce(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function namesIn(text: string | undefined): Set<string> {
  const value = text === undefined ? undefined : (parseState(text)?.state['outputs'] as Record<string, { value?: unknown }> | undefined)?.['stacks']?.value;
  return new Set(Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
}

/** Stack -> record, of the state that holds the records. */
export function recordsIn(text: string | undefined): Map<string, string> {
  const value = text === undefined ? undefined : (parseState(text)?.state['outputs'] as Record<string, { value?: unknown }> | undefined)?.['records']?.value;
  return new Map(isObject(value) ? Object.entries(value).filter((one): one is [string, string] => typeof one[1] === 'string') : []);
}

/** What the store keeps of its own, as the output of a state: the only thing such a backend can hold. */
function ownState(before: string | undefined, name: string, output: string, type: readonly string[], value: Json): string {
  const head = before === undefined ? undefined : parseState(before)?.head;
  return canonicalJson({
    version: 4,
    terraform_version: '1.9.0',
    serial: (head?.serial ?? 0) + 1,
    lineage: head?.lineage ?? name,
    outputs: { [output]: { value, type } },
    resources: [],
    check_results: null,
  });
}

/** The lock as the engine's refusal names it. */
function holderIn(said: string): LockHolder | undefined {
  const text = said.replaceAll(/\u001b\[[0-9;]*m/gu, '');
  const field = (name: string): string => new RegExp(`^[\\s│|]*${name}:\\s+(\\S.*)$`, 'mu').exec(text)?.[1]?.trim() ?? '';
  const id = field('ID') || (/existing lock[^"]*"([^"]+)"/u.exec(text)?.[1] ?? '');
  if (id === '' || id === 'none') return undefined;
  return { id, who: [field('Who'), field('Operation'), field('Created')].filter((part) => part !== '').join(', '), alive: 'unknown' };
}
