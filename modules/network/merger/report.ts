import { contains, type Prefix } from '../prefix.ts';
import { parsePrefix } from '../parse.ts';
import type { AddressPlan, Family } from '../types.ts';
import { fragmentation, type Fragmentation } from './fragments.ts';

const families: readonly Family[] = ['v6', 'v4'];

/** A reform in figures: what the units held, hold now, and would hold after a renumbering. */
export interface MergerReport {
  /** Legs of former units that are held by their heirs, and those that are not. */
  readonly kept: number;
  readonly lost: readonly string[];
  /** Units of the lowest level (communes). */
  readonly units: Readonly<Record<Family, { readonly before: Fragmentation; readonly after: Fragmentation }>>;
  /** Regions they lie in (provinces). */
  readonly regions: Readonly<Record<Family, { readonly before: Fragmentation; readonly after: Fragmentation }>>;
  /** Number of units -> by how many prefixes they announce, IPv6. */
  readonly spread: ReadonlyMap<number, number>;
  /** In order of region. */
  readonly rows: readonly RegionRow[];
}

/** One region after the reform. */
export interface RegionRow {
  readonly region: string;
  readonly units: number;
  /** Blocks its units hold in one family. */
  readonly blocks: number;
  /** Prefixes the units announce. */
  readonly announced: Readonly<Record<Family, number>>;
  /** Prefixes the region announces to the nation. */
  readonly outside: Readonly<Record<Family, number>>;
  /** Blocks to be renumbered so that the region announces one prefix: those outside of the part that holds most. */
  readonly moves: number;
}

/** Keys and what they belong to. */
export interface MergerKeys {
  /** The unit a key belongs to, undefined for keys of other things. */
  unitOf(key: string): string | undefined;
  /** The region a container belongs to. */
  regionOf(key: string): string | undefined;
  /** The region a unit lies in after the reform. */
  regionOfUnit(unit: string): string | undefined;
}

/** Puts a reform into figures. `heirs` names the key that holds what a former key held. */
export function mergerReport(before: AddressPlan, after: AddressPlan, keys: MergerKeys, heirs: ReadonlyMap<string, string>): MergerReport {
  const lost: string[] = [];
  let kept = 0;
  for (const { key, v4, v6 } of before.allocations.values()) {
    const now = after.allocations.get(heirs.get(key) ?? key);
    for (const [text, held] of [
      [v4, now?.v4],
      [v6, now?.v6],
    ]) {
      if (text === undefined) continue;
      if (text === held) kept++;
      else lost.push(`${key} ${text}`);
    }
  }
  const both = (of: (key: string) => string | undefined): MergerReport['units'] => ({
    v4: { before: fragmentation(before, 'v4', of), after: fragmentation(after, 'v4', of) },
    v6: { before: fragmentation(before, 'v6', of), after: fragmentation(after, 'v6', of) },
  });
  const units = both((key) => keys.unitOf(key));
  const regions = both((key) => keys.regionOf(key));
  const spread = new Map<number, number>();
  for (const { announced } of units.v6.after.units) spread.set(announced.length, (spread.get(announced.length) ?? 0) + 1);
  return { kept, lost, units, regions, spread: new Map([...spread].sort(([one], [other]) => one - other)), rows: regionRows(after, keys, units, regions) };
}

function regionRows(after: AddressPlan, keys: MergerKeys, units: MergerReport['units'], regions: MergerReport['regions']): RegionRow[] {
  const parts = new Map<string, Prefix[]>();
  for (const { key, v6 } of after.allocations.values()) {
    const region = v6 === undefined ? undefined : keys.regionOf(key);
    if (region !== undefined && v6 !== undefined) parts.set(region, [...(parts.get(region) ?? []), parsePrefix(v6)]);
  }
  const byRegion = new Map(
    [...parts.keys()].map((region) => [region, { v4: units.v4.after.units.filter(() => false), v6: units.v6.after.units.filter(() => false) }]),
  );
  for (const family of families) {
    for (const unit of units[family].after.units) byRegion.get(keys.regionOfUnit(unit.unit) ?? '')?.[family].push(unit);
  }
  return [...byRegion].map(([region, inside]): RegionRow => {
    const blocks = inside.v6.flatMap((unit) => unit.blocks);
    const counts = (parts.get(region) ?? []).map((part) => blocks.filter((block) => contains(part, block)).length);
    const announced = (family: Family): number => inside[family].reduce((sum, unit) => sum + unit.announced.length, 0);
    const outside = (family: Family): number => regions[family].after.units.find(({ unit }) => unit === region)?.announced.length ?? 0;
    return {
      region,
      units: inside.v6.length,
      blocks: blocks.length,
      announced: { v4: announced('v4'), v6: announced('v6') },
      outside: { v4: outside('v4'), v6: outside('v6') },
      moves: blocks.length - Math.max(0, ...counts),
    };
  });
}
