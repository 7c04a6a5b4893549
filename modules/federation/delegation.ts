import { z } from 'zod';
import { dateSchema, idSchema } from '../core/index.ts';

const familySchema = z.enum(['v4', 'v6']);
const lengthSchema = z.int().min(0).max(128);
const rangeSchema = z.strictObject({
  /** The largest block that may be cut: its length is the shortest. */
  shortest: lengthSchema.optional(),
  /** The smallest block that may be cut. */
  longest: lengthSchema.optional(),
});

/** What a member must keep to inside a block it was delegated; `strategy` is the schema of one strategy's name. */
export function conditionsSchemaOf<S extends z.ZodType<string>>(strategy: S) {
  return z.strictObject({
    /** Lengths the member may cut, by family. */
    lengths: z.strictObject({ v4: rangeSchema.optional(), v6: rangeSchema.optional() }).optional(),
    /** How the member's pools and containers may place blocks. */
    strategies: z.strictObject({ required: z.array(strategy).min(1).optional(), forbidden: z.array(strategy).min(1).optional() }).optional(),
    /** First day on which nothing new may be cut. */
    until: dateSchema.optional(),
    /** False: no network that brings its own addresses to the Internet may be numbered from it. */
    announced: z.boolean().optional(),
  });
}

/** Conditions as they travel: which strategies there are is the reader's to know. */
export const conditionsSchema = conditionsSchemaOf(z.string());
export type Conditions = z.output<typeof conditionsSchema>;

/** A change of a delegated block the centre proposes; a member's plan must answer it. */
export const proposalSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['resize', 'revoke']),
  /** Key of the delegated block. */
  key: z.string().min(1),
  /** Which of its blocks; a revocation without one means both. */
  family: familySchema.optional(),
  /** New prefix length of a resize. */
  to: lengthSchema.optional(),
  /** Last day for the answer, and for what an accepted one asks. */
  by: dateSchema,
  reason: z.string().min(1),
});
export type Proposal = z.output<typeof proposalSchema>;

/** How much of what lies in its blocks a member shows: how full they are, or every prefix. */
export const detailSchema = z.enum(['utilisation', 'full']);
export type Detail = z.output<typeof detailSchema>;

/** One delegation as the extract carries it. */
export const receivedDelegationSchema = z.strictObject({
  keys: z.array(z.string().min(1)).min(1),
  /** Routing domain the member's pools made from it lie in. */
  domain: z.string().min(1).optional(),
  conditions: conditionsSchema,
  detail: detailSchema,
  proposals: z.array(proposalSchema),
  /** Where the centre declares it: a file and line of the centre, for messages. */
  declared: z.string(),
});
export type ReceivedDelegation = z.output<typeof receivedDelegationSchema>;

/** Whether two proposals of one id ask the same; when and why may be put in other words. */
export function sameProposal(one: Pick<Proposal, 'kind' | 'key' | 'family' | 'to'>, other: Pick<Proposal, 'kind' | 'key' | 'family' | 'to'>): boolean {
  return one.kind === other.kind && one.key === other.key && one.family === other.family && one.to === other.to;
}
