import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { noEngine } from '../engine/fixtures.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const made = fs.mkdtempSync(path.join(tmpdir(), 'vcloud-library-'));
afterAll(() => fs.rmSync(made, { recursive: true, force: true }));

describe('the engine as a library', () => {
  it.skipIf(noEngine !== undefined)(`drives a federation from the documented program${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
    const federation = path.join(made, 'federation');
    const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(process.execPath, ['--conditions=vcloud-source', ...words], { cwd: repository, encoding: 'utf8' });
    expect(run('bin/vcloud.js', 'init', '-C', federation).status).toBe(0);
    fs.mkdirSync(path.join(federation, 'units/net'), { recursive: true });
    fs.writeFileSync(path.join(federation, 'units/net/main.tf'), 'resource "terraform_data" "x" {\n  input = "x"\n}\n');
    fs.appendFileSync(path.join(federation, 'vcloud.yaml'), 'stacks:\n  - { path: units/net, agency: office, environment: sandbox }\n');
    const first = run('docs/examples/deploy.ts', federation, 'all');
    const lines = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first.stderr).toBe('');
    expect(lines.find((line) => 'plan' in line)).toMatchObject({ gone: 0 });
    expect(lines.some((line) => line['step'] === 'apply' && line['failed'] === false)).toBe(true);
    expect(first.status).toBe(0);
    expect(run('docs/examples/deploy.ts', federation).stdout).toMatch(/ENGINE-NOTHING-SELECTED/u);
    const refused = run('docs/examples/deploy.ts', federation, 'path:nothing.*');
    expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining('ENGINE-NOTHING-SELECTED')]);
  });
});
