import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkPrefixes,
  checkPrefixFile,
  contains,
  formatPrefix,
  isFault,
  prefixesToRanges,
  rangeSize,
  readPrefix,
  readPrefixBytes,
  samePrefix,
  type Prefix,
  type PrefixCheck,
  type PrefixCounts,
} from '../../../modules/network/prefixes.ts';
import { near4, near6, texts, wide4, wide6 } from './arbitraries.ts';

const check = (text: string | Uint8Array): PrefixCheck => checkPrefixes(readPrefixBytes(typeof text === 'string' ? Buffer.from(text) : text));

/** The definition, read literally, without any order or structure. */
function slowly(lines: readonly string[]): PrefixCounts {
  const rows: { prefix: Prefix; domain: string; owner: string }[] = [];
  for (const line of lines) {
    const [text = '', domain = '', owner = '', ...more] = line.split(',');
    const prefix = readPrefix(text);
    if (isFault(prefix) || more.length > 0 || [domain, owner].some((name) => name !== name.trim() || name.startsWith('"'))) continue;
    rows.push({ prefix, domain, owner });
  }
  const distinct = rows.filter((row, at) => rows.findIndex((other) => other.domain === row.domain && samePrefix(other.prefix, row.prefix)) === at);
  let covered = 0;
  let overlaps = 0;
  for (const row of distinct) {
    const covers = distinct.filter((other) => other !== row && other.domain === row.domain && contains(other.prefix, row.prefix));
    if (covers.length === 0) continue;
    covered++;
    const nearest = covers.reduce((one, other) => (other.prefix.length > one.prefix.length ? other : one));
    if (nearest.owner !== row.owner) overlaps++;
  }
  const addresses = (family: string): string =>
    prefixesToRanges(rows.map(({ prefix }) => prefix))
      .filter(({ first }) => first.family === family)
      .reduce((sum, range) => sum + rangeSize(range), 0n)
      .toString();
  const v4 = rows.filter(({ prefix }) => prefix.family === 'v4').length;
  return {
    lines: lines.length,
    valid: rows.length,
    invalid: lines.length - rows.length,
    v4,
    v6: rows.length - v4,
    duplicates: rows.length - distinct.length,
    covered,
    overlaps,
    addresses4: addresses('v4'),
    addresses6: addresses('v6'),
  };
}

const names = fc.constantFrom('', 'tslcd', 'mạng', 'a b', ' a', 'a ', '"a"', 'x'.repeat(300));
const lines = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .tuple(fc.oneof(near4, near6, wide4, wide6).map(formatPrefix), fc.constantFrom('', ',', ',d', ',d,', ',d,o', ',,o', ',e,p', ',d,p'))
        .map(([prefix, rest]) => prefix + rest),
    },
    { weight: 2, arbitrary: fc.tuple(fc.oneof(near4, near6).map(formatPrefix), names, names).map((fields) => fields.join(',')) },
    { weight: 1, arbitrary: texts.map((text) => text.replaceAll(/[\r\n]/gu, '')) },
    { weight: 1, arbitrary: fc.constantFrom('10.0.0.0/8,a,b,c', '10.0.0.0/8,"a,b"', '10.0.0.0/8,\ttab', '# comment', 'prefix,domain,owner') },
  ),
  { maxLength: 25 },
);

