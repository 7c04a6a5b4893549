import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { fail, isAlive, plural, problem, ProblemError, type Problem } from '../../../core/index.ts';
import { runningProcess } from '../../running.ts';
import type { Acquired } from '../types.ts';
import { readHeldLocks, writeHeldLocks } from './held.ts';
import { holderText, ownInfo, type LockInfo, type LockPort } from './port.ts';

/** Questions to the store at the same time, where their order does not matter. */
const atOnce = 8;

/**
 * Takes the engine's own lock of each stack, all or none. They are taken one after the other, in one order for all: of runs
 * that want the same stacks at the same moment the one that gets furthest gets them all. The ids are noted in the folder
 * first, so that a later run finds what a killed one left. While they are held the engine itself is told not to lock.
 * @param identity names the store without its credentials
 * @throws ProblemError ENGINE-LOCKED for every stack somebody else has; Error where the store cannot be asked
 */
export async function takeLocks(root: string, identity: string, port: LockPort, stacks: readonly string[], plan: string): Promise<Acquired> {
  const wanted = [...stacks].sort();
  const ids = new Map(wanted.map((stack) => [stack, randomUUID()]));
  const idOf = (stack: string): string => ids.get(stack) ?? '';
  writeHeldLocks(root, { backend: identity, plan, locks: Object.fromEntries(ids) });
  const taken: string[] = [];
  const problems: Problem[] = [];
  const giveBack = async (): Promise<void> => {
    await eachAtOnce(taken, async (stack) => await port.remove(stack, idOf(stack)));
    writeHeldLocks(root, { backend: identity, plan, locks: {} });
  };
  try {
    for (const [index, stack] of wanted.entries()) {
      const other = await port.put(stack, ownInfo({ id: idOf(stack), plan, path: port.path(stack), created: new Date() }));
      if (other !== undefined) {
        const holders = new Map([[stack, other]]);
        // Nothing further is taken; who has the others is said at once.
        await eachAtOnce(wanted.slice(index + 1), async (later) => {
          const found = await port.read(later);
          if (found !== undefined) holders.set(later, found);
        });
        throw new ProblemError([...holders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, info]) => lockedProblem(name, info)));
      }
      taken.push(stack);
      if (index > 0) continue;
      const weakness = await port.weakness?.(stack);
      if (weakness !== undefined) {
        problems.push(
          problem('ENGINE-LOCK-WEAK', weakness, { severity: 'warning', file: 'vcloud.yaml', hint: 'use a server that does, or let one job at a time apply' }),
        );
      }
    }
  } catch (error) {
    // What cannot be given back stays noted, and the next run of this folder does it.
    await giveBack().catch(() => undefined);
    throw error;
  }
  const open = new Set(wanted);
  const left = new Set<string>();
  const free = async (stack: string): Promise<void> => {
    if (!open.has(stack)) return;
    try {
      await port.remove(stack, idOf(stack));
      open.delete(stack);
    } catch {
      // What was applied is applied. The lock stays noted, and the next run of this folder gives it back.
    }
  };
  return {
    problems,
    ownsEngineLock: (stack) => open.has(stack),
    lost: async (stack) => {
      if (!open.has(stack)) return undefined;
      try {
        const now = await port.read(stack);
        if (now?.ID === idOf(stack)) return undefined;
        return now === undefined ? 'its lock was released by somebody else' : `its lock is held by ${holderText(now)}`;
      } catch (error) {
        return `its lock could not be looked at: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    release: async (stack) => {
      if (left.has(stack)) return;
      await free(stack);
    },
    leave: (stack) => void left.add(stack),
    releaseAll: async () => {
      await eachAtOnce(
        [...open].filter((stack) => !left.has(stack)),
        free,
      );
      writeHeldLocks(root, { backend: identity, plan, locks: Object.fromEntries([...open].map((stack) => [stack, idOf(stack)])) });
    },
  };
}

/**
 * Releases what a run of this folder left when it was killed: only locks with the ids it noted, and only where its process
 * and the engines it started are gone. To be called under the write lock, once what still ran was waited for.
 */
export async function releaseLeft(root: string, identity: string, port: LockPort): Promise<Problem[]> {
  const held = readHeldLocks(root);
  if (held === undefined || held.backend !== identity) return [];
  if (held.host !== hostname() || (held.pid !== process.pid && isAlive(held.pid))) return [];
  const released: string[] = [];
  const kept: Record<string, string> = {};
  await eachAtOnce(Object.entries(held.locks), async ([stack, id]) => {
    if (runningProcess(root, stack) !== undefined) {
      kept[stack] = id;
      return;
    }
    if ((await port.read(stack))?.ID !== id) return;
    await port.remove(stack, id);
    released.push(stack);
  });
  writeHeldLocks(root, { backend: identity, plan: held.plan, locks: kept });
  if (released.length === 0) return [];
  const shown = released.sort().slice(0, 5).join(', ');
  const more = released.length > 5 ? ` and ${released.length - 5} more` : '';
  return [
    problem(
      'ENGINE-LOCK-LEFT',
      `released ${plural(released.length, 'lock')} that an earlier run left (process ${held.pid}, plan ${held.plan}): ${shown}${more}`,
      {
        severity: 'warning',
        hint: 'that run was killed; what it had begun is taken from its log and the states',
      },
    ),
  ];
}

/** @throws ProblemError ENGINE-BACKEND-UNREACHABLE */
export function lockStoreUnreachable(type: string, error: unknown): never {
  return fail(
    'ENGINE-BACKEND-UNREACHABLE',
    `the backend (${type}) could not be asked for its locks: ${error instanceof Error ? error.message : String(error)}`,
    {
      file: 'vcloud.yaml',
      hint: 'nothing was changed; see that the server runs, that backend.credentials in vcloud.yaml resolve here, and that they may write locks',
    },
  );
}

function lockedProblem(stack: string, info: LockInfo): Problem {
  return problem('ENGINE-LOCKED', `somebody else has it: ${holderText(info)}; no stack was applied`, {
    subject: stack,
    hint: `wait for them to end; if that process is gone on its host, "vcloud state unlock ${stack} --force" frees the stack`,
  });
}

async function eachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const one = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, one));
}
