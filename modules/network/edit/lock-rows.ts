import { sortedBy } from '../../core/index.ts';
import { lockLine, lockText, type RowLeg } from '../lock.ts';
import type { PlanSet } from '../model.ts';
import type { Family } from '../types.ts';

/** What one row of a lock says. */
export interface Row {
  readonly lockFile: string;
  readonly v4?: RowLeg | undefined;
  readonly v6?: RowLeg | undefined;
}

/** The rows of all network locks, to be changed before plans and locks are read again together. */
export class LockRows {
  readonly #rows = new Map<string, Row>();
  readonly #files: readonly string[];
  readonly #dirty = new Set<string>();

  constructor({ rows, files }: PlanSet) {
    this.#files = files.filter(({ kind }) => kind === 'NetworkPlan').map(({ lockFile }) => lockFile);
    for (const { key, v4, v6, plan } of rows.values()) {
      this.#rows.set(key, { lockFile: files[plan]?.lockFile ?? '', v4, v6 });
    }
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  set(key: string, row: Row): void {
    this.#dirty.add(row.lockFile);
    this.#rows.set(key, row);
  }

  delete(key: string): void {
    const row = this.#rows.get(key);
    if (!row) return;
    this.#dirty.add(row.lockFile);
    this.#rows.delete(key);
  }

  /** Gives rows other keys, all at once, so that names may be exchanged. */
  rename(names: ReadonlyMap<string, string>): void {
    const moved: [string, Row][] = [];
    for (const [from, to] of names) {
      const row = this.#rows.get(from);
      if (row) moved.push([to, row]);
      this.delete(from);
    }
    for (const [key, row] of moved) this.set(key, row);
  }

  /** Marks legs of a row as released until a date. */
  release(key: string, until: string | undefined, family?: Family): void {
    const row = this.#rows.get(key);
    if (!row) return;
    const leg = (name: Family): RowLeg | undefined => {
      const held = row[name];
      return held && (family === undefined || family === name) && !held.released ? { text: held.text, pool: held.pool, released: true, until } : held;
    };
    this.set(key, { lockFile: row.lockFile, v4: leg('v4'), v6: leg('v6') });
  }

  /** A key no row has, beginning with `key`. */
  unused(key: string): string {
    if (!this.#rows.has(key)) return key;
    for (let number = 2; ; number++) if (!this.#rows.has(`${key}-${number}`)) return `${key}-${number}`;
  }

  entries(): Iterable<[string, Row]> {
    return this.#rows;
  }

  /** Texts of the locks that changed. */
  texts(): Map<string, string> {
    const lines = new Map<string, string[]>([...this.#dirty].map((file) => [file, []]));
    for (const [key, { lockFile, v4, v6 }] of sortedBy(this.#rows, ([name]) => name)) lines.get(lockFile)?.push(lockLine(key, v4, v6));
    return new Map(this.#files.filter((file) => lines.has(file)).map((file) => [file, lockText('NetworkLock', lines.get(file) ?? [])]));
  }
}