describe('checking a list of prefixes', () => {
  it('counts as the definition does, in any order, with LF or CRLF, with or without a last line end', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), fc.boolean(), fc.boolean(), (given, crlf, last, bom) => {
        // An empty text has no line, so that a single empty line needs its end.
        const end = crlf ? '\r\n' : '\n';
        const text = (bom ? '\ufeff' : '') + given.join(end) + (given.length > 0 && (last || given.at(-1) === '') ? end : '');
        const { counts, invalid, findings } = check(text);
        const plain = given.map((line) => (/,[^,]*[\t\u0000-\u001f\u007f]/u.test(line) ? 'not valid' : line));
        expect(counts).toEqual(slowly(plain));
        expect(invalid).toHaveLength(counts.invalid);
        expect(findings.filter(({ kind }) => kind === 'duplicate')).toHaveLength(Math.min(20, counts.duplicates));
        expect(findings.filter(({ kind }) => kind === 'overlap')).toHaveLength(Math.min(20, counts.overlaps));
        const { overlaps, ...rest } = check(given.toReversed().join('\n') + '\n').counts;
        const same: Partial<PrefixCounts> = { ...counts, overlaps: undefined };
        // In another order a repeated prefix may have another first owner; all else stays.
        if (counts.duplicates === 0 && given.length > 0) expect(overlaps).toBe(counts.overlaps);
        if (given.length > 0) expect(rest).toEqual(same);
      }),
      { numRuns: 600 },
    );
  });

  const hierarchy: [string, string[], Partial<PrefixCounts>][] = [
    ['nothing', [], { lines: 0, valid: 0, addresses4: '0', addresses6: '0' }],
    ['a child equal to its parent', ['10.0.0.0/8,,a', '10.0.0.0/8,,b'], { duplicates: 1, covered: 0, overlaps: 0, addresses4: '16777216' }],
    ['a line three times', ['::/0', '::/0', '::/0'], { duplicates: 2, covered: 0, addresses6: '340282366920938463463374607431768211456' }],
    ['one prefix in two domains', ['10.0.0.0/8,red', '10.0.0.0/8,blue'], { duplicates: 0, covered: 0, addresses4: '16777216' }],
    ['a child in another domain', ['10.0.0.0/8,red,a', '10.1.0.0/16,blue,b'], { covered: 0, overlaps: 0 }],
    ['a child of another owner', ['10.0.0.0/8,,a', '10.1.0.0/16,,b'], { covered: 1, overlaps: 1 }],
    ['the nearest cover counts, not the farther', ['10.0.0.0/8,,a', '10.1.0.0/16,,b', '10.1.1.0/24,,b'], { covered: 2, overlaps: 1 }],
    ['the owner in the middle differs twice', ['10.0.0.0/8,,a', '10.1.0.0/16,,b', '10.1.1.0/24,,a'], { covered: 2, overlaps: 2 }],
    ['an owner and none', ['10.0.0.0/8,,a', '10.1.0.0/16'], { covered: 1, overlaps: 1 }],
    ['siblings that touch', ['10.0.0.0/25', '10.0.0.128/25'], { covered: 0, addresses4: '256' }],
    ['a host with two masks is counted once', ['10.0.0.0/32', '10.0.0.0/31'], { covered: 1, addresses4: '2' }],
    ['/0 over all', ['0.0.0.0/0', '255.255.255.255/32', '::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'], { covered: 2, addresses4: '4294967296' }],
    [
      'over the middle of the words',
      ['3fff::/63', '3fff:0:0:1::/64', '3fff:0:0:1:8000::/65', '3fff:0:0:2::/64'],
      { covered: 2, addresses6: '55340232221128654848' },
    ],
    ['a /64 has 2^64 addresses', ['3fff::/64'], { addresses6: '18446744073709551616' }],
    ['the families do not meet', ['::/0', '10.0.0.0/8'], { covered: 0, v4: 1, v6: 1 }],
  ];
  it.each(hierarchy)('%s', (_name, given, wanted) => {
    expect(check(given.map((line) => `${line}\n`).join('')).counts).toMatchObject(wanted);
  });

  it('counts the lines of files shorter than a byte order mark', () => {
    for (const [text, lines] of [
      ['', 0],
      ['\n', 1],
      ['\r\n', 1],
      ['\n\n', 2],
      ['x', 1],
      ['x\n', 1],
      ['\ufeff', 0],
      ['\ufeff\n', 1],
    ] as const)
      expect([text, check(text).counts]).toMatchObject([text, { lines, valid: 0, invalid: lines }]);
  });

  it('names invalid lines by number, with the form that would be right', () => {
    const { invalid, counts } = check('10.0.0.1/24\r\n\r\n10.0.0.0/8\r\n10.0.0.0/8,a,b,c\n10.0.0.0/8, d\n\ufeff10.0.0.0/8\n11.0.0.0/8\r');
    expect(counts).toMatchObject({ lines: 7, valid: 2, invalid: 5 });
    expect(invalid.map(({ line, corrected }) => [line, corrected])).toEqual([
      [1, '10.0.0.0/24'],
      [2, undefined],
      [4, undefined],
      [5, undefined],
      [6, '10.0.0.0/8'],
    ]);
    expect(invalid.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('bits to the right'),
      'the line is empty',
      expect.stringContaining('4 fields'),
      expect.stringContaining('blank'),
      expect.stringContaining('U+FEFF'),
    ]);
  });

  it('says which lines', () => {
    expect(check('10.0.0.0/8,d,a\n10.1.0.0/16,d,b\n10.0.0.0/8,d,c\n').findings).toEqual([
      { kind: 'overlap', line: 2, prefix: '10.1.0.0/16', domain: 'd', owner: 'b', other: { line: 1, prefix: '10.0.0.0/8', owner: 'a' } },
      { kind: 'duplicate', line: 3, prefix: '10.0.0.0/8', domain: 'd', owner: 'c', other: { line: 1, prefix: '10.0.0.0/8', owner: 'a' } },
    ]);
  });

  it('reads lines that lie across the pieces of a file, and refuses those without end', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-prefixes-'));
    const file = path.join(folder, 'list.txt');
    // Long names so that 1 MiB is passed at another byte of a line in each run.
    for (const shift of [0, 1, 2, 3, 17, 18, 19, 20]) {
      const rows = Array.from({ length: 40_000 }, (_, row) => `10.${row >> 8}.${row & 255}.0/24,d,${'o'.repeat(20 + (row % 7))}`);
      const text = `${'9'.repeat(shift)}\r\n${rows.join('\r\n')}`;
      fs.writeFileSync(file, text);
      const { counts } = checkPrefixFile(file);
      expect(counts).toMatchObject({ lines: 40_001, valid: 40_000, invalid: 1, duplicates: 0, covered: 0, addresses4: String(40_000 * 256) });
      expect(counts).toEqual(check(text).counts);
    }
    fs.writeFileSync(file, `10.0.0.0/8\n${'1'.repeat(3 << 20)}\n10.0.0.0/8\n${'x'.repeat(1 << 17)}`);
    const { counts, invalid } = checkPrefixFile(file);
    expect(counts).toMatchObject({ lines: 4, valid: 2, invalid: 2, duplicates: 1 });
    expect(invalid.map(({ line }) => line)).toEqual([2, 4]);
    fs.rmSync(folder, { recursive: true });
  });

  it('keeps a hundred thousand names apart', () => {
    const rows = Array.from({ length: 100_000 }, (_, row) => `10.0.0.0/8,domain-${row},${row % 2 === 0 ? 'even' : `odd-${row}`}`);
    expect(check(rows.join('\n')).counts).toMatchObject({ valid: 100_000, duplicates: 0, covered: 0, addresses4: '16777216' });
    expect(check([...rows, ...rows].join('\n')).counts).toMatchObject({ duplicates: 100_000 });
  });
});

