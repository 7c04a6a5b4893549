import { setTimeout as pause } from 'node:timers/promises';
import { fail } from '../../../core/index.ts';
import type { CloudFinding, CloudQuery, KindReading, Orphan } from '../../../engine/index.ts';
import { Refused } from '../patience.ts';
import { saidBy } from '../session.ts';
import { configuredIdentities, heldIdentities, identityOf, keyOf, namespacesOf, type Identity } from './identity.ts';
import { clusterKindOf, clusterKinds, isClusterSetting, listPath, manifestType, type ClusterKind } from './kinds.ts';
import { madeByCluster } from './made.ts';
import { nameOf, type ClusterObject } from './objects.ts';
import { ClusterReader } from './read.ts';
import { foreignText, recogniseObject } from './recognise.ts';
import { clusterLoginOf, ClusterSession, type ClusterSessionOptions } from './session.ts';

export interface KubernetesCloudsOptions extends ClusterSessionOptions {
  /** Id of the member: marks of other members in the same cluster are theirs. */
  readonly member?: string | undefined;
  /** Milliseconds a deleted object is waited for; 60,000 by default. */
  readonly gone?: number | undefined;
}

/** Asks a stack's cluster for what of the stack is there that no state holds, in the namespaces the stack has to do with. */
export async function findInCluster(query: CloudQuery, options: KubernetesCloudsOptions = {}): Promise<CloudFinding> {
  const asked = [...new Set([...query.types, ...query.expected.map(({ type }) => type)])].filter((type) => type.startsWith('kubernetes_')).sort();
  const kinds: KindReading[] = [];
  const readable: string[] = [];
  for (const type of asked) {
    if (isClusterSetting(type)) kinds.push({ type, state: 'setting' });
    else if (type === manifestType || clusterKindOf(type) !== undefined) readable.push(type);
    else kinds.push({ type, state: 'unknown', look: 'the table of kinds does not have it: look for one made at the time of the crash' });
  }
  if (readable.length === 0) return { orphans: [], kinds };
  let session: ClusterSession | undefined;
  try {
    session = new ClusterSession(clusterLoginOf(query), options);
    const reader = new ClusterReader(session);
    const known = knownOf(query);
    const found: Found[] = [];
    for (const type of readable) found.push(await readType(reader, type, known));
    return judged(found, query, options.member, session.skew, kinds);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { message } = error;
    return { orphans: [], kinds: [...kinds, ...readable.map((type) => ({ type, state: 'failed' as const, reason: message }))] };
  } finally {
    session?.close();
  }
}

interface Known {
  readonly identities: readonly Identity[];
  readonly namespaces: readonly string[];
}

/** Objects a stack has to do with: to be made, held, configured. */
function knownOf({ stack, expected, inCloud, resources = {} }: CloudQuery): Known {
  const identities = [
    ...expected.flatMap(({ type, values }) => identityOf(type, values) ?? []),
    ...heldIdentities(inCloud.filter((one) => one.stack === stack.path)).map(({ identity }) => identity),
    ...configuredIdentities(resources),
  ];
  return { identities, namespaces: namespacesOf(identities) };
}

interface Found {
  readonly type: string;
  readonly objects: readonly ClusterObject[];
  readonly reason?: string | undefined;
}

async function readType(reader: ClusterReader, type: string, { identities, namespaces }: Known): Promise<Found> {
  const objects: ClusterObject[] = [];
  const reasons: string[] = [];
  for (const kind of await kindsOf(reader, type, identities)) {
    if (typeof kind === 'string') {
      reasons.push(kind);
      continue;
    }
    for (const namespace of kind.namespaced ? namespaces : [undefined]) {
      const reading = await reader.list(kind, namespace);
      objects.push(...reading.objects);
      if (reading.state === 'failed') reasons.push(reading.reason ?? 'unknown');
    }
  }
  return { type, objects, reason: reasons[0] };
}

/** Kinds a type stands for: one, or those its manifests state. In words, where a kind could not be asked for. */
async function kindsOf(reader: ClusterReader, type: string, identities: readonly Identity[]): Promise<(ClusterKind | string)[]> {
  const known = clusterKindOf(type);
  if (known !== undefined) return [known];
  const stated = new Map(identities.filter((one) => one.type === type).map((one) => [`${one.version} ${one.kind}`, one]));
  const kinds: (ClusterKind | string)[] = [];
  for (const { version, kind } of stated.values()) {
    try {
      // A kind that is not served has no objects.
      kinds.push(...[await reader.kindOf(version, kind)].filter((one) => one !== undefined));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      kinds.push(error.message);
    }
  }
  return kinds;
}

