import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildTree,
  contains,
  formatBlock,
  longestMatch,
  parseBlock,
  sizeOf,
  usageOf,
  type Block,
  type TreeNode,
} from '../../modules/report/client/addresses.ts';

function block(text: string): Block {
  const parsed = parseBlock(text);
  if (!parsed) throw new Error(text);
  return parsed;
}

function tree(...texts: string[]): TreeNode[] {
  return buildTree(texts.map((text, index) => ({ block: block(text), index, pool: index === 0 })));
}

describe('addresses typed by people', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    [' 3FFF:0:0:0::1 ', '3fff::1/128'],
    ['::', '::/128'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1/128'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3/128'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
  ])('%s is %s', (text, canonical) => expect(formatBlock(block(text))).toBe(canonical));

  it.each([
    '',
    '10.1.2',
    '10.1.2.256',
    '010.1.2.3',
    '10.1.2.3/33',
    '10.1.2.3/',
    '10.1.2.3/8/8',
    '1::2::3',
    '1:2:3',
    ':::',
    '12345::',
    '::/129',
    'ha-noi',
    '1:2:3:4:5:6:7::8:9',
  ])('%j is not one', (text) => expect(parseBlock(text)).toBeUndefined());

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), fc.integer({ min: 0, max: 128 }), (start, length) => {
        const host = BigInt(128 - length);
        const given: Block = { bits: 128, start: (start >> host) << host, length };
        expect(parseBlock(formatBlock(given))).toEqual(given);
      }),
    );
  });
});

describe('the tree', () => {
  it('finds the smallest block around an address', () => {
    const roots = tree('10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.2.0.0/16');
    expect(longestMatch(roots, block('10.1.2.9'))?.index).toBe(2);
    expect(longestMatch(roots, block('10.1.9.9'))?.index).toBe(1);
    expect(longestMatch(roots, block('10.9.9.9'))?.index).toBe(0);
    expect(longestMatch(roots, block('11.0.0.1'))).toBeUndefined();
    expect(longestMatch(roots, block('10.1.0.0/15'))?.index).toBe(0);
  });

  it('agrees with trying every block', () => {
    const prefix = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 8, max: 28 }));
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 1, maxLength: 60 }), prefix, (list, [a, b]) => {
        const blocks = list.map(([x, y, length]) => block(`10.${x}.${y}.0/${length}`));
        const unique = [...new Map(blocks.map((item) => [formatBlock(item), item])).values()];
        const roots = buildTree(unique.map((item, index) => ({ block: item, index, pool: false })));
        const address = block(`10.${a}.${b}.7`);
        const expected = unique.filter((item) => contains(item, address)).sort((x, y) => y.length - x.length)[0];
        const found = longestMatch(roots, address);
        expect(found && formatBlock(found.block)).toBe(expected && formatBlock(expected));
      }),
    );
  });

  it('keeps a pool outside the block that takes all of it', () => {
    const [root] = tree('10.0.0.0/8', '10.0.0.0/8');
    expect([root?.pool, root?.children[0]?.pool]).toEqual([true, false]);
  });

  it('tells what is used and the largest free block', () => {
    const [root] = tree('10.0.0.0/8', '10.0.0.0/10', '10.128.0.0/9');
    expect(usageOf(root as TreeNode)).toEqual({ used: 0.75, free: block('10.64.0.0/10') });
    expect(usageOf(tree('10.0.0.0/8', '10.0.0.0/8')[0] as TreeNode)).toEqual({ used: 1, free: undefined });
    expect(usageOf(tree('10.0.0.0/8')[0] as TreeNode)).toEqual({ used: 0, free: block('10.0.0.0/8') });
  });

  it('offers as free only what nobody holds, and never less than it could', () => {
    const children = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 63 });
    fc.assert(
      fc.property(children, (slots) => {
        const [root] = tree('10.0.0.0/18', ...slots.map((slot) => `10.0.${slot}.0/24`));
        const { free } = usageOf(root as TreeNode);
        const taken = new Set(slots);
        let best = 0;
        for (let size = 1; size <= 64; size *= 2)
          for (let at = 0; at < 64; at += size) if (Array.from({ length: size }, (_, index) => at + index).every((slot) => !taken.has(slot))) best = size;
        expect(free ? Number(sizeOf(free)) / 256 : 0).toBe(best);
      }),
    );
  });
});
