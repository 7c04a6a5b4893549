import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { finishWrites, loadAddressPlans, planAddresses, writeTogether } from '../../modules/network/index.ts';
import { federationFolder } from './folder.ts';

const plan = (name: string, key: string): string => `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: ${name} }
${name === 'a' ? 'domains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.0/24, domain: d }]\n' : ''}needs:
  - { key: ${key}, pool: p, length: 26 }
`;
const folder = (): string => federationFolder({ 'network-plans/a.yaml': plan('a', 'x'), 'network-plans/b.yaml': plan('b', 'y') });

const allocating = 'loadAndAllocate(root, () => loadAddressPlans(root))';

/** Allocates (or does other `work`) in a process of its own that is killed at one of its renames, just before or just after it. */
function killed(root: string, at: number, after: boolean, work = allocating): boolean {
  const network = fileURLToPath(new URL('../../modules/network/index.ts', import.meta.url));
  const script = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { renameSync, rmSync } = fs;
let left = ${at};
const deadly = (work) => (...args) => {
  const now = --left === 0;
  if (now && !${after}) process.kill(process.pid, 'SIGKILL');
  work(...args);
  if (now) process.kill(process.pid, 'SIGKILL');
};
fs.renameSync = deadly(renameSync);
fs.rmSync = (file, options) => (String(file).endsWith('network-write.json') ? deadly(rmSync)(file, options) : rmSync(file, options));
syncBuiltinESMExports();
const root = ${JSON.stringify(root)};
const { adoptFile, loadAndAllocate, loadAddressPlans } = await import(${JSON.stringify(network)});
await ${work};
`;
  const { signal, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  if (signal === null && status !== 0) throw new Error(stderr);
  return signal === 'SIGKILL';
}

const locks = (root: string): (string | undefined)[] =>
  ['a', 'b'].map((name) => {
    const file = path.join(root, `network-plans/${name}.lock.yaml`);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
  });

describe('locks of several plans', () => {
  it('are written together or not at all, wherever the process is killed', async () => {
    const done = folder();
    expect(killed(done, 99, false)).toBe(false);
    const wanted = locks(done);
    expect(wanted.every((text) => text?.includes('10.0.0.') === true)).toBe(true);
    // The record of the step, the two locks, and the record's removal.
    for (let at = 1; at <= 4; at++) {
      for (const after of [false, true]) {
        const root = folder();
        expect(killed(root, at, after), `${at}`).toBe(true);
        // The next command that reads the plans finishes what was begun.
        const { diff } = planAddresses(await loadAddressPlans(root));
        const begun = at > 1 || after;
        expect(locks(root), `${at} ${after}`).toEqual(begun ? wanted : [undefined, undefined]);
        expect([diff.add.length, diff.unchanged]).toEqual(begun ? [0, 2] : [2, 0]);
        expect(fs.readdirSync(path.join(root, '.vcloud')).filter((name) => name.startsWith('network-write'))).toEqual([]);
      }
    }
  });

  it('are left alone where somebody changed one of them after the crash', async () => {
    const root = folder();
    expect(killed(root, 2, true)).toBe(true);
    const file = path.join(root, 'network-plans/b.lock.yaml');
    fs.writeFileSync(file, 'apiVersion: vcloud/v1\nkind: NetworkLock\nallocations: {}\n');
    const before = locks(root);
    await expect(finishWrites(root)).rejects.toThrow('NET-WRITE-INTERRUPTED');
    expect(locks(root)).toEqual(before);
    fs.rmSync(file);
    await finishWrites(root);
    expect(locks(root).every((text) => text?.includes('10.0.0.') === true)).toBe(true);
  });

  it('are what they were where one of them cannot be written', () => {
    const root = federationFolder({ 'one.yaml': 'old\n' });
    // No folder can be made there.
    fs.symlinkSync('nowhere/at/all', path.join(root, 'three'));
    const texts = new Map(['one.yaml', 'two.yaml', 'three/three.yaml'].map((file) => [file, 'new\n']));
    expect(() => {
      writeTogether(root, texts);
    }).toThrow();
    expect(fs.readFileSync(path.join(root, 'one.yaml'), 'utf8')).toBe('old\n');
    expect(fs.readdirSync(root).sort()).toEqual(['.vcloud', 'one.yaml', 'three']);
    // Nothing is left for the next command to finish.
    expect(fs.readdirSync(path.join(root, '.vcloud')).filter((name) => name.startsWith('network-write'))).toEqual([]);
  });
});

describe('an adopted workbook', () => {
  it('is there whole or not at all, wherever the process is killed', async () => {
    const table = `prefix,owner\n${Array.from({ length: 1100 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24,o\n`).join('')}`;
    const work = "adoptFile(root, 'plan.csv')";
    const files = ['data/plan.csv', 'plan.lock.yaml', 'plan.yaml'];
    const there = (root: string): string[] => files.filter((file) => fs.existsSync(path.join(root, 'network-plans', file)));
    // The record of the step, the table, lock and plan, and the record's removal.
    for (const [at, after] of [
      [1, false],
      [3, true],
    ] as const) {
      const root = federationFolder({ 'plan.csv': table });
      expect(killed(root, at, after, work), `${at}`).toBe(true);
      await finishWrites(root);
      expect(there(root), `${at} ${after}`).toEqual(at === 1 ? [] : files);
      if (at > 1) expect(planAddresses(await loadAddressPlans(root)).diff).toMatchObject({ add: [], move: [], release: [], unchanged: 1100 });
    }
  });
});
