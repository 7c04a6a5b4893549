import { z } from 'zod';
import { dateSchema, didYouMean, idSchema, parseCsv, ProblemError, Problems, readText, type Names, type Place } from '../core/index.ts';

/** How far a row can be trusted; `unconfirmed` rows never make anything fail. */
export const grades = ['official', 'secondary', 'unconfirmed'] as const;
export type Grade = (typeof grades)[number];
/** What a requirement can be judged by: the plan, a measurement, a signed paper, or people and procedures. */
export const evidenceClasses = ['static', 'measured', 'attested', 'organisational'] as const;
export type EvidenceClass = (typeof evidenceClasses)[number];
export const operators = ['min', 'max', 'equals', 'required'] as const;

/** One law, decree, circular, decision, standard or scheme with its dates. */
export interface Instrument {
  readonly id: string;
  /** Official number as cited. */
  readonly number: string;
  readonly title: Names;
  readonly kind: string;
  readonly issued?: string | undefined;
  readonly inForce?: string | undefined;
  /** First day it no longer holds. */
  readonly ends?: string | undefined;
  /** From this day on its validity is disputed: no repeal was read, but its basis is gone. */
  readonly disputedEnds?: string | undefined;
  readonly supersedes: readonly string[];
  readonly amends: readonly string[];
  readonly approveLevelBy?: string | undefined;
  readonly meetMeasuresBy?: string | undefined;
  readonly grade: Grade;
  readonly note: string;
  readonly place: Place;
}

/** One requirement of an instrument at one clause. */
export interface Control {
  readonly id: string;
  readonly instrument: string;
  readonly clause: string;
  /** Security levels it is tied to; empty where it is tied to none. Read per row, never inherited from a lower level. */
  readonly levels: readonly number[];
  readonly topic: string;
  readonly requirement: Names;
  readonly evidenceClass: EvidenceClass;
  /** Name of its thresholds in the same instrument. */
  readonly parameter?: string | undefined;
  readonly grade: Grade;
  readonly place: Place;
}

/** One number, date, mode or member of a set, at one level where it differs by level. */
export interface Threshold {
  readonly instrument: string;
  readonly clause: string;
  readonly parameter: string;
  /** `1` to `5`, another scale's step (`tier-3`), or empty. */
  readonly level: string;
  readonly value: string;
  readonly unit: string;
  readonly operator: (typeof operators)[number];
  readonly grade: Grade;
  readonly place: Place;
}

/** The tables of `policies/law/`, by id; thresholds by `INSTRUMENT PARAMETER`. */
export interface Law {
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly controls: ReadonlyMap<string, Control>;
  readonly thresholds: ReadonlyMap<string, readonly Threshold[]>;
}

/** The state of an instrument on a date. `undated`: issued, but the day it took effect is not known. */
export type Validity = 'in-force' | 'undated' | 'disputed' | 'ended' | 'not-yet';

/** Whether an instrument holds on a date: from `in_force` up to, not including, `ends`; disputed from `disputed_ends` on. */
export function validityOn(instrument: Instrument, date: string): Validity {
  const start = instrument.inForce ?? instrument.issued;
  if (start !== undefined && date < start) return 'not-yet';
  if (instrument.ends !== undefined && date >= instrument.ends) return 'ended';
  if (instrument.disputedEnds !== undefined && date >= instrument.disputedEnds) return 'disputed';
  return instrument.inForce === undefined ? 'undated' : 'in-force';
}

const token = z.string().regex(/^[a-z][a-z0-9._-]*$/u, 'must be lower-case letters, digits, dots, hyphens and underscores, beginning with a letter');
const filled = z.string().min(1, 'must not be empty');
const blankOr = <T extends z.ZodType>(schema: T) => z.preprocess((cell) => (cell === '' ? undefined : cell), schema.optional());
const words = z.string().transform((cell) => cell.split(' ').filter((word) => word !== ''));

