import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError, type Reporter } from '../../modules/core/index.ts';
import { apply, lastLines, plan, readState, type ApplyOptions, type ApplyRun, type PlanRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { pids, slowStacks, start, until } from '../engine/crash.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';

// The rows of docs/failures.md. What a provider or a cloud would do is done by commands of built-in resources and by a
// program named terraform that stands before the real one; both are named where they are used.
const roots: string[] = [];
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}
const realPath = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = realPath;
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

const running = (name: string, command: string): unknown => ({ input: name, provisioner: [{ 'local-exec': { command } }] });
const one = (name: string, body: unknown, dependsOn: readonly string[] = []): SynthesisedStack =>
  stackOf({ path: `${name}.lab.workload`, dependsOn, resources: { [name]: body } });
const quietly = (told: string[]): Reporter => ({ start: () => {}, progress: () => {}, end: () => {}, note: (text) => void told.push(text) });

async function planned(root: string, stacks: readonly SynthesisedStack[]): Promise<PlanRun & { directory: string }> {
  const run = await plan({ root, stacks });
  return { ...run, directory: run.directory ?? '' };
}
async function applied(root: string, stacks: readonly SynthesisedStack[], more: Partial<ApplyOptions> = {}): Promise<ApplyRun> {
  const { directory } = await planned(root, stacks);
  return await apply({ root, directory, stacks, ...more });
}
const results = (run: ApplyRun): Record<string, string> => Object.fromEntries(run.stacks.map((stack) => [stack.path.split('.')[0] ?? '', stack.result]));
const problemsOf = async (work: Promise<unknown>): Promise<ProblemError['problems']> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  throw new Error('was not refused');
};

