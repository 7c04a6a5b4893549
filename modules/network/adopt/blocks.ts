import { formatAddress, formatPrefix } from '../format.ts';
import { isFault, readAddress } from '../parse.ts';
import { addressCount, bitsOf, fromInteger, lastAddress, toInteger, truncate, type Address, type Prefix } from '../prefix.ts';
import { correctedAddress } from '../suggest.ts';
import type { Family } from '../types.ts';

/** Addresses from `first` to `last`, both included. */
export interface Interval {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Something worth telling about a cell that could be read all the same. */
export interface Remark {
  readonly code: 'NET-ADOPT-HOST-BITS' | 'NET-ADOPT-CORRECTED' | 'NET-ADOPT-NO-LENGTH' | 'NET-ADOPT-RANGE-HOSTS' | 'NET-ADOPT-MASK';
  readonly message: string;
  readonly hint: string;
}

/** What the address cells of a row say. */
export interface ReadBlocks {
  readonly blocks: readonly Interval[];
  readonly remarks: readonly Remark[];
  /** Parts that mean nothing. */
  readonly unreadable: readonly { readonly text: string; readonly cause: string }[];
}

/** What other columns of the row add to an address. */
export interface BlockContext {
  readonly mask?: string | undefined;
  readonly last?: string | undefined;
  readonly count?: string | undefined;
  /** The column lists hosts: a length is that of their network, and what is held is the one address. */
  readonly hosts?: boolean | undefined;
}

export function intervalOf(prefix: Prefix): Interval {
  const first = toInteger(prefix);
  return { family: prefix.family, first, last: first + addressCount(prefix) - 1n };
}

/** The fewest prefixes that hold exactly the addresses of an interval, in order. */
export function prefixesOf({ family, first, last }: Interval): Prefix[] {
  const count = last - first + 1n;
  if ((count & (count - 1n)) === 0n && (first & (count - 1n)) === 0n) {
    const address = fromInteger(family, first);
    return address ? [{ ...address, length: bitsOf(family) + 1 - count.toString(2).length }] : [];
  }
  const bits = BigInt(bitsOf(family));
  const found: Prefix[] = [];
  for (let at = first; at <= last;) {
    let size = 0n;
    while (size < bits && (at & ((1n << (size + 1n)) - 1n)) === 0n && at + (1n << (size + 1n)) - 1n <= last) size++;
    const address = fromInteger(family, at);
    if (!address) break;
    found.push({ ...address, length: Number(bits - size) });
    at += 1n << size;
  }
  return found;
}

/** An interval as text: a prefix where it is one, else first and last address. */
export function intervalText(interval: Interval): string {
  const prefixes = prefixesOf(interval);
  const [only] = prefixes;
  if (only && prefixes.length === 1) return formatPrefix(only);
  const text = (value: bigint): string => {
    const address = fromInteger(interval.family, value);
    return address ? formatAddress(address) : String(value);
  };
  return `${text(interval.first)} - ${text(interval.last)}`;
}

const parentheses = /\([^()]*\)|\[[^[\]]*\]/gu;
const plainForm = /^[0-9a-f:.]+\/\d{1,3}$/u;

/** Reads one cell: one or more prefixes, addresses with a mask, ranges, single addresses, as people write them. */
export function readBlocks(cell: string, context: BlockContext = {}): ReadBlocks {
  const reader = new Reader(context);
  if (plainForm.test(cell) && reader.part(cell)) return reader;
  const text = cell
    .normalize('NFKC')
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/gu, '')
    .replace(/[\u2010-\u2015\u2212~\u2192]|->|\.{2,}/gu, '-')
    .replace(parentheses, ' ')
    .replace(/^\s*(?:từ|from)\s+/iu, '')
    .replace(/\s(?:đến|den|tới|to)\s/giu, ' - ');
  const parts = text
    .split(/[\r\n;,&+]|\s(?:và|va|and)\s/iu)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const part of parts) if (!reader.part(part)) reader.unreadable.push({ text: part, cause: reader.cause });
  return reader;
}

