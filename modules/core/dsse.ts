import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import * as path from 'node:path';
import { z } from 'zod';
import { privateFolder, readTextIfPresent, writeFileAtomic } from './files.ts';
import { canonicalJson } from './json.ts';
import { fail } from './problem.ts';

/**
 * A DSSE v1 envelope (github.com/secure-systems-lab/dsse): the signature covers payload type and payload bytes,
 * so nobody has to agree on a canonical form of JSON to verify it.
 */
export interface Envelope {
  readonly payloadType: string;
  /** Standard base64 of the payload's bytes. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u, 'must be standard base64');
// Other fields are allowed and ignored, as the specification asks of every reader.
const envelopeSchema = z.object({
  payloadType: z.string().min(1),
  payload: base64,
  signatures: z.array(z.object({ keyid: z.string(), sig: base64 })).min(1),
});

/** The bytes that are signed: `DSSEv1 LEN(type) type LEN(body) body`, lengths in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.byteLength} `), type, Buffer.from(` ${payload.byteLength} `), payload]);
}

/** Signs a payload with an Ed25519 key (RFC 8032; deterministic: same payload, same envelope). */
export function signEnvelope(payloadType: string, payload: string | Uint8Array, privateKey: KeyObject): Envelope {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
  const sig = sign(null, preAuthEncoding(payloadType, body), privateKey).toString('base64');
  return { payloadType, payload: Buffer.from(body).toString('base64'), signatures: [{ keyid: keyIdOf(publicKeyText(privateKey)), sig }] };
}

/**
 * The payload, if one of `publicKeys` (SPKI, base64) signed the envelope; undefined otherwise.
 * The key id only chooses which key to try: what counts is the signature.
 */
export function openEnvelope(envelope: Envelope, payloadType: string, publicKeys: readonly string[]): { payload: Buffer; publicKey: string } | undefined {
  if (envelope.payloadType !== payloadType) return undefined;
  const payload = Buffer.from(envelope.payload, 'base64');
  const signed = preAuthEncoding(payloadType, payload);
  for (const publicKey of publicKeys) {
    const keyid = keyIdOf(publicKey);
    for (const signature of envelope.signatures) {
      if (signature.keyid !== '' && signature.keyid !== keyid) continue;
      if (verify(null, signed, parsePublicKey(publicKey), Buffer.from(signature.sig, 'base64'))) return { payload, publicKey };
    }
  }
  return undefined;
}

/** Reads an envelope; undefined when the text is not one. Nothing in it may be believed before {@link openEnvelope}. */
export function parseEnvelope(text: string): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = envelopeSchema.safeParse(value);
  return result.success ? result.data : undefined;
}

/** The envelope as it is written to a file: canonical JSON, two spaces, final line break. */
export function formatEnvelope(envelope: Envelope): string {
  return `${canonicalJson(envelope, 2)}\n`;
}

/** SHA-256 of the key's SPKI (DER) in hex: the `keyid` of its signatures. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
}

/** SPKI (DER) in base64 of a key's public half: the form `publicKey:` has in vcloud.yaml. */
export function publicKeyText(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).toString('base64');
}

/**
 * An Ed25519 public key from its SPKI (DER) in base64.
 * @throws ProblemError CORE-KEY
 */
export function parsePublicKey(text: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'spki' });
  } catch {
    // Reported below: the library's own message names ASN.1, which helps nobody.
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    fail('CORE-KEY', `"${text.slice(0, 20)}..." is not an Ed25519 public key`, { hint: 'use the base64 text `vcloud bundle keygen` prints' });
  }
  return key;
}

const privateKeyFile = 'signing.pem';
const publicKeyFile = 'signing.pub';

/** The member's signing key, or undefined before `vcloud bundle keygen`. */
export function readSigningKey(root: string): KeyObject | undefined {
  const text = readTextIfPresent(path.join(root, '.vcloud', 'keys', privateKeyFile));
  if (text === undefined) return undefined;
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(text);
  } catch {
    // Reported below, without the library's message: it may quote what it could not read.
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    fail('CORE-KEY', 'the signing key cannot be read', { file: `.vcloud/keys/${privateKeyFile}`, hint: 'it must be an Ed25519 private key, PKCS #8 in PEM' });
  }
  return key;
}

/**
 * The member's signing key; made on first use. The private half stays in `.vcloud/keys/` (0700, file 0600)
 * and is never part of any other file.
 */
export function ensureSigningKey(root: string): { privateKey: KeyObject; publicKey: string; created: boolean } {
  const present = readSigningKey(root);
  if (present) return { privateKey: present, publicKey: publicKeyText(present), created: false };
  const folder = privateFolder(root, 'keys');
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicKeyText(privateKey);
  writeFileAtomic(path.join(folder, privateKeyFile), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileAtomic(path.join(folder, publicKeyFile), `${publicKey}\n`);
  return { privateKey, publicKey, created: true };
}

/** The public half as the member publishes it, or undefined before it has a key. */
export function readPublicKey(root: string): string | undefined {
  return readTextIfPresent(path.join(root, '.vcloud', 'keys', publicKeyFile))?.trim();
}
