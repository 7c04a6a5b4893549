import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countRecords,
  driftCounts,
  inventoryFile,
  kindOrder,
  lastSubmission,
  listRecords,
  openInventory,
  openStore,
  searchInventory,
  showRecord,
  sortRecords,
  submit,
  summarise,
  type InventoryRecord,
  type Layer,
  type Store,
} from '../../modules/inventory/index.ts';
import { asOf, codesOf, dump, record, temporaryFolder } from './support.ts';

const everything = { share: 1, least: Number.MAX_SAFE_INTEGER };
const put = (store: Store, records: InventoryRecord[], more: Partial<Parameters<typeof submit>[1]> = {}): ReturnType<typeof submit> =>
  submit(store, { member: 'centre', observed: asOf, records: sortRecords(records), guard: everything, ...more });
const urns = (store: Store): string[] => [...listRecords(store)].map(({ urn, layer }) => `${urn} ${layer}`).sort();

/** Any set of records of two members and layers, URNs unique within each. */
const snapshot = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `thing-${index}`)),
    kind: fc.constantFrom('system', 'site', 'resource'),
    name: fc.constantFrom('Máy chủ', 'Đường truyền', 'Hồ sơ', 'Web'),
    owner: fc.constantFrom('da-nang', 'ha-noi'),
    size: fc.integer({ min: 0, max: 2 }),
    drift: fc.option(fc.constantFrom('in-sync' as const, 'missing' as const), { nil: undefined }),
  }),
  { selector: ({ id, kind }) => `${kind}/${id}`, maxLength: 20 },
);

