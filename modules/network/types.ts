import type { Place } from '../core/index.ts';

export type Family = 'v4' | 'v6';

/** What one key of the address plan holds, as written in a lock. Prefixes are canonical (RFC 4632, RFC 5952). */
export interface Allocation {
  readonly key: string;
  readonly v4?: string | undefined;
  readonly v6?: string | undefined;
  readonly pool4?: string | undefined;
  readonly pool6?: string | undefined;
  /** Where the need is declared (for a rule: the row or the object it came from). */
  readonly place: Place;
  /** The key it lies in, if it was asked for `in` a holder. */
  readonly holder?: string | undefined;
  readonly container: boolean;
  /** Id of the declared object the need was made from (`forEach`), with its collection. */
  readonly subject?: { readonly collection: string; readonly id: string } | undefined;
}

/** The address plan as everything after it reads it: what each key holds now. */
export interface AddressPlan {
  /** By key, in code-unit order; released keys are not in it. */
  readonly allocations: ReadonlyMap<string, Allocation>;
  readonly pools: ReadonlyMap<string, { readonly name: string; readonly prefix: string; readonly domain: string; readonly place: Place }>;
  readonly domains: ReadonlyMap<string, { readonly name: string; readonly import: readonly string[]; readonly export: readonly string[] }>;
  /** Autonomous system numbers by key (`agency/ha-noi`). */
  readonly asns: ReadonlyMap<string, number>;
}
