import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, canonicalJson, fail, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import type { KnownVersions } from './binary.ts';
import { goodStateFile, stateFile, stateFolder } from './folders.ts';
import { mendState, type MendedState, type StateHead } from './state.ts';
import type { StackPlan } from './types.ts';

/** What the last plan of a stack came to, and for which inputs. */
export interface StackMemory {
  /** Digest of everything the plan followed from. */
  readonly key: string;
  /** Absent: nothing was to be changed. */
  readonly planned?: { readonly id: string; readonly plan: StackPlan; readonly sha256: string; readonly jsonSha256?: string | undefined } | undefined;
}

interface CacheFile {
  readonly apiVersion: string;
  readonly kind: 'EngineCache';
  readonly versions: KnownVersions;
  readonly states: Record<string, { readonly stamp: string; readonly head: StateHead }>;
  readonly stacks: Record<string, StackMemory>;
  /** Stack -> digest of the providers and modules its folder was initialised for. */
  readonly initialised: Record<string, string>;
}

/**
 * What earlier runs learnt, in one file under `.vcloud/cache/engine`. Everything in it can be found out again: a file
 * that is missing or unreadable costs time and nothing else.
 */
export class EngineCache {
  readonly #file: string;
  readonly #root: string;
  readonly #data: CacheFile;

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

  initialised(stack: string): string | undefined {
    return this.#data.initialised[stack];
  }

  setInitialised(stack: string, digest: string): void {
    this.#data.initialised[stack] = digest;
  }

  /** The state of a stack, mended if need be; a state whose files have not been touched since is not read again. */
  state(stack: string): MendedState {
    const folder = stateFolder(this.#root, stack);
    const before = this.#data.states[stack];
    const stamp = stampOf(folder);
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
    const after = stampOf(folder);
    if (mended.head === undefined || after === undefined || mended.problems.length > 0) Reflect.deleteProperty(this.#data.states, stack);
    else this.#data.states[stack] = { stamp: after, head: mended.head };
    return mended;
  }

  save(): void {
    writeFileAtomic(this.#file, canonicalJson(this.#data), { mode: 0o600, durable: false });
  }
}

/** Changes whenever the state or its copy is written; undefined when there is neither. */
function stampOf(folder: string): string | undefined {
  const one = (name: string): string => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = fs.statSync(path.join(folder, name), { bigint: true });
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch {
      return '';
    }
  };
  const stamps = [one(stateFile), one(goodStateFile)];
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
