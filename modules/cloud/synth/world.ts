import { compareCodeUnits, digestOf, type Place } from '../../core/index.ts';
import {
  agencyOf,
  planOf,
  answeringTenants,
  type Appliance,
  type Cloud,
  type Federation,
  type Organisation,
  type Rack,
  type Server,
  type Site,
  type System,
  type Tenant,
} from '../../federation/index.ts';
import type { AddressPlan } from '../../network/index.ts';
import type { ZoneSet } from '../../dns/index.ts';
import { likeWhom, partnersOf } from './pairs.ts';

export type Bare<T> = Omit<T, 'place' | 'folder' | 'tenure'>;

/** A network of a tenant with its prefixes from the address plan (key `tenant/TENANT/NAME`). */
export interface PlannedNetwork {
  readonly name: string;
  readonly v4?: string | undefined;
  readonly v6?: string | undefined;
}

/** A tenant another one stands by for: its system, and the agency whose stacks hold it. */
export interface Primary {
  readonly system: string;
  readonly tenant: string;
  readonly agency: string;
  readonly mode?: string | undefined;
}

/** A tenant that keeps the same data as the one that asks, because a system is declared to run over both. */
export interface Partner {
  readonly tenant: string;
  readonly agency: string;
  readonly cloud: string;
  /** Which side the one that asks is. */
  readonly side: 'primary' | 'standby' | 'active';
  /** Systems that run over the two, in code-unit order; figures are the strictest of theirs. */
  readonly systems: readonly string[];
  readonly rpoMinutes?: number | undefined;
  readonly rtoMinutes?: number | undefined;
}

/** Where the names of a system lie and who answers to them. */
export interface SystemNames {
  /** `SYSTEM.service.ZONE-OF-ITS-AGENCY`, with the final dot; null where the agency has none. */
  readonly zone: string | null;
  /** Tenants whose entries the names lead to. */
  readonly answering: readonly string[];
  /** Tenants whose cloud's own name service keeps the zone: one in each cloud, whichever side it is, so that a swap moves no zone. */
  readonly holders: readonly string[];
}

/** What is in use at a site on the date everything is read at: nothing retired, nothing still to be received. */
export interface SiteEquipment {
  readonly racks: readonly Bare<Rack>[];
  readonly servers: readonly Bare<Server>[];
  readonly appliances: readonly Bare<Appliance>[];
  /** Tenants of clouds without an API that stand here. */
  readonly tenants: readonly string[];
}

/** What the settings say to programs: names and references, never a credential. */
export interface ProgramSettings {
  readonly member: string;
  readonly environment: 'sandbox' | 'production';
  readonly parentZone?: string | undefined;
}

/** Who acts in a cloud, as the settings say: whether a credential is stated, never which. */
export interface CloudAccess {
  /** Tenants with credentials of their own. */
  readonly tenants: readonly string[];
  /** Group known to the cloud that deploys into the others. */
  readonly operators?: string | undefined;
  /** Names of the domain and the project that tenants' projects are made in. */
  readonly domain?: string | undefined;
  readonly parent?: string | undefined;
}

/** Everything a program may ask, by the kind of question. The argument is an id. */
export interface Answers {
  settings: ProgramSettings;
  /** Ids of the tenants of a unit (`FOLDER AGENCY`). */
  unit: readonly string[];
  organisation: Bare<Organisation> | null;
  /** With blueprint, sizes and parameters of the tenant it is `like`, where it states none. */
  tenant: Bare<Tenant> | null;
  cloud: Bare<Cloud> | null;
  /** Who acts in a cloud; null where the settings say nothing of it. */
  access: CloudAccess | null;
  site: Bare<Site> | null;
  /** The plan of an offer that a tenant takes: what one unit of it is. */
  plan: { readonly offer: string; readonly name: string; readonly sizes: Readonly<Record<string, number>> } | null;
  /** Equipment of a site, each kind in code-unit order of ids. */
  equipment: SiteEquipment;
  networks: readonly PlannedNetwork[];
  /** What a key of the address plan holds. */
  allocation: { readonly v4?: string | undefined; readonly v6?: string | undefined } | null;
  asn: number | null;
  /** Forward zone of an organisation, with the final dot. */
  zone: string | null;
  /** Systems that run in a tenant. */
  systems: readonly Bare<System>[];
  /** Tenants a tenant is the disaster-recovery side of. */
  primaries: readonly Primary[];
  /** Tenants that keep the same data, in code-unit order, and which side this one is. */
  partners: readonly Partner[];
  /** A system, where programs need its names or who else it runs on. */
  system: Bare<System> | null;
  /** Names of a system. */
  names: SystemNames;
}

