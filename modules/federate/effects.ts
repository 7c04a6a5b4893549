import { sortedBy } from '../core/index.ts';
import type { Federation } from '../federation/index.ts';
import type { AddressPlan, ReviewEffects } from '../network/index.ts';
import type { Zone } from '../dns/types.ts';
import type { Overlay, OverlayNode } from '../vpn/types.ts';

/**
 * What a change of addresses does to a member's zones and overlays: both are worked out from the plan before and the plan
 * after, everything else being equal, and compared. Reads files, writes nothing.
 * @throws ProblemError with the problems of zone and overlay plans
 */
export async function effectsOf(root: string, federation: Federation, before: AddressPlan, after: AddressPlan): Promise<ReviewEffects> {
  const [{ planZones }, { planOverlays }] = await Promise.all([import('../dns/index.ts'), import('../vpn/index.ts')]);
  return {
    zones: zoneEffects(planZones(root, federation, before).zones, planZones(root, federation, after).zones),
    overlays: overlayEffects(planOverlays(root, federation, before).overlays, planOverlays(root, federation, after).overlays),
  };
}

function linesOf(zone: Zone | undefined): Set<string> {
  return new Set(zone?.records.flatMap(({ name, type, data }) => data.map((rdata) => `${name} ${type} ${rdata}`)));
}

function zoneEffects(before: readonly Zone[], after: readonly Zone[]): ReviewEffects['zones'] {
  const old = new Map(before.map((zone) => [zone.name, zone]));
  const now = new Map(after.map((zone) => [zone.name, zone]));
  const zones: ReviewEffects['zones'][number][] = [];
  for (const zone of new Set([...old.keys(), ...now.keys()])) {
    const [one, other] = [linesOf(old.get(zone)), linesOf(now.get(zone))];
    const added = [...other].filter((line) => !one.has(line)).length;
    const removed = [...one].filter((line) => !other.has(line)).length;
    if (added + removed === 0) continue;
    zones.push({ zone, state: old.has(zone) ? (now.has(zone) ? 'changed' : 'gone') : 'new', added, removed });
  }
  return sortedBy(zones, ({ zone }) => zone);
}

function overlayEffects(before: readonly Overlay[], after: readonly Overlay[]): ReviewEffects['overlays'] {
  const overlays: ReviewEffects['overlays'][number][] = [];
  for (const name of [...new Set([...before, ...after].map((overlay) => overlay.name))].sort()) {
    const one = before.find((overlay) => overlay.name === name);
    const other = after.find((overlay) => overlay.name === name);
    const [old, now] = [nodesOf(one), nodesOf(other)];
    const [oldTunnels, nowTunnels] = [tunnelsOf(one), tunnelsOf(other)];
    const found = {
      overlay: name,
      added: [...now.keys()].filter((id) => !old.has(id)).sort(),
      removed: [...old.keys()].filter((id) => !now.has(id)).sort(),
      changed: [...now].flatMap(([id, text]) => (old.has(id) && old.get(id) !== text ? [id] : [])).sort(),
      tunnels: {
        added: [...nowTunnels].filter((tunnel) => !oldTunnels.has(tunnel)).length,
        removed: [...oldTunnels].filter((tunnel) => !nowTunnels.has(tunnel)).length,
      },
    };
    if (found.added.length + found.removed.length + found.changed.length + found.tunnels.added + found.tunnels.removed > 0) overlays.push(found);
  }
  return overlays;
}

/** What of a node follows from the address plan, as text, by id. */
function nodesOf(overlay: Overlay | undefined): Map<string, string> {
  return new Map(overlay?.nodes.map((node: OverlayNode) => [node.id, JSON.stringify([node.prefixes, node.asn, node.inner, node.endpoints])]));
}

function tunnelsOf(overlay: Overlay | undefined): Set<string> {
  return new Set(overlay?.tunnels.map(({ id, addresses }) => `${id} ${JSON.stringify(addresses)}`));
}
