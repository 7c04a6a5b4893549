import { z } from 'zod';
import { dateSchema, header, idSchema, namesSchema } from '../../core/index.ts';
import { drifts, layers } from '../types.ts';

/** DSSE payload type of a bundle's manifest. */
export const bundlePayloadType = 'application/vnd.vcloud.bundle+json';
/** DSSE payload type of the centre's receipt. */
export const receiptPayloadType = 'application/vnd.vcloud.receipt+json';

/** File of the envelope; the attachments lie beside it. */
export const bundleFile = 'bundle.json';

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/u, 'must be a SHA-256 in hex');

/** What is signed: who speaks, the place in the chain, what for, and the digest of every attached file. */
export const manifestSchema = z.strictObject({
  ...header('Bundle'),
  member: idSchema,
  /** 1 for the first; grows by one. */
  sequence: z.int().min(1),
  created: dateSchema,
  /** First day it no longer counts. */
  expires: dateSchema,
  /** Digest of the manifest before this one; null for the first. */
  previous: digestSchema.nullable(),
  /** Ed25519 public key (SPKI, base64) of the member. */
  publicKey: z.string(),
  /** What the member speaks for in this bundle; the centre's registry decides whether it may. */
  scope: z.strictObject({
    organisations: z.array(z.string()),
    prefixes: z.array(z.string()),
    zones: z.array(z.string()),
    /** Layers the records cover: what is not among them and was before is gone. */
    layers: z.array(z.enum(layers)).min(1),
  }),
  attachments: z.array(
    z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]*\.ndjson$/u, 'must be a plain file name'), sha256: digestSchema, records: z.int().min(0) }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;

const relationSchema = z.strictObject({ type: z.string().min(1), to: z.string().startsWith('urn:vcloud:') });

/** One line of `records.ndjson`. */
export const recordSchema = z.strictObject({
  urn: z.string().startsWith('urn:vcloud:').max(1024),
  kind: idSchema,
  layer: z.enum(layers),
  member: idSchema,
  owner: z.string().min(1),
  owners: z.array(z.string().min(1)).min(1),
  names: namesSchema,
  observed: dateSchema,
  declaredAt: z.string().optional(),
  drift: z.enum(drifts).optional(),
  relations: z.array(relationSchema),
  attributes: z.record(z.string(), z.json()),
});

/** One line of `zones.ndjson`: what a parent needs to delegate the zone. */
export const zoneLineSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9._/-]+\.$/u, 'must be an absolute name in lower case'),
  direction: z.enum(['forward', 'reverse']),
  owner: z.string().min(1),
  policy: z.string().optional(),
  nameServers: z.array(z.string()),
  /** Addresses of the name servers that lie in the zone. */
  glue: z.array(z.strictObject({ name: z.string(), type: z.enum(['A', 'AAAA']), data: z.array(z.string()) })),
});
export type ZoneLine = z.output<typeof zoneLineSchema>;

/** One line of `tunnels.ndjson`: the public half of one node of an overlay. */
export const nodeLineSchema = z.strictObject({
  overlay: z.string(),
  profile: z.string(),
  protection: z.enum(['ipsec', 'wireguard']),
  id: z.string(),
  role: z.enum(['hub', 'spoke']),
  owner: z.string().min(1),
  site: z.string().optional(),
  endpoints: z.array(z.string()),
  prefixes: z.array(z.string()),
  asn: z.int().optional(),
  publicKey: z.string().optional(),
});
export type NodeLine = z.output<typeof nodeLineSchema>;

/** One line of `audit.ndjson`: a finding without the evidence, which stays with the member. */
export const findingLineSchema = z.strictObject({
  fingerprint: z.string(),
  rule: z.string(),
  severity: z.string(),
  enforcement: z.string(),
  status: z.string(),
  agency: z.string().min(1),
  subject: z.strictObject({ kind: z.string(), id: z.string() }),
  declaredAt: z.string().optional(),
  basis: z.array(z.strictObject({ instrument: z.string(), number: z.string(), clause: z.string(), grade: z.string() })),
  message: namesSchema,
  waived: z.boolean(),
});
export type FindingLine = z.output<typeof findingLineSchema>;

const familySchema = z.enum(['v4', 'v6']);
const shareSchema = z.number().min(0).max(1);

/** One line of `utilisation.ndjson`: how full a delegated block is. */
export const utilisationLineSchema = z.strictObject({
  key: z.string().min(1),
  family: familySchema,
  prefix: z.string().min(1),
  delegated: shareSchema,
  used: shareSchema,
  largestFree: z.int().min(0).max(128).nullable(),
});

/** One line of `answers.ndjson`: what the member says to a proposal, with what it was. */
export const answerLineSchema = z.strictObject({
  proposal: idSchema,
  kind: z.enum(['resize', 'revoke']),
  key: z.string().min(1),
  family: familySchema.optional(),
  to: z.int().min(0).max(128).optional(),
  answer: z.enum(['accepted', 'refused']),
  reason: z.string().optional(),
  remaining: z.int().min(0),
});

/** Attachments and the schema of their lines, in the order they are written. */
export const attachmentSchemas = {
  'records.ndjson': recordSchema,
  'zones.ndjson': zoneLineSchema,
  'tunnels.ndjson': nodeLineSchema,
  'audit.ndjson': findingLineSchema,
  'utilisation.ndjson': utilisationLineSchema,
  'answers.ndjson': answerLineSchema,
} as const;
