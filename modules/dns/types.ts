import type { Place, Problem } from '../core/index.ts';
import type { DnssecPolicy } from './schema.ts';

/** One resource record set; `data` are presentation-format RDATA strings (RFC 1035 section 5.1), sorted. */
export interface RecordSet {
  /** Owner name, absolute, lower case, with the final dot. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: readonly string[];
}

/** One zone as generated: unsigned, canonical order. */
export interface Zone {
  /** Absolute name with the final dot. */
  readonly name: string;
  readonly kind: 'forward' | 'reverse';
  /** Organisation id that answers for it. */
  readonly owner: string;
  /** Name of its DNSSEC policy, or undefined where none is stated. */
  readonly policy?: string | undefined;
  readonly records: readonly RecordSet[];
}

/** All zones of a member, by name in code-unit order. */
export interface ZoneSet {
  readonly zones: readonly Zone[];
  /** Rendered files, path below `out/dns/` -> content. */
  readonly files: ReadonlyMap<string, string>;
  /** The DNSSEC policies the zones name. */
  readonly policies?: ReadonlyMap<string, DnssecPolicy> | undefined;
  /** Addresses of the name servers, by absolute host name; empty where they are somebody else's. */
  readonly servers?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Where a record set or a zone is declared, by `ZONE NAME TYPE` or `ZONE`. */
  readonly places?: ReadonlyMap<string, Place> | undefined;
  /** What was found wrong while the zones were made, without keeping them from being made. */
  readonly findings?: readonly Problem[] | undefined;
}
