import { commonBits, type PrefixColumns } from './columns.ts';

/** Takes blocks one by one, in order. */
export interface BlockSink {
  push(a: number, b: number, c: number, d: number, length: number): void;
}

/** The bits of word `word` that stand for the positions `from` up to but not `to`, counted from the left of the address. */
function positions(word: number, from: number, to: number): number {
  const low = Math.max(from - 32 * word, 0);
  const high = Math.min(to - 32 * word, 32);
  if (high <= low) return 0;
  return (high === 32 ? 0xffffffff >>> low : (0xffffffff >>> low) & ~(0xffffffff >>> high)) >>> 0;
}

/**
 * Emits the free blocks of a prefix around used ones as maximal aligned blocks in order. Between two used blocks these follow
 * from the bits in which they differ, so that nothing is searched and no carry is computed.
 * @param root one row: the prefix whose free space is wanted
 * @param used disjoint rows in order, e.g. of `mergeColumns`
 * @param from the rows `from` to `to` (not itself) are those inside the root; a row that contains the root is not among them
 */
export function emitFree(root: PrefixColumns, row: number, used: PrefixColumns, from: number, to: number, sink: BlockSink): void {
  const length = root.length[row] ?? 0;
  if (from === to) {
    sink.push(root.a[row] ?? 0, root.b[row] ?? 0, root.c[row] ?? 0, root.d[row] ?? 0, length);
    return;
  }
  emitBefore(used, from, length, sink);
  for (let index = from + 1; index < to; index++) {
    const common = commonBits(used, index - 1, used, index) + 1;
    emitAfter(used, index - 1, common, sink);
    emitBefore(used, index, common, sink);
  }
  emitAfter(used, to - 1, length, sink);
}

/** The blocks left of a row inside the prefix of its first `top` bits. */
function emitBefore(set: PrefixColumns, row: number, top: number, sink: BlockSink): void {
  const end = set.length[row] ?? 0;
  const [a, b, c, d] = [set.a[row] ?? 0, set.b[row] ?? 0, set.c[row] ?? 0, set.d[row] ?? 0];
  for (let word = top >>> 5; 32 * word < end; word++) {
    const value = word === 0 ? a : word === 1 ? b : word === 2 ? c : d;
    let ones = value & positions(word, top, end);
    while (ones !== 0) {
      const position = Math.clz32(ones);
      const bit = 0x80000000 >>> position;
      ones &= ~bit;
      emitCut(a, b, c, d, word, (value & ~(bit | (bit - 1))) >>> 0, position, sink);
    }
  }
}

/** The blocks right of a row inside the prefix of its first `top` bits. */
function emitAfter(set: PrefixColumns, row: number, top: number, sink: BlockSink): void {
  const end = set.length[row] ?? 0;
  const [a, b, c, d] = [set.a[row] ?? 0, set.b[row] ?? 0, set.c[row] ?? 0, set.d[row] ?? 0];
  for (let word = (end - 1) >> 5; word >= top >>> 5; word--) {
    const value = word === 0 ? a : word === 1 ? b : word === 2 ? c : d;
    let zeros = ~value & positions(word, top, end);
    while (zeros !== 0) {
      const bit = (zeros & -zeros) >>> 0;
      zeros &= ~bit;
      emitCut(a, b, c, d, word, ((value & ~(bit - 1)) | bit) >>> 0, Math.clz32(bit), sink);
    }
  }
}

/** Emits the block whose words before `word` are those given, whose own is `value`, and which ends at `position` of it. */
function emitCut(a: number, b: number, c: number, d: number, word: number, value: number, position: number, sink: BlockSink): void {
  const length = 32 * word + position + 1;
  if (word === 0) sink.push(value, 0, 0, 0, length);
  else if (word === 1) sink.push(a, value, 0, 0, length);
  else if (word === 2) sink.push(a, b, value, 0, length);
  else sink.push(a, b, c, value, length);
}
