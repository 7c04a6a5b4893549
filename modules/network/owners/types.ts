import type { Place } from '../../core/index.ts';

/** One pattern of an `owners:` entry. */
export interface OwnerRule {
  readonly organisation: string;
  readonly pattern: string;
  readonly reviewers: readonly string[];
  readonly place: Place;
}
