import * as path from 'node:path';
import { isObject, ProblemError, readTextIfPresent, type JsonObject } from '../../core/index.ts';
import { configurationFile, stateFolder } from '../folders.ts';
import { openServices, type ServiceSettings } from '../credentials/index.ts';
import type { CloudPort, KindReading } from '../orphans/types.ts';
import { heldBy } from '../preflight/held.ts';
import { listStates, readStackFile } from '../state.ts';
import type { DeclaredStack, StateResource } from '../types.ts';

/** How one stack reaches its project. */
export interface StackLogin {
  readonly stack: Pick<DeclaredStack, 'path' | 'cloud'>;
  /** Configuration of its providers, by name; absent where it is in files we do not read. */
  readonly providers?: JsonObject | undefined;
  /** Credentials of the stack's cloud, resolved. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface UnmanagedQuery {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** Whose projects are read, each project once. */
  readonly logins: readonly StackLogin[];
  /** What all states of the member hold or are about to import, by stack. */
  readonly held: ReadonlyMap<string, readonly StateResource[]>;
  /** Cloud of each of those stacks, as far as it is known: ids of some clouds are one only within them. */
  readonly clouds: ReadonlyMap<string, string>;
}

/** An object of a project that no state holds. */
export interface UnmanagedObject {
  readonly type: string;
  readonly id: string;
  /** What `import` takes. */
  readonly importId: string;
  readonly name?: string | undefined;
  readonly createdAt?: string | undefined;
  /** What it stands in or hangs on, where a state holds that: a foreign rule in a group, a port in a network. */
  readonly within?: { readonly stack: string; readonly address: string } | undefined;
  /** Stack whose mark it carries: a crash may have left it over. */
  readonly markedAs?: string | undefined;
}

/** What a project, or a namespace of a Kubernetes cluster, holds beside what is declared. */
export interface ProjectReading {
  readonly cloud: string;
  readonly project: { readonly id: string; readonly name: string };
  /** Stacks that are deployed into it. */
  readonly stacks: readonly string[];
  /** Objects that were read; those that states hold; those the cloud makes itself or another member marked as its own. */
  readonly objects: number;
  readonly held: number;
  readonly made: number;
  readonly unmanaged: readonly UnmanagedObject[];
  /** Kinds that could not be read (`failed`): what they hold beside is unknown. */
  readonly unread: readonly KindReading[];
}

/**
 * Reads the projects of stacks and finds what no state holds. What cannot be read is said per kind, and a cloud that cannot be
 * asked is one whose every kind is unread.
 */
export async function findUnmanaged(given: {
  readonly root: string;
  readonly stacks: readonly DeclaredStack[];
  readonly clouds: CloudPort | undefined;
  readonly environmentOf: (stack: string) => Readonly<Record<string, string>>;
}): Promise<ProjectReading[]> {
  const { root, stacks, clouds, environmentOf } = given;
  const failed = (stack: DeclaredStack, reason: string): ProjectReading => ({
    ...{ cloud: stack.cloud ?? '', project: { id: '', name: '' }, stacks: [stack.path], objects: 0, held: 0, made: 0, unmanaged: [] },
    unread: [{ type: '*', state: 'failed', reason }],
  });
  const { logins, refused } = loginsOf(root, stacks, environmentOf);
  const readings = refused.map(({ stack, reason }) => failed(stack, reason));
  if (logins.length === 0) return readings;
  if (clouds?.unmanaged === undefined) return [...readings, ...stacks.map((stack) => failed(stack, 'no cloud can be asked'))];
  const names = new Set([...listStates(root), ...stacks.map((stack) => stack.path)]);
  const held = new Map([...names].map((name) => [name, heldBy(root, name) ?? []]));
  const cloudOf = new Map(stacks.map((stack) => [stack.path, stack.cloud]));
  const known = [...names].flatMap((name) => {
    const cloud = cloudOf.get(name) ?? readStackFile(root, name)?.cloud;
    return cloud === undefined ? [] : [[name, cloud] as const];
  });
  return [...readings, ...(await clouds.unmanaged({ root, logins, held, clouds: new Map(known) }))];
}

/** How stacks reach their projects, and those whose credentials do not resolve. What is planned in the sandbox has no project. */
export interface StackLogins {
  readonly logins: readonly (StackLogin & { readonly stack: DeclaredStack })[];
  readonly refused: readonly { readonly stack: DeclaredStack; readonly reason: string }[];
}

/** The same outside of a run: credentials are resolved, no engine is started. */
export function stackLogins(options: ServiceSettings & { readonly root: string; readonly stacks: readonly DeclaredStack[] }): StackLogins {
  const services = openServices({ ...options, engine: { name: 'terraform', version: '', binary: '' }, environment: {} });
  return loginsOf(options.root, options.stacks, (stack) => services.environmentOf(stack));
}

function loginsOf(root: string, stacks: readonly DeclaredStack[], environmentOf: (stack: string) => Readonly<Record<string, string>>): StackLogins {
  const logins: (StackLogin & { readonly stack: DeclaredStack })[] = [];
  const refused: { readonly stack: DeclaredStack; readonly reason: string }[] = [];
  for (const stack of stacks) {
    if (stack.cloud === undefined || stack.environment === 'sandbox') continue;
    try {
      logins.push({ stack, providers: providersOf(root, stack), environment: environmentOf(stack.path) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      refused.push({ stack, reason: error.problems.map(({ message }) => message).join('; ') });
    }
  }
  return { logins, refused };
}

function providersOf(root: string, stack: DeclaredStack): JsonObject | undefined {
  const text = stack.json ?? readTextIfPresent(path.join(stateFolder(root, stack.path), configurationFile));
  try {
    const configuration: unknown = JSON.parse(text ?? '');
    return isObject(configuration) && isObject(configuration['provider']) ? (configuration['provider'] as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
