import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProblemError } from '../../../modules/core/index.ts';
import { canonicalJson, formatEnvelope, publicKeyText, signEnvelope, type Envelope } from '../../../modules/core/index.ts';
import { extractPayloadType, readExtract, receiveExtract, verifyExtract, type MemberExtract } from '../../../modules/federation/index.ts';
import { createBundle, parseFacts, readExtractFile, verifyBundle, writeExtractFile, type InventoryRecord } from '../../../modules/inventory/index.ts';
import { WithheldBlocks } from '../../../modules/inventory/bundle/detail.ts';
import { federationFolder } from '../folder.ts';

const asOf = '2026-11-22';
const keys = generateKeyPairSync('ed25519');

const extract = (sequence: number, rest: Partial<MemberExtract> = {}): MemberExtract => ({
  apiVersion: 'vcloud/v1',
  kind: 'MemberExtract',
  member: 'moh',
  sequence,
  created: asOf,
  expires: '2026-12-22',
  blocks: [{ key: 'agency/moh', family: 'v4', prefix: '10.8.0.0/16', pool: 'gov-v4', domain: 'd' }],
  asns: [],
  hubs: [],
  centreKey: publicKeyText(keys.privateKey),
  ...rest,
});
const signed = (value: unknown): Envelope => signEnvelope(extractPayloadType, canonicalJson(value), keys.privateKey);
const codes = (work: () => unknown): string[] => {
  try {
    work();
    return [];
  } catch (error) {
    return (error as ProblemError).problems.map(({ code }) => code);
  }
};

const proposal = { id: 'r', kind: 'revoke' as const, key: 'agency/moh', by: '2027-01-01', reason: 'merged' };
const delegations = (...proposals: (typeof proposal | (Omit<typeof proposal, 'kind'> & { kind: 'resize'; to: number; family: 'v4' }))[]) => [
  { keys: ['agency/moh'], conditions: {}, detail: 'utilisation' as const, proposals, declared: 'network-plans/m.yaml:3:5' },
];

describe('an extract as a file', () => {
  it('carries the policies beside the envelope and is still one', () => {
    const root = federationFolder({});
    const file = path.join(root, 'x.json');
    const policies = new Map([['rules.yaml', 'a\n']]);
    writeExtractFile(file, signed(extract(1)), policies);
    const read = readExtractFile(file);
    expect(read.policies).toEqual(policies);
    expect(verifyExtract(fs.readFileSync(file, 'utf8'), publicKeyText(keys.privateKey)).extract.sequence).toBe(1);
    // Policies nobody signed are refused with the extract.
    expect(codes(() => receiveExtract(root, read.envelope, { policies }))).toEqual(['FED-EXTRACT-POLICIES']);
    expect(readExtract(root)).toBeUndefined();
  });

  it.each([
    '',
    '{}',
    '[]',
    '{"payload":1}',
    `${formatEnvelope(signed(extract(1)))
      .trimEnd()
      .slice(0, -1)},"policies":{"a":1}}`,
  ])('%# is none', (text) => {
    const root = federationFolder({ 'x.json': text });
    expect(codes(() => readExtractFile(path.join(root, 'x.json')))).toEqual(['FED-EXTRACT-FORMAT']);
  });

  it('without delegations reads as before, and keeps the wording of each proposal', () => {
    const root = federationFolder({});
    receiveExtract(root, signed(extract(1)));
    expect(readExtract(root)?.delegations).toBeUndefined();
    receiveExtract(root, signed(extract(2, { delegations: delegations(proposal) })));
    receiveExtract(root, signed(extract(3, { delegations: delegations({ ...proposal, by: '2027-06-01', reason: 'later' }) })));
    const other = extract(4, { delegations: delegations({ ...proposal, kind: 'resize', to: 17, family: 'v4' }) });
    expect(codes(() => receiveExtract(root, signed(other)))).toEqual(['FED-EXTRACT-PROPOSAL']);
    expect(readExtract(root)?.sequence).toBe(3);
  });

  it('takes the key given for the first and no other afterwards', () => {
    const other = publicKeyText(generateKeyPairSync('ed25519').privateKey);
    const root = federationFolder({});
    expect(codes(() => receiveExtract(root, signed(extract(1)), { centreKey: other }))).toEqual(['FED-EXTRACT-KEY']);
    expect(fs.existsSync(path.join(root, '.vcloud'))).toBe(false);
    receiveExtract(root, signed(extract(1)), { centreKey: publicKeyText(keys.privateKey) });
    expect(codes(() => receiveExtract(root, signed(extract(2)), { centreKey: other }))).toEqual(['FED-EXTRACT-KEY']);
  });
});

