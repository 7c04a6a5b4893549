import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive } from '../../modules/core/index.ts';
import { plan, readState, unfinishedPlan, type SynthesisedStack } from '../../modules/engine/index.ts';
import { stackOf, temporaryRoot } from './fixtures.ts';

/** What is killed: our process alone, our whole group, one of the engines, or everything at once. */
const kinds = ['vcloud', 'group', 'engine', 'everything'] as const;

/** Forty stacks of one to three slow resources, some after others. Each resource leaves one line when it is made. */
export const fortyStacks: readonly SynthesisedStack[] = Array.from({ length: 40 }, (_, index) => {
  const names = Array.from({ length: 1 + (index % 3) }, (__, number) => `thing__s${index}r${number}`);
  const bodies = names.map((name, number) => [
    name,
    {
      input: { name, text: 'x'.repeat(100) },
      provisioner: [{ 'local-exec': { command: `sleep 0.${10 + ((index * 7 + number) % 15)}; echo ${name} >> ../../../made.txt` } }],
      ...(number > 0 ? { depends_on: [`terraform_data.${names[number - 1] ?? ''}`] } : {}),
    },
  ]);
  const dependsOn = index % 5 === 4 ? [stackName(index - 4), stackName(index - 1)] : [];
  return stackOf({ path: stackName(index), dependsOn, resources: Object.fromEntries(bodies) as Record<string, unknown> });
});

function stackName(index: number): string {
  return `a${index % 4}.lab.part${String(index).padStart(2, '0')}`;
}

/** A generator of numbers in [0, 1) that gives the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is wrong after one federation was applied to its end through many kills; all empty when nothing is. */
export interface KillOutcome {
  readonly kills: Readonly<Record<(typeof kinds)[number], number>>;
  /** Made twice, although nothing said that this could be. */
  readonly twice: readonly string[];
  readonly never: readonly string[];
  /** Stacks with more than one apply that ended well. None is right where the engine was killed between its last write and its last word. */
  readonly appliedTwice: readonly string[];
  /** Stacks whose state is not what is declared. */
  readonly differs: readonly string[];
  /** Locks and marks of running applies that were left. */
  readonly left: readonly string[];
}

/** Plans once; a copy of what it leaves is a federation ready to be applied. */
export async function prepareTemplate(): Promise<{ readonly root: string; readonly directory: string }> {
  const root = temporaryRoot();
  fs.writeFileSync(path.join(root, 'stacks.json'), JSON.stringify(fortyStacks));
  const run = await plan({ root, stacks: fortyStacks });
  return { root, directory: run.directory ?? '' };
}

/** Applies a copy of the template to its end, killing at random moments, at most `most` times. */
export async function applyThroughKills(
  template: { readonly root: string; readonly directory: string },
  random: () => number,
  most: number,
): Promise<KillOutcome & { root: string }> {
  const root = temporaryRoot();
  fs.cpSync(template.root, root, { recursive: true, preserveTimestamps: true });
  const kills = { vcloud: 0, group: 0, engine: 0, everything: 0 };
  const total = (): number => Object.values(kills).reduce((all, one) => all + one, 0);
  for (let round = 0; isOpen(root, template.directory); round++) {
    if (round > most + 60) throw new Error(`not done after ${round} runs`);
    const driver = start(root, template.directory);
    const ended = new Promise<void>((resolve) => void driver.once('exit', () => resolve()));
    let over = false;
    void ended.then(() => (over = true));
    while (!over && total() < most) {
      await pause(random() * 300);
      const engines = pids(root);
      if (over || engines.length === 0) continue;
      const kind = kinds[Math.floor(random() * kinds.length)] ?? 'vcloud';
      kills[kind]++;
      if (kind === 'group') killQuietly(-(driver.pid ?? 0));
      if (kind === 'vcloud' || kind === 'everything') killQuietly(driver.pid ?? 0);
      if (kind === 'engine') killQuietly(engines[Math.floor(random() * engines.length)] ?? 0);
      if (kind === 'everything') for (const pid of engines) killQuietly(pid);
      if (kind !== 'engine') break;
    }
    await ended;
  }
  return { root, kills, ...judge(root) };
}

/** Whether anything of the plan, or of what continues it, is left to do. */
function isOpen(root: string, directory: string): boolean {
  const begun = fs.existsSync(path.join(root, '.vcloud/journal', `${path.basename(directory)}.ndjson`));
  return !begun || unfinishedPlan(root) !== undefined;
}

function judge(root: string): Omit<KillOutcome, 'kills'> {
  const wanted = fortyStacks.flatMap((stack) => stack.resources.map((resource) => resource.planned.replace('terraform_data.', '')));
  const made = fs.readFileSync(path.join(root, 'made.txt'), 'utf8').trim().split('\n');
  const ends = fs
    .readdirSync(path.join(root, '.vcloud/journal'))
    .flatMap((name) =>
      fs
        .readFileSync(path.join(root, '.vcloud/journal', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as { event: string; stack: string; result?: string; unrecorded?: string[] })
    .filter(({ event }) => event === 'end');
  const admitted = new Set(ends.flatMap(({ unrecorded = [] }) => unrecorded.map((address) => address.replace('terraform_data.', ''))));
  const applied = (stack: string): number => ends.filter((end) => end.stack === stack && end.result === 'applied').length;
  const files = fs.readdirSync(path.join(root, '.vcloud'), { recursive: true }).map(String);
  return {
    twice: wanted.filter((name) => made.filter((line) => line === name).length > 1 && !admitted.has(name)),
    never: wanted.filter((name) => !made.includes(name)),
    appliedTwice: fortyStacks.map((stack) => stack.path).filter((stack) => applied(stack) > 1),
    differs: fortyStacks.filter((stack) => !isDeclared(root, stack)).map((stack) => stack.path),
    left: files.filter((name) => /(^|\/)(lock|claim\.json|running\.json|running\.pid)$/u.test(name)),
  };
}

function isDeclared(root: string, stack: SynthesisedStack): boolean {
  const declared = (JSON.parse(stack.json) as { resource: { terraform_data: Record<string, { input: unknown }> } }).resource.terraform_data;
  const held = readState(root, stack.path) ?? [];
  const inputs = held.map(({ address, attributes }) => [address.replace('terraform_data.', ''), attributes['input']] as const);
  return (
    inputs.length === Object.keys(declared).length &&
    inputs.every(([name, input]) => JSON.stringify(sorted(input)) === JSON.stringify(sorted(declared[name]?.input)))
  );
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value;
}

function start(root: string, directory: string): ChildProcess {
  const node = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');
  const script = path.join(import.meta.dirname, 'resume-driver.ts');
  return spawn(node, ['--conditions=vcloud-source', script, root, path.join(root, 'stacks.json'), directory], { detached: true, stdio: 'ignore' });
}

function pids(root: string): number[] {
  return fortyStacks.flatMap((stack) => {
    try {
      const pid = Number(fs.readFileSync(path.join(root, '.vcloud/state', stack.path, 'running.pid'), 'utf8'));
      return isAlive(pid) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

function killQuietly(pid: number): void {
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
