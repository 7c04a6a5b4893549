import * as path from 'node:path';
import { problem, silent, withWriteLock, type Problem, type Reporter } from '../core/index.ts';
import type { LiveProject, States, SubmissionRow } from '../inventory/index.ts';
import { engineOptions } from './existing.ts';
import { prepare, type Prepared } from './prepare.ts';
import { readClusters } from './sync-clusters.ts';

export interface SyncOptions {
  /** The date of observation. */
  readonly asOf: string;
  /** Reads the clouds too. */
  readonly live?: boolean | undefined;
  /** Goes on although much would be removed at once. */
  readonly allowDeletions?: boolean | undefined;
  readonly reporter?: Reporter | undefined;
  /** Requests a second at most, and where services are beside what catalogues say. */
  readonly cloud?:
    { readonly rate?: number; readonly timeout?: number; readonly tries?: number; readonly endpoints?: Readonly<Record<string, string>> } | undefined;
}

/** What was read of one project. */
export interface SyncedProject {
  readonly cloud: string;
  readonly project: string;
  readonly stacks: readonly string[];
  readonly objects: number;
  readonly unmanaged: number;
  /** Kinds read to their end, now or by a reading this one went on from. */
  readonly kinds: number;
  readonly resumed: number;
  readonly failed: readonly { readonly kind: string; readonly reason: string }[];
}

export interface Synced extends SubmissionRow {
  /** With `live`. */
  readonly live?: readonly SyncedProject[] | undefined;
}

/**
 * Takes a member's own records into the inventory: what it declares, what its states hold and, with `live`, what its clouds show.
 * A reading of a cloud that was cut off is gone on with the next time; until then what was not read stays as it was, with the
 * date it was seen.
 * @throws ProblemError of the step that found errors; the inventory is then as it was
 */
export async function syncInventory(root: string, options: SyncOptions): Promise<{ readonly synced: Synced; readonly problems: readonly Problem[] }> {
  const { asOf, reporter = silent, allowDeletions = false } = options;
  return await withWriteLock(root, 'inventory sync', async () => {
    const inventory = await import('../inventory/index.ts');
    const prepared = await prepare(root, { asOf, reporter });
    const states = await inventory.readStates(root);
    const records = inventory.collectRecords({ ...prepared, asOf, states });
    const read = options.live === true ? await readProjects(root, prepared, states, options) : undefined;
    const layer = read === undefined ? undefined : inventory.liveRecords(prepared.federation, asOf, read.projects, states);
    const store = inventory.openInventory(root, { create: true });
    try {
      const row = inventory.submit(store, {
        member: prepared.federation.settings.member.id,
        observed: asOf,
        records: layer === undefined ? records : inventory.sortRecords([...records, ...layer.records]),
        ...(layer === undefined
          ? {}
          : {
              layers: ['declared', ...(records.some((record) => record.layer === 'state') ? (['state'] as const) : []), 'live'] as const,
              keep: { live: layer.keep },
            }),
        guard: allowDeletions ? { share: 1, least: Number.MAX_SAFE_INTEGER } : inventory.defaultGuard,
      });
      return { synced: { ...row, live: read?.synced }, problems: read?.problems ?? [] };
    } finally {
      store.close();
    }
  });
}

interface Read {
  readonly projects: readonly LiveProject[];
  readonly synced: readonly SyncedProject[];
  readonly problems: readonly Problem[];
}