describe('what a bundle shows of delegated blocks', () => {
  const record = (kind: string, id: string, attributes: InventoryRecord['attributes'], relations: InventoryRecord['relations'] = []): InventoryRecord => ({
    urn: `urn:vcloud:moh:${kind}:${id}`,
    kind,
    layer: 'declared',
    member: 'moh',
    owner: 'moh',
    owners: ['moh'],
    names: { vi: id, en: id },
    observed: asOf,
    relations,
    attributes,
  });
  const bundle = (records: readonly InventoryRecord[], withheld: readonly string[]) => {
    const root = federationFolder({});
    const created = createBundle(root, {
      member: 'moh',
      asOf,
      expiresAfterDays: 30,
      records,
      prefixes: ['10.8.0.0/16'],
      delegation: {
        utilisation: [{ key: 'agency/moh', family: 'v4', prefix: '10.8.0.0/16', delegated: 0.5, used: 0.25, largestFree: 17 }],
        answers: [],
        withheld,
      },
    });
    const folder = path.join(root, created.folder);
    const verified = verifyBundle(folder, 'x', [created.publicKey], asOf);
    return {
      facts: parseFacts(verified, 'x'),
      text: fs
        .readdirSync(folder)
        .map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
        .join('\n'),
    };
  };
  const records = [
    record('prefix', 'site/a/v4', { prefix: '10.8.4.0/24', domain: 'd' }),
    record('prefix', 'other/v4', { prefix: '192.0.2.0/24', domain: 'd' }),
    record('zone', '4.8.10.in-addr.arpa', { name: '4.8.10.in-addr.arpa.' }),
    record('zone', '8.10.in-addr.arpa', { name: '8.10.in-addr.arpa.' }),
    record('tunnel', 't', { addresses: [{ from: '10.8.4.1', to: '192.0.2.1' }], note: 'from 10.8.4.0-10.8.4.9.' }, [
      { type: 'partOf', to: 'urn:vcloud:moh:prefix:site/a/v4' },
    ]),
  ];

  it('is everything where both agree', () => {
    const { facts, text } = bundle(records, []);
    expect(facts.records).toHaveLength(5);
    expect(text).toContain('10.8.4.1');
  });

  it('is how full they are otherwise: no prefix, address, name or relation of anything inside', () => {
    const { facts, text } = bundle(records, ['10.8.0.0/16']);
    expect(facts.records.map(({ urn }) => urn).sort()).toEqual([
      'urn:vcloud:moh:prefix:other/v4',
      'urn:vcloud:moh:tunnel:t',
      'urn:vcloud:moh:zone:8.10.in-addr.arpa',
    ]);
    expect(facts.records.find(({ kind }) => kind === 'tunnel')).toMatchObject({
      attributes: { addresses: [{ from: '10.8.0.0/16', to: '192.0.2.1' }], note: 'from 10.8.0.0/16-10.8.0.0/16.' },
      relations: [],
    });
    expect(facts.utilisation).toMatchObject([{ used: 0.25 }]);
    expect(text).not.toMatch(/10\.8\.4|4\.8\.10/u);
  });

  it('is refused, with nothing written, where a place is left that tells', () => {
    const root = federationFolder({});
    const hidden = record('site', '10.8.4.1', {});
    const options = { member: 'moh', asOf, expiresAfterDays: 30, records: [hidden], delegation: { utilisation: [], answers: [], withheld: ['10.8.0.0/16'] } };
    expect(codes(() => createBundle(root, options))).toEqual(['BUNDLE-DETAIL']);
    expect(fs.existsSync(path.join(root, 'out'))).toBe(false);
  });

  it.each([
    ['10.8.4.1', true],
    ['see 10.8.4.1.', true],
    ['10.8.4.0/24,', true],
    ['10.8.0.0/16', false],
    ['10.9.0.1', false],
    ['1.10.8.4.1', false],
    ['[3fff:8:1::1]:443', true],
    ['3FFF:8::/48', true],
    ['3fff:8::/32', false],
    ['12:30:45', false],
    ['02:00:00:aa:bb:cc', false],
    ['1.0.8.f.f.f.3.ip6.arpa', false],
    ['1.0.0.0.8.0.0.0.f.f.f.3.ip6.arpa.', true],
    ['8.0.0.0.f.f.f.3.ip6.arpa', false],
  ])('%s tells of something inside: %s', (text, tells) => {
    expect(new WithheldBlocks(['10.8.0.0/16', '3fff:8::/32']).leak(text) !== undefined).toBe(tells);
  });
});
