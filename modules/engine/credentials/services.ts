import { digestOf, fail } from '../../core/index.ts';
import type { Engine } from '../binary.ts';
import type { EngineCache } from '../cache.ts';
import { runEngine } from '../process.ts';
import { listStates, readStackFile, type StackRecord } from '../state.ts';
import { holdBackend } from '../store/backend-file.ts';
import { recallRemovals } from '../store/removal-records.ts';
import { refuseUnfinished } from '../store/unfinished.ts';
import { openStates, type States } from '../store/states.ts';
import type { BackendSetting } from '../store/types.ts';
import type { CloudPort } from '../orphans/types.ts';
import type { DeclaredStack } from '../types.ts';
import { inProjectOf, requireLogin } from './openstack.ts';
import { resolveCredentials, type CloudCredentials } from './references.ts';

/** What the engine is told of states and credentials, as `vcloud.yaml` has it. */
export interface ServiceSettings {
  /** Where states are kept; local files by default. */
  readonly backend?: BackendSetting | undefined;
  /** Cloud -> where its credentials are. A stack's processes get those of its own cloud and no other's. */
  readonly credentials?: Readonly<Record<string, CloudCredentials>> | undefined;
  /** Cloud -> tenant -> where the credentials of its project are: what acts as the tenant gets these and no others. */
  readonly tenantCredentials?: Readonly<Record<string, Readonly<Record<string, CloudCredentials>>>> | undefined;
  /** Asks clouds what a crash left over. Without it what may be left is only named. */
  readonly clouds?: CloudPort | undefined;
}

export interface Services {
  readonly states: States;
  /**
   * Environment of one stack's processes: what all get, the backend's credentials, those of the stack's cloud. Resolved at
   * each call and kept nowhere.
   * @throws ProblemError ENGINE-CREDENTIALS
   */
  environmentOf(stack: string): Readonly<Record<string, string>>;
  /**
   * Digest of what the stack's processes reach and as whom: cloud, tenant, authority, and where their credentials are (never what
   * they are). A plan follows from it, though no configuration says it. Undefined: it is of no cloud.
   */
  actorOf(stack: string): string | undefined;
}

/**
 * Opens stores and credentials for a run, and asks remote stores for every state the run may be about.
 * @throws ProblemError ENGINE-BACKEND-CHANGED, ENGINE-BACKEND-UNREACHABLE, ENGINE-CREDENTIALS
 */
export async function openRun(given: Parameters<typeof openServices>[0] & { readonly cache: EngineCache }): Promise<Services> {
  const { root, cache } = given;
  const services = openServices({ ...given, recordOf: (stack) => readStackFile(root, stack) });
  const { states } = services;
  holdBackend(root, states.identity);
  refuseUnfinished(root);
  cache.use(states);
  const known = new Set(given.stacks.flatMap((stack) => [stack.path, ...stack.reads, ...stack.dependsOn]));
  for (const stack of listStates(root)) known.add(stack);
  if (states.common.type !== 'local') {
    const listed = await states.common.list();
    for (const stack of listed) known.add(stack);
    const declared = new Set(given.stacks.map((stack) => stack.path));
    await recallRemovals(
      root,
      states,
      listed.filter((stack) => !declared.has(stack)),
    );
  }
  await cache.refresh([...known]);
  return services;
}

/**
 * Makes the empty states that stacks about to be planned for the first time are planned on, where the common store is a
 * remote one.
 */
export async function createStates(services: Services, cache: EngineCache, stacks: readonly string[]): Promise<void> {
  const { common, of } = services.states;
  if (common.create === undefined) return;
  // Terraform's kubernetes backend makes a state by being asked for it: that one is there does not say that it is listed.
  const listed = new Set(await common.list());
  // What cannot be read or was lost is said when it is planned; it is not made anew.
  const missing = stacks.filter((stack) => of(stack) === common && (cache.isAbsent(stack) || !listed.has(stack)));
  if (missing.length === 0) return;
  await common.create(missing);
  await cache.refresh(missing);
}

