import type { StateResource, UnmanagedQuery } from '../../../engine/index.ts';
import { Refused } from '../patience.ts';
import type { Holder } from '../unmanaged.ts';
import { heldIdentities, identityOf, keyOf, type Identity } from './identity.ts';
import { clusterKindOf, clusterKinds, listPath, manifestType, type ClusterKind } from './kinds.ts';
import type { ClusterObject } from './objects.ts';
import { ClusterReader, type ClusterReading } from './read.ts';
import { clusterLoginOf, ClusterSession, isKubernetes, type ClusterSessionOptions } from './session.ts';

/** The place of what lies in no namespace that is a stack's own: a namespace cannot be called so. */
export const wholeCluster = '*';

/** An object of a state, with what holds it. */
export interface HeldObject {
  readonly identity: Identity;
  readonly holder: Holder;
}

/** A namespace that is a stack's own, or what stacks hold elsewhere in a cluster; as far as it could be read. */
export interface PlaceReading {
  readonly cloud: string;
  /** Name of the namespace, or {@link wholeCluster}: there only what states hold was looked at, object by object. */
  readonly place: string;
  /** Stacks whose states hold it or something in it. */
  readonly stacks: readonly string[];
  readonly objects: readonly ClusterObject[];
  /** What holds an object of this cluster, by its key. */
  readonly holders: ReadonlyMap<string, HeldObject>;
  /** Whether a resource of one of these stacks has its object here. */
  readonly covers: (resource: StateResource) => boolean;
  /** How each kind ended, by Terraform type: a type states hold objects as is one of its own. */
  readonly kinds: readonly { readonly type: string; readonly state: 'whole' | 'absent' | 'failed'; readonly reason?: string | undefined }[];
}

/** A stack whose cluster could not be asked. */
export interface UnreadStack {
  readonly cloud: string;
  readonly stack: string;
  readonly reason: string;
}

/** What of a place was read so far, by the path of its list or object. */
type Lists = Map<string, { readonly types: ReadonlySet<string>; readonly reading: ClusterReading }>;

interface Place {
  readonly cloud: string;
  readonly place: string;
  readonly lists: Lists;
  readonly holders: Holders;
  /** Namespaces of this cluster that are stacks' own. */
  readonly own: ReadonlySet<string>;
}

type Holders = ReadonlyMap<string, HeldObject>;

/**
 * Reads the namespaces of stacks, each kind of each once; what one stack's credentials may not read is asked for with the next
 * stack's.
 * @param query.elsewhere reads the namespaces of stacks that have no login too, and what states hold outside of all of these
 */