/** The length a mask means: `24`, `/24`, `255.255.255.0`, the wildcard `0.0.0.255`; undefined where it is none. */
export function readMask(text: string): number | undefined {
  const plain = text.normalize('NFKC').replace(parentheses, ' ').trim();
  const number = /^\/?\s*(\d{1,3})$/u.exec(plain)?.[1];
  if (number !== undefined) return Number(number) <= 128 ? Number(number) : undefined;
  const address = readAddress(plain.replace(/^\//u, ''));
  if (isFault(address) || address.family !== 'v4') return undefined;
  const ones = (word: number): number | undefined => {
    const bits = Math.clz32(~word >>> 0);
    return (bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0) === word ? bits : undefined;
  };
  // A wildcard mask begins with zeros; 0.0.0.0 is the mask of everything.
  return ones(address.a) ?? ones(~address.a >>> 0);
}

class Reader implements ReadBlocks {
  readonly blocks: Interval[] = [];
  readonly remarks: Remark[] = [];
  readonly unreadable: { text: string; cause: string }[] = [];
  cause = 'it is not an address';
  readonly #context: BlockContext;

  constructor(context: BlockContext) {
    this.#context = context;
  }

  /** Reads one part; false with `cause` set where it means nothing. */
  part(text: string): boolean {
    this.cause = 'it is no address, prefix or range';
    const wild = /^(\d{1,3}(?:\.\d{1,3}){0,2})((?:\.[x*X]){1,3})$/u.exec(text);
    if (wild) {
      const known = wild[1]?.split('.').length ?? 0;
      if (known + (wild[2]?.length ?? 0) / 2 !== 4) return false;
      return this.#block(`${wild[1] ?? ''}${'.0'.repeat(4 - known)}`, known * 8);
    }
    const slash = /^([0-9a-f:.x]+)\s*\/\s*([0-9.]+)$/iu.exec(text);
    if (slash) {
      const length = readMask(slash[2] ?? '');
      if (length === undefined) {
        this.cause = `"${slash[2] ?? ''}" is neither a length nor a mask`;
        return false;
      }
      return this.#block(slash[1] ?? '', length);
    }
    const masked = /^([0-9.]+)\s+(?:(?:mask|netmask|subnet mask|mặt nạ)\s*:?\s*)?([0-9]+\.[0-9.]+)$/iu.exec(text);
    const mask = masked && readMask(masked[2] ?? '');
    if (masked && typeof mask === 'number' && mask > 0) return this.#block(masked[1] ?? '', mask);
    const range = /^([0-9a-f:.x]+)(?:\/\d{1,3})?\s*-\s*([0-9a-f:.x]+)(?:\/\d{1,3})?$/iu.exec(text);
    if (range) return this.#range(range[1] ?? '', range[2] ?? '');
    const words = text.split(/\s+/u);
    if (words.length > 1 && words.every((word) => /^[0-9a-f:.x]+(?:\/\d{1,3})?$/iu.test(word) && /[.:]/u.test(word)))
      return words.every((word) => this.part(word));
    return this.#bare(text);
  }

  #address(text: string): Address | undefined {
    const read = readAddress(text);
    if (!isFault(read)) {
      if (read.family === 'v6' && read.a === 0 && read.b === 0 && read.c === 0xffff) {
        this.cause = 'it is an IPv4-mapped address, which no network carries';
        return undefined;
      }
      return read;
    }
    this.cause = read.fault;
    // Only what is whole is corrected: missing octets would be a guess.
    const corrected = text.includes(':') || text.split('.').length === 4 ? correctedAddress(text) : undefined;
    if (corrected === undefined) return undefined;
    const again = readAddress(corrected);
    if (isFault(again)) return undefined;
    this.remarks.push({ code: 'NET-ADOPT-CORRECTED', message: `${text} is not an address: ${read.fault}; read as ${corrected}`, hint: `write ${corrected}` });
    return again;
  }

  #block(text: string, length: number): boolean {
    const address = this.#address(text);
    if (!address) return false;
    if (length > bitsOf(address.family)) {
      this.cause = `a length is at most ${bitsOf(address.family)}`;
      return false;
    }
    if (length === 0) {
      this.cause = 'it is the whole address space';
      return false;
    }
    if (this.#context.hosts === true) {
      this.blocks.push(intervalOf({ ...address, length: bitsOf(address.family) }));
      return true;
    }
    const prefix = truncate(address, length);
    const { mask } = this.#context;
    // A mask beside addresses of both families is that of the IPv4 one.
    const other = mask === undefined || mask.trim() === '' || address.family === 'v6' ? undefined : readMask(mask);
    if (other !== undefined && other !== length) {
      this.remarks.push({
        code: 'NET-ADOPT-MASK',
        message: `${text}/${length} stands beside the mask ${mask ?? ''} (/${other}); the length is kept`,
        hint: 'correct one of the two',
      });
    }
    if (toInteger(prefix) !== toInteger(address)) {
      this.remarks.push({
        code: 'NET-ADOPT-HOST-BITS',
        message: `${formatAddress(address)}/${length} has bits set to the right of the length; read as ${formatPrefix(prefix)}`,
        hint: `write ${formatPrefix(prefix)}, or ${formatAddress(address)}/${bitsOf(address.family)} if one address is meant`,
      });
    }
    this.blocks.push(intervalOf(prefix));
    return true;
  }

  #range(from: string, to: string): boolean {
    const start = this.#address(from);
    if (!start) return false;
    const octets = from.split('.');
    const short = start.family === 'v4' && to.split('.').length < 4;
    const tail = to.replace(/^\./u, '').split('.');
    const end = this.#address(short ? [...octets.slice(0, 4 - tail.length), ...tail].join('.') : to);
    if (!end) return false;
    if (end.family !== start.family) {
      this.cause = 'its ends are of two families';
      return false;
    }
    return this.#interval(start.family, toInteger(start), toInteger(end));
  }

  #interval(family: Family, first: bigint, last: bigint): boolean {
    if (last < first) {
      this.cause = 'its end lies before its beginning';
      return false;
    }
    if (last - first + 1n >= 1n << BigInt(bitsOf(family))) {
      this.cause = 'it is the whole address space';
      return false;
    }
    const hosts = this.#context.hosts === true ? undefined : networkOfHosts(family, first, last);
    if (hosts) {
      this.remarks.push({
        code: 'NET-ADOPT-RANGE-HOSTS',
        message: `the range names the usable hosts of ${formatPrefix(hosts)}; read as that network`,
        hint: `write ${formatPrefix(hosts)}`,
      });
      this.blocks.push(intervalOf(hosts));
    } else this.blocks.push({ family, first, last });
    return true;
  }

  /** An address alone: with mask, last address or count from other columns, else one host. */
  #bare(text: string): boolean {
    if (!/^[0-9a-f:.x]+$/iu.test(text)) return false;
    const { mask, last, count } = this.#context;
    if (mask !== undefined && mask.trim() !== '') {
      const length = readMask(mask);
      if (length === undefined) {
        this.cause = `"${mask.trim()}" beside it is not a mask`;
        return false;
      }
      return this.#block(text, length);
    }
    if (last !== undefined && last.trim() !== '') {
      const plain = (cell: string): string =>
        cell
          .normalize('NFKC')
          .replace(parentheses, ' ')
          .replace(/\/\d{1,3}\s*$/u, '')
          .trim();
      return this.#range(text, plain(last));
    }
    const address = this.#address(text);
    if (!address) return false;
    const first = toInteger(address);
    const number = count === undefined ? undefined : /^\d{1,3}(?:[.,\s]?\d{3})*$|^\d+$/u.exec(count.trim())?.[0].replace(/\D/gu, '');
    if (number !== undefined && number.length < 40 && BigInt(number) > 0n) {
      const end = first + BigInt(number) - 1n;
      if (end >> BigInt(bitsOf(address.family)) !== 0n) {
        this.cause = `${number} addresses from it on do not exist`;
        return false;
      }
      return this.#interval(address.family, first, end);
    }
    const network = address.family === 'v4' ? (address.a & 255) === 0 : address.d === 0;
    if (network && this.#context.hosts !== true) {
      this.remarks.push({
        code: 'NET-ADOPT-NO-LENGTH',
        message: `${formatAddress(address)} looks like a network but has no length; kept as one address`,
        hint: 'add its length or mask to the file',
      });
    }
    this.blocks.push({ family: address.family, first, last: first });
    return true;
  }
}

/** The IPv4 network (/8 to /30) whose usable hosts are exactly the interval; undefined where there is none. */
function networkOfHosts(family: Family, first: bigint, last: bigint): Prefix | undefined {
  if (family !== 'v4' || first === 0n) return undefined;
  const size = last - first + 3n;
  if (size < 4n || size > 1n << 24n || (size & (size - 1n)) !== 0n) return undefined;
  const address = fromInteger(family, first - 1n);
  if (!address) return undefined;
  const prefix = truncate(address, 33 - size.toString(2).length);
  return toInteger(prefix) === first - 1n && toInteger(lastAddress(prefix)) === last + 1n ? prefix : undefined;
}
