import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import {
  API_VERSION,
  canonicalJson,
  didYouMean,
  fail,
  plural,
  privateFolder,
  sha256,
  silent,
  sortedBy,
  withWriteLock,
  writeFileAtomic,
  type Problem,
  type Reporter,
} from '../core/index.ts';
import { findEngine, isEngine, type Engine, type EngineChoice } from './binary.ts';
import { EngineCache } from './cache.ts';
import { childEnvironment } from './environment.ts';
import { planDirectory } from './folders.ts';
import { gather, type Subject } from './gather.ts';
import { isSelected, manifestFile, planId, realNames, type Manifest, type ManifestStack, type Selection } from './manifest.ts';
import { planStack } from './plan-stack.ts';
import { ReadyQueue, runUnits } from './queue.ts';
import { recover } from './recover.ts';
import type { PlanRun, StackPlan, SynthesisedStack } from './types.ts';

/** Plan directories kept, the newest ones. */
const keptPlans = 10;

export interface PlanOptions {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** All stacks of the synthesis, whatever is selected: what is not among them counts as removed. */
  readonly stacks: readonly SynthesisedStack[];
  readonly select?: Selection | undefined;
  /** Plan every stack again, also those nothing happened to. */
  readonly all?: boolean | undefined;
  /** Save every plan with changes as JSON too, values included (costs about a third more). */
  readonly details?: boolean | undefined;
  /** Plan the destruction of stacks that are no longer declared: all of them, or those named. */
  readonly allowRemove?: boolean | readonly string[] | undefined;
  readonly binary?: EngineChoice | undefined;
  /** Stacks planned at once; the number of cores by default. */
  readonly parallelism?: number | undefined;
  /** What the engine's process needs beyond a plain environment (credentials resolved by the caller). */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly reporter?: Reporter | undefined;
}

/**
 * Plans every selected stack whose inputs are known, into one directory that `apply` takes. A stack that reads what
 * another has yet to make or change waits for it; nothing is ever assumed. A stack whose configuration, engine, state
 * and inputs are those of its last plan is not planned again.
 */
