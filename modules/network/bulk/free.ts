import { fail } from '../../core/basics.ts';
import { formatPrefix } from '../format.ts';
import { parsePrefix } from '../parse.ts';
import { bitsOf, type Prefix } from '../prefix.ts';
import { firstAtOrBehind, mergeColumns } from './algebra.ts';
import { addressesOfLengths, columnsOf, commonBits, rowContains, type PrefixColumns } from './columns.ts';
import { emitFree, type BlockSink } from './emit.ts';
import { readPrefixFile, type InvalidLine } from './read.ts';

/** The free space of one block. */
export interface FreeSummary {
  readonly within: string;
  /** Distinct used and free addresses of the block, decimal. */
  readonly used: string;
  readonly free: string;
  /** Number of stretches of free addresses between used ones. */
  readonly gaps: number;
  /** Number of maximal free aligned blocks of each length (`{"24": 3}`), and of all. */
  readonly byLength: Readonly<Record<string, number>>;
  readonly count: number;
  /** Length of the largest free block; undefined where nothing is free. */
  readonly largest?: number | undefined;
  /** How many blocks of the wanted length fit, decimal. */
  readonly fitting?: string | undefined;
  /** The first free blocks (those that fit the wanted length), in order. */
  readonly blocks: readonly string[];
}

class Tally implements BlockSink {
  readonly counts = new Float64Array(129);
  readonly blocks: Prefix[] = [];
  readonly #family: Prefix['family'];
  readonly #longest: number;
  #left: number;

  constructor(family: Prefix['family'], longest: number, shown: number) {
    this.#family = family;
    this.#longest = longest;
    this.#left = shown;
  }

  push(a: number, b: number, c: number, d: number, length: number): void {
    this.counts[length] = (this.counts[length] ?? 0) + 1;
    if (this.#left > 0 && length <= this.#longest) {
      this.#left--;
      this.blocks.push({ family: this.#family, a, b, c, d, length });
    }
  }
}

/**
 * What is free in `within`, counted without holding the free blocks.
 * @param used merged rows (`mergeColumns`) of the same family
 * @param options.length only blocks at least that large are listed, and counted as `fitting`
 * @param options.shown how many blocks are listed (default 20)
 */
export function freeWithin(within: Prefix, used: PrefixColumns, options: { readonly length?: number | undefined; readonly shown?: number } = {}): FreeSummary {
  const { family } = within;
  const bits = bitsOf(family);
  const { length, shown = 20 } = options;
  const root = columnsOf(family, [within]);
  const from = firstAtOrBehind(used, root, 0);
  const tally = new Tally(family, length ?? bits, shown);
  const full = from < used.size && rowContains(used, from, root, 0);
  let to = from;
  let gaps = 0;
  if (!full) {
    while (to < used.size && rowContains(root, 0, used, to)) to++;
    emitFree(root, 0, used, from, to, tally);
    gaps = gapsBetween(root, used, from, to);
  }
  const { counts } = tally;
  const all = 1n << BigInt(bits - within.length);
  const free = addressesOfLengths(counts, bits);
  const lengths = Array.from(counts.keys()).filter((length) => (counts[length] ?? 0) > 0);
  let fitting: bigint | undefined;
  if (length !== undefined) {
    fitting = 0n;
    for (const free of lengths) if (free <= length) fitting += BigInt(counts[free] ?? 0) << BigInt(length - free);
  }
  return {
    within: formatPrefix(within),
    used: (all - free).toString(),
    free: free.toString(),
    gaps,
    byLength: Object.fromEntries(lengths.map((length) => [length, counts[length] ?? 0])),
    count: lengths.reduce((sum, length) => sum + (counts[length] ?? 0), 0),
    largest: lengths[0],
    fitting: fitting?.toString(),
    blocks: tally.blocks.map(formatPrefix),
  };
}

/**
 * What the prefixes of a file (see `readPrefixFile`) leave free, whatever their domains and owners.
 * @param within texts of prefixes; without any, all addresses of both families
 * @throws ProblemError NET-PREFIX for a text of `within` that is none; NET-LENGTH for a length none of them can have
 */
export function freeOfFile(
  file: string | number,
  within: readonly string[],
  options: { readonly length?: number | undefined; readonly shown?: number } = {},
): { readonly reports: readonly FreeSummary[]; readonly invalid: readonly InvalidLine[] } {
  const { length = 0 } = options;
  const named = (within.length === 0 ? ['0.0.0.0/0', '::/0'] : within).map((text) => parsePrefix(text));
  // A length only IPv6 has is asked of IPv6.
  const roots = named.filter(({ family }) => length <= bitsOf(family));
  if (roots.length === 0) fail('NET-LENGTH', `/${length} is no length of ${named[0]?.family ?? ''}`, { hint: 'a length is 0 to 32, of IPv6 0 to 128' });
  const { v4, v6, invalid } = readPrefixFile(file);
  const used = { v4: mergeColumns(v4), v6: mergeColumns(v6) };
  return { reports: roots.map((root) => freeWithin(root, used[root.family], options)), invalid };
}

/** Between two used neighbours lies a gap unless the first ends with ones and the second begins with zeros behind the bit in which they part. */
function gapsBetween(root: PrefixColumns, used: PrefixColumns, from: number, to: number): number {
  if (from === to) return 1;
  const length = root.length[0] ?? 0;
  let gaps = 0;
  if (!edge(used, from, length, false)) gaps++;
  if (!edge(used, to - 1, length, true)) gaps++;
  for (let row = from + 1; row < to; row++) {
    const parted = commonBits(used, row - 1, used, row) + 1;
    if (!edge(used, row - 1, parted, true) || !edge(used, row, parted, false)) gaps++;
  }
  return gaps;
}

/** Whether the bits of a row from position `top` to its length are all ones (or all zeros). */
function edge(set: PrefixColumns, row: number, top: number, ones: boolean): boolean {
  const end = set.length[row] ?? 0;
  for (let word = top >>> 5; 32 * word < end; word++) {
    const column = word === 0 ? set.a : word === 1 ? set.b : word === 2 ? set.c : set.d;
    const value = ones ? ~(column[row] ?? 0) : (column[row] ?? 0);
    const low = Math.max(top - 32 * word, 0);
    const high = Math.min(end - 32 * word, 32);
    const mask = high === 32 ? 0xffffffff >>> low : (0xffffffff >>> low) & ~(0xffffffff >>> high);
    if ((value & mask) !== 0) return false;
  }
  return true;
}
