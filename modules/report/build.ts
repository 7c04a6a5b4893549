import { compareCodeUnits, sortedBy } from '../core/index.ts';
import { ancestors, type Federation } from '../federation/index.ts';
import type { ZoneSet } from '../dns/types.ts';
import type { PlanRun, Synthesis } from '../engine/types.ts';
import { catalogue } from '../inventory/index.ts';
import { kindRank, type InventoryRecord } from '../inventory/types.ts';
import type { AddressPlan } from '../network/types.ts';
import type { AuditRun } from '../policy/types.ts';
import type { OverlaySet } from '../vpn/types.ts';
import { auditOf } from './audit.ts';
import { foreign, type ForeignFacts } from './foreign.ts';
import type {
  Names,
  ReportCloud,
  ReportConnection,
  ReportData,
  ReportMember,
  ReportOrganisation,
  ReportPrefix,
  ReportSite,
  ReportStack,
  ReportSystem,
  ReportTiming,
} from './types.ts';

/** What the steps of the main job leave behind; what did not run is absent. */
export interface ReportSources {
  /** The member that writes the page. */
  readonly federation: Federation;
  /** Records of all members, as the inventory holds them. */
  readonly records: readonly InventoryRecord[];
  readonly addresses: AddressPlan;
  readonly zones?: ZoneSet | undefined;
  readonly overlays?: OverlaySet | undefined;
  /** One per member that ran here. */
  readonly syntheses?: readonly Synthesis[] | undefined;
  readonly plans?: readonly PlanRun[] | undefined;
  readonly audits?: readonly AuditRun[] | undefined;
  readonly members?: readonly ReportMember[] | undefined;
  readonly timings?: readonly ReportTiming[] | undefined;
  /** The command that makes the page again. */
  readonly command?: string | undefined;
  readonly version?: string | undefined;
}

/**
 * Picks what the page shows. The writing member's own objects come from its declarations and plans; what other
 * members hold is known only through their records. Pure: the same sources give the same value.
 */
export function buildReportData(sources: ReportSources): ReportData {
  const { federation, addresses } = sources;
  const records = inOrder(sources.records);
  const self = federation.settings.member;
  const others = foreign(records.filter((record) => record.member !== self.id));
  const stacks = stacksOf(sources, others);
  const systems = sortedBy([...systemsOf(federation, self.id), ...others.systems], (system) => system.id);
  const overlays = sources.overlays?.overlays ?? [];
  const zones = sources.zones?.zones ?? [];
  const plan = (sources.plans ?? [])[0];
  const organisations = sortedBy([...organisationsOf(federation), ...others.organisations], (organisation) => organisation.id);
  const prefixes = [...prefixesOf(sources, new Set(organisations.map(({ id }) => id))), ...others.prefixes].sort(byPrefix);
  const sites = sortedBy([...sitesOf(federation), ...others.sites], (site) => site.id);
  const ownClouds = [...federation.clouds.values()].map(({ id, names, kind, owner }): ReportCloud => ({ id, names, kind, owner }));
  const clouds = sortedBy([...ownClouds, ...others.clouds], (cloud) => cloud.id);
  return {
    asOf: federation.asOf,
    language: federation.settings.language,
    federation: { id: self.id, names: rootNames(federation) },
    madeBy: { command: sources.command ?? 'vcloud federate', version: sources.version ?? '' },
    members: sources.members ?? [{ id: self.id, names: self.names }],
    totals: {
      organisations: organisations.length,
      sites: sites.length,
      clouds: clouds.length,
      prefixes4: prefixes.filter(({ prefix }) => !prefix.includes(':')).length,
      prefixes6: prefixes.filter(({ prefix }) => prefix.includes(':')).length,
      zones: zones.length + others.zones,
      zoneRecords: zones.reduce((sum, zone) => sum + zone.records.reduce((inner, set) => inner + set.data.length, 0), 0) + others.zoneRecords,
      tunnels: overlays.reduce((sum, overlay) => sum + overlay.tunnels.length, 0) + others.tunnels,
      stacks: stacks.length,
      resources: stacks.reduce((sum, stack) => sum + stack.resources, 0),
      systems: systems.length,
      records: records.length,
    },
    organisations,
    sites,
    clouds,
    connections: sortedBy([...connectionsOf(federation, sources.overlays), ...others.links], ({ layer, id }) => `${layer} ${id}`),
    pools: sortedBy(
      [...addresses.pools.values()].map(({ name, prefix, domain }) => ({ name, prefix, domain })),
      (pool) => pool.name,
    ),
    prefixes,
    question: questionOf(prefixes, systems),
    systems,
    overlays: overlays.map((overlay) => ({
      name: overlay.name,
      profile: `${overlay.profile.name} (${overlay.profile.kind})`,
      trial: overlay.profile.trial,
      hubs: overlay.nodes.filter((node) => node.role === 'hub').length,
      spokes: overlay.nodes.filter((node) => node.role === 'spoke').length,
      tunnels: overlay.tunnels.length,
    })),
    plan: {
      id: plan?.id,
      engine: plan?.engine && `${plan.engine.name} ${plan.engine.version}`,
      environment: plan?.environment ?? federation.settings.environment,
      unavailable: plan?.unavailable?.reason,
      hint: plan?.unavailable?.hint,
    },
    stacks,
    offers: catalogue(records, {}, federation.asOf),
    ...(sources.audits && sources.audits.length > 0 ? { audit: auditOf(sources.audits) } : {}),
    inventory: records,
    timings: sources.timings ?? [],
  };
}

