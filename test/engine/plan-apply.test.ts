import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { apply, listStates, plan, readState, type ApplyRun, type PlanRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

const states = (run: PlanRun): Record<string, string> => Object.fromEntries(run.stacks.map((stack) => [stack.path, stack.state]));
const results = (run: ApplyRun): Record<string, string> => Object.fromEntries(run.stacks.map((stack) => [stack.path, stack.result]));

const platform = (size: number): SynthesisedStack =>
  stackOf({
    path: 'moh.portal.platform',
    resources: { openstack_identity_project_v3__portal: { input: { name: 'portal', size } } },
    outputs: { project: '${terraform_data.openstack_identity_project_v3__portal.id}', size: String(size) },
  });
const workload = (size: number): SynthesisedStack =>
  stackOf({
    path: 'moh.portal.workload',
    reads: ['moh.portal.platform'],
    resources: {
      openstack_networking_network_v2__web: { input: { project: '${data.terraform_remote_state.moh_portal_platform.outputs.project}', size } },
      openstack_networking_network_v2__app: { input: { size } },
    },
  });
const other = stackOf({ path: 'mst.lab.workload', resources: { openstack_compute_instance_v2__one: { input: { name: 'one' } } } });

async function planned(
  root: string,
  stacks: readonly SynthesisedStack[],
  more: Partial<Parameters<typeof plan>[0]> = {},
): Promise<PlanRun & { directory: string }> {
  const run = await plan({ root, stacks, ...more });
  if (run.directory === undefined) throw new Error('no directory');
  return { ...run, directory: run.directory };
}

/** Plans and applies until nothing waits. */
async function converge(root: string, stacks: readonly SynthesisedStack[]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const run = await planned(root, stacks);
    const applied = await apply({ root, directory: run.directory, stacks });
    if (applied.stacks.every((stack) => ['applied', 'unchanged'].includes(stack.result))) return;
  }
  throw new Error('does not converge');
}

