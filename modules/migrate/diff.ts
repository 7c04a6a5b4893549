/** Lines of context around a change. */
const around = 3;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * A unified diff of one file as `diff -u` writes it, readable by `patch -p1` and `git apply`; empty when nothing changed.
 * `before` undefined: the file is new.
 */
export function unifiedDiff(file: string, before: string | undefined, after: string): string {
  if (before === after) return '';
  const lines = compare(linesOf(before ?? ''), linesOf(after));
  const out = [before === undefined ? '--- /dev/null' : `--- a/${file}`, `+++ b/${file}`];
  let oldLine = 1;
  let newLine = 1;
  for (let index = 0; index < lines.length;) {
    const next = lines.findIndex(({ sign }, at) => at >= index && sign !== ' ');
    if (next < 0) break;
    const from = Math.max(index, next - around);
    oldLine += from - index;
    newLine += from - index;
    let to = next;
    for (let quiet = 0; to < lines.length && quiet <= around * 2; to++) quiet = lines[to]?.sign === ' ' ? quiet + 1 : 0;
    while (to > next && lines[to - 1]?.sign === ' ' && trailing(lines, to) > around) to--;
    const hunk = lines.slice(from, to);
    const old = hunk.filter(({ sign }) => sign !== '+').length;
    const now = hunk.filter(({ sign }) => sign !== '-').length;
    out.push(`@@ -${range(oldLine, old)} +${range(newLine, now)} @@`);
    for (const { sign, text } of hunk) out.push(text.endsWith('\n') ? `${sign}${text.slice(0, -1)}` : `${sign}${text}\n\\ No newline at end of file`);
    oldLine += old;
    newLine += now;
    index = to;
  }
  return `${out.join('\n')}\n`;
}

function trailing(lines: readonly Line[], to: number): number {
  let count = 0;
  while (lines[to - 1 - count]?.sign === ' ') count++;
  return count;
}

function range(line: number, count: number): string {
  return `${count === 0 ? line - 1 : line},${count}`;
}

/** Lines with their line feeds. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
}

function compare(old: readonly string[], now: readonly string[]): Line[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let tail = 0;
  while (tail < old.length - start && tail < now.length - start && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const same = (text: string): Line => ({ sign: ' ', text });
  return [
    ...old.slice(0, start).map(same),
    ...middle(old.slice(start, old.length - tail), now.slice(start, now.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ];
}

/** The longest common subsequence by its table; very long stretches are shown as replaced whole, which is as true. */
function middle(old: readonly string[], now: readonly string[]): Line[] {
  const replaced = [...old.map((text): Line => ({ sign: '-', text })), ...now.map((text): Line => ({ sign: '+', text }))];
  if (old.length === 0 || now.length === 0 || old.length * now.length > 4_000_000) return replaced;
  const width = now.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const at = i * width + j;
      table[at] = old[i] === now[j] ? (table[at + width + 1] ?? 0) + 1 : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    const at = i * width + j;
    if (old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i++] ?? '' });
      j++;
    } else if ((table[at + width] ?? 0) >= (table[at + 1] ?? 0)) lines.push({ sign: '-', text: old[i++] ?? '' });
    else lines.push({ sign: '+', text: now[j++] ?? '' });
  }
  lines.push(...old.slice(i).map((text): Line => ({ sign: '-', text })), ...now.slice(j).map((text): Line => ({ sign: '+', text })));
  return lines;
}
