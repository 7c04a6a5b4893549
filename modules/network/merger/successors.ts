import { compareCodeUnits, fail, parseCsv, readText, type CsvTable } from '../../core/index.ts';
import { inheritedKey, type Edit, type NewNeed, type Workspace } from '../edit/index.ts';

/** A reform of administrative units as tables say it. */
export interface MergerTable {
  /** Path of the table of the former units, from the root. */
  readonly table: string;
  /** How keys are made from its rows: one field, such as `commune/{code}`. */
  readonly key: string;
  /** The column that names the successors, separated by blanks, the one that inherits first. */
  readonly successors: string;
  /** Table of the units afterwards, with the same field: those nobody leaves anything to get new blocks. */
  readonly units?: string | undefined;
  /** Holder of such new blocks, a template over `units`. */
  readonly newIn?: string | undefined;
}

/** Who inherits from whom. */
export interface Merger {
  readonly edit: Extract<Edit, { verb: 'rename-all' }>;
  /** Keys of units that were divided among several; the first successor inherits all of their addresses. */
  readonly divided: readonly string[];
  /** Keys of new units nobody leaves addresses to. */
  readonly without: readonly string[];
  /** Successor -> the keys it inherits from, its own first. */
  readonly predecessors: ReadonlyMap<string, readonly string[]>;
}

/**
 * Names for what is inherited: of the units a successor is first heir of, the one with its own key (else the first in order)
 * becomes the successor, and the others `SUCCESSOR/from/OLD`. Their addresses stay where they are.
 */
export function successorsOf(
  units: ReadonlyMap<string, readonly string[]>,
): Pick<Merger, 'divided' | 'predecessors'> & { readonly names: Map<string, string> } {
  const predecessors = new Map<string, string[]>();
  const divided: string[] = [];
  for (const [unit, successors] of units) {
    const [first] = successors;
    if (first === undefined) continue;
    if (successors.length > 1) divided.push(unit);
    const list = predecessors.get(first);
    if (list) list.push(unit);
    else predecessors.set(first, [unit]);
  }
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [successor, list] of predecessors) {
    list.sort((one, other) => Number(other === successor) - Number(one === successor) || compareCodeUnits(one, other));
    list.forEach((unit, index) => {
      const name = index === 0 ? successor : inheritedKey(successor, unit, (key) => taken.has(key));
      taken.add(name);
      if (name !== unit) names.set(unit, name);
    });
  }
  return { names, divided, predecessors };
}

/**
 * The edit that carries out a reform: every address is kept, by the first successor of the unit that held it.
 * @throws ProblemError NET-MERGER, CORE-CSV*, CORE-FILE-MISSING
 */
export function mergeByTable(workspace: Workspace, { table, key, successors, units, newIn }: MergerTable): Merger {
  const { planSet } = workspace;
  const fields = [...key.matchAll(/\{([^{}]+)\}/gu)].map(([, name]) => name ?? '');
  const [field] = fields;
  if (field === undefined || fields.length !== 1) {
    fail('NET-MERGER', `${JSON.stringify(key)} must have one field, that of the unit`, { hint: 'write --key "commune/{code}"' });
  }
  const keyOf = (unit: string): string => key.replace(/\{[^{}]+\}/u, () => unit);
  const former = read(workspace, table, [field, successors]);
  const heirs = new Map<string, readonly string[]>();
  for (const { cells } of former.rows) {
    const unit = keyOf(cells[field] ?? '');
    if (planSet.needs.has(unit))
      heirs.set(
        unit,
        (cells[successors] ?? '')
          .split(' ')
          .filter((code) => code !== '')
          .map(keyOf),
      );
  }
  if (heirs.size === 0)
    fail('NET-MERGER', `no plan needs a key of ${table}`, { file: table, hint: `the first would be "${keyOf(former.rows[0]?.cells[field] ?? '')}"` });
  const { names, divided, predecessors } = successorsOf(heirs);
  const without: string[] = [];
  const additions: NewNeed[] = [];
  if (units !== undefined) {
    const example = planSet.needs.get(heirs.keys().next().value ?? '');
    const holder = newIn ?? '';
    const columns = [...holder.matchAll(/\{([^{}]+)\}/gu)].map(([, name]) => name ?? '');
    for (const { cells } of read(workspace, units, [field, ...columns]).rows) {
      const unit = keyOf(cells[field] ?? '');
      if (predecessors.has(unit)) continue;
      without.push(unit);
      if (newIn === undefined) continue;
      const place = { key: unit, in: holder.replace(/\{([^{}]+)\}/gu, (_whole, name: string) => cells[name] ?? '') };
      const { v4, v6 } = example ?? {};
      additions.push(v4 && v6 ? { ...place, lengths: { v4: v4.length, v6: v6.length } } : { ...place, length: (v4 ?? v6)?.length ?? 0 });
    }
  }
  return { edit: { verb: 'rename-all', names, additions }, divided, without, predecessors };
}

function read({ root, texts }: Workspace, file: string, columns: readonly string[]): CsvTable {
  const table = parseCsv(file, texts.get(file) ?? readText(root, file));
  for (const column of columns) {
    if (!table.columns.includes(column))
      fail('CORE-CSV-COLUMN', `${file} has no column "${column}"`, { file, hint: `its columns: ${table.columns.join(', ')}` });
  }
  return table;
}
