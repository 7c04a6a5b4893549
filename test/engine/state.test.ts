import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson, ProblemError } from '../../modules/core/index.ts';
import { EngineCache } from '../../modules/engine/cache.ts';
import { keepGoodState, mendState, parseState, readState } from '../../modules/engine/state.ts';
import { temporaryRoot } from './fixtures.ts';

let root = '';
let folder = '';
const stack = 'moh.portal.platform';
const stateOf = (serial: number, resources = 1, lineage = 'line'): string =>
  canonicalJson({
    version: 4,
    serial,
    lineage,
    outputs: {},
    resources: Array.from({ length: resources }, (_, index) => ({
      mode: 'managed',
      type: 'terraform_data',
      name: `x_y__n${index}`,
      instances: [{ attributes: { id: `id-${index}`, input: { type: 'string', value: 'v' }, triggers_replace: null } }],
    })),
  });
const write = (name: string, text: string): void => fs.writeFileSync(path.join(folder, name), text);
const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');

beforeEach(() => {
  root = temporaryRoot();
  folder = path.join(root, '.vcloud/state', stack);
  fs.mkdirSync(folder, { recursive: true });
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

describe('state that was cut off', () => {
  const whole = stateOf(7, 3);
  it.each([
    ['empty', ''],
    ['cut off', whole.slice(0, 100)],
    ['no state', '{"hello":1}'],
    ['gone', undefined],
  ])('%s: is restored from the copy aside, and said so', (_, text) => {
    write('terraform.tfstate.last-good', whole);
    if (text !== undefined) write('terraform.tfstate', text);
    const mended = mendState(root, stack);
    expect(mended.head).toMatchObject({ serial: 7, lineage: 'line', resources: 3 });
    expect(mended.problems.map(({ code, severity }) => [code, severity])).toEqual([['ENGINE-STATE-RESTORED', 'warning']]);
    expect(read('terraform.tfstate')).toBe(whole);
    expect(mendState(root, stack).problems).toEqual([]);
  });

  it('every prefix of a state is either refused or restored, never taken for a state', () => {
    for (let length = 0; length < whole.length; length += 3) expect(parseState(whole.slice(0, length))).toBeUndefined();
    expect(parseState(whole)?.head.serial).toBe(7);
  });

  it('without a copy: an error, except where a first apply had not written yet', () => {
    write('terraform.tfstate', '{"version":4,');
    expect(() => mendState(root, stack)).toThrow(ProblemError);
    expect(() => mendState(root, stack)).toThrow(/ENGINE-STATE-UNREADABLE.*cut off/u);
    write('terraform.tfstate', '');
    expect(mendState(root, stack)).toEqual({ problems: [] });
  });

  it('an older state than one seen before is used and told of, and does not overwrite the copy', () => {
    write('terraform.tfstate.last-good', whole);
    write('terraform.tfstate', stateOf(5));
    const mended = mendState(root, stack);
    expect(mended.head?.serial).toBe(5);
    expect(mended.problems[0]?.code).toBe('ENGINE-STATE-OLDER');
    expect(read('terraform.tfstate.last-good')).toBe(whole);
  });

  it('another state than the one seen before is refused while that one holds something, and the copy stays', () => {
    write('terraform.tfstate.last-good', whole);
    for (const other of [stateOf(1, 0, 'other'), stateOf(9, 2, 'other')]) {
      write('terraform.tfstate', other);
      expect(() => mendState(root, stack)).toThrow(/ENGINE-STATE-OTHER.*seen before \(lineage line, serial 7, 3 resources\)/u);
      expect(() => new EngineCache(root).state(stack)).toThrow('ENGINE-STATE-OTHER');
      expect([read('terraform.tfstate'), read('terraform.tfstate.last-good')]).toEqual([other, whole]);
    }
    // Meant; or nothing was in the one before.
    fs.rmSync(path.join(folder, 'terraform.tfstate.last-good'));
    expect(mendState(root, stack).head).toMatchObject({ lineage: 'other', resources: 2 });
    write('terraform.tfstate.last-good', stateOf(8, 0));
    expect(mendState(root, stack).head?.lineage).toBe('other');
    expect(read('terraform.tfstate.last-good')).toBe(stateOf(9, 2, 'other'));
  });

  it('a state and its copy that both vanished are an error, not a new beginning', () => {
    write('terraform.tfstate', whole);
    const cache = new EngineCache(root);
    expect(cache.state(stack).head?.serial).toBe(7);
    cache.save();
    fs.rmSync(folder, { recursive: true });
    expect(() => new EngineCache(root).state(stack)).toThrow(/ENGINE-STATE-LOST/u);
  });
});

describe('copy aside', () => {
  it('is made of whole states only', () => {
    expect(keepGoodState(folder, { durable: false })).toBeUndefined();
    write('terraform.tfstate', stateOf(1));
    keepGoodState(folder, { durable: false });
    write('terraform.tfstate', stateOf(2).slice(0, 50));
    expect(keepGoodState(folder, { durable: false })).toBeUndefined();
    expect(read('terraform.tfstate.last-good')).toBe(stateOf(1));
    expect(readState(root, stack)).toHaveLength(1);
  });
});

describe('readState', () => {
  it('gives real types, and values without the wrapping of terraform_data', () => {
    write('terraform.tfstate', stateOf(1, 2));
    expect(readState(root, stack)?.[1]).toEqual({
      stack,
      address: 'terraform_data.x_y__n1',
      type: 'x_y',
      attributes: { id: 'id-1', input: 'v', triggers_replace: null },
    });
    expect(readState(root, 'never.was.here')).toBeUndefined();
    expect(() => readState(root, '../../etc')).toThrow(/ENGINE-PATH/u);
  });
});
