import type { JsonObject } from '../../core/index.ts';

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
  /** Why they may be somebody else's by now; undefined: they are held. */
  lost(): Promise<string | undefined>;
  /** One stack is done: others may have it. */
  release(stack: string): Promise<void>;
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
   * @throws ProblemError ENGINE-LOCKED for every stack somebody else has, naming who
   */
  acquire?(stacks: readonly string[], plan: string): Promise<Acquired>;
  /** Locks held now by others, by stack. */
  locks(stacks: readonly string[]): Promise<ReadonlyMap<string, LockHolder>>;
  unlock(stack: string, holder: LockHolder): Promise<void>;
}
