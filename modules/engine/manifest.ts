import { digestOf, type API_VERSION } from '../core/index.ts';
import type { Engine } from './binary.ts';
import type { ProviderVersions } from './providers.ts';
import type { ReviewFacts } from './review/build.ts';
import type { InputFile, RequiredApproval } from './review/types.ts';
import type { StateHead } from './state.ts';
import type { StackPlan, StackResource, DeclaredStack } from './types.ts';

/** Which stacks a plan is about, as it is written down. Manifests written before there were expressions have `agency` and `stack`. */
export interface PlannedSelection {
  /** The selection in its one form; absent: everything. */
  readonly expression?: string | undefined;
  /** Paths of the stacks that were declared and not selected. */
  readonly excluded?: readonly string[] | undefined;
  readonly agency?: string | undefined;
  readonly stack?: string | undefined;
}

/** One version of a state. */
export type StateVersion = Pick<StateHead, 'serial' | 'lineage'>;

/** Whose cloud the processes of a stack reach, and as whom: two clouds may well be planned from the same configuration. */
export type StackActor = Pick<DeclaredStack, 'cloud' | 'tenant' | 'authority'>;

/** A stack as it lies in a plan directory. */
export interface ManifestStack extends Omit<StackPlan, 'milliseconds'> {
  /** SHA-256 of the configuration that was planned; absent for a removed stack. */
  readonly digest?: string | undefined;
  /** The state it was planned on; absent: there was none. */
  readonly before?: StateVersion | undefined;
  /** Where it was planned, and as whom; absent for a removed stack, and in manifests written before it was told. */
  readonly actor?: StackActor | undefined;
  /** Digest of all inputs; what the cache remembers it by. */
  readonly key: string;
  /** What must be applied first. */
  readonly after: readonly string[];
  /** Digest of the outputs read from each producer; null: it had no state. */
  readonly reads: Readonly<Record<string, string | null>>;
  readonly dependsOn: readonly string[];
  /** Saved plan, and its JSON where details were asked for, relative to the plan directory. */
  readonly saved?: SavedPlan | undefined;
}

/** Files of one saved plan, relative to the plan directory, each with its SHA-256. */
export interface SavedPlan extends SavedDigests {
  readonly plan: string;
  readonly json?: string | undefined;
  /** Changes attribute by attribute, without secrets. */
  readonly changes?: string | undefined;
}

/** Digests of what was saved of one plan, and the providers it was made with. */
export interface SavedDigests {
  readonly sha256: string;
  readonly jsonSha256?: string | undefined;
  readonly changesSha256?: string | undefined;
  readonly providers?: ProviderVersions | undefined;
}

/** `manifest.json` of a plan directory: what was planned, and everything it followed from. */
export interface Manifest {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'PlanManifest';
  readonly id: string;
  readonly engine: { readonly name: 'terraform' | 'tofu'; readonly version: string };
  readonly environment: 'sandbox' | 'production';
  /** Where the states are that it was made on: kind and place, no credentials. Absent in manifests written before it was told. */
  readonly backend?: string | undefined;
  readonly selection: PlannedSelection;
  /** The plan whose unfinished part this one plans again. */
  readonly continues?: string | undefined;
  /** `destroy`: everything in it is destroyed, declared or not. */
  readonly purpose?: 'destroy' | undefined;
  readonly stacks: readonly ManifestStack[];
  /** Files everything follows from; absent in manifests written before they were told, and where a program gave none. */
  readonly inputs?: readonly InputFile[] | undefined;
  /** What people see beside the plans themselves. */
  readonly facts?: (ReviewFacts & { readonly approvals?: readonly RequiredApproval[] | undefined }) | undefined;
  /** Digests of the files people review, by name. */
  readonly review?: Readonly<Record<string, string>> | undefined;
}

export const manifestFile = 'manifest.json';

/** Digest of everything the plan of one stack follows from. */
export function inputKey(inputs: {
  readonly engine: Pick<Engine, 'name' | 'version'>;
  readonly digest: string | undefined;
  readonly before: StateVersion | undefined;
  readonly reads: Readonly<Record<string, string | null>>;
  /** What its processes reach, and as whom (`Services.actorOf`). */
  readonly actor: string | undefined;
  /** Objects that exist and that this plan takes into the state. */
  readonly imports?: readonly { readonly to: string; readonly id: string }[] | undefined;
}): string {
  const { engine, digest, before, reads, actor, imports = [] } = inputs;
  const base = [engine.name, engine.version, digest ?? 'destroy', before === undefined ? null : [before.serial, before.lineage], reads];
  const more = [...(imports.length === 0 ? [] : [imports.map(({ to, id }) => [to, id])]), ...(actor === undefined ? [] : [{ actor }])];
  return digestOf([...base, ...more]);
}

/** Name of a plan: the first digits of the digest of its inputs, so that the same inputs give the same directory. */
export function planId(inputs: unknown): string {
  return digestOf(inputs).slice(0, 16);
}

/** Real name and type of what is planned, where the sandbox plans something in its place. */
export function realNames(stack: Pick<DeclaredStack, 'resources'>): ReadonlyMap<string, StackResource> {
  return new Map(stack.resources.map((resource) => [resource.planned, resource]));
}
