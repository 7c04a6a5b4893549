import { fold, foldWords } from './fold.ts';
import type { Inventory } from './packed.ts';

/** What is looked for. Empty fields ask for nothing. */
export interface Query {
  readonly text: string;
  readonly kind: string;
  readonly member: string;
  readonly layer: string;
  readonly drift: string;
  /** Organisation id somewhere in the record's owner chain. */
  readonly agency: string;
}

/** An inventory ready to be searched. */
export interface SearchIndex {
  readonly inventory: Inventory;
  readonly strings: readonly string[];
  /** The same strings folded into words. */
  readonly folded: readonly string[];
  /** First value of each record in `inventory.values`, and one past the last. */
  readonly firstValue: Uint32Array;
  /** First relation of each record in `inventory.targets`, and one past the last. */
  readonly firstTarget: Uint32Array;
  /** String indexes of the names of an organisation, by the string index of its id. */
  readonly ownerNames: ReadonlyMap<number, readonly number[]>;
}

/** Folds every string once; records share most of them. */
export function buildIndex(inventory: Inventory, strings: readonly string[]): SearchIndex {
  const firstValue = new Uint32Array(inventory.count + 1);
  const firstTarget = new Uint32Array(inventory.count + 1);
  const ownerNames = new Map<number, readonly number[]>();
  for (let row = 0; row < inventory.count; row++) {
    firstValue[row + 1] = (firstValue[row] ?? 0) + (inventory.shapes[inventory.shape[row] ?? 0]?.length ?? 0);
    firstTarget[row + 1] = (firstTarget[row] ?? 0) + (inventory.bonds[inventory.bond[row] ?? 0]?.length ?? 0);
    if (strings[inventory.kind[row] ?? 0] === 'organisation') {
      ownerNames.set(
        inventory.id[row] ?? 0,
        [inventory.vi[row] ?? 0, inventory.en[row] ?? -1].filter((index) => index >= 0),
      );
    }
  }
  return { inventory, strings, folded: strings.map(foldWords), firstValue, firstTarget, ownerNames };
}

const inName = 4;
const inId = 3;
const inOwner = 2;
const inRest = 1;

/**
 * Rows that match every term at the beginning of some word, best first: the whole phrase in a name, then terms in
 * names, ids, owners, attributes; equal ones in the order of the inventory (kinds of the declared world first).
 */
export function search(index: SearchIndex, query: Query): number[] {
  const { inventory, strings, folded } = index;
  const terms = fold(query.text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((term) => term !== '');
  const phrase = ` ${terms.join(' ')}`;
  const hits = terms.map((term) => folded.map((text) => text.includes(` ${term}`)));
  const whole = folded.map(
    (text) => terms.length > 0 && (text === phrase ? 3 : text.endsWith(phrase) || text.startsWith(`${phrase} `) ? 2 : text.includes(phrase) ? 1 : 0),
  );
  const chains = inventory.chains.map((chain) => {
    const names = chain.flatMap((owner) => [owner, ...(index.ownerNames.get(owner) ?? [])]);
    return hits.map((hit) => names.some((name) => hit[name]));
  });
  const ofAgency = inventory.chains.map((chain) => query.agency === '' || chain.some((owner) => strings[owner] === query.agency));
  const wanted = (column: readonly number[], row: number, text: string): boolean => text === '' || strings[column[row] ?? -1] === text;
  const found: { row: number; score: number }[] = [];
  for (let row = 0; row < inventory.count; row++) {
    if (!wanted(inventory.kind, row, query.kind) || !wanted(inventory.member, row, query.member) || !wanted(inventory.layer, row, query.layer)) continue;
    if (query.drift !== '' && inventory.drifts[inventory.drift[row] ?? -1] !== query.drift) continue;
    if (!ofAgency[inventory.chain[row] ?? 0]) continue;
    const score = terms.length === 0 ? 1 : scoreOf(index, row, hits, chains[inventory.chain[row] ?? 0] ?? [], whole);
    if (score > 0) found.push({ row, score });
  }
  if (terms.length > 0) found.sort((a, b) => b.score - a.score || a.row - b.row);
  return found.map(({ row }) => row);
}

function scoreOf(
  index: SearchIndex,
  row: number,
  hits: readonly (readonly boolean[])[],
  owners: readonly boolean[],
  whole: readonly (number | boolean)[],
): number {
  const { inventory } = index;
  const vi = inventory.vi[row] ?? -1;
  const en = inventory.en[row] ?? -1;
  const id = inventory.id[row] ?? -1;
  let score = 100 * Math.max(Number(whole[vi] ?? 0), Number(whole[en] ?? 0), Number(whole[id] ?? 0));
  for (const [term, hit] of hits.entries()) {
    if (hit[vi] || hit[en]) score += inName;
    else if (hit[id] || hit[inventory.kind[row] ?? -1]) score += inId;
    else if (owners[term]) score += inOwner;
    else if (restMatches(index, row, hit)) score += inRest;
    else return 0;
  }
  return score;
}

function restMatches({ inventory, firstValue }: SearchIndex, row: number, hit: readonly boolean[]): boolean {
  for (let at = firstValue[row] ?? 0; at < (firstValue[row + 1] ?? 0); at++) if (hit[inventory.values[at] ?? -1]) return true;
  return hit[inventory.file[row] ?? -1] ?? false;
}
