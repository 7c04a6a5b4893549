import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { header, idSchema, namesSchema, parsePublicKey, plural, Problems, ProblemError, didYouMean, readYaml, validate } from '../../core/index.ts';

/** Where a member says who must approve its plans. */
export const approvalPolicyFile = 'policies/approvals.yaml';

const sshKey =
  /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?$/u;

const principalSchema = z.strictObject({
  /** A role of an organisation, never a person: `moh.security`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, 'must be lower-case letters, digits, dots and hyphens'),
  organisation: idSchema,
  names: namesSchema.optional(),
  /** Public halves only. */
  keys: z
    .array(
      z.union([
        z.strictObject({
          /** Ed25519, SPKI in base64, as `vcloud bundle keygen` prints it. */
          ed25519: z.string().min(1),
        }),
        z.strictObject({
          /** One line of an OpenSSH public key file; hardware keys (`sk-`) too. */
          ssh: z.string().regex(sshKey, 'must be one line of an OpenSSH public key: TYPE BASE64 [COMMENT]'),
        }),
      ]),
    )
    .min(1),
  /** Accounts the role works from, `NAME@HOST`: what separation of duties compares where no key was used. */
  users: z.array(z.string().min(3)).optional(),
});

const effectNames = ['any', 'create', 'update', 'replace', 'destroy', 'renumber', 'ds-change'] as const;

const ruleSchema = z.strictObject({
  id: idSchema,
  names: namesSchema.optional(),
  /** What calls for the approval: all conditions given must hold of one effect of the plan. */
  when: z.strictObject({
    effects: z.array(z.enum(effectNames)).min(1).default(['any']),
    agencies: z.array(z.string()).min(1).optional(),
    /** Paths of stacks; `*` stands for any characters. */
    stacks: z.array(z.string()).min(1).optional(),
    /** Only what serves a system of this security level or a higher one. */
    minimumLevel: z.int().min(1).optional(),
    environments: z
      .array(z.enum(['sandbox', 'production']))
      .min(1)
      .optional(),
  }),
  /** Either some of the principals named, or some of the agency concerned, asked once for each agency. */
  require: z.union([
    z.strictObject({ count: z.int().min(1).default(1), of: z.array(z.string()).min(1) }),
    z.strictObject({ count: z.int().min(1).default(1), ofAgency: z.literal(true) }),
  ]),
  /** Days an approval counts, the day it is given included as day 0. */
  validFor: z.int().min(0).optional(),
  /** Whom an approver must not be. */
  notBy: z.array(z.enum(['planner', 'applier'])).default([]),
});

/** `policies/approvals.yaml`. */
export const approvalPolicySchema = z.strictObject({ ...header('ApprovalPolicy'), principals: z.array(principalSchema), rules: z.array(ruleSchema) });

export type ApprovalPolicy = z.output<typeof approvalPolicySchema>;
export type ApprovalRule = ApprovalPolicy['rules'][number];
export type Principal = ApprovalPolicy['principals'][number];

/**
 * Who must approve this member's plans; undefined where it asks for nobody.
 * @throws ProblemError CORE-*, ENGINE-APPROVAL-POLICY with every fault and its place
 */
export function loadApprovalPolicy(root: string): ApprovalPolicy | undefined {
  if (!existsSync(path.join(root, approvalPolicyFile))) return undefined;
  const source = readYaml(root, approvalPolicyFile);
  const policy = validate(approvalPolicySchema, source);
  const problems = new Problems();
  const known = new Set(policy.principals.map(({ id }) => id));
  for (const [list, items] of [['principals', policy.principals] as const, ['rules', policy.rules] as const]) {
    const seen = new Set<string>();
    for (const [index, { id }] of items.entries()) {
      if (seen.has(id))
        problems.error('ENGINE-APPROVAL-POLICY', `"${id}" stands here twice`, { ...source.locate([list, index, 'id']), hint: 'ids are unique' });
      seen.add(id);
    }
  }
  for (const [index, { keys }] of policy.principals.entries()) {
    for (const [at, key] of keys.entries()) {
      if (!('ed25519' in key)) continue;
      try {
        parsePublicKey(key.ed25519);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        for (const found of error.problems)
          problems.error(found.code, found.message, { ...source.locate(['principals', index, 'keys', at]), hint: found.hint });
      }
    }
  }
  for (const [index, { require: demand }] of policy.rules.entries()) {
    if (!('of' in demand)) continue;
    for (const [at, id] of demand.of.entries()) {
      if (known.has(id)) continue;
      problems.error('ENGINE-APPROVAL-POLICY', `there is no principal "${id}"`, {
        ...source.locate(['rules', index, 'require', 'of', at]),
        hint: didYouMean(id, known) ?? 'add it to principals',
      });
    }
    if (demand.count > new Set(demand.of).size) {
      const message = `${demand.count} approvals of ${plural(new Set(demand.of).size, 'principal')} can never be given`;
      problems.error('ENGINE-APPROVAL-POLICY', message, {
        ...source.locate(['rules', index, 'require', 'count']),
        hint: 'name more principals, or ask for fewer',
      });
    }
  }
  problems.throwIfErrors();
  return policy;
}
