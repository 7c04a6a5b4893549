import { compareCodeUnits } from '../../core/index.ts';
import { FreeSpace } from '../free.ts';
import type { PlanSet } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import { addressCount, comparePrefixes, contains, truncate, type Prefix } from '../prefix.ts';
import type { AddressDiff, Family } from '../types.ts';
import { unitOf } from './units.ts';

/** How full a pool or holder is; all counts in addresses, exact. */
export interface Figures {
  readonly prefix: Prefix;
  /** Given to keys directly in it, what is withheld after a release included. */
  readonly delegated: bigint;
  /** In networks of hosts, at any depth. */
  readonly used: bigint;
  /** Length of the largest free block directly in it; undefined where it is full. */
  readonly largestFree: number | undefined;
}

/** A pool or holder before and after; absent where there is none. */
export interface ReviewedBlock {
  readonly name: string;
  readonly kind: 'pool' | 'holder';
  readonly family: Family;
  readonly pool: string;
  /** Length of the blocks it is best counted in (32 or 128: single addresses). */
  readonly unit: number;
  readonly before?: Figures | undefined;
  readonly after?: Figures | undefined;
}

interface Entry {
  readonly key: string;
  readonly family: Family;
  readonly pool: string;
  readonly prefix: Prefix;
  readonly container: boolean;
  readonly released: boolean;
  /** Length of the block kept free around it, as far as there is room. */
  readonly growth?: number | undefined;
}

/** The pools the differences touch and every holder whose figures they change, pools first, then in address order. */
export function reviewedBlocks(planSet: PlanSet, diff: AddressDiff): ReviewedBlock[] {
  const held = heldEntries(planSet);
  const before = figuresOf(planSet, held);
  const after = figuresOf(planSet, changed(planSet, held, diff));
  const touched = new Set<string>();
  for (const rows of [diff.add, diff.release, diff.move, diff.change]) for (const { pool } of rows) touched.add(pool);
  const blocks: (ReviewedBlock & { readonly at: Prefix })[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const one = before.get(name);
    const other = after.get(name);
    const { tally } = one ?? other ?? {};
    if (!tally) continue;
    const same = one && other && one.delegated === other.delegated && one.used === other.used && comparePrefixes(one.tally.prefix, other.tally.prefix) === 0;
    if (same && !(tally.kind === 'pool' && touched.has(tally.name))) continue;
    const at = (other ?? one)?.tally.prefix ?? tally.prefix;
    blocks.push({
      name: tally.name,
      kind: tally.kind,
      family: at.family,
      pool: tally.pool,
      unit: unitOf(at),
      before: one?.figures(),
      after: other?.figures(),
      at,
    });
  }
  blocks.sort(
    (one, other) =>
      Number(one.kind === 'holder') - Number(other.kind === 'holder') || comparePrefixes(one.at, other.at) || compareCodeUnits(one.name, other.name),
  );
  return blocks;
}

function heldEntries(planSet: PlanSet): Entry[] {
  const entries: Entry[] = [];
  for (const { key, need, v4, v6 } of planSet.rows.values()) {
    for (const leg of [v4, v6]) {
      if (leg) {
        const { family, pool, prefix, released } = leg;
        entries.push({ key, family, pool, prefix, container: need?.role === 'container', released, growth: released ? undefined : need?.[family]?.growth });
      }
    }
  }
  return entries;
}

/** What is held once the differences are carried out. */
function changed(planSet: PlanSet, held: readonly Entry[], diff: AddressDiff): Entry[] {
  const gone = new Set<string>();
  const come: Entry[] = [];
  for (const { key, family, pool, from, to } of [...diff.add, ...diff.move, ...diff.change, ...diff.release]) {
    if (family === 'asn') continue;
    const need = planSet.needs.get(key);
    const container = need?.role === 'container';
    gone.add(`${family} ${key}`);
    const text = to ?? from;
    // What is released stays withheld where it lies.
    if (text !== null) {
      const growth = to === null ? undefined : need?.[family]?.growth;
      come.push({ key, family, pool, prefix: parsePrefix(text), container, released: to === null, growth });
    }
  }
  return [...held.filter(({ key, family }) => !gone.has(`${family} ${key}`)), ...come];
}

interface Tally {
  readonly name: string;
  readonly kind: 'pool' | 'holder';
  readonly pool: string;
  readonly prefix: Prefix;
  readonly entry: Entry | undefined;
  readonly parent: Tally | undefined;
  readonly inner: { readonly prefix: Prefix; readonly growth: number | undefined }[];
  delegated: bigint;
  used: bigint;
}

interface Counted {
  readonly tally: Tally;
  readonly delegated: bigint;
  readonly used: bigint;
  figures(): Figures;
}

function figuresOf({ pools }: PlanSet, entries: readonly Entry[]): Map<string, Counted> {
  const byPool = new Map<string, Entry[]>([...pools.keys()].map((name) => [name, []]));
  for (const entry of entries) byPool.get(entry.pool)?.push(entry);
  const result = new Map<string, Counted>();
  const keep = (name: string, tally: Tally): void => {
    const { prefix, delegated, used, inner } = tally;
    const largest = (): number | undefined => {
      const space = new FreeSpace(prefix);
      inner.forEach((block, index) => space.take(block.prefix, index));
      // What is kept for growth is not free either; the largest free block around one never meets that around another.
      for (const { prefix: block, growth = block.length } of inner) {
        if (growth >= block.length || !space.release(block)) continue;
        for (let length = growth; length <= block.length && !space.take(truncate(block, length), 0); length++);
      }
      return space.largest();
    };
    result.set(name, { tally, delegated, used, figures: () => ({ prefix, delegated, used, largestFree: largest() }) });
  };
  for (const pool of pools.values()) {
    const root: Tally = {
      name: pool.name,
      kind: 'pool',
      pool: pool.name,
      prefix: pool.prefix,
      entry: undefined,
      parent: undefined,
      inner: [],
      delegated: 0n,
      used: 0n,
    };
    let open = root;
    const close = (): void => {
      const { entry, parent } = open;
      if (!entry || !parent) return;
      const holds = entry.container || open.inner.length > 0;
      if (!entry.released) parent.used += holds ? open.used : addressCount(open.prefix);
      if (holds && !entry.released) keep(`${entry.family} ${entry.key}`, open);
      open = parent;
    };
    const sorted = (byPool.get(pool.name) ?? []).sort(
      (one, other) => comparePrefixes(one.prefix, other.prefix) || Number(other.container) - Number(one.container) || compareCodeUnits(one.key, other.key),
    );
    for (const entry of sorted) {
      if (!contains(root.prefix, entry.prefix)) continue;
      while (open !== root && !contains(open.prefix, entry.prefix)) close();
      open.delegated += addressCount(entry.prefix);
      open.inner.push({ prefix: entry.prefix, growth: entry.growth });
      open = { name: entry.key, kind: 'holder', pool: pool.name, prefix: entry.prefix, entry, parent: open, inner: [], delegated: 0n, used: 0n };
    }
    while (open !== root) close();
    keep(`pool ${pool.name}`, root);
  }
  return result;
}
