import type { Place, Problem } from '../core/index.ts';
import type { Federation } from '../federation/index.ts';
import type { AddressPlan } from '../network/types.ts';
import type { ZoneSet } from '../dns/types.ts';
import type { OverlaySet } from '../vpn/types.ts';
import type { HeldStack, Synthesis } from '../engine/types.ts';

/** Everything a rule may look at: what was declared and what follows from it. */
export interface Facts {
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  readonly overlays: OverlaySet;
  readonly synthesis: Synthesis;
  /** Stacks that are existing folders: what their states say. */
  readonly folders?: readonly HeldStack[] | undefined;
}

/** `waived` is an overlay on `fail`, never a result a rule returns. */
export type ResultStatus = 'pass' | 'fail' | 'unknown' | 'not-applicable' | 'manual';
export type RuleSeverity = 'low' | 'medium' | 'high' | 'critical';
/** Set by the profile, not by the rule: `hard` cannot be waived. */
export type Enforcement = 'advisory' | 'mandatory' | 'hard';

/** A text a finding rests on, as it stands on the date of the audit. */
export interface Basis {
  /** Id in `policies/law/instruments.csv`. */
  readonly instrument: string;
  /** Official number as cited. */
  readonly number: string;
  readonly clause: string;
  /** `official`, `secondary` or `unconfirmed`. */
  readonly grade: string;
  /** `in-force`, `undated` or `disputed` on the date. */
  readonly validity?: string | undefined;
  /** Until this day what exists already has time to comply; a failure before it is advisory. */
  readonly due?: string | undefined;
}

/** One rule on one subject. */
export interface Finding {
  /** Stable over runs: `RULE@AGENCY:KIND/ID`, and `#SUB-KEY` where a rule says several things of one subject. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: RuleSeverity;
  readonly enforcement: Enforcement;
  readonly status: ResultStatus;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly agency: string;
  readonly place?: Place | undefined;
  /** Instrument, clause and grade of the text it rests on. */
  readonly basis: readonly Basis[];
  readonly message: { readonly vi: string; readonly en: string };
  readonly remediation?: { readonly vi: string; readonly en: string } | undefined;
  /** Path that would have to be stated, where `status` is `unknown`. */
  readonly missing?: string | undefined;
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
  /** What became of each waiver, by id. */
  readonly waivers: readonly WaiverUse[];
  /** Waivers that expired, expire soon, are refused or cover nothing. */
  readonly notices: readonly Problem[];
}

export type WaiverState = 'applied' | 'expiring' | 'expired' | 'not-yet' | 'unused' | 'refused';

export interface WaiverUse {
  readonly id: string;
  readonly state: WaiverState;
  /** Fingerprints of the findings it covers (or would cover, if it were valid). */
  readonly findings: readonly string[];
  readonly reason?: string | undefined;
}
