import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const versions = '/usr/lib/postgresql';
const user = 'postgres';

/** Why a real PostgreSQL cannot be started here; undefined when it can. */
export const noPostgres = ((): string | undefined => {
  if (binaries() === undefined) return 'Debian package postgresql is not installed';
  if (process.getuid?.() === 0 && !hasUser(user)) return `there is no user ${user} for the server to run as`;
  return undefined;
})();

export interface PostgresServer {
  readonly port: number;
  /** `postgres://...` with the password in it. */
  readonly connection: string;
  query(sql: string): string;
  stop(): void;
  start(): void;
  /** Stops it and removes its files. */
  remove(): void;
}

/** A cluster of its own in a temporary folder, on a port of its own, with SCRAM passwords. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries() ?? '';
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'vcloud-postgres-'));
  const password = `lab-${Math.random().toString(36).slice(2)}`;
  const passwordFile = path.join(folder, 'password');
  fs.writeFileSync(passwordFile, password);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', user, folder]);
  const data = path.join(folder, 'data');
  run(bin, 'initdb', ['-D', data, '-U', 'operator', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-N']);
  const port = await freePort();
  const start = (): void => {
    run(bin, 'pg_ctl', [
      '-D',
      data,
      '-w',
      '-t',
      '60',
      '-l',
      path.join(folder, 'log'),
      '-o',
      `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder} -c fsync=off`,
      'start',
    ]);
  };
  const stop = (): void => run(bin, 'pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop']);
  start();
  const connection = `postgres://operator:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
  return {
    port,
    connection,
    query: (sql) => execFileSync(path.join(bin, 'psql'), [connection, '-Atc', sql], { encoding: 'utf8' }).trim(),
    stop,
    start,
    remove: () => {
      try {
        stop();
      } catch {
        // It is stopped already.
      }
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(bin: string, program: string, args: readonly string[]): void {
  const [command, rest] = process.getuid?.() === 0 ? ['runuser', ['-u', user, '--', path.join(bin, program), ...args]] : [path.join(bin, program), [...args]];
  execFileSync(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
}

function binaries(): string | undefined {
  try {
    const newest = fs.readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
    const bin = path.join(versions, newest ?? '', 'bin');
    return fs.existsSync(path.join(bin, 'initdb')) ? bin : undefined;
  } catch {
    return undefined;
  }
}

function hasUser(name: string): boolean {
  return fs.readFileSync('/etc/passwd', 'utf8').includes(`\n${name}:`);
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  return await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
