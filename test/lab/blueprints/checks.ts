import { isObject } from '../../../modules/core/index.ts';
import type { Claim, Component, Entry, Peer, SystemShape } from '../../../modules/cloud/systems/index.ts';
import type { Json } from '../support/lab.ts';
import { overlaps, parsePrefix, prefixContains } from '../../../modules/network/index.ts';
import { bare, type Live, type LiveRule } from './live.ts';

/** What one claim of one tenant is checked with. */
export interface Subject {
  readonly live: Live;
  readonly shape: SystemShape;
  readonly claim: Claim;
  /** Prefixes of both families by key of the address plan. */
  readonly prefixes: (key: string) => readonly string[];
  /** Mark every object of the tenant's workload carries. */
  readonly mark: string;
}

interface Check {
  readonly how: string;
  /** What is not as claimed; nothing where all is. */
  readonly faults: (subject: Subject) => readonly string[];
}

const everywhere = ['0.0.0.0/0', '::/0'];
const metadataOf = (object: Json): Readonly<Record<string, string | undefined>> =>
  isObject(object['metadata']) ? (object['metadata'] as Record<string, string | undefined>) : {};
const tagsOf = (object: Json): readonly string[] => (Array.isArray(object['tags']) ? object['tags'].map(String) : []);
const part = ({ shape }: Subject, name: string): Component | undefined => shape.components.find((component) => component.name === name);
const components = (subject: Subject): Component[] => subject.shape.components.filter(({ name }) => subject.claim.parts.includes(name));
const entries = (subject: Subject): Entry[] => subject.shape.entries.filter(({ name }) => subject.claim.parts.includes(name));
const members = ({ live }: Subject, component: string): Json[] => live.servers.filter((server) => metadataOf(server)['role'] === component);
const rules = ({ live }: Subject, component: string): readonly LiveRule[] => live.rules.get(component) ?? [];
const volumes = (subject: Subject, component: string): Json[] => {
  const own = members(subject, component).map((server) => String(server['id']));
  return subject.live.volumes.filter((volume) =>
    (Array.isArray(volume['attachments']) ? volume['attachments'] : []).some((one) => isObject(one) && own.includes(String(one['server_id']))),
  );
};
const all = <T>(list: readonly T[], least: number, fault: (one: T) => string | undefined, none: string): string[] =>
  list.length < least ? [`${none}: ${list.length} of ${least}`] : list.flatMap((one) => fault(one) ?? []);

/** Prefixes or group a rule about a peer must name. */
function remotesOf({ live, prefixes }: Subject, peer: Peer): readonly string[] {
  if ('component' in peer) return [`group:${peer.component}`];
  if ('anywhere' in peer) return everywhere;
  if ('key' in peer) return prefixes(peer.key);
  return prefixes(`tenant/${live.tenant}/${peer.segment}`);
}

/** Whether a component's group has a rule for each remote of a peer. */
function opened(subject: Subject, component: string, direction: LiveRule['direction'], peer: Peer, port: number): string[] {
  const remotes = remotesOf(subject, peer);
  const found = rules(subject, component).filter((rule) => rule.direction === direction && rule.port === port);
  const missing = remotes.filter((remote) => !found.some((rule) => rule.remotes.includes(remote)));
  // A network of one family has rules of that family alone.
  return missing.length > 0 && missing.length === remotes.length ? [`${component}: no ${direction} on ${port} for ${remotes.join(' ')}`] : [];
}

/** Where the members of a component may open connections to outside of the tenant's own groups, as `PREFIX PORT`. */
function outward(subject: Subject, component: string, direction: LiveRule['direction'] = 'egress'): string[] {
  const own = subject.shape.segments.flatMap(({ name }) => subject.prefixes(`tenant/${subject.live.tenant}/${name}`));
  return rules(subject, component)
    .filter((rule) => rule.direction === direction)
    .flatMap(({ remotes, port }) => remotes.filter((remote) => !remote.startsWith('group:') && !own.includes(remote)).map((remote) => `${remote} ${port}`));
}

function listenersOf({ live }: Subject, { name, listen }: Entry): Json[] {
  const balancers = live.balancers.filter((one) => [name, `${name}-v6`].includes(bare(live.tenant, String(one['name'])))).map((one) => String(one['id']));
  return live.listeners.filter(
    (listener) =>
      listener['protocol_port'] === listen &&
      (Array.isArray(listener['loadbalancers']) ? listener['loadbalancers'] : []).some((one) => isObject(one) && balancers.includes(String(one['id']))),
  );
}

