import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTree } from '../../modules/core/index.ts';
import { openZones, zoneFile, type ZoneSet } from '../../modules/dns/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const programs = ['named-checkzone', 'kzonecheck', 'knotc', 'knotd', 'kdig'];
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH: searchPath };
const missing = programs.filter((program) => !searchPath.split(':').some((folder) => fs.existsSync(path.join(folder, program))));
const because = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not installed, see test/lab/packages.txt)` : '';

function run(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  return { status, output: `${stdout}${stderr}` };
}

describe.skipIf(missing.length > 0)(`zones of the reference federation${because}`, () => {
  let set: ZoneSet;
  let folder: string;
  let daemon: ChildProcess | undefined;
  const port = 20_000 + (process.pid % 20_000);

  beforeAll(async () => {
    set = await openZones(root, { asOf: '2026-01-01' });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-knot-'));
    writeTree(path.join(folder, 'dns'), set.files);
    fs.mkdirSync(path.join(folder, 'run'));
    const wrapper = [
      'server:',
      `    listen: 127.0.0.1@${port}`,
      `    rundir: "${folder}/run"`,
      'database:',
      `    storage: "${folder}/run"`,
      'log:',
      '  - target: stderr',
      '    any: warning',
      `include: "${folder}/dns/knot-here.conf"`,
      '',
    ].join('\n');
    fs.writeFileSync(path.join(folder, 'knot.conf'), wrapper);
    // Where the zone files lie is the operator's to say; everything else is as generated.
    const generated = set.files.get('knot.conf') ?? '';
    fs.writeFileSync(path.join(folder, 'dns/knot-here.conf'), generated.replaceAll('    file: ', `    storage: "${folder}/dns"\n    file: `));
  });

  afterAll(() => {
    daemon?.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('every zone is accepted by named-checkzone, which counts the records we wrote', () => {
    expect(set.zones.length).toBeGreaterThan(100);
    for (const zone of set.zones) {
      const { status, output } = run('named-checkzone', '-D', '-i', 'local', zone.name, path.join(folder, 'dns', zoneFile(zone.name)));
      expect(status, `${zone.name}: ${output}`).toBe(0);
      const kept = output.split('\n').filter((line) => /\sIN\s/u.test(line)).length;
      expect(kept, zone.name).toBe(zone.records.reduce((sum, { data }) => sum + data.length, 0));
    }
  });

  it('every zone is accepted by kzonecheck', () => {
    for (const zone of set.zones) {
      const { status, output } = run('kzonecheck', '-o', zone.name, path.join(folder, 'dns', zoneFile(zone.name)));
      expect(status, `${zone.name}: ${output}`).toBe(0);
    }
  });

  it('a broken zone is refused, so the judges do judge', () => {
    const file = path.join(folder, 'broken.zone');
    const text = (set.files.get(zoneFile('gov.vn.')) ?? '').replace(/^gov\.vn\.\t\d+\tIN\tNS\t.*\n/gmu, '');
    fs.writeFileSync(file, text);
    expect(run('named-checkzone', 'gov.vn.', file).status).not.toBe(0);
    expect(run('kzonecheck', '-o', 'gov.vn.', file).status).not.toBe(0);
  });

  it('the Knot configuration is valid', () => {
    expect(run('knotc', '-c', path.join(folder, 'knot.conf'), 'conf-check').output).toContain('Configuration is valid');
  });

  it('Knot loads all zones, signs them, and answers with signatures of the policy', async () => {
    daemon = spawn('knotd', ['-c', path.join(folder, 'knot.conf')], { stdio: 'ignore', env });
    const ask = (name: string, type: string): string =>
      run('kdig', '@127.0.0.1', '-p', String(port), '+dnssec', '+short', '+time=2', '+retry=0', name, type).output;
    for (const zone of [set.zones[0]?.name ?? '', 'gov.vn.', 'mst.gov.vn.', 'danang.gov.vn.', set.zones.at(-1)?.name ?? '']) {
      let keys = '';
      for (let attempt = 0; attempt < 120 && !/DNSKEY 13 /u.test(keys); attempt++) {
        if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 500));
        keys = ask(zone, 'DNSKEY');
      }
      // A KSK (257) and a ZSK (256) of algorithm 13, and the signature over them.
      expect(keys, zone).toMatch(/^257 3 13 /mu);
      expect(keys, zone).toMatch(/^256 3 13 /mu);
      expect(keys, zone).toMatch(/^DNSKEY 13 /mu);
      const soa = ask(zone, 'SOA');
      expect(soa, zone).toMatch(/^SOA 13 /mu);
      expect(soa, zone).not.toMatch(/^\S+ \S+ 1 /mu);
    }
    const zone = set.zones.find(({ name }) => name === 'danang.gov.vn.');
    const sample = zone?.records.filter(({ type }) => type === 'AAAA').slice(0, 20) ?? [];
    expect(sample.length).toBe(20);
    for (const { name, data } of sample) expect(ask(name, 'AAAA').split('\n').slice(0, data.length), name).toEqual([...data]);
    expect(ask('danang.gov.vn.', 'CDS')).toMatch(/ 13 2 /u);
  });
});
