import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSteps, rewriteExpression, rewriteTemplate, type Traversal } from '../../modules/cloud/sandbox/expression.ts';

function seen(text: string): string[] {
  const found: string[] = [];
  rewriteTemplate(text, ({ root, steps }: Traversal) => {
    found.push(root + formatSteps(steps));
    return undefined;
  });
  return found;
}

describe('references in templates', () => {
  it.each([
    ['plain a.b text', []],
    ['${a.b.c}', ['a.b.c']],
    ['x-${a.b[0].c}-${d.e}', ['a.b[0].c', 'd.e']],
    ['${a.b.0.c}', ['a.b[0].c']],
    ['${a.b[*].c}', ['a.b[*].c']],
    ['${a.b.*.c}', ['a.b.*.c']],
    ['${join(",", a.b)}', ['a.b']],
    ['${a.b[c.d].e}', ['c.d', 'a.b[c.d].e']],
    ['${a["x.y"].b}', ['a["x.y"].b']],
    ['${"literal a.b"}', []],
    ['${"inner ${a.b}"}', ['a.b']],
    ['${"quote \\" ${a.b}"}', ['a.b']],
    ['$${a.b}', []],
    ['%{ if a.b }x%{ endif }', ['if', 'a.b', 'endif']],
    ['${{ key = a.b }}', ['key', 'a.b']],
    ['${provider::x::f(a.b)}', ['a.b']],
    ['${f(x).a}', ['x']],
    ['${1.5e3 + a.b}', ['a.b']],
    ['${a-b.c-d}', ['a-b.c-d']],
  ])('%s', (text, references) => {
    expect(seen(text)).toEqual(references);
  });

  it('leave every text as it is when nothing is rewritten, whatever it holds', () => {
    const piece = fc.oneof(
      fc.constantFrom('${', '}', '"', '[', ']', '.', '*', '%{', '$${', 'a', 'b.c', '(', ')', '\\', ' ', '0', '{', '::', 'a.b[0]', 'x["k"]'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('').replace(/\.\d+/gu, '');
        expect(rewriteTemplate(text, () => undefined)).toBe(text);
      }),
    );
  });

  it('are rewritten in place', () => {
    const rewrite = ({ root, steps }: Traversal): string | undefined => (root === 'a' ? `z${formatSteps(steps)}` : undefined);
    expect(rewriteTemplate('${a.b[a.c]} and ${f(a.d, b.a)}', rewrite)).toBe('${z.b[z.c]} and ${f(z.d, b.a)}');
    expect(rewriteExpression('a.b', rewrite)).toBe('z.b');
  });
});
