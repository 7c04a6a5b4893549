import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import {
  bringForward,
  dateSchema,
  fail,
  formatEnvelope,
  header,
  idSchema,
  openEnvelope,
  parseEnvelope,
  privateFolder,
  readTextIfPresent,
  sha256,
  writeFileAtomic,
  writeTree,
  type Envelope,
} from '../core/index.ts';
import { receivedDelegationSchema, sameProposal } from './delegation.ts';
import { checkPolicies, deliveredPolicies, ownPolicies, policyListSchema, readDelivered, type PolicyFiles } from './policies.ts';

/** DSSE payload type of what the centre hands to a member. */
export const extractPayloadType = 'application/vnd.vcloud.extract+json';

/** The part of the federation's numbers one member may use, as the centre signs it. */
export const extractSchema = z.strictObject({
  ...header('MemberExtract'),
  member: idSchema,
  /** Grows by one with every extract that differs from the one before. */
  sequence: z.int().min(1),
  created: dateSchema,
  /** First day it no longer counts. */
  expires: dateSchema,
  /** Blocks of the address plan the member's own pools are made from. */
  blocks: z.array(z.strictObject({ key: z.string(), family: z.enum(['v4', 'v6']), prefix: z.string(), pool: z.string(), domain: z.string() })),
  asns: z.array(z.strictObject({ key: z.string(), asn: z.int().min(1).max(4_294_967_295) })),
  parentZone: z.string().optional(),
  /** Hubs of the overlays the member's own nodes connect to; public halves only. */
  hubs: z.array(z.strictObject({ overlay: z.string(), id: z.string(), endpoints: z.array(z.string()) })),
  /** On which conditions the blocks are held, and what the centre proposes about them; absent where it declares nothing. */
  delegations: z.array(receivedDelegationSchema).optional(),
  /** The centre's law tables, rules and profiles, which a member without its own is judged by; they lie beside the extract. */
  policies: policyListSchema.optional(),
  /** The centre's public key (SPKI, base64), which the member keeps from the first extract on. */
  centreKey: z.string(),
});
export type MemberExtract = z.output<typeof extractSchema>;

export interface ExtractOptions {
  /** Date expiry is judged at; without it expiry is not judged. */
  readonly asOf?: string | undefined;
  /** Id of the member that reads it; without it the addressee is not judged. */
  readonly member?: string | undefined;
}

export interface ReceiveOptions extends ExtractOptions {
  /** The policies that belong to it. */
  readonly policies?: PolicyFiles | undefined;
  /** The centre's key, as it came over another channel: needed where none is known yet, and must be the known one otherwise. */
  readonly centreKey?: string | undefined;
}

const extractFile = '.vcloud/extract.json';
const pinFile = '.vcloud/keys/centre.pub';
const highestFile = '.vcloud/keys/centre.sequence';

/**
 * The extract the centre delivered to the member in `root`, verified; undefined where none was delivered.
 * The first extract fixes the centre's key and every one the lowest sequence that still counts.
 * @throws ProblemError FED-EXTRACT-FORMAT, -KEY, -SIGNATURE, -MEMBER, -REPLAY, -EXPIRED
 */
export function readExtract(root: string, options: ExtractOptions = {}): MemberExtract | undefined {
  const text = readTextIfPresent(path.join(root, extractFile));
  if (text === undefined) return undefined;
  const accepted = judge(root, text, options);
  remember(root, accepted);
  return accepted.extract;
}

/**
 * Takes an extract and the policies that belong to it into the member's folder: verified first, written only if they count.
 * Returns whether the extract differs from the one held.
 * @throws ProblemError as {@link readExtract}, FED-EXTRACT-POLICIES, FED-EXTRACT-PROPOSAL; the member then keeps what it had.
 */
export function receiveExtract(root: string, envelope: Envelope, options: ReceiveOptions = {}): boolean {
  const text = formatEnvelope(envelope);
  const policies: PolicyFiles = options.policies ?? new Map();
  const accepted = judge(root, text, options);
  checkPolicies(accepted.extract.policies ?? [], policies);
  keepsItsProposals(root, accepted.extract);
  remember(root, accepted);
  privateFolder(root);
  writeTree(path.join(root, deliveredPolicies), policies, { mode: 0o600 });
  return writeFileAtomic(path.join(root, extractFile), text, { mode: 0o600 });
}

/**
 * Folder of the policy set a member is judged by, relative to its own: its own `policies/`, else what the centre delivered
 * with its extract, verified. Undefined where it has neither.
 * @throws ProblemError FED-EXTRACT-* when it keeps no set of its own and the centre's cannot be trusted
 */
export function policyFolder(root: string): string | undefined {
  if (ownPolicies(root).size > 0) return 'policies';
  const signed = readExtract(root)?.policies;
  if (signed === undefined) return undefined;
  checkPolicies(signed, readDelivered(root));
  return deliveredPolicies;
}

interface Accepted {
  readonly extract: MemberExtract;
  readonly digest: string;
  readonly highest: Highest | undefined;
}

