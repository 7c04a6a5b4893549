import * as path from 'node:path';
import { API_VERSION, ProblemError, type Problem } from '../core/index.ts';
import type { Engine } from './binary.ts';
import type { EngineCache } from './cache.ts';
import type { Services } from './credentials/index.ts';
import { logFile, makeStateFolder, processFile } from './folders.ts';
import type { JournalEnd } from './journal.ts';
import type { ManifestStack } from './manifest.ts';
import { runDetached, runEngine, type Ended } from './process.ts';
import { markRunning, settle, watchState, type RunningApply } from './running.ts';
import { readStackFile, type StackRecord } from './state.ts';
import type { StackApply, DeclaredStack } from './types.ts';
import { clearRemainders } from './orphans/clear.ts';
import { readUnrecorded } from './orphans/files.ts';
import type { CloudPort } from './orphans/types.ts';
import { ownEnd, sameVersion } from './verify.ts';
import { mustInitialise, openWorkspace, workspaceFolder } from './workspace.ts';

/** What all stacks of one apply share. */
export interface ApplySetting {
  /** The plan destroys what is in it, declared or not. */
  readonly destroys: boolean;
  readonly root: string;
  /** Absolute path of the plan directory. */
  readonly directory: string;
  /** Id of the plan. */
  readonly id: string;
  readonly engine: Engine;
  readonly services: Services;
  /** Asks clouds; without it what they keep by themselves is left. */
  readonly clouds?: CloudPort | undefined;
  /** Whether what a crash left over has to be answered first. */
  readonly asks: boolean;
  /** Asks the cloud once more for what a crash may have left; returns why the stack must not be applied. */
  readonly lookAgain: (stack: string) => Promise<string | undefined>;
  /** Whether the engine has to lock a stack's state itself; not where this run holds its lock already. */
  readonly engineLocks: (stack: string) => boolean;
  /** Runs as many `init` at once as {@link limitsOf} allows: parallel ones race on a shared cache of providers. */
  readonly initOnce: <T>(work: () => Promise<T>) => Promise<T>;
  /** Seconds an apply is waited for; past them it goes on alone. An `init`, which changes nothing, is ended. */
  readonly timeout?: number | undefined;
  readonly cache: EngineCache;
  /** How earlier runs of this directory ended. */
  readonly journal: ReadonlyMap<string, JournalEnd>;
  /** What is declared now, by path. */
  readonly stacks: ReadonlyMap<string, DeclaredStack>;
  /** Collects what was mended or found. */
  readonly problems: Problem[];
}

/** Brings one stack of a verified plan directory to its end. Failures are values. */
export async function applyStack(setting: ApplySetting, stack: ManifestStack): Promise<StackApply> {
  const { cache, journal } = setting;
  const base = { path: stack.path, agency: stack.agency, milliseconds: 0 };
  if (stack.state === 'unchanged') return { ...base, result: 'unchanged' };
  if (stack.state === 'waits') return { ...base, result: 'waits', because: waitsText(stack), by: stack.waitsFor[0] };
  if (stack.state === 'skipped') return { ...base, result: 'waits', because: stack.reason };
  if (stack.state === 'failed') return { ...base, result: 'failed', because: `could not be planned: ${stack.error ?? ''}` };

  const before = ownEnd(stack, journal);
  if (before?.result === 'applied') return { ...base, result: 'applied', because: 'applied by an earlier run of this plan' };
  if (before !== undefined && !sameVersion(cache.state(stack.path).head, stack.before)) {
    return { ...base, result: 'failed', because: `an earlier run of this plan got part of it done (${firstLine(before.because)}): plan again for the rest` };
  }
  for (const [producer, outputs] of Object.entries(stack.reads)) {
    if ((cache.state(producer).head?.outputs ?? null) === outputs) continue;
    return { ...base, result: 'failed', because: `outputs it reads from ${producer} are no longer those it was planned with: plan again` };
  }
  try {
    return await runApply(setting, stack);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { ...base, result: 'failed', because: error.problems.map(({ message }) => message).join('; ') };
  }
}

/** What a waiting stack waits for, in words. */
export function waitsText(stack: ManifestStack): string {
  return `waits for ${stack.waitsFor.join(', ')}: plan again once applied`;
}

