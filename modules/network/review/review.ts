import { plural } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import type { PlanSet } from '../model.ts';
import { addressCount } from '../prefix.ts';
import type { AddressDiff, DiffRow, Family } from '../types.ts';
import { reviewedBlocks, type Figures, type ReviewedBlock } from './figures.ts';
import { inUnits, percentText, unitName } from './units.ts';

/** What later steps would make of the differences; worked out where zones and overlays are known, not in this room. */
export interface ReviewEffects {
  /** Zones whose records come or go. */
  readonly zones: readonly { readonly zone: string; readonly state: 'new' | 'gone' | 'changed'; readonly added: number; readonly removed: number }[];
  /** Overlays whose nodes or tunnels come, go or carry other prefixes; ids in code-unit order. */
  readonly overlays: readonly {
    readonly overlay: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly tunnels: { readonly added: number; readonly removed: number };
  }[];
}

/** A change of addresses as it is reviewed. */
export interface Review {
  readonly diff: AddressDiff;
  readonly blocks: readonly ReviewedBlock[];
  readonly effects?: ReviewEffects | undefined;
}

/** The review of what allocating would change: the differences, and what they do to pools and holders. Empty blocks where nothing changes. */
export function reviewAddresses(planSet: PlanSet, diff: AddressDiff, effects?: ReviewEffects): Review {
  return { diff, blocks: changeCount(diff) === 0 ? [] : reviewedBlocks(planSet, diff), effects };
}

/** How many legs change. */
export function changeCount({ add, release, move, change }: AddressDiff): number {
  return add.length + release.length + move.length + change.length;
}

/** Figures of a block as they stand in JSON: counts in the block's unit as people read them, and exact in addresses, as strings. */
export interface FiguresData {
  readonly prefix: string;
  readonly delegated: string;
  readonly used: string;
  readonly delegatedAddresses: string;
  readonly usedAddresses: string;
  readonly largestFree: number | null;
}

export interface ReviewData extends AddressDiff {
  readonly utilisation: readonly {
    readonly name: string;
    readonly kind: 'pool' | 'holder';
    readonly family: Family;
    readonly pool: string;
    readonly unit: string;
    readonly before: FiguresData | null;
    readonly after: FiguresData | null;
  }[];
  readonly zones: ReviewEffects['zones'];
  readonly overlays: ReviewEffects['overlays'];
}

/** The review as the `data` of `net plan --json`: the differences as they always were, with utilisation, zones and overlays beside them. */
export function reviewData({ diff, blocks, effects }: Review): ReviewData {
  const figures = (of: Figures | undefined, unit: number): FiguresData | null =>
    of
      ? {
          prefix: formatPrefix(of.prefix),
          delegated: inUnits(of.delegated, of.prefix.family, unit),
          used: inUnits(of.used, of.prefix.family, unit),
          delegatedAddresses: of.delegated.toString(),
          usedAddresses: of.used.toString(),
          largestFree: of.largestFree ?? null,
        }
      : null;
  const { add, release, move, change, unchanged } = diff;
  return {
    add,
    release,
    move,
    change,
    unchanged,
    utilisation: blocks.map(({ name, kind, family, pool, unit, before, after }) => ({
      name,
      kind,
      family,
      pool,
      unit: unitName(unit),
      before: figures(before, unit),
      after: figures(after, unit),
    })),
    zones: effects?.zones ?? [],
    overlays: effects?.overlays ?? [],
  };
}

/** The groups of a review in the order they are shown. */
export const groups = [
  { list: 'add', sign: '+', word: 'to add' },
  { list: 'release', sign: '-', word: 'to release' },
  { list: 'change', sign: '~', word: 'to change, addresses kept' },
  { list: 'move', sign: '>', word: 'to move: RENUMBER' },
] as const;

/** Where a row's block lies before and after. */
export function blocksText({ from, to }: DiffRow): string {
  return from === null ? (to ?? '') : to === null ? from : from === to ? to : `${from} -> ${to}`;
}

/** Many rows in a few: how many of each kind of key (the part before the first `/`) in each pool. */
export function kindsOf(rows: readonly DiffRow[]): { readonly kind: string; readonly pool: string; readonly count: number }[] {
  const kinds = new Map<string, { kind: string; pool: string; count: number }>();
  for (const { key, pool } of rows) {
    const kind = key.includes('/') ? `${key.slice(0, key.indexOf('/'))}/*` : key;
    const name = `${kind}\n${pool}`;
    const found = kinds.get(name);
    if (found) found.count++;
    else kinds.set(name, { kind, pool, count: 1 });
  }
  return [...kinds.values()];
}

/** `12 -> 13 of 4,096 /48s (0.3 %)`: one figure of a block before and after. */
export function figureText({ unit, family, before, after }: ReviewedBlock, of: 'delegated' | 'used'): string {
  const now = after ?? before;
  if (!now) return '';
  const whole = addressCount(now.prefix);
  const [one, other] = [before, after].map((figures) => (figures ? inUnits(figures[of], family, unit) : 'none'));
  const change = one === other ? (one ?? '') : `${one ?? ''} -> ${other ?? ''}`;
  return `${change} of ${inUnits(whole, family, unit)} ${unitName(unit)} (${percentText(now[of], whole)})`;
}

/** `/22 -> /23`, `full`. */
export function largestText({ before, after }: ReviewedBlock): string {
  const [one, other] = [before, after].map((figures) => (figures ? (figures.largestFree === undefined ? 'full' : `/${figures.largestFree}`) : 'none'));
  return one === other || !before ? (other ?? '') : `${one ?? ''} -> ${other ?? ''}`;
}

/** One line for what the differences do to zones, one for overlays. */
export function effectsTotals({ zones, overlays }: ReviewEffects): { readonly zones: string; readonly overlays: string } {
  const sum = (numbers: number[]): number => numbers.reduce((total, count) => total + count, 0);
  const records = `+${sum(zones.map(({ added }) => added))} -${sum(zones.map(({ removed }) => removed))} records`;
  const nodes = overlays.map(({ added, removed, changed }) => added.length + removed.length + changed.length);
  return {
    zones: zones.length === 0 ? 'no zone changes' : `${plural(zones.length, 'zone')} (${records})`,
    overlays: overlays.length === 0 ? 'no overlay changes' : `${plural(sum(nodes), 'node')} in ${plural(overlays.length, 'overlay')}`,
  };
}
