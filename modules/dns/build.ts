import { fillTemplate, problem, Problems, type CsvTable, type DataPath, type Place } from '../core/index.ts';
import { selectObjects, type Federation, type ForEach, type Selected } from '../federation/index.ts';
import type { Stated } from '../network/index.ts';
import type { AddressPlan, Family } from '../network/types.ts';
import { canonicalAddress, familyOf, hostAddress, reverseName, reverseZones } from './addresses.ts';
import { addRecord, addZone, type Draft } from './draft.ts';
import type { ZonePlanDocument } from './load.ts';
import { absoluteName, enclosingZone, isWithin, nameProblem, parentName, zoneFinder } from './names.ts';
import { presentRdata } from './rdata.ts';
import type { DnssecPolicy, KeyedAddress, RecordRule, ServerRule, ZonePlan } from './schema.ts';

/** Everything the rules of all documents are applied to. */
export interface BuildInput {
  readonly root: string;
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly documents: readonly ZonePlanDocument[];
  readonly serverSets: ReadonlyMap<string, Stated<ZonePlan['nameServers'][number]>>;
  readonly policies: ReadonlyMap<string, Stated<DnssecPolicy>>;
}

type Fields = Readonly<Record<string, string | undefined>>;

interface ResolvedServer {
  readonly host: string;
  readonly addresses: readonly string[];
}

/** A delegation towards somebody who is not in this plan. */
interface Delegation {
  readonly zone: string;
  readonly servers: readonly ResolvedServer[];
  readonly ds: readonly string[];
  readonly place: Place;
  readonly plan: ZonePlan;
}

/** Applies the rules of all plans: zones first, then what lies in them, then the delegations between them. */
export function buildZones(input: BuildInput): { draft: Draft; servers: Map<string, readonly string[]> } {
  return new Builder(input).run();
}

class Builder {
  readonly draft: Draft = { zones: new Map(), findings: [] };
  readonly problems = new Problems();
  readonly servers = new Map<string, readonly string[]>();
  /** Lowest name per address, for its PTR record. */
  readonly pointers = new Map<string, { name: string; ttl: number; place: Place }>();
  readonly delegations: Delegation[] = [];
  readonly tables = new Map<string, CsvTable>();
  readonly planOfZone = new Map<string, ZonePlan>();
  readonly input: BuildInput;

  constructor(input: BuildInput) {
    this.input = input;
  }

  run(): { draft: Draft; servers: Map<string, readonly string[]> } {
    const later: (() => void)[] = [];
    for (const document of this.input.documents) {
      const { plan } = document;
      const parent = this.parentOf(document);
      plan.zones.forEach((rule, index) =>
        this.each(document, ['zones', index], rule.forEach, ({ fields, place }) => {
          const name = absoluteName(fillTemplate(rule.name, fields, place), parent);
          const owner = rule.owner === undefined ? (fields['owner'] ?? this.ownOrganisation()) : fillTemplate(rule.owner, fields, place);
          const made = this.zone(document, ['zones', index], { name, kind: 'forward', owner, nameServers: rule.nameServers, policy: rule.policy, place });
          if (made) later.push(() => rule.records.forEach((record) => this.record(plan, record, made, fields, place)));
        }),
      );
      plan.reverse.forEach((rule, index) =>
        this.each(document, ['reverse', index], rule.forEach, ({ fields, place }) => {
          for (const prefix of this.reversePrefixes(rule, fields, place)) {
            const owner = rule.owner === undefined ? (fields['owner'] ?? this.ownOrganisation()) : fillTemplate(rule.owner, fields, place);
            for (const name of reverseZones(prefix))
              this.zone(document, ['reverse', index], { name, kind: 'reverse', owner, nameServers: rule.nameServers, policy: rule.policy, place });
          }
        }),
      );
      plan.records.forEach((rule, index) =>
        this.each(document, ['records', index], rule.forEach, ({ fields, place }) => later.push(() => this.record(plan, rule, parent, fields, place))),
      );
      plan.delegations.forEach((rule, index) =>
        this.each(document, ['delegations', index], rule.forEach, ({ fields, place }) => this.delegation(plan, rule, parent, fields, place)),
      );
    }
    // Records find their zone by name, so all zones of all documents stand first.
    later.forEach((work) => work());
    this.problems.throwIfErrors();
    this.linkZones();
    this.addPointers();
    return { draft: this.draft, servers: this.servers };
  }

