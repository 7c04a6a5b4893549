import { z } from 'zod';
import { idSchema } from '../../core/index.ts';

/** Entries of `owners:`: whose keys are whose, and who is asked when they change. */
export const ownersSchema = z.strictObject({
  organisation: idSchema,
  /** Keys, with `*` for any part between two slashes and `**` for any number of them. */
  keys: z.array(z.string().min(1)).min(1),
  /** People or teams of the repository: `@user`, `@organisation/team`, or an e-mail address. */
  reviewers: z
    .array(
      z
        .string()
        .regex(/^(?:@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)?|[^\s@#]+@[^\s@#]+)$/u, 'must be @user, @organisation/team or an e-mail address'),
    )
    .default([]),
});
