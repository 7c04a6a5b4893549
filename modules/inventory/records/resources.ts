import { isObject, urn, type Place } from '../../core/index.ts';
import type { HeldStack, StackResource, StateResource, SynthesisedStack, Synthesis } from '../../engine/types.ts';
import type { Collection } from '../../federation/index.ts';
import { collections } from '../../federation/index.ts';
import type { Drift, InventoryRecord } from '../types.ts';
import { makeRecord, relation, type RecordContext } from './context.ts';
import { compareBodies, type Comparison } from './drift.ts';

/**
 * What the states hold, by stack path. A stack that is not in it has no known state (its resources are `unknown`);
 * a stack with an empty list has a state without resources (its resources are `missing`).
 */
export type States = ReadonlyMap<string, readonly StateResource[]>;

/** Records of stacks and of their resources: the declared layer from synthesis, the state layer from the states. */
export function stackRecords(context: RecordContext, synthesis: Synthesis, states: States | undefined, folders: readonly HeldStack[] = []): InventoryRecord[] {
  const records: InventoryRecord[] = [];
  const paths = new Set<string>();
  for (const stack of synthesis.stacks) {
    paths.add(stack.path);
    const owner = stackOwner(context, stack.path, stack.agency, stack.tenant);
    records.push(stackRecord(context, stack, owner));
    const state = states?.get(stack.path);
    const held = new Map((state ?? []).map((resource) => [resource.address, resource]));
    const bodies = state === undefined ? undefined : resourceBodies(stack.json);
    for (const resource of stack.resources) {
      const found = resourceState(stack, resource, state === undefined ? undefined : held, bodies);
      records.push(resourceRecord(context, stack, resource, owner, found));
      const inState = held.get(resource.planned);
      if (inState) {
        records.push(stateRecord(context, inState, resource.address, resource.type, owner, { name: resource.name, place: resource.place }));
        held.delete(resource.planned);
      }
    }
    for (const stray of held.values()) records.push(unmanagedRecord(context, stray, owner));
  }
  for (const stack of folders) {
    paths.add(stack.path);
    records.push(...folderRecords(context, stack, states?.get(stack.path)));
  }
  // A state whose stack is no longer declared: everything in it is nobody's.
  for (const [path, resources] of states ?? []) {
    if (paths.has(path)) continue;
    const [agency = '', tenant] = path.split('.');
    const owner = stackOwner(context, path, agency, tenant);
    for (const stray of resources) records.push(unmanagedRecord(context, stray, owner));
  }
  return records;
}

/** An existing folder: that it is a stack is declared, what it made only its state says. */
function folderRecords(context: RecordContext, stack: HeldStack, state: readonly StateResource[] | undefined): InventoryRecord[] {
  const { path, agency, tenant, cloud, environment, digest, folder, dependsOn } = stack;
  const owner = stackOwner(context, path, agency, tenant);
  const resources = state ?? stack.resources;
  const place = { file: folder };
  return [
    makeRecord(context, {
      kind: 'stack',
      id: path,
      owner,
      names: { vi: path, en: path },
      place,
      relations: [
        relation('partOf', tenant === undefined ? undefined : context.urnOf('tenants', tenant)),
        relation('runsOn', cloud === undefined ? undefined : context.urnOf('clouds', cloud)),
        ...dependsOn.map((other) => relation('dependsOn', urn(context.member, 'stack', other))),
      ],
      attributes: { agency, tenant, cloud, environment, digest, folder, resources: resources?.length },
    }),
    ...(resources ?? []).map((resource) => stateRecord(context, resource, resource.address, resource.type, owner, { name: nameIn(resource), place })),
  ];
}

function nameIn({ attributes }: StateResource): string | undefined {
  return typeof attributes['name'] === 'string' && attributes['name'] !== '' ? attributes['name'] : undefined;
}

function stackOwner(context: RecordContext, path: string, agency: string, tenant: string | undefined): string {
  const owner = tenant === undefined ? undefined : context.federation.tenants.get(tenant)?.owner;
  return owner ?? (agency === '' ? path : agency);
}

function stackRecord(context: RecordContext, stack: SynthesisedStack, owner: string): InventoryRecord {
  const stackUrn = (path: string): string => urn(context.member, 'stack', path);
  return makeRecord(context, {
    kind: 'stack',
    id: stack.path,
    owner,
    names: { vi: stack.path, en: stack.path },
    place: placeOfSubject(context, stack),
    relations: [
      relation('partOf', stack.tenant === undefined ? undefined : context.urnOf('tenants', stack.tenant)),
      relation('runsOn', stack.cloud === undefined ? undefined : context.urnOf('clouds', stack.cloud)),
      ...[...new Set([...stack.dependsOn, ...stack.reads])].sort().map((path) => relation('dependsOn', stackUrn(path))),
    ],
    attributes: {
      agency: stack.agency,
      tenant: stack.tenant,
      cloud: stack.cloud,
      environment: stack.environment,
      digest: stack.digest,
      resources: stack.resources.length,
    },
  });
}

