import { parseUrn, problem, type Problem } from '../../core/index.ts';
import type { InventoryRecord } from '../types.ts';
import type { BlockSet } from './blocks.ts';
import type { Manifest } from './manifest.ts';
import type { BundleFacts } from './verify.ts';

/** What a member may speak for, as the centre's registry and address plan say. */
export interface MemberScope {
  readonly member: string;
  /** Organisations it speaks for, with all below them that it declares itself. */
  readonly organisations: readonly string[];
  /** Zones it holds, absolute, with all below them. */
  readonly zones: readonly string[];
  readonly blocks: BlockSet;
  /** Keys of the centre's address plan whose blocks it holds. */
  readonly keys: readonly string[];
  /** Organisations somebody else answers for. */
  readonly foreign: ReadonlySet<string>;
  /** Organisations above all members: allowed above the member's own in a chain of owners. */
  readonly above: ReadonlySet<string>;
}

/** Complaints shown of one kind; a whole foreign bundle would otherwise print thousands. */
const shownFaults = 20;

/**
 * Everything in a bundle that speaks for somebody else: organisations, prefixes, zones.
 * Empty when it keeps to its scope.
 */
export function checkScope(manifest: Manifest, facts: BundleFacts, scope: MemberScope): Problem[] {
  const check = new ScopeCheck(manifest.member, facts, scope);
  check.manifest(manifest);
  facts.records.forEach((record) => check.record(record, manifest));
  for (const zone of facts.zones) {
    check.owner(zone.owner, `zone ${zone.name}`);
    check.zone(zone.name, `zone ${zone.name}`);
  }
  for (const node of facts.nodes) {
    const subject = `node ${node.overlay}/${node.id}`;
    check.owner(node.owner, subject);
    node.prefixes.forEach((prefix) => check.prefix(prefix, undefined, subject));
  }
  for (const { key, prefix } of facts.utilisation) {
    check.key(key, `the utilisation of ${prefix}`);
    check.prefix(prefix, undefined, `the utilisation of "${key}"`);
  }
  for (const { key, proposal } of facts.answers) check.key(key, `the answer to proposal "${proposal}"`);
  for (const finding of facts.findings) check.owner(finding.agency, `finding ${finding.fingerprint}`);
  return check.problems;
}

class ScopeCheck {
  readonly problems: Problem[] = [];
  readonly #counts = new Map<string, number>();
  readonly #member: string;
  readonly #scope: MemberScope;
  readonly #parents: ReadonlyMap<string, string | undefined>;
  readonly #chains = new Map<string, readonly string[] | undefined>();

