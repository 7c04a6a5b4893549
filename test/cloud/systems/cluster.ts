import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { loadFederation } from '../../../modules/federation/index.ts';
import type { Allocation } from '../../../modules/network/index.ts';
import { Agency } from '../../../modules/cloud/program/agency.ts';
import { renderStack } from '../../../modules/cloud/synth/render.ts';
import { World } from '../../../modules/cloud/synth/world.ts';
import { systemBlueprints } from '../../../modules/cloud/systems/index.ts';
import type { SynthesisedStack } from '../../../modules/engine/index.ts';

export interface ClusterFederation {
  /** Tenants of the one agency, all on the Kubernetes cloud `works-cluster`. */
  readonly tenants?: readonly string[];
  /** More of `stacks/works/works.yaml`, below `tenants:`. */
  readonly more?: string;
  /** Lines of every tenant besides its id, owner and cloud. */
  readonly tenantLines?: Readonly<Record<string, string>>;
  /** Allocations besides the networks of the tenants. */
  readonly keys?: Readonly<Record<string, { readonly v4?: string; readonly v6?: string }>>;
  readonly environment?: 'sandbox' | 'production';
  /** Tenants with credentials of their own on the cluster. */
  readonly ownCredentials?: readonly string[];
  /** Without it, names follow from no zone. */
  readonly label?: boolean;
}

const networks = [...new Set(['web', 'app', 'data', 'management', ...[...systemBlueprints.values()].flatMap(({ segments }) => Object.keys(segments))])];

/** What `build` makes of an agency whose tenants lie on a Kubernetes cloud, as the engine takes it. */
export async function onCluster(
  { tenants = ['shop'], more = '', tenantLines = {}, keys = {}, environment = 'production', label = true, ownCredentials = [] }: ClusterFederation,
  build: (agency: Agency) => void,
): Promise<readonly SynthesisedStack[]> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-cluster-'));
  try {
    fs.mkdirSync(path.join(root, 'stacks/works'), { recursive: true });
    const settings = ['apiVersion: vcloud/v1', 'kind: Federation', 'member: { id: centre, names: { vi: Centre, en: Centre } }', `environment: ${environment}`];
    const access = ownCredentials.map((tenant) => `${tenant}: env:OWN_*`).join(', ');
    if (access !== '') settings.push(`clouds: { works-cluster: { credentials: env:ALL_*, tenants: { ${access} } } }`);
    fs.writeFileSync(path.join(root, 'vcloud.yaml'), [...settings, 'parentZone: gov.test.', ''].join('\n'));
    fs.writeFileSync(path.join(root, 'stacks/works/works.yaml'), declarations(tenants, tenantLines, label) + more);
    const federation = await loadFederation(root, { asOf: '2026-01-01' });
    const allocations = new Map<string, Allocation>();
    const hold = (key: string, held: { readonly v4?: string | undefined; readonly v6?: string | undefined }): void =>
      void allocations.set(key, { key, v4: held.v4, v6: held.v6, place: { file: 'plan.yaml' }, container: false, role: 'network' });
    tenants.forEach((tenant, row) =>
      networks.forEach((network, column) => hold(`tenant/${tenant}/${network}`, { v4: `10.${row}.${column}.0/24`, v6: `2001:db8:${row}:${column}::/64` })),
    );
    for (const [key, held] of Object.entries(keys)) hold(key, held);
    const world = new World(federation, { allocations, pools: new Map(), domains: new Map(), asns: new Map(), released: [] }, { zones: [], files: new Map() });
    const app = new App({ outdir: os.tmpdir(), stackTraces: false });
    const [unit] = world.units;
    if (!unit) throw new Error('the federation has no tenants');
    build(new Agency(app, world, unit));
    const stacks = app.node.findAll().filter((child) => TerraformStack.isStack(child));
    for (const stack of stacks) stack.prepareStack();
    return stacks.map((stack) => ({ ...renderStack(stack, unit.agency, environment), environment }));
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}

function declarations(tenants: readonly string[], lines: Readonly<Record<string, string>>, label: boolean): string {
  const named = 'names: { vi: Works, en: Works }';
  return `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: nation, kind: nation, ${named} }
  - { id: works, kind: ministry, ${named}, ${label ? 'label: works, ' : ''}parent: nation }
sites:
  - { id: works-dc, kind: data-centre, ${named}, owner: works }
clouds:
  - { id: works-cluster, kind: kubernetes, ${named}, owner: works, regions: [{ name: north, site: works-dc }] }
tenants:
${tenants.map((tenant) => `  - { id: ${tenant}, ${named}, owner: works, cloud: works-cluster${lines[tenant] === undefined ? '' : `, ${lines[tenant]}`} }`).join('\n')}
`;
}
