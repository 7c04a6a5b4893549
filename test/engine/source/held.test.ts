import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, discoverFolders, drift, heldStacks, plan, type FolderStack } from '../../../modules/engine/index.ts';
import { recordContext } from '../../../modules/inventory/records/context.ts';
import { stackRecords } from '../../../modules/inventory/records/resources.ts';
import { FactIndex } from '../../../modules/policy/facts.ts';
import type { Facts } from '../../../modules/policy/types.ts';
import { noEngine, temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe.skipIf(noEngine !== undefined)(`existing folders${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const discover = (): readonly FolderStack[] =>
    discoverFolders(root, [{ path: 'units/web', agency: 'mst', environment: 'sandbox' }], { organisations: new Set(['mst']) }).stacks;
  const configuration = `
variable "word" {
  sensitive = true
  default   = "planted-word-51c0"
}
resource "terraform_data" "web" {
  input = { name = "web", mtu = 1500, group = "", key = var.word }
}
`;

  it('are seen by audit and inventory as their states have them, told by folder, without secrets; unknown is not empty', async () => {
    fs.mkdirSync(path.join(root, 'units/web'), { recursive: true });
    fs.writeFileSync(path.join(root, 'units/web/main.tf'), configuration);
    const stacks = discover();
    const name = stacks[0]?.path ?? '';
    const unseen = heldStacks(root, stacks);
    expect(unseen.held).toMatchObject([{ path: name, folder: 'units/web', resources: undefined }]);
    expect(unseen.problems).toMatchObject([{ code: 'ENGINE-STATE-UNSEEN', severity: 'warning', subject: name }]);

    const { directory = '' } = await plan({ root, stacks });
    await apply({ root, stacks, directory });
    const { held, problems } = heldStacks(root, stacks);
    expect(problems).toEqual([]);
    expect(held[0]?.resources).toMatchObject([{ address: 'terraform_data.web', type: 'terraform_data' }]);
    expect(JSON.stringify(held)).not.toContain('planted-word');

    const federation = {
      settings: { member: { id: 'centre' } },
      organisations: new Map([['mst', { id: 'mst' }]]),
      tenants: new Map(),
      clouds: new Map(),
    } as unknown as Facts['federation'];
    const facts = { federation, synthesis: { stacks: [], cached: 0 }, folders: held } as unknown as Facts;
    const index = new FactIndex(facts);
    const seen = [...index.all('resource').values()];
    expect(seen.map(({ id, agency, place, value }) => [id, agency, place?.file, value.folder])).toEqual([
      [`${name}/terraform_data.web`, 'mst', 'units/web', 'units/web'],
    ]);

    const states = new Map([[name, held[0]?.resources ?? []]]);
    const records = stackRecords(recordContext(federation, 'centre', '2026-11-22'), facts.synthesis, states, held);
    expect(records.map(({ kind, layer, drift: drifted, declaredAt }) => [kind, layer, drifted, declaredAt])).toEqual([
      ['stack', 'declared', undefined, 'units/web'],
      ['resource', 'state', undefined, 'units/web'],
    ]);
    expect(records[0]?.attributes).toMatchObject({ folder: 'units/web', resources: 1 });
    // Without the folders their objects would be nobody's.
    expect(stackRecords(recordContext(federation, 'centre', '2026-11-22'), facts.synthesis, states).map((record) => record.drift)).toEqual(['unmanaged']);
  });

  it('have their drift told field by field', async () => {
    const stacks = discover();
    const file = path.join(root, '.vcloud/state', stacks[0]?.path ?? '', 'terraform.tfstate');
    const state = JSON.parse(fs.readFileSync(file, 'utf8').replaceAll('"mtu": 1500', '"mtu": 9000')) as { serial: number };
    fs.writeFileSync(file, JSON.stringify({ ...state, serial: state.serial + 1 }));
    const found = await drift({ root, stacks });
    expect(found.stacks[0]).toMatchObject({ state: 'drift', drifted: [{ address: 'terraform_data.web', drift: 'changed', next: 'update' }] });
    expect(JSON.stringify(found.stacks[0]?.drifted)).toMatch(/mtu","before":"1500","after":"9000"/u);
  });
});
