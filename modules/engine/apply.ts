import * as path from 'node:path';
import { plural, ProblemError, readTextIfPresent, withWriteLock, type Problem } from '../core/index.ts';
import { findForbidden, logApply, stackCounts } from './approval/gate.ts';
import { findEngine, isEngine, type EngineChoice } from './binary.ts';
import { EngineCache } from './cache.ts';
import { openRun, unsealPlan, type ServiceSettings } from './credentials/index.ts';
import { childEnvironment } from './environment.ts';
import { applyStack, waitsText } from './apply-stack.ts';
import { readEngineLog } from './events.ts';
import { logFile } from './folders.ts';
import { readJournal, type JournalEnd } from './journal.ts';
import type { ManifestStack } from './manifest.ts';
import { runUnits } from './queue.ts';
import { readManifest } from './read-manifest.ts';
import { readRunning, unrecordedProblem } from './running.ts';
import { tell, voiceOf, type Listening } from './messages/index.ts';
import { secondLook } from './orphans/gate.ts';
import { recover } from './recover.ts';
import { nextBaseline, readBaseline, writeBaseline, type PlanFacts } from './review/index.ts';
import { atMost, claimAll, criticalPaths, Durations, durationText, limitsOf, RunProgress, SilenceWatch, withRetry, type TimedUnit } from './schedule/index.ts';
import { changedStacks, chooseStacks, selectables, type Selection } from './select/index.ts';
import type { States } from './store/states.ts';
import { acquireAll, releaseLeftLocks } from './store/acquire.ts';
import { recordRemovals } from './store/removal-records.ts';
import type { Acquired, LockHolder, StateStore } from './store/types.ts';
import type { PulumiSettings } from './adapters/pulumi/setting.ts';
import type { ApplyRun, StackApply, DeclaredStack } from './types.ts';
import { findStale, ownEnd, sameVersion, unavailable } from './verify.ts';

