import { ProblemError, withWriteLock, type JsonObject } from '../../core/index.ts';
import { findEngine, isEngine, type EngineChoice } from '../binary.ts';
import { EngineCache } from '../cache.ts';
import { openRun, openServices, type ServiceSettings } from '../credentials/index.ts';
import { childEnvironment } from '../environment.ts';
import { chooseStacks, changedStacks, selectables, type Selection } from '../select/index.ts';
import { heldBy } from './held.ts';
import type { DeclaredStack } from '../types.ts';
import { summarisePreflight } from './summarise.ts';
import type { Preflight, PreflightMode, PreflightPort, PreflightResult, PreflightRun } from './types.ts';

export interface PreflightOptions extends ServiceSettings {
  readonly root: string;
  /** All that is declared, whatever is selected. */
  readonly stacks: readonly DeclaredStack[];
  readonly select?: Selection | undefined;
  readonly preflight: PreflightPort;
  readonly preflightMode?: PreflightMode | undefined;
  readonly binary?: EngineChoice | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** What is said of a stack whose configuration only an engine can read, where none was asked. */
const onlyPlanned = 'its configuration is HCL or uses modules, which only a plan reads';

/**
 * Looks at the selected stacks without planning anything: what their configuration says and, where clouds may be asked, what
 * those have, allow and hold. Nothing is made.
 * @throws ProblemError where the selection or a store of states is wrong
 */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const { root, stacks: declared, preflight: port } = options;
  const mode = options.preflightMode ?? 'full';
  return await withWriteLock(root, 'preflight', async () => {
    const environment = childEnvironment(process.env, options.environment);
    const cache = new EngineCache(root);
    const engine = await findEngine(options.binary === 'pulumi' ? 'auto' : (options.binary ?? 'auto'), environment, cache.versions);
    // Without an engine there is no state of a remote store, but all else can be looked at.
    const services = isEngine(engine)
      ? await openRun({ ...options, engine, environment, cache })
      : openServices({ ...options, engine: { name: 'terraform', version: '', binary: '' }, environment });
    const choice = chooseStacks(options.select ?? {}, { stacks: selectables(root, declared), changed: () => changedStacks(root, declared, cache) });
    const chosen = declared.filter(({ path }) => choice.paths.has(path));
    const run = await port.begin({
      root,
      mode,
      stacks: chosen,
      declared,
      environmentOf: (stack) => services.environmentOf(stack),
      held: (stack) => heldBy(root, stack),
    });
    run.close();
    cache.save();
    const open = [...run.later].map((stack): PreflightResult => {
      return { check: 'configuration', stacks: [stack], result: 'unknown', message: onlyPlanned, hint: 'vcloud plan checks it, before it is applied' };
    });
    return summarisePreflight(mode, [...run.results, ...open]);
  });
}

/** Checks one stack by its saved plan; that this fails is a result too. */
export async function checkPlanned(run: PreflightRun, stack: string, shown: string): Promise<readonly PreflightResult[]> {
  try {
    return await run.planned(stack, JSON.parse(shown) as JsonObject);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [{ check: 'configuration', stacks: [stack], result: 'unknown', message: error.problems.map(({ message }) => message).join('; ') }];
  }
}
