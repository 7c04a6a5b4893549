import { canonicalJson } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { FreeSpace } from '../free.ts';
import { bitsOf } from '../prefix.ts';
import type { Block } from '../tree.ts';
import type { AddressPlan, Family } from '../types.ts';
import { blocksIn, selectedRoots, type ExportSelection } from './select.ts';

/** A Neutron address scope: one for each routing domain and family. */
export interface AddressScope {
  readonly name: string;
  readonly ip_version: 4 | 6;
}

/** A Neutron subnet pool: what a holder may cut subnets from. */
export interface SubnetPool {
  readonly name: string;
  /** Name of the address scope; the API takes its id. */
  readonly address_scope: string;
  readonly ip_version: 4 | 6;
  readonly prefixes: readonly string[];
  readonly min_prefixlen: number;
  readonly default_prefixlen: number;
  readonly max_prefixlen: number;
  readonly description: string;
}

export interface NeutronPlan {
  readonly address_scopes: readonly AddressScope[];
  readonly subnet_pools: readonly SubnetPool[];
}

/**
 * Subnet pools for every pool or container that networks lie directly in, and for empty containers. Neutron wants the
 * pools of one address scope disjoint, so a container that becomes a pool of its own is cut out of the one around it.
 */
export function neutronPlan(plan: AddressPlan, selection: ExportSelection): NeutronPlan {
  const scopes = new Map<string, AddressScope>();
  const pools: SubnetPool[] = [];
  for (const root of selectedRoots(plan, selection)) {
    for (const { block } of blocksIn(root)) {
      const pool = subnetPool(block);
      if (!pool) continue;
      scopes.set(pool.address_scope, { name: pool.address_scope, ip_version: pool.ip_version });
      pools.push(pool);
    }
  }
  return { address_scopes: [...scopes].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, scope]) => scope), subnet_pools: pools };
}

function holds({ kind, allocation }: Block): boolean {
  return kind === 'pool' || allocation?.container === true;
}

function subnetPool(block: Block): SubnetPool | undefined {
  if (!holds(block)) return undefined;
  const networks = block.blocks.filter((inner) => inner.kind === 'key' && !holds(inner));
  // What only holds containers is theirs to hand out.
  if (networks.length === 0 && (block.kind === 'pool' || block.blocks.length > 0)) return undefined;
  const space = new FreeSpace(block.prefix);
  block.blocks.forEach((inner, index) => {
    if (holds(inner) || inner.kind === 'released') space.take(inner.prefix, index);
  });
  const prefixes = [...space.blocks()];
  if (prefixes.length === 0) return undefined;
  const { family } = block;
  const lengths = networks.map(({ prefix }) => prefix.length);
  // No subnet of a pool may be larger than its largest prefix.
  const largest = Math.min(...prefixes.map(({ length }) => length));
  const usual = Math.max(commonest(lengths) ?? (family === 'v6' ? 64 : 26), largest);
  const ipVersion = family === 'v6' ? 6 : 4;
  return {
    name: block.kind === 'pool' ? block.name : `${block.name} ${family}`,
    address_scope: scopeName(block.domain, family),
    ip_version: ipVersion,
    // Neutron gives them back in the order of their text; in any other, Terraform would change them at every plan.
    prefixes: prefixes.map(formatPrefix).sort(),
    min_prefixlen: Math.max(Math.min(usual, ...lengths), largest),
    default_prefixlen: usual,
    max_prefixlen: Math.min(Math.max(usual, ...lengths, family === 'v6' ? 64 : 29), bitsOf(family)),
    description: block.owner === undefined ? `pool ${block.pool}` : `held by ${block.owner}, pool ${block.pool}`,
  };
}

function scopeName(domain: string, family: Family): string {
  return `${domain}-${family}`;
}

/** The length most networks have; of equals the longest. */
function commonest(lengths: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort(([one, many], [other, more]) => more - many || other - one)[0]?.[0];
}

/**
 * The requests that make scopes and pools through Neutron's API v2.0, in order. `address_scope_id` holds the name of the
 * scope in `${...}`, for the id the first requests return.
 */
export function neutronJson(plan: AddressPlan, selection: ExportSelection): string {
  const { address_scopes, subnet_pools } = neutronPlan(plan, selection);
  const requests = [
    ...address_scopes.map((scope) => ({ method: 'POST', path: '/v2.0/address-scopes', body: { address_scope: { ...scope, shared: false } } })),
    ...subnet_pools.map(({ address_scope, name, prefixes, min_prefixlen, default_prefixlen, max_prefixlen, description }) => ({
      method: 'POST',
      path: '/v2.0/subnetpools',
      // The family follows from the prefixes; Neutron refuses it as an argument.
      body: {
        subnetpool: { name, prefixes, min_prefixlen, default_prefixlen, max_prefixlen, description, address_scope_id: `\${${address_scope}}`, shared: false },
      },
    })),
  ];
  return `${canonicalJson({ requests }, 2)}\n`;
}