describe('the store', () => {
  it('gives back what went in', () => {
    const store = openStore(':memory:');
    const records = [
      record({
        id: 'a',
        kind: 'organisation',
        owner: 'a',
        owners: ['a'],
        declaredAt: 'x.yaml:1:2',
        attributes: { code: '01', list: [1, null, { deep: true }] },
      }),
      record({
        id: 'b c/đ',
        kind: 'resource',
        layer: 'state',
        drift: 'unmanaged',
        observed: '2025-01-01',
        relations: [{ type: 'partOf', to: 'urn:vcloud:centre:stack:s' }],
      }),
    ];
    put(store, records);
    expect([...listRecords(store)]).toEqual(records);
  });

  it('holds exactly the last snapshot of each member and layer, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ member: fc.constantFrom('centre', 'moh'), layer: fc.constantFrom<Layer>('declared', 'state'), set: snapshot }), { maxLength: 6 }),
        (runs) => {
          const store = openStore(':memory:');
          const fresh = openStore(':memory:');
          const last = new Map<string, InventoryRecord[]>();
          for (const { member, layer, set } of runs) {
            const records = set.map(({ id, kind, name, owner, size, drift }) =>
              record({ id, kind, member, layer, owner, owners: [owner, 'viet-nam'], names: { vi: name, en: name }, attributes: { size }, drift }),
            );
            const before = last.get(`${member} ${layer}`) ?? [];
            last.set(`${member} ${layer}`, records);
            const counts = put(store, records, { member, layers: [layer] });
            const were = new Set(before.map(({ urn }) => urn));
            const are = new Set(records.map(({ urn }) => urn));
            expect(counts.added).toBe([...are].filter((urn) => !were.has(urn)).length);
            expect(counts.removed).toBe([...were].filter((urn) => !are.has(urn)).length);
            expect(counts.changed + counts.unchanged).toBe([...are].filter((urn) => were.has(urn)).length);
          }
          const expected = [...last.values()].flat();
          expect(urns(store)).toEqual(expected.map(({ urn, layer }) => `${urn} ${layer}`).sort());
          // Roll-ups and the full text tell the same as a store that never held anything else.
          for (const [key, records] of last) put(fresh, records, { member: key.split(' ')[0] ?? '', layers: [key.split(' ')[1] as Layer] });
          expect(summarise(store)).toEqual(summarise(fresh));
          expect(driftCounts(store)).toEqual(driftCounts(fresh));
          for (const word of ['may chu', 'duong', 'ho so', 'web', 'thing 3', 'da nang', 'site']) {
            const found = (from: Store): string[] =>
              searchInventory(from, word, { limit: 100 })
                .records.map(({ urn }) => urn)
                .sort();
            expect(found(store), word).toEqual(found(fresh));
          }
          store.database.exec("INSERT INTO text (text) VALUES ('integrity-check')");
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does nothing for the same snapshot, and notes only the date for the same on another day', () => {
    const store = openStore(':memory:');
    const records = [record({ id: 'a' }), record({ id: 'b' })];
    put(store, records);
    const before = dump(store);
    expect(put(store, records)).toMatchObject({ sequence: 1, added: 0, changed: 0, removed: 0, unchanged: 2 });
    expect(dump(store)).toEqual(before);
    const later = records.map((item) => ({ ...item, observed: '2026-03-02' }));
    expect(put(store, later, { observed: '2026-03-02' })).toMatchObject({ sequence: 2, changed: 0, unchanged: 2 });
    expect([...listRecords(store)].map(({ observed }) => observed)).toEqual(['2026-03-02', '2026-03-02']);
  });

  it('keeps what a thing was before', () => {
    const store = openStore(':memory:');
    put(store, [record({ id: 'a', attributes: { level: 2 } })]);
    put(store, [record({ id: 'a', attributes: { level: 3 }, observed: '2026-04-01' })], { observed: '2026-04-01' });
    expect(showRecord(store, 'urn:vcloud:centre:system:a')).toMatchObject({
      record: { attributes: { level: 3 } },
      history: [{ layer: 'declared', since: asOf, until: '2026-04-01', attributes: { level: 2 } }],
    });
    expect(searchInventory(store, 'a').records).toHaveLength(1);
  });

  it('finds by the new name of an owner whose own record alone changed', () => {
    const store = openStore(':memory:');
    const owner = (vi: string): InventoryRecord =>
      record({ id: 'city-48', kind: 'organisation', owner: 'city-48', owners: ['city-48', 'viet-nam'], names: { vi, en: vi } });
    const web = record({ id: 'web', owner: 'city-48', owners: ['city-48', 'viet-nam'] });
    put(store, [owner('Thành phố Đà Nẵng'), web]);
    expect(searchInventory(store, 'da nang').records).toHaveLength(2);
    put(store, [owner('Thành phố Quảng Nam'), web]);
    expect(searchInventory(store, 'quang nam').records.map(({ urn }) => urn)).toContain('urn:vcloud:centre:system:web');
    expect(searchInventory(store, 'da nang').records).toEqual([]);
  });

  it('refuses one thing twice in a snapshot, and keeps what it had', () => {
    const store = openStore(':memory:');
    expect(codesOf(() => put(store, [record({ id: 'a' }), record({ id: 'a' })]))).toEqual(['INV-DUPLICATE']);
    expect(countRecords(store)).toBe(0);
    put(store, [record({ id: 'b' })]);
    const before = dump(store);
    expect(codesOf(() => put(store, [record({ id: 'a' }), record({ id: 'a' })]))).toEqual(['INV-DUPLICATE']);
    expect(dump(store)).toEqual(before);
  });

  it('guards against a snapshot that lost most of its records', () => {
    const store = openStore(':memory:');
    const records = Array.from({ length: 30 }, (_, index) => record({ id: `s${index}` }));
    put(store, records);
    const before = dump(store);
    const less = (count: number): unknown => submit(store, { member: 'centre', observed: asOf, records: records.slice(0, count) });
    expect(codesOf(() => less(20))).toEqual(['INV-DELETION-GUARD']);
    expect(codesOf(() => less(0))).toEqual(['INV-DELETION-GUARD']);
    expect(dump(store)).toEqual(before);
    expect(less(21)).toMatchObject({ removed: 9 });
  });

  it('keeps resources of stacks whose state was not read: not fetched is not deleted', () => {
    const store = openStore(':memory:');
    const declared = (stack: string, drift: 'in-sync' | 'unknown'): InventoryRecord =>
      record({ id: `${stack}/r`, kind: 'resource', drift, attributes: { stack } });
    const held = (stack: string): InventoryRecord => record({ id: `${stack}/r`, kind: 'resource', layer: 'state', attributes: { stack } });
    put(store, [declared('one', 'in-sync'), declared('two', 'in-sync'), held('one'), held('two')]);
    put(store, [declared('one', 'unknown'), declared('two', 'in-sync')], { layers: ['declared', 'state'] });
    expect(urns(store).filter((urn) => urn.endsWith(' state'))).toEqual(['urn:vcloud:centre:resource:one/r state']);
  });

  it('lists kinds in their order and filters by agency with everything below', () => {
    const store = openStore(':memory:');
    put(store, [
      record({ id: 'x', kind: 'resource' }),
      record({ id: 'ward', kind: 'organisation', owner: 'ward', owners: ['ward', 'da-nang', 'viet-nam'] }),
      record({ id: 'room', kind: 'site', owner: 'ward', owners: ['ward', 'da-nang', 'viet-nam'] }),
      record({ id: 'other', owner: 'ha-noi', owners: ['ha-noi', 'viet-nam'] }),
    ]);
    const kinds = [...listRecords(store)].map(({ kind }) => kindOrder.indexOf(kind));
    expect(kinds).toEqual([...kinds].sort((a, b) => a - b));
    expect([...listRecords(store, { owner: 'da-nang' })].map(({ urn }) => urn.split(':').at(-1))).toEqual(['ward', 'room', 'x']);
    expect(countRecords(store, { owner: 'viet-nam' })).toBe(4);
  });

  it('says so when there is no inventory, or one of another format', () => {
    const root = temporaryFolder();
    expect(codesOf(() => openInventory(root))).toEqual(['INV-NONE']);
    const store = openInventory(root, { create: true });
    expect(lastSubmission(store, 'centre')).toBeUndefined();
    store.database.exec('PRAGMA user_version = 99');
    store.close();
    expect(codesOf(() => openInventory(root))).toEqual(['INV-VERSION']);
    expect(fs.statSync(path.join(root, inventoryFile)).mode & 0o777).toBe(0o600);
  });
});
