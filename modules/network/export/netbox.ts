import type { AddressPlan } from '../types.ts';
import { csvLine } from './csv.ts';
import { exportRows, type ExportRow } from './rows.ts';
import type { ExportSelection } from './select.ts';

/**
 * The columns of NetBox's import form for prefixes that the plan can fill, in the form's order. Those it cannot (VLANs,
 * scope, tags) are left out: NetBox refuses columns its version does not know, and all of these stand in every 4.x.
 */
export const netboxColumns = ['prefix', 'vrf', 'tenant', 'status', 'role', 'is_pool', 'mark_utilized', 'description', 'comments'] as const;
type NetboxRow = Readonly<Partial<Record<(typeof netboxColumns)[number], string>>>;

/**
 * The blocks as NetBox imports them. `vrf` is the routing domain, `tenant` the holder, `role` what the block is for: NetBox
 * refuses names it does not know, so these are made there first. The key stands in `description`, the pool in `comments`.
 */
export function netboxRows(plan: AddressPlan, selection: ExportSelection): NetboxRow[] {
  return exportRows(plan, selection).map((row: ExportRow) => ({
    prefix: row.prefix,
    vrf: row.domain,
    ...(row.owner === '' ? {} : { tenant: row.owner }),
    status: row.kind === 'released' ? 'deprecated' : row.role === 'container' ? 'container' : row.role === 'reserved' ? 'reserved' : 'active',
    ...(row.kind === 'key' && row.role !== 'container' && row.role !== 'reserved' ? { role: row.role } : {}),
    is_pool: 'false',
    mark_utilized: 'false',
    // NetBox holds 200 characters.
    description: row.name.slice(0, 200),
    comments: row.kind === 'pool' ? 'pool' : `pool ${row.pool}`,
  }));
}

/** For NetBox's CSV import. */
export function netboxCsv(plan: AddressPlan, selection: ExportSelection): string {
  const rows = netboxRows(plan, selection);
  return `${[csvLine(netboxColumns), ...rows.map((row) => csvLine(netboxColumns.map((column) => row[column] ?? '')))].join('\n')}\n`;
}

/** For NetBox's YAML import: one document, a list with the fields that are filled. */
export function netboxYaml(plan: AddressPlan, selection: ExportSelection): string {
  const rows = netboxRows(plan, selection);
  if (rows.length === 0) return '[]\n';
  const fields = (row: NetboxRow): string[] =>
    netboxColumns.flatMap((column) => {
      const value = row[column];
      if (value === undefined) return [];
      return [`${column}: ${column === 'is_pool' || column === 'mark_utilized' ? value : JSON.stringify(value)}`];
    });
  return rows.map((row) => `- ${fields(row).join('\n  ')}\n`).join('');
}
