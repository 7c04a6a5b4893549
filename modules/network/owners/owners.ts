import { compareCodeUnits, problem, type Place, type Problem } from '../../core/index.ts';
import { ancestors, type Federation } from '../../federation/index.ts';
import type { PlanSet } from '../model.ts';
import { compareSpecificity, keyPattern, type KeyPattern } from './patterns.ts';
import type { OwnerRule } from './types.ts';

/**
 * Whose a key is and why: an `owners:` pattern, the plan (the object a rule made it for, or its `owner:`), whoever owns the
 * holder it lies in, or the member's own organisation for what nobody else owns. Undefined where there is not even that.
 */
export interface KeyOwner {
  readonly organisation: string | undefined;
  readonly by: 'pattern' | 'plan' | 'holder' | 'member';
  readonly rule?: OwnerRule | undefined;
}

/** Who owns what in one state of a member's plans. */
export class KeyOwners {
  readonly #planSet: PlanSet;
  readonly #federation: Federation | undefined;
  readonly #rules: readonly { readonly rule: OwnerRule; readonly pattern: KeyPattern }[];
  readonly #known = new Map<string, KeyOwner>();

  constructor(planSet: PlanSet, federation?: Federation) {
    this.#planSet = planSet;
    this.#federation = federation;
    this.#rules = planSet.owners
      .map((rule) => ({ rule, pattern: keyPattern(rule.pattern) }))
      .sort((one, other) => compareSpecificity(other.pattern, one.pattern));
  }

  /** Every key of plans and locks, numbers of autonomous systems included, in code-unit order. */
  keys(): string[] {
    const { needs, rows, asnNeeds, asnRows } = this.#planSet;
    return [...new Set([...needs.keys(), ...rows.keys(), ...asnNeeds.keys(), ...asnRows.keys()])].sort(compareCodeUnits);
  }

  of(key: string): KeyOwner {
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#find(key);
    this.#known.set(key, found);
    return found;
  }

  #find(key: string): KeyOwner {
    const first = this.#rules.find(({ pattern }) => pattern.matches(key));
    if (first) return { organisation: first.rule.organisation, by: 'pattern', rule: first.rule };
    const need = this.#planSet.needs.get(key);
    const subject = need?.subject ?? this.#planSet.asnNeeds.get(key)?.subject;
    const declared = need?.owner ?? (subject?.collection === 'organisations' ? subject.id : undefined);
    if (declared !== undefined) return { organisation: declared, by: 'plan' };
    const holder = need?.v6?.holder?.need.key ?? need?.v4?.holder?.need.key;
    if (holder !== undefined) return { organisation: this.of(holder).organisation, by: 'holder' };
    const member = this.#federation?.settings.member;
    return { organisation: member?.organisation ?? member?.id, by: 'member' };
  }

  /** Keys two equally specific patterns give to two organisations (NET-OWNER-AMBIGUOUS), one problem for each pair of patterns. */
  conflicts(): Problem[] {
    if (this.#rules.length < 2) return [];
    const pairs = new Map<string, { readonly one: OwnerRule; readonly other: OwnerRule; readonly keys: string[] }>();
    for (const key of this.keys()) {
      const matching = this.#rules.filter(({ pattern }) => pattern.matches(key));
      const [first] = matching;
      const other =
        first && matching.find(({ rule, pattern }) => compareSpecificity(first.pattern, pattern) === 0 && rule.organisation !== first.rule.organisation);
      if (!first || !other) continue;
      const [one, two] = [first.rule, other.rule].sort((a, b) => compareCodeUnits(where(a.place), where(b.place)));
      if (!one || !two) continue;
      const name = `${where(one.place)} ${where(two.place)}`;
      const pair = pairs.get(name);
      if (pair) pair.keys.push(key);
      else pairs.set(name, { one, other: two, keys: [key] });
    }
    return [...pairs.values()].map(({ one, other, keys }) =>
      problem(
        'NET-OWNER-AMBIGUOUS',
        `"${keys[0] ?? ''}"${keys.length > 1 ? ` and ${keys.length - 1} more` : ''} would belong to "${one.organisation}" by "${one.pattern}" (${where(one.place)}) and to "${other.organisation}" by "${other.pattern}" (${where(other.place)})`,
        { ...other.place, hint: 'make one of the two patterns more specific' },
      ),
    );
  }

  /** Organisations of `owners:` that nobody declares, where what is declared is known. */
  unknown(): Problem[] {
    const organisations = this.#federation?.organisations;
    if (!organisations || organisations.size === 0) return [];
    const members = new Set(this.#federation.settings.members.flatMap(({ scope }) => scope.organisations));
    return this.#planSet.owners.flatMap(({ organisation, place }) =>
      organisations.has(organisation) || members.has(organisation)
        ? []
        : [
            problem('NET-OWNER-UNKNOWN', `no organisation is called "${organisation}"`, {
              ...place,
              severity: 'warning',
              hint: 'declare it below stacks/, or correct the id',
            }),
          ],
    );
  }

  /** Whether an organisation may speak for another: it is that one, or stands above it. */
  speaksFor(organisation: string, other: string | undefined): boolean {
    if (other === undefined || other === organisation) return true;
    return this.#federation !== undefined && ancestors(this.#federation, other).some(({ id }) => id === organisation);
  }
}

function where({ file, line }: Place): string {
  return `${file}:${line ?? 1}`;
}

/** What `owners:` has wrong, for a check. */
export function ownerFindings(planSet: PlanSet, federation?: Federation): Problem[] {
  if (planSet.owners.length === 0) return [];
  const owners = new KeyOwners(planSet, federation);
  return [...owners.conflicts(), ...owners.unknown()];
}
