// Addresses as integers: IPv4 in 32 bits, IPv6 in 128 (RFC 4632, RFC 4291).

/** A block of addresses of one family. */
export interface Block {
  readonly bits: 32 | 128;
  readonly start: bigint;
  readonly length: number;
}

/** A block somebody holds, and what is held inside it. */
export interface TreeNode {
  readonly block: Block;
  /** Index of the prefix, or of the pool where `pool` is set. */
  readonly index: number;
  readonly pool: boolean;
  readonly children: TreeNode[];
  parent?: TreeNode | undefined;
}

/** Parses `ADDRESS` or `ADDRESS/LENGTH`; undefined for anything else. Bits beyond the length are dropped. */
export function parseBlock(text: string): Block | undefined {
  const [address = '', length, ...rest] = text.trim().toLowerCase().split('/');
  if (rest.length > 0 || (length !== undefined && !/^\d{1,3}$/u.test(length))) return undefined;
  const bits = address.includes(':') ? 128 : 32;
  const start = bits === 128 ? parse6(address) : parse4(address);
  const size = length === undefined ? bits : Number(length);
  if (start === undefined || size > bits) return undefined;
  const host = BigInt(bits - size);
  return { bits, start: (start >> host) << host, length: size };
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.');
  // A leading zero is octal for some programs and decimal for others, so it is nobody's address.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/u.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parse6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/u.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** Canonical text of a block (RFC 5952), the length always stated. */
export function formatBlock({ bits, start, length }: Block): string {
  return `${bits === 32 ? format4(start) : format6(start)}/${length}`;
}

function format4(start: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => ((start >> shift) & 255n).toString()).join('.');
}

function format6(start: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (start >> BigInt(112 - 16 * index)) & 0xffffn);
  let best = { at: -1, run: 1 };
  for (let at = 0; at < 8; at++) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === 0n) run++;
    if (run > best.run) best = { at, run };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at < 0) return hex.join(':');
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.run).join(':')}`;
}

/** Number of addresses in a block. */
export function sizeOf({ bits, length }: Block): bigint {
  return 1n << BigInt(bits - length);
}

/** True if `inner` lies in `outer` or is it. */
export function contains(outer: Block, inner: Block): boolean {
  return (
    outer.bits === inner.bits &&
    outer.length <= inner.length &&
    inner.start >> BigInt(outer.bits - outer.length) === outer.start >> BigInt(outer.bits - outer.length)
  );
}

/** Puts each block under the smallest one that holds it. Returns the outermost ones. */
export function buildTree(entries: readonly { readonly block: Block; readonly index: number; readonly pool: boolean }[]): TreeNode[] {
  const sorted = [...entries].sort(
    (a, b) =>
      a.block.bits - b.block.bits ||
      (a.block.start < b.block.start ? -1 : a.block.start > b.block.start ? 1 : 0) ||
      a.block.length - b.block.length ||
      // Where a pool is handed out whole, the pool stays outside.
      Number(b.pool) - Number(a.pool) ||
      a.index - b.index,
  );
  const roots: TreeNode[] = [];
  const open: TreeNode[] = [];
  for (const entry of sorted) {
    while (open.length > 0 && !contains((open[open.length - 1] as TreeNode).block, entry.block)) open.pop();
    const parent = open[open.length - 1];
    const node: TreeNode = { ...entry, children: [], parent };
    (parent ? parent.children : roots).push(node);
    open.push(node);
  }
  return roots;
}

/** The smallest node that holds the block (longest prefix match), or undefined. */
export function longestMatch(roots: readonly TreeNode[], block: Block): TreeNode | undefined {
  let best: TreeNode | undefined;
  for (let level = roots; ;) {
    const next = level.length > 8 && best ? lastBefore(level, block) : level.find((node) => contains(node.block, block));
    if (!next) return best;
    best = next;
    level = next.children;
  }
}

/** Siblings do not overlap and stand in order, so the only candidate is the last that starts at or before the block. */
function lastBefore(level: readonly TreeNode[], block: Block): TreeNode | undefined {
  let low = 0;
  let high = level.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((level[middle] as TreeNode).block.start <= block.start) low = middle + 1;
    else high = middle;
  }
  const candidate = level[low - 1];
  return candidate && contains(candidate.block, block) ? candidate : undefined;
}

/** Share of a node's addresses that its children hold (0 to 1), and the largest aligned block still free (the first of its size). */
export function usageOf(node: TreeNode): { used: number; free: Block | undefined } {
  const size = sizeOf(node.block);
  const held = node.children.reduce((sum, child) => sum + sizeOf(child.block), 0n);
  const used = Number((held * 1_000_000n) / size) / 1_000_000;
  return { used, free: largestFree(node.block, node.children) };
}

function largestFree(block: Block, children: readonly TreeNode[]): Block | undefined {
  if (children.length === 0) return block;
  if (children.length === 1 && (children[0] as TreeNode).block.length === block.length) return undefined;
  const length = block.length + 1;
  const half = 1n << BigInt(block.bits - length);
  const right = block.start + half;
  const split = children.findIndex((child) => child.block.start >= right);
  const at = split < 0 ? children.length : split;
  const low = largestFree({ bits: block.bits, start: block.start, length }, children.slice(0, at));
  const high = largestFree({ bits: block.bits, start: right, length }, children.slice(at));
  if (!low || !high) return low ?? high;
  return low.length <= high.length ? low : high;
}
