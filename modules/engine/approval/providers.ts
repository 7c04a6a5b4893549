import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, problem, Problems, sha256, sortedBy, writeFileAtomic, type Problem } from '../../core/index.ts';
import type { EngineCache } from '../cache.ts';
import type { Services } from '../credentials/index.ts';
import { runEngine } from '../process.ts';
import type { Manifest, ManifestStack } from '../manifest.ts';
import { providerChange, providersIn } from '../providers.ts';
import { atMost } from '../schedule/index.ts';
import type { DeclaredStack } from '../types.ts';
import { openWorkspace, workspaceFolder } from '../workspace.ts';
import { lockIn } from './plan-lock.ts';
import type { PlanReader } from './saved-plans.ts';

const lockFile = '.terraform.lock.hcl';

/** What fetching the providers of a plan takes, on a machine that never had them. */
export interface ProviderFetcher extends PlanReader {
  readonly services: Pick<Services, 'states' | 'environmentOf'>;
  readonly cache: Pick<EngineCache, 'setInitialised'>;
  /** How many `init` may run at once. */
  readonly init: number;
  /** Stacks that are about to be applied. */
  readonly todo: ReadonlySet<string>;
}

interface Planned {
  readonly root: string;
  readonly directory: string;
  readonly manifest: Manifest;
  readonly stacks: readonly DeclaredStack[];
}

/**
 * Initialises the working folders of planned stacks that never were, as on the fresh runner of a pipeline, with the very
 * providers the plan was made with: its own lock file, which the engine may not change. Only downloads; what was
 * initialised before is left as it is. Returns why it could not be.
 */
export async function fetchProviders(given: Planned, fetcher: ProviderFetcher, wanted: (stack: ManifestStack) => boolean): Promise<Problem[]> {
  const declared = new Map(given.stacks.map((stack) => [stack.path, stack]));
  const once = atMost(fetcher.init);
  const problems = new Problems();
  await Promise.all(
    given.manifest.stacks.map(async (stack) => {
      const now = declared.get(stack.path);
      // One that is declared otherwise now is refused, and nothing is fetched for it.
      if (stack.state !== 'planned' || !hasProviders(stack) || now?.digest !== stack.digest || !wanted(stack)) return;
      if (isInitialised(workspaceFolder(given.root, stack.path, now))) return;
      try {
        await once(async () => await fetchOf(given, fetcher, stack, now));
      } catch (error) {
        problems.absorb(error);
      }
    }),
  );
  return sortedBy(problems.list, ({ subject = '' }) => subject);
}

async function fetchOf({ root, directory }: Planned, fetcher: ProviderFetcher, stack: ManifestStack, now: DeclaredStack | undefined): Promise<void> {
  const { engine, services, timeout, cache } = fetcher;
  const workspace = openWorkspace(root, stack.path, now, services.states);
  const place = path.join(workspace.folder, lockFile);
  if (!fs.existsSync(place)) {
    const lock = savedLock(directory, stack);
    if (lock !== undefined) writeFileAtomic(place, lock, { mode: 0o600, durable: false });
  }
  // A lock of theirs, or one that was left here, may be of other providers: that is told, and not made up for.
  if (fs.existsSync(place) && providerChange(stack.saved?.providers, providersIn(workspace.folder)) !== undefined) return;
  const readonly = fs.existsSync(place) && !workspace.initArguments.includes('-lockfile=readonly') ? ['-lockfile=readonly'] : [];
  const ended = await runEngine({
    binary: engine.binary,
    arguments: ['init', '-input=false', '-no-color', ...readonly, ...workspace.initArguments],
    folder: workspace.folder,
    environment: services.environmentOf(stack.path),
    timeout,
  });
  if (ended.code === 0) {
    if (workspace.needs !== undefined) cache.setInitialised(stack.path, engine, workspace.needs);
    return;
  }
  // Half of it must not be taken for all of it by the next run.
  fs.rmSync(path.join(workspace.folder, '.terraform'), { recursive: true, force: true });
  const why =
    ended.overdue === true ? `"init" did not end within ${timeout ?? 0} s and was ended` : ended.stderr.trim() || 'the engine could not be initialised';
  fail('ENGINE-PROVIDER-ABSENT', `the providers it was planned with could not be fetched: ${why}`, {
    subject: stack.path,
    hint: 'see that the registry or mirror of providers can be reached from here; nothing was changed',
  });
}

/**
 * Stacks whose working folder holds other providers than those they were planned with. A folder that was never
 * initialised holds none: there it is for an apply, which fetches them first, to tell.
 */
export function staleProviders({ root, manifest, stacks }: Planned, hint: string): Problem[] {
  const declared = new Map(stacks.map((stack) => [stack.path, stack]));
  return manifest.stacks.flatMap((stack) => {
    const folder = workspaceFolder(root, stack.path, declared.get(stack.path));
    if (stack.saved?.providers === undefined || (!isInitialised(folder) && !fs.existsSync(path.join(folder, lockFile)))) return [];
    const change = providerChange(stack.saved.providers, providersIn(folder));
    return change === undefined ? [] : [problem('ENGINE-STALE-PROVIDER', `planned with other providers: ${change}`, { subject: stack.path, hint })];
  });
}

function savedLock(directory: string, { saved }: ManifestStack): string | undefined {
  try {
    const plan = fs.readFileSync(path.join(directory, saved?.plan ?? ''));
    return sha256(plan) === saved?.sha256 ? lockIn(plan) : undefined;
  } catch {
    return undefined;
  }
}

function hasProviders({ saved }: ManifestStack): boolean {
  return Object.keys(saved?.providers ?? {}).length > 0;
}

function isInitialised(folder: string): boolean {
  return fs.existsSync(path.join(folder, '.terraform'));
}
