import { plural, problem, type Problem } from '../core/index.ts';
import { declaredObjects, matches, type DeclaredObject, type Federation, type SelectableCollection } from '../federation/index.ts';
import { delegationFindings } from './delegation/findings.ts';
import { ownerFindings } from './owners/owners.ts';
import type { PlanSet } from './model.ts';
import { planAddresses, type AddressOutcome } from './plan.ts';
import { judgeRules, type RuleReport } from './rules/index.ts';

export interface CheckOptions {
  /** What planning gave, where it was planned already. */
  readonly outcome?: AddressOutcome | undefined;
  /** As in vcloud.yaml; without a federation `production` unless said here. */
  readonly numbering?: 'production' | 'documentation' | undefined;
  /** The date rules with a date are judged on; a federation has its own. */
  readonly asOf?: string | undefined;
}

/** What was found, and every rule of address planning with how it fared. */
export interface AddressCheck {
  /** Errors, findings and notes; notes are shown and are no findings. */
  readonly problems: readonly Problem[];
  readonly rules: readonly RuleReport[];
}

/**
 * What is doubtful about plans that can be read: needs without place, keys without need, declared objects without
 * addresses and addresses of objects that are gone, and what does not follow the rules of address planning (`rules/`).
 * Errors are what stops allocation.
 */
export function reviewAddressPlans(planSet: PlanSet, federation?: Federation, options: CheckOptions = {}): AddressCheck {
  const outcome = options.outcome ?? planAddresses(planSet);
  const judged = judgeRules(planSet, outcome.addressPlan, {
    federation,
    numbering: federation?.settings.numbering ?? options.numbering ?? 'production',
    asOf: federation?.asOf ?? options.asOf,
  });
  const problems = [
    ...outcome.problems,
    ...checkLocks(outcome),
    ...(federation ? checkSubjects(planSet, federation) : []),
    ...judged.problems,
    ...delegationFindings(planSet, outcome.addressPlan, federation),
    ...ownerFindings(planSet, federation),
  ];
  return { problems, rules: judged.rules };
}

/** The problems of `reviewAddressPlans`. */
export function checkAddresses(planSet: PlanSet, federation?: Federation, options: CheckOptions = {}): Problem[] {
  return [...reviewAddressPlans(planSet, federation, options).problems];
}

function checkLocks({ diff }: AddressOutcome): Problem[] {
  const found: Problem[] = [];
  const report = (rows: AddressOutcome['diff']['add'], code: string, text: string, hint: string): void => {
    if (rows.length === 0) return;
    const keys = [...new Set(rows.map(({ key }) => key))];
    const shown = keys.slice(0, 5);
    found.push(
      problem(code, `${plural(rows.length, 'block')} ${text}: ${shown.join(', ')}${keys.length > 5 ? ` and ${keys.length - 5} more` : ''}`, {
        severity: 'warning',
        hint,
      }),
    );
  };
  report(diff.add, 'NET-PENDING', 'are needed but not allocated yet', 'run `vcloud net allocate`');
  report(diff.release, 'NET-ORPHAN', 'are held by keys no plan needs any more', 'bring the need back, or release them: `vcloud net allocate --allow-release`');
  report(diff.move, 'NET-MISPLACED', 'lie elsewhere than their need asks', 'correct the need, or renumber: `vcloud net allocate --allow-move`');
  return found;
}

/** Declared but never numbered, and the reverse. */
function checkSubjects(planSet: PlanSet, federation: Federation): Problem[] {
  const found: Problem[] = [];
  const numbered = new Map<SelectableCollection, Set<string>>();
  for (const need of [...planSet.needs.values(), ...planSet.asnNeeds.values()]) {
    if (!need.subject) continue;
    const { collection, id } = need.subject;
    if (!federation[collection].has(id)) {
      found.push(
        problem('NET-SUBJECT-UNKNOWN', `"${need.key}" belongs to ${singular(collection)} "${id}", which is not declared`, {
          ...need.place,
          severity: 'warning',
          hint: 'declare it, or leave the row out',
        }),
      );
    }
    if (!planSet.needs.has(need.key)) continue;
    const set = numbered.get(collection);
    if (set) set.add(id);
    else numbered.set(collection, new Set([id]));
  }
  const ruled = new Set(planSet.rules.flatMap(({ collection, byKind }) => (collection === undefined || !byKind ? [] : [collection])));
  for (const collection of ruled) {
    const objects = declaredObjects(federation, collection);
    for (const object of objects) {
      if (numbered.get(collection)?.has(object.id) === true || isUnnumbered(planSet, collection, object)) continue;
      found.push(
        problem('NET-NEVER-NUMBERED', `${singular(collection)} "${object.id}" is declared, but no rule gives it addresses`, {
          ...object.place,
          severity: 'warning',
          hint: `widen a rule over ${collection}, or list it under \`unnumbered:\` if that is meant`,
        }),
      );
    }
    found.push(...checkHandWritten(planSet, federation, collection, objects));
  }
  return found;
}

function isUnnumbered(planSet: PlanSet, collection: SelectableCollection, { fields }: DeclaredObject): boolean {
  // What stands at the top of the tree is a frame, not a holder.
  if (collection === 'organisations' && fields['parent'] === undefined) return true;
  return planSet.unnumbered.some((left) => left.collection === collection && matches(fields, left.match));
}

/** Keys written by hand in the shape of a rule's keys, whose object is not declared and belongs to no member. */
function checkHandWritten(planSet: PlanSet, federation: Federation, collection: SelectableCollection, objects: readonly DeclaredObject[]): Problem[] {
  const shapes = planSet.rules.flatMap((rule) => {
    const match = rule.collection === collection ? /^([^{}]+)\{id\}$/u.exec(rule.key) : null;
    return match ? [match[1] ?? ''] : [];
  });
  if (shapes.length === 0) return [];
  const ids = new Set(objects.map(({ id }) => id));
  const members = new Set(federation.settings.members.flatMap(({ scope }) => scope.keys));
  const found: Problem[] = [];
  for (const need of planSet.needs.values()) {
    if (need.subject) continue;
    const shape = shapes.find((candidate) => need.key.startsWith(candidate) && !need.key.slice(candidate.length).includes('/'));
    if (shape === undefined || ids.has(need.key.slice(shape.length)) || members.has(need.key)) continue;
    found.push(
      problem('NET-SUBJECT-UNKNOWN', `"${need.key}" looks like a key of ${singular(collection)} "${need.key.slice(shape.length)}", which is not declared`, {
        ...need.place,
        severity: 'warning',
        hint: 'declare it, name the key under a member in vcloud.yaml, or drop the need',
      }),
    );
  }
  return found;
}

function singular(collection: string): string {
  return collection.slice(0, -1);
}
