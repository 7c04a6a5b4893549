import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import {
  apply,
  destroy,
  drift,
  plan,
  protectionOf,
  readState,
  reviewOf,
  readManifest,
  reviewText,
  type DeclaredStack,
  type DestroyOptions,
} from '../../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const volume = 'openstack_blockstorage_volume_v3';

const base = stackOf({ path: 'a.base', resources: { n: { input: 'base' } }, outputs: { n: '${terraform_data.n.output}' } });
const data = {
  ...stackOf({ path: 'b.data', resources: { [`${volume}__disk`]: { input: { name: 'disk' } }, port: { input: 'p' } }, dependsOn: ['a.base'] }),
  reads: ['a.base'],
};
const stays = { ...stackOf({ path: 'c.stays', resources: { s: { input: 's' } } }), protect: true };
const stacks: readonly DeclaredStack[] = [base, data, stays];

const refusals = async (options: Omit<DestroyOptions, 'root' | 'stacks'>): Promise<string[]> => {
  const error: unknown = await destroy({ root, stacks, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error instanceof ProblemError ? error.problems.map(({ code, subject = '', message }) => `${code} ${subject} ${message.split(':')[0] ?? ''}`) : [];
};

it('knows what holds data', () => {
  expect(protectionOf('openstack_dns_zone_v2')).toMatch(/zone/u);
  expect(protectionOf('openstack_networking_network_v2')).toBeUndefined();
});

describe.skipIf(noEngine !== undefined)(`destroying stacks${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('is planned, in reverse order, and refused for what is used, holds data or is protected', async () => {
    for (let wave = 0; wave < 2; wave++) {
      const { directory = '' } = await plan({ root, stacks });
      await apply({ root, stacks, directory });
    }
    // Declared no more is not reason enough, unless the stack is named.
    const gone = (allowRemove: boolean | readonly string[]): Promise<unknown> =>
      plan({ root, stacks: [base], allowRemove }).then(
        ({ stacks: planned }) => planned.filter(({ removed }) => removed === true).map(({ path: name, state }) => `${name} ${state}`),
        (error: unknown) => (error as ProblemError).problems.map(({ code, subject = '', message }) => `${code} ${subject} ${message}`),
      );
    const disk = `ENGINE-DESTROY-PROTECTED b.data declared no more, and would be destroyed: ${volume}.disk: with it goes the data on the volume`;
    const kept = 'ENGINE-DESTROY-PROTECTED c.stays declared no more, and would be destroyed: s.s: it was declared protected (protect: true)';
    expect(await gone(true)).toEqual([disk, kept.replace('s.s', 'terraform_data.s')]);
    expect(await gone(['b.data'])).toEqual(['b.data planned', 'c.stays skipped']);
    expect(await gone(['b.data', 'c.stays'])).toEqual(['b.data planned', 'c.stays planned']);
    expect(await gone(false)).toEqual(['b.data skipped', 'c.stays skipped']);

    expect(await refusals({})).toEqual(['ENGINE-DESTROY-SELECT  nothing says what to destroy']);
    expect(await refusals({ select: { stack: 'a.base' } })).toEqual([
      'ENGINE-DESTROY-DEPENDENTS b.data it uses a.base, which would be destroyed, and stays itself',
    ]);
    expect(await refusals({ select: { expressions: ['all'] }, allow: ['nonsense'] })).toEqual([
      `ENGINE-DESTROY-PROTECTED b.data ${volume}.disk`,
      'ENGINE-DESTROY-PROTECTED c.stays s.s',
      'ENGINE-DESTROY-ALLOW  --allow-destroy names "nonsense", which is neither a selected stack nor an object of one',
    ]);

    const run = await destroy({ root, stacks, select: { expressions: ['a.base or b.data'] }, allow: [`${volume}.disk`], attributes: true });
    expect(run.stacks.map((stack) => [stack.path, stack.state, stack.destroy, stack.removed])).toEqual([
      ['a.base', 'planned', 1, undefined],
      ['b.data', 'planned', 2, undefined],
    ]);
    const manifest = readManifest(path.join(root, run.directory ?? ''), run.directory ?? '');
    expect(manifest.purpose).toBe('destroy');
    expect(manifest.stacks.map(({ after }) => after)).toEqual([['b.data'], []]);
    expect(reviewText(reviewOf(path.join(root, run.directory ?? ''), manifest), 'en')).toMatch(
      /THIS PLAN DESTROYS[^]*- {3}b\.data {2}openstack_blockstorage_volume_v3\.disk/u,
    );
    expect(readState(root, 'b.data')?.length).toBe(2);

    const applied = await apply({ root, stacks, directory: run.directory ?? '' });
    expect(applied.stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect([readState(root, 'a.base'), readState(root, 'b.data'), readState(root, 'c.stays')?.length]).toEqual([[], [], 1]);
    expect((await drift({ root, stacks })).stacks.map(({ state }) => state)).toEqual(['absent', 'absent', 'none']);
    // Declared as before, it is made again; nothing believes it to be there.
    const again = await plan({ root, stacks, select: { expressions: ['changed'] } });
    expect(again.stacks.map((stack) => [stack.path, stack.state, stack.add])).toEqual([
      ['a.base', 'planned', 1],
      ['b.data', 'waits', 0],
    ]);
    expect((await destroy({ root, stacks, select: { stack: 'a.base' } })).stacks.map(({ state }) => state)).toEqual(['unchanged']);
  });
});
