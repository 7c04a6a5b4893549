import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesIn, makeFederation } from '../federate/federation.ts';

// A centre and a member as two Unix users, each in a folder only its user can enter. What passes between them is carried by
// hand: the extract one way, the bundle the other.

const binary = fileURLToPath(new URL('../../bin/vcloud.js', import.meta.url));
const users = { centre: 61_001, member: 61_002 } as const;
type User = keyof typeof users;

/** Why the test cannot run here; undefined where it can. */
function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can run commands as other users';
  if (spawnSync('setpriv', ['--version']).status !== 0) return 'setpriv (util-linux) is not there';
  const probe = as('member', [process.execPath, binary, '--version'], os.tmpdir());
  return probe.status === 0 ? undefined : `the toolkit cannot be read by another user: ${(probe.stderr ?? '').trim().split('\n').at(-1) ?? ''}`;
}

function as(user: User, command: readonly string[], cwd: string): { status: number | null; stdout: string; stderr: string } {
  const id = String(users[user]);
  return spawnSync('setpriv', ['--reuid', id, '--regid', id, '--clear-groups', '--no-new-privs', '--', ...command], {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C.UTF-8', HOME: cwd },
    maxBuffer: 1 << 28,
  });
}

const reason = missing();
const day = '2026-11-22';
let top = '';
const folder = (user: User): string => path.join(top, user);

function vcloud(user: User, args: readonly string[], asOf = day): { exit: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = as(user, [process.execPath, binary, ...args, '--as-of', asOf], folder(user));
  return { exit: status, stdout, stderr };
}

function json<T>(user: User, args: readonly string[], asOf = day): { exit: number | null; data: T; codes: string[]; stderr: string } {
  const ran = vcloud(user, [...args, '--json'], asOf);
  const value = JSON.parse(ran.stdout) as { data: T; problems: { code: string; severity: string }[] };
  return { exit: ran.exit, data: value.data, codes: value.problems.map(({ code }) => code), stderr: ran.stderr };
}

/** Root is the messenger: it takes a file or folder from one and leaves it with the other. */
function carry(from: User, name: string, to: User, target: string): void {
  const place = path.join(folder(to), target);
  fs.rmSync(place, { recursive: true, force: true });
  fs.cpSync(path.join(folder(from), name), place, { recursive: true });
  own(folder(to), users[to]);
}

function own(root: string, id: number): void {
  fs.chownSync(root, id, id);
  for (const entry of fs.readdirSync(root, { recursive: true })) fs.lchownSync(path.join(root, String(entry)), id, id);
}

function write(user: User, name: string, change: (text: string) => string): void {
  const file = path.join(folder(user), name);
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
}

const exchange = (): void => {
  const made = vcloud('member', ['bundle', 'create']);
  expect(made.exit, made.stderr).toBe(0);
  carry('member', 'out/bundles/clinic', 'centre', 'inbox/clinic');
  const taken = vcloud('centre', ['bundle', 'ingest']);
  expect(taken.exit, taken.stderr).toBe(0);
};

const handOver = (): void => {
  const made = vcloud('centre', ['bundle', 'extract', 'clinic', '--output', 'out/for-clinic.json']);
  expect(made.exit, made.stderr).toBe(0);
  carry('centre', 'out/for-clinic.json', 'member', 'inbox/extract.json');
};

interface Shown {
  readonly prefix: string;
  readonly delegated?: number;
  readonly reported?: { readonly member: string; readonly date?: string; readonly delegated?: number; readonly used?: number; readonly largestFree?: number };
}
interface Planned {
  readonly proposals: readonly { readonly state: string; readonly overdue: boolean; readonly remaining?: number; readonly reason?: string }[];
  readonly received: readonly {
    readonly state: string;
    readonly keys: readonly { readonly key: string }[];
    readonly todo: readonly { readonly key: string; readonly action: string }[];
    readonly zones: readonly { readonly zone: string }[];
    readonly overlays: readonly { readonly overlay: string; readonly nodes: readonly string[] }[];
  }[];
}

