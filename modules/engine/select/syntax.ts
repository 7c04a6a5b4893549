/**
 * A selection of stacks as written: what `--select` means.
 *
 * ```
 * union        = intersection { ("|" | "or") intersection }
 * intersection = negation { ("&" | "and") negation }
 * negation     = ("!" | "not") negation | term
 * term         = "(" union ")" | "all" | "changed" | "removed"
 *              | ("agency" | "tenant" | "cloud" | "tag" | "path") ":" GLOB
 *              | ("dependents-of" | "dependencies-of") ":" term
 *              | GLOB                               a path
 * GLOB         = letters, digits and . _ / @ + = - with "*" (any run) and "?" (one character), or anything in "..."
 * ```
 */
export type Expression =
  | { readonly kind: 'all' | 'changed' | 'removed'; readonly column: number }
  | { readonly kind: 'field'; readonly field: Field; readonly glob: string; readonly column: number }
  | { readonly kind: 'closure'; readonly direction: Direction; readonly of: Expression; readonly column: number }
  | { readonly kind: 'not'; readonly of: Expression; readonly column: number }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[]; readonly column: number };

/** What of a stack a glob is held against. */
export const fields = ['path', 'agency', 'tenant', 'cloud', 'tag'] as const;
export type Field = (typeof fields)[number];

/** Which way references are followed, as far as they go. */
export const directions = ['dependents-of', 'dependencies-of'] as const;
export type Direction = (typeof directions)[number];

/** Words that are a term by themselves. */
export const wholes = ['all', 'changed', 'removed'] as const;

/** Words that join terms. */
export const operators = ['or', 'and', 'not'] as const;

const plainGlob = /^[A-Za-z0-9._/@+=*?-]+$/u;
const reserved = new Set<string>([...wholes, ...operators]);

/**
 * An expression in its one form: word operators, no brackets that are not needed, parts of a union or intersection once
 * each and in code-unit order. Reading it again gives the same selection and the same text.
 */
export function canonicalText(expression: Expression): string {
  return text(expression, 0);
}

/** Binding of the place an expression stands in: 0 anywhere, 1 inside `or`, 2 inside `and`, 3 after `not`, 4 after `dependents-of:`. */
function text(expression: Expression, place: number): string {
  switch (expression.kind) {
    case 'all':
    case 'changed':
    case 'removed':
      return expression.kind;
    case 'field':
      return expression.field === 'path' && !reserved.has(expression.glob) ? globText(expression.glob) : `${expression.field}:${globText(expression.glob)}`;
    case 'closure':
      return `${expression.direction}:${text(expression.of, 4)}`;
    case 'not':
      return expression.of.kind === 'not' ? text(expression.of.of, place) : bracketed(`not ${text(expression.of, 3)}`, 3, place);
    case 'and':
    case 'or': {
      const binding = expression.kind === 'or' ? 1 : 2;
      const parts = [...new Set(flattened(expression, expression.kind).map((part) => text(part, binding)))].sort();
      return parts.length === 1 ? text(only(expression), place) : bracketed(parts.join(` ${expression.kind} `), binding, place);
    }
  }
}

/** The one expression a union or intersection of equal parts comes to. */
function only(expression: Expression): Expression {
  return expression.kind === 'and' || expression.kind === 'or' ? only(flattened(expression, expression.kind)[0] ?? expression) : expression;
}

function flattened(expression: Expression, kind: 'and' | 'or'): Expression[] {
  if (expression.kind === 'not' && expression.of.kind === 'not') return flattened(expression.of.of, kind);
  return expression.kind === kind ? expression.parts.flatMap((part) => flattened(part, kind)) : [expression];
}

function bracketed(inner: string, binding: number, place: number): string {
  return place > binding ? `(${inner})` : inner;
}

function globText(glob: string): string {
  return plainGlob.test(glob) ? glob : `"${glob.replaceAll(/["\\]/gu, '\\$&')}"`;
}
