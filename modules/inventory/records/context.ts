import { formatPlace, urn, type Json, type Place } from '../../core/index.ts';
import { ancestors, type Collection, type Federation } from '../../federation/index.ts';
import type { InventoryRecord, Layer, Relation } from '../types.ts';

/** What is the same for all records of one run. */
export interface RecordContext {
  readonly member: string;
  readonly asOf: string;
  readonly federation: Federation;
  /** Owner and everything above it, nearest first; ends with a parent that is not declared here. Computed once per owner. */
  ownersOf(owner: string): readonly string[];
  /** URN of a declared object of this member. */
  urnOf(collection: Collection, id: string): string;
}

export function recordContext(federation: Federation, member: string, asOf: string): RecordContext {
  const chains = new Map<string, readonly string[]>();
  return {
    member,
    asOf,
    federation,
    ownersOf(owner) {
      let chain = chains.get(owner);
      if (chain === undefined) {
        const above = ancestors(federation, owner);
        const last = above.at(-1)?.parent;
        chain = above.length === 0 ? [owner] : [...above.map(({ id }) => id), ...(last === undefined || above.some(({ id }) => id === last) ? [] : [last])];
        chains.set(owner, chain);
      }
      return chain;
    },
    urnOf: (collection, id) => urn(member, collection.slice(0, -1), id),
  };
}

/** What differs from record to record. */
export interface RecordParts {
  readonly kind: string;
  readonly id: string;
  readonly owner: string;
  readonly names: { readonly vi: string; readonly en: string };
  readonly place?: Place | undefined;
  readonly relations?: readonly (Relation | undefined)[];
  readonly attributes: { readonly [key: string]: Json | undefined };
  readonly layer?: Layer;
  readonly drift?: InventoryRecord['drift'];
}

/** One record; parts that are not stated are left out rather than written as empty. */
export function makeRecord(context: RecordContext, parts: RecordParts): InventoryRecord {
  const attributes: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(parts.attributes)) if (value !== undefined) attributes[key] = value;
  const declaredAt = parts.place === undefined ? undefined : formatPlace(parts.place);
  return {
    urn: urn(context.member, parts.kind, parts.id),
    kind: parts.kind,
    layer: parts.layer ?? 'declared',
    member: context.member,
    owner: parts.owner,
    owners: context.ownersOf(parts.owner),
    names: parts.names,
    observed: context.asOf,
    ...(declaredAt === undefined ? {} : { declaredAt }),
    ...(parts.drift === undefined ? {} : { drift: parts.drift }),
    relations: (parts.relations ?? []).filter((relation) => relation !== undefined),
    attributes,
  };
}

/** A relation, or nothing where its other end is not stated. */
export function relation(type: string, to: string | undefined): Relation | undefined {
  return to === undefined ? undefined : { type, to };
}
