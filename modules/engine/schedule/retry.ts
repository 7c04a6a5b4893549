import { transientOf, type Transient } from './transient.ts';

export interface RetryOptions<T> {
  /** The message of a result that failed and may be tried again; undefined: it is final. */
  readonly failure: (result: T) => string | undefined;
  /** Told before each further attempt, which begins after `milliseconds`. */
  readonly onRetry?: ((transient: Transient, attempt: number, milliseconds: number) => void) | undefined;
  /** Pause before the second attempt; it doubles from one attempt to the next. */
  readonly firstPause?: number | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const longestPause = 20_000;

/**
 * Tries again what failed for a transient reason, as often as its kind allows. Pauses are drawn from the whole range up
 * to a bound that doubles ("full jitter"), so that stacks refused together do not come back together.
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions<T>): Promise<{ readonly result: T; readonly attempts: number }> {
  const { firstPause = 1_000, random = Math.random, signal } = options;
  for (let attempt = 1; ; attempt++) {
    const result = await work();
    const message = options.failure(result);
    const transient = message === undefined ? undefined : transientOf(message);
    if (transient === undefined || attempt >= transient.attempts || isOver(signal)) return { result, attempts: attempt };
    const milliseconds = pauseBefore(attempt, firstPause, random());
    options.onRetry?.(transient, attempt + 1, milliseconds);
    await sleep(milliseconds, signal);
    if (isOver(signal)) return { result, attempts: attempt };
  }
}

/** Milliseconds to wait after `attempt` failed attempts. */
export function pauseBefore(attempt: number, firstPause: number, random: number): number {
  return Math.round(random * Math.min(longestPause, firstPause * 2 ** (attempt - 1)));
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
