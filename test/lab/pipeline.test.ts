import { execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { because, isAbsent, terraformBinary } from './support/lab.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const terraform = terraformBinary();
const why = because(terraform);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-pipeline-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

interface Ran {
  readonly exit: number | null;
  readonly output: string;
}

/** A script of the pipeline, as a runner would start it in a checkout with `npm ci` done. */
function run(folder: string, command: readonly string[], variables: Readonly<Record<string, string>> = {}): Ran {
  const [program = '', ...rest] = command;
  const environment = { PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: scratch, ...variables };
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd: folder, encoding: 'utf8', env: environment });
  return { exit: status, output: stdout + stderr };
}

function git(folder: string, ...rest: string[]): string {
  const who = ['-c', 'user.name=Planner', '-c', 'user.email=planner@example.org', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...rest], { cwd: folder, encoding: 'utf8' });
}

/** A fresh checkout with the toolkit installed, as on a runner. */
function checkout(of: string, name: string): string {
  const folder = path.join(scratch, name);
  git(scratch, 'clone', '-q', of, folder);
  install(folder);
  return folder;
}

function install(folder: string): void {
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(path.join(modules, '.bin'), { recursive: true });
  fs.symlinkSync(repository, path.join(modules, 'vcloud'));
  fs.symlinkSync('../vcloud/bin/vcloud.js', path.join(modules, '.bin/vcloud'));
}

function federation(name: string, host: 'github' | 'gitlab'): string {
  const folder = path.join(scratch, name);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name": "office", "private": true, "type": "module"}\n');
  install(folder);
  const made = run(folder, ['npx', '--no-install', 'vcloud', 'init', '--ci', host]);
  expect(made.exit, made.output).toBe(0);
  fs.cpSync(path.join(repository, 'policies'), path.join(folder, 'policies'), { recursive: true, filter: (file) => !file.includes('waivers') });
  fs.appendFileSync(path.join(folder, '.gitignore'), 'node_modules\n');
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'The office');
  return folder;
}

