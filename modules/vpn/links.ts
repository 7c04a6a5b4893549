import { contains, parsePrefix } from '../network/index.ts';
import type { Overlay, OverlayNode, Tunnel } from './types.ts';

/** One tunnel as one of its ends sees it. */
export interface Link {
  readonly tunnel: Tunnel;
  readonly self: OverlayNode;
  readonly peer: OverlayNode;
  /** Whether this end calls. */
  readonly calls: boolean;
  /** What this end may send from, and what it may send to. */
  readonly local: readonly string[];
  readonly remote: readonly string[];
  /** Interface the tunnel stands on at this end: the shared one of a hub for its spokes, or one of its own. */
  readonly interfaceId: number;
}

/** Interface all spokes of a hub share: what lies behind them is disjoint, so one interface tells them apart. */
export const spokeInterface = 1;

/** The links of every node of an overlay, by node id; links of a node in order of tunnel ids. */
export function linksOf(overlay: Overlay): Map<string, Link[]> {
  const nodes = new Map(overlay.nodes.map((node) => [node.id, node]));
  const reach = overlay.reach ?? [];
  const links = new Map<string, Link[]>(overlay.nodes.map(({ id }) => [id, []]));
  for (const tunnel of overlay.tunnels) {
    const from = nodes.get(tunnel.from);
    const to = nodes.get(tunnel.to);
    if (!from || !to) continue;
    // Between hubs everything of the overlay may pass, and routing decides; a spoke may send only from what is its own.
    const near = from.role === 'hub' ? reach : ownPrefixes(from);
    const own = interfaceNumber(tunnel.id);
    links.get(from.id)?.push({ tunnel, self: from, peer: to, calls: true, local: near, remote: reach, interfaceId: own });
    // Two hubs of a pair stand for the same prefixes: on one interface the second would steal them from the first.
    const shared = from.role === 'spoke' ? spokeInterface : own;
    links.get(to.id)?.push({ tunnel, self: to, peer: from, calls: false, local: reach, remote: near, interfaceId: shared });
  }
  return links;
}

/** What lies behind a node, and its inner addresses where they do not lie in that. */
export function ownPrefixes(node: OverlayNode): readonly string[] {
  const inner = [node.inner?.v4 === undefined ? [] : `${node.inner.v4}/32`, node.inner?.v6 === undefined ? [] : `${node.inner.v6}/128`].flat();
  if (inner.length === 0) return node.prefixes;
  const behind = node.prefixes.map((prefix) => parsePrefix(prefix));
  return [...node.prefixes, ...inner.filter((text) => !behind.some((prefix) => contains(prefix, parsePrefix(text))))];
}

/** A number from the tunnel's id (FNV-1a), so that another tunnel coming or going moves none. 2 to 2^31-1. */
export function interfaceNumber(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  return (hash % 0x7ffffffd) + 2;
}
