import { isObject, type JsonObject } from '../../../core/index.ts';
import type { StateResource } from '../../../engine/index.ts';
import { clusterKindOf, manifestType } from './kinds.ts';
import { markIn, type ClusterMark, type ClusterObject } from './objects.ts';

/** Which object a resource is. What is not known before it is made is absent. */
export interface Identity {
  /** Terraform type. */
  readonly type: string;
  /** `v1`, `apps/v1`. */
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Beginning of a name the server makes up. */
  readonly prefix?: string | undefined;
  readonly mark?: ClusterMark | undefined;
}

/**
 * Which object a resource is, from its attributes, its planned values or its body as configured; undefined for types that are no
 * objects. Of what is to be imported the id is enough. Pure.
 */
export function identityOf(type: string, values: JsonObject): Identity | undefined {
  if (type === manifestType) return manifestIdentity(values);
  const kind = clusterKindOf(type);
  if (kind === undefined) return undefined;
  const base = { type, version: kind.version, kind: kind.kind };
  const metadata = firstBlock(values['metadata']);
  if (metadata === undefined) {
    const id = word(values['id']);
    const [namespace, name] = kind.namespaced ? (id?.split('/') ?? []) : [undefined, id];
    return { ...base, namespace, name };
  }
  return { ...base, ...named(metadata, kind.namespaced) };
}

/** `kubernetes_manifest` has no id; it is imported by `apiVersion=V,kind=K,namespace=NS,name=N`. */
function manifestIdentity(values: JsonObject): Identity | undefined {
  const given = values['manifest'];
  // A state writes a value of any type beside its type.
  const manifest = isObject(given) && given['apiVersion'] === undefined && isObject(given['value']) ? given['value'] : given;
  if (isObject(manifest)) {
    const [version, kind] = [word(manifest['apiVersion']), word(manifest['kind'])];
    const metadata = isObject(manifest['metadata']) ? manifest['metadata'] : {};
    return version === undefined || kind === undefined ? undefined : { type: manifestType, version, kind, ...named(metadata, undefined) };
  }
  const parts = new Map((word(values['id']) ?? '').split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const [version, kind] = [parts.get('apiVersion'), parts.get('kind')];
  return version === undefined || kind === undefined
    ? undefined
    : { type: manifestType, version, kind, namespace: parts.get('namespace'), name: parts.get('name') };
}

function named(metadata: Readonly<Record<string, unknown>>, namespaced: boolean | undefined): Pick<Identity, 'namespace' | 'name' | 'prefix' | 'mark'> {
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
  // Said to be none, it is the namespace everything is in that says nothing.
  const namespace = namespaced === true && (metadata['namespace'] === null || metadata['namespace'] === '') ? 'default' : word(metadata['namespace']);
  return {
    namespace: namespaced === false ? undefined : namespace,
    name: word(metadata['name']),
    prefix: word(metadata['generate_name']) ?? word(metadata['generateName']),
    mark: markIn(annotations['vcloud/mark']),
  };
}

/** What the provider's import takes for an object under a type. */
export function importIdOf({ type, version, kind, namespace, name }: Identity): string {
  const place = namespace === undefined ? [] : [namespace];
  if (type !== manifestType) return [...place, name ?? ''].join('/');
  return [`apiVersion=${version}`, `kind=${kind}`, ...place.map((one) => `namespace=${one}`), `name=${name ?? ''}`].join(',');
}

/** One object of a cluster, whatever version of its API it is read or written in. */
export function keyOf({ version, kind, namespace = '', name = '' }: Pick<Identity, 'version' | 'kind' | 'namespace' | 'name'>): string {
  const group = version.includes('/') ? (version.split('/')[0] ?? '') : '';
  return `${group} ${kind} ${namespace}/${name}`;
}

/** The same of an object that is there. */
export function objectKey({ kind, namespace, name }: ClusterObject): string {
  return keyOf({ version: kind.version, kind: kind.kind, namespace, name });
}

/** Whether an object can be the one a resource is: what is not known of the resource does not contradict. */
export function fits(wanted: Identity, object: ClusterObject): boolean {
  const { version, kind, namespace = object.namespace, name, prefix } = wanted;
  if (name === undefined && prefix === undefined) return false;
  if (name === undefined && !object.name.startsWith(prefix ?? '')) return false;
  return keyOf({ version, kind, namespace, name: name ?? object.name }) === objectKey(object);
}

/** Resources of a configuration, each as what it is; references to names of other resources of it are followed. */
export function configuredIdentities(resources: JsonObject): Identity[] {
  const found: Identity[] = [];
  for (const [type, bodies] of Object.entries(resources)) {
    for (const body of Object.values(isObject(bodies) ? bodies : {})) {
      const resolved = isObject(body) ? identityOf(type, followed(body, resources)) : undefined;
      if (resolved !== undefined) found.push(resolved);
    }
  }
  return found;
}

/** Names and namespaces that are written as `${TYPE.NAME.metadata[0].name}` replaced by what stands there. */
function followed(body: JsonObject, resources: JsonObject): JsonObject {
  const metadata = firstBlock(body['metadata']);
  if (metadata === undefined) return body;
  const values = Object.fromEntries(
    Object.entries(metadata).map(([field, value]) => {
      const [, type, name, wanted] = (typeof value === 'string' ? /^\$\{(\w+)\.([\w-]+)\.metadata\[0\]\.(\w+)\}$/u.exec(value) : null) ?? [];
      if (type === undefined || name === undefined || wanted === undefined) return [field, value];
      const bodies = resources[type];
      const target = isObject(bodies) && isObject(bodies[name]) ? firstBlock(bodies[name]['metadata']) : undefined;
      return [field, target?.[wanted] ?? value];
    }),
  );
  return { ...body, metadata: [{ namespace: null, ...values }] };
}

/** Namespaces in which these objects are, and those they are themselves. */
export function namespacesOf(identities: readonly Identity[]): string[] {
  const names = identities.flatMap(({ kind, namespace, name }) => [namespace, kind === 'Namespace' ? name : undefined]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** What states hold, as objects; resources that only set something on others are none. */
export function heldIdentities(resources: readonly StateResource[]): { readonly resource: StateResource; readonly identity: Identity }[] {
  return resources.flatMap((resource) => {
    const identity = identityOf(resource.type, resource.attributes);
    return identity?.name === undefined ? [] : [{ resource, identity }];
  });
}

function firstBlock(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(first) ? first : undefined;
}

/** A word that is known; not an expression. */
function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.includes('${') ? value : undefined;
}
