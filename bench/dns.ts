import * as path from 'node:path';
import { dataOf, expect, measureCommand, temporaryFolder, vcloud, writeFiles } from './measure.ts';
import { fromPyPI, isAbsent } from './peers.ts';
import type { Bar, Benchmark, Row } from './table.ts';

const many = 5000;
/** Size a peer is run at unless `--full` asks for all: it needs a minute for 5,000. */
const few = 400;
/** One zone in so many differs: one record set more, one other, one less. */
const every = 100;

export const benchmark: Benchmark = {
  name: 'dns',
  about: 'zones of 18 record sets each (A AAAA NS MX TXT CAA SRV CNAME and SOA), rendered once; then 1 % of them change',
  run: async ({ full }) => {
    const rows: Row[] = [];
    for (const [count, bar] of [
      [few, { cpuSeconds: 0.4 }],
      [many, { cpuSeconds: 3, mebibytes: 200 }],
    ] as const) {
      const folder = temporaryFolder();
      writeFiles(folder, federationOf(count, false));
      const render = `render ${count.toLocaleString('en-US')} zones`;
      const plan = `plan ${count.toLocaleString('en-US')} zones, 1 % changed`;
      rows.push(rendered(folder, render, count), checked(folder, count));
      writeFiles(folder, federationOf(count, true));
      rows.push(planned(folder, plan, count, bar));
      if (count === few || full) rows.push(octodns(folder, plan, count));
    }
    return rows;
  },
};

/** A member whose zones come from a table. The zones that change have another address, a record more and one less. */
function federationOf(count: number, changed: boolean): Record<string, string> {
  const lines = Array.from({ length: count }, (_, index) => {
    const differs = changed && index % every === 0;
    return [zoneOf(index), `10.${index >> 8}.${index & 255}.${differs ? 2 : 1}`, differs ? 'yes' : '', differs ? 'yes' : ''].join(',');
  });
  return {
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, organisation: o, names: { vi: M, en: M } }\nparentZone: gov.vn.\n',
    'stacks/o/o.yaml': 'apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n  - { id: o, kind: nation, names: { vi: O, en: O } }\n',
    'network-plans/zones.csv': `name,v4,more,less\n${lines.join('\n')}\n`,
    'network-plans/zones.yaml': `apiVersion: vcloud/v1
kind: ZonePlan
metadata: { name: zones }
policies: [{ name: standard, algorithm: ecdsap256sha256 }]
nameServers:
  - name: two
    servers: [{ host: ns1.example.net. }, { host: ns2.example.net. }]
zones:
  - forEach: { csv: zones.csv }
    name: "{name}"
    owner: o
    nameServers: two
    policy: standard
    records:
      - { name: "@", type: A, data: "{v4}" }
      - { name: "@", type: AAAA, data: "2001:db8::1" }
      - { name: "@", type: MX, data: ["10 mx1.example.net.", "20 mx2.example.net."] }
      - { name: "@", type: TXT, data: v=spf1 mx -all }
      - { name: "@", type: CAA, data: ['0 issue "ca.example.net"', '0 iodef "mailto:security@example.net"'] }
      - { name: _dmarc, type: TXT, data: v=DMARC1; p=reject }
      - { name: _sip._tcp, type: SRV, data: ["10 10 5060 sip1.example.net.", "20 10 5060 sip2.example.net."] }
      - { name: www, type: CNAME, data: "{name}.gov.vn." }
${['api', 'app', 'data', 'files'].map((host) => `      - { name: ${host}, type: A, data: 192.0.2.10 }\n      - { name: ${host}, type: AAAA, data: "2001:db8::10" }`).join('\n')}
records:
  - { forEach: { csv: zones.csv, where: { more: "yes" } }, name: "new.{name}", type: A, data: 192.0.2.99 }
  - { forEach: { csv: zones.csv, where: { less: "" } }, name: "old.{name}", type: A, data: 192.0.2.98 }
`,
  };
}

function zoneOf(index: number): string {
  return `agency-${String(index).padStart(4, '0')}`;
}

function rendered(folder: string, work: string, count: number): Row {
  const usage = vcloud(folder, ['dns', 'render', '--json']);
  const { zones, records } = dataOf<{ zones: number; records: number }>(usage);
  expect(zones === count + 1 || zones === count, `${zones} zones rendered`);
  return { work, who: 'vcloud dns render', scope: 'command', ...usage, answer: `${zones} zones, ${records} records written` };
}

function checked(folder: string, count: number): Row {
  const work = `check ${count.toLocaleString('en-US')} zones`;
  const usage = vcloud(folder, ['dns', 'check', '--json'], { accept: [0, 2] });
  const { zones, findings } = dataOf<{ zones: number; findings: number }>(usage);
  return {
    work,
    who: 'vcloud dns check',
    scope: 'command',
    ...usage,
    answer: `${zones} zones, ${findings} findings`,
    bar: count === many ? { cpuSeconds: 2 } : undefined,
  };
}

