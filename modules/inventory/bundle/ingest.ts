import * as path from 'node:path';
import { API_VERSION, canonicalJson, ensureSigningKey, fail, formatEnvelope, ProblemError, signEnvelope, writeFileAtomic } from '../../core/index.ts';
import type { Federation, Member } from '../../federation/index.ts';
import type { AddressPlan } from '../../network/types.ts';
import { openInventory, type Store } from '../store/database.ts';
import { defaultGuard, type DeletionGuard } from '../store/snapshot.ts';
import { lastSubmission, submit, type SubmissionRow } from '../store/submit.ts';
import { BlockSet, blocksOf } from './blocks.ts';
import { bundleFolder } from './create.ts';
import { receiptPayloadType, type Manifest } from './manifest.ts';
import { readRegistry, trustedKey, updateRegistry, type RegisteredMember } from './registry.ts';
import { checkScope, type MemberScope } from './scope.ts';
import { parseFacts, peekBundle, verifyBundle, type VerifiedBundle } from './verify.ts';

export interface IngestOptions {
  /** The centre's own declarations: its members and their scopes, and the organisations that are its own. */
  readonly federation: Federation;
  /** The centre's address plan: it says which blocks a member holds. */
  readonly addresses: AddressPlan;
  /** Day it is taken in, YYYY-MM-DD. */
  readonly asOf: string;
  /** Folder of the bundle, absolute or relative to the root. */
  readonly folder: string;
  /** What to do with a bundle that was taken in before: `refuse` it as a replay (default), or `skip` it. */
  readonly repeated?: 'refuse' | 'skip' | undefined;
  /** Take a bundle although bundles before it never arrived. */
  readonly allowGap?: boolean | undefined;
  /** Take it although it removes more than the guard allows. */
  readonly allowDeletions?: boolean | undefined;
  readonly guard?: DeletionGuard | undefined;
  /** An inventory that is open already. */
  readonly store?: Store | undefined;
}

export interface IngestResult extends SubmissionRow {
  /** False when the bundle had been taken in before and was skipped. */
  readonly taken: boolean;
  /** True when the member's key was seen for the first time and is trusted from now on. */
  readonly enrolled: boolean;
  /** Signed receipt, relative to the root. */
  readonly receipt?: string | undefined;
}

/** Where a member of this federation leaves its bundle: in its own folder, or where vcloud.yaml says. */
export function bundleOfMember(member: Member): string {
  return member.bundle ?? path.posix.join(member.folder ?? '.', bundleFolder(member.id));
}

/**
 * Takes a member's bundle into the inventory: signature, sequence and chain, schema, scope, deletion guard, one
 * transaction, receipt. Whatever fails leaves the inventory as it was.
 * @throws ProblemError BUNDLE-*, INV-DELETION-GUARD, INV-DUPLICATE
 */
export function ingestBundle(root: string, options: IngestOptions): IngestResult {
  const folder = path.resolve(root, options.folder);
  const shown = path.relative(root, folder).startsWith('..') ? path.basename(folder) : path.relative(root, folder).split(path.sep).join('/');
  const { member, registered, bundle, enrolled } = authenticate(root, folder, shown, options);
  const store = options.store ?? openInventory(root, { create: true });
  try {
    const last = lastAccepted(store, member.id, registered);
    if (last && last.sequence === bundle.manifest.sequence && last.digest === bundle.digest) {
      const row = lastSubmission(store, member.id);
      // After the loss of the inventory the last bundle is taken in again.
      if (row) return repeatedBundle(row, bundle.manifest, options, enrolled);
    } else {
      checkChain(bundle, last, shown, options.allowGap === true);
    }
    const facts = parseFacts(bundle, shown);
    const problems = checkScope(bundle.manifest, facts, scopeOf(store, member, options));
    if (problems.length > 0) throw new ProblemError(problems);
    const row = submit(store, {
      member: member.id,
      observed: bundle.manifest.created,
      bundle: { sequence: bundle.manifest.sequence, digest: bundle.digest },
      records: facts.records,
      layers: bundle.manifest.scope.layers,
      attachments: attachmentsOf(bundle),
      guard: options.allowDeletions === true ? { share: 1, least: Number.MAX_SAFE_INTEGER } : (options.guard ?? defaultGuard),
    });
    updateRegistry(root, member.id, {
      ...(member.publicKey === undefined ? { publicKey: bundle.publicKey } : {}),
      bundle: { sequence: bundle.manifest.sequence, digest: bundle.digest },
    });
    return { ...row, taken: true, enrolled, receipt: writeReceipt(root, row, options.asOf) };
  } finally {
    if (options.store === undefined) store.close();
  }
}

/** What is kept beside the records. What a bundle no longer says does not stay behind from the one before. */
function attachmentsOf({ lines }: VerifiedBundle): Map<string, readonly string[]> {
  const absent = ['utilisation', 'answers'].map((name): [string, readonly string[]] => [name, []]);
  const present = [...lines]
    .filter(([name]) => name !== 'records.ndjson')
    .map(([name, list]): [string, readonly string[]] => [name.replace(/\.ndjson$/u, ''), list]);
  return new Map([...absent, ...present]);
}

