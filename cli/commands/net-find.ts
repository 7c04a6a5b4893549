import { formatPlace } from '../../modules/core/index.ts';
import type { Federation } from '../../modules/federation/index.ts';
import type { Found, FoundKey } from '../../modules/network/index.ts';
import { columns } from '../columns.ts';

interface Names {
  readonly vi: string;
  readonly en: string;
}

interface Named {
  readonly id: string;
  readonly names?: Names | undefined;
}

type NamedKey = FoundKey & { readonly names?: Names | undefined };

/** What was found, with the organisations that answer for it. */
export interface FoundWithOwners extends Omit<Found, 'chain' | 'inside'> {
  readonly chain: readonly NamedKey[];
  readonly inside: readonly NamedKey[];
  /** Owner of the most specific key and the organisations above it, nearest first. */
  readonly owners: readonly Named[];
}

/**
 * Names the owners of what was found. A block handed to a member belongs to the organisation the member speaks for; what that is called stands in
 * the inventory, as far as its bundle was taken in.
 */
export async function withOwners(found: readonly Found[], root: string, federation: Federation | undefined): Promise<FoundWithOwners[]> {
  const members = new Map(federation?.settings.members.flatMap(({ scope }) => scope.keys.map((key) => [key, scope.organisations[0]] as const)));
  const ownerOf = ({ owner, key }: FoundKey): string | undefined => owner ?? members.get(key);
  const strangers = new Set(found.flatMap(({ chain, inside }) => [...chain, ...inside]).flatMap((key) => ownerOf(key) ?? []));
  const known = await reported(
    root,
    [...strangers].filter((id) => federation?.organisations.has(id) !== true),
  );
  const namesOf = (id: string): Names | undefined => federation?.organisations.get(id)?.names ?? known.get(id)?.[0]?.names;
  const named = (key: FoundKey): NamedKey => {
    const owner = ownerOf(key);
    return owner === undefined ? key : { ...key, owner, names: namesOf(owner) };
  };
  const above = (id: string | undefined): Named[] => {
    const owners: Named[] = [];
    for (let at = id; at !== undefined && !owners.some((owner) => owner.id === at); at = federation?.organisations.get(at)?.parent) {
      if (federation?.organisations.has(at) !== true) return [...owners, ...(known.get(at) ?? [{ id: at }])];
      owners.push({ id: at, names: namesOf(at) });
    }
    return owners;
  };
  return found.map((one) => {
    const chain = one.chain.map(named);
    return { ...one, chain, inside: one.inside.map(named), owners: above(chain.findLast(({ owner }) => owner !== undefined)?.owner) };
  });
}

/** What the inventory knows of organisations this member does not declare: each with those above it. Nothing where there is no inventory. */
async function reported(root: string, ids: readonly string[]): Promise<Map<string, readonly Named[]>> {
  const known = new Map<string, readonly Named[]>();
  if (ids.length === 0) return known;
  const { ProblemError } = await import('../../modules/core/index.ts');
  const { findRecords, openInventory, showRecord } = await import('../../modules/inventory/index.ts');
  try {
    const store = openInventory(root, { readOnly: true });
    try {
      for (const id of ids) {
        const record = findRecords(store, `organisation/${id}`)[0];
        const shown = record === undefined ? undefined : showRecord(store, record.urn);
        if (shown !== undefined) known.set(id, shown.owners);
      }
    } finally {
      store.close();
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
  return known;
}

const words = {
  vi: {
    pool: 'nằm trong dải',
    domain: 'miền định tuyến',
    partly: ', đã cấp một phần',
    free: ', còn trống',
    kept: ', còn trống nhưng giữ chỗ để mở rộng cho',
    inside: 'bên trong',
    more: ' khóa trở lên',
    held: 'thuộc về',
    released: 'đã thu hồi',
  },
  en: {
    pool: 'lies in pool',
    domain: 'domain',
    partly: ' and is partly given out',
    free: ' and is free',
    kept: ', not given out but kept for the growth of',
    inside: 'inside it',
    more: ' or more',
    held: 'held by',
    released: 'released',
  },
} as const;

/** What a person reads: the pool, who answers for it, the chain of keys with the line each is declared at. */
export function foundText({ query, pool, poolPrefix, domain, chain, inside, owners, keptFor }: FoundWithOwners, language: 'vi' | 'en'): string {
  const say = words[language];
  const called = ({ id, names }: Named): string => (names === undefined ? id : `${names[language]} (${id})`);
  const row = ({ key, prefix, owner, names, role, state, place }: NamedKey, level: number): string[] => [
    `${'  '.repeat(level)}${key}`,
    prefix,
    `${role}${state === 'released' ? `, ${say.released}` : ''}`,
    owner === undefined ? '' : called({ id: owner, names }),
    place ? (formatPlace(place) ?? '') : '',
  ];
  const kept = keptFor === undefined ? undefined : `${say.kept} ${keptFor.key} (${keptFor.prefix} -> ${keptFor.growth})`;
  return [
    `${query} ${say.pool} ${pool} (${poolPrefix}, ${say.domain} ${domain})${inside.length > 0 && chain.length === 0 ? say.partly : (kept ?? (chain.length > 0 ? '' : say.free))}`,
    ...(owners.length > 0 ? [`${say.held} ${owners.map(called).join(' < ')}`] : []),
    ...(chain.length > 0 ? [columns(chain.map((key, index) => row(key, index + 1)))] : []),
    ...(inside.length > 0 ? [`${say.inside}: ${inside.length}${inside.length === 100 ? say.more : ''}`, columns(inside.map((key) => row(key, 1)))] : []),
  ].join('\n');
}
