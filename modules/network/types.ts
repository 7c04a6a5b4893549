import type { Place } from '../core/index.ts';
import type { ReceivedDelegation } from '../federation/index.ts';

export type { AnswerLine, Delegation, UtilisationLine } from './delegation/types.ts';

export type Family = 'v4' | 'v6';

/** What one key of the address plan holds, as written in a lock. Prefixes are canonical (RFC 4632, RFC 5952). */
export interface Allocation {
  readonly key: string;
  readonly v4?: string | undefined;
  readonly v6?: string | undefined;
  readonly pool4?: string | undefined;
  readonly pool6?: string | undefined;
  /** The block kept free around each leg for its growth, where there is one larger than itself. */
  readonly growth4?: string | undefined;
  readonly growth6?: string | undefined;
  /** Where the need is declared (for a rule: the row or the object it came from). */
  readonly place: Place;
  /** The key it lies in, if it was asked for `in` a holder (its IPv6 leg's where the two differ). */
  readonly holder?: string | undefined;
  /** The holder of each leg, where it has one. */
  readonly holder4?: string | undefined;
  readonly holder6?: string | undefined;
  readonly container: boolean;
  /** `container`, `network`, `loopback`, `link`, `reserved`. */
  readonly role: string;
  /** Organisation id that holds it, where the plan says so or the rule's object has one. */
  readonly owner?: string | undefined;
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
  /** Blocks that left the plan and are not to be reused until their row is dropped. */
  readonly released: readonly { readonly key: string; readonly family: Family; readonly prefix: string; readonly pool: string }[];
}

/** The part of the centre's signed extract that pools with `from`, conditions and proposals are read from. */
export interface Extract {
  readonly blocks: readonly { readonly key: string; readonly family: Family; readonly prefix: string; readonly domain?: string | undefined }[];
  readonly delegations?: readonly ReceivedDelegation[] | undefined;
}

/** One difference between what the locks hold and what the plans ask for. */
export interface DiffRow {
  readonly key: string;
  /** `asn` for a number. */
  readonly family: Family | 'asn';
  /** Pool, or range of numbers. */
  readonly pool: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What allocating would change; every list sorted by key, then family. */
export interface AddressDiff {
  /** Keys that get their first block, or their released one back. */
  readonly add: readonly DiffRow[];
  /** Keys that left the plan. */
  readonly release: readonly DiffRow[];
  /** Keys whose hosts must be renumbered. */
  readonly move: readonly DiffRow[];
  /** Keys that keep their addresses: grown in place, or only the pool's name or the file is another. */
  readonly change: readonly DiffRow[];
  /** Number of legs that stay as they are. */
  readonly unchanged: number;
}
