import { problem, type Problem } from '../core/index.ts';
import { comparePrefixes, contains, parsePrefix, readAddress, holds, isFault, type Prefix } from '../network/index.ts';
import { ownPrefixes } from './links.ts';
import { verifyFiles } from './verify-files.ts';
import type { Overlay, OverlayNode, OverlaySet } from './types.ts';

/** Adds one finding about a node, tunnel or file. */
export type Report = (code: string, message: string, hint: string, node?: OverlayNode) => void;

/**
 * What would fail or leak in a set of overlays, found without any device: the topology against its own rules, then the
 * rendered files, read back, against the topology. Nothing when all is well.
 */
export function verifyOverlays(set: OverlaySet): Problem[] {
  const findings: Problem[] = [...(set.findings ?? [])];
  for (const overlay of set.overlays) {
    const report: Report = (code, message, hint, node) => {
      findings.push(
        problem(code, `${overlay.name}: ${message}`, { severity: 'warning', ...(node?.place ?? overlay.place ?? { subject: overlay.name }), hint }),
      );
    };
    verifyReach(overlay, report);
    verifyPrefixes(overlay, report);
    verifyEndpoints(overlay, report);
    verifyNumbers(overlay, report);
    verifyFiles(overlay, set.files, report);
  }
  verifySecrets(set, findings);
  return findings;
}

