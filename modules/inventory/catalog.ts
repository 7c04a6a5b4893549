import { didYouMean, isObject, problem, ProblemError } from '../core/index.ts';
import type { InventoryRecord } from './types.ts';

/** What may be asked of the catalogue. */
export interface CatalogQuery {
  /** Only what this organisation may use. */
  readonly organisation?: string | undefined;
  readonly cloud?: string | undefined;
  readonly kind?: string | undefined;
  /** Only offers that may carry a system of this security level. */
  readonly level?: number | undefined;
}

/** One offer of one cloud, as its member states it. What is not stated is absent. */
export interface CatalogOffer {
  readonly id: string;
  readonly urn: string;
  readonly member: string;
  readonly kind: string;
  readonly names: InventoryRecord['names'];
  readonly owner: string;
  readonly cloud: string;
  /** As declared: name, names, sizes, quota, price. */
  readonly plans: readonly CatalogPlan[];
  readonly conditions: CatalogConditions;
  readonly serviceHours?: string | undefined;
  readonly support?: { readonly unit: string; readonly phone?: string; readonly email?: string; readonly responseMinutes?: number } | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface CatalogPlan {
  readonly name: string;
  readonly names?: InventoryRecord['names'];
  readonly sizes?: Readonly<Record<string, number>>;
  readonly quota?: Readonly<Record<string, number>>;
  readonly price?: string;
}

export interface CatalogConditions {
  readonly levelUpTo?: number;
  readonly organisations?: readonly string[];
  readonly kinds?: readonly string[];
  readonly below?: readonly string[];
  readonly notes?: InventoryRecord['names'];
}

/** Who asks: an organisation with everything above it, nearest first. */
export interface CatalogUser {
  readonly id: string;
  readonly kind: string;
  /** It and everything above it. */
  readonly chain: readonly string[];
}

/**
 * The offers of all members that fit, by cloud then id. Pure.
 * @param records any records; only declared offers count, and organisations to find who asks
 * @param asOf offers that are not valid on that date are left out
 * @throws ProblemError INV-UNKNOWN-ORGANISATION
 */
export function catalogue(records: Iterable<InventoryRecord>, query: CatalogQuery, asOf: string): CatalogOffer[] {
  const offers: CatalogOffer[] = [];
  const organisations = new Map<string, InventoryRecord>();
  for (const record of records) {
    if (record.layer !== 'declared') continue;
    if (record.kind === 'offer') offers.push(offerOf(record));
    else if (record.kind === 'organisation') organisations.set(record.owner, record);
  }
  const user = query.organisation === undefined ? undefined : userOf(query.organisation, organisations);
  return offers
    .filter(
      (offer) =>
        (query.cloud === undefined || offer.cloud === query.cloud) &&
        (query.kind === undefined || offer.kind === query.kind) &&
        // A limit that is not stated is not a promise: such an offer is not shown for a level.
        (query.level === undefined || (offer.conditions.levelUpTo ?? 0) >= query.level) &&
        (offer.from === undefined || offer.from <= asOf) &&
        (offer.until === undefined || asOf < offer.until) &&
        (user === undefined || mayUse(user, offer)),
    )
    .sort((one, other) => compare(one.cloud, other.cloud) || compare(one.id, other.id) || compare(one.urn, other.urn));
}

/** Whether an organisation fits an offer's conditions: any of its lists, or none stated; who offers it may use it too. */
export function mayUse(user: CatalogUser, { owner, conditions }: Pick<CatalogOffer, 'owner' | 'conditions'>): boolean {
  const { organisations, kinds, below } = conditions;
  if (organisations === undefined && kinds === undefined && below === undefined) return true;
  return (
    user.id === owner ||
    organisations?.includes(user.id) === true ||
    kinds?.includes(user.kind) === true ||
    below?.some((id) => user.chain.includes(id)) === true
  );
}

function userOf(id: string, organisations: ReadonlyMap<string, InventoryRecord>): CatalogUser {
  const record = organisations.get(id);
  if (record === undefined)
    throw new ProblemError(
      problem('INV-UNKNOWN-ORGANISATION', `the inventory knows no organisation "${id}"`, {
        hint: didYouMean(id, organisations.keys()) ?? 'find its id with `vcloud inventory search NAME --kind organisation`',
      }),
    );
  const { kind } = record.attributes;
  return { id, kind: typeof kind === 'string' ? kind : '', chain: [...chainOf(record, organisations)] };
}

/** A member's records end at its own top; the centre's go on from there. */
function chainOf(record: InventoryRecord, organisations: ReadonlyMap<string, InventoryRecord>): Set<string> {
  const chain = new Set(record.owners);
  for (const id of chain) for (const above of organisations.get(id)?.owners ?? []) chain.add(above);
  return chain;
}

function offerOf(record: InventoryRecord): CatalogOffer {
  const { kind, cloud, plans, conditions, serviceHours, support, from, until } = record.attributes;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    id: record.urn.split(':').slice(4).join(':'),
    urn: record.urn,
    member: record.member,
    kind: text(kind) ?? '',
    names: record.names,
    owner: record.owner,
    cloud: text(cloud) ?? '',
    plans: Array.isArray(plans) ? plans : [],
    conditions: isObject(conditions) ? conditions : {},
    serviceHours: text(serviceHours),
    support: isObject(support) ? (support as CatalogOffer['support']) : undefined,
    from: text(from),
    until: text(until),
  };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
