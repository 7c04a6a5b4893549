import type { z } from 'zod';
import type { Claim, Component, Entry, Flow, Replica, SystemIntent, SystemShape } from '../shape.ts';
import { assignments, key, parameter, peers, port, targets, text, whole, word, type Named } from './parameter.ts';

/** Name of the port administrators use, and nobody else. */
export const administration = 'administration';

/** What every blueprint can be told. */
export const commonParameters = {
  machineImage: parameter('image', text().default('debian-12'), 'machine image of the members, by its name in the cloud', 'debian-12'),
  containerImages: parameter(
    'list of COMPONENT=IMAGE',
    assignments().optional(),
    'container image of each component; TENANT/COMPONENT of the cluster’s own registry where it is not stated',
    ['portal=works/portal:2.1'],
  ),
  administrationPort: parameter(
    'port',
    port().optional(),
    'port administrators reach members on, from the network `management` only; closed where it is not stated',
    22,
  ),
  names: parameter(
    'key',
    key().optional(),
    'where members ask for names (port 53); nowhere beyond their cloud’s own where it is not stated',
    'tenant/resolvers/app',
  ),
  time: parameter('key', key().optional(), 'where members ask for the time (port 123)', 'tenant/resolvers/app'),
  logs: parameter('list of KEY:PORT', targets().optional(), 'where members send their logs', ['tenant/operations/app:6514']),
  backupEveryHours: parameter(
    'hours',
    whole().optional(),
    'hours between two copies of a volume; the recovery point of its partner, else 24, where it is not stated',
    6,
  ),
  backupKeepDays: parameter('days', whole().default(30), 'days a copy of a volume is kept', 30),
} satisfies z.ZodRawShape;
export type Common = z.output<z.ZodObject<typeof commonParameters>>;

/** What a blueprint with an entry for people or systems outside can be told. */
export const audienceParameters = {
  audience: parameter(
    'list of CARRIER=KEY',
    peers(true),
    'who may use it on each network its links run on: CARRIER=KEY of the address plan, or CARRIER=anywhere',
    ['internet=anywhere', 'dedicated=domain/dedicated'],
  ),
  entryPort: parameter('port', port().default(443), 'port of the entries; 443 is HTTPS (RFC 9110)', 443),
  certificate: parameter(
    'name',
    word().optional(),
    'certificate its owner has put into the cloud’s key store: TLS then ends at the entry; at the members where it is not stated',
    'portal-certificate',
  ),
  connections: parameter('number', whole().optional(), 'most connections at once through an entry; unlimited where it is not stated', 2000),
} satisfies z.ZodRawShape;
export type Audience = z.output<z.ZodObject<typeof audienceParameters>>;

/** One entry for each of those who may come in: `NAME`, or `NAME-CARRIER` where there are several. */
export function entriesFor(
  name: string,
  { component, port: receives }: Pick<Entry, 'component' | 'port'>,
  who: readonly Named[],
  {
    entryPort,
    certificate,
    connections,
  }: Pick<Audience, 'entryPort'> & { readonly certificate?: string | undefined; readonly connections?: number | undefined },
): Entry[] {
  return who.map(({ name: carrier, peer }) => ({
    name: who.length === 1 ? name : `${name}-${carrier}`,
    component,
    port: receives,
    listen: entryPort,
    from: peer,
    tls: certificate === undefined ? { at: 'members' } : { at: 'entry', certificate },
    ...(connections === undefined ? {} : { connections }),
  }));
}

/** The link to every tenant that keeps the same data: either side may open it, because sides change when one fails. */
export function replicate(intent: SystemIntent, { name, segment, ports }: Component, portName: string): { replicas: Replica[]; flows: Flow[] } {
  const number = ports.find((one) => one.name === portName)?.number ?? 0;
  return {
    replicas: intent.partners.map(({ tenant, side, rpoMinutes, rtoMinutes }) => ({
      component: name,
      port: portName,
      tenant,
      side,
      ...(rpoMinutes === undefined ? {} : { rpoMinutes }),
      ...(rtoMinutes === undefined ? {} : { rtoMinutes }),
    })),
    flows: intent.partners.flatMap(({ tenant }): Flow[] => [
      { from: { component: name }, to: { key: `tenant/${tenant}/${segment}` }, port: number, why: `data for ${tenant}, which keeps it too` },
      { from: { key: `tenant/${tenant}/${segment}` }, to: { component: name }, port: portName, why: `data of ${tenant}, which keeps it too` },
    ]),
  };
}

