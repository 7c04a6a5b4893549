import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson, sha256 } from '../modules/core/index.ts';
import { discoverFolders, plan, ReadyQueue, type SynthesisedStack } from '../modules/engine/index.ts';
import { dataOf, expect, measureCommand, measureOne, temporaryFolder, vcloud, writeFiles, type Parts } from './measure.ts';
import { fromGoModule, installed, isAbsent } from './peers.ts';
import type { Benchmark, Row } from './table.ts';

/** Fewer where a machine is busy; the bars are those of 200. */
const count = Number(process.env['VCLOUD_BENCH_STACKS'] ?? 200);
const resources = 30;
/** Engine processes at once, ours and the peers'. */
const parallel = availableParallelism();

type Ran = Omit<Extract<Row, { scope: string }>, 'work' | 'who'>;

/** Planning many stacks beside the bare binary and the orchestrators of existing stacks, as many at once. */
export const benchmark: Benchmark = {
  name: 'engine',
  about: `${count} stacks of ${resources} terraform_data: discover, init and plan, plan again; ${parallel} at once`,
  run: async ({ full }) => {
    const first = `init and plan ${count} stacks`;
    const again = `plan ${count} stacks again, nothing changed`;
    const order = `discover and order ${count} folders`;
    const terraform = installed('terraform');
    const rows: Row[] = [...synthesisRows()];
    if (isAbsent(terraform)) return [...rows, { work: first, who: 'engine.plan', absent: terraform.absent }];
    const bare = folders();
    const root = temporaryFolder();
    const engine = (): Ran => ({ scope: 'command', ...measureOne('engine', 'plan', root, String(count)) });
    rows.push({ work: first, who: 'terraform under xargs', ...bareRun(bare, terraform.command, 'init -input=false -no-color >init.log && "$0" plan') });
    rows.push({ work: first, who: 'engine.plan', ...engine(), bar: { ratio: 1.1 } });
    const peers = [terramate(full, terraform.command), ...terragrunt(full, terraform.command)];
    for (const peer of peers) rows.push({ work: first, who: peer.who, ...peer.first() });
    rows.push({ work: again, who: 'terraform under xargs', ...bareRun(bare, terraform.command, 'plan') });
    rows.push({ work: again, who: 'engine.plan', ...engine(), bar: { cpuSeconds: 1 } });
    for (const peer of peers) rows.push({ work: again, who: peer.who, ...peer.again() });
    const changed = measureOne('engine', 'changed', root);
    rows.push({ work: 'one stack of them changed', who: 'engine.plan', scope: 'command', ...changed, bar: { cpuSeconds: 1.2 } });
    rows.push({ work: order, who: 'discoverFolders', scope: 'command', ...measureOne('engine', 'discover', bare) });
    rows.push({ work: order, who: 'the same, without start', ...inside(bare), bar: { cpuSeconds: 0.2 } });
    for (const peer of peers) if (peer.list !== undefined) rows.push({ work: order, who: peer.who, ...peer.list() });
    if (full) {
      const large = temporaryFolder();
      measureOne('engine', 'plan', large, '1000');
      rows.push({
        work: 'decide 1,000 unchanged stacks',
        who: 'engine.plan',
        scope: 'command',
        ...measureOne('engine', 'plan', large, '1000'),
        bar: { cpuSeconds: 2 },
      });
    }
    return rows;
  },
};

/** Stacks of built-in resources as the cloud room would hand them over; `changed` is the index of one with another body. */
function stacks(size = count, changed = -1): SynthesisedStack[] {
  const names = Array.from({ length: size > count ? 3 : resources }, (_, number) => `server_${number}`);
  return Array.from({ length: size }, (_, index) => {
    const body = index === changed ? 2 : 1;
    const bodies = Object.fromEntries(names.map((name) => [name, { input: { name: `${name}-${index}`, size: body } }]));
    const json = canonicalJson({ resource: { terraform_data: bodies } }, 2);
    const stack = `agency.tenant-${String(index).padStart(4, '0')}.workload`;
    const list = names.map((name) => ({ address: `server.${name}`, type: 'server', planned: `terraform_data.${name}`, construct: stack }));
    return { path: stack, agency: 'agency', environment: 'sandbox', json, digest: sha256(json), dependsOn: [], reads: [], resources: list };
  });
}

