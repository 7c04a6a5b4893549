import type { Strategy } from './schema.ts';
import { bitAt, bitsOf, contains, overlaps, truncate, withBit, type Prefix } from './prefix.ts';
import type { Family } from './types.ts';

const FREE = -1;
/** Slots at or below this hold the number of a user: `USED - number`. */
const USED = -2;

/**
 * The free space of one block: a binary tree whose leaves are free, or lie around exactly one used prefix. Every node
 * carries the set of lengths of the free blocks below it (128 bits), so that each strategy finds its place in one walk
 * from the root. A used prefix far from others costs no nodes of its own, which keeps sparse plans small.
 */
export class FreeSpace {
  readonly root: Prefix;
  #rootSlot = FREE;
  /** Two slots a node: FREE, USED - number of the only user below, or the number of the node below. */
  #slots = new Int32Array(16);
  /** Four words a node: bit (length - 1) is set where a free block of that length lies below. */
  #lengths = new Int32Array(32);
  #nodes = 0;
  readonly #recycled: number[] = [];
  #users: Prefix[] = [];
  #ids: number[] = [];
  readonly #path = new Int32Array(129);
  readonly #set = new Int32Array(4);

  constructor(root: Prefix) {
    this.root = root;
  }

  /**
   * The free space around prefixes that are in order of address, lie in the root and do not overlap, in one pass: a walk
   * from the root for each would take several times as long. `ids` are their users.
   */
  static around(root: Prefix, used: readonly Prefix[], ids: readonly number[]): FreeSpace {
    const space = new FreeSpace(root);
    space.#users = [...used];
    space.#ids = [...ids];
    // No free block is smaller than the smallest user: the words behind its length stay empty.
    let longest = 1;
    for (const { length } of used) if (length > longest) longest = length;
    space.#rootSlot = space.#build(0, used.length, root.length, (longest - 1) >> 5);
    return space;
  }

  /** Marks a prefix as used by `id`. False, and nothing changed, unless all of it is free. */
  take(prefix: Prefix, id: number): boolean {
    const { root } = this;
    if (!contains(root, prefix)) return false;
    let at = -1;
    let slot = this.#rootSlot;
    let depth = 0;
    let old = 129;
    for (let length = root.length; slot !== FREE; length++) {
      if (slot <= USED) {
        const other = this.#users[USED - slot];
        if (!other || overlaps(prefix, other)) return false;
        // Two users cannot share a leaf: it becomes a node, with the old user on its side.
        const node = this.#split();
        old = Math.min(old, depth);
        this.#slots[2 * node + bitAt(other, length)] = slot;
        this.#setSlot(at, node);
        slot = node;
      } else if (length === prefix.length) return false;
      this.#path[depth++] = slot;
      at = 2 * slot + bitAt(prefix, length);
      slot = this.#slots[at] ?? FREE;
    }
    this.#ids.push(id);
    this.#setSlot(at, USED - (this.#users.push(prefix) - 1));
    this.#refresh(depth, Math.min(old, depth));
    return true;
  }

