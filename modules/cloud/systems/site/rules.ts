import type { Component, Flow, Peer, SystemShape } from '../shape.ts';

/** One line of a rule list, as people type it into a firewall. */
export interface Rule {
  readonly direction: 'in' | 'out';
  /** The other end, as the shape calls it, and what that is in numbers: prefixes of both families. */
  readonly peer: string;
  readonly prefixes: readonly string[];
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly why: string;
}

/** What a peer is in numbers. */
export type Resolve = (peer: Peer) => readonly string[];

/** The rules of a component, both ways: who may open connections to it, and to whom it may. Nothing else passes. */
export function rulesOf(shape: Pick<SystemShape, 'components' | 'flows'>, component: string, resolve: Resolve): Rule[] {
  const rule = (direction: Rule['direction'], peer: Peer, flow: Flow): Rule => ({
    direction,
    peer: nameOf(peer),
    prefixes: resolve(peer),
    ...portOf(shape.components, flow),
    why: flow.why,
  });
  return shape.flows.flatMap((flow) => [
    ...(isComponent(flow.to, component) ? [rule('in', flow.from, flow)] : []),
    ...(isComponent(flow.from, component) ? [rule('out', flow.to, flow)] : []),
  ]);
}

/** Number and protocol of a flow's port: those of the receiving component where the flow names a port of it. */
export function portOf(components: readonly Component[], { to, port, protocol }: Flow): Pick<Rule, 'port' | 'protocol'> {
  const receiver = 'component' in to ? components.find(({ name }) => name === to.component) : undefined;
  const named = receiver?.ports.find(({ name, number }) => name === port || number === port);
  return { port: typeof port === 'number' ? port : (named?.number ?? 0), protocol: protocol ?? named?.protocol ?? 'tcp' };
}

export function nameOf(peer: Peer): string {
  if ('component' in peer) return peer.component;
  if ('segment' in peer) return `network ${peer.segment}`;
  return 'key' in peer ? peer.key : 'anywhere';
}

function isComponent(peer: Peer, component: string): boolean {
  return 'component' in peer && peer.component === component;
}