async function runApply(setting: ApplySetting, stack: ManifestStack): Promise<StackApply> {
  const { root, id, engine, cache, services } = setting;
  const unanswered = readUnrecorded(root, stack.path);
  if (setting.asks && unanswered !== undefined) {
    const because = `an earlier apply was cut off with ${unanswered.resources.length} resources not in the state; what exists would be made twice (vcloud orphans list ${stack.path})`;
    return { path: stack.path, agency: stack.agency, result: 'failed', because, milliseconds: 0 };
  }
  const late = await setting.lookAgain(stack.path);
  if (late !== undefined) return { path: stack.path, agency: stack.agency, result: 'failed', because: late, milliseconds: 0 };
  const folder = makeStateFolder(root, stack.path);
  const declared = setting.stacks.get(stack.path);
  const working = workspaceFolder(root, stack.path, declared);
  const environment = services.environmentOf(stack.path);
  const unready = await makeReady(setting, stack.path, environment);
  if (unready !== undefined) return { path: stack.path, agency: stack.agency, result: 'failed', because: unready, milliseconds: 0 };
  const running: RunningApply = {
    apiVersion: API_VERSION,
    kind: 'RunningApply',
    id,
    stack: stack.path,
    folder: working === folder ? undefined : path.relative(root, working).split(path.sep).join('/'),
    key: stack.key,
    log: logFile(id, stack.path),
    engine: { name: engine.name, version: engine.version },
    // What is destroyed is not as declared: its next plan makes it again.
    digest: setting.destroys ? undefined : stack.digest,
    reads: stack.reads,
    actor: services.actorOf(stack.path),
    record: recordOf(setting, stack),
  };
  markRunning(root, running);
  const stop = watchState(folder);
  let ended: Ended;
  try {
    ended = await runDetached({
      binary: engine.binary,
      arguments: [
        'apply',
        '-json',
        '-input=false',
        setting.engineLocks(stack.path) ? '-lock-timeout=60s' : '-lock=false',
        path.join(setting.directory, stack.saved?.plan ?? ''),
      ],
      folder: working,
      environment,
      timeout: setting.timeout,
      log: path.join(root, running.log),
      processFile: path.join(folder, processFile),
    });
  } finally {
    stop();
  }
  if (ended.overdue === true) {
    const because = `no end after ${setting.timeout ?? 0} s (engine.timeout): it goes on alone and is never signalled; the next plan or apply waits for it (log: ${running.log})`;
    return { path: stack.path, agency: stack.agency, result: 'failed', because, milliseconds: ended.milliseconds, log: running.log };
  }
  const ok = ended.code === 0;
  const because = ok
    ? undefined
    : ended.signal === undefined
      ? ended.stderr || `the engine ended with ${ended.code ?? 'no exit code'}`
      : `the engine was ended by ${ended.signal}`;
  // Should the store not answer now, the marker stays and the next run takes the end from log and state.
  await cache.refresh([stack.path]);
  const settled = settle(root, running, cache, { ok, because });
  setting.problems.push(...settled.problems);
  setting.problems.push(...(await clearRemainders({ root, clouds: setting.clouds, stack: stack.path, declared, log: running.log, environment })));
  return {
    path: stack.path,
    agency: stack.agency,
    result: settled.result === 'applied' ? 'applied' : 'failed',
    because: settled.because === undefined ? undefined : `${settled.because} (log: ${running.log})`,
    milliseconds: ended.milliseconds,
    log: running.log,
  };
}

/** What the plan was made in, on the machine that applies it: what was declared was compared with the plan. Returns what failed. */
async function makeReady(
  { root, engine, services, stacks, cache, initOnce, timeout }: ApplySetting,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const workspace = openWorkspace(root, name, stacks.get(name), services.states);
  if (!mustInitialise(workspace, cache.initialised(name, engine) ?? workspace.needs)) return undefined;
  const ended = await initOnce(
    async () =>
      await runEngine({
        binary: engine.binary,
        arguments: ['init', '-input=false', '-no-color', ...workspace.initArguments],
        folder: workspace.folder,
        environment,
        timeout,
      }),
  );
  if (ended.code !== 0) return ended.stderr.trim() || 'the engine could not be initialised';
  if (workspace.needs !== undefined) cache.setInitialised(name, engine, workspace.needs);
  return undefined;
}

function recordOf(setting: ApplySetting, stack: ManifestStack): StackRecord | undefined {
  const declared = setting.stacks.get(stack.path);
  if (declared === undefined) return readStackFile(setting.root, stack.path);
  const { path: name, agency, environment, tenant, cloud, authority, tags, protect, folder, dependsOn, reads } = declared;
  return { apiVersion: API_VERSION, kind: 'AppliedStack', path: name, agency, environment, tenant, cloud, authority, tags, protect, folder, dependsOn, reads };
}

function firstLine(text: string | undefined): string {
  return text?.split('\n')[0] ?? 'cut off';
}