function planned(folder: string, work: string, count: number, bar: Bar): Row {
  const usage = vcloud(folder, ['dns', 'plan', '--json'], { accept: [2] });
  const { change, add, remove } = dataOf<{ change: { added: string[]; removed: string[] }[]; add: string[]; remove: string[] }>(usage);
  expect(change.length === Math.ceil(count / every) && add.length + remove.length === 0, `${change.length} zones change`);
  expect(
    change.every(({ added, removed }) => added.length >= 2 && removed.length >= 2),
    'each zone has two records more and two less',
  );
  return {
    work,
    who: 'vcloud dns plan',
    scope: 'command',
    ...usage,
    answer: `${change.length} zones differ, each by one record more, one other, one less`,
    bar,
  };
}

/** The file provider of OctoDNS does not read what is there when it is the target; this one does. */
const existing = `
from octodns_bind import ZoneFileProvider
class Existing(ZoneFileProvider):
    def populate(self, zone, target=False, lenient=False):
        return super().populate(zone, target=False, lenient=True)
`;

function octodns(folder: string, work: string, count: number): Row {
  const who = 'octodns-sync 1.22.0 (dry run)';
  const peer = fromPyPI(['octodns==1.22.0', 'octodns-bind==1.1.0'], 'octodns-sync');
  if (isAbsent(peer)) return { work, who, absent: peer.absent };
  const root = path.join(folder, 'octodns');
  const files: Record<string, string> = { 'existing.py': existing };
  const zones: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${zoneOf(index)}.gov.vn.`;
    zones.push(`  ${name}: { sources: [wanted], targets: [served] }`);
    files[`wanted/${name}yaml`] = wantedOf(name, index, index % every === 0);
    files[`served/${name}`] = servedOf(name, index);
  }
  files['config.yaml'] = `manager: { max_workers: 2 }
providers:
  wanted: { class: octodns.provider.yaml.YamlProvider, directory: wanted, default_ttl: 3600, enforce_order: false }
  served: { class: existing.Existing, directory: served, file_extension: . }
zones:\n${zones.join('\n')}\n`;
  writeFiles(root, files);
  const usage = measureCommand(peer.command, ['--config-file=config.yaml', '--force'], { cwd: root, env: { ...process.env, PYTHONPATH: root } });
  const creates = (usage.stdout + usage.stderr).match(/Summary: Creates=1, Updates=1, Deletes=1/gu)?.length ?? 0;
  expect(creates === Math.ceil(count / every), `OctoDNS found ${creates} zones that differ: ${(usage.stdout + usage.stderr).slice(0, 400)}`);
  return { work, who, scope: 'command', ...usage, answer: `${creates} zones differ` };
}

const hosts = ['api', 'app', 'data', 'files'];

function wantedOf(name: string, index: number, differs: boolean): string {
  const lines = [
    `"":\n  - { type: A, value: 10.${index >> 8}.${index & 255}.${differs ? 2 : 1} }\n  - { type: AAAA, value: "2001:db8::1" }`,
    '  - { type: NS, values: [ns1.example.net., ns2.example.net.] }',
    '  - { type: MX, values: [{ exchange: mx1.example.net., preference: 10 }, { exchange: mx2.example.net., preference: 20 }] }',
    '  - { type: TXT, value: v=spf1 mx -all }',
    '  - { type: CAA, values: [{ flags: 0, tag: issue, value: ca.example.net }, { flags: 0, tag: iodef, value: "mailto:security@example.net" }] }',
    '_dmarc: { type: TXT, value: v=DMARC1\\; p=reject }',
    '_sip._tcp: { type: SRV, values: [{ port: 5060, priority: 10, target: sip1.example.net., weight: 10 }, { port: 5060, priority: 20, target: sip2.example.net., weight: 10 }] }',
    `www: { type: CNAME, value: ${name} }`,
    ...hosts.map((host) => `${host}:\n  - { type: A, value: 192.0.2.10 }\n  - { type: AAAA, value: "2001:db8::10" }`),
    differs ? 'new: { type: A, value: 192.0.2.99 }' : 'old: { type: A, value: 192.0.2.98 }',
  ];
  return `${lines.join('\n')}\n`;
}

function servedOf(name: string, index: number): string {
  return `$ORIGIN ${name}
$TTL 3600
@ IN SOA ns1.example.net. hostmaster.gov.vn. 1 3600 900 86400 3600
@ IN NS ns1.example.net.
@ IN NS ns2.example.net.
@ IN A 10.${index >> 8}.${index & 255}.1
@ IN AAAA 2001:db8::1
@ IN MX 10 mx1.example.net.
@ IN MX 20 mx2.example.net.
@ IN TXT "v=spf1 mx -all"
@ IN CAA 0 issue "ca.example.net"
@ IN CAA 0 iodef "mailto:security@example.net"
_dmarc IN TXT "v=DMARC1; p=reject"
_sip._tcp IN SRV 10 10 5060 sip1.example.net.
_sip._tcp IN SRV 20 10 5060 sip2.example.net.
www IN CNAME ${name}
${hosts.map((host) => `${host} IN A 192.0.2.10\n${host} IN AAAA 2001:db8::10`).join('\n')}
old IN A 192.0.2.98
`;
}
