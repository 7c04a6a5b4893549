import type { DiffRow } from '../types.ts';
import { blocksText, changeCount, effectsTotals, figureText, groups, kindsOf, largestText, type Review, type ReviewEffects } from './review.ts';
import type { ReviewedBlock } from './figures.ts';

const mostRows = 100;
const mostBlocks = 40;
const mostEffects = 20;

/** The first rows of a long list, and how many are left out. */
function cut<T>(rows: readonly T[], most: number): { shown: readonly T[]; left: number } {
  // A few more than the limit are shown rather than counted.
  return rows.length <= most * 1.2 ? { shown: rows, left: 0 } : { shown: rows.slice(0, most), left: rows.length - most };
}

/** The review for a terminal. */
export function reviewText(review: Review): string {
  const { diff, blocks, effects } = review;
  const lines: string[] = [];
  for (const { list, sign, word } of groups) {
    const rows: readonly DiffRow[] = diff[list];
    if (rows.length === 0) continue;
    lines.push(`${sign} ${rows.length.toLocaleString('en-US')} ${word}`);
    const { shown, left } = cut(rows, mostRows);
    for (const row of shown) lines.push(`  ${sign} ${row.key}  ${blocksText(row)}  (${row.pool})${list === 'move' ? '  RENUMBER' : ''}`);
    if (left > 0) {
      lines.push(`  ${sign} ... and ${left.toLocaleString('en-US')} more; of all:`);
      for (const { kind, pool, count } of kindsOf(rows)) lines.push(`      ${count.toLocaleString('en-US')} ${kind} in ${pool}`);
    }
  }
  lines.push(`= ${diff.unchanged.toLocaleString('en-US')} unchanged`);
  if (blocks.length > 0) lines.push('', ...blockLines(blocks));
  if (effects) lines.push('', ...effectLines(effects));
  if (changeCount(diff) > 0) lines.push('');
  lines.push(`${(['add', 'release', 'move', 'change'] as const).map((list) => `${diff[list].length} to ${list}`).join(', ')}; ${diff.unchanged} unchanged`);
  return lines.join('\n');
}

function blockLines(blocks: readonly ReviewedBlock[]): string[] {
  const { shown, left } = cut(blocks, mostBlocks);
  const lines = ['utilisation before -> after'];
  for (const block of shown) {
    lines.push(
      `  ${block.kind === 'pool' ? `pool ${block.name}` : block.name} (${block.family}): delegated ${figureText(block, 'delegated')}, used ${figureText(block, 'used')}, largest free ${largestText(block)}`,
    );
  }
  if (left > 0) lines.push(`  ... and ${left} holders more`);
  return lines;
}

function effectLines(effects: ReviewEffects): string[] {
  const totals = effectsTotals(effects);
  const lines = [`effect on zones: ${totals.zones}`];
  const zones = cut(effects.zones, mostEffects);
  const signs = { new: '+', gone: '-', changed: '~' };
  for (const { zone, state, added, removed } of zones.shown) lines.push(`  ${signs[state]} ${zone}  +${added} -${removed}`);
  if (zones.left > 0) lines.push(`  ... and ${zones.left} more`);
  lines.push(`effect on overlays: ${totals.overlays}`);
  for (const { overlay, added, removed, changed, tunnels } of effects.overlays) {
    lines.push(`  ${overlay}: +${added.length} -${removed.length} ~${changed.length} nodes, +${tunnels.added} -${tunnels.removed} tunnels`);
    for (const [sign, ids] of [
      ['+', added],
      ['-', removed],
      ['~', changed],
    ] as const) {
      const nodes = cut(ids, mostEffects);
      if (nodes.shown.length > 0) lines.push(`    ${sign} ${nodes.shown.join(', ')}${nodes.left > 0 ? ` and ${nodes.left} more` : ''}`);
    }
  }
  return lines;
}

/** The review as Markdown for a merge request. */
export function reviewMarkdown(review: Review): string {
  const { diff, blocks, effects } = review;
  const lines = [
    `### Address plan: ${changeCount(diff) === 0 ? 'no changes' : groups.map(({ list, sign }) => `${sign}${diff[list].length}`).join(' ')} =${diff.unchanged}`,
    '',
  ];
  if (diff.move.length > 0) lines.push(`**${diff.move.length === 1 ? 'One block is' : `${diff.move.length} blocks are`} renumbered.**`, '');
  for (const { list, sign, word } of groups) {
    const rows: readonly DiffRow[] = diff[list];
    if (rows.length === 0) continue;
    const { shown, left } = cut(rows, mostRows);
    const folded = rows.length > 20;
    lines.push(folded ? `<details><summary>${sign} ${rows.length} ${word}</summary>` : `#### ${sign} ${rows.length} ${word}`, '');
    if (left > 0) {
      lines.push('| kind | pool | blocks |', '| --- | --- | ---: |');
      for (const { kind, pool, count } of kindsOf(rows)) lines.push(`| ${code(kind)} | ${code(pool)} | ${count} |`);
      lines.push('');
    }
    lines.push('| | key | before | after | pool |', '| --- | --- | --- | --- | --- |');
    for (const { key, from, to, pool } of shown)
      lines.push(`| ${sign} | ${code(key)} | ${from === null ? '' : code(from)} | ${to === null ? '' : code(to)} | ${code(pool)} |`);
    if (left > 0) lines.push(`| ${sign} | ... and ${left} more | | | |`);
    lines.push('');
    if (folded) lines.push('</details>', '');
  }
  if (blocks.length > 0) {
    const { shown, left } = cut(blocks, mostBlocks);
    lines.push('#### Utilisation', '', '| block | prefix | delegated | used | largest free |', '| --- | --- | --- | --- | --- |');
    for (const block of shown) {
      const prefix = [block.before, block.after].map((figures) => figures?.prefix).find((found) => found !== undefined);
      if (prefix)
        lines.push(
          `| ${block.kind === 'pool' ? 'pool ' : ''}${code(block.name)} | ${block.family} /${prefix.length} | ${figureText(block, 'delegated')} | ${figureText(block, 'used')} | ${largestText(block)} |`,
        );
    }
    if (left > 0) lines.push(`| ... and ${left} more | | | | |`);
    lines.push('');
  }
  if (effects) {
    const totals = effectsTotals(effects);
    lines.push('#### Effect', '', `- Zones: ${totals.zones}`);
    for (const { zone, state, added, removed } of cut(effects.zones, mostEffects).shown) lines.push(`  - ${code(zone)} ${state}, +${added} -${removed}`);
    if (cut(effects.zones, mostEffects).left > 0) lines.push(`  - and ${cut(effects.zones, mostEffects).left} more`);
    lines.push(`- Overlays: ${totals.overlays}`);
    for (const { overlay, added, removed, changed, tunnels } of effects.overlays) {
      lines.push(`  - ${code(overlay)}: +${added.length} -${removed.length} ~${changed.length} nodes, +${tunnels.added} -${tunnels.removed} tunnels`);
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Text as code inside a table cell: a bar would end the cell, a backtick the code. */
function code(text: string): string {
  return text.includes('`') ? text.replace(/[`|\\<]/gu, '\\$&') : `\`${text.replaceAll('|', '\\|')}\``;
}