  constructor(member: string, facts: BundleFacts, scope: MemberScope) {
    this.#member = member;
    this.#scope = scope;
    this.#parents = new Map(
      facts.records
        .filter(({ kind, layer }) => kind === 'organisation' && layer === 'declared')
        .map((record) => [parseUrn(record.urn)?.id ?? '', typeof record.attributes['parent'] === 'string' ? record.attributes['parent'] : undefined]),
    );
  }

  manifest({ scope }: Manifest): void {
    scope.organisations.forEach((id) => this.owner(id, 'the manifest'));
    scope.prefixes.forEach((prefix) => this.prefix(prefix, undefined, 'the manifest'));
    scope.zones.forEach((zone) => this.zone(zone, 'the manifest'));
  }

  record(record: InventoryRecord, { scope }: Manifest): void {
    const named = parseUrn(record.urn);
    if (record.member !== this.#member || named?.member !== this.#member || named.kind !== record.kind) {
      this.#fault(
        'BUNDLE-SCOPE-MEMBER',
        `${record.urn} is not a ${record.kind} of member "${this.#member}"`,
        record.urn,
        'a member reports under its own name only',
      );
    }
    if (!scope.layers.includes(record.layer)) {
      this.#fault(
        'BUNDLE-SCHEMA',
        `${record.urn} is of layer "${record.layer}", which the manifest does not cover`,
        record.urn,
        'the manifest names all layers of its records',
      );
    }
    if (record.kind === 'organisation' && record.owner !== named?.id) {
      this.#fault('BUNDLE-SCOPE-ORGANISATION', `${record.urn} names "${record.owner}" as its owner`, record.urn, 'an organisation answers for itself');
    }
    this.owner(record.owner, record.urn);
    this.#owners(record);
    if (record.kind === 'prefix') {
      const { prefix, domain } = record.attributes;
      this.prefix(typeof prefix === 'string' ? prefix : '', typeof domain === 'string' ? domain : undefined, record.urn);
    }
    if (record.kind === 'zone') {
      const { name } = record.attributes;
      this.zone(typeof name === 'string' ? name : `${named?.id ?? ''}.`, record.urn);
    }
  }

  /** The owner is one of the member's organisations, or declared here with a chain of parents that ends in one. */
  owner(id: string, subject: string): void {
    if (this.#chain(id) !== undefined) return;
    const whose = this.#scope.foreign.has(id) ? 'which another member or the centre answers for' : 'which does not stand below one of its organisations';
    this.#fault(
      'BUNDLE-SCOPE-ORGANISATION',
      `${subject} speaks for organisation "${id}", ${whose}`,
      subject,
      `member "${this.#member}" speaks for ${this.#scope.organisations.join(', ')} and what it declares below`,
    );
  }

  prefix(prefix: string, domain: string | undefined, subject: string): void {
    if (this.#scope.blocks.holds(prefix, domain)) return;
    this.#fault(
      'BUNDLE-SCOPE-PREFIX',
      `${subject} speaks for ${prefix}${domain === undefined ? '' : ` in domain "${domain}"`}, which lies outside the blocks of member "${this.#member}"`,
      subject,
      'its blocks are those of `scope.keys` in the address plan of the centre',
    );
  }

  /** A key of the centre's plan that is this member's. */
  key(key: string, subject: string): void {
    if (this.#scope.keys.includes(key)) return;
    this.#fault(
      'BUNDLE-SCOPE-KEY',
      `${subject} speaks for key "${key}", which member "${this.#member}" does not hold`,
      subject,
      `it holds ${this.#scope.keys.join(', ') || 'no key'}`,
    );
  }

  zone(name: string, subject: string): void {
    const inside = this.#scope.zones.some((zone) => name === zone || name.endsWith(`.${zone}`));
    if (inside || this.#scope.blocks.holdsReverse(name)) return;
    this.#fault(
      'BUNDLE-SCOPE-ZONE',
      `${subject} speaks for zone ${name}, which member "${this.#member}" does not hold`,
      subject,
      `it holds ${this.#scope.zones.join(', ') || 'no zone'} and the reverse zones of its blocks`,
    );
  }

  /** The chain of owners is the one the declared parents give, then only what stands above all members. */
  #owners(record: InventoryRecord): void {
    const chain = this.#chain(record.owner);
    if (chain === undefined) return;
    const rest = record.owners.slice(chain.length);
    if (chain.every((id, index) => record.owners[index] === id) && rest.every((id) => this.#scope.above.has(id))) return;
    this.#fault(
      'BUNDLE-SCOPE-ORGANISATION',
      `${record.urn} claims the owners ${record.owners.join(' < ')}; declared is ${chain.join(' < ')}`,
      record.urn,
      'owners follow from the declared parents',
    );
  }

  /** From an organisation up to one of the scope; undefined when it does not get there. */
  #chain(id: string): readonly string[] | undefined {
    if (this.#chains.has(id)) return this.#chains.get(id);
    const chain: string[] = [];
    let current: string | undefined = id;
    let found: readonly string[] | undefined;
    while (current !== undefined && !chain.includes(current)) {
      chain.push(current);
      if (this.#scope.organisations.includes(current)) {
        found = chain;
        break;
      }
      // An id somebody else answers for is theirs wherever this member hangs it.
      if (this.#scope.foreign.has(current)) break;
      current = this.#parents.get(current);
    }
    this.#chains.set(id, found);
    return found;
  }

  #fault(code: string, message: string, subject: string, hint: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shownFaults) this.problems.push(problem(code, message, { subject, hint }));
  }
}
