import { problem, type Place, type Problem } from '../core/index.ts';
import { isFault, readAddress, truncate, formatPrefix } from '../network/index.ts';
import { checkPolicies } from './check-policy.ts';
import { enclosingZone, isWithin, nameProblem, parentName } from './names.ts';
import type { RecordSet, Zone, ZoneSet } from './types.ts';

/**
 * What is wrong with a set of zones, as findings with the clause they rest on; nothing when all is well.
 * Judges the finished zones, so it serves planned zones and zones read from files alike.
 */
export function checkZones(set: ZoneSet): Problem[] {
  const check = new Check(set);
  for (const zone of set.zones) check.zone(zone);
  return [...(set.findings ?? []), ...checkPolicies(set), ...check.findings];
}

class Check {
  readonly findings: Problem[] = [];
  readonly set: ZoneSet;
  readonly zones: ReadonlyMap<string, Zone>;
  /** Types and data by owner name over all zones, for the targets of records. */
  readonly names = new Map<string, RecordSet[]>();
  /** Record sets of each zone by `NAME TYPE`. */
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, RecordSet>>;
  /** How many different networks the addresses of a set of hosts lie in, by the hosts. */
  readonly networks = new Map<string, number | undefined>();

  constructor(set: ZoneSet) {
    this.set = set;
    this.zones = new Map(set.zones.map((zone) => [zone.name, zone]));
    this.sets = new Map(set.zones.map((zone) => [zone.name, new Map(zone.records.map((record) => [`${record.name} ${record.type}`, record]))]));
    for (const zone of set.zones) {
      for (const record of zone.records) {
        const list = this.names.get(record.name);
        if (list) list.push(record);
        else this.names.set(record.name, [record]);
      }
    }
  }

  private has(zone: Zone, name: string, type: string): boolean {
    return this.sets.get(zone.name)?.has(`${name} ${type}`) === true;
  }

  private report(zone: Zone, record: { name: string; type: string } | undefined, code: string, message: string, hint: string): void {
    const place: Partial<Place> | undefined = (record && this.set.places?.get(`${zone.name} ${record.name} ${record.type}`)) ?? this.set.places?.get(zone.name);
    this.findings.push(problem(code, message, { severity: 'warning', ...(place ?? { subject: zone.name }), hint }));
  }

  zone(zone: Zone): void {
    if (zone.policy === undefined)
      this.report(zone, undefined, 'DNS-NO-POLICY', `nothing is stated about signing ${zone.name}`, 'name a DNSSEC policy in the zone rule');
    const apex = zone.records.filter(({ name }) => name === zone.name);
    if (apex.filter(({ type }) => type === 'SOA').reduce((sum, { data }) => sum + data.length, 0) !== 1)
      this.report(zone, undefined, 'DNS-SOA', `${zone.name} has not exactly one SOA record`, 'a zone begins with one SOA record (RFC 1035 section 5.2)');
    this.soaTimers(
      zone,
      apex.find(({ type }) => type === 'SOA'),
    );
    this.nameServers(
      zone,
      apex.find(({ type }) => type === 'NS'),
    );
    const cuts = new Set(zone.records.filter(({ name, type }) => type === 'NS' && name !== zone.name).map(({ name }) => name));
    const types = new Map<string, number>();
    for (const { name } of zone.records) types.set(name, (types.get(name) ?? 0) + 1);
    for (const record of zone.records) this.record(zone, record, cuts, types.get(record.name) ?? 1);
    for (const cut of cuts) this.delegation(zone, cut);
    const above = parentName(zone.name);
    const parent = above === undefined ? undefined : enclosingZone(this.zones, above);
    if (parent && !this.has(parent, zone.name, 'NS'))
      this.report(zone, undefined, 'DNS-NOT-DELEGATED', `${parent.name} does not delegate ${zone.name}`, 'add NS records for it to the zone above');
  }

