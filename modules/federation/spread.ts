import type { System } from './model.ts';

/** What of a system says where it runs. */
export type Placement = Pick<System, 'id' | 'tenants' | 'disasterRecovery'>;

/** Two tenants a system runs over. `active`: both answer; otherwise the first does, and the second takes over. */
export interface Pair {
  readonly system: string;
  readonly first: string;
  readonly second: string;
  readonly active: boolean;
}

/** Mode of a recovery side that answers as well, as declarations write it. */
const both = 'active-active';

/**
 * The pairs of tenants a system is declared to run over: every tenant it runs in with the one of its recovery; with
 * mode `active-active` and no tenant named for recovery, every two it runs in.
 */
export function pairsOf({ id, tenants = [], disasterRecovery }: Placement): Pair[] {
  if (!disasterRecovery) return [];
  const { tenant: second, mode } = disasterRecovery;
  const active = mode === both;
  if (second !== undefined) return tenants.filter((first) => first !== second).map((first) => ({ system: id, first, second, active }));
  if (!active) return [];
  return tenants.flatMap((first, index) => tenants.slice(index + 1).map((other) => ({ system: id, first, second: other, active })));
}

/** Tenants that answer for a system, in the order they are declared. */
export function answeringTenants({ tenants = [], disasterRecovery }: Omit<Placement, 'id'>): readonly string[] {
  const other = disasterRecovery?.mode === both ? disasterRecovery.tenant : undefined;
  return other === undefined || tenants.includes(other) ? tenants : [...tenants, other];
}
