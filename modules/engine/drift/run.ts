import { digestOf, isObject, plural, privateFolder, ProblemError, readTextIfPresent, sortedBy, withWriteLock, type Problem } from '../../core/index.ts';
import { requirePromise } from '../adapters/promises.ts';
import { findEngine, isEngine, type EngineChoice } from '../binary.ts';
import { EngineCache } from '../cache.ts';
import { openRun, type ServiceSettings } from '../credentials/index.ts';
import { childEnvironment } from '../environment.ts';
import { goodStateFile, stateFile, stateFolder } from '../folders.ts';
import { realNames } from '../manifest.ts';
import { runUnits } from '../queue.ts';
import { tell, voiceOf, type Listening } from '../messages/index.ts';
import { cloudChange } from '../moves/cloud.ts';
import { recover } from '../recover.ts';
import { atMost, durationText, limitsOf, RunProgress, withRetry } from '../schedule/index.ts';
import { changedStacks, chooseStacks, selectables, type Selection } from '../select/index.ts';
import { parseState, readStackFile, resourcesIn, throughLink } from '../state.ts';
import { releaseLeftLocks } from '../store/acquire.ts';
import type { DeclaredStack } from '../types.ts';
import type { Noise } from './noise.ts';
import { readStack, type HeldResource, type StackRead } from './stack.ts';
import type { DriftRun, StackDrift } from './types.ts';
import { findUnmanaged } from './unmanaged.ts';
import * as path from 'node:path';

