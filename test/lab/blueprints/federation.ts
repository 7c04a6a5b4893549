import * as fs from 'node:fs';
import * as path from 'node:path';
import { systemBlueprints } from '../../../modules/cloud/systems/index.ts';

/** Names of what the cloud offers, and the beginning of every tenant's name. */
export interface Names {
  readonly id: string;
  readonly image: string;
  readonly flavor: string;
  readonly external: string;
  readonly volumeType: string;
}

/** Fewest members that still show what a kind claims: pairs where it claims pairs, else one. */
const sizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'web-system': { portal: 2, application: 1, databaseGiB: 1 },
  'exchange-node': { 'security-server': 2, node: 2, journalGiB: 1 },
  'message-broker': { broker: 2, ledger: 1, adapter: 1, ledgerGiB: 1 },
  'integration-bus': { gateway: 2, bus: 1, adapter: 1, registryGiB: 1 },
  'data-store': { interface: 2, store: 2, storeGiB: 1 },
  archive: { intake: 1, reading: 2, vault: 1, vaultGiB: 1 },
  crawler: { crawler: 2, collector: 1, analysis: 2, collectionGiB: 1 },
  edge: { gateway: 2, local: 1, resolver: 1, bufferGiB: 1, forwarder: 1 },
  'shared-service': { gateway: 2, service: 1, database: 1, databaseGiB: 1 },
};

const audiences: Readonly<Record<string, readonly string[]>> = {
  'web-system': ['internet=anywhere', 'dedicated=agency/works'],
  // All of the plan, the crawlers' own network too: what reaches the world must be left out.
  crawler: ['dedicated=domain/dedicated'],
};

const kinds = [...systemBlueprints.keys()];

/** The tenant of a kind, and the one in the second cloud that keeps what the data store keeps. */
export const tenantOf = (id: string, kind: string): string => `${id}-${kind}`;
export const secondOf = (id: string): string => `${id}-second`;

/**
 * One agency, the lab as two clouds, a tenant of each of the nine kinds and the other side of the data store. What examples
 * name outside of them (an exchange, certification, logs) are holders of the address plan without anything in them.
 */
export function writeFederation(root: string, { id, image, flavor, external, volumeType }: Names): void {
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  write(
    'vcloud.yaml',
    `apiVersion: vcloud/v1
kind: Federation
member: { id: lab, names: { vi: Lab, en: Lab } }
environment: production
parentZone: ${id}.test.
engine: { binary: terraform, parallelism: 3 }
clouds:
  lab: { credentials: "file:secrets/operator" }
  second: { credentials: "file:secrets/operator" }
`,
  );
  const cloud = (name: string, site: string): string => `  - id: ${name}
    kind: openstack
    names: { vi: ${name}, en: ${name} }
    owner: office
    regions: [{ name: north, site: ${site}, called: RegionOne }]
    services: [compute, network, image, block-storage, load-balancer, key-manager]
    catalogue:
      images: { debian-12: ${image} }
      flavors: { c2m2: ${flavor} }
      networks: { external: ${external} }
      volumeTypes: { encrypted: ${volumeType} }
`;
  const tenant = (kind: string): string => {
    const { example } = systemBlueprints.get(kind) ?? { example: {} };
    const parameters = {
      ...example,
      // What is open to everybody, and what to one holder of the plan; the store's network carries a name of its own.
      audience: audiences[kind] ?? ['dedicated=agency/works'],
      ...(kind === 'edge' ? {} : { logs: ['tenant/operations/app:6514'] }),
      // One more network each; one tenant is enough to see it.
      ...(kind === 'web-system' ? { administrationPort: 22 } : {}),
      ...(['message-broker', 'exchange-node'].includes(kind) ? {} : { connections: 200 }),
    };
    const size = { vcpus: 2, memoryGiB: 2, ...sizes[kind] };
    return `  - ${JSON.stringify({ id: tenantOf(id, kind), names: { vi: kind, en: kind }, owner: 'office', cloud: 'lab', blueprint: kind, size, parameters })}\n`;
  };
  write(
    'stacks/lab/lab.yaml',
    `apiVersion: vcloud/v1
kind: Declarations
organisations:
  - { id: office, kind: ministry, names: { vi: Office, en: Office }, label: office }
sites:
  - { id: room, kind: data-centre, names: { vi: Room, en: Room }, owner: office }
  - { id: far-room, kind: data-centre, names: { vi: Far room, en: Far room }, owner: office }
clouds:
${cloud('lab', 'room')}${cloud('second', 'far-room')}tenants:
${kinds.map(tenant).join('')}  - { id: ${secondOf(id)}, names: { vi: Second, en: Second }, owner: office, cloud: second, like: ${tenantOf(id, 'data-store')}, size: { interface: 1, store: 1 } }
systems:
${kinds
  .map(
    (kind) =>
      `  - { id: ${id}-system-${kind}, names: { vi: S, en: S }, owner: office, tenants: [${tenantOf(id, kind)}], network: dedicated, dataClass: personal${kind === 'data-store' ? `, disasterRecovery: { tenant: ${secondOf(id)}, mode: replica, rpoMinutes: 60, rtoMinutes: 240 }` : ''} }\n`,
  )
  .join('')}`,
  );
  // One tenant in both families is enough to see both; the others are half the work in one.
  const need = (key: string, length: number, both = false): string =>
    `  - { key: ${key}, legs: { v4: { pool: v4, length: ${length} }${both ? `, v6: { pool: v6, length: 64 }` : ''} } }\n`;
  const outside = [
    'tenant/exchange/app',
    'tenant/certification/web',
    'tenant/documents/app',
    'tenant/records/app',
    'tenant/cases/app',
    'tenant/applications/app',
    'tenant/city-centre/app',
    'tenant/exchange-node/app',
    'tenant/operations/app',
    'site/city-sensors',
    'agency/roads',
  ];
  const own = kinds.flatMap((kind) =>
    [...Object.keys(systemBlueprints.get(kind)?.segments ?? {}), ...(kind === 'web-system' ? ['management'] : [])].map((name) =>
      need(`tenant/${tenantOf(id, kind)}/${name}`, 26, kind === 'web-system'),
    ),
  );
  const second = ['app', 'data'].map((name) => need(`tenant/${secondOf(id)}/${name}`, 26));
  write(
    'network-plans/plan.yaml',
    `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: lab }
domains: [{ name: dedicated, import: ["65536:1"], export: ["65536:1"] }]
pools:
  - { name: v4, prefix: 10.128.0.0/12, domain: dedicated, strategy: first-fit }
  - { name: v6, prefix: "2001:db8:40::/48", domain: dedicated, strategy: first-fit }
needs:
${outside.map((key) => need(key, 24)).join('')}${need('agency/works', 24, true)}${[...own, ...second].join('')}`,
  );
}