  /** Runs `work` for everything a rule is repeated for, or once; problems are collected, not thrown. */
  private each(document: ZonePlanDocument, at: DataPath, forEach: ForEach | undefined, work: (selected: Selected) => void): void {
    const { root, federation } = this.input;
    const place = document.source.locate(at);
    this.problems.collect(() => {
      const file = document.source.file;
      const selected = forEach
        ? selectObjects(root, file, forEach, federation, document.source.locate([...at, 'forEach']), this.tables)
        : [{ fields: {}, place }];
      for (const one of selected) this.problems.collect(() => work(one));
    });
  }

  private ownOrganisation(): string {
    const { member } = this.input.federation.settings;
    return member.organisation ?? member.id;
  }

  private parentOf(document: ZonePlanDocument): string {
    const parent = document.plan.parent ?? this.input.federation.settings.parentZone ?? '.';
    const name = parent.endsWith('.') ? parent.toLowerCase() : `${parent.toLowerCase()}.`;
    const wrong = nameProblem(name, document.source.locate(['parent']));
    if (wrong) this.problems.add(wrong);
    return name;
  }

  private zone(
    document: ZonePlanDocument,
    at: DataPath,
    zone: { name: string; kind: 'forward' | 'reverse'; owner: string; nameServers: string; policy: string | undefined; place: Place },
  ): string | undefined {
    const { plan, source } = document;
    const set = this.input.serverSets.get(zone.nameServers);
    if (!set) this.unknown('DNS-UNKNOWN-SERVERS', `name-server set "${zone.nameServers}"`, this.input.serverSets, source.locate([...at, 'nameServers']));
    if (zone.policy !== undefined && !this.input.policies.has(zone.policy))
      this.unknown('DNS-UNKNOWN-POLICY', `DNSSEC policy "${zone.policy}"`, this.input.policies, source.locate([...at, 'policy']));
    if (!set) return undefined;
    const servers = set.value.servers.map((server) => this.server(server, zone.name, {}, set.place));
    const hosts = servers.map(({ host }) => host);
    const { name, kind, owner, policy, place } = zone;
    if (!addZone(this.draft, { name, kind, owner, policy, servers: hosts, place })) return undefined;
    this.planOfZone.set(name, plan);
    const added = this.draft.zones.get(name);
    const { soa, ttl } = plan;
    const mailbox = absoluteName(soa.mailbox, name);
    const data = `${hosts[0] ?? '.'} ${mailbox} 1 ${soa.refresh} ${soa.retry} ${soa.expire} ${soa.minimum}`;
    addRecord(this.draft, { name, type: 'SOA', ttl: ttl.default, data, place }, added);
    for (const host of hosts) addRecord(this.draft, { name, type: 'NS', ttl: ttl.nameServers, data: host, place, derived: true }, added);
    return name;
  }

  private unknown(code: string, what: string, known: ReadonlyMap<string, unknown>, place: Place): void {
    // One rule fails for everything it is repeated for: say it once.
    if (!this.problems.list.some((found) => found.code === code && found.line === place.line && found.file === place.file))
      this.problems.error(code, `there is no ${what}`, {
        ...place,
        hint: known.size > 0 ? `stated: ${[...known.keys()].sort().join(', ')}` : 'state it in a ZonePlan',
      });
  }

  /** A name server with its absolute host name and canonical addresses. */
  private server(server: ServerRule, origin: string, fields: Fields, place: Place): ResolvedServer {
    const host = absoluteName(fillTemplate(server.host, fields, place), origin);
    const wrong = nameProblem(host, place);
    if (wrong) this.problems.add(wrong);
    const addresses = [...(server.addresses ?? []).map((text) => this.address(fillTemplate(text, fields, place), place))];
    if (server.address) addresses.push(...this.keyedAddresses(server.address, fields, place).map(({ address }) => address));
    if (!this.servers.has(host) || addresses.length > 0) this.servers.set(host, addresses);
    return { host, addresses };
  }

  private address(text: string, place: Place): string {
    if (familyOf(text)) return canonicalAddress(text);
    this.problems.error('DNS-ADDRESS', `"${text}" is not an address`, { ...place, hint: 'write one IPv4 or IPv6 address without a length' });
    return text;
  }