const allowedOf = (listener: Json): readonly string[] => (Array.isArray(listener['allowed_cidrs']) ? listener['allowed_cidrs'].map(String) : []);

const encrypted = (subject: Subject): string[] =>
  components(subject)
    .filter(({ storage }) => storage !== undefined)
    .flatMap(({ name, replicas }) =>
      all(
        volumes(subject, name),
        replicas,
        (volume) => (volume['encrypted'] === true ? undefined : `volume of ${name} is not encrypted`),
        `volumes of ${name}`,
      ),
    );

/** Keys the claim names: each is in the key store, and only the members it is for hold a reference to it. */
const kept = (subject: Subject): string[] =>
  subject.shape.keys
    .filter(({ name }) => subject.claim.parts.includes(name))
    .flatMap(({ name }) => {
      const stored = [...subject.live.secrets, ...subject.live.containers].filter((secret) =>
        String(secret['name']).startsWith(`${subject.live.tenant}-${name}`),
      );
      const holders = new Set(
        subject.live.servers.filter((server) => metadataOf(server)[`key-${name}`] !== undefined).map((server) => String(metadataOf(server)['role'])),
      );
      const meant = subject.shape.components.filter(({ keys = [] }) => keys.includes(name)).map((component) => component.name);
      const inClear = subject.live.servers.filter((server) => !/^(?:https?:\/\/|[a-z0-9-]*$)/u.test(metadataOf(server)[`key-${name}`] ?? ''));
      return [
        ...(stored.length === 0 ? [`key ${name} is not in the key store`] : []),
        ...(JSON.stringify([...holders].sort()) === JSON.stringify(meant.sort())
          ? []
          : [`key ${name} is named to ${[...holders].join(', ')}, not ${meant.join(', ')}`]),
        ...(inClear.length > 0 ? [`key ${name} stands in metadata as more than a reference`] : []),
      ];
    });

const apart = (subject: Subject): string[] =>
  components(subject).flatMap(({ name, replicas }) => {
    const group = subject.live.serverGroups.find((one) => bare(subject.live.tenant, String(one['name'])) === name);
    const together = Array.isArray(group?.['members']) ? group['members'].map(String).sort() : [];
    const own = members(subject, name)
      .map((server) => String(server['id']))
      .sort();
    // One policy by either name of the API; the hard one would be another promise.
    const policies = [group?.['policies'] ?? group?.['policy']].flat();
    return replicas < 2 || (policies.join() === 'soft-anti-affinity' && own.length === replicas && JSON.stringify(own) === JSON.stringify(together))
      ? []
      : [`members of ${name} are not kept apart`];
  });

const running = (subject: Subject): string[] =>
  components(subject).flatMap(({ name, replicas }) =>
    all(
      members(subject, name),
      replicas,
      (server) => (server['status'] === 'ACTIVE' ? undefined : `${name} is ${String(server['status'])}`),
      `members of ${name}`,
    ),
  );

const told = (subject: Subject): string[] =>
  components(subject).flatMap(({ name, settings = {} }) =>
    Object.entries(settings).flatMap(([setting, value]) =>
      members(subject, name).every((server) => metadataOf(server)[setting] === value) ? [] : [`${name} is not told ${setting}=${value}`],
    ),
  );

const limitedTo = (subject: Subject): string[] =>
  entries(subject).flatMap((entry) => {
    const allowed = remotesOf(subject, entry.from);
    return all(
      listenersOf(subject, entry),
      1,
      (listener) => {
        const stated = allowedOf(listener);
        if ('anywhere' in entry.from) return stated.length === 0 ? undefined : `${entry.name} is closed to the world`;
        return stated.length > 0 && stated.every((prefix) => allowed.some((one) => prefixContains(one, prefix)))
          ? undefined
          : `${entry.name} lets in ${stated.join(' ') || 'everybody'}`;
      },
      `listeners of ${entry.name}`,
    );
  });

