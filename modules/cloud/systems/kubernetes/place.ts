import { Construct } from 'constructs';
import { fail } from '../../../core/index.ts';
import { familiesOf, TenantBalancer, TenantIngress } from '../../kubernetes/entry.ts';
import { insideOf, type Inside } from '../../kubernetes/marks.ts';
import { PodPolicy } from '../../kubernetes/policy.ts';
import { KubernetesTenant, kubernetesStack, namespaceName } from '../../kubernetes/tenant.ts';
import { familyOf, servicePort, Workload } from '../../kubernetes/workload.ts';
import { ServiceV1 } from '../../providers/kubernetes/service-v1.ts';
import type { Agency, TenantFacts } from '../../program/agency.ts';
import type { TenantStack } from '../../program/stack.ts';
import { plannedAddresses } from '../numbering.ts';
import type { Placed, PlacedAddress } from '../placed.ts';
import type { Component, Entry, PublicNames, SystemShape } from '../shape.ts';
import { answering } from '../sources.ts';
import { needsExtensions, placeExtensions } from './extensions.ts';
import {
  componentLabel,
  componentNamed,
  exposedPorts,
  notTheWorld,
  isOutside,
  openingsOf,
  portNamed,
  segmentLabel,
  sourcesOf,
  type Prefixes,
} from './openings.ts';
import { quotaFor } from './quota.ts';
import { entryKind, refuse } from './refuse.ts';

/**
 * Places a system on a Kubernetes cluster: the stack `kubernetes` (namespace, quota that follows from the shape, roles) for
 * whoever runs the cluster, `workload` for what runs in it, and where the shape has backups or generated keys `extensions`
 * for the objects of kinds a cluster has only if somebody added them. Components become Deployments, with storage
 * StatefulSets, of their name; what may be reached follows from flows and entries and from nothing else.
 * @throws ProblemError CLOUD-PLACE for every part Kubernetes cannot have, CLOUD-SHAPE where parts do not fit together
 */
export function placeOnKubernetes(agency: Agency, tenant: TenantFacts, shape: SystemShape): Placed {
  const cloud = agency.cloudOf(tenant);
  refuse({ tenant, cloud, agency }, shape);
  const landing = new KubernetesTenant(agency, tenant.id, { tenant, openInside: false, quota: quotaFor(agency, tenant, shape) });
  const workload = landing.workload();
  const addresses = new Placement(workload, shape).addresses;
  const stacks = [landing.stack, workload];
  if (needsExtensions(shape)) {
    const extensions = kubernetesStack(agency, { tenant, part: 'extensions', after: [landing.stack] });
    placeExtensions(extensions, shape);
    stacks.push(extensions);
  }
  return { stacks, addresses };
}

class Placement {
  readonly addresses = new Map<string, PlacedAddress>();
  readonly #stack: TenantStack;
  readonly #shape: SystemShape;
  readonly #inside: Inside;
  readonly #prefixes: Prefixes;
  readonly #planned: ReadonlyMap<string, PlacedAddress>;

  constructor(stack: TenantStack, shape: SystemShape) {
    this.#stack = stack;
    this.#shape = shape;
    this.#inside = insideOf(stack, namespaceName(stack));
    const networks = stack.agency.ask('networks', stack.tenant.id);
    const ofKey = (key: string): string[] => {
      const { v4, v6 } = stack.agency.addresses(key);
      return [v4, v6].filter((prefix) => prefix !== undefined);
    };
    const held = (key: string): string[] => {
      const { v4, v6 } = stack.agency.ask('allocation', key) ?? {};
      return [v4, v6].filter((prefix) => prefix !== undefined);
    };
    const inside = notTheWorld(shape, stack.tenant, networks, held);
    this.#prefixes = { networks, ofKey, ...(inside.length === 0 ? {} : { inside }) };
    this.#planned = plannedAddresses(shape, networks);
    for (const component of shape.components) this.#component(component);
    const scope = new Construct(stack, 'entries');
    for (const entry of shape.entries) this.#entry(scope, entry);
  }

