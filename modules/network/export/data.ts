import { API_VERSION, canonicalJson, sortedBy } from '../../core/index.ts';
import type { AddressPlan } from '../types.ts';
import { neutronPlan } from './neutron.ts';
import { exportRows } from './rows.ts';
import { blocksIn, selectedRoots, type ExportSelection } from './select.ts';

/** The selected part of the plan as JSON: domains, and every block with its bounds and its holder. */
export function planJson(plan: AddressPlan, selection: ExportSelection): string {
  const rows = exportRows(plan, selection);
  const used = new Set(rows.map(({ domain }) => domain));
  const domains = sortedBy(
    [...plan.domains.values()].filter(({ name }) => used.has(name)),
    ({ name }) => name,
  ).map(({ name, import: imports, export: exports }) => ({
    name,
    import: imports,
    export: exports,
  }));
  return `${canonicalJson({ apiVersion: API_VERSION, kind: 'NetworkExport', domains, blocks: rows }, 2)}\n`;
}

/**
 * Terraform variables (a `.tfvars.json` file): `network_pools` by name, `network_allocations` by key with `v4` and `v6`,
 * `network_asns` by key, and `address_scopes` and `subnet_pools` by name with the arguments of
 * `openstack_networking_addressscope_v2` and `openstack_networking_subnetpool_v2`.
 */
export function terraformVariables(plan: AddressPlan, selection: ExportSelection): string {
  const keys = new Set<string>();
  const pools: Record<string, { prefix: string; domain: string }> = {};
  for (const root of selectedRoots(plan, selection)) {
    const pool = plan.pools.get(root.pool);
    if (pool) pools[pool.name] = { prefix: pool.prefix, domain: pool.domain };
    for (const { block } of blocksIn(root)) if (block.kind === 'key') keys.add(block.name);
  }
  const allocations: Record<string, { v4: string | null; v6: string | null; role: string; owner: string | null }> = {};
  const asns: Record<string, number> = {};
  for (const key of keys) {
    const held = plan.allocations.get(key);
    if (held) allocations[key] = { v4: held.v4 ?? null, v6: held.v6 ?? null, role: held.role, owner: held.owner ?? null };
    const asn = plan.asns.get(key);
    if (asn !== undefined) asns[key] = asn;
  }
  const { address_scopes, subnet_pools } = neutronPlan(plan, selection);
  const byName = <T extends { readonly name: string }>(list: readonly T[]): Record<string, Omit<T, 'name'>> =>
    Object.fromEntries(list.map(({ name, ...rest }) => [name, rest]));
  return `${canonicalJson(
    {
      network_pools: pools,
      network_allocations: allocations,
      network_asns: asns,
      address_scopes: byName(address_scopes),
      subnet_pools: byName(subnet_pools),
    },
    2,
  )}\n`;
}