const delegation = `delegations:
  - member: clinic
    conditions:
      lengths: { v6: { shortest: 48, longest: 64 }, v4: { shortest: 22, longest: 26 } }
      strategies: { forbidden: [last-fit] }
      until: 2028-01-01
      announced: false
`;
const revocation = `    proposals:
      - { id: clinic-v4, kind: revoke, key: agency/clinic, family: v4, by: 2027-03-31, reason: the clinic moves into the hospital's block }
`;
const overlay = `apiVersion: vcloud/v1
kind: OverlayPlan
metadata: { name: clinic }
profiles:
  - name: standard
    kind: ipsec
    ike: { proposals: [aes256gcm16-prfsha384-ecp384], lifetime: 4h, deadPeerDelay: 30s }
    esp: { proposals: [aes256gcm16-ecp384], lifetime: 1h }
    authentication: { certificate: "{node}.pem", authority: ca.pem, identity: "{node}.example" }
overlays:
  - name: wan
    profile: standard
    reach: [10.0.0.0/12, "3fff:100::/32"]
    hubsPerGroup: 1
    nodes:
      - { id: hub, role: hub, owner: clinic, group: north, endpoints: [192.0.2.11], elsewhere: true }
      - { id: clinic-room, role: spoke, owner: clinic, joins: [north], site: clinic-room, prefixes: [{ key: site/clinic-room }], address: { key: site/clinic-room, host: 1 } }
`;
const records = `records:
  - { forEach: { sites: {} }, name: "{id}.site.{agency.label}", address: { key: "site/{id}", host: 1 } }
`;

