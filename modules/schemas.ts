import * as path from 'node:path';
import { z } from 'zod';
import { canonicalJson, didYouMean, fail, writeFileAtomic } from './core/index.ts';

/** Where the schema of each kind of file lives. Loaded one by one: most commands need none. */
const sources: Readonly<Record<string, () => Promise<z.ZodType>>> = {
  federation: async () => (await import('./federation/index.ts')).settingsSchema,
  declarations: async () => (await import('./federation/index.ts')).declarationsSchema,
  'adopt-mapping': async () => (await import('./network/adopt/index.ts')).adoptMappingSchema,
  'network-plan': async () => (await import('./network/index.ts')).networkPlanSchema,
  'asn-plan': async () => (await import('./network/index.ts')).asnPlanSchema,
  'zone-plan': async () => (await import('./dns/index.ts')).zonePlanSchema,
  'overlay-plan': async () => (await import('./vpn/index.ts')).overlayPlanSchema,
  'policy-rules': async () => (await import('./policy/index.ts')).ruleSetSchema,
  'policy-profiles': async () => (await import('./policy/index.ts')).profilesSchema,
  'run-report': async () => (await import('./engine/index.ts')).runReportSchema,
  'approval-policy': async () => (await import('./engine/index.ts')).approvalPolicySchema,
  waivers: async () => (await import('./policy/index.ts')).waiversSchema,
};

/** Kinds of files that have a JSON Schema, as named in `KIND.schema.json`. */
export const schemaKinds: readonly string[] = Object.keys(sources).sort();

/**
 * The JSON Schema (2020-12) of one kind of file, as its author writes it.
 * @throws ProblemError SCHEMA-KIND
 */
export async function jsonSchema(kind: string): Promise<Record<string, unknown>> {
  const source = sources[kind];
  if (!source) fail('SCHEMA-KIND', `there is no kind of file "${kind}"`, { hint: didYouMean(kind, schemaKinds) ?? `kinds: ${schemaKinds.join(', ')}` });
  // Checks that JSON Schema cannot express stay with the toolkit; the shape is what an editor needs.
  return { ...z.toJSONSchema(await source(), { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }), title: `V-Cloud ${kind}` };
}

/** Every schema as `KIND.schema.json` -> text. */
export async function schemaFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const kind of schemaKinds) files.set(`${kind}.schema.json`, `${canonicalJson(await jsonSchema(kind), 2)}\n`);
  return files;
}

/** Writes every schema into `folder`; returns the paths relative to `root`. */
export async function writeSchemas(root: string, folder: string): Promise<string[]> {
  const files = await schemaFiles();
  for (const [name, text] of files) writeFileAtomic(path.join(root, folder, name), text);
  return [...files.keys()].map((name) => path.posix.join(folder, name));
}
