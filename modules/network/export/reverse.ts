import * as path from 'node:path';
import { API_VERSION, canonicalJson, compareCodeUnits, fail, parseCsv, readTextIfPresent, sortedBy } from '../../core/index.ts';
import { reverseZoneNames } from '../names.ts';
import { bitsOf, lastAddress } from '../prefix.ts';
import type { Block } from '../tree.ts';
import type { AddressPlan } from '../types.ts';
import { selectedRoots, type ExportSelection } from './select.ts';

export interface ReverseOptions extends ExportSelection {
  /** Name servers of every zone that has none of its own, absolute or not; at least two (RFC 2182). */
  readonly nameServers: readonly string[];
  /** Mail address of the person responsible, as a name or with `@`; `hostmaster.` of the first name server's domain by default. */
  readonly contact?: string | undefined;
  /** Servers of single holders, by key or owner; what lies in a holder follows it. */
  readonly serversOf?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** A reverse zone of the address plan: its apex, and what it delegates. */
export interface ReverseZone {
  /** Absolute name. */
  readonly name: string;
  /** Pool or key it stands for. */
  readonly holder: string;
  readonly owner: string | undefined;
  readonly prefix: string;
  readonly servers: readonly string[];
  /** Records beside SOA and apex NS: delegations, and aliases into classless zones (RFC 2317). */
  readonly records: readonly ReverseRecord[];
}

/** What the zones above a root, held by somebody else, must say. */
export interface ReverseParent {
  readonly holder: string;
  readonly owner: string | undefined;
  readonly prefix: string;
  readonly records: readonly ReverseRecord[];
}

export interface ReverseRecord {
  readonly name: string;
  readonly type: 'NS' | 'CNAME';
  readonly data: string;
}

const ttl = 3600;

/**
 * The reverse zones of the selected blocks and what joins them: IPv6 cut at nibbles, IPv4 at octets, longer than /24 by
 * aliases into a zone of its own (RFC 2317). A block gets a zone where its holder is another than that of the zone around
 * it; where the plan names no holders, every container does. Records of hosts are for zone plans to add.
 * @throws ProblemError NET-REVERSE-SERVERS without name servers, NET-REVERSE-NAME for a name that cannot be one
 */
export function reverseZones(plan: AddressPlan, options: ReverseOptions): { zones: ReverseZone[]; parents: ReverseParent[] } {
  if (options.nameServers.length === 0) {
    fail('NET-REVERSE-SERVERS', 'reverse zones need name servers', { hint: 'name two or more: --ns ns1.example.gov.vn --ns ns2.example.gov.vn' });
  }
  const builder = new Builder(options);
  for (const root of selectedRoots(plan, options)) builder.root(root);
  return builder.finish();
}

/** A zone while it is filled: what it delegates is known at the end, for a zone goes to the innermost block that fills it. */
interface OpenZone {
  readonly name: string;
  readonly root: Block;
  holder: string;
  owner: string | undefined;
  prefix: string;
  servers: readonly string[];
  readonly classless: boolean;
  readonly below: Below;
}

interface Below {
  readonly zones: OpenZone[];
  readonly aliases: ReverseRecord[];
}

class Builder {
  readonly #zones = new Map<string, OpenZone>();
  readonly #above: { readonly block: Block; readonly below: Below }[] = [];
  readonly #options: ReverseOptions;

  constructor(options: ReverseOptions) {
    this.#options = options;
  }

  /** What lies above a root is somebody else's: what they must say of it is kept apart. */
  root(block: Block): void {
    const servers = this.#serversOf(block, this.#options.nameServers.map(hostName));
    const below: Below = { zones: [], aliases: [] };
    this.#above.push({ block, below });
    this.#inside(block, this.#open(block, block, servers, [], below), servers, block);
  }

  finish(): { zones: ReverseZone[]; parents: ReverseParent[] } {
    const zones = sortedBy(this.#zones.values(), ({ name }) => name).map(({ name, holder, owner, prefix, servers, below }) => ({
      name,
      holder,
      owner,
      prefix,
      servers,
      records: recordsOf(below),
    }));
    const parents = this.#above.map(({ block: { name: holder, owner, text: prefix }, below }) => ({ holder, owner, prefix, records: recordsOf(below) }));
    return { zones, parents };
  }

  #inside(block: Block, around: readonly OpenZone[], servers: readonly string[], root: Block): void {
    for (const inner of block.blocks) {
      if (inner.kind !== 'key') continue;
      const its = this.#serversOf(inner, servers);
      const zones = this.#hasZone(inner, block) ? this.#open(inner, root, its, around) : around;
      this.#inside(inner, zones, its, root);
    }
  }

  #hasZone(inner: Block, around: Block): boolean {
    if (this.#options.serversOf?.has(inner.name) === true) return true;
    // A single address, or a link of two, is a name in the zone around it.
    if (inner.prefix.length >= bitsOf(inner.family) - 1) return false;
    if (inner.owner !== undefined || around.owner !== undefined) return inner.owner !== around.owner;
    return inner.allocation?.container === true;
  }

  #serversOf({ name, owner }: Block, around: readonly string[]): readonly string[] {
    const { serversOf } = this.#options;
    const found = serversOf?.get(name) ?? (owner === undefined ? undefined : serversOf?.get(owner));
    return found ? found.map(hostName) : around;
  }

  /** Opens the zones of a block, delegated from those around it (for a root: from `above`). */
  #open(block: Block, root: Block, servers: readonly string[], around: readonly OpenZone[], above?: Below): OpenZone[] {
    const { prefix, name: holder, owner, text } = block;
    const classless = prefix.family === 'v4' && prefix.length > 24;
    const outer = around[0]?.classless === true ? around[0] : undefined;
    if (outer?.prefix === text) return [this.#handOver(outer, block, servers)];
    // Inside a classless zone names follow that zone; else the last octet stands in front of the zone of its /24.
    const octets = outer?.name ?? (classless ? reverseZoneNames({ ...prefix, length: 24 })[0] : undefined) ?? '';
    const names = classless ? [`${prefix.a & 255}${prefix.length === 32 ? '' : `/${prefix.length}`}.${octets}`] : reverseZoneNames(prefix);
    return names.map((name) => {
      const known = this.#zones.get(name);
      if (known) {
        if (known.root !== root) {
          fail('NET-REVERSE-DOMAINS', `${name} is a zone of both "${known.root.name}" and "${root.name}": reverse names do not tell routing domains apart`, {
            hint: 'export one of them at a time: --domain NAME',
          });
        }
        return this.#handOver(known, block, servers);
      }
      const zone: OpenZone = { name, root, holder, owner, prefix: text, servers, classless, below: { zones: [], aliases: [] } };
      this.#zones.set(name, zone);
      const below = above ?? (outer ?? around.find((candidate) => name.endsWith(`.${candidate.name}`)))?.below;
      below?.zones.push(zone);
      if (classless && prefix.length < 32) {
        const last = lastAddress(prefix).a & 255;
        for (let octet = prefix.a & 255; octet <= last; octet++) below?.aliases.push({ name: `${octet}.${octets}`, type: 'CNAME', data: `${octet}.${name}` });
      }
      return zone;
    });
  }

  /** A block that fills a zone of the one around it wholly answers for that zone. */
  #handOver(zone: OpenZone, { name, owner, text }: Block, servers: readonly string[]): OpenZone {
    zone.holder = name;
    zone.owner = owner;
    zone.prefix = text;
    zone.servers = servers;
    return zone;
  }
}

