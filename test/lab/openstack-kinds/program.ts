// A tenant of more than forty kinds of resources: what the cloud's operator makes in `platform`, what the tenant makes in
// `workload` (network, servers, volumes, balancer, VPN) and in `names` (zone, keys). Sizes are those of the declaration.
import { readFileSync } from 'node:fs';
import {
  AddressSpace,
  agencyStacks,
  BandwidthLimit,
  DataVolume,
  GeneratedKey,
  LoadBalancer,
  MachineImage,
  OpenStackTenant,
  permit,
  policyNamed,
  Servers,
  Share,
  SiteVpn,
  TenantNetwork,
  TenantRouter,
  TenantZone,
  type TenantStack,
} from 'vcloud/cloud';
import { BlockstorageQosAssociationV3 } from 'vcloud/cloud/openstack/blockstorage-qos-association-v3';
import { BlockstorageQosV3 } from 'vcloud/cloud/openstack/blockstorage-qos-v3';
import { BlockstorageVolumeTypeAccessV3 } from 'vcloud/cloud/openstack/blockstorage-volume-type-access-v3';
import { BlockstorageVolumeTypeV3 } from 'vcloud/cloud/openstack/blockstorage-volume-type-v3';
import { ComputeAggregateV2 } from 'vcloud/cloud/openstack/compute-aggregate-v2';
import { ComputeFlavorAccessV2 } from 'vcloud/cloud/openstack/compute-flavor-access-v2';
import { ComputeFlavorV2 } from 'vcloud/cloud/openstack/compute-flavor-v2';
import { ComputeKeypairV2 } from 'vcloud/cloud/openstack/compute-keypair-v2';
import { IdentityEndpointV3 } from 'vcloud/cloud/openstack/identity-endpoint-v3';
import { IdentityRoleV3 } from 'vcloud/cloud/openstack/identity-role-v3';
import { IdentityServiceV3 } from 'vcloud/cloud/openstack/identity-service-v3';
import { IdentityUserMembershipV3 } from 'vcloud/cloud/openstack/identity-user-membership-v3';
import { LbL7policyV2 } from 'vcloud/cloud/openstack/lb-l7policy-v2';
import { LbL7ruleV2 } from 'vcloud/cloud/openstack/lb-l7rule-v2';
import { LbListenerV2 } from 'vcloud/cloud/openstack/lb-listener-v2';
import { NetworkingFloatingipAssociateV2 } from 'vcloud/cloud/openstack/networking-floatingip-associate-v2';
import { NetworkingFloatingipV2 } from 'vcloud/cloud/openstack/networking-floatingip-v2';
import { NetworkingNetworkV2 } from 'vcloud/cloud/openstack/networking-network-v2';
import { NetworkingPortforwardingV2 } from 'vcloud/cloud/openstack/networking-portforwarding-v2';
import { NetworkingPortV2 } from 'vcloud/cloud/openstack/networking-port-v2';
import { NetworkingRouterRouteV2 } from 'vcloud/cloud/openstack/networking-router-route-v2';
import { NetworkingSubnetV2 } from 'vcloud/cloud/openstack/networking-subnet-v2';
import { NetworkingTrunkV2 } from 'vcloud/cloud/openstack/networking-trunk-v2';

const told = (name: string): string => readFileSync(new URL(`../../told/${name}`, import.meta.url), 'utf8').trim();

export default agencyStacks((agency) => {
  for (const tenant of agency.tenants) {
    const cloud = new OpenStackTenant(agency, tenant.id, { tenant, readers: true, quota: { instances: 4, volumes: 6, volumeGiB: 100, floatingIps: 4 } });
    catalogue(cloud);
    const { mbps = 100, keepDays = 7, port = 8443 } = tenant.size ?? {};
    new BandwidthLimit(cloud.platform, 'line', { egressMbps: mbps, project: cloud.project.project.id });
    workload(cloud.workload, { keepDays, port });
    names(cloud.stack('names'));
  }
});

