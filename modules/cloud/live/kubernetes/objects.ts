import { isObject } from '../../../core/index.ts';
import type { ClusterKind } from './kinds.ts';

/** Whose an object says it is: the annotation the constructs write, `vcloud:MEMBER:STACK`. */
export interface ClusterMark {
  readonly member: string;
  readonly stack: string;
}

/** What of one object is looked at: never what it holds, and of its annotations only what tells whose it is. */
export interface ClusterObject {
  readonly kind: ClusterKind;
  readonly uid: string;
  readonly name: string;
  /** Absent for objects of the whole cluster. */
  readonly namespace?: string | undefined;
  /** RFC 3339. */
  readonly createdAt?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of its annotations; their values may repeat all of an object, a Secret's content too. */
  readonly annotations: readonly string[];
  readonly mark?: ClusterMark | undefined;
  /** Account a token Secret is of. */
  readonly account?: string | undefined;
  /** What it belongs to and is removed with, `KIND NAME`. */
  readonly owners: readonly string[];
  /** Programs that wrote fields of it (server-side apply, field managers). */
  readonly managers: readonly string[];
  /** Whether its removal was asked for and waits for something. */
  readonly deleting: boolean;
}

/** An object from its PartialObjectMetadata (meta.k8s.io/v1); undefined for what has no name or uid. Pure. */
export function clusterObject(kind: ClusterKind, raw: Readonly<Record<string, unknown>>): ClusterObject | undefined {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const text = (of: Readonly<Record<string, unknown>>, name: string): string | undefined => {
    const value = of[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const list = (name: string): Readonly<Record<string, unknown>>[] => (Array.isArray(metadata[name]) ? (metadata[name] as unknown[]).filter(isObject) : []);
  const [uid, name] = [text(metadata, 'uid'), text(metadata, 'name')];
  if (uid === undefined || name === undefined) return undefined;
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
  return {
    ...{ kind, uid, name, namespace: text(metadata, 'namespace'), createdAt: text(metadata, 'creationTimestamp') },
    labels: Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    annotations: Object.keys(annotations).sort(),
    mark: markIn(annotations['vcloud/mark']),
    account: text(annotations, 'kubernetes.io/service-account.name'),
    owners: list('ownerReferences').map((owner) => `${text(owner, 'kind') ?? ''} ${text(owner, 'name') ?? ''}`),
    managers: [...new Set(list('managedFields').flatMap((field) => text(field, 'manager') ?? []))].sort(),
    deleting: text(metadata, 'deletionTimestamp') !== undefined,
  };
}

/** The mark in an annotation's value. Pure. */
export function markIn(value: unknown): ClusterMark | undefined {
  const [, member, stack] = (typeof value === 'string' ? /^vcloud:([^:\s]+):(\S+)$/u.exec(value) : null) ?? [];
  return member === undefined || stack === undefined ? undefined : { member, stack };
}

/** `NAMESPACE/NAME`, or the name alone: what the provider calls an object, and takes to import one. */
export function nameOf({ namespace, name }: Pick<ClusterObject, 'namespace' | 'name'>): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
