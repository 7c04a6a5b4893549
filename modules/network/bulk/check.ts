import { formatPrefix } from '../format.ts';
import { prefixAt } from './columns.ts';
import { hierarchyOf, type Hierarchy } from './hierarchy.ts';
import { readPrefixFile, type FileColumns, type InvalidLine, type PrefixFile } from './read.ts';

/** Counts over a file of prefixes. */
export interface PrefixCounts {
  readonly lines: number;
  readonly valid: number;
  readonly invalid: number;
  /** Valid lines of each family. */
  readonly v4: number;
  readonly v6: number;
  /** Lines that repeat a prefix of the same domain. */
  readonly duplicates: number;
  /** Distinct prefixes (of a domain) that lie in a shorter one of the same domain. */
  readonly covered: number;
  /** Covered ones whose nearest cover has another owner. A repeated prefix is its first line's. */
  readonly overlaps: number;
  /** Distinct addresses in all domains together, decimal. */
  readonly addresses4: string;
  readonly addresses6: string;
}

/** Two lines of which the first repeats the second or lies in it though its owner is another. */
export interface PrefixFinding {
  readonly kind: 'duplicate' | 'overlap';
  readonly line: number;
  readonly prefix: string;
  readonly domain: string;
  readonly owner: string;
  readonly other: { readonly line: number; readonly prefix: string; readonly owner: string };
}

export interface PrefixCheck {
  readonly counts: PrefixCounts;
  readonly invalid: readonly InvalidLine[];
  /** The findings of the first lines that have one, by line; not more than `shown` of each kind. */
  readonly findings: readonly PrefixFinding[];
}

/** Checks a file of prefixes (see `readPrefixFile`): what is invalid, repeated, covered and covered by another's. */
export function checkPrefixFile(file: string | number, options: { readonly shown?: number } = {}): PrefixCheck {
  return checkPrefixes(readPrefixFile(file), options);
}

export function checkPrefixes(file: PrefixFile, { shown = 20 }: { readonly shown?: number } = {}): PrefixCheck {
  const { v4, v6, domains, invalid, lines } = file;
  const hierarchy4 = hierarchyOf(v4, v4.domain, domains.size);
  const hierarchy6 = hierarchyOf(v6, v6.domain, domains.size);
  const sum = { duplicates: 0, covered: 0, overlaps: 0 };
  const findings = [...sumUp(file, v4, hierarchy4, sum, shown), ...sumUp(file, v6, hierarchy6, sum, shown)].sort((one, other) => one.line - other.line);
  const counts: PrefixCounts = {
    lines,
    valid: v4.size + v6.size,
    invalid: invalid.length,
    v4: v4.size,
    v6: v6.size,
    ...sum,
    addresses4: hierarchy4.addresses.toString(),
    addresses6: hierarchy6.addresses.toString(),
  };
  const left = { duplicate: shown, overlap: shown };
  return { counts, invalid, findings: findings.filter(({ kind }) => left[kind]-- > 0) };
}

/** Adds the counts of one family to `sum`; returns its first findings. */
function sumUp(
  file: PrefixFile,
  columns: FileColumns,
  { first, cover }: Hierarchy,
  sum: { duplicates: number; covered: number; overlaps: number },
  shown: number,
): PrefixFinding[] {
  const findings: PrefixFinding[] = [];
  const { owner, size } = columns;
  const left = { duplicate: shown, overlap: shown };
  const find = (kind: PrefixFinding['kind'], row: number, other: number): void => {
    if (left[kind]-- <= 0) return;
    const at = (row: number): { line: number; prefix: string; owner: string } => ({
      line: columns.line[row] ?? 0,
      prefix: formatPrefix(prefixAt(columns, row)),
      owner: file.owners.text(owner[row] ?? 0),
    });
    findings.push({ kind, domain: file.domains.text(columns.domain[row] ?? 0), ...at(row), other: at(other) });
  };
  for (let row = 0; row < size; row++) {
    const same = first[row] ?? row;
    const above = cover[row] ?? -1;
    if (same !== row) {
      sum.duplicates++;
      find('duplicate', row, same);
    } else if (above >= 0) {
      sum.covered++;
      if (owner[row] !== owner[above]) {
        sum.overlaps++;
        find('overlap', row, above);
      }
    }
  }
  return findings;
}
