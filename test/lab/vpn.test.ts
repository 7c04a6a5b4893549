import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOverlays, type Overlay, type OverlaySet } from '../../modules/vpn/index.ts';
import { linksOf } from '../../modules/vpn/links.ts';
import { parseWireguard } from '../../modules/vpn/parse.ts';

const root = path.resolve(import.meta.dirname, '../..');
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const charonPath = '/usr/lib/ipsec/charon';
const has = (program: string): boolean => searchPath.split(':').some((folder) => fs.existsSync(path.join(folder, program)));
const isRoot = process.getuid?.() === 0;
const plans = openOverlays(root, { asOf: '2026-01-01' });

async function overlayOf(kind: 'ipsec' | 'wireguard'): Promise<{ set: OverlaySet; overlay: Overlay }> {
  const set = await plans;
  const overlay = set.overlays.find(({ profile }) => profile.kind === kind);
  if (!overlay) throw new Error(`the reference federation has no ${kind} overlay`);
  return { set, overlay };
}

const noCharon = [
  ...(has('swanctl') ? [] : ['swanctl']),
  ...(fs.existsSync(charonPath) ? [] : ['charon']),
  ...(has('openssl') ? [] : ['openssl']),
  ...(isRoot ? [] : ['root']),
];

describe.skipIf(noCharon.length > 0)(`swanctl configurations${noCharon.length > 0 ? ` (skipped: no ${noCharon.join(', ')})` : ''}`, () => {
  let folder: string;
  let daemon: ChildProcess | undefined;
  let uri = '';
  let env: NodeJS.ProcessEnv;
  const swanctl = (...args: string[]): string => {
    const { stdout, stderr } = spawnSync('swanctl', [...args, '--uri', uri], { encoding: 'utf8', env, maxBuffer: 1 << 28 });
    return `${stdout}${stderr}`;
  };

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-charon-'));
    for (const name of ['swanctl/x509', 'swanctl/x509ca', 'run']) fs.mkdirSync(path.join(folder, name), { recursive: true });
    uri = `unix://${folder}/run/vici`;
    const port = 20_000 + (process.pid % 20_000);
    fs.writeFileSync(
      path.join(folder, 'strongswan.conf'),
      `charon {\n  load = random nonce openssl pem pkcs1 x509 pubkey vici kernel-netlink socket-default\n  port = ${port}\n  port_nat_t = ${port + 1}\n  install_routes = no\n  piddir = ${folder}/run\n  plugins { vici { socket = ${uri} } }\n}\n`,
    );
    env = { ...process.env, PATH: searchPath, STRONGSWAN_CONF: path.join(folder, 'strongswan.conf'), SWANCTL_DIR: path.join(folder, 'swanctl') };
    // One throw-away certificate stands for every node's: the daemon wants the named files to be there.
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-out',
      path.join(folder, 'c.pem'),
      '-subj',
      '/CN=lab',
      '-days',
      '2',
    ];
    expect(spawnSync('openssl', made).status).toBe(0);
    daemon = spawn(charonPath, [], { env, stdio: 'ignore' });
    for (let attempt = 0; attempt < 60 && !fs.existsSync(path.join(folder, 'run/vici')); attempt++) await new Promise((resolve) => setTimeout(resolve, 250));
  });

  afterAll(() => {
    daemon?.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** What the daemon holds, by connection: the selectors of its child. `swanctl --list-conns` in its readable form. */
  function listed(text: string): Map<string, { local: string[]; remote: string[]; remoteAddresses: string[] }> {
    const found = new Map<string, { local: string[]; remote: string[]; remoteAddresses: string[] }>();
    let current: { local: string[]; remote: string[]; remoteAddresses: string[] } | undefined;
    let child = false;
    for (const line of text.split('\n')) {
      const head = /^(\S+): IKEv2/u.exec(line);
      if (head) {
        current = { local: [], remote: [], remoteAddresses: [] };
        child = false;
        found.set(head[1] ?? '', current);
      } else if (/^ {2}net: TUNNEL/u.test(line)) child = true;
      else if (current) {
        const match = /^\s+(local|remote):\s+(.+)$/u.exec(line);
        if (match?.[1] === 'local' && child) current.local.push(...(match[2] ?? '').trim().split(' '));
        if (match?.[1] === 'remote') current[child ? 'remote' : 'remoteAddresses'].push(...(match[2] ?? '').trim().split(' '));
      }
    }
    return found;
  }

  it('charon loads hubs and spokes of a province, and holds what was planned', async () => {
    const { set, overlay } = await overlayOf('ipsec');
    const links = linksOf(overlay);
    const hub = overlay.nodes.find(({ group, elsewhere }) => group === 'hue' && !elsewhere);
    const region = overlay.nodes.find(({ group, elsewhere }) => group === 'region-north' && !elsewhere);
    const files = [
      `nodes/${hub?.id ?? ''}.swanctl.conf`,
      `nodes/${region?.id ?? ''}.swanctl.conf`,
      'spokes/hue.swanctl.conf',
      'spokes/region-north.swanctl.conf',
    ];
    for (const name of files) {
      const text = set.files.get(`${overlay.name}/${name}`) ?? '';
      const file = path.join(folder, 'swanctl/swanctl.conf');
      fs.writeFileSync(file, text);
      for (const [, certificate] of text.matchAll(/certs = (\S+)/gu))
        fs.copyFileSync(path.join(folder, 'c.pem'), path.join(folder, 'swanctl/x509', certificate ?? ''));
      fs.copyFileSync(path.join(folder, 'c.pem'), path.join(folder, 'swanctl/x509ca/overlay-authority.pem'));
      const expected = new Map(
        [...links.values()]
          .flat()
          .filter(({ self }) => text.includes(`\nnode-${self.id} `))
          .map((link) => [link.tunnel.id, link]),
      );
      expect(expected.size, name).toBeGreaterThan(1);
      // The exit code says nothing (a file with a syntax error gives 0): count what was loaded, then read it back.
      expect(swanctl('--load-conns'), name).toContain(`successfully loaded ${expected.size} connections`);
      const held = listed(swanctl('--list-conns'));
      expect([...held.keys()].sort(), name).toEqual([...expected.keys()].sort());
      for (const [id, link] of expected) {
        const connection = held.get(id);
        expect([...(connection?.local ?? [])].sort(), id).toEqual([...link.local].sort());
        expect([...(connection?.remote ?? [])].sort(), id).toEqual([...link.remote].sort());
        expect([...(connection?.remoteAddresses ?? [])].sort(), id).toEqual(link.peer.endpoints.length > 0 ? [...link.peer.endpoints].sort() : ['%any']);
      }
    }
  });

  it('a broken file loads nothing, so counting does judge', () => {
    fs.writeFileSync(path.join(folder, 'swanctl/swanctl.conf'), 'connections {\n  a {\n');
    expect(swanctl('--load-conns')).not.toContain('successfully loaded');
  });
});

