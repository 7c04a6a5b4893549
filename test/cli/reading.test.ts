import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';

const cli = path.resolve(import.meta.dirname, '../../bin/vcloud.js');

function run(root: string, ...args: string[]): { readonly exit: number; readonly out: string; readonly err: string } {
  try {
    const out = execFileSync(process.execPath, ['--conditions=vcloud-source', cli, ...args, '-C', root], { encoding: 'utf8', stdio: 'pipe' });
    return { exit: 0, out, err: '' };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { exit: status, out: stdout, err: stderr };
  }
}

describe.skipIf(noEngine !== undefined)('reading plans and the log', () => {
  it('an edited review is not shown, and a bad number of entries is refused', async () => {
    const root = temporaryRoot();
    const { directory = '' } = await plan({ root, stacks: [stackOf({ path: 'a.net.one', resources: { thing__one: { input: 1 } } })] });
    expect(run(root, 'show', directory).exit).toBe(0);
    fs.appendFileSync(path.join(root, directory, 'summary.md'), 'nothing is destroyed');
    const shown = run(root, 'show', directory);
    expect(shown).toMatchObject({ exit: 1, out: '' });
    expect(shown.err).toContain('ENGINE-STALE-REVIEW');
    for (const last of ['foo', '0', '-1', '1.5']) expect(run(root, 'log', 'show', `--last=${last}`)).toMatchObject({ exit: 1, out: '' });
    expect(run(root, 'log', 'show', '--last', '1')).toMatchObject({ exit: 0 });
    fs.rmSync(root, { recursive: true, force: true });
  });
});
