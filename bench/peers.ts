import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A peer ready to run, or why it is not here. */
export type Peer = { readonly command: string } | { readonly absent: string };

/** Peers are fetched once and kept outside of the repository. */
const store = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'vcloud-bench');

export function isAbsent(peer: Peer): peer is { readonly absent: string } {
  return 'absent' in peer;
}

/** A program that is or is not on this machine. */
export function installed(name: string): Peer {
  const found = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, name));
  const command = found.find((file) => fs.existsSync(file));
  return command === undefined ? { absent: `no ${name} on this machine` } : { command };
}

/** A program of Python packages (`name==version`), in a virtual environment of its own; `python3` is its interpreter. */
export function fromPyPI(packages: readonly string[], program = 'python3'): Peer {
  const python = installed('python3');
  if (isAbsent(python)) return python;
  const folder = path.join(store, packages.join('+').replaceAll(/[^A-Za-z0-9.+-]/gu, '-'));
  const command = path.join(folder, 'bin', program);
  return fetched(command, folder, [
    [python.command, ['-m', 'venv', folder]],
    [path.join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]],
  ]);
}

/** A program of a Go module (`module/cmd@version`). It is built from source, which may take minutes: only when `build` is set. */
export function fromGo(module: string, build: boolean): Peer {
  const name = path.basename(module.replace(/@.*$/u, ''));
  const here = installed(name);
  if (!isAbsent(here)) return here;
  const folder = path.join(store, name);
  const command = path.join(folder, name);
  if (fs.existsSync(command)) return { command };
  if (!build) return { absent: `no ${name} on this machine; --full builds ${module} with Go` };
  const go = installed('go');
  if (isAbsent(go)) return go;
  return fetched(command, folder, [[go.command, ['install', module], { ...process.env, GOBIN: folder }]]);
}

function fetched(command: string, folder: string, steps: readonly (readonly [string, readonly string[], NodeJS.ProcessEnv?])[]): Peer {
  if (fs.existsSync(command) && fs.existsSync(path.join(folder, '.complete'))) return { command };
  fs.mkdirSync(folder, { recursive: true });
  for (const [program, args, env] of steps) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 600_000 });
    if (status !== 0) {
      fs.rmSync(folder, { recursive: true, force: true });
      const reason = (stderr || String(error ?? '')).trim().split('\n').at(-1) ?? '';
      return { absent: `${path.basename(program)} ${args.slice(0, 2).join(' ')} failed: ${reason.slice(0, 160)}` };
    }
  }
  fs.writeFileSync(path.join(folder, '.complete'), '');
  return fs.existsSync(command) ? { command } : { absent: `${path.basename(command)} did not come with the package` };
}
