import type { z } from 'zod';
import type { Names } from '../core/index.ts';
import type { Entry, FactIndex, SubjectKind, Subjects } from './facts.ts';
import type { Threshold } from './law.ts';
import type { ResultStatus } from './types.ts';

/** What a check says of one subject. */
export interface Verdict {
  readonly status: ResultStatus;
  /** What was found, without the law: the engine adds instrument, clause and dates. */
  readonly message: Names;
  /** Tells several verdicts on one subject apart; part of the fingerprint, so it must not change between runs. */
  readonly key?: string | undefined;
  /** The path that would have to be stated, for `unknown`. */
  readonly missing?: string | undefined;
  /** The one parameter it is about, where thresholds of several were read: only its clauses are cited. */
  readonly parameter?: string | undefined;
}

/** Reads the fields of one object; every read is evidence. */
export interface Reader<K extends SubjectKind = SubjectKind> {
  readonly kind: K;
  readonly id: string;
  readonly agency: string;
  read<F extends keyof Subjects[K] & string>(field: F): Subjects[K][F];
}

/** What a check gets: the subject, what the law sets, and nothing it reads goes unrecorded. */
export interface CheckContext<K extends SubjectKind = SubjectKind> extends Reader<K> {
  /** The date validity is read at. */
  readonly asOf: string;
  /** True in a model whose address and AS numbers come from documentation ranges. */
  readonly documentation: boolean;
  /** Relations between facts; objects found there are read through {@link CheckContext.of}. */
  readonly index: FactIndex;
  /** A reader of another object, or undefined if it is not declared here. */
  of<K2 extends SubjectKind>(kind: K2, id: string): Reader<K2> | undefined;
  /** A reader of an entry found through the index. */
  reader<K2 extends SubjectKind>(entry: Entry<K2>): Reader<K2>;
  /**
   * The thresholds of the texts judged by. With a level, those of that level and those without one; what is returned
   * is cited.
   */
  thresholds(level?: number): readonly Threshold[];
  /** States the subject's security level, so that only clauses of that level are cited. */
  atLevel(level: number): void;
  /** Keeps a computed value as evidence. */
  note(path: string, value: unknown): void;
  /** Takes a read back out of the evidence, where the parts that count are noted one by one. */
  drop(path: string): void;
}

/** A check as its author writes it: generic code; instruments, thresholds and names come from `policies/`. */
export interface CheckDefinition<K extends SubjectKind, S extends z.ZodType> {
  readonly id: string;
  /** What it looks at, one at a time. */
  readonly subject: K;
  /** Schema of `options` in `policies/rules.yaml`. */
  readonly options: S;
  /** Which facts it needs, for `audit explain`. */
  readonly inputs: readonly ('declared' | 'addresses' | 'zones' | 'overlays' | 'synthesis')[];
  judge(context: CheckContext<K>, options: z.output<S>): Verdict | readonly Verdict[];
}

/** A check with its types folded away, as the engine runs it. */
export interface Check {
  readonly id: string;
  readonly subject: SubjectKind;
  readonly options: z.ZodType;
  readonly inputs: readonly string[];
  /** Takes options that its schema accepted. */
  prepare(options: unknown): (context: CheckContext) => Verdict | readonly Verdict[];
}

/** Makes a check of a definition. */
export function defineCheck<K extends SubjectKind, S extends z.ZodType>(definition: CheckDefinition<K, S>): Check {
  return {
    id: definition.id,
    subject: definition.subject,
    options: definition.options,
    inputs: definition.inputs,
    prepare(options) {
      const parsed = definition.options.parse(options);
      return (context) => definition.judge(context as unknown as CheckContext<K>, parsed);
    },
  };
}

export function pass(vi: string, en: string, key?: string): Verdict {
  return { status: 'pass', message: { vi, en }, key };
}

export function failed(vi: string, en: string, key?: string): Verdict {
  return { status: 'fail', message: { vi, en }, key };
}

/** The rule does not concern this subject; says why. */
export function notApplicable(vi: string, en: string, key?: string): Verdict {
  return { status: 'not-applicable', message: { vi, en }, key };
}

/** A person has to look: the facts alone cannot decide it. */
export function manual(vi: string, en: string, key?: string): Verdict {
  return { status: 'manual', message: { vi, en }, key };
}

/** What is not stated is not passed: names the path that is missing. */
export function unknown(missing: string, key?: string): Verdict {
  return { status: 'unknown', message: { vi: `chưa khai báo ${missing}`, en: `${missing} is not stated` }, key, missing };
}
