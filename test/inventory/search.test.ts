import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectRecords, findRecords, openStore, searchInventory, showRecord, submit, type Store } from '../../modules/inventory/index.ts';
import { asOf, centre, ministry, record } from './support.ts';

let store: Store;
beforeAll(async () => {
  store = openStore(':memory:');
  const [hub, member] = [await centre(), await ministry()];
  submit(store, { member: 'centre', observed: asOf, records: collectRecords({ federation: hub.federation, addresses: hub.addresses }) });
  submit(store, { member: 'moh', observed: asOf, records: collectRecords({ federation: member.federation, addresses: member.addresses }) });
});
const found = (query: string, options = {}): string[] => searchInventory(store, query, options).records.map(({ urn }) => urn.replace('urn:vcloud:', ''));

describe('search', () => {
  it.each(['bo y te', 'Bộ Y tế', 'BỘ Y TẾ', 'bộ y te', 'Bo\u0302\u0323 Y te\u0302\u0301', 'ministry of health', 'BYT'])(
    'finds the ministry first by "%s"',
    (query) => {
      expect(found(query)[0]).toBe('moh:organisation:moh');
    },
  );

  it('finds the ministry with what it and everything below it owns', () => {
    const [group] = searchInventory(store, 'bo y te').groups;
    expect(group?.organisation.urn).toBe('urn:vcloud:moh:organisation:moh');
    expect(group?.records.map(({ urn }) => urn.replace('urn:vcloud:moh:', ''))).toEqual(
      expect.arrayContaining(['cloud:moh-cloud', 'site:moh-dc', 'organisation:moh-centre', 'system:ehr', 'tenant:ehr', 'prefix:tenant/ehr/web/v4']),
    );
    expect(group?.kinds).toContainEqual({ kind: 'prefix', count: 2 });
    expect(found('bo y te')).toEqual(expect.arrayContaining(['moh:system:ehr', 'moh:site:moh-dc']));
  });

  it.each(['da nang', 'Đà Nẵng', 'đà nẵng', 'DA NANG', 'danang'])('finds the city and its belongings by "%s"', (query) => {
    expect(found(query)[0]).toBe('centre:organisation:da-nang');
    const kinds = searchInventory(store, query).groups[0]?.kinds.map(({ kind }) => kind);
    expect(kinds).toEqual(['organisation', 'system', 'service', 'cloud', 'site', 'tenant', 'prefix']);
  });

  it('finds things by whose they are and what they are together', () => {
    expect(found('phong may da nang')).toEqual(['centre:site:da-nang-room']);
    expect(found('da nang site')).toEqual(expect.arrayContaining(['centre:site:da-nang-dc', 'centre:site:da-nang-room']));
    expect(found('he thong bo y te')[0]).toBe('moh:system:ehr');
  });

  it('takes the beginning of the last word, keeps quoted words together, reads addresses', () => {
    expect(found('hai cha')[0]).toBe('centre:organisation:commune-20194');
    expect(found('"te bo y"')).toEqual([]);
    expect(found('te bo y')[0]).toBe('moh:organisation:moh');
    expect(found('10.8.4.0/26')).toEqual(['moh:prefix:tenant/ehr/web/v4']);
    expect(found('3fff:8:1::/48')).toEqual(['moh:prefix:site/moh-dc/v6']);
  });

  it('does not find everything by the name of the root', () => {
    expect(found('viet nam')).toEqual(['centre:organisation:viet-nam']);
  });

  it('filters', () => {
    expect(found('trung tam du lieu', { member: 'moh' })).toEqual(['moh:site:moh-dc']);
    expect(found('da nang', { kind: 'cloud' })).toEqual(['centre:cloud:da-nang-cloud']);
    expect(found('nen tang', { owner: 'moh' })).toEqual([]);
  });

  it('stands any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '*', 'a* OR', 'name:x', 'NEAR(a b)', '-a', '""', "'", '\u0000')),
        (query) => {
          expect(Array.isArray(searchInventory(store, query).records)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('shows the better match first: exact names, then organisations, then the rest', () => {
    const ranked = openStore(':memory:');
    submit(ranked, {
      member: 'centre',
      observed: asOf,
      records: [
        record({ id: 'long', kind: 'organisation', owner: 'long', owners: ['long'], names: { vi: 'Chi cục Huế mở rộng', en: 'x' } }),
        record({ id: 'org', kind: 'organisation', owner: 'org', owners: ['org'], names: { vi: 'Huế', en: 'x' } }),
        record({ id: 'sys', names: { vi: 'Huế', en: 'x' } }),
        record({ id: 'sys-2', names: { vi: 'Cổng Huế', en: 'x' } }),
      ],
    });
    expect(searchInventory(ranked, 'hue').records.map(({ urn }) => urn.split(':').at(-1))).toEqual(['org', 'sys', 'sys-2', 'long']);
    expect(searchInventory(ranked, 'hue', { limit: 2 })).toMatchObject({ more: true });
  });
});

describe('show', () => {
  it('traces a thing to its owners, its relations and the line it is declared at', () => {
    const shown = showRecord(store, 'urn:vcloud:moh:system:ehr');
    expect(shown?.owners).toEqual([
      { id: 'moh-centre', urn: 'urn:vcloud:moh:organisation:moh-centre', names: { vi: 'Trung tâm Thông tin y tế', en: 'Health information centre' } },
      { id: 'moh', urn: 'urn:vcloud:moh:organisation:moh', names: { vi: 'Bộ Y tế', en: 'Ministry of Health' } },
      { id: 'viet-nam', urn: 'urn:vcloud:centre:organisation:viet-nam', names: { vi: 'Việt Nam', en: 'Viet Nam' } },
    ]);
    expect(shown?.declaredAt).toMatch(/^stacks\/moh\/moh\.yaml:13:5$/u);
    expect(shown?.relations).toContainEqual(expect.objectContaining({ type: 'runsOn', to: 'urn:vcloud:moh:tenant:ehr', kind: 'tenant' }));
    expect(showRecord(store, 'urn:vcloud:moh:tenant:ehr')?.referredBy).toContainEqual(
      expect.objectContaining({ type: 'runsOn', from: 'urn:vcloud:moh:system:ehr' }),
    );
  });

  it('takes ids, kind and id, and URNs', () => {
    const urns = (text: string): string[] => findRecords(store, text).map(({ urn }) => urn.replace('urn:vcloud:', ''));
    expect(urns('moh')).toEqual(['moh:organisation:moh']);
    expect(urns('ehr')).toEqual(['moh:system:ehr', 'moh:tenant:ehr']);
    expect(urns('tenant/ehr')).toEqual(['moh:tenant:ehr']);
    expect(urns('urn:vcloud:moh:tenant:ehr')).toEqual(['moh:tenant:ehr']);
    expect(urns('prefix/tenant/ehr/web/v4')).toEqual(['moh:prefix:tenant/ehr/web/v4']);
    expect(urns('nothing')).toEqual([]);
    expect(showRecord(store, 'urn:vcloud:moh:tenant:nothing')).toBeUndefined();
  });
});