/** What a tenant finds in its cloud: flavor, volume type, the network that leads out. */
function catalogue({ platform, project }: OpenStackTenant): void {
  const name = (text: string): string => platform.nameOf(text);
  const { id: projectId } = project.project;
  const flavor = new ComputeFlavorV2(platform, 'flavor', { name: name('flavor'), vcpus: 1, ram: 128, disk: 1, isPublic: false });
  new ComputeFlavorAccessV2(platform, 'flavor-access', { flavorId: flavor.id, tenantId: projectId });
  const type = new BlockstorageVolumeTypeV3(platform, 'volume-type', { name: name('encrypted'), isPublic: false });
  new BlockstorageVolumeTypeAccessV3(platform, 'volume-type-access', { volumeTypeId: type.id, projectId });
  // Without the consumer every plan shows a change.
  const qos = new BlockstorageQosV3(platform, 'disk-limit', { name: name('disk-limit'), consumer: 'back-end', specs: { total_iops_sec: '500' } });
  new BlockstorageQosAssociationV3(platform, 'disk-limit-of-type', { qosId: qos.id, volumeTypeId: type.id });
  new ComputeAggregateV2(platform, 'hosts', { name: name('hosts'), metadata: { tenant: platform.tenant.id } });
  const external = new NetworkingNetworkV2(platform, 'external', { name: name('external'), external: true, adminStateUp: true });
  new NetworkingSubnetV2(platform, 'external-v4', { networkId: external.id, name: name('external'), cidr: '192.0.2.0/24', enableDhcp: false });
  new IdentityRoleV3(platform, 'auditor', { name: name('auditor') });
  if (project.readers) new IdentityUserMembershipV3(platform, 'reads', { groupId: project.readers.id, userId: project.deployer.id });
  const service = new IdentityServiceV3(platform, 'service', { name: name('registry'), type: name('registry') });
  new IdentityEndpointV3(platform, 'endpoint', {
    name: name('registry'),
    serviceId: service.id,
    endpointRegion: 'RegionOne',
    interface: 'public',
    url: 'https://registry.invalid/',
  });
}

