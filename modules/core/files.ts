import * as fs from 'node:fs';
import * as path from 'node:path';
import { hostname } from 'node:os';
import { fail } from './problem.ts';
import { compareCodeUnits } from './text.ts';

/**
 * Writes a file whole or not at all: temporary file in the same folder, fsync, rename, fsync of the folder.
 * Leaves the file alone (and its time stamp) when the bytes are already there. Returns whether it changed.
 */
export function writeFileAtomic(file: string, data: string | Uint8Array, options: { mode?: number; durable?: boolean } = {}): boolean {
  const { mode = 0o644, durable = true } = options;
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  if (sameBytes(file, bytes)) return false;
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.${Date.now().toString(36)}.tmp`);
  const descriptor = fs.openSync(temporary, 'wx', mode);
  try {
    try {
      fs.writeFileSync(descriptor, bytes);
      if (durable) fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) syncFolder(folder);
  return true;
}

function sameBytes(file: string, bytes: Uint8Array): boolean {
  try {
    if (fs.statSync(file).size !== bytes.byteLength) return false;
    return fs.readFileSync(file).equals(bytes);
  } catch {
    return false;
  }
}

function syncFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Makes `folder` hold exactly `files` (path relative to it -> content), touching only what differs.
 * Files that are no longer wanted are removed. Returns what changed, sorted.
 */
export function writeTree(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  options: { mode?: number } = {},
): { added: string[]; changed: string[]; removed: string[] } {
  const present = new Set(listFiles(folder));
  const result = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
  for (const [name, data] of files) {
    // Folders of generated files are rebuilt by the next run, so a sync per file would only cost time.
    const wrote = writeFileAtomic(path.join(folder, name), data, { ...options, durable: false });
    if (wrote) (present.has(name) ? result.changed : result.added).push(name);
    present.delete(name);
  }
  for (const name of present) {
    fs.rmSync(path.join(folder, name), { force: true });
    removeEmptyFolders(folder, path.dirname(name));
    result.removed.push(name);
  }
  for (const list of Object.values(result)) list.sort(compareCodeUnits);
  return result;
}

/** Removes a folder below `root`, and those above it, as far as nothing is left in them. */
function removeEmptyFolders(root: string, relative: string): void {
  for (let name = relative; name !== '.'; name = path.dirname(name)) {
    try {
      fs.rmdirSync(path.join(root, name));
    } catch {
      return;
    }
  }
}

/** All regular files below `folder`, as `/`-separated paths relative to it, sorted. Nothing if the folder is absent. */
export function listFiles(folder: string, keep: (relative: string) => boolean = () => true): string[] {
  const found: string[] = [];
  const walk = (relative: string): void => {
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(path.join(folder, relative), { withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    for (const entry of entries) {
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(name);
      } else if (entry.isFile() && !entry.name.endsWith('.tmp') && keep(name)) {
        found.push(name);
      }
    }
  };
  walk('');
  return found.sort(compareCodeUnits);
}

/** Reads a text file; undefined when it does not exist. */
export function readTextIfPresent(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `.vcloud/` of a federation, created 0700: it holds state, plans and keys. */
export function privateFolder(root: string, ...parts: string[]): string {
  const base = path.join(root, '.vcloud');
  fs.mkdirSync(base, { recursive: true, mode: 0o700 });
  fs.chmodSync(base, 0o700);
  const folder = path.join(base, ...parts);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export interface WriteLockOptions {
  /** How long to wait for another process to end before giving up; not at all by default. */
  readonly waitMilliseconds?: number;
}

/**
 * Runs `work` while this process alone may write the federation. The lock file names process, host and verb;
 * a lock whose process is gone on this host is taken over. Within one process it may be taken again.
 * @throws ProblemError CORE-LOCKED when another live process holds it (for longer than the wait).
 */
export async function withWriteLock<T>(root: string, verb: string, work: () => Promise<T>, options: WriteLockOptions = {}): Promise<T> {
  const folder = privateFolder(root);
  const file = path.join(folder, 'lock');
  const until = Date.now() + (options.waitMilliseconds ?? 0);
  for (let pause = 5; ; pause = Math.min(100, pause * 2)) {
    if (acquire(folder, file, verb)) break;
    const holder = readHolder(file);
    if (holder?.pid === process.pid && holder.host === hostname()) return await work();
    if ((holder === undefined || isGone(holder)) && takeOver(folder, file)) continue;
    if (Date.now() >= until) {
      fail('CORE-LOCKED', `another vcloud is writing here: ${holder ? `"${holder.verb}", process ${holder.pid} on ${holder.host}` : 'unknown holder'}`, {
        file: '.vcloud/lock',
        hint: 'wait for it to end; if that process no longer exists on that host, remove the file',
      });
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** Makes the lock appear with its content in one step, so that nobody ever reads half of it. */
function acquire(folder: string, file: string, verb: string): boolean {
  const draft = path.join(folder, `.lock.${process.pid}.tmp`);
  fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, host: hostname(), verb }), { mode: 0o600 });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Removes a lock whose process is gone. One process at a time judges, else a second one could remove the first one's new lock. */
function takeOver(folder: string, file: string): boolean {
  const guard = path.join(folder, 'lock.takeover');
  try {
    fs.mkdirSync(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > 10_000) fs.rmSync(guard, { recursive: true, force: true });
    return false;
  }
  try {
    const holder = readHolder(file);
    if (holder === undefined || isGone(holder)) fs.rmSync(file, { force: true });
    return true;
  } finally {
    fs.rmSync(guard, { recursive: true, force: true });
  }
}

function isGone(holder: { pid: number; host: string }): boolean {
  return holder.host === hostname() && !isAlive(holder.pid);
}

function readHolder(file: string): { pid: number; host: string; verb: string } | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as { pid: number; host: string; verb: string };
  } catch {
    return undefined;
  }
}

/** Whether a process of this host still runs (a zombie does not: it can no longer write). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = process.platform === 'linux' ? readTextIfPresent(`/proc/${pid}/stat`) : undefined;
  return stat === undefined || stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}
