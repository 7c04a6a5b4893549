import type { AddressPlan } from '../types.ts';
import { tableCsv } from './csv.ts';
import { planJson, terraformVariables } from './data.ts';
import { netboxCsv, netboxYaml } from './netbox.ts';
import { neutronJson } from './neutron.ts';
import { exportRows } from './rows.ts';
import type { ExportSelection } from './select.ts';
import { tableXlsx } from './xlsx.ts';

export { csvLine, formulaSafe, tableCsv } from './csv.ts';
export { planJson, terraformVariables } from './data.ts';
export { netboxColumns, netboxCsv, netboxRows, netboxYaml } from './netbox.ts';
export { neutronJson, neutronPlan, type AddressScope, type NeutronPlan, type SubnetPool } from './neutron.ts';
export {
  readServers,
  reverseFile,
  reverseFiles,
  reverseZones,
  zoneText,
  type ReverseOptions,
  type ReverseParent,
  type ReverseRecord,
  type ReverseZone,
} from './reverse.ts';
export { columns, exportRows, type ExportRow } from './rows.ts';
export { blocksIn, selectedRoots, type ExportSelection } from './select.ts';
export { tableXlsx } from './xlsx.ts';
export { zipArchive } from './zip.ts';

/** Formats that are one file. */
export const exportFormats = ['neutron', 'netbox-csv', 'netbox-yaml', 'csv', 'xlsx', 'json', 'tfvars'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * The selected part of an address plan as one file: a pure function, the same plan gives the same bytes.
 * @throws ProblemError NET-UNKNOWN for a pool, domain or key that is not there
 */
export function exportPlan(plan: AddressPlan, format: ExportFormat, selection: ExportSelection = {}): string | Uint8Array {
  switch (format) {
    case 'neutron':
      return neutronJson(plan, selection);
    case 'netbox-csv':
      return netboxCsv(plan, selection);
    case 'netbox-yaml':
      return netboxYaml(plan, selection);
    case 'csv':
      return tableCsv(exportRows(plan, selection));
    case 'xlsx':
      return tableXlsx(exportRows(plan, selection));
    case 'json':
      return planJson(plan, selection);
    case 'tfvars':
      return terraformVariables(plan, selection);
  }
}
