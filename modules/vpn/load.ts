import * as path from 'node:path';
import { listFiles, parseYaml, Problems, ProblemError, readText, validate, type Place, type Source } from '../core/index.ts';
import { overlayPlanSchema, type OverlayPlan, type Profile } from './schema.ts';

/** One OverlayPlan document with the positions of what it says. */
export interface OverlayPlanDocument {
  readonly source: Source;
  readonly plan: OverlayPlan;
}

/** A crypto profile, the file it stands in and where. */
export interface StatedProfile {
  readonly value: Profile;
  readonly place: Place;
}

/**
 * Reads every OverlayPlan of `network-plans/` (top level only, as all plans).
 * @throws ProblemError with the problems of all documents (CORE-*, VPN-PROFILE-DUPLICATE)
 */
export function loadOverlayPlans(root: string): { documents: OverlayPlanDocument[]; profiles: Map<string, StatedProfile> } {
  const problems = new Problems();
  const documents: OverlayPlanDocument[] = [];
  const profiles = new Map<string, StatedProfile>();
  for (const name of listFiles(path.join(root, 'network-plans'), (file) => /^[^/]+\.ya?ml$/u.test(file) && !/\.lock\.ya?ml$/u.test(file))) {
    const file = `network-plans/${name}`;
    try {
      const text = readText(root, file);
      // Other rooms' plans lie in the same folder and may be large: only ours are parsed.
      if (!/^kind:\s*["']?OverlayPlan["']?\s*(?:#.*)?$/mu.test(text)) continue;
      const source = parseYaml(file, text);
      documents.push({ source, plan: validate(overlayPlanSchema, source) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      error.problems.forEach((found) => problems.add(found));
    }
  }
  for (const { source, plan } of documents) {
    plan.profiles.forEach((value, index) => {
      const place = source.locate(['profiles', index]);
      const first = profiles.get(value.name);
      if (first) {
        problems.error('VPN-PROFILE-DUPLICATE', `profile "${value.name}" is stated twice, first at ${first.place.file}:${first.place.line ?? 1}`, {
          ...place,
          hint: 'rename one of them or remove it',
        });
      } else profiles.set(value.name, { value, place });
    });
  }
  problems.throwIfErrors();
  return { documents, profiles };
}
