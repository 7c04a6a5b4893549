import { execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A small S3 server; one exact version, because the module proxy answers for those only. */
const module = 'github.com/johannesboyne/gofakes3/cmd/gofakes3@v0.0.0-20250916175020-ebf3e50324d3';
const folder = path.join(tmpdir(), 'vcloud-lab-gofakes3');
const program = path.join(folder, 'gofakes3');

/** Why no S3 server can be started here; undefined when one can. Builds it the first time. */
export function noS3(): string | undefined {
  if (fs.existsSync(program)) return undefined;
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed, to build a small S3 server with';
  fs.mkdirSync(folder, { recursive: true });
  const built = spawnSync('go', ['install', module], { env: { ...process.env, GOBIN: folder }, encoding: 'utf8', timeout: 300_000 });
  return built.status === 0 ? undefined : `the S3 server could not be built: ${built.stderr.trim().split('\n').at(-1) ?? ''}`;
}

export interface S3Server {
  readonly endpoint: string;
  stop(): void;
}

/** A server with one empty bucket, everything in memory. */
export async function startS3(bucket: string): Promise<S3Server> {
  const port = await freePort();
  const child = spawn(program, ['-host', `127.0.0.1:${port}`, '-backend', 'memory', '-initialbucket', bucket], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let waited = 0; waited < 100; waited++) {
    if (spawnSync('curl', ['-s', '-o', '/dev/null', endpoint]).status === 0) break;
    execFileSync('sleep', ['0.1']);
  }
  return { endpoint, stop: () => void child.kill('SIGKILL') };
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
