import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** What a whole command used, children included. */
export interface Usage {
  /** User and system CPU seconds. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Peak resident memory of its largest process, mebibytes; undefined where GNU time is absent. */
  readonly peakMiB?: number | undefined;
  readonly stdout: string;
  readonly status: number;
}

const gnuTime = '/usr/bin/time';

/** Runs a command to its end and measures it from outside, so that start-up counts. */
export function measureCommand(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Usage {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-bench-')), 'time');
  const exact = fs.existsSync(gnuTime);
  const started = performance.now();
  const result = exact
    ? spawnSync(gnuTime, ['-f', '%U %S %M', '-o', log, command, ...args], { ...options, encoding: 'utf8', maxBuffer: 1 << 30 })
    : spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; { time "$@" 2>/dev/null; } 2>"$0"', log, command, ...args], {
        ...options,
        encoding: 'utf8',
        maxBuffer: 1 << 30,
      });
  const wallSeconds = (performance.now() - started) / 1000;
  const [user = NaN, system = NaN, peak] = (fs.readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  fs.rmSync(path.dirname(log), { recursive: true, force: true });
  return {
    cpuSeconds: user + system,
    wallSeconds,
    ...(peak === undefined ? {} : { peakMiB: peak / 1024 }),
    stdout: result.stdout ?? '',
    status: result.status ?? 1,
  };
}

/** Runs work in this process; CPU seconds and peak growth of the heap are this process's own. */
export async function measureHere<T>(work: () => T | Promise<T>): Promise<{ value: T; cpuSeconds: number; wallSeconds: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1000 };
}

/** One line of a benchmark's table. */
export interface Row {
  readonly work: string;
  readonly who: string;
  /** `command`: start to end of a process; `in process`: inside one that already runs. */
  readonly scope: 'command' | 'in process';
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMiB?: number | undefined;
  /** What was checked of the answer. */
  readonly answer: string;
  /** Our own bar, where there is one. */
  readonly bar?: string | undefined;
}

/** A benchmark: what it is called on the command line and what it measures. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(): Promise<Row[]>;
}

/** Prints rows as a table; the ratio is to the first row of the same work. */
export function table(rows: readonly Row[]): string {
  const head = ['work', 'who', 'scope', 'CPU s', 'wall s', 'peak MiB', 'ratio', 'answer', 'bar'];
  const first = new Map<string, Row>();
  const lines = rows.map((row) => {
    const base = first.get(row.work) ?? row;
    first.set(row.work, base);
    return [
      row.work,
      row.who,
      row.scope,
      row.cpuSeconds.toFixed(3),
      row.wallSeconds.toFixed(3),
      row.peakMiB?.toFixed(0) ?? '-',
      (row.cpuSeconds / base.cpuSeconds).toFixed(2),
      row.answer,
      row.bar ?? '',
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
