import { fail } from '../../core/index.ts';
import type { Engine } from '../binary.ts';
import type { EngineCache } from '../cache.ts';
import { runEngine } from '../process.ts';
import { listStates, readStackFile } from '../state.ts';
import { holdBackend } from '../store/backend-file.ts';
import { refuseUnfinished } from '../store/unfinished.ts';
import { openStates, type States } from '../store/states.ts';
import type { BackendSetting } from '../store/types.ts';
import type { CloudPort } from '../orphans/types.ts';
import type { DeclaredStack } from '../types.ts';
import { resolveCredentials, type CloudCredentials } from './references.ts';

/** What the engine is told of states and credentials, as `vcloud.yaml` has it. */
export interface ServiceSettings {
  /** Where states are kept; local files by default. */
  readonly backend?: BackendSetting | undefined;
  /** Cloud -> where its credentials are. A stack's processes get those of its own cloud and no other's. */
  readonly credentials?: Readonly<Record<string, CloudCredentials>> | undefined;
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
}

/**
 * Opens stores and credentials for a run, and asks remote stores for every state the run may be about.
 * @throws ProblemError ENGINE-BACKEND-CHANGED, ENGINE-BACKEND-UNREACHABLE, ENGINE-CREDENTIALS
 */
export async function openRun(given: Parameters<typeof openServices>[0] & { readonly cache: EngineCache }): Promise<Services> {
  const { root, cache } = given;
  const services = openServices({ ...given, cloudOf: (stack) => readStackFile(root, stack)?.cloud });
  const { states } = services;
  holdBackend(root, states.identity);
  refuseUnfinished(root);
  cache.use(states);
  const known = new Set(given.stacks.flatMap((stack) => [stack.path, ...stack.reads, ...stack.dependsOn]));
  for (const stack of listStates(root)) known.add(stack);
  if (states.common.type !== 'local') for (const stack of await states.common.list()) known.add(stack);
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
  // What cannot be read or was lost is said when it is planned; it is not made anew.
  const missing = stacks.filter((stack) => of(stack) === common && cache.isAbsent(stack));
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
    /** Cloud of stacks that are declared no more, as last applied. */
    readonly cloudOf?: ((stack: string) => string | undefined) | undefined;
  },
): Services {
  const { root, engine, environment, backend, credentials = {} } = given;
  const clouds = new Map(given.stacks.map((stack) => [stack.path, stack.cloud]));
  const backendVariables = (): Record<string, string> => {
    if (backend === undefined || backend.type === 'local') return {};
    return resolveCredentials(backend.credentials, { root, environment: process.env, subject: 'the backend' });
  };
  const environmentOf = (stack: string): Readonly<Record<string, string>> => {
    const cloud = clouds.get(stack) ?? given.cloudOf?.(stack);
    const own = cloud === undefined ? undefined : credentials[cloud];
    const variables = own === undefined ? {} : resolveCredentials(own, { root, environment: process.env, subject: `cloud "${cloud ?? ''}"` });
    for (const name of Object.keys(variables)) refuseControlling(name, cloud ?? '');
    return { ...environment, ...backendVariables(), ...variables };
  };
  const puller = (stack: string, folder: string, args: readonly string[]): ReturnType<typeof runEngine> =>
    runEngine({ binary: engine.binary, arguments: args, folder, environment: environmentOf(stack) });
  const states = openStates({ root, backend, stacks: given.stacks, puller, environment: () => ({ ...environment, ...backendVariables() }) });
  return { states, environmentOf };
}

/** Credentials are for providers: what steers the engine itself or the loader of programs is not theirs to set. */
function refuseControlling(name: string, cloud: string): void {
  if (!/^(?:TF_(?!VAR_)|LD_|DYLD_|NODE_|PATH$|HOME$)/u.test(name)) return;
  fail('ENGINE-CREDENTIALS', `the credentials of cloud "${cloud}" would set ${name}, which steers the engine itself`, {
    file: 'vcloud.yaml',
    subject: `cloud "${cloud}"`,
    hint: 'keep to the variables of the provider, and TF_VAR_*',
  });
}
