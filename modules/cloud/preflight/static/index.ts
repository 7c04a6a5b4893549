import type { PreflightResult } from '../../../engine/index.ts';
import { Findings } from '../report.ts';
import type { PlannedWorld } from '../world.ts';
import { BlockIndex, checkAddressPlan, type HeldBlock } from './address-plan.ts';
import { checkAddresses, checkRoom } from './addresses.ts';
import { checkDns } from './dns.ts';
import { checkOverlaps } from './overlap.ts';
import { checkRules } from './rules.ts';
import { checkPrefixes, plannedSubnets } from './subnets.ts';
import { checkNames, checkValues } from './values.ts';

export type { HeldBlock } from './address-plan.ts';

/** Everything the configurations say by themselves; no cloud is asked. Pure. */
export function staticChecks(world: PlannedWorld, blocks: () => Iterable<HeldBlock>): PreflightResult[] {
  const findings = new Findings();
  const subnets = plannedSubnets(world);
  checkPrefixes(world, findings);
  checkAddresses(world, subnets, findings);
  checkRoom(world, subnets, findings);
  checkOverlaps(world, subnets, findings);
  // An address plan may be large, and is only needed where there is something to hold against it.
  if (subnets.some(({ prefix }) => prefix !== undefined)) checkAddressPlan(world, subnets, new BlockIndex(blocks()), findings);
  checkRules(world, findings);
  checkDns(world, findings);
  checkValues(world, findings);
  checkNames(world, findings);
  return findings.end();
}
