import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { federationFolder } from '../folder.ts';

const program = fileURLToPath(new URL('../../../bin/vcloud.js', import.meta.url));
const vcloud = (root: string, ...args: string[]): { status: number | null; stdout: string } =>
  spawnSync(process.execPath, [program, ...args, '-C', root], { encoding: 'utf8' });

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools: [{ name: p, prefix: 10.0.0.0/24, domain: d }]
needs:
  - { key: x, pool: p, length: 26 } # the first
`;

describe('vcloud net edits', () => {
  it('show first and write plan and lock together with --write', () => {
    const root = federationFolder({ 'network-plans/a.yaml': plan });
    const read = (name: string): string => fs.readFileSync(path.join(root, 'network-plans', name), 'utf8');
    vcloud(root, 'net', 'allocate');
    const lock = read('a.lock.yaml');
    const shown = vcloud(root, 'net', 'rename', 'x', 'y/z');
    expect([shown.status, read('a.yaml'), read('a.lock.yaml')]).toEqual([2, plan, lock]);
    expect(shown.stdout).toContain('~ x -> y/z  10.0.0.0/26  (p)\n');
    expect(shown.stdout).toContain('-   - { key: x, pool: p, length: 26 } # the first\n+   - { key: y/z, pool: p, length: 26 } # the first\n');
    const written = vcloud(root, 'net', 'rename', 'x', 'y/z', '--write', '--json');
    expect(written.status).toBe(0);
    expect(JSON.parse(written.stdout)).toMatchObject({
      ok: true,
      data: { unchanged: 0, written: ['network-plans/a.lock.yaml', 'network-plans/a.yaml'], rows: [{ kind: 'rename', key: 'x', heirs: ['y/z'] }] },
    });
    expect(read('a.yaml')).toBe(plan.replace('key: x', 'key: y/z'));
    expect(read('a.lock.yaml')).toBe(lock.replace('  x:', '  y/z:'));
    expect(vcloud(root, 'net', 'plan').status).toBe(0);
    expect(vcloud(root, 'net', 'retire', 'y/z', '--write', '--until', '2027-01-01').status).toBe(1);
    expect(vcloud(root, 'net', 'retire', 'y/z', '--write', '--until', '2027-01-01', '--allow-release', 'y/z').status).toBe(0);
    expect(read('a.lock.yaml')).toContain('  y/z: {v4: "10.0.0.0/26", pool4: p, state: released, until: "2027-01-01"}\n');
    expect(vcloud(root, 'net', 'plan').status).toBe(0);
    expect(vcloud(root, 'net', 'retire', '--expired', '--as-of', '2027-01-02', '--write').status).toBe(0);
    expect(read('a.lock.yaml')).toContain('allocations: {}\n');
  });
});