const instrumentRow = z.strictObject({
  id: token,
  number: filled,
  title_vi: filled,
  title_en: filled,
  kind: idSchema,
  issued: blankOr(dateSchema),
  in_force: blankOr(dateSchema),
  ends: blankOr(dateSchema),
  disputed_ends: blankOr(dateSchema),
  supersedes: words,
  amends: words,
  approve_level_by: blankOr(dateSchema),
  meet_measures_by: blankOr(dateSchema),
  source: z.enum(grades),
  note: z.string(),
});
const controlRow = z.strictObject({
  id: token,
  instrument: token,
  clause: filled,
  levels: z
    .string()
    .regex(/^([1-5]( [1-5])*)?$/u, 'must be levels 1 to 5 separated by one space, or empty')
    .transform((cell) => (cell === '' ? [] : cell.split(' ').map(Number))),
  topic: idSchema,
  requirement_en: filled,
  requirement_vi: filled,
  evidence_class: z.enum(evidenceClasses),
  parameter: blankOr(token),
  source: z.enum(grades),
});
const thresholdRow = z.strictObject({
  instrument: token,
  clause: filled,
  parameter: token,
  level: z.string().regex(/^([1-5]|[a-z]+-[0-9]+)?$/u, 'must be 1 to 5, a step such as tier-3, or empty'),
  value: filled,
  unit: filled,
  operator: z.enum(operators),
  source: z.enum(grades),
});

/**
 * Reads the three tables of `policies/law/` and checks them against each other. Everything wrong is reported at once.
 * @throws ProblemError CORE-FILE-MISSING, CORE-CSV, POL-LAW-* with file, line and column number of the cell
 */
export function loadLaw(root: string, folder = 'policies/law'): Law {
  const problems = new Problems();
  const instrumentRows = rows(root, `${folder}/instruments.csv`, instrumentRow, problems);
  const thresholdRows = rows(root, `${folder}/thresholds.csv`, thresholdRow, problems);
  const controlRows = rows(root, `${folder}/controls.csv`, controlRow, problems);
  // Against a table that cannot be read every reference would look wrong.
  if (!instrumentRows || !thresholdRows || !controlRows) throw new ProblemError(problems.list);
  const instruments = readInstruments(instrumentRows, problems);
  const known = (id: string, place: Place): void => {
    if (!instruments.has(id))
      problems.error('POL-LAW-INSTRUMENT', `no instrument "${id}"`, {
        ...place,
        hint: didYouMean(id, instruments.keys()) ?? 'add it to instruments.csv',
      });
  };
  for (const { supersedes, amends, place } of instruments.values()) for (const other of [...supersedes, ...amends]) known(other, place);
  for (const { row, cell } of [...thresholdRows, ...controlRows]) known(row.instrument, cell('instrument'));
  const thresholds = readThresholds(thresholdRows, problems);
  const controls = readControls(controlRows, thresholds, problems);
  checkNamed(thresholds, controls, problems);
  problems.throwIfErrors();
  return { instruments, controls, thresholds };
}

function readInstruments(list: Rows<typeof instrumentRow>, problems: Problems): Map<string, Instrument> {
  const instruments = new Map<string, Instrument>();
  for (const { row, place, cell } of list) {
    for (const [earlier, later] of [
      ['issued', 'in_force'],
      ['in_force', 'ends'],
      ['in_force', 'disputed_ends'],
    ] as const) {
      const [from, to] = [row[earlier], row[later]];
      if (from !== undefined && to !== undefined && from > to)
        problems.error('POL-LAW-DATES', `instrument "${row.id}": ${earlier} ${from} lies after ${later} ${to}`, {
          ...cell(later),
          hint: 'correct the dates; leave a cell empty when the date is not known',
        });
    }
    // Of two rows the first stays: what refers to it then reports no faults of its own.
    if (instruments.has(row.id)) {
      problems.error('POL-LAW-DUPLICATE', `instrument "${row.id}" stands twice`, { ...cell('id'), hint: 'one row per instrument' });
      continue;
    }
    instruments.set(row.id, {
      id: row.id,
      number: row.number,
      title: { vi: row.title_vi, en: row.title_en },
      kind: row.kind,
      issued: row.issued,
      inForce: row.in_force,
      ends: row.ends,
      disputedEnds: row.disputed_ends,
      supersedes: row.supersedes,
      amends: row.amends,
      approveLevelBy: row.approve_level_by,
      meetMeasuresBy: row.meet_measures_by,
      grade: row.source,
      note: row.note,
      place,
    });
  }
  return instruments;
}

