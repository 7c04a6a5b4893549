// What every store must do whose locks a run takes for itself: the same scenarios on each, against the real server.
import { spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import {
  apply,
  childEnvironment,
  heldLocks,
  plan,
  resume,
  unlockStates,
  type ApplyRun,
  type BackendSetting,
  type SynthesisedStack,
} from '../../../modules/engine/index.ts';
import { stackOf } from '../../engine/fixtures.ts';
import { made, operator, outcome, until } from './operators.ts';

/** A stack of things that each leave a line in `made.txt` of the federation's folder and take their time. */
export function slow(agency: string, count: number, seconds = 0.1): SynthesisedStack {
  return stackOf({
    path: `${agency}.lab.workload`,
    resources: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `thing__${agency}${index}`,
        { input: index, provisioner: [{ 'local-exec': { command: `echo ${agency}${index} >> ../../../made.txt; sleep ${seconds}` } }] },
      ]),
    ),
  });
}

export interface Scenario {
  readonly backend: BackendSetting;
  readonly newRoot: () => string;
}

const notes = (root: string): boolean => fs.existsSync(path.join(root, '.vcloud/held-locks.json'));

/**
 * Two operators at once: the second is refused every stack of the first, begun or not, with the holder named; so is
 * Terraform itself; a stack taken from a run is not begun by it. At the end no lock is left.
 */
export async function twoOperators({ backend, newRoot }: Scenario): Promise<void> {
  const stacks = ['h', 'i', 'j', 'k'].map((agency) => slow(agency, 1, 2));
  const [one, two] = [newRoot(), newRoot()];
  const first = await plan({ root: one, stacks, backend });
  const second = await plan({ root: two, stacks, backend });
  const running = operator('apply', one, stacks, backend, first.directory);
  const end = outcome(running);
  await until(() => made(one).length > 0);
  const refused = await apply({ root: two, stacks, backend, directory: second.directory ?? '' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  const { problems } = refused as ProblemError;
  expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'ENGINE-LOCKED'));
  for (const { message } of problems) expect(message).toContain(`process ${running.pid ?? 0} on `);
  expect(made(two)).toEqual([]);
  // Who knows nothing of vcloud is kept out too, and is told by whom.
  const said = terraformItself(two, 'k.lab.workload', backend);
  expect(said.replaceAll(/\s+/gu, ' ')).toMatch(/Error acquiring the state lock.*Who: .*Info: process \d+ on/u);
  const settings = { root: two, backend, stacks };
  await expect(unlockStates(settings, { stacks: ['k.lab.workload'] })).rejects.toThrow(/ENGINE-LOCK-HELD.*process \d+ on /u);
  await unlockStates(settings, { stacks: ['k.lab.workload'], force: true });
  const { stacks: ends = [] } = (await end) as Partial<ApplyRun>;
  expect(ends.find((stack) => stack.path === 'k.lab.workload')).toMatchObject({
    result: 'stopped',
    because: expect.stringContaining('released by somebody else') as string,
  });
  expect((await heldLocks(settings)).size).toBe(0);
  expect(notes(one)).toBe(false);
  expect(made(one).sort()).toEqual(['h0', 'i0', 'j0']);
}

/** A run that is killed leaves its locks; others see by whom; its own next run gives them back and goes on. */
export async function killedRun({ backend, newRoot }: Scenario): Promise<void> {
  const stacks = ['p', 'q', 'r'].map((agency) => slow(agency, 2, 1));
  const [one, two] = [newRoot(), newRoot()];
  const { directory = '' } = await plan({ root: one, stacks, backend });
  const second = await plan({ root: two, stacks, backend });
  const running: ChildProcess = operator('apply', one, stacks, backend, directory);
  const end = outcome(running);
  await until(() => made(one).length > 0);
  running.kill('SIGKILL');
  await end;
  // Its engines go on alone, without a lock of their own: the run's must keep others out until they have ended.
  await expect(apply({ root: two, stacks, backend, directory: second.directory ?? '' })).rejects.toThrow(/ENGINE-LOCKED.*process \d+ on /u);
  expect(made(two)).toEqual([]);
  const { applied, followUp } = await resume({ root: one, stacks, backend, directory });
  expect(applied?.problems?.map(({ code }) => code)).toContain('ENGINE-LOCK-LEFT');
  expect(applied?.stacks.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
  expect(followUp).toBeUndefined();
  expect(made(one).sort()).toEqual(['p0', 'p1', 'q0', 'q1', 'r0', 'r1']);
  expect((await heldLocks({ root: two, stacks, backend })).size).toBe(0);
  expect(notes(one)).toBe(false);
}

/** Of runs that want overlapping stacks at the same moment at least one gets all of its own, and no lock is left. */
export async function atTheSameMoment(take: (run: number, stacks: readonly string[]) => Promise<() => Promise<void>>): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const wanted = Array.from({ length: 6 }, (_, run) => [
      ...new Set(['all.of.them', ...Array.from({ length: 8 }, (__, index) => `s${(index * (run + 3)) % 16}.x.y`)]),
    ]);
    const ends = await Promise.allSettled(wanted.map((stacks, run) => take(round * 10 + run, stacks)));
    const won = ends.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // They all want one stack: two winners would both hold it.
    expect(won).toHaveLength(1);
    for (const one of ends) if (one.status === 'rejected') expect(String(one.reason)).toMatch(/ENGINE-LOCKED/u);
    await won[0]?.();
  }
}

/** Terraform on its own, on the same state: what it says. */
function terraformItself(root: string, stack: string, backend: BackendSetting): string {
  const folder = path.join(root, '.vcloud/state', stack);
  const credentials = backend.type === 'local' ? {} : backend.credentials;
  const variables = Object.fromEntries(Object.entries(credentials).map(([name, reference]) => [name, process.env[reference.replace(/^env:/u, '')] ?? '']));
  const ended = spawnSync('terraform', ['plan', '-input=false', '-no-color'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...childEnvironment(process.env), ...variables },
  });
  return ended.stdout + ended.stderr;
}
