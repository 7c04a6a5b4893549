import type { JsonObject, Place, Problem } from '../core/index.ts';
import type { Preflight } from './preflight/types.ts';
import type { RequiredApproval } from './review/types.ts';

/** One provider resource of a stack, with its real type even in the sandbox. */
export interface StackResource {
  /** `TYPE.NAME` as the real provider knows it. */
  readonly address: string;
  readonly type: string;
  /** Address in the synthesised JSON that is planned: the same, or `terraform_data.TYPE__NAME` in the sandbox. */
  readonly planned: string;
  /** Path of the construct that made it. */
  readonly construct: string;
  /** Declared object it follows from, `KIND/ID` (`tenant/ndxp`), and where that is declared. */
  readonly subject?: string | undefined;
  readonly place?: Place | undefined;
  /** Name it has in the cloud, where its body states one. */
  readonly name?: string | undefined;
}

/** An existing folder of `*.tf` or `*.tf.json`. It is read where it lies and never written to. */
export interface FolderSource {
  /** Relative to the federation's folder, with `/`. */
  readonly path: string;
  /** Files of variables given to every plan, relative to the federation's folder. */
  readonly varFiles: readonly string[];
  /** What has to be fetched before it can be planned, as a digest; absent: nothing. */
  readonly needs?: string | undefined;
  /** Whether the folder has a lock file of its own; it is then used as it is. */
  readonly locked: boolean;
  /** State file of its own, relative to the federation's folder: it stays where it is. */
  readonly ownState?: string | undefined;
  /** Where its `backend "local"` looks for the state, relative to the folder; `terraform.tfstate` by default. */
  readonly statePath: string;
  /** Backend its own configuration names (not `local`), as Terraform JSON. */
  readonly backend?: { readonly type: string; readonly config: JsonObject } | undefined;
}

/** One stack ready to be planned: synthesised JSON, or an existing folder. The engine knows this and nothing of clouds. */
export interface DeclaredStack {
  /** `AGENCY.TENANT.PART`; letters, digits, dots and hyphens. Folder name of its state, log and plan. */
  readonly path: string;
  /** Organisation id of the agency. */
  readonly agency: string;
  readonly tenant?: string | undefined;
  readonly cloud?: string | undefined;
  /**
   * Who its processes act as: the cloud's operator, or the tenant inside its own project. Absent (existing folders, what was
   * applied before this was known): the tenant's own credentials where it has any, else the cloud's as they are.
   */
  readonly authority?: 'operator' | 'tenant' | undefined;
  /** Words it may be selected by, as declared with its tenant. */
  readonly tags?: readonly string[] | undefined;
  /** Nothing of it may be destroyed unless it is named. */
  readonly protect?: boolean | undefined;
  readonly environment: 'sandbox' | 'production';
  /** The Terraform JSON as canonical text, without a backend and without absolute paths; absent for an existing folder. */
  readonly json?: string | undefined;
  /** The existing folder, where it is one. */
  readonly folder?: FolderSource | undefined;
  /** SHA-256 of all that is planned: of `json`, or of every file of the folder and of what it uses. */
  readonly digest: string;
  /** Stacks that must be applied before it (order only). */
  readonly dependsOn: readonly string[];
  /** Stacks whose outputs it reads through `terraform_remote_state`; until they are applied it waits. */
  readonly reads: readonly string[];
  readonly resources: readonly StackResource[];
}

/** A stack made by a program or a blueprint. */
export interface SynthesisedStack extends DeclaredStack {
  readonly json: string;
}

/** A stack that is an existing folder. */
export interface FolderStack extends DeclaredStack {
  readonly folder: FolderSource;
}

/** What a member's programs gave. */
export interface Synthesis {
  /** In code-unit order of `path`. */
  readonly stacks: readonly SynthesisedStack[];
  /** How many stacks came from the cache unchanged. */
  readonly cached: number;
}

/**
 * Planned actions of one resource, as `terraform show -json` names them; `import` takes in what exists already, `move` keeps it
 * under another address.
 */
export type Action = 'create' | 'update' | 'delete' | 'replace' | 'read' | 'no-op' | 'import' | 'move';

export type StackState = 'planned' | 'unchanged' | 'waits' | 'failed' | 'skipped';

