import { formatAddress } from '../format.ts';
import { addressCount, lastAddress } from '../prefix.ts';
import type { Block } from '../tree.ts';
import type { AddressPlan } from '../types.ts';
import { blocksIn, selectedRoots, type ExportSelection } from './select.ts';

/** One block as a row of a table. */
export interface ExportRow {
  readonly prefix: string;
  readonly family: 'v4' | 'v6';
  readonly length: number;
  readonly first: string;
  readonly last: string;
  /** Exact, as a decimal number. */
  readonly addresses: string;
  readonly depth: number;
  /** Name of the pool, or the key. */
  readonly name: string;
  readonly kind: Block['kind'];
  /** `container`, `network`, `loopback`, `link`, `reserved`; a pool is a container. */
  readonly role: string;
  readonly owner: string;
  readonly pool: string;
  readonly domain: string;
  /** What it lies in. */
  readonly holder: string;
}

/** The columns of a table for people, in order. */
export const columns = [
  'prefix',
  'name',
  'kind',
  'role',
  'owner',
  'holder',
  'pool',
  'domain',
  'family',
  'length',
  'first',
  'last',
  'addresses',
  'depth',
] as const;

/** Every selected block as a row, pools in order of name, what lies in them in address order. */
export function exportRows(plan: AddressPlan, selection: ExportSelection): ExportRow[] {
  const rows: ExportRow[] = [];
  for (const root of selectedRoots(plan, selection)) for (const { block, depth } of blocksIn(root)) rows.push(rowOf(block, depth));
  return rows;
}

function rowOf(block: Block, depth: number): ExportRow {
  const { prefix, text, family, name, kind, allocation, owner, pool, domain, parent } = block;
  return {
    prefix: text,
    family,
    length: prefix.length,
    first: formatAddress(prefix),
    last: formatAddress(lastAddress(prefix)),
    addresses: addressCount(prefix).toString(),
    depth,
    name,
    kind,
    role: kind === 'pool' ? 'container' : (allocation?.role ?? ''),
    owner: owner ?? '',
    pool,
    domain,
    holder: parent?.name ?? '',
  };
}
