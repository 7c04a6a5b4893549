import type { CloudPort, KindReading, ProjectReading, StackLogin, StateResource, UnmanagedObject, UnmanagedQuery } from '../../engine/index.ts';
import { isObject } from '../../core/index.ts';
import { kindOf, liveKinds } from './kinds.ts';
import { madeByCloud } from './made.ts';
import { importIdOf, loginOf, type OpenstackCloudsOptions } from './orphans.ts';
import { anyAt, beside, collectLive } from './read.ts';
import { Refused, Session } from './session.ts';
import type { KindEnd, LiveObject } from './types.ts';

/** Where a state holds something. */
export interface Holder {
  readonly stack: string;
  readonly address: string;
}

/** What states hold, as a cloud's objects are told from it. */
export interface HeldObjects {
  /** By `TYPE ID`, and by id alone where no other kind's could be the same. */
  readonly byId: ReadonlyMap<string, Holder>;
  /** Hardware addresses of servers' cards. */
  readonly interfaces: ReadonlySet<string>;
  /** Ids of security groups made without default rules. */
  readonly emptied?: ReadonlySet<string> | undefined;
}

/** What of a project is held, made by the cloud, or neither. */
export interface Sorted {
  readonly held: ReadonlyMap<LiveObject, Holder>;
  readonly made: ReadonlyMap<LiveObject, string>;
  readonly unmanaged: readonly UnmanagedObject[];
}

/** Kinds whose objects belong to a project. */
export const projectKinds: readonly string[] = liveKinds.filter(({ beyond }) => beyond === undefined).map(({ type }) => type);

/** Reads the projects of stacks, each once, and finds what no state holds. */
export async function unmanaged(query: UnmanagedQuery, options: OpenstackCloudsOptions = {}): ReturnType<NonNullable<CloudPort['unmanaged']>> {
  const held = heldObjects(query.held);
  const readings = new Map<string, ProjectReading>();
  const logins = query.logins.filter(isOpenstack);
  for (const login of logins) {
    // Which of them share the project is known only once all have logged in.
    const neighbours = logins.filter(({ stack }) => stack.cloud === login.stack.cloud);
    const types = new Set(neighbours.flatMap(({ stack }) => (query.held.get(stack.path) ?? []).map(({ type }) => type)));
    const reading = await readLogin(query.root, login, { ...held, types }, readings, options);
    const key = `${reading.cloud} ${reading.project.id === '' ? login.stack.path : reading.project.id}`;
    const before = readings.get(key);
    readings.set(key, before === undefined ? reading : { ...before, stacks: [...before.stacks, login.stack.path] });
  }
  return [...readings.values()];
}

/** Whether a stack is deployed into an OpenStack, as far as is said. */
export function isOpenstack({ providers, environment }: StackLogin): boolean {
  return providers === undefined ? environment['OS_AUTH_URL'] !== undefined : providers['openstack'] !== undefined;
}

async function readLogin(
  root: string,
  login: StackLogin,
  held: HeldObjects & { readonly types: ReadonlySet<string> },
  known: ReadonlyMap<string, ProjectReading>,
  options: OpenstackCloudsOptions,
): Promise<ProjectReading> {
  const { stack, environment, providers } = login;
  const cloud = stack.cloud ?? '';
  let session: Session | undefined;
  let project = { id: '', name: '' };
  const base = { cloud, stacks: [stack.path], objects: 0, held: 0, made: 0, unmanaged: [] };
  try {
    session = new Session({ ...loginOf({ root, environment, providers }), rate: options.rate, timeout: options.timeout, tries: options.tries });
    await session.logIn();
    project = { id: session.project, name: session.projectName };
    if (known.has(`${cloud} ${project.id}`)) return { ...base, project, unread: [] };
    const { objects, kinds } = await collectLive(session, { kinds: projectKinds });
    const sorted = sortObjects(objects, held, options.member);
    return {
      ...{ cloud, project, stacks: [stack.path], objects: objects.length, held: sorted.held.size, made: sorted.made.size },
      unmanaged: sorted.unmanaged,
      unread: unreadOf(beside(kinds, held.types)),
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...base, project, unread: [{ type: '*', state: 'failed', reason: error.message }] };
  } finally {
    session?.close();
  }
}

