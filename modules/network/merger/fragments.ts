import { comparePrefixes, contains, parentOf, samePrefix, type Prefix } from '../prefix.ts';
import { parsePrefix } from '../parse.ts';
import type { AddressPlan, Family } from '../types.ts';

/** What one unit holds in one family. */
export interface UnitBlocks {
  readonly unit: string;
  readonly blocks: readonly Prefix[];
  /** The fewest prefixes that say the same: what its routers announce. */
  readonly announced: readonly Prefix[];
}

/** How scattered units are. */
export interface Fragmentation {
  readonly family: Family;
  /** In order of unit. */
  readonly units: readonly UnitBlocks[];
  readonly blocks: number;
  readonly announced: number;
}

/** The fewest prefixes that cover exactly the same addresses (RFC 4632 section 5): duplicates and nested ones go, neighbours join. */
export function aggregate(prefixes: readonly Prefix[]): Prefix[] {
  const stack: Prefix[] = [];
  for (const prefix of [...prefixes].sort(comparePrefixes)) {
    const top = stack.at(-1);
    if (top && contains(top, prefix)) continue;
    let next = prefix;
    for (let before = stack.at(-1); before; before = stack.at(-1)) {
      const [one, other] = [parentOf(before), parentOf(next)];
      if (!one || !other || before.length !== next.length || !samePrefix(one, other)) break;
      stack.pop();
      next = other;
    }
    stack.push(next);
  }
  return stack;
}

/** What each unit holds and would announce. `unitOf` names the unit of a key; keys without one do not count. */
export function fragmentation(plan: AddressPlan, family: Family, unitOf: (key: string) => string | undefined): Fragmentation {
  const held = new Map<string, Prefix[]>();
  for (const { key, v4, v6 } of plan.allocations.values()) {
    const text = family === 'v4' ? v4 : v6;
    const unit = text === undefined ? undefined : unitOf(key);
    if (text === undefined || unit === undefined) continue;
    const list = held.get(unit);
    if (list) list.push(parsePrefix(text));
    else held.set(unit, [parsePrefix(text)]);
  }
  const units = [...held].map(([unit, blocks]): UnitBlocks => ({ unit, blocks, announced: aggregate(blocks) }));
  const sum = (count: (unit: UnitBlocks) => number): number => units.reduce((total, unit) => total + count(unit), 0);
  return { family, units, blocks: sum(({ blocks }) => blocks.length), announced: sum(({ announced }) => announced.length) };
}
