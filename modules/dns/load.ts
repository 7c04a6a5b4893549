import { Problems } from '../core/index.ts';
import { addStated, readPlanDocuments, type PlanDocument, type Stated } from '../network/index.ts';
import { zonePlanSchema, type DnssecPolicy, type ZonePlan } from './schema.ts';

export type ZonePlanDocument = PlanDocument<ZonePlan>;

/**
 * Reads every ZonePlan of `network-plans/`.
 * @throws ProblemError with the problems of all documents (CORE-*)
 */
export function loadZonePlans(root: string): ZonePlanDocument[] {
  const problems = new Problems();
  const documents = readPlanDocuments(root, 'ZonePlan', zonePlanSchema, problems);
  problems.throwIfErrors();
  return documents;
}

/** The name-server sets and DNSSEC policies of all documents, by name; a name given twice is a problem. */
export function namedParts(
  documents: readonly ZonePlanDocument[],
  problems: Problems,
): {
  servers: Map<string, Stated<ZonePlan['nameServers'][number]>>;
  policies: Map<string, Stated<DnssecPolicy>>;
} {
  const servers = new Map<string, Stated<ZonePlan['nameServers'][number]>>();
  const policies = new Map<string, Stated<DnssecPolicy>>();
  for (const { source, plan } of documents) {
    plan.nameServers.forEach((value, index) =>
      addStated(servers, value, source.locate(['nameServers', index]), 'DNS-SERVERS-DUPLICATE', 'name-server set', problems),
    );
    plan.policies.forEach((value, index) => addStated(policies, value, source.locate(['policies', index]), 'DNS-POLICY-DUPLICATE', 'DNSSEC policy', problems));
  }
  return { servers, policies };
}
