import { plural, problem, type Problem } from '../../core/index.ts';
import type { ReceivedDelegation } from '../../federation/index.ts';
import { formatPrefix } from '../format.ts';
import type { Leg, Need, PlanSet, Pool } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import type { AddressDiff, DiffRow } from '../types.ts';
import { delegationOf, givenBack, liesIn, receivedProposals } from './blocks.ts';
import type { Received } from './types.ts';

/**
 * Where a member's plan breaks the conditions its blocks were delegated on, naming the centre's declaration. What would be cut
 * now is an error; what is held already is a warning: conditions that change must not stop everything that runs.
 * Codes: NET-DELEGATION-LENGTH, -STRATEGY, -DOMAIN, -UNTIL, -ANNOUNCED, -REVOKED, and -TYPED for a block that is not `from` the extract.
 */
export function conditionFaults(planSet: PlanSet, diff: AddressDiff): Problem[] {
  const { received, answers, asOf } = planSet.delegation;
  if (!received || received.delegations.length === 0) return [];
  const cut = cutRows(planSet, received, diff);
  const faults: Problem[] = [];
  for (const pool of planSet.pools.values()) {
    const from = received.pools.get(pool.name);
    const delegation = from && delegationOf(received, from.key);
    if (from && received.typed.has(pool.name)) faults.push(typedPool(pool, from.key));
    const legs = legsIn(planSet, pool, cut);
    if (!delegation || legs.length === 0) continue;
    const check = new PoolCheck(pool, delegation, cut.get(pool.name) ?? [], from.key, legs);
    faults.push(...check.pool(received), ...check.until(asOf), ...check.legs(received));
  }
  for (const { proposal, delegation } of receivedProposals(received)) {
    if (answers.get(proposal.id)?.answer !== 'accepted') continue;
    const gone = givenBack(proposal, received.blocks);
    for (const { key, to } of [...cut.values()].flat()) {
      if (to === null || !liesIn(gone, parsePrefix(to))) continue;
      faults.push(
        problem(
          'NET-DELEGATION-REVOKED',
          `"${key}" would get ${to}, which this member agreed to give back (proposal "${proposal.id}", ${delegation.declared})`,
          {
            ...planSet.needs.get(key)?.place,
            hint: 'give the need another pool, or take it out of the plan',
          },
        ),
      );
    }
  }
  return faults;
}

/** A block has one owner and one place: typed again, it stays behind when the centre resizes or takes it. */
function typedPool({ name, prefix, place }: Pool, key: string): Problem {
  return problem('NET-DELEGATION-TYPED', `pool "${name}" types ${formatPrefix(prefix)}, which lies in the block delegated as "${key}"`, {
    ...place,
    severity: 'warning',
    hint: `write \`from: { key: ${key}, family: ${prefix.family} }\` instead of the prefix`,
  });
}

/** What would be cut, by the pool it lies in: new blocks, and those that move or change their length. */
function cutRows({ needs }: PlanSet, received: Received, { add, move, change }: AddressDiff): Map<string, DiffRow[]> {
  const rows = new Map<string, DiffRow[]>();
  for (const row of [...add, ...move, ...change]) {
    if (row.family === 'asn' || row.from === row.to) continue;
    // A need that may lie in several pools stands with one of them; the row says in which it really comes to lie.
    const { pool } = row;
    if (!needs.has(row.key) || !received.pools.has(pool)) continue;
    const list = rows.get(pool);
    if (list) list.push(row);
    else rows.set(pool, [row]);
  }
  return rows;
}

class PoolCheck {
  readonly #pool: Pool;
  readonly #delegation: ReceivedDelegation;
  readonly #cut: readonly DiffRow[];
  readonly #keys: ReadonlySet<string>;
  readonly #key: string;
  readonly #legs: readonly Leg[];

  constructor(pool: Pool, delegation: ReceivedDelegation, cut: readonly DiffRow[], key: string, legs: readonly Leg[]) {
    this.#pool = pool;
    this.#delegation = delegation;
    this.#cut = cut;
    this.#keys = new Set(cut.map((row) => row.key));
    this.#key = key;
    this.#legs = legs;
  }

