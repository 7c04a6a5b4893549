import { ProblemError } from '../core/index.ts';
import { loadFederation } from '../federation/index.ts';
import { loadAddressPlans, planAddresses } from '../network/index.ts';
import { planZones } from './plan.ts';
import type { ZoneSet } from './types.ts';

/**
 * The zones of the member in `root` from its files alone: declarations, address plans with their locks, zone plans.
 * Addresses not allocated yet are worked out, not written.
 * @throws ProblemError with every problem of the step that found any
 */
export async function openZones(root: string, options: { asOf: string }): Promise<ZoneSet> {
  const federation = await loadFederation(root, options);
  const planned = planAddresses(await loadAddressPlans(root, federation));
  if (planned.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(planned.problems);
  return planZones(root, federation, planned.addressPlan);
}
