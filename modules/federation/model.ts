import type { z } from 'zod';
import type { Place } from '../core/index.ts';
import type { applianceSchema, rackSchema, serverSchema } from './equipment-schema.ts';
import type { offerSchema } from './offer-schema.ts';
import type {
  cloudSchema,
  Collection,
  linkSchema,
  memberSchema,
  networkSchema,
  organisationSchema,
  serviceSchema,
  settingsSchema,
  siteSchema,
  systemSchema,
  tenantSchema,
} from './schema.ts';

/** Who held something and when; `until` is the first day that no longer counts. */
export interface Tenure {
  readonly organisation: string;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** What every declared object carries besides its own fields. */
export interface Declared {
  /** Where it is declared: the file and position a problem about it names. */
  readonly place: Place;
  /** Folder below `stacks/` it is declared in; the agency's own files lie there. */
  readonly folder: string;
}

/** An entry with its holder resolved to the one of the `asOf` date, and the whole succession kept. */
type Owned<T> = Omit<T, 'owner'> & Declared & { readonly owner: string; readonly tenure: readonly Tenure[] };
type Ownable<T> = Omit<T, 'owner'> & Declared & { readonly owner?: string | undefined; readonly tenure: readonly Tenure[] };

export type Organisation = Omit<z.output<typeof organisationSchema>, 'parent'> &
  Declared & { readonly parent?: string | undefined; readonly tenure: readonly Tenure[] };
export type Site = Owned<z.output<typeof siteSchema>>;
export type Cloud = Owned<z.output<typeof cloudSchema>>;
export type Network = Owned<z.output<typeof networkSchema>>;
export type Link = Ownable<z.output<typeof linkSchema>>;
export type Tenant = Owned<z.output<typeof tenantSchema>>;
export type System = Owned<z.output<typeof systemSchema>>;
export type Service = Owned<z.output<typeof serviceSchema>>;
export type Offer = Ownable<z.output<typeof offerSchema>>;
export type Rack = Owned<z.output<typeof rackSchema>>;
export type Server = Owned<z.output<typeof serverSchema>>;
export type Appliance = Owned<z.output<typeof applianceSchema>>;
export type Settings = z.output<typeof settingsSchema>;
export type Member = z.output<typeof memberSchema>;

/** What an author may write for one entry, in YAML or in TypeScript. */
export type Declarations = {
  organisations?: z.input<typeof organisationSchema>[];
  sites?: z.input<typeof siteSchema>[];
  clouds?: z.input<typeof cloudSchema>[];
  networks?: z.input<typeof networkSchema>[];
  links?: z.input<typeof linkSchema>[];
  tenants?: z.input<typeof tenantSchema>[];
  systems?: z.input<typeof systemSchema>[];
  services?: z.input<typeof serviceSchema>[];
  offers?: z.input<typeof offerSchema>[];
  racks?: z.input<typeof rackSchema>[];
  servers?: z.input<typeof serverSchema>[];
  appliances?: z.input<typeof applianceSchema>[];
};

/** The types of the collections' objects. */
export interface Objects {
  organisations: Organisation;
  sites: Site;
  clouds: Cloud;
  networks: Network;
  links: Link;
  tenants: Tenant;
  systems: System;
  services: Service;
  offers: Offer;
  racks: Rack;
  servers: Server;
  appliances: Appliance;
}

/** A member's declared world on one date: every object by id, ids in code-unit order. */
export type Federation = { readonly [C in Collection]: ReadonlyMap<string, Objects[C]> } & {
  /** Absolute path of the member's folder. Never written to any output. */
  readonly root: string;
  readonly settings: Settings;
  /** The date everything with validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
};
