import { z } from 'zod';
import { header, idSchema } from '../core/index.ts';
import { forEachObjectSchema } from '../federation/index.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds, or a number with a unit: `3600`, `"1h"`, `"14d"`. Read as seconds. */
export const durationSchema = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+[smhdw]?$/u, 'must be seconds or a number with s, m, h, d or w, for example 14d')])
  .transform((value) => (typeof value === 'number' ? value : Number.parseInt(value, 10) * (units[value.at(-1) ?? 's'] ?? 1)));

/** Algorithms a policy may name, with their numbers (IANA, RFC 9904: those a validator must or should support). */
export const algorithms = { rsasha256: 8, ecdsap256sha256: 13, ecdsap384sha384: 14, ed25519: 15, ed448: 16 } as const;
export type Algorithm = keyof typeof algorithms;

/** Key and signature policy (KASP) of signed zones: data for the signer, which holds the keys. */
export const dnssecPolicySchema = z.strictObject({
  name: idSchema,
  algorithm: z.enum(Object.keys(algorithms) as [Algorithm, ...Algorithm[]]),
  /** `single`: one key signs all (CSK); `split`: KSK and ZSK. */
  keys: z.enum(['single', 'split']).default('split'),
  /** Bits, for RSA only. */
  kskSize: z.int().optional(),
  zskSize: z.int().optional(),
  /** 0: never rolled by itself. */
  kskLifetime: durationSchema.default(0),
  zskLifetime: durationSchema.default(7_776_000),
  dnskeyTtl: durationSchema.default(3600),
  zoneMaxTtl: durationSchema.default(86_400),
  propagationDelay: durationSchema.default(3600),
  signatureLifetime: durationSchema.default(1_209_600),
  /** How long before its end a signature is renewed. */
  signatureRefresh: durationSchema.default(604_800),
  /** Absent: NSEC. RFC 9276 allows only 0 iterations and no salt. */
  nsec3: z
    .strictObject({ iterations: z.int().min(0).default(0), saltLength: z.int().min(0).max(255).default(0), optOut: z.boolean().default(false) })
    .optional(),
  publishCds: z.enum(['always', 'rollover', 'none']).default('always'),
  /** TTL of the DS set at the parent; a key is not dropped before it has run out. */
  parentDsTtl: durationSchema.default(86_400),
  /** How often the signer asks the parent whether the new DS is there, and for how long it waits (0: for ever). */
  submission: z.strictObject({ checkInterval: durationSchema.default(3600), timeout: durationSchema.default(0) }).optional(),
});

const keyed = z.strictObject({
  /** Key of the address plan; a template inside a rule. */
  key: z.string().min(1),
  /** Number of the host in the key's prefix, the same in both families. */
  host: z.int().min(0).default(1),
  families: z
    .array(z.enum(['v4', 'v6']))
    .min(1)
    .default(['v6', 'v4']),
});

const serverSchema = z.strictObject({
  host: z.string().min(1),
  /** Given addresses, or taken from the address plan. Both absent: somebody else's host, resolved elsewhere. */
  addresses: z.array(z.string()).optional(),
  address: keyed.optional(),
});

export const recordTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'DNAME', 'DS', 'MX', 'NS', 'PTR', 'SRV', 'SSHFP', 'TLSA', 'TXT'] as const;
export type RecordType = (typeof recordTypes)[number];

const recordSchema = z.strictObject({
  /** Relative to the zone (inside a zone rule) or to the parent zone; `@` is the origin; a final dot makes it absolute. */
  name: z.string().min(1),
  ttl: durationSchema.optional(),
  /** A and AAAA from the address plan. */
  address: keyed.optional(),
  /** Also make the PTR record, where the reverse zone is ours. */
  pointer: z.boolean().default(true),
  type: z.enum(recordTypes).optional(),
  /** Presentation form; TXT is the bare text. */
  data: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
});

const recordRuleSchema = z.strictObject({ forEach: forEachObjectSchema.optional(), ...recordSchema.shape });

const zoneRuleSchema = z.strictObject({
  forEach: forEachObjectSchema.optional(),
  name: z.string().min(1),
  owner: z.string().optional(),
  nameServers: idSchema,
  /** Absent: nothing is stated, which a check reports. */
  policy: idSchema.optional(),
  records: z.array(recordSchema).default([]),
});

const reverseRuleSchema = z.strictObject({
  forEach: forEachObjectSchema.optional(),
  key: z.string().optional(),
  pool: z.string().optional(),
  prefix: z.string().optional(),
  families: z
    .array(z.enum(['v4', 'v6']))
    .min(1)
    .default(['v6', 'v4']),
  owner: z.string().optional(),
  nameServers: idSchema,
  policy: idSchema.optional(),
});

const delegationRuleSchema = z.strictObject({
  forEach: forEachObjectSchema.optional(),
  /** The delegated zone, or the key whose reverse zones are delegated. */
  name: z.string().optional(),
  key: z.string().optional(),
  servers: z.array(serverSchema).min(1),
  /** Only what the child has published: KEYTAG ALGORITHM DIGEST-TYPE DIGEST. */
  ds: z.array(z.string()).default([]),
});

/** `network-plans/*.yaml` of kind ZonePlan: what names exist, who serves and who signs them. */
export const zonePlanSchema = z.strictObject({
  ...header('ZonePlan'),
  metadata: z.strictObject({ name: idSchema, description: z.string().optional() }),
  /** Zone that relative names lie below; the federation's parent zone by default. */
  parent: z.string().optional(),
  soa: z
    .strictObject({
      mailbox: z.string().default('hostmaster'),
      refresh: durationSchema.default(14_400),
      retry: durationSchema.default(3600),
      expire: durationSchema.default(1_209_600),
      minimum: durationSchema.default(3600),
    })
    .default({ mailbox: 'hostmaster', refresh: 14_400, retry: 3600, expire: 1_209_600, minimum: 3600 }),
  ttl: z
    .strictObject({
      default: durationSchema.default(3600),
      nameServers: durationSchema.default(86_400),
      delegationSigner: durationSchema.default(3600),
      pointers: durationSchema.default(3600),
    })
    .default({ default: 3600, nameServers: 86_400, delegationSigner: 3600, pointers: 3600 }),
  policies: z.array(dnssecPolicySchema).default([]),
  nameServers: z.array(z.strictObject({ name: idSchema, servers: z.array(serverSchema).min(1) })).default([]),
  zones: z.array(zoneRuleSchema).default([]),
  records: z.array(recordRuleSchema).default([]),
  delegations: z.array(delegationRuleSchema).default([]),
  reverse: z.array(reverseRuleSchema).default([]),
});

export type ZonePlan = z.output<typeof zonePlanSchema>;
export type DnssecPolicy = z.output<typeof dnssecPolicySchema>;
export type ServerRule = z.output<typeof serverSchema>;
export type RecordRule = z.output<typeof recordSchema>;
export type KeyedAddress = z.output<typeof keyed>;
