import { createPrivateKey } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { z } from 'zod';
import {
  canonicalJson,
  dateSchema,
  fail,
  formatEnvelope,
  header,
  isObject,
  isNewer,
  keyIdOf,
  openEnvelope,
  parseEnvelope,
  preAuthEncoding,
  publicKeyText,
  readSigningKey,
  readTextIfPresent,
  signEnvelope,
  writeFileAtomic,
  type Envelope,
} from '../../core/index.ts';
import type { Actor, LogHead } from '../log/index.ts';
import type { Approval } from './evaluate.ts';
import type { ApprovalPolicy, Principal } from './policy.ts';
import { agentKeys, sshFingerprint, sshPublicKey, sshSign, sshVerify } from './ssh.ts';

/** DSSE payload type of an approval. */
export const approvalPayloadType = 'application/vnd.vcloud.plan-approval+json';

/** Folder of a plan directory that approvals lie in. */
export const approvalsFolder = 'approvals';

const statementSchema = z.strictObject({
  ...header('PlanApproval'),
  plan: z.string(),
  /** SHA-256 of `manifest.json`, which holds the digests of everything else. */
  manifest: z.string().regex(/^[0-9a-f]{64}$/u),
  /** Account it was given from. */
  user: z.string(),
  date: dateSchema,
  /** The log's head when it was given: the log cannot be cut off before it without this approval telling. */
  log: z.strictObject({ entries: z.int().min(0), head: z.string() }),
});
export type ApprovalStatement = z.output<typeof statementSchema>;

/** A key an approval can be signed with. */
export interface ApprovalKey {
  readonly id: string;
  sign(payload: string, payloadType?: string): Promise<Envelope>;
}

/**
 * The key a reference names: `file:PATH` (Ed25519, PKCS #8 in PEM), `ssh:PATH` (an OpenSSH key, or the public half of
 * one an agent or hardware key holds), `ssh-agent` (the first key of the agent that belongs to a principal); without a
 * reference the member's own signing key. Private halves are read by the process that signs and go nowhere.
 * @throws ProblemError ENGINE-KEY
 */
export async function approvalKey(root: string, reference: string | undefined, policy: ApprovalPolicy | undefined): Promise<ApprovalKey> {
  if (reference === undefined || reference.startsWith('file:')) return fileKey(root, reference?.slice('file:'.length));
  if (reference.startsWith('ssh:')) {
    const file = path.resolve(root, reference.slice('ssh:'.length));
    return sshKey(sshPublicKey(file), file);
  }
  if (reference !== 'ssh-agent') {
    fail('ENGINE-KEY', `"${reference}" names no key`, {
      hint: 'write file:PATH, ssh:PATH or ssh-agent; a PKCS#11 or FIDO key is used through ssh-agent or ssh-keygen',
    });
  }
  const held = await agentKeys();
  const known = new Set((policy?.principals ?? []).flatMap(({ keys }) => keys.flatMap((key) => ('ssh' in key ? [sshFingerprint(key.ssh)] : []))));
  const chosen = held.find((key) => known.has(sshFingerprint(key)));
  if (chosen === undefined)
    fail('ENGINE-KEY', 'no key of the ssh-agent belongs to a principal', { file: 'policies/approvals.yaml', hint: 'add its public half to the principal' });
  return sshKey(chosen);
}

function fileKey(root: string, reference: string | undefined): ApprovalKey {
  let key = undefined;
  if (reference === undefined) key = readSigningKey(root);
  else {
    const text = readTextIfPresent(path.resolve(root, reference));
    if (text === undefined) fail('ENGINE-KEY', 'there is no such key', { file: reference });
    try {
      key = createPrivateKey(text);
    } catch {
      // Told below, without the library's message: it may quote what it could not read.
    }
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    fail('ENGINE-KEY', reference === undefined ? 'there is no signing key' : 'this is no Ed25519 private key (PKCS #8 in PEM)', {
      file: reference ?? '.vcloud/keys/signing.pem',
      hint: 'make one with "vcloud bundle keygen", or give --key ssh:PATH',
    });
  }
  const chosen = key;
  return { id: keyIdOf(publicKeyText(chosen)), sign: async (payload, type = approvalPayloadType) => signEnvelope(type, payload, chosen) };
}

function sshKey(publicKey: string, file?: string): ApprovalKey {
  const id = sshFingerprint(publicKey);
  return {
    id,
    sign: async (payload, payloadType = approvalPayloadType) => {
      const body = Buffer.from(payload, 'utf8');
      const armoured = await withKeyFile(publicKey, file, (name) => sshSign(preAuthEncoding(payloadType, body), name));
      return { payloadType, payload: body.toString('base64'), signatures: [{ keyid: id, sig: Buffer.from(armoured).toString('base64') }] };
    },
  };
}

