import { contains, isFault, readPrefix, type AddressPlan, type Family, type Prefix } from '../../network/index.ts';

/** One block of the centre's address plan a member holds. */
export interface Block {
  readonly key: string;
  readonly family: Family;
  readonly prefix: string;
  readonly pool: string;
  readonly domain: string;
}

/** The blocks of a member's keys, by key then family. */
export function blocksOf(addresses: AddressPlan, keys: readonly string[]): Block[] {
  return [...keys].sort().flatMap((key) => {
    const allocation = addresses.allocations.get(key);
    if (allocation === undefined) return [];
    return (['v4', 'v6'] as const).flatMap((family) => {
      const prefix = allocation[family];
      const pool = family === 'v4' ? allocation.pool4 : allocation.pool6;
      if (prefix === undefined || pool === undefined) return [];
      return [{ key, family, prefix, pool, domain: addresses.pools.get(pool)?.domain ?? '' }];
    });
  });
}

/** Blocks prepared for many questions. */
export class BlockSet {
  readonly #blocks: readonly { readonly prefix: Prefix; readonly domain: string }[];

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks.map(({ prefix, domain }) => {
      const parsed = readPrefix(prefix);
      if (isFault(parsed)) throw new TypeError(`the address plan holds "${prefix}", which is no prefix`);
      return { prefix: parsed, domain };
    });
  }

  /** Whether a prefix (of that routing domain, where it is stated) lies in one of the blocks. What is no prefix lies nowhere. */
  holds(text: string, domain?: string): boolean {
    const parsed = readPrefix(text);
    return !isFault(parsed) && this.#blocks.some((block) => (domain === undefined || block.domain === domain) && contains(block.prefix, parsed));
  }

  /** Whether a reverse zone (RFC 1035 3.5, RFC 3596 2.5, RFC 2317) speaks only for addresses of the blocks. */
  holdsReverse(zone: string): boolean {
    const prefix = reversePrefix(zone);
    return prefix !== undefined && this.holds(prefix);
  }
}

/** The prefix a reverse zone stands for; undefined for any other name. */
export function reversePrefix(zone: string): string | undefined {
  const v4 = /^((?:[^.]+\.){0,5})in-addr\.arpa\.$/u.exec(zone);
  if (v4) {
    const labels = (v4[1] ?? '').split('.').slice(0, -1);
    // RFC 2317: `0-26.1.16.10.in-addr.arpa.` or `0/26...` is a part of a /24.
    const classless = /^(\d{1,3})[-/](\d{1,2})$/u.exec(labels[0] ?? '');
    const numbers = classless ? [classless[1] ?? '', ...labels.slice(1)] : labels;
    if (numbers.length === 0 || numbers.length > 4 || (classless && numbers.length !== 4) || !numbers.every(isOctet)) return undefined;
    const octets = [...numbers].reverse();
    while (octets.length < 4) octets.push('0');
    return `${octets.join('.')}/${classless ? (classless[2] ?? '') : numbers.length * 8}`;
  }
  const v6 = /^((?:[0-9a-f]\.){1,32})ip6\.arpa\.$/u.exec(zone);
  if (!v6) return undefined;
  const nibbles = (v6[1] ?? '').split('.').slice(0, -1).reverse();
  const full = nibbles.join('').padEnd(32, '0');
  const groups = Array.from({ length: 8 }, (_, index) => Number.parseInt(full.slice(index * 4, index * 4 + 4), 16).toString(16));
  return `${compress(groups)}/${nibbles.length * 4}`;
}

function isOctet(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/u.test(text) && Number(text) <= 255;
}

/** RFC 5952: the longest run of zero groups, at least two, as `::`. */
function compress(groups: readonly string[]): string {
  let start = -1;
  let length = 1;
  for (let index = 0; index < groups.length; index++) {
    let end = index;
    while (groups[end] === '0') end++;
    if (end - index > length) {
      start = index;
      length = end - index;
    }
    index = Math.max(index, end - 1);
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}