async function readProjects(root: string, { federation, stacks }: Prepared, states: States, { cloud: limits, reporter = silent }: SyncOptions): Promise<Read> {
  const [engine, live] = await Promise.all([import('../engine/index.ts'), import('../cloud/live/index.ts')]);
  const held = live.heldObjects(states);
  const { logins, refused } = engine.stackLogins({ root, stacks, ...engineOptions(federation.settings) });
  const unread = (cloud: string, stack: string, reason: string): Problem =>
    problem('INV-LIVE-UNREAD', `${cloud} could not be asked about ${stack}: ${reason}`, {
      severity: 'warning',
      hint: 'the records of its project stay as they were, with the date they were seen',
    });
  const problems = refused.map(({ stack, reason }) => unread(stack.cloud ?? '', stack.path, reason));
  const projects: LiveProject[] = [];
  const synced: SyncedProject[] = [];
  const byProject = new Map<string, string[]>();
  reporter.start('live');
  for (const { stack, providers, environment } of logins.filter(live.isOpenstack)) {
    const cloud = stack.cloud ?? '';
    let session: InstanceType<typeof live.Session> | undefined;
    try {
      const login = live.loginOf({ root, environment, providers });
      const endpoints = { ...login.endpoints, ...limits?.endpoints };
      session = new live.Session({ ...login, endpoints, rate: limits?.rate, timeout: limits?.timeout, tries: limits?.tries });
      await session.logIn();
      const key = `${cloud} ${session.project}`;
      const known = byProject.get(key);
      if (known !== undefined) {
        known.push(stack.path);
        continue;
      }
      const inIt = [stack.path];
      byProject.set(key, inIt);
      const journal = path.join(root, '.vcloud/cache/live', `${cloud}.${session.project}.ndjson`);
      const { objects, kinds: ends, resumed } = await live.readResumable(session, { journal, kinds: live.projectKinds });
      const inCloud = stacks.filter((one) => one.cloud === stack.cloud);
      const kinds = live.beside(
        ends,
        inCloud.flatMap((one) => (states.get(one.path) ?? []).map(({ type }) => type)),
      );
      const sorted = live.sortObjects(objects, held, federation.settings.member.id);
      const nobodys = new Set(sorted.unmanaged.map(({ type, id }) => `${type} ${id}`));
      const project = { id: session.project, name: session.projectName };
      projects.push({
        ...{ cloud, project, stacks: inIt },
        objects: objects.flatMap((object) => {
          const { kind: type, id, name, createdAt: created } = object;
          const holder = sorted.held.get(object);
          return holder === undefined && !nobodys.has(`${type} ${id}`) ? [] : [{ type, id, name, created, holder }];
        }),
        kinds: kinds.map(({ kind: type, state, reason }) => ({ type, state, reason })),
      });
      const failed = kinds.filter(({ state }) => state === 'failed').map(({ kind, reason }) => ({ kind, reason: reason ?? 'unknown' }));
      synced.push({
        ...{ cloud, project: project.name, stacks: inIt, objects: objects.length, unmanaged: sorted.unmanaged.length },
        ...{ kinds: kinds.length - failed.length, resumed, failed },
      });
      if (failed.length > 0)
        problems.push(
          problem(
            'INV-LIVE-PART',
            `${failed.length} of ${kinds.length} kinds of project "${project.name}" in ${cloud} could not be read: ${failed[0]?.reason ?? ''}`,
            {
              severity: 'warning',
              hint: 'their records stay as they were, with the date they were seen; the next sync goes on where this one stopped',
            },
          ),
        );
    } catch (error) {
      if (!(error instanceof live.Refused)) throw error;
      problems.push(unread(cloud, stack.path, error.message));
    } finally {
      session?.close();
    }
  }
  const clouds = new Map(stacks.flatMap(({ path: name, cloud }) => (cloud === undefined ? [] : [[name, cloud] as const])));
  const clusters = await readClusters({ root, logins, held: states, clouds }, federation.settings.member.id, limits);
  projects.push(...clusters.projects);
  synced.push(...clusters.synced);
  problems.push(...clusters.unread.map(({ cloud, stack, reason }) => unread(cloud, stack, reason)), ...clusters.problems);
  reporter.end(`${synced.length} projects, ${synced.reduce((sum, { objects }) => sum + objects, 0)} objects`);
  return { projects, synced, problems };
}
