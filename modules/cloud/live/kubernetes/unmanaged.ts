import type { ProjectReading, UnmanagedObject, UnmanagedQuery } from '../../../engine/index.ts';
import type { Holder } from '../unmanaged.ts';
import { importIdOf, keyOf, objectKey } from './identity.ts';
import { madeByCluster } from './made.ts';
import type { ClusterObject } from './objects.ts';
import { readPlaces, type PlaceReading } from './places.ts';
import type { KubernetesCloudsOptions } from './orphans.ts';

/** What of a place is held, made by the cluster or another member's, or neither. */
export interface SortedPlace {
  readonly held: readonly { readonly object: ClusterObject; readonly type: string; readonly id: string; readonly holder: Holder }[];
  readonly made: ReadonlyMap<ClusterObject, string>;
  readonly unmanaged: readonly UnmanagedObject[];
}

/** Sorts what was read of one place. Pure. */
export function sortPlace({ objects, holders }: PlaceReading, member?: string): SortedPlace {
  const held: SortedPlace['held'][number][] = [];
  const made = new Map<ClusterObject, string>();
  const unmanaged: UnmanagedObject[] = [];
  for (const object of objects) {
    const found = holders.get(objectKey(object));
    if (found !== undefined) {
      const { identity, holder } = found;
      held.push({ object, type: identity.type, id: importIdOf(identity), holder });
      continue;
    }
    const { kind, mark, namespace, name, createdAt } = object;
    const reason = madeByCluster(object) ?? (mark !== undefined && member !== undefined && mark.member !== member ? `it is ${mark.member}'s` : undefined);
    if (reason !== undefined) {
      made.set(object, reason);
      continue;
    }
    const importId = importIdOf({ ...kind, kind: kind.kind, namespace, name });
    const within = namespace === undefined ? undefined : holders.get(keyOf({ version: 'v1', kind: 'Namespace', name: namespace }))?.holder;
    unmanaged.push({ type: kind.type, id: importId, importId, name, createdAt, within, markedAs: mark?.stack });
  }
  const order = ({ type, id }: UnmanagedObject): string => `${type} ${id}`;
  return { held, made, unmanaged: unmanaged.sort((a, b) => (order(a) < order(b) ? -1 : 1)) };
}

/** Reads the namespaces of stacks, each once, and finds what no state holds. */
export async function unmanagedInClusters(query: UnmanagedQuery, { member, ...options }: KubernetesCloudsOptions = {}): Promise<ProjectReading[]> {
  const { places, unread } = await readPlaces({ ...query, elsewhere: false }, options);
  const readings = places.map((place): ProjectReading => {
    const { held, made, unmanaged } = sortPlace(place, member);
    const failed = place.kinds.filter(({ state }) => state === 'failed').map(({ type, reason }) => ({ type, state: 'failed' as const, reason }));
    return {
      ...{ cloud: place.cloud, project: { id: place.place, name: place.place }, stacks: place.stacks },
      ...{ objects: place.objects.length, held: held.length, made: made.size, unmanaged, unread: failed },
    };
  });
  const refused = unread.map(({ cloud, stack, reason }): ProjectReading => ({
    ...{ cloud, project: { id: '', name: '' }, stacks: [stack], objects: 0, held: 0, made: 0, unmanaged: [] },
    unread: [{ type: '*', state: 'failed', reason }],
  }));
  return [...readings, ...refused];
}
