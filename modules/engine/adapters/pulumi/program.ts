/** A value of a program: JSON, in which these objects stand for what is known only when it runs. */
export type ProgramValue = string | number | boolean | null | readonly ProgramValue[] | Marked | { readonly [name: string]: ProgramValue };

/** `ref`: a value of another resource; `join`: text made of several; `secret`: one nobody is shown. */
export type Marked =
  | { readonly $: 'ref'; readonly id: string; readonly path: readonly (string | number)[] }
  | { readonly $: 'join'; readonly parts: readonly ProgramValue[] }
  | { readonly $: 'secret'; readonly value: ProgramValue };

export interface ProgramResource {
  /** Address in Terraform's words, `TYPE.NAME`: what others refer to it by. */
  readonly id: string;
  readonly token: string;
  readonly name: string;
  /** Name of the provider it is made by. */
  readonly provider: string;
  readonly properties: Readonly<Record<string, ProgramValue>>;
  /** Properties others read: they must be declared to be read. */
  readonly reads: readonly string[];
  /** Properties the schema calls sensitive. */
  readonly secrets: readonly string[];
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly timeouts: Readonly<Record<string, string>>;
}

export interface ProgramProvider {
  readonly name: string;
  /** `terraform-provider-openstack/openstack`, as `required_providers` has it. */
  readonly source: string;
  readonly version?: string | undefined;
  /** As the configuration sets it; what it leaves out comes from the environment. */
  readonly settings: Readonly<Record<string, ProgramValue>>;
}

/** A synthesised stack as the graph any engine could build: resources after those they refer to. */
export interface Program {
  readonly providers: readonly ProgramProvider[];
  readonly resources: readonly ProgramResource[];
  readonly outputs: Readonly<Record<string, ProgramValue>>;
}

/** What the process that runs Pulumi is asked to do; handed over on its standard input, because values may be secrets. */
export interface WorkerRequest {
  readonly operation: 'preview' | 'up' | 'destroy' | 'preview-destroy';
  /** Name of the stack. */
  readonly stack: string;
  /** Absolute path of its state. */
  readonly backend: string;
  readonly program: Program;
  /** Provider -> absolute path of its program. */
  readonly providers: Readonly<Record<string, string>>;
  /** Changes that were previewed; others are refused before anything is done. */
  readonly expected?: readonly PulumiChange[] | undefined;
}

/** One change as Pulumi's engine tells it. */
export interface PulumiChange {
  /** `TYPE.NAME`, as in Terraform. */
  readonly address: string;
  readonly type: string;
  readonly operation: string;
  /** Properties that differ, in Pulumi's names. */
  readonly differences: readonly string[];
}

/** The last line the process prints. */
export interface WorkerAnswer {
  readonly type: 'end';
  readonly ok: boolean;
  readonly changes: readonly PulumiChange[];
  /** Number of resources the stack has afterwards, itself and its providers left out. */
  readonly resources: number;
  readonly error?: string | undefined;
  /** `moved`: other changes than were previewed; `locked`: another update holds the stack, or one that was killed. */
  readonly reason?: 'moved' | 'locked' | undefined;
}
