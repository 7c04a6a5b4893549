import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalJson,
  ensureSigningKey,
  formatEnvelope,
  openEnvelope,
  parseEnvelope,
  publicKeyText,
  readPublicKey,
  sha256,
  signEnvelope,
} from '../../modules/core/index.ts';
import type { Federation } from '../../modules/federation/index.ts';
import {
  bundlePayloadType,
  collectRecords,
  createBundle,
  ingestBundle,
  openInventory,
  readAttachment,
  readRegistry,
  receiptPayloadType,
  searchInventory,
  submit,
  type CreateBundleOptions,
  type IngestOptions,
  type InventoryRecord,
  type Manifest,
} from '../../modules/inventory/index.ts';
import type { AddressPlan } from '../../modules/network/types.ts';
import type { ZoneSet } from '../../modules/dns/types.ts';
import { asOf, centre, codesOf, inventoryState, ministry, temporaryFolder } from './support.ts';

interface World {
  readonly root: string;
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly memberRoot: string;
  readonly records: readonly InventoryRecord[];
}
let world: World;

beforeEach(async () => {
  const hub = await centre();
  const member = await ministry();
  const store = openInventory(hub.root, { create: true });
  submit(store, { member: 'centre', observed: asOf, records: collectRecords({ federation: hub.federation, addresses: hub.addresses }) });
  store.close();
  world = { ...hub, memberRoot: member.root, records: collectRecords({ federation: member.federation, addresses: member.addresses }) };
});

const zones = (...names: string[]): ZoneSet => ({
  zones: names.map((name) => ({
    name,
    kind: name.endsWith('arpa.') ? ('reverse' as const) : ('forward' as const),
    owner: 'moh',
    records: [
      { name, type: 'NS', ttl: 3600, data: [`ns1.${name}`, 'ns.example.'] },
      { name: `ns1.${name}`, type: 'A', ttl: 3600, data: ['10.8.4.5'] },
      { name: `www.${name}`, type: 'A', ttl: 3600, data: ['10.8.4.6'] },
    ],
  })),
  files: new Map(),
});

function create(options: Partial<CreateBundleOptions> = {}): ReturnType<typeof createBundle> {
  return createBundle(world.memberRoot, { member: 'moh', asOf, expiresAfterDays: 30, records: world.records, ...options });
}

/** Hands the member's bundle over, as a folder, and takes it in. */
function ingest(options: Partial<IngestOptions> = {}, change?: (folder: string) => void): ReturnType<typeof ingestBundle> {
  const inbox = path.join(temporaryFolder(), 'moh');
  fs.cpSync(path.join(world.memberRoot, 'out/bundles/moh'), inbox, { recursive: true });
  change?.(inbox);
  return ingestBundle(world.root, { federation: world.federation, addresses: world.addresses, asOf, folder: inbox, ...options });
}

/** The codes of a refusal, after proving that nothing of it reached inventory or registry. */
function refused(work: () => unknown): string[] {
  const before = inventoryState(world.root);
  const registry = readRegistry(world.root);
  const codes = codesOf(work);
  expect(codes).not.toEqual([]);
  expect(inventoryState(world.root)).toEqual(before);
  expect(readRegistry(world.root)).toEqual(registry);
  return codes;
}

/** Rewrites and signs the manifest with the member's own key: what a member of bad will could send. */
function resign(folder: string, change: (manifest: Manifest) => Manifest, key = ensureSigningKey(world.memberRoot).privateKey): void {
  const file = path.join(folder, 'bundle.json');
  const { payload } = JSON.parse(fs.readFileSync(file, 'utf8')) as { payload: string };
  const manifest = JSON.parse(Buffer.from(payload, 'base64').toString()) as Manifest;
  fs.writeFileSync(file, formatEnvelope(signEnvelope(bundlePayloadType, canonicalJson(change(manifest)), key)));
}

