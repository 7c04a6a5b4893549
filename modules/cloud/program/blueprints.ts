import { didYouMean, fail, ProblemError } from '../../core/index.ts';
import { KubernetesTenant } from '../kubernetes/tenant.ts';
import { LoadBalancer } from '../openstack/balancer.ts';
import { hostAddress } from '../openstack/addresses.ts';
import { TenantZone } from '../openstack/names.ts';
import { TenantNetwork, TenantRouter } from '../openstack/network.ts';
import { Servers } from '../openstack/servers.ts';
import { replicaGiB, Standby } from '../openstack/standby.ts';
import { OpenStackTenant } from '../openstack/tenant.ts';
import { SiteTenant, type Equipment } from '../site/equipment.ts';
import { systemBlueprints, type SystemShape } from '../systems/index.ts';
import { declaredShape } from '../systems/intent.ts';
import { placeOnKubernetes } from '../systems/kubernetes/index.ts';
import { placeOnOpenStack } from '../systems/openstack/index.ts';
import type { Placed } from '../systems/placed.ts';
import { placeOnSite } from '../systems/site/index.ts';
import { spread } from '../systems/spread/index.ts';
import type { Primary } from '../synth/world.ts';
import type { Agency, TenantFacts } from './agency.ts';
import { outputs } from './stack.ts';

type Size = Readonly<Record<string, number>>;
type Blueprint = (agency: Agency, tenant: TenantFacts, size: Size) => void;

/** Ready-made shapes by kind of cloud; the first of each kind is the one taken where a tenant names none. */
const blueprints: Readonly<Record<string, Readonly<Record<string, Blueprint>>>> = {
  openstack: { 'three-tier': threeTier, 'single-tier': singleTier, platform: platformOnly },
  kubernetes: { namespace },
  none: { equipment },
};

/** What makes resources of a system's shape, by kind of cloud. */
const renderers: Readonly<Record<string, (agency: Agency, tenant: TenantFacts, shape: SystemShape) => Placed>> = {
  openstack: placeOnOpenStack,
  kubernetes: placeOnKubernetes,
  none: placeOnSite,
};

/**
 * Builds what a tenant is declared to be: one of the kinds of systems, the same on every kind of cloud; else one of the
 * ready-made shapes of its cloud's kind, by default the usual one.
 * @throws ProblemError CLOUD-BLUEPRINT, and what blueprint and renderer of a system raise
 */
export function buildBlueprint(agency: Agency, tenant: TenantFacts): void {
  const { kind } = agency.cloudOf(tenant);
  const shape = declaredShape(agency, tenant);
  const place = renderers[kind];
  if (shape && place) {
    place(
      agency,
      tenant,
      spread(agency, tenant, shape, (other) => shapeElsewhere(agency, other)),
    );
    return;
  }
  const known = blueprints[kind] ?? {};
  const name = tenant.blueprint ?? Object.keys(known)[0] ?? '';
  const blueprint = known[name];
  if (!blueprint)
    return fail('CLOUD-BLUEPRINT', `tenant "${tenant.id}": no blueprint "${name}" for a cloud of kind ${kind}`, {
      subject: `tenant/${tenant.id}`,
      hint:
        didYouMean(name, [...Object.keys(known), ...systemBlueprints.keys()]) ?? `there are: ${[...Object.keys(known), ...systemBlueprints.keys()].join(', ')}`,
    });
  if (tenant.parameters !== undefined)
    fail('CLOUD-PARAMETER', `tenant "${tenant.id}": blueprint ${name} takes no parameters`, { subject: `tenant/${tenant.id}`, hint: 'remove `parameters:`' });
  blueprint(agency, tenant, tenant.size ?? {});
}

