import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { API_VERSION, bringForward, fail, readTextIfPresent } from '../core/index.ts';
import { requirePromise } from './adapters/promises.ts';
import { manifestFile, type Manifest } from './manifest.ts';

const version = z.object({ serial: z.number().int(), lineage: z.string() });
const action = z.enum(['create', 'update', 'delete', 'replace', 'read', 'no-op', 'import', 'move']);
const count = z.number().int().min(0);
// One name of a file below `stacks/`: a manifest must not lead out of its directory.
const savedName = z.string().regex(/^stacks\/[A-Za-z0-9][A-Za-z0-9.-]*$/u);
const digest = z.string().regex(/^[0-9a-f]{64}$/u);
const names = z.object({ vi: z.string(), en: z.string() });
const effect = z.object({
  effect: z.enum(['create', 'update', 'replace', 'destroy', 'renumber', 'ds-change']),
  agency: z.string(),
  stack: z.string().optional(),
  level: z.number().optional(),
  subjects: z.array(z.string()),
});

const manifestSchema = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('PlanManifest'),
  id: z.string().regex(/^[0-9a-f]{16}$/u),
  engine: z.object({ name: z.enum(['terraform', 'tofu']), version: z.string() }),
  environment: z.enum(['sandbox', 'production']),
  backend: z.string().optional(),
  selection: z.object({
    expression: z.string().optional(),
    excluded: z.array(z.string()).optional(),
    agency: z.string().optional(),
    stack: z.string().optional(),
  }),
  continues: z
    .string()
    .regex(/^[0-9a-f]{16}$/u)
    .optional(),
  purpose: z.literal('destroy').optional(),
  stacks: z.array(
    z.object({
      path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/u),
      agency: z.string(),
      state: z.enum(['planned', 'unchanged', 'waits', 'failed', 'skipped']),
      waitsFor: z.array(z.string()),
      add: count,
      change: count,
      destroy: count,
      changes: z.array(z.object({ address: z.string(), type: z.string(), actions: z.array(action) })),
      outputs: count.optional(),
      removed: z.boolean().optional(),
      reason: z.string().optional(),
      error: z.string().optional(),
      digest: digest.optional(),
      before: version.optional(),
      actor: z.object({ cloud: z.string().optional(), tenant: z.string().optional(), authority: z.enum(['operator', 'tenant']).optional() }).optional(),
      key: digest,
      after: z.array(z.string()),
      reads: z.record(z.string(), z.string().nullable()),
      dependsOn: z.array(z.string()),
      saved: z
        .object({
          plan: savedName,
          sha256: digest,
          json: savedName.optional(),
          jsonSha256: digest.optional(),
          changes: savedName.optional(),
          changesSha256: digest.optional(),
          providers: z.record(z.string(), z.string()).optional(),
        })
        .optional(),
    }),
  ),
  inputs: z.array(z.object({ path: z.string(), kind: z.enum(['declarations', 'lock', 'policies']), sha256: digest })).optional(),
  facts: z
    .object({
      names: z.record(z.string(), names).optional(),
      levels: z.record(z.string(), z.number()).optional(),
      effects: z.array(effect).optional(),
      approvals: z
        .array(
          z.object({
            rule: z.string(),
            names: names.optional(),
            agency: z.string().optional(),
            count: z.number().int(),
            of: z.array(z.string()),
            because: z.array(z.string()),
          }),
        )
        .optional(),
    })
    .optional(),
  review: z.partialRecord(z.enum(['summary.txt', 'summary.md', 'plan.html', 'preflight.json']), digest).optional(),
});

/**
 * Reads the manifest of a plan directory (absolute path).
 * @throws ProblemError ENGINE-NO-PLAN, ENGINE-PLAN-FORMAT, CORE-VERSION.
 */
export function readManifest(directory: string, shown: string): Manifest {
  const file = `${shown}/${manifestFile}`;
  const text = readTextIfPresent(path.join(directory, manifestFile));
  if (text === undefined && existsSync(path.join(directory, 'preview.json'))) requirePromise('pulumi', 'review', `what is done to plan directories (${shown})`);
  if (text === undefined)
    fail('ENGINE-NO-PLAN', 'this is no plan directory: it has no manifest', { file, hint: 'run "vcloud plan" and give the directory it names' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail('ENGINE-PLAN-FORMAT', `the manifest is no JSON: ${error instanceof Error ? error.message : ''}`, { file, hint: 'plan again' });
  }
  const parsed = manifestSchema.safeParse(bringForward(value, { file }));
  if (!parsed.success) {
    fail('ENGINE-PLAN-FORMAT', `the manifest is not of a form this version reads: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`, {
      file,
      hint: 'plan again',
    });
  }
  return parsed.data;
}
