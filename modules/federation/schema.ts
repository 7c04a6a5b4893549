import { z } from 'zod';
import { dateSchema, header, idSchema, isDate, namesSchema } from '../core/index.ts';
import { detailSchema } from './delegation.ts';
import { backendSchema, cloudAccessSchema, existingStackSchema, moveSchema, valueReference } from './engine-settings.ts';
import { applianceSchema, rackSchema, serverSchema } from './equipment-schema.ts';
import { offerSchema } from './offer-schema.ts';
import { count, numeric, referenceSchema, tenureSchema } from './primitives.ts';

const contactSchema = z.strictObject({ unit: z.string().min(1), phone: z.string().optional(), email: z.string().optional() });
const certificateSchema = z.strictObject({
  standard: z.string().min(1),
  number: z.string().optional(),
  from: dateSchema.optional(),
  until: dateSchema.optional(),
});
const coordinatesSchema = z.strictObject({ lat: numeric.pipe(z.number().min(-90).max(90)), lon: numeric.pipe(z.number().min(-180).max(180)) });
/** A measure a rule may ask for, by its name in the threshold tables; absent means "not stated". */
const measuresSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

export const networkZones = ['public', 'provider', 'enterprise'] as const;
export const ipv6States = ['none', 'planned', 'dual', 'ipv6-only'] as const;
export const cloudKinds = ['openstack', 'kubernetes', 'none'] as const;
/** Types of service a catalogue may have, by their official names (service-types.openstack.org); `vpn` and `bgp` are parts of `network`. */
export const cloudServices = ['compute', 'network', 'image', 'block-storage', 'object-store', 'load-balancer', 'dns', 'key-manager', 'vpn', 'bgp'] as const;
export const dataClasses = ['open', 'shared', 'personal', 'secret'] as const;

export const organisationSchema = z.strictObject({
  id: idSchema,
  kind: idSchema,
  code: z.string().min(1).optional(),
  names: namesSchema,
  acronym: z.string().optional(),
  /** Label of its zone below the parent zone; without one it has no zone of its own. */
  label: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u, 'must be one DNS label')
    .optional(),
  parent: tenureSchema.optional(),
  location: coordinatesSchema.optional(),
  areaSquareKilometres: numeric.optional(),
  contact: contactSchema.optional(),
  source: z.string().optional(),
});

export const siteSchema = z.strictObject({
  id: idSchema,
  kind: idSchema,
  names: namesSchema,
  owner: tenureSchema,
  operator: referenceSchema.optional(),
  landlord: z.string().optional(),
  location: coordinatesSchema.optional(),
  /** Where in the network's hierarchy it stands: `hub`, `regional`, `level-1`, `level-2` or what the federation calls it. */
  role: idSchema.optional(),
  /** The site that backs this one up. */
  backup: idSchema.optional(),
  region: idSchema.optional(),
  tier: z.strictObject({ level: z.number().int().min(1).max(4), standard: z.string(), until: dateSchema.optional() }).optional(),
  power: z.strictObject({ feeds: count.optional(), generators: count.optional(), kilowatts: z.number().nonnegative().optional() }).optional(),
  areaSquareMetres: z.number().positive().optional(),
  /** Since when it is in use, as exactly as it is known: a year, a month or a day. */
  commissioned: z
    .string()
    .regex(/^\d{4}(?:-(?:0[1-9]|1[0-2]))?(?:-\d{2})?$/u, 'must be YYYY, YYYY-MM or YYYY-MM-DD (quote it in YAML)')
    .refine((text) => text.length < 10 || isDate(text), 'must be a date that exists')
    .optional(),
  upstreams: z.array(z.string()).optional(),
  exchanges: z.array(z.string()).optional(),
  racks: count.optional(),
  lifecycle: idSchema.optional(),
  source: z.string().optional(),
});

export const cloudSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(cloudKinds),
  names: namesSchema,
  owner: tenureSchema,
  operator: referenceSchema.optional(),
  regions: z
    .array(
      z.strictObject({
        name: idSchema,
        site: idSchema,
        zones: z.array(idSchema).optional(),
        /** Its name in the cloud's own catalogue (`RegionOne`); needed where there are several and theirs are others. */
        called: z.string().min(1).optional(),
      }),
    )
    .min(1),
  /** What it offers; where it is stated, nothing is made that needs something else. */
  services: z.array(z.enum(cloudServices)).optional(),
  /** What it calls things that are asked for by purpose: ours -> its own. What is not here is asked for by the same name. */
  catalogue: z
    .strictObject({
      /** `debian-12` */
      images: z.record(z.string(), z.string()).optional(),
      /** `c2m4` (virtual processors, gibibytes of memory) */
      flavors: z.record(z.string(), z.string()).optional(),
      /** `external`: the network that leads out */
      networks: z.record(z.string(), z.string()).optional(),
      /** `encrypted`, `standard` */
      volumeTypes: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  serviceModels: z.array(z.enum(['iaas', 'paas', 'saas'])).optional(),
  certificates: z.array(certificateSchema).optional(),
  capacity: z.strictObject({ vcpus: count.optional(), memoryGiB: count.optional(), storageGiB: count.optional() }).optional(),
  lifecycle: idSchema.optional(),
});