export interface ApplyOptions extends ServiceSettings, PulumiSettings, Listening {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** Plan directory, relative to `root` or absolute. */
  readonly directory: string;
  /** Apply a preview of an engine that cannot apply exactly what it showed. */
  readonly acceptInexact?: boolean | undefined;
  /** Reference (`file:PATH`, `env:NAME`) to the age identity that opens an encrypted plan directory. */
  readonly identity?: string | undefined;
  /** What is declared now: the plan must be of exactly this. */
  readonly stacks: readonly DeclaredStack[];
  /** Which of its stacks; all by default. What depends on one that is left out is stopped. */
  readonly select?: Selection | undefined;
  /** What those who declare know now; a plan made with such facts is applied only with them. */
  readonly facts?: PlanFacts | undefined;
  /** Day approvals are judged at, YYYY-MM-DD; today by default. */
  readonly asOf?: string | undefined;
  readonly binary?: EngineChoice | undefined;
  /** Stacks applied at once; by default as many as cores and memory bear. */
  readonly parallelism?: number | undefined;
  /** Seconds one apply is waited for. Past them it goes on alone (it is never signalled) and what depends on it is stopped. */
  readonly timeout?: number | undefined;
  /** Pause before a second attempt after a transient failure, in milliseconds; it doubles. */
  readonly firstPause?: number | undefined;
  /** Seconds without an event after which people are told. */
  readonly silence?: number | undefined;
  /** What the engine's process needs beyond a plain environment (credentials resolved by the caller). */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** After it no stack is started any more. A running apply is never signalled: what it has in flight would be orphaned. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies exactly the saved plans of a plan directory, and plans nothing. Refuses before anything is touched when
 * configuration, engine, states or plans are not those of the plan. Run again after a crash it skips what is applied.
 * @throws ProblemError ENGINE-STALE-* (all of them), ENGINE-NO-PLAN, ENGINE-PLAN-FORMAT, ENGINE-UNAVAILABLE,
 * ENGINE-APPROVAL-MISSING, ENGINE-LOG-BROKEN, ENGINE-LOCKED naming every holder: all stacks are claimed before the first is applied, or none.
 */
export async function apply(options: ApplyOptions): Promise<ApplyRun> {
  if (options.binary === 'pulumi') return await (await import('./adapters/pulumi/update.ts')).updateAll({ ...options, reporter: voiceOf(options) });
  const { root } = options;
  const reporter = voiceOf(options);
  const given = path.resolve(root, options.directory);
  const shown = (path.relative(root, given) || '.').split(path.sep).join('/');
  const manifest = readManifest(given, shown);
  const child = childEnvironment(process.env, options.environment);
  let acquired: Acquired | undefined;
  let started = false;
  const work = async (directory: string): Promise<ApplyRun> => {
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
    if (!isEngine(engine)) throw new ProblemError(unavailable(engine));
    const services = await openRun({ ...options, engine, environment: child, cache });
    const problems: Problem[] = await recover(root, { cache, reporter, timeout: options.timeout });
    problems.push(...(await releaseLeftLocks(services.states)));
    const journal = readJournal(root, manifest.id);
    const open = manifest.stacks.filter((stack) => stack.state === 'planned' && ownEnd(stack, journal)?.result !== 'applied').map((stack) => stack.path);
    const choice = chooseStacks(options.select ?? {}, {
      stacks: selectables(root, options.stacks),
      changed: () => changedStacks(root, options.stacks, cache),
    });
    problems.push(...choice.problems);
    const leftOut = new Set(choice.expression === undefined ? [] : open.filter((name) => !choice.paths.has(name)));
    const todo = open.filter((name) => !leftOut.has(name));
    acquired = await acquireAll(services.states, todo, manifest.id);
    problems.push(...(acquired?.problems ?? []));
    // Only what is ours is looked at: somebody else may have ended a moment ago.
    if (acquired !== undefined) await cache.refresh([...new Set(manifest.stacks.flatMap((stack) => [stack.path, ...Object.keys(stack.reads)]))]);
    const { stale, notes } = findStale({ manifest, directory, shown, engine, stacks: options.stacks, journal, cache, backend: services.states.identity });
    problems.push(...notes, ...unrecordedEarlier(journal, problems));
    const { facts, asOf = new Date().toISOString().slice(0, 10) } = options;
    const limits = limitsOf(options, child);
    const reader = { engine, environment: child, ...limits, timeout: options.timeout, services, cache, todo: new Set(todo) };
    const forbidden = [...stale, ...(await findForbidden({ root, directory, shown, manifest, stacks: options.stacks, facts, asOf, reader }))];
    if (forbidden.length > 0) {
      cache.save();
      throw new ProblemError([...forbidden, ...notes]);
    }
    const begun = new Set(todo);
    await recordRemovals(
      root,
      services.states,
      options.stacks.filter((stack) => begun.has(stack.path)),
    );
    const claims = claimAll(root, todo, manifest.id, await heldLocks(services.states, todo));
    try {
      logApply(root, directory, manifest, 'apply-start', stackCounts(manifest.stacks));
    } catch (error) {
      claims.releaseAll();
      throw error;
    }
    started = true;
    const results = new Map<string, StackApply>();
    const { clouds } = options;
    const setting = {
      destroys: manifest.purpose === 'destroy',
      root,
      directory,
      id: manifest.id,
      engine,
      services,
      clouds: options.clouds,
      asks: options.clouds !== undefined,
      lookAgain: async (name: string) =>
        clouds === undefined ? undefined : await secondLook({ root, engine, services, clouds, stacks: options.stacks, reporter }, name),
      engineLocks: (name: string) => acquired?.ownsEngineLock?.(name) !== true,
      initOnce: atMost(limits.init),
      timeout: options.timeout,
      cache,
      journal,
      stacks: new Map(options.stacks.map((stack) => [stack.path, stack])),
      problems,
    };
    const byPath = new Map(manifest.stacks.map((stack) => [stack.path, stack]));
    const durations = new Durations(root, 'apply');
    const units = manifest.stacks.map((stack): TimedUnit => {
      return { id: stack.path, after: stack.after, expected: todo.includes(stack.path) ? durations.of(stack.path) : 0 };
    });
    const waiting = new Set(todo);
    const progress = new RunProgress({ reporter, step: 'apply', units: units.filter(({ id }) => waiting.has(id)), parallelism: limits.parallelism });
    const silence = new SilenceWatch((text) => tell(reporter, { code: 'ENGINE-SILENCE', level: 'warning', text }), options.silence);
    let ends: Awaited<ReturnType<typeof runUnits>>;
    try {
      ends = await runUnits(units, { parallelism: limits.parallelism, weights: criticalPaths(units), signal: options.signal }, async (name) => {
        const stack = byPath.get(name);
        if (stack === undefined) return true;
        if (leftOut.has(name)) return false;
        if (!waiting.has(name)) {
          const result = await applyStack(setting, stack);
          results.set(name, result);
          return result.result === 'applied' || result.result === 'unchanged';
        }
        const lost = await acquired?.lost(name);
        if (lost !== undefined) {
          results.set(name, {
            path: name,
            agency: stack.agency,
            milliseconds: 0,
            result: 'stopped',
            because: `it was taken from this run before it began: ${lost}`,
          });
          return false;
        }
        progress.begin(name);
        silence.add(name, path.join(root, logFile(manifest.id, name)));
        const { result, attempts } = await withRetry(() => applyStack(setting, stack), {
          failure: (one) => (one.result === 'failed' && nothingBegun(root, stack, one, cache) ? one.because : undefined),
          firstPause: options.firstPause,
          signal: options.signal,
          onRetry: ({ what }, attempt, pause) => tell(reporter, { code: 'ENGINE-RETRY', level: 'warning', step: 'apply', stack: name, what, attempt, pause }),
        });
        silence.remove(name);
        const failed = result.result !== 'applied';
        if (!failed && result.milliseconds > 0) durations.add(name, result.milliseconds);
        // A state that moved is none the saved plan is of; one whose apply still runs is not known yet.
        const cutOff = failed && readRunning(root, name) === undefined && hasMoved(cache, stack);
        results.set(name, { ...result, ...(attempts > 1 ? { attempts } : {}), ...(cutOff ? { cutOff } : {}) });
        claims.release(name);
        // An engine that goes on alone writes its state at its end, and took no lock of its own.
        if (readRunning(root, name) === undefined) await acquired?.release(name);
        else acquired?.leave?.(name);
        progress.end(name, {
          failed,
          line: `${result.result}${failed ? `: ${result.because?.split('\n')[0] ?? ''}` : `  ${durationText(result.milliseconds)}`}`,
        });
        return !failed;
      });
    } finally {
      silence.dispose();
      claims.releaseAll();
    }
    for (const [name, end] of ends) {
      const stack = byPath.get(name);
      if (stack === undefined || results.has(name) || leftOut.has(name)) continue;
      results.set(name, notReached(stack, end, results, leftOut));
    }
    cache.save();
    durations.save();
    const stacks = manifest.stacks.flatMap((stack) => results.get(stack.path) ?? []);
    problems.push(...logApply(root, directory, manifest, 'apply-end', stackCounts(stacks)));
    if (manifest.purpose === undefined) settleBaseline(root, options, stacks);
    reporter.end(summaryOf(stacks));
    const { id, engine: made, environment, selection } = manifest;
    const excluded = leftOut.size === 0 ? selection.excluded : [...new Set([...(selection.excluded ?? []), ...leftOut])].sort();
    return { id, directory: shown, engine: made, environment, stacks, excluded, limits, problems };
  };
  return await withWriteLock(root, 'apply', async () => {
    try {
      const opened = await unsealPlan(root, given, shown, options.identity);
      try {
        return await work(opened.directory);
      } finally {
        opened.dispose();
        await acquired?.releaseAll();
      }
    } catch (error) {
      const codes = error instanceof ProblemError ? error.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code) : [];
      if (!started && codes.length > 0) logApply(root, given, manifest, 'apply-refused', codes);
      throw error;
    }
  });
}

