import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  compareCodeUnits,
  didYouMean,
  digestOf,
  fail,
  fillTemplate,
  fold,
  isDate,
  parseUrn,
  ProblemError,
  Problems,
  urn,
} from '../../modules/core/index.ts';

describe('fold', () => {
  it('makes Vietnamese searchable without marks, đ included', () => {
    expect(fold('Bộ Y tế')).toBe('bo y te');
    expect(fold('Đà Nẵng')).toBe('da nang');
    expect(fold('Uỷ ban nhân dân')).toBe('uy ban nhan dan');
  });
  it('gives the same for composed and decomposed text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => fold(text.normalize('NFC')) === fold(text.normalize('NFD'))));
  });
  it('is idempotent', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => fold(fold(text)) === fold(text)));
  });
});

describe('canonicalJson', () => {
  it('sorts keys by code units at every depth and drops undefined', () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, Z: 1, c: [{ y: 1, x: 2 }] } })).toBe('{"a":{"Z":1,"c":[{"x":2,"y":1}]},"b":1}');
  });
  it('keeps that order for keys that look like numbers, and writes all else as JSON.stringify does', () => {
    expect(canonicalJson({ a: { 9: 1, 10: [{ 2: {}, 1: [] }] } })).toBe('{"a":{"10":[{"1":[],"2":{}}],"9":1}}');
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1}}'))).toBe('{"__proto__":{"b":1}}');
    const keys = fc.oneof(fc.string(), fc.nat().map(String));
    fc.assert(
      fc.property(fc.dictionary(keys, fc.dictionary(keys, fc.jsonValue())), fc.constantFrom(0, 2), (value, indent) => {
        const text = canonicalJson(value, indent);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        const reordered = JSON.stringify(JSON.parse(text), null, indent);
        expect(text).toHaveLength(reordered.length);
        expect(Buffer.from(text).sort()).toEqual(Buffer.from(reordered).sort());
      }),
    );
  });
  it('does not depend on the order keys were set in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        return digestOf(value) === digestOf(reversed);
      }),
    );
  });
});

describe('didYouMean', () => {
  it('names the nearest candidate and nothing far away', () => {
    expect(didYouMean('minstry', ['ministry', 'city'])).toBe('did you mean "ministry"?');
    expect(didYouMean('zzzzzz', ['ministry', 'city'])).toBeUndefined();
    expect(didYouMean('x', [])).toBeUndefined();
  });
});

describe('fillTemplate', () => {
  const place = { file: 'a.csv', line: 3 };
  it('fills names and keeps doubled braces', () => {
    expect(fillTemplate('commune/{code}-{{x}}', { code: '00004' }, place)).toBe('commune/00004-{x}');
  });
  it('refuses unknown and empty names with the place', () => {
    expect(() => fillTemplate('{code}', { cod: 'x' }, place)).toThrow('did you mean "cod"?');
    expect(() => fillTemplate('a{code', { code: 'x' }, place)).toThrow('has a stray "{"');
    for (const fields of [{ cod: 'x' }, { code: '' }]) {
      expect(() => fillTemplate('{code}', fields, place)).toThrow(ProblemError);
      expect(() => fillTemplate('{code}', fields, place)).toThrow(/^a\.csv:3: error CORE-TEMPLATE/u);
    }
  });
});

describe('dates and URNs', () => {
  it('accepts only days that exist', () => {
    expect(isDate('2026-02-28')).toBe(true);
    for (const text of ['2026-02-30', '2026-2-1', '20260201', '2026-13-01', '']) expect(isDate(text)).toBe(false);
  });
  it('reads no URN where there is none', () => {
    for (const text of ['urn:vcloud:m:site:', 'urn:other:m:site:x', 'urn:vcloud:m:site:100%', 'urn:vcloud:m:site:%ff']) expect(parseUrn(text)).toBeUndefined();
  });
  it('round-trips every id', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed()),
        (id) => parseUrn(urn('m', 'site', id))?.id === id,
      ),
    );
  });
});

describe('compareCodeUnits', () => {
  it('is not the order of a locale', () => {
    expect(['b', 'a', 'Z', 'á'].sort(compareCodeUnits)).toEqual(['Z', 'a', 'b', 'á']);
  });
});

describe('Problems', () => {
  it('collects what work throws and lets any other error through', () => {
    const problems = new Problems();
    expect(problems.collect(() => 7)).toBe(7);
    expect(problems.collect<number>(() => fail('A-B', 'first'))).toBeUndefined();
    expect(() => problems.collect<unknown>(() => JSON.parse('{'))).toThrow(SyntaxError);
    expect(problems.list.map(({ code }) => code)).toEqual(['A-B']);
    expect(() => {
      problems.throwIfErrors();
    }).toThrow(ProblemError);
  });
});
