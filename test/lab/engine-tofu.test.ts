import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProblemError } from '../../modules/core/index.ts';
import { apply, childEnvironment, findEngine, listStacks, plan, readState } from '../../modules/engine/index.ts';
import { stackOf } from '../engine/fixtures.ts';
import { because, present, terraformBinary, tofuBinary } from './support/lab.ts';

const tofu = tofuBinary();
const terraform = terraformBinary();
const why = because(tofu);
const both = because(tofu, terraform);

const folders: string[] = [];
const realPath = process.env['PATH'] ?? '';
function temporary(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `vcloud-${name}-`));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  process.env['PATH'] = realPath;
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** The search path of this process with `tofu` on it and without `terraform`: its folders keep every other program. */
function pathWithoutTerraform(): string {
  const own = temporary('tofu');
  fs.symlinkSync(present(tofu), path.join(own, 'tofu'));
  const kept = realPath.split(path.delimiter).map((folder, index) => {
    if (!fs.existsSync(path.join(folder, 'terraform'))) return folder;
    const shadow = path.join(own, `without-${index}`);
    fs.mkdirSync(shadow);
    for (const name of fs.readdirSync(folder)) if (name !== 'terraform') fs.symlinkSync(path.join(folder, name), path.join(shadow, name));
    return shadow;
  });
  return [own, ...kept].join(path.delimiter);
}

describe.skipIf(why !== '')(`the engine's own tests where OpenTofu is the only engine${why}`, () => {
  const PATH = why === '' ? pathWithoutTerraform() : '';

  it('finds it by itself', async () => {
    const found = await findEngine('auto', childEnvironment({ PATH }));
    expect(found).toMatchObject({ name: 'tofu' });
    expect(await findEngine('terraform', childEnvironment({ PATH }))).toMatchObject({ reason: 'terraform is not on PATH' });
  });

  it('passes plans, applies, stale directories, kills, lost states, removals and changed providers, every one of them', () => {
    const repository = path.resolve(import.meta.dirname, '../..');
    const report = path.join(temporary('report'), 'report.json');
    const suites = ['plan-apply', 'crash', 'recover', 'state', 'providers'].map((name) => `test/engine/${name}.test.ts`);
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|TF_)/u.test(name)));
    const ran = spawnSync('npx', ['vitest', 'run', '--project', 'unit', '--reporter=json', `--outputFile=${report}`, ...suites, 'test/engine/review'], {
      cwd: repository,
      encoding: 'utf8',
      env: { ...environment, PATH },
      timeout: 560_000,
    });
    expect(ran.status, `${ran.stdout}\n${ran.stderr}`).toBe(0);
    const result = JSON.parse(fs.readFileSync(report, 'utf8')) as { numPassedTests: number; numTotalTests: number };
    expect(result.numPassedTests).toBe(result.numTotalTests);
    expect(result.numPassedTests).toBeGreaterThan(30);
  });
});

describe.skipIf(both !== '')(`a federation that goes from one engine to the other${both}`, () => {
  const stack = (size: number): ReturnType<typeof stackOf> => stackOf({ path: 'moh.portal.workload', resources: { x_y__one: { input: { size } } } });

  it('is never applied by another engine than the one that planned; its state is taken over by the next plan', async () => {
    process.env['PATH'] = `${path.dirname(present(tofu))}${path.delimiter}${path.dirname(present(terraform))}${path.delimiter}${realPath}`;
    const root = temporary('both');
    const first = await plan({ root, stacks: [stack(1)], binary: 'terraform' });
    expect(first.engine?.name).toBe('terraform');
    for (const [planned, other] of [
      ['terraform', 'tofu'],
      ['tofu', 'terraform'],
    ] as const) {
      const run = await plan({ root, stacks: [stack(1)], binary: planned });
      const refused = await apply({ root, directory: run.directory ?? '', stacks: [stack(1)], binary: other }).catch((error: unknown) => error);
      expect((refused as ProblemError).problems).toMatchObject([{ code: 'ENGINE-STALE-ENGINE' }]);
      expect((refused as ProblemError).message).toContain(`planned with ${planned} `);
      expect(readState(root, 'moh.portal.workload')).toBeUndefined();
    }
    const run = await plan({ root, stacks: [stack(1)], binary: 'terraform' });
    await apply({ root, directory: run.directory ?? '', stacks: [stack(1)], binary: 'terraform' });
    // What Terraform left to be unchanged is asked again of OpenTofu, and found so.
    const next = await plan({ root, stacks: [stack(1)], binary: 'tofu' });
    expect(next.stacks).toMatchObject([{ state: 'unchanged' }]);
    expect(next.stacks[0]?.milliseconds).toBeGreaterThan(0);
    const changed = await plan({ root, stacks: [stack(2)], binary: 'tofu' });
    const done = await apply({ root, directory: changed.directory ?? '', stacks: [stack(2)], binary: 'tofu' });
    expect(done.stacks).toMatchObject([{ result: 'applied' }]);
    expect(readState(root, 'moh.portal.workload')?.[0]?.attributes['input']).toEqual({ size: 2 });
    expect(await listStacks({ root, stacks: [stack(2)], binary: 'tofu' })).toMatchObject([{ stack: 'moh.portal.workload', resources: 1 }]);
  });
});