  /** Domain and strategies: what the plan says, whatever lies in the pool. */
  pool(received: Received): Problem[] {
    const { strategies } = this.#delegation.conditions;
    const faults: Problem[] = [];
    const block = received.blocks.find(({ key, family }) => key === this.#key && family === this.#pool.prefix.family);
    const domain = this.#delegation.domain ?? block?.domain;
    const severity = this.#cut.length > 0 ? 'error' : 'warning';
    if (domain !== undefined && this.#pool.domain !== domain) {
      faults.push(
        problem(
          'NET-DELEGATION-DOMAIN',
          `pool "${this.#pool.name}" lies in domain "${this.#pool.domain}", but "${this.#key}" is delegated in "${domain}" ${this.#declared}`,
          {
            ...this.#pool.place,
            severity,
            hint: `write \`domain: ${domain}\``,
          },
        ),
      );
    }
    const wrong = (strategy: string): boolean => strategies?.required?.includes(strategy) === false || strategies?.forbidden?.includes(strategy) === true;
    const wanted = strategies?.required === undefined ? `without ${(strategies?.forbidden ?? []).join(', ')}` : `by ${strategies.required.join(' or ')}`;
    const stated: { what: string; strategy: string; place: Pool['place'] }[] = [
      { what: `pool "${this.#pool.name}"`, strategy: this.#pool.strategy, place: this.#pool.place },
    ];
    for (const { need } of this.#legs) {
      if (need.strategy !== undefined) stated.push({ what: `"${need.key}"`, strategy: need.strategy, place: need.place });
    }
    for (const { what, strategy, place } of stated) {
      if (!wrong(strategy)) continue;
      faults.push(
        problem('NET-DELEGATION-STRATEGY', `${what} places blocks by ${strategy}; "${this.#key}" is delegated to be cut ${wanted} ${this.#declared}`, {
          ...place,
          severity,
          hint: strategies?.required === undefined ? 'choose another strategy' : `write \`strategy: ${strategies.required[0] ?? ''}\``,
        }),
      );
    }
    return faults;
  }

  /** Past its date nothing new is cut; what lies in it is the centre's to speak about. */
  until(asOf: string | undefined): Problem[] {
    const { until } = this.#delegation.conditions;
    if (until === undefined || asOf === undefined || asOf < until) return [];
    const keys = [...this.#keys];
    return [
      problem(
        'NET-DELEGATION-UNTIL',
        `"${this.#key}" was delegated until ${until} ${this.#declared}${keys.length === 0 ? '' : `: ${listed(keys)} would be cut from it`}`,
        {
          ...this.#pool.place,
          severity: keys.length > 0 ? 'error' : 'warning',
          hint: 'ask the centre to extend it; what is held stays held',
        },
      ),
    ];
  }

  /** One problem for each length of each kind of fault, not one for each key. */
  legs(received: Received): Problem[] {
    const { conditions } = this.#delegation;
    const limits = conditions.lengths?.[this.#pool.prefix.family];
    const groups = new Map<string, { readonly code: string; readonly text: string; readonly hint: string; readonly cut: boolean; readonly legs: Leg[] }>();
    const note = (leg: Leg, code: string, text: string, hint: string): void => {
      const cut = this.#keys.has(leg.need.key);
      const name = `${code} ${cut} ${text}`;
      const group = groups.get(name);
      if (group) group.legs.push(leg);
      else groups.set(name, { code, text, hint, cut, legs: [leg] });
    };
    for (const leg of this.#legs) {
      const { length, need } = leg;
      if (limits?.shortest !== undefined && length < limits.shortest)
        note(
          leg,
          'NET-DELEGATION-LENGTH',
          `a /${length} is larger than a member may cut from "${this.#key}" (/${limits.shortest} at most)`,
          `ask for /${limits.shortest} or longer`,
        );
      if (limits?.longest !== undefined && length > limits.longest)
        note(
          leg,
          'NET-DELEGATION-LENGTH',
          `a /${length} is smaller than a member may cut from "${this.#key}" (/${limits.longest} at least)`,
          `ask for /${limits.longest} or shorter`,
        );
      if (conditions.announced === false && announces(received, need))
        note(
          leg,
          'NET-DELEGATION-ANNOUNCED',
          `the network brings its addresses to the Internet, but "${this.#key}" is not to be announced`,
          'number it from a block that may be announced',
        );
    }
    return [...groups.values()].map(({ code, text, hint, cut, legs }) =>
      problem(code, `${listed(legs.map(({ need }) => need.key))}: ${text} ${this.#declared}`, {
        ...legs[0]?.need.place,
        severity: cut ? 'error' : 'warning',
        hint,
      }),
    );
  }

  get #declared(): string {
    return `(the centre's ${this.#delegation.declared})`;
  }
}

function announces({ announced }: Received, { key, subject }: Need): boolean {
  return announced.keys.has(key) || (subject?.collection === 'networks' && announced.networks.has(subject.id));
}

/** What lies in a pool at any depth, or would come to lie there. */
function legsIn({ needs }: PlanSet, pool: Pool, cut: ReadonlyMap<string, readonly DiffRow[]>): Leg[] {
  const elsewhere = new Set([...cut].flatMap(([name, rows]) => (name === pool.name ? [] : rows.map(({ key, family }) => `${family} ${key}`))));
  const found = new Set<Leg>();
  walk(pool.legs, (leg) => {
    if (!elsewhere.has(`${leg.family} ${leg.need.key}`)) found.add(leg);
  });
  for (const { key, family } of cut.get(pool.name) ?? []) {
    const leg = family === 'asn' ? undefined : needs.get(key)?.[family];
    if (leg) found.add(leg);
  }
  return [...found];
}

function walk(legs: readonly Leg[], visit: (leg: Leg) => void): void {
  for (const leg of legs) {
    visit(leg);
    walk(leg.legs, visit);
  }
}

function listed(keys: readonly string[]): string {
  const unique = [...new Set(keys)];
  return unique.length <= 3 ? unique.join(', ') : `${unique.slice(0, 3).join(', ')} and ${plural(unique.length - 3, 'key')} more`;
}
