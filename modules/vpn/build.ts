import { fillTemplate, parseCsv, problem, Problems, readText, sortedBy, type CsvTable, type Place, type Problem } from '../core/index.ts';
import { resolveBelow, selectObjects, type Federation } from '../federation/index.ts';
import type { Stated } from '../network/index.ts';
import type { AddressPlan, Family } from '../network/types.ts';
import { hostAddress, familyOf, canonicalPrefix } from './addresses.ts';
import type { OverlayPlanDocument } from './load.ts';
import type { NodeRule, OverlayRule, Profile, WireguardProfile } from './schema.ts';
import { tunnelsOf } from './topology.ts';
import type { Overlay, OverlayNode } from './types.ts';

/** What overlays are made from. */
export interface BuildInput {
  readonly root: string;
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly documents: readonly OverlayPlanDocument[];
  readonly profiles: ReadonlyMap<string, Stated<Profile>>;
}

type Fields = Readonly<Record<string, string | undefined>>;

/**
 * The overlays of all documents: nodes from the rules, tunnels from the nodes' groups.
 * @throws ProblemError with every problem of the plans
 */
export function buildOverlays(input: BuildInput): { overlays: Overlay[]; findings: Problem[] } {
  const problems = new Problems();
  const findings: Problem[] = [];
  const overlays: Overlay[] = [];
  const tables = new Map<string, CsvTable>();
  for (const document of input.documents) {
    document.plan.overlays.forEach((rule, index) => {
      const place = document.source.locate(['overlays', index]);
      const first = overlays.find(({ name }) => name === rule.name);
      if (first) {
        problems.error('VPN-OVERLAY-DUPLICATE', `overlay "${rule.name}" is stated twice`, { ...place, hint: 'rename one of them or remove it' });
        return;
      }
      const overlay = problems.collect(() => new OverlayBuilder(input, document, index, rule, tables, problems, findings).build());
      if (overlay) overlays.push(overlay);
    });
  }
  problems.throwIfErrors();
  return { overlays: sortedBy(overlays, ({ name }) => name), findings };
}

class OverlayBuilder {
  readonly input: BuildInput;
  readonly document: OverlayPlanDocument;
  readonly index: number;
  readonly rule: OverlayRule;
  readonly tables: Map<string, CsvTable>;
  readonly problems: Problems;
  readonly findings: Problem[];

  constructor(
    input: BuildInput,
    document: OverlayPlanDocument,
    index: number,
    rule: OverlayRule,
    tables: Map<string, CsvTable>,
    problems: Problems,
    findings: Problem[],
  ) {
    this.input = input;
    this.document = document;
    this.index = index;
    this.rule = rule;
    this.tables = tables;
    this.problems = problems;
    this.findings = findings;
  }

  build(): Overlay | undefined {
    const { rule } = this;
    const place = this.document.source.locate(['overlays', this.index]);
    const profile = this.input.profiles.get(rule.profile);
    if (!profile) {
      this.problems.error('VPN-UNKNOWN-PROFILE', `there is no profile "${rule.profile}"`, {
        ...this.document.source.locate(['overlays', this.index, 'profile']),
        hint: `stated: ${[...this.input.profiles.keys()].sort().join(', ') || 'none'}`,
      });
      return undefined;
    }
    const keys = profile.value.kind === 'wireguard' ? this.publicKeys(profile.value, profile.place) : undefined;
    const nodes = new Map<string, OverlayNode>();
    rule.nodes.forEach((nodeRule, at) => {
      const nodePlace = this.document.source.locate(['overlays', this.index, 'nodes', at]);
      const { root, federation } = this.input;
      this.problems.collect(() => {
        const selected = nodeRule.forEach
          ? selectObjects(root, this.document.source.file, nodeRule.forEach, federation, nodePlace, this.tables)
          : [{ fields: {}, place: nodePlace }];
        for (const one of selected) this.problems.collect(() => this.addNode(nodes, nodeRule, one.fields, one.place, keys));
      });
    });
    const list = sortedBy(nodes.values(), ({ id }) => id);
    this.checkGroups(list, place);
    if (profile.value.kind === 'wireguard') this.checkFlat(list, place);
    if (this.problems.hasErrors) return undefined;
    const { name, trial, kind } = profile.value;
    return {
      name: rule.name,
      profile: { name, kind, trial, stated: profile.value },
      nodes: list,
      tunnels: tunnelsOf(rule.name, name, list, rule.mesh),
      reach: rule.reach.flatMap((item) => this.prefixes(item, {}, place)),
      hubsPerGroup: rule.hubsPerGroup,
      mesh: rule.mesh,
      place,
    };
  }

