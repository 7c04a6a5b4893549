import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What some work used. */
export interface Figures {
  /** User and system CPU seconds; of a command: of all its processes. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Peak resident memory of the largest process, mebibytes; undefined where it cannot be told. */
  readonly peakMiB?: number | undefined;
}

/** A command that ran to its end. */
export interface Usage extends Figures {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Exit codes that are no failure. */
  readonly accept?: readonly number[];
}

const gnuTime = '/usr/bin/time';

/**
 * Runs a command to its end and measures it from outside, so that start-up and children count.
 * @throws Error when it ends with a code that is not accepted
 */
export function measureCommand(command: string, args: readonly string[], options: CommandOptions = {}): Usage {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-bench-time-'));
  const log = path.join(folder, 'time');
  const { cwd, env, accept = [0] } = options;
  const spawn = { cwd, env, encoding: 'utf8', maxBuffer: 1 << 30 } as const;
  const started = performance.now();
  const result = fs.existsSync(gnuTime)
    ? spawnSync(gnuTime, ['-f', '%U %S %M', '-o', log, command, ...args], spawn)
    : spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; exec 3>&2; { time "$@" 2>&3; } 2>"$0"', log, command, ...args], spawn);
  const wallSeconds = (performance.now() - started) / 1000;
  const [user = NaN, system = NaN, peak] = fs.existsSync(log) ? (fs.readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number) : [];
  fs.rmSync(folder, { recursive: true, force: true });
  const { stdout, stderr } = result;
  const status = result.status ?? 1;
  if (!accept.includes(status)) {
    throw new Error(
      `${path.basename(command)} ${args.slice(0, 4).join(' ')} ended with ${status}: ${(stderr || stdout || String(result.error)).slice(0, 1500)}`,
    );
  }
  return { cpuSeconds: user + system, wallSeconds, ...(peak === undefined ? {} : { peakMiB: peak / 1024 }), stdout, stderr, status };
}

/** Runs the toolkit's command line in `folder`, with the toolkit of `toolkit` (this repository by default). */
export function vcloud(folder: string, args: readonly string[], options: Omit<CommandOptions, 'cwd'> & { toolkit?: string } = {}): Usage {
  const { toolkit = fileURLToPath(new URL('..', import.meta.url)), ...rest } = options;
  return measureCommand(process.execPath, [path.join(toolkit, 'bin/vcloud.js'), ...args], { ...rest, cwd: folder });
}

/** The `data` of a `--json` answer. */
export function dataOf<T>(usage: Usage): T {
  return (JSON.parse(usage.stdout) as { data: T }).data;
}

/** Runs work in this process; the CPU seconds are this process's own, its collector and compiler included. */
export async function measureHere<T>(work: () => T | Promise<T>): Promise<{ value: T } & Figures> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = await work();
  const wallSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { value, cpuSeconds: (user + system) / 1e6, wallSeconds };
}

/** What a part of a benchmark gives back from the process it ran in. */
export interface Part extends Partial<Figures> {
  readonly answer: string;
}

/** Parts of a benchmark that run in a process of their own, so that none warms up or fills the memory of another. */
export type Parts = Readonly<Record<string, (...args: string[]) => Promise<Part[]>>>;

/**
 * Runs `parts[name]` of `bench/<file>.ts` in a fresh process. Figures a part did not take itself are those of the process;
 * the peak memory is always the process's.
 */
export function measurePart(file: string, name: string, ...args: readonly string[]): (Figures & { readonly answer: string })[] {
  const child = fileURLToPath(new URL('part.ts', import.meta.url));
  const usage = measureCommand(process.execPath, ['--expose-gc', child, file, name, ...args]);
  const parts = JSON.parse(usage.stdout.trim().split('\n').at(-1) ?? '[]') as Part[];
  const { cpuSeconds, wallSeconds, peakMiB } = usage;
  return parts.map((part) => ({ cpuSeconds, wallSeconds, ...part, peakMiB }));
}

/** As {@link measurePart} where there is one answer. */
export function measureOne(file: string, name: string, ...args: readonly string[]): Figures & { readonly answer: string } {
  const [only] = measurePart(file, name, ...args);
  if (!only) throw new Error(`${file}: ${name} gave no answer`);
  return only;
}

const folders: string[] = [];

/** A new folder that is gone when the bench ends. */
export function temporaryFolder(): string {
  if (folders.length === 0) {
    process.once('exit', () => {
      for (const made of folders) fs.rmSync(made, { recursive: true, force: true });
    });
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-bench-'));
  folders.push(folder);
  return folder;
}

/** Writes `files` (paths below `root`). */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

/** Stops the benchmark when an answer is not what it must be: a wrong answer has no time. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`wrong answer: ${what}`);
}