  #component(component: Component): void {
    const { name, replicas, size, image, ports, storage, settings = {}, keys = [] } = component;
    const inside = this.#inside;
    const partners = this.#shape.replicas.filter((replica) => replica.component === name);
    const workload = new Workload(this.#stack, name, {
      inside,
      name,
      image: this.#called('images', image.container),
      replicas,
      vcpus: size.vcpus,
      memoryGiB: size.memoryGiB,
      ports,
      families: familiesOf(this.#planned.get(`${name}-1`) ?? {}),
      labels: labelsOf(component),
      // Variables are upper case with underscores wherever a shell may read them.
      settings: {
        ...variables(settings),
        ...variables(Object.fromEntries(partners.map(({ tenant, side }) => [`replica-${tenant}`, side]))),
      },
      secrets: keys,
      ...(storage === undefined ? {} : { storage: { gib: storage.gib, class: this.#called('volumeTypes', storage.class ?? 'encrypted') } }),
    });
    const openings = openingsOf(this.#shape, name, this.#prefixes);
    new PodPolicy(workload, 'flows', { inside, name, pods: labelsOf(component), openings });
    const exposed = exposedPorts(this.#shape, name);
    if (exposed.length === 0) return;
    const sources = this.#shape.flows.flatMap(({ from, to }) =>
      'component' in to && to.component === name && isOutside(from) ? [sourcesOf(from, this.#prefixes)] : [],
    );
    const from = sources.includes(undefined) ? undefined : [...new Set(sources.flatMap((list) => list ?? []))].sort();
    const address = this.#answering(`component "${name}"`, this.#planned.get(`${name}-1`) ?? {}, from);
    new TenantBalancer(workload, 'outside', {
      inside,
      name: `${name}-outside`,
      pods: labelsOf(component),
      ports: exposed.map((port) => ({ name: port.name, listen: port.number, target: port.name, protocol: port.protocol })),
      addresses: address,
      ...(from === undefined ? {} : { from }),
      annotations: this.#named(name),
    });
    this.addresses.set(name, address);
  }

  #entry(scope: Construct, entry: Entry): void {
    const { name, listen, from, tls, connections } = entry;
    const component = componentNamed(this.#shape, entry.component);
    const port = portNamed(component, entry.port);
    const inside = this.#inside;
    // A Service of the component's own name is in front of it already.
    const called = this.#shape.components.some((one) => one.name === name) ? `${name}-entry` : name;
    const sources = sourcesOf(from, this.#prefixes);
    const kind = entryKind(entry);
    if (kind === 'service') {
      new ServiceV1(new Construct(scope, name), 'service', {
        metadata: inside(called),
        spec: {
          type: 'ClusterIP',
          ...familyOf(familiesOf(this.#planned.get(name) ?? {})),
          selector: labelsOf(component),
          port: [{ ...servicePort(port), port: listen }],
        },
      });
      return;
    }
    const address = this.#answering(`entry "${name}"`, this.#outsideAddress(kind, name), sources);
    if (kind === 'ingress') {
      new TenantIngress(scope, name, {
        inside,
        name: called,
        // A side that does not answer yet knows the names already: a swap is then a matter of records alone.
        hosts: [this.#host(name), ...this.#systemNames(name)],
        service: component.name,
        port: port.name,
        ...(tls.at === 'entry' ? { certificate: tls.certificate } : {}),
        ...(sources === undefined ? {} : { from: sources }),
        ...(connections === undefined ? {} : { connectionsPerMember: Math.max(1, Math.floor(connections / component.replicas)) }),
        annotations: {
          ...this.#addressed(address),
          ...this.#named(name),
          ...this.#target(address),
          'external-dns.alpha.kubernetes.io/ingress-hostname-source': 'annotation-only',
        },
      });
    } else {
      new TenantBalancer(scope, name, {
        inside,
        name: called,
        pods: labelsOf(component),
        ports: [{ name: port.name, listen, target: port.name, protocol: port.protocol }],
        addresses: address,
        ...(sources === undefined ? {} : { from: sources }),
        annotations: this.#named(name),
      });
    }
    this.addresses.set(name, address);
  }

  /** All Ingresses of a cluster share its controller's address, where the address plan has one for it. */
  #outsideAddress(kind: 'ingress' | 'balancer', name: string): PlacedAddress {
    const shared = kind === 'ingress' ? this.#stack.agency.ask('allocation', `cloud/${this.#stack.cloud.id}/ingress`) : null;
    if (shared === null) return this.#planned.get(name) ?? {};
    const bare = (text: string | undefined): string | undefined => text?.replace(/\/\d+$/u, '');
    const [v4, v6] = [bare(shared.v4), bare(shared.v6)];
    return { ...(v4 === undefined ? {} : { v4 }), ...(v6 === undefined ? {} : { v6 }) };
  }

  /** An address in the families its callers have; one that nobody could come to is a mistake in who may. */
  #answering(part: string, address: PlacedAddress, sources: readonly string[] | undefined): PlacedAddress {
    const answered = answering(address, sources);
    const { tenant, cloud } = this.#stack;
    return Object.keys(answered).length > 0 || Object.keys(address).length === 0
      ? answered
      : fail(
          'CLOUD-PLACE',
          `${part} of tenant "${tenant.id}" cannot be had on ${cloud.id} (kubernetes): nobody may come, none of the prefixes is of a family it has`,
          {
            subject: `tenant/${tenant.id}`,
            hint: 'name callers of a family its network has, or leave it out',
          },
        );
  }

  /** Which address the controller is to answer on: nothing in an Ingress says it, so it is there for people and for checks. */
  #addressed({ v4, v6 }: PlacedAddress): Record<string, string> {
    const list = [v4, v6].filter((address) => address !== undefined).join(',');
    return list === '' ? {} : { 'vcloud/addresses': list };
  }

  /**
   * What makes external-dns publish names: the tenant's own, and those of the system only while this side answers to them,
   * whatever hosts an Ingress lists.
   */
  #named(name: string): Record<string, string> {
    const own = this.#stack.agency.zone === undefined ? [] : [this.#host(name)];
    const published = [...own, ...this.#systemNames(name, ({ answers }) => answers)];
    return published.length === 0 ? {} : { 'external-dns.alpha.kubernetes.io/hostname': published.join(',') };
  }

  /** Of the controller's address external-dns would publish both families, whoever may come through this entry. */
  #target(address: PlacedAddress): Record<string, string> {
    const shared = this.#stack.agency.ask('allocation', `cloud/${this.#stack.cloud.id}/ingress`);
    const list = Object.values(address);
    const whole = [shared?.v4, shared?.v6].filter((prefix) => prefix !== undefined).length;
    return shared === null || list.length === whole ? {} : { 'external-dns.alpha.kubernetes.io/target': list.join(',') };
  }

  /** Names of the whole system that lead to an entry, wherever it runs. */
  #systemNames(entry: string, which: (names: PublicNames) => boolean = () => true): string[] {
    return (this.#shape.names ?? [])
      .filter(which)
      .flatMap(({ zone, records }) =>
        records.filter((record) => record.entry === entry).map(({ label }) => bareName(label === '@' ? zone : `${label}.${zone}`)),
      );
  }

  #host(name: string): string {
    const { agency, tenant } = this.#stack;
    const zone = agency.zone ?? fail('CLOUD-ZONE', `${agency.id} has no zone`, { hint: 'give its organisation a label' });
    return bareName(`${name}.${tenant.id}.${zone}`);
  }

  /** What the cluster calls something: the address of its own registry before an image, its own class of storage. */
  #called(kind: 'images' | 'volumeTypes', name: string): string {
    return this.#stack.cloud.catalogue?.[kind]?.[name] ?? name;
  }
}

function bareName(name: string): string {
  return name.replace(/\.$/u, '');
}

function labelsOf({ name, segment }: Component): Record<string, string> {
  return { [componentLabel]: name, [segmentLabel]: segment };
}

function variables(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.replace(/[^A-Za-z0-9]+/gu, '_').toUpperCase(), value]));
}
