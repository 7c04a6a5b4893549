import { plural, problem, type Problem } from '../core/index.ts';
import { declaredObjects, matches, type DeclaredObject, type Federation, type SelectableCollection } from '../federation/index.ts';
import { formatPrefix } from './format.ts';
import type { PlanSet } from './model.ts';
import { planAddresses, type AddressOutcome } from './plan.ts';
import { asnKind, specialInside, specialPurpose } from './special.ts';

export interface CheckOptions {
  /** What planning gave, where it was planned already. */
  readonly outcome?: AddressOutcome | undefined;
  /** As in vcloud.yaml; without a federation `production` unless said here. */
  readonly numbering?: 'production' | 'documentation' | undefined;
}

/**
 * What is doubtful about plans that can be read: needs without place, keys without need, declared objects without
 * addresses and addresses of objects that are gone, and what the RFCs advise against. Errors are what stops allocation.
 */
export function checkAddresses(planSet: PlanSet, federation?: Federation, options: CheckOptions = {}): Problem[] {
  const outcome = options.outcome ?? planAddresses(planSet);
  const numbering = federation?.settings.numbering ?? options.numbering ?? 'production';
  return [
    ...outcome.problems,
    ...checkLocks(outcome),
    ...(federation ? checkSubjects(planSet, federation) : []),
    ...checkLengths(planSet),
    ...(numbering === 'documentation' ? [] : checkSpecialPurpose(planSet)),
  ];
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

/** Lengths the RFCs advise against; one finding for each length of a plan file, not for each key. */
function checkLengths(planSet: PlanSet): Problem[] {
  const groups = new Map<string, { found: Problem; keys: string[] }>();
  for (const need of planSet.needs.values()) {
    const leg = need.v6;
    if (!leg) continue;
    const { length } = leg;
    const offNibble = length % 4 !== 0 && length < 126;
    const narrow = need.role === 'network' && length > 64;
    if (!offNibble && !narrow) continue;
    const code = narrow ? 'NET-LAN-64' : 'NET-NIBBLE';
    const group = `${code} ${need.plan} ${length}`;
    const known = groups.get(group);
    if (known) known.keys.push(need.key);
    else {
      const nibble = Math.floor(length / 4) * 4;
      groups.set(group, {
        keys: [need.key],
        found: problem(
          code,
          narrow
            ? `a network of hosts is a /64 (RFC 7421, RFC 4291 2.5.1), not a /${length}`
            : `a /${length} does not end on a nibble (RFC 6177): its reverse zone must be cut in several`,
          {
            ...need.place,
            severity: 'warning',
            hint: narrow ? 'ask for /64; say `role: link` for /127 (RFC 6164) and `role: loopback` for /128' : `ask for /${nibble} or /${nibble + 4}`,
          },
        ),
      });
    }
  }
  return [...groups.values()].map(({ found, keys }) => ({
    ...found,
    message: `${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ` and ${keys.length - 3} more` : ''}: ${found.message}`,
  }));
}

function checkSpecialPurpose(planSet: PlanSet): Problem[] {
  const found: Problem[] = [];
  for (const pool of planSet.pools.values()) {
    const around = specialPurpose(pool.prefix);
    const doubtful = [...(around ? [around] : []), ...specialInside(pool.prefix)].filter(({ kind }) => kind !== 'private' && kind !== 'global');
    for (const { text, name, reference } of doubtful) {
      found.push(
        problem('NET-SPECIAL', `pool "${pool.name}" (${formatPrefix(pool.prefix)}) uses ${text}, which is set aside: ${name} (${reference})`, {
          ...pool.place,
          severity: 'warning',
          hint: 'use space you hold or private space; a model with invented numbers says `numbering: documentation` in vcloud.yaml',
        }),
      );
    }
  }
  for (const range of planSet.asnRanges.values()) {
    if (asnKind(range.first) === 'documentation' || asnKind(range.last) === 'documentation') {
      found.push(
        problem('NET-ASN-SPECIAL', `range "${range.name}" (${range.first}-${range.last}) holds numbers set aside for documentation (RFC 5398)`, {
          ...range.place,
          severity: 'warning',
          hint: 'use numbers you hold or private ones (RFC 6996)',
        }),
      );
    }
  }
  return found;
}