/** What is declared before what was found; who and where before the many small things. */
function inOrder(records: readonly InventoryRecord[]): InventoryRecord[] {
  return [...records].sort((a, b) => compareCodeUnits(a.layer, b.layer) || kindRank(a.kind) - kindRank(b.kind) || compareCodeUnits(a.urn, b.urn));
}

/** What the member's own organisation stands below in the end; the member itself where that is declared elsewhere. */
function rootNames(federation: Federation): Names {
  const { organisation = '', names } = federation.settings.member;
  const top = ancestors(federation, organisation).at(-1);
  return top && top.parent === undefined ? top.names : names;
}

function organisationsOf(federation: Federation): ReportOrganisation[] {
  return [...federation.organisations.values()].map(({ id, kind, names, parent, location }) => ({ id, kind, names, parent, location }));
}

function sitesOf(federation: Federation): ReportSite[] {
  const clouds = new Map<string, string[]>();
  for (const cloud of federation.clouds.values()) for (const { site } of cloud.regions) clouds.set(site, [...(clouds.get(site) ?? []), cloud.id]);
  return [...federation.sites.values()].map(({ id, kind, names, owner, role, backup, location }) => ({
    id,
    kind,
    names,
    owner,
    role,
    backup,
    location: location ?? federation.organisations.get(owner)?.location,
    clouds: [...new Set(clouds.get(id))].sort(compareCodeUnits),
  }));
}

/** Declared links, and the tunnels of each overlay drawn once between the places of their ends. */
function connectionsOf(federation: Federation, overlays: OverlaySet | undefined): ReportConnection[] {
  const links = [...federation.links.values()].map(({ id, kind, from, to, capacityMbps }): ReportConnection => ({
    id,
    layer: 'link',
    kind,
    from,
    to,
    capacityMbps,
  }));
  const tunnels = new Map<string, ReportConnection>();
  for (const overlay of overlays?.overlays ?? []) {
    const place = new Map(overlay.nodes.map((node) => [node.id, node.site ?? node.owner]));
    for (const tunnel of overlay.tunnels) {
      const from = place.get(tunnel.from);
      const to = place.get(tunnel.to);
      if (from === undefined || to === undefined || from === to) continue;
      const id = `${overlay.name} ${from} ${to}`;
      if (!tunnels.has(id)) tunnels.set(id, { id: tunnel.id, layer: 'tunnel', kind: overlay.name, from, to });
    }
  }
  return [...links, ...tunnels.values()];
}

