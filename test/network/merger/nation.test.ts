import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../modules/core/index.ts';
import { planAddresses } from '../../../modules/network/index.ts';
import { mergeNation, nationText } from '../../../examples/merger/nation.ts';
import { federationFolder } from '../folder.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const example = path.join(repository, 'examples/merger/network-plans');
const root = federationFolder({});
fs.cpSync(example, path.join(root, 'network-plans'), { recursive: true });
const nation = await mergeNation(root);
const tableOf = (name: string): Readonly<Record<string, string>>[] =>
  parseCsv(name, fs.readFileSync(path.join(example, 'data', `${name}.csv`), 'utf8')).rows.map(({ cells }) => cells);

/** Rows of a lock as text, read without the toolkit. */
function rowsOf(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const match = /^ {2}"?([^"{]+?)"?: \{(.*)\}$/u.exec(line);
      return match ? [[match[1] ?? '', match[2] ?? '']] : [];
    }),
  );
}

describe('from 63 provinces, 696 districts and 10,035 communes to 34 and 3,321', () => {
  const before = new Map([...nation.before.allocations.values()].map(({ key, v4, v6 }) => [key, { v4, v6 }]));
  const after = rowsOf(fs.readFileSync(path.join(root, 'network-plans/nation.lock.yaml'), 'utf8'));
  const holderOf = (prefix: string | undefined): string | undefined => holders.get(prefix ?? '');
  const holders = new Map([...after].flatMap(([key, row]) => [...row.matchAll(/"([^"]+\/\d+)"/gu)].map(([, prefix]) => [prefix ?? '', key])));
  const communes = tableOf('communes-2024');

  it('starts from the nation of 2024', () => {
    const count = (level: string): number => [...before.keys()].filter((key) => key.startsWith(`${level}/`)).length;
    expect([count('province'), count('district'), count('commune')]).toEqual([63, 696, 10_035]);
  });

  it('keeps every address of a commune with its first successor', () => {
    for (const { code = '', merged_into = '' } of communes) {
      const [first = ''] = merged_into.split(' ');
      const held = before.get(`commune/${code}`);
      for (const prefix of [held?.v4, held?.v6]) expect(holderOf(prefix)?.replace(/\/from\/.*/u, '')).toBe(`commune/${first}`);
    }
    expect(communes.filter(({ merged_into = '' }) => merged_into.includes(' '))).toHaveLength(471);
    expect(nation.communes.divided).toHaveLength(471);
  });

  it('keeps every address of a province and a district', () => {
    for (const { code = '', merged_into = '' } of tableOf('provinces-2024')) {
      const held = before.get(`province/${code}`);
      for (const prefix of [held?.v4, held?.v6])
        expect(holderOf(prefix)).toBe(code === merged_into ? `province/${code}` : `province/${merged_into}/from/${code}`);
    }
    for (const { code = '' } of tableOf('districts-2024')) {
      const held = before.get(`district/${code}`);
      for (const prefix of [held?.v4, held?.v6]) expect(holderOf(prefix)).toBe(`legacy/district/${code}`);
    }
  });

  it('gives each of the 3,321 communes a block of its own name, new ones only to those that inherit nothing', () => {
    const units = tableOf('communes-2025').map(({ code = '' }) => `commune/${code}`);
    expect(units).toHaveLength(3321);
    for (const unit of units) expect(after.has(unit)).toBe(true);
    const heirs = new Set(communes.map(({ merged_into = '' }) => `commune/${merged_into.split(' ')[0] ?? ''}`));
    expect(nation.communes.without).toEqual(units.filter((unit) => !heirs.has(unit)));
    expect(nation.communes.without).toHaveLength(6);
    const old = new Set([...before.values()].flatMap(({ v4, v6 }) => [v4, v6]));
    expect([...holders].filter(([prefix]) => !old.has(prefix)).map(([, key]) => key)).toEqual(nation.communes.without.flatMap((unit) => [unit, unit]));
  });

  it('renumbers and releases nothing, and leaves plan and lock agreed', () => {
    for (const { outcome } of nation.steps) expect(outcome.rows.filter(({ kind }) => kind !== 'rename' && kind !== 'add')).toEqual([]);
    expect([...after.values()].filter((row) => row.includes('released'))).toEqual([]);
    const { diff } = planAddresses(nation.after.planSet);
    expect([diff.add, diff.release, diff.move, diff.change]).toEqual([[], [], [], []]);
    expect(diff.unchanged).toBe(2 * (63 + 696 + 10_035 + 6));
  });

  it('changes the tables by columns and the plan by lines', () => {
    for (const level of ['provinces', 'districts', 'communes']) {
      const [old, now] = [example, path.join(root, 'network-plans')].map((folder) =>
        fs.readFileSync(path.join(folder, `data/${level}-2024.csv`), 'utf8').split('\n'),
      );
      expect(now?.map((line, index) => line.slice(0, old?.[index]?.length))).toEqual(old);
    }
    const plan = fs.readFileSync(path.join(root, 'network-plans/nation.yaml'), 'utf8').split('\n');
    const kept = fs
      .readFileSync(path.join(example, 'nation.yaml'), 'utf8')
      .split('\n')
      .filter((line) => plan.includes(line));
    expect(kept.length).toBeGreaterThan(20);
  });

  it('has in docs/merger-2025.md the figures this run gives', () => {
    expect(fs.readFileSync(path.join(repository, 'docs/merger-2025.md'), 'utf8')).toBe(nationText(root, nation));
  });

  it('counts prefixes as joining neighbours by hand does', () => {
    const bitsOf = (text: string): string => {
      const [address = '', length = ''] = text.split('/');
      return address
        .split('.')
        .map((octet) => Number(octet).toString(2).padStart(8, '0'))
        .join('')
        .slice(0, Number(length));
    };
    const blocks = new Map<string, Set<string>>();
    for (const [key, row] of after) {
      if (!key.startsWith('commune/')) continue;
      const unit = key.replace(/\/from\/.*/u, '');
      blocks.set(unit, (blocks.get(unit) ?? new Set()).add(bitsOf(/v4: "([^"]+)"/u.exec(row)?.[1] ?? '')));
    }
    let announced = 0;
    for (const set of blocks.values()) {
      for (let joined = true; joined;) {
        joined = false;
        for (const bits of set) {
          const [stem, last] = [bits.slice(0, -1), bits.slice(-1)];
          const beside = stem + (last === '0' ? '1' : '0');
          if (!set.has(beside)) continue;
          set.delete(bits);
          set.delete(beside);
          set.add(stem);
          joined = true;
          break;
        }
      }
      announced += set.size;
    }
    expect(nation.report.units.v4.after.announced).toBe(announced);
  });
});
