import { plural } from '../../core/index.ts';
import type { EditOutcome, EditRow } from './edit.ts';

const signs: Readonly<Record<EditRow['kind'], string>> = { add: '+', release: '-', change: '~', rename: '~', move: '>', drop: '-' };
const order: readonly EditRow['kind'][] = ['add', 'release', 'drop', 'change', 'rename', 'move'];
const mostRows = 60;
const mostLines = 120;

/** What an edit does, for people: the blocks, grouped + - ~ > =, then the lines of the plans and tables that change. */
export function formatEdit({ rows, unchanged, files, before: read }: EditOutcome): string {
  const lines: string[] = [];
  for (const kind of order) {
    const group = rows.filter((row) => row.kind === kind);
    lines.push(...group.slice(0, mostRows).map(rowText));
    if (group.length > mostRows) lines.push(`${signs[kind]} ... and ${group.length - mostRows} more`);
  }
  const count = (...kinds: EditRow['kind'][]): number => rows.filter(({ kind }) => kinds.includes(kind)).length;
  lines.push(
    `${count('add')} added, ${count('release', 'drop')} released, ${count('change')} changed, ${count('rename')} renamed, ${count('move')} renumbered; = ${unchanged} unchanged`,
  );
  for (const [file, text] of files) {
    if (file.endsWith('.lock.yaml')) continue;
    // As it was read: by now it may be written.
    const before = read.get(file) ?? '';
    const changed = lineDiff(before, text);
    lines.push(
      '',
      `${file}: ${plural(changed.filter((line) => line.startsWith('+')).length, 'line')} in, ${changed.filter((line) => line.startsWith('-')).length} out`,
    );
    lines.push(...changed.slice(0, mostLines));
    if (changed.length > mostLines) lines.push(`... and ${plural(changed.length - mostLines, 'line')} more`);
  }
  return lines.join('\n');
}

function rowText({ kind, key, heirs, pool, from, to, until }: EditRow): string {
  const names = heirs === undefined || heirs.length === 0 ? key : `${key} -> ${heirs.join(', ')}`;
  const blocks = from === null ? to : to === null || from === to ? from : `${from} -> ${to}`;
  const note =
    kind === 'move'
      ? '  RENUMBER'
      : kind === 'drop'
        ? '  free again'
        : kind === 'release'
          ? `  kept from others${until === undefined ? '' : ` until ${until}`}`
          : '';
  return `${signs[kind]} ${names}  ${blocks ?? ''}  (${pool})${note}`;
}

/** Lines that differ, old ones with `-` and new ones with `+`, in order. */
export function lineDiff(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let tail = 0;
  while (tail < old.length - start && tail < now.length - start && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const [left, right] = [old.slice(start, old.length - tail), now.slice(start, now.length - tail)];
  // Tables with a new column differ in every line: comparing each with each would say nothing more.
  if (left.length * right.length > 4_000_000) return [...left.map((line) => `- ${line}`), ...right.map((line) => `+ ${line}`)];
  const width = right.length + 1;
  const longest = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const at = i * width + j;
      longest[at] = left[i] === right[j] ? (longest[at + width + 1] ?? 0) + 1 : Math.max(longest[at + width] ?? 0, longest[at + 1] ?? 0);
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i++;
      j++;
    } else if (i < left.length && (j === right.length || (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)))
      lines.push(`- ${left[i++] ?? ''}`);
    else lines.push(`+ ${right[j++] ?? ''}`);
  }
  return lines;
}