/** The shape of the other side. What is wrong with it is said where that one is built. */
function shapeElsewhere(agency: Agency, tenant: TenantFacts): SystemShape | undefined {
  try {
    return declaredShape(agency, tenant);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** The flavour of a size: as many virtual processors and gibibytes of memory as its name says. */
function flavorOf(size: Size): string {
  return `c${size['vcpus'] ?? 4}m${size['memoryGiB'] ?? 8}`;
}

const image = 'debian-12';

/** Load balancer, web, application and data servers, each tier in its network and reachable only from the one before. */
function threeTier(agency: Agency, tenant: TenantFacts, size: Size): void {
  const { web = 2, app = 2, data = 1, dataGiB = 200 } = size;
  const flavor = flavorOf(size);
  const primaries = primariesOf(agency, tenant);
  const cloud = new OpenStackTenant(agency, tenant.id, {
    tenant,
    quota: { instances: (web + app + data) * 2, volumes: data * 4 + primaries.length, volumeGiB: data * dataGiB * 4 + replicasGiB(agency, primaries) },
  });
  const stack = cloud.workload;
  const [webNet, appNet, dataNet, management] = ['web', 'app', 'data', 'management'].map((name) => new TenantNetwork(stack, name)) as [
    TenantNetwork,
    TenantNetwork,
    TenantNetwork,
    TenantNetwork,
  ];
  new TenantRouter(stack, 'edge', { networks: [webNet, appNet, dataNet, management] });
  const administration = { from: management, port: 22, why: 'administration' } as const;
  const webServers = new Servers(stack, 'web-servers', {
    network: webNet,
    count: web,
    flavor,
    image,
    allow: [{ from: 'anywhere', port: 443, why: 'HTTPS' }, administration],
  });
  const appServers = new Servers(stack, 'app-servers', {
    network: appNet,
    count: app,
    flavor,
    image,
    allow: [{ from: webServers.security, port: 8443, why: 'web to application' }, administration],
  });
  const database = new Servers(stack, 'database', {
    network: dataNet,
    count: data,
    flavor,
    image,
    volumeGiB: dataGiB,
    allow: [{ from: appServers.security, port: 5432, why: 'application to database' }, administration],
  });
  const front = new LoadBalancer(stack, 'front', { network: webNet, servers: webServers, port: 443 });
  if (agency.zone !== undefined) {
    const zone = new TenantZone(stack, 'names');
    zone.address('www', [front.address, ...webServers.addresses.map(({ v6 }) => (v6 === undefined ? {} : { v6 }))]);
    zone.servers(appServers);
    zone.servers(database);
  }
  publish(cloud, dataNet, database);
  standbyOf(agency, tenant, cloud, primaries);
}

/** One group of servers in one network. */
function singleTier(agency: Agency, tenant: TenantFacts, size: Size): void {
  const { servers: count = 2, dataGiB = 100 } = size;
  const primaries = primariesOf(agency, tenant);
  const cloud = new OpenStackTenant(agency, tenant.id, {
    tenant,
    quota: { instances: count * 2, volumeGiB: count * dataGiB * 2 + replicasGiB(agency, primaries) },
  });
  const network = new TenantNetwork(cloud.workload, 'app');
  new TenantRouter(cloud.workload, 'edge', { networks: [network] });
  const servers = new Servers(cloud.workload, 'servers', {
    network,
    count,
    flavor: flavorOf(size),
    image,
    volumeGiB: dataGiB,
    allow: [{ from: 'anywhere', port: 443, why: 'HTTPS' }],
  });
  if (agency.zone !== undefined) new TenantZone(cloud.workload, 'names').servers(servers);
  publish(cloud, network, servers);
  standbyOf(agency, tenant, cloud, primaries);
}

/** Project and quotas only: what runs inside is another's affair. */
function platformOnly(agency: Agency, tenant: TenantFacts, size: Size): void {
  new OpenStackTenant(agency, tenant.id, {
    tenant,
    quota: { instances: size['instances'] ?? 20, cores: size['vcpus'] ?? 80, memoryGiB: size['memoryGiB'] ?? 320 },
  });
}

/** What a standby elsewhere reads of this tenant. */
function publish(cloud: OpenStackTenant, network: TenantNetwork, servers: Servers): void {
  const volumes = servers.volumes.map((volume, index) => [`data_volume_${index + 1}_id`, volume.id]);
  outputs(cloud.workload, { data_network_id: network.network.id, ...(Object.fromEntries(volumes) as Record<string, string>) });
}

/** Tenants whose data this one keeps too. */
function primariesOf(agency: Agency, tenant: TenantFacts): readonly Primary[] {
  return agency.ask('primaries', tenant.id).filter(({ tenant: id }) => {
    const primary = agency.ask('tenant', id);
    const { blueprint = 'three-tier', cloud } = primary ?? { blueprint: 'platform', cloud: '' };
    // A system's own shape says what its other side keeps.
    return agency.ask('cloud', cloud)?.kind === 'openstack' && blueprint !== 'platform' && !systemBlueprints.has(blueprint);
  });
}

function replicasGiB(agency: Agency, primaries: readonly Primary[]): number {
  return primaries.reduce((sum, primary) => sum + replicaGiB(agency, primary), 0);
}

function standbyOf(agency: Agency, tenant: TenantFacts, cloud: OpenStackTenant, primaries: readonly Primary[]): void {
  if (primaries.length > 0) new Standby(agency, `${tenant.id}-standby`, { tenant, workload: cloud.workload, primaries });
}

function namespace(agency: Agency, tenant: TenantFacts, size: Size): void {
  const networks = agency.ask('networks', tenant.id);
  const from = (name: string): string[] =>
    networks.filter((network) => network.name === name).flatMap(({ v4, v6 }) => [v4, v6].filter((prefix) => prefix !== undefined));
  const ingress = [
    { name: 'web', from: from('web'), ports: [8443] },
    { name: 'management', from: from('management'), ports: [9443] },
  ].filter((opening) => opening.from.length > 0);
  new KubernetesTenant(agency, tenant.id, {
    tenant,
    namespaces: ['staging'],
    ingress,
    quota: { cores: size['vcpus'] ?? 16, memoryGiB: size['memoryGiB'] ?? 64, storageGiB: size['dataGiB'] ?? 500 },
  });
}

/** As many records of each kind as the size says; serial numbers and dates are the owner's to add in a program. */
function equipment(agency: Agency, tenant: TenantFacts, size: Size): void {
  const management = agency.ask('networks', tenant.id).find(({ name }) => name === 'management');
  const counts = {
    server: size['servers'] ?? 4,
    switch: size['switches'] ?? 2,
    firewall: size['firewalls'] ?? 2,
    storage: size['storages'] ?? 1,
    ups: size['ups'] ?? 2,
  };
  let host = 10;
  const list: Equipment[] = Object.entries(counts).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      const number = host++;
      return {
        name: `${kind}-${index + 1}`,
        kind,
        management: {
          ...(management?.v4 === undefined ? {} : { v4: hostAddress(management.v4, number) }),
          ...(management?.v6 === undefined ? {} : { v6: hostAddress(management.v6, number) }),
        },
      };
    }),
  );
  new SiteTenant(agency, tenant.id, { tenant, equipment: list });
}
