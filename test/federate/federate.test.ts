import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noEngine } from '../engine/fixtures.ts';
import {
  difference,
  edit,
  filesIn,
  makeFederation,
  shortDifference,
  snapshot,
  vcloud,
  vcloudJson,
  write,
  type PlanData,
  type Ran,
  type RecordData,
  type SummaryData,
} from './federation.ts';

const skipped = noEngine === undefined ? '' : ` (skipped: ${noEngine})`;
const folders: string[] = [];
const portal = 'stacks/office/office.yaml';

/** A copy in a folder of its own, so that no test sees what another did. */
function copyOf(root: string): string {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-federate-'));
  folders.push(copy);
  fs.cpSync(root, copy, { recursive: true });
  return copy;
}

function emptyFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-federate-'));
  folders.push(folder);
  return folder;
}

const federate = (root: string, ...options: string[]): ReturnType<typeof vcloudJson<SummaryData>> => vcloudJson<SummaryData>(root, ['federate', ...options]);
const plan = (root: string, ...options: string[]): ReturnType<typeof vcloudJson<PlanData>> => vcloudJson<PlanData>(root, ['plan', ...options]);

/** Everything made for others and kept in git: what two runs must agree on to the byte. */
const artefacts = (root: string): Map<string, string> => snapshot(root, 'out', 'network-plans', 'members/clinic/out', 'members/clinic/network-plans');

function records(root: string): Map<string, RecordData & Record<string, unknown>> {
  const { stdout, exit, stderr } = vcloud(root, ['inventory', 'export', '--format', 'ndjson']);
  if (exit !== 0) throw new Error(stderr);
  const lines = stdout.trimEnd().split('\n');
  return new Map(
    lines.map((line) => JSON.parse(line) as RecordData & Record<string, unknown>).map((record) => [`${record.urn} ${String(record['layer'])}`, record]),
  );
}

/** Serial of every state below a folder. */
const states = (root: string): Map<string, string> => new Map([...snapshot(root, '.vcloud/state')].filter(([file]) => file.endsWith('.tfstate')));

// Made once: what was only declared, what one run left, what `--apply` left.
let declared = '';
let made = '';
let applied = '';
let first: Ran;
let firstApply: Ran;

beforeAll(() => {
  declared = makeFederation();
  folders.push(declared);
  made = copyOf(declared);
  first = vcloud(made, ['federate']);
  applied = copyOf(made);
  firstApply = noEngine === undefined ? vcloud(applied, ['federate', '--apply']) : first;
}, 120_000);

afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

describe('the first run', () => {
  it('does every step and says what there is', () => {
    expect(first.stderr).not.toMatch(/error /u);
    expect(first.exit).toBe(0);
    for (const step of ['load', 'addresses', 'zones', 'overlays', 'synthesise', 'plan', 'clinic: load', 'join clinic', 'inventory', 'report']) {
      expect(first.stderr).toMatch(new RegExp(`^ +${step} +\\d`, 'mu'));
    }
    expect(first.stdout).toContain('The first run');
    expect(first.stdout).toMatch(/^organisations +3 +2 +1$/mu);
    expect(first.stdout).toMatch(/^stacks +7 +5 +2$/mu);
    expect(first.stdout).toMatch(/^ {2}npx vcloud inventory search "phong kham"/mu);
  });

  it('leaves what it says it left', () => {
    const where = first.stdout.slice(first.stdout.indexOf('\nwhere\n'), first.stdout.indexOf('\ntry next\n'));
    const paths = [...where.matchAll(/^ {2}\w+ +(\S+)$/gmu)].map(([, found]) => found ?? '');
    expect(paths).toEqual(expect.arrayContaining(['out/report.html', 'out/dns', 'out/stacks', 'out/receipts', '.vcloud/inventory.sqlite']));
    // No tunnels are declared, so nothing of theirs is there.
    for (const found of paths.filter((name) => name !== 'out/vpn')) expect(fs.existsSync(path.join(made, found)), found).toBe(true);
    expect(filesIn(made, 'members/clinic/out/bundles/clinic')).toContain('members/clinic/out/bundles/clinic/bundle.json');
  });

  it('numbers what was declared, in the locks of centre and member', () => {
    expect(fs.readFileSync(path.join(made, 'network-plans/addresses.lock.yaml'), 'utf8')).toContain('  tenant/permits/web: {');
    const block = /agency\/clinic: \{v4: "([^"]+)"/u.exec(fs.readFileSync(path.join(made, 'network-plans/members.lock.yaml'), 'utf8'))?.[1];
    expect(block).toBe('10.2.0.0/20');
    expect(fs.readFileSync(path.join(made, 'members/clinic/network-plans/addresses.lock.yaml'), 'utf8')).toContain('tenant/appointments: {v4: "10.2.0.0/22"');
  });

  it('leaves a federation that checks clean', () => {
    expect(vcloud(made, ['check'])).toMatchObject({ exit: 0, stderr: '' });
    expect(vcloud(made, ['net', 'plan']).exit).toBe(0);
  });

  it('names no folder of this machine in anything it wrote', () => {
    const needles = [made, declared, os.tmpdir() + path.sep].map((text) => Buffer.from(text));
    const naming = filesIn(made, '.').filter((file) => {
      const bytes = fs.readFileSync(path.join(made, file));
      return needles.some((needle) => bytes.includes(needle));
    });
    expect(naming).toEqual([]);
  });
});