export interface StackPlan {
  readonly path: string;
  readonly agency: string;
  readonly state: StackState;
  /** Stacks it waits for, where `state` is `waits`. */
  readonly waitsFor: readonly string[];
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly changes: readonly { readonly address: string; readonly type: string; readonly actions: readonly Action[] }[];
  /** Number of outputs that would change; stacks that read them wait. */
  readonly outputs?: number | undefined;
  /** True for a stack that has a state and is no longer declared: its plan destroys it. */
  readonly removed?: boolean | undefined;
  /** Why it is in this state, where that needs saying (a removed stack that may not be destroyed). */
  readonly reason?: string | undefined;
  readonly error?: string | undefined;
  /** Milliseconds spent in the engine's binary. */
  readonly milliseconds: number;
  /** How often it was tried, where that is more than once. */
  readonly attempts?: number | undefined;
  /** What the engine said, relative to the federation's folder, where it was asked. */
  readonly log?: string | undefined;
}

/** One run of `plan`; written as `manifest.json` of the plan directory. */
export interface PlanRun {
  /** Folder name below `.vcloud/plans/`. */
  readonly id: string;
  /** Path of the plan directory relative to the federation's folder; absent when nothing could be planned. */
  readonly directory?: string | undefined;
  readonly engine?: { readonly name: 'terraform' | 'tofu' | 'pulumi'; readonly version: string } | undefined;
  /** False for a preview, of an engine that cannot apply exactly what it showed. */
  readonly exact?: false | undefined;
  readonly environment: 'sandbox' | 'production';
  readonly stacks: readonly StackPlan[];
  /** Declared stacks that were not selected; absent: no selection was made. */
  readonly excluded?: readonly string[] | undefined;
  /** Id of the plan whose unfinished part this one plans again. */
  readonly continues?: string | undefined;
  /** `destroy`: everything in it is destroyed, declared or not. */
  readonly purpose?: 'destroy' | undefined;
  /** How many stacks, and how many \`init\`, were at work at once. */
  readonly limits?: { readonly parallelism: number; readonly init: number } | undefined;
  /** Why no plan could be made and how to mend it (no binary on this machine). */
  readonly unavailable?: { readonly reason: string; readonly hint: string } | undefined;
  /** Approvals it needs before it may be applied (policies/approvals.yaml). */
  readonly approvals?: readonly RequiredApproval[] | undefined;
  /** What was looked at before anything was planned. */
  readonly preflight?: Preflight | undefined;
  /** What was mended or found on the way: restored states, resources made and not recorded. */
  readonly problems?: readonly Problem[] | undefined;
}

export interface StackApply {
  readonly path: string;
  readonly agency: string;
  readonly result: 'applied' | 'unchanged' | 'failed' | 'stopped' | 'waits';
  readonly because?: string | undefined;
  /** Path of the stack that stopped it or that it waits for, where it was never begun. */
  readonly by?: string | undefined;
  readonly milliseconds: number;
  /** How often it was tried, where that is more than once. */
  readonly attempts?: number | undefined;
  /** Part of it is done: its saved plan cannot be applied any more, the rest must be planned again. */
  readonly cutOff?: boolean | undefined;
  /** Log relative to the federation's folder, where it was begun. */
  readonly log?: string | undefined;
}

export interface ApplyRun {
  readonly id: string;
  /** Path of the plan directory relative to the federation's folder. */
  readonly directory?: string | undefined;
  readonly engine?: { readonly name: 'terraform' | 'tofu' | 'pulumi'; readonly version: string } | undefined;
  readonly environment?: 'sandbox' | 'production' | undefined;
  readonly stacks: readonly StackApply[];
  /** Declared stacks the plan was not about; absent: no selection was made. */
  readonly excluded?: readonly string[] | undefined;
  readonly limits?: { readonly parallelism: number; readonly init: number } | undefined;
  /** What was mended or found on the way. */
  readonly problems?: readonly Problem[] | undefined;
}

/** An existing folder that is a stack, and what its state says that it made. */
export interface HeldStack extends Pick<DeclaredStack, 'path' | 'agency' | 'tenant' | 'cloud' | 'environment' | 'digest' | 'dependsOn'> {
  /** The folder, relative to the federation's. */
  readonly folder: string;
  /** Secrets masked; undefined: its state is not known here. */
  readonly resources: readonly StateResource[] | undefined;
}

/** What a state holds of one resource. */
export interface StateResource {
  readonly stack: string;
  /** Address as planned (`terraform_data.TYPE__NAME` in the sandbox). */
  readonly address: string;
  /** Real type, also in the sandbox. */
  readonly type: string;
  /** In the sandbox `id`, `input` (the body), `output`, `triggers_replace`. */
  readonly attributes: JsonObject;
}
