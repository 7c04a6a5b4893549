import * as fs from 'node:fs';
import * as path from 'node:path';
import { dataOf, expect, measureCommand, measureHere, measureOne, temporaryFolder, vcloud, type Parts } from './measure.ts';
import { fromGoSource, fromNpm, fromPyPI, isAbsent, type Peer } from './peers.ts';
import type { Benchmark, Row } from './table.ts';
import { PrefixLookup, readPrefixFile } from '../modules/network/prefixes.ts';

const many = 1_000_000;
/** netaddr takes half a minute for a million. */
const few = 100_000;

export const benchmark: Benchmark = {
  name: 'prefixes',
  about: `${many.toLocaleString('en-US')} prefixes, half IPv4, half IPv6, shuffled, ten nested and ten repeated among them; seeded`,
  run: async () => {
    const folder = temporaryFolder();
    for (const count of [many, few]) fs.writeFileSync(path.join(folder, `${count}.txt`), listOf(count));
    const npm = fromNpm('cidr-tools@11.3.2');
    const python = fromPyPI(['netaddr==1.3.0']);
    const go = fromGoSource('prefixes', ['github.com/gaissmai/bart@v0.30.0', 'go4.org/netipx@v0.0.0-20260823151212-3075585bcbeb']);
    const counts = (size: number): readonly (readonly [string, number])[] => [
      ['covered', 10],
      ['duplicates', 10],
      ['valid', size],
    ];
    const rows: Row[] = [];
    // The small list first: what is compiled then is kept for the next start, as on any machine that ran the toolkit before.
    for (const size of [few, many]) {
      const work = `overlap and hierarchy, ${size.toLocaleString('en-US')}`;
      const file = path.join(folder, `${size}.txt`);
      const usage = vcloud(folder, ['net', 'check', '--prefixes', file, '--json'], { accept: [2] });
      const data = dataOf<Record<string, number>>(usage);
      for (const [key, value] of counts(size)) expect(data[key] === value, `${key}: ${data[key]}`);
      const bar = size === many ? { cpuSeconds: 0.8, mebibytes: 1024 } : undefined;
      rows.push({ work, who: 'vcloud net check --prefixes', scope: 'command', ...usage, answer: '10 covered, 10 repeated', bar });
      rows.push(peer(work, 'Go bart 0.30.0 (a table of prefixes)', go, ['overlap', file]));
      rows.push(peer(work, 'cidr-tools 11.3.2 (its parser, a sorted sweep)', npm, ['--input-type=module', '-e', cidrTools('sweep'), file]));
      rows.push(peer(work, 'netaddr 1.3.0 (its parser, a sorted sweep)', python, ['-c', netaddr, file]));
    }
    const file = path.join(folder, `${many}.txt`);
    const work = `free space, ${many.toLocaleString('en-US')}`;
    const usage = vcloud(folder, ['net', 'free', '--prefixes', file, '--within', '10.0.0.0/8', '3fff::/20', '--json']);
    const free = dataOf<{ count: number; gaps: number }[]>(usage).reduce((sum, { count }) => sum + count, 0);
    rows.push({ work, who: 'vcloud net free --prefixes', scope: 'command', ...usage, answer: `${free} free blocks`, bar: { cpuSeconds: 1 } });
    rows.push(peer(work, 'Go netipx 2026-08 IPSet', go, ['free', file, '10.0.0.0/8', '3fff::/20'], String(free)));
    rows.push(peer(work, 'cidr-tools 11.3.2 excludeCidr', npm, ['--input-type=module', '-e', cidrTools('free'), file], String(free)));
    const lookups = 'build a table of 500,000 IPv6 prefixes, look up 1,000,000';
    const found = measureOne('prefixes', 'lookup', file);
    rows.push({ work: lookups, who: 'PrefixLookup', scope: 'in process', ...found, bar: { cpuSeconds: 1.2 } });
    rows.push(peer(lookups, 'Go bart 0.30.0 (and reads the file)', go, ['lookup', file], found.answer.split(' ')[0]));
    return rows;
  },
};

