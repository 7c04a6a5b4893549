import { sortedBy } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import type { HeldLeg, PlanSet } from '../model.ts';
import type { AddressPlan, Allocation } from '../types.ts';

/** The address plan as the locks stand, before anything is allocated: what later steps would make of it is the "before" of a review. */
export function heldAddresses(planSet: PlanSet): AddressPlan {
  const released: AddressPlan['released'][number][] = [];
  const allocations = new Map<string, Allocation>();
  for (const { key, v4, v6, place, need } of sortedBy(planSet.rows.values(), (row) => row.key)) {
    const live = (leg: HeldLeg | undefined): HeldLeg | undefined => {
      if (leg?.released === true) released.push({ key, family: leg.family, prefix: leg.text, pool: leg.pool });
      return leg?.released === true ? undefined : leg;
    };
    const held4 = live(v4);
    const held6 = live(v6);
    if (!held4 && !held6) continue;
    const holder4 = need?.v4?.holder?.need.key;
    const holder6 = need?.v6?.holder?.need.key;
    allocations.set(key, {
      key,
      v4: held4?.text,
      v6: held6?.text,
      pool4: held4?.pool,
      pool6: held6?.pool,
      place: need?.place ?? place,
      holder: holder6 ?? holder4,
      holder4,
      holder6,
      container: need?.role === 'container',
      role: need?.role ?? 'network',
      owner: need?.owner,
      subject: need?.subject,
    });
  }
  return {
    allocations,
    pools: new Map([...planSet.pools.values()].map(({ name, prefix, domain, place }) => [name, { name, prefix: formatPrefix(prefix), domain, place }])),
    domains: planSet.domains,
    asns: new Map([...planSet.asnRows.values()].filter((row) => !row.released).map(({ key, asn }) => [key, asn])),
    released,
  };
}
