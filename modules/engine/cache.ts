import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, canonicalJson, fail, isObject, privateFolder, problem, ProblemError, readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import type { Engine, KnownVersions } from './binary.ts';
import { goodStateFile, makeStateFolder, stateFile, stateFolder } from './folders.ts';
import type { SavedDigests } from './manifest.ts';
import { erroredFiles, mendState, parseState, refuseErrored, type MendedState, type StateHead } from './state.ts';
import type { States } from './store/states.ts';
import type { StackPlan } from './types.ts';

/** What the last plan of a stack came to, and for which inputs. */
export interface StackMemory {
  /** Digest of everything the plan followed from. */
  readonly key: string;
  /** Absent: nothing was to be changed. */
  readonly planned?: (SavedDigests & { readonly id: string; readonly plan: StackPlan }) | undefined;
}

interface CacheFile {
  readonly apiVersion: string;
  readonly kind: 'EngineCache';
  readonly versions: KnownVersions;
  readonly states: Record<string, { readonly stamp: string; readonly head: StateHead }>;
  readonly stacks: Record<string, StackMemory>;
  /** Stack -> engine, and digest of the providers and modules its folder was initialised for. */
  readonly initialised: Record<string, string>;
  /** Where states were kept when all this was learnt. */
  readonly backend?: string | undefined;
}

/**
 * What earlier runs learnt, in one file under `.vcloud/cache/engine`. Everything in it can be found out again: a file
 * that is missing or unreadable costs time and nothing else.
 */
export class EngineCache {
  readonly #file: string;
  readonly #root: string;
  #data: CacheFile;
  #states: States | undefined;
  /** What remote stores said in this run: the state's text, that there is none (null), or why it could not be asked. */
  readonly #asked = new Map<string, string | null | ProblemError>();

  constructor(root: string) {
    this.#root = root;
    this.#file = path.join(privateFolder(root, 'cache', 'engine'), 'cache.json');
    this.#data = readCache(this.#file) ?? { apiVersion: API_VERSION, kind: 'EngineCache', versions: {}, states: {}, stacks: {}, initialised: {} };
  }

  get versions(): KnownVersions {
    return this.#data.versions;
  }

  memory(stack: string): StackMemory | undefined {
    return this.#data.stacks[stack];
  }

  remember(stack: string, memory: StackMemory): void {
    this.#data.stacks[stack] = memory;
  }

