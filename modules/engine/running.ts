import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, isAlive, isObject, problem, readTextIfPresent, writeFileAtomic, type Problem } from '../core/index.ts';
import type { Engine } from './binary.ts';
import type { EngineCache } from './cache.ts';
import { readEngineLog, type EngineLog } from './events.ts';
import { processFile, runningFile, stackFile, stateFile, stateFolder } from './folders.ts';
import { appendJournal, readJournal, type JournalEnd } from './journal.ts';
import { claimFile } from './schedule/claims.ts';
import { inputKey } from './manifest.ts';
import { noteUnrecorded, pendingImports, writeImports } from './orphans/files.ts';
import { keepGoodState, readStackFile, readState, type StackRecord, type StateHead } from './state.ts';

/** `running.json` in a stack's working folder: an apply that began and of which the end is not in the journal yet. */
export interface RunningApply {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'RunningApply';
  /** Plan it applies. */
  readonly id: string;
  readonly stack: string;
  /** Working folder of its process, relative to the federation's, where it is not the stack's own. */
  readonly folder?: string | undefined;
  readonly key: string;
  /** Log relative to the federation's folder. */
  readonly log: string;
  readonly engine: Pick<Engine, 'name' | 'version'>;
  readonly digest?: string | undefined;
  readonly reads: Readonly<Record<string, string | null>>;
  /** What its processes reach, and as whom (`Services.actorOf`). */
  readonly actor?: string | undefined;
  /** What the stack is once this apply ended well. */
  readonly record?: StackRecord | undefined;
}

/** Says on disk that an apply begins, before it does. */
export function markRunning(root: string, running: Omit<RunningApply, 'apiVersion' | 'kind'>): void {
  const folder = stateFolder(root, running.stack);
  const before = readStackFile(root, running.stack);
  const { record = before } = running;
  // Until it ended well it may still use what it used before: whoever removes that must come after it.
  const union = (a: readonly string[], b: readonly string[] = []): string[] => [...new Set([...a, ...b])].sort();
  if (record !== undefined) {
    writeStackFile(root, { ...record, dependsOn: union(record.dependsOn, before?.dependsOn), reads: union(record.reads, before?.reads), applied: undefined });
  }
  fs.rmSync(path.join(folder, processFile), { force: true });
  writeFileAtomic(path.join(folder, runningFile), `${canonicalJson({ apiVersion: API_VERSION, kind: 'RunningApply', ...running }, 2)}\n`, { mode: 0o600 });
  appendJournal(root, running.id, { event: 'start', stack: running.stack, key: running.key });
}

/** Writes what a stack is, into its working folder. */
export function writeStackFile(root: string, record: StackRecord): void {
  writeFileAtomic(path.join(stateFolder(root, record.path), stackFile), `${canonicalJson(record, 2)}\n`, { mode: 0o600 });
}

/** What was left running or cut off in a stack's folder; undefined when nothing was. */
export function readRunning(root: string, stack: string): RunningApply | undefined {
  const text = readTextIfPresent(path.join(stateFolder(root, stack), runningFile));
  if (text === undefined) return undefined;
  const value = bringForward(JSON.parse(text), { file: `.vcloud/state/${stack}/${runningFile}` });
  return isObject(value) && value['kind'] === 'RunningApply' ? (value as unknown as RunningApply) : undefined;
}

/** The process that applies the stack, if it still runs. */
export function runningProcess(root: string, stack: string): number | undefined {
  const folder = stateFolder(root, stack);
  const pid = Number(readTextIfPresent(path.join(folder, processFile))?.trim() ?? Number.NaN);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  try {
    // The number may belong to another process by now.
    if (process.platform === 'linux' && fs.readlinkSync(`/proc/${pid}/cwd`) !== fs.realpathSync(workingFolder(root, stack))) return undefined;
  } catch {
    return isAlive(pid) && process.platform !== 'linux' ? pid : undefined;
  }
  return pid;
}

function workingFolder(root: string, stack: string): string {
  const elsewhere = readRunning(root, stack)?.folder;
  return elsewhere === undefined ? stateFolder(root, stack) : path.join(root, elsewhere);
}

/** Copies the state aside each time the engine has written it whole. Returns what stops it. */
export function watchState(folder: string): () => void {
  const copy = (): void => {
    try {
      keepGoodState(folder, { durable: false });
    } catch {
      // The next write is seen again, and the end of the apply looks at the state in any case.
    }
  };
  try {
    // One write of the engine gives several events; a copy is made once they are over.
    let pending: NodeJS.Timeout | undefined;
    const watcher = fs.watch(folder, (_, name) => {
      if (name !== stateFile || pending !== undefined) return;
      pending = setTimeout(() => {
        pending = undefined;
        copy();
      }, 4);
    });
    return () => {
      clearTimeout(pending);
      watcher.close();
    };
  } catch {
    const timer = setInterval(copy, 50);
    return () => clearInterval(timer);
  }
}

