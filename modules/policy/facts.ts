import { isObject, type JsonObject, type Place } from '../core/index.ts';
import { agencyOf, type Cloud, type Link, type Network, type Organisation, type Service, type Site, type System, type Tenant } from '../federation/index.ts';
import type { Zone } from '../dns/types.ts';
import type { Overlay } from '../vpn/types.ts';
import type { HeldStack, SynthesisedStack } from '../engine/types.ts';
import type { Facts } from './types.ts';

/** An autonomous system number and the key it is planned under. */
export interface AutonomousSystem {
  readonly id: string;
  readonly number: number;
}

/** One resource of a synthesised stack with the arguments the provider will get. */
export interface PlannedResource {
  /** `STACK/TYPE.NAME`. */
  readonly id: string;
  readonly type: string;
  readonly stack: string;
  readonly tenant: string | undefined;
  /** Arguments as written; a reference to something not known yet is a string with `${`. */
  readonly arguments: JsonObject;
  /** Existing folder that made it: the arguments are then what its state holds. */
  readonly folder?: string | undefined;
}

/** The types a rule may look at, by the name of their kind. */
export interface Subjects {
  organisation: Organisation;
  site: Site;
  cloud: Cloud;
  network: Network;
  link: Link;
  tenant: Tenant;
  system: System;
  service: Service;
  zone: Zone & { readonly id: string };
  overlay: Overlay & { readonly id: string };
  asn: AutonomousSystem;
  resource: PlannedResource;
}
export type SubjectKind = keyof Subjects;

/** One thing to judge, with whose it is and where it is declared. */
export interface Entry<K extends SubjectKind = SubjectKind> {
  readonly kind: K;
  readonly id: string;
  /** The organisation that holds it. */
  readonly owner: string;
  /** The agency it counts for. */
  readonly agency: string;
  readonly place: Place | undefined;
  readonly value: Subjects[K];
}

/**
 * The facts by kind and by relation. Everything is built on first use and once, so that a rule over a hundred
 * systems does not pay for ten thousand resources.
 */
export class FactIndex {
  readonly facts: Facts;
  private readonly agencies = new Map<string, string>();
  private readonly byKind = new Map<SubjectKind, ReadonlyMap<string, Entry>>();
  private readonly groups = new Map<string, ReadonlyMap<string, readonly Entry[]>>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** The agency an organisation counts for. */
  agency(organisation: string): string {
    let agency = this.agencies.get(organisation);
    if (agency === undefined) {
      agency = agencyOf(this.facts.federation, organisation);
      this.agencies.set(organisation, agency);
    }
    return agency;
  }

  /** Everything of one kind, by id. */
  all<K extends SubjectKind>(kind: K): ReadonlyMap<string, Entry<K>> {
    let entries = this.byKind.get(kind);
    if (entries === undefined) {
      entries = new Map([...this.make(kind)].map((entry) => [entry.id, entry]));
      this.byKind.set(kind, entries);
    }
    return entries as ReadonlyMap<string, Entry<K>>;
  }

  get<K extends SubjectKind>(kind: K, id: string): Entry<K> | undefined {
    return this.all(kind).get(id);
  }

  /**
   * Everything of one kind by something it names: `name` identifies the relation, `keys` gives what one object names.
   */
  related<K extends SubjectKind>(name: string, kind: K, keys: (value: Subjects[K]) => readonly string[]): ReadonlyMap<string, readonly Entry<K>[]> {
    const known = this.groups.get(name);
    if (known !== undefined) return known as ReadonlyMap<string, readonly Entry<K>[]>;
    const made = new Map<string, Entry<K>[]>();
    for (const entry of this.all(kind).values()) {
      for (const key of new Set(keys(entry.value))) {
        const list = made.get(key);
        if (list) list.push(entry);
        else made.set(key, [entry]);
      }
    }
    this.groups.set(name, made);
    return made;
  }

  private *make(kind: SubjectKind): Generator<Entry> {
    const { federation, zones, overlays, addresses, synthesis, folders = [] } = this.facts;
    const entry = <K extends SubjectKind>(as: K, id: string, owner: string, place: Place | undefined, value: Subjects[K]): Entry => ({
      kind: as,
      id,
      owner,
      agency: this.agency(owner),
      place,
      value,
    });
    const home = federation.settings.member.organisation ?? federation.settings.member.id;
    const placeOf = (organisation: string): Place | undefined => federation.organisations.get(organisation)?.place;
    switch (kind) {
      case 'organisation':
        for (const item of federation.organisations.values()) yield entry(kind, item.id, item.id, item.place, item);
        return;
      case 'site':
        for (const item of federation.sites.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'cloud':
        for (const item of federation.clouds.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'network':
        for (const item of federation.networks.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'link':
        for (const item of federation.links.values())
          yield entry(kind, item.id, item.owner ?? federation.sites.get(item.from)?.owner ?? home, item.place, item);
        return;
      case 'tenant':
        for (const item of federation.tenants.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'system':
        for (const item of federation.systems.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'service':
        for (const item of federation.services.values()) yield entry(kind, item.id, item.owner, item.place, item);
        return;
      case 'zone':
        for (const item of zones.zones) yield entry(kind, item.name, item.owner, placeOf(item.owner), { ...item, id: item.name });
        return;
      case 'overlay':
        for (const item of overlays.overlays) yield entry(kind, item.name, home, undefined, { ...item, id: item.name });
        return;
      case 'asn':
        for (const [key, number] of addresses.asns) {
          const [collection = '', id = ''] = key.split('/');
          const site = collection === 'site' ? federation.sites.get(id) : undefined;
          const owner = site?.owner ?? (federation.organisations.has(id) ? id : home);
          yield entry(kind, key, owner, site?.place ?? placeOf(owner), { id: key, number });
        }
        return;
      case 'resource':
        for (const stack of synthesis.stacks) yield* this.resources(stack);
        for (const stack of folders) yield* this.held(stack);
    }
  }

  /** Of an existing folder only the state says what is there; nothing in it is left to be known. */
  private *held({ path, agency, tenant, folder, resources = [] }: HeldStack): Generator<Entry> {
    for (const { address, type, attributes } of resources) {
      const id = `${path}/${address}`;
      const value: PlannedResource = { id, type, stack: path, tenant, arguments: attributes, folder };
      yield { kind: 'resource', id, owner: agency, agency: this.agency(agency), place: { file: folder }, value };
    }
  }

  private *resources(stack: SynthesisedStack): Generator<Entry> {
    const document = JSON.parse(stack.json) as { readonly resource?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> };
    const agency = this.agency(stack.agency);
    for (const resource of stack.resources) {
      const dot = resource.planned.indexOf('.');
      const type = resource.planned.slice(0, dot);
      const body = document.resource?.[type]?.[resource.planned.slice(dot + 1)];
      // In the sandbox the provider's arguments are the input of a terraform_data resource.
      const written = type === resource.type ? body : body?.['input'];
      const id = `${stack.path}/${resource.address}`;
      const value: PlannedResource = {
        id,
        type: resource.type,
        stack: stack.path,
        tenant: stack.tenant,
        arguments: isObject(written) ? written : {},
      };
      yield { kind: 'resource', id, owner: stack.agency, agency, place: resource.place, value };
    }
  }
}
