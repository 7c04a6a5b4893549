import { compareAddresses, overlaps, type Prefix } from './prefix.ts';

/** Prefixes of one block in order of address; those of one address in any order. */
export function inOrder(prefixes: readonly Prefix[], outer: Prefix): readonly Prefix[] {
  return order(prefixes, outer).map((at) => prefixes[at] as Prefix);
}

/**
 * The numbers of prefixes of one block in order of their addresses. Large lists are sorted by the 32 bits after those of the
 * block as plain numbers, which is several times as fast, and what longer prefixes leave out of order is mended.
 */
export function order(prefixes: readonly Prefix[], outer: Prefix): readonly number[] {
  const count = prefixes.length;
  const numbers = new Array<number>(count);
  for (let index = 0; index < count; index++) numbers[index] = index;
  const byAddress = (one: number, other: number): number => compareAddresses(prefixes[one] as Prefix, prefixes[other] as Prefix);
  if (count < 1000 || count > 1 << 21) return numbers.sort(byAddress);
  const keys = new Float64Array(count);
  const word = outer.length >> 5;
  const shift = outer.length & 31;
  let rising = true;
  let before = -1;
  for (let index = 0; index < count; index++) {
    const prefix = prefixes[index] as Prefix;
    const high = wordAt(prefix, word);
    const bits = shift === 0 ? high : ((high << shift) | (wordAt(prefix, word + 1) >>> (32 - shift))) >>> 0;
    const key = bits * 2 ** 21 + index;
    if (key < before) rising = false;
    before = key;
    keys[index] = key;
  }
  if (!rising) {
    keys.sort();
    for (let index = 0; index < count; index++) numbers[index] = (keys[index] ?? 0) % 2 ** 21;
  }
  for (let index = 1; index < count; index++) if (byAddress(numbers[index - 1] as number, numbers[index] as number) > 0) return numbers.sort(byAddress);
  return numbers;
}

/** Whether no two prefixes that are in order of address overlap. */
export function areDisjoint(ordered: readonly Prefix[]): boolean {
  // In order of address, a block that overlaps any other overlaps its neighbour.
  for (let index = 1; index < ordered.length; index++) if (overlaps(ordered[index - 1] as Prefix, ordered[index] as Prefix)) return false;
  return true;
}

function wordAt({ a, b, c, d }: Prefix, word: number): number {
  return word === 0 ? a : word === 1 ? b : word === 2 ? c : word === 3 ? d : 0;
}