/** How an apply ended, as far as log and state tell. */
export interface Settled {
  readonly result: JournalEnd['result'];
  readonly because?: string | undefined;
  readonly head?: StateHead | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Brings an ended apply to the books: state mended, end in the journal, marker removed. `because` is what the caller
 * knows of a bad end; without it the log decides.
 */
export function settle(
  root: string,
  running: RunningApply,
  cache: EngineCache,
  ended?: { readonly ok: boolean; readonly because?: string | undefined },
): Settled {
  const log = readEngineLog(readTextIfPresent(path.join(root, running.log)) ?? '');
  const mended = cache.state(running.stack);
  const problems = [...mended.problems];
  // A restored state may lack the last that was done, whatever the log says.
  const restored = mended.problems.some((found) => found.code === 'ENGINE-STATE-RESTORED');
  const applied = (ended === undefined ? log.applied : ended.ok) && !restored;
  const missing = applied ? [] : unrecorded(root, running.stack, log);
  if (missing.length > 0) {
    problems.push(unrecordedProblem(running.stack, missing, running.log));
  }
  const result = applied ? 'applied' : log.errors.length > 0 ? 'failed' : 'interrupted';
  const because = applied ? undefined : log.errors.length > 0 ? log.errors.join('\n') : (ended?.because ?? 'the engine was killed before it ended');
  const state = mended.head && { serial: mended.head.serial, lineage: mended.head.lineage };
  // Noted before the end is, so that no crash between the two loses it. The sandbox makes nothing that could be left over.
  if (!applied && running.record?.environment === 'production') {
    const logFile = path.join(root, running.log);
    noteUnrecorded(root, {
      stack: running.stack,
      plan: running.id,
      log: running.log,
      since: log.since,
      until: (fs.statSync(logFile, { throwIfNoEntry: false })?.mtime ?? new Date()).toISOString(),
      resources: unrecordedResources(root, running.stack, log),
    });
  }
  // A run killed between these two lines of the books left the end and the marker: what ended once is not told twice.
  const told = ended === undefined && readJournal(root, running.id, { open: true }).get(running.stack)?.key === running.key;
  if (!told) {
    appendJournal(root, running.id, {
      event: 'end',
      stack: running.stack,
      key: running.key,
      result,
      state,
      because,
      unrecorded: missing.length === 0 ? undefined : missing,
    });
  }
  if (applied) {
    const { engine, digest, reads, actor, record } = running;
    if (record !== undefined) writeStackFile(root, { ...record, applied: digest === undefined ? undefined : { digest, reads } });
    // What was asked for after this plan was made is still to come.
    const held = new Set((readState(root, running.stack) ?? []).map((resource) => resource.address));
    writeImports(
      root,
      running.stack,
      pendingImports(root, running.stack).filter(({ to }) => !held.has(to)),
    );
    cache.remember(running.stack, { key: inputKey({ engine, digest, before: state, reads, actor }) });
  } else cache.forget(running.stack);
  const folder = stateFolder(root, running.stack);
  fs.rmSync(path.join(folder, runningFile), { force: true });
  fs.rmSync(path.join(folder, processFile), { force: true });
  // The claim of a run that was killed.
  if (ended === undefined) fs.rmSync(path.join(folder, claimFile), { force: true });
  return { result, because, head: mended.head, problems };
}

/** The problem of things that may exist without any state knowing them. */
export function unrecordedProblem(stack: string, addresses: readonly string[], log?: string): Problem {
  return problem('ENGINE-UNRECORDED', `made or begun, and not in the state: ${addresses.join(', ')}`, {
    severity: 'warning',
    file: log,
    subject: stack,
    hint: 'in the sandbox the next plan makes them again; in production look for them by name, and remove or import them before planning',
  });
}

/** What may exist and the state does not know: made and not recorded, or of unknown fate. */
function unrecordedResources(root: string, stack: string, log: EngineLog): { address: string; type: string; id?: string | undefined }[] {
  const known = new Map((readState(root, stack) ?? []).map((resource) => [resource.address, resource.attributes['id']]));
  const made = log.completed.filter(({ address, action, id }) => action === 'create' && id !== undefined && known.get(address) !== id);
  const doubtful = log.doubtful.filter(({ address }) => !known.has(address));
  return [...made.map(({ address, type, id }) => ({ address, type, id })), ...doubtful];
}

/** What the log says was created or begun and the state does not know. */
function unrecorded(root: string, stack: string, log: EngineLog): string[] {
  const known = new Map((readState(root, stack) ?? []).map((resource) => [resource.address, resource.attributes['id']]));
  const lost = log.completed.filter(({ address, action, id }) => action === 'create' && (id === undefined ? !known.has(address) : known.get(address) !== id));
  return [...new Set([...lost.map(({ address }) => address), ...log.inFlight])].sort();
}
