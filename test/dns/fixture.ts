import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { loadFederation, type Federation } from '../../modules/federation/index.ts';
import { planZones, type ZoneSet } from '../../modules/dns/index.ts';
import type { AddressPlan, Allocation } from '../../modules/network/index.ts';

/** A member of its own in a temporary folder; `files` are paths below it. */
export async function federationOf(files: Readonly<Record<string, string>>): Promise<{ root: string; federation: Federation }> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-dns-'));
  const all = {
    'vcloud.yaml': 'apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, organisation: root, names: { vi: a, en: a } }\nparentZone: gov.vn.\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  return { root, federation: await loadFederation(root, { asOf: '2026-01-01' }) };
}

/** An address plan that holds exactly these blocks. */
export function addressesOf(
  blocks: Readonly<Record<string, { v4?: string; v6?: string }>>,
  pools: Readonly<Record<string, string>> = {},
  asns: Readonly<Record<string, number>> = {},
): AddressPlan {
  const place = { file: 'network-plans/a.yaml' };
  return {
    allocations: new Map(Object.entries(blocks).map(([key, block]): [string, Allocation] => [key, { key, ...block, place, container: false } as Allocation])),
    pools: new Map(Object.entries(pools).map(([name, prefix]) => [name, { name, prefix, domain: 'd', place }])),
    domains: new Map(),
    asns: new Map(Object.entries(asns)),
    released: [],
  };
}

export const organisations = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: root, kind: nation, names: { vi: r, en: r } }
  - { id: moj, kind: ministry, names: { vi: a, en: a }, label: moj, parent: root }
  - { id: ha-noi, kind: city, code: "01", names: { vi: b, en: b }, label: hanoi, parent: root }
  - { id: commune-00004, kind: ward, code: "00004", names: { vi: c, en: c }, label: ba-dinh-00004, parent: city/01 }
sites:
  - { id: moj-office, kind: office, names: { vi: s, en: s }, owner: moj }
`;

export const policy = `policies:
  - { name: standard, algorithm: ecdsap256sha256 }
nameServers:
  - name: two
    servers:
      - { host: ns1.dns.gov.vn., addresses: [192.0.2.53, "2001:db8:1::53"] }
      - { host: ns2.dns.gov.vn., addresses: [198.51.100.53, "2001:db8:2::53"] }
`;

export function zonePlan(body: string, head = policy): string {
  return `apiVersion: vcloud/v1\nkind: ZonePlan\nmetadata: { name: test }\n${head}${body}`;
}

export const blocks = {
  'agency/moj': { v6: '3fff:100::/32', v4: '10.1.0.0/16' },
  'agency/ha-noi': { v6: '3fff:200::/32', v4: '10.2.0.0/16' },
  'site/moj-office': { v6: '3fff:100:8000::/48', v4: '10.1.4.0/24' },
  'commune/00004': { v6: '3fff:200:1::/48', v4: '10.2.0.64/26' },
};

/** Plans the zones of one ZonePlan over the fixture's organisations and blocks. */
export async function zonesOf(body: string, options: { head?: string; files?: Record<string, string> } = {}): Promise<ZoneSet> {
  const { root, federation } = await federationOf({
    'stacks/a/a.yaml': organisations,
    'network-plans/zones.yaml': zonePlan(body, options.head),
    ...options.files,
  });
  return planZones(root, federation, addressesOf(blocks, { 'gov-v6': '3fff::/20', 'gov-v4': '10.0.0.0/8' }));
}
