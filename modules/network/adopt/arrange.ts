import type { Problem } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { bitsOf, compareAddresses, contains, type Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';
import { intervalText, prefixesOf, type Interval } from './blocks.ts';
import type { AdoptRecord } from './records.ts';
import { cellName, finding, shown } from './table.ts';

/** A prefix that will be held, and the one it lies in. */
export interface Piece {
  readonly record: AdoptRecord;
  readonly prefix: Prefix;
  readonly holder?: Piece | undefined;
  /** Whether others lie in it. */
  container: boolean;
}

/** An interval of a record, cut down to what no earlier one holds. */
interface Item extends Interval {
  readonly record: AdoptRecord;
}

/**
 * Puts the blocks of all records into one tree per domain and family. What is listed twice is held once, what crosses
 * is held by the record that begins first; each is a finding that names both cells, and so is a block that holds networks of
 * other owners though nothing says that it is there to be divided. Every address listed is held in the end.
 */
export function arrange(file: string, records: readonly AdoptRecord[], domainOf: (record: AdoptRecord) => string): { pieces: Piece[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const groups = new Map<string, Item[]>();
  for (const record of records) {
    for (const block of record.blocks) {
      const group = `${block.family} ${domainOf(record)}`;
      const list = groups.get(group);
      if (list) list.push({ ...block, record });
      else groups.set(group, [{ ...block, record }]);
    }
  }
  const pieces: Piece[] = [];
  for (const items of groups.values()) {
    const held = tree(laminar(file, items, problems));
    for (const piece of held) pieces.push(piece);
    problems.push(...insideOthers(file, held));
  }
  return { pieces, problems };
}

function order(one: Item, other: Item): number {
  if (one.first !== other.first) return one.first < other.first ? -1 : 1;
  if (one.last !== other.last) return one.last > other.last ? -1 : 1;
  // Who says what a block is comes before who only says that something lies in it.
  return Number(one.record.outer) - Number(other.record.outer) || one.record.order - other.record.order;
}

/** Items of which any two are nested or apart, in order. */
function laminar(file: string, items: readonly Item[], problems: Problem[]): Item[] {
  // Taken from the end: what is cut off goes back to where it belongs.
  const waiting = [...items].sort((one, other) => order(other, one));
  const open: Item[] = [];
  const kept: Item[] = [];
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    let top = open.at(-1);
    while (top && top.last < item.first) {
      open.pop();
      top = open.at(-1);
    }
    if (top && top.first === item.first && top.last === item.last) {
      if (top.record !== item.record && !item.record.outer) problems.push(repeated(file, top, item));
      continue;
    }
    if (top && item.last > top.last) {
      problems.push(
        finding(
          file,
          'NET-ADOPT-OVERLAP',
          item.record.place,
          `${intervalText(item)} overlaps ${intervalText(top)} (${cellName(top.record.place)}) without lying in it; what both name stays with the latter`,
          'correct the end or the beginning of one of the two',
        ),
      );
      const rest: Item = { ...item, first: top.last + 1n };
      let low = 0;
      let high = waiting.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = waiting[middle];
        if (other && order(other, rest) > 0) low = middle + 1;
        else high = middle;
      }
      waiting.splice(low, 0, rest);
      continue;
    }
    open.push(item);
    kept.push(item);
  }
  return kept;
}

function repeated(file: string, first: Item, again: Item): Problem {
  const differs = (['owner', 'site', 'name', 'description', 'vlan', 'status'] as const).filter(
    (field) => first.record[field] !== '' && again.record[field] !== '' && first.record[field] !== again.record[field],
  );
  const where = cellName(first.record.place);
  if (differs.length === 0) {
    return finding(file, 'NET-ADOPT-DUPLICATE', again.record.place, `${intervalText(again)} is listed already in ${where}`, 'remove one of the two rows');
  }
  const values = differs.map((field) => `${field} "${again.record[field]}" and "${first.record[field]}"`).join(', ');
  return finding(
    file,
    'NET-ADOPT-CONFLICT',
    again.record.place,
    `${intervalText(again)} is listed already in ${where}, but with other facts: ${values}; ${where} is kept`,
    'find out which row is right and remove the other',
  );
}

/** The prefixes of laminar items, each with the nearest one of another item around it. */
function tree(items: readonly Item[]): Piece[] {
  const parts: { prefix: Prefix; item: Item; size: bigint }[] = [];
  for (const item of items) for (const prefix of prefixesOf(item)) parts.push({ prefix, item, size: item.last - item.first });
  parts.sort(
    (one, other) =>
      compareAddresses(one.prefix, other.prefix) || one.prefix.length - other.prefix.length || (one.size === other.size ? 0 : one.size > other.size ? -1 : 1),
  );
  const open: Piece[] = [];
  const pieces: Piece[] = [];
  for (const { prefix, item } of parts) {
    let holder = open.at(-1);
    while (holder && !contains(holder.prefix, prefix)) {
      open.pop();
      holder = open.at(-1);
    }
    if (holder) holder.container = true;
    const piece: Piece = { record: item.record, prefix, holder, container: false };
    open.push(piece);
    pieces.push(piece);
  }
  return pieces;
}

/** One finding for each block of an owner, not marked as a container, in which networks of others lie. Single addresses are hosts, not networks. */
function insideOthers(file: string, pieces: readonly Piece[]): Problem[] {
  const found = new Map<Piece, Piece[]>();
  for (const piece of pieces) {
    const { holder, record, prefix } = piece;
    if (!holder || prefix.length === bitsOf(prefix.family) || record.owner === '' || holder.record.owner === '' || record.owner === holder.record.owner)
      continue;
    if (holder.record.meaning === 'container' || holder.record.outer || record === holder.record) continue;
    const list = found.get(holder);
    if (list) list.push(piece);
    else found.set(holder, [piece]);
  }
  return [...found].map(([{ record, prefix }, inside]) => {
    const named = inside.slice(0, 3).map((piece) => `${formatPrefix(piece.prefix)} of ${shown(piece.record.owner)} (${cellName(piece.record.place)})`);
    const more = inside.length > named.length ? ` and ${inside.length - named.length} more` : '';
    return finding(
      file,
      'NET-ADOPT-OTHER-OWNER',
      record.place,
      `in ${formatPrefix(prefix)} of ${shown(record.owner)} lies what others hold: ${named.join(', ')}${more}; it becomes their holder`,
      'correct the owner or the block of one of them, or mark the outer one as a container in a column of statuses',
    );
  });
}

/** The pieces of one family. */
export function ofFamily(pieces: readonly Piece[], family: Family): Piece[] {
  return pieces.filter(({ prefix }) => prefix.family === family);
}
