import { familyOf } from './addresses.ts';
import { interfaceNumber, type Link } from './links.ts';
import type { WireguardProfile } from './schema.ts';
import type { Overlay, OverlayNode } from './types.ts';

/**
 * The wg-quick files of one node, by file name: one interface for all spokes of a hub, one per hub at a spoke.
 * On one interface every prefix has one owner, so a spoke that may reach everything through either hub needs two.
 * There is no PrivateKey line: the device loads its own key when the interface comes up. (`wg setconf` with such a
 * file would wipe the key; the PostUp line must run, or an agent must add the key first.)
 */
export function wireguardFiles(overlay: Overlay, profile: WireguardProfile, node: OverlayNode, links: readonly Link[]): Map<string, string> {
  const files = new Map<string, string>();
  const shared = links.filter(({ calls }) => !calls);
  if (shared.length > 0) files.set('wg-hub.conf', wireguardFile(overlay, profile, node, shared));
  for (const link of links) if (link.calls) files.set(`${wireguardInterface(link.peer)}.conf`, wireguardFile(overlay, profile, node, [link]));
  return files;
}

/** Name of a spoke's interface towards a hub: at most 15 characters (IFNAMSIZ), the same for every spoke. */
export function wireguardInterface(hub: OverlayNode): string {
  const name = `wg-${hub.id}`;
  return name.length <= 15 ? name : `${name.slice(0, 9)}-${interfaceNumber(hub.id).toString(36).slice(-5)}`;
}

function wireguardFile(overlay: Overlay, profile: WireguardProfile, node: OverlayNode, links: readonly Link[]): string {
  const calls = links.every((link) => link.calls);
  const inner = [node.inner?.v4, node.inner?.v6].flatMap((address) => (address === undefined ? [] : [`${address}/${familyOf(address) === 'v4' ? 32 : 128}`]));
  const lines = [
    `# Overlay ${overlay.name}, node ${node.id}, profile ${profile.name}${profile.trial ? ' (trial)' : ''}. Made by \`vcloud vpn render\`; do not edit.`,
    '[Interface]',
    ...(inner.length > 0 ? [`Address = ${inner.join(', ')}`] : []),
    ...(calls ? [] : [`ListenPort = ${profile.port}`]),
    `MTU = ${profile.mtu}`,
    // Both interfaces of a spoke allow the same prefixes: routes and their preference are the routing daemon's.
    'Table = off',
    `PostUp = wg set %i private-key ${profile.privateKeyFile.replaceAll('{interface}', '%i')}`,
  ];
  for (const { peer, remote, calls: calling } of links) {
    lines.push('', `# ${peer.id}`, '[Peer]', `PublicKey = ${peer.publicKey ?? ''}`);
    const endpoint = peer.endpoints[0];
    if (calling && endpoint !== undefined) lines.push(`Endpoint = ${familyOf(endpoint) === 'v6' ? `[${endpoint}]` : endpoint}:${profile.port}`);
    lines.push(`AllowedIPs = ${remote.join(', ')}`);
    if (calling && profile.keepalive > 0) lines.push(`PersistentKeepalive = ${profile.keepalive}`);
  }
  return `${lines.join('\n')}\n`;
}
