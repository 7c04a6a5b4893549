import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { folderWith } from '../helpers/folder.ts';

const asOf = '2026-03-01';
const head = 'apiVersion: vcloud/v1\nkind: ';
const base = `${head}Declarations
organisations:
  - { id: office, kind: agency, names: { vi: X, en: X } }
sites:
  - { id: room, kind: server-room, names: { vi: X, en: X }, owner: office }
  - { id: other, kind: server-room, names: { vi: X, en: X }, owner: office }
racks:
  - { id: r1, owner: office, site: room, units: 42, watts: 1000 }
`;
const folder = (rest: string, table = ''): string =>
  folderWith({
    'vcloud.yaml': `${head}Federation\nmember: { id: office, organisation: office, names: { vi: X, en: X } }\n`,
    'stacks/office/office.yaml': base,
    'stacks/office/equipment.yaml': `${head}Declarations\n${rest}`,
    'stacks/office/servers.csv': table,
  });
const load = (rest: string, table?: string): ReturnType<typeof loadFederation> => loadFederation(folder(rest, table), { asOf });
async function codes(rest: string): Promise<string[]> {
  try {
    await load(rest);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ code }) => code);
  }
}
const server = (id: string, more: string): string => `  - { id: ${id}, owner: office, site: room, ${more} }\n`;

describe('equipment of a site', () => {
  it('comes from a table whose empty cells are unknown', async () => {
    const rule = `servers:
  - forEach: { csv: servers.csv }
    id: "{id}"
    owner: office
    site: room
    rack: "{rack?}"
    unit: "{unit?}"
    height: "{height?}"
    serial: "{serial?}"
    commissioned: "{commissioned?}"
`;
    const { servers } = await load(rule, 'id,rack,unit,height,serial,commissioned\ns1,r1,1,2,SN1,2020-01-01\ns2,,,,,\n');
    expect(servers.get('s1')).toMatchObject({ rack: 'r1', unit: 1, height: 2, serial: 'SN1', commissioned: '2020-01-01' });
    const bare = servers.get('s2') ?? {};
    for (const field of ['rack', 'unit', 'height', 'serial', 'commissioned']) expect(bare, field).not.toHaveProperty(field);
  });

  it.each([
    ['units that overlap', server('a', 'rack: r1, unit: 1, height: 4') + server('b', 'rack: r1, unit: 4'), 'FED-RACK-OVERLAP'],
    ['units past the top', server('a', 'rack: r1, unit: 42, height: 2'), 'FED-RACK-UNIT'],
    ['a unit of no rack', server('a', 'unit: 3'), 'FED-RACK-UNIT'],
    ['a rack elsewhere', '  - { id: a, owner: office, site: other, rack: r1 }\n', 'FED-RACK-SITE'],
    ['a rack that is not there', server('a', 'rack: r9'), 'FED-UNKNOWN-REFERENCE'],
    ['a site that is not there', '  - { id: a, owner: office, site: nowhere }\n', 'FED-UNKNOWN-REFERENCE'],
    ['dates out of order', server('a', 'received: "2022-05-01", commissioned: "2022-04-30"'), 'FED-DATES'],
    ['retired before it was received', server('a', 'received: "2022-05-01", retired: "2021-04-30"'), 'FED-DATES'],
    ['one serial twice', server('a', 'serial: SN-1') + server('b', 'serial: sn-1'), 'FED-SERIAL'],
    ['more power than the rack has', server('a', 'rack: r1, watts: 600') + server('b', 'rack: r1, watts: 500'), 'FED-RACK-POWER'],
  ])('refuses %s', async (_what, list, code) => {
    expect(await codes(`servers:\n${list}`)).toEqual([code]);
  });

  it('leaves the units and the power of what is retired to what came after', async () => {
    const list =
      server('a', 'rack: r1, unit: 1, height: 4, watts: 900, retired: "2024-01-01"') + server('b', 'rack: r1, unit: 2, received: "2024-01-01", watts: 900');
    expect(await codes(`servers:\n${list}`)).toEqual([]);
    expect(await codes(`servers:\n${list.replace('received: "2024-01-01"', 'received: "2023-12-31"')}`)).toEqual(['FED-RACK-OVERLAP']);
  });
});
