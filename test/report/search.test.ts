import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold as coreFold } from '../../modules/core/index.ts';
import { fold } from '../../modules/report/client/fold.ts';
import { decodeInventory, unpackStrings } from '../../modules/report/client/packed.ts';
import { buildIndex, search, type Query } from '../../modules/report/client/search.ts';
import { packInventory, StringTable } from '../../modules/report/pack.ts';
import { small } from './fixture.ts';

const table = new StringTable();
const later = packInventory(small.inventory, table);
const { packed, position } = table.close();
const index = buildIndex(decodeInventory(later(position)), unpackStrings(packed));
const everything: Query = { text: '', kind: '', member: '', layer: '', drift: '', agency: '' };

function ids(query: Partial<Query>): string[] {
  return search(index, { ...everything, ...query }).map((row) => small.inventory[row]?.urn.split(':').slice(3).join(':') ?? '');
}

describe('search', () => {
  it('folds as the inventory does', () => {
    for (const text of ['Bộ Y tế', 'ĐÀ NẴNG', 'Thừa Thiên Huế', 'đường']) expect(fold(text)).toBe(coreFold(text));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(text)).toBe(coreFold(text));
      }),
    );
  });

  it.each(['bo y te', 'Bộ Y tế', 'BO Y TE', 'y te'])('%s finds the ministry first, then what it owns', (text) => {
    const found = ids({ text });
    expect(found[0]).toBe('organisation:moh');
    expect(found).toContain('resource:moh.health.workload/openstack_compute_instance_v2.web');
    expect(found).not.toContain('organisation:da-nang');
  });

  it('finds đ by d', () => {
    expect(ids({ text: 'da nang' })[0]).toBe('organisation:da-nang');
    expect(ids({ text: 'dien tu' })).toEqual(['system:one-stop']);
  });

  it('matches beginnings of words only', () => {
    expect(ids({ text: 'minis' })).toContain('organisation:moh');
    expect(ids({ text: 'inistry' })).toEqual([]);
  });

  it('finds attribute values, and English names', () => {
    expect(ids({ text: 'openstack_compute' })).toEqual(['resource:moh.health.workload/openstack_compute_instance_v2.web']);
    expect(ids({ text: 'one-stop shop' })).toEqual(['system:one-stop']);
  });

  it('wants every term', () => {
    expect(ids({ text: 'bo y te zzz' })).toEqual([]);
  });

  it('filters by kind, drift and agency', () => {
    expect(ids({ kind: 'system' })).toEqual(['system:one-stop']);
    expect(ids({ drift: 'missing' })).toHaveLength(1);
    expect(ids({ agency: 'da-nang', kind: 'stack' })).toEqual(['stack:da-nang.apps.workload']);
    expect(ids({})).toHaveLength(small.inventory.length);
  });
});
