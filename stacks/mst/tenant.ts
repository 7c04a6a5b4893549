// The national data exchange platform (NDXP) as its operator builds it. The ministry's other tenants have a blueprint.
import { agencyStacks, LoadBalancer, OpenStackTenant, Servers, TenantNetwork, TenantRouter, TenantZone, outputs } from 'vcloud/cloud';

export default agencyStacks((agency) => {
  const ndxp = new OpenStackTenant(agency, 'ndxp', {
    tenant: agency.tenant('ndxp'),
    quota: { instances: 20, cores: 80, memoryGiB: 320, volumes: 12, volumeGiB: 8000 },
  });
  const stack = ndxp.workload;

  const web = new TenantNetwork(stack, 'web');
  const app = new TenantNetwork(stack, 'app');
  const data = new TenantNetwork(stack, 'data');
  const management = new TenantNetwork(stack, 'management');
  new TenantRouter(stack, 'edge', { networks: [web, app, data, management] });

  const administration = { from: management, port: 22, why: 'administration' };
  const machine = { flavor: 'c8m16', image: 'debian-12' };
  const gateways = new Servers(stack, 'gateways', {
    ...machine,
    network: web,
    count: 3,
    allow: [{ from: 'anywhere', port: 443, why: 'exchange over TLS' }, administration],
  });
  const brokers = new Servers(stack, 'brokers', {
    ...machine,
    network: app,
    count: 3,
    allow: [{ from: gateways.security, port: 9093, why: 'gateway to broker' }, administration],
  });
  const journal = new Servers(stack, 'journal', {
    ...machine,
    network: data,
    count: 2,
    volumeGiB: 1000,
    allow: [{ from: brokers.security, port: 5432, why: 'broker to journal' }, administration],
  });

  const front = new LoadBalancer(stack, 'front', { network: web, servers: gateways, port: 443 });
  const zone = new TenantZone(stack, 'names');
  zone.address('exchange', [front.address]);
  zone.servers(journal);

  // What the recovery side reads of this tenant.
  outputs(stack, { data_network_id: data.network.id, data_volume_1_id: journal.volumes[0]?.id });
});
