import { compareCodeUnits, problem, Problems, type Problem } from '../../core/index.ts';
import { eachRow, lockLine, lockText, readLock, unquote, type RowLeg } from '../lock.ts';
import { parsePrefix } from '../parse.ts';
import { comparePrefixes, contains, type Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';

/** The three texts of a lock that git merges: the common ancestor, this branch and the other one. An absent ancestor is empty. */
export interface LockVersions {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface LockMerge {
  /** The merged lock; with conflicts both rows stand in it between conflict marks, which no reader of locks accepts. */
  readonly text: string;
  /** Why the two cannot both hold; empty where they merge. */
  readonly conflicts: readonly Problem[];
}

const kinds = ['NetworkLock', 'AsnLock'] as const;
type Kind = (typeof kinds)[number];

/** One mergeable part of a row: a leg of a network lock, or the number. */
interface Part extends RowLeg {
  readonly prefix?: Prefix | undefined;
}
type Name = Family | 'asn';
type Row = Readonly<Partial<Record<Name, Part>>>;
type Rows = ReadonlyMap<string, Row>;
const names: readonly Name[] = ['v4', 'v6', 'asn'];

/**
 * Merges two versions of a lock by key and leg: what only one branch changed is taken from it. Two branches that give
 * overlapping blocks (or one number) to different keys, or one key different blocks, conflict.
 * @param file name for messages
 * @throws ProblemError NET-LOCK-* where one of the three is not a lock
 */
export function mergeLocks(versions: LockVersions, file: string): LockMerge {
  const kind = kinds.find((name) => versions.ours.includes(`\nkind: ${name}\n`)) ?? 'NetworkLock';
  const read = (text: string, of: string): Rows => (text === '' ? new Map() : readRows(kind, text, `${file} (${of})`));
  const base = read(versions.base, 'common ancestor');
  const ours = read(versions.ours, 'this branch');
  const theirs = read(versions.theirs, 'the other branch');
  const merge = new Merge(kind, file, base, ours, theirs);
  return merge.run();
}

function readRows(kind: Kind, text: string, file: string): Rows {
  const problems = new Problems();
  const rows = new Map<string, Row>();
  if (kind === 'NetworkLock') for (const { key, v4, v6 } of readLock(file, text, 0, problems)) rows.set(key, { v4, v6 });
  else {
    eachRow(file, text, 'AsnLock', problems, (line) => {
      const match = /^ {2}("(?:[^"\\]|\\.)*"|[A-Za-z0-9._/-]+): \{asn: ([1-9]\d{0,9}), range: (.+?)(, state: released)?\}$/u.exec(line);
      if (!match) return undefined;
      const key = unquote(match[1] ?? '');
      rows.set(key, { asn: { text: match[2] ?? '', pool: match[3] ?? '', released: match[4] !== undefined } });
      return key;
    });
  }
  problems.throwIfErrors();
  return rows;
}

function same(one: Part | undefined, other: Part | undefined): boolean {
  return one?.text === other?.text && one?.pool === other?.pool && one?.released === other?.released;
}

/** What one branch did to one part of a key. */
interface Change {
  readonly key: string;
  readonly name: Name;
  readonly before: Part | undefined;
  readonly after: Part | undefined;
}

class Merge {
  readonly #kind: Kind;
  readonly #file: string;
  readonly #base: Rows;
  readonly #ours: Rows;
  readonly #theirs: Rows;
  readonly #conflicts: Problem[] = [];
  readonly #contested = new Set<string>();

  constructor(kind: Kind, file: string, base: Rows, ours: Rows, theirs: Rows) {
    this.#kind = kind;
    this.#file = file;
    this.#base = base;
    this.#ours = ours;
    this.#theirs = theirs;
  }

  run(): LockMerge {
    const keys = [...new Set([...this.#base.keys(), ...this.#ours.keys(), ...this.#theirs.keys()])].sort(compareCodeUnits);
    const merged = new Map<string, Row>();
    const changes: { ours: Change[]; theirs: Change[] } = { ours: [], theirs: [] };
    for (const key of keys) {
      const row: Partial<Record<Name, Part>> = {};
      for (const name of names) {
        const [before, one, other] = [this.#base, this.#ours, this.#theirs].map((rows) => rows.get(key)?.[name]);
        const changedOne = !same(before, one);
        const changedOther = !same(before, other);
        const alike = same(one, other);
        // What both did alike is agreed: it is nobody's change.
        if (changedOne && !alike) changes.ours.push({ key, name, before, after: one });
        if (changedOther && !alike) changes.theirs.push({ key, name, before, after: other });
        if (changedOne && changedOther && !alike) this.#bothChanged(key, one, other);
        const part = changedOne ? one : other;
        if (part) row[name] = part;
      }
      if (names.some((name) => row[name])) merged.set(key, row);
    }
    this.#overlaps(changes.ours, changes.theirs);
    const lines = [...new Set([...merged.keys(), ...this.#contested])].sort(compareCodeUnits).flatMap((key) => this.#lines(key, merged.get(key)));
    return { text: lockText(this.#kind, lines), conflicts: this.#conflicts };
  }

  #bothChanged(key: string, one: Part | undefined, other: Part | undefined): void {
    const say = (part: Part | undefined): string => (part ? `${part.text}${part.released ? ' (released)' : ''}` : 'nothing');
    this.#conflict([key], `"${key}" holds ${say(one)} in this branch and ${say(other)} in the other`, 'keep one of the two rows');
  }

  /** New blocks of one branch against new blocks of the other: each was placed without knowing of the other. */
  #overlaps(ours: readonly Change[], theirs: readonly Change[]): void {
    if (this.#kind === 'AsnLock') {
      const numbers = new Map(ours.flatMap(({ key, after }) => (after ? [[after.text, key] as const] : [])));
      for (const { key, after } of theirs) {
        const other = after && numbers.get(after.text);
        if (other !== undefined && other !== key)
          this.#conflict([other, key], `AS ${after?.text ?? ''} is held by "${other}" in this branch and by "${key}" in the other`, again);
      }
      return;
    }
    const placed = (changes: readonly Change[]): Placed[] =>
      changes.flatMap(({ key, name, before, after }) =>
        after && (before?.text !== after.text || before.pool !== after.pool)
          ? [{ key, pool: `${name} ${after.pool}`, prefix: prefixOf(after), text: after.text, before: before && prefixOf(before) }]
          : [],
      );
    const [one, other] = [placed(ours), placed(theirs)];
    for (const [mine, yours] of crossing(one, other)) {
      if (mine.key === yours.key) continue;
      // Inside what a key held before and still holds, the other branch may place: it lay there as in its holder.
      if (grownAround(mine, yours) || grownAround(yours, mine)) continue;
      this.#conflict(
        [mine.key, yours.key],
        `"${mine.key}" holds ${mine.text} in this branch and "${yours.key}" holds ${yours.text} in the other: they overlap`,
        again,
      );
    }
    this.#left(ours, other, true);
    this.#left(theirs, one, false);
  }

  /** A block one branch gave up or moved away from while the other placed something in it. */
  #left(changes: readonly Change[], placed: readonly Placed[], mine: boolean): void {
    const left: Placed[] = changes.flatMap(({ key, name, before, after }) => {
      if (!before || before.released) return [];
      const prefix = prefixOf(before);
      const stays = after && !after.released && contains(prefixOf(after), prefix);
      return stays ? [] : [{ key, pool: `${name} ${before.pool}`, prefix, text: before.text, before: undefined }];
    });
    for (const [gone, put] of crossing(left, placed)) {
      if (gone.key === put.key || !contains(gone.prefix, put.prefix)) continue;
      const [here, there] = mine ? ['this branch', 'the other'] : ['the other branch', 'this one'];
      this.#conflict([gone.key, put.key], `"${gone.key}" left ${gone.text} in ${here}, and "${put.key}" was placed in it (${put.text}) in ${there}`, again);
    }
  }

  #conflict(keys: readonly string[], message: string, hint: string): void {
    keys.forEach((key) => this.#contested.add(key));
    this.#conflicts.push(problem('NET-MERGE', message, { file: this.#file, hint }));
  }

  #lines(key: string, row: Row | undefined): string[] {
    const line = (of: Row | undefined): string[] => {
      if (!of || !names.some((name) => of[name])) return [];
      if (this.#kind === 'NetworkLock') return [lockLine(key, of.v4, of.v6)];
      const { text, pool, released } = of.asn ?? { text: '', pool: '', released: false };
      return [lockLine(key, undefined, undefined).replace(/\{.*$/u, `{asn: ${text}, range: ${pool}${released ? ', state: released' : ''}}`)];
    };
    if (!this.#contested.has(key)) return line(row);
    return ['<<<<<<< this branch', ...line(this.#ours.get(key)), '=======', ...line(this.#theirs.get(key)), '>>>>>>> the other branch'];
  }
}

const again = 'keep the row of one, delete the other row and the conflict marks, and run `vcloud net allocate`: the deleted key gets a free block';

interface Placed {
  readonly key: string;
  readonly pool: string;
  readonly prefix: Prefix;
  readonly text: string;
  readonly before: Prefix | undefined;
}

function prefixOf({ prefix, text }: Part): Prefix {
  return prefix ?? parsePrefix(text);
}

function grownAround(outer: Placed, inner: Placed): boolean {
  return outer.before !== undefined && contains(outer.before, inner.prefix) && contains(outer.prefix, inner.prefix);
}

/** Pairs of overlapping blocks of one pool, one from each list: a sweep in address order with the blocks that are still open. */
function* crossing(one: readonly Placed[], other: readonly Placed[]): Generator<readonly [Placed, Placed]> {
  const all = [...one.map((block) => ({ block, mine: true })), ...other.map((block) => ({ block, mine: false }))];
  all.sort((a, b) => compareCodeUnits(a.block.pool, b.block.pool) || comparePrefixes(a.block.prefix, b.block.prefix));
  const open: typeof all = [];
  for (const next of all) {
    for (let last = open.at(-1); last && (last.block.pool !== next.block.pool || !contains(last.block.prefix, next.block.prefix)); last = open.at(-1))
      open.pop();
    for (const outer of open) if (outer.mine !== next.mine) yield outer.mine ? [outer.block, next.block] : [next.block, outer.block];
    open.push(next);
  }
}
