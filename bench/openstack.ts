import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { canonicalJson, sha256 } from '../modules/core/index.ts';
import { apply, plan, type SynthesisedStack } from '../modules/engine/index.ts';
import { freshTenant, isAbsent, openstackLab, providerMirror, terraformBinary, type OpenstackLab, type Tenant } from '../test/lab/support/lab.ts';
import { expect, measureCommand, measureOne, temporaryFolder, writeFiles, type Parts } from './measure.ts';
import type { Benchmark, Row } from './table.ts';

const networks = 10;
const parallelism = availableParallelism();
type Measured = Omit<Extract<Row, { scope: string }>, 'work' | 'who'>;

/** Applying many small stacks to a real OpenStack beside the bare binary. The lab's Neutron is most of the time. */
export const benchmark: Benchmark = {
  name: 'openstack',
  about: `stacks of ${networks} networks on a real Neutron, ${parallelism} at once; the bar is 1.15 of bare terraform's wall time`,
  run: async ({ full }) => {
    const count = Number(process.env['VCLOUD_BENCH_STACKS'] ?? (full ? 100 : 20));
    const work = `apply ${count} stacks`;
    const lab = await openstackLab({ services: ['neutron'] });
    const mirror = providerMirror();
    const terraform = terraformBinary();
    for (const needed of [lab, mirror, terraform] as const) {
      if (typeof needed !== 'string' && isAbsent(needed)) return [{ work, who: 'vcloud engine', absent: needed.absent }];
    }
    if (isAbsent(lab) || isAbsent(mirror) || typeof terraform !== 'string') return [];
    process.env['TF_CLI_CONFIG_FILE'] = mirror.configurationFile;
    const bare = await inTenant(lab, count, (tenant) => bareRun(terraform, count, tenant));
    const ours = await inTenant(lab, count, (tenant) => ourRun(count, tenant));
    const ratio = (ours.wallSeconds / bare.wallSeconds).toFixed(2);
    return [
      { work, who: 'terraform apply under xargs', ...bare },
      {
        work,
        who: 'engine.apply',
        ...ours,
        answer: `${ours.answer}; ${ratio} of bare's wall time`,
        bar: { wallSeconds: Number((bare.wallSeconds * 1.15).toFixed(1)) },
      },
    ];
  },
};

/** Runs one side in a project of its own, checks what it made there, and removes all of it. */
async function inTenant(lab: OpenstackLab, count: number, run: (tenant: Tenant) => Promise<Measured>): Promise<Measured> {
  const tenant = await freshTenant(lab, 'bench');
  try {
    await lab.admin.put('network', `/v2.0/quotas/${tenant.projectId}`, { quota: { network: -1 } });
    const measured = await run(tenant);
    // Emptying the project takes as long again.
    process.stderr.write(`${count} stacks applied in ${measured.wallSeconds.toFixed(1)} s\n`);
    const made = await tenant.client.list('network', `/v2.0/networks?project_id=${tenant.projectId}`, 'networks');
    expect(made.length === count * networks, `${made.length} networks`);
    return { ...measured, answer: `${made.length} networks` };
  } finally {
    await tenant.remove();
  }
}

async function bareRun(terraform: string, count: number, tenant: Tenant): Promise<Measured> {
  const folder = temporaryFolder();
  writeFiles(folder, Object.fromEntries(stacks(count).map(({ path: name, json }) => [`${name}/main.tf.json`, json])));
  const env = { ...process.env, ...tenant.environment, CHECKPOINT_DISABLE: '1' };
  const each = (verb: string): readonly string[] => ['-c', `ls | xargs -P${parallelism} -n1 bash -c 'cd "$1" && ${verb}' "$0"`, terraform];
  measureCommand('bash', each('"$0" init -input=false -no-color >log && "$0" plan -input=false -no-color -out=plan.tfplan >log'), { cwd: folder, env });
  return { scope: 'command', ...measureCommand('bash', each('"$0" apply -input=false -no-color plan.tfplan >log'), { cwd: folder, env }), answer: '' };
}

async function ourRun(count: number, tenant: Tenant): Promise<Measured> {
  const root = temporaryFolder();
  const lines = Object.entries(tenant.environment).map(([name, value]) => `${name}=${value}`);
  fs.writeFileSync(path.join(root, 'lab.env'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { directory = '' } = await plan({ root, stacks: stacks(count), binary: 'terraform', parallelism, credentials });
  return { scope: 'command', ...measureOne('openstack', 'apply', root, directory, String(count)) };
}

const credentials = { lab: 'file:lab.env' } as const;

function stacks(count: number): SynthesisedStack[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `bench.s${String(index).padStart(3, '0')}.workload`;
    const bodies = Object.fromEntries(Array.from({ length: networks }, (__, number) => [`n${number}`, { name: `s${index}-n${number}`, admin_state_up: true }]));
    const json = canonicalJson(
      {
        terraform: { required_providers: { openstack: { source: 'terraform-provider-openstack/openstack' } } },
        provider: { openstack: {} },
        resource: { openstack_networking_network_v2: bodies },
      },
      2,
    );
    const type = 'openstack_networking_network_v2';
    const resources = Object.keys(bodies).map((one) => ({ address: `${type}.${one}`, type, planned: `${type}.${one}`, construct: `${name}/${one}` }));
    return { path: name, agency: 'bench', cloud: 'lab', environment: 'production', json, digest: sha256(json), dependsOn: [], reads: [], resources };
  });
}

export const parts: Parts = {
  apply: async (root = '', directory = '', count = '0') => {
    const run = await apply({ root, directory, stacks: stacks(Number(count)), binary: 'terraform', parallelism, credentials });
    const applied = run.stacks.filter(({ result }) => result === 'applied').length;
    expect(applied === Number(count), `${applied} applied`);
    return [{ answer: `${applied} applied` }];
  },
};