/** ssh-keygen takes keys by file name only: one the agent holds is named by a file with its public half. */
async function withKeyFile<T>(publicKey: string, file: string | undefined, work: (name: string) => Promise<T>): Promise<T> {
  if (file !== undefined) return await work(file);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'vcloud-key-'));
  try {
    const name = path.join(folder, 'key.pub');
    fs.writeFileSync(name, `${publicKey}\n`);
    return await work(name);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Id that signatures made with a principal's key carry. */
export function keyIdIn(key: Principal['keys'][number]): string {
  return 'ed25519' in key ? keyIdOf(key.ed25519) : sshFingerprint(key.ssh);
}

/** The text that is signed. */
export function formatStatement(given: {
  readonly plan: string;
  readonly manifest: string;
  readonly by: Actor;
  readonly date: string;
  readonly log: LogHead;
}): string {
  const { plan, manifest, by, date, log } = given;
  return canonicalJson({ apiVersion: 'vcloud/v1', kind: 'PlanApproval', plan, manifest, user: by.user, date, log });
}

/** Puts an approval beside the plan it is of; one per key, the newest. Returns its path below the plan directory. */
export function writeApproval(directory: string, key: string, envelope: Envelope): string {
  const name = `${approvalsFolder}/${key.replace(/[^A-Za-z0-9]+/gu, '-').slice(0, 40)}.json`;
  writeFileAtomic(path.join(directory, name), formatEnvelope(envelope), { mode: 0o600 });
  return name;
}

/** An approval that was read: whether it counts, and if not why. */
export type ReadApproval =
  | { readonly file: string; readonly good: true; readonly approval: Approval; readonly log: LogHead }
  | { readonly file: string; readonly good: false; readonly why: string };

/**
 * The approvals of a plan directory. One that is cut off, of another manifest, or not signed by a key of a principal
 * does not count, and says why; none makes the others fail.
 */
export async function readApprovals(directory: string, manifest: string, principals: readonly Principal[]): Promise<ReadApproval[]> {
  const folder = path.join(directory, approvalsFolder);
  const names = fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];
  const read: ReadApproval[] = [];
  for (const name of names) {
    const file = `${approvalsFolder}/${name}`;
    const bad = (why: string): number => read.push({ file, good: false, why });
    const envelope = parseEnvelope(fs.readFileSync(path.join(folder, name), 'utf8'));
    if (envelope === undefined) {
      bad('it is no signed envelope');
      continue;
    }
    const signer = await signerOf(envelope, principals);
    if (signer === undefined) {
      bad('no principal signed it');
      continue;
    }
    const claimed = jsonOf(signer.payload);
    if (isObject(claimed) && isNewer(claimed['apiVersion'], claimed['kind'])) {
      bad(`it is of version ${String(claimed['apiVersion'])}, made by a newer toolkit: upgrade with \`npm install vcloud@latest\``);
      continue;
    }
    const statement = statementSchema.safeParse(claimed);
    if (!statement.success) bad(`${signer.principal} signed something else`);
    else if (statement.data.manifest !== manifest) bad(`${signer.principal} approved another plan, or this one before it was changed`);
    else {
      const { user, date, log } = statement.data;
      read.push({ file, good: true, approval: { principal: signer.principal, by: { user, key: signer.key }, date }, log });
    }
  }
  return read;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The principal whose key signed an envelope of this type; undefined: none did. */
export async function signerOf(
  envelope: Envelope,
  principals: readonly Principal[],
  payloadType = approvalPayloadType,
): Promise<{ principal: string; key: string; payload: Buffer } | undefined> {
  if (envelope.payloadType !== payloadType) return undefined;
  const payload = Buffer.from(envelope.payload, 'base64');
  for (const { id, keys } of principals) {
    for (const key of keys) {
      if ('ed25519' in key) {
        if (!envelope.signatures.some(({ keyid }) => keyid === keyIdOf(key.ed25519))) continue;
        if (openEnvelope(envelope, payloadType, [key.ed25519])) return { principal: id, key: keyIdOf(key.ed25519), payload };
        continue;
      }
      const fingerprint = sshFingerprint(key.ssh);
      for (const { keyid, sig } of envelope.signatures) {
        if (keyid !== fingerprint) continue;
        if (await sshVerify(preAuthEncoding(payloadType, payload), Buffer.from(sig, 'base64').toString('utf8'), key.ssh)) {
          return { principal: id, key: fingerprint, payload };
        }
      }
    }
  }
  return undefined;
}
