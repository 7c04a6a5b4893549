import type { OverlayNode, Tunnel } from './types.ts';

/**
 * The tunnels that follow from the nodes: every node to all hubs of the groups it joins, and the hubs of the mesh
 * groups to each other. Nodes come sorted by id; so do the tunnels, by id of their two ends.
 */
export function tunnelsOf(overlay: string, profile: string, nodes: readonly OverlayNode[], mesh: readonly string[]): Tunnel[] {
  const hubs = new Map<string, OverlayNode[]>();
  for (const node of nodes) {
    if (node.role !== 'hub' || node.group === undefined) continue;
    const list = hubs.get(node.group);
    if (list) list.push(node);
    else hubs.set(node.group, [node]);
  }
  const tunnels = new Map<string, Tunnel>();
  const add = (from: OverlayNode, to: OverlayNode, kind: 'join' | 'mesh'): void => {
    const id = `${from.id}--${to.id}`;
    // Two members' nodes are linked by the one of them that holds an end; between two foreign ends nothing is ours.
    if (from.elsewhere && to.elsewhere) return;
    if (from.id === to.id || tunnels.has(id)) return;
    const addresses: { from: string; to: string }[] = [];
    for (const family of ['v4', 'v6'] as const) {
      const ends = { from: from.inner?.[family], to: to.inner?.[family] };
      if (ends.from !== undefined && ends.to !== undefined) addresses.push({ from: ends.from, to: ends.to });
    }
    tunnels.set(id, { id, overlay, from: from.id, to: to.id, profile, addresses, kind });
  };
  for (const node of nodes) for (const group of node.joins ?? []) for (const hub of hubs.get(group) ?? []) add(node, hub, 'join');
  const meshed = mesh.flatMap((group) => hubs.get(group) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  meshed.forEach((from, index) => {
    for (const to of meshed.slice(index + 1)) add(from, to, 'mesh');
  });
  return [...tunnels.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