/** The same stacks as folders; each tenth comes after the one before it, as Terragrunt and Terramate write it. */
function folders(): string {
  const folder = temporaryFolder();
  for (const [index, { path: name, json }] of stacks().entries()) {
    const before = index % 10 === 9 ? stacks()[index - 1]?.path : undefined;
    writeFiles(folder, {
      [`${name}/main.tf.json`]: json,
      [`${name}/terragrunt.hcl`]: before === undefined ? '' : `dependencies {\n  paths = ["../${before}"]\n}\n`,
      [`${name}/stack.tm.hcl`]: `stack {\n  name = "${name}"\n${before === undefined ? '' : `  after = ["../${before}"]\n`}}\n`,
    });
  }
  // Terramate finds its root by Git.
  measureCommand('git', ['init', '--quiet'], { cwd: folder });
  return folder;
}

interface StackPeer {
  readonly who: string;
  first(): Ran | { readonly absent: string };
  again(): Ran | { readonly absent: string };
  readonly list?: () => Ran | { readonly absent: string };
}

const quiet = { ...process.env, CHECKPOINT_DISABLE: '1', CHECKPOINT_DISABLE_TELEMETRY: '1', DISABLE_TELEMETRY: '1', TF_IN_AUTOMATION: '1' };

function terramate(full: boolean, terraform: string): StackPeer {
  const peer = fromGoModule('github.com/terramate-io/terramate@v0.17.2', 'cmd/terramate', full);
  const who = 'terramate 0.17.2';
  if (isAbsent(peer)) return { who, first: () => peer, again: () => peer, list: () => peer };
  const folder = folders();
  const run = (script: string): Ran => {
    const usage = measureCommand(peer.command, ['run', '--disable-safeguards=all', '--quiet', '-j', String(parallel), '--', 'bash', '-c', script, terraform], {
      cwd: folder,
      env: quiet,
    });
    return { scope: 'command', ...usage, answer: plans(folder) };
  };
  const terraformPlan = '"$0" plan -input=false -no-color -out=plan.tfplan >plan.log';
  return {
    who,
    first: () => run(`"$0" init -input=false -no-color >init.log && ${terraformPlan}`),
    again: () => run(terraformPlan),
    list: () => {
      const usage = measureCommand(peer.command, ['list', '--run-order'], { cwd: folder, env: quiet });
      return { scope: 'command', ...usage, answer: `${usage.stdout.trim().split('\n').length} stacks` };
    },
  };
}

function terragrunt(full: boolean, terraform: string): StackPeer[] {
  const peer = fromGoModule('github.com/gruntwork-io/terragrunt@v1.1.3', '.', full);
  const who = 'terragrunt 1.1.3';
  if (isAbsent(peer)) return [{ who, first: () => peer, again: () => peer, list: () => peer }];
  const folder = folders();
  const common = ['run', '--all', '--non-interactive', '--parallelism', String(parallel), '--tf-path', terraform];
  const run = (...more: readonly string[]): Ran => {
    const usage = measureCommand(peer.command, [...common, ...more, '--', 'plan', '-input=false', '-no-color', '-out=plan.tfplan'], {
      cwd: folder,
      env: quiet,
    });
    return { scope: 'command', ...usage, answer: plans(folder) };
  };
  const list = (): Ran => {
    const usage = measureCommand(peer.command, ['list', '--dag', '--format', 'long'], { cwd: folder, env: quiet });
    return { scope: 'command', ...usage, answer: `${usage.stdout.trim().split('\n').length - 1} units` };
  };
  const alreadyDone = { absent: 'the first plan has to initialise' };
  return [
    { who, first: () => run(), again: () => run(), list },
    { who: `${who} --no-auto-init`, first: () => alreadyDone, again: () => run('--no-auto-init') },
  ];
}

function plans(folder: string): string {
  const made = fs.readdirSync(folder).filter((name) => name !== '.git' && holdsPlan(path.join(folder, name))).length;
  expect(made === count, `${made} plans`);
  return `${made} plans`;
}

function bareRun(folder: string, terraform: string, verb: string): Ran {
  const each = `cd "$1" && "$0" ${verb} -input=false -no-color -out=plan.tfplan >plan.log`;
  const usage = measureCommand('bash', ['-c', `ls -d */ | xargs -P${parallel} -n1 bash -c '${each}' "$0"`, terraform], { cwd: folder, env: quiet });
  return { scope: 'command', ...usage, answer: plans(folder) };
}

/** Whether a stack's folder, or the copy Terragrunt works in, has a saved plan. */
function holdsPlan(folder: string): boolean {
  return (
    fs.existsSync(path.join(folder, 'plan.tfplan')) ||
    (fs.existsSync(path.join(folder, '.terragrunt-cache')) && fs.globSync('.terragrunt-cache/*/*/plan.tfplan', { cwd: folder }).length > 0)
  );
}

