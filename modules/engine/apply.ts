import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { plural, ProblemError, silent, withWriteLock, type Problem, type Reporter } from '../core/index.ts';
import { findEngine, isEngine, type EngineChoice } from './binary.ts';
import { EngineCache } from './cache.ts';
import { openRun, type ServiceSettings } from './credentials/index.ts';
import { childEnvironment } from './environment.ts';
import { applyStack, waitsText } from './apply-stack.ts';
import { readJournal } from './journal.ts';
import type { ManifestStack } from './manifest.ts';
import { runUnits } from './queue.ts';
import { readManifest } from './read-manifest.ts';
import { recover } from './recover.ts';
import type { ApplyRun, StackApply, DeclaredStack } from './types.ts';
import { findStale, unavailable } from './verify.ts';

export interface ApplyOptions extends ServiceSettings {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** Plan directory, relative to `root` or absolute. */
  readonly directory: string;
  /** What is declared now: the plan must be of exactly this. */
  readonly stacks: readonly DeclaredStack[];
  readonly binary?: EngineChoice | undefined;
  /** Stacks applied at once; the number of cores by default. */
  readonly parallelism?: number | undefined;
  /** What the engine's process needs beyond a plain environment (credentials resolved by the caller). */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly reporter?: Reporter | undefined;
  /** After it no stack is started any more. A running apply is never signalled: what it has in flight would be orphaned. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies exactly the saved plans of a plan directory, and plans nothing. Refuses before anything is touched when
 * configuration, engine, states or plans are not those of the plan. Run again after a crash it skips what is applied.
 * @throws ProblemError ENGINE-STALE-* (all of them), ENGINE-NO-PLAN, ENGINE-PLAN-FORMAT, ENGINE-UNAVAILABLE.
 */
export async function apply(options: ApplyOptions): Promise<ApplyRun> {
  const { root, reporter = silent } = options;
  const directory = path.resolve(root, options.directory);
  const shown = (path.relative(root, directory) || '.').split(path.sep).join('/');
  const manifest = readManifest(directory, shown);
  const child = childEnvironment(process.env, options.environment);
  return await withWriteLock(root, 'apply', async () => {
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
    if (!isEngine(engine)) throw new ProblemError(unavailable(engine));
    const services = await openRun({ ...options, engine, environment: child, cache });
    const problems: Problem[] = await recover(root, { cache, reporter });
    const journal = readJournal(root, manifest.id);
    const { stale, notes } = findStale({ manifest, directory, shown, engine, stacks: options.stacks, journal, cache });
    problems.push(...notes);
    if (stale.length > 0) {
      cache.save();
      throw new ProblemError([...stale, ...notes]);
    }
    const results = new Map<string, StackApply>();
    const setting = {
      root,
      directory,
      id: manifest.id,
      engine,
      services,
      cache,
      journal,
      stacks: new Map(options.stacks.map((stack) => [stack.path, stack])),
      problems,
    };
    const byPath = new Map(manifest.stacks.map((stack) => [stack.path, stack]));
    reporter.start('apply', manifest.stacks.filter((stack) => stack.state === 'planned').length);
    let finished = 0;
    const ends = await runUnits(
      manifest.stacks.map((stack) => ({ id: stack.path, after: stack.after })),
      { parallelism: options.parallelism ?? availableParallelism(), signal: options.signal },
      async (name) => {
        const stack = byPath.get(name);
        if (stack === undefined) return true;
        const result = await applyStack(setting, stack);
        results.set(name, result);
        if (stack.state === 'planned') reporter.progress(++finished, name);
        return result.result === 'applied' || result.result === 'unchanged';
      },
    );
    for (const [name, end] of ends) {
      const stack = byPath.get(name);
      if (stack === undefined || results.has(name)) continue;
      results.set(name, notReached(stack, end, results));
    }
    cache.save();
    const stacks = manifest.stacks.flatMap((stack) => results.get(stack.path) ?? []);
    reporter.end(summaryOf(stacks));
    return { id: manifest.id, stacks, problems };
  });
}

/** `12 applied, 180 unchanged`. */
function summaryOf(stacks: readonly StackApply[]): string {
  const words = ['applied', 'unchanged', 'failed', 'stopped', 'waits'] as const;
  return [
    plural(stacks.length, 'stack'),
    ...words
      .map((word) => [word, stacks.filter((stack) => stack.result === word).length] as const)
      .filter(([, n]) => n > 0)
      .map(([word, n]) => `${n} ${word === 'waits' ? 'waiting' : word}`),
  ].join(', ');
}

/** The result of a stack that was never begun. */
function notReached(stack: ManifestStack, end: { readonly end: string; readonly by?: string }, results: ReadonlyMap<string, StackApply>): StackApply {
  const base = { path: stack.path, agency: stack.agency, milliseconds: 0 };
  if (stack.state === 'unchanged') return { ...base, result: 'unchanged' };
  if (stack.state === 'waits') return { ...base, result: 'waits', because: waitsText(stack) };
  if (end.by === undefined) return { ...base, result: 'stopped', because: 'interrupted before it began' };
  const cause = results.get(end.by)?.result;
  return {
    ...base,
    result: cause === 'waits' ? 'waits' : 'stopped',
    because: `${end.by} ${cause === 'waits' ? 'waits' : cause === 'stopped' ? 'was stopped' : 'failed'}`,
  };
}
