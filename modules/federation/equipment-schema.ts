import { z } from 'zod';
import { dateSchema, idSchema, namesSchema } from '../core/index.ts';
import { numeric, referenceSchema, tenureSchema } from './primitives.ts';

const whole = numeric.pipe(z.number().int().positive());

/** What every piece of equipment may state. What is left out is unknown. */
const common = {
  id: idSchema,
  names: namesSchema.optional(),
  owner: tenureSchema,
  operator: referenceSchema.optional(),
  site: idSchema,
  /** Room, hall or cage within the site. */
  room: z.string().min(1).optional(),
  /** Manufacturer's number; nothing else of this member has it. */
  serial: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  received: dateSchema.optional(),
  commissioned: dateSchema.optional(),
  /** The first day it is out of use: what stood in its units may be taken by others from then on. */
  retired: dateSchema.optional(),
  source: z.string().optional(),
};

/** Where in a rack something is mounted and what it draws. */
const mounted = {
  ...common,
  rack: idSchema.optional(),
  /** Lowest unit it fills, from 1. */
  unit: whole.optional(),
  /** Units it fills; 1 where it is not stated. */
  height: whole.optional(),
  /** Power it draws. */
  watts: numeric.pipe(z.number().nonnegative()).optional(),
  supportUntil: dateSchema.optional(),
  /** Tenant it is given to, at a site without an API; what is given to nobody serves a tenant that has the site to itself. */
  tenant: idSchema.optional(),
};

export const rackSchema = z.strictObject({
  ...common,
  /** How many units it has. */
  units: whole.optional(),
  /** Power it is fed with. */
  watts: numeric.pipe(z.number().nonnegative()).optional(),
});

export const serverSchema = z.strictObject({
  ...mounted,
  cores: whole.optional(),
  memoryGiB: numeric.pipe(z.number().nonnegative()).optional(),
  storageGiB: numeric.pipe(z.number().nonnegative()).optional(),
});

export const applianceSchema = z.strictObject({
  ...mounted,
  /** What it is: `switch`, `firewall`, `storage`, `ups`, `hsm` or the owner's own word. */
  kind: idSchema,
});