export type Question = keyof Answers;

/** One agency's part of one folder: what is synthesised, cached and reported together. */
export interface Unit {
  readonly id: string;
  readonly folder: string;
  readonly agency: string;
}

/**
 * The declared world as programs see it. Every answer is a plain value, so that what a program depended on can be
 * recorded as questions and the digests of their answers.
 */
export class World {
  readonly federation: Federation;
  readonly #addresses: AddressPlan;
  readonly #zones = new Map<string, string>();
  readonly #networks = new Map<string, PlannedNetwork[]>();
  readonly #units = new Map<string, Unit & { tenants: string[] }>();
  readonly #systems = new Map<string, System[]>();
  readonly #primaries = new Map<string, Primary[]>();
  readonly #partners: ReadonlyMap<string, readonly Partner[]>;

  constructor(federation: Federation, addresses: AddressPlan, zones: ZoneSet) {
    this.federation = federation;
    this.#addresses = addresses;
    for (const zone of zones.zones) {
      // An organisation's own zone is the shortest it answers for.
      const known = this.#zones.get(zone.owner);
      if (zone.kind === 'forward' && (known === undefined || zone.name.length < known.length)) this.#zones.set(zone.owner, zone.name);
    }
    for (const [key, { v4, v6 }] of addresses.allocations) {
      if (!key.startsWith('tenant/')) continue;
      const [, tenant = '', name, ...more] = key.split('/');
      if (name !== undefined && more.length === 0) push(this.#networks, tenant, { name, v4, v6 });
    }
    for (const tenant of federation.tenants.values()) {
      const agency = agencyOf(federation, tenant.owner);
      const id = `${tenant.folder} ${agency}`;
      const unit = this.#units.get(id) ?? { id, folder: tenant.folder, agency, tenants: [] };
      unit.tenants.push(tenant.id);
      this.#units.set(id, unit);
    }
    for (const system of federation.systems.values()) {
      const { tenants = [], disasterRecovery } = system;
      for (const tenant of tenants) push(this.#systems, tenant, system);
      const standby = disasterRecovery?.tenant;
      if (standby === undefined) continue;
      for (const tenant of tenants) {
        const primary = federation.tenants.get(tenant);
        if (primary && tenant !== standby && federation.tenants.has(standby))
          push(this.#primaries, standby, { system: system.id, tenant, agency: agencyOf(federation, primary.owner), mode: disasterRecovery?.mode });
      }
    }
    this.#partners = partnersOf(federation);
  }

  /** Units with at least one tenant, in code-unit order of their id. */
  get units(): readonly Unit[] {
    return [...this.#units.values()].sort((a, b) => compareCodeUnits(a.id, b.id)).map(({ id, folder, agency }) => ({ id, folder, agency }));
  }

  answer<Q extends Question>(question: Q, id: string): Answers[Q] {
    return this.#answer(question, id) as Answers[Q];
  }

  /** Digest of an answer; equal digests mean a program would see the same. */
  digest(question: Question, id: string): string {
    return digestOf(this.#answer(question, id));
  }

  /** Where a tenant is declared. */
  place(tenant: string): Place | undefined {
    return this.federation.tenants.get(tenant)?.place;
  }

  #answer(question: Question, id: string): Answers[Question] {
    const { federation } = this;
    switch (question) {
      case 'settings': {
        const { member, environment, parentZone } = federation.settings;
        return { member: member.id, environment, parentZone };
      }
      case 'unit':
        return this.#units.get(id)?.tenants ?? [];
      case 'organisation':
        return bare(federation.organisations.get(id));
      case 'tenant':
        return likeWhom(federation, bare(federation.tenants.get(id)));
      case 'cloud':
        return bare(federation.clouds.get(id));
      case 'access': {
        const found = federation.settings.clouds[id];
        return found ? { tenants: Object.keys(found.tenants).sort(), operators: found.operators, domain: found.domain, parent: found.parent } : null;
      }
      case 'plan': {
        const tenant = federation.tenants.get(id);
        const taken = tenant === undefined ? undefined : planOf(federation, tenant);
        return taken === undefined ? null : { offer: taken.offer.id, name: taken.plan.name, sizes: taken.plan.sizes ?? {} };
      }
      case 'site':
        return bare(federation.sites.get(id));
      case 'equipment':
        return equipmentOf(federation, id);
      case 'networks':
        return this.#networks.get(id) ?? [];
      case 'allocation': {
        const found = this.#addresses.allocations.get(id) ?? poolsOf(this.#addresses, id);
        return found ? { v4: found.v4, v6: found.v6 } : null;
      }
      case 'asn':
        return this.#addresses.asns.get(id) ?? null;
      case 'zone':
        return this.#zones.get(id) ?? this.#statedZone(id);
      case 'systems':
        return (this.#systems.get(id) ?? []).map((system) => bare(system) as Bare<System>);
      case 'primaries':
        return this.#primaries.get(id) ?? [];
      case 'partners':
        return this.#partners.get(id) ?? [];
      case 'system':
        return bare(federation.systems.get(id));
      case 'names':
        return this.#names(id);
    }
  }

  #names(id: string): SystemNames {
    const { systems, tenants } = this.federation;
    const system = systems.get(id);
    if (!system) return { zone: null, answering: [], holders: [] };
    const agency = agencyOf(this.federation, system.owner);
    const zone = this.#zones.get(agency) ?? this.#statedZone(agency);
    const all = [...new Set([...(system.tenants ?? []), ...(system.disasterRecovery?.tenant === undefined ? [] : [system.disasterRecovery.tenant])])];
    const firstOfCloud = new Map<string, string>();
    for (const tenant of all.sort(compareCodeUnits)) {
      const cloud = tenants.get(tenant)?.cloud;
      if (cloud !== undefined && !firstOfCloud.has(cloud)) firstOfCloud.set(cloud, tenant);
    }
    return {
      zone: zone === null ? null : `${id}.service.${zone}`,
      answering: answeringTenants(system).filter((tenant) => tenants.has(tenant)),
      holders: [...firstOfCloud.values()].sort(compareCodeUnits),
    };
  }

  /** Where no zones were planned: the organisation's label below the parent zone. */
  #statedZone(organisation: string): string | null {
    const label = this.federation.organisations.get(organisation)?.label;
    const { parentZone } = this.federation.settings;
    return label === undefined || parentZone === undefined ? null : `${label}.${parentZone}`;
  }
}

function equipmentOf(federation: Federation, site: string): SiteEquipment {
  const { asOf } = federation;
  const here = <T extends Rack | Server | Appliance>(all: ReadonlyMap<string, T>): Bare<T>[] =>
    [...all.values()]
      .filter((item) => item.site === site && (item.retired === undefined || item.retired > asOf) && (item.received === undefined || item.received <= asOf))
      .map((item) => bare(item) as Bare<T>);
  const tenants = [...federation.tenants.values()].filter(({ cloud: id, region }) => {
    const cloud = federation.clouds.get(id);
    return cloud?.kind === 'none' && (cloud.regions.find(({ name }) => name === region) ?? cloud.regions[0])?.site === site;
  });
  return {
    racks: here(federation.racks),
    servers: here(federation.servers),
    appliances: here(federation.appliances),
    tenants: tenants.map(({ id }) => id),
  };
}

/** The object without where it is declared and who held it before: what moves when a file is edited elsewhere. */
function bare<T extends object>(object: T | undefined): Bare<T> | null {
  if (!object) return null;
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'place' && name !== 'folder' && name !== 'tenure')) as unknown as Bare<T>;
}

/** Key `domain/NAME`: the whole of a routing domain, where it has one pool of a family at most. */
function poolsOf({ pools }: AddressPlan, id: string): Answers['allocation'] {
  const [, name] = /^domain\/([^/]+)$/u.exec(id) ?? [];
  const own = [...pools.values()].filter(({ domain }) => domain === name).map(({ prefix }) => prefix);
  const [v6, v4] = [true, false].map((six) => own.filter((prefix) => prefix.includes(':') === six));
  if (own.length === 0 || (v4?.length ?? 0) > 1 || (v6?.length ?? 0) > 1) return null;
  return { ...(v4?.[0] === undefined ? {} : { v4: v4[0] }), ...(v6?.[0] === undefined ? {} : { v6: v6[0] }) };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
