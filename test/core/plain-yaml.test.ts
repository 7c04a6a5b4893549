import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listFiles, parseFullYaml, parseYaml, ProblemError, type DataPath, type Source } from '../../modules/core/index.ts';
import { readPlainYaml } from '../../modules/core/plain-yaml.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Every path into a value, and some that lead nowhere. */
function pathsOf(value: unknown, at: DataPath = []): DataPath[] {
  if (value === null || typeof value !== 'object') return [at, [...at, 'absent'], [...at, 0]];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, [...at, 'absent'], [...at, 99], ...steps.flatMap((step) => pathsOf((value as Record<string | number, unknown>)[step], [...at, step]))];
}

function outline(source: Source): unknown {
  return { value: source.value, places: pathsOf(source.value).map((at) => [at, source.locate(at), source.locate(at, 'key')]) };
}

/** What the fast reader says must be what the full parser says: the same values at the same places, and never a file that has faults. */
function expectAgreement(text: string): boolean {
  if (readPlainYaml(text) === undefined) return false;
  let full: Source | undefined;
  try {
    full = parseFullYaml('f.yaml', text);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
  expect(full, `the full parser refuses ${JSON.stringify(text)}`).toBeDefined();
  if (full) expect(outline(parseYaml('f.yaml', text)), text).toEqual(outline(full));
  return true;
}

describe('readPlainYaml', () => {
  it('reads the declarations of this repository as the full parser does', () => {
    const files = ['stacks', 'network-plans', 'examples', 'policies'].flatMap((folder) =>
      listFiles(path.join(root, folder))
        .filter((name) => name.endsWith('.yaml') && !name.endsWith('.lock.yaml'))
        .map((name) => path.join(root, folder, name)),
    );
    const sample = files.filter((_, index) => index % 4 === 0);
    const read = sample.filter((file) => expectAgreement(fs.readFileSync(file, 'utf8')));
    expect(read.length).toBeGreaterThan(sample.length * 0.9);
  });

  it.each([
    'a: 1\nb: [x, "y: z", { c: d }]\n',
    '# head\na:\n  - id: x\n    n: -3\n  - { id: y, n: 1.50 } # tail\n\nb: "65536:1"\n',
    'a: { b: c,\n    d: [1,\n      2] }\n',
    "k: 'it''s'\nl: ~\nm: true\nn: no\no: 10.0.0.0/8\n",
    'a: b#c\nd: e #f\n',
  ])('reads %j', (text) => {
    expect(expectAgreement(text)).toBe(true);
  });

  it.each([
    ['a: 1\na: 2\n', 'a doubled key'],
    ['a: b: c\n', 'a colon in a scalar'],
    ['a: b\n  c\n', 'a scalar on two lines'],
    ['a: &x 1\nb: *x\n', 'an alias'],
    ['a: |\n  text\n', 'a block scalar'],
    ['a: 007\n', 'an odd number'],
    ['a: 1e3\n', 'an exponent'],
    ['a:\n', 'nothing'],
    ['a: [1, 2\nb: 3\n', 'an open list'],
    ['a: {\n}\n', 'a bracket too far left'],
    ['a: [b: c]\n', 'a pair in a list'],
    ['a: "x\\n"\n', 'an escape'],
    ['---\na: 1\n', 'a document mark'],
    ['a: 1\n b: 2\n', 'odd indentation'],
    ['1: a\n', 'a number as key'],
    ['a:\tb\n', 'a tab'],
  ])('leaves %j to the full parser (%s)', (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  it('agrees with the full parser on anything it dares to read', () => {
    const token = fc.constantFrom(
      ...['a', 'b', 'key: ', 'b: ', 'c:', ': ', ':', ' ', '  ', '\n', '\n  ', '\n    ', '\n- ', '\n  - ', '- ', ', ', ',', '[', ']', '{ ', ' }', '{', '}'],
      ...[
        '"',
        "'",
        '#',
        ' # c',
        '1',
        '-1',
        '0.5',
        '1.',
        '0x1',
        'true',
        '~',
        'null',
        'x: 1',
        '{ a: 1 }',
        '[a, b]',
        '"q"',
        "'s'",
        '&',
        '*',
        '!',
        '?',
        '|',
        '-',
        '.',
        '<<: ',
      ],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
        if (expectAgreement(tokens.join(''))) read++;
        if (expectAgreement(`a: ${tokens.join('')}\n`)) read++;
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});
