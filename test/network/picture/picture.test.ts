import * as vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadAddressPlans, parsePrefix, planAddresses, showAddresses, type AddressPlan } from '../../../modules/network/index.ts';
import { bitRulers, blocksHtml, blocksOf, blockSvg, canDouble, freeBlocks, rectOf, rulerText, wordsOf } from '../../../modules/network/picture/index.ts';
import { federationFolder } from '../folder.ts';

async function planOf(): Promise<AddressPlan> {
  const text = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: six, prefix: "3fff::/20", domain: d }
  - { name: four, prefix: 10.0.0.0/8, domain: d, strategy: first-fit }
needs:
  - { key: agency/a, role: container, owner: a, legs: { v6: { pool: six, length: 32 }, v4: { pool: four, length: 16 } } }
  - { key: site/a, legs: { v6: { in: agency/a, length: 48 }, v4: { in: agency/a, length: 22 } } }
  - { key: "site/<b>&\\"", in: agency/b, length: 46 }
  - { key: agency/b, role: container, owner: "b", pool: six, length: 30 }
`;
  const { addressPlan, problems } = planAddresses(await loadAddressPlans(federationFolder({ 'network-plans/a.yaml': text })));
  expect(problems).toEqual([]);
  return addressPlan;
}

describe('layout along a Hilbert curve', () => {
  const area = ({ width, height }: { width: number; height: number }): number => width * height;

  it('gives every block its share of the square, as a square or half of one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('0', '1'), { maxLength: 20 }), (list) => {
        const rect = rectOf(list.join(''));
        expect(area(rect)).toBe(2 ** -list.length);
        const ratio = rect.width / rect.height;
        expect(list.length % 2 === 0 ? [1] : [0.5, 2]).toContain(ratio);
        expect(Math.min(rect.x, rect.y, 1 - rect.x - rect.width, 1 - rect.y - rect.height)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('keeps what lies in a block inside it, and neighbours side by side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1022 }), fc.integer({ min: 0, max: 10 }), (index, cut) => {
        const bits = index.toString(2).padStart(10, '0');
        const [inner, outer] = [rectOf(bits), rectOf(bits.slice(0, cut))];
        expect(
          inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height,
        ).toBe(true);
        const next = rectOf((index + 1).toString(2).padStart(10, '0'));
        expect(Math.abs(next.x - inner.x) + Math.abs(next.y - inner.y)).toBe(inner.width);
      }),
    );
  });

  it('free blocks are what is left, whole and aligned', () => {
    expect(freeBlocks('', ['00', '0111', '1'])).toEqual(['010', '0110']);
    expect(freeBlocks('10', [])).toEqual(['10']);
    expect(freeBlocks('', [''])).toEqual([]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 })), (used) => {
        const inner = used.sort((one, other) => one - other).map((index) => index.toString(2).padStart(8, '0'));
        const size = [...inner, ...freeBlocks('', inner)].reduce((sum, bits) => sum + 2 ** -bits.length, 0);
        expect(size).toBe(1);
      }),
    );
  });
});

describe('pictures', () => {
  it('repeat byte by byte, in both languages, and keep names from being markup', async () => {
    const [one, other] = [await planOf(), await planOf()];
    for (const language of ['vi', 'en'] as const) {
      const [block] = blocksOf(one, 'agency/b', undefined);
      const [again] = blocksOf(other, 'agency/b', undefined);
      if (!block || !again) throw new Error('no pool');
      const svg = blockSvg(block, language);
      expect(svg).toBe(blockSvg(again, language));
      expect(svg).toContain(wordsOf(language).hint);
      expect(svg).toContain('site/&lt;b&gt;&amp;&quot;');
      expect(svg).not.toContain('<b>');
      const html = blocksHtml(blocksOf(one, undefined, undefined), language);
      expect(html).toBe(blocksHtml(blocksOf(other, undefined, undefined), language));
      expect(html).not.toContain('<b>');
      expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/u);
    }
  });

  it('the page carries every block, and its program is one', async () => {
    const html = blocksHtml(blocksOf(await planOf(), undefined, undefined), 'en');
    const data = JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/u.exec(html)?.[1] ?? '') as {
      blocks: [string, number, string][];
      roots: boolean[];
    };
    expect(data.roots).toEqual([true, false]);
    expect(data.blocks.map(([hex, length, name]) => [hex, length, name])).toEqual([
      ['3fff0', 20, 'six'],
      ['3fff0000', 30, 'agency/b'],
      ['3fff00000000', 46, 'site/<b>&"'],
      ['3fff0800', 32, 'agency/a'],
      ['3fff08000000', 48, 'site/a'],
      ['0a', 8, 'four'],
      ['0a00', 16, 'agency/a'],
      ['0a0000', 22, 'site/a'],
    ]);
    const program = /<script>\n([\s\S]*)<\/script>/u.exec(html)?.[1] ?? '';
    expect(() => new vm.Script(program)).not.toThrow();
    expect(program).not.toMatch(/^(?:import|export) /mu);
  });

  it('a key of both families shows IPv6 first; an unknown one is named', async () => {
    const plan = await planOf();
    expect(blocksOf(plan, 'agency/a', undefined).map(({ text }) => text)).toEqual(['3fff:800::/32', '10.0.0.0/16']);
    expect(blocksOf(plan, 'agency/a', 'v4').map(({ text }) => text)).toEqual(['10.0.0.0/16']);
    expect(() => blocksOf(plan, 'agency/c', undefined)).toThrow(/called "agency\/c"/u);
  });
});

describe('bit ruler', () => {
  it('names the fields of an address from the keys that hold it', async () => {
    const plan = await planOf();
    expect(bitRulers(plan, '3fff:800:0:9::7')[0]?.fields.map(({ name, from, to, value, key }) => [name, from, to, value, key])).toEqual([
      ['pool', 0, 20, '3fff0', undefined],
      ['agency', 20, 32, '800', 'agency/a'],
      ['site', 32, 48, '0000', 'site/a'],
      ['subnet', 48, 64, '0009', undefined],
      ['host', 64, 128, '0000000000000007', undefined],
    ]);
    const text = rulerText(bitRulers(plan, '3fff:1::')[0] ?? { address: '', pool: '', domain: '', bits: '', fields: [] });
    // The /30 of agency/b ends inside a digit, which belongs to two fields.
    expect(text).toContain('  3fff:0001:0000:0000:0000:0000:0000:0000\n  AAAA ABB* CCCC CCCC DDDD DDDD DDDD DDDD\n');
    expect(bitRulers(plan, '10.0.1.200')[0]?.fields.map(({ name, value }) => `${name} ${value}`)).toEqual(['pool 10', 'agency 0', 'site 0', 'host 456']);
    expect(bitRulers(plan, '192.0.2.1')).toEqual([]);
    expect(() => bitRulers(plan, '010.0.0.1')).toThrow();
  });

  it('covers every bit once, whatever the address (property)', async () => {
    const plan = await planOf();
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        for (const { bits, fields } of bitRulers(plan, text.includes('.') ? '3fff::' : text)) {
          let at = 0;
          for (const { from, to } of fields) {
            expect(from).toBe(at);
            at = to;
          }
          expect(at).toBe(bits.length);
        }
      }),
    );
    expect(bitRulers(plan, '3fff:800::/32')[0]?.address).toBe('3fff:800::');
  });
});

describe('whether a block can double in place', () => {
  it('is whether the block beside it is free (property, against net show)', async () => {
    const lengths = fc.array(fc.integer({ min: 25, max: 30 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lengths, async (list) => {
        const needs = list.map((length, index) => `  - { key: k/${index}, pool: p, length: ${length} }`).join('\n');
        const text = `apiVersion: vcloud/v1\nkind: NetworkPlan\nmetadata: { name: a }\ndomains: [{ name: d }]\npools: [{ name: p, prefix: 10.0.0.0/22, domain: d, strategy: sparse }]\nneeds:\n${needs}\n`;
        const { addressPlan } = planAddresses(await loadAddressPlans(federationFolder({ 'network-plans/a.yaml': text })));
        const shown = new Map(showAddresses(addressPlan, { name: 'p' })[0]?.blocks.map(({ name, canDouble: can }) => [name, can]));
        for (const block of blocksOf(addressPlan, 'p', undefined)[0]?.blocks ?? []) expect(canDouble(block), block.text).toBe(shown.get(block.name));
      }),
      { numRuns: 40 },
    );
  });
});

describe('net show', () => {
  it('counts in sites, networks or addresses and says what can double in place', async () => {
    const plan = await planOf();
    const shown = showAddresses(plan, { name: 'six', free: true });
    expect(shown[0]?.counts).toEqual({ unit: '/48s', delegated: '327,680', used: '5', size: '268,435,456' });
    const blocks = shown[0]?.blocks ?? [];
    expect(blocks.filter(({ kind }) => kind === 'key').map(({ name, canDouble }) => [name, canDouble])).toEqual([
      ['agency/b', true],
      ['agency/a', true],
    ]);
    // Free rows stand between siblings, in address order.
    const order = blocks.map(({ prefix }) => parsePrefix(prefix).b + parsePrefix(prefix).a * 2 ** 32);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(blocks[1]?.kind).toBe('free');
    expect(showAddresses(plan, { name: 'four' })[0]?.counts).toMatchObject({ unit: 'addresses', used: '1,024' });
  });
});
