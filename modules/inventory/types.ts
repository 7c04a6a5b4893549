import type { Json } from '../core/index.ts';

/** Where a record's knowledge comes from. */
export type Layer = 'declared' | 'state' | 'live';

/** One thing of the federation as one member reports it. */
export interface InventoryRecord {
  readonly urn: string;
  /** organisation, site, cloud, network, link, tenant, system, service, prefix, zone, tunnel, stack, resource. */
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
  /** URNs it belongs to or depends on. */
  readonly relations: readonly { readonly type: string; readonly to: string }[];
  readonly attributes: { readonly [key: string]: Json };
}

/** Declared against state. */
export type Drift = 'in-sync' | 'drifted' | 'missing' | 'unmanaged' | 'unknown';
