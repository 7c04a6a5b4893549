import * as fs from 'node:fs';
import * as path from 'node:path';
import { dataOf, expect, measureCommand, temporaryFolder, vcloud, writeFiles } from './measure.ts';
import { fromPyPI, isAbsent } from './peers.ts';
import type { Benchmark, Row } from './table.ts';

const mesh = 450;
const sites = 12_000;
const provinces = 34;

/** Overlays from plans to device files, read back and verified. */
export const benchmark: Benchmark = {
  name: 'vpn',
  about: `a full mesh of ${mesh} and a hierarchy of ${sites.toLocaleString('en-US')} sites below ${provinces} pairs of hubs, as files and as a whole command`,
  run: async () => {
    const full = temporaryFolder();
    writeFiles(full, meshOf());
    const tree = temporaryFolder();
    writeFiles(tree, hierarchyOf());
    vcloud(tree, ['net', 'allocate']);
    const rendering = `full mesh of ${mesh}, rendered`;
    return [
      { ...rendered(full, rendering, mesh, (mesh * (mesh - 1)) / 2), bar: { cpuSeconds: 0.6 } },
      meshconf(rendering),
      rendered(tree, `hierarchy of ${sites.toLocaleString('en-US')}, rendered`, sites + 2 * provinces, 2 * sites),
      verified(tree, `hierarchy of ${sites.toLocaleString('en-US')}, verified`),
    ].map((row): Row => (row.who === 'vcloud vpn verify' || row.work.startsWith('hierarchy') ? { ...row, bar: { cpuSeconds: 5 } } : row));
  },
};

const settings = 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, organisation: o, names: { vi: M, en: M } }\n';
const organisation = 'apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: o, kind: nation, names: { vi: O, en: O } }\n';
const header = 'apiVersion: vcloud/v1\nkind: OverlayPlan\nmetadata: { name: sites }\n';

const profiles = `profiles:
  - name: standard
    kind: ipsec
    ike: { proposals: [aes256gcm16-prfsha384-ecp384] }
    esp: { proposals: [aes256gcm16-ecp384] }
    authentication: { authority: authority.pem, identity: "{node}.example" }
`;

/** Hubs that all connect to each other. */
function meshOf(): Record<string, string> {
  const nodes = Array.from({ length: mesh }, (_, index) => `${nodeOf(index)},${outerOf(index)},10.${index >> 8}.${index & 255}.0/24`);
  return {
    'vcloud.yaml': settings,
    'stacks/o/o.yaml': organisation,
    'network-plans/nodes.csv': `id,endpoint,prefix\n${nodes.join('\n')}\n`,
    'network-plans/overlay.yaml': `${header}${profiles}overlays:
  - name: mesh
    profile: standard
    reach: [10.0.0.0/8]
    mesh: [all]
    nodes:
      - { forEach: { csv: nodes.csv }, id: "{id}", role: hub, group: all, owner: o, endpoints: ["{endpoint}"], prefixes: ["{prefix}"] }
`,
  };
}

/** Pairs of hubs in a mesh, and spokes that call both hubs of theirs; prefixes and inner addresses from an address plan. */
function hierarchyOf(): Record<string, string> {
  const hubs = Array.from({ length: 2 * provinces }, (_, index) => `hub-${index},p${index >> 1},${outerOf(index)}`);
  const spokes = Array.from({ length: sites }, (_, index) => `${nodeOf(index)},p${index % provinces}`);
  return {
    'vcloud.yaml': settings,
    'stacks/o/o.yaml': organisation,
    'network-plans/hubs.csv': `id,group,endpoint\n${hubs.join('\n')}\n`,
    'network-plans/sites.csv': `id,group\n${spokes.join('\n')}\n`,
    'network-plans/addresses.yaml': `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: sites }
domains: [{ name: inside }]
pools:
  - { name: six, prefix: "3fff:100::/32", domain: inside, strategy: first-fit }
  - { name: four, prefix: 10.0.0.0/8, domain: inside, strategy: first-fit }
needs:
  - { forEach: { csv: sites.csv }, key: "site/{id}", legs: { v6: { pool: six, length: 56 }, v4: { pool: four, length: 28 } } }
  - { forEach: { csv: sites.csv }, key: "tunnel/{id}", role: loopback, legs: { v6: { pool: six, length: 128 }, v4: { pool: four, length: 32 } } }
  - { forEach: { csv: hubs.csv }, key: "tunnel/{id}", role: loopback, legs: { v6: { pool: six, length: 128 }, v4: { pool: four, length: 32 } } }
`,
    'network-plans/overlay.yaml': `${header}${profiles}overlays:
  - name: tree
    profile: standard
    reach: [{ pool: six }, { pool: four }]
    nodes:
      - { forEach: { csv: hubs.csv }, id: "{id}", role: hub, group: "{group}", owner: o, endpoints: ["{endpoint}"], address: { key: "tunnel/{id}", host: 0 } }
      - { forEach: { csv: sites.csv }, id: "{id}", role: spoke, joins: ["{group}"], owner: o, prefixes: [{ key: "site/{id}" }], address: { key: "tunnel/{id}", host: 0 } }
`,
  };
}

