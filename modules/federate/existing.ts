import { problem, ProblemError, readYaml, type Problem } from '../core/index.ts';
import { loadSettings, type Federation, type Settings } from '../federation/index.ts';
import type { CloudPort, ServiceSettings, StateOptions, PulumiSettings } from '../engine/index.ts';
import type { DeclaredStack, HeldStack, Synthesis } from '../engine/types.ts';

/** All stacks of a member, and what was found about those that are existing folders. */
export interface AllStacks {
  readonly stacks: readonly DeclaredStack[];
  /** The existing folders, with what their states say that they made. */
  readonly folders: readonly HeldStack[];
  readonly problems: readonly Problem[];
}

/**
 * The synthesised stacks, and the existing folders that `stacks:` in `vcloud.yaml` names.
 * @throws ProblemError with everything that is wrong with those
 */
export async function allStacks(root: string, federation: Federation, synthesis: Synthesis): Promise<AllStacks> {
  const { moves } = federation.settings;
  const found = await declaredStacks(root, federation, synthesis);
  // Without either the engine is not loaded.
  if (found.stacks.length === synthesis.stacks.length && moves.length === 0) return { ...found, folders: [] };
  const { heldStacks, withMoves } = await import('../engine/index.ts');
  const { held, problems } = heldStacks(root, found.stacks);
  const all = { stacks: found.stacks, folders: held, problems: [...found.problems, ...problems] };
  if (moves.length === 0) return all;
  const source = readYaml(root, 'vcloud.yaml');
  const renamed = withMoves(
    all.stacks,
    moves.map((move, index) => ({ ...move, place: source.locate(['moves', index]) })),
  );
  if (renamed.problems.length > 0) throw new ProblemError(renamed.problems);
  return { ...all, stacks: renamed.stacks };
}

async function declaredStacks(root: string, federation: Federation, synthesis: Synthesis): Promise<Omit<AllStacks, 'folders'>> {
  const { stacks: settings } = federation.settings;
  if (settings.length === 0) return { stacks: synthesis.stacks, problems: [] };
  const { discoverFolders } = await import('../engine/index.ts');
  const organisations = new Set(federation.organisations.keys());
  // The file is read for places only, so only where something is to be said.
  let source: ReturnType<typeof readYaml> | undefined;
  const locate = (index: number): ReturnType<NonNullable<typeof source>['locate']> => (source ??= readYaml(root, 'vcloud.yaml')).locate(['stacks', index]);
  const found = discoverFolders(root, settings, { organisations, locate });
  const problems = [...found.problems];
  const made = new Set(synthesis.stacks.map((stack) => stack.path));
  for (const { path, folder } of found.stacks) {
    if (made.has(path))
      problems.push(
        problem('ENGINE-SOURCE-NAME', `the folder "${folder.path}" would be the stack ${path}, which a program makes already`, {
          file: 'vcloud.yaml',
          hint: 'give the folder another name with name:',
        }),
      );
  }
  if (problems.some(({ severity }) => severity === 'error')) throw new ProblemError(problems);
  return { stacks: [...synthesis.stacks, ...found.stacks], problems };
}

/** What `vcloud.yaml` tells the engine: program, parallelism, where states and credentials are. */
export function engineOptions(settings: Settings): ServiceSettings & PulumiSettings & Settings['engine'] {
  const { engine, backend, clouds, member } = settings;
  // Whoever asks no cloud loads none of it.
  const port = async (): Promise<CloudPort> => (await import('../cloud/live/index.ts')).liveClouds({ member: member.id });
  const live: CloudPort = {
    find: async (query) => (await port()).find(query),
    clear: async (query) => (await (await port()).clear?.(query)) ?? [],
    remove: async (query, orphan) => (await port()).remove(query, orphan),
    unmanaged: async (query) => (await (await port()).unmanaged?.(query)) ?? [],
  };
  // Only Pulumi is told what the provider's resources look like.
  const schema: PulumiSettings['schema'] = async () => {
    const { blockOf, configurationOf } = await import('../cloud/index.ts');
    return (type) => (type.startsWith('provider.') ? configurationOf(type.slice('provider.'.length)) : blockOf('resources', type));
  };
  return {
    ...engine,
    schema,
    backend,
    clouds: live,
    credentials: Object.fromEntries(Object.entries(clouds).map(([cloud, { credentials }]) => [cloud, credentials])),
    tenantCredentials: Object.fromEntries(Object.entries(clouds).map(([cloud, { tenants }]) => [cloud, tenants])),
  };
}

/**
 * Where states are, from `vcloud.yaml` and the existing folders alone.
 * @throws ProblemError FED-*, ENGINE-SOURCE-*
 */
export async function stateSettings(root: string): Promise<StateOptions> {
  const settings = loadSettings(root);
  const options = { root, ...engineOptions(settings) };
  if (settings.stacks.length === 0) return { ...options, stacks: [] };
  const { discoverFolders } = await import('../engine/index.ts');
  // Whether those organisations are declared is the business of a plan.
  const found = discoverFolders(root, settings.stacks, { organisations: new Set(settings.stacks.map(({ agency }) => agency)) });
  if (found.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(found.problems);
  return { ...options, stacks: found.stacks };
}
