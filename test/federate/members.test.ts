import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOf, deliverOnly, edit, filesIn, makeFederation, shortDifference, snapshot, vcloud, vcloudJson, write, type SummaryData } from './federation.ts';

// A PATH with no engine: nothing here depends on plans, and all of it is faster.
const env = { PATH: path.dirname(process.execPath) };
const folders: string[] = [];
const clinic = 'members/clinic';
const bundle = `${clinic}/out/bundles/clinic`;

function copyOf(root: string): string {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-members-'));
  folders.push(copy);
  fs.cpSync(root, copy, { recursive: true });
  return copy;
}

const federate = (root: string): ReturnType<typeof vcloudJson<SummaryData>> => vcloudJson<SummaryData>(root, ['federate'], { env });
const held = (root: string): string => vcloud(root, ['inventory', 'export', '--format', 'ndjson', '--member', 'clinic']).stdout;

let joined = '';
let publicKey = '';

beforeAll(() => {
  const made = makeFederation();
  folders.push(made);
  joined = made;
  const first = federate(joined);
  expect(first.exit, first.stderr).toBe(0);
  publicKey = vcloud(path.join(joined, clinic), ['bundle', 'keygen']).stdout.trim();
}, 120_000);

afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

describe('a member that delivers its bundle', () => {
  let centre = '';

  beforeAll(() => {
    // The member lives elsewhere now; what comes from there lies in the inbox.
    centre = copyOf(joined);
    fs.cpSync(path.join(centre, bundle), path.join(centre, 'inbox/clinic'), { recursive: true });
    fs.rmSync(path.join(centre, 'members'), { recursive: true });
    deliverOnly(centre, publicKey);
  });

  it('is joined without its folder', () => {
    const ran = federate(copyOf(centre));
    expect(ran.exit, ran.stdout).toBe(0);
    expect(ran.problems).toEqual([]);
    expect(ran.data.inventory.members['clinic']).toBeGreaterThan(20);
  });

  const tampered: readonly (readonly [string, (inbox: string) => void, string])[] = [
    [
      'a record was changed on the way',
      (inbox) => {
        const file = path.join(inbox, 'records.ndjson');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('Appointments', 'Disappointments'));
      },
      'BUNDLE-',
    ],
    ['a file is missing', (inbox) => fs.rmSync(path.join(inbox, 'zones.ndjson')), 'BUNDLE-'],
    ['the envelope is no envelope', (inbox) => fs.writeFileSync(path.join(inbox, 'bundle.json'), '{"payload":"e30="}'), 'BUNDLE-'],
    [
      'the manifest was changed',
      (inbox) => {
        const file = path.join(inbox, 'bundle.json');
        const envelope = JSON.parse(fs.readFileSync(file, 'utf8')) as { payload: string };
        const manifest = Buffer.from(envelope.payload, 'base64')
          .toString('utf8')
          .replace(/"expires": ?"\d{4}/u, '"expires":"2999');
        fs.writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(manifest).toString('base64') }));
      },
      'BUNDLE-',
    ],
    ['nothing was delivered', (inbox) => fs.rmSync(inbox, { recursive: true }), 'BUNDLE-'],
  ];

  it.each(tampered)('%s: refused, an error of the run, and the inventory keeps what it had', (_what, tamper, code) => {
    const root = copyOf(centre);
    const before = held(root);
    expect(before.trim().split('\n').length).toBeGreaterThan(20);
    tamper(path.join(root, 'inbox/clinic'));
    const ran = federate(root);
    expect(ran.exit).toBe(1);
    expect(ran.ok).toBe(false);
    const errors = ran.problems.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error.code).toMatch(new RegExp(`^${code}`, 'u'));
    expect(held(root)).toBe(before);
    // The centre's own part was done: one member's fault is not the others'.
    expect(ran.data.inventory.members['health']).toBeGreaterThan(100);
    expect(fs.existsSync(path.join(root, 'out/report.html'))).toBe(true);
  });

  it('is refused after it expired, and named', () => {
    const { data } = vcloudJson<{ expires: string }>(centre, ['bundle', 'verify', 'inbox/clinic']);
    expect(data.expires > asOf).toBe(true);
    const day = `${Number(data.expires.slice(0, 4)) + 1}${data.expires.slice(4)}`;
    const late = vcloudJson<null>(centre, ['bundle', 'verify', 'inbox/clinic'], { day });
    expect(late.exit).toBe(1);
    expect(late.problems.map(({ code }) => code)).toEqual(['BUNDLE-EXPIRED']);
  });
});

