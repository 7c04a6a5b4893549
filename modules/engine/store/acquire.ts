import { ProblemError, type Problem } from '../../core/index.ts';
import { byStore } from './listing.ts';
import type { States } from './states.ts';
import type { Acquired } from './types.ts';

/**
 * Takes stacks for one run in every store that keeps runs on other machines apart: all of them, or none. Undefined where no
 * store does; there the lock of this folder and the engine's own, stack by stack, are all there is.
 * @throws ProblemError ENGINE-LOCKED, ENGINE-BACKEND-UNREACHABLE
 */
export async function acquireAll(states: States, stacks: readonly string[], plan: string): Promise<Acquired | undefined> {
  const taken: Acquired[] = [];
  const refused: ProblemError[] = [];
  for (const [store, list] of byStore(stacks, states.of)) {
    try {
      const acquired = await store.acquire?.(list, plan);
      if (acquired !== undefined) taken.push(acquired);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      refused.push(error);
    }
  }
  const releaseAll = async (): Promise<void> => {
    for (const one of taken) await one.releaseAll();
  };
  if (refused.length > 0) {
    await releaseAll();
    throw new ProblemError(refused.flatMap(({ problems }) => problems));
  }
  if (taken.length === 0) return undefined;
  return {
    problems: taken.flatMap((one) => one.problems ?? []),
    lost: async (stack) => {
      for (const one of taken) {
        const lost = await one.lost(stack);
        if (lost !== undefined) return lost;
      }
      return undefined;
    },
    ownsEngineLock: (stack) => taken.some((one) => one.ownsEngineLock?.(stack) === true),
    release: async (stack) => {
      for (const one of taken) await one.release(stack);
    },
    leave: (stack) => {
      for (const one of taken) one.leave?.(stack);
    },
    releaseAll,
  };
}

/** Gives back locks that killed runs of this folder held. To be called under the write lock, when what still ran has ended. */
export async function releaseLeftLocks(states: States): Promise<readonly Problem[]> {
  return (await states.common.releaseLeft?.()) ?? [];
}