describe('a second run', () => {
  it('says that nothing changed, and every artefact is the same to the byte', () => {
    const root = copyOf(made);
    const before = artefacts(root);
    const again = vcloud(root, ['federate']);
    expect(again.exit).toBe(0);
    expect(again.stdout).toContain('Nothing changed since the last run.');
    expect(shortDifference(before, artefacts(root))).toEqual([]);
  });

  it('in Vietnamese says so in Vietnamese', () => {
    const again = vcloud(copyOf(made), ['federate', '--lang', 'vi']);
    expect(again.stdout).toContain('Không có gì thay đổi so với lần chạy trước.');
  });

  it('with --json prints one value, and that nothing changed', () => {
    const { exit, ok, data, problems } = federate(copyOf(made));
    expect({ exit, ok, problems }).toEqual({ exit: 0, ok: true, problems: [] });
    expect(data).toMatchObject({ changed: false, first: false, total: { stacks: 7, organisations: 3 } });
    expect(data.members.find(({ id }) => id === 'clinic')?.bundle).toMatchObject({ sequence: 1, folder: 'members/clinic/out/bundles/clinic' });
  });
});

it('makes the same bytes in another folder', () => {
  const other = copyOf(declared);
  expect(vcloud(other, ['federate']).exit).toBe(0);
  // Signatures are of each folder's own key; what is signed is compared with them left out.
  const unsigned = (root: string): Map<string, string> => new Map([...artefacts(root)].filter(([file]) => !/bundle\.json$|out\/receipts\//u.test(file)));
  const here = unsigned(made);
  expect(here.size).toBeGreaterThan(25);
  expect(shortDifference(here, unsigned(other))).toEqual([]);
});

describe('without Terraform and OpenTofu', () => {
  it('does everything else, exits 0 and says how to get one', () => {
    const root = copyOf(declared);
    const env = { PATH: emptyFolder() };
    const ran = vcloud(root, ['federate'], { env });
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/^ +plan +[\d.]+ s +not done: .*terraform/mu);
    expect(ran.stdout).toMatch(/^plan .*\n.*(install|https:)/mu);
    expect(fs.existsSync(path.join(root, 'out/report.html'))).toBe(true);
    expect(fs.existsSync(path.join(root, 'out/stacks/health.portal.workload/main.tf.json'))).toBe(true);
    const summary = vcloudJson<SummaryData>(root, ['federate'], { env });
    expect(summary).toMatchObject({ exit: 0, data: { changed: false } });
    expect(summary.data.plan.unavailable?.hint).toMatch(/install|https:/u);
    // A plan that was asked for and cannot be had is an error.
    expect(vcloud(root, ['plan'], { env }).exit).toBe(1);
  });
});

describe.skipIf(noEngine !== undefined)(`with the engine${skipped}`, () => {
  it('--apply applies all of it, and then there are no differences', () => {
    expect(firstApply.stderr).not.toMatch(/error /u);
    expect(firstApply.exit).toBe(0);
    expect(firstApply.stdout).toMatch(/^applied +7 stacks$/mu);
    expect(firstApply.stdout).toContain('sandbox');
    for (const root of [applied, path.join(applied, 'members/clinic')]) {
      const after = plan(copyOf(root));
      expect(after.exit).toBe(0);
      expect(after.data.stacks.length).toBeGreaterThan(0);
      expect(after.data.stacks.filter(({ state }) => state !== 'unchanged')).toEqual([]);
    }
    const { data } = federate(copyOf(applied));
    expect(data).toMatchObject({ changed: false, plan: { planned: 0, unchanged: 7 } });
    expect(data.inventory.drift['in-sync']).toBe(data.total['resources']);
  });

  it('--strict: 2 with something to apply, 0 with nothing, 1 with an error', () => {
    expect(vcloud(copyOf(made), ['federate', '--strict']).exit).toBe(2);
    expect(vcloud(copyOf(applied), ['federate', '--strict']).exit).toBe(0);
    const broken = copyOf(applied);
    edit(broken, portal, 'kind: openstack', 'kind: opensack');
    expect(vcloud(broken, ['federate', '--strict']).exit).toBe(1);
  });

  it('--apply is refused where the environment is not the sandbox, before anything is written', () => {
    const root = copyOf(declared);
    edit(root, 'vcloud.yaml', 'environment: sandbox', 'environment: production');
    const before = snapshot(root, '.');
    const refused = federate(root, '--apply');
    expect(refused.exit).toBe(1);
    expect(refused.problems.map(({ code }) => code)).toEqual(['FEDERATE-APPLY']);
    expect(shortDifference(before, snapshot(root, '.'))).toEqual([]);
  });

  it("one tenant's size: only its stacks are planned", () => {
    const root = copyOf(applied);
    edit(root, portal, 'size: { web: 2, app: 2, data: 1 }', 'size: { web: 3, app: 2, data: 1 }');
    const { exit, data } = plan(root);
    expect(exit).toBe(2);
    const planned = data.stacks.filter(({ state }) => state !== 'unchanged');
    expect(planned.length).toBeGreaterThan(0);
    expect(planned.map(({ path: stack }) => stack).filter((stack) => !stack.startsWith('health.portal.'))).toEqual([]);
    expect(planned.find(({ path: stack }) => stack === 'health.portal.workload')).toMatchObject({ state: 'planned' });
    expect(data.stacks.filter(({ state }) => state === 'unchanged').map(({ path: stack }) => stack)).toEqual(
      expect.arrayContaining(['health.apps.kubernetes', 'works.permits.platform', 'works.permits.workload']),
    );
  });

  it('what was reviewed is what is applied; an older directory is refused and changes nothing', () => {
    const root = copyOf(applied);
    edit(root, portal, 'size: { web: 2, app: 2, data: 1 }', 'size: { web: 3, app: 2, data: 1 }');
    const older = plan(root).data.directory ?? '';
    edit(root, portal, 'size: { web: 3, app: 2, data: 1 }', 'size: { web: 4, app: 2, data: 1 }');
    const newer = plan(root).data.directory ?? '';
    expect(newer).not.toBe(older);
    const untouched = states(root);

    // The declarations moved on: what the older plan was made from is no more.
    const moved = vcloudJson(root, ['apply', older]);
    expect(moved.exit).toBe(1);
    expect(moved.problems.length).toBeGreaterThan(0);
    expect(shortDifference(untouched, states(root))).toEqual([]);

    expect(vcloud(root, ['apply', newer]).exit).toBe(0);
    const after = states(root);
    // More servers need a larger quota too.
    expect([...difference(untouched, after).keys()].map((file) => file.split('/')[2])).toEqual(['health.portal.platform', 'health.portal.workload']);

    // And now the state moved on as well. The plan that did that has nothing left to do.
    expect(vcloud(root, ['apply', older]).exit).toBe(1);
    expect(vcloud(root, ['apply', newer]).exit).toBe(0);
    expect(shortDifference(after, states(root))).toEqual([]);
    expect(plan(root).exit).toBe(0);
  });

  it('an older directory is refused when only the state moved', () => {
    const root = copyOf(made);
    const { directory = '' } = plan(root).data;
    expect(vcloud(root, ['federate', '--apply']).exit).toBe(0);
    const edited = 'size: { web: 2, app: 2, data: 1 }';
    edit(root, portal, edited, 'size: { web: 3, app: 2, data: 1 }');
    expect(vcloud(root, ['federate', '--apply']).exit).toBe(0);
    edit(root, portal, 'size: { web: 3, app: 2, data: 1 }', edited);
    const before = states(root);
    const refused = vcloud(root, ['apply', directory]);
    expect(refused.exit, refused.stdout + refused.stderr).toBe(1);
    expect(shortDifference(before, states(root))).toEqual([]);
  });

  it('any resource is traced to its declaration', () => {
    const held = [...records(applied).values()].filter(({ kind }) => kind === 'resource').map(({ urn }) => urn);
    const urns = [...new Set(held)].sort();
    expect(urns.length).toBe(238);
    for (const urn of [urns[0], urns[Math.floor(urns.length / 2)], urns.at(-1)]) {
      const shown = vcloud(applied, ['inventory', 'show', urn ?? '']);
      expect(shown.exit).toBe(0);
      expect(shown.stdout).toMatch(/^declared at +stacks\/\w+\/\w+\.yaml:\d+:\d+/mu);
      expect(shown.stdout).toMatch(/^drift +in-sync$/mu);
      expect(shown.stdout).toMatch(/^owners +\S/mu);
    }
  });
});

const parks = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: parks, kind: agency, names: { vi: Sở Công viên, en: Department of Parks }, label: parks }
sites:
  - { id: parks-room, kind: server-room, names: { vi: Phòng máy công viên, en: Parks server room }, owner: parks, location: { lat: 10.8, lon: 106.6 } }
