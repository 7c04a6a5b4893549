import * as path from 'node:path';
import { z } from 'zod';
import { API_VERSION, bringForward, canonicalJson, fail, header, privateFolder, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import type { Member } from '../../federation/index.ts';

const memberSchema = z.strictObject({
  /** Key a folder member showed first; others have theirs in vcloud.yaml. */
  publicKey: z.string().optional(),
  /** Last bundle taken in: survives the loss of the inventory, which is rebuilt from the bundles. */
  bundle: z.strictObject({ sequence: z.int(), digest: z.string() }).optional(),
  /** Last extract handed out. */
  extract: z.strictObject({ sequence: z.int(), content: z.string(), created: z.string(), expires: z.string() }).optional(),
});
const registrySchema = z.strictObject({ ...header('Registry'), members: z.record(z.string(), memberSchema) });

/** What the centre remembers of each member besides what vcloud.yaml says. */
export type Registry = z.output<typeof registrySchema>;
export type RegisteredMember = z.output<typeof memberSchema>;

export const registryFile = '.vcloud/registry.json';

/**
 * Reads the centre's registry; an empty one where there is none.
 * @throws ProblemError INV-REGISTRY when it cannot be read: guessing would let a replay pass
 */
export function readRegistry(root: string): Registry {
  const text = readTextIfPresent(path.join(root, registryFile));
  if (text === undefined) return { apiVersion: API_VERSION, kind: 'Registry', members: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const result = registrySchema.safeParse(bringForward(value, { file: registryFile }));
  if (!result.success) {
    fail('INV-REGISTRY', 'the registry of members cannot be read', {
      file: registryFile,
      hint: 'restore it from a backup; removing it means enrolling every folder member again',
    });
  }
  return result.data;
}

/** Changes what is remembered of one member. */
export function updateRegistry(root: string, member: string, change: RegisteredMember): void {
  const registry = readRegistry(root);
  const members = { ...registry.members, [member]: { ...registry.members[member], ...change } };
  privateFolder(root);
  writeFileAtomic(path.join(root, registryFile), `${canonicalJson({ ...registry, members }, 2)}\n`, { mode: 0o600 });
}

/**
 * The key a member's bundles must be signed with: the one in vcloud.yaml; for a member whose folder lies here the one
 * it was enrolled with, or on first use the one it shows.
 * @throws ProblemError BUNDLE-KEY
 */
export function trustedKey(member: Member, registered: RegisteredMember | undefined, shown: string): string {
  const known = member.publicKey?.trim() ?? registered?.publicKey;
  if (known !== undefined) return known;
  if (member.folder === undefined) {
    fail('BUNDLE-KEY', `no public key is known of member "${member.id}"`, {
      file: 'vcloud.yaml',
      subject: member.id,
      hint: 'add the `publicKey:` that `vcloud bundle keygen` prints at the member',
    });
  }
  return shown;
}
