import type { JsonObject, Place } from '../../core/index.ts';
import type { DeclaredStack, StateResource } from '../types.ts';

/** `unknown`: the check could not run; it is never taken for a pass. */
export type PreflightVerdict = 'pass' | 'fail' | 'unknown';

/** `static`: what the configuration alone says. `full`: the clouds are asked too. */
export type PreflightMode = 'static' | 'full';

/** One thing that was looked at before anything is planned. */
export interface PreflightResult {
  /** `overlap`, `quota`, `credentials`, ... */
  readonly check: string;
  /** Stacks it is about, in code-unit order; those a fault is in are not planned. Empty: it is about the run. */
  readonly stacks: readonly string[];
  readonly result: PreflightVerdict;
  /** What was found, or why it could not be looked at; of a pass what was looked at. No secrets. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly cloud?: string | undefined;
  /** `TYPE.NAME`, with its real type also in the sandbox. */
  readonly address?: string | undefined;
  /** Path of the construct that made it, and where what it follows from is declared. */
  readonly construct?: string | undefined;
  readonly place?: Place | undefined;
}

export interface PreflightQuery {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  readonly mode: PreflightMode;
  /** Stacks that something may happen to. */
  readonly stacks: readonly DeclaredStack[];
  /** All that is declared: what those refer to. */
  readonly declared: readonly DeclaredStack[];
  /** Environment of a stack's processes, credentials included. @throws ProblemError ENGINE-CREDENTIALS */
  environmentOf(stack: string): Readonly<Record<string, string>>;
  /** What a stack's state holds; undefined: it has none. */
  held(stack: string): readonly StateResource[] | undefined;
}

/** A preflight under way: its first answers, and the rest once configurations that only an engine can read are planned. */
export interface PreflightRun {
  readonly results: readonly PreflightResult[];
  /** Stacks whose configuration only their plan tells (HCL, modules): to be given to {@link planned}. */
  readonly later: ReadonlySet<string>;
  /** Checks one of them by its plan, as `show -json` gives it. */
  planned(stack: string, plan: JsonObject): Promise<readonly PreflightResult[]>;
  close(): void;
}

/** Looks before anything is planned. Given by whoever knows clouds; the engine does not. */
export interface PreflightPort {
  begin(query: PreflightQuery): Promise<PreflightRun>;
}

/** What a preflight came to: `preflight.json` of a plan directory. Passes are counted, the rest is told one by one. */
export interface Preflight {
  readonly mode: PreflightMode;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  /** Faults first, then what could not be looked at; each in code-unit order of stack, check and address. */
  readonly findings: readonly PreflightResult[];
}