clouds:
  - { id: parks-cloud, kind: openstack, names: { vi: Đám mây công viên, en: Parks cloud }, owner: parks, regions: [{ name: main, site: parks-room }] }
tenants:
  - { id: parks-booking, names: { vi: Đặt chỗ công viên, en: Parks booking }, owner: parks, cloud: parks-cloud, zone: provider, size: { web: 1, app: 1, data: 1 } }
`;

/** The log of a member's own plans grows with each of them, and is read by nobody else. */
const isTrace = (file: string): boolean => /^members\/\w+\/\.vcloud\/log\./u.test(file);

describe('one more organisation', () => {
  let root = '';
  let before: Map<string, string>;
  let after: Map<string, string>;
  let recordsBefore: ReturnType<typeof records>;

  beforeAll(() => {
    root = copyOf(made);
    before = snapshot(root, 'out', 'network-plans', 'members', 'stacks');
    recordsBefore = records(root);
    write(root, 'stacks/parks/parks.yaml', parks);
    const ran = vcloud(root, ['federate']);
    expect(ran.exit, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('Changed since the last run.');
    after = snapshot(root, 'out', 'network-plans', 'members', 'stacks');
  });

  it('is one new file; everything generated that differs concerns it alone', () => {
    const changes = difference(before, after);
    // The page shows everything together.
    changes.delete('out/report.html');
    for (const file of changes.keys()) if (isTrace(file)) changes.delete(file);
    const declaredFiles = [...changes.keys()].filter((file) => file.startsWith('stacks/'));
    expect(declaredFiles).toEqual(['stacks/parks/parks.yaml']);
    const generated = [...changes].filter(([file]) => !file.startsWith('stacks/'));
    expect(generated.map(([file]) => file.replace(/parks-booking\.\w+/u, 'parks-booking.*'))).toEqual(
      expect.arrayContaining([
        'network-plans/addresses.lock.yaml',
        'out/dns/knot.conf',
        'out/dns/zones/parks.example.zone',
        'out/stacks/parks.parks-booking.*/main.tf.json',
      ]),
    );
    for (const [file, { added, removed }] of generated) {
      if (/parks/u.test(file)) {
        expect(before.has(file), file).toBe(false);
        continue;
      }
      // The catalogue counts the records of the parent zone, which delegates the new one, and its digest.
      if (file === 'out/dns/zones.json') {
        const counted = /^ {6}"(records|sha256)": /u;
        expect(
          [...added, ...removed].filter((line) => !counted.test(line) && !/parks/u.test(line)),
          file,
        ).toEqual([]);
        expect(removed.length, file).toBe(2);
        continue;
      }
      expect(removed, file).toEqual([]);
      expect(
        added.filter((line) => !/parks/u.test(line)),
        file,
      ).toEqual([]);
      expect(added.length, file).toBeGreaterThan(0);
    }
  });

  it('has a block, a zone that is delegated, stacks, and records; all others keep theirs', () => {
    const lock = after.get('network-plans/addresses.lock.yaml') ?? '';
    for (const key of ['agency/parks', 'site/parks-room', 'tenant/parks-booking', 'tenant/parks-booking/web']) expect(lock).toContain(`  ${key}: {v4: `);
    expect(after.get('out/dns/zones/parks.example.zone')).toMatch(/^parks-booking\.parks\.example\.\t\d+\tIN\tAAAA\t/mu);
    expect(after.get('out/dns/zones/example.zone')).toMatch(/^parks\.example\.\t\d+\tIN\tNS\t/mu);
    const now = records(root);
    const differing = [...now].filter(([key, record]) => JSON.stringify(recordsBefore.get(key)) !== JSON.stringify(record));
    expect([...recordsBefore.keys()].filter((key) => !now.has(key))).toEqual([]);
    expect(differing.length).toBeGreaterThan(50);
    // The parent zone has one delegation more; every other record that differs is new and the agency's own.
    const [changed, added] = [differing.filter(([key]) => recordsBefore.has(key)), differing.filter(([key]) => !recordsBefore.has(key))];
    expect(changed.map(([key]) => key)).toEqual(['urn:vcloud:health:zone:example declared']);
    expect(added.filter(([, record]) => !/parks/u.test(JSON.stringify(record))).map(([key]) => key)).toEqual([]);
    expect(added.filter(([, record]) => record.owner !== 'parks').map(([key, record]) => `${key} ${String(record.owner)}`)).toEqual([]);
  });

  it('is not removed unless that is allowed; then its blocks stay reserved and the others where they are', () => {
    fs.rmSync(path.join(root, 'stacks/parks'), { recursive: true });
    const held = snapshot(root, 'network-plans', 'out', 'members');
    for (const args of [['federate'], ['net', 'allocate']]) {
      const refused = vcloudJson(root, args);
      expect(refused.exit).toBe(1);
      expect(refused.problems.map(({ hint }) => hint).join(' ')).toContain('--allow-release');
      expect(shortDifference(held, snapshot(root, 'network-plans', 'out', 'members'))).toEqual([]);
    }
    expect(vcloud(root, ['net', 'allocate', '--allow-release']).exit).toBe(0);
    const lines = difference(held, snapshot(root, 'network-plans')).get('network-plans/addresses.lock.yaml');
    expect(lines?.added.length).toBe(7);
    expect(lines?.added.filter((line) => !/^ {2}\S*parks\S*: \{.*state: released\}$/u.test(line))).toEqual([]);
    expect(vcloud(root, ['federate']).exit).toBe(0);
    // What others read is as it was before the organisation came.
    const left = difference(before, snapshot(root, 'out', 'members', 'stacks'));
    expect([...left.keys()].filter((file) => !file.startsWith('network-plans/') && file !== 'out/report.html' && !isTrace(file))).toEqual([]);
    expect(fs.readdirSync(path.join(root, 'out/stacks')).filter((name) => name.startsWith('parks'))).toEqual([]);
  });
});

describe('a question', () => {
  it('whose address: the chain from pool to network, with owners', () => {
    const found = vcloud(made, ['net', 'find', '10.1.0.200']);
    expect(found.exit).toBe(0);
    expect(found.stdout).toMatch(/pool internal-v4[\s\S]*agency\/works[\s\S]*tenant\/permits [\s\S]*tenant\/permits\/web/u);
    expect(found.stdout).toContain('held by Department of Works (works)');
    expect(vcloud(made, ['net', 'find', '203.0.113.7']).exit).toBe(2);
  });

  it('whose address, inside a member: the member answers for its own', () => {
    expect(vcloud(made, ['net', 'find', '10.2.0.5']).stdout).toContain('agency/clinic');
    const inside = vcloud(path.join(made, 'members/clinic'), ['net', 'find', '10.2.0.5']);
    expect(inside.stdout).toMatch(/tenant\/appointments\/app/u);
  });

  it.each([
    ['phong kham', 'urn:vcloud:clinic:organisation:clinic'],
    ['Phòng khám', 'urn:vcloud:clinic:organisation:clinic'],
    ['da nang', 'urn:vcloud:health:tenant:permits'],
    ['department works', 'urn:vcloud:health:organisation:works'],
  ])('searched as "%s": %s', (query, urn) => {
    const found = vcloudJson<{ records: RecordData[] }>(made, ['inventory', 'search', query]);
    expect(found.exit).toBe(0);
    expect(found.data.records.map((record) => record.urn)).toContain(urn);
  });

  it('with no answer says so', () => {
    expect(vcloud(made, ['inventory', 'search', 'no such thing anywhere']).exit).toBe(2);
  });
});
