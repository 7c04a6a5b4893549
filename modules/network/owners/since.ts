import * as fs from 'node:fs';
import * as path from 'node:path';
import { problem, ProblemError, type Problem } from '../../core/index.ts';
import { loadFederation, readExtract, type Federation } from '../../federation/index.ts';
import { plansNeed, readPlans } from '../load.ts';
import type { PlanSet } from '../model.ts';
import { keyChanges, type KeyChange } from './changes.ts';
import { atCommit } from './git.ts';
import { KeyOwners } from './owners.ts';

export interface SinceOptions {
  /** A commit of git. */
  readonly since: string;
  /** The organisation that makes the change; without it nothing is foreign. */
  readonly organisation?: string | undefined;
  readonly asOf: string;
}

/** What changed since a commit, and which of it touches keys of others. */
export interface ChangesSince {
  readonly changes: readonly (KeyChange & { readonly foreign: boolean })[];
  /** One finding for each change of another's key (NET-OWNER). */
  readonly findings: readonly Problem[];
}

/**
 * Compares plans and locks with those of a commit and says whose keys the change touches.
 * @throws ProblemError NET-SINCE-*, and what the plans of the commit have wrong, each file named as `REF:FILE`
 */
export async function changesSince(root: string, planSet: PlanSet, federation: Federation | undefined, options: SinceOptions): Promise<ChangesSince> {
  const { since, organisation, asOf } = options;
  const changes = await atCommit(root, since, async (folder) => {
    const before = await stateAt(root, folder, since, asOf);
    const after = { planSet, owners: new KeyOwners(planSet, federation) };
    const conflicts = [...before.owners.conflicts().map((found) => placedAt(found, since)), ...after.owners.conflicts()];
    if (conflicts.length > 0) throw new ProblemError(conflicts);
    return keyChanges(before, after).map((change) => ({
      ...change,
      place: placeOf(planSet, change, since),
      foreign: organisation !== undefined && !after.owners.speaksFor(organisation, change.owner) && !before.owners.speaksFor(organisation, change.owner),
    }));
  });
  const findings = changes.flatMap(({ key, owner, what, place, foreign, in: part }) =>
    foreign
      ? [
          problem('NET-OWNER', `"${key}" belongs to "${owner ?? ''}", not to "${organisation ?? ''}": ${part} ${what}`, {
            ...place,
            severity: 'warning',
            hint: `let "${owner ?? ''}" make or review this change; \`vcloud net owners\` says why it is theirs`,
          }),
        ]
      : [],
  );
  return { changes, findings };
}

async function stateAt(root: string, folder: string, ref: string, asOf: string): Promise<{ planSet: PlanSet; owners: KeyOwners }> {
  try {
    const declared = fs.existsSync(path.join(folder, 'vcloud.yaml'));
    // What is remembered of parsed files belongs to the folder of the present ones.
    const federation = declared ? await loadFederation(folder, { asOf, afterwards: [] }) : undefined;
    const extract = plansNeed(folder).extract ? readExtract(root, {}) : undefined;
    const planSet = readPlans(folder, federation, { extract, asOf });
    return { planSet, owners: new KeyOwners(planSet, federation) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError(error.problems.map((found) => placedAt(found, ref)));
  }
}

function placedAt(found: Problem, ref: string): Problem {
  return found.file === undefined ? found : { ...found, file: `${ref}:${found.file}` };
}

/** A key that went stands in the commit only. */
function placeOf(planSet: PlanSet, { key, what, place, in: part }: KeyChange, ref: string): KeyChange['place'] {
  const { needs, rows, asnNeeds, asnRows } = planSet;
  const gone = part === 'plan' ? !needs.has(key) && !asnNeeds.has(key) : part === 'lock' ? !rows.has(key) && !asnRows.has(key) : what.startsWith('- ');
  return gone ? { ...place, file: `${ref}:${place.file}` } : place;
}
