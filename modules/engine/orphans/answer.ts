import { fail, ProblemError, silent, withWriteLock, type JsonObject, type Reporter } from '../../core/index.ts';
import { requirePromise } from '../adapters/promises.ts';
import { findEngine, isEngine, type EngineChoice } from '../binary.ts';
import { EngineCache } from '../cache.ts';
import { openRun, type ServiceSettings } from '../credentials/index.ts';
import { childEnvironment } from '../environment.ts';
import { appendLog, currentActor } from '../log/index.ts';
import { recover } from '../recover.ts';
import { plannedResource } from '../resource-names.ts';
import { releaseLeftLocks } from '../store/acquire.ts';
import type { DeclaredStack } from '../types.ts';
import { unavailable } from '../verify.ts';
import { clearUnrecorded, pendingImports, readUnrecorded, stacksToAnswer, writeImports, type PendingImport } from './files.ts';
import { examine, heldKey, settleIfAnswered, type Examined, type Finding } from './find.ts';
import { reportOf } from './gate.ts';
import type { CloudPort, Orphan, OrphanReport } from './types.ts';

export interface OrphanOptions extends ServiceSettings {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  readonly stacks: readonly DeclaredStack[];
  readonly clouds: CloudPort;
  readonly binary?: EngineChoice | undefined;
  readonly reporter?: Reporter | undefined;
  /** Milliseconds within which a request in flight may still be carried out; see {@link Finding}. */
  readonly grace?: number | undefined;
}

export interface Answered {
  readonly stack: string;
  /** What the next plan imports, all of it. */
  readonly imports: readonly PendingImport[];
  readonly deleted: readonly Orphan[];
  /** What is left to answer. */
  readonly left: OrphanReport;
}

/**
 * What crashes left over: of every stack they left a question about, or of one stack, that question or not. What nothing is
 * left of is settled on the way.
 * @throws ProblemError ENGINE-STACK-UNKNOWN, ENGINE-UNAVAILABLE, ENGINE-BACKEND-*
 */
export async function listOrphans(options: OrphanOptions, stack?: string): Promise<OrphanReport[]> {
  return await opened(options, 'orphans', async (finding) => {
    if (stack !== undefined) mustBeKnown(options, stack);
    const reports: OrphanReport[] = [];
    for (const name of stack === undefined ? stacksToAnswer(options.root) : [stack]) {
      const report = await reportOf(finding, name);
      settleIfAnswered(finding, report);
      reports.push(report);
    }
    return reports;
  });
}

/**
 * Takes objects into the next plan of their stack: they are imported there, reviewed and applied like any change. Without pairs
 * all that fit one address each, and whose better answer is not to be deleted.
 * @param pairs address -> id the import takes; for kinds that cannot be told these are the only word there is
 * @throws ProblemError ENGINE-ORPHAN-UNKNOWN, ENGINE-ORPHAN-HELD
 */
export async function adoptOrphans(options: OrphanOptions, stack: string, pairs: ReadonlyMap<string, string> = new Map()): Promise<Answered> {
  return await opened(options, 'orphans adopt', async (finding) => {
    mustBeKnown(options, stack);
    const { report, query } = await examine(finding, stack);
    const chosen = new Map(pairs);
    const taken = new Set<string>();
    if (pairs.size === 0) {
      for (const { type, address, importId, advice } of report.orphans) {
        const key = heldKey(type, importId);
        if (address === undefined || advice !== 'adopt' || chosen.has(address) || taken.has(key)) continue;
        chosen.set(address, importId);
        taken.add(key);
      }
    }
    if (chosen.size === 0) {
      fail('ENGINE-ORPHAN-UNKNOWN', 'nothing was found that fits one address of the stack', {
        subject: stack,
        hint: `see "vcloud orphans list ${stack}", and give ADDRESS=ID`,
      });
    }
    for (const [address, id] of chosen) {
      if (query.held.has(heldKey(plannedResource(address).type, id)))
        fail('ENGINE-ORPHAN-HELD', `${id} is in a state already, or about to be imported`, { subject: stack, hint: 'two stacks must not hold one object' });
      const wanted = report.unrecorded.some((one) => one.address === address) || declares(options.stacks, stack, address);
      if (!wanted)
        fail('ENGINE-ORPHAN-UNKNOWN', `the stack declares no ${address}`, {
          subject: stack,
          hint: 'an object can only be imported where it is declared; else delete it',
        });
    }
    const before = pendingImports(options.root, stack).filter(({ to }) => !chosen.has(to));
    writeImports(options.root, stack, [...before, ...[...chosen].map(([to, id]) => ({ to, id }))]);
    note(options.root, 'orphans-adopt', stack, { imports: [...chosen].map(([to, id]) => `${to}=${id}`).sort() });
    return await answered(finding, stack, []);
  });
}

/**
 * Deletes objects through their cloud's interface. Only what was found to be the stack's and in no state can be deleted.
 * @throws ProblemError ENGINE-ORPHAN-UNKNOWN, CLOUD-LIVE-REMOVE with those that are left
 */
