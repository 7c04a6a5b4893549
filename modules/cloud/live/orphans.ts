import { fail, isObject, type JsonObject } from '../../core/index.ts';
import { resolveCredentials, type CloudFinding, type CloudPort, type CloudQuery, type KindReading, type Orphan } from '../../engine/index.ts';
import { isSetting, kindOf } from './kinds.ts';
import { anyAt, collectLive } from './read.ts';
import { recognise } from './recognise.ts';
import { Refused, saidBy, Session, type SessionOptions } from './session.ts';
import type { LiveKind, LiveObject } from './types.ts';

export interface OpenstackCloudsOptions {
  /** Id of the member: marks of other members in the same project are theirs. */
  readonly member?: string | undefined;
  /** Requests a second at most. */
  readonly rate?: number | undefined;
  /** Milliseconds one request may take. */
  readonly timeout?: number | undefined;
  readonly tries?: number | undefined;
  /** Service type -> address, where it is another than the catalogue says. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined;
}

/** Asks OpenStack clouds for what of a stack is there that no state holds, and deletes what is to go. */
export function openstackClouds(options: OpenstackCloudsOptions = {}): CloudPort {
  return {
    find: (query) => find(query, options),
    remove: (query, orphan) => remove(query, orphan, options),
    unmanaged: async (query) => (await import('./unmanaged.ts')).unmanaged(query, options),
  };
}

async function find(query: CloudQuery, options: OpenstackCloudsOptions): Promise<CloudFinding> {
  const asked = [...new Set([...query.types, ...query.expected.map(({ type }) => type)])].filter((type) => type.startsWith('openstack_')).sort();
  const kinds: KindReading[] = [];
  const readable: string[] = [];
  for (const type of asked) {
    if (isSetting(type)) kinds.push({ type, state: 'setting' });
    else if (kindOf(type) === undefined)
      kinds.push({ type, state: 'unknown', look: 'the table of kinds does not have it: look for one made at the time of the crash' });
    else readable.push(type);
  }
  if (readable.length === 0) return { orphans: [], kinds };
  let session: Session | undefined;
  try {
    session = openSession(query, options);
    const read = await collectLive(session, { kinds: readable });
    // Something of it was about to be made: a catalogue without the service proves nothing.
    const missing = new Set(query.expected.map(({ type }) => type));
    for (const { kind, state, reason } of read.kinds)
      kinds.push({ type: kind, state: state === 'failed' || (state === 'absent' && missing.has(kind)) ? 'failed' : 'read', reason });
    return { orphans: orphansOf(read.objects, query, options, session.skew), kinds };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { message } = error;
    return { orphans: [], kinds: [...kinds, ...readable.map((type) => ({ type, state: 'failed' as const, reason: message }))] };
  } finally {
    session?.close();
  }
}

function orphansOf(objects: readonly LiveObject[], query: CloudQuery, { member }: OpenstackCloudsOptions, skew: number): Orphan[] {
  const since = query.since === undefined ? undefined : Date.parse(query.since) + skew;
  const context = { stack: query.stack.path, member, wanted: query.expected, held: query.held, since };
  const taken = new Set<string>();
  return objects.flatMap((object) => {
    const kind = kindOf(object.kind);
    if (kind === undefined || query.held.has(object.id) || query.held.has(importIdOf(kind, object))) return [];
    const found = recognise(kind, object, context);
    if (found === undefined) return [];
    // Of two that fit one address, one can be adopted.
    const address = found.address === undefined || taken.has(found.address) ? undefined : found.address;
    if (address !== undefined) taken.add(address);
    const { id, name, createdAt } = object;
    return [
      {
        type: object.kind,
        id,
        importId: importIdOf(kind, object),
        name,
        createdAt,
        by: found.by,
        address,
        advice: address === undefined ? 'delete' : (kind.advice ?? 'adopt'),
      } as const,
    ];
  });
}

/** What the provider's import takes for an object. */
export function importIdOf(kind: LiveKind | undefined, object: LiveObject): string {
  return kind?.importId === undefined ? object.id : filled(kind.importId, object);
}

/**
 * A session of the project the stack is deployed into: what its provider block names, over its cloud's credentials, as the
 * provider itself reads them.
 */
function openSession(query: CloudQuery, options: OpenstackCloudsOptions): Session {
  const { rate, timeout, tries } = options;
  return new Session({ ...loginOf(query), rate, timeout, tries });
}

/**
 * Whom a stack logs in as, and where: its provider block over its cloud's credentials.
 * @throws Refused where nothing says where the cloud is
 */
export function loginOf({
  root,
  environment,
  providers,
}: Pick<CloudQuery, 'root' | 'environment' | 'providers'>): Pick<SessionOptions, 'variables' | 'projectName' | 'endpoints' | 'region'> {
  const block = blockOf(providers);
  const word = (name: string): string | undefined => {
    const value = block[name];
    return typeof value === 'string' && value !== '' && !value.includes('${') ? value : undefined;
  };
  const cloud = word('cloud');
  const plain = environment['OS_AUTH_URL'] !== undefined || word('auth_url') !== undefined;
  const entry = cloud === undefined || plain ? {} : resolveCredentials(`clouds.yaml:${cloud}`, { root, environment: process.env, subject: `cloud "${cloud}"` });
  const stated: Record<string, string> = {};
  for (const [name, variable] of [
    ['auth_url', 'OS_AUTH_URL'],
    ['user_name', 'OS_USERNAME'],
    ['password', 'OS_PASSWORD'],
    ['application_credential_id', 'OS_APPLICATION_CREDENTIAL_ID'],
    ['application_credential_secret', 'OS_APPLICATION_CREDENTIAL_SECRET'],
    ['tenant_id', 'OS_PROJECT_ID'],
    ['user_id', 'OS_USER_ID'],
    ['user_domain_name', 'OS_USER_DOMAIN_NAME'],
    ['project_domain_name', 'OS_PROJECT_DOMAIN_NAME'],
    ['endpoint_type', 'OS_INTERFACE'],
  ] as const) {
    const value = word(name);
    if (value !== undefined) stated[variable] = value;
  }
  const variables = { ...environment, ...entry, ...stated };
  if (variables['OS_AUTH_URL'] === undefined)
    throw new Refused('no credentials', 'nothing says where this cloud is: give its credentials in vcloud.yaml (clouds: NAME: credentials:)');
  return { variables, projectName: word('tenant_name'), endpoints: overridesIn(block['endpoint_overrides']), region: word('region') };
}

/** Services the provider calls otherwise than catalogues do (its documentation, "Overriding Service API Endpoints"). */
const servicesOfProvider: Readonly<Record<string, string>> = { volumev3: 'block-storage', octavia: 'load-balancer', keymanager: 'key-manager' };

/** Addresses a provider block states. */
function overridesIn(given: unknown): Record<string, string> {
  const stated = isObject(given) ? Object.entries(given) : [];
  return Object.fromEntries(
    stated.flatMap(([name, value]) => (typeof value === 'string' ? [[servicesOfProvider[name] ?? name.replaceAll('_', '-'), value]] : [])),
  );
}

function blockOf(providers: JsonObject | undefined): Record<string, unknown> {
  const given: unknown = providers?.['openstack'];
  const blocks = Array.isArray(given) ? (given as unknown[]) : [given];
  // The one without an alias is what resources use that name none.
  return blocks.filter(isObject).find((block) => block['alias'] === undefined) ?? {};
}

/** Deletes one object. That it is gone already is as good. */
async function remove(query: CloudQuery, orphan: Orphan, options: OpenstackCloudsOptions): Promise<void> {
  const kind = kindOf(orphan.type);
  if (kind === undefined) fail('CLOUD-LIVE-REMOVE', `nothing is known of ${orphan.type}`, { subject: orphan.id });
  let session: Session | undefined;
  try {
    session = openSession(query, options);
    const read = await collectLive(session, { kinds: [kind.type] });
    const object = read.objects.find(({ id }) => id === orphan.id);
    if (object === undefined) {
      const failed = read.kinds.find(({ state }) => state === 'failed');
      if (failed !== undefined) throw new Refused('unread', failed.reason ?? 'it could not be read');
      return;
    }
    const { method, path, body } = kind.remove ?? { method: 'DELETE' as const, path: `${kind.path.replace(/\/detail$/u, '')}/{id}`, body: undefined };
    const target = filled(path.replace('{user}', session.user), object);
    const sent = body && Object.fromEntries(Object.entries(body).map(([name, value]) => [name, filled(value, object)]));
    const answer = await session.change(method, kind.service, target, sent);
    if (answer.status === 404 || (answer.status >= 200 && answer.status < 300)) return;
    throw new Refused(String(answer.status), `${answer.status}${saidBy(answer)}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    fail('CLOUD-LIVE-REMOVE', `${orphan.type} ${orphan.id} could not be deleted: ${error.message}`, {
      subject: query.stack.path,
      hint: "delete first what uses it, or ask the cloud's operator",
    });
  } finally {
    session?.close();
  }
}

/** `{field}` replaced by what the object has there; `{uuid}` by the last part of an id that is an address. */
function filled(template: string, object: LiveObject): string {
  return template.replace(/\{([^}]+)\}/gu, (_, field: string) => {
    if (field === 'id') return object.id;
    if (field === 'uuid') return object.id.split('/').at(-1) ?? object.id;
    const [value] = anyAt(object.attributes, field);
    return typeof value === 'string' ? value : '';
  });
}
