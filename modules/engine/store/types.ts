import type { JsonObject, Problem } from '../../core/index.ts';

/** Where states are kept, as `backend:` in `vcloud.yaml` says it. Credentials are references, never values. */
export type BackendSetting =
  | { readonly type: 'local' }
  | {
      readonly type: 'pg';
      /** Begins the name of every schema; several federations may share one database. */
      readonly prefix: string;
      readonly credentials: CredentialReferences;
    }
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly region: string;
      readonly prefix: string;
      readonly endpoint?: string | undefined;
      readonly pathStyle?: boolean | undefined;
      readonly credentials: CredentialReferences;
    }
  | { readonly type: 'kubernetes'; readonly namespace: string; readonly prefix: string; readonly credentials: CredentialReferences };

/** Variable of the child process -> `env:NAME` or `file:PATH`. */
export type CredentialReferences = Readonly<Record<string, string>>;

/** Who holds the lock of a state. */
export interface LockHolder {
  /** What the backend calls the lock; needed to release it. */
  readonly id: string;
  /** In words: user, host, process, operation, since when, as far as the backend tells. */
  readonly who: string;
  /** Whether the holder is known to live, known to be gone, or cannot be told. */
  readonly alive: 'yes' | 'no' | 'unknown';
}

/** Stacks a run has for itself, wherever else the same states are worked on. */
export interface Acquired {
  /** What is to be said of how they are held. */
  readonly problems?: readonly Problem[] | undefined;
  /** Why a stack may be somebody else's by now; undefined: it is held. */
  lost(stack: string): Promise<string | undefined>;
  /** Whether what is held is the engine's own lock of the stack: then the engine must not take it again. */
  ownsEngineLock?(stack: string): boolean;
  /** One stack is done: others may have it. */
  release(stack: string): Promise<void>;
  /** The engine goes on alone with this stack: it stays held until a later run of this folder has seen its end. */
  leave?(stack: string): void;
  releaseAll(): Promise<void>;
}

/** A backend as Terraform's own block writes it. */
export interface BackendBlock {
  readonly type: string;
  readonly config: JsonObject;
}

/**
 * Where the states of stacks are kept. A backend that cannot be asked is an error (ENGINE-BACKEND-UNREACHABLE), never
 * "no state": a plan on a state taken for absent would create everything again.
 */
export interface StateStore {
  readonly type: string;
  /** What `terraform { backend }` of a stack says; undefined: the file in its working folder. */
  block(stack: string): BackendBlock | undefined;
  /** The whole states of these stacks; what has none is absent. */
  read(stacks: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Stacks it holds a state of, also ones nobody declares any more. */
  list(): Promise<readonly string[]>;
  /**
   * Makes empty states. A saved plan names the state it was made on; made on none, the engine would apply it on whatever
   * somebody else put there meanwhile.
   */
  create?(stacks: readonly string[]): Promise<void>;
  /** Replaces a state as a whole, under its lock. Refuses an older serial or another lineage unless `force`. */
  write(stack: string, text: string, options?: { readonly force?: boolean }): Promise<void>;
  /**
   * Takes all of these stacks for one run, or none, and holds them until they are released or the run's process is gone.
   * What engines lock by themselves, one stack at a time, is left to them.
   * Undefined where only the engine can take a lock in this store.
   * @throws ProblemError ENGINE-LOCKED for every stack somebody else has, naming who
   */
  acquire?(stacks: readonly string[], plan: string): Promise<Acquired | undefined>;
  /** Gives back what a killed run of this folder held, and says so. */
  releaseLeft?(): Promise<readonly Problem[]>;
  /** What was recorded of stacks beside their states, as text. */
  records?(): Promise<ReadonlyMap<string, string>>;
  /** Records these stacks; what is recorded of others stays. */
  record?(given: ReadonlyMap<string, string>): Promise<void>;
  /** Locks held now by others, by stack. Changes nothing; see {@link tellsLocks}. */
  locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>>;
  /** False where who holds a lock cannot be asked without taking it away: {@link locks} is empty there and says nothing. Absent: it can. */
  tellsLocks?(): boolean;
  unlock(stack: string, holder: LockHolder): Promise<void>;
}
