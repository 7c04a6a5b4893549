import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOrder, decodeColumn, encodeColumn } from '../../modules/report/client/columns.ts';
import { decodeInventory, unpackRows, unpackStrings } from '../../modules/report/client/packed.ts';
import { packInventory, packRows, StringTable } from '../../modules/report/pack.ts';
import { payloadOf } from '../../modules/report/payload.ts';
import { small } from './fixture.ts';

describe('columns', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 })), (values) => {
        expect(decodeColumn(encodeColumn(values))).toEqual(values);
      }),
    );
  });

  it('are short where values repeat or count up', () => {
    expect(encodeColumn([5, 5, 5, 5])).toBe('5 0*3');
    expect(encodeColumn(Array.from({ length: 1000 }, (_, index) => index + 1))).toBe('1*rs');
  });

  it('name every cell of rows of different widths once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 })), (shapes) => {
        const widths = [0, 1, 2, 5];
        const order = columnOrder(shapes, widths);
        const cells = shapes.reduce((sum, shape) => sum + (widths[shape] ?? 0), 0);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: cells }, (_, index) => index));
      }),
    );
  });
});

describe('the string table', () => {
  it('comes back sorted and whole, whatever the texts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 80 })), (texts) => {
        const table = new StringTable();
        const arrivals = texts.map((text) => table.add(text));
        const { packed, position } = table.close();
        const strings = unpackStrings(JSON.parse(JSON.stringify(packed)) as string[]);
        expect(arrivals.map((arrival) => strings[position(arrival)])).toEqual(texts);
        expect(strings).toEqual([...texts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
    );
  });
});

describe('rows and records', () => {
  it('keep texts, numbers and what is absent', () => {
    const table = new StringTable();
    const rows = [
      { id: 'b', parent: undefined, lat: 1.5 },
      { id: 'a', parent: 'b', lat: undefined },
    ];
    const later = packRows(rows, { strings: ['id', 'parent'], numbers: ['lat'] }, table);
    const { packed, position } = table.close();
    expect(unpackRows(later(position), unpackStrings(packed))).toEqual(rows);
  });

  it('keep attributes, relations, places and drift of every record', () => {
    const table = new StringTable();
    const later = packInventory(small.inventory, table);
    const { packed, position } = table.close();
    const strings = unpackStrings(packed);
    const inventory = decodeInventory(later(position));
    const row = small.inventory.findIndex(({ kind }) => kind === 'resource');
    const before = small.inventory.slice(0, row);
    const firstValue = before.reduce((sum, { attributes }) => sum + Object.keys(attributes).length, 0);
    const shape = (inventory.shapes[inventory.shape[row] ?? -1] ?? []).map((name) => strings[name]);
    const values = shape.map((_, at) => strings[inventory.values[firstValue + at] ?? -1]);
    expect(shape).toEqual(['differs', 'long', 'type']);
    expect(values[0]).toBe('image, flavor');
    expect(values[1]).toHaveLength(200);
    expect(inventory.drifts[inventory.drift[row] ?? -1]).toBe('missing');
    // The stack it is part of is a row of the same inventory; the tenant of that stack is not here and stays a URN.
    const firstTarget = before.reduce((sum, { relations }) => sum + relations.length, 0);
    expect(inventory.targets[firstTarget]).toBe(small.inventory.findIndex(({ urn }) => urn === 'urn:vcloud:centre:stack:moh.health.workload'));
    expect(strings[-2 - (inventory.targets[0] ?? 0)]).toBe('urn:vcloud:centre:tenant:health');
    expect([strings[inventory.file[1] ?? -1], inventory.line[1], inventory.column[1]]).toEqual(['stacks/da-nang/da-nang.yaml', 4, 5]);
  });

  it('give the same payload in any order of registration of the same data', () => {
    expect(payloadOf(structuredClone(small))).toEqual(payloadOf(small));
  });
});