/** Replaces records by what a member of bad will would claim, with digests and signature that fit. */
function claim(change: (records: InventoryRecord[]) => unknown[]): (folder: string) => void {
  return (folder) => {
    const file = path.join(folder, 'records.ndjson');
    const lines = change(
      fs
        .readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as InventoryRecord),
    ).map((value) => `${canonicalJson(value)}\n`);
    fs.writeFileSync(file, lines.join(''));
    resign(folder, (manifest) => ({
      ...manifest,
      attachments: manifest.attachments.map((item) =>
        item.name === 'records.ndjson' ? { ...item, sha256: sha256(lines.join('')), records: lines.length } : item,
      ),
    }));
  };
}

const mine = (parts: Partial<InventoryRecord> & { id: string; kind: string }): InventoryRecord => {
  const { id, ...rest } = parts;
  return {
    urn: `urn:vcloud:moh:${parts.kind}:${id}`,
    layer: 'declared',
    member: 'moh',
    owner: 'moh',
    owners: ['moh', 'viet-nam'],
    names: { vi: id, en: id },
    observed: asOf,
    relations: [],
    attributes: {},
    ...rest,
  };
};

describe('bundles that are accepted', () => {
  it('take a member in: records, other facts, key, receipt', () => {
    create({ zones: zones('moh.gov.vn.', '8.10.in-addr.arpa.') });
    const result = ingest();
    expect(result).toMatchObject({ member: 'moh', sequence: 1, added: world.records.length, taken: true, enrolled: true });
    const store = openInventory(world.root);
    expect(searchInventory(store, 'bo y te').records[0]?.urn).toBe('urn:vcloud:moh:organisation:moh');
    expect(readAttachment(store, 'moh', 'zones')[1]).toEqual({
      name: 'moh.gov.vn.',
      direction: 'forward',
      owner: 'moh',
      nameServers: ['ns1.moh.gov.vn.', 'ns.example.'],
      glue: [{ name: 'ns1.moh.gov.vn.', type: 'A', data: ['10.8.4.5'] }],
    });
    store.close();
    const memberKey = readPublicKey(world.memberRoot);
    expect(readRegistry(world.root).members['moh']?.publicKey).toBe(memberKey);
    const envelope = parseEnvelope(fs.readFileSync(path.join(world.root, result.receipt ?? ''), 'utf8'));
    const opened = envelope && openEnvelope(envelope, receiptPayloadType, [readPublicKey(world.root) ?? '']);
    expect(JSON.parse(opened?.payload.toString() ?? '{}')).toMatchObject({ kind: 'Receipt', member: 'moh', sequence: 1, digest: result.digest });
  });

  it('are not made again when they would say the same, and follow each other when they differ', () => {
    const first = create();
    expect(create()).toMatchObject({ changed: false, digest: first.digest });
    ingest();
    expect(ingest({ repeated: 'skip' })).toMatchObject({ taken: false, sequence: 1 });
    const second = create({ records: world.records.slice(1) });
    expect(second.manifest).toMatchObject({ sequence: 2, previous: first.digest });
    expect(ingest()).toMatchObject({ sequence: 2, removed: 1, enrolled: false });
  });

  it('are the same bytes for the same facts and key', () => {
    create();
    const read = (): Buffer => fs.readFileSync(path.join(world.memberRoot, 'out/bundles/moh/bundle.json'));
    const first = read();
    fs.rmSync(path.join(world.memberRoot, 'out'), { recursive: true });
    fs.rmSync(path.join(world.memberRoot, '.vcloud/bundle.json'));
    create({ records: [...world.records].reverse() });
    expect(read()).toEqual(first);
  });

  it('rebuild a lost inventory, but not from older bundles', () => {
    create();
    const old = path.join(temporaryFolder(), 'moh');
    fs.cpSync(path.join(world.memberRoot, 'out/bundles/moh'), old, { recursive: true });
    ingest();
    create({ records: world.records.slice(1) });
    ingest();
    fs.rmSync(path.join(world.root, '.vcloud/inventory.sqlite'));
    openInventory(world.root, { create: true }).close();
    expect(refused(() => ingest({ folder: old }))).toEqual(['BUNDLE-REPLAY']);
    expect(ingest()).toMatchObject({ taken: true, sequence: 2, added: world.records.length - 1 });
  });
});

