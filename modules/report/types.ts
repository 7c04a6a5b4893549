import type { CatalogOffer } from '../inventory/index.ts';
import type { InventoryRecord } from '../inventory/types.ts';
import type { ResultStatus, RuleSeverity } from '../policy/types.ts';
import type { StackState } from '../engine/types.ts';

/** A name people read, in both languages of the page. */
export interface Names {
  readonly vi: string;
  readonly en: string;
}

/** A step of the main job and how long it took. */
export interface ReportTiming {
  readonly step: string;
  /** Names shown; the step's id where absent. */
  readonly names?: Names | undefined;
  readonly milliseconds: number;
  /** One line of what it produced. */
  readonly summary?: string | undefined;
}

/** A member of the federation and where its part comes from. */
export interface ReportMember {
  readonly id: string;
  readonly names: Names;
  /** Sequence number of the bundle its records came in; absent for the member that writes the report. */
  readonly sequence?: number | undefined;
}

/** WGS 84, degrees. */
export interface Coordinates {
  readonly lat: number;
  readonly lon: number;
}

export interface ReportOrganisation {
  readonly id: string;
  readonly kind: string;
  readonly names: Names;
  readonly parent?: string | undefined;
  readonly location?: Coordinates | undefined;
}

export interface ReportSite {
  readonly id: string;
  readonly kind: string;
  readonly names: Names;
  readonly owner: string;
  readonly role?: string | undefined;
  readonly backup?: string | undefined;
  readonly location?: Coordinates | undefined;
  /** Ids of the clouds with a region here. */
  readonly clouds: readonly string[];
}

export interface ReportCloud {
  readonly id: string;
  readonly names: Names;
  readonly kind: string;
  readonly owner: string;
}

/** Something that connects two sites or organisations: a declared link, or the tunnels of an overlay. */
export interface ReportConnection {
  readonly id: string;
  /** `link`, or `tunnel` for an overlay's. */
  readonly layer: 'link' | 'tunnel';
  /** Kind of the link, name of the overlay. */
  readonly kind: string;
  /** Site or organisation ids; what has no location is not drawn. */
  readonly from: string;
  readonly to: string;
  readonly capacityMbps?: number | undefined;
}

/** One leg of one allocation. */
export interface ReportPrefix {
  readonly key: string;
  /** Canonical prefix. */
  readonly prefix: string;
  readonly domain: string;
  /** Organisation id that answers for it, where known. */
  readonly owner?: string | undefined;
  readonly member: string;
}

export interface ReportPool {
  readonly name: string;
  readonly prefix: string;
  readonly domain: string;
}

export interface ReportSystem {
  readonly id: string;
  readonly names: Names;
  readonly owner: string;
  readonly member: string;
  readonly level?: number | undefined;
  readonly shared: boolean;
  readonly tenants: readonly string[];
  /** Absent where no disaster recovery is stated at all. */
  readonly recovery?:
    | { readonly place: string; readonly mode?: string | undefined; readonly rpoMinutes?: number | undefined; readonly rtoMinutes?: number | undefined }
    | undefined;
}

export interface ReportStack {
  readonly path: string;
  readonly agency: string;
  readonly environment: 'sandbox' | 'production';
  readonly resources: number;
  /** Absent where no plan was made (no engine on the machine). */
  readonly state?: StackState | undefined;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly waitsFor: readonly string[];
  readonly error?: string | undefined;
  readonly milliseconds: number;
}

export interface ReportRule {
  readonly id: string;
  readonly severity: RuleSeverity;
  /** What each subject came to. */
  readonly counts: Readonly<Record<ResultStatus | 'waived', number>>;
}

/** A finding somebody should read; passes and not-applicables are only counted (`ReportRule.counts`). */
export interface ReportFinding {
  readonly rule: string;
  readonly status: 'fail' | 'unknown' | 'manual' | 'waived';
  readonly severity: RuleSeverity;
  readonly agency: string;
  readonly subject: string;
  readonly message: Names;
  readonly remediation?: Names | undefined;
  /** Instrument and clause, `number · clause (grade)`. */
  readonly basis: readonly string[];
  readonly instruments: readonly string[];
  /** What was read: `path = value`. */
  readonly evidence: readonly string[];
  readonly place?: string | undefined;
  readonly waiver?: string | undefined;
}

export interface ReportOverlay {
  readonly name: string;
  readonly profile: string;
  readonly trial: boolean;
  readonly hubs: number;
  readonly spokes: number;
  readonly tunnels: number;
}

/** Everything the page shows. Plain values: no clock, no path of this machine. */
export interface ReportData {
  readonly asOf: string;
  readonly language: 'vi' | 'en';
  readonly federation: { readonly id: string; readonly names: Names };
  /** Command that made the page, and the toolkit's version. */
  readonly madeBy: { readonly command: string; readonly version: string };
  readonly members: readonly ReportMember[];
  readonly totals: {
    readonly organisations: number;
    readonly sites: number;
    readonly clouds: number;
    readonly prefixes4: number;
    readonly prefixes6: number;
    readonly zones: number;
    readonly zoneRecords: number;
    readonly tunnels: number;
    readonly stacks: number;
    readonly resources: number;
    readonly systems: number;
    readonly records: number;
  };
  readonly organisations: readonly ReportOrganisation[];
  readonly sites: readonly ReportSite[];
  readonly clouds: readonly ReportCloud[];
  readonly connections: readonly ReportConnection[];
  readonly pools: readonly ReportPool[];
  readonly prefixes: readonly ReportPrefix[];
  /** Address the page asks about first. */
  readonly question?: string | undefined;
  readonly systems: readonly ReportSystem[];
  readonly overlays: readonly ReportOverlay[];
  readonly plan: {
    readonly id?: string | undefined;
    readonly engine?: string | undefined;
    readonly environment: 'sandbox' | 'production';
    readonly unavailable?: string | undefined;
    readonly hint?: string | undefined;
  };
  readonly stacks: readonly ReportStack[];
  /** What the clouds of all members offer on that date. */
  readonly offers: readonly CatalogOffer[];
  readonly audit?: {
    readonly asOf: string;
    readonly rules: readonly ReportRule[];
    readonly instruments: readonly string[];
    readonly findings: readonly ReportFinding[];
    /** Findings left out to keep the page small; `vcloud audit run` shows them. */
    readonly omitted: number;
  };
  readonly inventory: readonly InventoryRecord[];
  readonly timings: readonly ReportTiming[];
}
