import * as path from 'node:path';
import { z } from 'zod';
import { fail, listFiles, readTextIfPresent, sha256 } from '../core/index.ts';

/** Texts of a policy set by path relative to its folder. */
export type PolicyFiles = ReadonlyMap<string, string>;

/** Where what the centre delivered lies in a member's folder. */
export const deliveredPolicies = '.vcloud/policies';

/** Names a policy set may have: they never lead out of its folder. */
const fileName = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*\/)*[A-Za-z0-9][A-Za-z0-9._-]*\.(?:csv|ya?ml)$/u;

/** What an extract says of the policies delivered with it: each file, relative to their folder, and its digest. */
export const policyListSchema = z.array(z.strictObject({ file: z.string().regex(fileName), sha256: z.string().regex(/^[0-9a-f]{64}$/u) }));
export type PolicyList = z.output<typeof policyListSchema>;

/**
 * A member's own policy set: the law tables, rules and profiles of `policies/`. Waivers do not belong to it: they are
 * decisions about a member's own findings; nor does who must approve its plans. Empty where it keeps none.
 */
export function ownPolicies(root: string): PolicyFiles {
  return readFiles(path.join(root, 'policies'), (name) => fileName.test(name) && !name.startsWith('waivers/') && name !== 'approvals.yaml');
}

/** What lies in the folder for the centre's policies, trusted or not. */
export function readDelivered(root: string): PolicyFiles {
  return readFiles(path.join(root, deliveredPolicies), () => true);
}

function readFiles(folder: string, keep: (name: string) => boolean): PolicyFiles {
  return new Map(listFiles(folder, keep).map((name) => [name, readTextIfPresent(path.join(folder, name)) ?? '']));
}

/** The list of a policy set, as an extract carries it. */
export function listPolicies(files: PolicyFiles): PolicyList {
  return [...files].map(([file, text]) => ({ file, sha256: sha256(text) }));
}

/**
 * Checks that the policies are those the centre signed: each of them, unchanged, and no others.
 * @throws ProblemError FED-EXTRACT-POLICIES naming the first file that differs
 */
export function checkPolicies(signed: PolicyList, files: PolicyFiles): void {
  const refuse = (file: string, what: string): never =>
    fail('FED-EXTRACT-POLICIES', `${what} the centre's signed extract`, {
      file: `${deliveredPolicies}/${file}`,
      hint: "the centre's policies are not edited here: let it deliver them again, or keep a policy set of your own in policies/",
    });
  for (const { file, sha256: digest } of signed) {
    const text = files.get(file);
    if (text === undefined) refuse(file, 'the file is missing, but stands in');
    else if (sha256(text) !== digest) refuse(file, 'the file differs from');
  }
  const names = new Set(signed.map(({ file }) => file));
  for (const file of files.keys()) if (!names.has(file)) refuse(file, 'the file does not stand in');
}
