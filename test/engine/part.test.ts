import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, applyVerdict, backupStates, listStacks, plan, restoreStates, unlockStates } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const stack = (name: string, dependsOn: readonly string[] = []): ReturnType<typeof stackOf> =>
  stackOf({ path: name, dependsOn: [...dependsOn], resources: { thing__one: { input: name } } });
const stacks = [stack('a.net.one'), stack('a.net.two', ['a.net.one']), stack('b.net.one')];

describe.skipIf(noEngine !== undefined)(`a part of a run${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  afterAll(() => {
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
  });

  it('apply of selected stacks leaves the rest for later, stops what depends on it, and the same directory applies it then', async () => {
    const root = newRoot();
    const { directory = '' } = await plan({ root, stacks });
    await expect(apply({ root, stacks, directory, select: { agency: 'nobody' } })).rejects.toThrow(/ENGINE-NOTHING-SELECTED/u);
    const two = await apply({ root, stacks, directory, select: { expressions: ['a.net.two or b.net.one'] } });
    expect(two.stacks.map(({ path: name, result, by }) => [name, result, by])).toEqual([
      ['a.net.two', 'stopped', 'a.net.one'],
      ['b.net.one', 'applied', undefined],
    ]);
    expect(two.stacks[0]?.because).toMatch(/a.net.one.*was not selected/u);
    expect(two.excluded).toEqual(['a.net.one']);
    expect(applyVerdict(two.stacks)).toBe(1);
    const one = await apply({ root, stacks, directory, select: { stack: 'a.net.one' } });
    expect(one.stacks.map(({ path: name, result }) => [name, result])).toEqual([
      ['a.net.one', 'applied'],
      ['b.net.one', 'applied'],
    ]);
    expect(applyVerdict(one.stacks)).toBe(0);
    const all = await apply({ root, stacks, directory });
    expect(all.stacks.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    const listed = async (select: Parameters<typeof listStacks>[1]): Promise<string[]> => (await listStacks({ root, stacks }, select)).map((one) => one.stack);
    expect(await listed({})).toHaveLength(3);
    expect(await listed({ agency: 'b' })).toEqual(['b.net.one']);
    expect(await listed({ expressions: ['dependents-of:a.net.one'] })).toEqual(['a.net.two']);
    await expect(listed({ expressions: ['c.*'] })).rejects.toThrow(/ENGINE-NOTHING-SELECTED/u);
    const saved = await backupStates({ root, stacks }, undefined, { agency: 'a' });
    expect(saved.states.map(({ stack }) => stack)).toEqual(['a.net.one', 'a.net.two']);
    const restored = async (select: Parameters<typeof listStacks>[1]): Promise<string[]> =>
      (await restoreStates({ root, stacks }, { folder: saved.folder, select })).map(({ stack }) => stack);
    expect(await restored({ stack: 'a.net.two' })).toEqual(['a.net.two']);
    await expect(backupStates({ root, stacks }, undefined, { agency: 'nobody' })).rejects.toThrow(/ENGINE-NOTHING-SELECTED/u);
    const lock = path.join(root, '.vcloud/state/b.net.one/.terraform.tfstate.lock.info');
    fs.writeFileSync(lock, JSON.stringify({ ID: 'left', Who: 'operator@here' }));
    expect(await unlockStates({ root, stacks }, { select: { agency: 'a' } })).toEqual([]);
    expect((await unlockStates({ root, stacks }, { select: { agency: 'b' } })).map(({ stack, released }) => [stack, released])).toEqual([['b.net.one', true]]);
    await expect(unlockStates({ root, stacks }, { stacks: ['a.net.tow'] })).rejects.toThrow(/ENGINE-STATE-UNKNOWN/u);
  });

  it('an interrupted plan is no plan: nothing to approve lies there, and the next one takes over what was planned', async () => {
    const root = newRoot();
    const stop = new AbortController();
    const reporter = { start() {}, progress() {}, end() {}, note() {}, unit: () => stop.abort() };
    await expect(plan({ root, stacks, parallelism: 1, signal: stop.signal, reporter })).rejects.toThrow(
      /ENGINE-INTERRUPTED: interrupted: 1 of 3 stacks planned/u,
    );
    const plans = path.join(root, '.vcloud', 'plans');
    for (const id of fs.readdirSync(plans)) expect(fs.existsSync(path.join(plans, id, 'manifest.json'))).toBe(false);
    const whole = await plan({ root, stacks });
    expect(whole.stacks.map(({ state }) => state)).toEqual(['planned', 'planned', 'planned']);
    expect(whole.stacks.filter(({ milliseconds }) => milliseconds > 0)).toHaveLength(2);
    expect((await apply({ root, stacks, directory: whole.directory ?? '' })).stacks.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
  });

  it('who plans on a broken log is told', async () => {
    const root = newRoot();
    await plan({ root, stacks });
    const log = path.join(root, '.vcloud', 'log.ndjson');
    fs.writeFileSync(log, fs.readFileSync(log, 'utf8').replace('terraform', 'terrafarm').replace('tofu', 'tafu'));
    const { problems = [] } = await plan({ root, stacks });
    expect(problems.map(({ code, severity }) => [code, severity])).toContainEqual(['ENGINE-LOG-BROKEN', 'warning']);
  });
});
