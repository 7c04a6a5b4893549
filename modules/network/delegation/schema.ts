import { z } from 'zod';
import { idSchema } from '../../core/index.ts';
import { conditionsSchemaOf, detailSchema, proposalSchema } from '../../federation/index.ts';

/**
 * Entries of `delegations:`, of the centre: on which conditions a member holds its blocks, and what the centre proposes about
 * them. They stand in a plan and not in vcloud.yaml because they speak of keys of the plan, are reviewed with it and need its
 * places; vcloud.yaml says whom the centre trusts with which keys (`scope.keys`), which is another question.
 */
export function delegationSchemaOf<S extends z.ZodType<string>>(strategy: S) {
  return z.strictObject({
    member: idSchema,
    /** Keys of the delegated blocks; all of the member's scope by default. */
    keys: z.array(z.string().min(1)).min(1).optional(),
    /** Routing domain the member's pools lie in; that of the blocks by default. */
    domain: z.string().min(1).optional(),
    conditions: conditionsSchemaOf(strategy).default({}),
    /** How much the centre wants to see; the member shows it only if it agrees (`bundle.detail` in its vcloud.yaml). */
    detail: detailSchema.default('utilisation'),
    proposals: z.array(proposalSchema).default([]),
  });
}

/** Entries of `answers:`, of a member: what it says to the centre's proposals. */
export const answerSchema = z.strictObject({
  proposal: idSchema,
  answer: z.enum(['accepted', 'refused']),
  /** Needed to refuse. */
  reason: z.string().min(1).optional(),
});
