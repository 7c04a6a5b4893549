import * as fs from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, discoverFolders, plan, readState, type FolderStack } from '../../modules/engine/index.ts';
import { noEngine, temporaryRoot } from '../engine/fixtures.ts';
import { photograph, unitFolder, writeUnits } from '../engine/source/units.ts';

const count = 200;

describe.skipIf(noEngine !== undefined)(`${count} existing HCL units${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const root = temporaryRoot();
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

  const discover = (): readonly FolderStack[] => {
    const found = discoverFolders(root, [{ path: 'live/**', agency: 'mst' }], { organisations: new Set(['mst']) });
    expect(found.problems).toEqual([]);
    return found.stacks;
  };

  it('are planned and applied in the order of their terragrunt.hcl, and no file of theirs is changed', async () => {
    writeUnits(root, count);
    const before = photograph(root);
    const stacks = discover();
    expect(stacks).toHaveLength(count);
    const pathOf = new Map(stacks.map((stack) => [stack.folder.path, stack.path]));
    expect(stacks.find((stack) => stack.folder.path === unitFolder(8))?.dependsOn).toEqual([pathOf.get(unitFolder(1)), pathOf.get(unitFolder(7))].sort());

    const run = await plan({ root, stacks });
    expect(run.stacks.filter((stack) => stack.state !== 'planned')).toEqual([]);
    const applied = await apply({ root, stacks, directory: run.directory ?? '' });
    expect(applied.stacks.filter((stack) => stack.result !== 'applied')).toEqual([]);
    expect(photograph(root)).toEqual(before);

    const journal = fs.readFileSync(`${root}/.vcloud/journal/${run.id}.ndjson`, 'utf8').trim().split('\n');
    const events = journal.map((line) => JSON.parse(line) as { event: string; stack?: string });
    const at = (event: string, stack: string): number => events.findIndex((one) => one.event === event && one.stack === stack);
    for (const stack of stacks) for (const earlier of stack.dependsOn) expect(at('end', earlier)).toBeLessThan(at('start', stack.path));

    const again = await plan({ root, stacks: discover(), all: true });
    expect(new Set(again.stacks.map((stack) => stack.state))).toEqual(new Set(['unchanged']));
    expect(photograph(root)).toEqual(before);
    expect(readState(root, pathOf.get(unitFolder(20)) ?? '')?.find((one) => one.address === 'terraform_data.own')?.attributes['input']).toMatchObject({
      size: 8,
    });
  });

  it('are planned again where a file changed that only a module two folders away reads', async () => {
    fs.writeFileSync(`${root}/modules/label/label.tpl`, 'changed ${name}');
    const run = await plan({ root, stacks: discover(), select: { stack: 'mst.live.group-4.unit-012' } });
    expect(run.stacks).toMatchObject([{ state: 'planned', change: 1 }]);
    fs.writeFileSync(`${root}/common/limits.json`, '{"largest": 3}');
    const other = await plan({ root, stacks: discover(), select: { stack: 'mst.live.group-4.unit-020' } });
    expect(other.stacks).toMatchObject([{ state: 'planned', change: 2 }]);
  });
});
