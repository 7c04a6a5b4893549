import { agree, compareRows, PrefixBuffer, rowContains, type PrefixColumns } from './columns.ts';
import { emitFree } from './emit.ts';
import { sortedOrder } from './sort.ts';

// Sets of addresses of one family as columns: disjoint prefixes in order, no two of which are the halves of one block. Every set of
// addresses has exactly one such form, so equal sets have equal rows.

/** The fewest prefixes that hold exactly the addresses of the rows: covered ones go, neighbours that fill a block become it. */
export function mergeColumns(columns: PrefixColumns): PrefixColumns {
  const { family, size, a, b, c, d, length } = columns;
  const order = sortedOrder(columns);
  const merged = new PrefixBuffer(family, size);
  for (let index = 0; index < size; index++) {
    const row = order[index] ?? 0;
    if (merged.size > 0 && rowContains(merged, merged.size - 1, columns, row)) continue;
    merged.push(a[row] ?? 0, b[row] ?? 0, c[row] ?? 0, d[row] ?? 0, length[row] ?? 0);
    joinHalves(merged);
  }
  return merged;
}

/** Joins the last two rows, and what follows from it, as long as they are the halves of one block. */
function joinHalves(set: PrefixBuffer): void {
  while (set.size > 1) {
    const last = set.size - 1;
    const bits = set.length[last] ?? 0;
    if (set.length[last - 1] !== bits || !agree(set, last - 1, set, last, bits - 1)) return;
    // The first half begins where the whole does.
    set.size = last;
    set.length[last - 1] = bits - 1;
  }
}

/** What lies in one set or the other. Both must be merged, as the result is. */
export function uniteColumns(one: PrefixColumns, other: PrefixColumns): PrefixColumns {
  sameFamily(one, other);
  const united = new PrefixBuffer(one.family, one.size + other.size);
  let left = 0;
  let right = 0;
  while (left < one.size || right < other.size) {
    const fromOne = right >= other.size || (left < one.size && compareRows(one, left, other, right) <= 0);
    const [set, row] = fromOne ? [one, left++] : [other, right++];
    if (united.size > 0 && rowContains(united, united.size - 1, set, row)) continue;
    united.push(set.a[row] ?? 0, set.b[row] ?? 0, set.c[row] ?? 0, set.d[row] ?? 0, set.length[row] ?? 0);
    joinHalves(united);
  }
  return united;
}

/** What lies in both sets. Both must be merged, as the result is. */
export function intersectColumns(one: PrefixColumns, other: PrefixColumns): PrefixColumns {
  sameFamily(one, other);
  const common = new PrefixBuffer(one.family);
  let left = 0;
  let right = 0;
  while (left < one.size && right < other.size) {
    if (rowContains(one, left, other, right)) copyRow(other, right++, common);
    else if (rowContains(other, right, one, left)) copyRow(one, left++, common);
    else if (compareRows(one, left, other, right) < 0) left++;
    else right++;
  }
  return common;
}

/** What lies in the set and not in `holes`. Both must be merged, as the result is. */
export function excludeColumns(set: PrefixColumns, holes: PrefixColumns): PrefixColumns {
  sameFamily(set, holes);
  const rest = new PrefixBuffer(set.family);
  let hole = 0;
  for (let row = 0; row < set.size; row++) {
    while (hole < holes.size && compareRows(holes, hole, set, row) < 0 && !rowContains(holes, hole, set, row)) hole++;
    if (hole < holes.size && rowContains(holes, hole, set, row)) continue;
    const from = hole;
    while (hole < holes.size && rowContains(set, row, holes, hole)) hole++;
    emitFree(set, row, holes, from, hole, rest);
  }
  return rest;
}

function copyRow(set: PrefixColumns, row: number, into: PrefixBuffer): void {
  into.push(set.a[row] ?? 0, set.b[row] ?? 0, set.c[row] ?? 0, set.d[row] ?? 0, set.length[row] ?? 0);
}

function sameFamily(one: PrefixColumns, other: PrefixColumns): void {
  if (one.family !== other.family) throw new TypeError('IPv4 and IPv6 have no addresses in common');
}

/** The first row whose block begins at or behind the row of another set, or contains its start: binary search in disjoint rows in order. */
export function firstAtOrBehind(set: PrefixColumns, other: PrefixColumns, row: number): number {
  let low = 0;
  let high = set.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRows(set, middle, other, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && rowContains(set, low - 1, other, row) ? low - 1 : low;
}