function placeOfSubject(context: RecordContext, stack: SynthesisedStack): Place | undefined {
  const tenant = stack.tenant === undefined ? undefined : context.federation.tenants.get(stack.tenant);
  return tenant?.place ?? stack.resources.find(({ place }) => place !== undefined)?.place;
}

function resourceRecord(context: RecordContext, stack: SynthesisedStack, resource: StackResource, owner: string, found: Comparison): InventoryRecord {
  const name = resource.name ?? resource.address;
  return makeRecord(context, {
    kind: 'resource',
    id: `${stack.path}/${resource.address}`,
    owner,
    names: { vi: name, en: name },
    place: resource.place ?? placeOfSubject(context, stack),
    drift: found.drift,
    relations: [relation('partOf', urn(context.member, 'stack', stack.path)), relation('follows', subjectUrn(context, resource.subject))],
    attributes: {
      type: resource.type,
      address: resource.address,
      planned: resource.planned === resource.address ? undefined : resource.planned,
      construct: resource.construct,
      stack: stack.path,
      tenant: stack.tenant,
      cloud: stack.cloud,
      environment: stack.environment,
      differs: found.differs.length === 0 ? undefined : found.differs,
    },
  });
}

/** `tenant/ndxp` as the URN of that declared object. */
function subjectUrn(context: RecordContext, subject: string | undefined): string | undefined {
  const slash = subject?.indexOf('/') ?? -1;
  if (subject === undefined || slash < 0) return undefined;
  const kind = subject.slice(0, slash);
  const collection = (collections as readonly string[]).includes(`${kind}s`) ? (`${kind}s` as Collection) : undefined;
  return collection === undefined ? undefined : context.urnOf(collection, subject.slice(slash + 1));
}

function stateRecord(
  context: RecordContext,
  resource: StateResource,
  address: string,
  type: string,
  owner: string,
  extra: { name?: string | undefined; place?: Place | undefined; drift?: Drift },
): InventoryRecord {
  const name = extra.name ?? address;
  const id = resource.attributes['id'];
  return makeRecord(context, {
    kind: 'resource',
    layer: 'state',
    id: `${resource.stack}/${address}`,
    owner,
    names: { vi: name, en: name },
    place: extra.place,
    drift: extra.drift,
    relations: [relation('partOf', urn(context.member, 'stack', resource.stack))],
    // A state holds secrets in clear, so only its identity leaves it.
    attributes: { type, address, stack: resource.stack, id: typeof id === 'string' ? id : undefined },
  });
}

function unmanagedRecord(context: RecordContext, resource: StateResource, owner: string): InventoryRecord {
  const { address, type } = realAddress(resource);
  return stateRecord(context, resource, address, type, owner, { drift: 'unmanaged' });
}

/** `terraform_data.TYPE__NAME` of the sandbox as the resource it stands for. */
function realAddress(resource: StateResource): { address: string; type: string } {
  const match = /^terraform_data\.([a-z0-9_]+?)__(.+)$/u.exec(resource.address);
  return match ? { address: `${match[1] ?? ''}.${match[2] ?? ''}`, type: match[1] ?? '' } : { address: resource.address, type: resource.type };
}

function resourceState(
  stack: SynthesisedStack,
  resource: StackResource,
  held: ReadonlyMap<string, StateResource> | undefined,
  bodies: Bodies | undefined,
): Comparison {
  if (held === undefined) return { drift: 'unknown', differs: [] };
  const state = held.get(resource.planned);
  if (state === undefined) return { drift: 'missing', differs: [] };
  const body = bodies?.(resource.planned);
  if (body === undefined) return { drift: 'unknown', differs: [] };
  if (stack.environment === 'sandbox' && isObject(body) && 'input' in body) {
    return compareBodies(body['input'], dynamicValue(state.attributes['input']));
  }
  return compareBodies(withoutMeta(body), state.attributes);
}

/** The state file keeps an attribute of any type as `{ value, type }`. */
function dynamicValue(value: unknown): unknown {
  return isObject(value) && Object.keys(value).length === 2 && 'value' in value && 'type' in value ? value['value'] : value;
}

const metaArguments = new Set(['depends_on', 'count', 'for_each', 'provider', 'lifecycle', 'provisioner', 'connection', '//']);

/** What is compared: without meta-arguments, and without what plans are told to leave alone. */
function withoutMeta(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { lifecycle } = body;
  const ignored: unknown = isObject(lifecycle) ? lifecycle['ignore_changes'] : undefined;
  if (ignored === 'all') return {};
  const left = new Set(Array.isArray(ignored) ? ignored.map(String) : []);
  return Object.fromEntries(Object.entries(body).filter(([key]) => !metaArguments.has(key) && !left.has(key)));
}

type Bodies = (address: string) => unknown;

/** Bodies by address from a stack's JSON; parsed once per stack and only where there is a state to compare with. */
function resourceBodies(json: string): Bodies {
  const parsed = JSON.parse(json) as { resource?: Record<string, Record<string, unknown>> };
  return (address) => {
    const dot = address.indexOf('.');
    const body = parsed.resource?.[address.slice(0, dot)]?.[address.slice(dot + 1)];
    return Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body;
  };
}