function workload(stack: TenantStack, { keepDays, port }: { keepDays: number; port: number }): void {
  const space = new AddressSpace(stack, 'space', { keys: [`tenant/${stack.tenant.id}/web`] });
  const web = new TenantNetwork(stack, 'web', { space, nameservers: ['198.51.100.53'] });
  const app = new TenantNetwork(stack, 'app');
  const router = new TenantRouter(stack, 'edge', { networks: [web, app] });
  new Share(stack, 'web-for-operator', { kind: 'network', object: web.network.id, with: { operator: told('operator-project') } });

  const image = new MachineImage(stack, 'base', { name: stack.nameOf('base'), from: { file: 'images/base.img' }, sha512: told('sha512'), format: 'raw' });
  const key = new ComputeKeypairV2(stack, 'operators', { name: stack.nameOf('operators'), publicKey: told('public-key') });
  const front = new Servers(stack, 'front', {
    network: web,
    count: 1,
    flavor: 'c1m1',
    image: 'debian-12',
    volumeGiB: 1,
    backup: { everyHours: 24, keepDays: 7 },
    keyPair: key.name,
    qosPolicyId: policyNamed(stack, 'line'),
    settings: { tier: 'web' },
    allow: [{ from: app, port, why: 'application network' }],
    reach: [{ to: 'anywhere', port: 443, why: 'updates' }],
  });
  for (const server of front.instances) server.node.addDependency(image);
  const partners = ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'];
  permit({ from: { name: 'partners', prefixes: partners }, to: front.security, port: 443, why: 'partners' });
  // Not its size: Cinder's fake driver cannot make a volume grow.
  new DataVolume(stack, 'journal', { gib: 1, name: 'journal', backup: { everyHours: 6, keepDays } });

  const entry = new LoadBalancer(stack, 'entry', {
    network: web,
    servers: front,
    port: 443,
    serverPort: port,
    // Where the lab's Octavia takes certificates from files, TLS passes through.
    ...(told('key-store') === 'yes' ? { certificate: stack.nameOf('site'), redirect: { port: 80, to: 'https://www.gov.test' } } : {}),
    connections: 1000,
    from: ['10.0.0.0/8'],
  });
  permit({ from: web, to: front.security, port, why: 'what the balancer passes on' });
  redirect(stack, entry);
  new SiteVpn(stack, 'centre', { router, networks: [app], peer: { address: '203.0.113.9', prefixes: ['198.51.100.0/24'] } });

  // Kinds without a block of their own.
  const dependsOn = [...router.interfaces];
  const parent = new NetworkingPortV2(stack, 'parent', {
    name: stack.nameOf('parent'),
    // Named, so that it is not made before there is a subnet to take an address from.
    fixedIp: app.subnet4 ? [{ subnetId: app.subnet4.id }] : [],
    networkId: app.network.id,
    adminStateUp: true,
    tags: [stack.tag],
  });
  new NetworkingTrunkV2(stack, 'trunk', { name: stack.nameOf('trunk'), portId: parent.id, adminStateUp: true, tags: [stack.tag] });
  const floating = (name: string): NetworkingFloatingipV2 =>
    new NetworkingFloatingipV2(stack, name, { pool: stack.nameOf('external'), description: stack.describe(name), dependsOn, tags: [stack.tag] });
  new NetworkingFloatingipAssociateV2(stack, 'public-of-parent', { floatingIp: floating('public').address, portId: parent.id, dependsOn });
  new NetworkingPortforwardingV2(stack, 'forward', {
    floatingipId: floating('forwarded').id,
    protocol: 'tcp',
    externalPort: 8022,
    internalPort: 22,
    internalPortId: front.ports[0]?.id ?? '',
    internalIpAddress: front.addresses[0]?.v4 ?? '',
    dependsOn,
  });
  new NetworkingRouterRouteV2(stack, 'route', {
    routerId: router.router.id,
    destinationCidr: '198.51.100.0/25',
    nextHop: front.addresses[0]?.v4 ?? '',
    dependsOn,
  });
}

/** Plain HTTP to another name, whatever the way certificates come in. */
function redirect(stack: TenantStack, { balancer }: LoadBalancer): void {
  const plain = new LbListenerV2(stack, 'old-name', {
    name: stack.nameOf('old-name'),
    loadbalancerId: balancer.id,
    protocol: 'HTTP',
    protocolPort: 8080,
    tags: [stack.tag],
  });
  const policy = new LbL7policyV2(stack, 'moved', {
    name: stack.nameOf('moved'),
    listenerId: plain.id,
    action: 'REDIRECT_PREFIX',
    redirectPrefix: 'https://www.gov.test',
    redirectHttpCode: 302,
  });
  new LbL7ruleV2(stack, 'old-path', { l7policyId: policy.id, type: 'PATH', compareType: 'STARTS_WITH', value: '/old' });
}

function names(stack: TenantStack): void {
  const zone = new TenantZone(stack, 'zone', { ttl: stack.tenant.size?.['ttl'] ?? 300 });
  zone.address('www', [{ v4: '192.0.2.10', v6: '2001:db8::10' }]);
  zone.record('mail', 'CNAME', [`www.${zone.name}`]);
  zone.record('@', 'TXT', ['"v=spf1 -all"']);
  new GeneratedKey(stack, 'at-rest');
  // An image whose hash is another than stated, until the declaration is corrected.
  const sha512 = stack.tenant.size?.['right'] === 1 ? told('sha512') : '0'.repeat(128);
  new MachineImage(stack, 'spare', { from: { file: 'images/base.img' }, sha512, format: 'raw' });
}