describe('bundles that are refused leave the inventory as it was', () => {
  beforeEach(() => {
    create();
    ingest();
  });
  let news = 0;
  /** The next bundle: with something new in it, or it would not be made. */
  const next = (options: Partial<CreateBundleOptions> = {}): void => {
    create({ asOf: '2026-03-02', records: [...world.records, mine({ kind: 'system', id: `new-${++news}` })], ...options });
  };

  it('forged: signed by another key', () => {
    next();
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(refused(() => ingest({}, (folder) => resign(folder, (manifest) => manifest, privateKey)))).toEqual(['BUNDLE-SIGNATURE']);
    const named = (manifest: Manifest): Manifest => ({ ...manifest, publicKey: publicKeyText(privateKey) });
    expect(refused(() => ingest({}, (folder) => resign(folder, named, privateKey)))).toEqual(['BUNDLE-SIGNATURE']);
    expect(refused(() => ingest({}, (folder) => resign(folder, named)))).toEqual(['BUNDLE-SIGNATURE']);
  });

  it('forged: a byte of the envelope changed', () => {
    next();
    const spoil = (folder: string): void => {
      const file = path.join(folder, 'bundle.json');
      const envelope = JSON.parse(fs.readFileSync(file, 'utf8')) as { payload: string };
      const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"sequence":2', '"sequence":3');
      fs.writeFileSync(file, canonicalJson({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
    };
    expect(refused(() => ingest({}, spoil))).toEqual(['BUNDLE-SIGNATURE']);
  });

  it('tampered: an attached file changed, cut or missing', () => {
    next();
    const file = (folder: string): string => path.join(folder, 'records.ndjson');
    expect(refused(() => ingest({}, (folder) => fs.appendFileSync(file(folder), '{}\n')))).toEqual(['BUNDLE-TAMPERED']);
    expect(refused(() => ingest({}, (folder) => fs.truncateSync(file(folder), 10)))).toEqual(['BUNDLE-TAMPERED']);
    expect(refused(() => ingest({}, (folder) => fs.rmSync(file(folder))))).toEqual(['BUNDLE-TAMPERED']);
  });

  it('replayed: the same again, or an older one', () => {
    expect(refused(() => ingest())).toEqual(['BUNDLE-REPLAY']);
    const old = path.join(temporaryFolder(), 'moh');
    fs.cpSync(path.join(world.memberRoot, 'out/bundles/moh'), old, { recursive: true });
    next();
    ingest();
    expect(refused(() => ingest({ folder: old }))).toEqual(['BUNDLE-REPLAY']);
    expect(refused(() => ingest({ folder: old, repeated: 'skip' }))).toEqual(['BUNDLE-REPLAY']);
  });

  it('expired, by the date it is taken in on', () => {
    next();
    expect(refused(() => ingest({ asOf: '2026-04-01' }))).toEqual(['BUNDLE-EXPIRED']);
    expect(ingest({ asOf: '2026-03-31' })).toMatchObject({ sequence: 2 });
  });

  it('broken chain: a gap, another predecessor, two bundles with one number', () => {
    next();
    expect(refused(() => ingest({}, (folder) => resign(folder, (manifest) => ({ ...manifest, previous: sha256('other') }))))).toEqual(['BUNDLE-CHAIN']);
    expect(refused(() => ingest({}, (folder) => resign(folder, (manifest) => ({ ...manifest, sequence: 1 }))))).toEqual(['BUNDLE-CHAIN']);
    next();
    expect(refused(() => ingest())).toEqual(['BUNDLE-CHAIN']);
    expect(ingest({ allowGap: true })).toMatchObject({ sequence: 3 });
  });

  it('from nobody: a member that is not listed', () => {
    next();
    expect(refused(() => ingest({}, (folder) => resign(folder, (manifest) => ({ ...manifest, member: 'moit' }))))).toEqual(['BUNDLE-MEMBER']);
  });

  it('in the name of another member: the other key is what counts', () => {
    next();
    // `moj` has a key of its own on record; the ministry of health cannot speak as it.
    const other = ensureSigningKey(temporaryFolder()).publicKey;
    const members = world.federation.settings.members.map((member) => (member.id === 'moj' ? { ...member, publicKey: other } : member));
    const federation = { ...world.federation, settings: { ...world.federation.settings, members } };
    expect(refused(() => ingest({ federation }, (folder) => resign(folder, (manifest) => ({ ...manifest, member: 'moj' }))))).toEqual(['BUNDLE-SIGNATURE']);
  });

  it("another's prefix: outside the blocks, in another domain, wider than the block, or no prefix", () => {
    next();
    const claims: InventoryRecord['attributes'][] = [
      { prefix: '10.9.0.0/24', domain: 'tslcd' },
      { prefix: '3fff:9::/48', domain: 'tslcd' },
      { prefix: '10.8.0.0/24', domain: 'other' },
      { prefix: '10.0.0.0/8', domain: 'tslcd' },
      { prefix: '10.8.0.1/16', domain: 'tslcd' },
      { prefix: 'nonsense' },
      {},
    ];
    for (const attributes of claims) {
      const change = claim((records) => [...records, mine({ kind: 'prefix', id: 'stolen/v4', attributes })]);
      expect(refused(() => ingest({}, change))).toEqual(['BUNDLE-SCOPE-PREFIX']);
    }
    next({ prefixes: ['10.9.0.0/16'] });
    expect(refused(() => ingest({ allowGap: true }))).toEqual(['BUNDLE-SCOPE-PREFIX']);
  });

  it("another's zone: forward or reverse, as a record, a delegation or in the manifest", () => {
    for (const name of ['moj.gov.vn.', 'gov.vn.', 'fakemoh.gov.vn.', '9.10.in-addr.arpa.', '10.in-addr.arpa.', '9.0.0.0.f.f.f.3.ip6.arpa.', 'com.']) {
      next({ zones: zones(name) });
      expect(refused(() => ingest({ allowGap: true }))).toEqual(['BUNDLE-SCOPE-ZONE']);
    }
    next();
    const change = claim((records) => [...records, mine({ kind: 'zone', id: 'moj.gov.vn', attributes: { name: 'moj.gov.vn.' } })]);
    expect(refused(() => ingest({ allowGap: true }, change))).toEqual(['BUNDLE-SCOPE-ZONE']);
    const unnamed = claim((records) => [...records, mine({ kind: 'zone', id: 'moj.gov.vn' })]);
    expect(refused(() => ingest({ allowGap: true }, unnamed))).toEqual(['BUNDLE-SCOPE-ZONE']);
  });

  it('its own zones pass: below its names and in its blocks', () => {
    next({
      zones: zones('moh.gov.vn.', 'dc.moh.gov.vn.', '8.10.in-addr.arpa.', '4.8.10.in-addr.arpa.', '0-26.4.8.10.in-addr.arpa.', '8.0.0.0.f.f.f.3.ip6.arpa.'),
    });
    expect(ingest()).toMatchObject({ sequence: 2 });
  });

  it("another's organisation: the centre's, another member's, an unknown one, or by a claimed chain", () => {
    next();
    const steal: ((records: InventoryRecord[]) => unknown[])[] = [
      (records) => [...records, mine({ kind: 'system', id: 's', owner: 'da-nang', owners: ['da-nang', 'viet-nam'] })],
      (records) => [...records, mine({ kind: 'system', id: 's', owner: 'moj', owners: ['moj'] })],
      (records) => [...records, mine({ kind: 'system', id: 's', owner: 'nobody', owners: ['nobody', 'moh'] })],
      // Declared as a child of its own, so that the chain of parents ends in its scope.
      (records) => [
        ...records,
        mine({ kind: 'organisation', id: 'ha-noi', owner: 'ha-noi', owners: ['ha-noi', 'moh', 'viet-nam'], attributes: { parent: 'moh' } }),
      ],
      (records) => [...records, mine({ kind: 'organisation', id: 'moj', owner: 'moj', owners: ['moj', 'moh'], attributes: { parent: 'moh' } })],
      (records) => [...records, mine({ kind: 'system', id: 's', owners: ['moh', 'ha-noi', 'viet-nam'] })],
      (records) => [...records, mine({ kind: 'organisation', id: 'new', owner: 'moh', owners: ['moh'] })],
    ];
    for (const change of steal) expect(refused(() => ingest({}, claim(change)))).toEqual(['BUNDLE-SCOPE-ORGANISATION']);
  });

  it("another's name: URNs of another member", () => {
    next();
    const foreign = claim((records) => [...records, { ...mine({ kind: 'system', id: 's' }), urn: 'urn:vcloud:centre:system:da-nang-lgsp' }]);
    expect(refused(() => ingest({}, foreign))).toEqual(['BUNDLE-SCOPE-MEMBER']);
    const labelled = claim((records) => [...records, { ...mine({ kind: 'system', id: 's' }), member: 'centre' }]);
    expect(refused(() => ingest({}, labelled))).toEqual(['BUNDLE-SCOPE-MEMBER']);
  });

  it('lines that fit no schema, and one thing twice', () => {
    next();
    for (const bad of [{}, { ...mine({ kind: 'system', id: 's' }), extra: 1 }, { ...mine({ kind: 'system', id: 's' }), observed: '2026-02-30' }, 'x']) {
      expect(
        refused(() =>
          ingest(
            {},
            claim((records) => [...records, bad]),
          ),
        ),
      ).toEqual(['BUNDLE-SCHEMA']);
    }
    expect(
      refused(() =>
        ingest(
          {},
          claim((records) => [...records, mine({ kind: 'system', id: 's' }), mine({ kind: 'system', id: 's' })]),
        ),
      ),
    ).toEqual(['INV-DUPLICATE']);
  });

  it('a file name that leads out of the folder', () => {
    next();
    const change = (folder: string): void => {
      fs.writeFileSync(path.join(folder, '..', 'evil.ndjson'), '');
      resign(folder, (manifest) => ({ ...manifest, attachments: [...manifest.attachments, { name: '../evil.ndjson', sha256: sha256(''), records: 0 }] }));
    };
    expect(refused(() => ingest({}, change))).toEqual(['BUNDLE-FORMAT']);
  });

  it('the deletion guard, unless deletions are allowed', () => {
    const many = Array.from({ length: 40 }, (_, index) => mine({ kind: 'system', id: `s${index}` }));
    next({ records: [...world.records, ...many] });
    ingest();
    create({ asOf: '2026-03-03', records: [...world.records, ...many.slice(0, 20)] });
    expect(refused(() => ingest())).toEqual(['INV-DELETION-GUARD']);
    expect(ingest({ allowDeletions: true })).toMatchObject({ removed: 20 });
  });
});

describe('secrets', () => {
  it('stop a bundle from being made, and nothing is written', () => {
    const secret = mine({ kind: 'system', id: 's', declaredAt: 'stacks/moh/moh.yaml:3:5', attributes: { database: { password: 'hunter2hunter2' } } });
    expect(codesOf(() => create({ records: [...world.records, secret] }))).toEqual(['BUNDLE-SECRET']);
    expect(() => create({ records: [secret] })).toThrow(/stacks\/moh\/moh\.yaml:3:5.*attributes\.database\.password/u);
    expect(() => create({ records: [secret] })).not.toThrow(/hunter2/u);
    expect(fs.existsSync(path.join(world.memberRoot, 'out'))).toBe(false);
  });

  it('are in no bundle, and no private key is outside its folder', () => {
    create({ zones: zones('moh.gov.vn.') });
    ingest();
    const pem = fs.readFileSync(path.join(world.memberRoot, '.vcloud/keys/signing.pem'), 'utf8').split('\n')[1] ?? '';
    expect(pem.length).toBeGreaterThan(40);
    for (const root of [world.memberRoot, world.root]) {
      for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
        const file = path.join(root, name);
        if (!fs.statSync(file).isFile() || name.startsWith('.vcloud/keys')) continue;
        const text = fs.readFileSync(file, 'latin1');
        expect(text.includes(pem) || text.includes('PRIVATE KEY'), name).toBe(false);
      }
    }
  });
});
