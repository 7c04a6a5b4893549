import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enclosingZone, nameProblem, zoneFinder } from '../../modules/dns/names.ts';

const label = fc.constantFrom('a', 'b', '0', 'x-y', '_tcp', '*', '-c', 'd-', 'É', '', 'e'.repeat(63), 'f'.repeat(64));
const name = fc.array(label, { maxLength: 6 }).map((labels) => `${labels.join('.')}.`);

describe('names', () => {
  it('find the same zone by the depth of zones as label by label', () => {
    const plain = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }).map((labels) => (labels.length === 0 ? '.' : `${labels.join('.')}.`));
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 8 }), plain, (zones, wanted) => {
        const byName = new Map(zones.map((zone) => [zone, zone]));
        expect(zoneFinder(byName)(wanted)).toBe(enclosingZone(byName, wanted));
      }),
    );
  });

  it('are right exactly where every label is', () => {
    fc.assert(
      fc.property(name, (text) => {
        const labels = text.slice(0, -1).split('.');
        const right = (part: string, index: number): boolean =>
          (part === '*' && index === 0) || (part.length < 64 && /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/u.test(part));
        const good = text === '.' || (text.length < 255 && labels.every(right));
        expect(nameProblem(text, { file: 'x' }) === undefined).toBe(good);
      }),
    );
  });
});