describe.skipIf(why !== '')(`the pipeline's scripts${why}`, () => {
  let origin: string;
  let runner: string;
  beforeAll(() => {
    origin = federation('github', 'github');
    runner = checkout(origin, 'plan');
  });

  it('plan, with what people review and what the code host shows', () => {
    const planned = run(runner, ['sh', 'ci/plan.sh']);
    expect(planned.exit, planned.output).toBe(0);
    expect(fs.readFileSync(path.join(runner, 'out/ci/summary.md'), 'utf8')).toContain('office.');
    const sarif = JSON.parse(fs.readFileSync(path.join(runner, 'out/ci/audit.sarif'), 'utf8')) as { version: string; runs: unknown[] };
    expect(sarif).toMatchObject({ version: '2.1.0', runs: [{ tool: { driver: { name: expect.any(String) as unknown } } }] });
    expect(fs.statSync(path.join(runner, 'out/ci/plan.tar.gz')).mode & 0o077).toBe(0);
  });

  it('apply that very artefact on another machine', () => {
    const other = checkout(origin, 'apply');
    fs.mkdirSync(path.join(other, 'out/ci'), { recursive: true });
    fs.copyFileSync(path.join(runner, 'out/ci/plan.tar.gz'), path.join(other, 'out/ci/plan.tar.gz'));
    const applied = run(other, ['sh', 'ci/apply.sh']);
    // 2: what was ready is applied, the stacks that read it wait for the next plan.
    expect([0, 2], applied.output).toContain(applied.exit);
    expect(applied.output).toContain('applied');
    expect(run(other, ['npx', '--no-install', 'vcloud', 'log', 'verify']).exit).toBe(0);
  });

  it('take nothing from the artefact but the plan, whatever whoever made it packed', () => {
    const victim = checkout(origin, 'victim');
    const packed = path.join(scratch, 'packed');
    fs.mkdirSync(packed);
    execFileSync('tar', ['-xzpf', path.join(runner, 'out/ci/plan.tar.gz'), '-C', packed]);
    const rules = path.join(victim, 'policies/rules.yaml');
    const before = fs.readFileSync(rules, 'utf8');
    for (const name of ['policies/rules.yaml', 'policies/approvals.yaml', 'ci/only-approvals.sh', '.vcloud/plans/extra.txt']) {
      fs.mkdirSync(path.dirname(path.join(packed, name)), { recursive: true });
      fs.writeFileSync(path.join(packed, name), 'planted\n');
    }
    fs.mkdirSync(path.join(victim, 'out/ci'), { recursive: true });
    const pack = (): void => void execFileSync('tar', ['-czf', path.join(victim, 'out/ci/plan.tar.gz'), 'out', '.vcloud', 'policies', 'ci'], { cwd: packed });
    pack();
    const applied = run(victim, ['sh', 'ci/apply.sh']);
    expect([0, 2], applied.output).toContain(applied.exit);
    expect(fs.readFileSync(rules, 'utf8')).toBe(before);
    expect(fs.existsSync(path.join(victim, 'policies/approvals.yaml'))).toBe(false);
    expect(fs.existsSync(path.join(victim, '.vcloud/plans/extra.txt'))).toBe(false);
    for (const named of ['policies', '.vcloud/plans/../../policies', '.vcloud/plans/0123456789abcdef\npolicies']) {
      fs.writeFileSync(path.join(packed, 'out/ci/directory'), `${named}\n`);
      pack();
      expect(run(victim, ['sh', 'ci/apply.sh'])).toMatchObject({ exit: 1, output: expect.stringContaining('names no plan directory') as unknown });
    }
    expect(fs.readFileSync(rules, 'utf8')).toBe(before);
  });

  it('judge approvals as of today, whatever day is named', () => {
    const dated = checkout(origin, 'dated');
    const vcloud = (...rest: string[]): Ran => run(dated, ['npx', '--no-install', 'vcloud', ...rest]);
    const made = JSON.parse(vcloud('bundle', 'keygen', '--json').output) as { data: { publicKey: string } };
    fs.writeFileSync(
      path.join(dated, 'policies/approvals.yaml'),
      `apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals:\n  - { id: office.security, organisation: office, keys: [{ ed25519: ${made.data.publicKey} }] }\nrules:\n  - { id: all, when: {}, require: { of: [office.security] }, validFor: 3 }\n`,
    );
    const planned = JSON.parse(vcloud('plan', '--json').output) as { data: { directory: string } };
    const past = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
    const given = vcloud('approve', planned.data.directory, '--as-of', past);
    expect(given.exit, given.output).toBe(0);
    const applied = vcloud('apply', planned.data.directory, '--as-of', past);
    expect(applied.exit, applied.output).toBe(1);
    expect(applied.output).toContain(`given on ${past}, and counts 3 days`);
  });

  it('refuse an artefact of something else', () => {
    const late = checkout(origin, 'late');
    fs.mkdirSync(path.join(late, 'out/ci'), { recursive: true });
    fs.copyFileSync(path.join(runner, 'out/ci/plan.tar.gz'), path.join(late, 'out/ci/plan.tar.gz'));
    fs.appendFileSync(path.join(late, 'network-plans/addresses.yaml'), '# edited after the review\n');
    const applied = run(late, ['sh', 'ci/apply.sh']);
    expect(applied.exit).toBe(1);
    expect(applied.output).toContain('ENGINE-STALE-DECLARATIONS');
  });

  it('stop at a declaration that does not hold', () => {
    const broken = checkout(origin, 'broken');
    fs.appendFileSync(path.join(broken, 'stacks/office/office.yaml'), '---\nkind: Nonsense\n');
    const planned = run(broken, ['sh', 'ci/plan.sh']);
    expect(planned.exit).toBe(1);
    expect(planned.output).toMatch(/stacks\/office\/office\.yaml:\d+/u);
  });

  it('tell a commit that only brings approvals', () => {
    const reviewed = checkout(origin, 'reviewed');
    const only = (): number | null => run(reviewed, ['sh', 'ci/only-approvals.sh']).exit;
    expect(only()).not.toBe(0);
    fs.mkdirSync(path.join(reviewed, 'approvals/0123456789abcdef'), { recursive: true });
    fs.writeFileSync(path.join(reviewed, 'approvals/0123456789abcdef/head.json'), '{}\n');
    git(reviewed, 'add', '-A');
    git(reviewed, 'commit', '-qm', 'Approved');
    expect(only()).toBe(0);
    fs.writeFileSync(path.join(reviewed, 'approvals/0123456789abcdef/second.json'), '{}\n');
    fs.writeFileSync(path.join(reviewed, 'note.txt'), 'more\n');
    git(reviewed, 'add', '-A');
    git(reviewed, 'commit', '-qm', 'Approved, and more');
    expect(only()).not.toBe(0);
  });
});

/** Keeps comments as the code hosts' interfaces do: pages of 100, an id each, a token demanded. */
function commentServer(paths: { readonly list: RegExp; readonly one: RegExp; readonly token: (request: IncomingMessage) => boolean }): {
  readonly server: Server;
  readonly comments: { id: number; body: string }[];
} {
  const comments = Array.from({ length: 130 }, (_, index) => ({ id: index + 1, body: 'a comment of somebody else' }));
  const server = createServer((request, response) => {
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://localhost');
      if (!paths.token(request)) {
        answer(401, { message: 'no token' });
        return;
      }
      const one = paths.one.exec(url.pathname);
      if (request.method === 'GET' && paths.list.test(url.pathname)) {
        const page = Number(url.searchParams.get('page'));
        answer(200, comments.slice((page - 1) * 100, page * 100));
        return;
      }
      const { body } = JSON.parse(text) as { body: string };
      if (request.method === 'POST' && paths.list.test(url.pathname)) {
        comments.push({ id: 1000, body });
        answer(201, comments.at(-1));
        return;
      }
      const found = one && comments.find(({ id }) => id === Number(one[1]));
      if (found && ['PATCH', 'PUT'].includes(request.method ?? '')) found.body = body;
      answer(found ? 200 : 404, found ?? { message: `no ${request.method ?? ''} ${url.pathname}` });
    });
  });
  return { server, comments };
}

