import { Construct } from 'constructs';
import { didYouMean, fail } from '../../../core/index.ts';
import { LoadBalancer } from '../../openstack/balancer.ts';
import { Essentials } from '../../openstack/essentials.ts';
import { GeneratedKey, GivenKey } from '../../openstack/keys.ts';
import { TenantZone } from '../../openstack/names.ts';
import { TenantNetwork, TenantRouter } from '../../openstack/network.ts';
import { ObjectContainer } from '../../openstack/objects.ts';
import { offers } from '../../openstack/platform.ts';
import { permit, type Party } from '../../openstack/security.ts';
import { Servers } from '../../openstack/servers.ts';
import { OpenStackTenant } from '../../openstack/tenant.ts';
import { encryptedType } from '../../openstack/volumes.ts';
import type { Agency, TenantFacts } from '../../program/agency.ts';
import { outputs, type TenantStack } from '../../program/stack.ts';
import type { Placed, PlacedAddress } from '../placed.ts';
import type { Component, Entry, Key, Peer, SystemShape } from '../shape.ts';
import { plannedAddresses } from '../numbering.ts';
import { without, worldward } from '../sources.ts';
import { quotaOf } from './quota.ts';
import { refuse } from './refuse.ts';

/** What neither the shape nor the declaration of the cloud says. */
export interface OpenStackChoices {
  /** Resolvers and time servers by address; without them the tenant's own networks are asked. */
  readonly nameservers?: readonly string[];
  readonly timeServers?: readonly string[];
}

/**
 * Places a system on an OpenStack cloud: a platform stack (project, quotas that follow from the shape, deployer) for its
 * operator, and a workload stack for the tenant. Components become servers of their name; segments, entries, keys and
 * stores lie below `networks`, `entries`, `keys` and `stores`. Nothing may be reached that no flow names. Image, flavor
 * (`c2m4`), volume type (`encrypted` where no class is stated) and the network that leads out (`external`) are asked for by
 * what the cloud's `catalogue` calls them; a key or certificate that is given stands in the key store as `TENANT-KEY`.
 * @throws ProblemError CLOUD-PLACE for every part this kind of cloud cannot have, CLOUD-SHAPE where parts do not fit together
 */
export function placeOnOpenStack(agency: Agency, tenant: TenantFacts, shape: SystemShape, choices: OpenStackChoices = {}): Placed {
  refuse(tenant, agency.cloudOf(tenant), shape);
  const cloud = new OpenStackTenant(agency, tenant.id, { tenant, quota: quotaOf(shape) });
  return new Placement(cloud, shape, choices).result();
}

class Placement {
  readonly #cloud: OpenStackTenant;
  readonly #stack: TenantStack;
  readonly #shape: SystemShape;
  readonly #networks = new Map<string, TenantNetwork>();
  readonly #planned: ReadonlyMap<string, PlacedAddress>;
  readonly #servers = new Map<string, Servers>();
  readonly #addresses = new Map<string, PlacedAddress>();

