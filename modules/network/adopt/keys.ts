import { fold } from '../../core/index.ts';
import { formatAddress } from '../format.ts';
import type { Prefix } from '../prefix.ts';
import type { Piece } from './arrange.ts';
import type { AdoptRecord } from './records.ts';

const longest = 40;
const plain = /^[\x20-\x7e]*$/u;

/** A text as part of a key: folded, words joined by hyphens, not too long. */
export function slug(text: string): string {
  // Folding is only for what is not plain already.
  const words = (plain.test(text) ? text.toLowerCase() : fold(text)).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  let result = '';
  for (const word of words) {
    const next = result === '' ? Array.from(word).slice(0, longest).join('') : `${result}-${word}`;
    if (next.length > longest && result !== '') break;
    result = next;
  }
  return result;
}

/** A prefix as part of a key: `10.1.0.0-16`, `2001-db8-1-48`. Different prefixes give different texts. */
export function prefixSlug(prefix: Prefix): string {
  if (prefix.family === 'v4') return `${formatAddress(prefix)}-${prefix.length}`;
  const groups = [
    prefix.a >>> 16,
    prefix.a & 0xffff,
    prefix.b >>> 16,
    prefix.b & 0xffff,
    prefix.c >>> 16,
    prefix.c & 0xffff,
    prefix.d >>> 16,
    prefix.d & 0xffff,
  ];
  while (groups.length > 1 && groups.at(-1) === 0) groups.pop();
  return `${groups.map((group) => group.toString(16)).join('-')}-${prefix.length}`;
}

const stems = new WeakMap<AdoptRecord, string>();

/** What a row calls itself: owner, site, name or description; '' where it says nothing. */
export function stemOf(record: AdoptRecord): string {
  let stem = stems.get(record);
  if (stem === undefined) {
    stem = makeStem(record);
    stems.set(record, stem);
  }
  return stem;
}

function makeStem(record: AdoptRecord): string {
  const { owner, site, name, description, note, vlan, group } = record;
  const parts = [slug(owner), slug(site), slug(name) || slug(description) || slug(note) || (vlan === '' ? '' : `vlan-${slug(vlan)}`)];
  const stem = parts.filter((part, index) => part !== '' && part !== parts[index - 1]).join('/');
  return stem === '' ? slug(group) : stem;
}

/**
 * A key for every record: readable, unique, and a function of the rows' contents alone, so that it does not depend on the
 * order of rows or sheets. Where rows call themselves the same, all of them get their prefix at the end.
 * @param taken keys of other plans
 */
export function chooseStems(
  pieces: ReadonlyMap<AdoptRecord, readonly Piece[]>,
  domainOf: (record: AdoptRecord) => string,
  taken: ReadonlySet<string>,
): Map<AdoptRecord, string> {
  let open = [...pieces.keys()].map((record) => ({ record, stem: stemOf(record) }));
  const chosen = new Map<AdoptRecord, string>();
  const used = new Set<string>();
  const first = (record: AdoptRecord): string => {
    const piece = pieces.get(record)?.[0];
    return piece ? prefixSlug(piece.prefix) : '';
  };
  const attempts: ((record: AdoptRecord, stem: string) => string)[] = [
    (_record, stem) => stem,
    (record, stem) => `${stem === '' ? 'block' : stem}/${first(record)}`,
    (record, stem) => `${stem === '' ? 'block' : stem}/${slug(domainOf(record))}/${first(record)}`,
  ];
  for (const attempt of attempts) {
    const counts = new Map<string, number>();
    const tried = open.map(({ record, stem }) => ({ record, stem, key: attempt(record, stem) }));
    for (const { key } of tried) counts.set(key, (counts.get(key) ?? 0) + 1);
    open = [];
    for (const { record, stem, key } of tried) {
      // A key that another's parts will be named by is not free either.
      if (key === '' || counts.get(key) !== 1 || used.has(key) || taken.has(key)) open.push({ record, stem });
      else {
        chosen.set(record, key);
        used.add(key);
      }
    }
  }
  // The same block of the same domain under the same name cannot come twice; a key of another plan can be in the way.
  for (const { record, stem } of open) {
    for (let number = 2; ; number++) {
      const key = `${attempts[1]?.(record, stem) ?? ''}/${number}`;
      if (used.has(key) || taken.has(key)) continue;
      chosen.set(record, key);
      used.add(key);
      break;
    }
  }
  return chosen;
}