export async function plan(options: PlanOptions): Promise<PlanRun> {
  const { root, all = false, details = false, select = {}, reporter = silent } = options;
  const chosen = sortedBy(
    options.stacks.filter((stack) => isSelected(select, stack)),
    (stack) => stack.path,
  );
  const environment = chosen.some((stack) => stack.environment === 'production') ? 'production' : 'sandbox';
  const child = childEnvironment(process.env, options.environment);
  privateFolder(root);
  return await withWriteLock(root, 'plan', async () => {
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary ?? 'auto', child, cache.versions);
    if (!isEngine(engine)) {
      const stacks = chosen.map((stack) => entry(stack, { state: 'skipped', reason: engine.reason }));
      return { id: planId([environment, chosen.map((stack) => stack.digest)]), environment, stacks, unavailable: engine };
    }
    const problems: Problem[] = await recover(root, { cache, reporter });
    const subjects = gather(root, { stacks: options.stacks, select, chosen, engine, cache, problems });
    if (subjects.length === 0) refuseEmptySelection(select, options.stacks);
    const id = planId([API_VERSION, environment, select, options.allowRemove ?? false, subjects.map(({ path: name, key }) => [name, key])]);
    const directory = planDirectory(id);
    const folder = privateFolder(root, 'plans', id, 'stacks');
    // A directory that is being written must not be taken for a whole one.
    if (all) fs.rmSync(path.join(root, directory, manifestFile), { force: true });

    const results = new Map<string, ManifestStack & { readonly milliseconds: number }>();
    const initOnce = oneAtATime();
    // A circle is found here and not when half of it is applied.
    new ReadyQueue(subjects.map((subject) => ({ id: subject.path, after: subject.after })));
    reporter.start('plan', subjects.length);
    const bySubject = new Map(subjects.map((subject) => [subject.path, subject]));
    // Only what a stack reads must be planned before it, because only that decides whether it waits.
    const units = subjects.map((subject) => ({ id: subject.path, after: subject.stack?.reads ?? [] }));
    await runUnits(units, { parallelism: options.parallelism ?? availableParallelism() }, async (name) => {
      const subject = bySubject.get(name);
      if (subject !== undefined) results.set(name, await one(subject));
      reporter.progress(results.size, name);
      return true;
    });

    async function one(subject: Subject): Promise<ManifestStack & { readonly milliseconds: number }> {
      const { path: name, stack, head, key } = subject;
      const base = { ...rest(subject), before: head && { serial: head.serial, lineage: head.lineage }, digest: stack?.digest };
      const end = (plan: StackPlan, saved?: ManifestStack['saved']): ManifestStack & { readonly milliseconds: number } => ({ ...base, ...plan, saved });
      if (subject.broken !== undefined) return end(entry(subject, { state: 'failed', error: subject.broken }));
      if (stack === undefined && !mayRemove(options.allowRemove, name)) {
        const reason = 'no longer declared, and destroyed only when allowed (--allow-remove)';
        return end(entry(subject, { state: 'skipped', destroy: head?.resources ?? 0, removed: true, reason }));
      }
      const waitsFor = stack === undefined ? [] : blockers(stack, results, cache);
      if (waitsFor.length > 0) return end(entry(subject, { state: 'waits', waitsFor }));

      const files = (digests: { sha256: string; jsonSha256?: string | undefined }): ManifestStack['saved'] => ({
        plan: `stacks/${name}.tfplan`,
        json: digests.jsonSha256 === undefined ? undefined : `stacks/${name}.json`,
        sha256: digests.sha256,
        jsonSha256: digests.jsonSha256,
      });
      const memory = all ? undefined : cache.memory(name);
      if (memory?.key === key) {
        if (memory.planned === undefined) return end(entry(subject, { state: 'unchanged' }));
        const { planned } = memory;
        if ((!details || planned.jsonSha256 !== undefined) && reuse(root, planned, name, folder)) {
          // The next run takes it from here: older directories do not stay for ever.
          cache.remember(name, { key, planned: { ...planned, id } });
          return end({ ...planned.plan, milliseconds: 0 }, files(planned));
        }
      }
      const planned = await planStack({
        root,
        engine: engine as Engine,
        environment: child,
        path: name,
        agency: subject.agency,
        json: stack?.json,
        names: realNames(stack ?? { resources: [] }),
        sandbox: (stack?.environment ?? environment) === 'sandbox',
        planFile: path.join(folder, `${name}.tfplan`),
        jsonFile: details ? path.join(folder, `${name}.json`) : undefined,
        initialised: cache.initialised(name),
        initOnce,
      });
      if (planned.initialised !== undefined) cache.setInitialised(name, planned.initialised);
      if (planned.plan.state === 'failed') cache.forget(name);
      else cache.remember(name, planned.saved === undefined ? { key } : { key, planned: { id, plan: planned.plan, ...planned.saved } });
      return end(planned.plan, planned.saved === undefined ? undefined : files(planned.saved));
    }

    const stacks = settleOrder(subjects.flatMap((subject) => results.get(subject.path) ?? []));
    const manifest: Manifest = {
      apiVersion: API_VERSION,
      kind: 'PlanManifest',
      id,
      engine: { name: engine.name, version: engine.version },
      environment,
      selection: select,
      // How long it took is no part of what was planned.
      stacks: stacks.map((stack) => ({ ...stack, milliseconds: undefined })),
    };
    removeStray(folder, manifest);
    writeFileAtomic(path.join(root, directory, manifestFile), `${canonicalJson(manifest, 2)}\n`, { mode: 0o600 });
    cache.save();
    removeOldPlans(root, id);
    const run: PlanRun = { id, directory, engine: manifest.engine, environment, stacks: stacks.map(toPlan), problems };
    reporter.end(summaryOf(run));
    return run;
  });
}

