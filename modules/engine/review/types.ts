import type { Preflight } from '../preflight/types.ts';
import type { Action, StackState } from '../types.ts';

/** A name in both languages. */
export interface ReviewNames {
  readonly vi: string;
  readonly en: string;
}

/** One attribute that changes; values are texts as people read them, never secrets. */
export interface AttributeChange {
  /** `rules[0].port`. */
  readonly path: string;
  /** Absent: it had none. */
  readonly before?: string | undefined;
  /** Absent: it will have none. */
  readonly after?: string | undefined;
  /** Its change is why the object is replaced. */
  readonly replaces?: boolean | undefined;
}

/** One object that changes, with its real type and address also in the sandbox. */
export interface ObjectChange {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** Id of the object that is there already and is taken in. */
  readonly importing?: string | undefined;
  /** Address it had before, where that was another one. */
  readonly from?: string | undefined;
  /** Absent: not read (see {@link ReviewStack.detailed}). */
  readonly attributes?: readonly AttributeChange[] | undefined;
}

/** A stack as it is reviewed. */
export interface ReviewStack {
  readonly path: string;
  readonly agency: string;
  readonly state: StackState;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly waitsFor: readonly string[];
  readonly changes: readonly ObjectChange[];
  /** Whether its changes were read attribute by attribute. */
  readonly detailed: boolean;
  /** Number of outputs that change. */
  readonly outputs?: number | undefined;
  /** True: it is no longer declared. */
  readonly removed?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly error?: string | undefined;
  /** Security level of what it serves, where one is stated. */
  readonly level?: number | undefined;
}

/** What a plan does that people decide about, per stack or for a whole agency. */
export interface Effect {
  readonly effect: 'create' | 'update' | 'replace' | 'destroy' | 'renumber' | 'ds-change';
  readonly agency: string;
  /** Absent: it follows from the declarations and concerns no stack. */
  readonly stack?: string | undefined;
  readonly level?: number | undefined;
  /** What it is about: addresses of objects, keys of blocks, names of zones; in code-unit order. */
  readonly subjects: readonly string[];
}

/** Approvals a plan needs before it may be applied. */
export interface RequiredApproval {
  readonly rule: string;
  readonly names?: ReviewNames | undefined;
  /** Agency concerned, where the rule asks each for its own. */
  readonly agency?: string | undefined;
  readonly count: number;
  /** Principals of whom so many must approve. */
  readonly of: readonly string[];
  /** Effects that call for it: `destroy moh.portal.workload`. */
  readonly because: readonly string[];
}

/** A plan as people review it. Plain values without clock and machine: the same input gives the same review. */
export interface Review {
  readonly plan: string;
  readonly environment: 'sandbox' | 'production';
  /** `destroy`: everything in it is destroyed, declared or not. */
  readonly purpose?: 'destroy' | undefined;
  readonly engine: { readonly name: string; readonly version: string };
  /** Names of agencies, by id; those of which none is known are absent. */
  readonly names: Readonly<Record<string, ReviewNames>>;
  /** In code-unit order of agency, then path; without those nothing happens to. */
  readonly stacks: readonly ReviewStack[];
  /** How many stacks nothing happens to, by agency. */
  readonly unchanged: Readonly<Record<string, number>>;
  readonly effects: readonly Effect[];
  readonly approvals: readonly RequiredApproval[];
  /** What was looked at before anything was planned; absent: nothing was. */
  readonly preflight?: Preflight | undefined;
}

export type Language = 'vi' | 'en';

/** A file a plan follows from. */
export interface InputFile {
  /** Path relative to the federation's folder. */
  readonly path: string;
  readonly kind: 'declarations' | 'lock' | 'policies';
  readonly sha256: string;
}