  /** Gives back what {@link take} marked; neighbours that are free again become one block. False unless exactly that prefix is used. */
  release(prefix: Prefix): boolean {
    const { root } = this;
    if (!contains(root, prefix)) return false;
    let at = -1;
    let slot = this.#rootSlot;
    let depth = 0;
    for (let length = root.length; slot >= 0 && length < prefix.length; length++) {
      this.#path[depth++] = slot;
      at = 2 * slot + bitAt(prefix, length);
      slot = this.#slots[at] ?? FREE;
    }
    const user = slot <= USED ? this.#users[USED - slot] : undefined;
    if (user?.length !== prefix.length || !overlaps(user, prefix)) return false;
    this.#setSlot(at, FREE);
    while (depth > 0) {
      const last = this.#path[depth - 1] ?? 0;
      if (this.#slots[2 * last] !== FREE || this.#slots[2 * last + 1] !== FREE) break;
      this.#recycled.push(last);
      depth--;
      const above = this.#path[depth - 1] ?? 0;
      this.#setSlot(depth === 0 ? -1 : this.#slots[2 * above] === last ? 2 * above : 2 * above + 1, FREE);
    }
    this.#refresh(depth, depth);
    return true;
  }

  /** The id of a user whose block overlaps `prefix`: the one that contains it, else one inside it. */
  user(prefix: Prefix): number | undefined {
    const { root } = this;
    if (!overlaps(root, prefix)) return undefined;
    let slot = this.#rootSlot;
    for (let length = root.length; slot >= 0; length++) {
      const left = this.#slots[2 * slot] ?? FREE;
      // Below the prefix every leaf that is not free will do, and a node that stands is never wholly free.
      const side = length < prefix.length ? bitAt(prefix, length) : left === FREE ? 1 : 0;
      slot = this.#slots[2 * slot + side] ?? FREE;
    }
    const user = slot <= USED ? this.#users[USED - slot] : undefined;
    return user && overlaps(user, prefix) ? this.#ids[USED - slot] : undefined;
  }

  /**
   * Where a strategy puts a block of `length`; nothing is marked. Undefined where no free block is large enough.
   * first-fit and last-fit: the lowest and the highest aligned position; best-fit: the start of the smallest free
   * block that fits; sparse: the start of the largest; ties go to the lowest.
   */
  find(length: number, strategy: Strategy): Prefix | undefined {
    const { root } = this;
    if (strategy === 'fixed' || strategy === 'mapped' || length < root.length || length > bitsOf(root.family)) return undefined;
    const words = [root.a, root.b, root.c, root.d];
    const last = strategy === 'last-fit';
    let block = root.length;
    let slot = this.#rootSlot;
    if (slot !== FREE) {
      if (!this.#choose(length, strategy)) return undefined;
      const first = last ? 1 : 0;
      for (; slot >= 0; block++) {
        const side = this.#offers(this.#slots[2 * slot + first] ?? FREE, block + 1) ? first : 1 - first;
        if (side === 1) setBit(words, block);
        slot = this.#slots[2 * slot + side] ?? FREE;
      }
      const user = slot <= USED ? this.#users[USED - slot] : undefined;
      if (user) {
        const beside = this.#besideUser(user, block, first);
        if (beside === undefined) return undefined;
        for (let bit = block; bit < beside; bit++) if ((bitAt(user, bit) === 1) !== (bit === beside - 1)) setBit(words, bit);
        block = beside;
      }
    }
    if (last) for (let bit = block; bit < length; bit++) setBit(words, bit);
    return prefixOf(root.family, words, length);
  }

  /** Length of the largest free block; undefined where nothing is free. */
  largest(): number | undefined {
    if (this.#rootSlot === FREE) return this.root.length;
    this.#loadRoot();
    return lowestLength(this.#set);
  }

  /** The maximal free aligned blocks, in address order. */
  *blocks(): Generator<Prefix> {
    yield* this.#blocksOf(this.#rootSlot, [this.root.a, this.root.b, this.root.c, this.root.d], this.root.length);
  }

  *#blocksOf(slot: number, words: readonly number[], length: number): Generator<Prefix> {
    const { family } = this.root;
    if (slot === FREE) yield prefixOf(family, words, length);
    else if (slot <= USED) {
      const user = this.#users[USED - slot];
      if (!user) return;
      for (let bit = length; bit < user.length; bit++) if (bitAt(user, bit) === 1) yield besideAt(user, bit);
      for (let bit = user.length - 1; bit >= length; bit--) if (bitAt(user, bit) === 0) yield besideAt(user, bit);
    } else {
      yield* this.#blocksOf(this.#slots[2 * slot] ?? FREE, words, length + 1);
      const upper = [...words];
      setBit(upper, length);
      yield* this.#blocksOf(this.#slots[2 * slot + 1] ?? FREE, upper, length + 1);
    }
  }

  /** Puts the lengths a strategy may choose from into the set; false where there are none. */
  #choose(length: number, strategy: Strategy): boolean {
    const set = this.#set;
    this.#loadRoot();
    for (let word = 0; word < 4; word++) set[word] = (set[word] ?? 0) & rangeBits(word, 1, length);
    const lowest = lowestLength(set);
    if (lowest === undefined) return false;
    if (strategy === 'first-fit' || strategy === 'last-fit') return true;
    const chosen = strategy === 'sparse' ? lowest : highestLength(set);
    set.fill(0);
    set[(chosen - 1) >> 5] = 1 << ((chosen - 1) & 31);
    return true;
  }

  /** Puts the lengths of all free blocks into the set; the root is not wholly free. */
  #loadRoot(): void {
    for (let word = 0; word < 4; word++) this.#set[word] = this.#offered(this.#rootSlot, this.root.length, word);
  }

  /** One word of the lengths of the free blocks in a slot of `length`. */
  #offered(slot: number, length: number, word: number): number {
    if (slot === FREE) return (length - 1) >> 5 === word ? 1 << ((length - 1) & 31) : 0;
    if (slot >= 0) return this.#lengths[4 * slot + word] ?? 0;
    // Around one user lies one free block of each length from the next down to its own.
    return rangeBits(word, length + 1, this.#users[USED - slot]?.length ?? 0);
  }

  #offers(slot: number, length: number): boolean {
    for (let word = 0; word < 4; word++) {
      const wanted = this.#set[word] ?? 0;
      if (wanted !== 0 && (this.#offered(slot, length, word) & wanted) !== 0) return true;
    }
    return false;
  }

  /** Length of the block beside the only user of a leaf of `length`: of those in the set the lowest (`side` 0) or the highest. */
  #besideUser(user: Prefix, length: number, side: number): number | undefined {
    let found: number | undefined;
    for (let beside = length + 1; beside <= user.length; beside++) {
      if (((this.#set[(beside - 1) >> 5] ?? 0) & (1 << ((beside - 1) & 31))) === 0) continue;
      found = beside;
      // Where the user turns away from the wanted side, the block left behind lies further there than all that follow.
      if (bitAt(user, beside - 1) !== side) return beside;
    }
    return found;
  }

  /** The slot for a block of `length` with the users `from` up to `to`, which are in order of address; sets of lengths end with word `last`. */
  #build(from: number, to: number, length: number, last: number): number {
    if (from === to) return FREE;
    if (to - from === 1) return USED - from;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const user = this.#users[middle];
      if (user && bitAt(user, length) === 0) low = middle + 1;
      else high = middle;
    }
    const node = this.#split();
    const left = this.#build(from, low, length + 1, last);
    const right = this.#build(low, to, length + 1, last);
    this.#slots[2 * node] = left;
    this.#slots[2 * node + 1] = right;
    for (let word = this.root.length >> 5; word <= last; word++) {
      this.#lengths[4 * node + word] = this.#offered(left, length + 1, word) | this.#offered(right, length + 1, word);
    }
    return node;
  }

  /** A new node, both halves free; its set of lengths is empty until it is refreshed. */
  #split(): number {
    const node = this.#recycled.pop() ?? this.#nodes++;
    if (2 * node + 2 > this.#slots.length) {
      this.#slots = grown(this.#slots);
      this.#lengths = grown(this.#lengths);
    }
    this.#slots[2 * node] = FREE;
    this.#slots[2 * node + 1] = FREE;
    for (let word = 0; word < 4; word++) this.#lengths[4 * node + word] = 0;
    return node;
  }

  /** Sets the slot at an index; -1 is the root's. */
  #setSlot(at: number, slot: number): void {
    if (at < 0) this.#rootSlot = slot;
    else this.#slots[at] = slot;
  }