/** A selection that names nothing is a slip of the pen, not a plan without differences. */
function refuseEmptySelection(select: Selection, stacks: readonly SynthesisedStack[]): void {
  const [word, known] = select.stack === undefined ? [select.agency, stacks.map((stack) => stack.agency)] : [select.stack, stacks.map((stack) => stack.path)];
  if (word === undefined) return;
  fail('ENGINE-NOTHING-SELECTED', `no stack is selected by ${select.stack === undefined ? 'agency' : 'stack'} "${word}"`, {
    hint: didYouMean(word, new Set(known)),
  });
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

/** The stacks whose outputs this one reads and that are not known yet, with what those wait for themselves. */
function blockers(stack: SynthesisedStack, results: ReadonlyMap<string, ManifestStack>, cache: EngineCache): string[] {
  const found = new Set<string>();
  for (const producer of stack.reads) {
    const result = results.get(producer);
    if (result === undefined) {
      if (cache.state(producer).head === undefined) found.add(producer);
      continue;
    }
    const moves =
      result.state === 'failed' || result.state === 'waits' || (result.state === 'planned' && (result.before === undefined || (result.outputs ?? 0) > 0));
    if (!moves) continue;
    found.add(producer);
    for (const other of result.waitsFor) found.add(other);
  }
  return [...found].sort();
}

/** A stack with changes that must come after one that cannot be applied now has to wait too. */
function settleOrder<T extends ManifestStack>(stacks: readonly T[]): T[] {
  const settled = new Map(stacks.map((stack) => [stack.path, stack]));
  for (let again = true; again;) {
    again = false;
    for (const stack of settled.values()) {
      if (stack.state !== 'planned') continue;
      const held = stack.after.filter((name) => ['waits', 'failed'].includes(settled.get(name)?.state ?? ''));
      if (held.length === 0) continue;
      const waitsFor = [...new Set(held.flatMap((name) => [name, ...(settled.get(name)?.waitsFor ?? [])]))].sort();
      settled.set(stack.path, { ...stack, state: 'waits', waitsFor, add: 0, change: 0, destroy: 0, outputs: 0, changes: [], saved: undefined });
      again = true;
    }
  }
  return [...settled.values()];
}

function mayRemove(allow: PlanOptions['allowRemove'], name: string): boolean {
  return allow === true || (Array.isArray(allow) && (allow as readonly string[]).includes(name));
}

/** Takes a saved plan over from the directory it was made in, if it still lies there as it was written. */
function reuse(
  root: string,
  planned: { readonly id: string; readonly sha256: string; readonly jsonSha256?: string | undefined },
  name: string,
  folder: string,
): boolean {
  const from = path.join(root, planDirectory(planned.id), 'stacks');
  for (const [file, digest] of [
    [`${name}.tfplan`, planned.sha256],
    [`${name}.json`, planned.jsonSha256],
  ] as const) {
    if (digest === undefined) continue;
    try {
      const bytes = fs.readFileSync(path.join(from, file));
      if (sha256(bytes) !== digest) return false;
      writeFileAtomic(path.join(folder, file), bytes, { mode: 0o600, durable: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }
  return true;
}

/** Plans hold secrets in clear, and most are stale soon: the last ones stay, this one in any case. */
function removeOldPlans(root: string, id: string): void {
  const plans = path.join(root, '.vcloud', 'plans');
  const others = fs.readdirSync(plans).filter((name) => name !== id);
  if (others.length < keptPlans) return;
  const age = new Map(others.map((name) => [name, fs.statSync(path.join(plans, name)).mtimeMs]));
  others.sort((a, b) => (age.get(b) ?? 0) - (age.get(a) ?? 0));
  for (const name of others.slice(keptPlans - 1)) fs.rmSync(path.join(plans, name), { recursive: true, force: true });
}

function removeStray(folder: string, manifest: Manifest): void {
  const wanted = new Set(manifest.stacks.flatMap(({ saved }) => (saved === undefined ? [] : [path.basename(saved.plan), path.basename(saved.json ?? '')])));
  for (const name of fs.readdirSync(folder)) if (!wanted.has(name)) fs.rmSync(path.join(folder, name), { force: true });
}

function entry(of: { readonly path: string; readonly agency: string }, given: Pick<StackPlan, 'state'> & Partial<StackPlan>): StackPlan {
  return { path: of.path, agency: of.agency, waitsFor: [], add: 0, change: 0, destroy: 0, changes: [], milliseconds: 0, ...given };
}

function rest({ key, after, reads, dependsOn }: Subject): Pick<ManifestStack, 'key' | 'after' | 'reads' | 'dependsOn'> {
  return { key, after, reads, dependsOn };
}

function toPlan(stack: ManifestStack & { readonly milliseconds: number }): StackPlan {
  const { path: name, agency, state, waitsFor, add, change, destroy, changes, outputs, removed, reason, error, milliseconds } = stack;
  return { path: name, agency, state, waitsFor, add, change, destroy, changes, outputs, removed, reason, error, milliseconds };
}

/** Runs what it is given one after the other, in the order of the calls. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work, work);
    last = mine;
    return await mine;
  };
}
