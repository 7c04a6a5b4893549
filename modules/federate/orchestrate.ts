import type { MessageListener, Orchestrator } from '../engine/index.ts';
import { engineOptions } from './existing.ts';
import { planContext } from './plan-facts.ts';
import { prepareStacks, type Prepared, type PrepareOptions } from './prepare.ts';

export interface OrchestrateOptions extends PrepareOptions {
  /** Told what happens, by typed messages. */
  readonly onMessage?: MessageListener | undefined;
  /** After it nothing new is begun; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The engine of one federation, for programs: its files are read as they are now, and every verb is about exactly what they
 * declare. Open it again after they changed.
 * @param root absolute path of the federation's folder
 * @throws ProblemError with every problem of the step that found any
 */
export async function orchestrate(root: string, options: OrchestrateOptions): Promise<Orchestrator> {
  const { onMessage, signal, ...rest } = options;
  return await orchestratorOf(root, await prepareStacks(root, rest), { onMessage, signal });
}

/** The same, of a federation that is prepared already. */
export async function orchestratorOf(
  root: string,
  prepared: Omit<Prepared, 'overlays'>,
  listening: Pick<OrchestrateOptions, 'onMessage' | 'signal'>,
): Promise<Orchestrator> {
  const { Orchestrator } = await import('../engine/index.ts');
  return new Orchestrator({ root, stacks: prepared.stacks, ...planContext(root, prepared), ...engineOptions(prepared.federation.settings), ...listening });
}