/** Opens stores and credentials for one run. Resolves nothing and asks nobody yet. */
export function openServices(
  given: ServiceSettings & {
    readonly root: string;
    readonly engine: Engine;
    /** What every process of the engine gets. */
    readonly environment: Readonly<Record<string, string>>;
    readonly stacks: readonly DeclaredStack[];
    /** Stacks that are declared no more, as last applied. */
    readonly recordOf?: ((stack: string) => StackRecord | undefined) | undefined;
  },
): Services {
  const { root, engine, environment, backend } = given;
  const declared = new Map(given.stacks.map((stack) => [stack.path, stack]));
  const backendVariables = (): Record<string, string> => {
    if (backend === undefined || backend.type === 'local') return {};
    return resolveCredentials(backend.credentials, { root, environment: process.env, subject: 'the backend' });
  };
  const environmentOf = (stack: string): Readonly<Record<string, string>> => {
    const actor = declared.get(stack) ?? given.recordOf?.(stack);
    return { ...environment, ...backendVariables(), ...(actor === undefined ? {} : cloudVariables(root, given, actor)) };
  };
  const puller = (stack: string, folder: string, args: readonly string[]): ReturnType<typeof runEngine> =>
    runEngine({ binary: engine.binary, arguments: args, folder, environment: environmentOf(stack) });
  const states = openStates({ root, backend, stacks: given.stacks, puller, environment: () => ({ ...environment, ...backendVariables() }) });
  const actorOf = (stack: string): string | undefined => {
    const actor = declared.get(stack) ?? given.recordOf?.(stack);
    if (actor?.cloud === undefined) return undefined;
    const { cloud, tenant, authority } = actor;
    return digestOf([cloud, tenant ?? null, authority ?? null, referenceOf(given, actor, cloud).reference ?? null]);
  };
  return { states, environmentOf, actorOf };
}

type Actor = Pick<DeclaredStack, 'cloud' | 'tenant' | 'authority' | 'environment'>;

/**
 * What one stack's processes get to reach its cloud: its tenant's own credentials, else the cloud's, and those turned to the
 * tenant's project where the stack acts as the tenant.
 */
function cloudVariables(root: string, settings: ServiceSettings, actor: Actor): Record<string, string> {
  const { cloud, tenant, authority } = actor;
  if (cloud === undefined) return {};
  const { own, reference } = referenceOf(settings, actor, cloud);
  if (reference === undefined) return {};
  const subject = own === undefined ? `cloud "${cloud}"` : `tenant "${tenant ?? ''}" in cloud "${cloud}"`;
  const context = { root, environment: process.env, subject };
  const variables = resolveCredentials(reference, context);
  for (const name of Object.keys(variables)) refuseControlling(name, subject);
  if (authority === undefined) return variables;
  requireLogin(variables, context);
  return own === undefined && authority === 'tenant' && tenant !== undefined ? inProjectOf(tenant, cloud, variables, context) : variables;
}

/** Where the credentials of a stack are: `own` its tenant's, `reference` those it is given. */
function referenceOf(
  { credentials = {}, tenantCredentials = {} }: ServiceSettings,
  { tenant, authority, environment }: Actor,
  cloud: string,
): { readonly own: CloudCredentials | undefined; readonly reference: CloudCredentials | undefined } {
  const own = tenant === undefined || authority === 'operator' ? undefined : tenantCredentials[cloud]?.[tenant];
  // What is planned for real and names nothing is looked for where OpenStack's own tools would: by the cloud's name.
  const usual = authority !== undefined && environment === 'production' ? `clouds.yaml:${cloud}` : undefined;
  return { own, reference: own ?? credentials[cloud] ?? usual };
}

/** Credentials are for providers: what steers the engine itself or the loader of programs is not theirs to set. */
function refuseControlling(name: string, subject: string): void {
  if (!/^(?:TF_(?!VAR_)|LD_|DYLD_|NODE_|PATH$|HOME$)/u.test(name)) return;
  fail('ENGINE-CREDENTIALS', `the credentials of ${subject} would set ${name}, which steers the engine itself`, {
    file: 'vcloud.yaml',
    subject,
    hint: 'keep to the variables of the provider, and TF_VAR_*',
  });
}
