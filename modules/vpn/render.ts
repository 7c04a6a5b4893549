import { API_VERSION, canonicalJson } from '../core/index.ts';
import { linksOf, type Link } from './links.ts';
import { swanctlFile } from './swanctl.ts';
import type { Overlay, OverlayNode } from './types.ts';
import { wireguardFiles } from './wireguard.ts';

/**
 * The files of all overlays, path below `out/vpn/` -> content. A hub has a file of its own; the spokes of a group
 * share one, because three thousand small files help nobody: `vcloud vpn render --node` writes a single device's.
 * Nodes configured elsewhere get no file.
 */
export function renderOverlays(overlays: readonly Overlay[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const overlay of overlays) {
    const links = linksOf(overlay);
    files.set(`${overlay.name}/tunnels.json`, tunnelsJson(overlay));
    const spokes = new Map<string, OverlayNode[]>();
    for (const node of overlay.nodes) {
      if (node.elsewhere) continue;
      const own = links.get(node.id) ?? [];
      const group = node.joins?.[0];
      if (node.role === 'hub' || group === undefined || overlay.profile.kind === 'wireguard') {
        for (const [name, text] of nodeFiles(overlay, node, own)) files.set(`${overlay.name}/${name}`, text);
        continue;
      }
      const list = spokes.get(group);
      if (list) list.push(node);
      else spokes.set(group, [node]);
    }
    const stated = overlay.profile.stated;
    if (stated?.kind !== 'ipsec') continue;
    for (const [group, nodes] of spokes) {
      const text = swanctlFile(
        overlay,
        stated,
        nodes.map((node) => ({ node, links: links.get(node.id) ?? [] })),
      );
      files.set(`${overlay.name}/spokes/${group}.swanctl.conf`, text);
    }
  }
  return files;
}

/** The configuration of one node of an overlay: file name -> content; empty where it is configured elsewhere. */
export function renderNode(overlay: Overlay, id: string): Map<string, string> {
  const node = overlay.nodes.find((one) => one.id === id);
  if (!node || node.elsewhere) return new Map();
  return nodeFiles(overlay, node, linksOf(overlay).get(id) ?? []);
}

function nodeFiles(overlay: Overlay, node: OverlayNode, links: readonly Link[]): Map<string, string> {
  const stated = overlay.profile.stated;
  if (stated?.kind === 'ipsec') return new Map([[`nodes/${node.id}.swanctl.conf`, swanctlFile(overlay, stated, [{ node, links }])]]);
  if (stated?.kind === 'wireguard') return new Map([...wireguardFiles(overlay, stated, node, links)].map(([name, text]) => [`nodes/${node.id}/${name}`, text]));
  return new Map();
}

/** Nodes and tunnels as JSON, one a line, for other programs. */
function tunnelsJson(overlay: Overlay): string {
  const { name, trial, kind } = overlay.profile;
  // Keys in code-unit order by hand: sorting them again for every one of thousands of tunnels would cost most of the time.
  const nodes = overlay.nodes.map(({ asn, elsewhere, endpoints, group, id, inner, joins, owner, prefixes, publicKey, role, site }) =>
    JSON.stringify({ asn, elsewhere, endpoints, group, id, inner, joins, owner, prefixes, publicKey, role, site }),
  );
  const tunnels = overlay.tunnels.map(({ addresses, from, id, kind: how, to }) => JSON.stringify({ addresses, from, id, kind: how, to }));
  return [
    `{"apiVersion":"${API_VERSION}","kind":"Tunnels","overlay":"${overlay.name}","profile":${canonicalJson({ kind, name, trial })},"nodes":[`,
    nodes.join(',\n'),
    '],"tunnels":[',
    tunnels.join(',\n'),
    ']}',
    '',
  ].join('\n');
}
