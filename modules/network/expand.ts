import { compileTemplate, problem, ProblemError, type CsvTable, type DataPath, type Place, type Problems, type Source } from '../core/index.ts';
import { chooseObjects, expandCsv, fieldNames, selectableCollections, type Federation, type SelectableCollection } from '../federation/index.ts';
import type { Subject } from './model.ts';
import type { ForEach } from './schema.ts';

/** One repetition of a rule. */
export interface Repetition {
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly place: Place;
  /** Place of one field: the cell of a table, the object otherwise. */
  readonly placeOf: (field: string) => Place;
  readonly subject?: Subject | undefined;
  /** Organisation that holds what is made for it. */
  readonly owner?: string | undefined;
}

/** What a rule runs over, and the names its templates may use. */
export interface Expansion {
  readonly repetitions: readonly Repetition[];
  readonly names: readonly string[];
  readonly collection?: SelectableCollection | undefined;
}

/** What expanding rules may read. */
export interface ExpandContext {
  readonly root: string;
  readonly file: string;
  readonly source: Source;
  readonly tables: Map<string, CsvTable>;
  readonly federation: Federation | undefined;
  readonly problems: Problems;
}

/**
 * The repetitions of one `forEach`. Undefined where it is wrong; the reasons are then in `problems`.
 */
export function expandRule(context: ExpandContext, forEach: ForEach, at: DataPath): Expansion | undefined {
  const { source, problems } = context;
  const chosen = selectableCollections.filter((name) => forEach[name] !== undefined);
  const place = source.locate(at);
  if ((forEach.csv === undefined ? 0 : 1) + chosen.length !== 1) {
    problems.error('NET-RULE', 'a rule runs over one table (`csv`) or one collection of declared objects', {
      ...place,
      hint: `name exactly one of csv, ${selectableCollections.join(', ')}`,
    });
    return undefined;
  }
  const collection = chosen[0];
  return problems.collect(() =>
    collection === undefined ? expandTable(context, forEach, forEach.csv ?? '', at) : expandObjects(context, forEach, collection, at),
  );
}

function expandTable(context: ExpandContext, forEach: ForEach, csv: string, at: DataPath): Expansion {
  const { root, file, source, tables } = context;
  const { table, rows } = expandCsv(root, file, { csv, where: forEach.where, except: forEach.except }, source.locate([...at, 'csv']), tables);
  const entry = Object.entries(forEach.subject ?? {})[0] as [SelectableCollection, string] | undefined;
  const subject = entry && compileTemplate(entry[1], source.locate([...at, 'subject', entry[0]]), table.columns);
  const repetitions = rows.map(({ fields, place }) => {
    const placeOf = (field: string): Place => ({ ...place, column: table.columnNumber(field) });
    return { fields, place, placeOf, subject: entry && subject && { collection: entry[0], id: subject(fields, placeOf) } };
  });
  return { repetitions, names: table.columns, collection: entry?.[0] };
}

function expandObjects(context: ExpandContext, forEach: ForEach, collection: SelectableCollection, at: DataPath): Expansion {
  const { source, federation } = context;
  if (!federation) {
    throw new ProblemError(
      problem('NET-NO-FEDERATION', `the rule runs over ${collection}, but nothing is declared here`, {
        ...source.locate([...at, collection]),
        hint: 'add vcloud.yaml and stacks/, or use a table',
      }),
    );
  }
  if (forEach.where !== undefined || forEach.subject !== undefined) {
    throw new ProblemError(
      problem('NET-RULE', `\`where\` and \`subject\` belong to tables; select ${collection} by their fields`, {
        ...source.locate(at),
        hint: `write forEach: { ${collection}: { kind: ... } }`,
      }),
    );
  }
  const repetitions = chooseObjects(federation, collection, { match: forEach[collection] ?? {}, except: forEach.except }, (list, field) =>
    source.locate([...at, list === 'match' ? collection : 'except', field], 'key'),
  ).map(({ id, fields, place, owner }) => ({ fields, place, placeOf: () => place, subject: { collection, id }, owner }));
  return { repetitions, names: fieldNames(collection), collection };
}