/** Counts up from a seed (mulberry32): the same list on every machine. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

/** Disjoint /28-/30 of 10/8 and /48-/64 of 3fff::/20, ten /31 inside of them, ten lines twice, all shuffled. */
function listOf(count: number): string {
  const next = random(4);
  const lines: string[] = [];
  const distinct = (below: number, wanted: number): number[] => {
    const slots = new Set<number>();
    while (slots.size < wanted) slots.add(next(below));
    return [...slots];
  };
  for (const slot of distinct(1 << 20, count / 2)) lines.push(`10.${slot >>> 12}.${(slot >>> 4) & 255}.${(slot & 15) << 4}/${28 + next(3)}`);
  for (const slot of distinct(1 << 28, count / 2 - 20)) {
    const length = 48 + next(17);
    const fourth = length === 48 ? 0 : ((next(1 << 16) >>> (64 - length)) << (64 - length)) & 0xffff;
    lines.push(`3fff:${(slot >>> 16).toString(16)}:${(slot & 0xffff).toString(16)}:${fourth.toString(16)}::/${length}`);
  }
  for (let index = 0; index < 10; index++) lines.push((lines[index] ?? '').replace(/\/\d+$/u, '/31'), lines[count / 2 + index] ?? '');
  for (let index = lines.length - 1; index > 0; index--) {
    const other = next(index + 1);
    [lines[index], lines[other]] = [lines[other] ?? '', lines[index] ?? ''];
  }
  return `${lines.join('\n')}\n`;
}

function peer(work: string, who: string, found: Peer | ReturnType<typeof fromNpm>, args: readonly string[], wanted = '10 10'): Row {
  if (isAbsent(found)) return { work, who, absent: found.absent };
  const usage = measureCommand(found.command, args, 'folder' in found ? { cwd: found.folder } : {});
  expect(usage.stdout.trim() === wanted, `${who}: ${usage.stdout.slice(0, 200)}`);
  return { work, who, scope: 'command', ...usage, answer: `the same: ${usage.stdout.trim()}` };
}

/** Its best case: parsed once, sorted and swept by us, for its own overlapCidr compares pairs. */
function cidrTools(what: 'sweep' | 'free'): string {
  const read = `import { parseCidr, excludeCidr } from 'cidr-tools'; import fs from 'node:fs';
const lines = fs.readFileSync(process.argv[1], 'utf8').trimEnd().split('\\n');`;
  return what === 'free'
    ? `${read} console.log(excludeCidr(['10.0.0.0/8', '3fff::/20'], lines).length);`
    : `${read}
const all = lines.map((line) => { const { start, end, version } = parseCidr(line); return { start, end, version }; });
all.sort((x, y) => x.version - y.version || (x.start < y.start ? -1 : x.start > y.start ? 1 : x.end > y.end ? -1 : x.end < y.end ? 1 : 0));
let covered = 0, repeated = 0; const stack = [];
for (const one of all) {
  while (stack.length > 0 && (stack.at(-1).version !== one.version || stack.at(-1).end < one.start)) stack.pop();
  const above = stack.at(-1);
  if (above && above.start === one.start && above.end === one.end) { repeated++; continue; }
  if (above) covered++;
  stack.push(one);
}
console.log(covered, repeated);`;
}

const netaddr = `
import sys
from netaddr import IPNetwork
nets = sorted((n.version, n.first, -n.last) for n in map(IPNetwork, open(sys.argv[1])))
stack, covered, repeated = [], 0, 0
for one in nets:
    while stack and (stack[-1][0] != one[0] or -stack[-1][2] < one[1]): stack.pop()
    if stack and stack[-1] == one:
        repeated += 1
        continue
    if stack: covered += 1
    stack.append(one)
print(covered, repeated)
`;

export const parts: Parts = {
  /** Builds the table and looks up an address of every other prefix of it. */
  lookup: async (file = '') => {
    const { v6 } = readPrefixFile(file);
    const { value, ...figures } = await measureHere(() => {
      const table = new PrefixLookup(v6);
      const next = random(5);
      let hits = 0;
      for (let index = 0; index < many; index++) {
        const row = next(v6.size);
        // Half lie in the prefix, half anywhere in the block.
        const b = index % 2 === 0 ? (v6.b[row] ?? 0) : next(0x100000000);
        if (table.find(v6.a[row] ?? 0, b, next(0x100000000), 0) >= 0) hits++;
      }
      return hits;
    });
    expect(value >= many / 2, `${value} found`);
    return [{ ...figures, answer: `${value} of ${many} found` }];
  },
};
