import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, isAlive, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../../core/index.ts';
import { runningProcess } from '../../running.ts';

/** `.vcloud/held-locks.json`: locks a run took in a remote store, written before the first is taken and gone with the last. */
export interface HeldLocks {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'HeldLocks';
  /** Store they are in, without its credentials. */
  readonly backend: string;
  readonly plan: string;
  readonly pid: number;
  readonly host: string;
  /** Stack -> id of its lock. */
  readonly locks: Readonly<Record<string, string>>;
}

function fileOf(root: string): string {
  return path.join(root, '.vcloud', 'held-locks.json');
}

export function readHeldLocks(root: string): HeldLocks | undefined {
  const text = readTextIfPresent(fileOf(root));
  if (text === undefined) return undefined;
  const value = bringForward(JSON.parse(text), { file: '.vcloud/held-locks.json' });
  return isObject(value) && value['kind'] === 'HeldLocks' ? (value as unknown as HeldLocks) : undefined;
}

/** Notes locks of this process; none: the note goes. */
export function writeHeldLocks(root: string, given: Pick<HeldLocks, 'backend' | 'plan' | 'locks'>): void {
  if (Object.keys(given.locks).length === 0) {
    fs.rmSync(fileOf(root), { force: true });
    return;
  }
  privateFolder(root);
  const held: HeldLocks = { apiVersion: API_VERSION, kind: 'HeldLocks', pid: process.pid, host: hostname(), ...given };
  writeFileAtomic(fileOf(root), `${canonicalJson(held, 2)}\n`, { mode: 0o600 });
}

/** Whether a lock with this id is held by a run of this folder that lives, or by an engine it left running. */
export function holderLives(root: string, stack: string, id: string): 'yes' | 'no' | 'unknown' {
  const held = readHeldLocks(root);
  if (held?.locks[stack] !== id || held.host !== hostname()) return 'unknown';
  return isAlive(held.pid) || runningProcess(root, stack) !== undefined ? 'yes' : 'no';
}