export const networkSchema = z.strictObject({
  id: idSchema,
  names: namesSchema.optional(),
  owner: tenureSchema,
  zone: z.enum(networkZones),
  ipv6: z.enum(ipv6States).optional(),
  /** The last day on which it may still be without IPv6. */
  ipv6Target: dateSchema.optional(),
  addressOrigin: z.enum(['independent', 'provider']).optional(),
  site: idSchema.optional(),
  /** Key of its block in the address plan, where that does not follow from a rule. */
  key: z.string().optional(),
  securityLevel: z.number().int().min(1).max(5).optional(),
});

export const linkSchema = z.strictObject({
  id: idSchema,
  kind: idSchema,
  names: namesSchema.optional(),
  owner: tenureSchema.optional(),
  from: idSchema,
  to: idSchema,
  carrier: z.string().optional(),
  capacityMbps: z.number().positive().optional(),
  plannedLoadMbps: z.number().nonnegative().optional(),
  profile: idSchema.optional(),
  /** The network it is part of: the dedicated one, the extended one, the Internet. */
  network: idSchema.optional(),
  encrypted: z.boolean().optional(),
  /** The link that takes over. */
  backup: idSchema.optional(),
  legalBasis: z.string().optional(),
  contact: contactSchema.optional(),
});

export const tenantSchema = z.strictObject({
  id: idSchema,
  names: namesSchema,
  owner: tenureSchema,
  cloud: idSchema,
  region: idSchema.optional(),
  zone: z.enum(networkZones).optional(),
  /** Which ready-made shape the toolkit builds when the agency writes no program of its own. */
  blueprint: idSchema.optional(),
  /** Sizes by name, read by the blueprint (instances per tier, vcpus, gibibytes). */
  size: z.record(z.string(), z.number()).optional(),
  /** Everything else the blueprint asks for, by name; `vcloud blueprints NAME` lists it. */
  parameters: measuresSchema.optional(),
  /** Plan it takes of an offer of its cloud, as OFFER/PLAN: its quota follows from the plan's sizes. */
  plan: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/u, 'must be OFFER/PLAN')
    .optional(),
  /** Takes blueprint, sizes and parameters of this tenant where it states none itself: the other side of a system on two clouds. */
  like: idSchema.optional(),
  /** Words its stacks can be selected by (`--select tag:critical`). */
  tags: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/=-]*$/u, 'must begin with a letter or digit; then letters, digits and . _ / = -')).optional(),
  /** Nothing of its stacks is destroyed by `vcloud destroy` unless it is named. */
  protect: z.boolean().optional(),
});

export const systemSchema = z.strictObject({
  id: idSchema,
  names: namesSchema,
  owner: tenureSchema,
  operator: referenceSchema.optional(),
  tenants: z.array(idSchema).optional(),
  site: idSchema.optional(),
  level: z
    .strictObject({ value: z.number().int().min(1).max(5), decision: z.string().optional(), date: dateSchema.optional(), by: z.string().optional() })
    .optional(),
  dataClass: z.enum(dataClasses).optional(),
  serviceModel: z.enum(['iaas', 'paas', 'saas', 'none']).optional(),
  cloudAssessment: z.string().optional(),
  lifecycle: idSchema.optional(),
  environment: idSchema.optional(),
  network: idSchema.optional(),
  shared: z.boolean().optional(),
  disasterRecovery: z
    .strictObject({
      tenant: idSchema.optional(),
      site: idSchema.optional(),
      mode: idSchema.optional(),
      rpoMinutes: count.optional(),
      rtoMinutes: count.optional(),
      lastTest: dateSchema.optional(),
    })
    .optional(),
  systemOfRecord: z.array(z.string()).optional(),
  provides: z.array(idSchema).optional(),
  consumes: z
    .array(
      z.strictObject({
        service: idSchema,
        via: idSchema.optional(),
        carrier: idSchema.optional(),
        frequency: z.string().optional(),
        legalBasis: z.string().optional(),
      }),
    )
    .optional(),
  measures: measuresSchema.optional(),
  /** Row of the founding documents' table of systems. */
  reference: z.string().optional(),
  contact: contactSchema.optional(),
});

export const serviceSchema = z.strictObject({
  id: idSchema,
  kind: idSchema,
  names: namesSchema,
  owner: tenureSchema,
  system: idSchema.optional(),
  protocol: idSchema.optional(),
  version: z.string().optional(),
  access: z.enum(['open', 'secured']).optional(),
  conditions: z.string().optional(),
  plans: z.array(z.strictObject({ name: idSchema, quota: z.record(z.string(), z.number()).optional() })).optional(),
  visibility: z.enum(['owner', 'federation', 'public']).optional(),
});

