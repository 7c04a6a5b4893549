import * as path from 'node:path';
import { plural } from '../../modules/core/basics.ts';
import type { Verb } from '../kit.ts';

/** Below the federation's folder; what lies there follows from the plans and is not in git. */
const outputFolder = 'out/vpn';

export const vpnVerbs: readonly Verb[] = [
  {
    name: 'vpn render',
    summary: "write the tunnels' device configurations",
    description:
      'Writes out/vpn: per overlay tunnels.json, a file per hub and a file per group of spokes. No file holds a private key: devices load their own. With --node the configuration of one device goes to stdout and nothing is written.',
    options: [
      { flags: '--node <id>', description: 'print the configuration of one node instead' },
      { flags: '--overlay <name>', description: 'only this overlay (with --node)' },
    ],
    examples: [
      { line: 'vcloud vpn render', does: 'writes all configurations' },
      { line: 'vcloud vpn render --node commune-00004', does: 'prints what one device needs' },
    ],
    exits: { 0: 'written', 1: 'nothing was written: the overlays could not be worked out, or there is no such node' },
    /** data: { overlays: { name, nodes, tunnels }[], added: path[], changed: path[], removed: path[] }; with --node: { files: { path: text } }. */
    async run({ root, asOf }, _arguments, options) {
      const [{ openOverlays, renderNode }, { fail, withWriteLock, writeTree, didYouMean }] = await Promise.all([
        import('../../modules/vpn/index.ts'),
        import('../../modules/core/index.ts'),
      ]);
      const set = await openOverlays(root, { asOf });
      const problems = (set.findings ?? []).map((found) => ({ ...found, severity: 'warning' as const }));
      if (typeof options['node'] === 'string') {
        const id = options['node'];
        const chosen = set.overlays.filter(({ name }) => options['overlay'] === undefined || options['overlay'] === name);
        const files = new Map(chosen.flatMap((overlay) => [...renderNode(overlay, id)].map(([file, text]) => [`${overlay.name}/${file}`, text] as const)));
        if (files.size === 0) {
          fail('VPN-UNKNOWN-NODE', `no overlay of this federation configures a node "${id}"`, {
            hint: didYouMean(
              id,
              chosen.flatMap(({ nodes }) => nodes.map((node) => node.id)),
            ),
          });
        }
        const text = [...files].map(([file, content]) => (files.size > 1 ? `# ${file}\n${content}` : content)).join('\n');
        return { exit: 0, data: { files: Object.fromEntries(files) }, problems, text };
      }
      const wrote = await withWriteLock(root, 'vpn render', async () => writeTree(path.join(root, outputFolder), set.files));
      const overlays = set.overlays.map(({ name, nodes, tunnels }) => ({ name, nodes: nodes.length, tunnels: tunnels.length }));
      return {
        exit: 0,
        data: { overlays, ...wrote },
        problems,
        text: [
          ...overlays.map(({ name, nodes, tunnels }) => `${name}: ${plural(nodes, 'node')}, ${plural(tunnels, 'tunnel')}`),
          `${wrote.added.length} files added, ${wrote.changed.length} changed, ${wrote.removed.length} removed in ${outputFolder}`,
        ].join('\n'),
      };
    },
  },
  {
    name: 'vpn verify',
    summary: 'prove that the overlays hold together, without any device',
    description:
      'Works out all overlays, reads the rendered configurations back and reports what would fail or leak: spokes without both hubs, prefixes with two owners, ends that disagree, shared keys or addresses, secrets in files. Writes nothing.',
    examples: [{ line: 'vcloud vpn verify', does: 'verifies the overlays of the federation in this folder' }],
    exits: { 0: 'clean', 1: 'could not verify', 2: 'findings' },
    /** data: { overlays: { name, profile, trial, nodes, tunnels }[], findings } ; the findings are in `problems`. */
    async run({ root, asOf }) {
      const { openOverlays, verifyOverlays } = await import('../../modules/vpn/index.ts');
      const set = await openOverlays(root, { asOf });
      const findings = verifyOverlays(set).map((found) => ({ ...found, severity: 'warning' as const }));
      const overlays = set.overlays.map(({ name, profile, nodes, tunnels }) => ({
        name,
        profile: profile.name,
        trial: profile.trial,
        nodes: nodes.length,
        tunnels: tunnels.length,
      }));
      const shown = overlays.map(
        ({ name, trial, nodes, tunnels }) => `${name}${trial ? ' (trial)' : ''}: ${plural(nodes, 'node')}, ${plural(tunnels, 'tunnel')}`,
      );
      return {
        exit: findings.length > 0 ? 2 : 0,
        data: { overlays, findings: findings.length },
        problems: findings,
        text: [...shown, findings.length === 0 ? 'clean' : plural(findings.length, 'finding')].join('\n'),
      };
    },
  },
];