const device = `vclab${process.pid % 10_000}`;
const wireguardEnvironment = { ...process.env, PATH: searchPath, WG_PROCESS_FOREGROUND: '1', LOG_LEVEL: 'error' };
const wg = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('wg', args, { encoding: 'utf8', env: wireguardEnvironment });
  return { status, output: `${stdout}${stderr}` };
};

/** Starts the daemon. Whether it may make a TUN device only trying tells: a sandbox can show /dev/net/tun and refuse it. */
async function startWireguard(): Promise<{ daemon?: ChildProcess; missing: string[] }> {
  const missing = [...['wg', 'wireguard-go'].filter((program) => !has(program)), ...(isRoot ? [] : ['root'])];
  if (missing.length > 0) return { missing };
  const daemon = spawn('wireguard-go', ['-f', device], { env: wireguardEnvironment, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let attempt = 0; attempt < 40 && daemon.exitCode === null; attempt++) {
    if (wg('show', device).status === 0) return { daemon, missing };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  daemon.kill();
  return { missing: [`wireguard-go that starts: ${said.trim().split('\n').at(-1) ?? ''}`] };
}
const wireguard = await startWireguard();
const noWireguard = wireguard.missing;

describe.skipIf(noWireguard.length > 0)(`WireGuard configurations${noWireguard.length > 0 ? ` (skipped: no ${noWireguard.join(', ')})` : ''}`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-wg-'));
  const configuration = path.join(folder, 'device.conf');
  afterAll(() => {
    wireguard.daemon?.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('an interface holds what was planned, read back peer by peer', async () => {
    const { set, overlay } = await overlayOf('wireguard');
    // The device's own key is made here and now and dies with the interface; no generated file has one.
    const key = randomBytes(32).toString('base64');
    const links = linksOf(overlay);
    for (const node of overlay.nodes.slice(0, 3).concat(overlay.nodes.filter(({ role }) => role === 'hub'))) {
      for (const [file, text] of set.files) {
        if (!file.startsWith(`${overlay.name}/nodes/${node.id}/`)) continue;
        const parsed = parseWireguard(text);
        const stripped = text
          .split('\n')
          .filter((line) => !/^(?:Address|MTU|Table|PostUp) =/u.test(line))
          .join('\n')
          .replace('[Interface]', `[Interface]\nPrivateKey = ${key}`);
        fs.writeFileSync(configuration, stripped, { mode: 0o600 });
        const { status, output } = wg('setconf', device, configuration);
        expect(status, `${file}: ${output}`).toBe(0);
        const held = parseWireguard(wg('showconf', device).output);
        const shape = (peers: readonly ReadonlyMap<string, string>[] | undefined): Map<string, unknown> =>
          new Map(
            (peers ?? []).map((peer) => [
              peer.get('PublicKey') ?? '',
              { allowed: (peer.get('AllowedIPs') ?? '').split(', ').sort(), endpoint: peer.get('Endpoint'), keepalive: peer.get('PersistentKeepalive') },
            ]),
          );
        expect(shape(held?.peers), file).toEqual(shape(parsed?.peers));
        const planned = (links.get(node.id) ?? []).map(({ peer }) => peer.publicKey);
        for (const publicKey of shape(held?.peers).keys()) expect(planned).toContain(publicKey);
      }
    }
  });
});
