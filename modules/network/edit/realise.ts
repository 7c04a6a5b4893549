import { fail, plural, type CsvTable } from '../../core/index.ts';
import type { Entries, Entry, FieldName, NeedRow } from './entries.ts';
import { setColumn } from './table-text.ts';
import type { PlanText } from './yaml-text.ts';

/** Field -> what it shall say; null takes it away. */
export type Patch = ReadonlyMap<FieldName, string | number | null>;

/** What becomes of a need: nothing, one need with changes, or several. */
export type Fate = readonly Patch[];

/** More groups of rows than this are written into a column of the rule's table, not as rules of their own. */
const mostGroups = 12;

/** How a changed rule may be written as templates, tried before anything else: template as written -> new template. */
export type TemplateHints = ReadonlyMap<string, string>;

/**
 * Rewrites plans and tables so that every need gets its fate. A need that is written out is changed where it stands; of a rule
 * only the rows concerned: as a whole by its templates, a few by `except` and a narrowed copy, many by a column of its table.
 * @returns changed files, path -> text
 * @throws ProblemError NET-EDIT-RULE where a rule cannot say it
 */
export function realise(
  entries: Entries,
  fates: ReadonlyMap<string, Fate>,
  additions: ReadonlyMap<string, string>,
  hints: TemplateHints,
  textOf: (file: string) => string,
): Map<string, string> {
  const changed = new Map<string, string>();
  for (const entry of entries.list) {
    const text = entries.texts.get(entry.file);
    const concerned = entry.rows.filter(({ key }) => fates.has(key));
    if (!text || concerned.length === 0) continue;
    if (!entry.rule) applyInPlace(text, entry, fates.get(entry.rows[0]?.key ?? '') ?? []);
    else new RuleEdit(text, entry, fates, hints, textOf, changed).run(concerned);
  }
  for (const [file, lines] of additions) entries.texts.get(file)?.insert(undefined, lines);
  for (const [file, text] of entries.texts) {
    const result = text.result();
    if (result !== text.text) changed.set(file, result);
  }
  return changed;
}

function applyInPlace(text: PlanText, { index }: Entry, fate: Fate): void {
  const [first, ...more] = fate;
  for (const patch of more) {
    const copy = text.copy(index);
    patchItem(copy, 0, patch);
    text.insert(index, copy.lines);
  }
  if (first) patchItem(text, index, first);
  else text.removeItem(index);
}

function patchItem(text: PlanText, index: number, patch: Patch, literal = false): void {
  const away = [...patch].filter(([name, value]) => value === null && text.has(index, name.split('.'))).map(([name]) => name);
  for (const [name, wanted] of patch) {
    if (wanted === null) continue;
    const path = name.split('.');
    const value = literal && typeof wanted === 'string' ? wanted.replaceAll('{', '{{').replaceAll('}', '}}') : wanted;
    // What comes new stands where something else of the same leg goes: the layout stays.
    const at = text.has(index, path)
      ? -1
      : away.findIndex((other) => parentOf(other) === parentOf(name) && pairs.get(other) === name.slice(parentOf(name).length));
    const place = away[at];
    if (place === undefined) text.set(index, path, value);
    else {
      text.replace(index, place.split('.'), path.at(-1) ?? '', value);
      away.splice(at, 1);
    }
  }
  for (const name of away) text.remove(index, name.split('.'));
}

/** Fields of which one takes the other's place. */
const pairs: ReadonlyMap<string, string> = new Map(
  ['pool>in', 'in>pool', 'pools>pool', 'length>prefix', 'prefix>length'].flatMap((pair) => {
    const [from = '', to = ''] = pair.split('>');
    return ['', 'legs.v4.', 'legs.v6.'].map((leg): [string, string] => [leg + from, to]);
  }),
);

function parentOf(name: FieldName): string {
  return name.slice(0, name.lastIndexOf('.') + 1);
}

class RuleEdit {
  readonly #text: PlanText;
  readonly #entry: Entry;
  readonly #fates: ReadonlyMap<string, Fate>;
  readonly #hints: TemplateHints;
  readonly #textOf: (file: string) => string;
  readonly #changed: Map<string, string>;