export async function deleteOrphans(options: OrphanOptions, stack: string, ids: readonly string[]): Promise<Answered> {
  return await opened(options, 'orphans delete', async (finding) => {
    mustBeKnown(options, stack);
    const { report, query } = await examine(finding, stack);
    const wanted = ids.map((id) => {
      const found = report.orphans.filter((one) => one.id === id);
      const [one, other] = found.length > 0 ? found : report.orphans.filter(({ importId }) => importId === id);
      const what = other === undefined ? `${id} is no orphan of this stack` : `${id} is what several are imported by: name one by its id`;
      return one === undefined || other !== undefined
        ? fail('ENGINE-ORPHAN-UNKNOWN', what, { subject: stack, hint: `see "vcloud orphans list ${stack}"` })
        : one;
    });
    const deleted: Orphan[] = [];
    try {
      // What uses something goes before what it uses, whatever order it was named in: the cloud says which that is.
      let left = wanted;
      let refused: ProblemError | undefined;
      while (left.length > 0) {
        const again: Orphan[] = [];
        for (const orphan of left) {
          try {
            await finding.clouds.remove(query, orphan);
            deleted.push(orphan);
          } catch (error) {
            if (!(error instanceof ProblemError)) throw error;
            refused = error;
            again.push(orphan);
          }
        }
        if (again.length === left.length && refused !== undefined) throw refused;
        left = again;
      }
    } finally {
      if (deleted.length > 0) note(options.root, 'orphans-delete', stack, { deleted: deleted.map(({ type, id }) => `${type} ${id}`).sort() });
    }
    return await answered(finding, stack, deleted);
  });
}

/**
 * Says that a person looked and that nothing (more) is to be answered. Not allowed while there are objects the cloud shows:
 * those are adopted or deleted.
 * @throws ProblemError ENGINE-ORPHANS where something was found, ENGINE-ORPHAN-NONE where nothing was asked
 */
export async function dismissOrphans(options: OrphanOptions, stack: string, reason: string): Promise<OrphanReport> {
  return await opened(options, 'orphans dismiss', async (finding) => {
    mustBeKnown(options, stack);
    if (readUnrecorded(options.root, stack) === undefined) fail('ENGINE-ORPHAN-NONE', 'no crash left a question about this stack', { subject: stack });
    const report = await reportOf(finding, stack);
    const [first] = report.orphans;
    if (first !== undefined) {
      fail('ENGINE-ORPHANS', `${first.type} ${first.name ?? ''} (${first.id}) exists and no state holds it`, {
        subject: stack,
        hint: `adopt it (vcloud orphans adopt ${stack}) or delete it (vcloud orphans delete ${stack} ${first.id} --yes)`,
      });
    }
    note(options.root, 'orphans-dismiss', stack, { reason, resources: report.unrecorded.map(({ address }) => address).sort() });
    clearUnrecorded(options.root, stack);
    return { ...report, settled: true };
  });
}

async function answered(finding: Finding, stack: string, deleted: readonly Orphan[]): Promise<Answered> {
  const left = await reportOf(finding, stack);
  settleIfAnswered(finding, left);
  return { stack, imports: pendingImports(finding.root, stack), deleted, left };
}

async function opened<T>(options: OrphanOptions, verb: string, work: (finding: Finding) => Promise<T>): Promise<T> {
  const { root, reporter = silent } = options;
  requirePromise(options.binary, 'orphans', `vcloud ${verb}`);
  return await withWriteLock(root, verb, async () => {
    const cache = new EngineCache(root);
    const environment = childEnvironment(process.env);
    const engine = await findEngine(options.binary ?? 'auto', environment, cache.versions);
    if (!isEngine(engine)) throw new ProblemError(unavailable(engine));
    const services = await openRun({ ...options, engine, environment, cache });
    // An apply that still runs, or was cut off just now, is brought to the books first.
    await recover(root, { cache, reporter });
    // What it locked and left would be waited for by whatever asks the engine here.
    for (const { message } of await releaseLeftLocks(services.states)) reporter.note(message);
    const result = await work({ root, engine, services, clouds: options.clouds, stacks: options.stacks, reporter, grace: options.grace });
    cache.save();
    return result;
  });
}

function mustBeKnown({ root, stacks }: OrphanOptions, stack: string): void {
  if (stacks.some(({ path }) => path === stack) || stacksToAnswer(root).includes(stack)) return;
  fail('ENGINE-STACK-UNKNOWN', 'no such stack is declared, and no crash left a question about it', { subject: stack, hint: 'see "vcloud state list"' });
}

function declares(stacks: readonly DeclaredStack[], stack: string, address: string): boolean {
  const declared = stacks.find(({ path }) => path === stack);
  // What an existing folder declares is for the engine to say.
  if (declared?.folder !== undefined) return true;
  const base = address.replace(/\[[^\]]*\]$/u, '');
  return declared?.resources.some(({ planned }) => planned === base) ?? false;
}

function note(root: string, event: string, stack: string, details: JsonObject): void {
  appendLog(root, { event, by: currentActor(), details: { stack, ...details } });
}

export type { Examined };
