import type { Strategy } from './schema.ts';
import { bitAt, bitsOf, holds, type Prefix } from './prefix.ts';
import type { Family } from './types.ts';

const FREE = -1;
/** Slots at or below this hold the id of a user: `USED - id`. */
const USED = -2;

/**
 * The free space of one block: a binary tree whose leaves are free or used. Every node carries the set of lengths of
 * the free blocks below it (128 bits), so that each strategy finds its place in one walk from the root.
 * Taking, releasing and finding cost one step per bit between the block's length and that of the prefix.
 */
export class FreeSpace {
  readonly root: Prefix;
  #rootSlot = FREE;
  /** Two slots a node: FREE, USED - id, or the number of the node below. */
  #slots = new Int32Array(16);
  /** Four words a node: bit (length - 1) is set where a free block of that length lies below. */
  #lengths = new Int32Array(32);
  #nodes = 0;
  readonly #recycled: number[] = [];
  readonly #path = new Int32Array(129);
  readonly #wanted = new Int32Array(4);

  constructor(root: Prefix) {
    this.root = root;
  }

  /** Marks a prefix as used by `id` (>= 0). False, and nothing changed, unless all of it is free. */
  take(prefix: Prefix, id: number): boolean {
    const { root } = this;
    if (prefix.length < root.length || !holds(root, prefix)) return false;
    if (prefix.length === root.length) {
      if (this.#rootSlot !== FREE) return false;
      this.#rootSlot = USED - id;
      return true;
    }
    if (this.#rootSlot <= USED) return false;
    if (this.#rootSlot === FREE) this.#rootSlot = this.#split();
    let node = this.#rootSlot;
    let depth = 0;
    for (let length = root.length; ; length++) {
      this.#path[depth++] = node;
      const at = 2 * node + bitAt(prefix, length);
      const slot = this.#slots[at] ?? FREE;
      if (length + 1 === prefix.length) {
        if (slot !== FREE) return false;
        this.#slots[at] = USED - id;
        break;
      }
      if (slot <= USED) return false;
      if (slot === FREE) {
        node = this.#split();
        this.#slots[at] = node;
      } else node = slot;
    }
    this.#refresh(depth, root.length);
    return true;
  }

  /** Gives back what {@link take} marked; neighbours that are free again become one block. False unless exactly that prefix is used. */
  release(prefix: Prefix): boolean {
    const { root } = this;
    if (prefix.length < root.length || !holds(root, prefix)) return false;
    if (prefix.length === root.length) {
      if (this.#rootSlot > USED) return false;
      this.#rootSlot = FREE;
      return true;
    }
    let node = this.#rootSlot;
    let depth = 0;
    for (let length = root.length; ; length++) {
      if (node < 0) return false;
      this.#path[depth++] = node;
      const at = 2 * node + bitAt(prefix, length);
      const slot = this.#slots[at] ?? FREE;
      if (length + 1 === prefix.length) {
        if (slot > USED) return false;
        this.#slots[at] = FREE;
        break;
      }
      node = slot;
    }
    while (depth > 0) {
      const last = this.#path[depth - 1] ?? 0;
      if (this.#slots[2 * last] !== FREE || this.#slots[2 * last + 1] !== FREE) break;
      this.#recycled.push(last);
      depth--;
      if (depth === 0) this.#rootSlot = FREE;
      else {
        const above = this.#path[depth - 1] ?? 0;
        this.#slots[this.#slots[2 * above] === last ? 2 * above : 2 * above + 1] = FREE;
      }
    }
    this.#refresh(depth, root.length);
    return true;
  }

  /** The id of a user whose block overlaps `prefix`: the one that contains it, else the lowest one inside it. */
  user(prefix: Prefix): number | undefined {
    const { root } = this;
    if (!holds(root, prefix) && !holds(prefix, root)) return undefined;
    let slot = this.#rootSlot;
    for (let length = root.length; slot >= 0 && length < prefix.length; length++) slot = this.#slots[2 * slot + bitAt(prefix, length)] ?? FREE;
    while (slot >= 0) {
      const left = this.#slots[2 * slot] ?? FREE;
      // A node that stands is never wholly free, so one side of it holds a user.
      slot = left === FREE ? (this.#slots[2 * slot + 1] ?? FREE) : left;
    }
    return slot <= USED ? USED - slot : undefined;
  }

  /**
   * Where a strategy puts a block of `length`; nothing is marked. Undefined where no free block is large enough.
   * first-fit and last-fit: the lowest and the highest aligned position; best-fit: the start of the smallest free
   * block that fits; sparse: the start of the largest; ties go to the lowest.
   */
  find(length: number, strategy: Strategy): Prefix | undefined {
    const { root } = this;
    if (strategy === 'fixed' || length < root.length || length > bitsOf(root.family)) return undefined;
    if (this.#rootSlot <= USED) return undefined;
    const words = [root.a, root.b, root.c, root.d];
    let blockLength = root.length;
    const last = strategy === 'last-fit';
    if (this.#rootSlot !== FREE) {
      const wanted = this.#wantedLengths(length, strategy);
      if (!wanted) return undefined;
      let slot = this.#rootSlot;
      while (slot >= 0) {
        const below = blockLength + 1;
        const first = last ? 1 : 0;
        const side = this.#offers(this.#slots[2 * slot + first] ?? FREE, below, wanted) ? first : 1 - first;
        if (side === 1) setBit(words, blockLength);
        slot = this.#slots[2 * slot + side] ?? FREE;
        blockLength = below;
      }
    }
    if (last) for (let bit = blockLength; bit < length; bit++) setBit(words, bit);
    return prefixOf(root.family, words, length);
  }

  /** Length of the largest free block; undefined where nothing is free. */
  largest(): number | undefined {
    if (this.#rootSlot === FREE) return this.root.length;
    if (this.#rootSlot <= USED) return undefined;
    return lowestLength(this.#lengths, 4 * this.#rootSlot);
  }

  /** The maximal free aligned blocks, in address order. */
  *blocks(): Generator<Prefix> {
    yield* this.#blocksOf(this.#rootSlot, [this.root.a, this.root.b, this.root.c, this.root.d], this.root.length);
  }

  *#blocksOf(slot: number, words: readonly number[], length: number): Generator<Prefix> {
    if (slot === FREE) yield prefixOf(this.root.family, words, length);
    if (slot < 0) return;
    yield* this.#blocksOf(this.#slots[2 * slot] ?? FREE, words, length + 1);
    const upper = [...words];
    setBit(upper, length);
    yield* this.#blocksOf(this.#slots[2 * slot + 1] ?? FREE, upper, length + 1);
  }

  /** The lengths a strategy may choose from, as a set of bits in a buffer that is used again. */
  #wantedLengths(length: number, strategy: Strategy): Int32Array | undefined {
    const wanted = this.#wanted;
    const at = 4 * this.#rootSlot;
    for (let word = 0; word < 4; word++) {
      const bits = Math.min(32, Math.max(0, length - 32 * word));
      wanted[word] = (this.#lengths[at + word] ?? 0) & (bits === 32 ? -1 : (1 << bits) - 1);
    }
    const lowest = lowestLength(wanted, 0);
    if (lowest === undefined) return undefined;
    if (strategy === 'first-fit' || strategy === 'last-fit') return wanted;
    const chosen = strategy === 'sparse' ? lowest : highestLength(wanted);
    wanted.fill(0);
    wanted[(chosen - 1) >> 5] = 1 << ((chosen - 1) & 31);
    return wanted;
  }

  #offers(slot: number, length: number, wanted: Int32Array): boolean {
    if (slot === FREE) return ((wanted[(length - 1) >> 5] ?? 0) & (1 << ((length - 1) & 31))) !== 0;
    if (slot <= USED) return false;
    const at = 4 * slot;
    const lengths = this.#lengths;
    return (
      (((lengths[at] ?? 0) & (wanted[0] ?? 0)) |
        ((lengths[at + 1] ?? 0) & (wanted[1] ?? 0)) |
        ((lengths[at + 2] ?? 0) & (wanted[2] ?? 0)) |
        ((lengths[at + 3] ?? 0) & (wanted[3] ?? 0))) !==
      0
    );
  }

  /** A new node for a free block, both halves free. Its set of lengths is empty until it is refreshed, which then goes on upwards. */
  #split(): number {
    const node = this.#recycled.pop() ?? this.#nodes++;
    if (2 * node + 2 > this.#slots.length) {
      this.#slots = grown(this.#slots);
      this.#lengths = grown(this.#lengths);
    }
    this.#slots[2 * node] = FREE;
    this.#slots[2 * node + 1] = FREE;
    const lengths = this.#lengths;
    for (let word = 0; word < 4; word++) lengths[4 * node + word] = 0;
    return node;
  }

  /** Computes the sets of lengths anew for the first `depth` nodes of the walked path, from the deepest up. */
  #refresh(depth: number, rootLength: number): void {
    const slots = this.#slots;
    const lengths = this.#lengths;
    for (let step = depth - 1; step >= 0; step--) {
      const node = this.#path[step] ?? 0;
      const below = rootLength + step + 1;
      const left = slots[2 * node] ?? FREE;
      const right = slots[2 * node + 1] ?? FREE;
      const at = 4 * node;
      let same = true;
      for (let word = 0; word < 4; word++) {
        const own = (below - 1) >> 5 === word ? 1 << ((below - 1) & 31) : 0;
        const set =
          (left === FREE ? own : left < 0 ? 0 : (lengths[4 * left + word] ?? 0)) | (right === FREE ? own : right < 0 ? 0 : (lengths[4 * right + word] ?? 0));
        if (lengths[at + word] === set) continue;
        lengths[at + word] = set;
        same = false;
      }
      // A node that offers what it offered before changes nothing above it.
      if (same) return;
    }
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function setBit(words: number[], index: number): void {
  const word = index >> 5;
  words[word] = ((words[word] ?? 0) | (1 << (31 - (index & 31)))) >>> 0;
}

function prefixOf(family: Family, [a = 0, b = 0, c = 0, d = 0]: readonly number[], length: number): Prefix {
  return { family, a, b, c, d, length };
}

/** The shortest length of the set of four words at `at`; undefined for an empty set. */
function lowestLength(lengths: Int32Array, at: number): number | undefined {
  for (let word = 0; word < 4; word++) {
    const bits = lengths[at + word] ?? 0;
    if (bits !== 0) return 32 * word + (31 - Math.clz32(bits & -bits)) + 1;
  }
  return undefined;
}

/** The longest length of a set that is not empty. */
function highestLength(lengths: Int32Array): number {
  let word = 3;
  while (word > 0 && lengths[word] === 0) word--;
  return 32 * word + (31 - Math.clz32(lengths[word] ?? 0)) + 1;
}