  constructor(cloud: OpenStackTenant, shape: SystemShape, choices: OpenStackChoices) {
    this.#cloud = cloud;
    this.#stack = cloud.workload;
    this.#shape = shape;
    this.#planned = plannedAddresses(shape, this.#stack.agency.ask('networks', this.#stack.tenant.id));
    this.#segments(choices);
    const { nameservers, timeServers } = choices;
    if (nameservers ?? timeServers)
      new Essentials(this.#stack, 'essentials', { ...(nameservers ? { nameservers } : {}), ...(timeServers ? { timeServers } : {}) });
    const references = this.#keys();
    for (const component of shape.components) this.#component(component, references);
    this.#flows();
    const balancers = this.#entries();
    this.#names(balancers);
    const stores = new Construct(this.#stack, 'stores');
    for (const { name, versioned, writeOnceDays, class: policy } of shape.stores)
      new ObjectContainer(stores, name, { versioned, ...(writeOnceDays === undefined ? {} : { writeOnce: { days: writeOnceDays, policy: policy ?? '' } }) });
    this.#publish();
  }

  result(): Placed {
    return { stacks: [this.#cloud.platform, this.#stack], addresses: this.#addresses };
  }

  #segments({ nameservers }: OpenStackChoices): void {
    const scope = new Construct(this.#stack, 'networks');
    for (const { name } of this.#shape.segments) {
      this.#networks.set(name, new TenantNetwork(scope, name, { ...(nameservers ? { nameservers } : {}) }));
    }
    const { segments, flows, entries, replicas } = this.#shape;
    const outside = (peer: Peer): boolean => 'key' in peer || 'anywhere' in peer;
    const leads =
      segments.some(({ egress }) => egress === true) ||
      flows.some(({ from, to }) => outside(from) || outside(to)) ||
      entries.some(({ from }) => outside(from)) ||
      replicas.length > 0;
    if (segments.length > 0) new TenantRouter(this.#stack, 'edge', { networks: [...this.#networks.values()], ...(leads ? {} : { external: false }) });
  }

  /** Where the key store has each key, for the members that are told of it. */
  #keys(): ReadonlyMap<string, string> {
    const scope = new Construct(this.#stack, 'keys');
    const certificates = new Set(this.#shape.entries.flatMap(({ tls }) => (tls.at === 'entry' ? [tls.certificate] : [])));
    const referenceOf = ({ name, origin, use }: Key): string => {
      if (origin === 'generated') return new GeneratedKey(scope, name, { shape: use === 'signing' ? 'rsa' : 'symmetric' }).reference;
      // The load balancer looks a certificate up by itself; two look-ups of one name would be two facts.
      const given = new GivenKey(scope, name, { kind: use === 'certificate' && !certificates.has(name) ? 'certificate' : 'secret' });
      return given.reference ?? given.name;
    };
    return new Map(this.#shape.keys.map((key) => [key.name, referenceOf(key)]));
  }

  #component(component: Component, references: ReadonlyMap<string, string>): void {
    const { name, segment, replicas, size, image, storage, settings, keys = [] } = component;
    const servers = new Servers(this.#stack, name, {
      network: this.#network(segment),
      count: replicas,
      flavor: `c${size.vcpus}m${size.memoryGiB}`,
      image: image.machine,
      allow: [],
      addresses: Array.from({ length: replicas }, (_, index) => this.#planned.get(`${name}-${index + 1}`) ?? {}),
      settings: {
        ...settings,
        ...Object.fromEntries(keys.map((key) => [`key-${key}`, references.get(key) ?? ''])),
        ...Object.fromEntries(this.#shape.replicas.filter((replica) => replica.component === name).map(({ tenant, side }) => [`replica-${tenant}`, side])),
      },
      ...(storage === undefined
        ? {}
        : { volumeGiB: storage.gib, volumeType: storage.class ?? encryptedType, ...(storage.backup === undefined ? {} : { backup: storage.backup }) }),
    });
    this.#servers.set(name, servers);
    servers.addresses.forEach((address, index) => this.#addresses.set(`${name}-${index + 1}`, address));
    const [first] = servers.addresses;
    if (first !== undefined) this.#addresses.set(name, first);
  }

  #flows(): void {
    const { flows, components } = this.#shape;
    for (const { from, to, port, protocol, why } of flows) {
      const at =
        'component' in to
          ? components.find(({ name }) => name === to.component)?.ports.find(({ name, number }) => name === port || number === port)
          : undefined;
      permit({ from: this.#party(from), to: this.#party(to), port: at?.number ?? Number(port), protocol: protocol ?? at?.protocol ?? 'tcp', why });
    }
  }

  #entries(): ReadonlyMap<string, LoadBalancer> {
    const scope = new Construct(this.#stack, 'entries');
    const { entries, components } = this.#shape;
    return new Map(
      entries.map((entry) => {
        const { name, component, listen, port, from, tls, connections } = entry;
        const servers = this.#server(component);
        const at = components.find((one) => one.name === component);
        const receives = at?.ports.find((one) => one.name === port)?.number ?? listen;
        const sources = this.#sources(entry);
        const balancer = new LoadBalancer(scope, name, {
          network: servers.network,
          servers,
          port: listen,
          serverPort: receives,
          address: this.#planned.get(name) ?? {},
          families: 'both',
          ...(sources === undefined ? {} : { from: sources }),
          ...(tls.at === 'entry' ? { certificate: this.#stack.nameOf(tls.certificate) } : {}),
          ...(connections === undefined ? {} : { connections }),
        });
        // What Octavia forwards comes from its own addresses in this network, whoever it comes from.
        permit({ from: servers.network, to: servers.security, port: receives, why: `connections that ${name} passes on` });
        if ('component' in from) this.#toEntry(entry, balancer, from.component);
        this.#addresses.set(name, balancer.address);
        return [name, balancer];
      }),
    );
  }

  /** Members of another component reach the entry at its address, not at those of the members behind it. */
  #toEntry({ name, listen }: Entry, { address }: LoadBalancer, component: string): void {
    const prefixes = [...(address.v4 === undefined ? [] : [`${address.v4}/32`]), ...(address.v6 === undefined ? [] : [`${address.v6}/128`])];
    permit({ from: this.#server(component).security, to: { name: `entry-${name}`, prefixes }, port: listen, why: `uses ${name}` });
  }

  #names(balancers: ReadonlyMap<string, LoadBalancer>): void {
    if (this.#stack.agency.zone === undefined || !offers(this.#stack.cloud, 'dns')) return;
    const zone = new TenantZone(this.#stack, 'names');
    for (const [name, { address }] of balancers) zone.address(name, [address]);
    for (const servers of this.#servers.values()) zone.servers(servers);
    // Names that lead to whichever side answers; one side in a cloud keeps the zone, so that a swap changes records only.
    for (const { system, zone: name, held, records } of this.#shape.names ?? []) {
      if (!held) continue;
      const shared = new TenantZone(this.#stack, `names-${system}`, { name });
      for (const { label, addresses } of records) shared.address(label, addresses);
    }
  }

  /** What a tenant that keeps the same data reads of this one. */
  #publish(): void {
    const values = [...this.#servers].flatMap(([name, { volumes, network }]) => [
      ...volumes.map((volume, index) => [`${name}_volume_${index + 1}_id`, volume.id]),
      [`${name}_network_id`, network.network.id],
    ]);
    outputs(this.#stack, Object.fromEntries(values) as Record<string, string>);
  }

  #party(peer: Peer): Party {
    if ('component' in peer) return this.#server(peer.component).security;
    if ('segment' in peer) return this.#network(peer.segment);
    return 'anywhere' in peer ? 'anywhere' : { key: peer.key };
  }

  /**
   * Who may come to an entry; undefined for everyone. Of a holder of the plan all but the system's own segments that open
   * connections to the world: a prefix that covers an agency covers them too.
   */
  #sources({ name, from }: Entry): readonly string[] | undefined {
    const named = this.#prefixes(from);
    if (named === undefined || !('key' in from)) return named;
    const { agency, tenant } = this.#stack;
    const left = without(
      named,
      worldward(this.#shape, tenant.id, (id) => agency.ask('networks', id)),
    );
    return left.length > 0
      ? left
      : fail('CLOUD-SHAPE', `entry ${name}: ${from.key} is a segment of its own system that opens connections to the world`, {
          subject: `tenant/${this.#stack.tenant.id}`,
          hint: 'name who it is for, outside of that segment',
        });
  }

  /** Prefixes of a peer; undefined for everyone. */
  #prefixes(peer: Peer): readonly string[] | undefined {
    if ('anywhere' in peer) return undefined;
    const of =
      'component' in peer ? this.#server(peer.component).network : 'segment' in peer ? this.#network(peer.segment) : this.#stack.agency.addresses(peer.key);
    return [of.v4, of.v6].filter((prefix) => prefix !== undefined);
  }

  #server(name: string): Servers {
    return this.#servers.get(name) ?? fail('CLOUD-SHAPE', `there is no component "${name}"`, { hint: didYouMean(name, this.#servers.keys()) });
  }

  #network(name: string): TenantNetwork {
    return this.#networks.get(name) ?? fail('CLOUD-SHAPE', `there is no segment "${name}"`, { hint: didYouMean(name, this.#networks.keys()) });
  }
}
