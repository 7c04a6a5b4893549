import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, isAlive, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../../core/index.ts';
import { runningProcess } from '../../running.ts';

/** Locks one run took in a remote store. */
export interface RunLocks {
  /** Store they are in, without its credentials. */
  readonly backend: string;
  readonly plan: string;
  readonly pid: number;
  readonly host: string;
  /** Stack -> id of its lock. */
  readonly locks: Readonly<Record<string, string>>;
}

/** `.vcloud/held-locks.json`: locks runs took in a remote store, written before the first is taken and gone with the last. */
export interface HeldLocks extends RunLocks {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'HeldLocks';
  /** What runs before the last one left, and nobody could give back yet. */
  readonly earlier?: readonly RunLocks[] | undefined;
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

/** The same run by run, the last one first. */
export function readRunLocks(root: string): RunLocks[] {
  const held = readHeldLocks(root);
  if (held === undefined) return [];
  const { backend, plan, pid, host, locks, earlier = [] } = held;
  return [{ backend, plan, pid, host, locks }, ...earlier];
}

/** Notes locks by run; runs without any are left out, and with the last of them the file goes. */
export function writeRunLocks(root: string, runs: readonly RunLocks[]): void {
  const [last, ...earlier] = runs.filter(({ locks }) => Object.keys(locks).length > 0);
  if (last === undefined) {
    fs.rmSync(fileOf(root), { force: true });
    return;
  }
  privateFolder(root);
  const held: HeldLocks = { apiVersion: API_VERSION, kind: 'HeldLocks', ...last, ...(earlier.length === 0 ? {} : { earlier }) };
  writeFileAtomic(fileOf(root), `${canonicalJson(held, 2)}\n`, { mode: 0o600 });
}

/**
 * Notes locks of this process, whose ids are `ids`. What other runs left stays noted: without its id nobody could tell such a
 * lock from somebody else's.
 */
export function writeHeldLocks(
  root: string,
  given: Pick<HeldLocks, 'backend' | 'plan' | 'locks'>,
  ids: ReadonlySet<string> = new Set(Object.values(given.locks)),
): void {
  const others = readRunLocks(root).map((run) => ({ ...run, locks: Object.fromEntries(Object.entries(run.locks).filter(([, id]) => !ids.has(id))) }));
  writeRunLocks(root, [{ pid: process.pid, host: hostname(), ...given }, ...others]);
}

/** Whether a lock with this id is held by a run of this folder that lives, or by an engine it left running. */
export function holderLives(root: string, stack: string, id: string): 'yes' | 'no' | 'unknown' {
  const held = readRunLocks(root).find(({ locks }) => locks[stack] === id);
  if (held === undefined || held.host !== hostname()) return 'unknown';
  return isAlive(held.pid) || runningProcess(root, stack) !== undefined ? 'yes' : 'no';
}
