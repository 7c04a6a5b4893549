import { z } from 'zod';
import { API_VERSION, isDate } from './version.ts';

/** Lower-case identifier: letters, digits, hyphens and dots, beginning with a letter or digit. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u, 'must be lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit');

/** A calendar date, YYYY-MM-DD, that exists. */
export const dateSchema = z.string().refine(isDate, 'must be a date that exists, written YYYY-MM-DD (quote it in YAML)');

/** A name in the federation's languages; `vi` and `en` are what the reports show. */
export const namesSchema = z.strictObject({ vi: z.string().min(1), en: z.string().min(1) });
export type Names = z.output<typeof namesSchema>;

/** The two lines every file begins with. */
export function header<K extends string>(kind: K): { apiVersion: z.ZodLiteral<typeof API_VERSION>; kind: z.ZodLiteral<K> } {
  return { apiVersion: z.literal(API_VERSION), kind: z.literal(kind) };
}
