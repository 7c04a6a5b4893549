import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan, type ApplyRun } from '../../modules/engine/index.ts';
import { crashAndResume, expectedAfter, killKinds, pids, slowStacks, start, until } from './crash.ts';
import { noEngine, temporaryRoot } from './fixtures.ts';

// Ten of each kind at different moments: test/lab/engine-kill.test.ts.
describe.skipIf(noEngine !== undefined)(`apply that is killed${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it.each(killKinds)('%s: nothing is lost, what is done is not done again, and the end is without differences', async (kind) => {
    const outcome = await crashAndResume(kind, 120);
    expect(outcome.struck).toBe(true);
    expect(outcome).toMatchObject(expectedAfter(kind, outcome));
  });

  it('interrupted: starts nothing more, waits for what runs, signals nothing', async () => {
    const root = temporaryRoot();
    const stacksFile = path.join(root, 'stacks.json');
    fs.writeFileSync(stacksFile, JSON.stringify(slowStacks));
    const run = await plan({ root, stacks: slowStacks });
    const driver = start(root, stacksFile, run.directory ?? '');
    let printed = '';
    driver.stdout?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
    await until(() => pids(root).length === 2);
    process.kill(-(driver.pid ?? 0), 'SIGINT');
    await until(() => driver.exitCode !== null && driver.stdout?.closed !== false);
    const applied = JSON.parse(printed) as ApplyRun;
    expect(applied.stacks.map(({ path: name, result, because }) => [name, result, because])).toEqual([
      ['a.lab.workload', 'applied', undefined],
      ['b.lab.workload', 'applied', undefined],
      ['c.lab.workload', 'stopped', 'interrupted before it began'],
      ['d.lab.workload', 'stopped', 'interrupted before it began'],
    ]);
    expect(fs.readFileSync(path.join(root, 'made.txt'), 'utf8').trim().split('\n')).toHaveLength(12);
    fs.rmSync(root, { recursive: true, force: true });
  });
});
