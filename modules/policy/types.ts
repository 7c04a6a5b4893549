import type { Place } from '../core/index.ts';
import type { Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import type { ZoneSet } from '../dns/types.ts';
import type { OverlaySet } from '../vpn/types.ts';
import type { Synthesis } from '../engine/types.ts';

/** Everything a rule may look at: what was declared and what follows from it. */
export interface Facts {
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  readonly overlays: OverlaySet;
  readonly synthesis: Synthesis;
}

/** `waived` is an overlay on `fail`, never a result a rule returns. */
export type ResultStatus = 'pass' | 'fail' | 'unknown' | 'not-applicable' | 'manual';
export type RuleSeverity = 'low' | 'medium' | 'high' | 'critical';
/** Set by the profile, not by the rule: `hard` cannot be waived. */
export type Enforcement = 'advisory' | 'mandatory' | 'hard';

/** One rule on one subject. */
export interface Finding {
  /** Stable over runs: rule, agency, subject and sub-key. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: RuleSeverity;
  readonly enforcement: Enforcement;
  readonly status: ResultStatus;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly agency: string;
  readonly place?: Place | undefined;
  /** Instrument, clause and grade of the text it rests on. */
  readonly basis: readonly { readonly instrument: string; readonly number: string; readonly clause: string; readonly grade: string }[];
  readonly message: { readonly vi: string; readonly en: string };
  readonly remediation?: { readonly vi: string; readonly en: string } | undefined;
  /** What was read to come to it: path -> value. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly waiver?: { readonly id: string; readonly owner: string; readonly approver: string; readonly expires: string } | undefined;
}

export interface AuditRun {
  readonly asOf: string;
  /** Sorted by fingerprint. */
  readonly findings: readonly Finding[];
  readonly rules: number;
  readonly instruments: number;
  /** Counts of `fail` (not waived) by severity, and of the other statuses. */
  readonly totals: Readonly<Record<RuleSeverity | ResultStatus | 'waived', number>>;
}
