import { z } from 'zod';
import { dateSchema, idSchema, namesSchema } from '../core/index.ts';
import { referenceSchema, tenureSchema } from './primitives.ts';

const sizesSchema = z.record(z.string(), z.number().nonnegative());

export const offerKinds = ['iaas', 'paas'] as const;

/** Something a cloud gives to those who may use it, in plans. */
export const offerSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(offerKinds),
  names: namesSchema,
  /** Who answers for it; the cloud's owner where it is not stated. */
  owner: tenureSchema.optional(),
  cloud: idSchema,
  /** Id of the service it is counted as, where one is declared. */
  service: idSchema.optional(),
  plans: z
    .array(
      z.strictObject({
        name: idSchema,
        names: namesSchema.optional(),
        /** What one unit is: vcpus, memoryGiB, storageGiB ... */
        sizes: sizesSchema.optional(),
        /** How much of it one organisation may have. */
        quota: sizesSchema.optional(),
        price: z.string().min(1).optional(),
      }),
    )
    .min(1),
  conditions: z
    .strictObject({
      /** Highest security level of a system it may carry. */
      levelUpTo: z.number().int().min(1).max(5).optional(),
      /** Who may use it: whoever fits one of the lists. Without any list, every organisation of the federation. */
      organisations: z.array(referenceSchema).min(1).optional(),
      kinds: z.array(idSchema).min(1).optional(),
      /** These organisations and all below them. */
      below: z.array(referenceSchema).min(1).optional(),
      notes: namesSchema.optional(),
    })
    .optional(),
  /** Hours it is attended, as people say it: `24x7`, `Mon-Fri 08:00-17:00`. */
  serviceHours: z.string().min(1).optional(),
  support: z
    .strictObject({
      unit: z.string().min(1),
      phone: z.string().optional(),
      email: z.string().optional(),
      responseMinutes: z.number().int().positive().optional(),
    })
    .optional(),
  from: dateSchema.optional(),
  until: dateSchema.optional(),
});
