import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError, readSeparated } from '../../modules/core/index.ts';
import { loadFederation } from '../../modules/federation/index.ts';
import { proposeSites, surveySites } from '../../modules/federation/survey/index.ts';
import { angleOf, coordinatesOf, dateOf, measureOf, numberOf, powerUnits, tierOf } from '../../modules/federation/survey/values.ts';
import { folderWith } from '../helpers/folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const asOf = '2026-03-01';
const survey = path.join(repository, 'examples/survey');

/** A federation with the reference federation's organisations and nothing else. */
async function organisationsOnly(): Promise<string> {
  const { organisations } = await loadFederation(repository, { asOf, afterwards: [] });
  const lines = [...organisations.values()]
    .filter(({ kind }) => kind !== 'commune' && kind !== 'ward' && kind !== 'special-zone')
    .map(({ id, kind, code, names, parent }) => `  - ${JSON.stringify({ id, kind, code, names, parent })}`);
  return folderWith({
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, names: { vi: X, en: X } }\n',
    'stacks/all/all.yaml': `apiVersion: vcloud/v1\nkind: Declarations\norganisations:\n${lines.join('\n')}\n`,
  });
}

describe('a survey of data centres and server rooms', () => {
  it('becomes declarations that load; surveyed again there is nothing new', async () => {
    const root = await organisationsOnly();
    const first = await surveySites(root, path.join(survey, 'data-centres.xlsx'), { asOf });
    expect(first.problems).toEqual([]);
    expect(first.rows.filter(({ outcome }) => outcome === 'new')).toHaveLength(849);
    const { sites } = await loadFederation(root, { asOf });
    expect([...sites.values()].filter(({ kind }) => kind === 'data-centre')).toHaveLength(85);
    expect([...sites.values()].filter(({ kind }) => kind === 'server-room')).toHaveLength(764);
    // Unknown is left out, never 0.
    const without = [...sites.values()].filter(({ racks }) => racks === undefined).length;
    expect(without).toBeGreaterThan(100);
    expect([...sites.values()].some(({ power }) => power?.kilowatts === 0)).toBe(false);
    const before = fs.readdirSync(path.join(root, 'stacks'), { recursive: true });
    const second = await surveySites(root, path.join(survey, 'data-centres.xlsx'), { asOf, name: 'again' });
    expect(second.problems).toEqual([]);
    expect(second.sites).toEqual([]);
    expect(second.rows.filter(({ outcome }) => outcome === 'known')).toHaveLength(849);
    expect(fs.readdirSync(path.join(root, 'stacks'), { recursive: true })).toEqual(before);
  });

  it('names every doubt of dirty rows by cell and guesses nothing', async () => {
    const root = await organisationsOnly();
    const { sites, problems, rows, files } = await surveySites(root, path.join(survey, 'dirty.csv'), { asOf });
    expect(rows.map(({ cell, outcome }) => `${cell} ${outcome}`)).toEqual([
      'C3 new', 'C4 new', 'C5 duplicate', 'C6 new', 'C7 refused', 'A8 refused', 'C9 refused', 'C10 new', 'C11 new', 'A12 skipped', 'A13 skipped',
    ]); // prettier-ignore
    expect(sites.map(({ id, kind, kilowatts, racks, location, commissioned, tier }) => ({ id, kind, kilowatts, racks, location, commissioned, tier }))).toEqual(
      [
        { id: 'cao-bang-phong-may-chu-mau-a', kind: 'server-room', kilowatts: 12.5, racks: 2, commissioned: '2019-03-15' },
        { id: 'cao-bang-phong-may-chu-mau-b', kind: 'server-room', racks: 0, commissioned: '2020-05' },
        { id: 'lang-son-trung-tam-du-lieu-mau', kind: 'data-centre', racks: 12, commissioned: '2018' },
        { id: 'son-la-phong-may-chu-mau-d', kind: 'server-room', location: { lat: 21.327, lon: 103.914 } },
        { id: 'son-la-phong-may-chu-mau-e', kind: 'server-room', kilowatts: 6.25, commissioned: '2022-07' },
      ],
    );
    const cells = problems.map(({ code, message }) => `${code} ${message.split(':')[0] ?? ''}`);
    for (const expected of ['SURVEY-VALUE E3', 'SURVEY-CONFLICT C5', 'SURVEY-VALUE E6', 'SURVEY-VALUE F6', 'SURVEY-VALUE H6', 'SURVEY-OWNER C7', 'SURVEY-NO-NAME A8', 'SURVEY-KIND C9', 'SURVEY-VALUE F10', 'SURVEY-VALUE G10', 'SURVEY-VALUE H10', 'SURVEY-VALUE I10', 'SURVEY-VALUE E11', 'SURVEY-VALUE G11'])
      expect(cells, expected).toContain(expected); // prettier-ignore
    expect([...files.keys()]).toEqual(['stacks/cao-bang/survey-dirty.yaml', 'stacks/lang-son/survey-dirty.yaml', 'stacks/son-la/survey-dirty.yaml']);
  });

  it('never overwrites, and lists what a declaration says otherwise', async () => {
    const root = await organisationsOnly();
    fs.writeFileSync(path.join(root, 's.csv'), 'Name,Owner,Power (kW)\nData centre X,son-la,10\n');
    await surveySites(root, 's.csv', { asOf });
    fs.writeFileSync(path.join(root, 's.csv'), 'Name,Owner,Power (kW)\nData centre X,son-la,12\nData centre Y,Tỉnh Sơn La,8\n');
    const written = fs.readFileSync(path.join(root, 'stacks/son-la/survey-s.yaml'), 'utf8');
    await expect(surveySites(root, 's.csv', { asOf })).rejects.toThrow(/SURVEY-EXISTS/u);
    const more = await surveySites(root, 's.csv', { asOf, name: 'more' });
    expect(more.problems.map(({ code }) => code)).toEqual(['SURVEY-DIFFERS']);
    expect(more.sites.map(({ id }) => id)).toEqual(['son-la-data-centre-y']);
    expect(fs.readFileSync(path.join(root, 'stacks/son-la/survey-s.yaml'), 'utf8')).toBe(written);
    fs.writeFileSync(path.join(root, 's.csv'), 'a,b\n1,2\n');
    await expect(surveySites(root, 's.csv', { asOf })).rejects.toThrow(ProblemError);
  });

  it('proposes what loads, whatever a file says', async () => {
    const root = await organisationsOnly();
    const federation = await loadFederation(root, { asOf });
    const cell = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('', '-', '12,5 kW', '1.200', '~3', 'Tier III', '2019', '21,5', 'Sơn La', 'PMC', 'x'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { minLength: 5, maxLength: 9 }), { maxLength: 12 }), async (rows) => {
        const quoted = [['Tên', 'Tỉnh', 'Loại', 'Công suất (kW)', 'Số rack', 'Toạ độ', 'Tier', 'Tiêu chuẩn', 'Vận hành từ'], ...rows].map((row) =>
          row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','),
        );
        const { sites, rows: outcomes } = proposeSites('x.csv', [readSeparated(quoted.join('\n'))], federation);
        expect(new Set(sites.map(({ id }) => id)).size).toBe(sites.length);
        expect(outcomes.filter(({ outcome }) => outcome === 'new')).toHaveLength(sites.length);
        for (const { kilowatts = 1, racks = 1 } of sites) expect(Number.isFinite(kilowatts) && kilowatts >= 0 && Number.isInteger(racks)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});

describe('values of a survey', () => {
  it('reads numbers the one way they can be read', () => {
    expect(numberOf('12,5', undefined)).toEqual({ value: 12.5 });
    expect(numberOf('1.200,5', undefined)).toEqual({ value: 1200.5 });
    expect(numberOf('1,200.5', undefined)).toEqual({ value: 1200.5 });
    expect(numberOf('1.200.000', undefined)).toEqual({ value: 1_200_000 });
    expect(numberOf('0,125', undefined)).toEqual({ value: 0.125 });
    expect(numberOf('1.200', undefined).value).toBeUndefined();
    expect(numberOf('1.200', ',')).toEqual({ value: 1200 });
    expect(numberOf('1.200', '.')).toEqual({ value: 1.2 });
    for (const text of ['1,2,3', '12-5', '', '1..2', '1.2.3,4,5']) expect(numberOf(text, ',').value, text).toBeUndefined();
  });

  it('reads a number written in either custom as itself', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999_999 }),
        fc.integer({ min: 0, max: 99 }),
        fc.constantFrom<[string, ',' | '.']>(['.', ','], [',', '.']),
        (whole, part, [group, decimal]) => {
          const grouped = String(whole).replace(/\B(?=(?:\d{3})+$)/gu, group);
          expect(numberOf(`${grouped}${decimal}${String(part).padStart(2, '0')}`, decimal)).toEqual({
            value: Number(`${whole}.${String(part).padStart(2, '0')}`),
          });
        },
      ),
    );
  });

  it('wants units, and takes no apparent power for power', () => {
    expect(measureOf('1,5 MW', powerUnits, 'kW', ',', false)).toEqual({ value: 1500 });
    expect(measureOf('800 W (2 nguồn)', powerUnits, '', ',', false)).toEqual({ value: 0.8 });
    expect(measureOf('12', powerUnits, 'kW', ',', true)).toEqual({ value: 12 });
    for (const text of ['12', '12 kVA', '~12 kW', '10-12 kW']) expect(measureOf(text, powerUnits, '', ',', false), text).toHaveProperty('reason');
    for (const text of ['-', 'chưa rõ', 'N/A', '?']) expect(measureOf(text, powerUnits, 'kW', ',', false), text).toEqual({});
  });

  it('reads dates as exactly as they are written', () => {
    const cases: [string, string][] = [
      ['2019', '2019'], ['năm 2019', '2019'], ['3/2019', '2019-03'], ['T3/2019', '2019-03'], ['tháng 3 năm 2019', '2019-03'], ['15/03/2019', '2019-03-15'],
      ['3/15/2019', '2019-03-15'], ['ngày 5 tháng 3 năm 2019', '2019-03-05'], ['2019-03-15', '2019-03-15'],
    ]; // prettier-ignore
    for (const [text, date] of cases) expect(dateOf(text, false), text).toEqual({ value: date });
    expect(dateOf('43539', true)).toEqual({ value: '2019-03-15' });
    for (const text of ['15/3/19', '30/02/2021', '13/2019', 'mùa xuân']) expect(dateOf(text, false), text).toHaveProperty('reason');
  });

  it('reads coordinates and tiers', () => {
    expect(angleOf('21°01\'42"N', 90)).toEqual({ value: 21.028333 });
    expect(angleOf('105,85', 180)).toEqual({ value: 105.85 });
    expect(coordinatesOf('21,03; 105,85')).toEqual({ value: { lat: 21.03, lon: 105.85 } });
    expect(coordinatesOf('21.03,105.85')).toEqual({ value: { lat: 21.03, lon: 105.85 } });
    for (const text of ['105.85, 21.03', '21,03', 'Hà Nội']) expect(coordinatesOf(text), text).toHaveProperty('reason');
    for (const [text, level] of [['Tier III', 3], ['IV', 4], ['Rated-3', 3], ['mức 2', 2], ['3', 3]] as const) expect(tierOf(text), text).toEqual({ value: level }); // prettier-ignore
    expect(tierOf('chưa đạt')).toEqual({});
    expect(tierOf('V')).toHaveProperty('reason');
  });
});