function readThresholds(list: Rows<typeof thresholdRow>, problems: Problems): Map<string, Threshold[]> {
  const thresholds = new Map<string, Threshold[]>();
  for (const { row, place, cell } of list) {
    if ((row.operator === 'min' || row.operator === 'max') && !/^(\d+(\.\d+)?|\d\d-\d\d|\d{4}-\d\d-\d\d)$/u.test(row.value))
      problems.error('POL-LAW-VALUE', `"${row.value}" cannot be compared`, {
        ...cell('value'),
        hint: 'min and max need a number, a month-day or a date',
      });
    const key = thresholdKey(row.instrument, row.parameter);
    const same = thresholds.get(key) ?? [];
    thresholds.set(key, same);
    same.push({ ...row, grade: row.source, place });
  }
  return thresholds;
}

function readControls(list: Rows<typeof controlRow>, thresholds: Law['thresholds'], problems: Problems): Map<string, Control> {
  const controls = new Map<string, Control>();
  for (const { row, place, cell } of list) {
    if (!row.id.startsWith(`${row.instrument}.`))
      problems.error('POL-LAW-CONTROL', `control "${row.id}" does not begin with its instrument "${row.instrument}."`, {
        ...cell('id'),
        hint: 'the id of a control is its instrument, a dot and the clause',
      });
    if (row.parameter !== undefined && !thresholds.has(thresholdKey(row.instrument, row.parameter)))
      problems.error('POL-LAW-PARAMETER', `control "${row.id}" names parameter "${row.parameter}", which has no threshold in "${row.instrument}"`, {
        ...cell('parameter'),
        hint:
          didYouMean(
            row.parameter,
            [...thresholds.values()].flat().map((threshold) => threshold.parameter),
          ) ?? 'add its value to thresholds.csv, or leave the cell empty',
      });
    if (controls.has(row.id)) {
      problems.error('POL-LAW-DUPLICATE', `control "${row.id}" stands twice`, { ...cell('id'), hint: 'one row per control' });
      continue;
    }
    controls.set(row.id, {
      id: row.id,
      instrument: row.instrument,
      clause: row.clause,
      levels: row.levels,
      topic: row.topic,
      requirement: { vi: row.requirement_vi, en: row.requirement_en },
      evidenceClass: row.evidence_class,
      parameter: row.parameter,
      grade: row.source,
      place,
    });
  }
  return controls;
}

/** A threshold no control names is judged by nobody. */
function checkNamed(thresholds: Law['thresholds'], controls: Law['controls'], problems: Problems): void {
  const named = new Set([...controls.values()].map((control) => thresholdKey(control.instrument, control.parameter ?? '')));
  for (const [key, [first]] of thresholds) {
    if (first && !named.has(key))
      problems.error('POL-LAW-UNUSED', `no control names parameter "${first.parameter}" of "${first.instrument}"`, {
        ...first.place,
        hint: 'name it in the `parameter` column of the control it belongs to',
      });
  }
}

/** Key of {@link Law.thresholds}. */
export function thresholdKey(instrument: string, parameter: string): string {
  return `${instrument} ${parameter}`;
}

/** The rows of a table that fit its schema, with the places of their cells. */
type Rows<T extends z.ZodObject> = readonly { readonly row: z.output<T>; readonly place: Place; readonly cell: (column: string) => Place }[];

/** Reads a table; undefined where it cannot be read at all. Rows that do not fit are left out, with the reason in `problems`. */
function rows<T extends z.ZodObject>(root: string, file: string, schema: T, problems: Problems): Rows<T> | undefined {
  const table = problems.collect(() => parseCsv(file, readText(root, file)));
  if (!table) return undefined;
  const missing = Object.keys(schema.shape).filter((column) => !table.columns.includes(column));
  if (missing.length > 0) {
    problems.error('POL-LAW-COLUMN', `missing column ${missing.map((name) => `"${name}"`).join(', ')}`, {
      file,
      line: 1,
      column: 1,
      hint: `the columns are ${Object.keys(schema.shape).join(', ')}`,
    });
    return undefined;
  }
  const result: Rows<T>[number][] = [];
  for (const { line, cells } of table.rows) {
    const cell = (column: string): Place => ({ file, line, column: table.columnNumber(column) });
    const parsed = schema.safeParse(cells);
    if (parsed.success) result.push({ row: parsed.data, place: { file, line, column: 1 }, cell });
    else
      for (const issue of parsed.error.issues) {
        const column = String(issue.path[0] ?? '');
        const value = cells[column] ?? '';
        const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : [];
        problems.error('POL-LAW-CELL', `${column}: "${value}" ${allowed.length > 0 ? `is not one of ${allowed.join(', ')}` : issue.message}`, {
          ...cell(column),
          hint: didYouMean(value, allowed),
        });
      }
  }
  return result;
}
