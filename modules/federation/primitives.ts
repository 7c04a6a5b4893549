import { z } from 'zod';
import { dateSchema } from '../core/index.ts';

/** An id, or `kind/code` for an organisation that has an official code (`province/01`). */
export const referenceSchema = z.string().min(1);

/** A number, also as the cell of a table. */
export const numeric = z.preprocess((value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/u.test(value) ? Number(value) : value), z.number());
export const count = z.number().int().nonnegative();

/** Who holds something: one organisation, or several in turn with dates (`until` is the first day that no longer counts). */
export const tenureSchema = z.union([
  referenceSchema,
  z.array(z.strictObject({ organisation: referenceSchema, from: dateSchema.optional(), until: dateSchema.optional() })).min(1),
]);
