import { z } from 'zod';
import { dateSchema, header, idSchema, namesSchema } from '../core/index.ts';

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export const enforcements = ['advisory', 'mandatory', 'hard'] as const;

const ruleIdSchema = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/u, 'must be lower-case words joined by hyphens, such as net-link-load');
/** Which subjects a rule concerns: field (a dotted path) -> value or values. All must match. */
const matchSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)]));

/** A text a rule rests on: an instrument and the controls of it the rule judges. */
export const basisSchema = z.strictObject({
  instrument: z.string().min(1),
  /** Ids of controls, with or without the instrument before them. */
  controls: z.array(z.string().min(1)).min(1),
  /** `INSTRUMENT.COLUMN` or `INSTRUMENT.PARAMETER`: until that date a failure is advisory. */
  due: z.string().optional(),
  /** Options for this text alone, over the rule's own. */
  options: z.record(z.string(), z.unknown()).optional(),
});

export const ruleSchema = z.strictObject({
  id: ruleIdSchema,
  version: z.number().int().positive(),
  check: z.string().min(1),
  title: namesSchema,
  severity: z.enum(severities),
  basis: z.array(basisSchema).min(1),
  appliesTo: matchSchema.default({}),
  options: z.record(z.string(), z.unknown()).default({}),
  remediation: namesSchema,
});

/** `policies/rules.yaml`. */
export const ruleSetSchema = z.strictObject({ ...header('PolicyRules'), rules: z.array(ruleSchema).min(1) });

/** `policies/profiles.yaml`: which rules hold for whom, and how strictly. */
export const profilesSchema = z.strictObject({
  ...header('PolicyProfiles'),
  /** What a waiver must look like. */
  waivers: z.strictObject({
    minimumJustification: z.number().int().positive(),
    maximumDays: z.strictObject({
      low: z.number().int().positive(),
      medium: z.number().int().positive(),
      high: z.number().int().positive(),
      critical: z.number().int().positive(),
    }),
    warnDays: z.number().int().nonnegative(),
  }),
  profiles: z
    .array(
      z.strictObject({
        id: idSchema,
        names: namesSchema,
        /** Ids of agencies; without `agencies` and `kinds` it holds for all. */
        agencies: z.array(z.string()).min(1).optional(),
        /** Kinds of organisation the agency may be of. */
        kinds: z.array(idSchema).min(1).optional(),
        rules: z.record(z.string(), z.enum(enforcements)),
      }),
    )
    .min(1),
});

/** A unit and the role in it that acts: never a person's name. */
const holderSchema = z.strictObject({ unit: z.string().min(1), role: z.string().min(1) });

export const waiverSchema = z
  .strictObject({
    id: idSchema,
    rule: ruleIdSchema,
    agency: z.string().min(1),
    /** Fingerprint of the one finding it covers. */
    finding: z.string().min(1).optional(),
    /** `KIND/ID` of the subject; `*` in the id only where the rule is advisory. */
    subject: z
      .string()
      .regex(/^[a-z]+\/.+$/u, 'must be KIND/ID')
      .optional(),
    /** Digest of the evidence it was granted for: when the facts change, the finding returns. */
    evidence: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/u, 'must be sha256: and 64 hex digits')
      .optional(),
    justification: z.string().min(1),
    compensatingControls: z.array(z.string().min(1)).default([]),
    owner: holderSchema,
    approver: holderSchema,
    decision: z.strictObject({ number: z.string().min(1), date: dateSchema }),
    requestedAt: dateSchema.optional(),
    approvedAt: dateSchema,
    expiresAt: dateSchema,
  })
  .refine((waiver) => (waiver.finding === undefined) !== (waiver.subject === undefined), 'names either `finding` or `subject`');

/** `policies/waivers/*.yaml`. */
export const waiversSchema = z.strictObject({ ...header('PolicyWaivers'), waivers: z.array(waiverSchema) });

export type RuleDeclaration = z.output<typeof ruleSchema>;
export type Profile = z.output<typeof profilesSchema>['profiles'][number];
export type WaiverDemands = z.output<typeof profilesSchema>['waivers'];
export type WaiverDeclaration = z.output<typeof waiverSchema>;
