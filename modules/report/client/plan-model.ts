import { foldWords } from './fold.ts';
import { listSeparator, unpackRows, unpackStrings, type PackedRows, type PackedStrings, type Row } from './packed.ts';
import { currentLanguage } from './language.ts';

interface BothNames {
  readonly vi: string;
  readonly en: string;
}

/** What the data element of a plan's page holds. */
export interface PlanPayload {
  readonly plan: string;
  readonly language: 'vi' | 'en';
  readonly environment: 'sandbox' | 'production';
  readonly engine: string;
  /** Names of agencies by id. */
  readonly names: Readonly<Record<string, BothNames>>;
  readonly unchanged: number;
  readonly effects: readonly { readonly effect: string; readonly agency: string; readonly subjects: readonly string[] }[];
  readonly approvals: readonly {
    readonly rule: string;
    readonly names?: BothNames | undefined;
    readonly count: number;
    readonly of: readonly string[];
    readonly because: readonly string[];
  }[];
  /** What was looked at before anything was planned. */
  readonly preflight?:
    | {
        readonly pass: number;
        readonly fail: number;
        readonly unknown: number;
        readonly findings: readonly {
          readonly check: string;
          readonly stacks: readonly string[];
          readonly result: string;
          readonly message: string;
          readonly hint?: string | undefined;
          readonly address?: string | undefined;
        }[];
      }
    | undefined;
  readonly strings: PackedStrings;
  readonly stacks: PackedRows;
  readonly changes: PackedRows;
  readonly attributes: PackedRows;
}

export interface Attribute {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly replaces: boolean;
}

export interface Change {
  readonly address: string;
  readonly type: string;
  readonly action: string;
  /** Id of what exists already and is taken in. */
  readonly importing: string | undefined;
  /** Address it had before, where that was another one. */
  readonly from: string | undefined;
  readonly attributes: readonly Attribute[];
}

export interface Stack {
  readonly path: string;
  readonly agency: string;
  readonly state: string;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly outputs: number;
  readonly level: number | undefined;
  readonly waitsFor: readonly string[];
  readonly note: string;
  readonly detailed: boolean;
  readonly removed: boolean;
  readonly changes: readonly Change[];
  /** Folded words of everything it holds, for the search. */
  readonly text: string;
}

export interface Model extends Omit<PlanPayload, 'strings' | 'stacks' | 'changes' | 'attributes'> {
  readonly stacks: readonly Stack[];
  /** Ids of agencies in the order of the stacks. */
  readonly agencies: readonly string[];
}

/** The page's data, unpacked. */
export function modelOf(payload: PlanPayload): Model {
  const strings = unpackStrings(payload.strings);
  const attributes = grouped(unpackRows(payload.attributes, strings), 'change');
  const changes = grouped(
    unpackRows(payload.changes, strings).map((row, index) => ({ ...row, index })),
    'stack',
  );
  const stacks = unpackRows(payload.stacks, strings).map((row, index): Stack => {
    const own = (changes.get(index) ?? []).map((change): Change => ({
      address: text(change, 'address'),
      type: text(change, 'type'),
      action: text(change, 'action'),
      importing: optional(change, 'importing'),
      from: optional(change, 'from'),
      attributes: (attributes.get(count(change, 'index')) ?? []).map((attribute) => ({
        path: text(attribute, 'path'),
        before: optional(attribute, 'before'),
        after: optional(attribute, 'after'),
        replaces: count(attribute, 'replaces') === 1,
      })),
    }));
    const words = own.flatMap((change) => [
      change.address,
      change.type,
      change.importing ?? '',
      change.from ?? '',
      ...change.attributes.flatMap(({ path, before, after }) => [path, before ?? '', after ?? '']),
    ]);
    const path = text(row, 'path');
    const agency = text(row, 'agency');
    const names = payload.names[agency];
    return {
      path,
      agency,
      state: text(row, 'state'),
      add: count(row, 'add'),
      change: count(row, 'change'),
      destroy: count(row, 'destroy'),
      outputs: count(row, 'outputs'),
      level: typeof row['level'] === 'number' ? row['level'] : undefined,
      waitsFor: text(row, 'waitsFor')
        .split(listSeparator)
        .filter((one) => one !== ''),
      note: text(row, 'error') || text(row, 'reason'),
      detailed: count(row, 'detailed') === 1,
      removed: count(row, 'removed') === 1,
      changes: own,
      text: foldWords([path, agency, names?.vi ?? '', names?.en ?? '', text(row, 'waitsFor'), text(row, 'error'), ...words].join(' ')),
    };
  });
  return { ...payload, stacks, agencies: [...new Set(stacks.map(({ agency }) => agency))] };
}

function grouped<T extends Row>(rows: readonly T[], by: string): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const key = count(row, by);
    const list = groups.get(key);
    if (list) list.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function text(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

function optional(row: Row, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

function count(row: Row, name: string): number {
  const value = row[name];
  return typeof value === 'number' ? value : 0;
}

/** What is looked for; empty: everything. */
export interface Query {
  readonly text: string;
  readonly agency: string;
  /** An action, or the state of a stack. */
  readonly action: string;
}

/** The stacks that fit: every term at the beginning of a word, in any of what a stack holds. */
export function matching(model: Model, { text: wanted, agency, action }: Query): Stack[] {
  const terms = foldWords(wanted)
    .split(' ')
    .filter((term) => term !== '')
    .map((term) => ` ${term}`);
  return model.stacks.filter(
    (stack) =>
      (agency === '' || stack.agency === agency) &&
      (action === '' || stack.state === action || stack.changes.some((change) => change.action === action)) &&
      terms.every((term) => stack.text.includes(term)),
  );
}

/** An agency's name in the current language, its id where none is known. */
export function agencyName(model: Model, id: string): string {
  return model.names[id]?.[currentLanguage()] ?? id;
}