  constructor(
    text: PlanText,
    entry: Entry,
    fates: ReadonlyMap<string, Fate>,
    hints: TemplateHints,
    textOf: (file: string) => string,
    changed: Map<string, string>,
  ) {
    this.#text = text;
    this.#entry = entry;
    this.#fates = fates;
    this.#hints = hints;
    this.#textOf = textOf;
    this.#changed = changed;
  }

  run(concerned: readonly NeedRow[]): void {
    const { rows, index } = this.#entry;
    const fateOf = ({ key }: NeedRow): Fate => this.#fates.get(key) ?? [];
    if (rows.length === 1) {
      this.#inPlaceOfRule(fateOf(rows[0] as NeedRow));
      return;
    }
    if (concerned.length === rows.length && concerned.every((row) => fateOf(row).length === 0)) {
      this.#text.removeItem(index);
      return;
    }
    const templates = this.#uniform(concerned);
    if (templates) {
      patchItem(this.#text, index, templates);
      return;
    }
    const groups = new Map<string, NeedRow[]>();
    for (const row of concerned) {
      const name = JSON.stringify(fateOf(row).map((patch) => [...patch]));
      const group = groups.get(name);
      if (group) group.push(row);
      else groups.set(name, [row]);
    }
    const separated = groups.size > mostGroups && this.#entry.rule?.table ? undefined : this.#separate([...groups.values()]);
    if (separated) this.#narrow(separated, fateOf);
    else this.#columns(concerned, fateOf);
  }

  #inPlaceOfRule(fate: Fate): void {
    const { index } = this.#entry;
    const [first, ...more] = fate;
    for (const patch of more) {
      const copy = this.#text.copy(index);
      patchItem(copy, 0, patch, true);
      this.#text.insert(index, copy.lines);
    }
    if (first) patchItem(this.#text, index, first, true);
    else this.#text.removeItem(index);
  }

  /** The rule as it would be with other templates, if those say for every row what is wanted. */
  #uniform(concerned: readonly NeedRow[]): Map<FieldName, string | number | null> | undefined {
    const { rows, written } = this.#entry;
    if (concerned.length !== rows.length) return undefined;
    const patches = rows.map(({ key }) => this.#fates.get(key) ?? []);
    if (patches.some(({ length }) => length !== 1)) return undefined;
    const names = [...(patches[0]?.[0]?.keys() ?? [])];
    const templates = new Map<FieldName, string | number | null>();
    for (const name of names) {
      const wanted = patches.map(([patch]) => patch?.get(name));
      if (wanted.some((value) => value === undefined)) return undefined;
      const before = written.get(name);
      const same = wanted.every((value) => value === wanted[0]);
      const hint = before === undefined ? undefined : this.#hints.get(shapeOf(before));
      if (same && (typeof wanted[0] === 'number' || wanted[0] === null)) templates.set(name, wanted[0] ?? null);
      else if (before !== undefined && hint !== undefined) {
        const fields = [...before.matchAll(/\{([^{}]+)\}/gu)].map(([, field]) => field ?? '');
        let at = 0;
        const template = hint.replace(/\{\}/gu, () => `{${fields[at++] ?? ''}}`);
        const good = rows.every((row, number) => fillSimple(template, row.fields) === wanted[number]);
        if (!good) return undefined;
        templates.set(name, template);
      } else return undefined;
    }
    return patches.every(([patch]) => patch?.size === names.length) ? templates : undefined;
  }

  /** For each group of rows a field whose values choose exactly them. */
  #separate(groups: readonly (readonly NeedRow[])[]): { group: readonly NeedRow[]; field: string; values: string[] }[] | undefined {
    const { rows, rule } = this.#entry;
    if (!rule) return undefined;
    const excepted = Object.keys(rule.forEach.except ?? {});
    const names = excepted.length === 1 ? excepted : excepted.length > 1 ? [] : Object.keys(rows[0]?.fields ?? {});
    // One field for all groups, because a rule has one `except` and its fields must all match.
    const candidates = names.flatMap((field) => {
      const chosen = groups.map((group) => ({ group, field, values: [...new Set(group.map(({ fields }) => fields[field] ?? ''))] }));
      const exact = chosen.every(
        ({ group, values }) => !values.includes('') && rows.filter(({ fields }) => values.includes(fields[field] ?? '')).length === group.length,
      );
      return exact ? [{ chosen, size: chosen.reduce((sum, { values }) => sum + values.length, 0) }] : [];
    });
    candidates.sort((one, other) => one.size - other.size);
    const best = candidates[0];
    return best && best.size <= 200 ? best.chosen : undefined;
  }

