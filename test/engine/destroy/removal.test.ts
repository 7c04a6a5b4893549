import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { apply, plan, type PlanOptions } from '../../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const base = stackOf({ path: 'a.base', resources: { n: { input: 'x' } } });
const user = stackOf({ path: 'a.user', resources: { u: { input: 'x' } }, dependsOn: ['a.base'] });
const without = stackOf({ path: 'a.user', resources: { u: { input: 'y' } } });

describe.skipIf(noEngine !== undefined)('what is declared no more and selected alone', () => {
  it('is not destroyed while a stack that stays was last applied with it', async () => {
    const { directory = '' } = await plan({ root, stacks: [base, user] });
    await apply({ root, stacks: [base, user], directory });
    const removal = (more: Omit<PlanOptions, 'root'>): Promise<unknown> =>
      plan({ root, ...more }).then(
        ({ stacks }) => stacks.map(({ path: name, state }) => `${name} ${state}`),
        (error: unknown) => (error instanceof ProblemError ? error.problems.map(({ code, subject = '', message }) => `${code} ${subject} ${message}`) : error),
      );
    const refused = ['ENGINE-DESTROY-DEPENDENTS a.user it uses a.base, which would be destroyed, and stays itself'];
    expect(await removal({ stacks: [without], select: { stack: 'a.base' }, allowRemove: ['a.base'] })).toEqual(refused);
    expect(await removal({ stacks: [without], select: { stack: 'a.base' }, allowRemove: true })).toEqual(refused);
    // Declared no more either, and not named.
    expect(await removal({ stacks: [], allowRemove: ['a.base'] })).toEqual(refused);
    expect(await removal({ stacks: [], allowRemove: true })).toEqual(['a.base planned', 'a.user planned']);

    // Together it is planned, and the user is applied first; then the other may be selected alone.
    const both = await plan({ root, stacks: [without], allowRemove: true });
    const manifest = JSON.parse(fs.readFileSync(path.join(root, both.directory ?? '', 'manifest.json'), 'utf8')) as {
      stacks: { path: string; after: string[] }[];
    };
    expect(manifest.stacks.map(({ path: name, after }) => [name, after])).toEqual([
      ['a.base', ['a.user']],
      ['a.user', []],
    ]);
    const first = await plan({ root, stacks: [without], select: { stack: 'a.user' } });
    await apply({ root, stacks: [without], directory: first.directory ?? '' });
    expect(await removal({ stacks: [without], select: { stack: 'a.base' }, allowRemove: ['a.base'] })).toEqual(['a.base planned']);
  });
});
