import { problem, type Problem } from '../../../core/index.ts';
import { pairsOf, type Federation, type Pair, type Tenant } from '../../../federation/index.ts';
import { contains, parsePrefix, type AddressPlan } from '../../../network/index.ts';
import type { Overlay, OverlayNode } from '../../../vpn/index.ts';

/** What the copies of a pair travel over, in order: declared links and tunnels, each protected; none inside one site. */
export interface Route {
  readonly pair: Pair;
  readonly from: string;
  readonly to: string;
  /** `link ID (NETWORK)`, `tunnel ID (OVERLAY)`, or `node ID (OVERLAY)` for what lies behind a node; undefined where nothing protected leads from one site to the other. */
  readonly over: readonly string[] | undefined;
}

interface Edge {
  readonly to: string;
  readonly over: string;
}

export interface Declared {
  readonly federation: Pick<Federation, 'systems' | 'tenants' | 'clouds' | 'links'>;
  readonly addresses: Pick<AddressPlan, 'allocations'>;
  readonly overlays: readonly Overlay[];
}

/**
 * For every pair of tenants a system runs over, the shortest way between their sites over tunnels of the overlays and links
 * declared encrypted. Traffic between clouds passes declared, protected links only (SEC-17), so where there is none, it is a finding. Pure.
 * @param only systems to look at; all by default
 */
export function routesOf(declared: Declared, only?: ReadonlySet<string>): Route[] {
  const { federation } = declared;
  const graph = graphOf(declared);
  const routes: Route[] = [];
  for (const system of federation.systems.values()) {
    if (only?.has(system.id) === false) continue;
    for (const pair of pairsOf(system)) {
      const [first, second] = [federation.tenants.get(pair.first), federation.tenants.get(pair.second)];
      if (!first || !second) continue;
      const [from, to] = [siteOf(first, federation), siteOf(second, federation)];
      const known = new Map(graph);
      for (const [tenant, site] of [
        [first, from],
        [second, to],
      ] as const)
        if (!graph.has(site)) for (const { to: node, over } of nodesOf(tenant, declared)) joinBoth(known, site, node, over);
      routes.push({ pair, from, to, over: shortest(known, from, to) });
    }
  }
  return routes;
}

/** A finding (CLOUD-NO-LINK) for every pair that nothing protected joins. */
export function judgeRoutes(routes: readonly Route[], federation: Pick<Federation, 'systems'>): Problem[] {
  return routes.flatMap(({ pair, from, to, over }) =>
    over
      ? []
      : [
          problem(
            'CLOUD-NO-LINK',
            `${pair.system} keeps its data in ${pair.first} (${from}) and ${pair.second} (${to}), which no declared link or tunnel joins`,
            {
              severity: 'warning',
              ...federation.systems.get(pair.system)?.place,
              hint: 'declare a link with `encrypted: true` between the two sites, or make both nodes of an overlay',
            },
          ),
        ],
  );
}

function siteOf(tenant: Tenant, { clouds }: Declared['federation']): string {
  const regions = clouds.get(tenant.cloud)?.regions ?? [];
  return (regions.find(({ name }) => name === tenant.region) ?? regions[0])?.site ?? tenant.cloud;
}

/** Nodes of overlays that a tenant's prefixes are declared to lie behind: how its site is reached where nothing is declared of the site itself. */
function nodesOf(tenant: Tenant, { addresses, overlays }: Declared): Edge[] {
  const held = addresses.allocations.get(`tenant/${tenant.id}`) ?? addresses.allocations.get(`tenant/${tenant.id}/data`);
  const prefixes = [held?.v4, held?.v6].flatMap((text) => (text === undefined ? [] : [parsePrefix(text)]));
  const behind = (node: OverlayNode): boolean => node.prefixes.some((text) => prefixes.some((prefix) => contains(parsePrefix(text), prefix)));
  return overlays.flatMap(({ name, nodes }) => nodes.filter(behind).map((node) => ({ to: node.site ?? node.id, over: `node ${node.id} (${name})` })));
}

function graphOf({ federation, overlays }: Declared): ReadonlyMap<string, readonly Edge[]> {
  const graph = new Map<string, readonly Edge[]>();
  for (const { id, from, to, encrypted, network } of federation.links.values())
    if (encrypted === true) joinBoth(graph, from, to, `link ${id}${network === undefined ? '' : ` (${network})`}`);
  for (const { name, nodes, tunnels } of overlays) {
    const siteOfNode = new Map(nodes.map((node) => [node.id, node.site ?? node.id]));
    for (const { id, from, to } of tunnels) joinBoth(graph, siteOfNode.get(from) ?? from, siteOfNode.get(to) ?? to, `tunnel ${id} (${name})`);
  }
  return graph;
}

function joinBoth(graph: Map<string, readonly Edge[]>, from: string, to: string, over: string): void {
  graph.set(from, [...(graph.get(from) ?? []), { to, over }]);
  graph.set(to, [...(graph.get(to) ?? []), { to: from, over }]);
}

function shortest(graph: ReadonlyMap<string, readonly Edge[]>, from: string, to: string): readonly string[] | undefined {
  const way = new Map<string, readonly string[]>([[from, []]]);
  // A map grows while it is walked: breadth first.
  for (const [here, path] of way) {
    if (here === to) return path.filter((over, index) => over !== path[index - 1]);
    for (const { to: there, over } of graph.get(here) ?? []) if (!way.has(there)) way.set(there, [...path, over]);
  }
  return undefined;
}