function recordsOf({ zones, aliases }: Below): ReverseRecord[] {
  return [...zones.flatMap(({ name, servers }) => servers.map((data): ReverseRecord => ({ name, type: 'NS', data }))), ...aliases];
}

const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/u;

function hostName(text: string): string {
  const name = text.endsWith('.') ? text : `${text}.`;
  if (
    name.length > 254 ||
    !name
      .slice(0, -1)
      .split('.')
      .every((part) => label.test(part))
  ) {
    fail('NET-REVERSE-NAME', `${JSON.stringify(text)} is not the name of a server`, { hint: 'write a host name such as ns1.example.gov.vn' });
  }
  return name.toLowerCase();
}

function contactName(text: string): string {
  const [person = '', domain, ...rest] = text.split('@');
  if (domain === undefined) return hostName(text);
  if (rest.length > 0 || !/^[A-Za-z0-9._+-]+$/u.test(person))
    fail('NET-REVERSE-NAME', `${JSON.stringify(text)} is not a mail address`, { hint: 'write dns@example.gov.vn' });
  // RFC 1035 8: a dot in the local part is escaped.
  return `${person.replaceAll('.', '\\.')}.${hostName(domain)}`;
}

/**
 * The zones as master files (RFC 1035 section 5), path -> text, with `parents.json`: what the zones above, held by
 * somebody else, must say. The serial is always 1, as in every zone this toolkit makes: the signer counts.
 */
export function reverseFiles(plan: AddressPlan, options: ReverseOptions): Map<string, string> {
  const { zones, parents } = reverseZones(plan, options);
  const files = new Map<string, string>();
  for (const zone of zones) files.set(reverseFile(zone.name), zoneText(zone, options.contact));
  const above = parents.map(({ holder, owner, prefix, records }) => ({ holder, owner: owner ?? null, prefix, records }));
  files.set('parents.json', `${canonicalJson({ apiVersion: API_VERSION, kind: 'ReverseParents', parents: above }, 2)}\n`);
  return files;
}

/** File of a zone: its name without the final dot; a slash (RFC 2317) as an underscore. */
export function reverseFile(zone: string): string {
  return `${zone.slice(0, -1).replaceAll('/', '_')}.zone`;
}

/** One zone as a master file: absolute names, one record a line. */
export function zoneText({ name, servers, records }: ReverseZone, contact?: string): string {
  const [primary = ''] = servers;
  const mail = contact === undefined ? `hostmaster.${primary.slice(primary.indexOf('.') + 1)}` : contactName(contact);
  const lines = [`${name}\t${ttl}\tIN\tSOA\t${primary} ${mail} 1 7200 3600 1209600 3600`, ...servers.map((server) => `${name}\t${ttl}\tIN\tNS\t${server}`)];
  const rest = records.map((record) => `${record.name}\t${ttl}\tIN\t${record.type}\t${record.data}`);
  return `${[...lines, ...[...new Set(rest)].sort(compareCodeUnits)].join('\n')}\n`;
}

/**
 * Reads a CSV with the columns `holder` (key or owner) and `server`, one server a row.
 * @throws ProblemError NET-REVERSE-FILE, CORE-*
 */
export function readServers(root: string, file: string): Map<string, string[]> {
  const table = parseCsv(file, readTextIfPresent(path.resolve(root, file)) ?? fail('NET-REVERSE-FILE', 'the file cannot be read', { file, hint: columnsHint }));
  const servers = new Map<string, string[]>();
  for (const { line, cells } of table.rows) {
    const { holder, server } = cells;
    if (holder === undefined || holder === '' || server === undefined || server === '')
      fail('NET-REVERSE-FILE', 'the row names no holder or no server', { file, line, hint: columnsHint });
    const list = servers.get(holder);
    if (list) list.push(server);
    else servers.set(holder, [server]);
  }
  return servers;
}

const columnsHint = 'a CSV with the columns holder,server: a key or an owner, and one host name a row';
