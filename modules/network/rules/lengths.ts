import { formatPrefix } from '../format.ts';
import type { Leg, Need } from '../model.ts';
import type { RuleContext, Violation } from './context.ts';

/** Shortest and longest block of an end site: a /48 has 65,536 LANs, a /56 256 (RFC 6177; RIPE-690 4.2 names the two). */
const siteLengths = { shortest: 48, longest: 56 };

/** How long prefixes are: nibbles, end sites, LANs, links and loopbacks. What a block is for is its `role`. */
export function* lengthRules(context: RuleContext): Generator<Violation> {
  const { planSet } = context;
  for (const { name, prefix, place } of planSet.pools.values()) {
    if (prefix.family !== 'v6' || prefix.length % 4 === 0) continue;
    yield {
      rule: 'nibble-boundary',
      names: [name],
      place,
      text: `pool "${name}" (${formatPrefix(prefix)}) does not end on a nibble: its reverse zone must be cut in several`,
      hint: `take ${nibbles(prefix.length)}, or switch the rule off for this pool with the reason it has this size`,
    };
  }
  const sites = new Map<string, Leg[]>();
  for (const need of planSet.needs.values()) {
    if (need.v4) yield* judgeV4(context, need, need.v4);
    if (!need.v6) continue;
    yield* judgeV6(context, need, need.v6);
    if (need.role !== 'site') continue;
    const pool = context.poolOf(need.v6).name;
    const list = sites.get(pool);
    if (list) list.push(need.v6);
    else sites.set(pool, [need.v6]);
  }
  for (const [pool, legs] of sites) yield* uniform(context, pool, legs);
}

function violation(context: RuleContext, rule: Violation['rule'], leg: Leg, text: string, hint: string): Violation {
  const { need, length } = leg;
  return { rule, names: [need.key, context.poolOf(leg).name], place: need.place, text, hint, group: `${need.plan} ${need.role} ${length}` };
}

function* judgeV4(context: RuleContext, need: Need, leg: Leg): Generator<Violation> {
  const { length } = leg;
  if (need.role === 'link' && length !== 31)
    yield violation(context, 'link-31', leg, `a point-to-point link is a /31, not a /${length}: both addresses are usable`, 'ask for /31');
  if (need.role === 'loopback' && length !== 32)
    yield violation(context, 'loopback-host', leg, `a loopback is one address, a /32, not a /${length}`, 'ask for /32');
}

function* judgeV6(context: RuleContext, need: Need, leg: Leg): Generator<Violation> {
  const { length } = leg;
  const { role } = need;
  // Of a link, /126 is off the nibble too, but its own rule says more.
  if (length % 4 !== 0 && length < 126 && role !== 'link') {
    yield violation(
      context,
      'nibble-boundary',
      leg,
      `a /${length} does not end on a nibble: its reverse zone must be cut in several`,
      `ask for ${nibbles(length)}`,
    );
  }
  if (role === 'lan' ? length !== 64 : role === 'network' && length > 64) {
    yield violation(
      context,
      'lan-64',
      leg,
      `a network of hosts is a /64, not a /${length}: hosts make the other 64 bits themselves`,
      length < 64
        ? 'ask for /64, or say what it is: `role: site` or `role: container`'
        : 'ask for /64; say `role: link` for /127 (RFC 6164) and `role: loopback` for /128',
    );
  }
  if (role === 'link' && length !== 127) {
    yield violation(
      context,
      'link-127',
      leg,
      `a point-to-point link is a /127, not a /${length}: packets to the addresses nobody has would go back and forth`,
      'ask for /127; where a /64 is set aside for each link, give the /64 `role: container` and the /127 `in:` it',
    );
  }
  if (role === 'loopback' && length !== 128)
    yield violation(context, 'loopback-host', leg, `a loopback is one address, a /128, not a /${length}`, 'ask for /128');
  if (role === 'site' && (length < siteLengths.shortest || length > siteLengths.longest)) {
    yield violation(
      context,
      'site-size',
      leg,
      `an end site gets a /${siteLengths.shortest} to /${siteLengths.longest}, not a /${length}`,
      length > siteLengths.longest ? 'ask for /56, or /48: a site that grows must not be renumbered' : 'ask for /48, or say `role: container`',
    );
  }
}

/** The end sites of one pool have one size, the one most of them have: a site that moves or grows then keeps its plan. */
function* uniform(context: RuleContext, pool: string, legs: readonly Leg[]): Generator<Violation> {
  const counts = new Map<number, number>();
  for (const { length } of legs) if (length >= siteLengths.shortest && length <= siteLengths.longest) counts.set(length, (counts.get(length) ?? 0) + 1);
  if (counts.size < 2) return;
  const [usual = 48, count = 0] = [...counts].sort(([one, many], [other, more]) => more - many || one - other)[0] ?? [];
  for (const leg of legs) {
    if (leg.length === usual || !counts.has(leg.length)) continue;
    yield violation(
      context,
      'site-size',
      leg,
      `a /${leg.length} where the end sites of pool "${pool}" are /${usual} (${count} of them)`,
      `ask for /${usual}, or switch the rule off for what differs for a reason`,
    );
  }
}

function nibbles(length: number): string {
  const nibble = Math.floor(length / 4) * 4;
  return `/${nibble} or /${nibble + 4}`;
}
