import * as fs from 'node:fs';
import * as path from 'node:path';
import { ProblemError, type Problem } from '../core/index.ts';
import { loadFederation, type Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import { memberReports } from './delegations.ts';

/** What `check` found: errors stop everything else, findings want a look. */
export interface CheckResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Problem[];
}

/**
 * Reads everything a federation declares, plans and demands, and works out addresses, zones and overlays in memory.
 * Writes nothing (a cache of what was read apart).
 * @throws ProblemError with the errors of every part that could be looked at
 */
export async function checkFederation(root: string, options: { asOf: string }): Promise<CheckResult> {
  const errors: Problem[] = [];
  const findings: Problem[] = [];
  const afterwards: (() => void)[] = [];
  const attempt = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      errors.push(...error.problems);
      return undefined;
    }
  };
  const policies = await attempt(async () => {
    // Loading that room takes a fifth of a small check.
    if (!fs.existsSync(path.join(root, 'policies'))) return undefined;
    const { hasPolicies, loadPolicies } = await import('../policy/index.ts');
    return hasPolicies(root) ? loadPolicies(root) : undefined;
  });
  const federation = await attempt(() => loadFederation(root, { ...options, afterwards }));
  const addresses = federation && (await attempt(() => checkAddressPlans(root, federation, findings)));
  if (federation && addresses) {
    const { planZones } = await import('../dns/index.ts');
    const { planOverlays } = await import('../vpn/index.ts');
    await attempt(() => planZones(root, federation, addresses));
    const overlays = await attempt(() => planOverlays(root, federation, addresses));
    const { judgeRoutes, routesOf } = await import('../cloud/index.ts');
    if (overlays) findings.push(...judgeRoutes(routesOf({ federation, addresses, overlays: overlays.overlays }), federation));
  }
  if (errors.length > 0 || !federation) throw new ProblemError(unique(errors));
  for (const work of afterwards) work();
  const counts: Record<string, number> = { rules: policies?.rules.size ?? 0, keys: addresses?.allocations.size ?? 0 };
  for (const name of [
    'organisations',
    'sites',
    'clouds',
    'networks',
    'links',
    'tenants',
    'systems',
    'services',
    'offers',
    'racks',
    'servers',
    'appliances',
  ] as const)
    counts[name] = federation[name].size;
  return { counts, findings };
}

async function checkAddressPlans(root: string, federation: Federation, findings: Problem[]): Promise<AddressPlan> {
  const { checkAddresses, loadAddressPlans, planAddresses } = await import('../network/index.ts');
  const plans = await loadAddressPlans(root, federation, { members: await memberReports(root, federation.settings) });
  const planned = planAddresses(plans);
  if (planned.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(planned.problems);
  // Notes ask for nothing: `net check` shows them.
  findings.push(...checkAddresses(plans, federation).filter(({ severity }) => severity !== 'note'));
  return planned.addressPlan;
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((found) => {
    const key = JSON.stringify(found);
    return !seen.has(key) && seen.add(key);
  });
}
