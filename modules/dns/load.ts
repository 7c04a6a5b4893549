import * as path from 'node:path';
import { listFiles, parseYaml, problem, Problems, ProblemError, readText, validate, type Place, type Source } from '../core/index.ts';
import { zonePlanSchema, type DnssecPolicy, type ZonePlan } from './schema.ts';

/** One ZonePlan document with the positions of what it says. */
export interface ZonePlanDocument {
  readonly source: Source;
  readonly plan: ZonePlan;
}

/**
 * Reads every ZonePlan below `network-plans/` (top level only, as all plans).
 * @throws ProblemError with the problems of all documents (CORE-*, DNS-POLICY-DUPLICATE, DNS-SERVERS-DUPLICATE)
 */
export function loadZonePlans(root: string): ZonePlanDocument[] {
  const problems = new Problems();
  const documents: ZonePlanDocument[] = [];
  for (const name of listFiles(path.join(root, 'network-plans'), (file) => /^[^/]+\.ya?ml$/u.test(file) && !/\.lock\.ya?ml$/u.test(file))) {
    const file = `network-plans/${name}`;
    try {
      const text = readText(root, file);
      // Other rooms' plans lie in the same folder and may be large: only ours are parsed.
      if (!/^kind:\s*["']?ZonePlan["']?\s*(?:#.*)?$/mu.test(text)) continue;
      const source = parseYaml(file, text);
      documents.push({ source, plan: validate(zonePlanSchema, source) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      error.problems.forEach((found) => problems.add(found));
    }
  }
  problems.throwIfErrors();
  return documents;
}

/** A named thing of one of the documents and where it stands. */
export interface Named<T> {
  readonly value: T;
  readonly place: Place;
}

/** The name-server sets and DNSSEC policies of all documents, by name; a name given twice is a problem. */
export function namedParts(
  documents: readonly ZonePlanDocument[],
  problems: Problems,
): {
  servers: Map<string, Named<ZonePlan['nameServers'][number]>>;
  policies: Map<string, Named<DnssecPolicy>>;
} {
  const servers = new Map<string, Named<ZonePlan['nameServers'][number]>>();
  const policies = new Map<string, Named<DnssecPolicy>>();
  for (const { source, plan } of documents) {
    plan.nameServers.forEach((value, index) =>
      add(servers, value, source.locate(['nameServers', index]), 'DNS-SERVERS-DUPLICATE', 'name-server set', problems),
    );
    plan.policies.forEach((value, index) => add(policies, value, source.locate(['policies', index]), 'DNS-POLICY-DUPLICATE', 'DNSSEC policy', problems));
  }
  return { servers, policies };
}

function add<T extends { name: string }>(map: Map<string, Named<T>>, value: T, place: Place, code: string, what: string, problems: Problems): void {
  const first = map.get(value.name);
  if (first)
    problems.add(
      problem(code, `${what} "${value.name}" is stated twice, first at ${first.place.file}:${first.place.line ?? 1}`, {
        ...place,
        hint: 'rename one of them or remove it',
      }),
    );
  else map.set(value.name, { value, place });
}
