// A server room without any API: what stands in its racks is a record, reviewed and versioned like everything else.
// Models and dates are invented; a serial number nobody has read yet is left out.
import { agencyStacks, SiteTenant, type Equipment } from 'vcloud/cloud';

const racks: readonly Equipment[] = [
  { name: 'firewall-1', kind: 'firewall', model: 'model-f2', rack: 'A', unit: 42, installed: '2021-05-10', supportUntil: '2026-05-10' },
  { name: 'switch-1', kind: 'switch', model: 'model-s48', rack: 'A', unit: 40, installed: '2021-05-10', supportUntil: '2027-05-10' },
  { name: 'switch-2', kind: 'switch', model: 'model-s48', rack: 'B', unit: 40, installed: '2021-05-10', supportUntil: '2027-05-10' },
  ...[1, 2, 3, 4].map((number) => ({
    name: `server-${number}`,
    kind: 'server',
    model: 'model-r2',
    rack: number < 3 ? 'A' : 'B',
    unit: 10 + 2 * number,
    installed: '2019-11-02',
  })),
  { name: 'storage-1', kind: 'storage', model: 'model-n24', rack: 'B', unit: 30, installed: '2022-08-19', supportUntil: '2027-08-19' },
  { name: 'ups-1', kind: 'ups', rack: 'A', unit: 1 },
];

export default agencyStacks((agency) => {
  const tenant = agency.tenant('lai-chau-equipment');
  new SiteTenant(agency, tenant.id, { tenant, equipment: racks });
});
