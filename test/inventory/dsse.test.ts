import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { preAuthEncoding as reference } from '@sigstore/core/dist/dsse.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ensureSigningKey,
  formatEnvelope,
  keyIdOf,
  openEnvelope,
  parseEnvelope,
  parsePublicKey,
  preAuthEncoding,
  publicKeyText,
  readPublicKey,
  readSigningKey,
  signEnvelope,
} from '../../modules/core/index.ts';
import { codesOf, temporaryFolder } from './support.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = publicKeyText(privateKey);
const type = 'application/vnd.test+json';

describe('DSSE envelopes', () => {
  it("encodes as the specification's own example", () => {
    expect(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  it('encodes as sigstore does', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/+.]{1,40}$/u), fc.uint8Array({ maxLength: 200 }), (payloadType, payload) => {
        expect(preAuthEncoding(payloadType, payload)).toEqual(Buffer.from(reference(payloadType, Buffer.from(payload))));
      }),
    );
  });

  it('encodes so that type and payload can be told apart by their lengths in bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 200 }), (payloadType, payload) => {
        let rest = preAuthEncoding(payloadType, payload);
        const next = (end: number): string => {
          const part = rest.subarray(0, end).toString();
          rest = rest.subarray(end + 1);
          return part;
        };
        expect(next(6)).toBe('DSSEv1');
        expect(next(Number(next(rest.indexOf(32))))).toBe(Buffer.from(payloadType).toString());
        expect(next(rest.indexOf(32))).toBe(String(payload.byteLength));
        expect(rest).toEqual(Buffer.from(payload));
      }),
    );
  });

  it('counts bytes, not characters', () => {
    expect(preAuthEncoding('đ', Buffer.from('ế')).toString()).toBe('DSSEv1 2 đ 3 ế');
  });

  it('opens what was signed, and only that', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (text, position) => {
        const envelope = signEnvelope(type, text, privateKey);
        expect(openEnvelope(parseEnvelope(formatEnvelope(envelope)) ?? envelope, type, [publicKey])?.payload.toString()).toBe(Buffer.from(text).toString());
        const bytes = Buffer.from(`${text}.`);
        const index = position % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ 1;
        expect(openEnvelope({ ...envelope, payload: bytes.toString('base64') }, type, [publicKey])).toBeUndefined();
      }),
    );
  });

  it('refuses another type, another key, and a key id that lies', () => {
    const envelope = signEnvelope(type, 'x', privateKey);
    const other = publicKeyText(generateKeyPairSync('ed25519').privateKey);
    expect(openEnvelope(envelope, 'application/other', [publicKey])).toBeUndefined();
    expect(openEnvelope({ ...envelope, payloadType: 'application/other' }, 'application/other', [publicKey])).toBeUndefined();
    expect(openEnvelope(envelope, type, [other])).toBeUndefined();
    const relabelled = { ...envelope, signatures: [{ keyid: keyIdOf(other), sig: envelope.signatures[0]?.sig ?? '' }] };
    expect(openEnvelope(relabelled, type, [other, publicKey])).toBeUndefined();
    expect(openEnvelope(envelope, type, [other, publicKey])?.publicKey).toBe(publicKey);
  });

  it('reads nothing that is no envelope', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseEnvelope(text)).toBeUndefined();
      }),
    );
  });

  it('accepts Ed25519 public keys only', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    for (const text of ['', 'not a key', 'AAAA', rsa]) expect(codesOf(() => parsePublicKey(text))).toEqual(['CORE-KEY']);
    expect(publicKeyText(parsePublicKey(publicKey))).toBe(publicKey);
  });
});

describe('signing keys', () => {
  it('makes the key once, readable by its owner alone', () => {
    const root = temporaryFolder();
    expect(readSigningKey(root)).toBeUndefined();
    const first = ensureSigningKey(root);
    const again = ensureSigningKey(root);
    expect([first.created, again.created, again.publicKey]).toEqual([true, false, first.publicKey]);
    expect(readPublicKey(root)).toBe(first.publicKey);
    const mode = (name: string): number => fs.statSync(path.join(root, name)).mode & 0o777;
    expect([mode('.vcloud'), mode('.vcloud/keys'), mode('.vcloud/keys/signing.pem')]).toEqual([0o700, 0o700, 0o600]);
    expect(fs.readFileSync(path.join(root, '.vcloud/keys/signing.pem'), 'utf8')).toMatch(/^-----BEGIN [P]RIVATE KEY-----\n/u);
  });

  it('says so when the key is broken, without quoting it', () => {
    const root = temporaryFolder();
    ensureSigningKey(root);
    fs.writeFileSync(path.join(root, '.vcloud/keys/signing.pem'), ['-----BEGIN', 'PRIVATE', 'KEY-----\nsecretbytes\n'].join(' '));
    expect(codesOf(() => readSigningKey(root))).toEqual(['CORE-KEY']);
    expect(() => readSigningKey(root)).not.toThrow(/secretbytes/u);
  });
});
