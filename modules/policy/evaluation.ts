import { isObject } from '../core/index.ts';
import type { CheckContext, Reader, Verdict } from './check.ts';
import type { Entry, FactIndex, SubjectKind } from './facts.ts';
import { validityOn, type Threshold, type Validity } from './law.ts';
import type { BasisGroup, Rule, RuleBasis } from './load.ts';
import type { Basis } from './types.ts';

export interface StandingBasis {
  readonly basis: RuleBasis;
  readonly validity: Validity;
}
export interface StandingGroup {
  readonly key: string;
  readonly bases: readonly StandingBasis[];
  readonly options: unknown;
  readonly thresholds: readonly Threshold[];
  /** What was worked out once for all subjects at one level: the rows of the level, and the words that cite them. */
  readonly rows: Map<number | undefined, readonly Threshold[]>;
  readonly citations: Map<string, Citation>;
}

/** The texts of a group as a finding at one level cites them. */
export interface Citation {
  readonly bases: readonly Basis[];
  readonly words: string;
  /** Those that can make something fail: neither disputed nor unconfirmed. */
  readonly binding: readonly Basis[];
  /** The day the last of the binding ones falls due, if all of them are due later than some day. */
  readonly due: string | undefined;
}

/** What of a group holds on a date; undefined when nothing does. */
export function standing(group: BasisGroup, asOf: string): StandingGroup | undefined {
  const bases = group.bases
    .map((basis): StandingBasis => ({ basis, validity: validityOn(basis.instrument, asOf) }))
    .filter(({ validity }) => validity !== 'ended' && validity !== 'not-yet');
  const first = bases[0];
  return first && { key: group.key, bases, options: first.basis.options, thresholds: first.basis.thresholds, rows: new Map(), citations: new Map() };
}

/** The thresholds of a level and those without one; all of them where no level is named. */
export function rowsAt(thresholds: readonly Threshold[], level: number | undefined): readonly Threshold[] {
  return level === undefined ? thresholds : thresholds.filter((row) => row.level === '' || row.level === String(level));
}

/** One rule at one subject: gives the check its view and keeps what it reads. */
export class Evaluation implements CheckContext {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly agency: string;
  readonly asOf: string;
  readonly index: FactIndex;
  readonly evidence: Record<string, unknown> = {};
  /** Whether the thresholds were read, so that their clauses are cited. */
  limited = false;
  level: number | undefined;
  private readonly entry: Entry;
  private readonly group: StandingGroup;

  constructor(entry: Entry, index: FactIndex, group: StandingGroup, asOf: string) {
    this.kind = entry.kind;
    this.id = entry.id;
    this.agency = entry.agency;
    this.entry = entry;
    this.index = index;
    this.group = group;
    this.asOf = asOf;
  }

  get documentation(): boolean {
    return this.index.facts.federation.settings.numbering === 'documentation';
  }

  read(field: 'id'): string {
    const value = this.entry.value[field];
    this.evidence[field] = value ?? null;
    return value;
  }

  readPath(path: string): unknown {
    let value: unknown = this.entry.value;
    for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined;
    this.evidence[path] = value ?? null;
    return value;
  }

  of<K extends SubjectKind>(kind: K, id: string): Reader<K> | undefined {
    const entry = this.index.get(kind, id);
    if (entry === undefined) this.evidence[`${kind}/${id}`] = null;
    return entry && this.reader(entry);
  }

  reader<K extends SubjectKind>(entry: Entry<K>): Reader<K> {
    const { evidence } = this;
    return {
      kind: entry.kind,
      id: entry.id,
      agency: entry.agency,
      read(field) {
        const value = entry.value[field];
        evidence[`${entry.kind}/${entry.id}.${field}`] = value ?? null;
        return value;
      },
    };
  }

  thresholds(level?: number): readonly Threshold[] {
    this.limited = true;
    if (level !== undefined) this.level = level;
    let rows = this.group.rows.get(level);
    if (rows === undefined) {
      rows = rowsAt(this.group.thresholds, level);
      this.group.rows.set(level, rows);
    }
    return rows;
  }

  atLevel(level: number): void {
    this.level = level;
  }

  note(path: string, value: unknown): void {
    this.evidence[path] = value ?? null;
  }

  drop(path: string): void {
    Reflect.deleteProperty(this.evidence, path);
  }
}

/** The verdict on a subject the rule does not concern, or undefined if it does. */
export function outside(rule: Rule, evaluation: Evaluation): Verdict | undefined {
  for (const [field, wanted] of Object.entries(rule.appliesTo)) {
    const value = evaluation.readPath(field);
    const list = Array.isArray(wanted) ? wanted : [wanted];
    if (list.some((one) => one === value)) continue;
    const shown = value === undefined ? undefined : JSON.stringify(value);
    return {
      status: 'not-applicable',
      message: {
        vi: `quy tắc chỉ áp dụng khi ${field} là ${list.join(', ')}; ở đây ${shown === undefined ? 'chưa khai báo' : `là ${shown}`}`,
        en: `the rule concerns ${field} ${list.join(', ')}; here it is ${shown ?? 'not stated'}`,
      },
    };
  }
  return undefined;
}
