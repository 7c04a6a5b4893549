import type { EngineCache } from '../cache.ts';
import type { Services } from '../credentials/index.ts';
import type { Subject } from '../gather.ts';
import { heldBy } from './held.ts';
import type { DeclaredStack } from '../types.ts';
import { checkPlanned } from './run.ts';
import { refusalText, refusedStacks, summarisePreflight } from './summarise.ts';
import type { Preflight, PreflightMode, PreflightPort, PreflightResult, PreflightRun } from './types.ts';

/** What a plan is told of preflight. */
export interface PreflightSettings {
  /** Looks at stacks before they are planned; without it nothing is looked at. */
  readonly preflight?: PreflightPort | undefined;
  /** `full` by default; the sandbox asks no cloud. */
  readonly preflightMode?: PreflightMode | undefined;
}

/** The preflight of one plan: what it refuses is not planned. */
export class PreflightStep {
  readonly #run: PreflightRun;
  readonly #mode: PreflightMode;
  readonly #results: PreflightResult[];
  #refused: Map<string, PreflightResult[]>;

  private constructor(run: PreflightRun, mode: PreflightMode) {
    this.#run = run;
    this.#mode = mode;
    this.#results = [...run.results];
    this.#refused = refusedStacks(this.#results);
  }

  /** Looks at what may change: a stack that is as its last plan found it, with nothing to do, is not looked at. */
  static async begin(
    { preflight, preflightMode = 'full' }: PreflightSettings,
    given: {
      readonly root: string;
      readonly declared: readonly DeclaredStack[];
      readonly subjects: readonly Subject[];
      readonly cache: EngineCache;
      readonly services: Services;
    },
  ): Promise<PreflightStep | undefined> {
    if (preflight === undefined) return undefined;
    const { root, declared, subjects, cache, services } = given;
    const stacks = subjects.flatMap(({ path, key, stack, broken }) => {
      const memory = cache.memory(path);
      const idle = memory?.key === key && memory.planned === undefined;
      return stack === undefined || idle || broken !== undefined ? [] : [stack];
    });
    const run = await preflight.begin({
      root,
      mode: preflightMode,
      stacks,
      declared,
      environmentOf: (stack) => services.environmentOf(stack),
      held: (stack) => heldBy(root, stack),
    });
    return new PreflightStep(run, preflightMode);
  }

  /** Why a stack is not planned, or may not be applied. */
  refusal(stack: string): string | undefined {
    const faults = this.#refused.get(stack);
    return faults && refusalText(faults);
  }

  /** Whether only the plan of a stack tells what is to be looked at. */
  wants(stack: string): boolean {
    return this.#run.later.has(stack);
  }

  /** Looks at a stack by its plan, as `show -json` printed it. */
  async look(stack: string, shown: string): Promise<void> {
    this.#results.push(...(await checkPlanned(this.#run, stack, shown)));
    this.#refused = refusedStacks(this.#results);
  }

  end(): Preflight {
    this.#run.close();
    return summarisePreflight(this.#mode, this.#results);
  }
}
