import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import {
  canonicalText,
  chooseStacks,
  emptyTerms,
  globMatcher,
  parseSelection,
  resolveSelection,
  type Expression,
  type Selectable,
  type Universe,
} from '../../../modules/engine/index.ts';

const stack = (path: string, more: Partial<Selectable> = {}): Selectable => ({ path, agency: path.split('.')[0] ?? '', dependsOn: [], reads: [], ...more });
const net = stack('mst.ndxp.platform', { tenant: 'ndxp', cloud: 'south', tags: ['core'] });
const app = stack('mst.ndxp.workload', { tenant: 'ndxp', cloud: 'south', reads: ['mst.ndxp.platform'] });
const web = stack('moh.portal.workload', { tenant: 'portal', cloud: 'north', tags: ['public', 'tier=1'], dependsOn: ['mst.ndxp.workload'] });
const old = stack('moh.old.platform', { removed: true });
const world: Universe = { stacks: [net, app, web, old], changed: () => new Set(['moh.portal.workload', 'moh.old.platform']) };
const chosen = (...expressions: string[]): string[] => [...chooseStacks({ expressions }, world).paths];
const refusal = (source: string): ProblemError => {
  try {
    chooseStacks({ expressions: [source] }, world);
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new Error(`${source} was not refused`);
};

describe('what a selection chooses', () => {
  it.each([
    ['mst.*', ['mst.ndxp.platform', 'mst.ndxp.workload']],
    ['*.platform', ['moh.old.platform', 'mst.ndxp.platform']],
    ['path:mst.ndxp.platfor?', ['mst.ndxp.platform']],
    ['agency:moh', ['moh.old.platform', 'moh.portal.workload']],
    ['tag:tier=1', ['moh.portal.workload']],
    ['cloud:south & !tag:core', ['mst.ndxp.workload']],
    ['tenant:portal | tenant:ndxp and tag:core', ['moh.portal.workload', 'mst.ndxp.platform']],
    ['dependents-of:mst.ndxp.platform', ['moh.portal.workload', 'mst.ndxp.workload']],
    ['dependencies-of:(tag:public)', ['mst.ndxp.platform', 'mst.ndxp.workload']],
    ['dependents-of:dependencies-of:tag:public', ['moh.portal.workload', 'mst.ndxp.workload']],
    ['changed and not removed', ['moh.portal.workload']],
    ['removed', ['moh.old.platform']],
    ['all', ['moh.old.platform', 'moh.portal.workload', 'mst.ndxp.platform', 'mst.ndxp.workload']],
    ['"mst.ndxp.platform"', ['mst.ndxp.platform']],
  ])('%s', (source, paths) => {
    expect(chosen(source)).toEqual(paths);
  });

  it('several expressions choose what any of them does; agency and stack narrow that', () => {
    expect(chosen('tag:core', 'tag:public')).toEqual(['moh.portal.workload', 'mst.ndxp.platform']);
    const narrowed = chooseStacks({ expressions: ['*.workload'], agency: 'mst' }, world);
    expect([...narrowed.paths]).toEqual(['mst.ndxp.workload']);
    expect(narrowed.expression).toBe('*.workload and agency:mst');
  });

  it('nothing given is everything', () => {
    expect(chooseStacks({}, world)).toEqual({ paths: new Set(world.stacks.map(({ path }) => path)), problems: [] });
  });
});

describe('what is refused', () => {
  it.each([
    ['agncy:mst', 1, /no selector "agncy:"/u, /did you mean "agency"/u],
    ['mst.* and', 10, /a term is missing at the end/u, undefined],
    ['(mst.* or moh.*', 16, /"\(" of column 1 is not closed/u, undefined],
    ['mst.*)', 6, /"\)" closes nothing/u, undefined],
    ['mst.* moh.*', 7, /"or" or "and" is missing/u, undefined],
    ['tag: core', 5, /"tag:" needs a value right after it/u, undefined],
    ['mst.*, moh.*', 6, /"," has no meaning here/u, /join terms with "or"/u],
    ['"mst', 1, /quotation mark is not closed/u, undefined],
    ['', 1, /a term is missing/u, undefined],
  ])('%s', (source, column, message, hint) => {
    const [found] = refusal(source).problems;
    expect(found).toMatchObject({ code: 'ENGINE-SELECT', line: 1, column });
    expect(found?.message).toMatch(message);
    if (hint !== undefined) expect(found?.hint).toMatch(hint);
  });

  it('an empty selection, saying of every term why it is empty', () => {
    const { problems } = refusal('agency:mhs or tag:core and changed');
    expect(problems.map(({ code, column, message, hint }) => [code, column, message, hint])).toEqual([
      ['ENGINE-NOTHING-SELECTED', 1, 'nothing is selected; no stack has the agency "mhs"', 'there are: moh, mst'],
      ['ENGINE-NOTHING-SELECTED', 15, 'nothing is selected; no stack is in all of: tag:core, changed', undefined],
    ]);
  });

  it('a term that chooses nothing beside others is only a warning', () => {
    const { problems } = chooseStacks({ expressions: ['tag:core or agency:mhs'] }, world);
    expect(problems).toMatchObject([{ code: 'ENGINE-SELECT-EMPTY', severity: 'warning', column: 13 }]);
  });
});

const word = fc.stringMatching(/^[a-z0-9.*?=-]{1,8}$/u);
const expression: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom('all', 'changed', 'removed').map((kind): Expression => ({ kind, column: 1 })),
      fc
        .tuple(fc.constantFrom('path', 'agency', 'tenant', 'cloud', 'tag'), fc.oneof(word, fc.constantFrom('mst', 'moh.*', 'or', 'all', 'core', 'a b"\\', '*')))
        .map(([field, glob]): Expression => ({ kind: 'field', field, glob, column: 1 })),
    ),
    fc
      .tuple(fc.constantFrom('dependents-of', 'dependencies-of'), tie('any'))
      .map(([direction, of]): Expression => ({ kind: 'closure', direction, of, column: 1 })),
    tie('any').map((of): Expression => ({ kind: 'not', of, column: 1 })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('any'), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]): Expression => ({ kind, parts, column: 1 })),
  ),
})).any;
const universe: fc.Arbitrary<Universe> = fc
  .array(fc.tuple(fc.constantFrom('mst', 'moh', 'mod'), fc.constantFrom('core', 'data', undefined), fc.nat(9), fc.boolean(), fc.boolean()), { maxLength: 8 })
  .map((rows) => {
    const stacks = rows.map(([agency, tag, before, removed], index) =>
      stack(`${agency}.s${index}`, { tags: tag === undefined ? [] : [tag], dependsOn: [`mst.s${before}`, `moh.s${before}`], removed }),
    );
    return { stacks, changed: () => new Set(rows.flatMap(([, , , , changed], index) => (changed ? [stacks[index]?.path ?? ''] : []))) };
  });

