import { ProblemError } from '../core/index.ts';
import { loadFederation } from '../federation/index.ts';
import { loadAddressPlans, planAddresses } from '../network/index.ts';
import { planOverlays } from './plan.ts';
import type { OverlaySet } from './types.ts';

/**
 * The overlays of the member in `root` from its files alone: declarations, address plans with their locks, overlay plans.
 * Addresses not allocated yet are worked out, not written.
 * @throws ProblemError with every problem of the step that found any
 */
export async function openOverlays(root: string, options: { asOf: string }): Promise<OverlaySet> {
  const federation = await loadFederation(root, options);
  const planned = planAddresses(await loadAddressPlans(root, federation));
  if (planned.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(planned.problems);
  return planOverlays(root, federation, planned.addressPlan);
}
