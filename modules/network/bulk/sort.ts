import { compareRows, type PrefixColumns } from './columns.ts';

/**
 * The rows in order: address, then the shorter prefix first, then as they stand. A radix sort from the last digit to the
 * first; words and digits in which all rows agree cost one look.
 */
export function sortedOrder(columns: PrefixColumns): Uint32Array {
  const { size } = columns;
  let order = new Uint32Array(size);
  for (let row = 0; row < size; row++) order[row] = row;
  if (isSorted(columns)) return order;
  let other = new Uint32Array(size);
  const counts = new Uint32Array(3 * 2048);
  const pass = (key: Uint32Array | Uint8Array, shift: number, from: number): void => {
    // A digit that all rows share orders nothing.
    if ((counts[from + (((key[0] ?? 0) >>> shift) & 2047)] ?? 0) === size) return;
    let sum = 0;
    for (let digit = from; digit < from + 2048; digit++) {
      const count = counts[digit] ?? 0;
      counts[digit] = sum;
      sum += count;
    }
    for (let index = 0; index < size; index++) {
      const row = order[index] ?? 0;
      const digit = from + (((key[row] ?? 0) >>> shift) & 2047);
      const at = counts[digit] ?? 0;
      counts[digit] = at + 1;
      other[at] = row;
    }
    [order, other] = [other, order];
  };
  for (let row = 0; row < size; row++) count(counts, columns.length[row] ?? 0);
  pass(columns.length, 0, 0);
  const words = columns.family === 'v4' ? [columns.a] : [columns.d, columns.c, columns.b, columns.a];
  for (const word of words) {
    if (isConstant(word, size)) continue;
    counts.fill(0);
    for (let row = 0; row < size; row++) {
      const value = word[row] ?? 0;
      count(counts, value & 2047);
      count(counts, 2048 + ((value >>> 11) & 2047));
      count(counts, 4096 + (value >>> 22));
    }
    pass(word, 0, 0);
    pass(word, 11, 2048);
    pass(word, 22, 4096);
  }
  return order;
}

function count(counts: Uint32Array, digit: number): void {
  counts[digit] = (counts[digit] ?? 0) + 1;
}

function isSorted(columns: PrefixColumns): boolean {
  for (let row = 1; row < columns.size; row++) if (compareRows(columns, row - 1, columns, row) > 0) return false;
  return true;
}

function isConstant(word: Uint32Array, size: number): boolean {
  for (let row = 1; row < size; row++) if (word[row] !== word[0]) return false;
  return true;
}
