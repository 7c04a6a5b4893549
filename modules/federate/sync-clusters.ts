import { problem, type Problem } from '../core/index.ts';
import type { StackLogin, UnmanagedQuery } from '../engine/index.ts';
import type { LiveProject } from '../inventory/index.ts';
import type { SyncedProject } from './sync.ts';

/** What was read of Kubernetes clusters: each namespace as a project, and what stacks hold outside of them as one more. */
export interface ReadClusters {
  readonly projects: readonly LiveProject[];
  readonly synced: readonly SyncedProject[];
  readonly unread: readonly { readonly cloud: string; readonly stack: string; readonly reason: string }[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the namespaces of stacks in Kubernetes clusters for the inventory's live layer.
 * @param member id of the member: what carries another's mark is theirs
 */
export async function readClusters(
  query: UnmanagedQuery,
  member: string,
  limits: { readonly rate?: number; readonly timeout?: number; readonly tries?: number } = {},
): Promise<ReadClusters> {
  const { isKubernetes, nameOf, readPlaces, sortPlace } = await import('../cloud/live/index.ts');
  const logins: readonly StackLogin[] = query.logins.filter(isKubernetes);
  if (logins.length === 0) return { projects: [], synced: [], unread: [], problems: [] };
  const { rate, timeout, tries } = limits;
  const { places, unread } = await readPlaces({ ...query, logins, elsewhere: true }, { rate, timeout, tries });
  const projects: LiveProject[] = [];
  const synced: SyncedProject[] = [];
  const problems: Problem[] = [];
  for (const place of places) {
    const { cloud, place: name, stacks, covers, kinds } = place;
    const { held, unmanaged } = sortPlace(place, member);
    projects.push({
      ...{ cloud, project: { id: name, name }, stacks, covers },
      // A type may be written without its version, and is then the same kind.
      kinds: kinds.flatMap((kind) => [...new Set([kind.type, kind.type.replace(/_v\d$/u, '')])].map((type) => ({ ...kind, type }))),
      objects: [
        ...held.map(({ object, type, id, holder }) => ({ type, id, name: nameOf(object), created: object.createdAt, holder })),
        ...unmanaged.map(({ type, id, name: own, createdAt: created }) => ({ type, id, name: own, created })),
      ],
    });
    const failed = kinds.filter(({ state }) => state === 'failed').map(({ type, reason = 'unknown' }) => ({ kind: type, reason }));
    const whole = kinds.filter(({ state }) => state === 'whole').length;
    synced.push({
      ...{ cloud, project: name, stacks, objects: place.objects.length, unmanaged: unmanaged.length },
      ...{ kinds: whole, resumed: 0, failed },
    });
    const [first] = failed;
    if (first === undefined) continue;
    const where = `${failed.length} of ${whole + failed.length} kinds of namespace "${name}" in ${cloud}`;
    const hint = 'their records stay as they were, with the date they were seen';
    problems.push(problem('INV-LIVE-PART', `${where} could not be read: ${first.reason}`, { severity: 'warning', hint }));
  }
  return { projects, synced, unread, problems };
}