async function problemsOf(work: Promise<unknown>): Promise<readonly { code: string; subject?: string | undefined }[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe.skipIf(noEngine !== undefined)(`plan and apply with a real engine${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('plans what is known, lets the rest wait, applies exactly that, and is then without differences', async () => {
    const root = newRoot();
    const stacks = [platform(1), workload(1), other];
    const first = await planned(root, stacks);
    expect(states(first)).toEqual({ 'moh.portal.platform': 'planned', 'moh.portal.workload': 'waits', 'mst.lab.workload': 'planned' });
    expect(first.stacks[0]).toMatchObject({
      add: 1,
      change: 0,
      destroy: 0,
      changes: [{ address: 'openstack_identity_project_v3.portal', type: 'openstack_identity_project_v3', actions: ['create'] }],
    });
    expect(first.stacks[1]?.waitsFor).toEqual(['moh.portal.platform']);

    const one = await apply({ root, directory: first.directory, stacks });
    expect(results(one)).toEqual({ 'moh.portal.platform': 'applied', 'moh.portal.workload': 'waits', 'mst.lab.workload': 'applied' });

    const second = await planned(root, stacks);
    expect(states(second)).toEqual({ 'moh.portal.platform': 'unchanged', 'moh.portal.workload': 'planned', 'mst.lab.workload': 'unchanged' });
    expect(results(await apply({ root, directory: second.directory, stacks }))['moh.portal.workload']).toBe('applied');

    // Not from memory: every stack asked again.
    const third = await planned(root, stacks, { all: true });
    expect(new Set(Object.values(states(third)))).toEqual(new Set(['unchanged']));
    expect(third.stacks.every((stack) => stack.milliseconds > 0)).toBe(true);
    const project = readState(root, 'moh.portal.platform')?.[0]?.attributes['id'];
    expect(readState(root, 'moh.portal.workload')?.[1]).toMatchObject({
      address: 'terraform_data.openstack_networking_network_v2__web',
      type: 'openstack_networking_network_v2',
      attributes: { input: { project } },
    });
    expect(listStates(root)).toEqual(stacks.map((stack) => stack.path));
  });

  it('plans only the changed stack and those that read a changed output', async () => {
    const root = newRoot();
    await converge(root, [platform(1), workload(1), other]);
    const alone = await planned(root, [platform(1), workload(2), other]);
    expect(states(alone)).toEqual({ 'moh.portal.platform': 'unchanged', 'moh.portal.workload': 'planned', 'mst.lab.workload': 'unchanged' });
    expect(alone.stacks.map((stack) => stack.milliseconds > 0)).toEqual([false, true, false]);
    expect(alone.stacks[1]).toMatchObject({ add: 0, change: 2, destroy: 0 });
    const both = await planned(root, [platform(2), workload(1), other]);
    expect(states(both)).toEqual({ 'moh.portal.platform': 'planned', 'moh.portal.workload': 'waits', 'mst.lab.workload': 'unchanged' });
  });

  it('takes a saved plan over when nothing moved, and gives the same directory for the same inputs', async () => {
    const root = newRoot();
    const stacks = [platform(1), other];
    const first = await planned(root, stacks);
    const again = await planned(root, stacks);
    expect(again.id).toBe(first.id);
    expect(again.stacks.map((stack) => [stack.state, stack.add, stack.milliseconds])).toEqual([
      ['planned', 1, 0],
      ['planned', 1, 0],
    ]);
    const wider = await planned(root, [...stacks, workload(1)]);
    expect(wider.id).not.toBe(first.id);
    expect(results(await apply({ root, directory: wider.directory, stacks: [...stacks, workload(1)] }))['moh.portal.platform']).toBe('applied');
  });

  it('keeps state, plans and logs for the owner only', async () => {
    const root = newRoot();
    const run = await planned(root, [other]);
    await apply({ root, directory: run.directory, stacks: [other] });
    const wide: string[] = [];
    const walk = (folder: string): void => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if ((fs.statSync(file).mode & 0o077) !== 0) wide.push(path.relative(root, file));
        if (entry.isDirectory()) walk(file);
      }
    };
    walk(path.join(root, '.vcloud'));
    expect(wide).toEqual([]);
    expect(fs.readFileSync(path.join(root, run.directory, 'manifest.json'), 'utf8')).not.toContain(root);
  });
});

describe.skipIf(noEngine !== undefined)('a plan directory that is no longer true', () => {
  it('is refused with all that moved, and nothing is changed', async () => {
    const root = newRoot();
    const stacks = [platform(1), other];
    const run = await planned(root, stacks);
    const problems = await problemsOf(apply({ root, directory: run.directory, stacks: [platform(2), workload(1)] }));
    expect(problems.map(({ code, subject }) => [code, subject])).toEqual([
      ['ENGINE-STALE-STACK', 'moh.portal.workload'],
      ['ENGINE-STALE-STACK', 'moh.portal.platform'],
      ['ENGINE-STALE-STACK', 'mst.lab.workload'],
    ]);
    expect(listStates(root)).toEqual([]);
  });

  it('is refused when a state moved by another hand, also after it was applied itself', async () => {
    const root = newRoot();
    const one = await planned(root, [platform(1), other]);
    const two = await planned(root, [platform(1)], { select: { stack: 'moh.portal.platform' } });
    await apply({ root, directory: two.directory, stacks: [platform(1)] });
    const before = fs.readFileSync(path.join(root, '.vcloud/state/moh.portal.platform/terraform.tfstate'), 'utf8');
    expect((await problemsOf(apply({ root, directory: one.directory, stacks: [platform(1), other] }))).map(({ code }) => code)).toEqual(['ENGINE-STALE-STATE']);
    expect(fs.readFileSync(path.join(root, '.vcloud/state/moh.portal.platform/terraform.tfstate'), 'utf8')).toBe(before);
    // The directory that made the state may be applied again: nothing is left to do.
    expect((await apply({ root, directory: two.directory, stacks: [platform(1)] })).stacks).toMatchObject([
      { result: 'applied', because: 'applied by an earlier run of this plan' },
    ]);
    const three = await planned(root, [platform(2)], { select: { stack: 'moh.portal.platform' } });
    await apply({ root, directory: three.directory, stacks: [platform(2)] });
    expect((await problemsOf(apply({ root, directory: two.directory, stacks: [platform(1)] }))).map(({ code }) => code)).toEqual(['ENGINE-STALE-STATE']);
  });

  it('is refused once a newer one was applied, although its own stacks are as it left them', async () => {
    const root = newRoot();
    const stacks = [platform(1), workload(1), other];
    const first = await planned(root, stacks);
    await apply({ root, directory: first.directory, stacks });
    const second = await planned(root, stacks);
    await apply({ root, directory: second.directory, stacks });
    const before = readState(root, 'moh.portal.workload');
    expect(await problemsOf(apply({ root, directory: first.directory, stacks }))).toMatchObject([
      { code: 'ENGINE-STALE-STATE', subject: 'moh.portal.workload' },
    ]);
    expect(readState(root, 'moh.portal.workload')).toEqual(before);
  });

  it('is refused by name where the states are kept elsewhere than it was made on', async () => {
    const [root, elsewhere] = [newRoot(), newRoot()];
    const { directory } = await planned(root, [other]);
    const file = path.join(elsewhere, 'artefact/manifest.json');
    fs.cpSync(path.join(root, directory), path.dirname(file), { recursive: true });
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as { backend: string };
    expect(manifest.backend).toBe('local');
    fs.writeFileSync(file, JSON.stringify({ ...manifest, backend: 's3 states/lab/' }));
    await expect(apply({ root: elsewhere, directory: 'artefact', stacks: [other] })).rejects.toThrow(
      /ENGINE-STALE-BACKEND: planned on the states in "s3 states\/lab\/", and vcloud\.yaml says that they are in "local"/u,
    );
    // Manifests of earlier versions do not tell; states and their versions are compared all the same.
    fs.writeFileSync(file, JSON.stringify({ ...manifest, backend: undefined }));
    expect(results(await apply({ root: elsewhere, directory: 'artefact', stacks: [other] }))).toEqual({ 'mst.lab.workload': 'applied' });
  });

  it('is refused when a saved plan was altered, or the directory is none', async () => {
    const root = newRoot();
    const run = await planned(root, [other]);
    const file = path.join(root, run.directory, 'stacks', 'mst.lab.workload.tfplan');
    fs.writeFileSync(file, Buffer.concat([fs.readFileSync(file), Buffer.from([0])]));
    expect((await problemsOf(apply({ root, directory: run.directory, stacks: [other] }))).map(({ code }) => code)).toEqual(['ENGINE-STALE-PLAN']);
    expect((await problemsOf(apply({ root, directory: 'nowhere', stacks: [other] }))).map(({ code }) => code)).toEqual(['ENGINE-NO-PLAN']);
    fs.writeFileSync(path.join(root, run.directory, 'manifest.json'), '{"kind":"PlanManifest"}');
    expect((await problemsOf(apply({ root, directory: run.directory, stacks: [other] }))).map(({ code }) => code)).toEqual(['ENGINE-PLAN-FORMAT']);
  });
});

describe.skipIf(noEngine !== undefined)('failures and removals', () => {
  const failing = (command: string): SynthesisedStack =>
    stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: 1, provisioner: [{ 'local-exec': { command } }] } } });
  const after = stackOf({ path: 'a.net.workload', dependsOn: ['a.net.platform'], resources: { x_y__two: { input: 2 } } });
  const last = stackOf({ path: 'a.net.zone', dependsOn: ['a.net.workload'], resources: { x_y__three: { input: 3 } } });
  const free = stackOf({ path: 'b.net.platform', resources: { x_y__four: { input: 4 } } });

  it('stops only what depends on a failed stack, and the next plan takes it up again', async () => {
    const root = newRoot();
    const stacks = [failing('exit 7'), after, last, free];
    const run = await planned(root, stacks);
    const applied = await apply({ root, directory: run.directory, stacks });
    expect(results(applied)).toEqual({ 'a.net.platform': 'failed', 'a.net.workload': 'stopped', 'a.net.zone': 'stopped', 'b.net.platform': 'applied' });
    expect(applied.stacks[0]?.because).toContain('exit status 7');
    expect(applied.stacks[1]?.because).toBe('a.net.platform failed');
    const repaired = [failing('true'), after, last, free];
    await converge(root, repaired);
    expect(listStates(root)).toEqual(repaired.map((stack) => stack.path));
  });

  it('reports a stack that cannot be planned and plans the others', async () => {
    const root = newRoot();
    const broken = stackOf({ path: 'a.net.platform', resources: { x_y__one: { input: '${nothing.here.id}' } } });
    const run = await planned(root, [broken, after, free]);
    expect(states(run)).toEqual({ 'a.net.platform': 'failed', 'a.net.workload': 'waits', 'b.net.platform': 'planned' });
    expect(run.stacks[0]?.error).toContain('Reference to undeclared resource');
    expect(results(await apply({ root, directory: run.directory, stacks: [broken, after, free] }))).toEqual({
      'a.net.platform': 'failed',
      'a.net.workload': 'waits',
      'b.net.platform': 'applied',
    });
  });

  it('reports removed stacks and destroys them only when allowed, users before what they use', async () => {
    const root = newRoot();
    const stacks = [failing('true'), after, last, free];
    await converge(root, stacks);
    const seen = await planned(root, [free]);
    expect(seen.stacks.map(({ path: name, state, removed, destroy }) => [name, state, removed ?? false, destroy])).toEqual([
      ['a.net.platform', 'skipped', true, 1],
      ['a.net.workload', 'skipped', true, 1],
      ['a.net.zone', 'skipped', true, 1],
      ['b.net.platform', 'unchanged', false, 0],
    ]);
    expect(results(await apply({ root, directory: seen.directory, stacks: [free] }))['a.net.platform']).toBe('waits');
    const run = await planned(root, [free], { allowRemove: true });
    expect(run.stacks[0]).toMatchObject({ state: 'planned', removed: true, destroy: 1, changes: [{ address: 'x_y.one', actions: ['delete'] }] });
    const manifest = JSON.parse(fs.readFileSync(path.join(root, run.directory, 'manifest.json'), 'utf8')) as { stacks: { path: string; after: string[] }[] };
    expect(manifest.stacks.map((stack) => stack.after)).toEqual([['a.net.workload'], ['a.net.zone'], [], []]);
    expect(results(await apply({ root, directory: run.directory, stacks: [free] }))['a.net.platform']).toBe('applied');
    const empty = await planned(root, [free]);
    expect(states(empty)).toEqual({ 'b.net.platform': 'unchanged' });
  });

  it('refuses a selection that names nothing', async () => {
    await expect(plan({ root: newRoot(), stacks: [other], select: { agency: 'msd' } })).rejects.toThrow(
      /ENGINE-NOTHING-SELECTED.*"msd"[^]*did you mean "mst"/u,
    );
  });

  it('refuses a circle and names it', async () => {
    const root = newRoot();
    const one = stackOf({ path: 'a.x.one', dependsOn: ['a.x.two'], resources: {} });
    const two = stackOf({ path: 'a.x.two', dependsOn: ['a.x.one'], resources: {} });
    await expect(plan({ root, stacks: [one, two] })).rejects.toThrow('a.x.one -> a.x.two -> a.x.one');
  });
});

describe('without an engine', () => {
  it('says why and how to get one, and throws nothing', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const run = await plan({ root: newRoot(), stacks: [other] });
      expect(run.unavailable?.reason).toBe('terraform and tofu are not on PATH');
      expect(run.unavailable?.hint).toContain('install Terraform');
      expect(run.directory).toBeUndefined();
      expect(states(run)).toEqual({ 'mst.lab.workload': 'skipped' });
    } finally {
      process.env['PATH'] = before;
    }
  });
});
