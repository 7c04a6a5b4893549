import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson, formatEnvelope, publicKeyText, signEnvelope } from '../../modules/core/index.ts';
import { extractPayloadType, readExtract, receiveExtract, type Member } from '../../modules/federation/index.ts';
import { createExtract, deliverExtract } from '../../modules/inventory/index.ts';
import { allocation, asOf, centre, codesOf, plan, temporaryFolder } from './support.ts';

async function setting(): Promise<{ root: string; member: Member; memberRoot: string; options: Parameters<typeof createExtract>[2] }> {
  const { root, federation, addresses } = await centre();
  const member = federation.settings.members.find(({ id }) => id === 'moh');
  if (!member) throw new Error('no member');
  return { root, member, memberRoot: temporaryFolder(), options: { settings: federation.settings, addresses, asOf } };
}

const extractFile = (root: string): string => path.join(root, '.vcloud/extract.json');

describe('member extracts', () => {
  it('hands a member its blocks, AS numbers and parent zone', async () => {
    const { root, member, memberRoot, options } = await setting();
    expect(readExtract(memberRoot)).toBeUndefined();
    expect(deliverExtract(root, memberRoot, member, options)).toBe(true);
    expect(readExtract(memberRoot, { asOf, member: 'moh' })).toMatchObject({
      member: 'moh',
      sequence: 1,
      created: asOf,
      expires: '2026-03-31',
      blocks: [
        { key: 'agency/moh', family: 'v4', prefix: '10.8.0.0/16', pool: 'gov-v4', domain: 'tslcd' },
        { key: 'agency/moh', family: 'v6', prefix: '3fff:8::/32', pool: 'gov-v6', domain: 'tslcd' },
      ],
      asns: [{ key: 'agency/moh', asn: 4200000008 }],
      parentZone: 'gov.vn.',
      hubs: [],
    });
  });

  it('is the same, byte for byte, until something in it changes or half its time is over', async () => {
    const { root, member, memberRoot, options } = await setting();
    deliverExtract(root, memberRoot, member, options);
    const first = fs.readFileSync(extractFile(memberRoot));
    expect(deliverExtract(root, memberRoot, member, { ...options, asOf: '2026-03-10' })).toBe(false);
    expect(fs.readFileSync(extractFile(memberRoot))).toEqual(first);
    expect(deliverExtract(root, memberRoot, member, { ...options, asOf: '2026-03-20' })).toBe(true);
    expect(readExtract(memberRoot)).toMatchObject({ sequence: 2, expires: '2026-04-19' });
    const addresses = plan([allocation('agency/moh', { v4: '10.8.0.0/16' })]);
    expect(deliverExtract(root, memberRoot, member, { ...options, asOf: '2026-03-20', addresses })).toBe(true);
    expect(readExtract(memberRoot)).toMatchObject({ sequence: 3, blocks: [{ prefix: '10.8.0.0/16' }] });
  });

  it('fails where the plan has no block for a key of the scope', async () => {
    const { root, member, options } = await setting();
    expect(codesOf(() => createExtract(root, member, { ...options, addresses: plan([]) }))).toEqual(['INV-EXTRACT-KEY']);
  });

  it('refuses an older one, an expired one, one for somebody else, and keeps what it had', async () => {
    const { root, member, memberRoot, options } = await setting();
    const first = createExtract(root, member, options).envelope;
    deliverExtract(root, memberRoot, member, { ...options, asOf: '2026-03-20' });
    const held = fs.readFileSync(extractFile(memberRoot));
    expect(codesOf(() => receiveExtract(memberRoot, first))).toEqual(['FED-EXTRACT-REPLAY']);
    expect(fs.readFileSync(extractFile(memberRoot))).toEqual(held);
    expect(codesOf(() => readExtract(memberRoot, { asOf: '2026-04-19' }))).toEqual(['FED-EXTRACT-EXPIRED']);
    expect(codesOf(() => readExtract(memberRoot, { asOf: '2026-04-18' }))).toEqual([]);
    expect(codesOf(() => readExtract(memberRoot, { member: 'moj' }))).toEqual(['FED-EXTRACT-MEMBER']);
    // Put there by hand, past `receiveExtract`.
    fs.writeFileSync(extractFile(memberRoot), formatEnvelope(first));
    expect(codesOf(() => readExtract(memberRoot))).toEqual(['FED-EXTRACT-REPLAY']);
  });

  it("keeps the centre's first key and refuses any other", async () => {
    const { root, member, memberRoot, options } = await setting();
    deliverExtract(root, memberRoot, member, options);
    const { extract } = createExtract(root, member, options);
    const other = generateKeyPairSync('ed25519').privateKey;
    const forged = { ...extract, sequence: 9, blocks: [{ key: 'agency/moh', family: 'v4', prefix: '10.0.0.0/8', pool: 'gov-v4', domain: 'tslcd' }] };
    const sign = (value: unknown): ReturnType<typeof signEnvelope> => signEnvelope(extractPayloadType, canonicalJson(value), other);
    expect(codesOf(() => receiveExtract(memberRoot, sign(forged)))).toEqual(['FED-EXTRACT-SIGNATURE']);
    expect(codesOf(() => receiveExtract(memberRoot, sign({ ...forged, centreKey: publicKeyText(other) })))).toEqual(['FED-EXTRACT-KEY']);
    expect(readExtract(memberRoot)?.sequence).toBe(1);
    // Without a known key the first one counts, if it signed what it names itself in.
    expect(codesOf(() => receiveExtract(temporaryFolder(), sign(forged)))).toEqual(['FED-EXTRACT-SIGNATURE']);
    expect(codesOf(() => receiveExtract(temporaryFolder(), sign({ ...forged, centreKey: publicKeyText(other) })))).toEqual([]);
  });

  it('says what it cannot read', async () => {
    const { memberRoot } = await setting();
    fs.mkdirSync(path.dirname(extractFile(memberRoot)));
    for (const text of ['', '{}', 'x', canonicalJson(signEnvelope(extractPayloadType, '{}', generateKeyPairSync('ed25519').privateKey))]) {
      fs.writeFileSync(extractFile(memberRoot), text);
      expect(codesOf(() => readExtract(memberRoot))).toEqual(['FED-EXTRACT-FORMAT']);
    }
  });
});