/** Legs of the writing member's own plan; who answers for each is what its inventory records say. */
function prefixesOf({ addresses, federation, records }: ReportSources, organisations: ReadonlySet<string>): ReportPrefix[] {
  const member = federation.settings.member.id;
  const owners = new Map<string, string>();
  for (const { kind, member: holder, owner, attributes } of records) {
    if (kind === 'prefix' && holder === member) owners.set(JSON.stringify([attributes['key'], attributes['prefix']]), owner);
  }
  const legs: ReportPrefix[] = [];
  for (const { key, v4, v6, pool4, pool6 } of addresses.allocations.values()) {
    for (const [prefix, pool] of [
      [v4, pool4],
      [v6, pool6],
    ] as const) {
      if (prefix === undefined) continue;
      const [kind, id = ''] = key.split('/');
      // A block held for another member belongs to that member's organisation, which only its own records declare.
      const owner = kind === 'agency' && organisations.has(id) ? id : owners.get(JSON.stringify([key, prefix]));
      legs.push({ key, prefix, domain: addresses.pools.get(pool ?? '')?.domain ?? '', owner, member });
    }
  }
  return legs;
}

function byPrefix(a: ReportPrefix, b: ReportPrefix): number {
  return compareCodeUnits(a.key, b.key) || compareCodeUnits(a.prefix, b.prefix);
}

function systemsOf(federation: Federation, member: string): ReportSystem[] {
  return [...federation.systems.values()].map(({ id, names, owner, level, shared, tenants, disasterRecovery }) => ({
    id,
    names,
    owner,
    member,
    level: level?.value,
    shared: shared ?? false,
    tenants: tenants ?? [],
    recovery: disasterRecovery && {
      place: disasterRecovery.tenant ?? disasterRecovery.site ?? '',
      mode: disasterRecovery.mode,
      rpoMinutes: disasterRecovery.rpoMinutes,
      rtoMinutes: disasterRecovery.rtoMinutes,
    },
  }));
}

function stacksOf({ syntheses, plans }: ReportSources, others: ForeignFacts): ReportStack[] {
  const stacks = new Map<string, ReportStack>(others.stacks.map((stack) => [stack.path, stack]));
  for (const { path, agency, environment, resources } of (syntheses ?? []).flatMap((synthesis) => synthesis.stacks)) {
    stacks.set(path, { path, agency, environment, resources: resources.length, add: 0, change: 0, destroy: 0, waitsFor: [], milliseconds: 0 });
  }
  for (const run of plans ?? []) {
    for (const { path, agency, state, add, change, destroy, waitsFor, error, milliseconds } of run.stacks) {
      const resources = stacks.get(path)?.resources ?? 0;
      stacks.set(path, { path, agency, environment: run.environment, resources, state, add, change, destroy, waitsFor, error, milliseconds });
    }
  }
  return sortedBy(stacks.values(), (stack) => stack.path);
}

/** An address worth asking about: in a tenant's subnet, of a shared system where there is one. */
function questionOf(prefixes: readonly ReportPrefix[], systems: readonly ReportSystem[]): string | undefined {
  const tenants = new Set(systems.filter((system) => system.shared).flatMap((system) => system.tenants));
  const v4 = prefixes.filter(({ prefix }) => /^10\./u.test(prefix));
  const subnets = v4.filter(({ key }) => key.startsWith('tenant/') && key.split('/').length > 2);
  const best = subnets.find(({ key }) => tenants.has(key.split('/')[1] ?? '')) ?? subnets[0] ?? v4.find(({ key }) => key.startsWith('commune/')) ?? v4[0];
  const [address = ''] = (best?.prefix ?? '').split('/');
  const parts = address.split('.').map(Number);
  return parts.length === 4 ? [...parts.slice(0, 3), (parts[3] ?? 0) + 10].join('.') : undefined;
}