  forget(stack: string): void {
    Reflect.deleteProperty(this.#data.stacks, stack);
  }

  /** What a stack's folder was initialised for; empty where another engine did it: each has a registry of its own. */
  initialised(stack: string, engine: Pick<Engine, 'name'>): string | undefined {
    const [name, digest] = this.#data.initialised[stack]?.split(' ') ?? [];
    return name === undefined ? undefined : name === engine.name && digest !== undefined ? digest : '';
  }

  setInitialised(stack: string, engine: Pick<Engine, 'name'>, digest: string): void {
    this.#data.initialised[stack] = `${engine.name} ${digest}`;
  }

  /**
   * Says where states are kept from now on. What was learnt with another backend is forgotten: plans saved then would
   * write to it.
   */
  use(states: States): void {
    this.#states = states;
    if ((this.#data.backend ?? 'local') === states.identity) return;
    this.#data = { ...this.#data, states: {}, stacks: {}, initialised: {}, backend: states.identity };
  }

  /**
   * Asks remote stores for the states of these stacks; files are read when they are needed. A store that cannot be asked
   * makes {@link state} throw for its stacks; the common one being unreachable ends the run.
   * @throws ProblemError ENGINE-BACKEND-UNREACHABLE, ENGINE-STATE-UNREADABLE
   */
  async refresh(stacks: readonly string[]): Promise<void> {
    const { common, of } = this.#states ?? {};
    if (common === undefined || of === undefined) return;
    const shared = stacks.filter((stack) => of(stack) === common);
    if (common.type !== 'local') {
      const found = await common.read(shared);
      for (const stack of shared) this.#asked.set(stack, found.get(stack) ?? null);
      for (const [stack, text] of found) this.#keepCopy(stack, text);
    }
    for (const stack of stacks) {
      const store = of(stack);
      if (store === common || store.type === 'local') continue;
      try {
        this.#asked.set(stack, (await store.read([stack])).get(stack) ?? null);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        this.#asked.set(stack, error);
      }
    }
  }

  /** The state of a stack, mended if need be; a state whose files have not been touched since is not read again. */
  state(stack: string): MendedState {
    if (this.#states !== undefined && this.#states.of(stack).type !== 'local') return this.#remote(stack);
    const before = this.#data.states[stack];
    const stamp = stampOf(this.#root, stack);
    if (stamp === undefined) {
      if (before === undefined || before.head.resources === 0) return { problems: [] };
      fail('ENGINE-STATE-LOST', `the state that was here is gone, and the copy of it too (serial ${before.head.serial}, ${before.head.resources} resources)`, {
        file: `.vcloud/state/${stack}/${stateFile}`,
        subject: stack,
        hint: 'put it back from your own backup; if it was removed on purpose, remove .vcloud/cache/engine as well',
      });
    }
    if (before?.stamp === stamp) return { head: before.head, problems: [] };
    const mended = mendState(this.#root, stack);
    const after = stampOf(this.#root, stack);
    if (mended.head === undefined || after === undefined || mended.problems.length > 0) Reflect.deleteProperty(this.#data.states, stack);
    else this.#data.states[stack] = { stamp: after, head: mended.head };
    return mended;
  }

  /** Whether a remote store said that it has no state of a stack, and none was ever seen here. */
  isAbsent(stack: string): boolean {
    return this.#asked.get(stack) === null && !fs.existsSync(path.join(stateFolder(this.#root, stack), goodStateFile));
  }

  /** A first copy of a state others made: without it nobody here would know that the stack exists. */
  #keepCopy(stack: string, text: string): void {
    const file = path.join(makeStateFolder(this.#root, stack), goodStateFile);
    if (!fs.existsSync(file)) writeFileAtomic(file, text, { mode: 0o600 });
  }

  /** What a remote store said. The copy aside is what others read offline, and shows what would be lost. */
  #remote(stack: string): MendedState {
    const text = this.#asked.get(stack);
    const file = `.vcloud/state/${stack}/${goodStateFile}`;
    if (text === undefined) {
      return fail('ENGINE-BACKEND-UNREAD', 'the backend was not asked for this state', {
        subject: stack,
        hint: 'plan again; this should be reported as an error of vcloud',
      });
    }
    if (text instanceof ProblemError) throw text;
    const folder = stateFolder(this.#root, stack);
    refuseErrored(this.#root, stack, { remote: true });
    const copy = readTextIfPresent(path.join(folder, goodStateFile));
    const good = copy === undefined ? undefined : parseState(copy)?.head;
    const head = text === null ? undefined : parseState(text)?.head;
    // Terraform's kubernetes backend makes an empty state by being asked for one: of another lineage, it says that ours is gone.
    const madeAnew =
      head !== undefined && head.serial <= 1 && head.resources === 0 && good !== undefined && good.resources > 0 && good.lineage !== head.lineage;
    if (text === null || madeAnew) {
      if (good === undefined || good.resources === 0) return { problems: [] };
      return fail('ENGINE-STATE-LOST', `the backend has no state any more; the last one seen had serial ${good.serial} and ${good.resources} resources`, {
        file,
        subject: stack,
        hint: 'put it back with "vcloud state restore"; if it was removed on purpose, remove the copy too',
      });
    }
    if (good !== undefined && head !== undefined && good.lineage === head.lineage && good.serial > head.serial) {
      const message = `the state is older than one seen before (serial ${head.serial}, seen ${good.serial})`;
      const hint = `if nobody put it back on purpose, put ${goodStateFile} back with "vcloud state restore"`;
      return { head, problems: [problem('ENGINE-STATE-OLDER', message, { severity: 'warning', file, subject: stack, hint })] };
    }
    if (copy !== text) writeFileAtomic(path.join(makeStateFolder(this.#root, stack), goodStateFile), text, { mode: 0o600 });
    return { head, problems: [] };
  }

  save(): void {
    writeFileAtomic(this.#file, canonicalJson(this.#data), { mode: 0o600, durable: false });
  }
}

/** Changes whenever the state or its copy is written; undefined when there is neither. */
function stampOf(root: string, stack: string): string | undefined {
  const folder = stateFolder(root, stack);
  const one = (file: string): string => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true });
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch {
      return '';
    }
  };
  // What the engine could not write where it belongs leaves the state as it was: only this file says that it is not all.
  const stamps = [path.join(folder, stateFile), path.join(folder, goodStateFile), ...erroredFiles(root, stack)].map(one);
  return stamps.every((stamp) => stamp === '') ? undefined : stamps.join(' / ');
}

function readCache(file: string): CacheFile | undefined {
  try {
    const value: unknown = JSON.parse(readTextIfPresent(file) ?? '');
    const parts = ['versions', 'states', 'stacks', 'initialised'];
    if (!isObject(value) || value['kind'] !== 'EngineCache' || value['apiVersion'] !== API_VERSION) return undefined;
    return parts.every((part) => isObject(value[part])) ? (value as unknown as CacheFile) : undefined;
  } catch {
    return undefined;
  }
}
