import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The package as a user gets it: packed from a clean copy, installed in an empty folder, run by the oldest Node.js it promises.

const repository = fileURLToPath(new URL('../..', import.meta.url));
const oldestNode = '22.18.0';
const asOf = '2026-11-22';

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: string, command: string, ...args: readonly string[]): Ran {
  // Without what `npm test` leaves in the environment: the user's shell has none of it, and its node comes first.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|VITEST|INIT_CWD)/u.test(name)));
  const PATH = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((entry) => !entry.includes('node_modules'))
    .join(path.delimiter);
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...env, PATH }, maxBuffer: 1 << 28 });
  return { exit: status ?? -1, stdout: stdout ?? '', stderr: `${stderr ?? ''}${error === undefined ? '' : String(error)}` };
}

function succeed(folder: string, command: string, ...args: readonly string[]): Ran {
  const ran = run(folder, command, ...args);
  if (ran.exit !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${ran.exit}\n${ran.stdout}\n${ran.stderr}`);
  return ran;
}

function say(text: string): void {
  process.stderr.write(`packed: ${text}\n`);
}

/** Why the package cannot be built or installed here. */
const reason = ((): string => {
  if (run(repository, 'git', 'rev-parse', '--verify', 'HEAD').exit !== 0) return 'no git checkout to pack from';
  const asked = run(os.tmpdir(), 'npm', 'view', 'constructs@10', 'version', '--fetch-retries=0', '--fetch-timeout=15000');
  return asked.exit === 0 ? '' : 'no package registry can be reached';
})();

const program = `// A tenant built by hand, as the guide shows: the toolkit by its name, provider classes where it has no construct.
import { TerraformOutput } from 'cdktf';
import { agencyStacks, OpenStackTenant, outputs, Servers, TenantNetwork, TenantRouter } from 'vcloud/cloud';
import { NetworkingFloatingipV2 } from 'vcloud/cloud/openstack/networking-floatingip-v2';

export default agencyStacks((agency) => {
  const { workload } = new OpenStackTenant(agency, 'portal', { tenant: agency.tenant('portal'), quota: { instances: 4, cores: 16, memoryGiB: 32 } });
  const web = new TenantNetwork(workload, 'web');
  new TenantRouter(workload, 'edge', { networks: [web] });
  const servers = new Servers(workload, 'web-servers', {
    network: web,
    count: 2,
    flavor: 'c4m8',
    image: 'debian-12',
    allow: [{ from: 'anywhere', port: 443, why: 'the portal' }],
  });
  const address = new NetworkingFloatingipV2(workload, 'public', { pool: 'public' });
  new TerraformOutput(workload, 'public_address', { value: address.address });
  new TerraformOutput(workload, 'server_count', { value: servers.instances.length });
  outputs(workload, { web_network: web.network.id });
});
`;

/** Package folders below node_modules, by the name in their package.json. */
function packagesOf(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const entry of fs.readdirSync(path.join(folder, 'node_modules'), { recursive: true, withFileTypes: true })) {
    if (entry.name !== 'package.json' || !/node_modules\/(?:@[^/]+\/)?[^/]+$/u.test(entry.parentPath)) continue;
    const { name } = JSON.parse(fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8')) as { name?: string };
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), entry.parentPath]);
  }
  return found;
}

/** Bytes a folder takes on the disk, as `du` counts them, without the folders in `except`. */
function occupied(folder: string, except: readonly string[]): number {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((entry) => !except.some((left) => entry.startsWith(left + path.sep)))
    .reduce((sum, entry) => sum + fs.lstatSync(entry).blocks * 512, 0);
}

describe.skipIf(reason !== '')(`the package${reason === '' ? '' : ` (skipped: ${reason})`}`, () => {
  let work = '';
  let user = '';
  let files: string[] = [];
  const vcloud = (...args: readonly string[]): Ran => run(user, 'npx', '--no-install', 'vcloud', ...args, '--as-of', asOf);

  beforeAll(() => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-packed-'));
    const clean = path.join(work, 'clean');
    succeed(work, 'git', 'clone', '--quiet', repository, clean);
    fs.symlinkSync(fs.realpathSync(path.join(repository, 'node_modules')), path.join(clean, 'node_modules'));
    const [packed] = JSON.parse(succeed(clean, 'npm', 'pack', '--json', '--pack-destination', work).stdout.replace(/^[^[]*/u, '')) as [
      { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
    ];
    files = packed.files.map((file) => file.path);
    say(`${packed.filename}: ${(packed.size / 1e6).toFixed(2)} MB packed, ${(packed.unpackedSize / 1e6).toFixed(1)} MB, ${files.length} files`);
    user = path.join(work, 'user');
    fs.mkdirSync(user);
    const tarball = path.join(work, packed.filename);
    const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
    succeed(user, 'npm', 'install', ...quiet, tarball);
    // Where that version is not to be had, the Node.js of this machine runs it.
    const pinned = run(user, 'npm', 'install', ...quiet, '--save-dev', `node@${oldestNode}`);
    say(
      `run by Node.js ${run(user, 'npx', '--no-install', 'node', '--version').stdout.trim()}${pinned.exit === 0 ? '' : `, ${oldestNode} cannot be installed`}`,
    );
  });

  afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

  it('holds compiled code with types, and nothing of the repository', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'LICENSE',
        'README.md',
        'bin/vcloud.js',
        'dist/cli/main.js',
        'dist/modules/cloud/programs.d.ts',
        'templates/federation/vcloud.yaml',
      ]),
    );
    expect(files.filter((file) => /\.ts$/u.test(file) && !/\.d\.ts$/u.test(file) && !file.startsWith('templates/'))).toEqual([]);
    expect(files.filter((file) => /^(test|stacks|policies|network-plans|examples|bench|out|\.vcloud|node_modules)\//u.test(file))).toEqual([]);
  });

  it('needs at most 80 MB, with one copy of cdktf and of constructs', () => {
    const packages = packagesOf(user);
    const runtime = [...packages].filter(([name]) => /^node(-bin)?(-|$)/u.test(name)).flatMap(([, folders]) => folders);
    const megabytes = occupied(path.join(user, 'node_modules'), runtime) / 1e6;
    say(`${megabytes.toFixed(1)} MB in ${packages.size} packages`);
    expect(megabytes).toBeGreaterThan(5);
    expect(megabytes).toBeLessThanOrEqual(80);
    expect([...(packages.get('cdktn') ?? []), ...(packages.get('cdktf') ?? [])].map((folder) => path.relative(user, folder))).toEqual(['node_modules/cdktf']);
    expect(packages.get('constructs')).toHaveLength(1);
    expect([...packages.keys()].filter((name) => /cli|jsii|typescript|pulumi/u.test(name))).toEqual([]);
  });

  it('init, check, federate: a federation of one organisation from nothing', () => {
    const made = vcloud('init', '--id', 'health', '--name', 'Department of Health');
    expect(made.exit, made.stderr).toBe(0);
    const checked = vcloud('check');
    expect(checked.exit, checked.stdout + checked.stderr).toBe(0);
    const federated = vcloud('federate');
    expect(federated.exit, federated.stderr).toBe(0);
    expect(federated.stdout).toContain('The first run');
    expect(fs.statSync(path.join(user, 'out/report.html')).size).toBeGreaterThan(50_000);
    expect(vcloud('federate').stdout).toContain('Nothing changed since the last run.');
    expect(vcloud('inventory', 'search', 'department of health').exit).toBe(0);
  });

  it("builds a user's program in TypeScript that imports vcloud/cloud", () => {
    fs.writeFileSync(path.join(user, 'stacks/office/tenant.ts'), program);
    const ran = vcloud('synth');
    expect(ran.exit, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stderr).not.toContain('MODULE_TYPELESS');
    const made = JSON.parse(fs.readFileSync(path.join(user, 'out/stacks/health.portal.workload/main.tf.json'), 'utf8')) as {
      resource: { terraform_data: Record<string, unknown> };
      output: Record<string, unknown>;
    };
    expect(Object.keys(made.resource.terraform_data)).toEqual(
      expect.arrayContaining(['openstack_networking_floatingip_v2__public', 'openstack_compute_instance_v2__web-servers_server-2']),
    );
    expect(made.output).toMatchObject({
      web_network: { value: expect.stringContaining('networking_network_v2__web_network') as unknown },
      server_count: { value: 2 },
    });
  });

  it.each([
    // As `tsc --init` writes it; and with the types of libraries checked too, which needs those of Node.js.
    ['libraries taken as they are, TypeScript 6', 'typescript', { skipLibCheck: true, types: [] }],
    [
      'libraries checked too, TypeScript 7',
      'typescript-native',
      { skipLibCheck: false, types: ['node'], typeRoots: [path.join(repository, 'node_modules/@types')] },
    ],
  ])('has types a strict user can compile against: %s', (_what, compiler, options) => {
    const tenant = path.join(user, 'stacks/office/tenant.ts');
    const compile = (): Ran => run(user, process.execPath, path.join(repository, 'node_modules', compiler, 'bin/tsc'), '-p', '.');
    const compilerOptions = { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, ...options };
    fs.writeFileSync(path.join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['stacks/office/tenant.ts'] }));
    fs.writeFileSync(tenant, program);
    expect(compile()).toMatchObject({ exit: 0, stdout: '' });
    fs.writeFileSync(tenant, program.replace('count: 2', "count: 'two'"));
    expect(compile().stdout).toMatch(/tenant\.ts\(\d+,\d+\): error TS2322/u);
    fs.writeFileSync(tenant, program);
  });

  it('applies to the sandbox where an engine is', () => {
    const ran = vcloud('federate', '--apply', '--json');
    expect(ran.exit, ran.stdout).toBe(0);
    const { data } = JSON.parse(ran.stdout) as { data: { plan: { unavailable?: unknown; planned: number; unchanged: number } } };
    if (data.plan.unavailable === undefined) expect(data.plan).toMatchObject({ planned: 0, unchanged: 3 });
  });
});
