import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sheets as written } from '../../../examples/adopt/make-workbook.ts';
import { readWorkbook } from '../../../modules/network/adopt/workbook.ts';
import { readLock } from '../../../modules/network/lock.ts';
import { Problems } from '../../../modules/core/index.ts';
import { federationFolder } from '../folder.ts';

const program = fileURLToPath(new URL('../../../bin/vcloud.js', import.meta.url));
const samples = fileURLToPath(new URL('../../../examples/adopt/', import.meta.url));

interface Result {
  readonly exit: number;
  readonly ok: boolean;
  readonly problems: { code: string; message: string; file?: string; line?: number; column?: number }[];
  readonly data: {
    keys: number;
    files: string[];
    plan: string | null;
    lock: string | null;
    findings: Record<string, number>;
    format: string;
    sheets: { name: string; adopted: number }[];
  };
}

async function vcloud(root: string, ...args: string[]): Promise<Result> {
  const result = await promisify(execFile)(process.execPath, [program, ...args, '--json', '-C', root], { maxBuffer: 1 << 28 }).then(
    ({ stdout }) => ({ exit: 0, stdout }),
    (error: unknown) => ({ exit: (error as { code: number }).code, stdout: (error as { stdout: string }).stdout }),
  );
  return { exit: result.exit, ...(JSON.parse(result.stdout) as Omit<Result, 'exit'>) };
}

function folderWith(...names: string[]): string {
  const root = federationFolder({});
  for (const name of names) fs.copyFileSync(path.join(samples, name), path.join(root, name));
  return root;
}

function held(root: string, name: string): string[] {
  const file = `network-plans/${name}.lock.yaml`;
  const problems = new Problems();
  const rows = readLock(file, fs.readFileSync(path.join(root, file), 'utf8'), 0, problems);
  problems.throwIfErrors();
  return rows.flatMap(({ v4, v6 }) => [v4?.text, v6?.text].filter((text) => text !== undefined));
}

