import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatPrefix, loadAddressPlans, parsePrefix, planAddresses, type AddressPlan } from '../../modules/network/index.ts';
import { blocksHtml, blocksOf } from '../../modules/network/picture/index.ts';
import { exportPlan, reverseFile, reverseFiles, reverseZones, type ReverseZone } from '../../modules/network/export/index.ts';

const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH: searchPath };
const here = (program: string): boolean => searchPath.split(':').some((folder) => fs.existsSync(path.join(folder, program)));
const missing = ['named-checkzone', 'kzonecheck'].filter((program) => !here(program));
const because = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not installed, see test/lab/packages.txt)` : '';

function run(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  return { status, output: `${stdout}${stderr}` };
}

const made: string[] = [];
afterAll(() => made.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

async function planOf(text: string): Promise<AddressPlan> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-export-'));
  made.push(root);
  fs.mkdirSync(path.join(root, 'network-plans'));
  fs.writeFileSync(path.join(root, 'network-plans/a.yaml'), text);
  const { addressPlan, problems } = planAddresses(await loadAddressPlans(root));
  expect(problems).toEqual([]);
  return addressPlan;
}

/** Cuts that fall on and between octets and nibbles, classless zones in classless zones, one key filling its holder. */
const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: six, prefix: "3fff:100::/26", domain: d }
  - { name: four, prefix: 10.0.0.0/12, domain: d, strategy: first-fit }
  - { name: small, prefix: 192.0.2.128/25, domain: d, strategy: first-fit }
needs:
  - { key: agency/a, role: container, owner: a, legs: { v6: { pool: six, length: 32 }, v4: { pool: four, length: 18 } } }
  - { key: agency/b, role: container, owner: b, legs: { v6: { pool: six, length: 30 }, v4: { pool: four, length: 16 } } }
  - { key: site/a, owner: sa, legs: { v6: { in: agency/a, length: 48 }, v4: { in: agency/a, length: 26 } } }
  - { key: site/a2, owner: sa2, legs: { v6: { in: agency/a, length: 50 }, v4: { in: agency/a, length: 24 } } }
  - { key: small/box, pool: small, length: 26, role: container, owner: c }
  - { key: small/inner, in: small/box, length: 28, owner: d }
  - { key: small/host, in: small/inner, length: 32, owner: e }
  - { key: small/whole, pool: small, length: 27, role: container, owner: f }
  - { key: small/filled, in: small/whole, length: 27, owner: g }
`.replace('{ key: small/inner, in', '{ key: small/inner, role: container, in');

describe.skipIf(missing.length > 0)(`reverse zones of an address plan${because}`, () => {
  const nameServers = ['ns1.example.gov.vn', 'ns2.example.gov.vn'];
  const serversOf = new Map([['small/host', ['ns.host.example.']]]);
  let folder: string;
  let zones: ReverseZone[];

  beforeAll(async () => {
    const addressPlan = await planOf(plan);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-reverse-'));
    made.push(folder);
    zones = reverseZones(addressPlan, { nameServers, serversOf }).zones;
    for (const [name, text] of reverseFiles(addressPlan, { nameServers, serversOf, contact: 'dns.team@example.gov.vn' }))
      fs.writeFileSync(path.join(folder, name), text);
  });

  it('every zone is accepted by named-checkzone and kzonecheck, and read back whole', () => {
    expect(zones.length).toBeGreaterThan(60);
    for (const { name, servers, records } of zones) {
      const file = path.join(folder, reverseFile(name));
      const bind = run('named-checkzone', '-D', '-i', 'local', name, file);
      expect(bind.status, `${name}: ${bind.output}`).toBe(0);
      expect(bind.output.split('\n').filter((line) => /\sIN\s/u.test(line)).length, name).toBe(1 + servers.length + records.length);
      const knot = run('kzonecheck', '-o', name, file);
      expect(knot.status, `${name}: ${knot.output}`).toBe(0);
    }
  }, 120_000);

  it('every delegated name has a zone, and every alias leads into one', () => {
    const names = new Set(zones.map(({ name }) => name));
    for (const { name, records } of zones) {
      for (const record of records) {
        if (record.type === 'NS') expect(names.has(record.name), `${record.name} of ${name}`).toBe(true);
        else expect(names.has(record.data.replace(/^\d+\./u, '')), record.data).toBe(true);
      }
    }
  });

  it('a zone without name servers is refused, so the judges do judge', () => {
    const [zone] = zones;
    const file = path.join(folder, 'broken');
    fs.writeFileSync(file, fs.readFileSync(path.join(folder, reverseFile(zone?.name ?? '')), 'utf8').replace(/^\S+\t\d+\tIN\tNS\t.*\n/gmu, ''));
    expect(run('named-checkzone', zone?.name ?? '', file).status).not.toBe(0);
    expect(run('kzonecheck', '-o', zone?.name ?? '', file).status).not.toBe(0);
  });
});

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(here);