/** The lists a declarations file may hold, and the schema of one entry of each. */
export const collectionSchemas = {
  organisations: organisationSchema,
  sites: siteSchema,
  clouds: cloudSchema,
  networks: networkSchema,
  links: linkSchema,
  tenants: tenantSchema,
  systems: systemSchema,
  services: serviceSchema,
  offers: offerSchema,
  racks: rackSchema,
  servers: serverSchema,
  appliances: applianceSchema,
} as const;
export type Collection = keyof typeof collectionSchemas;
export const collections = Object.keys(collectionSchemas) as Collection[];

/** The collections a rule of a plan may be repeated for. */
export const selectableCollections = ['organisations', 'sites', 'tenants', 'networks', 'systems', 'clouds'] as const satisfies readonly Collection[];
export type SelectableCollection = (typeof selectableCollections)[number];

/** Field -> the value it must have, or several to choose from. */
export const matchSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
/** Rows or objects a rule is repeated for. CSV paths are relative to the file and never lead upwards. */
export const forEachCsvSchema = z.strictObject({ csv: z.string().min(1), where: matchSchema.optional(), except: matchSchema.optional() });

function listOf<T extends z.ZodObject>(entry: T): z.ZodOptional<z.ZodArray<z.ZodUnion<[T, z.ZodObject]>>> {
  // A rule's strings are templates: only what it makes is checked against the entry's schema.
  const rule = z.looseObject({ forEach: forEachCsvSchema });
  return z.array(z.union([entry, rule])).optional() as never;
}

/** `stacks/<agency>/*.yaml`. */
export const declarationsSchema = z.strictObject({
  ...header('Declarations'),
  organisations: listOf(organisationSchema),
  sites: listOf(siteSchema),
  clouds: listOf(cloudSchema),
  networks: listOf(networkSchema),
  links: listOf(linkSchema),
  tenants: listOf(tenantSchema),
  systems: listOf(systemSchema),
  services: listOf(serviceSchema),
  offers: listOf(offerSchema),
  racks: listOf(rackSchema),
  servers: listOf(serverSchema),
  appliances: listOf(applianceSchema),
});

/** A member the centre joins: its folder (run here) or the bundle it delivers, and what it may speak for. */
export const memberSchema = z.strictObject({
  id: idSchema,
  folder: z.string().optional(),
  bundle: z.string().optional(),
  /** Ed25519 public key (SPKI, base64). A folder member without one is enrolled on first use. */
  publicKey: z.string().optional(),
  scope: z.strictObject({
    /** Organisations it speaks for, with all below them. */
    organisations: z.array(z.string()).min(1),
    /** Keys of the address plan whose blocks it holds. */
    keys: z.array(z.string()).default([]),
    /** Zones it holds, with all below them. */
    zones: z.array(z.string()).default([]),
  }),
});

/** `vcloud.yaml`. */
export const settingsSchema = z.strictObject({
  ...header('Federation'),
  member: z.strictObject({ id: idSchema, names: namesSchema, organisation: z.string().optional() }),
  language: z.enum(['vi', 'en']).default('en'),
  /** `documentation`: a model with invented numbers; rules about special-purpose space do not apply. */
  numbering: z.enum(['production', 'documentation']).default('production'),
  /** `sandbox`: every resource is planned and applied as terraform_data. */
  environment: z.enum(['sandbox', 'production']).default('sandbox'),
  engine: z
    .strictObject({
      /** `pulumi` shows previews and no plans: docs/engines.md. */
      binary: z.enum(['auto', 'terraform', 'tofu', 'pulumi']).default('auto'),
      /** Reference to the passphrase of Pulumi's states: env:NAME or file:PATH. */
      passphrase: valueReference.optional(),
      /** Stacks at work at once; by default as many as cores and memory bear. */
      parallelism: z.number().int().min(1).max(64).optional(),
      /** `init` at once; by default as many as plans, always one where they share a cache of providers. */
      init: z.number().int().min(1).max(64).optional(),
      /** Seconds one stack may take. A plan past them is ended; an apply goes on alone, and what depends on it is stopped. */
      timeout: z.number().int().min(1).optional(),
    })
    .default({ binary: 'auto' }),
  backend: backendSchema,
  /** Existing folders of *.tf that are stacks as they lie there. */
  stacks: z.array(existingStackSchema).default([]),
  /** What has another name than before, so that it is renamed and not made anew. Lines of what is done may stay or go. */
  moves: z.array(moveSchema).default([]),
  /** Root zone all forward zones lie below. */
  parentZone: z.string().optional(),
  /** Credentials of each cloud, as references; never values. */
  clouds: z.record(idSchema, cloudAccessSchema).default({}),
  members: z.array(memberSchema).default([]),
  bundle: z
    .strictObject({
      expiresAfterDays: z.number().int().min(1).max(366).default(30),
      /** What this member's bundle says of what lies in delegated blocks: how full they are (default), or every prefix. */
      detail: detailSchema.default('utilisation'),
    })
    .default({ expiresAfterDays: 30, detail: 'utilisation' }),
});
