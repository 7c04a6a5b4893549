import { didYouMean, fail } from '../../../core/index.ts';
import { ingressNamespace } from '../../kubernetes/entry.ts';
import { everyone, type Opening, type PodPeer } from '../../kubernetes/policy.ts';
import type { PlannedNetwork } from '../../synth/world.ts';
import type { Component, Flow, Peer, Port, SystemShape } from '../shape.ts';
import { entryKind } from './refuse.ts';

/** Labels by which the pods of a component, and of a segment, are found. */
export const componentLabel = 'app.kubernetes.io/name';
export const segmentLabel = 'vcloud/segment';

/** What of the address plan peers are resolved with. */
export interface Prefixes {
  /** The tenant's own networks. */
  readonly networks: readonly PlannedNetwork[];
  /** Prefixes a key holds. */
  readonly ofKey: (key: string) => readonly string[];
  /** What is not the world: prefixes that a flow to everyone does not reach. */
  readonly inside?: readonly string[];
}

/** Whether a peer is outside of the cluster: then only prefixes say who it is. */
export function isOutside(peer: Peer): boolean {
  return 'key' in peer || 'anywhere' in peer;
}

/**
 * What the pods of one component may do, both ways: the flows it is an end of, and its entries. Pure but for `prefixes`.
 * @throws ProblemError CLOUD-SHAPE where a flow names what is not there
 */
export function openingsOf(shape: SystemShape, component: string, prefixes: Prefixes): readonly Opening[] {
  const is = (peer: Peer): boolean => 'component' in peer && peer.component === component;
  const openings: Opening[] = [];
  for (const flow of shape.flows) {
    const ports = [portOf(shape, flow)];
    if (is(flow.to)) openings.push({ direction: 'from', peers: peersOf(shape, flow.from, prefixes), ports, why: flow.why });
    if (!is(flow.from)) continue;
    // Who may open connections to everyone may not open them back inside (SEC-13); what is named inside has a flow of its own.
    const peers = 'anywhere' in flow.to ? [{ ...everyone, ...(prefixes.inside ? { except: prefixes.inside } : {}) }] : peersOf(shape, flow.to, prefixes);
    openings.push({ direction: 'to', peers, ports, why: flow.why });
  }
  for (const entry of shape.entries) {
    const receives = portNamed(componentNamed(shape, entry.component), entry.port);
    const ports = [{ number: receives.number, protocol: receives.protocol }];
    const why = `entry ${entry.name}`;
    if (entry.component === component) {
      // Behind an Ingress every connection comes from its controller, which checks who may come.
      const peers = entryKind(entry) === 'ingress' ? [{ namespace: ingressNamespace }] : peersOf(shape, entry.from, prefixes);
      openings.push({ direction: 'from', peers, ports, why });
    }
    if (is(entry.from)) openings.push({ direction: 'to', peers: [{ pods: { [componentLabel]: entry.component } }], ports, why: `uses ${entry.name}` });
  }
  return openings;
}

/** Ports of a component that flows from outside of the cluster come to, past every entry: they need an address there. */
export function exposedPorts(shape: SystemShape, component: string): readonly Port[] {
  const found = new Set<Port>();
  for (const flow of shape.flows) {
    if (!('component' in flow.to) || flow.to.component !== component || !isOutside(flow.from)) continue;
    found.add(portNamed(componentNamed(shape, component), flow.port));
  }
  return [...found].sort((a, b) => a.number - b.number);
}

/** Prefixes of a peer as a load balancer's source ranges; undefined for everyone. */
export function sourcesOf(peer: Peer, prefixes: Prefixes): readonly string[] | undefined {
  if ('anywhere' in peer) return undefined;
  if ('key' in peer) return prefixes.ofKey(peer.key);
  return 'segment' in peer ? prefixesOf(prefixes.networks, peer.segment) : [];
}

/**
 * Prefixes of the address plan that are not the world for a system, as far as they are known here: its networks and its
 * tenant's, its owner's, whoever its flows and entries name, and of the cluster what the plan holds as `cloud/CLOUD/NAME`.
 * @param held what a key holds; nothing where the plan has no such key
 */
export function notTheWorld(
  { flows, entries }: Pick<SystemShape, 'flows' | 'entries'>,
  { id, owner, cloud }: { readonly id: string; readonly owner: string; readonly cloud: string },
  networks: readonly PlannedNetwork[],
  held: (key: string) => readonly string[],
): readonly string[] {
  if (!flows.some(({ to }) => 'anywhere' in to)) return [];
  const named = [...flows.flatMap(({ from, to }) => [from, to]), ...entries.map(({ from }) => from)].flatMap((peer) => ('key' in peer ? [peer.key] : []));
  const around = [`tenant/${id}`, `agency/${owner}`, ...['ingress', 'nodes', 'pods', 'services'].map((range) => `cloud/${cloud}/${range}`)];
  const own = networks.flatMap(({ v4, v6 }) => [v4, v6]).filter((prefix) => prefix !== undefined);
  return [...new Set([...own, ...[...new Set([...named, ...around])].flatMap(held)])];
}

export function componentNamed(shape: SystemShape, name: string): Component {
  const names = shape.components.map((component) => component.name);
  return (
    shape.components.find((component) => component.name === name) ?? fail('CLOUD-SHAPE', `there is no component "${name}"`, { hint: didYouMean(name, names) })
  );
}

export function portNamed({ name: component, ports }: Component, port: string | number): Port {
  const found = ports.find(({ name, number }) => name === port || number === port);
  return (
    found ?? fail('CLOUD-SHAPE', `component "${component}" has no port "${port}"`, { hint: `it has ${ports.map(({ name }) => name).join(', ') || 'none'}` })
  );
}

function portOf(shape: SystemShape, { to, port, protocol }: Flow): Opening['ports'][number] {
  if ('component' in to) {
    const found = portNamed(componentNamed(shape, to.component), port);
    return { number: found.number, protocol: found.protocol };
  }
  return { number: Number(port), ...(protocol === undefined ? {} : { protocol }) };
}

function peersOf(shape: SystemShape, peer: Peer, prefixes: Prefixes): readonly PodPeer[] {
  if ('anywhere' in peer) return [everyone];
  if ('key' in peer) return [{ prefixes: prefixes.ofKey(peer.key) }];
  if ('component' in peer) return [{ pods: { [componentLabel]: componentNamed(shape, peer.component).name } }];
  // A segment is what stands in it here, and what the address plan gives it elsewhere.
  const numbers = prefixesOf(prefixes.networks, peer.segment);
  return [{ pods: { [segmentLabel]: peer.segment } }, ...(numbers.length === 0 ? [] : [{ prefixes: numbers }])];
}

function prefixesOf(networks: readonly PlannedNetwork[], segment: string): readonly string[] {
  const found = networks.find(({ name }) => name === segment);
  return [found?.v4, found?.v6].filter((prefix) => prefix !== undefined);
}
