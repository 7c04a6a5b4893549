import { Problems } from '../core/index.ts';
import { addStated, readPlanDocuments, type PlanDocument, type Stated } from '../network/index.ts';
import { overlayPlanSchema, type OverlayPlan, type Profile } from './schema.ts';

export type OverlayPlanDocument = PlanDocument<OverlayPlan>;

/**
 * Reads every OverlayPlan of `network-plans/` with the crypto profiles they state.
 * @throws ProblemError with the problems of all documents (CORE-*, VPN-PROFILE-DUPLICATE)
 */
export function loadOverlayPlans(root: string): { documents: OverlayPlanDocument[]; profiles: Map<string, Stated<Profile>> } {
  const problems = new Problems();
  const documents = readPlanDocuments(root, 'OverlayPlan', overlayPlanSchema, problems);
  const profiles = new Map<string, Stated<Profile>>();
  for (const { source, plan } of documents)
    plan.profiles.forEach((value, index) => addStated(profiles, value, source.locate(['profiles', index]), 'VPN-PROFILE-DUPLICATE', 'profile', problems));
  problems.throwIfErrors();
  return { documents, profiles };
}