describe.skipIf(chromium === undefined)(`the map as a page${chromium === undefined ? ' (skipped: no chromium)' : ''}`, () => {
  it('shows a block, what lies in it and what is free, and says so in the other language', async () => {
    const addressPlan = await planOf(plan);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-map-'));
    made.push(folder);
    const file = path.join(folder, 'map.html');
    const show = (language: 'vi' | 'en', hash: string): string => {
      fs.writeFileSync(file, blocksHtml(blocksOf(addressPlan, undefined, undefined), language));
      const args = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${folder}/profile`,
        '--virtual-time-budget=3000',
        '--dump-dom',
        `file://${file}#${encodeURIComponent(hash)}`,
      ];
      return run(chromium ?? '', ...args).output;
    };
    const english = show('en', 'agency/a 10.1.0.0/18');
    expect(english).toContain('<h1 id="title">Address plan</h1>');
    expect(english).toMatch(
      /id="facts"[^>]*>held by a · given out 320 of 16,384 addresses \(1\.9 %\) · used 320 of 16,384 addresses \(1\.9 %\) · largest free block 10\.1\.32\.0\/19/u,
    );
    expect(english.match(/<g class="block">/gu)).toHaveLength(2);
    expect(english.match(/<button class="row"/gu)).toHaveLength(2);
    expect(english).toContain('<div class="row free">');
    expect(show('vi', 'agency/a 10.1.0.0/18')).toMatch(/id="facts"[^>]*>đơn vị giữ: a · đã cấp 320 trên 16,384 địa chỉ/u);
  }, 60_000);
});

const terraform = here('terraform') ? 'terraform' : here('tofu') ? 'tofu' : undefined;

describe.skipIf(terraform === undefined)(`Terraform variables${terraform === undefined ? ' (skipped: neither terraform nor tofu is installed)' : ''}`, () => {
  it('are read with declared types, and give back every prefix', async () => {
    const addressPlan = await planOf(plan);
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-tfvars-'));
    made.push(root);
    fs.writeFileSync(path.join(root, 'network.auto.tfvars.json'), exportPlan(addressPlan, 'tfvars'));
    fs.writeFileSync(
      path.join(root, 'main.tf'),
      `variable "network_pools" { type = map(object({ prefix = string, domain = string })) }
variable "network_allocations" { type = map(object({ v4 = optional(string), v6 = optional(string), role = string, owner = optional(string) })) }
variable "network_asns" { type = map(number) }
variable "address_scopes" { type = map(object({ ip_version = number })) }
variable "subnet_pools" {
  type = map(object({
    address_scope = string, ip_version = number, prefixes = list(string), description = string
    min_prefixlen = number, default_prefixlen = number, max_prefixlen = number
  }))
}
output "first" { value = [for pool in var.subnet_pools : cidrhost(pool.prefixes[0], 0)] }
output "held" { value = sort(flatten([for held in var.network_allocations : compact([held.v4, held.v6])])) }
`,
    );
    const made4 = (...args: string[]) =>
      spawnSync(terraform ?? '', args, { cwd: root, encoding: 'utf8', env: { ...env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' } });
    const applied = made4('apply', '-auto-approve', '-no-color', '-input=false');
    expect(applied.status, applied.stderr).toBe(0);
    const held = JSON.parse(made4('output', '-json', 'held').stdout) as string[];
    const wanted = [...addressPlan.allocations.values()].flatMap(({ v4, v6 }) => [v4, v6].filter((text) => text !== undefined));
    expect(held.map((text) => formatPrefix(parsePrefix(text))).sort()).toEqual(wanted.sort());
  }, 60_000);
});
