import * as path from 'node:path';
import { z } from 'zod';
import { canonicalJson, fail, formatEnvelope, header, isNewer, isObject, parseEnvelope, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import { currentActor } from '../log/index.ts';
import type { Planner } from './evaluate.ts';
import { approvalPolicyFile, type ApprovalPolicy, type Principal } from './policy.ts';
import { approvalKey, keyIdIn, signerOf, type ApprovalKey } from './statement.ts';

/** DSSE payload type of a planner's word that it made a plan. */
export const plannerPayloadType = 'application/vnd.vcloud.plan-made+json';

/** In a plan directory: who made it, signed. */
export const plannerFile = 'planned-by.json';

const statementSchema = z.strictObject({
  ...header('PlanMade'),
  plan: z.string(),
  /** SHA-256 of `manifest.json`. */
  manifest: z.string().regex(/^[0-9a-f]{64}$/u),
  user: z.string(),
});

/**
 * The key a plan is signed with, if one is named. It has to be a principal's: nobody else could say whose it is.
 * @throws ProblemError ENGINE-KEY, ENGINE-APPROVAL-KEY
 */
export async function plannerKey(root: string, reference: string | undefined, policy: ApprovalPolicy | undefined): Promise<ApprovalKey | undefined> {
  if (reference === undefined) return undefined;
  const key = await approvalKey(root, reference, policy);
  if (policy === undefined || policy.principals.some(({ keys }) => keys.some((one) => keyIdIn(one) === key.id))) return key;
  return fail('ENGINE-APPROVAL-KEY', `the key ${key.id} belongs to no principal: nobody could tell who planned`, {
    file: approvalPolicyFile,
    hint: "add its public half to the principal's keys (a pipeline is a principal too), or plan without --key",
  });
}

/**
 * Says beside a manifest who made it, so that an apply elsewhere, whose log does not know, can keep planner and approver
 * apart. Signed: what is only written down anybody could write.
 */
export async function signPlan(directory: string, given: { readonly plan: string; readonly manifest: string }, key: ApprovalKey): Promise<void> {
  const statement = canonicalJson({ apiVersion: 'vcloud/v1', kind: 'PlanMade', ...given, user: currentActor().user });
  writeFileAtomic(path.join(directory, plannerFile), formatEnvelope(await key.sign(statement, plannerPayloadType)), { mode: 0o600 });
}

/** Who made a plan, as a principal signed it; or why what lies there does not say so. Undefined: nothing lies there. */
export async function readPlanner(
  directory: string,
  manifest: string,
  principals: readonly Principal[],
): Promise<{ readonly planner: Planner } | { readonly why: string } | undefined> {
  const text = readTextIfPresent(path.join(directory, plannerFile));
  if (text === undefined) return undefined;
  const envelope = parseEnvelope(text);
  const signer = envelope && (await signerOf(envelope, principals, plannerPayloadType));
  if (signer === undefined) return { why: `${plannerFile}: no principal signed it` };
  const value: unknown = JSON.parse(signer.payload.toString('utf8'));
  if (isObject(value) && isNewer(value['apiVersion'], value['kind'])) return { why: `${plannerFile}: made by a newer toolkit` };
  const statement = statementSchema.safeParse(value);
  if (!statement.success || statement.data.manifest !== manifest) return { why: `${plannerFile}: ${signer.principal} signed another plan` };
  return { planner: { user: statement.data.user, key: signer.key, principal: signer.principal } };
}