/** Moves the values others rely on forward as far as what they led to is applied. */
function settleBaseline(root: string, { stacks, facts }: ApplyOptions, results: readonly StackApply[]): void {
  const done = new Set(results.filter(({ result }) => result === 'applied' || result === 'unchanged').map((one) => one.path));
  if (facts?.declared !== undefined && done.size > 0) writeBaseline(root, nextBaseline({ before: readBaseline(root), declared: facts.declared, stacks, done }));
}

/** Locks that engines hold on these stacks now, wherever their states are kept. */
async function heldLocks(states: States, stacks: readonly string[]): Promise<Map<string, LockHolder>> {
  const byStore = new Map<StateStore, string[]>();
  for (const stack of stacks) {
    const store = states.of(stack);
    byStore.set(store, [...(byStore.get(store) ?? []), stack]);
  }
  const held = new Map<string, LockHolder>();
  for (const [store, list] of byStore) for (const [stack, holder] of await store.locks(list)) held.set(stack, holder);
  return held;
}

/** What earlier runs of this plan made and could not record: a crash may have kept them from telling it. */
function unrecordedEarlier(journal: ReadonlyMap<string, JournalEnd>, told: readonly Problem[]): Problem[] {
  const known = new Set(told.filter((found) => found.code === 'ENGINE-UNRECORDED').map((found) => found.subject));
  return [...journal.values()].flatMap(({ stack, unrecorded = [] }) =>
    unrecorded.length === 0 || known.has(stack) ? [] : [unrecordedProblem(stack, unrecorded)],
  );
}

/** Whether a failed apply may be run again as it was planned: the engine began nothing, and its state is still the one it was planned on. */
function nothingBegun(root: string, stack: ManifestStack, { log }: StackApply, cache: EngineCache): boolean {
  if (log === undefined || readEngineLog(readTextIfPresent(path.join(root, log)) ?? '').begun) return false;
  return sameVersion(cache.state(stack.path).head, stack.before);
}

/** Whether the state of a stack is another than the one its plan is of; one that cannot be read is. */
function hasMoved(cache: EngineCache, stack: ManifestStack): boolean {
  try {
    return !sameVersion(cache.state(stack.path).head, stack.before);
  } catch {
    return true;
  }
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
function notReached(
  stack: ManifestStack,
  end: { readonly end: string; readonly by?: string },
  results: ReadonlyMap<string, StackApply>,
  leftOut: ReadonlySet<string>,
): StackApply {
  const base = { path: stack.path, agency: stack.agency, milliseconds: 0 };
  if (stack.state === 'unchanged') return { ...base, result: 'unchanged' };
  if (stack.state === 'waits') return { ...base, result: 'waits', because: waitsText(stack), by: stack.waitsFor[0] };
  if (end.by === undefined) return { ...base, result: 'stopped', because: 'interrupted before it began' };
  if (leftOut.has(end.by)) return { ...base, result: 'stopped', by: end.by, because: `${end.by}, which comes before it, is not applied and was not selected` };
  const cause = results.get(end.by)?.result;
  return {
    ...base,
    result: cause === 'waits' ? 'waits' : 'stopped',
    by: end.by,
    because: `${end.by} ${cause === 'waits' ? 'waits' : cause === 'stopped' ? 'was stopped' : 'failed'}`,
  };
}