  private record(zone: Zone, record: RecordSet, cuts: ReadonlySet<string>, typesHere: number): void {
    const { name, type, ttl, data } = record;
    const wrong = nameProblem(name, this.set.places?.get(`${zone.name} ${name} ${type}`) ?? { file: '' });
    if (wrong) this.findings.push({ ...wrong, severity: 'warning', ...(wrong.file === '' ? { file: undefined, subject: zone.name } : {}) });
    if (!isWithin(name, zone.name)) {
      this.report(zone, record, 'DNS-OUT-OF-ZONE', `${name} ${type} does not belong to ${zone.name}`, 'move it to the zone that holds the name');
      return;
    }
    if (type === 'CNAME' && (typesHere > 1 || data.length > 1))
      this.report(
        zone,
        record,
        'DNS-CNAME-ALONE',
        `${name} has a CNAME and other records`,
        'a CNAME stands alone (RFC 2181 section 10.1); use addresses instead',
      );
    if (new Set(data).size !== data.length) this.report(zone, record, 'DNS-DUPLICATE', `${name} ${type} holds a record twice`, 'keep one (RFC 2181 section 5)');
    const limit = zone.policy === undefined ? undefined : this.set.policies?.get(zone.policy)?.zoneMaxTtl;
    if (limit !== undefined && ttl > limit)
      this.report(
        zone,
        record,
        'DNS-TTL-LIMIT',
        `${name} ${type} has TTL ${ttl}, policy "${zone.policy ?? ''}" allows ${limit}`,
        'lower the TTL or raise zoneMaxTtl: key rollovers wait for it',
      );
    const cut = nearestCut(name, zone.name, cuts);
    if (cut !== undefined && !(name === cut && (type === 'NS' || type === 'DS')) && type !== 'A' && type !== 'AAAA')
      this.report(
        zone,
        record,
        'DNS-OCCLUDED',
        `${name} ${type} lies behind the delegation of ${cut}`,
        'it is never answered from here; move it to that zone (RFC 2136 section 7.18)',
      );
    if (type === 'DS' && !cuts.has(name))
      this.report(zone, record, 'DNS-DS-ALONE', `${name} has a DS record but is not delegated`, 'add its NS records or remove the DS (RFC 4035 section 2.4)');
    if (type === 'DS') this.delegationSigner(zone, record);
    if (type === 'CNAME' || type === 'PTR' || type === 'MX' || type === 'SRV') this.target(zone, record);
  }

  private delegationSigner(zone: Zone, record: RecordSet): void {
    for (const text of record.data) {
      const [, algorithm, digest] = text.split(' ');
      if (!['8', '13', '14', '15', '16'].includes(algorithm ?? ''))
        this.report(
          zone,
          record,
          'DNS-DS-ALGORITHM',
          `${record.name} DS names algorithm ${algorithm ?? ''}`,
          'use 13 (RFC 9904); 1 to 7, 10 and 12 are withdrawn or discouraged',
        );
      if (digest !== '2' && digest !== '4')
        this.report(zone, record, 'DNS-DS-DIGEST', `${record.name} DS has digest type ${digest ?? ''}`, 'use SHA-256 (2); SHA-1 is withdrawn (RFC 9905)');
    }
  }

  /** A name our own zones should have, but do not. */
  private target(zone: Zone, record: RecordSet): void {
    for (const text of record.data) {
      const target = text.slice(text.lastIndexOf(' ') + 1);
      if (target === '.' || this.names.has(target)) continue;
      const holder = enclosingZone(this.zones, target);
      if (!holder || this.isDelegated(target, holder) || this.hasWildcard(target)) continue;
      this.report(
        zone,
        record,
        'DNS-DANGLING',
        `${record.name} ${record.type} points to ${target}, which ${holder.name} does not have`,
        'add the target or remove the record',
      );
    }
  }

  private hasWildcard(name: string): boolean {
    for (let above = parentName(name); above !== undefined && above !== '.'; above = parentName(above)) if (this.names.has(`*.${above}`)) return true;
    return false;
  }

  private isDelegated(name: string, zone: Zone): boolean {
    for (let current: string | undefined = name; current !== undefined && current !== zone.name; current = parentName(current))
      if (this.names.get(current)?.some(({ type }) => type === 'NS')) return true;
    return false;
  }

  private soaTimers(zone: Zone, soa: RecordSet | undefined): void {
    const fields = soa?.data[0]?.split(' ').slice(3).map(Number) ?? [];
    const [refresh, retry, expire, minimum] = fields;
    if (refresh === undefined || retry === undefined || expire === undefined || minimum === undefined) return;
    const wrong = [
      retry >= refresh ? `retry ${retry} is not below refresh ${refresh}` : '',
      expire < 604_800 || expire < refresh ? `expire ${expire} is below a week or below refresh` : '',
      minimum < 300 || minimum > 86_400 ? `minimum ${minimum} is not between 300 and 86400` : '',
    ].filter((text) => text !== '');
    for (const text of wrong) this.report(zone, soa, 'DNS-SOA-TIMERS', `${zone.name}: ${text}`, 'see RIPE-203 for sound values');
  }