describe('the algebra of selections', () => {
  const paths = (of: Expression, over: Universe): string[] => [...resolveSelection(of, over).paths];
  const both = (kind: 'and' | 'or', ...parts: Expression[]): Expression => ({ kind, parts, column: 1 });
  const not = (of: Expression): Expression => ({ kind: 'not', of, column: 1 });

  it('the canonical text chooses the same and is its own canonical text', () => {
    fc.assert(
      fc.property(expression, universe, (of, over) => {
        const text = canonicalText(of);
        const again = parseSelection(text);
        expect(paths(again, over)).toEqual(paths(of, over));
        expect(canonicalText(again)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps to De Morgan, distribution, idempotence and double negation', () => {
    fc.assert(
      fc.property(expression, expression, expression, universe, (a, b, c, over) => {
        expect(paths(not(both('or', a, b)), over)).toEqual(paths(both('and', not(a), not(b)), over));
        expect(paths(both('and', a, both('or', b, c)), over)).toEqual(paths(both('or', both('and', a, b), both('and', a, c)), over));
        expect(paths(both('or', a, a), over)).toEqual(paths(a, over));
        expect(paths(not(not(a)), over)).toEqual(paths(a, over));
        expect(paths(both('or', a, not(a)), over)).toHaveLength(over.stacks.length);
        expect(canonicalText(both('or', a, b))).toBe(canonicalText(both('or', b, a)));
      }),
      { numRuns: 200 },
    );
  });

  it('dependents and dependencies are each other turned round', () => {
    fc.assert(
      fc.property(universe, (over) => {
        const of = (direction: 'dependents-of' | 'dependencies-of', path: string): string[] =>
          paths({ kind: 'closure', direction, of: { kind: 'field', field: 'path', glob: path, column: 1 }, column: 1 }, over);
        for (const a of over.stacks) for (const b of of('dependents-of', a.path)) expect(of('dependencies-of', b)).toContain(a.path);
      }),
      { numRuns: 100 },
    );
  });

  it('says why whenever it chooses nothing', () => {
    fc.assert(
      fc.property(expression, universe, (of, over) => {
        const resolved = resolveSelection(of, over);
        if (resolved.paths.size === 0) expect(emptyTerms(resolved, '--select').length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('any text at all', () => {
  it('is an expression or a problem with a column inside it', () => {
    const pieces = fc.constantFrom('(', ')', '!', '&', '|', ':', '"', ' ', 'or', 'not', 'agency:', 'changed', 'mst.*', 'dependents-of:', 'đ', '\\', '😀', '\n');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        try {
          parseSelection(source);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          expect(error.problems[0]?.code).toBe('ENGINE-SELECT');
          expect(error.problems[0]?.column).toBeGreaterThanOrEqual(1);
          expect(error.problems[0]?.column).toBeLessThanOrEqual(source.length + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('nested without end is refused, not run out of stack', () => {
    expect(() => parseSelection(`${'('.repeat(50_000)}a`)).toThrow('nested more than');
    expect(() => parseSelection(`${'!'.repeat(50_000)}a`)).toThrow('nested more than');
    expect(() => parseSelection(`${'dependents-of:'.repeat(5_000)}a`)).toThrow('nested more than');
  });

  it('a glob matches what the same regular expression does', () => {
    const letters = fc.stringMatching(/^[ab.*?]{0,8}$/u);
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab.]{0,10}$/u), (glob, given) => {
        const pattern = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u');
        expect(globMatcher(glob)(given)).toBe(pattern.test(given));
      }),
      { numRuns: 500 },
    );
  });
});
