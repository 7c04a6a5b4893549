import { z } from 'zod';
import { idSchema } from '../core/index.ts';

/** What is wrong with a text that is none of these references. A vault's agent is what hands values out, not this program. */
const referenceError =
  (forms: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    typeof input === 'string' && input.startsWith('vault:')
      ? 'vault: is not resolved here; have the agent of your vault write a file or set a variable, and name that (file:PATH, env:NAME)'
      : `must be a reference: ${forms}`;

/** A reference to one value. */
export const valueReference = z.string().regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/u, { error: referenceError('env:NAME or file:PATH') });
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'must be the name of a variable');
/** Variable of the child process -> where its value is. */
const referencesSchema = z.record(variableName, valueReference);

/**
 * Credentials of a cloud: `env:NAME`, `env:PREFIX_*` (handed on without the prefix), `file:PATH` (lines NAME=value),
 * `clouds.yaml:ENTRY`, or a reference for each variable. Never a value.
 */
export const credentialsSchema = z.union([
  z.string().regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*\*?|file:.+|clouds\.yaml:.+)$/u, {
    error: referenceError('env:NAME, env:PREFIX_*, file:PATH or clouds.yaml:ENTRY'),
  }),
  referencesSchema,
]);

/** Whose credentials reach one cloud. */
export const cloudAccessSchema = z.strictObject({
  /** The cloud's operator: makes projects, quotas and roles, and whatever has no credentials of its own. */
  credentials: credentialsSchema,
  /** Tenant -> the project's own, for everything inside its project. Processes of a tenant's stacks see these and no others. */
  tenants: z.record(idSchema, credentialsSchema).default({}),
  /** Group known to the cloud whose members deploy into tenants without credentials of their own; by default the one who plans. */
  operators: z.string().min(1).optional(),
  /** Domain and parent project that tenants' projects are made in, by name; the operator's own domain and its top by default. */
  domain: z.string().min(1).optional(),
  parent: z.string().min(1).optional(),
});

// Without an underscore: it ends the prefix, so that one federation's schemas are never taken for another's.
const prefixSchema = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,30}$/u, 'must be lower-case letters and digits')
  .default('vcloud');

/** Where states are kept. The engine writes the backend block; credentials are references. */
export const backendSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('local') }),
    z.strictObject({
      type: z.literal('pg'),
      prefix: prefixSchema,
      /** PG_CONN_STR (an address postgres://..., or words host=... user=...), or PGHOST, PGUSER, PGPASSWORD and the like. */
      credentials: referencesSchema.default({}),
    }),
    z.strictObject({
      type: z.literal('s3'),
      bucket: z.string().min(3),
      region: z.string().default('us-east-1'),
      /** Begins every key: `federation/`. */
      prefix: z.string().default('vcloud/'),
      endpoint: z.url({ protocol: /^https?$/u }).optional(),
      pathStyle: z.boolean().optional(),
      credentials: referencesSchema.default({}),
    }),
    z.strictObject({
      type: z.literal('kubernetes'),
      namespace: z.string().default('default'),
      prefix: z.string().default('vcloud-'),
      credentials: referencesSchema.default({}),
    }),
  ])
  .default({ type: 'local' });

/** What of a synthesised stack is declared under another name than before: its objects are kept. */
export const moveSchema = z.strictObject({
  /** Path of the stack. */
  stack: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/u, 'must be the path of a stack'),
  /** What it was called: the address of an object (TYPE.NAME), or the path of a construct in the stack (web, web/database). */
  from: z.string().min(1),
  /** What it is called now, in the same form. */
  to: z.string().min(1),
});

/** Existing folders of *.tf or *.tf.json that are stacks as they lie there. */
export const existingStackSchema = z.strictObject({
  /** A folder, or a pattern of folders (`units/**`), relative to the folder of this file. */
  path: z.string().min(1),
  /** Organisation whose stacks these are. */
  agency: idSchema,
  /** Path of the stack; by default AGENCY.FOLDER.FOLDER. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/u, 'must be letters, digits, dots and hyphens')
    .optional(),
  except: z.array(z.string()).optional(),
  cloud: idSchema.optional(),
  tenant: idSchema.optional(),
  tags: z.array(z.string()).optional(),
  /** Nothing of these stacks is destroyed by `vcloud destroy` unless it is named. */
  protect: z.boolean().optional(),
  /** Relative to each folder, as -var-file takes them. */
  varFiles: z.array(z.string()).optional(),
  /** Stacks by path, or folders, that must be applied before. */
  dependsOn: z.array(z.string()).optional(),
  /** `sandbox` says that nothing in these folders is real: `federate --apply` may then apply them unread. */
  environment: z.enum(['sandbox', 'production']).default('production'),
});