/** Tells the members of a component of each other; nothing where there is only one. */
export function among({ name, replicas }: Component, portName: string, why: string): Flow[] {
  return replicas < 2 ? [] : [{ from: { component: name }, to: { component: name }, port: portName, why }];
}

/** Connections to what is consumed elsewhere. */
export function outward(component: string, list: readonly { readonly key: string; readonly port: number }[] | undefined, why: string): Flow[] {
  return (list ?? []).map(({ key: holder, port: number }) => ({ from: { component }, to: { key: holder }, port: number, why }));
}

/** What follows from a system's form alone, whatever it is for. */
export function commonClaims(shape: Omit<SystemShape, 'claims'>, intent: SystemIntent, { logs }: Common): Claim[] {
  const { components, flows, entries, segments, stores, keys, replicas } = shape;
  // Ways past every entry: the copies' of partners, and whoever a blueprint lets straight to its members.
  const besides = flows.flatMap(({ from, to }) => ('component' in to && 'key' in from ? [`${from.key} to ${to.component}`] : [])).filter(unique);
  const stored = components.filter(({ storage }) => storage !== undefined).map(({ name }) => name);
  const several = components.filter(({ replicas: count }) => count > 1).map(({ name }) => name);
  const all = components.map(({ name }) => name);
  const claims: Claim[] = [];
  const claim = (id: string, parts: readonly string[], by: string): void => {
    if (parts.length > 0) claims.push({ id, by, parts });
  };
  claim(
    'SEC-1',
    [...stored, ...stores.map(({ name }) => name), ...keys.map(({ name }) => name)],
    'volumes are encrypted, object stores are nobody’s to list, keys stay in the cloud’s key store and are named only',
  );
  claim('SEC-2', several, 'members of one kind stand on different hosts while there are enough; who else is on a host is the cloud’s to say');
  claim('SEC-5', stored, 'volumes outlive the member they serve and are copied at a stated interval');
  claim(
    'SEC-7',
    entries
      .filter(({ component }) => several.includes(component))
      .flatMap(({ name, component }) => [name, component])
      .filter(unique),
    'one entry in front of several members',
  );
  claim(
    'SEC-8',
    entries.filter(({ connections }) => connections !== undefined).map(({ name }) => name),
    'connections through an entry are limited',
  );
  claim('SEC-9', all, 'the tenant may use what its system needs and no more');
  if (logs !== undefined) claim('SEC-10', all, 'every member may reach the place logs are kept, and nothing may come back that way');
  claim('SEC-14', all, 'everything that costs something carries the mark of the stack, which names its owner');
  claim(
    'SEC-16',
    segments.map(({ name }) => name),
    'what is not named as a flow is refused, in both directions',
  );
  claim('SEC-17', replicas.map(({ component }) => component).filter(unique), 'the link to another cloud is open to the partner’s network alone');
  claim('CLD-7', intent.dataClass === undefined ? [] : stored, `data of class ${intent.dataClass ?? ''} is encrypted at rest like all other`);
  claim(
    'CON-1',
    entries.map(({ name }) => name),
    `from outside of the tenant the only ways in are entries${besides.length === 0 ? '' : `, and for holders that are named: ${besides.join(', ')}`}`,
  );
  claim(
    'CON-5',
    entries.map(({ name }) => name),
    'TLS is passed through unopened, or ends with a certificate of the key store',
  );
  claim('INT-2', replicas.map(({ component }) => component).filter(unique), 'another tenant keeps the same data');
  claim('INT-5', intent.carriers.length === 0 ? [] : entries.map(({ name }) => name), 'each network the links run on has its own way in');
  return claims;
}

function unique(name: string, index: number, list: readonly string[]): boolean {
  return list.indexOf(name) === index;
}