/** Puts a program named terraform before the real one; the script sees the real one as $REAL. */
function standBefore(root: string, script: string): void {
  const real = execFileSync('/bin/sh', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim();
  const folder = path.join(root, 'bin');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'terraform'), `#!/bin/sh\nREAL=${real}\nHERE=${folder}\n${script}\nexec "$REAL" "$@"\n`, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${realPath ?? ''}`;
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(fs.readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Whether file systems may be mounted here: only trying tells, a sandbox may refuse it to root too. */
function mayMount(): boolean {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', folder]).status === 0;
  if (mounted) spawnSync('umount', ['-l', folder]);
  fs.rmdirSync(folder);
  return mounted;
}
const rootOnly = mayMount();

describe.skipIf(noEngine !== undefined)(`what goes wrong${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('two applies at once: the second is refused, and the first is named', async () => {
    const root = newRoot();
    const stacksFile = path.join(root, 'stacks.json');
    fs.writeFileSync(stacksFile, JSON.stringify(slowStacks));
    const { directory } = await planned(root, slowStacks);
    const first = start(root, stacksFile, directory);
    await until(() => pids(root).length > 0);
    const [found] = await problemsOf(apply({ root, directory, stacks: slowStacks }));
    expect(found).toMatchObject({ code: 'CORE-LOCKED' });
    expect(found?.message).toContain(`"apply", process ${first.pid ?? 0}`);
    await until(() => first.exitCode !== null);
    expect(first.exitCode).toBe(0);
  });

  it('the engine or a provider crashes: failed with what it left, what depends on it is stopped, the others go on', async () => {
    const root = newRoot();
    // The command ends the engine that runs it.
    const stacks = [one('crash', running('crash', 'kill -9 $PPID; sleep 1')), one('after', { input: 1 }, ['crash.lab.workload']), one('other', { input: 2 })];
    const run = await applied(root, stacks);
    expect(results(run)).toEqual({ after: 'stopped', crash: 'failed', other: 'applied' });
    expect(run.stacks.find(({ path: name }) => name === 'after.lab.workload')).toMatchObject({
      by: 'crash.lab.workload',
      because: 'crash.lab.workload failed',
    });
    expect(run.stacks.find(({ path: name }) => name === 'crash.lab.workload')?.because).toContain('the engine was ended by SIGKILL');
    expect(run.problems).toMatchObject([{ code: 'ENGINE-UNRECORDED', subject: 'crash.lab.workload' }]);
  });

  it('a provider hangs in an apply: told while it lasts, left alone after its time, never signalled, and taken up again', async () => {
    const root = newRoot();
    const stacks = [one('hang', running('hang', 'sleep 5')), one('after', { input: 1 }, ['hang.lab.workload'])];
    const told: string[] = [];
    const run = await applied(root, stacks, { timeout: 3, silence: 1, reporter: quietly(told) });
    expect(results(run)).toEqual({ after: 'stopped', hang: 'failed' });
    expect(run.stacks[1]?.because).toMatch(/no end after 3 s .*goes on alone and is never signalled/u);
    expect(told.some((text) => /hang\.lab\.workload: no event for \d+ s \(in flight: terraform_data\.hang\)/u.test(text))).toBe(true);
    expect(await problemsOf(plan({ root, stacks, timeout: 0.2 }))).toMatchObject([{ code: 'ENGINE-STILL-RUNNING', subject: 'hang.lab.workload' }]);
    // It went on: the next plan finds it well ended.
    const next = await plan({ root, stacks });
    expect(next.stacks.map(({ state }) => state)).toEqual(['planned', 'unchanged']);
    expect(readState(root, 'hang.lab.workload')).toHaveLength(1);
  });

  it('a provider hangs in a plan: ended after its time, which changes nothing', async () => {
    const root = newRoot();
    // Stands for a provider that does not answer while it plans.
    standBefore(root, 'case "$PWD $1" in *hang.lab.workload" plan") sleep 60;; esac');
    const run = await plan({ root, stacks: [one('hang', { input: 1 }), one('other', { input: 1 })], timeout: 2 });
    expect(run.stacks.map(({ state }) => state)).toEqual(['failed', 'planned']);
    expect(run.stacks[0]?.error).toContain('did not end within 2 s and was ended (engine.timeout)');
  });

  it('a dead API half way: what was begun is not tried again by itself, the log tells the last of it', async () => {
    const root = newRoot();
    // A connection to a port nobody listens on stands for the cloud's API.
    const dead = {
      input: 1,
      depends_on: ['terraform_data.first'],
      provisioner: [{ 'local-exec': { command: 'exec 3<>/dev/tcp/127.0.0.1/1', interpreter: ['/bin/bash', '-c'] } }],
    };
    const stacks = [
      stackOf({ path: 'dead.lab.workload', resources: { first: { input: 1 }, second: dead } }),
      one('after', { input: 1 }, ['dead.lab.workload']),
    ];
    const run = await applied(root, stacks, { firstPause: 1 });
    expect(results(run)).toEqual({ after: 'stopped', dead: 'failed' });
    const failed = run.stacks.find(({ path: name }) => name === 'dead.lab.workload');
    expect(failed?.cutOff).toBe(true);
    expect(failed?.attempts).toBeUndefined();
    expect(lastLines(root, failed?.log ?? '').join('\n')).toMatch(/Connection refused/u);
    expect(readState(root, 'dead.lab.workload')?.map(({ address }) => address)).toContain('terraform_data.first');
  });

  it('an expired token: failed with the words of the cloud, and tried once', async () => {
    const root = newRoot();
    // The command says what Keystone's client does.
    const run = await applied(root, [one('token', running('token', 'echo "The request you have made requires authentication. (HTTP 401)" >&2; exit 1'))], {
      firstPause: 1,
    });
    expect(run.stacks[0]?.result).toBe('failed');
    expect(run.stacks[0]?.attempts).toBeUndefined();
    expect(run.stacks[0]?.because).toContain('HTTP 401');
  });

  it('a connection cut while planning, a state locked for a moment: tried again, and how often is told', async () => {
    const root = newRoot();
    const diagnostic = JSON.stringify({ '@level': 'error', type: 'diagnostic', diagnostic: { severity: 'error', summary: 'Error acquiring the state lock' } });
    // The first plan and the first apply fail as they do when a connection is cut and when somebody holds the lock.
    standBefore(
      root,
      `if [ "$1" = plan ] && mkdir "$HERE/planned" 2>/dev/null; then echo "read: connection reset by peer" >&2; exit 1; fi
if [ "$1" = apply ] && mkdir "$HERE/applied" 2>/dev/null; then echo '${diagnostic}'; exit 1; fi`,
    );
    const stacks = [one('a', { input: 1 })];
    const told: string[] = [];
    const run = await plan({ root, stacks, firstPause: 1, reporter: quietly(told) });
    expect(run.stacks[0]).toMatchObject({ state: 'planned', attempts: 2 });
    const done = await apply({ root, directory: run.directory ?? '', stacks, firstPause: 1, reporter: quietly(told) });
    expect(done.stacks[0]).toMatchObject({ result: 'applied', attempts: 2 });
    expect(told.map((text) => text.split(';')[0])).toEqual([
      'a.lab.workload: the connection was cut',
      'a.lab.workload: the state is locked, nothing was begun',
    ]);
  });

  describe.skipIf(!rootOnly)(`of the disk${rootOnly ? '' : ' (skipped: needs root and mount)'}`, () => {
    const mounted: string[] = [];
    afterEach(() => {
      for (const folder of mounted.splice(0)) spawnSync('umount', ['-l', folder]);
    });
    const mount = (...args: readonly string[]): void => {
      execFileSync('mount', args);
      mounted.push(args.at(-1) ?? '');
    };

    it('full: the apply fails and says so, what was made is told or recorded, and goes on once there is room', async () => {
      const root = newRoot();
      const states = path.join(root, '.vcloud/state');
      fs.mkdirSync(states, { recursive: true });
      mount('-t', 'tmpfs', '-o', 'size=400k', 'none', states);
      const stacks = [
        one('big', {
          input: 'x'.repeat(60_000),
          provisioner: [{ 'local-exec': { command: 'test -e ../../../filled || { touch ../../../filled; head -c 400000 /dev/zero > ../fill; } || true' } }],
        }),
        one('after', { input: 1 }, ['big.lab.workload']),
      ];
      const { directory } = await planned(root, stacks);
      const run = await apply({ root, directory, stacks });
      expect(results(run)).toEqual({ after: 'stopped', big: 'failed' });
      expect(run.stacks.find(({ path: name }) => name === 'big.lab.workload')?.because).toMatch(/could not write the state|no space left on device/iu);
      fs.rmSync(path.join(states, 'fill'));
      // What the engine could not write where it belongs it may have left beside; then nothing goes on before somebody looked.
      const errored = path.join(states, 'big.lab.workload/errored.tfstate');
      if (fs.existsSync(errored)) {
        const told = await plan({ root, stacks }).then(
          ({ problems = [] }) => problems,
          (error: unknown) => (error instanceof ProblemError ? error.problems : []),
        );
        expect(told).toMatchObject([{ code: 'ENGINE-STATE-ERRORED', subject: 'big.lab.workload' }]);
        if (isWhole(errored)) fs.renameSync(errored, path.join(states, 'big.lab.workload/terraform.tfstate'));
        else fs.rmSync(errored);
      }
      for (let round = 0; round < 3; round++) {
        const next = await plan({ root, stacks });
        if (next.stacks.every(({ state }) => state === 'unchanged')) break;
        await apply({ root, directory: next.directory ?? '', stacks });
      }
      expect(readState(root, 'big.lab.workload')).toHaveLength(1);
    });

    it('read-only: refused before anything is applied', async () => {
      const root = newRoot();
      const stacks = [one('a', { input: 1 }), one('b', { input: 1 })];
      const { directory } = await planned(root, stacks);
      const states = path.join(root, '.vcloud/state');
      mount('--bind', states, states);
      execFileSync('mount', ['-o', 'remount,ro,bind', states]);
      const problems = await problemsOf(apply({ root, directory, stacks }));
      expect(problems.map(({ code, subject }) => [code, subject])).toEqual([
        ['ENGINE-STATE-FOLDER', 'a.lab.workload'],
        ['ENGINE-STATE-FOLDER', 'b.lab.workload'],
      ]);
      expect(fs.existsSync(path.join(root, '.vcloud/journal'))).toBe(false);
    });
  });
});
