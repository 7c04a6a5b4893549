import { z } from 'zod';
import { API_VERSION } from '../../core/index.ts';

const count = z.number().int().min(0);

/** `--report FILE`: what a run of `plan` or `apply` did with every stack, for programs. */
export const runReportSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('RunReport'),
  verb: z.enum(['plan', 'apply']),
  /** Id of the plan. */
  id: z.string(),
  /** Plan directory, relative to the federation's folder. */
  directory: z.string().optional(),
  environment: z.enum(['sandbox', 'production']).optional(),
  engine: z.strictObject({ name: z.enum(['terraform', 'tofu', 'pulumi']), version: z.string() }).optional(),
  /** RFC 3339, UTC. */
  started: z.string(),
  ended: z.string(),
  exit: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Stacks, and `init`, at work at once. */
  limits: z.strictObject({ parallelism: count, init: count }).optional(),
  totals: z.strictObject({ succeeded: count, failed: count, excluded: count, waits: count, stopped: count }),
  /** In code-unit order of `path`. */
  stacks: z.array(
    z.strictObject({
      path: z.string(),
      agency: z.string().optional(),
      /**
       * succeeded: planned or applied, also where nothing was to do; excluded: not selected, or its removal not allowed;
       * waits: for values of others, see `because`; stopped: never begun, because of `by` or of an interruption.
       */
      result: z.enum(['succeeded', 'failed', 'excluded', 'waits', 'stopped']),
      /** What it came to: `planned`, `unchanged`, `applied`. */
      state: z.string().optional(),
      /** The stack that stopped it or that it waits for. */
      by: z.string().optional(),
      because: z.string().optional(),
      add: count.optional(),
      change: count.optional(),
      destroy: count.optional(),
      milliseconds: z.number().min(0),
      /** How often it was tried. */
      attempts: count,
      /** Its log, relative to the federation's folder. */
      log: z.string().optional(),
    }),
  ),
  /** Plan directory with what an interrupted run left, where it was planned again. */
  followUp: z.string().optional(),
  problems: z.array(
    z.strictObject({
      code: z.string(),
      severity: z.enum(['error', 'warning', 'note']),
      message: z.string(),
      hint: z.string().optional(),
      subject: z.string().optional(),
      file: z.string().optional(),
      line: z.number().optional(),
      column: z.number().optional(),
    }),
  ),
});

export type RunReport = z.output<typeof runReportSchema>;
export type RunReportStack = RunReport['stacks'][number];
