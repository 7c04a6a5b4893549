import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import { goodStateFile, makeStateFolder, processFile, stateFile, stateFolder } from '../folders.ts';
import { keepGoodState, listStates, parseState, refuseUnreadable, throughLink } from '../state.ts';
import { refuseOlder } from './replace.ts';
import type { BackendBlock, LockHolder, StateStore } from './types.ts';

/** States as files below `.vcloud/state`, or where an existing folder has its own (then a link leads there). */
export class LocalStore implements StateStore {
  readonly type = 'local';
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  block(): BackendBlock | undefined {
    return undefined;
  }

  read(stacks: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const stack of stacks) {
      const text = this.#whole(stack);
      if (text !== undefined) found.set(stack, text);
      // What cannot be read is not taken for absent. Empty is what a first apply begins with.
      else if ((readTextIfPresent(path.join(stateFolder(this.#root, stack), stateFile)) ?? '') !== '') refuseUnreadable(stack);
    }
    return Promise.resolve(found);
  }

  /** The state or the copy of it, whichever is whole. */
  #whole(stack: string): string | undefined {
    const folder = stateFolder(this.#root, stack);
    return [stateFile, goodStateFile].map((name) => readTextIfPresent(path.join(folder, name))).find((one) => one !== undefined && parseState(one));
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve(listStates(this.#root));
  }

  write(stack: string, text: string, options: { readonly force?: boolean } = {}): Promise<void> {
    refuseOlder(stack, this.#whole(stack), text, options.force === true);
    const folder = makeStateFolder(this.#root, stack);
    writeFileAtomic(throughLink(path.join(folder, stateFile)), text, { mode: 0o600 });
    keepGoodState(folder, { durable: true });
    return Promise.resolve();
  }

  locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>> {
    const found = new Map<string, LockHolder>();
    for (const stack of stacks) {
      const holder = this.#holder(stack);
      if (holder !== undefined) found.set(stack, holder);
    }
    return Promise.resolve(found);
  }

  /** Removes what a killed engine left; the lock itself went with its process. */
  unlock(stack: string): Promise<void> {
    for (const file of lockFiles(stateFolder(this.#root, stack))) fs.rmSync(file, { force: true });
    return Promise.resolve();
  }

  #holder(stack: string): LockHolder | undefined {
    const folder = stateFolder(this.#root, stack);
    const pid = Number(readTextIfPresent(path.join(folder, processFile))?.trim() ?? Number.NaN);
    for (const file of lockFiles(folder)) {
      const text = readTextIfPresent(file);
      if (text === undefined) continue;
      const info = readLockInfo(text);
      // The file is written by the engine of this machine: it lives as long as one of its processes holds the state open.
      const alive = (Number.isInteger(pid) && pid > 1 && isAlive(pid)) || isHeld(throughLink(path.join(folder, stateFile)));
      return { id: info.id, who: info.who, alive: alive ? 'yes' : 'no' };
    }
    return undefined;
  }
}

/** What Terraform writes of a lock: id, and who, what and since when in words. */
export function readLockInfo(text: string): { readonly id: string; readonly who: string } {
  try {
    const info = JSON.parse(text) as Record<string, unknown>;
    const word = (name: string): string => (typeof info[name] === 'string' ? info[name] : '');
    return { id: word('ID'), who: [word('Who'), word('Operation'), word('Created')].filter((part) => part !== '').join(', ') };
  } catch {
    return { id: '', who: 'unknown (its lock file is cut off)' };
  }
}

function lockFiles(folder: string): string[] {
  const real = throughLink(path.join(folder, stateFile));
  return [...new Set([path.join(folder, stateFile), real])].map((file) => path.join(path.dirname(file), `.${path.basename(file)}.lock.info`));
}

/** Whether a process of ours or of another has a POSIX lock on the file; false where the system does not tell. */
function isHeld(file: string): boolean {
  const locks = readTextIfPresent('/proc/locks');
  const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
  if (locks === undefined || inode === undefined) return false;
  return locks.split('\n').some((line) => line.includes(`:${inode} `));
}
