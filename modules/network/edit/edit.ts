import * as path from 'node:path';
import { compareCodeUnits, problem, ProblemError, readText, readTextIfPresent, withWriteLock, type Problem } from '../../core/index.ts';
import { finishWrites, writeTogether } from '../commit.ts';
import { formatPrefix } from '../format.ts';
import type { HeldLeg } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import { planAddresses, type AddressOutcome } from '../plan.ts';
import { contains, type Prefix } from '../prefix.ts';
import type { AddressPlan, Family } from '../types.ts';
import { Draft, families } from './draft.ts';
import { LockRows } from './lock-rows.ts';
import { realise } from './realise.ts';
import { subtract } from '../subtract.ts';
import { draftEdit, type Edit } from './verbs.ts';
import { withTexts, type Workspace } from './workspace.ts';

/** What an edit may do besides keeping every address, and until when what it frees stays in quarantine. */
export interface EditOptions {
  readonly allowMove?: boolean | readonly string[] | undefined;
  readonly allowRelease?: boolean | readonly string[] | undefined;
  /** YYYY-MM-DD. */
  readonly until?: string | undefined;
}

/** One address block before and after an edit. */
export interface EditRow {
  /** `rename`: another key holds it now; `change`: grown in place or put elsewhere in the plan; `drop`: out of quarantine. */
  readonly kind: 'add' | 'release' | 'move' | 'change' | 'rename' | 'drop';
  readonly key: string;
  /** Keys it is held by now, where they are others. */
  readonly heirs?: readonly string[] | undefined;
  readonly family: Family;
  readonly pool: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Until when what is released stays in quarantine. */
  readonly until?: string | undefined;
}

/** What an edit gives: the texts to be written, and what it does to addresses. */
export interface EditOutcome {
  /** Changed files, path -> text. */
  readonly files: ReadonlyMap<string, string>;
  /** The same files as they were read; undefined for one that is new. */
  readonly before: ReadonlyMap<string, string | undefined>;
  /** In order of key and family. */
  readonly rows: readonly EditRow[];
  /** Legs that stay with their key. */
  readonly unchanged: number;
  readonly addressPlan: AddressPlan;
  /** Plans and locks as they are after the edit, for the next one. */
  readonly workspace: Workspace;
}

/**
 * Applies an edit to plans and locks in memory: a pure function of the files. Whatever the edit, plans and locks are read again
 * afterwards and every address that was held must be held by its key or the key's heirs, unless leave was given.
 * @throws ProblemError NET-MOVE, NET-RELEASE without leave; NET-EDIT*, NET-* for what cannot be done
 */
export function editAddresses(workspace: Workspace, edit: Edit, options: EditOptions = {}): EditOutcome {
  const draft = new Draft(workspace);
  draftEdit(draft, edit, options.until);
  const textOf = (file: string): string => workspace.texts.get(file) ?? readText(workspace.root, file);
  const changed = realise(draft.entries, draft.fates, draft.additions, draft.hints, textOf);
  for (const [file, text] of draft.rows.texts()) changed.set(file, text);
  let after = withTexts(workspace, changed);
  let outcome = planned(after);
  const { rows, pieces, unchanged } = compare(draft, outcome);
  refuse(rows, options);
  if (pieces.length > 0 && quarantine(pieces, outcome, after, options.until, changed)) {
    after = withTexts(workspace, changed);
    outcome = planned(after);
  }
  for (const [file, text] of outcome.locks) changed.set(file, text);
  const before = (file: string): string | undefined => workspace.texts.get(file) ?? readTextIfPresent(path.join(workspace.root, file));
  const files = new Map([...changed].filter(([file, text]) => before(file) !== text).sort(([one], [other]) => compareCodeUnits(one, other)));
  return {
    files,
    before: new Map([...files.keys()].map((file) => [file, before(file)])),
    rows,
    unchanged,
    addressPlan: outcome.addressPlan,
    workspace: settled(after, outcome),
  };
}

/**
 * Writes what an edit changed, all of it or nothing, unless one of the files changed since it was read.
 * @throws ProblemError NET-LOCK-CHANGED, CORE-LOCKED
 */
export async function writeEdit(workspace: Workspace, { files, before }: EditOutcome): Promise<readonly string[]> {
  const { root, planSet } = workspace;
  return await withWriteLock(root, 'net edit', async () => {
    await finishWrites(root);
    for (const { lockFile, lockText } of planSet.files) {
      if (readTextIfPresent(path.join(root, lockFile)) !== lockText) {
        throw new ProblemError(problem('NET-LOCK-CHANGED', 'the lock changed while the edit was made', { file: lockFile, hint: 'run it again' }));
      }
    }
    for (const [file, text] of before) {
      if (readTextIfPresent(path.join(root, file)) !== text) {
        throw new ProblemError(problem('NET-LOCK-CHANGED', 'the file changed while the edit was made', { file, hint: 'run it again' }));
      }
    }
    // Plans before locks: whoever reads between two files finds a lock that holds what the plan no longer names.
    const ordered = [...files].sort(([one], [other]) => Number(one.endsWith('.lock.yaml')) - Number(other.endsWith('.lock.yaml')));
    writeTogether(root, new Map(ordered));
    return [...files.keys()];
  });
}