async function planAll(root: string, size: number, changed: number): Promise<string> {
  const list = stacks(size, changed);
  const run = await plan({ root, stacks: list, binary: 'terraform', parallelism: parallel });
  const planned = run.stacks.filter(
    ({ path: name, state, add }) => state === 'planned' && add === list.find((one) => one.path === name)?.resources.length,
  ).length;
  expect(planned === size, `${planned} plans`);
  return `${planned} plans, all creations`;
}

function discover(root: string): string {
  const found = discoverFolders(root, [{ path: '*', agency: 'agency' }], { organisations: new Set(['agency']) });
  const queue = new ReadyQueue(found.stacks.map((stack) => ({ id: stack.path, after: [...stack.dependsOn, ...stack.reads] })));
  let ordered = 0;
  for (let id = queue.take(); id !== undefined; id = queue.take()) {
    queue.done(id);
    ordered++;
  }
  expect(ordered === count, `${ordered} stacks`);
  expect(found.stacks.filter((stack) => stack.dependsOn.length > 0).length === count / 10, 'dependencies');
  return `${ordered} stacks in order`;
}

function inside(root: string): Ran {
  return { scope: 'in process', ...measureOne('engine', 'discoverInside', root) };
}

/** 100 tenants whose program makes 300 networks each, from files to Terraform JSON; again with nothing changed. */
function synthesisRows(): Row[] {
  const root = temporaryFolder();
  vcloud(root, ['init', '--id', 'office']);
  const edit = (file: string, change: (text: string) => string): void =>
    fs.writeFileSync(path.join(root, file), change(fs.readFileSync(path.join(root, file), 'utf8')));
  const tenants = Array.from(
    { length: 100 },
    (_, n) => `  - { id: many-${n}, names: { vi: T${n}, en: T${n} }, owner: office, cloud: private, zone: provider }\n`,
  );
  edit('stacks/office/office.yaml', (text) => text.replace('tenants:\n', `tenants:\n${tenants.join('')}`));
  // Room for so many tenants in the block of one agency.
  edit('network-plans/addresses.yaml', (text) => text.replace('length: 22', 'length: 24'));
  fs.rmSync(path.join(root, 'network-plans/addresses.lock.yaml'), { force: true });
  fs.mkdirSync(path.join(root, 'node_modules'));
  fs.symlinkSync(fileURLToPath(new URL('..', import.meta.url)), path.join(root, 'node_modules/vcloud'));
  writeFiles(root, {
    'stacks/office/many.ts': `import { agencyStacks, OpenStackTenant } from 'vcloud/cloud';
import { NetworkingNetworkV2 } from 'vcloud/cloud/openstack/networking-network-v2';

export default agencyStacks((agency) => {
  for (let number = 0; number < 100; number++) {
    const tenant = agency.tenant(\`many-\${number}\`);
    const { workload } = new OpenStackTenant(agency, tenant.id, { tenant });
    for (let index = 0; index < 300; index++) new NetworkingNetworkV2(workload, \`network-\${index}\`, { name: \`network-\${number}-\${index}\` });
  }
});
`,
  });
  const run = (): Ran => {
    const usage = vcloud(root, ['synth', '--json']);
    const made = fs.readdirSync(path.join(root, 'out/stacks')).filter((name) => /^office\.many-\d+\.workload$/u.test(name));
    const json = fs.readFileSync(path.join(root, 'out/stacks', made[0] ?? '', 'main.tf.json'), 'utf8');
    const networks = json.match(/__network-\d+"|"network-\d+-\d+"/gu)?.length ?? 0;
    expect(made.length === 100 && networks >= 300, `${made.length} stacks, ${networks} networks`);
    return {
      scope: 'command',
      ...usage,
      answer: `${made.length} stacks of 300 networks and ${dataOf<{ stacks?: unknown[] }>(usage).stacks?.length ?? 'their'} in all`,
    };
  };
  return [
    { work: 'synthesise 100 stacks x 300', who: 'vcloud synth', ...run(), bar: { cpuSeconds: 5 } },
    { work: 'synthesise them again', who: 'vcloud synth', ...run() },
  ];
}

export const parts: Parts = {
  plan: async (root = '', size = '') => [{ answer: await planAll(root, Number(size), -1) }],
  changed: async (root = '') => [{ answer: await planAll(root, count, 7) }],
  discover: async (root = '') => [{ answer: discover(root) }],
  discoverInside: async (root = '') => {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const answer = discover(root);
    const { user, system } = process.cpuUsage(cpu);
    return [{ answer, cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1000 }];
  },
};
