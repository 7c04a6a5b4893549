import { z } from 'zod';
import { header, idSchema } from '../core/index.ts';
import { forEachObjectSchema } from '../federation/index.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** Seconds, or a number with a unit (`30s`, `4h`). Read as seconds. */
const durationSchema = z
  .union([z.int().positive(), z.string().regex(/^\d+[smhd]?$/u, 'must be seconds or a number with s, m, h or d, for example 4h')])
  .transform((value) => (typeof value === 'number' ? value : Number.parseInt(value, 10) * (units[value.at(-1) ?? 's'] ?? 1)));

/** One algorithm suite in the notation of strongSwan (`aes256gcm16-prfsha384-ecp384`). */
const proposalSchema = z.string().regex(/^[a-z0-9_]+(?:-[a-z0-9_]+)+$/u, 'must be algorithms joined by hyphens, for example aes256gcm16-prfsha384-ecp384');
const fileSchema = z.string().regex(/^[^/\\]+$/u, 'must be a file name; the device keeps it in its own folder');

/** IKEv2 and ESP with certificates (RFC 7296, RFC 4303). */
export const ipsecProfileSchema = z.strictObject({
  name: idSchema,
  kind: z.literal('ipsec'),
  trial: z.boolean().default(false),
  ike: z.strictObject({ proposals: z.array(proposalSchema).min(1), lifetime: durationSchema.default(14_400), deadPeerDelay: durationSchema.default(30) }),
  esp: z.strictObject({ proposals: z.array(proposalSchema).min(1), lifetime: durationSchema.default(3600) }),
  /** Certificates by reference; `{node}` is the node's id. The private key never leaves the device. */
  authentication: z.strictObject({
    certificate: z.string().default('{node}.pem'),
    authority: fileSchema.optional(),
    /** IKE identity of a node; it must stand in its certificate. */
    identity: z.string().default('{node}'),
  }),
});

/** WireGuard: fixed algorithms, keys by node. */
export const wireguardProfileSchema = z.strictObject({
  name: idSchema,
  kind: z.literal('wireguard'),
  trial: z.boolean().default(true),
  port: z.int().min(1).max(65_535).default(51_820),
  /** Seconds between keep-alives of a spoke (it may sit behind NAT); hubs send none. 0: none. */
  keepalive: z.int().min(0).max(65_535).default(25),
  mtu: z.int().min(1280).max(9000).default(1420),
  /** Table with the columns `node` and `publicKey`, relative to the plan. */
  publicKeys: z.string().min(1),
  /** Where the device keeps its private key; `{interface}` is the interface's name. Read there by the device, never by the toolkit. */
  privateKeyFile: z
    .string()
    .regex(/^\/[^\s;|&$`'"]+$/u, 'must be an absolute path without shell characters')
    .default('/etc/wireguard/keys/{interface}.key'),
});

/** A key of the address plan (both families), a pool, or a given prefix. */
const prefixSchema = z.union([z.strictObject({ key: z.string().min(1) }), z.strictObject({ pool: z.string().min(1) }), z.string()]);
const keySchema = z.strictObject({ key: z.string().min(1), host: z.int().min(0).default(1) });

const nodeSchema = z.strictObject({
  forEach: forEachObjectSchema.optional(),
  id: z.string().min(1),
  role: z.enum(['hub', 'spoke']),
  owner: z.string().optional(),
  site: z.string().optional(),
  /** Group it is a hub of (hubs only). */
  group: z.string().optional(),
  /** Groups to whose hubs it connects: all hubs of each. */
  joins: z.array(z.string().min(1)).default([]),
  /** Outer addresses; a hub needs at least one. None: it calls from wherever it is. */
  endpoints: z.array(z.string()).default([]),
  /** What lies behind it: keys of the address plan, pools, or given prefixes. */
  prefixes: z.array(prefixSchema).default([]),
  /** Its inner address, from the address plan. */
  address: keySchema.optional(),
  asn: z.union([z.int(), z.strictObject({ key: z.string().min(1) })]).optional(),
  /** Configured by another member: it is a peer here, and no file is made for it. */
  elsewhere: z.boolean().default(false),
});

const overlaySchema = z.strictObject({
  name: idSchema,
  description: z.string().optional(),
  profile: idSchema,
  /** What a spoke reaches through its hubs: pools, keys or prefixes. */
  reach: z.array(prefixSchema).min(1),
  /** Groups whose hubs connect to each other, all with all. */
  mesh: z.array(z.string()).default([]),
  /** How many hubs a group must have. */
  hubsPerGroup: z.int().min(1).default(2),
  nodes: z.array(nodeSchema).min(1),
});

/** `network-plans/*.yaml` of kind OverlayPlan: who is tunnelled to whom, and how it is protected. */
export const overlayPlanSchema = z.strictObject({
  ...header('OverlayPlan'),
  metadata: z.strictObject({ name: idSchema, description: z.string().optional() }),
  profiles: z.array(z.discriminatedUnion('kind', [ipsecProfileSchema, wireguardProfileSchema])).default([]),
  overlays: z.array(overlaySchema).default([]),
});

export type OverlayPlan = z.output<typeof overlayPlanSchema>;
export type OverlayRule = OverlayPlan['overlays'][number];
export type NodeRule = OverlayRule['nodes'][number];
export type IpsecProfile = z.output<typeof ipsecProfileSchema>;
export type WireguardProfile = z.output<typeof wireguardProfileSchema>;
export type Profile = IpsecProfile | WireguardProfile;
