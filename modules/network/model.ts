import type { Place } from '../core/index.ts';
import type { SelectableCollection } from '../federation/index.ts';
import type { DelegationFacts } from './delegation/types.ts';
import type { OwnerRule } from './owners/types.ts';
import type { Prefix } from './prefix.ts';
import type { SwitchableRule } from './rules/table.ts';
import type { Role, Strategy } from './schema.ts';
import type { Family } from './types.ts';

/** A routing domain (VRF). */
export interface Domain {
  readonly name: string;
  readonly import: readonly string[];
  readonly export: readonly string[];
  /** The kind of network it carries, where the plan says so. */
  readonly zone?: 'public' | 'provider' | 'enterprise' | undefined;
  readonly place: Place;
}

/** A block new needs are placed in. */
export interface Pool {
  readonly name: string;
  readonly prefix: Prefix;
  readonly domain: string;
  readonly strategy: Strategy;
  readonly place: Place;
  /** Legs placed directly in it; those that may lie in several pools stand with the one in their `pool`. */
  readonly legs: Leg[];
}

/** The declared object a need was made from. */
export interface Subject {
  readonly collection: SelectableCollection;
  readonly id: string;
}

/** What a key asks for, with every reference resolved. */
export interface Need {
  readonly key: string;
  readonly role: Role;
  /** Strategy inside it, where it names one. */
  readonly strategy?: Strategy | undefined;
  readonly owner?: string | undefined;
  readonly subject?: Subject | undefined;
  readonly place: Place;
  /** Index of the plan file it stands in. */
  readonly plan: number;
  v4?: Leg | undefined;
  v6?: Leg | undefined;
  /** What the locks hold for its key. */
  readonly row?: LockRow | undefined;
}

/** One family of a need. */
export interface Leg {
  /** Number of the leg among all of a plan set, from 0. */
  readonly index: number;
  /** What the locks hold for it. */
  readonly held?: HeldLeg | undefined;
  readonly need: Need;
  readonly family: Family;
  /** The pool it lies in, or is to lie in; of several the one that holds it now, else the first. */
  readonly pool: Pool;
  /** Every pool it may lie in, in the order they are tried, where the plan names several. */
  readonly pools?: readonly Pool[] | undefined;
  readonly holder?: Leg | undefined;
  readonly length: number;
  /** Length of the block kept free around it for its growth; at most its own. */
  readonly growth?: number | undefined;
  /** The exact prefix asked for. */
  readonly exact?: Prefix | undefined;
  /** The number of the block in what it lies in, where the plan says it. */
  readonly at?: bigint | undefined;
  /** Legs placed inside it; only a container has any. */
  readonly legs: Leg[];
}

/** One family of a lock row. */
export interface HeldLeg {
  readonly key: string;
  readonly family: Family;
  /** Canonical text of the prefix. */
  readonly text: string;
  readonly prefix: Prefix;
  readonly pool: string;
  readonly released: boolean;
  /** Date from which a released block may be given to others again, once its row is dropped. */
  readonly until?: string | undefined;
  readonly place: Place;
}

/** One row of a lock. */
export interface LockRow {
  readonly key: string;
  readonly v4?: HeldLeg | undefined;
  readonly v6?: HeldLeg | undefined;
  readonly place: Place;
  /** Index of the plan file the lock lies beside. */
  readonly plan: number;
  /** The need of its key, once plans and locks have been put together. */
  need?: Need | undefined;
}

/** A plan file and the lock beside it. */
export interface PlanFile {
  readonly file: string;
  readonly lockFile: string;
  readonly kind: 'NetworkPlan' | 'AsnPlan';
  /** Text of the lock as read; undefined where there is none yet. */
  readonly lockText: string | undefined;
}

export interface AsnRange {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly place: Place;
}

export interface AsnNeed {
  readonly key: string;
  readonly range: AsnRange;
  readonly asn?: number | undefined;
  readonly subject?: Subject | undefined;
  readonly place: Place;
  readonly plan: number;
}

export interface AsnRow {
  readonly key: string;
  readonly asn: number;
  readonly range: string;
  readonly released: boolean;
  readonly place: Place;
  readonly plan: number;
}

/** A rule as the checks need it: what it numbers and how its keys look. */
export interface Rule {
  readonly collection?: SelectableCollection | undefined;
  readonly key: string;
  readonly place: Place;
  /** It selects by kind or not at all, so that an object it misses was probably forgotten. */
  readonly byKind: boolean;
}

/** Declared objects left without addresses on purpose. */
export interface Unnumbered {
  readonly collection: SelectableCollection;
  readonly match: Readonly<Record<string, string | readonly string[]>>;
}

/** A rule of address planning that a plan switches off. */
export interface RuleSwitch {
  readonly rule: SwitchableRule;
  readonly reason: string;
  /** Globs over what a finding names; without them it is off altogether. */
  readonly for?: readonly string[] | undefined;
  /** First day on which the rule holds again. */
  readonly until?: string | undefined;
  readonly place: Place;
}

/** All address and number plans of a member with their locks: resolved, and free of contradictions that can be seen without placing anything. */
export interface PlanSet {
  readonly files: readonly PlanFile[];
  readonly domains: ReadonlyMap<string, Domain>;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly needs: ReadonlyMap<string, Need>;
  readonly rows: ReadonlyMap<string, LockRow>;
  readonly asnRanges: ReadonlyMap<string, AsnRange>;
  readonly asnNeeds: ReadonlyMap<string, AsnNeed>;
  readonly asnRows: ReadonlyMap<string, AsnRow>;
  readonly rules: readonly Rule[];
  readonly unnumbered: readonly Unnumbered[];
  readonly delegation: DelegationFacts;
  readonly owners: readonly OwnerRule[];
  readonly switches: readonly RuleSwitch[];
}
