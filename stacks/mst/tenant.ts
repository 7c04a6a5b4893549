// The national data exchange platform (NDXP) as its operator builds it. The ministry's other tenants have a blueprint.
import { agencyStacks, LoadBalancer, OpenStackTenant, outputs, Servers, TenantNetwork, TenantRouter, TenantZone, type Allow } from 'vcloud/cloud';

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

  const allow = (from: Allow['from'], port: number, why: string): Allow[] => [
    { from, port, why },
    { from: management, port: 22, why: 'administration' },
  ];
  const machine = { flavor: 'c8m16', image: 'debian-12' };
  const gateways = new Servers(stack, 'gateways', { ...machine, network: web, count: 3, allow: allow('anywhere', 443, 'exchange over TLS') });
  const brokers = new Servers(stack, 'brokers', { ...machine, network: app, count: 3, allow: allow(gateways.security, 9093, 'gateway to broker') });
  const toJournal = allow(brokers.security, 5432, 'broker to journal');
  const journal = new Servers(stack, 'journal', { ...machine, network: data, count: 2, volumeGiB: 1000, allow: toJournal });

  const front = new LoadBalancer(stack, 'front', { network: web, servers: gateways, port: 443 });
  const zone = new TenantZone(stack, 'names');
  zone.address('exchange', [front.address]);
  zone.servers(journal);

  // What the recovery side reads of this tenant.
  outputs(stack, { data_network_id: data.network.id, data_volume_1_id: journal.volumes[0]?.id });
});
