import { didYouMean, fail } from '../../core/index.ts';
import type { Need } from '../model.ts';
import type { Family } from '../types.ts';
import { readEntries, type Entries, type FieldName, type NeedRow } from './entries.ts';
import { LockRows } from './lock-rows.ts';
import type { Fate, Patch } from './realise.ts';
import type { Workspace } from './workspace.ts';

export const families: readonly Family[] = ['v4', 'v6'];

/** What an edit is going to do, before plans and locks are read again. */
export class Draft {
  readonly workspace: Workspace;
  readonly entries: Entries;
  readonly rows: LockRows;
  readonly fates = new Map<string, Fate>();
  /** Plan file -> lines of new needs. */
  readonly additions = new Map<string, string>();
  readonly hints = new Map<string, string>();
  /** Key -> the keys that hold its addresses afterwards, where it is not itself. */
  readonly heirs = new Map<string, readonly string[]>();
  /** Keys that get other names, so that theirs are free. */
  readonly freed = new Set<string>();
  /** Rows of the locks that are dropped on purpose. */
  readonly dropped: string[] = [];

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.entries = readEntries(workspace);
    this.rows = new LockRows(workspace.planSet);
  }

  /** The need of a key and where it is written. */
  find(key: string): { readonly need: Need; readonly row: NeedRow } {
    const need = this.workspace.planSet.needs.get(key);
    const found = this.entries.byKey.get(key);
    if (!need || !found) {
      fail('NET-UNKNOWN', `no plan needs "${key}"`, { hint: didYouMean(key, fewKeys(this.workspace)) ?? 'see `vcloud net show`' });
    }
    return { need, row: found.row };
  }

  /** Refuses a key that a plan or a lock has already. */
  claim(key: string, except: readonly string[] = []): void {
    if (except.includes(key) || this.freed.has(key)) return;
    const need = this.workspace.planSet.needs.get(key);
    if (need) fail('NET-KEY-DUPLICATE', `"${key}" is needed already`, { ...need.place, hint: 'choose another key' });
    const row = this.workspace.planSet.rows.get(key);
    if (row) fail('NET-KEY-DUPLICATE', `the locks hold "${key}" already`, { ...row.place, hint: 'choose another key, or drop the released row first' });
    if (key === '' || /^\s|\s$|[\u0000-\u001f\u007f]/u.test(key) || key.normalize('NFC') !== key) {
      fail('NET-KEY', `${JSON.stringify(key)} cannot be a key`, {
        hint: 'a key is NFC text without control characters and outer blanks, such as commune/00004',
      });
    }
  }

  /** Adds to what becomes of a need. */
  patch(key: string, patch: Patch): void {
    const fate = this.fates.get(key);
    if (!fate) this.fates.set(key, [patch]);
    else
      this.fates.set(
        key,
        fate.map((earlier) => new Map([...earlier, ...patch])),
      );
  }

  /** Needs that lie in others follow them: `holderOf` says in which key one lies now. */
  follow(holderOf: (holder: string, row: NeedRow, family: Family | undefined) => string | undefined): void {
    for (const { rows } of this.entries.list) {
      for (const row of rows) {
        if (this.fates.get(row.key)?.length === 0) continue;
        for (const [field, family] of holderFields) {
          const holder = row.values.get(field);
          const now = holder === undefined ? undefined : holderOf(holder, row, family);
          if (now !== undefined && now !== holder) this.patch(row.key, new Map<FieldName, string>([[field, now]]));
        }
      }
    }
  }

  /** Keys of the needs that lie directly in one. */
  inside(need: Need): string[] {
    return [...new Set(families.flatMap((family) => (need[family]?.legs ?? []).map(({ need: { key } }) => key)))];
  }
}

const holderFields: readonly (readonly [FieldName, Family | undefined])[] = [
  ['in', undefined],
  ['legs.v4.in', 'v4'],
  ['legs.v6.in', 'v6'],
];

function fewKeys({ planSet }: Workspace): Iterable<string> {
  return planSet.needs.size > 20_000 ? [] : planSet.needs.keys();
}

/** Where a need says something about one of its families: `legs.v6.` or, in the short form, nothing. */
export function legPath(row: NeedRow, family: Family): string {
  return [...row.values.keys()].some((name) => name.startsWith(`legs.${family}.`)) ? `legs.${family}.` : '';
}