  #narrow(separated: readonly { group: readonly NeedRow[]; field: string; values: string[] }[], fateOf: (row: NeedRow) => Fate): void {
    const { index, rule } = this.#entry;
    if (!rule) return;
    const field = separated[0]?.field ?? '';
    for (const { group, values } of separated) {
      const first = group[0];
      for (const patch of first ? fateOf(first) : []) {
        const copy = this.#text.copy(index);
        copy.setList(0, ['forEach', rule.matchField, field], values);
        copy.remove(0, ['forEach', 'except']);
        patchItem(copy, 0, patch, true);
        this.#text.insert(index, copy.lines);
      }
    }
    const before = rule.forEach.except?.[field];
    const excepted = [...(before === undefined ? [] : typeof before === 'string' ? [before] : before), ...separated.flatMap(({ values }) => values)];
    this.#text.setList(index, ['forEach', 'except', field], excepted);
  }

  #columns(concerned: readonly NeedRow[], fateOf: (row: NeedRow) => Fate): void {
    const { rule, written, rows, index, file } = this.#entry;
    const table = rule?.table;
    const single = concerned.every((row) => fateOf(row).length === 1);
    if (!table || !single) {
      fail('NET-EDIT-RULE', `the rule for "${written.get('key') ?? ''}" makes ${plural(rows.length, 'need')}, and no one field chooses those to be changed`, {
        file,
        hint: 'change what it runs over, or split the rule by hand first',
      });
    }
    const names = new Set(concerned.flatMap((row) => fateOf(row).flatMap((patch) => [...patch.keys()])));
    // Fields that say the same in every row, such as the holder of both families, share a column.
    const columns = new Map<string, { column: string; values: Map<NeedRow['fields'], string> }>();
    for (const name of names) {
      const values = new Map<NeedRow['fields'], string>();
      for (const row of rows) {
        const value = fateOf(row)[0]?.get(name);
        if (value === null)
          fail('NET-EDIT-RULE', `"${name}" of "${row.key}" cannot be taken away: a rule says it for all or none`, {
            file,
            hint: 'split the rule by hand first',
          });
        values.set(row.fields, String(value ?? row.values.get(name) ?? ''));
      }
      const same = JSON.stringify([name.slice(name.lastIndexOf('.') + 1), ...values.values()]);
      const known = columns.get(same);
      const column =
        known?.column ??
        this.#columnFor(
          table,
          name,
          written.get(name) ?? '',
          [...columns.values()].map((other) => other.column),
        );
      if (!known) columns.set(same, { column, values });
      this.#text.set(index, name.split('.'), `{${column}}`);
    }
    for (const { column, values } of columns.values()) {
      const text = this.#changed.get(table.file) ?? this.#textOf(table.file);
      this.#changed.set(
        table.file,
        setColumn(table.file, text, column, (number) => {
          const cells = table.rows[number]?.cells;
          return cells && values.get(cells);
        }),
      );
    }
  }

  /** A column for a field: the one it already is written from, if the toolkit made it, else a new one named for what it says. */
  #columnFor(table: CsvTable, name: FieldName, before: string, taken: readonly string[]): string {
    const base = name.slice(name.lastIndexOf('.') + 1);
    const own = /^\{([^{}]+)\}$/u.exec(before)?.[1];
    if (own !== undefined && (own === base || own.startsWith(`${base}_`)) && !taken.includes(own)) return own;
    let column = base;
    for (let number = 2; table.columns.includes(column) || taken.includes(column); number++) column = `${base}_${number}`;
    return column;
  }
}

/** A template without the names of its fields: `district/{}`. */
export function shapeOf(template: string): string {
  return template.replace(/\{[^{}]+\}/gu, '{}');
}

function fillSimple(template: string, fields: Readonly<Record<string, string | undefined>>): string {
  return template.replace(/\{([^{}]+)\}/gu, (_whole, name: string) => fields[name] ?? '');
}
