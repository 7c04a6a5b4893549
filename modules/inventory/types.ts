import type { Json } from '../core/index.ts';

/** Where a record's knowledge comes from. */
export type Layer = 'declared' | 'state' | 'live';
export const layers: readonly Layer[] = ['declared', 'state', 'live'];

/** One thing of the federation as one member reports it. */
export interface InventoryRecord {
  readonly urn: string;
  /** organisation, site, cloud, network, link, tenant, system, service, offer, rack, server, appliance, prefix, zone, tunnel, stack, resource. */
  readonly kind: string;
  readonly layer: Layer;
  readonly member: string;
  /** Organisation id that answers for it. */
  readonly owner: string;
  /** Owner and everything above it, nearest first. */
  readonly owners: readonly string[];
  readonly names: { readonly vi: string; readonly en: string };
  /** Date it was observed, YYYY-MM-DD (`--as-of`). */
  readonly observed: string;
  /** Where it is declared, `file:line:col`, in the member's own folder. */
  readonly declaredAt?: string | undefined;
  /** Resources only: declared against state, as the member that sees both found it. */
  readonly drift?: Drift | undefined;
  /** URNs it belongs to or depends on. */
  readonly relations: readonly Relation[];
  readonly attributes: { readonly [key: string]: Json };
}

/** `partOf`, `locatedIn`, `runsOn`, `operatedBy`, `dependsOn`, `provides`, `consumes`, `backedUpBy`, `follows` ... `to` is a URN. */
export interface Relation {
  readonly type: string;
  readonly to: string;
}

/** Declared against state: `unknown` where no state is known, never a guess. */
export type Drift = 'in-sync' | 'drifted' | 'missing' | 'unmanaged' | 'unknown';
export const drifts: readonly Drift[] = ['in-sync', 'drifted', 'missing', 'unmanaged', 'unknown'];

/**
 * Kinds in the order results are shown: who, where, on what, and only then the many small things.
 * A kind that is not listed ranks last; kinds are open.
 */
export const kindOrder: readonly string[] = [
  'organisation',
  'system',
  'service',
  'offer',
  'cloud',
  'site',
  'tenant',
  'network',
  'link',
  'rack',
  'server',
  'appliance',
  'zone',
  'prefix',
  'tunnel',
  'stack',
  'resource',
];

/** Position of a kind in {@link kindOrder}. */
export function kindRank(kind: string): number {
  const rank = kindOrder.indexOf(kind);
  return rank < 0 ? kindOrder.length : rank;
}
