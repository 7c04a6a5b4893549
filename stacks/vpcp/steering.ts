// Steering systems of the Government, e-Cabinet among them: reached from the dedicated network alone, nothing goes out.
import { TerraformOutput } from 'cdktf';
import { agencyStacks, LoadBalancer, OpenStackTenant, SecurityGroup, Servers, TenantNetwork, TenantRouter, TenantZone } from 'vcloud/cloud';

const dedicatedNetwork = ['3fff::/20', '10.0.0.0/8'];
const image = 'debian-12';

export default agencyStacks((agency) => {
  const cloud = new OpenStackTenant(agency, 'government-systems', { tenant: agency.tenant('government-systems'), quota: { instances: 16, volumeGiB: 8000 } });
  const stack = cloud.workload;
  const [web, app, data] = ['web', 'app', 'data'].map((name) => new TenantNetwork(stack, name)) as [TenantNetwork, TenantNetwork, TenantNetwork];
  new TenantRouter(stack, 'edge', { networks: [web, app, data] });
  const operators = new SecurityGroup(stack, 'operators', { allow: [], outgoing: false });

  const tier = (id: string, network: TenantNetwork, from: readonly (string | SecurityGroup)[], port: number, volumeGiB?: number): Servers =>
    new Servers(stack, id, {
      network,
      count: 2,
      flavor: 'c8m32',
      image,
      ...(volumeGiB === undefined ? {} : { volumeGiB, volumeType: 'encrypted' }),
      allow: [...from.map((source) => ({ from: source, port, why: `${id} service` })), { from: operators, port: 22, why: 'administration' }],
    });
  const front = tier('front', web, dedicatedNetwork, 443);
  const service = tier('service', app, [front.security], 8443);
  const database = tier('database', data, [service.security], 5432, 500);

  // What the recovery side in the second centre replicates.
  database.volumes.forEach(({ id }, index) => new TerraformOutput(stack, `data_volume_${index + 1}_id`, { value: id, staticId: true }));

  const entry = new LoadBalancer(stack, 'entry', { network: web, servers: front, port: 443 });
  const names = new TenantZone(stack, 'names');
  names.address('www', [entry.address]);
  names.servers(database);
});