  /** Addresses of a key; of a key with `{answering}` those of every tenant that answers for the system. */
  private keyedAddresses(keyed: KeyedAddress, fields: Fields, place: Place): { family: Family; address: string }[] {
    const answering = keyed.key.includes('{answering}') ? (fields['answering'] ?? '').split(' ') : [];
    if (answering.length > 1) return answering.flatMap((tenant) => this.keyedAddresses(keyed, { ...fields, answering: tenant }, place));
    const key = fillTemplate(keyed.key, fields, place);
    const allocation = this.input.addresses.allocations.get(key);
    const found: { family: Family; address: string }[] = [];
    for (const family of keyed.families) {
      const prefix = allocation?.[family];
      if (prefix === undefined) continue;
      const address = hostAddress(prefix, keyed.host);
      if (address === undefined)
        this.finding(
          'DNS-HOST-RANGE',
          `${key} holds ${prefix}, which has no address number ${keyed.host}`,
          place,
          'choose a smaller host number or a larger prefix',
        );
      else found.push({ family, address });
    }
    if (found.length === 0 && !allocation)
      this.finding('DNS-NO-ADDRESS', `key "${key}" is not in the address plan`, place, 'add a need for it to a network plan and run `vcloud net allocate`');
    return found;
  }

  private finding(code: string, message: string, place: Place, hint: string): void {
    this.draft.findings.push(problem(code, message, { ...place, hint }));
  }

  private record(plan: ZonePlan, rule: RecordRule, origin: string, fields: Fields, place: Place): void {
    this.problems.collect(() => {
      const name = absoluteName(fillTemplate(rule.name, fields, place), origin);
      const ttl = rule.ttl ?? plan.ttl.default;
      if ((rule.address === undefined) === (rule.type === undefined || rule.data === undefined)) {
        this.problems.error('DNS-RECORD', `record "${rule.name}" needs either \`address\` or \`type\` and \`data\``, {
          ...place,
          hint: 'give one of the two forms',
        });
        return;
      }
      if (rule.address) {
        for (const { family, address } of this.keyedAddresses(rule.address, fields, place)) {
          addRecord(this.draft, { name, type: family === 'v4' ? 'A' : 'AAAA', ttl, data: address, place });
          if (rule.pointer) this.point(address, name, plan.ttl.pointers, place);
        }
        return;
      }
      const { type, data } = rule;
      if (type === undefined || data === undefined) return;
      for (const text of typeof data === 'string' ? [data] : data) {
        const rdata = presentRdata(type, fillTemplate(text, fields, place), origin);
        if ('wrong' in rdata)
          this.problems.error('DNS-RDATA', `${name} ${type}: ${rdata.wrong}`, { ...place, hint: "see the type's format in the documentation of zone plans" });
        else {
          addRecord(this.draft, { name, type, ttl, data: rdata.text, place });
          if (rule.pointer && (type === 'A' || type === 'AAAA')) this.point(rdata.text, name, plan.ttl.pointers, place);
        }
      }
    });
  }

  private point(address: string, name: string, ttl: number, place: Place): void {
    const held = this.pointers.get(address);
    if (name.startsWith('*') || (held && held.name <= name)) return;
    this.pointers.set(address, { name, ttl, place });
  }

  private reversePrefixes(rule: ZonePlan['reverse'][number], fields: Fields, place: Place): string[] {
    const { addresses } = this.input;
    const stated = [rule.key, rule.pool, rule.prefix].filter((value) => value !== undefined).length;
    if (stated !== 1) {
      this.problems.error('DNS-REVERSE', 'a reverse rule needs one of `key`, `pool`, `prefix`', {
        ...place,
        hint: 'say which block the reverse zones are cut from',
      });
      return [];
    }
    if (rule.prefix !== undefined) return [rule.prefix];
    if (rule.pool !== undefined) {
      const pool = addresses.pools.get(fillTemplate(rule.pool, fields, place));
      if (pool) return [pool.prefix];
      this.finding('DNS-NO-ADDRESS', `there is no pool "${rule.pool}" in the address plan`, place, 'name a pool of a network plan');
      return [];
    }
    const key = fillTemplate(rule.key ?? '', fields, place);
    const allocation = addresses.allocations.get(key);
    if (!allocation)
      this.finding('DNS-NO-ADDRESS', `key "${key}" is not in the address plan`, place, 'add a need for it to a network plan and run `vcloud net allocate`');
    return rule.families.flatMap((family) => allocation?.[family] ?? []);
  }

