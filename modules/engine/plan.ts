import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  API_VERSION,
  canonicalJson,
  fail,
  plural,
  privateFolder,
  ProblemError,
  sha256,
  sortedBy,
  withWriteLock,
  writeFileAtomic,
  type Problem,
} from '../core/index.ts';
import { findEngine, isEngine, type Engine, type EngineChoice } from './binary.ts';
import { EngineCache } from './cache.ts';
import { checkRecipients, createStates, openRun, sealPlan, type ServiceSettings } from './credentials/index.ts';
import { childEnvironment } from './environment.ts';
import { planDirectory, planLogFile } from './folders.ts';
import { gather, type Subject } from './gather.ts';
import { logPlan } from './approval/gate.ts';
import { plannerKey, signPlan } from './approval/planner.ts';
import { loadApprovalPolicy } from './approval/policy.ts';
import { manifestFile, planId, realNames, type Manifest, type ManifestStack, type SavedDigests, type SavedPlan } from './manifest.ts';
import { providersMoved, removeOldPlans, removeStray, reusePlan } from './plan-files.ts';
import { blockers, settleOrder } from './plan-order.ts';
import { planStack } from './plan-stack.ts';
import { dependentProblems, destroyProblems, removalProblems, type DestroyRequest } from './destroy/guard.ts';
import { toDestroy } from './destroy/subjects.ts';
import { ReadyQueue, runUnits } from './queue.ts';
import { inputsDigest, writeReview, type PlanFacts, type ReviewPage } from './review/index.ts';
import { tell, voiceOf, type Listening } from './messages/index.ts';
import { PreflightStep, type PreflightSettings } from './preflight/index.ts';
import { cloudChange } from './moves/cloud.ts';
import { likelyMoveProblem, likelyMoves } from './moves/likely.ts';
import { recover } from './recover.ts';
import { orderRemovals } from './removal-order.ts';
import { releaseLeftLocks } from './store/acquire.ts';
import { orphanProblem, unansweredStacks, unansweredText } from './orphans/index.ts';
import { writeStackFile } from './running.ts';
import { atMost, criticalPaths, Durations, durationText, limitsOf, RunProgress, withRetry, type TimedUnit } from './schedule/index.ts';
import { changedStacks, chooseStacks, selectables, type Choice, type Selectable, type Selection } from './select/index.ts';
import { readStackFile, type StackRecord } from './state.ts';
import { refusePulumiStates } from './adapters/states.ts';
import type { PulumiSettings } from './adapters/pulumi/setting.ts';
import type { PlanRun, StackPlan, DeclaredStack } from './types.ts';

