import type { Verb } from '../kit.ts';
import { applyVerb } from './engine/apply.ts';
import { destroyVerb } from './engine/destroy.ts';
import { driftVerb } from './engine/drift.ts';
import { graphVerb } from './engine/graph.ts';
import { importVerb } from './engine/import.ts';
import { importProjectVerb } from './engine/import-project.ts';
import { logVerbs } from './engine/log.ts';
import { moveVerb } from './engine/move.ts';
import { orphanVerbs } from './engine/orphans.ts';
import { planVerb } from './engine/plan.ts';
import { preflightVerb } from './engine/preflight.ts';
import { reviewVerbs } from './engine/review.ts';
import { stateVerbs } from './engine/state.ts';

/** Verbs of plans, applies and states; each in its own file below `engine/`. */
export const engineVerbs: readonly Verb[] = [
  planVerb,
  preflightVerb,
  ...reviewVerbs,
  applyVerb,
  destroyVerb,
  driftVerb,
  graphVerb,
  importVerb,
  importProjectVerb,
  moveVerb,
  ...logVerbs,
  ...stateVerbs,
  ...orphanVerbs,
];