export async function readPlaces(
  query: UnmanagedQuery & { readonly elsewhere: boolean },
  options: ClusterSessionOptions = {},
): Promise<{ readonly places: readonly PlaceReading[]; readonly unread: readonly UnreadStack[] }> {
  const places = new Map<string, Place>();
  const unread: UnreadStack[] = [];
  const servers = serversOf(query);
  for (const login of query.logins.filter(isKubernetes)) {
    const { stack } = login;
    const cloud = stack.cloud ?? '';
    const holders = holdersIn(cloud, query, servers);
    const own = namespacesOf(holders);
    let session: ClusterSession | undefined;
    try {
      session = new ClusterSession(clusterLoginOf({ root: query.root, ...login }), options);
      const reader = new ClusterReader(session);
      for (const name of query.elsewhere ? [...own, wholeCluster] : namespacesOf(holders, stack.path)) {
        const place: Place = places.get(`${cloud} ${name}`) ?? { cloud, place: name, lists: new Map(), holders, own };
        const here = [...holders.values()].map(({ identity }) => identity).filter((identity) => isIn(place, identity));
        if (name === wholeCluster && here.length === 0) continue;
        places.set(`${cloud} ${name}`, place);
        await (name === wholeCluster ? readObjects(reader, here, place.lists) : readNamespace(reader, name, here, place.lists));
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      unread.push({ cloud, stack: stack.path, reason: error.message });
    } finally {
      session?.close();
    }
  }
  return { places: [...places.values()].map(ended), unread };
}

/**
 * Namespaces that are stacks' own, or one stack's: a state holds them, or more in them than a custom object beside somebody's
 * controller (a backup schedule, a probe).
 */
function namespacesOf(holders: Holders, stack?: string): ReadonlySet<string> {
  const names = [...holders.values()].flatMap(({ identity: { type, kind, namespace, name }, holder }) => {
    if (stack !== undefined && holder.stack !== stack) return [];
    if (kind === 'Namespace') return [name];
    const made = namespace !== undefined && holders.has(keyOf({ version: 'v1', kind: 'Namespace', name: namespace }));
    return made || type !== manifestType ? [namespace] : [];
  });
  const systems = /^kube-(?:system|public|node-lease)$/u;
  return new Set(names.flatMap((name) => (name === undefined || systems.test(name) ? [] : [name])).sort());
}

/** Whether an object is looked for in a place. */
function isIn({ place, own }: Pick<Place, 'place' | 'own'>, { namespace }: Identity): boolean {
  return place === wholeCluster ? namespace === undefined || !own.has(namespace) : namespace === place;
}

async function readNamespace(reader: ClusterReader, namespace: string, held: readonly Identity[], lists: Lists): Promise<void> {
  const asked = new Map<string, { readonly kind: ClusterKind; readonly types: Set<string> }>();
  const ask = (kind: ClusterKind, type: string): void => {
    const path = listPath(kind, namespace);
    const entry = asked.get(path) ?? { kind, types: new Set([kind.type]) };
    entry.types.add(type);
    asked.set(path, entry);
  };
  for (const kind of clusterKinds) if (kind.namespaced) ask(kind, kind.type);
  for (const identity of held) {
    const kind = await kindAs(reader, identity, lists);
    if (kind !== undefined) ask(kind, identity.type);
  }
  for (const [path, { kind, types }] of asked) {
    const before = lists.get(path)?.reading;
    lists.set(path, { types, reading: before === undefined || before.state === 'failed' ? await reader.list(kind, namespace) : before });
  }
}

async function readObjects(reader: ClusterReader, held: readonly Identity[], lists: Lists): Promise<void> {
  for (const identity of held) {
    const key = keyOf(identity);
    if ((lists.get(key)?.reading.state ?? 'failed') !== 'failed') continue;
    const kind = await kindAs(reader, identity, lists);
    if (kind === undefined) continue;
    lists.set(key, { types: new Set([identity.type]), reading: await reader.one(kind, identity.namespace, identity.name ?? '') });
  }
}

/** The kind of an object a state holds; one that could not be asked for is a reading that failed. */
async function kindAs(reader: ClusterReader, { type, version, kind }: Identity, lists: Lists): Promise<ClusterKind | undefined> {
  const known = clusterKindOf(type);
  if (known !== undefined) return known;
  const failed = (state: 'absent' | 'failed', reason?: string): void =>
    void lists.set(`${version} ${kind}`, { types: new Set([type]), reading: { state, objects: [], reason } });
  try {
    const found = await reader.kindOf(version, kind);
    if (found === undefined) failed('absent');
    else lists.delete(`${version} ${kind}`);
    return found;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    failed('failed', error.message);
    return undefined;
  }
}

function ended(of: Place): PlaceReading {
  const { cloud, place, lists, holders } = of;
  const kinds = new Map<string, PlaceReading['kinds'][number]>();
  const objects = new Map<string, ClusterObject>();
  // Where only what states hold is looked for, of a kind they hold nothing of there is nothing.
  if (place === wholeCluster) for (const type of [...clusterKinds.map((kind) => kind.type), manifestType]) kinds.set(type, { type, state: 'absent' });
  for (const { types, reading } of lists.values()) {
    for (const object of reading.objects) objects.set(object.uid, object);
    for (const type of types) {
      // Of several lists under one type the worst counts: what was not read is unknown.
      if (kinds.get(type)?.state === 'failed') continue;
      if (reading.state === 'failed' || kinds.get(type)?.state !== 'whole') kinds.set(type, { type, state: reading.state, reason: reading.reason });
    }
  }
  const concerned = [...holders.values()].filter(({ identity }) => isIn(of, identity) || (identity.kind === 'Namespace' && identity.name === place));
  const stacks = new Set(concerned.map(({ holder }) => holder.stack));
  const covers = ({ type, attributes }: StateResource): boolean => {
    const identity = identityOf(type, attributes);
    return identity !== undefined && isIn(of, identity);
  };
  return { cloud, place, stacks: [...stacks].sort(), objects: [...objects.values()], holders, covers, kinds: [...kinds.values()] };
}

/** Clouds by address, where a login says it: two names may be of one cluster. */
function serversOf({ root, logins }: UnmanagedQuery): ReadonlyMap<string, string> {
  const servers = new Map<string, string>();
  for (const login of logins.filter(isKubernetes)) {
    try {
      servers.set(login.stack.cloud ?? '', clusterLoginOf({ root, ...login }).server);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return servers;
}

/** What states hold in a cluster, by the key of the object; those of stacks whose cloud is not known count everywhere. */
function holdersIn(cloud: string, { held, clouds }: UnmanagedQuery, servers: ReadonlyMap<string, string>): Holders {
  const holders = new Map<string, HeldObject>();
  const clusterOf = (name: string): string => servers.get(name) ?? name;
  for (const [stack, resources] of held) {
    const other = clouds.get(stack);
    if (other !== undefined && clusterOf(other) !== clusterOf(cloud)) continue;
    for (const { resource, identity } of heldIdentities(resources))
      holders.set(keyOf(identity), { identity, holder: { stack: resource.stack, address: resource.address } });
  }
  return holders;
}
