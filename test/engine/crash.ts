import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive, type Problem } from '../../modules/core/index.ts';
import { apply, plan, readState, type ApplyRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { stackOf, temporaryRoot } from './fixtures.ts';

/** What is killed while an apply runs: our process, the engine's, our whole process group, or both at once. */
export const killKinds = ['vcloud', 'engine', 'group', 'everything'] as const;
export type KillKind = (typeof killKinds)[number];

const perStack = 6;
/** Every resource takes a while and leaves one line when it is made: a second line is a thing made twice. */
export const slowStacks: readonly SynthesisedStack[] = ['a', 'b', 'c', 'd'].map((agency) => {
  const names = Array.from({ length: perStack }, (_, index) => `thing__${agency}${index}`);
  const resources = names.map((name, index) => [
    name,
    {
      input: { name, text: 'x'.repeat(200) },
      provisioner: [{ 'local-exec': { command: `sleep 0.04; echo ${name} >> ../../../made.txt` } }],
      ...(index >= 2 ? { depends_on: [`terraform_data.${names[index - 2] ?? ''}`] } : {}),
    },
  ]);
  return stackOf({
    path: `${agency}.lab.workload`,
    dependsOn: agency === 'd' ? ['a.lab.workload'] : [],
    resources: Object.fromEntries(resources) as Record<string, unknown>,
  });
});

export interface CrashOutcome {
  /** Resources made more than once. */
  readonly twice: readonly string[];
  /** Resources never made. */
  readonly never: readonly string[];
  /** Resources a whole state knew after the crash and that have another id or none in the end. */
  readonly lost: readonly string[];
  /** Resources the engine said it could not tell of. */
  readonly admitted: readonly string[];
  /** Whether the state of every stack holds every resource in the end. */
  readonly complete: boolean;
  /** Whether a plan of everything, nothing taken from memory, shows no difference in the end. */
  readonly settled: boolean;
  readonly problems: readonly Problem[];
  /** Whether the kill came while the apply was under way. */
  readonly struck: boolean;
}

/** Plans, applies in a process of its own, kills `kind` after `delay` ms of applying, and goes on until nothing is left to do. */
export async function crashAndResume(kind: KillKind, delay: number): Promise<CrashOutcome> {
  const root = temporaryRoot();
  const stacksFile = path.join(root, 'stacks.json');
  fs.writeFileSync(stacksFile, JSON.stringify(slowStacks));
  const first = await plan({ root, stacks: slowStacks });
  const directory = first.directory ?? '';
  const driver = start(root, stacksFile, directory);
  let printed = '';
  driver.stdout?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
  await until(() => pids(root).length > 0);
  await pause(delay);
  const struck = driver.exitCode === null && pids(root).length > 0;
  if (kind === 'group') process.kill(-(driver.pid ?? 0), 'SIGKILL');
  if (kind === 'vcloud' || kind === 'everything') driver.kill('SIGKILL');
  if (kind === 'engine' || kind === 'everything') for (const pid of pids(root).slice(0, kind === 'engine' ? 1 : 9)) killQuietly(pid);
  await until(() => (driver.exitCode !== null || driver.signalCode !== null) && driver.stdout?.closed !== false);

  const known = kind === 'engine' || kind === 'everything' ? idsOf(root) : new Map<string, unknown>();
  const problems: Problem[] = [];
  if (kind === 'engine') problems.push(...((JSON.parse(printed) as ApplyRun).problems ?? []));
  // The same directory first: it skips what is applied and tells what must be planned again.
  const again = await apply({ root, directory, stacks: slowStacks });
  problems.push(...(again.problems ?? []));
  for (let round = 0; round < 4; round++) {
    const next = await plan({ root, stacks: slowStacks });
    problems.push(...(next.problems ?? []));
    if (next.stacks.every((stack) => stack.state === 'unchanged')) break;
    const done: ApplyRun = await apply({ root, directory: next.directory ?? '', stacks: slowStacks });
    problems.push(...(done.problems ?? []));
  }
  const settled = await plan({ root, stacks: slowStacks, all: true });
  await pause(100);

  const wanted = slowStacks.flatMap((stack) => stack.resources.map((resource) => resource.planned.replace('terraform_data.', '')));
  const lines = fs.readFileSync(path.join(root, 'made.txt'), 'utf8').trim().split('\n');
  const ids = idsOf(root);
  const outcome: CrashOutcome = {
    twice: wanted.filter((name) => lines.filter((line) => line === name).length > 1),
    never: wanted.filter((name) => !lines.includes(name)),
    lost: [...known].filter(([address, id]) => ids.get(address) !== id).map(([address]) => address),
    admitted: admitted(problems),
    complete: slowStacks.every((stack) => readState(root, stack.path)?.length === perStack),
    settled: settled.stacks.every((stack) => stack.state === 'unchanged'),
    problems,
    struck,
  };
  fs.rmSync(root, { recursive: true, force: true });
  return outcome;
}

/**
 * What must hold after a kill. Only where the engine itself was killed can a thing be made twice: it was under way or
 * done and not yet written to the state, and then the engine's room says which.
 */
export function expectedAfter(kind: KillKind, outcome: CrashOutcome): Partial<CrashOutcome> {
  const mayRepeat = kind === 'engine' || kind === 'everything';
  const twice = mayRepeat ? outcome.twice.filter((name) => outcome.admitted.includes(name)) : [];
  return { twice, never: [], lost: [], complete: true, settled: true };
}

export function start(root: string, stacksFile: string, directory: string): ChildProcess {
  const node = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');
  const script = path.join(import.meta.dirname, 'apply-driver.ts');
  // A group of its own, to be killed as a whole without killing the test.
  return spawn(node, ['--conditions=vcloud-source', script, root, stacksFile, directory], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Process ids of the engines that apply right now. */
export function pids(root: string): number[] {
  return slowStacks.flatMap((stack) => {
    try {
      const pid = Number(fs.readFileSync(path.join(root, '.vcloud/state', stack.path, 'running.pid'), 'utf8'));
      return isAlive(pid) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

function idsOf(root: string): Map<string, unknown> {
  return new Map(
    slowStacks.flatMap((stack) =>
      (readState(root, stack.path) ?? []).map((resource) => [`${stack.path} ${resource.address}`, resource.attributes['id']] as const),
    ),
  );
}

/** Names in the ENGINE-UNRECORDED problems. */
function admitted(problems: readonly Problem[]): string[] {
  return problems
    .filter((found) => found.code === 'ENGINE-UNRECORDED')
    .flatMap((found) => [...found.message.matchAll(/terraform_data\.(\w+)/gu)].map((match) => match[1] ?? ''));
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 30_000) throw new Error('waited too long');
    await pause(5);
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
