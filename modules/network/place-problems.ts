import { problem, type Place, type Problem } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import type { HeldLeg, Leg } from './model.ts';
import type { Inside, Places } from './place.ts';
import { bitsOf, samePrefix, type Prefix } from './prefix.ts';

/** A block in use: a leg of the plan (or the room it keeps for its growth), or a row of a lock that holds space although no leg rightly lies there. */
export type User = { readonly leg: Leg; readonly prefix: Prefix; readonly room?: Prefix | undefined } | { readonly withheld: HeldLeg; readonly prefix: Prefix };

/** Length of the block a leg takes, with the room it keeps for its growth. */
export function footprint({ length, growth }: Leg): number {
  return growth === undefined ? length : Math.min(growth, length);
}

export function describeUser(user: User): { readonly text: string; readonly released: boolean; readonly reserved: boolean } {
  const at = (place: Place | undefined): string => (place ? `, ${place.file}:${place.line ?? 1}` : '');
  if ('withheld' in user) {
    const { withheld } = user;
    const text = `"${withheld.key}" (${withheld.text}${withheld.released ? ', released' : ''}${at(withheld.place)})`;
    return { text, released: withheld.released, reserved: false };
  }
  const { held, need } = user.leg;
  const place = held && samePrefix(held.prefix, user.prefix) ? held.place : need.place;
  const text = `"${need.key}" (${formatPrefix(user.prefix)}${at(place)})`;
  return user.room
    ? { text: `${formatPrefix(user.room)}, held back as growth of ${text}`, released: false, reserved: true }
    : { text, released: false, reserved: false };
}

/** A block that stands has less room than it is to keep: it is not moved for that. */
export function noRoomToGrow(leg: Leg, prefix: Prefix, length: number, inTheWay: User | undefined): Problem {
  const { need, growth = length } = leg;
  const other = inTheWay ? `${describeUser(inTheWay).text} is in the way` : 'the block around it is not free';
  const left = length < prefix.length ? `; up to /${length} is kept` : '; it cannot grow in place at all';
  return problem('NET-GROWTH', `"${need.key}" (${formatPrefix(prefix)}) has no room to grow to /${growth} in place: ${other}${left}`, {
    ...need.place,
    severity: 'warning',
    hint: 'nothing is moved for it; ask for less `growth`, or move one of the two keys while that is still cheap',
  });
}

/** Why a leg found no place in any of the pools tried, or in its holder. `open` are all that were looking. */
export function exhausted(leg: Leg, tried: readonly Inside[], open: readonly Leg[], { prefixes, reserves }: Places): Problem {
  const { need } = leg;
  const length = footprint(leg);
  const pools = (one: Leg): string => (one.pools ?? [one.pool]).map(({ name }) => name).join();
  const same = (other: Leg): boolean => footprint(other) === length && pools(other) === pools(leg);
  const missing = open.filter((other) => !prefixes[other.index] && same(other)).length;
  const others = missing > 1 ? ` (and ${missing - 1} more of that length)` : '';
  const grown = length < leg.length ? `, a /${leg.length} with room to grow to /${length}` : '';
  const report = tried.map((inside) => {
    const { outer, space, growing } = inside;
    const free = [...space.blocks()];
    const shown = free.slice(0, 4).map(formatPrefix).join(', ');
    const largest = space.largest();
    const left =
      largest === undefined
        ? 'nothing is free'
        : `free: ${shown}${free.length > 4 ? ` and ${free.length - 4} more` : ''}; the largest free block is a /${largest}`;
    const rooms = growing.flatMap((one) => {
      const room = reserves.get(one);
      return room ? [`${formatPrefix(room)} around "${one.need.key}"`] : [];
    });
    const back = rooms.length === 0 ? '' : `; held back as growth: ${rooms.slice(0, 3).join(', ')}${rooms.length > 3 ? ` and ${rooms.length - 3} more` : ''}`;
    const strategy = outer.strategy === 'fixed' ? '; it takes exact prefixes only' : '';
    return { name: `${outer.name} (${formatPrefix(outer.prefix)})`, left: `${left}${back}${strategy}`, largest, held: rooms.length > 0 };
  });
  const [first] = report;
  const lengths = report.flatMap(({ largest }) => (largest === undefined ? [] : [largest]));
  const largest = lengths.length === 0 ? undefined : Math.min(...lengths);
  const wide = tried.length === 1 ? (tried[0]?.outer.name ?? '') : 'one of them';
  const keep = report.some(({ held }) => held) ? ', let keys keep less with `growth`' : '';
  const message =
    report.length === 1
      ? `${first?.name ?? ''} has no free /${length} for "${need.key}"${grown}${others}: ${first?.left ?? ''}`
      : `no free /${length} for "${need.key}"${grown}${others} in any of ${report.length} pools; ${report.map(({ name, left }) => `${name}: ${left}`).join('; ')}`;
  return problem('NET-EXHAUSTED', message, {
    ...need.place,
    hint:
      largest !== undefined && largest <= bitsOf(leg.family)
        ? `ask for /${largest} or longer, move the need to another pool${keep}, or widen ${wide}`
        : `widen ${wide}, move the need to another pool${keep}, or drop released rows from its lock`,
  });
}
