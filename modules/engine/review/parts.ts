import type { Language, ObjectChange, Review, ReviewStack } from './types.ts';
import type { ReviewWords } from './words.ts';

/** An object that is destroyed or replaced, with where it stands. */
export interface Gone {
  readonly stack: ReviewStack;
  readonly change: ObjectChange;
}

/** Everything that is destroyed or replaced: what a reviewer must see first. Destroyed before replaced. */
export function goneOf(review: Review): Gone[] {
  const all = review.stacks.filter(({ state }) => state === 'planned').flatMap((stack) => stack.changes.map((change) => ({ stack, change })));
  return [...all.filter(({ change }) => change.action === 'delete'), ...all.filter(({ change }) => change.action === 'replace')];
}

/** Stacks by agency, in the order they are in. */
export function byAgency(review: Review): Map<string, ReviewStack[]> {
  const groups = new Map<string, ReviewStack[]>();
  for (const stack of review.stacks) {
    const list = groups.get(stack.agency);
    if (list) list.push(stack);
    else groups.set(stack.agency, [stack]);
  }
  return groups;
}

/** `Bộ Y tế (moh)`, `moh` where no name is known. */
export function agencyText(review: Review, id: string, language: Language): string {
  const name = review.names[id]?.[language];
  return name === undefined ? id : `${name} (${id})`;
}

/** `+3 ~1 -2`, zeros left out. A replacement counts as one added and one destroyed, as engines count. */
export function countsText(stacks: readonly Pick<ReviewStack, 'state' | 'add' | 'change' | 'destroy'>[]): string {
  const planned = stacks.filter(({ state }) => state === 'planned');
  const sum = (field: 'add' | 'change' | 'destroy'): number => planned.reduce((total, stack) => total + stack[field], 0);
  const parts = [
    ['+', sum('add')],
    ['~', sum('change')],
    ['-', sum('destroy')],
  ] as const;
  return parts
    .filter(([, count]) => count > 0)
    .map(([sign, count]) => `${sign}${count}`)
    .join(' ');
}

/** What is to be said of a stack on its own line. */
export function stateText(stack: ReviewStack, words: ReviewWords): string {
  if (stack.state === 'waits') return `${words.waits} ${stack.waitsFor.join(', ')}`;
  if (stack.state === 'failed') return `${words.failed}: ${stack.error?.split('\n')[0] ?? ''}`;
  if (stack.state === 'skipped') return stack.removed === true ? `(${stack.destroy}) ${words.removed}` : (stack.reason ?? '');
  const imports = stack.changes.filter(({ action, importing }) => action === 'import' || importing !== undefined).length;
  const moved = stack.changes.filter(({ action, from }) => action === 'move' || from !== undefined).length;
  const counts =
    [countsText([stack]), imports > 0 ? words.taken(imports) : '', moved > 0 ? words.renamed(moved) : ''].filter((part) => part !== '').join(', ') ||
    words.outputs(stack.outputs ?? 0);
  return [counts, stack.level === undefined ? '' : words.level(stack.level), stack.removed === true ? words.removal : '']
    .filter((part) => part !== '')
    .join(', ');
}

/** `3 stacks +3 ~1 -2, 1 waiting, 14 unchanged`. */
export function totalsText(review: Review, words: ReviewWords): string {
  const planned = review.stacks.filter(({ state }) => state === 'planned');
  const waiting = review.stacks.filter(({ state }) => state === 'waits').length;
  const unchanged = Object.values(review.unchanged).reduce((sum, count) => sum + count, 0);
  const parts = [
    `${words.stacks(planned.length)} ${countsText(planned)}`.trim(),
    waiting > 0 ? words.waiting(waiting) : '',
    unchanged > 0 ? words.unchanged(unchanged) : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
