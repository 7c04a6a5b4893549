import type { JsonObject } from '../../core/index.ts';
import type { ProjectReading, UnmanagedQuery } from '../drift/unmanaged.ts';
import type { DeclaredStack, StateResource } from '../types.ts';

/** Something the engine began to make, or made, that the state does not hold. */
export interface Unrecorded {
  /** Address as the engine knows it. */
  readonly address: string;
  readonly type: string;
  /** Id it got, where the engine still said so. */
  readonly id?: string | undefined;
}

/** `unrecorded.json` in a stack's working folder, from the crash until it is answered: no plan is made meanwhile. */
export interface UnrecordedFile {
  readonly apiVersion: string;
  readonly kind: 'UnrecordedResources';
  readonly stack: string;
  /** Plan whose apply was cut off. */
  readonly plan: string;
  /** Log of that apply, relative to the federation's folder. */
  readonly log: string;
  /** When that apply began and when it was last heard of, RFC 3339. */
  readonly since?: string | undefined;
  readonly until: string;
  readonly resources: readonly Unrecorded[];
}

/** An unrecorded resource with what is known of its body: what was planned, references resolved by the state. */
export interface ExpectedResource extends Unrecorded {
  readonly values: JsonObject;
}

/** What is asked of a stack's cloud. */
export interface CloudQuery {
  readonly stack: Pick<DeclaredStack, 'path' | 'cloud'>;
  /** Configuration of its providers, by name, as the stack states it; absent where it is in files we do not read. */
  readonly providers?: JsonObject | undefined;
  /** Absolute path of the federation's folder: references to files begin there. */
  readonly root: string;
  /** Credentials of the stack's cloud, resolved. */
  readonly environment: Readonly<Record<string, string>>;
  readonly expected: readonly ExpectedResource[];
  /** Types of all the stack has. */
  readonly types: readonly string[];
  /** Ids any state of the federation holds, and ids that are to be imported; see {@link heldKey}. */
  readonly held: ReadonlySet<string>;
  /** What states of stacks in the same cloud hold or are about to import. */
  readonly inCloud: readonly StateResource[];
  /** Bodies of the stack's resources by type and name, as configured; absent where they are in files we do not read. */
  readonly resources?: JsonObject | undefined;
  /** When the apply that was cut off began, RFC 3339. */
  readonly since?: string | undefined;
}

/** An object of a cloud that is recognisably the stack's and that no state holds. */
export interface Orphan {
  readonly type: string;
  readonly id: string;
  /** What `import` takes. */
  readonly importId: string;
  readonly name?: string | undefined;
  readonly createdAt?: string | undefined;
  /** By what it was recognised. */
  readonly by: string;
  /** What of the stack it is, where only one thing fits. */
  readonly address?: string | undefined;
  /** The better answer. */
  readonly advice: 'adopt' | 'delete';
}

/**
 * What is known of one kind. `read`: all there are were looked at. `failed`: they could not be (all). `setting`: made twice it is
 * one, so nothing is left over. `unknown`: it cannot be told by a program; `look` says what to look for. `foreign`: something is
 * there under the name the stack was about to use, and it is not recognisably the stack's; `look` names it.
 */
export interface KindReading {
  readonly type: string;
  readonly state: 'read' | 'failed' | 'setting' | 'unknown' | 'foreign';
  readonly reason?: string | undefined;
  readonly look?: string | undefined;
}

export interface CloudFinding {
  readonly orphans: readonly Orphan[];
  /** One for each type that was asked about. */
  readonly kinds: readonly KindReading[];
}

/** Asks clouds what they hold. Given by whoever knows clouds; the engine does not. */
export interface CloudPort {
  find(query: CloudQuery): Promise<CloudFinding>;
  /** Deletes one object. @throws ProblemError when the cloud refuses */
  remove(query: CloudQuery, orphan: Orphan): Promise<void>;
  /**
   * Takes away what a cloud made by itself for objects an apply has just destroyed and keeps without them. What cannot be taken
   * away is an answer, not an error.
   */
  clear?(query: ClearQuery): Promise<readonly Cleared[]>;
  /** What projects hold that no state does; absent where clouds cannot be listed. Reads only. */
  unmanaged?(query: UnmanagedQuery): Promise<readonly ProjectReading[]>;
}

/** An object an apply destroyed. */
export interface Removed {
  readonly address: string;
  readonly type: string;
  readonly id: string;
}

export interface ClearQuery extends Pick<CloudQuery, 'root' | 'providers' | 'environment'> {
  /** Path of the stack. */
  readonly stack: string;
  readonly removed: readonly Removed[];
}

/** A remainder, in words; `left` says why it is still there. */
export interface Cleared {
  readonly what: string;
  readonly because: string;
  readonly left?: string | undefined;
}

/** What is left over of one stack after a crash. */
export interface OrphanReport {
  readonly stack: string;
  readonly agency: string;
  /** What the engine had begun or made and no state holds; empty where nothing was cut off. */
  readonly unrecorded: readonly Unrecorded[];
  readonly orphans: readonly Orphan[];
  /** Kinds that keep the question open: not readable, or not to be told by a program. */
  readonly open: readonly KindReading[];
  /** Whether nothing is left to answer. */
  readonly settled: boolean;
}
