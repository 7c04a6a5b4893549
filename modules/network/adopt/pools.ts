import { compareCodeUnits } from '../../core/index.ts';
import { comparePrefixes, contains, truncate, type Prefix } from '../prefix.ts';
import type { Piece } from './arrange.ts';
import { prefixSlug } from './keys.ts';

/** A pool around blocks that lie in no other listed block. */
export interface ProposedPool {
  readonly name: string;
  readonly prefix: Prefix;
  readonly domain: string;
}

/** Space of one kind (RFC 1918, RFC 6598): whatever lies in one of these may share a pool. */
const wholes: readonly Prefix[] = (
  [
    [0x0a000000, 8],
    [0xac100000, 12],
    [0xc0a80000, 16],
    [0x64400000, 10],
  ] as const
).map(([a, length]) => ({ family: 'v4', a, b: 0, c: 0, d: 0, length }));

/**
 * Pools for the blocks that lie in no other: per domain the smallest prefix around those of one private block, one public
 * IPv4 /16 or one IPv6 /32. Pools of a domain never overlap.
 */
export function choosePools(
  pieces: readonly Piece[],
  domainOf: (piece: Piece) => string,
  taken: ReadonlySet<string>,
): { list: ProposedPool[]; poolOf: (piece: Piece) => ProposedPool | undefined } {
  const covers = new Map<string, { domain: string; prefix: Prefix; roots: Piece[] }>();
  for (const piece of pieces) {
    if (piece.holder) continue;
    const { prefix } = piece;
    const domain = domainOf(piece);
    const whole = wholes.find((block) => contains(block, prefix)) ?? truncate(prefix, Math.min(prefix.length, prefix.family === 'v4' ? 16 : 32));
    const group = `${domain} ${prefix.family} ${prefixSlug(whole)}`;
    const cover = covers.get(group);
    if (!cover) covers.set(group, { domain, prefix, roots: [piece] });
    else {
      cover.roots.push(piece);
      while (!contains(cover.prefix, prefix)) cover.prefix = truncate(cover.prefix, cover.prefix.length - 1);
    }
  }
  const ordered = [...covers.values()].sort((one, other) => compareCodeUnits(one.domain, other.domain) || comparePrefixes(one.prefix, other.prefix));
  const counts = new Map<string, number>();
  const short = ({ domain, prefix }: { domain: string; prefix: Prefix }): string => `${domain}-${prefix.family}`;
  for (const cover of ordered) counts.set(short(cover), (counts.get(short(cover)) ?? 0) + 1);
  const used = new Set(taken);
  const list: ProposedPool[] = [];
  const pools = new Map<Piece, ProposedPool>();
  for (const cover of ordered) {
    const base = counts.get(short(cover)) === 1 ? short(cover) : `${cover.domain}-${prefixSlug(cover.prefix)}`;
    let name = base;
    for (let number = 2; used.has(name); number++) name = `${base}-${number}`;
    used.add(name);
    const pool: ProposedPool = { name, prefix: cover.prefix, domain: cover.domain };
    list.push(pool);
    for (const root of cover.roots) pools.set(root, pool);
  }
  const poolOf = (piece: Piece): ProposedPool | undefined => {
    let root = piece;
    while (root.holder) root = root.holder;
    return pools.get(root);
  };
  return { list, poolOf };
}
