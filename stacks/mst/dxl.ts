// The distributed exchange: DXL Management for operators, and a pair of nodes members talk to, signed on both sides.
// Ports and sizes are the model's: the guide states none.
import { TerraformOutput } from 'cdktf';
import { agencyStacks, OpenStackTenant, Servers, TenantNetwork, TenantRouter, TenantZone } from 'vcloud/cloud';

const ports = { exchange: 5500, messages: 5577, management: 4000 };
const image = 'debian-12';

export default agencyStacks((agency) => {
  const { workload } = new OpenStackTenant(agency, 'dxl', { tenant: agency.tenant('dxl'), quota: { instances: 8, volumes: 8, volumeGiB: 2000 } });
  const members = new TenantNetwork(workload, 'web');
  const inside = new TenantNetwork(workload, 'app');
  const operators = new TenantNetwork(workload, 'management');
  new TenantRouter(workload, 'edge', { networks: [members, inside, operators] });

  // Members reach the nodes over the dedicated network only: its blocks, not the Internet.
  const allow = ['3fff::/20', '10.0.0.0/8'].flatMap((from) => [
    { from, port: ports.exchange, why: 'exchange between members' },
    { from, port: ports.messages, why: 'messages between nodes' },
  ]);
  const nodes = new Servers(workload, 'node', { network: members, count: 2, flavor: 'c8m16', image, volumeGiB: 200, allow });
  const management = new Servers(workload, 'register', {
    network: inside,
    count: 1,
    flavor: 'c4m8',
    image,
    volumeGiB: 100,
    allow: [
      { from: nodes.security, port: ports.management, why: 'nodes fetch the register of members' },
      { from: operators, port: 443, why: 'operators' },
    ],
  });
  // The recovery side keeps a replica of the register.
  management.volumes.forEach(({ id }, index) => new TerraformOutput(workload, `data_volume_${index + 1}_id`, { value: id, staticId: true }));
  const names = new TenantZone(workload, 'names');
  names.servers(nodes);
  names.servers(management);
});
