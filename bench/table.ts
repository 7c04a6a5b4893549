import type { Figures } from './measure.ts';

/** What we hold ourselves to; figures above it are named in the table. */
export interface Bar {
  readonly cpuSeconds?: number;
  readonly wallSeconds?: number;
  readonly mebibytes?: number;
  /** At most this many times the first row of the same work, in CPU seconds. */
  readonly ratio?: number;
}

interface RowHead {
  /** Rows of the same work are compared with its first. */
  readonly work: string;
  readonly who: string;
}

/** One line of a benchmark's table: something that ran, or a peer that could not. */
export type Row =
  | (RowHead &
      Figures & {
        /** `command`: start to end of a process with its children; `in process`: inside one that already runs. */
        readonly scope: 'command' | 'in process';
        /** What was checked of the answer. */
        readonly answer: string;
        readonly bar?: Bar | undefined;
      })
  | (RowHead & { readonly absent: string });

/** A benchmark: what it is called on the command line and what it measures. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** `full`: peers that take minutes to build or to run, too. */
  run(options: { readonly full: boolean }): Promise<Row[]>;
}

const head = ['work', 'who', 'scope', 'CPU s', 'wall s', 'peak MiB', 'ratio', 'our bar', 'answer'];

/** Prints rows as a table; the ratio is of CPU seconds, to the first row of the same work. */
export function table(rows: readonly Row[]): string {
  const first = new Map<string, number>();
  const lines = rows.map((row) => {
    if ('absent' in row) return [row.work, row.who, '-', '-', '-', '-', '-', '', `absent: ${row.absent}`];
    const base = first.get(row.work) ?? row.cpuSeconds;
    first.set(row.work, base);
    const ratio = row.cpuSeconds / base;
    const { work, who, scope, cpuSeconds, wallSeconds, peakMiB, answer } = row;
    return [work, who, scope, seconds(cpuSeconds), seconds(wallSeconds), peakMiB?.toFixed(0) ?? '-', ratio.toFixed(2), judged(row.bar, row, ratio), answer];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Whether a row keeps its bar; rows without one do. */
export function keepsBar(rows: readonly Row[], row: Row): boolean {
  if ('absent' in row || !row.bar) return true;
  const base = rows.find((other) => other.work === row.work);
  const ratio = base && !('absent' in base) ? row.cpuSeconds / base.cpuSeconds : 1;
  return limits(row.bar, row, ratio).every(({ kept }) => kept);
}

function judged(bar: Bar | undefined, figures: Figures, ratio: number): string {
  if (!bar) return '';
  const all = limits(bar, figures, ratio);
  return `${all.map(({ text }) => text).join(', ')}${all.every(({ kept }) => kept) ? '' : '  MISSED'}`;
}

function limits(bar: Bar, figures: Figures, ratio: number): { text: string; kept: boolean }[] {
  const list: { text: string; kept: boolean }[] = [];
  if (bar.cpuSeconds !== undefined) list.push({ text: `${bar.cpuSeconds} s CPU`, kept: figures.cpuSeconds <= bar.cpuSeconds });
  if (bar.wallSeconds !== undefined) list.push({ text: `${bar.wallSeconds} s wall`, kept: figures.wallSeconds <= bar.wallSeconds });
  if (bar.mebibytes !== undefined) list.push({ text: `${bar.mebibytes} MiB`, kept: (figures.peakMiB ?? 0) <= bar.mebibytes });
  if (bar.ratio !== undefined) list.push({ text: `ratio ${bar.ratio}`, kept: ratio <= bar.ratio });
  return list;
}

function seconds(value: number): string {
  return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}