  private nameServers(zone: Zone, ns: RecordSet | undefined): void {
    const hosts = ns?.data ?? [];
    if (hosts.length < 2)
      this.report(zone, ns, 'DNS-SERVERS', `${zone.name} has ${hosts.length} name servers`, 'a zone needs at least two (RFC 1034 section 4.1)');
    for (const host of hosts) {
      const here = this.names.get(host);
      if (here?.some(({ type }) => type === 'CNAME'))
        this.report(zone, ns, 'DNS-SERVER-ALIAS', `name server ${host} is an alias`, 'a name server has addresses of its own (RFC 2181 section 10.3)');
      const holder = enclosingZone(this.zones, host);
      if (holder && !here?.some(({ type }) => type === 'A' || type === 'AAAA') && !this.isDelegated(host, holder))
        this.report(zone, ns, 'DNS-GLUE', `name server ${host} has no address in ${holder.name}`, 'give the server its addresses in the name-server set');
    }
    const count = this.networksOf(hosts);
    if (count !== undefined && count < 2)
      this.report(
        zone,
        ns,
        'DNS-SERVERS-NETWORK',
        `all name servers of ${zone.name} lie in one network`,
        'place them in different networks (RFC 2182 section 3.1)',
      );
  }

  /** Different networks (IPv4 /24, IPv6 /48) of the hosts' addresses; undefined where none is known. */
  private networksOf(hosts: readonly string[]): number | undefined {
    const key = hosts.join(' ');
    if (this.networks.has(key)) return this.networks.get(key);
    const families = { v4: new Set<string>(), v6: new Set<string>() };
    for (const host of hosts) {
      for (const text of [
        ...(this.set.servers?.get(host) ?? []),
        ...(this.names.get(host) ?? []).flatMap(({ type, data }) => (type === 'A' || type === 'AAAA' ? data : [])),
      ]) {
        const address = readAddress(text);
        if (!isFault(address)) families[address.family].add(formatPrefix(truncate(address, address.family === 'v4' ? 24 : 48)));
      }
    }
    const sizes = [families.v4.size, families.v6.size].filter((size) => size > 0);
    const count = sizes.length === 0 ? undefined : Math.min(...sizes);
    this.networks.set(key, count);
    return count;
  }

  /** The parent's side of a cut against the child's, and glue. */
  private delegation(zone: Zone, cut: string): void {
    const record = { name: cut, type: 'NS' };
    const own = this.sets.get(zone.name)?.get(`${cut} NS`);
    const hosts = own?.data ?? [];
    const child = this.zones.get(cut);
    const count = child ? undefined : this.networksOf(hosts);
    if (count !== undefined && count < 2)
      this.report(
        zone,
        record,
        'DNS-SERVERS-NETWORK',
        `all name servers of ${cut} lie in one network`,
        'place them in different networks (RFC 2182 section 3.1)',
      );
    if (hosts.length < 2)
      this.report(zone, record, 'DNS-SERVERS', `the delegation of ${cut} names ${hosts.length} name servers`, 'name at least two (RFC 1034 section 4.1)');
    for (const host of hosts) {
      if (isWithin(host, cut) && !this.has(zone, host, 'A') && !this.has(zone, host, 'AAAA'))
        this.report(
          zone,
          record,
          'DNS-GLUE',
          `the delegation of ${cut} to ${host} has no glue`,
          'give the server its addresses: its name lies behind the cut (RFC 1034 section 4.2.1)',
        );
    }
    const childHosts = this.sets.get(cut)?.get(`${cut} NS`)?.data;
    if (child && childHosts?.join(' ') !== hosts.join(' '))
      this.report(
        zone,
        record,
        'DNS-DELEGATION-DIFFERS',
        `${zone.name} and ${cut} name different servers for ${cut}`,
        'both sides must say the same (RFC 1034 section 4.2.2)',
      );
  }
}

/** The cut a name lies at or below; undefined where it belongs to the zone itself. */
function nearestCut(name: string, zone: string, cuts: ReadonlySet<string>): string | undefined {
  if (cuts.size === 0) return undefined;
  for (let current: string | undefined = name; current !== undefined && current !== zone; current = parentName(current)) if (cuts.has(current)) return current;
  return undefined;
}