export interface DriftOptions extends ServiceSettings, Listening {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** All that is declared, whatever is selected. */
  readonly stacks: readonly DeclaredStack[];
  readonly select?: Selection | undefined;
  /** Reads the projects of the stacks too, for what no state holds. */
  readonly unmanaged?: boolean | undefined;
  readonly binary?: EngineChoice | undefined;
  /** Stacks read at once; by default as many as cores and memory bear. */
  readonly parallelism?: number | undefined;
  readonly init?: number | undefined;
  /** Seconds one reading may take; past them it is ended, which changes nothing. */
  readonly timeout?: number | undefined;
  /** Pause before a second attempt after a transient failure, in milliseconds; it doubles. */
  readonly firstPause?: number | undefined;
  /** Fields that say nothing, instead of the table that comes with the toolkit. */
  readonly noise?: readonly Noise[] | undefined;
  /** What the engine's process needs beyond a plain environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares what is there with what states hold, field by field, for every selected stack that has a state; whether anything
 * happened to it since its last plan does not matter. Changes no state and keeps no plan. What cannot be read is "unknown",
 * never "no drift".
 * @throws ProblemError ENGINE-SELECT, ENGINE-NOTHING-SELECTED, ENGINE-BACKEND-*
 */
export async function drift(options: DriftOptions): Promise<DriftRun> {
  const { root } = options;
  const reporter = voiceOf(options);
  requirePromise(options.binary, 'drift', 'vcloud drift');
  const child = childEnvironment(process.env, options.environment);
  privateFolder(root);
  return await withWriteLock(root, 'drift', async () => {
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
    if (!isEngine(engine)) return { stacks: [], problems: [], unavailable: engine };
    const services = await openRun({ ...options, engine, environment: child, cache });
    const problems: Problem[] = await recover(root, { cache, reporter, timeout: options.timeout });
    problems.push(...(await releaseLeftLocks(services.states)));
    const candidates = selectables(root, options.stacks);
    const choice = chooseStacks(options.select ?? {}, { stacks: candidates, changed: () => changedStacks(root, options.stacks, cache) });
    problems.push(...choice.problems);
    const declared = new Map(options.stacks.map((stack) => [stack.path, stack]));
    const chosen = sortedBy(
      candidates.filter((stack) => choice.paths.has(stack.path)),
      (stack) => stack.path,
    );
    const limits = limitsOf(options, child);
    const initOnce = atMost(limits.init);
    const results = new Map<string, StackDrift>();
    const progress = new RunProgress({
      reporter,
      step: 'drift',
      units: chosen.map((stack) => ({ id: stack.path, after: [] })),
      parallelism: limits.parallelism,
    });

    const one = async (name: string, agency: string): Promise<StackDrift> => {
      const stack = declared.get(name);
      const base = { path: name, agency, ...(stack === undefined ? { removed: true } : {}) };
      const end = (read: Omit<StackRead, 'initialised'>, resources: number): StackDrift => {
        const state = read.drifted.length > 0 ? 'drift' : read.unknown.length > 0 ? 'unknown' : 'none';
        const { drifted, unknown, ignored, pending, milliseconds } = read;
        return { ...base, state, resources, drifted, unknown, ignored, pending, milliseconds };
      };
      const none = { drifted: [], unknown: [], ignored: 0, pending: 0, milliseconds: 0 };
      let head: ReturnType<EngineCache['state']>['head'];
      try {
        const mended = cache.state(name);
        problems.push(...mended.problems);
        head = mended.head;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return end({ ...none, unknown: error.problems.map(({ message }) => ({ because: message })) }, 0);
      }
      if (head === undefined || head.resources === 0) return { ...base, ...none, state: 'absent', resources: 0 };
      const record = readStackFile(root, name);
      const elsewhere = cloudChange(stack, head, record);
      if (elsewhere !== undefined) return end({ ...none, unknown: [{ because: elsewhere.message }] }, head.resources);
      const outputs = (producer: string): string | null => cache.state(producer).head?.outputs ?? null;
      const asApplied =
        stack !== undefined &&
        record?.applied?.digest === stack.digest &&
        digestOf(record.applied.reads) === digestOf(Object.fromEntries(stack.reads.map((producer) => [producer, outputs(producer)])));
      const sandbox = (stack?.environment ?? record?.environment) === 'sandbox' && (stack?.folder ?? record?.folder) === undefined;
      if (sandbox && !asApplied) {
        const because =
          stack === undefined
            ? 'it is no longer declared, and in the sandbox nothing but a declaration says what should be there'
            : 'its declaration changed since it was applied, and in the sandbox nothing but a plan says what changed: apply it, then look again';
        return end({ ...none, unknown: [{ because }] }, head.resources);
      }
      const { result } = await withRetry(
        () =>
          readStack({
            root,
            engine,
            environment: () => services.environmentOf(name),
            timeout: options.timeout,
            path: name,
            stack,
            states: services.states,
            names: realNames(stack ?? { resources: [] }),
            sandbox,
            asApplied,
            held: heldIn(root, name),
            initialised: cache.initialised(name, engine),
            initOnce,
            noise: options.noise,
          }),
        {
          failure: ({ failed }) => failed,
          firstPause: options.firstPause,
          signal: options.signal,
          onRetry: ({ what }, attempt, pause) => tell(reporter, { code: 'ENGINE-RETRY', level: 'warning', step: 'drift', stack: name, what, attempt, pause }),
        },
      );
      if (result.initialised !== undefined) cache.setInitialised(name, engine, result.initialised);
      return end(result, head.resources);
    };

    const units = chosen.map((stack) => ({ id: stack.path, after: [] }));
    const agencies = new Map(chosen.map((stack) => [stack.path, stack.agency]));
    await runUnits(units, { parallelism: limits.parallelism, signal: options.signal }, async (name) => {
      progress.begin(name);
      const result = await one(name, agencies.get(name) ?? name);
      results.set(name, result);
      progress.end(name, { failed: result.state === 'unknown', line: lineOf(result) });
      return true;
    });
    cache.save();
    const stacks = chosen.map(
      (stack): StackDrift =>
        results.get(stack.path) ?? {
          ...{ path: stack.path, agency: stack.agency, state: 'unknown', resources: 0, drifted: [], ignored: 0, pending: 0, milliseconds: 0 },
          unknown: [{ because: 'interrupted before it was read' }],
        },
    );
    const excluded =
      choice.expression === undefined
        ? undefined
        : candidates
            .filter((stack) => !choice.paths.has(stack.path))
            .map((stack) => stack.path)
            .sort();
    const projects =
      options.unmanaged === true
        ? await findUnmanaged({
            root,
            stacks: options.stacks.filter(({ path: name }) => choice.paths.has(name)),
            clouds: options.clouds,
            environmentOf: (stack) => services.environmentOf(stack),
          })
        : undefined;
    reporter.end(summaryOf(stacks));
    return { engine: { name: engine.name, version: engine.version }, stacks, projects, excluded, problems };
  });
}

/**
 * Exit code of a run: 2 where drift or an object no state holds was seen, whatever else could not be read; 1 where none was seen but not everything could
 * be read; 0 where all was read and nothing drifted.
 */
export function driftVerdict({ stacks, projects = [], unavailable }: DriftRun): 0 | 1 | 2 {
  if (stacks.some((stack) => stack.state === 'drift') || projects.some(({ unmanaged }) => unmanaged.length > 0)) return 2;
  const unread = stacks.some((stack) => stack.state === 'unknown') || projects.some(({ unread: kinds }) => kinds.length > 0);
  return unavailable !== undefined || unread ? 1 : 0;
}

/** The state's resources with what they depend on, from the state or the copy aside of one that is kept elsewhere. */
function heldIn(root: string, name: string): HeldResource[] {
  const folder = stateFolder(root, name);
  for (const file of [throughLink(path.join(folder, stateFile)), path.join(folder, goodStateFile)]) {
    const state = parseState(readTextIfPresent(file) ?? '')?.state;
    if (state === undefined) continue;
    const dependencies = new Map<string, readonly string[]>();
    for (const entry of Array.isArray(state['resources']) ? (state['resources'] as unknown[]) : []) {
      if (!isObject(entry) || !Array.isArray(entry['instances'])) continue;
      const base = `${typeof entry['module'] === 'string' ? `${entry['module']}.` : ''}${String(entry['type'])}.${String(entry['name'])}`;
      const all = (entry['instances'] as unknown[]).flatMap((one) =>
        isObject(one) && Array.isArray(one['dependencies']) ? (one['dependencies'] as unknown[]).map(String) : [],
      );
      dependencies.set(base, [...new Set(all)]);
    }
    return resourcesIn(name, state).map(({ address }) => ({ address, dependencies: dependencies.get(address.replace(/\[[^\]]*\]$/u, '')) ?? [] }));
  }
  return [];
}

function lineOf({ state, drifted, unknown, milliseconds }: StackDrift): string {
  const what =
    state === 'drift'
      ? `${drifted.length} drifted`
      : state === 'unknown'
        ? `unknown: ${unknown[0]?.because.split('\n')[0] ?? ''}`
        : state === 'absent'
          ? 'never applied'
          : 'as applied';
  return milliseconds > 0 ? `${what}  ${durationText(milliseconds)}` : what;
}

function summaryOf(stacks: readonly StackDrift[]): string {
  const count = (state: StackDrift['state']): number => stacks.filter((stack) => stack.state === state).length;
  return [
    plural(stacks.length, 'stack'),
    `${count('drift')} drifted`,
    `${count('unknown')} unknown`,
    `${count('none')} as applied`,
    ...(count('absent') > 0 ? [`${count('absent')} never applied`] : []),
  ].join(', ');
}
