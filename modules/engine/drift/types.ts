import type { ProjectReading } from './unmanaged.ts';
import type { Problem } from '../../core/index.ts';
import type { Action } from '../types.ts';

/** One field that is not as the state has it; values are JSON texts cut for reading, secrets never shown. */
export interface FieldDrift {
  /** `rules[0].port`; the body of an object in the sandbox is not below `input`. */
  readonly path: string;
  /** As last applied or read; absent: it had none. */
  readonly before?: string | undefined;
  /** As it is now; absent: it has none. */
  readonly after?: string | undefined;
}

/** What the next plan would do about an object that drifted: `no-op` keeps it as it is now. */
export type NextAction = Action;

/** An object that is not as the state has it. */
export interface ResourceDrift {
  /** Real address and type, also in the sandbox. */
  readonly address: string;
  readonly type: string;
  readonly drift: 'changed' | 'deleted';
  /** In code-unit order of path; empty where it was deleted. */
  readonly fields: readonly FieldDrift[];
  readonly next: NextAction;
}

/** An object, or a whole stack, of which nothing can be said. */
export interface UnknownResource {
  /** Absent: nothing of the stack could be read. */
  readonly address?: string | undefined;
  readonly because: string;
}

/**
 * - `none`: everything was read and is as the state has it
 * - `drift`: something is not (what could not be read stands beside it)
 * - `unknown`: nothing seen, but not everything could be read
 * - `absent`: never applied, so there is nothing that could have drifted
 */
export type DriftState = 'none' | 'drift' | 'unknown' | 'absent';

export interface StackDrift {
  readonly path: string;
  readonly agency: string;
  readonly state: DriftState;
  /** Objects the state holds. */
  readonly resources: number;
  readonly drifted: readonly ResourceDrift[];
  readonly unknown: readonly UnknownResource[];
  /** Fields that differ and are known to say nothing (see the table of noise). */
  readonly ignored: number;
  /** Objects the next plan would change for another reason than drift: what is declared and not applied yet. */
  readonly pending: number;
  /** True: it is no longer declared. */
  readonly removed?: boolean | undefined;
  readonly milliseconds: number;
}

export interface DriftRun {
  readonly engine?: { readonly name: 'terraform' | 'tofu'; readonly version: string } | undefined;
  /** In code-unit order of path. */
  readonly stacks: readonly StackDrift[];
  /** What their projects hold that no state does; absent: it was not asked for. */
  readonly projects?: readonly ProjectReading[] | undefined;
  /** Stacks that were not selected; absent: no selection was made. */
  readonly excluded?: readonly string[] | undefined;
  readonly problems: readonly Problem[];
  /** Why nothing could be read and how to mend it (no engine on this machine). */
  readonly unavailable?: { readonly reason: string; readonly hint: string } | undefined;
}