/** Who signed it: the key the registry knows, or for a folder member without one the key it shows. */
function authenticate(
  root: string,
  folder: string,
  shown: string,
  { federation, asOf }: IngestOptions,
): { member: Member; registered: RegisteredMember | undefined; bundle: VerifiedBundle; enrolled: boolean } {
  const claimed = peekBundle(folder, shown);
  const member = federation.settings.members.find(({ id }) => id === claimed.member);
  if (member === undefined) {
    fail('BUNDLE-MEMBER', `"${claimed.member}" is no member of this federation`, {
      file: `${shown}/bundle.json`,
      hint: 'list it under `members:` in vcloud.yaml with its scope',
    });
  }
  const registered = readRegistry(root).members[member.id];
  const key = trustedKey(member, registered, claimed.publicKey);
  const bundle = verifyBundle(folder, shown, [key], asOf);
  return { member, registered, bundle, enrolled: member.publicKey === undefined && registered?.publicKey === undefined };
}

interface Accepted {
  readonly sequence: number;
  readonly digest: string;
}

/** The newest bundle ever taken in, by the inventory or by the registry, whichever remembers more. */
function lastAccepted(store: Store, member: string, registered: RegisteredMember | undefined): Accepted | undefined {
  const row = lastSubmission(store, member);
  const remembered = registered?.bundle;
  if (row === undefined || remembered === undefined) return row ?? remembered;
  return row.sequence >= remembered.sequence ? row : remembered;
}

function repeatedBundle(row: SubmissionRow, manifest: Manifest, { repeated }: IngestOptions, enrolled: boolean): IngestResult {
  if (repeated !== 'skip') {
    fail('BUNDLE-REPLAY', `bundle ${manifest.sequence} of member "${manifest.member}" was taken in before`, {
      subject: manifest.member,
      hint: 'nothing is left to do; the member makes a new bundle when something changed',
    });
  }
  return { ...row, taken: false, enrolled };
}

function checkChain({ manifest, digest }: VerifiedBundle, last: Accepted | undefined, shown: string, allowGap: boolean): void {
  const { member, sequence, previous } = manifest;
  const at = { file: `${shown}/bundle.json`, subject: member };
  if (last === undefined) return;
  if (sequence < last.sequence) {
    fail('BUNDLE-REPLAY', `bundle ${sequence} of member "${member}" is older than bundle ${last.sequence}, which was taken in before`, {
      ...at,
      hint: 'deliver the newest bundle',
    });
  }
  if (sequence === last.sequence && digest !== last.digest) {
    fail('BUNDLE-CHAIN', `member "${member}" made two different bundles with number ${sequence}`, {
      ...at,
      hint: 'its memory was put back or its key is used in two places; clear that up with the member',
    });
  }
  if (sequence === last.sequence + 1 && previous !== last.digest) {
    fail('BUNDLE-CHAIN', `bundle ${sequence} of member "${member}" does not follow on bundle ${last.sequence} as it was taken in`, {
      ...at,
      hint: 'its memory was put back or its key is used in two places; clear that up with the member',
    });
  }
  if (sequence > last.sequence + 1 && !allowGap) {
    const missing = sequence === last.sequence + 2 ? `bundle ${last.sequence + 1}` : `bundles ${last.sequence + 1} to ${sequence - 1}`;
    fail('BUNDLE-CHAIN', `${missing} of member "${member}" never arrived`, {
      ...at,
      hint: 'take them in first, in order, or accept the gap with --allow-gap: a bundle holds everything, nothing is lost by it',
    });
  }
}

function scopeOf(store: Store, member: Member, { federation, addresses }: IngestOptions): MemberScope {
  const foreign = new Set<string>(federation.organisations.keys());
  for (const other of federation.settings.members) if (other.id !== member.id) other.scope.organisations.forEach((id) => foreign.add(id));
  const declared = store
    .statement(
      `SELECT record.owner AS id FROM record JOIN scope ON scope.id = record.scope WHERE record.kind = 'organisation' AND record.id < 1099511627776 AND scope.member <> ?`,
    )
    .all(member.id);
  for (const row of declared) foreign.add(row['id'] as string);
  member.scope.organisations.forEach((id) => foreign.delete(id));
  const above = new Set([...federation.organisations.values()].filter(({ parent }) => parent === undefined).map(({ id }) => id));
  return {
    member: member.id,
    organisations: member.scope.organisations,
    zones: member.scope.zones.map((zone) => (zone.endsWith('.') ? zone : `${zone}.`)),
    blocks: new BlockSet(blocksOf(addresses, member.scope.keys)),
    keys: member.scope.keys,
    foreign,
    above,
  };
}

/** What the centre confirms: which bundle it took in, and what that changed. */
function writeReceipt(root: string, row: SubmissionRow, asOf: string): string {
  const { privateKey } = ensureSigningKey(root);
  const receipt = { apiVersion: API_VERSION, kind: 'Receipt', ingested: asOf, ...row };
  const file = `out/receipts/${row.member}.json`;
  writeFileAtomic(path.join(root, file), formatEnvelope(signEnvelope(receiptPayloadType, canonicalJson(receipt), privateKey)));
  return file;
}