  private addNode(nodes: Map<string, OverlayNode>, rule: NodeRule, fields: Fields, place: Place, keys: Map<string, string> | undefined): void {
    const fill = (text: string): string => fillTemplate(text, fields, place);
    const id = fill(rule.id);
    if (!/^[a-z0-9][a-z0-9-]*$/u.test(id)) {
      this.problems.error('VPN-NODE-ID', `"${id}" cannot name a node`, {
        ...place,
        hint: 'use lower-case letters, digits and hyphens: the id becomes part of file and connection names',
      });
      return;
    }
    const first = nodes.get(id);
    if (first) {
      this.problems.error('VPN-NODE-DUPLICATE', `node "${id}" of overlay "${this.rule.name}" is made twice`, {
        ...place,
        hint: 'give one of the two another id, or narrow a rule',
      });
      return;
    }
    const publicKey = keys?.get(id);
    if (keys && publicKey === undefined) {
      this.problems.error('VPN-KEY-MISSING', `node "${id}" has no public key`, {
        ...place,
        hint: 'add the public half its device made to the table of the profile',
      });
    }
    const endpoints = rule.endpoints.map((text) => fill(text));
    for (const text of endpoints)
      if (!familyOf(text))
        this.problems.error('VPN-ENDPOINT', `"${text}" is not an address`, { ...place, hint: 'write one IPv4 or IPv6 address without port or length' });
    if (rule.role === 'hub' && (endpoints.length === 0 || rule.group === undefined))
      this.problems.error('VPN-HUB', `hub "${id}" needs a group and at least one endpoint`, { ...place, hint: 'spokes must know whom to call and where' });
    nodes.set(id, {
      id,
      role: rule.role,
      owner:
        rule.owner === undefined
          ? (fields['owner'] ?? this.input.federation.settings.member.organisation ?? this.input.federation.settings.member.id)
          : fill(rule.owner),
      site: rule.site === undefined ? undefined : fill(rule.site),
      endpoints,
      prefixes: rule.prefixes.flatMap((item) => this.prefixes(item, fields, place)),
      asn: this.asn(rule, fields, place),
      group: rule.group === undefined ? undefined : fill(rule.group),
      joins: rule.joins.map(fill),
      inner: this.inner(rule, fields, place),
      publicKey,
      elsewhere: rule.elsewhere,
      place,
    });
  }

  private prefixes(item: NodeRule['prefixes'][number], fields: Fields, place: Place): string[] {
    const { addresses } = this.input;
    if (typeof item === 'string') return [canonicalPrefix(fillTemplate(item, fields, place), place)];
    if ('pool' in item) {
      const name = fillTemplate(item.pool, fields, place);
      const pool = addresses.pools.get(name);
      if (!pool) this.unnumbered(`pool "${name}"`, place);
      return pool ? [pool.prefix] : [];
    }
    const key = fillTemplate(item.key, fields, place);
    const allocation = addresses.allocations.get(key);
    if (!allocation) this.unnumbered(`key "${key}"`, place);
    return [allocation?.v4, allocation?.v6].filter((prefix) => prefix !== undefined);
  }

  private unnumbered(what: string, place: Place): void {
    this.findings.push(
      problem('VPN-NO-PREFIX', `${what} is not in the address plan`, { ...place, hint: 'add it to a network plan and run `vcloud net allocate`' }),
    );
  }

  private inner(rule: NodeRule, fields: Fields, place: Place): OverlayNode['inner'] {
    if (!rule.address) return undefined;
    const key = fillTemplate(rule.address.key, fields, place);
    const allocation = this.input.addresses.allocations.get(key);
    if (!allocation) {
      this.unnumbered(`key "${key}"`, place);
      return undefined;
    }
    const { host } = rule.address;
    const of = (family: Family): string | undefined => {
      const prefix = allocation[family];
      return prefix === undefined ? undefined : hostAddress(prefix, host);
    };
    return { v4: of('v4'), v6: of('v6') };
  }

  private asn(rule: NodeRule, fields: Fields, place: Place): number | undefined {
    if (rule.asn === undefined || typeof rule.asn === 'number') return rule.asn;
    return this.input.addresses.asns.get(fillTemplate(rule.asn.key, fields, place));
  }

  private publicKeys(profile: WireguardProfile, place: Place): Map<string, string> {
    const file = resolveBelow(this.document.source.file, profile.publicKeys, place);
    const table = this.tables.get(file) ?? parseCsv(file, readText(this.input.root, file, place));
    this.tables.set(file, table);
    const keys = new Map<string, string>();
    for (const { cells, line } of table.rows) {
      const node = cells['node'] ?? '';
      const key = cells['publicKey'] ?? '';
      // 32 octets in base64: 43 characters and one "=".
      if (!/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/u.test(key) || node === '' || keys.has(node))
        this.problems.error('VPN-KEY', keys.has(node) ? `node "${node}" has two public keys` : `the row has no node or no WireGuard public key`, {
          file,
          line,
          column: 1,
          hint: 'one row per node: its id and the output of `wg pubkey`, never of `wg genkey`',
        });
      else keys.set(node, key);
    }
    return keys;
  }

  private checkGroups(nodes: readonly OverlayNode[], place: Place): void {
    const groups = new Set(nodes.flatMap(({ role, group }) => (role === 'hub' && group !== undefined ? [group] : [])));
    const report = (group: string, who: string, at: Place): void => {
      this.problems.error('VPN-UNKNOWN-GROUP', `${who} names group "${group}", which has no hub`, {
        ...at,
        hint: `groups with hubs: ${[...groups].sort().slice(0, 12).join(', ') || 'none'}`,
      });
    };
    for (const node of nodes) for (const group of node.joins ?? []) if (!groups.has(group)) report(group, `node "${node.id}"`, node.place ?? place);
    for (const group of this.rule.mesh) if (!groups.has(group)) report(group, `the mesh of "${this.rule.name}"`, place);
  }

  /** WireGuard decides by AllowedIPs alone, so two hubs of a pair cannot stand on one interface: only one level of hubs. */
  private checkFlat(nodes: readonly OverlayNode[], place: Place): void {
    if (this.rule.mesh.length > 0 || nodes.some(({ role, joins }) => role === 'hub' && (joins?.length ?? 0) > 0))
      this.problems.error('VPN-WIREGUARD-LEVELS', `overlay "${this.rule.name}" has hubs above hubs, which its WireGuard profile cannot carry`, {
        ...place,
        hint: 'use an IPsec profile, or one level of hubs',
      });
  }
}
