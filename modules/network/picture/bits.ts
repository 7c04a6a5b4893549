import { formatAddress } from '../format.ts';
import { parseAddress, parsePrefix } from '../parse.ts';
import { bitsOf, hostPrefix, toInteger, type Prefix } from '../prefix.ts';
import { addressTree, chainTo, type Block } from '../tree.ts';
import type { AddressPlan } from '../types.ts';

/** A run of bits of an address that says one thing. */
export interface BitField {
  /** `pool`, the kind of key that chose it (`agency`, `site`), `subnet` or `host`. */
  readonly name: string;
  /** First bit and the bit after the last, counted from the left. */
  readonly from: number;
  readonly to: number;
  /** The bits as a number: hexadecimal where they are whole nibbles of IPv6, decimal for IPv4, else binary. */
  readonly value: string;
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly owner?: string | undefined;
}

/** An address cut into the fields of the plan, in one routing domain. */
export interface BitRuler {
  readonly address: string;
  readonly pool: string;
  readonly domain: string;
  readonly bits: string;
  readonly fields: readonly BitField[];
}

/**
 * Cuts an address where the blocks that hold it end: one ruler for each pool it lies in. What no key holds is `free`,
 * what IPv6 leaves before bit 64 a `subnet`, the rest the `host`.
 * @throws ProblemError NET-ADDRESS, NET-PREFIX
 */
export function bitRulers(plan: AddressPlan, text: string): BitRuler[] {
  const prefix = text.includes('/') ? parsePrefix(text) : hostPrefix(parseAddress(text));
  return addressTree(plan).flatMap((root) => {
    const chain = chainTo(root, prefix);
    return chain.length === 0 ? [] : [rulerOf(root, chain, prefix)];
  });
}

function rulerOf(root: Block, chain: readonly Block[], prefix: Prefix): BitRuler {
  const { family } = prefix;
  const size = bitsOf(family);
  const bits = toInteger(prefix).toString(2).padStart(size, '0');
  const fields: BitField[] = [];
  let at = 0;
  const add = (name: string, to: number, block?: Block): void => {
    if (to <= at && block?.kind !== 'key') return;
    fields.push({
      name,
      from: at,
      to,
      value: valueOf(bits.slice(at, to), family, at),
      key: block?.kind === 'pool' ? undefined : block?.name,
      prefix: block?.text,
      owner: block?.owner,
    });
    at = Math.max(at, to);
  };
  for (const block of chain) add(fieldName(block), block.prefix.length, block);
  const last = chain.at(-1);
  const open = last?.kind !== 'key' || last.allocation?.container === true;
  // RFC 4291 2.5.1: an interface has the last 64 bits of an IPv6 address.
  if (family === 'v6' && at < 64) add(open ? 'free' : 'subnet', 64);
  else if (open && family === 'v4') add('free', size);
  add('host', size);
  return { address: formatAddress(prefix), pool: root.name, domain: root.domain, bits, fields };
}

/** What the bits of a block choose: by its key, and below a key of the same kind a subnet. */
function fieldName({ kind, name, parent, allocation }: Block): string {
  if (kind !== 'key') return kind;
  if (parent && name.startsWith(`${parent.name}/`)) return allocation?.container === true ? 'part' : 'subnet';
  return name.split('/', 1)[0] ?? '';
}

function valueOf(bits: string, family: Prefix['family'], from: number): string {
  if (bits === '') return '';
  if (family === 'v4') return BigInt(`0b${bits}`).toString();
  if (bits.length % 4 !== 0 || from % 4 !== 0) return `0b${bits}`;
  return BigInt(`0b${bits}`)
    .toString(16)
    .padStart(bits.length / 4, '0');
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A ruler for a terminal: the digits of the address, below each the letter of its field, and what each field says. */
export function rulerText({ address, pool, domain, bits, fields }: BitRuler): string {
  const v6 = bits.length === 128;
  const step = v6 ? 4 : 1;
  const group = v6 ? 16 : 8;
  const shown = fields.filter(({ from, to }) => to > from);
  const letterAt = (bit: number): string => letters[shown.findIndex(({ from, to }) => from <= bit && bit < to)] ?? '.';
  const digits: string[] = [];
  const marks: string[] = [];
  let scale = '';
  for (let bit = 0; bit < bits.length; bit += step) {
    if (bit > 0 && bit % group === 0) {
      digits.push(v6 ? ':' : '.');
      marks.push(' ');
    }
    if (bit % group === 0) scale = scale.padEnd(digits.length) + String(bit);
    digits.push(v6 ? Number.parseInt(bits.slice(bit, bit + step), 2).toString(16) : (bits[bit] ?? ''));
    // A digit cut in two belongs to both of its fields.
    marks.push(letterAt(bit) === letterAt(bit + step - 1) ? letterAt(bit) : '*');
  }
  const rows = shown.map((field, index) => [
    letters[index] ?? '.',
    field.name,
    `bits ${field.from}-${field.to - 1}`,
    field.value.length > 34 ? `${field.value.slice(0, 33)}…` : field.value,
    [field.key === undefined ? (field.name === 'pool' ? pool : '') : field.key, field.prefix ?? '', field.owner === undefined ? '' : `held by ${field.owner}`]
      .filter((part) => part !== '')
      .join('  '),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const same = fields.filter(({ from, to }) => to <= from);
  return [
    `${address} in pool ${pool} (domain ${domain})`,
    '',
    `  ${scale}`,
    `  ${digits.join('')}`,
    `  ${marks.join('')}`.trimEnd(),
    '',
    ...rows.map((row) => `  ${row.map((cell, column) => (column < 4 ? cell.padEnd(widths[column] ?? 0) : cell)).join('  ')}`.trimEnd()),
    ...same.map(({ name, key, prefix }) => `  =  ${name}: ${key ?? ''} fills ${prefix ?? ''}`),
  ].join('\n');
}