describe('a member whose own files are wrong', () => {
  it('is named with its folder; the others are joined, and the inventory keeps what it said last', () => {
    const root = copyOf(joined);
    const before = held(root);
    const locks = snapshot(root, `${clinic}/network-plans`, `${clinic}/out`);
    edit(root, `${clinic}/stacks/clinic/clinic.yaml`, 'cloud: clinic-cloud', 'cloud: clinic-clouds');
    const ran = federate(root);
    expect(ran.exit).toBe(1);
    expect(ran.problems[0]?.file).toBe(`${clinic}/stacks/clinic/clinic.yaml`);
    expect(ran.problems[0]?.hint).toContain('clinic-cloud');
    expect(held(root)).toBe(before);
    expect(shortDifference(locks, snapshot(root, `${clinic}/network-plans`, `${clinic}/out`))).toEqual([]);
    expect(ran.data.total['stacks']).toBe(5);
  });

  it('has no folder there: said, not made', () => {
    const root = copyOf(joined);
    fs.rmSync(path.join(root, 'members'), { recursive: true });
    const ran = federate(root);
    expect(ran.exit).toBe(1);
    expect(ran.problems).toMatchObject([{ code: 'FED-MEMBER-FOLDER', file: 'members/clinic/vcloud.yaml' }]);
    expect(fs.existsSync(path.join(root, 'members'))).toBe(false);
  });

  it("cannot number itself in another's block", () => {
    const root = copyOf(joined);
    const before = held(root);
    edit(root, `${clinic}/network-plans/addresses.yaml`, 'from: { key: agency/clinic, family: v4 }', 'prefix: 10.1.0.0/16');
    fs.rmSync(path.join(root, clinic, 'network-plans/addresses.lock.yaml'));
    const ran = federate(root);
    expect(ran.exit).toBe(1);
    expect(ran.problems.map(({ message }) => message).join(' ')).toMatch(/10\.1\./u);
    expect(held(root)).toBe(before);
  });
});

describe('secrets', () => {
  it('no private key, and nothing like one, is outside its folder', () => {
    const keys = [joined, path.join(joined, clinic)].map((root) => fs.readFileSync(path.join(root, '.vcloud/keys/signing.pem'), 'utf8'));
    const bodies = keys.map((pem) => pem.split('\n')[1] ?? '');
    for (const body of bodies) expect(body.length).toBeGreaterThan(40);
    const raw = bodies.map((body) => Buffer.from(body, 'base64').subarray(-32));
    const others = filesIn(joined, '.').filter((file) => !file.includes('.vcloud/keys/'));
    expect(others.length).toBeGreaterThan(50);
    const leaking = others.filter((file) => {
      const bytes = fs.readFileSync(path.join(joined, file));
      return bytes.includes('PRIVATE KEY') || bodies.some((body) => bytes.includes(body)) || raw.some((seed) => bytes.includes(seed));
    });
    expect(leaking).toEqual([]);
    for (const root of [joined, path.join(joined, clinic)]) {
      expect(fs.statSync(path.join(root, '.vcloud')).mode & 0o077).toBe(0);
      expect(fs.statSync(path.join(root, '.vcloud/keys/signing.pem')).mode & 0o077).toBe(0);
    }
  });

  it('in what a member declares stop its bundle from being made, and the run says where', () => {
    const root = copyOf(joined);
    const before = held(root);
    const delivered = snapshot(root, bundle);
    const secret = 'AKIAIOSFODNN7EXAMPLE';
    edit(
      root,
      `${clinic}/stacks/clinic/clinic.yaml`,
      'names: { vi: Đặt lịch khám, en: Appointments }',
      `names: { vi: Đặt lịch khám, en: "password=${secret}" }`,
    );
    const ran = federate(root);
    expect(ran.exit).toBe(1);
    expect(ran.problems).toMatchObject([{ code: 'BUNDLE-SECRET', file: `${clinic}/stacks/clinic/clinic.yaml` }]);
    expect(ran.stdout + ran.stderr).not.toContain(secret);
    expect(held(root)).toBe(before);
    expect(shortDifference(delivered, snapshot(root, bundle))).toEqual([]);
  });
});

it('an organisation the centre declares and a member holds is an error naming both places, and nothing is written', () => {
  const root = copyOf(joined);
  write(
    root,
    'stacks/works/annex.yaml',
    'apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: clinic, kind: agency, names: { en: Clinic, vi: Phòng khám } }\n',
  );
  const before = snapshot(root, '.');
  const ran = federate(root);
  expect(ran.exit).toBe(1);
  expect(ran.problems).toMatchObject([{ code: 'NET-KEY-DUPLICATE', file: 'network-plans/members.yaml' }]);
  expect(ran.problems[0]?.message).toContain('stacks/works/annex.yaml');
  expect(shortDifference(before, snapshot(root, '.'))).toEqual([]);
});