describe('vcloud net adopt', () => {
  it.each([
    ['so-lieu-dia-chi.xlsx', 2, 'workbook', 42],
    ['dia-chi.csv', 2, 'csv', 5],
    ['netbox-prefixes.csv', 0, 'netbox', 5],
    ['phpipam-subnets.csv', 0, 'phpipam', 4],
    ['registry.rpsl', 0, 'rpsl', 5],
  ])('%s: adopted, then `net plan` has nothing to change', async (file, exit, format, keys) => {
    const root = folderWith(file);
    const adopted = await vcloud(root, 'net', 'adopt', file);
    expect([adopted.exit, adopted.ok, adopted.data.format, adopted.data.keys]).toEqual([exit, true, format, keys]);
    const plan = await vcloud(root, 'net', 'plan');
    expect([plan.exit, plan.problems]).toEqual([0, []]);
    const again = await vcloud(root, 'net', 'allocate');
    expect([again.exit, (again.data as unknown as { written: string[] }).written]).toEqual([0, []]);
  });

  it('lists what is wrong in the workbook by sheet and cell, and keeps every address', async () => {
    const file = 'so-lieu-dia-chi.xlsx';
    const root = folderWith(file);
    const { problems } = await vcloud(root, 'net', 'adopt', file);
    expect(problems.map(({ code, message }) => `${message.split(': ')[0] ?? ''} ${code.replace('NET-ADOPT-', '')}`)).toEqual([
      'Quy hoạch chung!C8 HOST-BITS',
      'Quy hoạch chung!C15 RANGE-HOSTS',
      'Quy hoạch chung!C18 CORRECTED',
      'Quy hoạch chung!C20 UNREADABLE',
      'Quy hoạch chung!C21 UNREADABLE',
      'Quy hoạch chung!C22 NO-ADDRESS',
      'Trung tâm dữ liệu!A5 DUPLICATE',
      'Trung tâm dữ liệu!A6 CONFLICT',
      'Trung tâm dữ liệu!A10 OVERLAP',
      'Trung tâm dữ liệu!A13 HOST-BITS',
      'Kết nối WAN!B4 UNREADABLE',
      'Cũ 2019!A1 HIDDEN',
    ]);
    expect(problems[0]).toMatchObject({ file, line: 8, column: 3, severity: 'warning' });
    const lock = held(root, 'so-lieu-dia-chi');
    for (const prefix of [
      '10.20.0.0/16',
      '10.20.2.0/24',
      '3fff:20:0:1::/64',
      '10.30.5.0/24',
      '10.30.4.10/31',
      '10.30.4.60/32',
      '172.16.20.60/32',
      '198.51.100.64/27',
      '192.168.0.0/24',
    ]) {
      expect(lock).toContain(prefix);
    }
    // The same block in two VRFs.
    expect(lock.filter((prefix) => prefix === '172.16.10.0/24')).toHaveLength(2);
  });

  it('is corrected by a mapping', async () => {
    const root = folderWith('so-lieu-dia-chi.xlsx', 'mapping.yaml');
    const adopted = await vcloud(root, 'net', 'adopt', 'so-lieu-dia-chi.xlsx', '--mapping', 'mapping.yaml', '--name', 'plan');
    expect(adopted.data.files).toEqual(['network-plans/plan.lock.yaml', 'network-plans/plan.yaml']);
    expect(adopted.data.sheets.at(-1)).toMatchObject({ name: 'Cũ 2019', adopted: 0 });
    const plan = fs.readFileSync(path.join(root, 'network-plans/plan.yaml'), 'utf8');
    expect(plan).toMatch(/- \{ name: wifi-khach \}/u);
    expect(plan).toMatch(/domain: internet/u);
    expect(plan).toMatch(/key: so-y-te\/camera, .*owner: so-y-te/u);
    expect((await vcloud(root, 'net', 'plan')).exit).toBe(0);
    fs.writeFileSync(path.join(root, 'mapping.yaml'), 'apiVersion: vcloud/v1\nkind: AdoptMapping\ncolumn: {}\n');
    const wrong = await vcloud(root, 'net', 'adopt', 'so-lieu-dia-chi.xlsx', '--mapping', 'mapping.yaml', '--name', 'other');
    expect([wrong.exit, wrong.problems[0]?.code]).toEqual([1, 'CORE-SCHEMA-UNKNOWN-KEY']);
  });

  it('never overwrites, and writes nothing with --dry-run', async () => {
    const root = folderWith('registry.rpsl');
    const dry = await vcloud(root, 'net', 'adopt', 'registry.rpsl', '--dry-run');
    expect([dry.exit, fs.existsSync(path.join(root, 'network-plans'))]).toEqual([0, false]);
    fs.mkdirSync(path.join(root, 'network-plans'));
    const plan = path.join(root, 'network-plans/registry.yaml');
    await vcloud(root, 'net', 'adopt', 'registry.rpsl');
    expect(fs.readFileSync(plan, 'utf8')).toBe(dry.data.plan);
    const lock = fs.readFileSync(path.join(root, 'network-plans/registry.lock.yaml'), 'utf8');
    expect(lock).toBe(dry.data.lock);
    // As another plan the same blocks are held already; in a folder where only the lock is left its file is.
    const held = await vcloud(root, 'net', 'adopt', 'registry.rpsl', '--name', 'second');
    expect([held.exit, held.problems[0]?.code]).toEqual([1, 'NET-ADOPT-HELD']);
    fs.rmSync(plan);
    const refused = await vcloud(root, 'net', 'adopt', 'registry.rpsl');
    expect([refused.exit, refused.problems.map(({ code }) => code)]).toEqual([1, ['NET-ADOPT-EXISTS']]);
    expect([fs.existsSync(plan), fs.readFileSync(path.join(root, 'network-plans/registry.lock.yaml'), 'utf8')]).toEqual([false, lock]);
  });

  it('adopts beside other plans: their domains are used, their keys left alone', async () => {
    const root = federationFolder({
      'network-plans/a.yaml':
        'apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\ndomains: [{ name: inside }]\npools: [{ name: inside-v4, prefix: 192.168.0.0/16, domain: inside }]\nneeds: [{ key: office/lan, pool: inside-v4, length: 24 }]\n',
      'list.csv': 'Prefix,VRF,Owner,Name\n10.0.0.0/24,Inside,Office,LAN\n',
    });
    await vcloud(root, 'net', 'allocate');
    expect((await vcloud(root, 'net', 'adopt', 'list.csv')).exit).toBe(0);
    expect((await vcloud(root, 'net', 'plan')).exit).toBe(0);
    const plan = fs.readFileSync(path.join(root, 'network-plans/list.yaml'), 'utf8');
    expect(plan).not.toMatch(/^domains:/mu);
    expect(plan).toMatch(/name: inside-v4-2, prefix: 10.0.0.0\/24, domain: inside/u);
    expect(plan).toMatch(/key: office\/lan\/10.0.0.0-24/u);
  });

  it('ends with 1 where nothing is to be read', async () => {
    const root = federationFolder({ 'a.csv': 'Name,Phone\nx,1\n' });
    expect(await vcloud(root, 'net', 'adopt', 'a.csv')).toMatchObject({ exit: 1, problems: [{ code: 'NET-ADOPT-NOTHING' }] });
    expect(await vcloud(root, 'net', 'adopt', 'b.csv')).toMatchObject({ exit: 1, problems: [{ code: 'CORE-FILE-MISSING' }] });
    expect(fs.existsSync(path.join(root, 'network-plans'))).toBe(false);
  });

  it('puts many needs in a table', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255},Office ${index % 50},host ${index}`);
    const root = federationFolder({ 'hosts.csv': `IP,Owner,Name\r\n${rows.join('\r\n')}\r\n` });
    const adopted = await vcloud(root, 'net', 'adopt', 'hosts.csv');
    expect(adopted.data.files).toEqual(['network-plans/data/hosts.csv', 'network-plans/hosts.lock.yaml', 'network-plans/hosts.yaml']);
    expect([adopted.data.keys, adopted.data.findings]).toEqual([20_000, { 'NET-ADOPT-NO-LENGTH': 79 }]);
    expect(await vcloud(root, 'net', 'plan')).toMatchObject({ exit: 0, data: { unchanged: 20_000 } });
  });
});

it('the sample workbook is what its script writes', async () => {
  const read = await readWorkbook('sample', fs.readFileSync(path.join(samples, 'so-lieu-dia-chi.xlsx')));
  expect(read.map(({ name, hidden }) => [name, hidden])).toEqual(written.map(({ name, hidden }) => [name, hidden === true]));
  read.forEach(({ rows }, index) => {
    for (const [number, row] of (written[index]?.rows ?? []).entries()) {
      for (const [column, cell] of row.entries()) if (cell !== null) expect(rows[number]?.cells[column]).toBe(String(cell));
    }
  });
});
