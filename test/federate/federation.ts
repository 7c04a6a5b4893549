import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The day everything is read at, so that no test depends on the clock. */
export const asOf = '2026-11-22';

const binary = fileURLToPath(new URL('../../bin/vcloud.js', import.meta.url));

/** What one run of the command line left. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run with `--json`. */
export interface RanJson<T> extends Ran {
  readonly ok: boolean;
  readonly problems: readonly { readonly code: string; readonly severity: string; readonly message: string; readonly hint?: string; readonly file?: string }[];
  readonly data: T;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The day everything is read at. */
  readonly day?: string;
}

/** Runs `vcloud` as a user does: its own process, in the federation's folder. */
export function vcloud(root: string, args: readonly string[], { env = {}, day = asOf }: RunOptions = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...args, '--as-of', day], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    maxBuffer: 1 << 30,
  });
  return { exit: status ?? -1, stdout, stderr };
}

/** The same with `--json`, its one value on stdout read. */
export function vcloudJson<T>(root: string, args: readonly string[], options: RunOptions = {}): RanJson<T> {
  const ran = vcloud(root, [...args, '--json'], options);
  return { ...ran, ...(JSON.parse(ran.stdout) as Pick<RanJson<T>, 'ok' | 'problems' | 'data'>) };
}

/** Data of the verbs these tests read. */
export interface PlanData {
  readonly directory?: string;
  readonly stacks: readonly {
    readonly path: string;
    readonly agency: string;
    readonly state: string;
    readonly add: number;
    readonly change: number;
    readonly destroy: number;
  }[];
}

export interface SummaryData {
  readonly changed: boolean;
  readonly plan: {
    readonly planned: number;
    readonly unchanged: number;
    readonly waits: number;
    readonly failed: number;
    readonly unavailable?: { readonly reason: string; readonly hint: string };
  };
  readonly total: Readonly<Record<string, number>>;
  readonly members: readonly { readonly id: string; readonly stacks: number; readonly bundle?: { readonly sequence: number; readonly records: number } }[];
  readonly inventory: { readonly total: number; readonly members: Readonly<Record<string, number>>; readonly drift: Readonly<Record<string, number>> };
  readonly paths: Readonly<Record<string, string>>;
}

export interface RecordData {
  readonly urn: string;
  readonly kind: string;
  readonly member: string;
  readonly owner?: string;
}

const works = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: works, kind: agency, names: { vi: Sở Xây dựng, en: Department of Works }, label: works }
sites:
  - { id: works-dc, kind: data-centre, names: { vi: Trung tâm dữ liệu, en: Data centre }, owner: works, location: { lat: 16.05, lon: 108.2 } }
clouds:
  - { id: works-cloud, kind: openstack, names: { vi: Đám mây xây dựng, en: Works cloud }, owner: works, regions: [{ name: main, site: works-dc }] }
tenants:
  - { id: permits, names: { vi: Cấp phép xây dựng Đà Nẵng, en: Building permits }, owner: works, cloud: works-cloud, zone: provider, size: { web: 2, app: 1, data: 1 } }
`;

const members = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: members }
needs:
  - { key: agency/clinic, role: container, legs: { v6: { pool: internal-v6, length: 40 }, v4: { pool: internal-v4, length: 20 } } }
`;

const clinicSettings = `apiVersion: vcloud/v1
kind: Federation
member: { id: clinic, organisation: clinic, names: { vi: Phòng khám, en: Clinic } }
language: en
numbering: documentation
environment: sandbox
parentZone: example.
`;

const clinicAddresses = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: addresses }
domains: [{ name: internal }]
pools:
  - { name: block-v6, from: { key: agency/clinic, family: v6 }, domain: internal, strategy: sparse }
  - { name: block-v4, from: { key: agency/clinic, family: v4 }, domain: internal, strategy: best-fit }
needs:
  - { forEach: { sites: {} }, key: "site/{id}", legs: { v6: { pool: block-v6, length: 48 }, v4: { pool: block-v4, length: 24 } } }
  - { forEach: { tenants: {} }, key: "tenant/{id}", role: container, legs: { v6: { pool: block-v6, length: 48 }, v4: { pool: block-v4, length: 22 } } }
  - { forEach: { tenants: {} }, key: "tenant/{id}/app", legs: { v6: { in: "tenant/{id}", length: 64 }, v4: { in: "tenant/{id}", length: 26 } } }
  - { forEach: { tenants: {} }, key: "tenant/{id}/management", legs: { v6: { in: "tenant/{id}", length: 64 }, v4: { in: "tenant/{id}", length: 26 } } }
