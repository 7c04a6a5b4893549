import setAside from './set-aside.json' with { type: 'json' };
import published from './special-purpose.json' with { type: 'json' };
import { comparePrefixes, contains, type Prefix } from '../prefix.ts';
import { isFault, readPrefix } from '../read.ts';

/**
 * What a block of the special-purpose registries is for. `private` may be used inside any network; the others are not
 * for a plan: `documentation` examples, `shared` between a carrier and its customers, `global` services of the whole
 * Internet, `reserved` everything else.
 */
export type SpecialKind = 'private' | 'documentation' | 'shared' | 'reserved' | 'global';

/** A row of the IANA special-purpose registries (RFC 6890, RFC 8190), or a block that another standard sets aside. */
export interface SpecialPurpose {
  readonly prefix: Prefix;
  readonly text: string;
  readonly name: string;
  readonly reference: string;
  readonly kind: SpecialKind;
  /** The registry's year and month; undefined for a block of no registry. */
  readonly allocated?: string | undefined;
  readonly terminated?: string | undefined;
  /** What the registry states; undefined where it states nothing. */
  readonly source?: boolean | undefined;
  readonly destination?: boolean | undefined;
  readonly forwardable?: boolean | undefined;
  readonly globallyReachable?: boolean | undefined;
  readonly reservedByProtocol?: boolean | undefined;
}

/** Where the rows come from, and when they were taken from there (YYYY-MM-DD). */
export interface RegistrySource {
  readonly name: string;
  readonly url: string;
  readonly retrieved: string;
}

/** The registries that were read; `scripts/special-purpose.ts` takes newer ones. */
export const registrySources: readonly RegistrySource[] = published.registries.map(({ name, url, retrieved }) => ({ name, url, retrieved }));

interface Row {
  readonly block: string;
  readonly name: string;
  readonly reference: string;
  readonly kind: string;
  readonly [column: string]: string | boolean | null;
}

/** Every row, IPv4 first, by address, the shorter block first. */
export const specialPurposes: readonly SpecialPurpose[] = [...published.registries.flatMap(({ rows }): Row[] => rows), ...setAside.rows]
  .map(rowOf)
  .sort((one, other) => comparePrefixes(one.prefix, other.prefix));

function rowOf({ block, name, reference, kind, ...columns }: Row): SpecialPurpose {
  const stated = (column: string): boolean | undefined => (typeof columns[column] === 'boolean' ? columns[column] : undefined);
  const date = (column: string): string | undefined => (typeof columns[column] === 'string' ? columns[column] : undefined);
  return {
    prefix: blockOf(block),
    text: block,
    name,
    reference,
    kind: kind as SpecialKind,
    allocated: date('allocated'),
    terminated: date('terminated'),
    source: stated('source'),
    destination: stated('destination'),
    forwardable: stated('forwardable'),
    globallyReachable: stated('globallyReachable'),
    reservedByProtocol: stated('reservedByProtocol'),
  };
}

function blockOf(text: string): Prefix {
  // The one block of the registry that no plan may write: IPv4-mapped addresses.
  if (text === '::ffff:0:0/96') return { family: 'v6', a: 0, b: 0, c: 0xffff, d: 0, length: 96 };
  const read = readPrefix(text);
  if (isFault(read)) throw new Error(`the registry has ${text}: ${read.fault}`);
  return read;
}

/** The most specific row a prefix lies in; undefined for ordinary space. */
export function specialPurpose(prefix: Prefix): SpecialPurpose | undefined {
  let best: SpecialPurpose | undefined;
  for (const row of specialPurposes) if (contains(row.prefix, prefix) && (!best || row.prefix.length > best.prefix.length)) best = row;
  return best;
}

/** Rows that lie inside a prefix and are longer. */
export function specialInside(prefix: Prefix): SpecialPurpose[] {
  return specialPurposes.filter((row) => row.prefix.length > prefix.length && contains(prefix, row.prefix));
}
