import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

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

/**
 * A program inside a Go module of an exact version, built in a copy of it: some proxies refuse the list of versions `go
 * install` asks for. Takes minutes: only when `build` is set.
 */
export function fromGoModule(module: string, program: string, build: boolean): Peer {
  const name = path.basename(program === '.' ? module.replace(/@.*$/u, '') : program);
  const here = installed(name);
  if (!isAbsent(here)) return here;
  const folder = path.join(store, `go-${module.replaceAll(/[^A-Za-z0-9.-]/gu, '-')}`);
  const command = path.join(folder, 'bin', name);
  if (fs.existsSync(command)) return { command };
  if (!build) return { absent: `no ${name} on this machine; --full builds ${module} with Go` };
  const go = installed('go');
  if (isAbsent(go)) return go;
  const copy = 'cp -r "$("$0" mod download -json "$1" | sed -n \'s/.*"Dir": "\\(.*\\)".*/\\1/p\')/." "$2/source" && chmod -R u+w "$2/source"';
  return fetched(command, folder, [
    ['/bin/sh', ['-c', `mkdir -p "$2/source" "$2/bin" && cd "$2" && ${copy}`, go.command, module, folder]],
    [go.command, ['-C', path.join(folder, 'source'), 'build', '-trimpath', '-o', command, `./${program === '.' ? '' : program}`]],
  ]);
}

/** A small program of ours around Go modules (`module@version`), `bench/peers/<name>.go.txt`; built once, again when it changes. */
export function fromGoSource(name: string, modules: readonly string[]): Peer {
  const go = installed('go');
  if (isAbsent(go)) return go;
  const text = fs.readFileSync(fileURLToPath(new URL(`peers/${name}.go.txt`, import.meta.url)), 'utf8');
  const digest = createHash('sha256')
    .update([text, ...modules].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(store, `go-${name}-${digest}`);
  const command = path.join(folder, name);
  if (!fs.existsSync(command)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'main.go'), text);
    fs.writeFileSync(path.join(folder, 'go.mod'), 'module peer\n\ngo 1.24.0\n');
  }
  return fetched(command, folder, [
    [go.command, ['-C', folder, 'get', ...modules]],
    [go.command, ['-C', folder, 'build', '-o', name, '.']],
  ]);
}

/** A package of npm in a folder of its own, from where it is run; the command is this Node. */
export function fromNpm(name: string): Peer & { readonly folder: string } {
  const folder = path.join(store, name);
  if (!fs.existsSync(path.join(folder, 'node_modules'))) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
    const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', name], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) {
      fs.rmSync(folder, { recursive: true, force: true });
      return { folder, absent: `npm install ${name} failed: ${stderr.trim().split('\n').at(-1) ?? ''}` };
    }
  }
  return { folder, command: process.execPath };
}

function fetched(command: string, folder: string, steps: readonly (readonly [string, readonly string[], NodeJS.ProcessEnv?])[]): Peer {
  if (fs.existsSync(command) && fs.existsSync(path.join(folder, '.complete'))) return { command };
  fs.mkdirSync(folder, { recursive: true });
  for (const [program, args, env] of steps) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 1_800_000 });
    if (status !== 0) {
      fs.rmSync(folder, { recursive: true, force: true });
      const reason = (stderr || String(error ?? '')).trim().split('\n').at(-1) ?? '';
      return { absent: `${path.basename(program)} ${args.slice(0, 2).join(' ')} failed: ${reason.slice(0, 160)}` };
    }
  }
  fs.writeFileSync(path.join(folder, '.complete'), '');
  return fs.existsSync(command) ? { command } : { absent: `${path.basename(command)} did not come with the package` };
}
