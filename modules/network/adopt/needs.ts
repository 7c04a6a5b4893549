import { compareCodeUnits, fold } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { bitsOf } from '../prefix.ts';
import type { Role, Strategy } from '../schema.ts';
import type { Piece } from './arrange.ts';
import { stemOf } from './keys.ts';
import type { ProposedPool } from './pools.ts';
import type { AdoptRecord } from './records.ts';
import { cellName } from './table.ts';

export interface ProposedLeg {
  readonly prefix: string;
  readonly pool: string;
  /** Key of the holder; undefined directly in the pool. */
  readonly in?: string | undefined;
}

/** One need of the proposed plan, exact. */
export interface ProposedNeed {
  readonly key: string;
  readonly role: Role;
  readonly strategy?: Strategy | undefined;
  readonly owner?: string | undefined;
  readonly record: AdoptRecord;
  /** The cells it comes from: two where an IPv4 and an IPv6 row are one need. */
  readonly cells: readonly string[];
  readonly v4?: ProposedLeg | undefined;
  readonly v6?: ProposedLeg | undefined;
}

/** The pieces one key will hold: one, or one of each family. */
interface Unit {
  readonly record: AdoptRecord;
  readonly key: string;
  readonly v4?: Piece | undefined;
  readonly v6?: Piece | undefined;
  /** It is one of several prefixes a range had to be cut into. */
  readonly part?: boolean | undefined;
}

export interface NeedOptions {
  readonly poolOf: (piece: Piece) => ProposedPool | undefined;
  /** Organisation id of an owner as written, where it is known. */
  readonly ownerOf: (record: AdoptRecord) => string | undefined;
  /** Keys of other plans. */
  readonly taken: ReadonlySet<string>;
}

/**
 * The needs of all records: one IPv4 and one IPv6 block of a row are two legs of one need, several blocks of a row several
 * needs with a common stem. In the order of their keys.
 */
export function makeNeeds(pieces: ReadonlyMap<AdoptRecord, readonly Piece[]>, stems: ReadonlyMap<AdoptRecord, string>, options: NeedOptions): ProposedNeed[] {
  const used = new Set([...stems.values(), ...options.taken]);
  const free = (wanted: string): string => {
    let key = wanted;
    for (let number = 2; used.has(key); number++) key = `${wanted}-${number}`;
    used.add(key);
    return key;
  };
  let units: Unit[] = [];
  for (const [record, list] of pieces) units.push(...unitsOf(record, list, stems.get(record) ?? 'block', free));
  // A pair whose legs lie in each other's holders would be a circle of needs: such pairs are taken apart.
  for (let circle = circular(units); circle.size > 0; circle = circular(units)) {
    units = units.flatMap((unit) =>
      circle.has(unit.key) && unit.v4 && unit.v6
        ? [
            { record: unit.record, key: free(`${unit.key}/v4`), v4: unit.v4 },
            { record: unit.record, key: free(`${unit.key}/v6`), v6: unit.v6 },
          ]
        : [unit],
    );
  }
  const keyOf = keysOf(units);
  const leg = (piece: Piece | undefined): ProposedLeg | undefined => {
    const pool = piece && options.poolOf(piece);
    return piece && pool && { prefix: formatPrefix(piece.prefix), pool: pool.name, in: piece.holder && keyOf.get(piece.holder) };
  };
  return units
    .map(({ record, key, v4, v6, part }): ProposedNeed => {
      const role = roleOf(record, v4, v6, part);
      const strategy: Strategy | undefined = role === 'container' ? (v6 ? 'sparse' : 'best-fit') : undefined;
      return { key, role, strategy, owner: options.ownerOf(record), record, cells: cellsOf(record, v4, v6), v4: leg(v4), v6: leg(v6) };
    })
    .sort((one, other) => compareCodeUnits(one.key, other.key));
}