  private delegation(plan: ZonePlan, rule: ZonePlan['delegations'][number], parent: string, fields: Fields, place: Place): void {
    const names: string[] = [];
    if (rule.name !== undefined) names.push(absoluteName(fillTemplate(rule.name, fields, place), parent));
    if (rule.key !== undefined) {
      const key = fillTemplate(rule.key, fields, place);
      const allocation = this.input.addresses.allocations.get(key);
      if (!allocation)
        this.finding('DNS-NO-ADDRESS', `key "${key}" is not in the address plan`, place, 'add a need for it to a network plan and run `vcloud net allocate`');
      for (const family of ['v6', 'v4'] as const) {
        const prefix = allocation?.[family];
        if (prefix !== undefined) names.push(...reverseZones(prefix));
      }
    }
    for (const zone of names) {
      const servers = rule.servers.map((server) => this.server(server, zone, fields, place));
      this.delegations.push({ zone, servers, ds: rule.ds.map((text) => fillTemplate(text, fields, place)), place, plan });
    }
  }

  /** NS and glue for every zone that lies below another of ours, and for the delegations to others. */
  private linkZones(): void {
    for (const zone of this.draft.zones.values()) {
      const above = parentName(zone.name);
      const parent = above === undefined ? undefined : enclosingZone(this.draft.zones, above);
      const plan = this.planOfZone.get(zone.name);
      if (parent && plan) for (const host of zone.servers) this.delegate(parent.name, zone.name, host, plan, zone.place);
      // The hosts' own addresses, in the zone that holds their names.
      if (plan) for (const host of zone.servers) this.serverAddresses(host, plan, zone.place);
    }
    for (const { zone, servers, ds, place, plan } of this.delegations) {
      const above = parentName(zone);
      const parent = above === undefined ? undefined : enclosingZone(this.draft.zones, above);
      if (!parent || this.draft.zones.has(zone)) {
        this.finding(
          'DNS-DELEGATION',
          parent ? `${zone} is a zone of this plan and also delegated to somebody else` : `no zone of this plan lies above ${zone}`,
          place,
          parent ? 'remove one of the two' : 'a delegation belongs to the plan that holds the zone above',
        );
        continue;
      }
      for (const { host } of servers) this.delegate(parent.name, zone, host, plan, place);
      for (const text of ds) {
        const rdata = presentRdata('DS', text, zone);
        if ('wrong' in rdata) this.finding('DNS-RDATA', `${zone} DS: ${rdata.wrong}`, place, 'copy the DS as the child published it');
        else addRecord(this.draft, { name: zone, type: 'DS', ttl: plan.ttl.delegationSigner, data: rdata.text, place }, parent);
      }
      for (const { host } of servers) if (!isWithin(host, zone)) this.serverAddresses(host, plan, place);
    }
  }

  private delegate(parent: string, child: string, host: string, plan: ZonePlan, place: Place): void {
    const zone = this.draft.zones.get(parent);
    const ttl = plan.ttl.nameServers;
    addRecord(this.draft, { name: child, type: 'NS', ttl, data: host, place, derived: true }, zone);
    // Glue only where the name would otherwise lie behind the cut itself (RFC 1034 section 4.2.1).
    if (!isWithin(host, child)) return;
    for (const address of this.servers.get(host) ?? [])
      addRecord(this.draft, { name: host, type: familyOf(address) === 'v4' ? 'A' : 'AAAA', ttl, data: address, place, derived: true }, zone);
  }

  private serverAddresses(host: string, plan: ZonePlan, place: Place): void {
    const zone = enclosingZone(this.draft.zones, host);
    if (!zone) return;
    for (const address of this.servers.get(host) ?? []) {
      addRecord(
        this.draft,
        { name: host, type: familyOf(address) === 'v4' ? 'A' : 'AAAA', ttl: plan.ttl.nameServers, data: address, place, derived: true },
        zone,
      );
      this.point(address, host, plan.ttl.pointers, place);
    }
  }

  private addPointers(): void {
    const zoneOf = zoneFinder(this.draft.zones);
    for (const [address, { name, ttl, place }] of this.pointers) {
      const owner = reverseName(address);
      const zone = zoneOf(owner);
      // A block delegated to a member is the member's to name.
      if (zone?.kind !== 'reverse' || this.delegations.some((delegation) => isWithin(owner, delegation.zone))) continue;
      addRecord(this.draft, { name: owner, type: 'PTR', ttl, data: name, place }, zone);
    }
  }
}
