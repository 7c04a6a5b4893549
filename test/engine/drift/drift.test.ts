import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apply, drift, driftText, driftVerdict, plan, type DeclaredStack } from '../../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe.skipIf(noEngine !== undefined)(`drift of stacks in the sandbox${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const readable = { lifecycle: { precondition: [{ condition: '${!fileexists("${path.module}/dead")}', error_message: 'it does not answer' }] } };
  const type = 'openstack_networking_network_v2';
  const good = stackOf({ path: 'a.good', resources: { [`${type}__web`]: { input: { name: 'web', mtu: 1500 } }, [`${type}__db`]: { input: { name: 'db' } } } });
  const half = stackOf({
    path: 'b.half',
    resources: {
      [`${type}__dead`]: { input: { name: 'dead' }, ...readable },
      [`${type}__on`]: { input: { name: `\${terraform_data.${type}__dead.id}` } },
      [`${type}__other`]: { input: { name: 'other' } },
    },
  });
  const never = stackOf({ path: 'c.never', resources: { x: { input: 'x' } } });
  const stacks: readonly DeclaredStack[] = [good, half];
  const stateFile = (name: string): string => path.join(root, `.vcloud/state/${name}/terraform.tfstate`);
  const rewrite = (name: string, change: (text: string) => string): void => {
    const state = JSON.parse(change(fs.readFileSync(stateFile(name), 'utf8'))) as { serial: number };
    fs.writeFileSync(stateFile(name), JSON.stringify({ ...state, serial: state.serial + 1 }));
  };

  it('is none after an apply, a field where one was changed, unknown where it cannot be read', async () => {
    const { directory = '' } = await plan({ root, stacks });
    await apply({ root, stacks, directory });
    const clean = await drift({ root, stacks: [...stacks, never] });
    expect(clean.stacks.map(({ path: name, state, resources }) => [name, state, resources])).toEqual([
      ['a.good', 'none', 2],
      ['b.half', 'none', 3],
      ['c.never', 'absent', 0],
    ]);
    expect(driftVerdict(clean)).toBe(0);

    rewrite('a.good', (text) => text.replaceAll('"mtu": 1500', '"mtu": 9000'));
    rewrite('b.half', (text) => text.replaceAll('"name": "other"', '"name": "renamed"'));
    const before = [...stacks].map((stack) => fs.readFileSync(stateFile(stack.path), 'utf8'));
    fs.writeFileSync(path.join(root, '.vcloud/state/b.half/dead'), '');
    const found = await drift({ root, stacks });
    expect(found.stacks.map(({ state }) => state)).toEqual(['drift', 'drift']);
    expect(found.stacks[0]?.drifted).toEqual([
      { address: `${type}.web`, type, drift: 'changed', next: 'update', fields: [{ path: 'mtu', before: '1500', after: '9000' }] },
    ]);
    expect(found.stacks[1]?.drifted).toEqual([
      { address: `${type}.other`, type, drift: 'changed', next: 'update', fields: [{ path: 'name', before: '"other"', after: '"renamed"' }] },
    ]);
    expect(found.stacks[1]?.unknown.map(({ address }) => address)).toEqual([`${type}.dead`, `${type}.on`]);
    expect(found.stacks[1]?.unknown[0]?.because).toMatch(/it does not answer/u);
    expect(driftVerdict(found)).toBe(2);
    expect([...stacks].map((stack) => fs.readFileSync(stateFile(stack.path), 'utf8'))).toEqual(before);
    expect(fs.readdirSync(path.join(root, '.vcloud/drift'))).toEqual([]);
    expect(driftText(found, 'en')).toContain('mtu: 1500 -> 9000');
    expect(driftText(found, 'vi')).toContain(`? ${type}.dead không đọc được: `);

    const onlyUnknown = await drift({ root, stacks: [{ ...good, digest: 'f'.repeat(64) }], select: { stack: 'a.good' } });
    expect(onlyUnknown.stacks[0]?.unknown[0]?.because).toMatch(/its declaration changed/u);
    expect(driftVerdict(onlyUnknown)).toBe(1);
    expect(driftText(onlyUnknown, 'en')).toMatch(/not everything could be read/u);
  });
});