/** Whether an extract counts for this member: nothing is written. */
function judge(root: string, text: string, options: ReceiveOptions): Accepted {
  const { extract, digest } = verifyExtract(text, knownKey(root, options.centreKey));
  if (options.member !== undefined && extract.member !== options.member) {
    fail('FED-EXTRACT-MEMBER', `the extract is addressed to member "${extract.member}", this is "${options.member}"`, {
      file: extractFile,
      hint: 'ask the centre for the extract of this member',
    });
  }
  const highest = readHighest(root);
  if (highest && (extract.sequence < highest.sequence || (extract.sequence === highest.sequence && digest !== highest.digest))) {
    fail(
      'FED-EXTRACT-REPLAY',
      extract.sequence < highest.sequence
        ? `the extract has sequence ${extract.sequence}; sequence ${highest.sequence} was accepted before`
        : `another extract with sequence ${extract.sequence} was accepted before`,
      { file: extractFile, hint: 'ask the centre for its newest extract' },
    );
  }
  if (options.asOf !== undefined && options.asOf >= extract.expires) {
    fail('FED-EXTRACT-EXPIRED', `the extract expired on ${extract.expires}`, {
      file: extractFile,
      hint: 'ask the centre for a new one: it makes one on every `vcloud federate`',
    });
  }
  return { extract, digest, highest };
}

function knownKey(root: string, given: string | undefined): string | undefined {
  const pinned = enrolledCentre(root);
  if (pinned !== undefined && given !== undefined && given !== pinned) {
    fail('FED-EXTRACT-KEY', "the key given is not the centre's, which this member keeps from the first extract on", {
      file: pinFile,
      hint: `if the centre really changed its key, compare it over another channel and remove ${pinFile}`,
    });
  }
  return pinned ?? given;
}

/** The centre's public key this member trusts; undefined before its first extract. */
export function enrolledCentre(root: string): string | undefined {
  return readTextIfPresent(path.join(root, pinFile))?.trim();
}

/** An answer names a proposal by its id, so a proposal that asks for something else under the same id would be answered already. */
function keepsItsProposals(root: string, extract: MemberExtract): void {
  const before = readTextIfPresent(path.join(root, extractFile));
  const held = before === undefined ? undefined : parseEnvelope(before);
  if (!held) return;
  const known = new Map((parsePayload(held.payload).delegations ?? []).flatMap(({ proposals }) => proposals.map((proposal) => [proposal.id, proposal])));
  for (const { proposals } of extract.delegations ?? []) {
    for (const proposal of proposals) {
      const first = known.get(proposal.id);
      if (first === undefined || sameProposal(first, proposal)) continue;
      fail('FED-EXTRACT-PROPOSAL', `proposal "${proposal.id}" asks for something else than before under the same id`, {
        file: extractFile,
        hint: 'the centre withdraws it and proposes anew under another id',
      });
    }
  }
}

/**
 * Checks format and signature of an extract against the centre's known key, or against the key it names itself
 * when none is known yet.
 * @throws ProblemError FED-EXTRACT-FORMAT, FED-EXTRACT-KEY, FED-EXTRACT-SIGNATURE
 */
export function verifyExtract(text: string, centreKey: string | undefined): { extract: MemberExtract; digest: string } {
  const envelope = parseEnvelope(text);
  if (envelope?.payloadType !== extractPayloadType) malformed('it is no signed envelope of an extract');
  const claimed = parsePayload(envelope.payload);
  if (centreKey !== undefined && claimed.centreKey !== centreKey) {
    fail('FED-EXTRACT-KEY', "the extract names another key than the centre's, which this member received first", {
      file: extractFile,
      hint: `if the centre really changed its key, compare it over another channel and remove ${pinFile}`,
    });
  }
  if (!openEnvelope(envelope, extractPayloadType, [centreKey ?? claimed.centreKey])) {
    fail('FED-EXTRACT-SIGNATURE', "the extract is not signed by the centre's key", { file: extractFile, hint: 'ask the centre for it again' });
  }
  return { extract: claimed, digest: sha256(Buffer.from(envelope.payload, 'base64')) };
}

function parsePayload(payload: string): MemberExtract {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
  } catch {
    malformed('its payload is not JSON');
  }
  const result = extractSchema.safeParse(bringForward(value, { file: extractFile }));
  if (!result.success) malformed(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  return result.data;
}

function malformed(why: string): never {
  fail('FED-EXTRACT-FORMAT', `the extract cannot be read: ${why}`, { file: extractFile, hint: 'ask the centre for it again' });
}

interface Highest {
  readonly sequence: number;
  readonly digest: string;
}

function readHighest(root: string): Highest | undefined {
  const match = /^(\d+) ([0-9a-f]{64})\n$/u.exec(readTextIfPresent(path.join(root, highestFile)) ?? '');
  return match ? { sequence: Number(match[1]), digest: match[2] ?? '' } : undefined;
}

/** Keeps the key and the sequence in files of their own: they outlive the extract that brought them. */
function remember(root: string, { extract, digest, highest }: Accepted): void {
  if (!fs.existsSync(path.join(root, pinFile))) {
    privateFolder(root, 'keys');
    writeFileAtomic(path.join(root, pinFile), `${extract.centreKey}\n`, { mode: 0o600 });
  }
  if (highest?.digest !== digest) writeFileAtomic(path.join(root, highestFile), `${extract.sequence} ${digest}\n`, { mode: 0o600 });
}
