// How blocks lie on a picture. Used here and, its types stripped, by the page itself: it imports nothing.

/** A rectangle in the unit square. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where a block lies in the square of the block around it: along a Hilbert curve, so that neighbours in address stay
 * neighbours, an even number of bits is a square and an odd number half of one.
 * @param bits the bits of the block's prefix behind those of the block around it, as `0` and `1`
 */
export function rectOf(bits: string): Rect {
  // A corner and the two edges that leave it; the curve enters at the corner and runs along the second edge first.
  let [x, y] = [0, 0];
  let [ax, ay] = [0, 1];
  let [bx, by] = [1, 0];
  let at = 0;
  for (; at + 1 < bits.length; at += 2) {
    [ax, ay, bx, by] = [ax / 2, ay / 2, bx / 2, by / 2];
    const quarter = bits.slice(at, at + 2);
    if (quarter === '00') [ax, ay, bx, by] = [bx, by, ax, ay];
    else if (quarter === '01') [x, y] = [x + ax, y + ay];
    else if (quarter === '10') [x, y] = [x + ax + bx, y + ay + by];
    else [x, y, ax, ay, bx, by] = [x + ax + 2 * bx, y + ay + 2 * by, -bx, -by, -ax, -ay];
  }
  if (at < bits.length) {
    // The curve passes two quarters along the first edge, then two back.
    [bx, by] = [bx / 2, by / 2];
    if (bits[at] === '1') [x, y] = [x + bx, y + by];
  }
  return { x: Math.min(x, x + ax + bx), y: Math.min(y, y + ay + by), width: Math.abs(ax + bx), height: Math.abs(ay + by) };
}

/** The maximal free aligned blocks of the block with bits `outer`, in address order; `inner` are disjoint blocks in it, in address order. */
export function freeBlocks(outer: string, inner: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (block: string, from: number, to: number): void => {
    if (from === to) {
      found.push(block);
      return;
    }
    if (inner[from] === block) return;
    const upper = `${block}1`;
    let middle = from;
    while (middle < to && (inner[middle] ?? '') < upper) middle++;
    walk(`${block}0`, from, middle);
    walk(upper, middle, to);
  };
  walk(outer, 0, inner.length);
  return found;
}

/** Bits of blocks that may lie in each other, as disjoint ones in address order, as {@link freeBlocks} takes them. */
export function outermost(blocks: readonly string[]): string[] {
  const found: string[] = [];
  for (const bits of [...blocks].sort()) {
    const last = found.at(-1);
    if (last === undefined || !bits.startsWith(last)) found.push(bits);
  }
  return found;
}

/** The first `length` bits of an address in hexadecimal digits; digits that are left out are 0. */
export function bitsOfHex(hex: string, length: number): string {
  let bits = '';
  for (const digit of hex) bits += Number.parseInt(digit, 16).toString(2).padStart(4, '0');
  return bits.padEnd(length, '0').slice(0, length);
}