function nodeOf(index: number): string {
  return `site-${String(index).padStart(5, '0')}`;
}

/** Outer addresses in documentation space (RFC 3849): there are too many for RFC 5737. */
function outerOf(index: number): string {
  return `2001:db8::${(index + 1).toString(16)}`;
}

/** 32 octets that follow from a number: a key of nobody. */
function keyOf(index: number): string {
  return Buffer.from(Array.from({ length: 32 }, (_, octet) => (index * 31 + octet * 7 + (index >> 8) * 13 * octet + 1) & 255)).toString('base64');
}

interface Rendered {
  readonly overlays: readonly { readonly nodes: number; readonly tunnels: number }[];
  readonly added: readonly string[];
}

function rendered(folder: string, work: string, nodes: number, tunnels: number): Row {
  const usage = vcloud(folder, ['vpn', 'render', '--json']);
  const { overlays, added } = dataOf<Rendered>(usage);
  expect(overlays[0]?.nodes === nodes && overlays[0].tunnels === tunnels, JSON.stringify(overlays));
  const octets = added.reduce((sum, file) => sum + fs.statSync(path.join(folder, 'out/vpn', file)).size, 0);
  const answer = `${nodes} nodes, ${tunnels} tunnels, ${added.length} files, ${(octets / 2 ** 20).toFixed(1)} MiB`;
  return { work, who: 'vcloud vpn render', scope: 'command', ...usage, answer };
}

function verified(folder: string, work: string): Row {
  const usage = vcloud(folder, ['vpn', 'verify', '--json'], { accept: [0, 2] });
  const { overlays, findings } = dataOf<{ overlays: { tunnels: number }[]; findings: number }>(usage);
  expect(findings === 0, `${findings} findings: ${usage.stdout.slice(0, 500)}`);
  return { work, who: 'vcloud vpn verify', scope: 'command', ...usage, answer: `${overlays[0]?.tunnels ?? 0} tunnels, clean` };
}

function meshconf(work: string): Row {
  const who = 'wg-meshconf 2.5.1 (WireGuard; ours is IPsec)';
  const peer = fromPyPI(['wg-meshconf==2.5.1'], 'wg-meshconf');
  if (isAbsent(peer)) return { work, who, absent: peer.absent };
  const folder = temporaryFolder();
  const columns = [
    'Name',
    'Address',
    'Endpoint',
    'AllowedIPs',
    'ListenPort',
    'PersistentKeepalive',
    'FwMark',
    'PrivateKey',
    'DNS',
    'MTU',
    'Table',
    'PreUp',
    'PostUp',
    'PreDown',
    'PostDown',
    'SaveConfig',
  ];
  const lines = Array.from({ length: mesh }, (_, index) => {
    const cells: Record<string, string> = {
      Name: nodeOf(index),
      Address: `10.${index >> 8}.${index & 255}.1/24`,
      Endpoint: `[${outerOf(index)}]`,
      ListenPort: '51820',
      PrivateKey: keyOf(index),
    };
    return columns.map((column) => `"${cells[column] ?? ''}"`).join(',');
  });
  writeFiles(folder, { 'database.csv': `${columns.map((column) => `"${column}"`).join(',')}\n${lines.join('\n')}\n` });
  const usage = measureCommand(peer.command, ['-d', 'database.csv', 'genconfig'], { cwd: folder });
  const files = fs.readdirSync(path.join(folder, 'output'));
  const peers = (fs.readFileSync(path.join(folder, 'output', files[0] ?? ''), 'utf8').match(/\[Peer\]/gu) ?? []).length;
  expect(files.length === mesh && peers === mesh - 1, `${files.length} files of ${peers} peers`);
  return { work, who, scope: 'command', ...usage, answer: `${files.length} files of ${peers} peers` };
}