/** Every node has a tunnel to every hub of each group it joins, every group enough hubs, the mesh is whole. */
function verifyReach(overlay: Overlay, report: Report): void {
  const hubs = new Map<string, OverlayNode[]>();
  for (const node of overlay.nodes) {
    if (node.role !== 'hub' || node.group === undefined) continue;
    const list = hubs.get(node.group);
    if (list) list.push(node);
    else hubs.set(node.group, [node]);
  }
  const ends = new Set(overlay.tunnels.map(({ from, to }) => `${from}--${to}`));
  let expected = 0;
  const expect = (from: OverlayNode, to: OverlayNode): void => {
    if (from.elsewhere && to.elsewhere) return;
    expected++;
    if (!ends.has(`${from.id}--${to.id}`))
      report('VPN-NO-TUNNEL', `no tunnel leads from "${from.id}" to its hub "${to.id}"`, 'render the overlay again from its plan', from);
  };
  for (const [group, members] of hubs) {
    const wanted = overlay.hubsPerGroup ?? 2;
    if (members.length < wanted)
      report(
        'VPN-SINGLE-HUB',
        `group "${group}" has ${members.length} hub, ${wanted} are wanted`,
        'add a hub at another site: without it the group falls with one device',
        members[0],
      );
    const sites = new Set(members.flatMap(({ site }) => site ?? []));
    if (members.length > 1 && sites.size === 1 && members.every(({ site }) => site !== undefined))
      report('VPN-SHARED-SITE', `all hubs of group "${group}" stand at one site`, 'place one of them elsewhere', members[0]);
  }
  for (const node of overlay.nodes) {
    for (const group of node.joins ?? []) for (const hub of hubs.get(group) ?? []) if (hub.id !== node.id) expect(node, hub);
    if (node.role === 'spoke' && (node.joins ?? []).length === 0)
      report('VPN-ALONE', `spoke "${node.id}" joins no group`, 'name the group whose hubs it connects to', node);
    if (node.role === 'spoke' && node.prefixes.length === 0 && node.inner === undefined)
      report('VPN-NOTHING-BEHIND', `nothing lies behind spoke "${node.id}"`, 'give it prefixes of the address plan', node);
  }
  const meshed = (overlay.mesh ?? []).flatMap((group) => hubs.get(group) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  meshed.forEach((from, index) => {
    for (const to of meshed.slice(index + 1)) expect(from, to);
  });
  if (expected !== overlay.tunnels.length)
    report('VPN-TUNNEL-COUNT', `${overlay.tunnels.length} tunnels are planned, the topology needs ${expected}`, 'render the overlay again from its plan');
}

/** Prefixes behind two nodes overlap only where one node is a hub above the other, or both are hubs of one group. */
function verifyPrefixes(overlay: Overlay, report: Report): void {
  const groupsAbove = new Map<string, Set<string>>();
  const byGroup = new Map<string, OverlayNode[]>();
  for (const node of overlay.nodes) if (node.role === 'hub' && node.group !== undefined) byGroup.set(node.group, [...(byGroup.get(node.group) ?? []), node]);
  const above = (node: OverlayNode): Set<string> => {
    const known = groupsAbove.get(node.id);
    if (known) return known;
    const groups = new Set(node.joins ?? []);
    groupsAbove.set(node.id, groups);
    for (const group of node.joins ?? []) for (const hub of byGroup.get(group) ?? []) for (const upper of above(hub)) groups.add(upper);
    return groups;
  };
  const mayShare = (one: OverlayNode, other: OverlayNode): boolean =>
    one.id === other.id ||
    (one.group !== undefined && (one.group === other.group || above(other).has(one.group))) ||
    (other.group !== undefined && above(one).has(other.group));
  const items: { prefix: Prefix; text: string; node: OverlayNode }[] = [];
  for (const node of overlay.nodes) for (const text of ownPrefixes(node)) items.push({ prefix: parsePrefix(text), text, node });
  items.sort((a, b) => comparePrefixes(a.prefix, b.prefix));
  const open: typeof items = [];
  for (const item of items) {
    for (let last = open.at(-1); last && !contains(last.prefix, item.prefix); last = open.at(-1)) open.pop();
    const clash = open.find((held) => !mayShare(held.node, item.node));
    if (clash)
      report(
        'VPN-OVERLAP',
        `${item.text} behind "${item.node.id}" overlaps ${clash.text} behind "${clash.node.id}"`,
        'one prefix has one way to it: give one of them another block, or put the one above the other',
        item.node,
      );
    open.push(item);
  }
}

/** Outer addresses are unique and never reached through the overlay itself. */
function verifyEndpoints(overlay: Overlay, report: Report): void {
  const owners = new Map<string, OverlayNode>();
  const inside = [...(overlay.reach ?? [])].map((text) => ({ text, prefix: parsePrefix(text) }));
  for (const node of overlay.nodes) {
    for (const text of node.endpoints) {
      const first = owners.get(text);
      if (first)
        report('VPN-ENDPOINT-SHARED', `"${node.id}" and "${first.id}" have the same endpoint ${text}`, 'give each node an outer address of its own', node);
      owners.set(text, node);
      const address = readAddress(text);
      const around = isFault(address) ? undefined : inside.find(({ prefix }) => holds(prefix, address));
      if (around)
        report(
          'VPN-ENDPOINT-INSIDE',
          `endpoint ${text} of "${node.id}" lies in ${around.text}, which is reached through the tunnels`,
          'a tunnel cannot carry its own packets: use an outer address',
          node,
        );
    }
  }
}

/** Inner addresses and public keys belong to one node each, AS numbers to one organisation. */
function verifyNumbers(overlay: Overlay, report: Report): void {
  const inner = new Map<string, string>();
  const keys = new Map<string, string>();
  const asns = new Map<number, string>();
  for (const node of overlay.nodes) {
    for (const address of [node.inner?.v4, node.inner?.v6]) {
      if (address === undefined) continue;
      const first = inner.get(address);
      if (first !== undefined)
        report(
          'VPN-INNER-SHARED',
          `"${node.id}" and "${first}" have the same inner address ${address}`,
          'give each node a key or a host number of its own',
          node,
        );
      inner.set(address, node.id);
    }
    if (node.publicKey !== undefined) {
      const first = keys.get(node.publicKey);
      if (first !== undefined) report('VPN-KEY-SHARED', `"${node.id}" and "${first}" have the same public key`, 'every device makes its own key pair', node);
      keys.set(node.publicKey, node.id);
    }
    if (node.asn !== undefined) {
      const first = asns.get(node.asn);
      if (first !== undefined && first !== node.owner)
        report('VPN-ASN-SHARED', `"${node.owner}" and "${first}" both use AS ${node.asn}`, 'give each agency its own number', node);
      asns.set(node.asn, node.owner);
    }
  }
}

const secretPatterns: readonly (readonly [RegExp, string])[] = [
  [/^\s*PrivateKey\s*=/imu, 'a WireGuard private key'],
  [/^\s*PresharedKey\s*=/imu, 'a WireGuard pre-shared key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/u, 'a PEM private key'],
  [/^\s*secrets\b.*\{/imu, 'a secrets section'],
];

/** No file holds a private key, and no text of the shape of a WireGuard key that is not a declared public one. */
function verifySecrets(set: OverlaySet, findings: Problem[]): void {
  const declared = new Set(set.overlays.flatMap(({ nodes }) => nodes.flatMap(({ publicKey }) => publicKey ?? [])));
  for (const [file, text] of set.files) {
    const found = secretPatterns.filter(([pattern]) => pattern.test(text)).map(([, what]) => what);
    for (const [key] of text.matchAll(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=/gu)) if (!declared.has(key)) found.push('a key that is no declared public key');
    for (const what of new Set(found))
      findings.push(
        problem('VPN-SECRET', `the file holds ${what}`, {
          severity: 'warning',
          file: `out/vpn/${file}`,
          hint: 'private keys stay on their device; treat this one as known to others',
        }),
      );
  }
}