export interface PlanOptions extends ServiceSettings, PulumiSettings, PreflightSettings, Listening {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** All stacks of the synthesis, whatever is selected: what is not among them counts as removed. */
  readonly stacks: readonly DeclaredStack[];
  readonly select?: Selection | undefined;
  /** Plan every stack again, also those nothing happened to. */
  readonly all?: boolean | undefined;
  /** Save every plan with changes as JSON too, values included (costs about a third more). */
  readonly details?: boolean | undefined;
  /** Read the changes of every stack attribute by attribute, also where many stacks only create (60 ms a stack: about half as much again). */
  readonly attributes?: boolean | undefined;
  /** What those who declare know of the plan: its input files, names, levels, values others rely on. */
  readonly facts?: PlanFacts | undefined;
  /** Makes the page people review. */
  readonly page?: ReviewPage | undefined;
  /** age recipients (`age1...`): what of the plan directory holds secrets is encrypted to them. */
  readonly encryptTo?: readonly string[] | undefined;
  /** Plan the destruction of stacks that are no longer declared: all of them, or those named. */
  readonly allowRemove?: boolean | readonly string[] | undefined;
  /** Plan the destruction of everything selected, declared or not, in the reverse order of dependencies. */
  readonly destroy?: DestroyRequest | undefined;
  readonly binary?: EngineChoice | undefined;
  /** Stacks planned at once; by default as many as cores and memory bear. */
  readonly parallelism?: number | undefined;
  /** `init` run at once; by default as many as plans, one where they share a cache of providers. */
  readonly init?: number | undefined;
  /** Seconds one plan or `init` may take; past them it is ended, which changes nothing. */
  readonly timeout?: number | undefined;
  /** Pause before a second attempt after a transient failure, in milliseconds; it doubles. */
  readonly firstPause?: number | undefined;
  /** Id of the plan whose unfinished part this one plans again. */
  readonly continues?: string | undefined;
  /** Key (`file:PATH`, `ssh:PATH`, `ssh-agent`) of the principal that plans: its signature tells jobs elsewhere who did. */
  readonly key?: string | undefined;
  /** What the engine's process needs beyond a plain environment (credentials resolved by the caller). */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** After it no stack is planned any more; those it left are reported as stopped. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Up to so many stacks without a state are read attribute by attribute unasked. What only creates is told by its
 * configuration, and a first plan of hundreds would pay half as much again for pages nobody reads; what changes or destroys is
 * always read.
 */
const mostFresh = 25;

/**
 * Plans every selected stack whose inputs are known, into one directory that `apply` takes. A stack that reads what
 * another has yet to make or change waits for it; nothing is ever assumed. A stack whose configuration, engine, state
 * and inputs are those of its last plan is not planned again.
 */
export async function plan(options: PlanOptions): Promise<PlanRun> {
  const { root, all = false, details = false, select = {} } = options;
  const reporter = voiceOf(options);
  if (options.binary === 'pulumi') return await (await import('./adapters/pulumi/preview.ts')).previewAll({ ...options, reporter: voiceOf(options) });
  refusePulumiStates(root, options.stacks);
  const child = childEnvironment(process.env, options.environment);
  const limits = limitsOf(options, child);
  if (options.encryptTo !== undefined) await checkRecipients(options.encryptTo);
  const signing = await plannerKey(root, options.key, loadApprovalPolicy(root));
  privateFolder(root);
  return await withWriteLock(root, 'plan', async () => {
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
    const services = isEngine(engine) ? await openRun({ ...options, engine, environment: child, cache }) : undefined;
    const problems: Problem[] = isEngine(engine) ? await recover(root, { cache, reporter, timeout: options.timeout }) : [];
    if (services !== undefined) problems.push(...(await releaseLeftLocks(services.states)));
    const candidates = selectables(root, options.stacks);
    const choice = chooseStacks(select, { stacks: candidates, changed: () => changedStacks(root, options.stacks, cache) });
    problems.push(...choice.problems);
    const chosen = sortedBy(
      options.stacks.filter((stack) => choice.paths.has(stack.path)),
      (stack) => stack.path,
    );
    // What is removed is as real as it was when it was applied.
    const leaving = candidates.filter((one) => one.removed === true && choice.paths.has(one.path) && mayRemove(options, one.path));
    if (options.destroy === undefined && leaving.length > 0) {
      const named = new Set(Array.isArray(options.allowRemove) ? (options.allowRemove as readonly string[]) : []);
      const refused = removalProblems(
        root,
        leaving.map((one) => one.path),
        named,
      );
      if (refused.length > 0) throw new ProblemError(refused);
    }
    const environments = [...chosen, ...leaving.map((one) => readStackFile(root, one.path))].map((one) => one?.environment);
    const environment = environments.includes('production') ? 'production' : 'sandbox';
    if (!isEngine(engine)) {
      const stacks = chosen.map((stack) => entry(stack, { state: 'skipped', reason: engine.reason }));
      return { id: planId([environment, chosen.map((stack) => stack.digest)]), environment, stacks, unavailable: engine };
    }
    if (services === undefined) throw new Error('no stores');
    const running = services;
    const { states } = running;
    await createStates(
      services,
      cache,
      chosen.map((stack) => stack.path),
    );
    if (options.destroy !== undefined) {
      const refused = destroyProblems({ root, stacks: options.stacks, candidates, chosen: choice.paths, request: options.destroy, cache });
      if (refused.length > 0) throw new ProblemError(refused);
    }
    if (options.destroy === undefined && leaving.length > 0) {
      const going = new Set(leaving.map((one) => one.path));
      const removed = new Set(candidates.filter((one) => one.removed === true).map((one) => one.path));
      // What is planned beside them lets go of them first (see the order of removals); all else goes on using them.
      const stays = (name: string): boolean => !going.has(name) && (removed.has(name) || !choice.paths.has(name));
      const hint = 'plan and apply it first, which lets go of what it used, or select it too; where it is declared no more either, name it as well';
      const refused = dependentProblems({ root, candidates, going, stays, cache, hint });
      if (refused.length > 0) throw new ProblemError(refused);
    }
    const everything = gather(root, {
      stacks: options.stacks,
      selected: choice.paths,
      chosen,
      engine,
      actorOf: (name) => running.actorOf(name),
      cache,
      problems,
    });
    const gathered = options.destroy === undefined ? everything : toDestroy(everything, engine);
    const records = new Map(gathered.map(({ path: name }) => [name, readStackFile(root, name)]));
    const elsewhere = new Map(gathered.map(({ path: name, stack, head }) => [name, cloudChange(stack, head, records.get(name))]));
    problems.push(...[...elsewhere.values()].filter((found) => found !== undefined));
    const ordered = orderRemovals(
      gathered.map(({ path: name, after, stack }) => {
        const record = stack === undefined && !mayRemove(options, name) ? undefined : records.get(name);
        const used = [...(record?.reads ?? []), ...(record?.dependsOn ?? [])];
        if (options.destroy === undefined) return { id: name, after, before: used, removed: stack === undefined };
        return { id: name, after, before: [...used, ...(stack?.reads ?? []), ...(stack?.dependsOn ?? [])], removed: true };
      }),
    );
    problems.push(...ordered.problems);
    // What exists already would be made again: that is answered before anything of such a stack is planned.
    const { clouds } = options;
    const finding = clouds && { root, engine, services, clouds, stacks: options.stacks, reporter };
    const unanswered = finding === undefined ? undefined : await unansweredStacks(finding, (name) => choice.paths.has(name));
    problems.push(...[...(unanswered?.values() ?? [])].map(orphanProblem));
    const looked =
      options.destroy === undefined
        ? await PreflightStep.begin(options, { root, declared: options.stacks, subjects: gathered, cache, services: running })
        : undefined;
    const subjects = gathered.map((subject): Subject => {
      const question = unanswered?.get(subject.path);
      const broken = subject.broken ?? elsewhere.get(subject.path)?.message ?? (question && unansweredText(question)) ?? looked?.refusal(subject.path);
      return { ...subject, broken, after: ordered.after.get(subject.path) ?? subject.after };
    });
    const { continues } = options;
    const id = planId([
      API_VERSION,
      environment,
      choice.expression ?? null,
      continues ?? null,
      options.allowRemove ?? false,
      ...(options.destroy === undefined ? [] : ['destroy']),
      subjects.map(({ path: name, key }) => [name, key]),
      // The saved plan that was cut off says what was in flight: its directory must not be written anew.
      ...((unanswered?.size ?? 0) > 0 ? [[...(unanswered?.keys() ?? [])]] : []),
      inputsDigest(options.facts) ?? null,
      ...(states.identity === 'local' ? [] : [states.identity]),
    ]);
    const directory = planDirectory(id);
    const folder = privateFolder(root, 'plans', id, 'stacks');
    // A directory that is being written must not be taken for a whole one.
    if (all) fs.rmSync(path.join(root, directory, manifestFile), { force: true });

    const fresh = subjects.filter(({ head }) => head === undefined).length;
    const results = new Map<string, ManifestStack & { readonly milliseconds: number }>();
    const initOnce = atMost(limits.init);
    const durations = new Durations(root, 'plan');
    // A circle is found here and not when half of it is applied.
    new ReadyQueue(subjects.map((subject) => ({ id: subject.path, after: subject.after })));
    const bySubject = new Map(subjects.map((subject) => [subject.path, subject]));
    const timed = (subject: Subject): boolean => all || cache.memory(subject.path)?.key !== subject.key;
    // Only what a stack reads must be planned before it, because only that decides whether it waits.
    const units = subjects.map((subject): TimedUnit => {
      return {
        id: subject.path,
        after: options.destroy === undefined ? (subject.stack?.reads ?? []) : [],
        expected: timed(subject) ? durations.of(subject.path) : 0,
      };
    });
    // What the last plan still answers is no news.
    const news = new Set(subjects.filter(timed).map((subject) => subject.path));
    const progress = new RunProgress({ reporter, step: 'plan', units: units.filter(({ id }) => news.has(id)), parallelism: limits.parallelism });
    await runUnits(units, { parallelism: limits.parallelism, weights: criticalPaths(units), signal: options.signal }, async (name) => {
      const subject = bySubject.get(name);
      if (subject === undefined) return true;
      progress.begin(name);
      const result = await one(subject);
      results.set(name, result);
      if (result.milliseconds > 0 && result.state !== 'failed') durations.add(name, result.milliseconds);
      progress.end(name, { failed: result.state === 'failed', line: lineOf(result) });
      return true;
    });

    async function one(subject: Subject): Promise<ManifestStack & { readonly milliseconds: number }> {
      const { path: name, stack, head, key } = subject;
      const { cloud, tenant, authority } = stack ?? {};
      const actor = stack && { cloud, tenant, authority };
      const base = { ...rest(subject), before: head && { serial: head.serial, lineage: head.lineage }, actor, digest: stack?.digest };
      const end = (plan: StackPlan, saved?: ManifestStack['saved']): ManifestStack & { readonly milliseconds: number } => ({ ...base, ...plan, saved });
      if (subject.broken !== undefined) return end(entry(subject, { state: 'failed', error: subject.broken }));
      if (options.destroy !== undefined && (head?.resources ?? 0) === 0) return end(entry(subject, { state: 'unchanged' }));
      if (stack === undefined && !mayRemove(options, name)) {
        const reason = 'no longer declared, and destroyed only when allowed (--allow-remove)';
        return end(entry(subject, { state: 'skipped', destroy: head?.resources ?? 0, removed: true, reason }));
      }
      const waitsFor = stack === undefined || options.destroy !== undefined ? [] : blockers(stack, results, cache);
      if (waitsFor.length > 0) return end(entry(subject, { state: 'waits', waitsFor }));

      const attributes = options.attributes === true || head !== undefined || fresh <= mostFresh;
      const files = ({ sha256, jsonSha256, changesSha256, providers }: SavedDigests): SavedPlan => ({
        plan: `stacks/${name}.tfplan`,
        sha256,
        ...(jsonSha256 === undefined ? {} : { json: `stacks/${name}.json`, jsonSha256 }),
        ...(changesSha256 === undefined || !attributes ? {} : { changes: `stacks/${name}.changes.json`, changesSha256 }),
        providers,
      });
      // What only its plan tells is looked at again with every plan.
      const wanted = looked?.wants(name) === true;
      const memory = all || wanted ? undefined : cache.memory(name);
      if (memory?.key === key) {
        if (memory.planned === undefined) {
          if (options.destroy === undefined) noteApplied(root, subject, records.get(name));
          return end(entry(subject, { state: 'unchanged' }));
        }
        const planned = attributes ? memory.planned : { ...memory.planned, changesSha256: undefined };
        const complete = (!details || planned.jsonSha256 !== undefined) && (!attributes || planned.changesSha256 !== undefined);
        if (complete && !providersMoved(root, name, stack, planned) && reusePlan(root, planned, name, folder)) {
          // The next run takes it from here: older directories do not stay for ever.
          cache.remember(name, { key, planned: { ...planned, id } });
          return end({ ...planned.plan, milliseconds: 0 }, files(planned));
        }
      }
      const log = planLogFile(id, name);
      const planning = {
        root,
        engine: engine as Engine,
        environment: () => running.environmentOf(name),
        path: name,
        agency: subject.agency,
        stack,
        destroy: options.destroy !== undefined,
        states,
        names: realNames(stack ?? { resources: [] }),
        sandbox: ((stack ?? readStackFile(root, name))?.environment ?? environment) === 'sandbox',
        planFile: path.join(folder, `${name}.tfplan`),
        jsonFile: details ? path.join(folder, `${name}.json`) : undefined,
        changesFile: attributes ? path.join(folder, `${name}.changes.json`) : undefined,
        onShown: wanted ? (shown: string) => looked?.look(name, shown) : undefined,
        initialised: cache.initialised(name, engine as Engine),
        initOnce,
        timeout: options.timeout,
        log: path.join(root, log),
      };
      privateFolder(root, 'logs', id);
      fs.rmSync(path.join(root, log), { force: true });
      const { result: planned, attempts } = await withRetry(() => planStack(planning), {
        failure: ({ plan: { state, error } }) => (state === 'failed' ? error : undefined),
        firstPause: options.firstPause,
        signal: options.signal,
        onRetry: ({ what }, attempt, pause) => tell(reporter, { code: 'ENGINE-RETRY', level: 'warning', step: 'plan', stack: name, what, attempt, pause }),
      });
      if (planned.initialised !== undefined) cache.setInitialised(name, engine as Engine, planned.initialised);
      const refusal = wanted ? looked?.refusal(name) : undefined;
      if (refusal !== undefined) {
        cache.forget(name);
        return end({ ...entry(subject, { state: 'failed', error: refusal }), log });
      }
      if (planned.plan.state === 'failed') cache.forget(name);
      else cache.remember(name, planned.saved === undefined ? { key } : { key, planned: { id, plan: planned.plan, ...planned.saved } });
      if (planned.plan.state === 'unchanged' && options.destroy === undefined) noteApplied(root, subject, records.get(name));
      return end({ ...planned.plan, attempts: attempts > 1 ? attempts : undefined, log }, planned.saved === undefined ? undefined : files(planned.saved));
    }

    const ended = [...results.values()].filter(({ state }) => state !== 'failed').length;
    if (options.signal?.aborted === true && ended < subjects.length) {
      // Half a plan would be reviewed as if it were whole. What was planned is taken over by the next one.
      cache.save();
      durations.save();
      fail('ENGINE-INTERRUPTED', `interrupted: ${ended} of ${plural(subjects.length, 'stack')} planned, and no plan directory was made`, {
        hint: 'plan again: what was planned and has not changed since is not planned twice',
      });
    }
    const stacks = settleOrder(
      subjects.map(
        (subject) => results.get(subject.path) ?? { ...rest(subject), ...entry(subject, { state: 'failed', error: 'interrupted before it was planned' }) },
      ),
    );
    if (options.destroy === undefined) {
      for (const { path: name, state, changes } of stacks) {
        const stack = bySubject.get(name)?.stack;
        const pairs = stack === undefined || state !== 'planned' ? [] : likelyMoves(root, stack, changes);
        if (pairs.length > 0) problems.push(likelyMoveProblem(name, pairs));
      }
    }
    const plain: Manifest = {
      apiVersion: API_VERSION,
      kind: 'PlanManifest',
      id,
      engine: { name: engine.name, version: engine.version },
      environment,
      backend: states.identity,
      selection: { expression: choice.expression, excluded: excludedOf(candidates, choice) },
      continues,
      purpose: options.destroy === undefined ? undefined : 'destroy',
      // How long it took is no part of what was planned.
      stacks: stacks.map((stack) => ({ ...stack, milliseconds: undefined, attempts: undefined, log: undefined })),
    };
    removeStray(folder, plain);
    const preflight = looked?.end();
    const manifest = await writeReview(root, directory, plain, { ...options, preflight });
    const text = `${canonicalJson(manifest, 2)}\n`;
    writeFileAtomic(path.join(root, directory, manifestFile), text, { mode: 0o600 });
    problems.push(...logPlan(root, manifest, text));
    if (signing !== undefined) await signPlan(path.join(root, directory), { plan: id, manifest: sha256(text) }, signing);
    cache.save();
    durations.save();
    removeOldPlans(root, id);
    if (options.encryptTo !== undefined) await sealPlan(path.join(root, directory), options.encryptTo);
    const run: PlanRun = {
      id,
      directory,
      engine: manifest.engine,
      environment,
      stacks: stacks.map(toPlan),
      excluded: manifest.selection.excluded,
      continues,
      purpose: manifest.purpose,
      limits,
      approvals: manifest.facts?.approvals,
      ...(preflight === undefined ? {} : { preflight }),
      problems,
    };
    reporter.end(summaryOf(run));
    return run;
  });
}

/** What is declared is what is there: as good as applied, also where an apply of it never was needed. */
function noteApplied(root: string, { path: name, stack, head, reads }: Subject, before: StackRecord | undefined): void {
  if (stack === undefined || head === undefined) return;
  const { agency, tenant, cloud, authority, tags, protect, folder, environment, dependsOn, digest } = stack;
  const base = { path: name, agency, tenant, cloud, authority, tags, protect, folder, environment, dependsOn, reads: stack.reads };
  const record: StackRecord = { apiVersion: API_VERSION, kind: 'AppliedStack', ...base, applied: { digest, reads } };
  // Who it acts as and whether it is protected may change with no word of its configuration, and count once it is removed.
  if (before === undefined || canonicalJson(before) !== canonicalJson(record)) writeStackFile(root, record);
}

/** Declared stacks that were not selected, where a selection was made. */
function excludedOf(candidates: readonly Selectable[], { paths, expression }: Choice): string[] | undefined {
  if (expression === undefined) return undefined;
  return candidates
    .filter((stack) => stack.removed !== true && !paths.has(stack.path))
    .map((stack) => stack.path)
    .sort();
}

/** What people see of a stack when its plan is made. */
function lineOf({ state, add, change, destroy, waitsFor, error, milliseconds }: ManifestStack & { readonly milliseconds: number }): string {
  const what =
    state === 'planned'
      ? `+${add} ~${change} -${destroy}`
      : state === 'waits'
        ? `waits for ${waitsFor.join(', ')}`
        : state === 'failed'
          ? `failed: ${error?.split('\n')[0] ?? ''}`
          : state;
  return milliseconds > 0 ? `${what}  ${durationText(milliseconds)}` : what;
}

/** `12 planned, 180 unchanged, 8 wait`. */
function summaryOf(run: PlanRun): string {
  const count = (state: StackPlan['state']): number => run.stacks.filter((stack) => stack.state === state).length;
  const parts = [
    plural(run.stacks.length, 'stack'),
    `${count('planned')} with changes`,
    `${count('unchanged')} unchanged`,
    ...(count('waits') > 0 ? [`${count('waits')} waiting`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} no longer declared`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
  ];
  return parts.join(', ');
}

function mayRemove({ allowRemove: allow, destroy }: Pick<PlanOptions, 'allowRemove' | 'destroy'>, name: string): boolean {
  return destroy !== undefined || allow === true || (Array.isArray(allow) && (allow as readonly string[]).includes(name));
}

function entry(of: { readonly path: string; readonly agency: string }, given: Pick<StackPlan, 'state'> & Partial<StackPlan>): StackPlan {
  return { path: of.path, agency: of.agency, waitsFor: [], add: 0, change: 0, destroy: 0, changes: [], milliseconds: 0, ...given };
}

function rest({ key, after, reads, dependsOn }: Subject): Pick<ManifestStack, 'key' | 'after' | 'reads' | 'dependsOn'> {
  return { key, after, reads, dependsOn };
}

function toPlan(stack: ManifestStack & { readonly milliseconds: number }): StackPlan {
  const { path: name, agency, state, waitsFor, add, change, destroy, changes, outputs, removed, reason, error, milliseconds, attempts, log } = stack;
  return { path: name, agency, state, waitsFor, add, change, destroy, changes, outputs, removed, reason, error, milliseconds, attempts, log };
}
