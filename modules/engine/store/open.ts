import { ProblemError } from '../../core/index.ts';
import { requirePromise } from '../adapters/promises.ts';
import { findEngine, isEngine, type Engine, type EngineChoice } from '../binary.ts';
import { EngineCache } from '../cache.ts';
import { openServices, type Services, type ServiceSettings } from '../credentials/services.ts';
import { childEnvironment } from '../environment.ts';
import { listStates, readStackFile } from '../state.ts';
import type { DeclaredStack } from '../types.ts';
import { unavailable } from '../verify.ts';
import { holdBackend } from './backend-file.ts';
import type { StateStore } from './types.ts';

export interface StateOptions extends ServiceSettings {
  /** Absolute path of the federation's folder. */
  readonly root: string;
  /** What is declared: folders may bring a backend of their own. */
  readonly stacks: readonly DeclaredStack[];
  readonly binary?: EngineChoice | undefined;
}

/** The stores of a federation, for what is done to states outside of plan and apply. */
export interface OpenStates {
  readonly services: Services;
  readonly engine: Engine;
  readonly cache: EngineCache;
  /** Stacks that have a state, or had one when last seen, in code-unit order. */
  readonly known: () => Promise<readonly string[]>;
  readonly of: (stack: string) => StateStore;
}

/**
 * Opens the stores. With `anyBackend` also where the states are in another one than the settings say.
 * @throws ProblemError ENGINE-UNAVAILABLE, ENGINE-BACKEND-CHANGED
 */
export async function openForStates(options: StateOptions, { anyBackend = false } = {}): Promise<OpenStates> {
  const { root, stacks } = options;
  requirePromise(options.binary, 'stateVerbs', 'what is done to states');
  const environment = childEnvironment(process.env);
  const cache = new EngineCache(root);
  const engine = await findEngine(options.binary ?? 'auto', environment, cache.versions);
  if (!isEngine(engine)) throw new ProblemError(unavailable(engine));
  const services = openServices({ ...options, engine, environment, recordOf: (stack) => readStackFile(root, stack) });
  const { states } = services;
  if (!anyBackend) holdBackend(root, states.identity);
  cache.use(states);
  return {
    services,
    engine,
    cache,
    of: (stack) => states.of(stack),
    known: async () => {
      const own = stacks.filter((stack) => states.of(stack.path) !== states.common).map((stack) => stack.path);
      return [...new Set([...(await states.common.list()), ...listStates(root), ...own])].sort();
    },
  };
}
