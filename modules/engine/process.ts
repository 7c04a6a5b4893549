import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';

/** How a process of the engine ended. */
export interface Ended {
  /** Exit code; undefined when a signal ended it or it could not be started. */
  readonly code: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  /** It did not end within the time it had: ended by us where it changes nothing, else left to go on alone. */
  readonly overdue?: boolean | undefined;
}

export interface Start {
  readonly binary: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds it may take; without it, as long as it wants. */
  readonly timeout?: number | undefined;
}

/** Between asking a process to end and ending it. */
const grace = 10_000;

// What it writes (plans, state) holds secrets in clear: for the owner's eyes only, whatever the caller's umask is.
const quiet = 'umask 077; exec "$@"';
// It writes its own process id before it becomes the engine, so that no crash of ours can fall between the two.
const announced = 'umask 077; echo "$$" >"$1.new" && mv "$1.new" "$1" && shift && exec "$@"';

/** Runs the engine to its end and hands back what it printed. Only for what changes nothing: past its time it is ended. */
export async function runEngine(start: Start): Promise<Ended> {
  const began = performance.now();
  const child = spawn('/bin/sh', ['-c', quiet, 'sh', start.binary, ...start.arguments], {
    cwd: start.folder,
    env: { ...start.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => stdout.push(data));
  child.stderr.on('data', (data: Buffer) => stderr.push(data));
  return await new Promise((resolve) => {
    const text = (list: Buffer[]): string => Buffer.concat(list).toString('utf8');
    let overdue = false;
    const timers: NodeJS.Timeout[] = [];
    if (start.timeout !== undefined) {
      const end = (): void => {
        overdue = true;
        child.kill('SIGTERM');
        timers.push(setTimeout(() => child.kill('SIGKILL'), grace));
      };
      timers.push(setTimeout(end, start.timeout * 1_000));
      // What it started may keep its output open after its own end.
      child.on('exit', () => setTimeout(() => overdue && (child.stdout.destroy(), child.stderr.destroy()), 1_000).unref());
    }
    child.on('error', (error) => resolve({ code: undefined, stdout: '', stderr: error.message, milliseconds: performance.now() - began }));
    child.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer);
      const spent = overdue ? `did not end within ${start.timeout ?? 0} s and was ended (engine.timeout); it changes nothing, so nothing is lost\n` : '';
      resolve({
        code: overdue ? undefined : (code ?? undefined),
        signal: signal ?? undefined,
        stdout: text(stdout),
        stderr: `${spent}${text(stderr)}`,
        milliseconds: performance.now() - began,
        ...(overdue ? { overdue } : {}),
      });
    });
  });
}

/**
 * Runs the engine in a session of its own with its output going straight to a file, so that neither a signal to our
 * group nor our death touches it. The process writes its id to `processFile` first. Past its time it is left alone, never ended.
 */
export async function runDetached(start: Start & { readonly log: string; readonly processFile: string }): Promise<Ended> {
  const began = performance.now();
  fs.mkdirSync(path.dirname(start.log), { recursive: true, mode: 0o700 });
  const log = fs.openSync(start.log, 'a', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', announced, 'sh', start.processFile, start.binary, ...start.arguments], {
      cwd: start.folder,
      env: { ...start.environment },
      stdio: ['ignore', log, log],
      detached: true,
    });
    return await new Promise((resolve) => {
      const timer =
        start.timeout === undefined
          ? undefined
          : setTimeout(() => {
              child.unref();
              resolve({ code: undefined, stdout: '', stderr: '', milliseconds: performance.now() - began, overdue: true });
            }, start.timeout * 1_000);
      child.on('error', (error) => resolve({ code: undefined, stdout: '', stderr: error.message, milliseconds: performance.now() - began }));
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        resolve({ code: code ?? undefined, signal: signal ?? undefined, stdout: '', stderr: '', milliseconds: performance.now() - began });
      });
    });
  } finally {
    fs.closeSync(log);
  }
}
