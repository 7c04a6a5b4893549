import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import * as path from 'node:path';
import { canonicalJson, sha256 } from '../modules/core/index.ts';
import { plan, type SynthesisedStack } from '../modules/engine/index.ts';
import { expect, measureCommand, measureOne, temporaryFolder, writeFiles, type Parts } from './measure.ts';
import { installed, isAbsent } from './peers.ts';
import type { Benchmark, Row } from './table.ts';

const count = 200;
const resources = 30;

/** Planning many stacks beside the bare binary, started for one stack after the other on as many cores. */
export const benchmark: Benchmark = {
  name: 'engine',
  about: `${count} stacks of ${resources} terraform_data: init and plan, and again with nothing changed`,
  run: async () => {
    const first = `init and plan ${count} stacks`;
    const again = `plan ${count} stacks again, nothing changed`;
    const terraform = installed('terraform');
    if (isAbsent(terraform)) return [{ work: first, who: 'vcloud engine', absent: terraform.absent }];
    const bare = temporaryFolder();
    writeFiles(bare, Object.fromEntries(stacks().map(({ path: name, json }) => [`${name}/main.tf.json`, json])));
    const root = temporaryFolder();
    const engine = (): Omit<Extract<Row, { scope: string }>, 'work' | 'who'> => ({ scope: 'command', ...measureOne('engine', 'plan', root) });
    const rows: Row[] = [];
    rows.push({ work: first, who: 'terraform under xargs', ...bareRun(bare, terraform.command, 'init -input=false -no-color >init.log && "$0" plan') });
    rows.push({ work: first, who: 'engine.plan', ...engine(), bar: { ratio: 1.1 } });
    rows.push({ work: again, who: 'engine.plan', ...engine(), bar: { cpuSeconds: 1 } });
    rows.push({ work: again, who: 'terraform under xargs', ...bareRun(bare, terraform.command, 'plan') });
    rows.push({ work: 'one stack of them changed', who: 'engine.plan', scope: 'command', ...measureOne('engine', 'changed', root), bar: { cpuSeconds: 1.2 } });
    return rows;
  },
};

/** Stacks of built-in resources as the cloud room would hand them over; `changed` is the index of one with another body. */
function stacks(changed = -1): SynthesisedStack[] {
  const names = Array.from({ length: resources }, (_, number) => `server_${number}`);
  return Array.from({ length: count }, (_, index) => {
    const size = index === changed ? 2 : 1;
    const bodies = Object.fromEntries(names.map((name) => [name, { input: { name: `${name}-${index}`, size } }]));
    const json = canonicalJson({ resource: { terraform_data: bodies } }, 2);
    const stack = `agency.tenant-${String(index).padStart(3, '0')}.workload`;
    const list = names.map((name) => ({ address: `server.${name}`, type: 'server', planned: `terraform_data.${name}`, construct: stack }));
    return { path: stack, agency: 'agency', environment: 'sandbox', json, digest: sha256(json), dependsOn: [], reads: [], resources: list };
  });
}

function bareRun(folder: string, terraform: string, verb: string): Omit<Extract<Row, { scope: string }>, 'work' | 'who'> {
  const each = `cd "$1" && "$0" ${verb} -input=false -no-color -out=plan.tfplan >plan.log`;
  const usage = measureCommand('bash', ['-c', `ls | xargs -P${availableParallelism()} -n1 bash -c '${each}' "$0"`, terraform], {
    cwd: folder,
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  });
  const plans = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'plan.tfplan'))).length;
  expect(plans === count, `${plans} plans`);
  return { scope: 'command', ...usage, answer: `${plans} plans` };
}

async function planAll(root: string, changed: number): Promise<string> {
  const run = await plan({ root, stacks: stacks(changed), binary: 'terraform' });
  const planned = run.stacks.filter(({ state, add }) => state === 'planned' && add === resources).length;
  expect(planned === count, `${planned} plans`);
  return `${planned} plans of ${resources} creations`;
}

export const parts: Parts = {
  plan: async (root = '') => [{ answer: await planAll(root, -1) }],
  changed: async (root = '') => [{ answer: await planAll(root, 7) }],
};