function cellsOf(record: AdoptRecord, ...pieces: readonly (Piece | undefined)[]): string[] {
  const records = new Set([record, ...pieces.flatMap((piece) => piece?.record ?? [])]);
  return [...records].map(({ place }) => cellName(place));
}

/**
 * Rows that differ in nothing but the family - an IPv4 and an IPv6 block of the same owner, site and name in one domain -
 * are one need with two legs. Returns the pieces by the record that names the need.
 */
export function pairRows(pieces: ReadonlyMap<AdoptRecord, readonly Piece[]>, domainOf: (record: AdoptRecord) => string): Map<AdoptRecord, readonly Piece[]> {
  const groups = new Map<string, AdoptRecord[]>();
  for (const record of pieces.keys()) {
    if (record.name === '' && record.description === '') continue;
    const group = `${domainOf(record)} ${stemOf(record)}`;
    const list = groups.get(group);
    if (list) list.push(record);
    else groups.set(group, [record]);
  }
  const paired = new Map(pieces);
  for (const [one, other, ...more] of groups.values()) {
    if (!one || !other || more.length > 0) continue;
    const both = [...(pieces.get(one) ?? []), ...(pieces.get(other) ?? [])];
    if (both.length !== 2 || both[0]?.prefix.family === both[1]?.prefix.family) continue;
    paired.set(one, both);
    paired.delete(other);
  }
  return paired;
}

function unitsOf(record: AdoptRecord, pieces: readonly Piece[], stem: string, free: (wanted: string) => string): Unit[] {
  const v4 = pieces.filter(({ prefix }) => prefix.family === 'v4');
  const v6 = pieces.filter(({ prefix }) => prefix.family === 'v6');
  if (v4.length <= 1 && v6.length <= 1) return [{ record, key: stem, v4: v4[0], v6: v6[0] }];
  return [...v4, ...v6].map((piece, index) => ({ record, key: free(`${stem}/${index + 1}`), [piece.prefix.family]: piece, part: true }));
}

function keysOf(units: readonly Unit[]): Map<Piece, string> {
  const keys = new Map<Piece, string>();
  for (const { key, v4, v6 } of units) {
    if (v4) keys.set(v4, key);
    if (v6) keys.set(v6, key);
  }
  return keys;
}

/** Keys of pairs that stand in or behind a circle of holders; empty where every need can be placed after its holders. */
function circular(units: readonly Unit[]): Set<string> {
  const keyOf = keysOf(units);
  const waiting = new Map<string, number>();
  const inside = new Map<string, string[]>();
  for (const { key, v4, v6 } of units) {
    const holders = [v4, v6].flatMap((piece) => (piece?.holder ? [keyOf.get(piece.holder) ?? ''] : []));
    waiting.set(key, holders.length);
    for (const holder of holders) {
      const list = inside.get(holder);
      if (list) list.push(key);
      else inside.set(holder, [key]);
    }
  }
  const ready = [...waiting].flatMap(([key, count]) => (count === 0 ? [key] : []));
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    waiting.delete(key);
    for (const next of inside.get(key) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return new Set(waiting.keys());
}

function roleOf(record: AdoptRecord, v4: Piece | undefined, v6: Piece | undefined, part = false): Role {
  if (v4?.container === true || v6?.container === true || record.meaning === 'container') return 'container';
  if (record.meaning === 'reserved' || record.meaning === 'free') return 'reserved';
  const said = fold(record.role);
  if (/\b(?:loopback|lo0?)\b/u.test(said)) return 'loopback';
  // The size of a part says nothing about what it is for.
  if (part) return 'network';
  const spare = [v4, v6].flatMap((piece) => (piece ? [bitsOf(piece.prefix.family) - piece.prefix.length] : []));
  if (spare.every((bits) => bits === 0)) return 'loopback';
  if (spare.every((bits) => bits <= 2) && /\b(?:p2p|point to point|link|transit|wan|ket noi|dau noi)\b/u.test(said)) return 'link';
  return spare.every((bits) => bits === 1) ? 'link' : 'network';
}
