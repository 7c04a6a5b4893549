import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import {
  chooseObjects,
  declaredObjects,
  fieldNames,
  loadFederation,
  selectableCollections,
  type Federation,
  type Match,
  type SelectableCollection,
} from '../../modules/federation/index.ts';
import { folderWith } from '../helpers/folder.ts';

const files = {
  'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: m, names: { vi: M, en: M } }\n',
  'stacks/a/a.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: top, kind: nation, names: { vi: T, en: T } }
  - { id: province, kind: province, code: "01", label: p1, parent: top, names: { vi: P, en: P } }
  - { id: ward, kind: ward, code: "7", parent: province, names: { vi: W, en: W } }
sites:
  - { id: hall, kind: office, names: { vi: H, en: H }, owner: ward }
clouds:
  - { id: c, kind: openstack, names: { vi: C, en: C }, owner: province, regions: [{ name: r, site: hall }] }
tenants:
  - { id: t, names: { vi: T, en: T }, owner: ward, cloud: c }
systems:
  - { id: with, names: { vi: S, en: S }, owner: ward, tenants: [t] }
  - { id: without, names: { vi: S, en: S }, owner: top }
`,
};

async function load(): Promise<Federation> {
  return loadFederation(folderWith(files), { asOf: '2026-11-01' });
}

function fieldsOf(federation: Federation, collection: SelectableCollection, id: string): Readonly<Record<string, string | undefined>> {
  return declaredObjects(federation, collection).find((object) => object.id === id)?.fields ?? {};
}

describe('the fields of declared objects', () => {
  it('are its own texts, its holder, that one`s parent and its agency', async () => {
    const federation = await load();
    expect(fieldsOf(federation, 'sites', 'hall')).toMatchObject({
      id: 'hall',
      kind: 'office',
      owner: 'ward',
      'owner.code': '7',
      'owner.parent': 'province',
      'owner.parent.code': '01',
      agency: 'province',
      'agency.label': 'p1',
    });
    expect(fieldsOf(federation, 'organisations', 'ward')).toMatchObject({ owner: 'ward', parent: 'province', 'parent.label': 'p1', 'parent.parent': 'top' });
    expect(fieldsOf(federation, 'organisations', 'top')).toMatchObject({ 'parent.id': '', 'agency.label': '' });
    expect(fieldsOf(federation, 'organisations', 'top')['parent']).toBeUndefined();
    expect(declaredObjects(federation, 'systems').map(({ fields }) => fields['tenant'])).toEqual(['t', '']);
  });

  it('have only names that rules may use', async () => {
    const federation = await load();
    for (const collection of selectableCollections)
      for (const { fields } of declaredObjects(federation, collection)) expect(fieldNames(collection)).toEqual(expect.arrayContaining(Object.keys(fields)));
  });

  it('choose by what matches and what does not, and never by a field there is not', async () => {
    const federation = await load();
    const choose = (match: Match, except?: Match): string[] =>
      chooseObjects(federation, 'organisations', { match, except }, (list, field) => ({ file: `${list}.${field}` })).map(({ id }) => id);
    expect(choose({})).toEqual(['province', 'top', 'ward']);
    expect(choose({ kind: ['ward', 'province'] }, { code: '01' })).toEqual(['ward']);
    expect(choose({}, {})).toEqual(['province', 'top', 'ward']);
    expect(choose({}, { 'parent.label': '' })).toEqual(['ward']);
    let caught: unknown;
    try {
      choose({ knd: 'ward' }, { cod: '01' });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ProblemError);
    expect((caught as ProblemError).problems.map(({ code, file, hint }) => [code, file, hint])).toEqual([
      ['FED-RULE-FIELD', 'match.knd', 'did you mean "kind"?'],
      ['FED-RULE-FIELD', 'except.cod', 'did you mean "code"?'],
    ]);
  });
});