function planned({ planSet }: Workspace): AddressOutcome {
  const outcome = planAddresses(planSet);
  if (outcome.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(outcome.problems);
  return outcome;
}

/** The plans with the locks allocation gave them. */
function settled(after: Workspace, { locks }: AddressOutcome): Workspace {
  const same = after.planSet.files.every(({ lockFile, lockText }) => locks.get(lockFile) === lockText);
  return same ? after : withTexts(after, locks);
}

/** Addresses a key held and neither it nor its heirs hold any more. */
interface Piece {
  readonly key: string;
  readonly held: HeldLeg;
  readonly prefix: Prefix;
  readonly lockFile: string;
}

function compare(draft: Draft, { addressPlan }: AddressOutcome): { rows: EditRow[]; pieces: Piece[]; unchanged: number } {
  const { planSet } = draft.workspace;
  const rows: EditRow[] = [];
  const pieces: Piece[] = [];
  let unchanged = 0;
  const explained = new Set<string>();
  const holds = (key: string, family: Family): string | undefined => addressPlan.allocations.get(key)?.[family];
  for (const row of planSet.rows.values()) {
    const { key } = row;
    const heirs = draft.heirs.get(key);
    for (const family of families) {
      const held = row[family];
      if (!held) continue;
      if (held.released) {
        if (draft.dropped.includes(key)) rows.push({ kind: 'drop', key, family, pool: held.pool, from: held.text, to: null, until: held.until });
        continue;
      }
      const texts = (heirs ?? [key]).flatMap((heir) => {
        const text = holds(heir, family);
        return text === undefined ? [] : [{ heir, text }];
      });
      const left = subtract(
        held.prefix,
        texts.map(({ text }) => parsePrefix(text)),
      );
      const now = texts.map(({ text }) => text).join(', ');
      const common = { key, family, pool: held.pool, from: held.text, to: now === '' ? null : now, heirs };
      for (const { heir } of texts) explained.add(`${family} ${heir}`);
      if (left.length > 0) {
        for (const prefix of left) pieces.push({ key, held, prefix, lockFile: planSet.files[row.plan]?.lockFile ?? '' });
        const until = draft.rows.get(key)?.[family]?.until;
        // What stays inside of what was held is given up in part, and nothing is renumbered.
        const moved = texts.some(({ text }) => !contains(held.prefix, parsePrefix(text)));
        rows.push({ ...common, kind: moved ? 'move' : 'release', until });
      } else if (heirs !== undefined) rows.push({ ...common, kind: 'rename' });
      else if (now !== held.text || addressPlan.allocations.get(key)?.[family === 'v4' ? 'pool4' : 'pool6'] !== held.pool)
        rows.push({ ...common, kind: 'change' });
      else unchanged++;
    }
  }
  for (const { key, v4, v6, pool4, pool6 } of addressPlan.allocations.values()) {
    for (const [family, text, pool] of [
      ['v4', v4, pool4],
      ['v6', v6, pool6],
    ] as const) {
      if (text === undefined || explained.has(`${family} ${key}`)) continue;
      rows.push({ kind: 'add', key, family, pool: pool ?? '', from: null, to: text });
    }
  }
  rows.sort((one, other) => compareCodeUnits(one.key, other.key) || compareCodeUnits(one.family, other.family));
  return { rows, pieces, unchanged };
}

function refuse(rows: readonly EditRow[], { allowMove, allowRelease }: EditOptions): void {
  const problems: Problem[] = [];
  const check = (kind: 'move' | 'release', allowed: EditOptions['allowMove'], code: string, verb: string, flag: string): void => {
    if (allowed === true) return;
    const named = Array.isArray(allowed) ? (allowed as readonly string[]) : [];
    const refused = rows.filter((row) => row.kind === kind && !named.includes(row.key) && !(row.heirs ?? []).some((heir) => named.includes(heir)));
    if (refused.length === 0) return;
    const shown = refused.slice(0, 5).map(({ key, from, to }) => `${key} (${from ?? ''}${to === null ? '' : ` -> ${to}`})`);
    const keys = [...new Set(refused.map(({ key }) => key))];
    problems.push(
      problem(
        code,
        `${refused.length === 1 ? '1 block' : `${refused.length} blocks`} would be ${verb}: ${shown.join(', ')}${refused.length > 5 ? ` and ${refused.length - 5} more` : ''}`,
        {
          hint: `if it is meant, say \`${flag} ${keys.slice(0, 3).join(' ')}${keys.length > 3 ? ' ...' : ''}\``,
        },
      ),
    );
  };
  check('move', allowMove, 'NET-MOVE', 'renumbered', '--allow-move');
  check('release', allowRelease, 'NET-RELEASE', 'released', '--allow-release');
  if (problems.length > 0) throw new ProblemError(problems);
}

/** Puts what was vacated into the locks as released, so that nobody gets it while old routes, names and rules still mean its former holder. */
function quarantine(pieces: readonly Piece[], outcome: AddressOutcome, after: Workspace, until: string | undefined, changed: Map<string, string>): boolean {
  const released = outcome.addressPlan.released.map(({ prefix }) => parsePrefix(prefix));
  const rows = new LockRows(planSetOf(outcome, after));
  const ordered = [...pieces].sort((one, other) => one.prefix.length - other.prefix.length || compareCodeUnits(one.key, other.key));
  let added = false;
  for (const { key, held, prefix, lockFile } of ordered) {
    if (released.some((block) => contains(block, prefix))) continue;
    released.push(prefix);
    rows.set(rows.unused(`${key}/former`), { lockFile, [held.family]: { text: formatPrefix(prefix), pool: held.pool, released: true, until } });
    added = true;
  }
  for (const [file, text] of rows.texts()) changed.set(file, text);
  return added;
}

function planSetOf(outcome: AddressOutcome, after: Workspace): Workspace['planSet'] {
  return withTexts(after, outcome.locks).planSet;
}
