import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses, formatPrefix, FreeSpace, parsePrefix, type Prefix } from '../../modules/network/index.ts';
import { naive, type Strategy } from './naive.ts';

describe('free space', () => {
  it('fills an empty pool of 16 sparsely', () => {
    const space = new FreeSpace(parsePrefix('3fff::/28'));
    const order: number[] = [];
    for (let prefix = space.find(32, 'sparse'); prefix; prefix = space.find(32, 'sparse')) {
      space.take(prefix, order.length);
      order.push(prefix.b >>> 0 === 0 ? prefix.a & 15 : -1);
    }
    expect(order).toEqual([0, 8, 4, 12, 2, 6, 10, 14, 1, 3, 5, 7, 9, 11, 13, 15]);
  });

  it('lists holes as NetBox does', () => {
    const space = new FreeSpace(parsePrefix('192.0.2.0/24'));
    expect(space.take(parsePrefix('192.0.2.64/26'), 0)).toBe(true);
    expect(space.take(parsePrefix('192.0.2.192/27'), 1)).toBe(true);
    expect([...space.blocks()].map(formatPrefix)).toEqual(['192.0.2.0/26', '192.0.2.128/26', '192.0.2.224/27']);
    expect(space.largest()).toBe(26);
    expect(space.user(parsePrefix('192.0.2.70/32'))).toBe(0);
    expect(space.user(parsePrefix('192.0.2.128/25'))).toBe(1);
    expect(space.user(parsePrefix('192.0.2.0/26'))).toBeUndefined();
    expect(space.take(parsePrefix('192.0.2.0/25'), 2)).toBe(false);
    expect(space.take(parsePrefix('192.0.3.0/25'), 2)).toBe(false);
  });

  it('works without overflow for the whole space and the last address', () => {
    for (const [root, length] of [
      ['::/0', 128],
      ['0.0.0.0/0', 32],
    ] as const) {
      const space = new FreeSpace(parsePrefix(root));
      const last = space.find(length, 'last-fit') as Prefix;
      expect(space.take(last, 7)).toBe(true);
      expect(space.user(last)).toBe(7);
      expect(space.find(length, 'best-fit')).toMatchObject({ length });
      expect([...space.blocks()]).toHaveLength(length);
      expect(space.release(last)).toBe(true);
      expect([...space.blocks()].map(formatPrefix)).toEqual([root]);
    }
  });

  it('does what the contract says, whatever was taken and released before', () => {
    const root = parsePrefix('3fff:0:0:ffc0::/58');
    const step = fc.record({
      strategy: fc.constantFrom<Strategy>('sparse', 'best-fit', 'first-fit', 'last-fit'),
      length: fc.integer({ min: 58, max: 66 }),
      release: fc.boolean(),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const space = new FreeSpace(root);
        const used: Prefix[] = [];
        for (const { strategy, length, release, pick } of steps) {
          if (release && used.length > 0) {
            const [gone] = used.splice(pick % used.length, 1);
            expect(space.release(gone as Prefix)).toBe(true);
            continue;
          }
          const found = space.find(length, strategy);
          expect(found && formatPrefix(found)).toBe(naive(root, used, length, strategy));
          if (!found) continue;
          expect(space.take(found, used.length)).toBe(true);
          expect(space.take(found, used.length)).toBe(false);
          used.push(found);
        }
        // Built at once from what is used it is the same, and goes on from there.
        const ordered = [...used].sort(compareAddresses);
        const built = FreeSpace.around(
          root,
          ordered,
          ordered.map((_, index) => 100 + index),
        );
        expect([...built.blocks()]).toEqual([...space.blocks()]);
        expect(built.largest()).toBe(space.largest());
        for (const how of ['sparse', 'best-fit', 'first-fit', 'last-fit'] as const) expect(built.find(64, how)).toEqual(space.find(64, how));
        ordered.forEach((prefix, index) => expect(built.user(prefix)).toBe(100 + index));
        for (const prefix of ordered) expect(built.release(prefix)).toBe(true);
        expect([...built.blocks()]).toEqual([root]);
      }),
      { numRuns: 300 },
    );
  });
});
