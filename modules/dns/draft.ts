import { compareCodeUnits, problem, type Place, type Problem } from '../core/index.ts';
import { canonicalKey, enclosingZone, nameProblem } from './names.ts';
import type { RecordSet, Zone } from './types.ts';

interface DraftSet {
  readonly name: string;
  readonly type: string;
  ttl: number;
  readonly data: Map<string, Place>;
}

/** A zone while it is being filled. */
export interface DraftZone {
  readonly name: string;
  readonly kind: Zone['kind'];
  readonly owner: string;
  readonly policy: string | undefined;
  readonly servers: readonly string[];
  readonly place: Place;
  readonly sets: Map<string, DraftSet>;
}

/** The zones being made, and what was found wrong on the way. */
export interface Draft {
  readonly zones: Map<string, DraftZone>;
  readonly findings: Problem[];
}

/** Adds a zone; a second one of the same name is a finding and changes nothing. */
export function addZone(draft: Draft, zone: Omit<DraftZone, 'sets'>): DraftZone | undefined {
  const wrong = nameProblem(zone.name, zone.place);
  if (wrong) {
    draft.findings.push(wrong);
    return undefined;
  }
  const first = draft.zones.get(zone.name);
  if (first) {
    draft.findings.push(
      problem('DNS-ZONE-DUPLICATE', `zone ${zone.name} is made twice, first from ${first.place.file}:${first.place.line ?? 1}`, {
        ...zone.place,
        hint: 'give one of the two another label, or narrow a rule',
      }),
    );
    return undefined;
  }
  const made: DraftZone = { ...zone, sets: new Map() };
  draft.zones.set(zone.name, made);
  return made;
}

export interface NewRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
  readonly place: Place;
  /** Whether the same record twice is fine: glue and name-server addresses follow from several zones. */
  readonly derived?: boolean | undefined;
}

/** Adds a record to a zone, or to the one its name belongs to. */
export function addRecord(draft: Draft, record: NewRecord, zone = enclosingZone(draft.zones, record.name)): void {
  const wrong = nameProblem(record.name, record.place);
  if (wrong) {
    draft.findings.push(wrong);
    return;
  }
  if (!zone) {
    draft.findings.push(
      problem('DNS-NO-ZONE', `no zone of this plan holds ${record.name}`, {
        ...record.place,
        hint: 'add a zone rule for it, or write the name relative to the parent zone (no final dot)',
      }),
    );
    return;
  }
  const key = `${record.name} ${record.type}`;
  const set = zone.sets.get(key);
  if (!set) {
    zone.sets.set(key, { name: record.name, type: record.type, ttl: record.ttl, data: new Map([[record.data, record.place]]) });
    return;
  }
  const first = set.data.get(record.data);
  if (first && !record.derived)
    draft.findings.push(
      problem('DNS-DUPLICATE', `${record.name} ${record.type} ${record.data} stands twice, first from ${first.file}:${first.line ?? 1}`, {
        ...record.place,
        hint: 'a record is declared once; remove one of the two',
      }),
    );
  // RFC 2181 section 5.2: the records of a set share one TTL.
  if (set.ttl !== record.ttl && !record.derived)
    draft.findings.push(
      problem('DNS-TTL-MIXED', `${record.name} ${record.type} has TTL ${set.ttl} and ${record.ttl}`, {
        ...record.place,
        hint: 'give all records of the set one TTL (RFC 2181 section 5.2)',
      }),
    );
  if (!first) set.data.set(record.data, record.place);
}

const typeOrder = new Map([
  ['SOA', 0],
  ['NS', 1],
]);

/** The finished zones by name, each in canonical order: apex first, SOA and NS before other types. */
export function finishZones(draft: Draft): { zones: Zone[]; places: Map<string, Place> } {
  const places = new Map<string, Place>();
  const zones = [...draft.zones.values()].map((zone): Zone => {
    places.set(zone.name, zone.place);
    const keyed = [...zone.sets.values()].map((set) => ({ set, key: `${canonicalKey(set.name)}\u0000\u0000${typeOrder.get(set.type) ?? 2}${set.type}` }));
    keyed.sort((a, b) => compareCodeUnits(a.key, b.key));
    const records = keyed.map(({ set }): RecordSet => {
      const [place] = set.data.values();
      if (place) places.set(`${zone.name} ${set.name} ${set.type}`, place);
      const data = [...set.data.keys()];
      return { name: set.name, type: set.type, ttl: set.ttl, data: data.length > 1 ? data.sort(compareCodeUnits) : data };
    });
    return { name: zone.name, kind: zone.kind, owner: zone.owner, policy: zone.policy, records };
  });
  return { zones: zones.sort((a, b) => compareCodeUnits(a.name, b.name)), places };
}