function unreadOf(kinds: readonly KindEnd[]): KindReading[] {
  return kinds.filter(({ state }) => state === 'failed').map(({ kind, reason }) => ({ type: kind, state: 'failed', reason }));
}

/** Sorts what was read of one project into what is held, what the cloud made and what is nobody's. Pure. */
export function sortObjects(objects: readonly LiveObject[], { byId, interfaces, emptied }: HeldObjects, member?: string): Sorted {
  const around = { byId: new Map(objects.map((object) => [object.id, object])), interfaces, emptied };
  const held = new Map<LiveObject, Holder>();
  const made = new Map<LiveObject, string>();
  const left: UnmanagedObject[] = [];
  for (const object of objects) {
    const importId = importIdOf(kindOf(object.kind), object);
    const holder = byId.get(`${object.kind} ${object.id}`) ?? byId.get(`${object.kind} ${importId}`) ?? byId.get(object.id);
    if (holder !== undefined) {
      held.set(object, holder);
      continue;
    }
    const mark = markOf(object);
    const reason = mark !== undefined && member !== undefined && mark.member !== member ? `it is ${mark.member}'s` : madeByCloud(object, around);
    if (reason !== undefined) {
      made.set(object, reason);
      continue;
    }
    const { kind, id, name, createdAt } = object;
    left.push({ type: kind, id, importId, name, createdAt, within: parentOf(object, byId), markedAs: mark?.stack });
  }
  return { held, made, unmanaged: left };
}

/** What an object hangs on, nearest first: the row of its kind says by which fields. */
function parentOf(object: LiveObject, byId: ReadonlyMap<string, Holder>): Holder | undefined {
  const fields = ['parent', ...Object.values(kindOf(object.kind)?.match ?? {})];
  for (const field of fields) {
    for (const value of anyAt(object.attributes, field)) {
      const holder = typeof value === 'string' ? byId.get(value) : undefined;
      if (holder !== undefined) return holder;
    }
  }
  return undefined;
}

function markOf({ tags, description, attributes }: LiveObject): { readonly member: string; readonly stack: string } | undefined {
  const metadata = anyAt(attributes, 'metadata.vcloud').filter((value) => typeof value === 'string');
  const inside = [...(description ?? '').matchAll(/\[(vcloud:[^\]]+)\]/gu)].map(([, mark = '']) => mark);
  for (const text of [...tags, ...metadata, ...inside]) {
    const [, member, stack] = /^vcloud:([^:\s\]]+):(.+)$/u.exec(text) ?? [];
    if (member !== undefined && stack !== undefined) return { member, stack };
  }
  return undefined;
}

/** What states hold, ready to be looked up. Resources that stand for several objects of a cloud are taken apart. Pure. */
export function heldObjects(states: ReadonlyMap<string, readonly StateResource[]>): HeldObjects {
  const byId = new Map<string, Holder>();
  const interfaces = new Set<string>();
  const emptied = new Set<string>();
  for (const [stack, resources] of states) {
    for (const { address, type, attributes } of resources) {
      const { id: own } = attributes;
      const holder = { stack, address };
      for (const id of idsOf(type, attributes)) {
        byId.set(`${type} ${id}`, holder);
        if (/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|^[0-9a-f]{32}$/u.test(id)) byId.set(id, holder);
      }
      // Of a group that was imported nothing is said, and it keeps its default rules.
      if (type === 'openstack_networking_secgroup_v2' && attributes['delete_default_rules'] === true && typeof own === 'string') emptied.add(own);
      if (type === 'openstack_compute_instance_v2') for (const mac of anyAt(attributes, 'network.[].mac')) if (typeof mac === 'string') interfaces.add(mac);
    }
  }
  return { byId, interfaces, emptied };
}

function idsOf(type: string, attributes: Readonly<Record<string, unknown>>): string[] {
  const own = typeof attributes['id'] === 'string' ? [attributes['id']] : [];
  const parts = (name: string): Record<string, unknown>[] => (Array.isArray(attributes[name]) ? (attributes[name] as unknown[]).filter(isObject) : []);
  // All members of a pool, all routes of a router, as one resource each.
  if (type === 'openstack_lb_members_v2') return parts('member').flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  if (type !== 'openstack_networking_router_routes_v2') return own;
  const router = String(attributes['router_id']);
  return parts('routes').map((route) => `${router}-route-${String(route['destination_cidr'])}-${String(route['next_hop'])}`);
}
