import { compareCodeUnits, didYouMean, problem, type Problem } from '../../core/index.ts';
import { canonicalText, type Direction, type Expression, type Field } from './syntax.ts';

/** What a selection can tell stacks apart by. */
export interface Selectable {
  readonly path: string;
  readonly agency: string;
  readonly tenant?: string | undefined;
  readonly cloud?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly dependsOn: readonly string[];
  readonly reads: readonly string[];
  /** It has a state and is declared no more. */
  readonly removed?: boolean | undefined;
}

/** The stacks a selection chooses from. */
export interface Universe {
  readonly stacks: readonly Selectable[];
  /** Paths of stacks that differ from what was last applied. Asked only where an expression says `changed`. */
  readonly changed: () => ReadonlySet<string>;
}

export interface Resolved {
  readonly paths: ReadonlySet<string>;
  /** Why the terms that chose nothing chose nothing, in the order they were written. */
  readonly empty: readonly { readonly column: number; readonly reason: string; readonly hint?: string | undefined; readonly literal: boolean }[];
}

/** The stacks an expression chooses. Never fails: what chose nothing is told, and the caller judges. */
export function resolveSelection(expression: Expression, universe: Universe): Resolved {
  const empty: { column: number; reason: string; hint?: string | undefined; literal: boolean }[] = [];
  const every = universe.stacks.map((stack) => stack.path);
  const note = (of: Expression, reason: string, literal: boolean, hint?: string): void => void empty.push({ column: of.column, reason, hint, literal });
  let edges: Record<Direction, ReadonlyMap<string, readonly string[]>> | undefined;

  const evaluate = (of: Expression): ReadonlySet<string> => {
    switch (of.kind) {
      case 'all':
        return new Set(every);
      case 'changed': {
        const known = universe.changed();
        const found = new Set(every.filter((path) => known.has(path)));
        if (found.size === 0) note(of, 'changed: every stack is as it was last applied', false);
        return found;
      }
      case 'removed': {
        const found = new Set(universe.stacks.filter((stack) => stack.removed === true).map((stack) => stack.path));
        if (found.size === 0) note(of, 'removed: every stack that has a state is still declared', false);
        return found;
      }
      case 'field': {
        const matches = globMatcher(of.glob);
        const found = new Set(universe.stacks.filter((stack) => valuesOf(stack, of.field).some(matches)).map((stack) => stack.path));
        if (found.size === 0) {
          const known = new Set(universe.stacks.flatMap((stack) => valuesOf(stack, of.field)));
          const literal = !/[*?]/u.test(of.glob);
          const what = literal ? `the ${of.field} "${of.glob}"` : `a ${of.field} like "${of.glob}"`;
          const reason = known.size === 0 ? `${canonicalText(of)}: no stack has any ${of.field}` : `no stack has ${what}`;
          note(of, reason, literal, literal ? (didYouMean(of.glob, known) ?? fewOf(known)) : fewOf(known));
        }
        return found;
      }
      case 'closure': {
        const start = evaluate(of.of);
        edges ??= edgesOf(universe.stacks);
        const found = closure(start, edges[of.direction]);
        if (found.size === 0 && start.size > 0) {
          note(of, `${canonicalText(of)}: ${of.direction === 'dependents-of' ? 'nothing depends on it' : 'it depends on nothing'}`, false);
        }
        return found;
      }
      case 'not': {
        const without = evaluate(of.of);
        return new Set(every.filter((path) => !without.has(path)));
      }
      case 'or':
        return new Set(of.parts.flatMap((part) => [...evaluate(part)]));
      case 'and': {
        const [first = new Set<string>(), ...others] = of.parts.map(evaluate);
        const found = new Set([...first].filter((path) => others.every((other) => other.has(path))));
        if (found.size === 0 && first.size > 0 && others.every((other) => other.size > 0))
          note(of, `no stack is in all of: ${of.parts.map(canonicalText).join(', ')}`, false);
        return found;
      }
    }
  };
  const paths = evaluate(expression);
  if (paths.size === 0 && empty.length === 0) {
    note(expression, universe.stacks.length === 0 ? 'there are no stacks at all' : `${canonicalText(expression)}: what is left out is everything`, false);
  }
  return { paths: new Set([...paths].sort(compareCodeUnits)), empty };
}

/** The problems of terms that chose nothing: errors where nothing is chosen at all, else warnings about what looks like a slip. */
export function emptyTerms(resolved: Resolved, shown: string): Problem[] {
  const all = resolved.paths.size === 0;
  return resolved.empty
    .filter(({ literal }) => all || literal)
    .map(({ column, reason, hint }) =>
      problem(
        all ? 'ENGINE-NOTHING-SELECTED' : 'ENGINE-SELECT-EMPTY',
        all ? `nothing is selected; ${reason}` : `a term of the selection chooses nothing; ${reason}`,
        {
          file: shown,
          line: 1,
          column,
          hint,
          severity: all ? 'error' : 'warning',
        },
      ),
    );
}

function valuesOf(stack: Selectable, field: Field): readonly string[] {
  if (field === 'tag') return stack.tags ?? [];
  const value = stack[field];
  return value === undefined ? [] : [value];
}

/** Whether a text is all of what a glob says; `*` is any run of characters, dots included, `?` is one. */
export function globMatcher(glob: string): (text: string) => boolean {
  if (!/[*?]/u.test(glob)) return (text) => text === glob;
  const parts = Array.from(glob);
  return (given) => {
    // Greedy with one point to return to: linear in practice, never exponential as a regular expression could be.
    const text = Array.from(given);
    let [g, t, star, mark] = [0, 0, -1, 0];
    while (t < text.length) {
      if (g < parts.length && parts[g] === '*') [star, mark, g] = [g, t, g + 1];
      else if (g < parts.length && (parts[g] === '?' || parts[g] === text[t])) [g, t] = [g + 1, t + 1];
      else if (star >= 0) [g, mark, t] = [star + 1, mark + 1, mark + 1];
      else return false;
    }
    while (parts[g] === '*') g++;
    return g === parts.length;
  };
}

function edgesOf(stacks: readonly Selectable[]): Record<Direction, ReadonlyMap<string, readonly string[]>> {
  const known = new Set(stacks.map((stack) => stack.path));
  const dependencies = new Map<string, readonly string[]>();
  const dependents = new Map<string, string[]>();
  for (const stack of stacks) {
    const before = [...new Set([...stack.reads, ...stack.dependsOn])].filter((name) => known.has(name));
    dependencies.set(stack.path, before);
    for (const name of before) {
      const list = dependents.get(name);
      if (list === undefined) dependents.set(name, [stack.path]);
      else list.push(stack.path);
    }
  }
  return { 'dependencies-of': dependencies, 'dependents-of': dependents };
}

/** Everything reached from `start`; what it starts from only where it is reached again. */
function closure(start: ReadonlySet<string>, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...start];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const other of edges.get(next) ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return found;
}

function fewOf(known: ReadonlySet<string>): string | undefined {
  if (known.size === 0) return undefined;
  const list = [...known].sort(compareCodeUnits);
  return `there are: ${list.slice(0, 8).join(', ')}${list.length > 8 ? `, and ${list.length - 8} more` : ''}`;
}
