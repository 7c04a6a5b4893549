import { digestOf } from '../../core/index.ts';
import type { DeclaredValue } from './effects.ts';
import type { InputFile, Language, Review, ReviewNames } from './types.ts';

/** What those who declare tell the engine of a plan, which knows nothing of clouds and networks itself. */
export interface PlanFacts {
  /** Every file the declared stacks follow from: a plan is refused once one of them changed. */
  readonly inputs: readonly InputFile[];
  /** Names of agencies by organisation id. */
  readonly names?: Readonly<Record<string, ReviewNames>> | undefined;
  /** Security level by stack path, where one is stated. */
  readonly levels?: Readonly<Record<string, number>> | undefined;
  /** Values others rely on, as they are declared now. */
  readonly declared?: readonly DeclaredValue[] | undefined;
  /** Language of the summaries written beside the plan; the page has both. */
  readonly language?: Language | undefined;
}

/** Makes the page of a review. Given from outside, because the engine draws no pages. */
export type ReviewPage = (review: Review, language: Language) => string | Promise<string>;

/** One digest over all input files; what a plan's id follows from. */
export function inputsDigest(facts: PlanFacts | undefined): string | undefined {
  return facts && digestOf(facts.inputs);
}
