import { agencyText, byAgency, countsText, goneOf, stateText, totalsText } from './parts.ts';
import type { Preflight } from '../preflight/types.ts';
import type { Language, ObjectChange, Review } from './types.ts';
import { signs, wordsOf, type ReviewWords } from './words.ts';

/** Lines that name single objects or attributes; beyond them counts must do, the page has all. */
const mostGone = 200;
const mostAttributes = 30;

/** The review as text: what is destroyed or replaced first, then agency by agency. */
export function reviewText(review: Review, language: Language): string {
  const words = wordsOf(language);
  const lines = [
    `${words.plan} ${review.plan}  ${review.engine.name} ${review.engine.version}  (${review.environment === 'sandbox' ? words.sandbox : words.production})`,
    totalsText(review, words),
    ...(review.purpose === 'destroy' ? [words.destroys] : []),
    '',
  ];
  if (review.stacks.length === 0 && review.effects.length === 0) return `${[...lines, words.nothing].join('\n')}\n`;
  const gone = goneOf(review);
  if (gone.length === 0) lines.push(words.nothingGone, '');
  else {
    lines.push(`${words.gone}:`);
    for (const { stack, change } of gone.slice(0, mostGone))
      lines.push(`  ${signs[change.action].padEnd(3)} ${stack.path}  ${change.address}${forced(change)}`);
    if (gone.length > mostGone) lines.push(`  ${words.more(gone.length - mostGone)}`);
    lines.push('');
  }
  const beyond = review.effects.filter(({ stack }) => stack === undefined);
  if (beyond.length > 0) {
    lines.push(`${words.effects}:`);
    for (const { effect, agency, subjects } of beyond) {
      lines.push(`  ${agencyText(review, agency, language)}: ${words[effect as 'renumber' | 'ds-change']}: ${some(subjects, words)}`);
    }
    lines.push('');
  }
  if (review.preflight !== undefined) lines.push(...preflightLines(review.preflight, words), '');
  if (review.approvals.length > 0) {
    lines.push(`${words.approvals}:`);
    for (const { rule, names, count, of, because } of review.approvals) {
      lines.push(`  ${names?.[language] ?? rule} [${rule}]: ${words.of(count, of.join(', '))}  (${some(because, words)})`);
    }
    lines.push('');
  }
  for (const [agency, stacks] of byAgency(review)) {
    lines.push(`${agencyText(review, agency, language)}  ${countsText(stacks)}`.trimEnd());
    for (const stack of stacks) {
      lines.push(`  ${stack.path}  ${stateText(stack, words)}`);
      if (stack.state !== 'planned') continue;
      for (const change of stack.changes) lines.push(...objectLines(change, words));
      if (!stack.detailed) lines.push(`    (${words.notRead})`);
    }
    lines.push('');
  }
  lines.push(words.page);
  return `${lines.join('\n')}\n`;
}

function preflightLines(preflight: Preflight, words: ReviewWords): string[] {
  const lines = [`${words.preflight}: ${words.looked(preflight)}`];
  for (const { result, check, stacks, cloud, address, message } of preflight.findings.slice(0, mostGone)) {
    const subject = [stacks.join(', ') || (cloud ?? ''), address ?? ''].filter((part) => part !== '').join(' ');
    lines.push(`  ${words.verdicts[result]} [${check}] ${subject === '' ? '' : `${subject}: `}${message}`);
  }
  if (preflight.findings.length > mostGone) lines.push(`  ${words.more(preflight.findings.length - mostGone)}`);
  if (preflight.fail > 0) lines.push(`  ${words.refused}`);
  return lines;
}

function objectLines(change: ObjectChange, words: ReviewWords): string[] {
  const notes = [
    ...(change.importing === undefined ? [] : [words.imports(change.importing)]),
    ...(change.from === undefined ? [] : [words.renames(change.from)]),
  ];
  const lines = [`    ${signs[change.action].padEnd(3)} ${change.address}${notes.length === 0 ? '' : `  (${notes.join('; ')})`}`];
  const attributes = change.attributes ?? [];
  // What an object had when it is destroyed is in its state; that it goes is what matters.
  if (change.action === 'delete') return lines;
  for (const { path, before, after, replaces } of attributes.slice(0, mostAttributes)) {
    const value = change.action === 'create' ? ` = ${after ?? words.none}` : `: ${before ?? words.none} -> ${after ?? words.none}`;
    lines.push(`          ${path}${value}${replaces === true ? `  # ${words.forces}` : ''}`);
  }
  if (attributes.length > mostAttributes) lines.push(`          ${words.more(attributes.length - mostAttributes)}`);
  return lines;
}

function forced({ attributes }: ObjectChange): string {
  const paths = (attributes ?? []).filter(({ replaces }) => replaces === true).map(({ path }) => path);
  return paths.length === 0 ? '' : `  (${paths.join(', ')})`;
}

function some(list: readonly string[], words: ReviewWords): string {
  return `${list.slice(0, 5).join(', ')}${list.length > 5 ? ` ${words.more(list.length - 5)}` : ''}`;
}
