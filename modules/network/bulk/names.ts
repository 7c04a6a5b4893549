/**
 * Numbers for names that come as bytes: the same bytes, the same number; 0 is the empty name. No string is made until one
 * is asked for.
 */
export class ByteNames {
  #pool = new Uint8Array(1 << 12);
  #used = 0;
  /** Where name `n` begins in the pool; it ends where the next begins. */
  #starts = new Uint32Array(64);
  #count = 1;
  /** Open addressing; 0 is an empty slot, for the empty name is never looked up. */
  #slots = new Uint32Array(128);
  #last = 0;

  /** Number of names, the empty one included. */
  get size(): number {
    return this.#count;
  }

  /** The number of the name `bytes[from, to)`. */
  number(bytes: Uint8Array, from: number, to: number): number {
    if (from === to) return 0;
    // Neighbouring lines mostly name the same.
    if (this.#last > 0 && this.#equals(this.#last, bytes, from, to)) return this.#last;
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, from, to) & mask;
    for (;;) {
      const name = this.#slots[slot] ?? 0;
      if (name === 0) return (this.#last = this.#add(bytes, from, to));
      if (this.#equals(name, bytes, from, to)) return (this.#last = name);
      slot = (slot + 1) & mask;
    }
  }

  /** The name of a number, read as UTF-8. */
  text(number: number): string {
    return Buffer.from(this.#pool.buffer, this.#start(number), this.#start(number + 1) - this.#start(number)).toString('utf8');
  }

  #start(number: number): number {
    return number >= this.#count ? this.#used : (this.#starts[number] ?? 0);
  }

  #equals(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(number);
    if (this.#start(number + 1) - start !== to - from) return false;
    const pool = this.#pool;
    for (let index = from; index < to; index++) if (pool[start + index - from] !== bytes[index]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number): number {
    const end = this.#used + to - from;
    if (end > this.#pool.length) {
      const pool = new Uint8Array(Math.max(end, this.#pool.length * 2));
      pool.set(this.#pool);
      this.#pool = pool;
    }
    this.#pool.set(bytes.subarray(from, to), this.#used);
    if (this.#count === this.#starts.length) {
      const starts = new Uint32Array(this.#count * 2);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    const number = this.#count++;
    this.#starts[number] = this.#used;
    this.#used = end;
    if (this.#count * 2 > this.#slots.length) {
      this.#slots = new Uint32Array(this.#slots.length * 2);
      for (let name = 1; name < this.#count; name++) this.#place(name);
    } else this.#place(number);
    return number;
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#pool, this.#start(number), this.#start(number + 1)) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number;
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let index = from; index < to; index++) value = Math.imul(value ^ (bytes[index] ?? 0), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
