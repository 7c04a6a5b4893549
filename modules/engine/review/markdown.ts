import { agencyText, byAgency, countsText, goneOf, stateText, totalsText } from './parts.ts';
import type { Language, Review, ReviewStack } from './types.ts';
import { signs, wordsOf, type ReviewWords } from './words.ts';

const mostGone = 50;
const mostRows = 60;
/** Forges refuse comments of more than about 65,000 characters: stacks beyond this are counted only. */
const mostCharacters = 55_000;

/** The review as Markdown for a merge request: what goes first, then a folded part per agency. */
export function reviewMarkdown(review: Review, language: Language): string {
  const words = wordsOf(language);
  const lines = [`### ${words.plan} \`${review.plan}\`: ${totalsText(review, words)}`, ''];
  lines.push(`${code(`${review.engine.name} ${review.engine.version}`)} · ${review.environment === 'sandbox' ? words.sandbox : `**${words.production}**`}`, '');
  if (review.stacks.length === 0 && review.effects.length === 0) return `${[...lines, words.nothing].join('\n')}\n`;
  if (review.purpose === 'destroy') lines.push(`**${words.destroys}**`, '');
  const gone = goneOf(review);
  if (gone.length === 0) lines.push(words.nothingGone, '');
  else {
    lines.push(`#### ⚠ ${words.gone}: ${gone.length}`, '', `| | ${words.stack} | ${words.object} |`, '| --- | --- | --- |');
    for (const { stack, change } of gone.slice(0, mostGone)) lines.push(`| ${code(signs[change.action])} | ${code(stack.path)} | ${code(change.address)} |`);
    if (gone.length > mostGone) lines.push(`| | ${words.more(gone.length - mostGone)} | |`);
    lines.push('');
  }
  const beyond = review.effects.filter(({ stack }) => stack === undefined);
  if (beyond.length > 0) {
    lines.push(`#### ${words.effects}`, '');
    for (const { effect, agency, subjects } of beyond) {
      const listed = subjects.slice(0, 10).map(code).join(', ');
      const rest = subjects.length > 10 ? ` ${words.more(subjects.length - 10)}` : '';
      lines.push(`- ${plain(agencyText(review, agency, language))}: ${words[effect as 'renumber' | 'ds-change']}: ${listed}${rest}`);
    }
    lines.push('');
  }
  if (review.preflight !== undefined) {
    const { findings, fail } = review.preflight;
    lines.push(`#### ${words.preflight}: ${words.looked(review.preflight)}`, '');
    for (const { result, check, stacks, address, message } of findings.slice(0, mostGone)) {
      const subject = [...stacks, ...(address === undefined ? [] : [address])].map(code).join(' ');
      lines.push(`- **${words.verdicts[result]}** ${code(check)} ${subject} ${plain(message)}`);
    }
    if (findings.length > mostGone) lines.push(`- ${words.more(findings.length - mostGone)}`);
    if (fail > 0) lines.push('', words.refused);
    lines.push('');
  }
  if (review.approvals.length > 0) {
    lines.push(`#### ${words.approvals}`, '');
    for (const { rule, names, count, of } of review.approvals) {
      lines.push(`- ${plain(names?.[language] ?? rule)} (${code(rule)}): ${words.of(count, of.map(code).join(', '))}`);
    }
    lines.push('');
  }
  let length = lines.join('\n').length;
  for (const [agency, stacks] of byAgency(review)) {
    const title = `${plain(agencyText(review, agency, language))} ${countsText(stacks)}`.trimEnd();
    const whole = agencyPart(title, stacks, words);
    const part = length + whole.length > mostCharacters ? `- ${title} (${words.stacks(stacks.length)})` : whole;
    length += part.length + 1;
    lines.push(part);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function agencyPart(title: string, stacks: readonly ReviewStack[], words: ReviewWords): string {
  const lines = [`<details><summary>${title}</summary>`, ''];
  for (const stack of stacks) {
    lines.push(`**${plain(stack.path)}** ${plain(stateText(stack, words))}`, '');
    if (stack.state !== 'planned' || stack.changes.length === 0) continue;
    const rows = stack.changes.flatMap((change) => {
      const sign = code(signs[change.action]);
      const attributes = change.action === 'delete' ? [] : (change.attributes ?? []);
      const notes = [
        ...(change.importing === undefined ? [] : [words.imports(code(change.importing))]),
        ...(change.from === undefined ? [] : [words.renames(code(change.from))]),
      ];
      return [
        `| ${sign} | ${code(change.address)} | | ${notes.length === 0 ? '' : `${notes.join('; ')} `}|`,
        ...attributes.map(
          ({ path, before, after }) => `| | ${code(path)} | ${before === undefined ? '' : code(before)} | ${after === undefined ? '' : code(after)} |`,
        ),
      ];
    });
    lines.push(`| | ${words.object} | ${words.before} | ${words.after} |`, '| --- | --- | --- | --- |', ...rows.slice(0, mostRows));
    if (rows.length > mostRows) lines.push(`| | ${words.more(rows.length - mostRows)} | | |`);
    lines.push('');
  }
  lines.push('</details>', '');
  return lines.join('\n');
}

/** Text as a code span of a table cell, whatever it holds: a longer fence than any run of backticks, and no bare bar. */
function code(text: string): string {
  const flat = text.replace(/[\r\n]+/gu, ' ').replace(/\|/gu, '\\|');
  const fence = '`'.repeat(Math.max(0, ...[...flat.matchAll(/`+/gu)].map(([run]) => run.length)) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') || flat === '' ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}

/** Text that must not become markup. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]<>#|~]/gu, (character) => (character === '<' ? '&lt;' : character === '>' ? '&gt;' : `\\${character}`))
    .replace(/[\r\n]+/gu, ' ');
}