describe('vcloud', () => {
  const program = fileURLToPath(new URL('../../../bin/vcloud.js', import.meta.url));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-prefixes-'));
  const run = (args: string[], input = ''): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [program, ...args], { cwd: folder, input, encoding: 'utf8' });

  it('net check --prefixes prints exactly the counts, and invalid lines apart', () => {
    fs.writeFileSync(path.join(folder, 'clean.txt'), '10.0.0.0/8\r\n10.1.0.0/16\r\n3fff::/20\r\n');
    const clean = run(['net', 'check', '--prefixes', 'clean.txt', '--json']);
    const counts = { lines: 3, valid: 3, invalid: 0, v4: 2, v6: 1, duplicates: 0, covered: 1, overlaps: 0 };
    const addresses = { addresses4: '16777216', addresses6: '324518553658426726783156020576256' };
    expect(JSON.parse(clean.stdout)).toEqual({ format: 'vcloud/v1', ok: true, problems: [], data: { ...counts, ...addresses } });
    expect(clean.status).toBe(0);
    const found = run(['net', 'check', '--prefixes', '-', '--json'], '10.0.0.0/8,,a\n10.1.0.0/16,,b\n10.1.0.1/16\n');
    expect(found.status).toBe(2);
    expect(JSON.parse(found.stdout)).toMatchObject({
      ok: true,
      data: { lines: 3, invalid: 1, overlaps: 1, invalidLines: [{ line: 3, corrected: '10.1.0.0/16' }] },
      problems: [
        { code: 'NET-PREFIX', line: 3 },
        { code: 'NET-OVERLAP', line: 2 },
      ],
    });
    const missing = run(['net', 'check', '--prefixes', 'no.txt', '--json']);
    expect([missing.status, (JSON.parse(missing.stdout) as { problems: { code: string }[] }).problems.map(({ code }) => code)]).toEqual([1, ['NET-FILE']]);
  });

  it('net free --prefixes tells what a list leaves, and refuses a list it cannot read whole', () => {
    fs.writeFileSync(path.join(folder, 'used.txt'), '192.0.2.64/26\n192.0.2.192/27\n192.0.2.200/32\n');
    const free = run(['net', 'free', '--prefixes', 'used.txt', '--within', '192.0.2.0/24', '--length', '27', '--json']);
    expect(free.status).toBe(0);
    expect((JSON.parse(free.stdout) as { data: unknown }).data).toEqual([
      {
        within: '192.0.2.0/24',
        used: '96',
        free: '160',
        gaps: 3,
        byLength: { 26: 2, 27: 1 },
        count: 3,
        largest: 26,
        fitting: '5',
        blocks: ['192.0.2.0/26', '192.0.2.128/26', '192.0.2.224/27'],
      },
    ]);
    expect(run(['net', 'free', '--prefixes', 'used.txt', '--within', '192.0.2.64/27']).status).toBe(2);
    const refused = run(['net', 'free', '--prefixes', '-', '--json'], '10.0.0.1/8\n');
    expect([refused.status, (JSON.parse(refused.stdout) as { problems: object[] }).problems]).toEqual([
      1,
      [expect.objectContaining({ code: 'NET-PREFIX', line: 1 })],
    ]);
  });

  it('net check --prefixes loads no library that reads a format, and no other room', () => {
    const hook = path.join(folder, 'hook.mjs');
    fs.writeFileSync(
      hook,
      `import module from 'node:module';
module.registerHooks?.({ load(url, context, next) { process.stderr.write('loads ' + url + '\\n'); return next(url, context); } });`,
    );
    const { stderr } = spawnSync(process.execPath, [program, 'net', 'check', '--prefixes', 'clean.txt'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: `--import=${hook}` },
    });
    const loaded = stderr.split('\n').filter((line) => line.startsWith('loads '));
    expect(loaded.some((url) => url.endsWith('/modules/network/bulk/check.ts'))).toBe(true);
    expect(loaded.filter((url) => /node_modules\/(yaml|zod|csv-parse|cdktn)\/|\/modules\/(?!core|network)/u.test(url))).toEqual([]);
  });
});