function judged(found: readonly Found[], query: CloudQuery, member: string | undefined, skew: number, kinds: readonly KindReading[]): CloudFinding {
  const context = {
    ...{ stack: query.stack.path, member, expected: query.expected, types: query.types },
    held: new Set(heldIdentities(query.inCloud).map(({ identity }) => keyOf(identity))),
    since: query.since === undefined ? undefined : Date.parse(query.since) + skew,
  };
  const orphans = new Map<string, Orphan>();
  const foreign = new Map<string, string[]>();
  const taken = new Set<string>();
  for (const object of found.flatMap(({ objects }) => objects)) {
    const seen = recogniseObject(object, context);
    // Two types may be read from one list.
    if (seen === undefined || orphans.has(object.uid)) continue;
    if (seen.is === 'foreign') {
      const texts = foreign.get(seen.type) ?? [];
      const text = foreignText(object, seen);
      if (!texts.includes(text)) foreign.set(seen.type, [...texts, text]);
      continue;
    }
    const address = seen.address === undefined || taken.has(seen.address) ? undefined : seen.address;
    if (address !== undefined) taken.add(address);
    const { type, importId, by } = seen;
    orphans.set(object.uid, {
      ...{ type, id: object.uid, importId, name: nameOf(object), createdAt: object.createdAt, by, address },
      advice: address === undefined ? 'delete' : seen.advice,
    });
  }
  const readings = found.map(({ type, reason }): KindReading => {
    const look = foreign.get(type)?.join('; ');
    return { type, state: look !== undefined ? 'foreign' : reason === undefined ? 'read' : 'failed', reason, look };
  });
  return { orphans: [...orphans.values()], kinds: [...kinds, ...readings] };
}

/**
 * Deletes one object, if it is still the one that was found (`preconditions.uid`) and still the stack's, and waits until it is gone.
 * That it is gone already is as good. A namespace goes with all it holds, so one that holds what is not the stack's stays.
 */
export async function removeFromCluster(query: CloudQuery, orphan: Orphan, options: KubernetesCloudsOptions = {}): Promise<void> {
  let session: ClusterSession | undefined;
  try {
    session = new ClusterSession(clusterLoginOf(query), options);
    const reader = new ClusterReader(session);
    const identity = identityOf(orphan.type, { id: orphan.importId });
    const kind = identity === undefined ? undefined : (clusterKindOf(orphan.type) ?? (await reader.kindOf(identity.version, identity.kind)));
    if (identity?.name === undefined || kind === undefined) throw new Refused('unknown', `nothing is known of ${orphan.type}`);
    const object = await thereNow(reader, kind, identity);
    if (object?.uid !== orphan.id) return;
    const found = judged([{ type: orphan.type, objects: [object] }], query, options.member, session.skew, []);
    if (found.orphans.length === 0) throw new Refused('changed', "it is no longer recognisable as this stack's");
    if (kind.kind === 'Namespace') await mustBeEmpty(reader, query, object.name, options.member);
    const path = `${listPath(kind, identity.namespace)}/${encodeURIComponent(identity.name)}`;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid: orphan.id } };
    const answer = await session.send('DELETE', path, body);
    if (answer.status !== 404 && (answer.status < 200 || answer.status > 299)) throw new Refused(String(answer.status), `${answer.status}${saidBy(answer)}`);
    const until = Date.now() + (options.gone ?? 60_000);
    while ((await thereNow(reader, kind, identity))?.uid === orphan.id) {
      if (Date.now() > until) throw new Refused('deleting', 'its removal was accepted and waits for something (finalizers)');
      await pause(300);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    fail('CLOUD-LIVE-REMOVE', `${orphan.type} ${orphan.name ?? orphan.id} could not be deleted: ${error.message}`, {
      subject: query.stack.path,
      hint: "see what holds it, or ask the cluster's operator",
    });
  } finally {
    session?.close();
  }
}

async function thereNow(reader: ClusterReader, kind: ClusterKind, { namespace, name = '' }: Identity): Promise<ClusterObject | undefined> {
  const reading = await reader.one(kind, namespace, name);
  if (reading.state === 'failed') throw new Refused('unread', reading.reason ?? 'it could not be read');
  return reading.objects[0];
}

async function mustBeEmpty(reader: ClusterReader, query: CloudQuery, namespace: string, member: string | undefined): Promise<void> {
  for (const kind of clusterKinds.filter(({ namespaced }) => namespaced)) {
    const { state, objects, reason } = await reader.list(kind, namespace);
    if (state === 'failed') throw new Refused('unread', `what it holds could not be read: ${reason ?? ''}`);
    const other = objects.find((one) => {
      const ours = one.mark?.stack === query.stack.path && (member === undefined || one.mark.member === member);
      return !ours && madeByCluster(one) === undefined;
    });
    if (other !== undefined) throw new Refused('in use', `it holds ${kind.kind} "${other.name}", which is not this stack's and would go with it`);
  }
}
