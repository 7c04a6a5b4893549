import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import {
  apply,
  destroy,
  discoverFolders,
  dropImports,
  listImports,
  plan,
  readImportFile,
  readManifest,
  readState,
  requestImports,
  reviewMarkdown,
  reviewOf,
  reviewText,
  type DeclaredStack,
  type ImportRequest,
} from '../../../modules/engine/index.ts';
import { renderPlanPage } from '../../../modules/report/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const type = 'openstack_networking_network_v2';

fs.mkdirSync(path.join(root, 'units/net'), { recursive: true });
fs.writeFileSync(
  path.join(root, 'units/net/main.tf'),
  'resource "terraform_data" "own" {}\nresource "terraform_data" "many" {\n  for_each = toset(["x"])\n}\n',
);
const { stacks: folders } = discoverFolders(root, [{ path: 'units/net', agency: 'a', environment: 'sandbox' }], { organisations: new Set(['a']) });
const made = stackOf({ path: 'a.made', resources: { [`${type}__web`]: { input: { name: 'web' } }, [`${type}__new`]: { input: { name: 'new' } } } });
const other = stackOf({ path: 'a.other', resources: { [`${type}__copy`]: { input: { name: 'copy' } } } });
const stacks: readonly DeclaredStack[] = [made, other, ...folders];

const refused = async (imports: readonly ImportRequest[]): Promise<string[]> => {
  const error: unknown = await requestImports({ root, stacks, imports }).catch((reason: unknown) => reason);
  return error instanceof ProblemError ? error.problems.map(({ code, hint = '' }) => `${code}: ${hint.split(':')[0] ?? ''}`) : ['taken'];
};

describe.skipIf(noEngine !== undefined)(`taking in what exists${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  it('is asked for, shown in the plan and its review, applied exactly, and leaves nothing to do', async () => {
    expect(await refused([{ stack: 'a.mad', address: `${type}.web`, id: 'n-1' }])).toEqual(['ENGINE-IMPORT-STACK: did you mean "a.made"?']);
    expect(await refused([{ stack: 'a.made', address: `${type}.wep`, id: 'n-1' }])).toEqual([`ENGINE-IMPORT-ADDRESS: did you mean "${type}.web"?`]);
    expect(await refused(['a.made', 'a.other'].map((stack, index) => ({ stack, address: `${type}.${index === 0 ? 'web' : 'copy'}`, id: 'n-1' })))).toEqual([
      'ENGINE-IMPORT-TWICE: one object is declared once',
    ]);
    expect(listImports({ root, stacks })).toEqual([]);

    fs.writeFileSync(
      path.join(root, 'found.csv'),
      `id,stack,address\nn-1,a.made,${type}.web\nd-1,a.units.net,terraform_data.own\nd-2,a.units.net,"terraform_data.many[""x""]"\n`,
    );
    await requestImports({ root, stacks, imports: readImportFile(root, 'found.csv') });
    await requestImports({ root, stacks, imports: [{ stack: 'a.other', address: `${type}.copy`, id: 'n-9' }] });
    expect(await dropImports({ root, stacks, stack: 'a.other', address: `${type}.copy` })).toEqual([]);

    const run = await plan({ root, stacks });
    expect(run.stacks.map(({ path: name, add, change, changes }) => [name, add, change, changes.map(({ actions }) => actions.join(' '))])).toEqual([
      ['a.made', 1, 1, ['create', 'import update']],
      ['a.other', 1, 0, ['create']],
      ['a.units.net', 0, 0, ['import', 'import']],
    ]);
    const directory = run.directory ?? '';
    const review = reviewOf(path.join(root, directory), readManifest(path.join(root, directory), directory));
    expect(reviewText(review, 'en')).toMatch(
      new RegExp(
        `~ {3}${type}\\.web {2}\\(exists already and is taken in: n-1\\)[^]*<- {2}terraform_data\\.own {2}\\(exists already and is taken in: d-1\\)`,
        'u',
      ),
    );
    expect(reviewText(review, 'vi')).toContain('tiếp nhận 2');
    expect(reviewMarkdown(review, 'en')).toContain('| `<-` | `terraform_data.own` | | exists already and is taken in: `d-1` |');
    expect(renderPlanPage(review, 'en')).toContain('n-1');

    // Asked for after the plan was made, of what that plan makes: there is nothing left to take in.
    await requestImports({ root, stacks, imports: [{ stack: 'a.made', address: `${type}.new`, id: 'n-2' }] });
    expect((await apply({ root, stacks, directory })).stacks.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    expect(readState(root, 'a.made')?.map(({ attributes }) => attributes['id'])).toContain('n-1');
    expect(readState(root, 'a.units.net')?.map(({ attributes }) => attributes['id'])).toEqual(['d-2', 'd-1']);
    expect(listImports({ root, stacks })).toEqual([]);
    expect(fs.readdirSync(path.join(root, 'units/net'))).toEqual(['main.tf']);

    expect((await plan({ root, stacks })).stacks.map(({ state }) => state)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(await refused([{ stack: 'a.made', address: `${type}.web`, id: 'n-3' }])).toEqual([
      'ENGINE-IMPORT-THERE: nothing is to be done, unless it is another object',
    ]);
    // What another stack holds is not taken in; what is about to be taken in is not destroyed.
    const third = stackOf({ path: 'a.third', resources: { [`${type}__third`]: { input: { name: 'third' } } } });
    const more = { root, stacks: [...stacks, third] };
    const ask = (id: string): Promise<unknown> => requestImports({ ...more, imports: [{ stack: 'a.third', address: `${type}.third`, id }] });
    await expect(ask('n-1')).rejects.toThrow(/ENGINE-IMPORT-HELD.*n-1 is in the state of a\.made already/u);
    await ask('n-4');
    await expect(destroy({ ...more, select: { stack: 'a.third' } })).rejects.toThrow('ENGINE-DESTROY-IMPORTS');
  });
});
