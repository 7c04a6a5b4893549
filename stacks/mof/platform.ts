// One namespace for each general department on the ministry's cluster, each open only to the port it serves.
import { agencyStacks, KubernetesTenant } from 'vcloud/cloud';

const departments = { tax: 8443, customs: 8444, treasury: 8445, statistics: 8446 };

export default agencyStacks((agency) => {
  const tenant = agency.tenant('mof-apps');
  const { v4, v6 } = agency.addresses('tenant/mof-apps/web');
  const from = [v4, v6].filter((prefix) => prefix !== undefined);
  new KubernetesTenant(agency, tenant.id, {
    tenant,
    namespaces: Object.keys(departments),
    quota: { cores: 64, memoryGiB: 256, pods: 400, storageGiB: 4000 },
    ingress: Object.entries(departments).map(([name, port]) => ({ name, from, ports: [port] })),
    group: 'mof-platform-operators',
  });
});
