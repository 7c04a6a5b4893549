import { contains, comparePrefixes, isFault, readPrefix, type Prefix } from '../network/index.ts';
import { parseSwanctl, parseWireguard, type Section } from './parse.ts';
import type { Overlay, OverlayNode } from './types.ts';
import type { Report } from './verify.ts';

/** One end of a connection as its file says it. */
interface End {
  readonly file: string;
  readonly identity: string;
  readonly peer: string;
  readonly local: string;
  readonly remote: string;
  readonly suite: string;
  readonly interfaceId: string;
  readonly localAddresses: string;
  readonly remoteAddresses: string;
}

/** Reads an overlay's files back and compares them with its tunnels and with each other. */
export function verifyFiles(overlay: Overlay, files: ReadonlyMap<string, string>, report: Report): void {
  if (overlay.profile.kind === 'ipsec') verifySwanctl(overlay, files, report);
  else verifyWireguard(overlay, files, report);
}

function verifySwanctl(overlay: Overlay, files: ReadonlyMap<string, string>, report: Report): void {
  const ends = new Map<string, End[]>();
  for (const [file, text] of files) {
    if (!file.startsWith(`${overlay.name}/`) || !file.endsWith('.swanctl.conf')) continue;
    const parsed = parseSwanctl(text);
    if (!parsed) {
      report('VPN-SYNTAX', `${file} is not a swanctl.conf`, 'render it again: the daemon would load nothing from it and drop what it has');
      continue;
    }
    const interfaces = new Map<string, { remote: string; name: string }[]>();
    for (const [name, connection] of parsed.sections.get('connections')?.sections ?? []) {
      const end = endOf(file, connection);
      const list = ends.get(name);
      if (list) list.push(end);
      else ends.set(name, [end]);
      // In a file of several spokes each device has its own interfaces.
      const device = `${end.identity} ${end.interfaceId}`;
      const peers = interfaces.get(device);
      if (peers) peers.push({ remote: end.remote, name });
      else interfaces.set(device, [{ remote: end.remote, name }]);
    }
    for (const [device, peers] of interfaces) verifyInterface(device, peers, report);
  }
  const nodes = new Map(overlay.nodes.map((node) => [node.id, node]));
  for (const tunnel of overlay.tunnels) {
    const found = ends.get(tunnel.id) ?? [];
    ends.delete(tunnel.id);
    const own = [nodes.get(tunnel.from), nodes.get(tunnel.to)].filter((node) => node !== undefined && !node.elsewhere).length;
    if (found.length !== own) {
      report('VPN-ENDS', `tunnel "${tunnel.id}" stands in ${found.length} files, not ${own}`, 'render the overlay again', nodes.get(tunnel.from));
      continue;
    }
    const [one, other] = found;
    if (one && other) compareEnds(tunnel.id, one, other, nodes.get(tunnel.from), report);
  }
  for (const [name, [end]] of ends)
    report('VPN-UNPLANNED', `${end?.file ?? ''} has connection "${name}", which no tunnel of the plan asks for`, 'render the overlay again');
}

function endOf(file: string, connection: Section): End {
  const value = (section: Section | undefined, name: string): string => section?.values.get(name) ?? '';
  const child = connection.sections.get('children')?.sections.get('net');
  return {
    file,
    identity: value(connection.sections.get('local'), 'id'),
    peer: value(connection.sections.get('remote'), 'id'),
    local: value(child, 'local_ts'),
    remote: value(child, 'remote_ts'),
    suite: `${value(connection, 'version')} ${value(connection, 'proposals')} ${value(child, 'esp_proposals')}`,
    interfaceId: value(connection, 'if_id_in'),
    localAddresses: value(connection, 'local_addrs'),
    remoteAddresses: value(connection, 'remote_addrs'),
  };
}

function compareEnds(id: string, one: End, other: End, node: OverlayNode | undefined, report: Report): void {
  const differ = (what: string): void =>
    report('VPN-ENDS-DIFFER', `the ends of tunnel "${id}" disagree about ${what}`, `compare ${one.file} and ${other.file}; render the overlay again`, node);
  if (one.identity !== other.peer || other.identity !== one.peer) differ('who they are');
  if (one.local !== other.remote || other.local !== one.remote) differ('what may pass');
  if (one.suite !== other.suite) differ('the algorithms');
  for (const [end, far] of [
    [one, other],
    [other, one],
  ] as const)
    if (end.remoteAddresses !== '%any' && end.remoteAddresses !== far.localAddresses) differ('where the other is');
}

