import { z } from 'zod';
import { header as head, readYaml, validate } from '../../core/index.ts';
import { adoptFields, foldHeading, type AdoptField } from './headings.ts';

const columnSchema = z.union([z.string().min(1), z.number().int().min(1), z.null()]);
const columnsSchema = z.partialRecord(z.enum(adoptFields), z.union([columnSchema, z.array(columnSchema)]));

const sheetFields = {
  /** Field -> heading, column letter or number (from 1); null leaves a guessed field out. */
  columns: columnsSchema.optional(),
  /** Row that holds the headings, from 1; 0 where there is none. */
  headerRow: z.number().int().min(0).optional(),
  /** Routing domain of rows that name none. */
  domain: z.string().min(1).optional(),
};

/** `kind: AdoptMapping`: what corrects the guesses of `net adopt` about one file. */
export const adoptMappingSchema = z.strictObject({
  ...head('AdoptMapping'),
  ...sheetFields,
  sheets: z.record(z.string(), z.strictObject({ ...sheetFields, skip: z.boolean().optional() })).optional(),
  /** Text of an owner in the file -> organisation id. */
  owners: z.record(z.string(), z.string().min(1)).optional(),
  /** Text of a VRF in the file -> name of the routing domain. */
  domains: z.record(z.string(), z.string().min(1)).optional(),
  /** Text of a status in the file -> what it means. */
  statuses: z.record(z.string(), z.enum(['active', 'reserved', 'container', 'free'])).optional(),
});
export type AdoptMapping = z.output<typeof adoptMappingSchema>;

type Column = string | number | null;

/** The corrections that hold for one sheet. */
export interface SheetMapping {
  readonly columns: ReadonlyMap<AdoptField, readonly Column[]>;
  readonly headerRow?: number | undefined;
  readonly domain?: string | undefined;
  readonly skip: boolean;
}

/**
 * Reads a mapping.
 * @throws ProblemError CORE-FILE-MISSING, CORE-YAML, CORE-SCHEMA-*
 */
export function readMapping(root: string, file: string): AdoptMapping {
  return validate(adoptMappingSchema, readYaml(root, file));
}

/** What a mapping says about a sheet: its own entry before the general one. */
export function mappingOf(mapping: AdoptMapping | undefined, sheet: string): SheetMapping {
  const own = mapping?.sheets?.[sheet] ?? Object.entries(mapping?.sheets ?? {}).find(([name]) => foldHeading(name) === foldHeading(sheet))?.[1];
  const columns = new Map<AdoptField, Column[]>();
  for (const [field, value] of Object.entries({ ...mapping?.columns, ...own?.columns }))
    columns.set(field as AdoptField, Array.isArray(value) ? value : [value]);
  return { columns, headerRow: own?.headerRow ?? mapping?.headerRow, domain: own?.domain ?? mapping?.domain, skip: own?.skip === true };
}
