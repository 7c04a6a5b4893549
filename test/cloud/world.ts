import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll } from 'vitest';
import { loadFederation } from '../../modules/federation/index.ts';
import type { AddressPlan, Allocation } from '../../modules/network/index.ts';
import type { Synthesis } from '../../modules/engine/index.ts';
import { synthesise } from '../../modules/cloud/index.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

export const declarations = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: nation, kind: nation, names: { vi: Nation, en: Nation } }
  - { id: works, kind: ministry, names: { vi: Ministry of Works, en: Ministry of Works }, label: works, parent: nation }
sites:
  - { id: works-dc, kind: data-centre, names: { vi: DC, en: DC }, owner: works }
clouds:
  - { id: works-cloud, kind: openstack, names: { vi: Cloud, en: Cloud }, owner: works, regions: [{ name: north, site: works-dc }] }
  - { id: works-cluster, kind: kubernetes, names: { vi: Cluster, en: Cluster }, owner: works, regions: [{ name: north, site: works-dc }] }
  - { id: works-rack, kind: none, names: { vi: Rack, en: Rack }, owner: works, regions: [{ name: north, site: works-dc }] }
tenants:
  - { id: portal, names: { vi: Portal, en: Portal }, owner: works, cloud: works-cloud, size: { web: 2, app: 1, data: 1, dataGiB: 50 } }
  - { id: portal-dr, names: { vi: Portal recovery, en: Portal recovery }, owner: works, cloud: works-cloud, blueprint: single-tier, size: { servers: 1 } }
  - { id: apps, names: { vi: Applications, en: Applications }, owner: works, cloud: works-cluster }
  - { id: machines, names: { vi: Machines, en: Machines }, owner: works, cloud: works-rack, size: { servers: 2 } }
systems:
  - { id: portal, names: { vi: Portal, en: Portal }, owner: works, tenants: [portal], disasterRecovery: { tenant: portal-dr, mode: replica } }
`;

const second = `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: roads, kind: ministry, names: { vi: Ministry of Roads, en: Ministry of Roads }, label: roads, parent: nation }
tenants:
  - { id: maps, names: { vi: Maps, en: Maps }, owner: roads, cloud: works-cloud, blueprint: single-tier }
`;

export interface Fixture {
  readonly root: string;
  /** Address plan of the fixture; change it between runs to see what follows. */
  readonly allocations: Map<string, Allocation>;
  readonly pools: Map<string, { name: string; prefix: string; domain: string; place: { file: string } }>;
  run(options?: { cache?: boolean }): Promise<Synthesis>;
  write(file: string, text: string): void;
}

/** A small federation in a temporary folder: one ministry with a tenant of every kind, another with one. */
export function fixture(environment: 'sandbox' | 'production' = 'sandbox'): Fixture {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-cloud-'));
  folders.push(root);
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  write(
    'vcloud.yaml',
    `apiVersion: vcloud/v1\nkind: Federation\nmember: { id: centre, names: { vi: Centre, en: Centre } }\nenvironment: ${environment}\nparentZone: gov.test.\n`,
  );
  write('stacks/works/works.yaml', declarations);
  write('stacks/roads/roads.yaml', second);
  // Programs find the toolkit by its name, as in an installation.
  fs.mkdirSync(path.join(root, 'node_modules'));
  fs.symlinkSync(path.resolve(import.meta.dirname, '../..'), path.join(root, 'node_modules/vcloud'));
  const allocations = new Map<string, Allocation>();
  const pools: Fixture['pools'] = new Map();
  ['portal', 'portal-dr', 'apps', 'machines', 'maps'].forEach((tenant, row) => {
    ['web', 'app', 'data', 'management'].forEach((network, column) => {
      const key = `tenant/${tenant}/${network}`;
      allocations.set(key, {
        key,
        v4: `10.${row}.${column}.0/26`,
        v6: `2001:db8:${row}:${column}::/64`,
        place: { file: 'plan.yaml' },
        container: false,
        role: 'network',
      });
    });
  });
  const run = async (options: { cache?: boolean } = {}): Promise<Synthesis> => {
    const federation = await loadFederation(root, { asOf: '2026-01-01' });
    const addresses: AddressPlan = { allocations, pools, domains: new Map(), asns: new Map(), released: [] };
    return await synthesise({ root, federation, addresses, zones: { zones: [], files: new Map() }, cache: options.cache ?? false });
  };
  return { root, allocations, pools, run, write };
}

export type Bodies = Record<string, Record<string, Record<string, unknown>>>;

/** The document of one stack. */
export function documentOf(
  synthesis: Synthesis,
  stack: string,
): { resource: Bodies; data?: Bodies; output?: Record<string, unknown>; [part: string]: unknown } {
  const found = synthesis.stacks.find(({ path: name }) => name === stack);
  if (!found) throw new Error(`no stack ${stack}; there are ${synthesis.stacks.map(({ path: name }) => name).join(', ')}`);
  return JSON.parse(found.json) as ReturnType<typeof documentOf>;
}
