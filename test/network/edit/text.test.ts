import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../modules/core/index.ts';
import { joined, lineDiff, subtract } from '../../../modules/network/edit/index.ts';
import { setColumn } from '../../../modules/network/edit/table-text.ts';
import { PlanText } from '../../../modules/network/edit/yaml-text.ts';
import { addressCount, contains, formatPrefix, overlaps, parsePrefix, type Prefix } from '../../../modules/network/index.ts';

interface Shape {
  readonly key: string;
  readonly block: boolean;
  readonly comment: boolean;
  readonly gap: boolean;
  readonly legs: boolean;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  key: fc.constantFrom('a', '"b c"', "'d'", 'site/e', '"00012"'),
  block: fc.boolean(),
  comment: fc.boolean(),
  gap: fc.boolean(),
  legs: fc.boolean(),
});

/** One need in one of the ways people write it. */
function itemText({ key, block, comment, gap, legs }: Shape): string {
  const note = comment ? '   # why' : '';
  const end = gap ? '\n  # about the next\n' : '';
  if (!block) return `  - { key: ${key}, ${legs ? 'legs: { v6: { pool: p, length: 48 } }' : 'pool: p, length: 48'} }${note}\n${end}`;
  return legs
    ? `  - key: ${key}${note}\n    legs:\n      v6: { pool: p, length: 48 }${note}\n${end}`
    : `  - key: ${key}${note}\n    pool: p\n    length: 48${note}\n${end}`;
}

const needsOf = (text: string): Record<string, unknown>[] => (parseYaml('x', text).value as { needs: Record<string, unknown>[] | null }).needs ?? [];

describe('plans as text', () => {
  it('change what is asked for and keep every other line', () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 5 }), fc.nat(), fc.constantFrom('\n', '\r\n'), (shapes, choice, eol) => {
        const text = `kind: NetworkPlan # top\nneeds:\n${shapes.map(itemText).join('')}after: 1\n`.replaceAll('\n', eol);
        const index = choice % shapes.length;
        const path = shapes[index]?.legs === true ? ['legs', 'v6', 'length'] : ['length'];
        const before = needsOf(text);
        const changed = new PlanText('x', text);
        changed.set(index, path, 44);
        changed.set(index, ['note'], 'new');
        const after = needsOf(changed.result());
        expect(after.map((need, at) => (at === index ? undefined : need))).toEqual(before.map((need, at) => (at === index ? undefined : need)));
        expect(after[index]).toEqual(JSON.parse(JSON.stringify({ ...before[index], note: 'new' }).replace('48', '44')));
        // Without what was put in, the text is the one it was.
        const removed = new PlanText('x', changed.result());
        removed.set(index, path, 48);
        removed.remove(index, ['note']);
        expect(removed.result()).toBe(text);

        const added = new PlanText('x', text);
        added.insert(index, '- { key: new, pool: p, length: 60 }\n');
        expect(needsOf(added.result()).map(({ key }) => key)).toEqual(
          [...before.slice(0, index + 1), { key: 'new' }, ...before.slice(index + 1)].map(({ key }) => key),
        );
        const back = new PlanText('x', added.result());
        back.removeItem(index + 1);
        expect(back.result()).toBe(text);

        const copy = new PlanText('x', text);
        copy.insert(index, copy.copy(index).lines);
        copy.removeItem(index);
        expect(needsOf(copy.result())).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('take needs in flow style, and the first one of a plan', () => {
    const flow = new PlanText('x', 'needs: [{ key: a, pool: p, length: 48 }, { key: b, pool: p, length: 48 }]\n');
    flow.removeItem(0);
    flow.insert(1, '- { key: c, pool: p, length: 50 }\n');
    expect(flow.result()).toBe('needs: [{ key: b, pool: p, length: 48 }, { key: c, pool: p, length: 50 }]\n');
    for (const text of ['kind: x\n', 'kind: x', 'kind: x\nneeds:\n', 'kind: x\nneeds: []\n', 'kind: x\nneeds: # none\n']) {
      const plan = new PlanText('x', text);
      plan.insert(undefined, '- { key: c }\n');
      expect(needsOf(plan.result())).toEqual([{ key: 'c' }]);
    }
  });
});

describe('tables', () => {
  it('get a column, or other cells in one, and keep every other byte', () => {
    const table = 'id,"na,me"\r\n1,"a ""b"""\r\n\r\n2,c\r\n';
    const wide = setColumn('t', table, 'key', (row) => ['x', 'y,z'][row]);
    expect(wide).toBe('id,"na,me",key\r\n1,"a ""b""",x\r\n\r\n2,c,"y,z"\r\n');
    expect(setColumn('t', wide, 'key', (row) => (row === 1 ? 'w' : undefined))).toBe(wide.replace('"y,z"', 'w'));
  });
});

const prefix = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
  .map(([low, length]): Prefix => parsePrefix(`10.0.0.${length === 32 ? low : (low >>> (32 - length)) << (32 - length)}/${length}`));

describe('differences of prefixes', () => {
  it('cover exactly what the others do not', () => {
    fc.assert(
      fc.property(prefix, fc.array(prefix, { maxLength: 6 }), (whole, others) => {
        const left = subtract(whole, others);
        for (const one of left) {
          expect(contains(whole, one)).toBe(true);
          expect(others.some((other) => overlaps(one, other))).toBe(false);
        }
        const count = (list: readonly Prefix[]): bigint => list.reduce((sum, one) => sum + addressCount(one), 0n);
        let covered = 0n;
        for (let address = 0; address < 256; address++) {
          const host = parsePrefix(`10.0.0.${address}/32`);
          if (contains(whole, host) && others.some((other) => contains(other, host))) covered++;
        }
        expect(count(left) + covered).toBe(addressCount(whole));
      }),
      { numRuns: 200 },
    );
    const of = (...texts: string[]): string | undefined => {
      const whole = joined(texts.map((text) => parsePrefix(text)));
      return whole && formatPrefix(whole);
    };
    expect(of('10.0.0.0/25', '10.0.0.128/26', '10.0.0.192/26')).toBe('10.0.0.0/24');
    expect(of('10.0.1.0/24', '10.0.2.0/24')).toBeUndefined();
    expect(of('10.0.0.0/24', '10.0.0.0/25')).toBeUndefined();
  });
});

describe('differences of lines', () => {
  it('say what to take out and put in', () => {
    expect(lineDiff('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual(['- b', '+ x', '+ d']);
  });
});
