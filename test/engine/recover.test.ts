import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply, discoverFolders, plan, type DeclaredStack, type PlanRun, type SynthesisedStack } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

let root = '';
beforeEach(() => (root = temporaryRoot()));
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const stack = (size: number): SynthesisedStack =>
  stackOf({ path: 'moh.portal.platform', resources: { x_y__one: { input: size }, x_y__two: { input: 'same' } } });
const file = (name: string): string => path.join(root, '.vcloud/state/moh.portal.platform', name);
const applied = async (stacks: readonly SynthesisedStack[]): Promise<void> => {
  const run = await plan({ root, stacks });
  const done = await apply({ root, directory: run.directory ?? '', stacks });
  expect(done.stacks.map((each) => each.result)).toEqual(stacks.map(() => 'applied'));
};
const short = (run: PlanRun): unknown => run.stacks.map(({ state, add, change, destroy }) => [state, add, change, destroy]);
const codes = (run: { problems?: readonly { code: string }[] | undefined }): string[] => (run.problems ?? []).map(({ code }) => code);

describe.skipIf(noEngine !== undefined)(`a state that was lost${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('is restored before planning: nothing is proposed to be created again', async () => {
    await applied([stack(1)]);
    fs.truncateSync(file('terraform.tfstate'), 0);
    const run = await plan({ root, stacks: [stack(1)], all: true });
    expect(short(run)).toEqual([['unchanged', 0, 0, 0]]);
    expect(codes(run)).toEqual(['ENGINE-STATE-RESTORED']);
  });

  it('between plan and apply is restored, and the plan is still exactly that of the state', async () => {
    await applied([stack(1)]);
    const run = await plan({ root, stacks: [stack(2)] });
    fs.writeFileSync(file('terraform.tfstate'), '{"version":4,"ser');
    const done = await apply({ root, directory: run.directory ?? '', stacks: [stack(2)] });
    expect(done.stacks.map((each) => each.result)).toEqual(['applied']);
    expect(codes(done)).toEqual(['ENGINE-STATE-RESTORED']);
  });

  it('and cannot be restored fails that stack alone', async () => {
    const other = stackOf({ path: 'mst.lab.workload', resources: { x_y__three: { input: 3 } } });
    await applied([other, stack(1)].sort((a, b) => (a.path < b.path ? -1 : 1)));
    fs.writeFileSync(file('terraform.tfstate'), 'x');
    fs.rmSync(file('terraform.tfstate.last-good'));
    const run = await plan({ root, stacks: [stack(1), other] });
    expect(short(run)).toEqual([
      ['failed', 0, 0, 0],
      ['unchanged', 0, 0, 0],
    ]);
    expect(codes(run)).toEqual(['ENGINE-STATE-UNREADABLE']);
  });

  it('that the engine left in errored.tfstate is asked for', async () => {
    await applied([stack(1)]);
    fs.renameSync(file('terraform.tfstate'), file('errored.tfstate'));
    expect(codes(await plan({ root, stacks: [stack(1)] }))).toEqual(['ENGINE-STATE-ERRORED']);
    fs.renameSync(file('errored.tfstate'), file('terraform.tfstate'));
    expect(short(await plan({ root, stacks: [stack(1)] }))).toEqual([['unchanged', 0, 0, 0]]);
  });
});

describe.skipIf(noEngine !== undefined)('a state that was lost of an existing folder', () => {
  it('that the engine left in errored.tfstate of its mirror is asked for', async () => {
    fs.mkdirSync(path.join(root, 'live/net'), { recursive: true });
    const main = path.join(root, 'live/net/main.tf');
    fs.writeFileSync(main, 'resource "terraform_data" "one" {\n  input = 1\n}\n');
    const stacks = (): readonly DeclaredStack[] => discoverFolders(root, [{ path: 'live/net', agency: 'moh' }], { organisations: new Set(['moh']) }).stacks;
    const first = await plan({ root, stacks: stacks() });
    await apply({ root, stacks: stacks(), directory: first.directory ?? '' });
    const errored = path.join(root, '.vcloud/mirror/live/net/errored.tfstate');
    const kept = path.join(root, '.vcloud/state/moh.live.net/terraform.tfstate');
    const state = JSON.parse(fs.readFileSync(kept, 'utf8')) as { serial: number };
    fs.writeFileSync(errored, JSON.stringify({ ...state, serial: state.serial + 1 }));
    fs.appendFileSync(main, '\nresource "terraform_data" "two" {\n  input = 2\n}\n');
    const run = await plan({ root, stacks: stacks() });
    expect(run.stacks.map(({ state: came, add }) => [came, add])).toEqual([['failed', 0]]);
    expect(run.problems).toMatchObject([{ code: 'ENGINE-STATE-ERRORED', file: '.vcloud/mirror/live/net/errored.tfstate' }]);
    fs.renameSync(errored, kept);
    expect((await plan({ root, stacks: stacks() })).stacks.map(({ add }) => add)).toEqual([1]);
  });
});

describe.skipIf(noEngine !== undefined)('plan directories', () => {
  const saved = (run: PlanRun): string[] => fs.readdirSync(path.join(root, run.directory ?? '', 'stacks'));

  it('hold the plans with their values only where details are asked for', async () => {
    expect(saved(await plan({ root, stacks: [stack(1)] }))).toEqual(['moh.portal.platform.changes.json', 'moh.portal.platform.tfplan']);
    const run = await plan({ root, stacks: [stack(1)], details: true });
    expect(saved(run)).toEqual(['moh.portal.platform.changes.json', 'moh.portal.platform.json', 'moh.portal.platform.tfplan']);
    const shown = JSON.parse(fs.readFileSync(path.join(root, run.directory ?? '', 'stacks/moh.portal.platform.json'), 'utf8')) as {
      resource_changes: unknown[];
    };
    expect(shown.resource_changes).toHaveLength(run.stacks[0]?.changes.length ?? 0);
    const done = await apply({ root, directory: run.directory ?? '', stacks: [stack(1)] });
    expect(done.stacks[0]?.result).toBe('applied');
  });

  it('tell replacements, updates and removals apart, with real names', async () => {
    const before = stackOf({
      path: 'a.b.c',
      resources: { x_y__r: { input: 1, triggers_replace: 1 }, x_y__u: { input: 1 }, x_y__d: { input: 1 }, x_y__same: { input: 1 } },
    });
    const after = stackOf({
      path: 'a.b.c',
      resources: { x_y__r: { input: 1, triggers_replace: 2 }, x_y__u: { input: 2 }, x_y__n: { input: 1 }, x_y__same: { input: 1 } },
    });
    await applied([before]);
    const run = await plan({ root, stacks: [after] });
    expect(short(run)).toEqual([['planned', 2, 1, 2]]);
    expect(run.stacks[0]?.changes).toEqual([
      { address: 'x_y.d', type: 'x_y', actions: ['delete'] },
      { address: 'x_y.n', type: 'x_y', actions: ['create'] },
      { address: 'x_y.r', type: 'x_y', actions: ['replace'] },
      { address: 'x_y.u', type: 'x_y', actions: ['update'] },
    ]);
  });

  it('are kept for the last ten plans', async () => {
    for (let size = 0; size < 12; size++) await plan({ root, stacks: [stack(size)] });
    const last = await plan({ root, stacks: [stack(0)] });
    const kept = fs.readdirSync(path.join(root, '.vcloud/plans'));
    expect(kept).toHaveLength(10);
    expect(kept).toContain(last.id);
  });
});