describe.skipIf(reason !== undefined)(
  `a delegation between two folders that cannot read each other${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    beforeAll(() => {
      top = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-delegation-'));
      fs.chmodSync(top, 0o755);
      const made = makeFederation();
      fs.cpSync(path.join(made, 'members/clinic'), folder('member'), { recursive: true });
      fs.rmSync(path.join(made, 'members'), { recursive: true });
      fs.cpSync(made, folder('centre'), { recursive: true });
      fs.rmSync(made, { recursive: true });
      fs.writeFileSync(path.join(folder('member'), 'network-plans/overlays.yaml'), overlay);
      fs.appendFileSync(path.join(folder('member'), 'network-plans/zones.yaml'), records);
      fs.appendFileSync(path.join(folder('centre'), 'network-plans/members.yaml'), delegation);
      for (const user of ['centre', 'member'] as const) {
        fs.chmodSync(folder(user), 0o700);
        own(folder(user), users[user]);
      }
      const key = vcloud('member', ['bundle', 'keygen']).stdout.trim();
      write('centre', 'vcloud.yaml', (text) => text.replace('folder: members/clinic', `bundle: inbox/clinic, publicKey: "${key}"`));
      expect(vcloud('centre', ['net', 'allocate']).exit).toBe(0);
    }, 120_000);

    afterAll(() => {
      if (top !== '') fs.rmSync(top, { recursive: true, force: true });
    });

    it('neither enters the other folder', () => {
      for (const [one, other] of [
        ['centre', 'member'],
        ['member', 'centre'],
      ] as const) {
        const read = as(one, ['/bin/cat', path.join(folder(other), 'vcloud.yaml')], folder(one));
        expect([read.status, read.stderr]).toEqual([1, expect.stringContaining('Permission denied')]);
      }
    });

    it('the member takes its first extract only with a key that came another way, and nothing forged', () => {
      handOver();
      expect(json('member', ['bundle', 'receive', 'inbox/extract.json'])).toMatchObject({ exit: 1, codes: ['FED-EXTRACT-KEY'] });
      const foreign = vcloud('member', ['bundle', 'keygen']).stdout.trim();
      expect(json('member', ['bundle', 'receive', 'inbox/extract.json', '--key', foreign])).toMatchObject({ exit: 1, codes: ['FED-EXTRACT-KEY'] });
      expect(vcloud('member', ['net', 'plan']).exit).toBe(1);
      const key = vcloud('centre', ['bundle', 'keygen']).stdout.trim();
      const held = json<{ enrolled: boolean; blocks: number }>('member', ['bundle', 'receive', 'inbox/extract.json', '--key', key]);
      expect(held, held.stderr).toMatchObject({ exit: 0, data: { enrolled: true, changed: true, blocks: 2, proposals: 0 } });
      // Blocks are nowhere typed: the pools are `from` the key.
      expect(fs.readFileSync(path.join(folder('member'), 'network-plans/addresses.yaml'), 'utf8')).not.toMatch(/\d\.\d|3fff/u);
      expect(vcloud('member', ['net', 'allocate']).exit).toBe(0);
      expect(vcloud('member', ['net', 'check']).exit).toBe(0);
    });

    it('the member is held to the conditions, under the line of the centre that declares them', () => {
      write('member', 'network-plans/addresses.yaml', (text) => `${text}  - { key: large, pool: block-v6, length: 44 }\n`);
      for (const verb of ['plan', 'check', 'allocate']) {
        const ran = vcloud('member', ['net', verb]);
        expect([verb, ran.exit, ran.stderr]).toEqual([verb, 1, expect.stringMatching(/NET-DELEGATION-LENGTH.*network-plans\/members\.yaml:\d+:\d+/u)]);
      }
      write('member', 'network-plans/addresses.yaml', (text) => text.replace(/ {2}- \{ key: large.*\n/u, ''));
      expect(vcloud('member', ['net', 'plan']).exit).toBe(0);
    });

    it('the centre knows nothing before the first bundle, then how full the blocks are and nothing in them', () => {
      const show = (): Shown => {
        const ran = json<readonly Shown[]>('centre', ['net', 'show', 'agency/clinic', '--family', 'v4']);
        expect(ran.exit).toBe(0);
        return ran.data[0] as Shown;
      };
      expect(show()).toMatchObject({ reported: { member: 'clinic' } });
      expect(show().reported?.used).toBeUndefined();
      expect(show().delegated).toBeUndefined();
      expect(vcloud('centre', ['net', 'show', 'agency/clinic', '--lang', 'en']).stdout).toMatch(/unknown \(no bundle yet\)/u);
      exchange();
      expect(show().reported).toMatchObject({ member: 'clinic', date: day, delegated: 0.3125, largestFree: 21 });
      expect(show().reported?.used).toBeGreaterThan(0);
      const blocks = ['10.2.0.0/20', '3fff:100:8000::/40'];
      const bundle = new Map(
        filesIn(folder('member'), 'out/bundles').map((file) => [path.basename(file), fs.readFileSync(path.join(folder('member'), file), 'utf8')]),
      );
      expect(
        bundle
          .get('utilisation.ndjson')
          ?.split('\n')
          .map((line) => (line === '' ? '' : (JSON.parse(line) as { prefix: string }).prefix)),
      ).toEqual([...blocks, '']);
      const { payload } = JSON.parse(bundle.get('bundle.json') ?? '{}') as { payload: string };
      bundle.set('manifest', Buffer.from(payload, 'base64').toString('utf8'));
      const lock = fs.readFileSync(path.join(folder('member'), 'network-plans/addresses.lock.yaml'), 'utf8');
      const inner = [...lock.matchAll(/"([^"/]+)(\/\d+)"/gu)].map(([, address = '', length = '']) =>
        blocks.some((block) => block.startsWith(`${address}/`)) ? address + length : address,
      );
      expect(inner.length).toBeGreaterThan(6);
      const shown = [...bundle].flatMap(([file, text]) => inner.filter((one) => text.includes(one)).map((one) => `${file}: ${one}`));
      expect(shown).toEqual([]);
    });

    it('a revocation is named with all it concerns, until it is answered', () => {
      write('centre', 'network-plans/members.yaml', (text) => text + revocation);
      expect(json<Planned>('centre', ['net', 'plan']).data.proposals).toMatchObject([{ state: 'waiting', overdue: false }]);
      expect(json('centre', ['net', 'retire', 'agency/clinic', '--allow-release', 'agency/clinic']).codes).toContain('NET-DELEGATED');
      expect(json<Planned>('centre', ['net', 'check'], '2027-04-01')).toMatchObject({ exit: 2, codes: ['NET-PROPOSAL'] });
      const before = fs.readFileSync(path.join(folder('member'), 'inbox/extract.json'), 'utf8');
      handOver();
      expect(vcloud('member', ['bundle', 'receive', 'inbox/extract.json']).stdout).toContain('not answered: clinic-v4');
      fs.writeFileSync(path.join(folder('member'), 'inbox/old.json'), before);
      expect(json('member', ['bundle', 'receive', 'inbox/old.json'])).toMatchObject({ exit: 1, codes: ['FED-EXTRACT-REPLAY'] });
      const { exit, data } = json<Planned>('member', ['net', 'plan']);
      expect(exit).toBe(2);
      expect(data.received[0]).toMatchObject({
        state: 'unanswered',
        zones: [{ zone: 'clinic.example.', records: 1 }],
        overlays: [{ overlay: 'wan', nodes: ['clinic-room'] }],
      });
      expect(data.received[0]?.keys.map(({ key }) => key)).toEqual([
        'site/clinic-room',
        'tenant/appointments',
        'tenant/appointments/app',
        'tenant/appointments/management',
      ]);
    });

    it('a refusal reaches the centre with its reason', () => {
      write(
        'member',
        'network-plans/addresses.yaml',
        (text) => `${text}answers:\n  - { proposal: clinic-v4, answer: refused, reason: two devices cannot be renumbered }\n`,
      );
      expect(vcloud('member', ['net', 'plan']).exit).toBe(0);
      exchange();
      expect(json<Planned>('centre', ['net', 'plan'])).toMatchObject({
        exit: 2,
        data: { proposals: [{ state: 'refused', reason: 'two devices cannot be renumbered' }] },
      });
      expect(json('centre', ['net', 'retire', 'agency/clinic', '--allow-release', 'agency/clinic']).codes).toContain('NET-DELEGATED');
    });

    it('an acceptance is carried out by the member, then by the centre', () => {
      write('member', 'network-plans/addresses.yaml', (text) => text.replace('answer: refused, reason: two devices cannot be renumbered', 'answer: accepted'));
      const open = json<Planned>('member', ['net', 'plan']);
      expect(open).toMatchObject({ exit: 2, data: { received: [{ state: 'open' }] } });
      expect(open.data.received[0]?.todo.map(({ key, action }) => [key, action])[0]).toEqual(['site/clinic-room', 'release']);
      exchange();
      expect(json<Planned>('centre', ['net', 'plan']).data.proposals).toMatchObject([{ state: 'in-use', remaining: 4 }]);
      expect(json<Planned>('centre', ['net', 'plan'], '2027-04-01')).toMatchObject({ exit: 2, data: { proposals: [{ state: 'in-use', overdue: true }] } });
      // The member takes its IPv4 legs out of the plan and lets them go.
      write('member', 'network-plans/addresses.yaml', (text) => text.replaceAll(/, v4: \{ (?:pool: block-v4|in: "tenant\/\{id\}"), length: \d+ \}/gu, ''));
      const released = vcloud('member', ['net', 'allocate', '--allow-release']);
      expect(released.exit, released.stderr).toBe(0);
      expect(json<Planned>('member', ['net', 'plan'])).toMatchObject({ exit: 0, data: { received: [{ state: 'accepted' }] } });
      exchange();
      expect(json<Planned>('centre', ['net', 'plan'])).toMatchObject({ exit: 2, data: { proposals: [{ state: 'empty', remaining: 0 }] } });
      // The other block stays delegated: only the IPv4 leg goes.
      write('centre', 'network-plans/members.yaml', (text) => text.replace(', v4: { pool: internal-v4, length: 20 }', ''));
      const freed = vcloud('centre', ['net', 'allocate', '--allow-release', 'agency/clinic']);
      expect(freed.exit, freed.stderr).toBe(0);
      expect(json<Planned>('centre', ['net', 'plan']).data.proposals).toMatchObject([{ state: 'done' }]);
    });
  },
);
