import { z } from 'zod';
import { dateSchema, header } from '../core/index.ts';
import { matchSchema, networkZones, selectableCollections } from '../federation/index.ts';
import { answerSchema, delegationSchemaOf } from './delegation/schema.ts';
import { ownersSchema } from './owners/schema.ts';
import { switchableRules } from './rules/table.ts';

/**
 * How a pool or holder chooses where a new block lies (see `FreeSpace.find`); `fixed` takes exact prefixes only, `mapped`
 * those and needs that say their place by a number (`at`).
 */
export const strategies = ['sparse', 'best-fit', 'first-fit', 'last-fit', 'fixed', 'mapped'] as const;
export type Strategy = (typeof strategies)[number];

/**
 * What a block is for: `container` holds other blocks of this plan; `site` is handed to an end site that divides it itself;
 * `network` holds hosts, `lan` is one link with hosts, `link` a point-to-point link, `loopback` one host, `reserved` nothing
 * yet. Rules judge lengths by it (`vcloud net rules`).
 */
export const roles = ['container', 'site', 'network', 'lan', 'loopback', 'link', 'reserved'] as const;
export type Role = (typeof roles)[number];

const nameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/u, 'must be letters, digits, dots, hyphens and underscores');
const routeTargetSchema = z.string().regex(/^\d{1,10}:\d{1,10}$/u, 'must be a route target such as "65536:1", in quotes');
const lengthSchema = z.number().int().min(0).max(128);
/** In a rule a length may come from a column. */
const ruleLengthSchema = z.union([lengthSchema, z.string().min(1)]);
export const familySchema = z.enum(['v4', 'v6']);

const domainSchema = z.strictObject({
  name: nameSchema,
  import: z.array(routeTargetSchema).default([]),
  export: z.array(routeTargetSchema).default([]),
  /** The kind of network it carries, as networks declare theirs: nothing private belongs into a `public` one. */
  zone: z.enum(networkZones).optional(),
});

/** A rule of address planning switched off, for good or until a date, for everything or for what the globs match. */
const ruleSwitchSchema = z.strictObject({
  rule: z.enum(switchableRules),
  off: z.literal(true),
  /** Why: shown wherever the rule is. */
  reason: z.string().refine((text) => text.trim() !== '', 'say why'),
  /** Keys, pools, domains, organisations or networks it is switched off for; `*` stands for any text. */
  for: z.array(z.string().min(1)).min(1).optional(),
  /** First day on which the rule holds again. */
  until: dateSchema.optional(),
});

const poolSchema = z.strictObject({
  name: nameSchema,
  prefix: z.string().optional(),
  /** The block of this key in the extract the centre delivered, instead of a prefix of one's own. */
  from: z.strictObject({ key: z.string().min(1), family: familySchema }).optional(),
  domain: nameSchema,
  strategy: z.enum(strategies).optional(),
  note: z.string().optional(),
});

function legFields<T extends z.ZodType>(length: T) {
  return {
    pool: z.string().min(1).optional(),
    /** Pools to be tried in this order, instead of one: the first with room takes the block, and keeps it whatever the order becomes. */
    pools: z.array(z.string().min(1)).min(1).optional(),
    in: z.string().min(1).optional(),
    length: length.optional(),
    prefix: z.string().min(1).optional(),
    /** The number of the block of that length in its pool or holder, from 0: a field of the key becomes bits of the address. */
    at: z.union([z.number().int().min(0), z.string().min(1)]).optional(),
    /** Room to grow: the length of the block around it that is kept free for this key alone, so that it can grow to that in place. */
    growth: length.optional(),
  };
}

function needFields<T extends z.ZodType>(length: T) {
  const leg = z.strictObject(legFields(length));
  return {
    key: z.string().min(1),
    ...legFields(length),
    legs: z.strictObject({ v4: leg.optional(), v6: leg.optional() }).optional(),
    role: z.enum(roles).default('network'),
    /** How blocks inside this container are placed, where it differs from its pool. */
    strategy: z.enum(strategies).optional(),
    /** Organisation that holds the block, where it does not follow from the rule. */
    owner: z.string().min(1).optional(),
    note: z.string().optional(),
  };
}

/** What a rule is repeated for: the rows of a table, or the declared objects of one collection. */
export const forEachSchema = z.strictObject({
  csv: z.string().min(1).optional(),
  where: matchSchema.optional(),
  except: matchSchema.optional(),
  /** For a table: the declared object each row belongs to, `{ organisations: "commune-{code}" }`. */
  subject: z.partialRecord(z.enum(selectableCollections), z.string().min(1)).optional(),
  organisations: matchSchema.optional(),
  sites: matchSchema.optional(),
  tenants: matchSchema.optional(),
  networks: matchSchema.optional(),
  systems: matchSchema.optional(),
  clouds: matchSchema.optional(),
});
export type ForEach = z.output<typeof forEachSchema>;

/** One need, written out. */
export const needSchema = z.strictObject(needFields(lengthSchema));
/** A need repeated by a rule; its texts are templates. */
export const ruleSchema = z.strictObject({ forEach: forEachSchema, ...needFields(ruleLengthSchema) });
export type RawNeed = z.output<typeof ruleSchema> | z.output<typeof needSchema>;

const metadataSchema = z.strictObject({ name: nameSchema, note: z.string().optional() });

/** `kind: NetworkPlan`. Entries of `needs` are checked one by one with `needSchema` or `ruleSchema`. */
export const networkPlanSchema = z.strictObject({
  ...header('NetworkPlan'),
  metadata: metadataSchema,
  domains: z.array(domainSchema).default([]),
  pools: z.array(poolSchema).default([]),
  needs: z.array(z.union([needSchema, ruleSchema])).default([]),
  /** Rules of address planning that do not hold here, each with its reason; `vcloud net rules` lists them all. */
  rules: z.array(ruleSwitchSchema).default([]),
  /** Declared objects that have no addresses on purpose, by collection: the check leaves them out. */
  unnumbered: z.partialRecord(z.enum(selectableCollections), z.array(matchSchema)).optional(),
  /** The centre: on which conditions members hold their blocks, and what is proposed about them. */
  delegations: z.array(delegationSchemaOf(z.enum(strategies))).optional(),
  /** A member: what it says to the centre's proposals. */
  answers: z.array(answerSchema).optional(),
  /** Whose keys are whose. */
  owners: z.array(ownersSchema).optional(),
});
export type RawPlan = z.output<typeof networkPlanSchema>;

const asnNumber = z.number().int().min(1).max(4294967294);

/** One number for a key, from a range (the lowest free one) or exact. */
export const asnNeedSchema = z.strictObject({
  key: z.string().min(1),
  range: z.string().min(1).optional(),
  asn: asnNumber.optional(),
});
export const asnRuleSchema = z.strictObject({
  forEach: forEachSchema,
  key: z.string().min(1),
  range: z.string().min(1).optional(),
  asn: z.union([asnNumber, z.string().min(1)]).optional(),
});

/** `kind: AsnPlan`: ranges of autonomous system numbers and who needs one (RFC 6996 private, RFC 5398 documentation). */
export const asnPlanSchema = z.strictObject({
  ...header('AsnPlan'),
  metadata: metadataSchema,
  ranges: z.array(z.strictObject({ name: nameSchema, first: asnNumber, last: asnNumber, note: z.string().optional() })).min(1),
  needs: z.array(z.union([asnNeedSchema, asnRuleSchema])).default([]),
});
export type RawAsnPlan = z.output<typeof asnPlanSchema>;
