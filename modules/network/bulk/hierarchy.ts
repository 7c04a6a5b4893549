import { addressesOfLengths, rowContains, type PrefixColumns } from './columns.ts';
import { sortedOrder } from './sort.ts';

/** Who lies in whom, within each domain. */
export interface Hierarchy {
  /** Rows in order: address, then shorter first. */
  readonly order: Uint32Array;
  /** Per row: the first row with the same prefix and domain; the row itself where it is the first. */
  readonly first: Int32Array;
  /** Per row that is a first: the row of the longest shorter prefix of its domain that contains it; -1 where none does. */
  readonly cover: Int32Array;
  /** Number of distinct addresses in all rows of all domains, exact. */
  readonly addresses: bigint;
}

/**
 * Finds repeated and covered prefixes in one sweep over the sorted rows. `domains` gives the domain of each row as a number
 * below `domainCount`; without it all lie in one.
 */
export function hierarchyOf(columns: PrefixColumns, domains?: Uint32Array, domainCount = 1): Hierarchy {
  const { size, family, length } = columns;
  const order = sortedOrder(columns);
  const first = new Int32Array(size);
  const cover = new Int32Array(size);
  // The last row swept of each domain; its covers follow by `cover`.
  const last = new Int32Array(domainCount).fill(-1);
  const lengths = new Float64Array(129);
  let outermost = -1;
  for (let index = 0; index < size; index++) {
    const row = order[index] ?? 0;
    const domain = domains === undefined ? 0 : (domains[row] ?? 0);
    let above = last[domain] ?? -1;
    while (above >= 0 && !rowContains(columns, above, columns, row)) above = cover[above] ?? -1;
    if (above >= 0 && length[above] === length[row]) {
      first[row] = above;
      cover[row] = cover[above] ?? -1;
    } else {
      first[row] = row;
      cover[row] = above;
      last[domain] = row;
    }
    if (outermost < 0 || !rowContains(columns, outermost, columns, row)) {
      outermost = row;
      const bits = length[row] ?? 0;
      lengths[bits] = (lengths[bits] ?? 0) + 1;
    }
  }
  return { order, first, cover, addresses: addressesOfLengths(lengths, family === 'v4' ? 32 : 128) };
}
