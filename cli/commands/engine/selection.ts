import type { Selection } from '../../../modules/engine/index.ts';
import type { OptionSpec } from '../../kit.ts';

/** Options of every verb that is about some of the stacks. */
export const selectionOptions: readonly OptionSpec[] = [
  { flags: '--select <expression...>', description: 'only these stacks; several expressions select what any of them does' },
  { flags: '--agency <id>', description: 'only the stacks of this organisation: short for agency:ID, narrows --select' },
  { flags: '--stack <path>', description: 'only this stack: short for path:PATH, narrows --select' },
];

/** The grammar of expressions, for the help of verbs that take them. */
export const selectionHelp = `--select takes terms joined by "or" (|), "and" (&), "not" (!) and brackets: a path, where * is any run of characters and ? one; agency:ID, tenant:ID, cloud:ID, tag:WORD; dependents-of:TERM, dependencies-of:TERM (all of them, without TERM itself); changed (differs from what was last applied), removed (declared no more), all. "not" binds closest, then "and". A selection of nothing is an error that says why of every term.`;

/** What the options select. */
export function selectionOf(options: Readonly<Record<string, unknown>>): Selection {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const expressions = Array.isArray(options['select']) ? (options['select'] as string[]) : undefined;
  return { agency: text('agency'), stack: text('stack'), expressions };
}