/** On one interface every prefix leads to one peer; an exact or nested second owner takes packets from the first. */
function verifyInterface(device: string, peers: readonly { remote: string; name: string }[], report: Report): void {
  if (peers.length < 2) return;
  const items: { prefix: Prefix; text: string; name: string }[] = [];
  for (const { remote, name } of peers) {
    for (const text of remote.split(/\s*,\s*/u)) {
      const prefix = readPrefix(text);
      if (!isFault(prefix)) items.push({ prefix, text, name });
    }
  }
  items.sort((a, b) => comparePrefixes(a.prefix, b.prefix));
  let widest = items[0];
  for (const item of items.slice(1)) {
    if (widest && contains(widest.prefix, item.prefix)) {
      if (widest.name !== item.name)
        report(
          'VPN-INTERFACE',
          `on interface ${device} ${item.text} of "${item.name}" overlaps ${widest.text} of "${widest.name}"`,
          'the second steals packets of the first: separate interfaces or prefixes',
        );
    } else widest = item;
  }
}

function verifyWireguard(overlay: Overlay, files: ReadonlyMap<string, string>, report: Report): void {
  const byKey = new Map(overlay.nodes.flatMap((node) => (node.publicKey === undefined ? [] : [[node.publicKey, node] as const])));
  /** `FROM--TO` as each end's file says it -> allowed prefixes there. */
  const seen = new Map<string, string>();
  const nodes = new Map(overlay.nodes.map((node) => [node.id, node]));
  for (const [file, text] of files) {
    const match = /^nodes\/([^/]+)\/([^/]+)\.conf$/u.exec(file.startsWith(`${overlay.name}/`) ? file.slice(overlay.name.length + 1) : '');
    const node = nodes.get(match?.[1] ?? '');
    const name = match?.[2];
    if (node && name !== undefined) {
      const parsed = parseWireguard(text);
      if (!parsed || name.length > 15) {
        report('VPN-SYNTAX', `${file} is not a wg-quick file, or its interface name is too long`, 'render it again', node);
        continue;
      }
      const peers: { remote: string; name: string }[] = [];
      for (const peer of parsed.peers) {
        const other = byKey.get(peer.get('PublicKey') ?? '');
        if (!other) {
          report('VPN-UNPLANNED', `${file} has a peer with a key of no node`, 'render the overlay again', node);
          continue;
        }
        if (other.id === node.id) report('VPN-SELF', `"${node.id}" is its own peer in ${file}`, 'render the overlay again', node);
        peers.push({ remote: peer.get('AllowedIPs') ?? '', name: other.id });
        seen.set(`${node.id} ${other.id}`, peer.get('AllowedIPs') ?? '');
      }
      verifyInterface(`${node.id} ${name}`, peers, report);
    }
  }
  for (const { id, from, to } of overlay.tunnels) {
    const near = seen.get(`${to} ${from}`);
    const far = seen.get(`${from} ${to}`);
    seen.delete(`${to} ${from}`);
    seen.delete(`${from} ${to}`);
    const ends = [nodes.get(from), nodes.get(to)];
    if ((near === undefined || far === undefined) && ends.every((node) => !node?.elsewhere))
      report('VPN-ENDS', `tunnel "${id}" does not stand in both ends' files`, 'render the overlay again');
    const wanted = nodes.get(from)?.prefixes ?? [];
    const allowed = new Set((near ?? '').split(/\s*,\s*/u));
    for (const text of wanted)
      if (near !== undefined && !allowed.has(text))
        report('VPN-ENDS-DIFFER', `hub "${to}" does not allow ${text}, which lies behind "${from}"`, 'render the overlay again');
  }
  for (const pair of seen.keys()) report('VPN-UNPLANNED', `the files link ${pair.replace(' ', ' and ')}, the plan does not`, 'render the overlay again');
}