  /** Computes the sets of lengths anew for the first `depth` nodes of the walked path, from the deepest up; those from `old` on are new. */
  #refresh(depth: number, old: number): void {
    const lengths = this.#lengths;
    // Lengths below are longer than the root's, so the words before its own stay empty.
    const from = this.root.length >> 5;
    const words = this.root.family === 'v4' ? 1 : 4;
    for (let step = depth - 1; step >= 0; step--) {
      const node = this.#path[step] ?? 0;
      const below = this.root.length + step + 1;
      const left = this.#slots[2 * node] ?? FREE;
      const right = this.#slots[2 * node + 1] ?? FREE;
      let same = true;
      for (let word = from; word < words; word++) {
        const set = this.#offered(left, below, word) | this.#offered(right, below, word);
        if (lengths[4 * node + word] === set) continue;
        lengths[4 * node + word] = set;
        same = false;
      }
      // A node that offers what it offered before changes nothing above it.
      if (same && step < old) return;
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

/** The block that a prefix leaves behind when it turns at `bit`. */
function besideAt(prefix: Prefix, bit: number): Prefix {
  return withBit(truncate(prefix, bit + 1), bit, bitAt(prefix, bit) === 0 ? 1 : 0);
}

/** The bits of one word of a set that stand for the lengths `from` to `to`. */
function rangeBits(word: number, from: number, to: number): number {
  const low = Math.max(0, from - 1 - 32 * word);
  const high = Math.min(32, to - 32 * word);
  if (high <= low) return 0;
  return (high === 32 ? -1 : (1 << high) - 1) & ~((1 << low) - 1);
}

/** The shortest length of a set; undefined for an empty one. */
function lowestLength(set: Int32Array): number | undefined {
  for (let word = 0; word < 4; word++) {
    const bits = set[word] ?? 0;
    if (bits !== 0) return 32 * word + (31 - Math.clz32(bits & -bits)) + 1;
  }
  return undefined;
}

/** The longest length of a set that is not empty. */
function highestLength(set: Int32Array): number {
  let word = 3;
  while (word > 0 && set[word] === 0) word--;
  return 32 * word + (31 - Math.clz32(set[word] ?? 0)) + 1;
}
