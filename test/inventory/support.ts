import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach } from 'vitest';
import { sha256, ProblemError } from '../../modules/core/index.ts';
import { loadFederation, type Federation } from '../../modules/federation/index.ts';
import { inventoryFile, openInventory, type InventoryRecord, type Store } from '../../modules/inventory/index.ts';
import type { AddressPlan, Allocation } from '../../modules/network/types.ts';

export const asOf = '2026-03-01';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-inventory-'));
  folders.push(folder);
  return folder;
}

export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

const settings = (member: string, organisation: string, rest = ''): string =>
  `apiVersion: vcloud/v1\nkind: Federation\nmember: { id: ${member}, organisation: ${organisation}, names: { vi: ${member}, en: ${member} } }\nnumbering: documentation\nparentZone: gov.vn.\n${rest}`;

/** A centre with a city of its own and one member, a ministry. */
export async function centre(): Promise<{ root: string; federation: Federation; addresses: AddressPlan }> {
  const root = temporaryFolder();
  writeFiles(root, {
    'vcloud.yaml': settings(
      'centre',
      'mst',
      'members:\n  - { id: moh, folder: members/moh, scope: { organisations: [moh], keys: [agency/moh], zones: [moh.gov.vn.] } }\n  - { id: moj, folder: members/moj, scope: { organisations: [moj], keys: [agency/moj], zones: [moj.gov.vn.] } }\n',
    ),
    'stacks/centre/organisations.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: viet-nam, kind: nation, names: { vi: Việt Nam, en: Viet Nam } }
  - { id: mst, kind: ministry, names: { vi: Bộ Khoa học và Công nghệ, en: Ministry of Science and Technology }, parent: viet-nam }
  - { id: da-nang, kind: city, code: "48", label: danang, names: { vi: Thành phố Đà Nẵng, en: Da Nang City }, parent: viet-nam }
  - { id: commune-20194, kind: ward, code: "20194", names: { vi: Phường Hải Châu, en: Hai Chau Ward }, parent: da-nang }
  - { id: ha-noi, kind: city, code: "01", label: hanoi, names: { vi: Thành phố Hà Nội, en: Ha Noi City }, parent: viet-nam }
sites:
  - { id: da-nang-dc, kind: data-centre, names: { vi: Trung tâm dữ liệu, en: Data centre }, owner: da-nang }
  - { id: da-nang-room, kind: server-room, names: { vi: Phòng máy, en: Server room }, owner: commune-20194 }
clouds:
  - { id: da-nang-cloud, kind: openstack, names: { vi: Đám mây, en: Cloud }, owner: da-nang, regions: [{ name: one, site: da-nang-dc }] }
tenants:
  - { id: da-nang-lgsp, names: { vi: Nền tảng tích hợp, en: Integration platform }, owner: da-nang, cloud: da-nang-cloud }
systems:
  - { id: da-nang-lgsp, names: { vi: Nền tảng LGSP, en: LGSP platform }, owner: da-nang, tenants: [da-nang-lgsp], provides: [da-nang-api] }
services:
  - { id: da-nang-api, kind: api, names: { vi: Giao diện lập trình, en: Programming interface }, owner: da-nang }
`,
  });
  return { root, federation: await loadFederation(root, { asOf }), addresses: centreAddresses() };
}

/** The ministry in its own folder. */
export async function ministry(): Promise<{ root: string; federation: Federation; addresses: AddressPlan }> {
  const root = temporaryFolder();
  writeFiles(root, {
    'vcloud.yaml': settings('moh', 'moh'),
    'stacks/moh/moh.yaml': `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: moh, kind: ministry, label: moh, acronym: BYT, names: { vi: Bộ Y tế, en: Ministry of Health }, parent: viet-nam }
  - { id: moh-centre, kind: unit, names: { vi: Trung tâm Thông tin y tế, en: Health information centre }, parent: moh }
sites:
  - { id: moh-dc, kind: data-centre, names: { vi: Trung tâm dữ liệu, en: Data centre }, owner: moh }
clouds:
  - { id: moh-cloud, kind: openstack, names: { vi: Đám mây, en: Cloud }, owner: moh, regions: [{ name: one, site: moh-dc }] }
tenants:
  - { id: ehr, names: { vi: Hồ sơ sức khỏe điện tử, en: Electronic health records }, owner: moh-centre, cloud: moh-cloud }
systems:
  - { id: ehr, names: { vi: Hệ thống hồ sơ sức khỏe, en: Health record system }, owner: moh-centre, tenants: [ehr] }
`,
  });
  return {
    root,
    federation: await loadFederation(root, { asOf }),
    addresses: plan([allocation('tenant/ehr/web', { v4: '10.8.4.0/26' }), allocation('site/moh-dc', { v6: '3fff:8:1::/48' })]),
  };
}

export function allocation(key: string, prefixes: { v4?: string; v6?: string }, extra: Partial<Allocation> = {}): Allocation {
  return {
    key,
    ...prefixes,
    ...(prefixes.v4 === undefined ? {} : { pool4: 'gov-v4' }),
    ...(prefixes.v6 === undefined ? {} : { pool6: 'gov-v6' }),
    place: { file: 'network-plans/plan.yaml', line: 3, column: 5 },
    container: false,
    role: extra.container === true ? 'container' : 'network',
    ...extra,
  };
}

export function plan(allocations: readonly Allocation[], asns: readonly (readonly [string, number])[] = []): AddressPlan {
  const place = { file: 'network-plans/plan.yaml', line: 1, column: 1 };
  return {
    allocations: new Map(allocations.map((item) => [item.key, item])),
    pools: new Map([
      ['gov-v4', { name: 'gov-v4', prefix: '10.0.0.0/8', domain: 'tslcd', place }],
      ['gov-v6', { name: 'gov-v6', prefix: '3fff::/20', domain: 'tslcd', place }],
    ]),
    domains: new Map([['tslcd', { name: 'tslcd', import: [], export: [] }]]),
    asns: new Map(asns),
    released: [],
  };
}

function centreAddresses(): AddressPlan {
  return plan(
    [
      allocation('agency/moh', { v4: '10.8.0.0/16', v6: '3fff:8::/32' }, { container: true }),
      allocation('agency/moj', { v4: '10.9.0.0/16', v6: '3fff:9::/32' }, { container: true }),
      allocation('agency/da-nang', { v4: '10.48.0.0/16' }, { container: true }),
    ],
    [['agency/moh', 4200000008]],
  );
}

/** A record of one's own making. */
export function record(parts: Partial<InventoryRecord> & { id?: string } = {}): InventoryRecord {
  const { id = 'x', member = 'centre', kind = 'system', ...rest } = parts;
  return {
    urn: `urn:vcloud:${member}:${kind}:${id}`,
    kind,
    layer: 'declared',
    member,
    owner: 'da-nang',
    owners: ['da-nang', 'viet-nam'],
    names: { vi: id, en: id },
    observed: asOf,
    relations: [],
    attributes: {},
    ...rest,
  };
}

/** Codes of what `work` throws; empty when it throws nothing. */
export function codesOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [...new Set(error.problems.map(({ code }) => code))];
  }
}

/** Every row of every table that a reader can see, and what the index answers. */
export function dump(store: Store): unknown {
  const tables = ['submission', 'scope', 'record', 'history', 'owner', 'chain', 'rollup', 'attachment'];
  return tables.map((table) => [
    table,
    store.database
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)
      .all()
      .map((row) => ({ ...row })),
  ]);
}

/** Digest of the inventory's file and of what lies in it. */
export function inventoryState(root: string): { bytes: string; rows: unknown } {
  const store = openInventory(root);
  try {
    return { rows: dump(store), bytes: sha256(fs.readFileSync(path.join(root, inventoryFile))) };
  } finally {
    store.close();
  }
}
