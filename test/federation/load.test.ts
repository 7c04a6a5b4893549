import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { agencyOf, ancestors, loadFederation, type Federation } from '../../modules/federation/index.ts';
import { folderWith } from '../helpers/folder.ts';

const settings = 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M } }\n';
const head = 'apiVersion: vcloud/v1\nkind: Declarations\n';

async function load(files: Record<string, string>, asOf = '2026-11-01'): Promise<Federation> {
  return loadFederation(folderWith({ 'vcloud.yaml': settings, ...files }), { asOf });
}

async function faults(files: Record<string, string>): Promise<string[]> {
  try {
    await load(files);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ code, file, line, column }) => `${file ?? ''}:${line ?? 0}:${column ?? 0} ${code}`);
    throw error;
  }
  return [];
}

const names = 'names: { vi: X, en: X }';

describe('loadFederation', () => {
  it('gives the same objects from YAML and from TypeScript', async () => {
    const yaml = await load({ 'stacks/a/a.yaml': `${head}organisations:\n  - { id: a, kind: ministry, ${names}, code: "01" }\n` });
    const code = await load({
      'stacks/a/declarations.ts': `export default { declarations: { organisations: [{ id: 'a', kind: 'ministry', names: { vi: 'X', en: 'X' }, code: '01' }] }, at: { file: 'x', line: 1, column: 1 } };\n`,
    });
    const plain = (federation: Federation): unknown => ({ ...federation.organisations.get('a'), place: undefined });
    expect(plain(code)).toEqual(plain(yaml));
    expect(yaml.organisations.get('a')?.place).toEqual({ file: 'stacks/a/a.yaml', line: 4, column: 5 });
  });

  it('makes one object per row and points at the row', async () => {
    const federation = await load({
      'stacks/u/u.yaml': `${head}organisations:\n  - { id: p, kind: province, code: "01", ${names} }\n  - forEach: { csv: units.csv, where: { type: [ward, commune] }, except: { code: "9" } }\n    id: "unit-{code}"\n    kind: "{type}"\n    code: "{code}"\n    parent: "province/{province}"\n    location: { lat: "{lat}", lon: "{lon}" }\n    names: { vi: "{name}", en: "{name}" }\n`,
      'stacks/u/units.csv': 'code,name,type,province,lat,lon\n7,Bảy,ward,01,21.5,105\n8,Tám,district,01,1,1\n9,Chín,ward,01,1,1\n',
    });
    expect([...federation.organisations.keys()]).toEqual(['p', 'unit-7']);
    const unit = federation.organisations.get('unit-7');
    expect(unit).toMatchObject({ parent: 'p', kind: 'ward', location: { lat: 21.5, lon: 105 }, place: { file: 'stacks/u/units.csv', line: 2 } });
    expect(ancestors(federation, 'unit-7').map(({ id }) => id)).toEqual(['unit-7', 'p']);
    expect(agencyOf(federation, 'unit-7')).toBe('unit-7');
  });

  it('reads holders on the date asked for and keeps the succession', async () => {
    const files = {
      'stacks/a/a.yaml': `${head}organisations:\n  - { id: old, kind: ministry, ${names} }\n  - { id: new, kind: ministry, ${names} }\nsites:\n  - { id: s, kind: data-centre, ${names}, owner: [{ organisation: old, until: "2025-03-01" }, { organisation: new, from: "2025-03-01" }] }\n`,
    };
    expect((await load(files, '2025-02-28')).sites.get('s')?.owner).toBe('old');
    expect((await load(files, '2025-03-01')).sites.get('s')?.owner).toBe('new');
    expect((await load(files, '2025-03-01')).sites.get('s')?.tenure).toHaveLength(2);
  });

  it('reports all problems of all files at once', async () => {
    const found = await faults({
      'stacks/a/a.yaml': `${head}organisations:\n  - { id: A, kind: ministry, ${names} }\nsite: []\n`,
      'stacks/b/b.yaml': `${head}organisations:\n  - { id: b, knd: ministry, ${names} }\n`,
      'stacks/c/c.yaml': 'a: [',
    });
    expect(found).toHaveLength(5);
    expect(found).toEqual(
      expect.arrayContaining([
        'stacks/a/a.yaml:4:11 CORE-SCHEMA-VALUE',
        'stacks/a/a.yaml:5:1 CORE-SCHEMA-UNKNOWN-KEY',
        'stacks/b/b.yaml:4:5 CORE-SCHEMA-MISSING',
        'stacks/b/b.yaml:4:14 CORE-SCHEMA-UNKNOWN-KEY',
        expect.stringMatching(/^stacks\/c\/c\.yaml:\d+:\d+ CORE-YAML$/u),
      ]),
    );
  });

  it('refuses a reference by kind and code that may mean two organisations', async () => {
    const organisation = (id: string, parent: string): string => `  - { id: ${id}, kind: department, code: "1", ${names}, parent: ${parent} }\n`;
    const two = `${head}organisations:\n  - { id: p, kind: province, code: "7", ${names} }\n${organisation('x', 'province/7')}${organisation('y', 'province/7')}`;
    expect(await faults({ 'stacks/a/a.yaml': two })).toEqual([]);
    expect(await faults({ 'stacks/a/a.yaml': `${two}sites:\n  - { id: s, kind: office, ${names}, owner: department/1 }\n` })).toEqual([
      'stacks/a/a.yaml:8:5 FED-AMBIGUOUS-REFERENCE',
    ]);
  });

  it('finds identities declared twice, unknown references and circles', async () => {
    const organisation = (id: string, parent = ''): string => `  - { id: ${id}, kind: unit, ${names}${parent === '' ? '' : `, parent: ${parent}`} }\n`;
    expect(
      await faults({ 'stacks/a/a.yaml': `${head}organisations:\n${organisation('a')}`, 'stacks/b/b.yaml': `${head}organisations:\n${organisation('a')}` }),
    ).toEqual(['stacks/b/b.yaml:4:5 FED-DUPLICATE']);
    expect(await faults({ 'stacks/a/a.yaml': `${head}organisations:\n${organisation('a', 'nobody')}` })).toEqual(['stacks/a/a.yaml:4:5 FED-UNKNOWN-REFERENCE']);
    expect(await faults({ 'stacks/a/a.yaml': `${head}organisations:\n${organisation('a', 'b')}${organisation('b', 'a')}` })).toEqual([
      'stacks/a/a.yaml:4:5 FED-CYCLE',
    ]);
  });
});
