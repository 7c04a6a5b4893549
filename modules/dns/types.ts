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
}
