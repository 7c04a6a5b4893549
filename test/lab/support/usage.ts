import { spawn } from 'node:child_process';
import * as fs from 'node:fs';

/** What a command and everything it started used. */
export interface Used {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallSeconds: number;
  /** User and system seconds of all its processes. */
  readonly cpuSeconds: number;
  /** Most memory all its processes held at one moment, mebibytes, shared pages counted once (PSS). */
  readonly peakMebibytes: number;
}

const tick = 1 / 100;

/**
 * Runs a command and looks at all its processes twenty times a second through /proc (Linux). What a process used after it was
 * last seen is missing: less than 50 ms each.
 */
export async function measured(command: string, words: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<Used> {
  const began = performance.now();
  const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString('utf8')));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')));
  const seconds = new Map<number, number>();
  let peak = 0;
  const look = (): void => {
    const tree = processTree(child.pid ?? 0);
    for (const pid of tree) seconds.set(pid, cpuOf(pid) ?? seconds.get(pid) ?? 0);
    peak = Math.max(
      peak,
      tree.reduce((sum, pid) => sum + memoryOf(pid), 0),
    );
  };
  const timer = setInterval(look, 50);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  const cpuSeconds = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  return { status, stdout, stderr, wallSeconds: (performance.now() - began) / 1000, cpuSeconds, peakMebibytes: peak / 1024 };
}

/** A process and all below it; those whose parent ended stay with the session they were started in and are not found. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    const parent = Number(fieldsOf(Number(name))?.[1]);
    if (Number.isInteger(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let next = [root]; next.length > 0; next = next.flatMap((pid) => children.get(pid) ?? [])) found.push(...next);
  return found;
}

/** Fields of /proc/PID/stat after the name: state, parent, ... (proc(5)). */
function fieldsOf(pid: number): string[] | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}

function cpuOf(pid: number): number | undefined {
  const fields = fieldsOf(pid);
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * tick;
}

function memoryOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/mu.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