`;

const clinicZones = `apiVersion: vcloud/v1
kind: ZonePlan
metadata: { name: clinic }
policies: [{ name: standard, algorithm: ecdsap256sha256 }]
nameServers:
  - { name: own, servers: [{ host: ns1.clinic.example., addresses: [192.0.2.129] }, { host: ns2.clinic.example., addresses: [203.0.113.129] }] }
zones:
  - { forEach: { organisations: { id: clinic } }, name: "{label}", nameServers: own, policy: standard }
reverse:
  - { pool: block-v6, nameServers: own, policy: standard }
`;

const clinicDeclarations = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: clinic, kind: clinic, names: { vi: Phòng khám, en: Clinic }, label: clinic }
sites:
  - { id: clinic-room, kind: server-room, names: { vi: Phòng máy, en: Server room }, owner: clinic, location: { lat: 10.77, lon: 106.7 } }
clouds:
  - { id: clinic-cloud, kind: openstack, names: { vi: Đám mây, en: Cloud }, owner: clinic, regions: [{ name: main, site: clinic-room }] }
tenants:
  - { id: appointments, names: { vi: Đặt lịch khám, en: Appointments }, owner: clinic, cloud: clinic-cloud, zone: provider, blueprint: single-tier, size: { servers: 1 } }
`;

const joins = (way: string): string => `members:
  - { id: clinic, ${way}, scope: { organisations: [clinic], keys: [agency/clinic], zones: [clinic.example.] } }
`;

/**
 * Makes a federation as a user would: `vcloud init`, a second agency in one file, a member in a folder of its own.
 * Everything is in documentation space.
 */
export function makeFederation(): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-federate-'));
  const made = vcloud(root, ['init', '--id', 'health', '--name', 'Department of Health']);
  if (made.exit !== 0) throw new Error(made.stderr);
  write(root, 'stacks/works/works.yaml', works);
  write(root, 'network-plans/members.yaml', members);
  write(root, 'members/clinic/vcloud.yaml', clinicSettings);
  write(root, 'members/clinic/network-plans/addresses.yaml', clinicAddresses);
  write(root, 'members/clinic/network-plans/zones.yaml', clinicZones);
  write(root, 'members/clinic/stacks/clinic/clinic.yaml', clinicDeclarations);
  fs.appendFileSync(path.join(root, 'vcloud.yaml'), joins('folder: members/clinic'));
  return root;
}

/** From now on the member is run elsewhere and only delivers its bundle; its key is the one it signed with. */
export function deliverOnly(root: string, publicKey: string): void {
  const file = path.join(root, 'vcloud.yaml');
  const text = fs.readFileSync(file, 'utf8').replace('folder: members/clinic', `bundle: inbox/clinic, publicKey: "${publicKey}"`);
  fs.writeFileSync(file, text);
}

export function write(root: string, name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
}

/** Replaces text that must be there, once. */
export function edit(root: string, name: string, from: string, to: string): void {
  const file = path.join(root, name);
  const text = fs.readFileSync(file, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${name}: "${from}" is not there exactly once`);
  fs.writeFileSync(file, text.replace(from, to));
}

/** Every file below a folder, relative, in order. */
export function filesIn(root: string, ...below: readonly string[]): string[] {
  return below
    .flatMap((folder) =>
      fs.existsSync(path.join(root, folder))
        ? fs
            .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
        : [],
    )
    .sort();
}

/** Contents by relative path. */
export function snapshot(root: string, ...below: readonly string[]): Map<string, string> {
  return new Map(filesIn(root, ...below).map((file) => [file, fs.readFileSync(path.join(root, file), 'latin1')]));
}

/** Lines that were added and removed between two snapshots, by file. */
export function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Map<string, { added: string[]; removed: string[] }> {
  const found = new Map<string, { added: string[]; removed: string[] }>();
  for (const file of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [linesOf(before.get(file)), linesOf(after.get(file))];
    const [old, now] = [new Set(was), new Set(is)];
    const added = is.filter((line) => !old.has(line));
    const removed = was.filter((line) => !now.has(line));
    if (added.length + removed.length > 0 || !before.has(file) || !after.has(file)) found.set(file, { added, removed });
  }
  return found;
}

/** The same, short enough to be read in a failure. */
export function shortDifference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const short = (sign: string, lines: readonly string[]): string[] => lines.slice(0, 5).map((line) => `${sign} ${line.slice(0, 200)}`);
  return [...difference(before, after)].flatMap(([file, { added, removed }]) => [file, ...short('-', removed), ...short('+', added)]);
}

function linesOf(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.replace(/\n$/u, '').split('\n');
}
