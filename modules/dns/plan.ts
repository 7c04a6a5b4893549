import { Problems } from '../core/index.ts';
import type { Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import { buildZones } from './build.ts';
import { finishZones } from './draft.ts';
import { loadZonePlans, namedParts } from './load.ts';
import { policyPlace } from './places.ts';
import { renderZones } from './render.ts';
import type { DnssecPolicy } from './schema.ts';
import type { ZoneSet } from './types.ts';

/**
 * All zones of a member: its ZonePlans applied to what it declares and to the addresses it holds.
 * Names without an address yet are left out and reported in `findings`; nothing is written.
 * @param root folder of the member, for its plans and tables
 * @throws ProblemError with all problems of the plans (CORE-*, FED-JOIN-EMPTY, DNS-*)
 */
export function planZones(root: string, federation: Federation, addresses: AddressPlan): ZoneSet {
  const documents = loadZonePlans(root);
  const problems = new Problems();
  const { servers: serverSets, policies: named } = namedParts(documents, problems);
  problems.throwIfErrors();
  const { draft, servers } = buildZones({ root, federation, addresses, documents, serverSets, policies: named });
  const { zones, places } = finishZones(draft);
  const policies = new Map<string, DnssecPolicy>([...named].map(([name, { value }]) => [name, value]));
  for (const [name, { place }] of named) places.set(policyPlace(name), place);
  let files: ReadonlyMap<string, string> | undefined;
  return {
    zones,
    // Rendered when asked for: most of what follows needs the records only.
    get files() {
      return (files ??= renderZones(zones, policies));
    },
    policies,
    servers,
    places,
    findings: draft.findings,
  };
}