/** The flows a shape says a component has, in both groups. */
const said = (subject: Subject, about: (from: Peer, to: Peer) => boolean): string[] =>
  subject.shape.flows
    .filter(({ from, to }) => about(from, to))
    .flatMap(({ from, to, port }) => {
      const number =
        typeof port === 'number' ? port : 'component' in to ? (part(subject, to.component)?.ports.find(({ name }) => name === port)?.number ?? 0) : 0;
      return [
        ...('component' in to ? opened(subject, to.component, 'ingress', from, number) : []),
        ...('component' in from ? opened(subject, from.component, 'egress', to, number) : []),
      ];
    });
const is = (peer: Peer, ...names: readonly string[]): boolean => 'component' in peer && names.includes(peer.component);
const anywhereIn = (subject: Subject): string[] =>
  [...subject.live.rules].flatMap(([group, list]) =>
    list
      .filter(({ direction, remotes }) => direction === 'ingress' && remotes.some((remote) => everywhere.includes(remote)))
      .map(({ port }) => `group ${group} lets everybody in on ${port}`),
  );

/** Whoever of a tenant lets in members of a network that is to open nothing: by group, by prefix, or at an entry. */
function letsIn(subject: Subject, zone: readonly string[]): string[] {
  const holds = (prefix: string): boolean => zone.some((one) => overlaps(parsePrefix(one), parsePrefix(prefix)));
  const inside = subject.shape.components.filter(({ segment }) => segment === 'egress').map(({ name }) => `group:${name}`);
  const groups = subject.shape.components
    .filter(({ segment }) => segment !== 'egress')
    .flatMap(({ name }) =>
      rules(subject, name)
        .filter(({ direction }) => direction === 'ingress')
        .flatMap(({ remotes, port }) =>
          remotes
            .filter((remote) => (remote.startsWith('group:') ? inside.includes(remote) : holds(remote)))
            .map((remote) => `${name} lets in ${remote} on ${port}`),
        ),
    );
  const open = subject.shape.entries
    .filter(({ from }) => !('anywhere' in from))
    .flatMap((entry) =>
      listenersOf(subject, entry).flatMap((listener) => {
        const stated = allowedOf(listener);
        return stated.length === 0 || stated.some(holds) ? [`${entry.name} lets in the crawlers’ network: ${stated.join(' ') || 'everybody'}`] : [];
      }),
    );
  return [...groups, ...open];
}

/** Prefixes outside of the tenant that a group lets in, but for those of holders a flow names, each at its port: a way past every entry. */
const unnamedIn = (subject: Subject): string[] =>
  [...subject.live.rules.keys()].flatMap((group) => {
    const named = subject.shape.flows.flatMap(({ from, to, port }) => {
      if (!is(to, group) || !('key' in from)) return [];
      const number = typeof port === 'number' ? port : part(subject, group)?.ports.find(({ name }) => name === port)?.number;
      return subject.prefixes(from.key).map((prefix) => `${prefix} ${number}`);
    });
    return outward(subject, group, 'ingress')
      .filter((from) => !named.includes(from))
      .map((from) => `${group} lets in ${from}`);
  });

