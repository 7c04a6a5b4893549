import { ProblemError, type Problem } from '../../core/index.ts';
import { parseSelection } from './parse.ts';
import { emptyTerms, resolveSelection, type Universe } from './resolve.ts';
import { canonicalText, type Expression } from './syntax.ts';

export { parseSelection } from './parse.ts';
export { emptyTerms, globMatcher, resolveSelection, type Resolved, type Selectable, type Universe } from './resolve.ts';
export { canonicalText, directions, fields, operators, wholes, type Expression, type Field } from './syntax.ts';
export { changedStacks, selectables } from './universe.ts';

/**
 * Which stacks a run is about; nothing given: all. Several expressions choose what any of them chooses; `agency` and
 * `stack` (an id and a path, as they are) narrow that.
 */
export interface Selection {
  readonly agency?: string | undefined;
  readonly stack?: string | undefined;
  readonly expressions?: readonly string[] | undefined;
}

/**
 * A selection as one expression; undefined: everything.
 * @throws ProblemError ENGINE-SELECT
 */
export function selectionExpression(selection: Selection): Expression | undefined {
  const { agency, stack, expressions = [] } = selection;
  const many = expressions.length > 1;
  const parsed = expressions.map((source, index) => parseSelection(source, many ? `--select (${index + 1})` : '--select'));
  const parts: Expression[] = parsed.length > 1 ? [{ kind: 'or', parts: parsed, column: 1 }] : parsed;
  if (agency !== undefined) parts.push({ kind: 'field', field: 'agency', glob: agency, column: 1 });
  if (stack !== undefined) parts.push({ kind: 'field', field: 'path', glob: stack, column: 1 });
  return parts.length > 1 ? { kind: 'and', parts, column: 1 } : parts[0];
}

/** What a selection came to. */
export interface Choice {
  readonly paths: ReadonlySet<string>;
  /** The selection in its one form; absent: everything. */
  readonly expression?: string | undefined;
  /** Terms that chose nothing and look like a slip of the pen. */
  readonly problems: readonly Problem[];
}

/**
 * The stacks a selection chooses.
 * @throws ProblemError ENGINE-SELECT, ENGINE-NOTHING-SELECTED saying of every term why it chose nothing: a selection of
 * nothing is a slip of the pen, not a run without differences
 */
export function chooseStacks(selection: Selection, universe: Universe): Choice {
  const expression = selectionExpression(selection);
  if (expression === undefined) return { paths: new Set(universe.stacks.map((stack) => stack.path)), problems: [] };
  const resolved = resolveSelection(expression, universe);
  const shown = selection.expressions !== undefined ? '--select' : selection.stack !== undefined ? '--stack' : '--agency';
  const problems = emptyTerms(resolved, shown);
  if (resolved.paths.size === 0) throw new ProblemError(problems);
  return { paths: resolved.paths, expression: canonicalText(expression), problems };
}
