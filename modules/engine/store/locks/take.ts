import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { fail, plural, problem, ProblemError, type Problem } from '../../../core/index.ts';
import { runningProcess } from '../../running.ts';
import type { Acquired } from '../types.ts';
import { readRunLocks, writeHeldLocks, writeRunLocks, type RunLocks } from './held.ts';
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
  const note = (open: Iterable<string>): void => {
    const locks = Object.fromEntries([...open].map((stack) => [stack, idOf(stack)]));
    writeHeldLocks(root, { backend: identity, plan, locks }, new Set(ids.values()));
  };
  note(wanted);
  const tried: string[] = [];
  const problems: Problem[] = [];
  /** The stack whose put has not been answered: the store may have taken it, or take it yet. */
  let unanswered: string | undefined;
  const giveBack = async (): Promise<void> => {
    const stay = new Set(unanswered === undefined ? [] : [unanswered]);
    await eachAtOnce(tried, async (stack) => {
      try {
        await port.remove(stack, idOf(stack));
      } catch {
        // What cannot be given back stays noted, and the next run of this folder does it.
        stay.add(stack);
      }
    });
    note(stay);
  };
  try {
    for (const [index, stack] of wanted.entries()) {
      tried.push(stack);
      unanswered = stack;
      const other = await port.put(stack, ownInfo({ id: idOf(stack), plan, path: port.path(stack), created: new Date() }));
      unanswered = undefined;
      if (other !== undefined) {
        const holders = new Map([[stack, other]]);
        // Nothing further is taken; who has the others is said at once.
        await eachAtOnce(wanted.slice(index + 1), async (later) => {
          const found = await port.read(later);
          if (found !== undefined) holders.set(later, found);
        });
        throw new ProblemError([...holders].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, info]) => lockedProblem(name, info)));
      }
      if (index > 0) continue;
      const weakness = await port.weakness?.(stack);
      if (weakness !== undefined) {
        problems.push(
          problem('ENGINE-LOCK-WEAK', weakness, { severity: 'warning', file: 'vcloud.yaml', hint: 'use a server that does, or let one job at a time apply' }),
        );
      }
    }
  } catch (error) {
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
      note(open);
    },
  };
}

/**
 * Releases what runs of this folder left when they were killed: only locks with the ids they noted, and only where the engines
 * they started are gone. To be called under the write lock, once what still ran was waited for: their own processes are gone
 * then, whatever else has their numbers by now.
 */
export async function releaseLeft(root: string, identity: string, port: LockPort): Promise<Problem[]> {
  const runs = readRunLocks(root);
  const problems: Problem[] = [];
  const remaining: RunLocks[] = [];
  for (const run of runs) {
    const { left, said } = run.backend === identity ? await releaseRun(root, port, run) : { left: run.locks, said: undefined };
    remaining.push({ ...run, locks: left });
    if (said !== undefined) problems.push(said);
  }
  if (runs.length > 0) writeRunLocks(root, remaining);
  return problems;
}

/** What of one run's locks has to stay noted, and what is to be said of those that were released. */
async function releaseRun(root: string, port: LockPort, run: RunLocks): Promise<{ readonly left: Readonly<Record<string, string>>; readonly said?: Problem }> {
  // Who has the write lock is the only run of this folder. Of engines of another machine nobody can tell whether they go on.
  const may = run.host === hostname();
  const released: string[] = [];
  const left: Record<string, string> = {};
  await eachAtOnce(Object.entries(run.locks), async ([stack, id]) => {
    if (may && runningProcess(root, stack) !== undefined) {
      left[stack] = id;
      return;
    }
    if ((await port.read(stack))?.ID !== id) return;
    if (may) {
      await port.remove(stack, id);
      released.push(stack);
    } else left[stack] = id;
  });
  if (released.length === 0) return { left };
  const shown = released.sort().slice(0, 5).join(', ');
  const more = released.length > 5 ? ` and ${released.length - 5} more` : '';
  const what = `released ${plural(released.length, 'lock')} that an earlier run left (process ${run.pid}, plan ${run.plan}): ${shown}${more}`;
  const hint = 'that run was killed; what it had begun is taken from its log and the states';
  return { left, said: problem('ENGINE-LOCK-LEFT', what, { severity: 'warning', hint }) };
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