/** A requirement -> how it is asked of the live objects. */
export const checks: Readonly<Record<string, Check>> = {
  'SEC-1': {
    how: 'Cinder: every data volume answers `encrypted: true`; Barbican has each key; Nova: metadata of the members meant, and of no others, holds its reference',
    faults: (s) => [...encrypted(s), ...kept(s)],
  },
  'SEC-2': {
    how: 'Nova: a server group with soft anti-affinity (different hosts while there are enough) holds exactly the members of the component',
    faults: apart,
  },
  'SEC-4': { how: 'Barbican has the sealing key; Nova: only the intake is told of it', faults: (s) => [...kept(s), ...running(s)] },
  'SEC-5': {
    how: 'Cinder: the volume is one of its own, attached, with interval and age of its copies in its metadata',
    faults: (s) =>
      components(s).flatMap(({ name, storage }) =>
        all(
          volumes(s, name),
          1,
          (volume) =>
            metadataOf(volume)['backup-every'] === `${storage?.backup?.everyHours}h` && metadataOf(volume)['backup-keep'] === `${storage?.backup?.keepDays}d`
              ? undefined
              : `volume of ${name} has no copies`,
          `volumes of ${name}`,
        ),
      ),
  },
  'SEC-6': {
    how: 'Neutron: of all groups only the forwarder’s reaches the centre, and no group lets the centre in; Nova: every member is ACTIVE with the centre absent',
    faults: (s) => [
      ...running(s),
      ...s.shape.components.flatMap(({ name }) => {
        const reaches = outward(s, name);
        return (name === 'forwarder') === reaches.length > 0 ? [] : [`${name} reaches ${reaches.join(', ') || 'nobody'}`];
      }),
    ],
  },
  'SEC-7': {
    how: 'Octavia: the pool behind the entry has every member of the component, and there are at least two',
    faults: (s) =>
      entries(s).flatMap((entry) => {
        const replicas = part(s, entry.component)?.replicas ?? 0;
        return listenersOf(s, entry).flatMap((listener) => {
          const behind = s.live.members.get(String(listener['default_pool_id'])) ?? [];
          return behind.length === replicas && replicas > 1 ? [] : [`${entry.name}: ${behind.length} of ${replicas} members`];
        });
      }),
  },
  'SEC-8': {
    how: 'Octavia: the listener’s connection limit is the one stated',
    faults: (s) =>
      entries(s).flatMap((entry) =>
        all(
          listenersOf(s, entry),
          1,
          (listener) => (listener['connection_limit'] === entry.connections ? undefined : `${entry.name}: ${String(listener['connection_limit'])}`),
          `listeners of ${entry.name}`,
        ),
      ),
  },
  'SEC-9': {
    how: 'Nova, Neutron, Cinder, Octavia: the project’s quota is no less than what is in use, and no more than twice that and four',
    faults: (s) => {
      const limit = (quota: Json, name: string): number => Number(isObject(quota[name]) ? quota[name]['limit'] : quota[name]);
      const bound = (name: string, given: number, used: number): string[] =>
        given >= used && given <= used * 2 + 4 ? [] : [`quota of ${name} is ${given}, in use are ${used}`];
      const { compute, network, volume, balancer } = s.live.quotas;
      return [
        ...bound('instances', limit(compute, 'instances'), s.live.servers.length),
        ...bound('networks', limit(network, 'network'), s.live.networks.length),
        ...bound('volumes', limit(volume, 'volumes'), s.live.volumes.length),
        ...bound('load balancers', Number(balancer['load_balancer'] ?? balancer['loadbalancer']), s.live.balancers.length),
      ];
    },
  },
  'SEC-10': {
    how: 'Neutron: every component’s group reaches the place of the logs on its port, and lets nothing in from there',
    faults: (s) => [
      ...said(s, (_from, to) => 'key' in to && to.key === 'tenant/operations/app'),
      ...components(s).flatMap(({ name }) =>
        outward(s, name, 'ingress').some((from) => s.prefixes('tenant/operations/app').includes(from.split(' ')[0] ?? ''))
          ? [`${name} can be reached from the logs`]
          : [],
      ),
    ],
  },
  'SEC-11': {
    how: 'Neutron: the reading room’s group reaches the vault on the port of records and on no other; Nova: the vault is told how long nothing may change',
    faults: (s) => [
      ...told(s),
      ...said(s, (from, to) => is(from, 'reading') && is(to, 'vault')),
      ...rules(s, 'reading')
        .filter(({ direction, remotes }) => direction === 'egress' && remotes.includes('group:vault'))
        .filter(({ port }) => port !== part(s, 'vault')?.ports.find(({ name }) => name === 'records')?.number)
        .map(({ port }) => `the reading room reaches the vault on ${port}`),
    ],
  },
  'SEC-12': { how: 'Barbican has the signing key; Nova: the members meant hold its reference', faults: (s) => [...kept(s), ...running(s)] },
  'SEC-13': {
    how: 'Neutron: of all groups only the crawlers’ reaches 0.0.0.0/0, from a network of its own, it names no other group as its goal, and no other group names it or that network; Octavia: no listener’s allowed prefixes hold an address of that network, but for an entry that is everybody’s',
    faults: (s) => [
      ...s.shape.components.flatMap(({ name }) => {
        const world = outward(s, name).some((to) => everywhere.includes(to.split(' ')[0] ?? ''));
        return world === (name === 'crawler') ? [] : [`${name} ${world ? 'reaches' : 'does not reach'} the world`];
      }),
      ...(rules(s, 'crawler').some(({ direction, remotes }) => direction === 'egress' && remotes.some((remote) => remote.startsWith('group:')))
        ? ['crawlers reach inside']
        : []),
      ...letsIn(s, s.prefixes(`tenant/${s.live.tenant}/egress`)),
      ...(s.live.networks.some((network) => bare(s.live.tenant, String(network['name'])) === 'egress') ? [] : ['there is no network egress']),
    ],
  },
  'SEC-14': {
    how: 'Nova, Cinder, Neutron, Octavia: every server, volume, network and load balancer carries the mark of its stack',
    faults: (s) => [
      ...[...s.live.servers, ...s.live.volumes].flatMap((one) => (metadataOf(one)['vcloud'] === s.mark ? [] : [`${String(one['name'])} carries no mark`])),
      ...[...s.live.networks, ...s.live.balancers].flatMap((one) => (tagsOf(one).includes(s.mark) ? [] : [`${String(one['name'])} carries no mark`])),
    ],
  },
  'SEC-15': {
    how: 'Neutron: no group lets anybody from outside the tenant into the data zone but the partner; Barbican, Nova: the key is named to its members alone',
    faults: (s) => {
      const partner = s.shape.replicas.flatMap(({ tenant, component }) => s.prefixes(`tenant/${tenant}/${part(s, component)?.segment ?? ''}`));
      return [
        ...kept(s),
        ...encrypted(s),
        ...components(s).flatMap(({ name }) =>
          outward(s, name, 'ingress')
            .filter((from) => !partner.includes(from.split(' ')[0] ?? ''))
            .map((from) => `${name} lets in ${from}`),
        ),
      ];
    },
  },
  'SEC-16': {
    how: 'Neutron: each network is the project’s own and not shared, port security is on, every port of a member has groups of the project, and none of these lets everybody in',
    faults: (s) => [
      ...s.claim.parts.flatMap((name) => {
        const found = s.live.networks.find((network) => bare(s.live.tenant, String(network['name'])) === name);
        return found?.['shared'] === false && found['router:external'] !== true ? [] : [`network ${name}`];
      }),
      ...s.live.ports
        .filter((one) => String(one['device_owner']).startsWith('compute:'))
        .flatMap((one) =>
          one['port_security_enabled'] !== false && Array.isArray(one['security_groups']) && one['security_groups'].length > 0
            ? []
            : [`port ${String(one['name'])} is open`],
        ),
      ...anywhereIn(s),
    ],
  },
  'SEC-17': {
    how: 'Neutron: the only prefix outside the tenant a copied component’s group lets in is the partner’s network',
    faults: (s) =>
      components(s).flatMap(({ name, segment }) => {
        const partner = s.shape.replicas.flatMap(({ tenant }) => s.prefixes(`tenant/${tenant}/${segment}`));
        return outward(s, name, 'ingress')
          .filter((from) => !partner.includes(from.split(' ')[0] ?? ''))
          .map((from) => `${name} lets in ${from}`);
      }),
  },
  'CLD-7': { how: 'Cinder: every data volume answers `encrypted: true`', faults: encrypted },
  'CON-1': {
    how: 'Neutron: no group lets everybody in, and none a prefix from outside the tenant on a port that no flow names that holder for; Octavia: each listener lets in whom its entry names and nobody else',
    faults: (s) => [...anywhereIn(s), ...unnamedIn(s), ...limitedTo(s)],
  },
  'CON-2': {
    how: 'Nova: the members that count or keep interfaces are ACTIVE and told their quota; Octavia: the entries named lead to them',
    faults: (s) => [...running(s), ...told(s), ...limitedTo(s)],
  },
  'CON-3': {
    how: 'Nova: brokers are told the protocol; Neutron: the groups of brokers, ledger and adapters hold the rules between them',
    faults: (s) => [...running(s), ...told(s), ...said(s, (from, to) => is(from, 'broker', 'adapter') && is(to, 'broker', 'ledger'))],
  },
  'CON-4': {
    how: 'Neutron: each adapter’s group, and no other’s, reaches its running system',
    faults: (s) => [
      ...running(s),
      ...s.shape.flows.flatMap(({ from, to, port }) => {
        if (!('component' in from) || !from.component.startsWith('adapter-') || !('key' in to) || to.key === 'tenant/operations/app') return [];
        const who = s.shape.components
          .filter(({ name }) => outward(s, name).some((goal) => s.prefixes(to.key).some((prefix) => goal === `${prefix} ${port}`)))
          .map(({ name }) => name);
        return JSON.stringify(who) === JSON.stringify([from.component]) ? [] : [`${to.key} is reached by ${who.join(', ') || 'nobody'}`];
      }),
    ],
  },
  'CON-5': {
    how: 'Octavia: every listener is TCP, which passes TLS on unopened, or TERMINATED_HTTPS with a certificate of the key store; none is HTTP',
    faults: (s) =>
      entries(s).flatMap((entry) =>
        all(
          listenersOf(s, entry),
          1,
          (one) => (one['protocol'] === (entry.tls.at === 'entry' ? 'TERMINATED_HTTPS' : 'TCP') ? undefined : `${entry.name} is ${String(one['protocol'])}`),
          `listeners of ${entry.name}`,
        ),
      ),
  },
  'INT-1': {
    how: 'Octavia: each consumer’s listener lets in that consumer’s prefixes alone, with a connection limit of its own',
    faults: (s) => [...limitedTo(s), ...(entries(s).every(({ connections }) => connections !== undefined) ? [] : ['no limit'])],
  },
  'INT-2': {
    how: 'Neutron: the groups of both sides let each other’s network in and reach it, on the port of the copies',
    faults: (s) =>
      s.shape.replicas.flatMap(({ component, port, tenant }) => {
        const number = part(s, component)?.ports.find(({ name }) => name === port)?.number ?? 0;
        const peer: Peer = { key: `tenant/${tenant}/${part(s, component)?.segment ?? ''}` };
        return [...opened(s, component, 'ingress', peer, number), ...opened(s, component, 'egress', peer, number)];
      }),
  },
  'INT-5': {
    how: 'Octavia: an entry for each carrier, at an address of the tenant’s own network',
    faults: (s) =>
      entries(s).flatMap((entry) =>
        all(
          s.live.balancers.filter((one) => [entry.name, `${entry.name}-v6`].includes(bare(s.live.tenant, String(one['name'])))),
          1,
          (one) => (one['provisioning_status'] === 'ACTIVE' ? undefined : `${entry.name} is ${String(one['provisioning_status'])}`),
          `load balancers of ${entry.name}`,
        ),
      ),
  },
  'INT-7': {
    how: 'Neutron: the adapter’s group reaches the running system on the system’s own port',
    faults: (s) => said(s, (from, to) => 'component' in from && s.claim.parts.includes(from.component) && 'key' in to),
  },
  'NDX-4': {
    how: 'Cinder: no volume is attached to a member in the path of an exchange',
    faults: (s) => components(s).flatMap(({ name }) => (volumes(s, name).length === 0 && members(s, name).length > 0 ? [] : [`${name} keeps something`])),
  },
  'NDX-5': {
    how: 'Cinder: the journal has a volume; Neutron: the security server’s group reaches journal and time-stamp authority',
    faults: (s) => [...encrypted(s), ...said(s, (from, to) => is(from, 'security-server') && (is(to, 'journal') || 'key' in to))],
  },
  'NDX-7': {
    how: 'Nova: two members of each, ACTIVE, in a server group with soft anti-affinity (different hosts while there are enough)',
    faults: (s) => [...running(s), ...apart(s), ...components(s).flatMap(({ name, replicas }) => (replicas >= 2 ? [] : [`one ${name}`]))],
  },
  'NDX-8': { how: 'Barbican has signing key and certificate; Nova: only security servers hold references to them', faults: kept },
  'NDX-11': { how: 'Nova: the member’s own security servers are ACTIVE', faults: running },
  'NDX-13': {
    how: 'Neutron: besides adapters (to their systems) and logs, the bus alone reaches outside, and the exchange alone',
    faults: (s) => {
      const known = [...s.prefixes('tenant/operations/app')];
      const exchange = s.shape.flows.flatMap(({ from, to }) => (is(from, 'bus') && 'key' in to ? s.prefixes(to.key) : []));
      return s.shape.components
        .filter(({ name }) => !name.startsWith('adapter-'))
        .flatMap(({ name }) =>
          outward(s, name)
            .map((goal) => goal.split(' ')[0] ?? '')
            .filter((goal) => !known.includes(goal) && !(name === 'bus' && exchange.includes(goal)))
            .map((goal) => `${name} reaches ${goal}`),
        );
    },
  },
  'NDX-23': {
    how: 'Neutron: the security server’s group reaches register, certificate authority and time-stamp authority, each on its port',
    faults: (s) => said(s, (from, to) => is(from, 'security-server') && 'key' in to),
  },
};