describe('the comment of a merge request', () => {
  const script = path.join(repository, 'templates/ci/common/ci/comment.mjs');
  const hosts = {
    github: {
      list: /^\/repos\/office\/clouds\/issues\/7\/comments$/u,
      one: /^\/repos\/office\/clouds\/issues\/comments\/(\d+)$/u,
      token: (request: IncomingMessage) => request.headers.authorization === 'Bearer for-github',
      variables: (url: string) => ({ GITHUB_API_URL: url, GITHUB_REPOSITORY: 'office/clouds', GITHUB_TOKEN: 'for-github', PULL_REQUEST: '7' }),
    },
    gitlab: {
      list: /^\/api\/v4\/projects\/3\/merge_requests\/7\/notes$/u,
      one: /^\/api\/v4\/projects\/3\/merge_requests\/7\/notes\/(\d+)$/u,
      token: (request: IncomingMessage) => request.headers['private-token'] === 'for-gitlab',
      variables: (url: string) => ({ CI_API_V4_URL: `${url}/api/v4`, CI_PROJECT_ID: '3', CI_MERGE_REQUEST_IID: '7', VCLOUD_COMMENT_TOKEN: 'for-gitlab' }),
    },
  } as const;

  it.each(Object.keys(hosts) as (keyof typeof hosts)[])('%s: is written once and then kept up to date', async (name) => {
    const host = hosts[name];
    const { server, comments } = commentServer(host);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const file = path.join(scratch, `${name}.md`);
    const comment = async (text: string): Promise<number | null> => {
      fs.writeFileSync(file, text);
      const child = spawn(process.execPath, [script, file], { env: { PATH: process.env['PATH'] ?? '', ...host.variables(url) } });
      return await new Promise((resolve) => child.on('exit', resolve));
    };
    try {
      expect(await comment('# 3 to add\n')).toBe(0);
      expect(comments).toHaveLength(131);
      expect(await comment(`# 4 to add\n${'a line of a long plan\n'.repeat(10_000)}`)).toBe(0);
      expect(comments).toHaveLength(131);
      expect(comments.at(-1)?.body).toMatch(/^<!-- vcloud plan -->\n# 4 to add\n/u);
      expect(comments.at(-1)?.body.length).toBeLessThan(65_536);
      expect(comments.filter(({ body }) => body === 'a comment of somebody else')).toHaveLength(130);
    } finally {
      server.close();
    }
  });

  it('fails outside a pipeline, and says so', () => {
    expect(run(scratch, [process.execPath, script, 'none.md'])).toMatchObject({ exit: 1, output: expect.stringContaining('no pipeline') as unknown });
  });
});

/** actionlint, built from its Go module into the lab's cache. */
function actionlint(): string | { absent: string } {
  const version = 'v1.7.7';
  const folder = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'vcloud-lab/actionlint', version);
  const binary = path.join(folder, 'actionlint');
  if (fs.existsSync(binary)) return binary;
  if (spawnSync('go', ['version']).status !== 0) return { absent: 'no go to build actionlint' };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'go.mod'), `module wrap\n\ngo 1.24\n\nrequire github.com/rhysd/actionlint ${version}\n`);
  const built = spawnSync('go', ['build', '-o', binary, 'github.com/rhysd/actionlint/cmd/actionlint'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod' },
    timeout: 240_000,
  });
  return built.status === 0 ? binary : { absent: `actionlint cannot be built: ${built.stderr.trim().split('\n').at(-1) ?? ''}` };
}
const linter = actionlint();

describe('the pipelines as the code hosts read them', () => {
  it.skipIf(isAbsent(linter))(`actionlint finds nothing in the workflow of GitHub${because(linter)}`, () => {
    const folder = path.join(scratch, 'lint');
    fs.cpSync(path.join(repository, 'templates/ci/github'), folder, { recursive: true });
    git(folder, 'init', '-q');
    expect(run(folder, [linter as string])).toEqual({ exit: 0, output: '' });
  });

  it('every script that a pipeline calls is written beside it, and is one a shell can read', () => {
    for (const host of ['github/.github/workflows/vcloud.yml', 'gitlab/.gitlab-ci.yml']) {
      const text = fs.readFileSync(path.join(repository, 'templates/ci', host), 'utf8');
      expect(parse(text)).toBeTypeOf('object');
      const called = [...text.matchAll(/(?:sh|node) (ci\/[a-z-]+\.(?:sh|mjs))/gu)].map(([, script = '']) => script);
      expect(called.length, host).toBeGreaterThanOrEqual(3);
      for (const script of called) {
        const file = path.join(repository, 'templates/ci/common', script);
        expect(run(scratch, script.endsWith('.sh') ? ['sh', '-n', file] : [process.execPath, '--check', file])).toEqual({ exit: 0, output: '' });
      }
    }
  });
});
